use super::{is_expected, told};
use crate::facts::{Entity, Fact, Read, Resource, Unread, WhyUnread};
use crate::remedy::{is_denied, suspend_role, suspend_user};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::threat::{Risk, Sign, Threat, Threats};

declare_rule! {
    /// A principal that behaves as an attacker would.
    ///
    /// ## What it checks
    ///
    /// Users and roles of whom GuardDuty, Macie, Security Hub or CloudTrail reported a threat within the last
    /// `respondWithin` (7 days by default): what a detector found; a key, a password or administrator's powers given to
    /// somebody else; a role opened to the outside; a quarantine lifted; the watch blinded. What only happened *to* a
    /// principal does not count here: its key that was exposed is `access-key-exposed`. But whoever was made by somebody in
    /// quarantine, or less than `madeWithin` (1 day by default) before they gave it a way in, counts as theirs. And whoever a
    /// person ordered to be suspended counts as reported, so that who takes that off has it put back.
    ///
    /// Each report has a risk from 1 to 10, made of the principal's tier, how far the thing lies open, how far it is from
    /// everyday work, and how sure it is. Reports of other kinds add one each to the highest, up to 10. From `reportFromRisk` (4 by default) on it is
    /// found.
    ///
    /// ## Why it matters
    ///
    /// An attacker needs minutes; Config is minutes late, and people are asleep.
    ///
    /// ## What is done about it
    ///
    /// From `suspendFromRisk` (7 by default) on the principal is suspended: everything is denied first, then its
    /// credentials are switched off, and it is marked with the tag `bailiff:quarantined`. Below it people are told. What is contained already is compliant; who takes the
    /// containment off while a report stands is contained again, as often as the limits allow.
    ///
    /// A list of credentials that cannot be read holds up none of the rest: where it is seen that the deny is missing, everything is
    /// denied and what could be read is switched off. The entry ends as `unknown` and names the gap. Where the policies cannot
    /// be read nothing is done, and people are paged.
    ///
    /// ## How to exempt
    ///
    /// Name those whose work looks like this in `expectedActors`: it covers what CloudTrail alone saw them do, never what a
    /// detector found. An exemption with this rule's id and the principal's ARN covers all.
    ///
    /// ## References
    ///
    /// AWS Security Incident Response Guide, "Contain"; MITRE ATT&CK T1098, T1562.
    PrincipalThreatened {
        id: "principal-threatened",
        severity: Critical,
        applies_to: [User, Role],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IR-4", "NIST-800-53:SI-4"],
        journey: (Hygiene, effort: Medium, benefit: High),
        needs: [
            Threats,
            InlinePolicies,
            AttachedPolicies,
            AccessKeys,
            LoginProfile,
            SshPublicKeys,
            ServiceSpecificCredentials,
            SigningCertificates
        ],
        plan_needs: [Tags],
        steps: [
            AttachUserPolicy,
            PutUserPolicy,
            PutUserPermissionsBoundary,
            UpdateAccessKey,
            UpdateSshPublicKey,
            UpdateServiceSpecificCredential,
            UpdateSigningCertificate,
            DeleteLoginProfile,
            AttachRolePolicy,
            PutRolePolicy,
            PutRolePermissionsBoundary,
            TagUser,
            TagRole
        ],
        remediator: SuspendPrincipal,
    }
}

declare_parameters! {
    /// The risk, from 1 to 10, from which on the principal is suspended.
    "suspendFromRisk" => suspend_from_risk: Count = 7,
    /// The risk, from 1 to 10, from which on it is found at all.
    "reportFromRisk" => report_from_risk: Count = 4,
    /// ARNs, with `*` and `?`, of those whose work looks like this to CloudTrail.
    "expectedActors" => expected_actors: Names = [],
    /// What was seen longer ago than this is no longer answered by itself.
    "respondWithin" => respond_within: Days = 7,
    /// How long before somebody in quarantine gave it a way in it may have been made, to count as theirs.
    "madeWithin" => made_within: Days = 1,
}

/// What speaks against a principal, the worst first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Danger {
    score: u8,
    worst: Risk,
    told: Vec<String>,
}

/// As many reports are shown as an annotation holds.
const SHOWN: usize = 3;

impl Rule for PrincipalThreatened {
    type Subject = Entity;
    type Params = Params;
    type Finding = Danger;

