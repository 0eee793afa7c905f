use crate::facts::Account;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// An account without a contact for security.
    ///
    /// ## What it checks
    ///
    /// Accounts that have no alternate contact for security. Whether its address is read by anybody is for people to try.
    ///
    /// ## Why it matters
    ///
    /// AWS writes to that contact when a key of the account turns up in public or the account attacks others. Without
    /// one it writes to the mailbox of the root user, which often nobody reads.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know who is to be written to. They set it with `aws account put-alternate-contact
    /// --alternate-contact-type SECURITY --name … --title … --email-address … --phone-number …`; for all members of an
    /// organisation the management account can.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `SECURITY_ACCOUNT_INFORMATION_PROVIDED`; CIS AWS Foundations 3.0 1.2 and 5.0 1.2; Security
    /// Hub Account.1.
    SecurityContactMissing {
        id: "security-contact-missing",
        severity: Medium,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["SECURITY_ACCOUNT_INFORMATION_PROVIDED"],
        controls: ["CIS-3.0:1.2", "CIS-5.0:1.2", "SecurityHub:Account.1"],
        journey: (Foundation, effort: Low, benefit: Medium),
        needs: [SecurityContact],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for SecurityContactMissing {
    type Subject = Account;
    type Params = NoParameters;
    type Finding = ();

    fn evaluate(account: &Account, _: &NoParameters, _: &Context) -> Verdict<()> {
        match account.security_contact.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(())) => Verdict::Compliant,
            Ok(None) => Verdict::NonCompliant(()),
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "there is no alternate contact for security".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, Read};

    fn judge(contact: Fact<()>) -> Verdict<()> {
        let account = Account { security_contact: contact, ..account() };
        SecurityContactMissing::evaluate(&account, &NoParameters {}, &context())
    }

    #[test]
    fn there_must_be_a_contact() {
        assert_eq!(judge(Fact::Known(())), Verdict::Compliant);
        assert_eq!(judge(Fact::Absent), Verdict::NonCompliant(()));
        let said = SecurityContactMissing::annotate(&(), &NoParameters {});
        assert_eq!(said, "there is no alternate contact for security");
    }

    #[test]
    fn a_contact_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAlternateContact);
        assert_eq!(judge(Fact::Unknown(unread.clone())), Verdict::Unknown(unread));
    }
}
