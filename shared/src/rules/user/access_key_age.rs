use jiff::Timestamp;

use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An active access key older than the limit.
    ///
    /// ## What it checks
    ///
    /// Every active access key of a user, one by one, against `maxAccessKeyAge` (90 days by default), counted from
    /// the key's creation. The credential report's `last_rotated` column is not taken for the age: switching a key
    /// off and on again resets it.
    ///
    /// ## Why it matters
    ///
    /// A key lives until somebody ends it. The older it is, the more laptops, images and logs it has passed through.
    ///
    /// ## What is done about it
    ///
    /// The key is deactivated, which can be undone; it is never deleted. A key used within `spareUsedWithin` (1 day
    /// by default) is left to people, because something that runs right now would break; so is one whose last use
    /// cannot be read. The user's other keys are not touched.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN for all of its keys.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `ACCESS_KEYS_ROTATED`; CIS AWS Foundations 3.0 1.14 and 5.0 1.13; Security Hub IAM.3.
    AccessKeyAge {
        id: "access-key-age",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["ACCESS_KEYS_ROTATED"],
        controls: ["CIS-3.0:1.14", "CIS-5.0:1.13", "SecurityHub:IAM.3"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [AccessKeys],
        plan_needs: [AccessKeyLastUse],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// The oldest a key may be.
    "maxAccessKeyAge" => max_access_key_age: Threshold = 90,
    /// A key used within this is left to people; 0 spares none.
    "spareUsedWithin" => spare_used_within: Days = 1,
}

impl Params {
    fn spares(&self, used: Timestamp, at: Timestamp) -> bool {
        !self.spare_used_within.is_zero() && at.duration_since(used) <= self.spare_used_within.duration()
    }
}

impl Rule for AccessKeyAge {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        Verdict::of_each(keys.iter().filter(|key| key.is_active()), |key| {
            key.created.older_than(params.max_access_key_age.duration(), context.at).ok_or_else(|| {
                Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
            })
        })
    }

    fn annotate(keys: &Vec<AccessKey>, params: &Params) -> String {
        let named: Vec<String> = keys
            .iter()
            .map(|key| format!("{} created by {}", key.label(), key.created.latest.strftime("%Y-%m-%d")))
            .collect();
        format!("active longer than {}: {}", params.max_access_key_age, named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, params: &Params, context: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for key in keys {
            let id = match &key.id {
                Fact::Known(id) => id,
                Fact::Absent => continue,
                Fact::Unknown(unread) => {
                    proposal.unknown.push(unread.clone());
                    continue;
                }
            };
            match key.last_used.known() {
                Err(unread) => proposal.unknown.push(unread.clone()),
                Ok(Some(last_use)) if params.spares(last_use.at, context.at) => {
                    proposal.left.push(format!(
                        "key {id} was used at {} ({}); rotate it first, then it can be deactivated",
                        last_use.at, last_use.service
                    ));
                }
                Ok(_) => {
                    let user = user.identity.clone();
                    proposal.steps.push(Step::DeactivateAccessKey { user, key: id.clone() });
                    proposal.left.extend(key.smtp_password());
                }
            }
        }
        proposal
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{alice, context, days, just_over, key, throttled};
    use crate::rules::{Days, Parameters, Threshold};

    fn judge(user: &User) -> Verdict<Vec<AccessKey>> {
        AccessKeyAge::evaluate(user, &Params::default(), &context())
    }

    fn plan_with(user: &User, params: &Params) -> Proposal {
        match AccessKeyAge::evaluate(user, params, &context()) {
            Verdict::NonCompliant(keys) => AccessKeyAge::plan(user, &keys, params, &context()),
            fine => panic!("{fine:?}"),
        }
    }

    fn plan(user: &User) -> Proposal {
        plan_with(user, &Params::default())
    }

    #[test]
    fn a_key_is_fine_up_to_its_ninetieth_day_and_not_a_second_longer() {
        assert_eq!(judge(&alice().with_keys([key('A', days(90))])), Verdict::Compliant);
        let old = key('A', just_over(90));
        assert_eq!(judge(&alice().with_keys([old.clone()])), Verdict::NonCompliant(vec![old]));
    }

    #[test]
    fn the_limit_is_a_parameter() {
        let user = alice().with_keys([key('A', just_over(30))]);
        let params = Params { max_access_key_age: Threshold::of(30), ..Params::default() };
        assert!(matches!(AccessKeyAge::evaluate(&user, &params, &context()), Verdict::NonCompliant(_)));
        let params = Params::read(&serde_json::json!({ "maxAccessKeyAge": "31" })).unwrap();
        assert_eq!(AccessKeyAge::evaluate(&user, &params, &context()), Verdict::Compliant);
    }

    #[test]
    fn an_inactive_key_is_not_judged_however_old() {
        assert_eq!(judge(&alice().with_keys([key('A', days(900)).inactive()])), Verdict::Compliant);
        assert_eq!(judge(&alice()), Verdict::Compliant);
    }

    #[test]
    fn a_key_in_use_is_old_all_the_same() {
        let user = alice().with_keys([key('A', days(100)).used(SignedDuration::ZERO)]);
        assert!(matches!(judge(&user), Verdict::NonCompliant(_)));
    }

    #[test]
    fn each_of_five_keys_is_judged_by_itself() {
        let stale = [key('A', days(91)), key('D', days(400))];
        let user = alice().with_keys([
            stale[0].clone(),
            key('B', days(10)),
            key('C', days(400)).inactive(),
            stale[1].clone(),
            key('E', days(90)),
        ]);
        assert_eq!(judge(&user), Verdict::NonCompliant(stale.to_vec()));
        assert_eq!(plan(&user).steps, [user.deactivate('A'), user.deactivate('D')]);
    }

    #[test]
    fn whose_key_sends_mail_by_smtp_is_told_that_a_new_key_is_not_enough() {
        let user = alice().with_keys([key('A', days(400)).used_with("ses", days(200)), key('B', days(400))]);
        let proposal = plan(&user);
        assert!(proposal.steps.contains(&user.deactivate('A')), "{proposal:?}");
        let [left] = &proposal.left[..] else { panic!("{proposal:?}") };
        assert!(left.starts_with("key …AAAA was last used with Amazon SES"), "{left}");
    }

    #[test]
    fn a_key_from_the_future_is_young() {
        assert_eq!(judge(&alice().with_keys([key('A', -days(2))])), Verdict::Compliant);
    }

    #[test]
    fn keys_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn bounds_that_leave_the_age_open_are_unknown_and_others_are_not() {
        let between = |a, b| judge(&alice().with_keys([key('A', days(0)).created_between(days(a), days(b))]));
        assert!(matches!(between(1000, 90), Verdict::Unknown(_)));
        assert!(matches!(between(1000, 91), Verdict::NonCompliant(_)));
        assert_eq!(between(90, 10), Verdict::Compliant);
    }

    #[test]
    fn an_old_key_is_found_beside_one_of_unknown_age() {
        let old = key('A', days(91));
        let user = alice().with_keys([old.clone(), key('B', days(0)).created_between(days(1000), days(1))]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![old]));
        assert_eq!(plan(&user).steps, [user.deactivate('A')]);
    }

    #[test]
    fn deactivates_only_the_stale_key() {
        let user = alice().with_keys([key('A', days(200)), key('B', days(10))]);
        let expected = Proposal { steps: vec![user.deactivate('A')], ..Proposal::default() };
        assert_eq!(plan(&user), expected);
    }

    #[test]
    fn a_key_used_within_the_last_day_is_left_to_people() {
        let user =
            alice().with_keys([key('A', days(200)).used(days(1)), key('B', days(200)).used(just_over(1))]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, [user.deactivate('B')]);
        assert_eq!(
            proposal.left,
            ["key …AAAA was used at 2026-11-21T09:00:00Z (s3); rotate it first, then it can be deactivated"]
        );
    }

    #[test]
    fn a_last_use_in_the_future_spares_a_key() {
        let user = alice().with_keys([key('A', days(200)).used(-days(1))]);
        assert_eq!(plan(&user).steps, []);
    }

    #[test]
    fn sparing_can_be_turned_off() {
        let params = Params { spare_used_within: Days::of(0), ..Params::default() };
        for used in [SignedDuration::ZERO, -SignedDuration::from_secs(30), days(1)] {
            let user = alice().with_keys([key('A', days(200)).used(used)]);
            assert_eq!(plan_with(&user, &params).steps, [user.deactivate('A')], "{used}");
        }
    }

    #[test]
    fn a_key_whose_last_use_or_id_is_unknown_is_not_touched() {
        let user = alice().with_keys([
            key('A', days(200)).use_unknown(),
            key('B', days(200)),
            key('C', days(200)).nameless(),
        ]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, [user.deactivate('B')]);
        let reads: Vec<Read> = proposal.unknown.iter().map(|unread| unread.read).collect();
        assert_eq!(reads, [Read::GetAccessKeyLastUsed, Read::ListAccessKeys]);
    }

    #[test]
    fn says_which_keys_since_when_without_their_ids() {
        let keys = vec![key('A', days(200)), key('B', days(100)).nameless()];
        assert_eq!(
            AccessKeyAge::annotate(&keys, &Params::default()),
            "active longer than 90 days: key …AAAA created by 2026-05-06, a key created by 2026-08-14"
        );
    }
}
