use super::parameters::NoParameters;
use super::{Context, Proposal, Rule, Verdict, declare_rule};
use crate::facts::User;
use crate::remedy::require_mfa;

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
    /// policy denies the user's console sessions without MFA everything but enrolling one. Access keys go on
    /// working. The rule stays broken until a device is enrolled; the policy then denies nothing.
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
        remediator: SuspendPrincipal,
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
