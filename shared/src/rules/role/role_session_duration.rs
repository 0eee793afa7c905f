use crate::facts::Role;
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role whose sessions may last too long.
    ///
    /// ## What it checks
    ///
    /// Roles whose maximum session duration is longer than `maxSessionDuration` (7200 by default), in seconds. IAM knows no
    /// shorter maximum than an hour, so less than 3600 counts as 3600. Roles that AWS made for a service or for IAM
    /// Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// Credentials of a session cannot be called back one by one. Whoever copies them from a laptop, a log or a browser
    /// has the role's powers until the session ends.
    ///
    /// ## What is done about it
    ///
    /// The maximum is set to the limit. Sessions that began before last as long as they were made for; who asks for a
    /// longer one afterwards is refused, so tell those who set `duration_seconds` in their profiles. The prior maximum is
    /// kept in the journal, from where it can be put back.
    ///
    /// AWS services do not heed the maximum, and a role assumed from another role's session never lasts longer than an
    /// hour.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Update the maximum session duration for a role"; NIST SP 800-53 AC-12.
    RoleSessionDuration {
        id: "role-session-duration",
        severity: Low,
        applies_to: [Role],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-12"],
        journey: (Refinement, effort: Low, benefit: Low),
        needs: [SessionDuration],
        plan_needs: [],
        steps: [UpdateRole],
        remediator: SetRoleSessionDuration,
    }
}

declare_parameters! {
    /// The longest that a role may let its sessions last, in seconds.
    "maxSessionDuration" => max_session_duration: Count = 7200,
}

/// The shortest maximum that a role can have (IAM API, `UpdateRole`, `MaxSessionDuration`).
const SHORTEST: u32 = 3_600;

impl Params {
    fn limit(&self) -> u32 {
        self.max_session_duration.get().max(SHORTEST)
    }
}

impl Rule for RoleSessionDuration {
    type Subject = Role;
    type Params = Params;
    type Finding = u32;

    fn evaluate(role: &Role, params: &Params, _: &Context) -> Verdict<u32> {
        if role.is_made_by_aws() {
            return Verdict::Compliant;
        }
        match role.max_session_duration.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(seconds)) if *seconds > params.limit() => Verdict::NonCompliant(*seconds),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate(seconds: &u32, params: &Params) -> String {
        format!("its sessions may last {seconds} seconds; the limit is {}", params.limit())
    }

    fn plan(role: &Role, seconds: &u32, params: &Params, _: &Context) -> Proposal {
        let step = Step::UpdateRoleMaxSessionDuration {
            role: role.identity.clone(),
            seconds: params.limit(),
            replaces: *seconds,
        };
        Proposal { steps: vec![step], ..Proposal::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{arn, context, deployer, throttled};
    use crate::facts::{Fact, Read, RoleIdentity};
    use crate::rules::Parameters;

    fn lasting(seconds: u32) -> Role {
        Role { max_session_duration: Fact::Known(seconds), ..deployer() }
    }

    fn judge(role: &Role) -> Verdict<u32> {
        RoleSessionDuration::evaluate(role, &Params::default(), &context())
    }

    #[test]
    fn two_hours_are_fine_and_not_a_second_more() {
        assert_eq!(judge(&lasting(7_200)), Verdict::Compliant);
        assert_eq!(judge(&lasting(7_201)), Verdict::NonCompliant(7_201));
        assert_eq!(judge(&lasting(43_200)), Verdict::NonCompliant(43_200));
    }

    #[test]
    fn no_limit_is_below_what_iam_can_set() {
        let params = Params::read(&json!({ "maxSessionDuration": "0" })).unwrap();
        let judge = |seconds| RoleSessionDuration::evaluate(&lasting(seconds), &params, &context());
        assert_eq!(judge(3_600), Verdict::Compliant);
        assert_eq!(judge(3_601), Verdict::NonCompliant(3_601));
    }

    #[test]
    fn the_limit_is_set_and_what_was_there_is_kept() {
        let role = lasting(43_200);
        let proposal = RoleSessionDuration::plan(&role, &43_200, &Params::default(), &context());
        let step =
            Step::UpdateRoleMaxSessionDuration { role: role.identity, seconds: 7_200, replaces: 43_200 };
        assert_eq!(proposal, Proposal { steps: vec![step], ..Proposal::default() });
    }

    #[test]
    fn a_duration_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::ListRoles);
        let role = Role { max_session_duration: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&role), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/deployer");
        let identity = RoleIdentity { arn, ..deployer().identity };
        assert_eq!(judge(&Role { identity, ..lasting(43_200) }), Verdict::Compliant);
    }

    #[test]
    fn says_how_long_and_how_long_they_may() {
        let said = RoleSessionDuration::annotate(&43_200, &Params::default());
        assert_eq!(said, "its sessions may last 43200 seconds; the limit is 7200");
    }
}