    fn evaluate(entity: &Entity, params: &Params, context: &Context) -> Verdict<Danger> {
        let threats = match threats_of(entity).list() {
            Ok(threats) => threats,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let actor = entity.principal().arn().to_string();
        let is_expected = is_expected(&actor, &params.expected_actors);
        let theirs = match is_of_a_suspended(entity, threats, params) {
            Ok(theirs) => theirs,
            Err(unread) => return Verdict::Unknown(unread),
        };
        let counts = |threat: &&Threat| {
            (theirs || threat.sign != Sign::MadeBySuspended)
                && speaks_against(threat.sign)
                && context.at.duration_since(threat.at) <= params.respond_within.duration()
                && !(is_expected && may_be_work(threat.sign))
        };
        let Some(danger) = danger(threats.iter().filter(counts)) else { return Verdict::Compliant };
        if u32::from(danger.score) < params.report_from_risk.get() {
            return Verdict::Compliant;
        }
        let contained = suspension(entity, context);
        match contained.unknown.first() {
            // A list of credentials that cannot be read keeps nobody from being denied everything.
            Some(_) if is_open(entity, &contained, context) => Verdict::NonCompliant(danger),
            Some(unread) => Verdict::Unknown(unread.clone()),
            None if contained.steps.is_empty() => Verdict::Compliant,
            None => Verdict::NonCompliant(danger),
        }
    }

    fn annotate(danger: &Danger, _: &Params) -> String {
        let Danger { score, worst, told } = danger;
        let shown = told.get(..SHOWN).unwrap_or(told);
        let more = told.len() - shown.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("risk {score} of 10, at worst {worst}: {}{more}", shown.join("; "))
    }

    fn plan(entity: &Entity, danger: &Danger, params: &Params, context: &Context) -> Proposal {
        if u32::from(danger.score) >= params.suspend_from_risk.get() {
            return suspension(entity, context);
        }
        let left = format!(
            "its risk is {} of 10 and it is suspended from {} on: look at what it did, and suspend it by an order if you \
             would rather be sure",
            danger.score, params.suspend_from_risk
        );
        Proposal { left: vec![left], ..Proposal::default() }
    }
}

/// Whether somebody in quarantine made it. One that was there before is not held against it: whoever is suspended could
/// have anybody suspended by giving them a key.
fn is_of_a_suspended(entity: &Entity, threats: &[Threat], params: &Params) -> Result<bool, Unread> {
    let mut made = threats.iter().filter(|threat| threat.sign == Sign::MadeBySuspended).peekable();
    if made.peek().is_none() {
        return Ok(false);
    }
    let (created, read) = match entity {
        Entity::User(user) => (&user.created, Read::GetUser),
        Entity::Role(role) => (&role.created, Read::GetRole),
    };
    let created = created.known().map_err(Clone::clone)?;
    let created = created.ok_or_else(|| Unread::new(read, WhyUnread::Failed, "its creation is not known"))?;
    Ok(made.any(|threat| threat.at.duration_since(*created) <= params.made_within.duration()))
}

fn threats_of(entity: &Entity) -> &Fact<Threats> {
    match entity {
        Entity::User(user) => &user.threats,
        Entity::Role(role) => &role.threats,
    }
}

/// Whether something is seen to be open, whatever could not be read: whether it is denied everything is known, and there is
/// something to do.
fn is_open(entity: &Entity, contained: &Proposal, context: &Context) -> bool {
    !contained.steps.is_empty() && is_denied(&Resource::Entity(entity.clone()), context).is_ok()
}

/// All that would have to be done to contain it.
fn suspension(entity: &Entity, context: &Context) -> Proposal {
    match entity {
        Entity::User(user) => suspend_user(user, context),
        Entity::Role(role) => suspend_role(role, context),
    }
}

/// The reports' risk together: the highest, and one for each other kind of sign.
fn danger<'t>(threats: impl Iterator<Item = &'t Threat>) -> Option<Danger> {
    let mut threats: Vec<&Threat> = threats.collect();
    threats.sort_by_key(|threat| (std::cmp::Reverse(threat.risk.score()), threat.at));
    let worst = threats.first()?.risk;
    let mut signs: Vec<Sign> = threats.iter().map(|threat| threat.sign.kind()).collect();
    signs.sort_unstable();
    signs.dedup();
    let others = u8::try_from(signs.len() - 1).unwrap_or(u8::MAX);
    let score = worst.score().saturating_add(others).min(10);
    Some(Danger { score, worst, told: threats.into_iter().map(told).collect() })
}

/// Whether it tells of what the principal did, not of what was done to it.
fn speaks_against(sign: Sign) -> bool {
    match sign {
        Sign::KeyExposed | Sign::KeyMadeByAnother | Sign::PasswordMadeByAnother | Sign::TriedDisabledKey => {
            false
        }
        Sign::Detected
        | Sign::MadeKeyForAnother
        | Sign::MadePasswordForAnother
        | Sign::GrantedAdmin
        | Sign::OpenedTrust
        | Sign::RemovedBoundary
        | Sign::SwitchedPolicyVersion
        | Sign::TamperedWithMfa
        | Sign::OpenedFederation
        | Sign::MadeLongSession
        | Sign::DeniedAgainAndAgain
        | Sign::RootTask
        | Sign::RootUsed
        | Sign::AssumedRoot
        | Sign::LeftOrganization
        | Sign::BlindedWatch
        | Sign::TouchedBailiff
        | Sign::MadeBySuspended
        | Sign::LiftedQuarantine
        | Sign::SetQuarantineTag
        | Sign::SuspendedByOrder
        | Sign::HidParameters
        | Sign::LoosenedOrganization => true,
    }
}

