use super::usage::{LAG, LOOKS_BACK};
use crate::facts::{Read, Role, RoleLastUse, Unread, WhyUnread};
use crate::remedy::deny_role;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role that nobody uses.
    ///
    /// ## What it checks
    ///
    /// Roles not used for `maxRoleUsageAge` (90 days by default), and four hours more, because IAM may show a use as late
    /// as that. A role never used counts from its creation, and every role is let be for `newRoleGracePeriod` (30 days by
    /// default).
    ///
    /// IAM looks back 400 days, and less in a Region that it has not tracked for so long. Where a limit reaches further
    /// back than IAM does, a role older than that without a use is unknown. Roles that AWS made for a service or for IAM
    /// Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// A role that nobody misses is a way in that nobody watches, with powers that nobody needs.
    ///
    /// ## What is done about it
    ///
    /// Everything is denied to the role, which can be undone. A role that works once a year is better exempt; one that
    /// proves to be nobody's is deleted by a person, with `aws iam delete-role` once its policies and instance profiles are
    /// off.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN. Break-glass roles belong under `protected` instead.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Refine permissions in AWS using last accessed information"; the unused roles of IAM Access
    /// Analyzer; NIST SP 800-53 AC-2(3).
    RoleUnused {
        id: "role-unused",
        severity: Medium,
        applies_to: [Role],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2(3)"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [RoleLastUse],
        plan_needs: [Tags, InlinePolicies, AttachedPolicies],
        steps: [AttachRolePolicy, PutRolePolicy, PutRolePermissionsBoundary, TagRole],
        remediator: SuspendPrincipal,
    }
}

declare_parameters! {
    /// The longest that a role may lie unused.
    "maxRoleUsageAge" => max_role_usage_age: Threshold = 90,
    /// A role is let be for at least this long after its creation.
    "newRoleGracePeriod" => new_role_grace_period: Days = 30,
}

impl Rule for RoleUnused {
    type Subject = Role;
    type Params = Params;
    /// The last use that IAM tells of.
    type Finding = Option<RoleLastUse>;

    fn evaluate(role: &Role, params: &Params, context: &Context) -> Verdict<Option<RoleLastUse>> {
        if role.is_made_by_aws() {
            return Verdict::Compliant;
        }
        let limit = params.max_role_usage_age.duration() + LAG;
        let grace = params.new_role_grace_period.duration();
        let age = match role.created.known() {
            Ok(Some(created)) => Ok(context.at.duration_since(*created)),
            Ok(None) => {
                Err(Unread::new(Read::GetRole, WhyUnread::Failed, "the role's creation is not known"))
            }
            Err(unread) => Err(unread.clone()),
        };
        if age.as_ref().is_ok_and(|age| *age <= grace) {
            return Verdict::Compliant;
        }
        match (role.last_used.known(), age) {
            (Ok(Some(used)), _) if context.at.duration_since(used.at) <= limit => Verdict::Compliant,
            (Ok(Some(used)), Ok(_)) => Verdict::NonCompliant(Some(used.clone())),
            // Whatever its use, it cannot be unused for longer than it is there.
            (Ok(None) | Err(_), Ok(age)) if age <= limit => Verdict::Compliant,
            (Ok(None), Ok(age)) if limit > LOOKS_BACK && age > LOOKS_BACK => {
                let why = "IAM does not look back as far as the limit";
                Verdict::Unknown(Unread::new(Read::GetRole, WhyUnread::Failed, why))
            }
            (Ok(None), Ok(_)) => Verdict::NonCompliant(None),
            (Err(unread), _) => Verdict::Unknown(unread.clone()),
            (Ok(_), Err(unread)) => Verdict::Unknown(unread),
        }
    }

    fn annotate(used: &Option<RoleLastUse>, params: &Params) -> String {
        let limit = params.max_role_usage_age;
        match used {
            None => format!("it was not used for more than {limit}; IAM shows no use at all"),
            Some(RoleLastUse { at, region }) => {
                let region = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
                format!("it was not used for more than {limit}; last on {}{region}", at.strftime("%F"))
            }
        }
    }

