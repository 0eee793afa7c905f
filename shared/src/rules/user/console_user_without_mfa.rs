use crate::facts::User;
use crate::remedy::require_mfa;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A user with a console password and no MFA device.
    ///
    /// ## What it checks
    ///
    /// Users who can sign in to the console with a password and have no MFA device, virtual or hardware. Users
    /// without a password are fine.
    ///
    /// ## Why it matters
    ///
    /// A password alone is one phishing mail away from somebody else.
    ///
    /// ## What is done about it
    ///
    /// Nobody can enrol a device for another person, and a password taken away cannot be given back. So an inline
    /// policy denies the user's console sessions without MFA everything but enrolling one. Requests signed with an
    /// access key go on working; a session got with one from `GetSessionToken` without MFA does not. The rule stays
    /// broken until a device is enrolled; the policy then denies sessions without MFA alone.
    ///
    /// The policy only leaves enrolling undenied, it does not allow it: a user whose own policies lack
    /// `iam:CreateVirtualMFADevice` and `iam:EnableMFADevice` on itself, as with `ReadOnlyAccess` alone, needs an
    /// administrator to enrol its device. See to it that console users have them before you enforce this rule.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS`; CIS AWS Foundations 3.0 1.10 and 5.0 1.9;
    /// Security Hub IAM.5.
    ConsoleUserWithoutMfa {
        id: "console-user-without-mfa",
        severity: High,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"],
        controls: ["CIS-3.0:1.10", "CIS-5.0:1.9", "SecurityHub:IAM.5"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [LoginProfile, MfaDevices],
        plan_needs: [InlinePolicies],
        steps: [PutUserPolicy],
        remediator: RemoveConsoleAccess,
    }
}

impl Rule for ConsoleUserWithoutMfa {
    type Subject = User;
    type Params = NoParameters;
    type Finding = ();

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<()> {
        // One certain answer is enough: with a device, or without a password, the other fact does not matter.
        match (user.login_profile.known(), user.mfa_devices.list()) {
            (Ok(None), _) => Verdict::Compliant,
            (_, Ok(devices)) if !devices.is_empty() => Verdict::Compliant,
            (Ok(Some(_)), Ok(_)) => Verdict::NonCompliant(()),
            (Err(unread), _) | (_, Err(unread)) => Verdict::Unknown(unread.clone()),
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "console password without an MFA device".to_owned()
    }

    fn plan(user: &User, (): &(), _: &NoParameters, _: &Context) -> Proposal {
        require_mfa(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, inline, throttled};
    use crate::facts::{Fact, LoginProfile, MfaDevice, Read, Span};
    use crate::remedy::{REQUIRE_MFA_POLICY, Step};

    fn judge(user: &User) -> Verdict<()> {
        ConsoleUserWithoutMfa::evaluate(user, &NoParameters {}, &context())
    }

    fn plan(user: &User) -> Proposal {
        ConsoleUserWithoutMfa::plan(user, &(), &NoParameters {}, &context())
    }

    #[test]
    fn one_certain_answer_is_enough_and_no_more_is_assumed() {
        let password =
            Fact::Known(LoginProfile { created: Span::exactly(context().at), reset_required: None });
        let device = Fact::Known(vec![MfaDevice { serial: None }]);
        let no_password: Fact<LoginProfile> = Fact::Unknown(throttled(Read::GetLoginProfile));
        let no_devices: Fact<Vec<MfaDevice>> = Fact::Unknown(throttled(Read::ListMfaDevices));
        let password_unread = || Verdict::Unknown(throttled(Read::GetLoginProfile));
        let devices_unread = || Verdict::Unknown(throttled(Read::ListMfaDevices));
        let table = [
            (Fact::Absent, device.clone(), Verdict::Compliant),
            (Fact::Absent, Fact::Absent, Verdict::Compliant),
            (Fact::Absent, no_devices.clone(), Verdict::Compliant),
            (password.clone(), device.clone(), Verdict::Compliant),
            (password.clone(), Fact::Absent, Verdict::NonCompliant(())),
            (password.clone(), no_devices.clone(), devices_unread()),
            (no_password.clone(), device, Verdict::Compliant),
            (no_password.clone(), Fact::Absent, password_unread()),
            (no_password, no_devices, password_unread()),
            // An empty list is as good as AWS's "none".
            (password, Fact::Known(Vec::new()), Verdict::NonCompliant(())),
        ];
        for (login_profile, mfa_devices, expected) in table {
            let user = User { login_profile, mfa_devices, ..alice() };
            assert_eq!(judge(&user), expected, "{:?} {:?}", user.login_profile, user.mfa_devices);
        }
    }

    #[test]
    fn the_password_stays_and_sessions_without_mfa_are_denied() {
        let user = alice().with_password(days(1));
        let proposal = plan(&user);
        let [Step::PutUserPolicy { user: whom, policy, document }] = proposal.steps.as_slice() else {
            panic!("{proposal:?}")
        };
        assert_eq!(*whom, user.identity);
        assert_eq!(policy.as_str(), REQUIRE_MFA_POLICY);
        let policy: serde_json::Value = serde_json::from_str(document.as_str()).unwrap();
        insta::assert_json_snapshot!(policy, @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "BailiffRequireMfa",
              "Effect": "Deny",
              "NotAction": [
                "iam:ChangePassword",
                "iam:CreateVirtualMFADevice",
                "iam:EnableMFADevice",
                "iam:GetMFADevice",
                "iam:GetUser",
                "iam:ListMFADevices",
                "iam:ListVirtualMFADevices",
                "iam:ResyncMFADevice"
              ],
              "Resource": "*",
              "Condition": {
                "Bool": {
                  "aws:MultiFactorAuthPresent": "false"
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_restricted_user_stays_a_finding_with_nothing_left_to_do() {
        let user = alice().with_password(days(1));
        let steps = plan(&user).steps;
        let [Step::PutUserPolicy { policy, document, .. }] = steps.as_slice() else { panic!("{steps:?}") };
        let restricted = user.with_inline([inline(policy.as_str(), document.as_str())]);
        assert_eq!(judge(&restricted), Verdict::NonCompliant(()));
        let proposal = plan(&restricted);
        assert_eq!(proposal.steps, []);
        assert_eq!(
            proposal.left,
            ["its console sessions without MFA are denied already; it must enrol a device"]
        );
    }

    #[test]
    fn another_text_under_our_name_is_never_overwritten() {
        let user = alice().with_password(days(1)).with_inline([inline(REQUIRE_MFA_POLICY, "{}")]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, []);
        assert!(proposal.left[0].ends_with("with another text is in the way"), "{}", proposal.left[0]);
    }

    #[test]
    fn a_user_full_of_inline_policies_is_left_to_people() {
        let user = alice().with_password(days(1)).with_inline([inline("full", "x".repeat(2_000))]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, []);
        assert_eq!(proposal.left, ["no room for an inline policy; shorten the user's inline policies first"]);
    }

    #[test]
    fn unknown_inline_policies_allow_no_step() {
        let unread = throttled(Read::ListUserPolicies);
        let user = User { inline_policies: Fact::Unknown(unread.clone()), ..alice().with_password(days(1)) };
        assert_eq!(plan(&user), Proposal { unknown: vec![unread], ..Proposal::default() });
    }
}
