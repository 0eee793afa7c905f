use crate::facts::Account;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// An access key of the root user.
    ///
    /// ## What it checks
    ///
    /// Accounts whose root user has an access key, active or not.
    ///
    /// ## Why it matters
    ///
    /// No policy of the account binds the root user. Whoever holds its key owns the account, and nothing but deleting
    /// the key takes that back.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only the root user can delete its key, and no API lets anybody else. A person signs in to the
    /// console as the root user, gives those who used the key a role instead, and deletes it under "My security
    /// credentials". In an organisation that manages its members' root users, the management account deletes it in a
    /// root session: `aws sts assume-root --target-principal ACCOUNT --task-policy-arn
    /// arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials`, then `aws iam delete-access-key`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_ROOT_ACCESS_KEY_CHECK`; CIS AWS Foundations 3.0 1.4 and 5.0 1.3; Security Hub IAM.4.
    RootAccessKey {
        id: "root-access-key",
        severity: Critical,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["IAM_ROOT_ACCESS_KEY_CHECK"],
        controls: ["CIS-3.0:1.4", "CIS-5.0:1.3", "SecurityHub:IAM.4"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccountSummary],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RootAccessKey {
    type Subject = Account;
    type Params = NoParameters;
    type Finding = ();

    fn evaluate(account: &Account, _: &NoParameters, _: &Context) -> Verdict<()> {
        match account.summary.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(summary)) if summary.root_has_access_key => Verdict::NonCompliant(()),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "the root user has an access key".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, Read};

    fn judge(account: &Account) -> Verdict<()> {
        RootAccessKey::evaluate(account, &NoParameters {}, &context())
    }

    #[test]
    fn a_key_of_the_root_user_is_one_too_many() {
        assert_eq!(judge(&account()), Verdict::Compliant);
        let with_key = account().summed_up(|summary| summary.root_has_access_key = true);
        assert_eq!(judge(&with_key), Verdict::NonCompliant(()));
        assert_eq!(RootAccessKey::annotate(&(), &NoParameters {}), "the root user has an access key");
    }

    #[test]
    fn a_summary_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountSummary);
        let account = Account { summary: Fact::Unknown(unread.clone()), ..account() };
        assert_eq!(judge(&account), Verdict::Unknown(unread));
    }
}
