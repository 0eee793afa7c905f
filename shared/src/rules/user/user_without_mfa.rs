use crate::facts::User;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A user without an MFA device.
    ///
    /// ## What it checks
    ///
    /// Every user without an MFA device, virtual or hardware, whether or not it can sign in to the console.
    /// `console-user-without-mfa` finds those who can, and is the one to begin with.
    ///
    /// ## Why it matters
    ///
    /// A device is what lets a policy ask for a second factor, in the console and before a call signed with a key. For
    /// a program's user it is out of reach, and the finding says as much: a program should have a role.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: nobody can enrol a device for another person. The user does so with
    /// `aws iam create-virtual-mfa-device` and `aws iam enable-mfa-device`, or in the console; a program's work is given
    /// to a role.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_USER_MFA_ENABLED`; Security Hub IAM.19.
    UserWithoutMfa {
        id: "user-without-mfa",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["IAM_USER_MFA_ENABLED"],
        controls: ["SecurityHub:IAM.19"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [MfaDevices],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for UserWithoutMfa {
    type Subject = User;
    type Params = NoParameters;
    type Finding = ();

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<()> {
        match user.mfa_devices.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok([]) => Verdict::NonCompliant(()),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "it has no MFA device".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, key, throttled};
    use crate::facts::{Fact, MfaDevice, Read};

    fn judge(user: &User) -> Verdict<()> {
        UserWithoutMfa::evaluate(user, &NoParameters {}, &context())
    }

    #[test]
    fn every_user_needs_a_device_whatever_its_credentials() {
        for user in [alice(), alice().with_password(days(1)), alice().with_keys([key('A', days(1))])] {
            assert_eq!(judge(&user), Verdict::NonCompliant(()));
            let devices = Fact::Known(vec![MfaDevice { serial: None }]);
            assert_eq!(judge(&User { mfa_devices: devices, ..user }), Verdict::Compliant);
        }
        assert_eq!(
            judge(&User { mfa_devices: Fact::Known(Vec::new()), ..alice() }),
            Verdict::NonCompliant(())
        );
    }

    #[test]
    fn devices_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::ListMfaDevices);
        let user = User { mfa_devices: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn says_what_is_missing() {
        assert_eq!(UserWithoutMfa::annotate(&(), &NoParameters {}), "it has no MFA device");
    }
}
