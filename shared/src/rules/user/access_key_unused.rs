use jiff::SignedDuration;

use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An active access key nobody uses.
    ///
    /// ## What it checks
    ///
    /// Every active access key of a user, one by one: last used more than `maxCredentialUsageAge` (90 days by
    /// default) ago. A key that was never used counts from its creation, and is let be for `newKeyGracePeriod`
    /// (7 days by default) whatever the limit.
    ///
    /// ## Why it matters
    ///
    /// A key that nobody needs can only be used by somebody who should not have it.
    ///
    /// ## What is done about it
    ///
    /// That key is deactivated, which can be undone. Its last use is read again just before. The user's other keys
    /// are not touched.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN for all of its keys. A job that runs
    /// once a year is a good reason.
    ///
    /// ## References
    ///
    /// The access-key half of AWS Config managed rule `IAM_USER_UNUSED_CREDENTIALS_CHECK`; CIS AWS Foundations 3.0
    /// 1.12 and 5.0 1.11 (45 days); Security Hub IAM.8 and IAM.22 (45 days).
    AccessKeyUnused {
        id: "access-key-unused",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["IAM_USER_UNUSED_CREDENTIALS_CHECK"],
        controls: ["CIS-3.0:1.12", "CIS-5.0:1.11", "SecurityHub:IAM.8", "SecurityHub:IAM.22"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccessKeys, AccessKeyLastUse],
        plan_needs: [],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// The longest a key may lie unused.
    "maxCredentialUsageAge" => max_credential_usage_age: Threshold = 90,
    /// A key never used is let be for at least this long after its creation.
    "newKeyGracePeriod" => new_key_grace_period: Days = 7,
}

impl Params {
    fn never_used_limit(&self) -> SignedDuration {
        self.max_credential_usage_age.duration().max(self.new_key_grace_period.duration())
    }
}

