use jiff::{SignedDuration, Timestamp};

use super::usage::{LAG, LOOKS_BACK};
use crate::facts::{Read, Role, ServiceUse, Unread, WhyUnread};
use crate::remedy::matches;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role that may use services which it does not use.
    ///
    /// ## What it checks
    ///
    /// Roles that `judgedRoles` names, by patterns of their path and name such as `teams/*`, and whose policies allow
    /// something in a service that the role has not tried to use for `maxServiceUsageAge` (180 days by default), and four
    /// hours more, because IAM may show a use as late as that. Without a pattern, which is the default, every role is fine:
    /// each look is a job that IAM runs, and its rates are small, so name the roles that matter.
    ///
    /// A role younger than the limit is let be. When a policy came to allow a service is not known: one given last week
    /// counts from the role's creation. IAM looks back 400 days, and less in a Region that it has not tracked for so long;
    /// where the limit reaches further back than IAM does, a service without a use is unknown. Roles that AWS made for a
    /// service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// What a role may do and never does is of use to nobody but those who take the role over.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a service may be for the day that has not come yet. Take it out of the role's policies, or have IAM
    /// Access Analyzer make a policy of what the role did. `aws iam generate-service-last-accessed-details` and
    /// `aws iam get-service-last-accessed-details` tell what this rule saw.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Refine permissions in AWS using last accessed information"; NIST SP 800-53 AC-6(7).
    RoleUnusedServices {
        id: "role-unused-services",
        severity: Low,
        applies_to: [Role],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6(7)"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [ServiceUse],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Patterns of the path and name of the roles that are judged.
    "judgedRoles" => judged_roles: Names = [],
    /// The longest that a service may lie unused.
    "maxServiceUsageAge" => max_service_usage_age: Threshold = 180,
}

/// So many services are named in an annotation.
const NAMED: usize = 10;

impl Rule for RoleUnusedServices {
    type Subject = Role;
    type Params = Params;
    type Finding = Vec<ServiceUse>;

    fn evaluate(role: &Role, params: &Params, context: &Context) -> Verdict<Vec<ServiceUse>> {
        let resource = role.identity.arn.resource();
        let path_and_name = resource.strip_prefix("role/").unwrap_or(resource);
        let is_judged = params.judged_roles.iter().any(|pattern| matches(pattern, path_and_name));
        if !is_judged || role.is_made_by_aws() {
            return Verdict::Compliant;
        }
        let limit = params.max_service_usage_age.duration() + LAG;
        let created = match role.created.known() {
            Ok(created) => created.copied(),
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let age = created.map(|created| context.at.duration_since(created));
        // Whatever its use, a service cannot be unused for longer than the role is there.
        if age.is_some_and(|age| age <= limit) {
            return Verdict::Compliant;
        }
        match role.services.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(services) => {
                Verdict::of_each(services, |service| is_unused(service.at, age, limit, context.at))
            }
        }
    }

    fn annotate(services: &Vec<ServiceUse>, params: &Params) -> String {
        let names: Vec<&str> = services.iter().take(NAMED).map(|service| service.service.as_str()).collect();
        let more = match services.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let limit = params.max_service_usage_age;
        format!("it may use {}{more}, and did not for more than {limit}", names.join(", "))
    }
}

