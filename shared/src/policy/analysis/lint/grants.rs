use std::collections::{BTreeMap, BTreeSet};

use super::super::index::{ActionSet, INDEX, whole_service};
use super::super::{Asked, Circumstances, Escalation, Grant, Need, Permissions, ResourceKind, StatementRef};
use super::Report;
use crate::policy::{ActionPattern, Effect, Place, Policy, Statement};

const PASS_ROLE: &str = "iam:PassRole";
const DECRYPTING: &[&str] = &["kms:ReEncryptFrom", "kms:Decrypt"];

/// All that is asked about here.
pub(in super::super) const WATCHED: &[&str] = &[
    PASS_ROLE,
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    // What should take more than a stolen access key: it opens an account to others, or blinds it.
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
    "kms:ScheduleKeyDeletion",
    "organizations:LeaveOrganization",
];

/// How many of the watched actions are others than the sensitive ones.
const FIRST_SENSITIVE: usize = 3;

/// Grants that are wide, found over all policies at once because others may deny or cap them.
pub(super) struct Wide<'a> {
    permissions: &'a Permissions<'a>,
    admin: bool,
    full_access: &'a [String],
    escalations: &'a [Escalation],
    /// The statements that allow it to pass any role to any service.
    pass_role: BTreeSet<StatementRef>,
    /// The statements that allow decrypting with any key, and the action.
    decrypt: BTreeMap<StatementRef, &'static str>,
    /// The statements that allow something sensitive without multi-factor authentication, and the first such action.
    without_mfa: BTreeMap<StatementRef, &'static str>,
}

