use jiff::Timestamp;

use crate::facts::{Account, Fact, LastUse, Unread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A root user in use.
    ///
    /// ## What it checks
    ///
    /// Accounts whose root user signed in with its password, or signed a request with an access key, within the last
    /// `quietDays` (30 days by default). IAM's credential report tells, which is up to four hours old.
    ///
    /// ## Why it matters
    ///
    /// The few tasks that only the root user can do come up once in years. Whoever uses it day by day works where no
    /// policy, no boundary and no service control policy of the account's own binds, and a thief would not stand out.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: what was done is done. A person finds out who it was and what for, for instance with `aws
    /// cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root`, gives them a role for
    /// it, and lets the days pass.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`:
    /// until the end of the quiet days after a task that only the root user could do.
    ///
    /// ## References
    ///
    /// CIS AWS Foundations 3.0 1.7 and 5.0 1.6. AWS has no check of its own beside a metric filter on CloudTrail.
    RootUsed {
        id: "root-used",
        severity: High,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.7", "CIS-5.0:1.6"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [RootUser],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// How long ago the root user must have been used last.
    "quietDays" => quiet_days: Threshold = 30,
}

/// The latest use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    what: &'static str,
    at: Timestamp,
}

impl Rule for RootUsed {
    type Subject = Account;
    type Params = Params;
    type Finding = Use;

    fn evaluate(account: &Account, params: &Params, context: &Context) -> Verdict<Use> {
        let root = match account.root.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(None) => return Verdict::Compliant,
            Ok(Some(root)) => root,
        };
        let password = used("its password", root.password_last_used.known().map(Option::<&_>::copied));
        let keys = root.keys_last_used.iter().map(|key: &Fact<LastUse>| {
            used("an access key", key.known().map(|used| used.map(|used| used.at)))
        });
        let mut latest: Option<Use> = None;
        let mut unknown = None;
        for seen in std::iter::once(password).chain(keys) {
            match seen {
                Err(unread) => unknown = Some(unread),
                Ok(seen) => latest = latest.into_iter().chain(seen).max_by_key(|seen| seen.at),
            }
        }
        match (latest, unknown) {
            (Some(seen), _) if context.at.duration_since(seen.at) <= params.quiet_days.duration() => {
                Verdict::NonCompliant(seen)
            }
            (_, Some(unread)) => Verdict::Unknown(unread),
            (_, None) => Verdict::Compliant,
        }
    }

    fn annotate(seen: &Use, params: &Params) -> String {
        format!(
            "the root user was used with {} on {}, within the last {}",
            seen.what,
            seen.at.strftime("%Y-%m-%d"),
            params.quiet_days
        )
    }
}

fn used(what: &'static str, at: Result<Option<Timestamp>, &Unread>) -> Result<Option<Use>, Unread> {
    at.map(|at| at.map(|at| Use { what, at })).map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{account, ago, context, days, just_over, throttled};
    use crate::facts::{Read, RootUser};

    fn judge(password: Fact<Timestamp>, keys: Vec<Fact<Timestamp>>) -> Verdict<Use> {
        let keys_last_used = keys
            .into_iter()
            .map(|used| used.map(|at| LastUse { at, service: "s3".to_owned(), region: String::new() }))
            .collect();
        let root = Fact::Known(RootUser { password_last_used: password, keys_last_used });
        RootUsed::evaluate(&Account { root, ..account() }, &Params::default(), &context())
    }

    fn used(age: SignedDuration) -> Fact<Timestamp> {
        Fact::Known(ago(age))
    }

    fn found(what: &'static str, age: SignedDuration) -> Verdict<Use> {
        Verdict::NonCompliant(Use { what, at: ago(age) })
    }

    #[test]
    fn a_use_counts_for_thirty_days_and_not_a_second_longer() {
        assert_eq!(judge(used(days(30)), vec![]), found("its password", days(30)));
        assert_eq!(judge(used(just_over(30)), vec![]), Verdict::Compliant);
        assert_eq!(judge(Fact::Absent, vec![Fact::Absent, used(days(30))]), found("an access key", days(30)));
        assert_eq!(judge(Fact::Absent, vec![used(just_over(30)), Fact::Absent]), Verdict::Compliant);
        assert_eq!(judge(Fact::Absent, vec![Fact::Absent, Fact::Absent]), Verdict::Compliant);
    }

    #[test]
    fn the_latest_use_is_the_one_that_is_told() {
        assert_eq!(
            judge(used(days(20)), vec![used(days(3)), used(days(9))]),
            found("an access key", days(3))
        );
        assert_eq!(judge(used(days(2)), vec![used(days(3))]), found("its password", days(2)));
    }

    #[test]
    fn what_is_unknown_matters_only_where_nothing_else_was_used() {
        let unread = throttled(Read::GetCredentialReport);
        let unknown = || Fact::Unknown(unread.clone());
        assert_eq!(judge(unknown(), vec![used(days(31))]), Verdict::Unknown(unread.clone()));
        assert_eq!(judge(unknown(), vec![used(days(1))]), found("an access key", days(1)));
        let blind = Account { root: Fact::Unknown(unread.clone()), ..account() };
        assert_eq!(
            RootUsed::evaluate(&blind, &Params::default(), &context()),
            Verdict::Unknown(unread.clone())
        );
    }

    #[test]
    fn says_with_what_and_when() {
        let seen = Use { what: "its password", at: ago(days(2)) };
        assert_eq!(
            RootUsed::annotate(&seen, &Params::default()),
            "the root user was used with its password on 2026-11-20, within the last 30 days"
        );
    }
}
