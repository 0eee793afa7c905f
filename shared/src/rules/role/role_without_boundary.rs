use crate::facts::Role;
use crate::identifier::Arn;
use crate::remedy::matches;
use crate::rules::{Context, Names, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role made by a delegate without a permissions boundary.
    ///
    /// ## What it checks
    ///
    /// Roles that `boundRoles` names, by patterns of their path and name such as `teams/*` or `*-ci`, and that have no
    /// permissions boundary, or none that `acceptedBoundaries` names by its ARN; where that names none, any will do. Without
    /// a pattern, which is the default, every role is fine. `*` stands for any characters, and letter case counts. Roles
    /// that AWS made for a service or for IAM Identity Center are not judged: they cannot have one.
    ///
    /// ## Why it matters
    ///
    /// Whoever may make roles for their own work can make one that may do more than themselves. The boundary is what keeps a
    /// delegate's roles within the delegate's powers.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know which boundary belongs on whose role, and one too narrow stops the work. They set
    /// it with `aws iam put-role-permissions-boundary`, and ask for it with the condition key `iam:PermissionsBoundary` in
    /// the delegate's policy, so that no role is made without.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Permissions boundaries for IAM entities", on delegating responsibility to others; NIST SP 800-53
    /// AC-6.
    RoleWithoutBoundary {
        id: "role-without-boundary",
        severity: Medium,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6"],
        journey: (Refinement, effort: Medium, benefit: Medium),
        needs: [Boundary],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Patterns of the path and name of roles that must have a permissions boundary.
    "boundRoles" => bound_roles: Names = [],
    /// ARNs of the policies that will do as one; any where there is none.
    "acceptedBoundaries" => accepted_boundaries: Names = [],
}

/// What is wrong with a role's boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unbound {
    /// It has none.
    Absent,
    /// It is none of those accepted.
    NotAccepted(Arn),
}

impl Rule for RoleWithoutBoundary {
    type Subject = Role;
    type Params = Params;
    type Finding = Unbound;

    fn evaluate(role: &Role, params: &Params, _: &Context) -> Verdict<Unbound> {
        let resource = role.identity.arn.resource();
        let path_and_name = resource.strip_prefix("role/").unwrap_or(resource);
        let must_be_bound = params.bound_roles.iter().any(|pattern| matches(pattern, path_and_name));
        if !must_be_bound || role.is_made_by_aws() {
            return Verdict::Compliant;
        }
        let accepted: &Names = &params.accepted_boundaries;
        match role.boundary.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(None) => Verdict::NonCompliant(Unbound::Absent),
            Ok(Some(boundary))
                if accepted.is_empty() || accepted.iter().any(|arn| arn == boundary.as_str()) =>
            {
                Verdict::Compliant
            }
            Ok(Some(boundary)) => Verdict::NonCompliant(Unbound::NotAccepted(boundary.clone())),
        }
    }

    fn annotate(unbound: &Unbound, _: &Params) -> String {
        match unbound {
            Unbound::Absent => "it has no permissions boundary".to_owned(),
            Unbound::NotAccepted(boundary) => {
                format!("its permissions boundary {} is none of those accepted", boundary.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{arn, context, deployer, throttled};
    use crate::facts::{Fact, Read, RoleIdentity};
    use crate::rules::Parameters;

    const TEAM: &str = "arn:aws:iam::111122223333:policy/team-boundary";

    fn role(path_and_name: &str, boundary: Option<&str>) -> Role {
        let arn_of = arn(&format!("arn:aws:iam::111122223333:role/{path_and_name}"));
        let identity = RoleIdentity { arn: arn_of, ..deployer().identity };
        Role { identity, boundary: boundary.map(arn).into(), ..deployer() }
    }

    fn judge(role: &Role, params: &Value) -> Verdict<Unbound> {
        RoleWithoutBoundary::evaluate(role, &Params::read(params).unwrap(), &context())
    }

    #[test]
    fn a_role_that_a_pattern_names_must_have_a_boundary() {
        let params = json!({ "boundRoles": ["teams/*", "*-ci"] });
        for name in ["teams/a/deployer", "teams/deployer", "deployer-ci", "ops/deployer-ci"] {
            assert_eq!(judge(&role(name, None), &params), Verdict::NonCompliant(Unbound::Absent), "{name}");
            assert_eq!(judge(&role(name, Some(TEAM)), &params), Verdict::Compliant, "{name}");
        }
        for name in ["deployer", "ops/teams/deployer", "Teams/deployer"] {
            assert_eq!(judge(&role(name, None), &params), Verdict::Compliant, "{name}");
        }
    }

    #[test]
    fn only_an_accepted_boundary_will_do_where_any_is_named() {
        let params = json!({ "boundRoles": "*", "acceptedBoundaries": TEAM });
        assert_eq!(judge(&role("deployer", Some(TEAM)), &params), Verdict::Compliant);
        let other = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert_eq!(
            judge(&role("deployer", Some(other)), &params),
            Verdict::NonCompliant(Unbound::NotAccepted(arn(other)))
        );
    }

    #[test]
    fn without_a_pattern_every_role_is_fine() {
        assert_eq!(judge(&role("deployer", None), &Value::Null), Verdict::Compliant);
    }

    #[test]
    fn a_boundary_that_could_not_be_read_is_unknown_where_one_is_needed() {
        let unread = throttled(Read::GetRole);
        let hidden = Role { boundary: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&hidden, &json!({ "boundRoles": "*" })), Verdict::Unknown(unread));
        assert_eq!(judge(&hidden, &Value::Null), Verdict::Compliant);
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let reserved = role("aws-reserved/sso.amazonaws.com/deployer", None);
        assert_eq!(judge(&reserved, &json!({ "boundRoles": "*" })), Verdict::Compliant);
    }

    #[test]
    fn says_what_is_wrong() {
        let said = |unbound| RoleWithoutBoundary::annotate(&unbound, &Params::default());
        assert_eq!(said(Unbound::Absent), "it has no permissions boundary");
        assert_eq!(
            said(Unbound::NotAccepted(arn(TEAM))),
            "its permissions boundary team-boundary is none of those accepted"
        );
    }
}