    fn plan(role: &Role, _: &Option<RoleLastUse>, _: &Params, context: &Context) -> Proposal {
        // Sessions need no revoking: whoever had one would have used the role.
        deny_role(role, context)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{QUARANTINE, ago, arn, context, days, deployer, throttled};
    use crate::facts::{Fact, RoleIdentity};
    use crate::remedy::{QUARANTINE_TAG, Step};
    use crate::rules::Parameters;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn used(age: SignedDuration) -> Role {
        let used = RoleLastUse { at: ago(age), region: Some("eu-west-1".to_owned()) };
        Role { last_used: Fact::Known(used), ..deployer() }
    }

    fn never_used(age: SignedDuration) -> Role {
        Role { created: Fact::Known(ago(age)), ..deployer() }
    }

    fn judge(role: &Role) -> Verdict<Option<RoleLastUse>> {
        RoleUnused::evaluate(role, &Params::default(), &context())
    }

    fn judge_with(limit: u16, role: &Role) -> Verdict<Option<RoleLastUse>> {
        let params = Params::read(&json!({ "maxRoleUsageAge": limit })).unwrap();
        RoleUnused::evaluate(role, &params, &context())
    }

    #[test]
    fn a_role_may_lie_unused_for_ninety_days_and_what_iam_lags_behind() {
        assert_eq!(judge(&used(days(90) + LAG)), Verdict::Compliant);
        assert!(matches!(judge(&used(days(90) + LAG + SECOND)), Verdict::NonCompliant(Some(_))));
        assert_eq!(judge(&never_used(days(90) + LAG)), Verdict::Compliant);
        assert_eq!(judge(&never_used(days(90) + LAG + SECOND)), Verdict::NonCompliant(None));
    }

    #[test]
    fn a_new_role_is_let_be() {
        assert_eq!(judge_with(1, &never_used(days(30))), Verdict::Compliant);
        assert_eq!(judge_with(1, &never_used(days(30) + SECOND)), Verdict::NonCompliant(None));
    }

    #[test]
    fn iam_tells_only_of_four_hundred_days() {
        // Within what IAM looks back at, no use is none.
        assert_eq!(judge_with(399, &never_used(days(1000))), Verdict::NonCompliant(None));
        let Verdict::Unknown(unread) = judge_with(400, &never_used(days(1000))) else { panic!() };
        assert_eq!(unread.read, Read::GetRole);
        // A role that is younger than that was seen all its life.
        assert_eq!(judge_with(400, &never_used(days(400))), Verdict::Compliant);
        assert_eq!(judge_with(500, &used(days(300))), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_read_is_unknown_unless_the_rest_settles_it() {
        let unread = throttled(Read::GetRole);
        let hidden = |role: Role| Role { last_used: Fact::Unknown(unread.clone()), ..role };
        assert_eq!(judge(&hidden(deployer())), Verdict::Unknown(unread.clone()));
        assert_eq!(judge(&hidden(never_used(days(60)))), Verdict::Compliant);
        let ageless = |role: Role| Role { created: Fact::Unknown(unread.clone()), ..role };
        assert_eq!(judge(&ageless(used(days(300)))), Verdict::Unknown(unread.clone()));
        assert_eq!(judge(&ageless(used(days(3)))), Verdict::Compliant);
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/deployer");
        let identity = RoleIdentity { arn, ..deployer().identity };
        assert_eq!(judge(&Role { identity, ..deployer() }), Verdict::Compliant);
    }

    #[test]
    fn everything_is_denied_to_an_unused_role_in_the_same_way_at_any_time() {
        let later = Context { at: context().at + days(1), ..context() };
        for context in [context(), later] {
            let proposal = RoleUnused::plan(&deployer(), &None, &Params::default(), &context);
            let deny = Step::AttachRolePolicy { role: deployer().identity, policy: arn(QUARANTINE) };
            let mark = Step::TagRole {
                role: deployer().identity,
                tag: QUARANTINE_TAG.to_owned(),
                value: "true".to_owned(),
            };
            assert_eq!(proposal, Proposal { steps: vec![deny, mark], ..Proposal::default() });
        }
    }

    #[test]
    fn says_when_and_where_it_was_used_last() {
        let Verdict::NonCompliant(found) = judge(&used(days(100))) else { panic!() };
        let said = RoleUnused::annotate(&found, &Params::default());
        assert_eq!(said, "it was not used for more than 90 days; last on 2026-08-14 in eu-west-1");
        let said = RoleUnused::annotate(&None, &Params::default());
        assert_eq!(said, "it was not used for more than 90 days; IAM shows no use at all");
    }
}