fn is_unused(
    used: Option<Timestamp>,
    age: Option<SignedDuration>,
    limit: SignedDuration,
    at: Timestamp,
) -> Result<bool, Unread> {
    match used {
        Some(used) => Ok(at.duration_since(used) > limit),
        None if limit > LOOKS_BACK && age.is_none_or(|age| age > LOOKS_BACK) => Err(Unread::new(
            Read::GetServiceLastAccessedDetails,
            WhyUnread::Failed,
            "IAM does not look back as far as the limit",
        )),
        None => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{ago, arn, context, days, deployer, throttled};
    use crate::facts::{Fact, RoleIdentity};
    use crate::rules::Parameters;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn service(name: &str, used: Option<SignedDuration>) -> ServiceUse {
        ServiceUse { service: name.to_owned(), at: used.map(ago) }
    }

    fn using(services: &[ServiceUse]) -> Role {
        Role { services: Fact::Known(services.to_vec()), ..deployer() }
    }

    fn judge_with(params: &Value, role: &Role) -> Verdict<Vec<ServiceUse>> {
        RoleUnusedServices::evaluate(role, &Params::read(params).unwrap(), &context())
    }

    fn judge(role: &Role) -> Verdict<Vec<ServiceUse>> {
        judge_with(&json!({ "judgedRoles": "*" }), role)
    }

    #[test]
    fn a_service_may_lie_unused_for_half_a_year_and_what_iam_lags_behind() {
        let used = service("s3", Some(days(180) + LAG));
        let quiet = service("ec2", Some(days(180) + LAG + SECOND));
        let never = service("iam", None);
        assert_eq!(judge(&using(std::slice::from_ref(&used))), Verdict::Compliant);
        let found = judge(&using(&[used, quiet.clone(), never.clone()]));
        assert_eq!(found, Verdict::NonCompliant(vec![quiet, never]));
    }

    #[test]
    fn only_roles_that_a_pattern_names_are_judged() {
        let role = using(&[service("iam", None)]);
        for (params, expected) in [
            (Value::Null, Verdict::Compliant),
            (json!({ "judgedRoles": "teams/*" }), Verdict::Compliant),
            (
                json!({ "judgedRoles": ["teams/*", "dep*"] }),
                Verdict::NonCompliant(vec![service("iam", None)]),
            ),
        ] {
            assert_eq!(judge_with(&params, &role), expected);
        }
    }

    #[test]
    fn a_young_role_is_let_be_and_looked_at_no_closer() {
        let young = |age| Role {
            created: Fact::Known(ago(age)),
            services: Fact::not_read(Read::GetServiceLastAccessedDetails),
            ..deployer()
        };
        assert_eq!(judge(&young(days(180) + LAG)), Verdict::Compliant);
        assert!(matches!(judge(&young(days(180) + LAG + SECOND)), Verdict::Unknown(_)));
    }

    #[test]
    fn iam_tells_only_of_four_hundred_days() {
        let params = json!({ "judgedRoles": "*", "maxServiceUsageAge": 400 });
        let never = service("iam", None);
        let Verdict::Unknown(unread) = judge_with(&params, &using(std::slice::from_ref(&never))) else {
            panic!()
        };
        assert_eq!(unread.why, WhyUnread::Failed);
        let params = json!({ "judgedRoles": "*", "maxServiceUsageAge": 399 });
        let role = using(std::slice::from_ref(&never));
        assert_eq!(judge_with(&params, &role), Verdict::NonCompliant(vec![never]));
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GenerateServiceLastAccessedDetails);
        let hidden = Role { services: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&hidden), Verdict::Unknown(unread.clone()));
        assert_eq!(judge_with(&Value::Null, &hidden), Verdict::Compliant);
        let ageless = Role { created: Fact::Unknown(unread.clone()), ..using(&[service("iam", None)]) };
        assert_eq!(judge(&ageless), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/deployer");
        let identity = RoleIdentity { arn, ..deployer().identity };
        assert_eq!(judge(&Role { identity, ..using(&[service("iam", None)]) }), Verdict::Compliant);
    }

    #[test]
    fn says_which_and_how_many_more() {
        let services = |count: usize| (0..count).map(|n| service(&format!("s{n}"), None)).collect::<Vec<_>>();
        let said = |count| RoleUnusedServices::annotate(&services(count), &Params::default());
        assert_eq!(said(2), "it may use s0, s1, and did not for more than 180 days");
        assert_eq!(
            said(12),
            "it may use s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more, and did not for more than 180 days"
        );
    }
}
