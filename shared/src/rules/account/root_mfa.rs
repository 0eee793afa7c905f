use crate::facts::Account;
use crate::identifier::Partition;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A root user without an MFA device.
    ///
    /// ## What it checks
    ///
    /// Accounts whose root user has no MFA device of any kind. A root user that has neither a password nor an access
    /// key, as in the members of an organisation that manages its root users centrally, is fine: nobody can be it. Accounts
    /// in GovCloud and China are not judged: AWS has no such check there.
    ///
    /// ## Why it matters
    ///
    /// The password of the root user opens everything, and it can be had from the mailbox it belongs to.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only the root user can enrol a device. A person signs in to the console as the root user and
    /// enrols at least two, better passkeys or hardware keys than codes, under "My security credentials".
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `ROOT_ACCOUNT_MFA_ENABLED`, which flags root users that nobody can be too; CIS AWS
    /// Foundations 3.0 1.5 and 5.0 1.4; Security Hub IAM.9.
    RootMfa {
        id: "root-mfa",
        severity: Critical,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["ROOT_ACCOUNT_MFA_ENABLED"],
        controls: ["CIS-3.0:1.5", "CIS-5.0:1.4", "SecurityHub:IAM.9"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccountSummary],
        plan_needs: [],
        steps: [],
    }
}

/// Whether MFA of the root user is anything to judge in the account's partition.
pub(super) fn has_root_mfa(account: &Account) -> bool {
    !matches!(account.identity.arn.partition(), Partition::AwsUsGov | Partition::AwsCn)
}

impl Rule for RootMfa {
    type Subject = Account;
    type Params = NoParameters;
    type Finding = ();

    fn is_about(account: &Account) -> bool {
        has_root_mfa(account)
    }

    fn evaluate(account: &Account, _: &NoParameters, _: &Context) -> Verdict<()> {
        match account.summary.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(summary)) if !summary.root_has_mfa && !summary.root_cannot_sign_in() => {
                Verdict::NonCompliant(())
            }
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "the root user has no MFA device".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, account_in, context, throttled};
    use crate::facts::{Fact, Read};

    fn judge(account: &Account) -> Verdict<()> {
        RootMfa::evaluate(account, &NoParameters {}, &context())
    }

    fn without_mfa(password: Option<bool>, key: bool) -> Account {
        account().summed_up(|summary| {
            summary.root_has_mfa = false;
            summary.root_has_password = password;
            summary.root_has_access_key = key;
        })
    }

    #[test]
    fn a_root_user_must_have_a_device() {
        assert_eq!(judge(&account()), Verdict::Compliant);
        assert_eq!(judge(&without_mfa(Some(true), false)), Verdict::NonCompliant(()));
        assert_eq!(RootMfa::annotate(&(), &NoParameters {}), "the root user has no MFA device");
    }

    #[test]
    fn a_root_user_that_nobody_can_be_needs_none() {
        assert_eq!(judge(&without_mfa(Some(false), false)), Verdict::Compliant);
        assert_eq!(judge(&without_mfa(Some(false), true)), Verdict::NonCompliant(()));
        // Where IAM does not say that there is no password, there may be one.
        assert_eq!(judge(&without_mfa(None, false)), Verdict::NonCompliant(()));
    }

    #[test]
    fn in_govcloud_and_china_there_is_nothing_to_judge() {
        assert!(RootMfa::is_about(&account()));
        assert!(!RootMfa::is_about(&account_in("aws-us-gov")));
        assert!(!RootMfa::is_about(&account_in("aws-cn")));
    }

    #[test]
    fn a_summary_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountSummary);
        let account = Account { summary: Fact::Unknown(unread.clone()), ..account() };
        assert_eq!(judge(&account), Verdict::Unknown(unread));
    }
}