impl<'a> Wide<'a> {
    pub(super) fn of(
        permissions: &'a Permissions<'a>,
        known: &Circumstances<'_>,
        named: ActionSet,
        admin: bool,
        full_access: &'a [String],
        escalations: &'a [Escalation],
    ) -> Self {
        let mut wide = Self {
            permissions,
            admin,
            full_access,
            escalations,
            pass_role: BTreeSet::new(),
            decrypt: BTreeMap::new(),
            without_mfa: BTreeMap::new(),
        };
        if !INDEX.has_any_watched(named) {
            return wide;
        }
        let direct = Circumstances::direct().and(known);
        let allowing = |action: &'static str, asked: Asked<'_>, circumstances: &Circumstances<'_>| {
            let granted = if INDEX.has(named, action) {
                permissions.grants(action).on(&asked, circumstances)
            } else {
                Vec::new()
            };
            granted.into_iter().map(move |grant| (grant.at, action)).collect::<Vec<_>>()
        };
        let pass = direct.clone().without("iam:PassedToService");
        let plain = direct.clone().without("kms:ViaService").without("kms:EncryptionContext*");
        let single = direct.without("aws:MultiFactorAuthPresent").without("aws:MultiFactorAuthAge");
        let pass_role = allowing(PASS_ROLE, Asked::Every(ResourceKind::ROLE), &pass);
        wide.pass_role = pass_role.into_iter().map(|(at, _)| at).collect();
        wide.decrypt =
            DECRYPTING.iter().flat_map(|it| allowing(it, Asked::Every(ResourceKind::KEY), &plain)).collect();
        // Of several in a statement the first is told.
        let sensitive = WATCHED.iter().skip(FIRST_SENSITIVE).rev();
        wide.without_mfa = sensitive.flat_map(|it| allowing(it, Asked::Some, &single)).collect();
        wide
    }

    /// Adds the findings that are in one policy.
    pub(super) fn report(&self, policy: usize, document: &Policy, report: &mut Report<'_>) {
        if self.admin {
            administrator(policy, document, report);
        }
        for (index, statement) in document.statements.iter().enumerate() {
            let at = StatementRef { policy, statement: index };
            let place = |action: &str| statement.place_of(index, action);
            if !self.full_access.is_empty() && statement.effect == Effect::Allow && !statement.action.negated
            {
                self.full_access(index, statement, report);
            }
            if self.pass_role.contains(&at) {
                report.add(
                    "policy-pass-role-any",
                    place(PASS_ROLE),
                    "lets the principal pass any role to any service; name the roles, and the service in `iam:PassedToService`",
                );
            }
            if let Some(action) = self.decrypt.get(&at) {
                report.add(
                    "policy-kms-decrypt-any",
                    place(action),
                    format!("allows {action} with every key of the account; name the keys"),
                );
            }
            if let Some(action) = self.without_mfa.get(&at) {
                report.add(
                    "policy-sensitive-without-mfa",
                    place(action),
                    format!("allows {action} without multi-factor authentication; ask for `aws:MultiFactorAuthPresent`"),
                );
            }
        }
        if !self.admin {
            self.escalations(policy, document, report);
        }
    }

    fn full_access(&self, index: usize, statement: &Statement, report: &mut Report<'_>) {
        for (position, entry) in statement.action.entries.iter().enumerate() {
            let service = whole_service(entry).map(str::to_ascii_lowercase);
            if let Some(service) = service.filter(|service| self.full_access.contains(service)) {
                report.add(
                    "policy-service-full-access",
                    Place::statement(index).key("Action").index(position),
                    format!(
                        "allows every action of {service} on every resource; list the actions that are needed"
                    ),
                );
            }
        }
    }

    /// One finding for the paths that the same statements open, so that a wide policy does not drown its reader. A
    /// path that holds another open one is not told again.
    fn escalations(&self, policy: usize, document: &Policy, report: &mut Report<'_>) {
        let mut groups: BTreeMap<(&[StatementRef], bool), Vec<&Escalation>> = BTreeMap::new();
        for escalation in self.escalations {
            let certain = escalation.path.depends_on.is_none();
            let told = |other: &Escalation| {
                escalation.extends(other) && (other.path.depends_on.is_none() || !certain)
            };
            if escalation.statements.first().is_some_and(|first| first.policy == policy)
                && !self.escalations.iter().any(told)
            {
                groups.entry((&escalation.statements, !certain)).or_default().push(escalation);
            }
        }
        for ((statements, uncertain), open) in groups {
            let Some((first, escalation)) = statements.first().zip(open.first()) else { continue };
            let place = document.statements.get(first.statement).map_or_else(Place::policy, |statement| {
                let speaks = |need: &&Need| statement.action.is_met(|entry| entry.matches(need.action));
                let action = escalation.path.needs.iter().find(speaks).map_or("", |need| need.action);
                statement.place_of(first.statement, action)
            });
            let sets: Vec<String> = open.iter().take(3).map(|escalation| actions(escalation)).collect();
            let more = match open.len().saturating_sub(sets.len()) {
                0 => String::new(),
                count => format!(", and {count} more ways"),
            };
            let others: Vec<String> =
                statements.iter().skip(1).map(|at| self.permissions.name_of(*at)).collect();
            let others =
                if others.is_empty() { String::new() } else { format!(" (with {})", others.join(", ")) };
            let verb = if uncertain { "may lead" } else { "leads" };
            let when = match escalation.path.depends_on {
                Some(what) if open.len() == 1 => format!(", if there is {what}"),
                Some(_) => ", depending on what there is to use".to_owned(),
                None => String::new(),
            };
            report.add(
                "policy-privilege-escalation",
                place,
                format!("{verb} to administrator by {}{more}{others}{when}", sets.join("; or ")),
            );
        }
    }
}

fn actions(escalation: &Escalation) -> String {
    let actions: Vec<&str> = escalation.path.needs.iter().map(|need| need.action).collect();
    actions.join(" + ")
}

/// One finding for each statement that says everything, or, where none does, one for the statements together.
fn administrator(policy: usize, document: &Policy, report: &mut Report<'_>) {
    const RULE: &str = "policy-admin";
    let allows = |statement: &&Statement| statement.effect == Effect::Allow;
    let everywhere = Asked::EveryOf("*".into());
    let mut found = false;
    for (index, statement) in document.statements.iter().enumerate().filter(|(_, it)| allows(it)) {
        let everything = statement.action.entries.iter().position(ActionPattern::is_everything);
        let grant = Grant::new(StatementRef { policy, statement: index }, document, statement);
        let applies = !statement.action.negated && grant.may_apply(&everywhere, &Circumstances::direct());
        if let Some(position) = everything.filter(|_| applies) {
            found = true;
            report.add(
                RULE,
                Place::statement(index).key("Action").index(position),
                "allows every action on every resource: whoever has it is an administrator",
            );
        }
    }
    if !found && document.statements.iter().any(|statement| allows(&statement)) {
        let negated = document.statements.iter().position(|it| allows(&it) && it.action.negated);
        let place = negated.map_or_else(Place::policy, |index| Place::statement(index).key("NotAction"));
        report.add(RULE, place, "makes, in sum, an administrator");
    }
}
