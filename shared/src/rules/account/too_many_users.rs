use crate::facts::Account;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An account with too many users.
    ///
    /// ## What it checks
    ///
    /// Accounts with more than `maxUsers` (100 by default) IAM users.
    ///
    /// ## Why it matters
    ///
    /// Each user is a set of long-term credentials that somebody has to look after. People sign in through an identity
    /// provider and machines assume roles, so the number should be small and fall.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: it is a programme, not a change. `user-unused` and `access-key-unused` find those whom nobody
    /// will miss; `aws iam list-users` shows the rest, for whom a person finds an identity provider or a role.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`;
    /// or a greater number.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-2, account management. No framework names a number; CIS AWS Foundations 5.0 1.20 asks for
    /// federation without one.
    TooManyUsers {
        id: "too-many-users",
        severity: Low,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [AccountSummary],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// The most users.
    "maxUsers" => max_users: Count = 100,
}

impl Rule for TooManyUsers {
    type Subject = Account;
    type Params = Params;
    type Finding = u64;

    fn evaluate(account: &Account, params: &Params, _: &Context) -> Verdict<u64> {
        match account.summary.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(summary)) if summary.users > params.max_users.get().into() => {
                Verdict::NonCompliant(summary.users)
            }
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate(users: &u64, params: &Params) -> String {
        format!("{users} users, and at most {} are wanted", params.max_users)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, Read};

    fn judge(account: &Account) -> Verdict<u64> {
        TooManyUsers::evaluate(account, &Params::default(), &context())
    }

    #[test]
    fn a_hundred_users_are_within_the_limit_and_one_more_is_not() {
        assert_eq!(judge(&account().summed_up(|summary| summary.users = 100)), Verdict::Compliant);
        assert_eq!(judge(&account().summed_up(|summary| summary.users = 101)), Verdict::NonCompliant(101));
        let said = TooManyUsers::annotate(&101, &Params::default());
        assert_eq!(said, "101 users, and at most 100 are wanted");
    }

    #[test]
    fn a_number_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountSummary);
        let account = Account { summary: Fact::Unknown(unread.clone()), ..account() };
        assert_eq!(judge(&account), Verdict::Unknown(unread));
    }
}