impl Rule for AccessKeyUnused {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        Verdict::of_each(keys.iter().filter(|key| key.is_active()), |key| match key.last_used.known() {
            Err(unread) => Err(unread.clone()),
            Ok(Some(last_use)) => {
                Ok(context.at.duration_since(last_use.at) > params.max_credential_usage_age.duration())
            }
            Ok(None) => key.created.older_than(params.never_used_limit(), context.at).ok_or_else(|| {
                Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
            }),
        })
    }

    fn annotate(keys: &Vec<AccessKey>, params: &Params) -> String {
        let named: Vec<String> = keys
            .iter()
            .map(|key| match &key.last_used {
                Fact::Known(last_use) => {
                    format!("{} last used {}", key.label(), last_use.at.strftime("%Y-%m-%d"))
                }
                Fact::Absent | Fact::Unknown(_) => {
                    format!("{} never used since {}", key.label(), key.created.latest.strftime("%Y-%m-%d"))
                }
            })
            .collect();
        format!("unused for more than {}: {}", params.max_credential_usage_age, named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, _: &Params, _: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for key in keys {
            match &key.id {
                Fact::Known(id) => {
                    let user = user.identity.clone();
                    proposal.steps.push(Step::DeactivateAccessKey { user, key: id.clone() });
                    proposal.left.extend(key.smtp_password());
                }
                Fact::Unknown(unread) => proposal.unknown.push(unread.clone()),
                Fact::Absent => {}
            }
        }
        proposal
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, days, just_over, key, throttled};
    use crate::rules::{Days, Parameters, Threshold};

    fn judge_with(user: &User, params: &Params) -> Verdict<Vec<AccessKey>> {
        AccessKeyUnused::evaluate(user, params, &context())
    }

    fn judge(key: AccessKey) -> Verdict<Vec<AccessKey>> {
        judge_with(&alice().with_keys([key]), &Params::default())
    }

    fn is_broken(verdict: &Verdict<Vec<AccessKey>>) -> bool {
        matches!(verdict, Verdict::NonCompliant(_))
    }

    #[test]
    fn whose_key_sends_mail_by_smtp_is_told_that_a_new_key_is_not_enough() {
        let user = alice().with_keys([key('A', days(400)).used_with("ses", days(200)), key('B', days(400))]);
        let Verdict::NonCompliant(keys) = judge_with(&user, &Params::default()) else {
            panic!("nothing is found")
        };
        let proposal = AccessKeyUnused::plan(&user, &keys, &Params::default(), &context());
        assert!(proposal.steps.contains(&user.deactivate('A')), "{proposal:?}");
        let [left] = &proposal.left[..] else { panic!("{proposal:?}") };
        assert!(left.starts_with("key …AAAA was last used with Amazon SES"), "{left}");
    }

    #[test]
    fn a_key_may_lie_unused_for_ninety_days_and_not_a_second_longer() {
        assert_eq!(judge(key('A', days(400)).used(days(90))), Verdict::Compliant);
        assert!(is_broken(&judge(key('A', days(400)).used(just_over(90)))));
    }

    #[test]
    fn a_key_never_used_counts_from_its_creation() {
        assert_eq!(judge(key('A', days(90))), Verdict::Compliant);
        assert!(is_broken(&judge(key('A', just_over(90)))));
    }

    #[test]
    fn a_key_never_used_has_its_grace_period_even_under_a_shorter_limit() {
        let params = Params { max_credential_usage_age: Threshold::of(2), new_key_grace_period: Days::of(7) };
        let judge = |key| judge_with(&alice().with_keys([key]), &params);
        assert_eq!(judge(key('A', days(7))), Verdict::Compliant);
        assert!(is_broken(&judge(key('A', just_over(7)))));
        // Once used, a key has shown what it is for.
        assert_eq!(judge(key('A', days(6)).used(days(2))), Verdict::Compliant);
        assert!(is_broken(&judge(key('A', days(6)).used(just_over(2)))));
        // Without grace, the limit alone counts.
        let params =
            Params::read(&json!({ "maxCredentialUsageAge": "2", "newKeyGracePeriod": "0" })).unwrap();
        assert!(is_broken(&judge_with(&alice().with_keys([key('A', just_over(2))]), &params)));
    }

    #[test]
    fn an_inactive_key_is_not_judged_however_long_unused() {
        assert_eq!(judge(key('A', days(900)).inactive()), Verdict::Compliant);
        assert_eq!(judge(key('A', days(900)).used(days(800)).inactive()), Verdict::Compliant);
        assert_eq!(judge(key('A', days(900)).use_unknown().inactive()), Verdict::Compliant);
    }

    #[test]
    fn each_of_four_keys_is_judged_by_itself() {
        let stale = [key('B', days(400)).used(days(91)), key('D', days(91))];
        let user = alice().with_keys([
            key('A', days(400)).used(days(1)),
            stale[0].clone(),
            key('C', days(400)).inactive(),
            stale[1].clone(),
        ]);
        assert_eq!(judge_with(&user, &Params::default()), Verdict::NonCompliant(stale.to_vec()));
        let proposal = AccessKeyUnused::plan(&user, &stale.to_vec(), &Params::default(), &context());
        let expected =
            Proposal { steps: vec![user.deactivate('B'), user.deactivate('D')], ..Proposal::default() };
        assert_eq!(proposal, expected);
    }

    #[test]
    fn dates_in_the_future_are_recent() {
        assert_eq!(judge(key('A', -days(1))), Verdict::Compliant);
        assert_eq!(judge(key('A', days(400)).used(-days(1))), Verdict::Compliant);
    }

    #[test]
    fn a_last_use_that_could_not_be_read_is_unknown_not_never() {
        let unread = throttled(Read::GetAccessKeyLastUsed);
        assert_eq!(judge(key('A', days(400)).use_unknown()), Verdict::Unknown(unread));
    }

    #[test]
    fn keys_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge_with(&user, &Params::default()), Verdict::Unknown(unread));
    }

    #[test]
    fn a_stale_key_is_found_beside_one_of_unknown_use_which_is_not_touched() {
        let stale = key('A', days(400)).used(days(91));
        let user = alice().with_keys([key('B', days(400)).use_unknown(), stale.clone()]);
        assert_eq!(judge_with(&user, &Params::default()), Verdict::NonCompliant(vec![stale.clone()]));
        let proposal = AccessKeyUnused::plan(&user, &vec![stale], &Params::default(), &context());
        assert_eq!(proposal.steps, [user.deactivate('A')]);
    }

    #[test]
    fn bounds_that_leave_the_creation_open_are_unknown_for_a_key_never_used_alone() {
        let open = || key('A', days(0)).created_between(days(1000), days(10));
        assert!(matches!(judge(open()), Verdict::Unknown(_)));
        assert_eq!(judge(open().used(days(5))), Verdict::Compliant);
        assert!(is_broken(&judge(open().used(days(91)))));
    }

    #[test]
    fn a_key_without_an_id_is_not_touched() {
        let user = alice().with_keys([key('A', days(400)).nameless()]);
        let Verdict::NonCompliant(keys) = judge_with(&user, &Params::default()) else { panic!() };
        let proposal = AccessKeyUnused::plan(&user, &keys, &Params::default(), &context());
        assert_eq!(proposal.steps, []);
        assert_eq!(proposal.unknown.len(), 1);
    }

    #[test]
    fn says_which_keys_since_when_without_their_ids() {
        let keys = vec![key('A', days(400)).used(days(200)), key('B', days(100))];
        assert_eq!(
            AccessKeyUnused::annotate(&keys, &Params::default()),
            "unused for more than 90 days: key …AAAA last used 2026-05-06, key …BBBB never used since 2026-08-14"
        );
    }
}
