use crate::facts::{Account, Read, Unread, WhyUnread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An account with too many access keys.
    ///
    /// ## What it checks
    ///
    /// Accounts whose users have more than `maxAccessKeys` (100 by default) active access keys together. They are counted
    /// in IAM's credential report, which is up to four hours old.
    ///
    /// ## Why it matters
    ///
    /// Each key is a secret that was copied to somewhere and works until somebody ends it. The more there are, the less
    /// anybody can say where they all are.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: it is a programme, not a change. `access-key-unused`, `access-key-age` and
    /// `user-second-active-key` find keys that can go; for the rest a person finds roles: instance profiles, IAM Roles
    /// Anywhere, or an OIDC provider for what builds and deploys.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`;
    /// or a greater number.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 IA-5, authenticator management. No framework names a number.
    TooManyKeys {
        id: "too-many-keys",
        severity: Low,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-5"],
        journey: (Refinement, effort: High, benefit: High),
        needs: [KeyCount],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// The most active keys.
    "maxAccessKeys" => max_access_keys: Count = 100,
}

impl Rule for TooManyKeys {
    type Subject = Account;
    type Params = Params;
    type Finding = u64;

    fn evaluate(account: &Account, params: &Params, _: &Context) -> Verdict<u64> {
        match account.active_keys.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(keys)) if keys.counted > params.max_access_keys.get().into() => {
                Verdict::NonCompliant(keys.counted)
            }
            Ok(Some(keys)) if keys.more => Verdict::Unknown(Unread::new(
                Read::GetCredentialReport,
                WhyUnread::Failed,
                "a user has more keys than the report shows",
            )),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate(keys: &u64, params: &Params) -> String {
        format!("{keys} active access keys, and at most {} are wanted", params.max_access_keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, KeyCount};

    fn judge(active_keys: Fact<KeyCount>) -> Verdict<u64> {
        TooManyKeys::evaluate(&Account { active_keys, ..account() }, &Params::default(), &context())
    }

    fn keys(counted: u64, more: bool) -> Fact<KeyCount> {
        Fact::Known(KeyCount { counted, more })
    }

    #[test]
    fn a_hundred_keys_are_within_the_limit_and_one_more_is_not() {
        assert_eq!(judge(keys(100, false)), Verdict::Compliant);
        assert_eq!(judge(keys(101, false)), Verdict::NonCompliant(101));
        let said = TooManyKeys::annotate(&101, &Params::default());
        assert_eq!(said, "101 active access keys, and at most 100 are wanted");
    }

    #[test]
    fn keys_that_the_report_does_not_show_matter_only_below_the_limit() {
        assert!(matches!(judge(keys(100, true)), Verdict::Unknown(_)));
        assert_eq!(judge(keys(101, true)), Verdict::NonCompliant(101));
    }

    #[test]
    fn a_number_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetCredentialReport);
        assert_eq!(judge(Fact::Unknown(unread.clone())), Verdict::Unknown(unread));
    }
}
