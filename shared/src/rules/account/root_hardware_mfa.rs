use super::root_mfa::has_root_mfa;
use crate::facts::Account;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A root user without hardware MFA.
    ///
    /// ## What it checks
    ///
    /// Accounts whose root user has no MFA device, or has a virtual one, which is an app that shows codes. Hardware
    /// tokens, security keys and passkeys are fine, as long as no virtual device stands beside them: the weakest one
    /// is enough to sign in. So is a root user that has neither a password nor an access key. Accounts in GovCloud and
    /// China are not judged: AWS has no such check there.
    ///
    /// ## Why it matters
    ///
    /// A code can be read off by a page that only looks like AWS's, and an app's secret lives on a telephone with much
    /// else. A security key signs for the true page alone.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only the root user can change its devices. A person signs in to the console as the root user,
    /// enrols two security keys under "My security credentials", and removes the virtual device.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `ROOT_ACCOUNT_HARDWARE_MFA_ENABLED`; CIS AWS Foundations 3.0 1.6 and 5.0 1.5; Security
    /// Hub IAM.6.
    RootHardwareMfa {
        id: "root-hardware-mfa",
        severity: High,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["ROOT_ACCOUNT_HARDWARE_MFA_ENABLED"],
        controls: ["CIS-3.0:1.6", "CIS-5.0:1.5", "SecurityHub:IAM.6"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [AccountSummary, RootMfaDevices],
        plan_needs: [],
        steps: [],
    }
}

/// What the root user has instead of hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    Nothing,
    VirtualDevice,
}

impl Rule for RootHardwareMfa {
    type Subject = Account;
    type Params = NoParameters;
    type Finding = Instead;

    fn is_about(account: &Account) -> bool {
        has_root_mfa(account)
    }

    fn evaluate(account: &Account, _: &NoParameters, _: &Context) -> Verdict<Instead> {
        let summary = match account.summary.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(summary) => summary,
        };
        if summary.is_some_and(|summary| summary.root_cannot_sign_in()) {
            return Verdict::Compliant;
        }
        if summary.is_some_and(|summary| !summary.root_has_mfa) {
            return Verdict::NonCompliant(Instead::Nothing);
        }
        match account.root_virtual_mfa_devices.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok([]) => Verdict::Compliant,
            Ok(_) => Verdict::NonCompliant(Instead::VirtualDevice),
        }
    }

    fn annotate(instead: &Instead, _: &NoParameters) -> String {
        match instead {
            Instead::Nothing => "the root user has no MFA device at all",
            Instead::VirtualDevice => "the root user has a virtual MFA device",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, account_in, context, throttled};
    use crate::facts::{Fact, MfaDevice, Read};

    fn judge(account: &Account) -> Verdict<Instead> {
        RootHardwareMfa::evaluate(account, &NoParameters {}, &context())
    }

    fn with_virtual(account: Account) -> Account {
        let serial = Some("arn:aws:iam::111122223333:mfa/root-account-mfa-device".to_owned());
        Account { root_virtual_mfa_devices: Fact::Known(vec![MfaDevice { serial }]), ..account }
    }

    #[test]
    fn a_device_that_is_not_virtual_is_hardware() {
        assert_eq!(judge(&account()), Verdict::Compliant);
        assert_eq!(judge(&with_virtual(account())), Verdict::NonCompliant(Instead::VirtualDevice));
        let none = account().summed_up(|summary| summary.root_has_mfa = false);
        assert_eq!(judge(&none), Verdict::NonCompliant(Instead::Nothing));
    }

    #[test]
    fn a_root_user_that_nobody_can_be_needs_none() {
        let nobody = account().summed_up(|summary| {
            summary.root_has_mfa = false;
            summary.root_has_password = Some(false);
        });
        assert_eq!(judge(&nobody), Verdict::Compliant);
        assert_eq!(judge(&with_virtual(nobody)), Verdict::Compliant);
    }

    #[test]
    fn in_govcloud_and_china_there_is_nothing_to_judge() {
        assert!(!RootHardwareMfa::is_about(&account_in("aws-us-gov")));
        assert!(!RootHardwareMfa::is_about(&account_in("aws-cn")));
    }

    #[test]
    fn devices_that_could_not_be_read_matter_only_where_there_is_one() {
        let unread = throttled(Read::ListVirtualMfaDevices);
        let blind = |account| Account { root_virtual_mfa_devices: Fact::Unknown(unread.clone()), ..account };
        assert_eq!(judge(&blind(account())), Verdict::Unknown(unread.clone()));
        let none = blind(account()).summed_up(|summary| summary.root_has_mfa = false);
        assert_eq!(judge(&none), Verdict::NonCompliant(Instead::Nothing));
    }

    #[test]
    fn a_summary_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountSummary);
        let account = Account { summary: Fact::Unknown(unread.clone()), ..with_virtual(account()) };
        assert_eq!(judge(&account), Verdict::Unknown(unread));
    }

    #[test]
    fn says_what_is_there_instead() {
        let said = |instead| RootHardwareMfa::annotate(&instead, &NoParameters {});
        assert_eq!(said(Instead::Nothing), "the root user has no MFA device at all");
        assert_eq!(said(Instead::VirtualDevice), "the root user has a virtual MFA device");
    }
}