/// Whether somebody may do it as their ordinary work.
fn may_be_work(sign: Sign) -> bool {
    !matches!(sign, Sign::Detected | Sign::MadeBySuspended | Sign::SuspendedByOrder)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::facts::Role;
    use crate::facts::User;
    use crate::facts::fixture::{ago, alice, context, days, deployer, key, threat, throttled};
    use crate::remedy::Step;
    use crate::rules::Parameters;
    use crate::threat::{Confidence, Grade, Source};

    fn risk(terms: u8) -> Risk {
        let grade = |number: u8| Grade::try_from(number.min(3)).unwrap();
        Risk {
            tier: grade(terms),
            exposure: grade(terms.saturating_sub(3)),
            anomaly: grade(terms.saturating_sub(6)),
            confidence: Confidence::of(100),
        }
    }

    /// Reported an hour ago, with this score.
    fn seen(sign: Sign, score: u8) -> Threat {
        let hour = SignedDuration::from_hours(1);
        Threat { risk: risk(score - 1), at: ago(hour), ..threat(sign, Source::CloudTrail) }
    }

    fn mallory(threats: impl IntoIterator<Item = Threat>) -> User {
        User { threats: Fact::Known(threats.into_iter().collect()), ..alice().with_keys([key('A', days(9))]) }
    }

    fn judge_with(entity: impl Into<Entity>, params: &Params) -> Verdict<Danger> {
        PrincipalThreatened::evaluate(&entity.into(), params, &context())
    }

    fn judge(entity: impl Into<Entity>) -> Verdict<Danger> {
        judge_with(entity, &Params::default())
    }

    fn score(entity: impl Into<Entity>) -> Option<u8> {
        match judge(entity) {
            Verdict::Compliant => None,
            Verdict::NonCompliant(danger) => Some(danger.score),
            Verdict::Unknown(unread) => panic!("{unread}"),
        }
    }

    fn plan(entity: impl Into<Entity>) -> Proposal {
        let entity = entity.into();
        let Verdict::NonCompliant(danger) = judge(entity.clone()) else { panic!() };
        PrincipalThreatened::plan(&entity, &danger, &Params::default(), &context())
    }

    #[test]
    fn from_its_risk_on_it_is_suspended_and_below_people_are_told() {
        assert_eq!(score(mallory([])), None);
        assert_eq!(score(mallory([seen(Sign::Detected, 3)])), None);
        let low = plan(mallory([seen(Sign::Detected, 6)]));
        assert!(low.steps.is_empty() && low.left[0].contains("its risk is 6 of 10"), "{low:?}");
        let steps = plan(mallory([seen(Sign::Detected, 7)])).steps;
        assert!(
            matches!(
                steps[..],
                [Step::AttachUserPolicy { .. }, Step::DeactivateAccessKey { .. }, Step::TagUser { .. }]
            ),
            "{steps:?}"
        );
    }

    #[test]
    fn signs_of_other_kinds_add_up_and_more_of_one_kind_do_not() {
        let six = || seen(Sign::MadeKeyForAnother, 6);
        assert_eq!(score(mallory([six(), six(), six()])), Some(6));
        assert_eq!(score(mallory([six(), seen(Sign::GrantedAdmin, 4), seen(Sign::OpenedTrust, 2)])), Some(8));
        // Who makes accounts for new people makes keys and passwords alike.
        assert_eq!(score(mallory([six(), seen(Sign::MadePasswordForAnother, 6)])), Some(6));
        let many = [Sign::GrantedAdmin, Sign::OpenedTrust, Sign::BlindedWatch, Sign::TamperedWithMfa];
        assert_eq!(score(mallory(many.map(|sign| seen(sign, 9)))), Some(10));
    }

    #[test]
    fn what_was_done_to_it_does_not_speak_against_it() {
        for sign in [Sign::KeyExposed, Sign::KeyMadeByAnother, Sign::PasswordMadeByAnother] {
            assert_eq!(score(mallory([seen(sign, 10)])), None, "{sign}");
        }
    }

    #[test]
    fn whom_somebody_in_quarantine_made_is_suspended_and_whoever_was_there_before_is_not() {
        let made = |created: SignedDuration| {
            let user = mallory([seen(Sign::MadeBySuspended, 8)]);
            score(User { created: Fact::Known(ago(created)), ..user })
        };
        let hour = SignedDuration::from_hours(1);
        assert_eq!(made(hour), Some(8));
        assert_eq!(made(hour + days(1)), Some(8));
        assert_eq!(made(hour + days(1) + SignedDuration::from_secs(1)), None);
        let user = User { created: Fact::Absent, ..mallory([seen(Sign::MadeBySuspended, 8)]) };
        assert!(matches!(judge(user), Verdict::Unknown(_)));
    }

    #[test]
    fn what_was_seen_long_ago_is_answered_no_more() {
        let at = |age| mallory([Threat { at: ago(age), ..seen(Sign::Detected, 8) }]);
        assert_eq!(score(at(days(7))), Some(8));
        assert_eq!(score(at(days(7) + SignedDuration::from_secs(1))), None);
        // The clock of a source may be ahead.
        assert_eq!(score(at(-SignedDuration::from_mins(10))), Some(8));
    }

    #[test]
    fn whoever_is_contained_is_fine_until_the_containment_comes_off() {
        let user = mallory([seen(Sign::Detected, 9)]).with_keys([key('A', days(9)).inactive()]);
        let quarantine = crate::facts::fixture::attached(crate::facts::fixture::QUARANTINE);
        assert_eq!(score(user.clone().with_attached([quarantine])), None);
        assert_eq!(score(user), Some(9));
    }

    #[test]
    fn ordinary_work_is_told_apart_and_a_detector_s_word_is_not() {
        let arn = alice().identity.arn.to_string();
        let params = Params::read(&json!({ "expectedActors": [arn] })).unwrap();
        let judge = |sign| judge_with(mallory([seen(sign, 9)]), &params);
        assert_eq!(judge(Sign::GrantedAdmin), Verdict::Compliant);
        assert!(matches!(judge(Sign::Detected), Verdict::NonCompliant(_)));
        // Whoever deletes a leaver's user takes the quarantine off first.
        assert_eq!(judge(Sign::LiftedQuarantine), Verdict::Compliant);
    }

    #[test]
    fn a_role_loses_its_sessions_too() {
        let role = Role { threats: Fact::Known(vec![seen(Sign::Detected, 9)]), ..deployer() };
        let steps = plan(role).steps;
        assert!(
            matches!(
                steps[..],
                [Step::AttachRolePolicy { .. }, Step::PutRolePolicy { .. }, Step::TagRole { .. }]
            ),
            "{steps:?}"
        );
    }

    #[test]
    fn it_says_what_it_was_made_of_and_how_much_more_there_is() {
        let threats = [Sign::GrantedAdmin, Sign::OpenedTrust, Sign::BlindedWatch, Sign::TamperedWithMfa];
        let Verdict::NonCompliant(danger) = judge(mallory(threats.map(|sign| seen(sign, 7)))) else {
            panic!()
        };
        let said = PrincipalThreatened::annotate(&danger, &Params::default());
        assert!(
            said.starts_with("risk 10 of 10, at worst risk 7 of 10 (tier 3 + exposure 3 + anomaly 0"),
            "{said}"
        );
        assert!(said.ends_with("; and 1 more"), "{said}");
    }

    #[test]
    fn threats_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::Threats);
        let user = User { threats: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(user), Verdict::Unknown(unread));
    }

    #[test]
    fn a_list_of_credentials_that_could_not_be_read_holds_up_no_deny() {
        let unread = throttled(Read::ListSshPublicKeys);
        let hidden =
            User { ssh_public_keys: Fact::Unknown(unread.clone()), ..mallory([seen(Sign::Detected, 9)]) };
        let partial = plan(hidden.clone());
        assert!(
            matches!(
                partial.steps[..],
                [Step::AttachUserPolicy { .. }, Step::DeactivateAccessKey { .. }, Step::TagUser { .. }]
            ),
            "{partial:?}"
        );
        assert_eq!(partial.unknown, std::slice::from_ref(&unread));
        // What is denied already and shows nothing that is open may be contained.
        let quarantine = crate::facts::fixture::attached(crate::facts::fixture::QUARANTINE);
        let denied = hidden.with_attached([quarantine]);
        let dark = User { access_keys: Fact::Absent, ..denied.clone() };
        assert_eq!(judge(dark), Verdict::Unknown(unread));
        assert!(matches!(plan(denied).steps[..], [Step::DeactivateAccessKey { .. }, Step::TagUser { .. }]));
        // Whether it is denied everything is what the deny needs.
        let unread = throttled(Read::ListAttachedUserPolicies);
        let user = mallory([seen(Sign::Detected, 9)]);
        assert_eq!(
            judge(User { attached_policies: Fact::Unknown(unread.clone()), ..user }),
            Verdict::Unknown(unread)
        );
    }
}
