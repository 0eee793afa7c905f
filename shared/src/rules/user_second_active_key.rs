use jiff::Timestamp;

use super::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::identifier::AccessKeyId;
use crate::remedy::Step;

declare_rule! {
    /// A user with more than one active access key.
    ///
    /// ## What it checks
    ///
    /// Users with two or more active access keys. `rotationOverlap` (0 days by default) lets two be active for so
    /// long after the newest one's creation, as a rotation needs; three are never fine.
    ///
    /// ## Why it matters
    ///
    /// A second key is usually a rotation that was never finished: the old key still opens the door.
    ///
    /// ## What is done about it
    ///
    /// The key in use is kept; every other active key that was quiet for `quietBeforeDeactivation` (14 days by
    /// default) is deactivated, which can be undone. Where both are in use, or the last use of one cannot be read,
    /// it is left to people.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN; or one key's id, which then does not count.
    ///
    /// ## References
    ///
    /// CIS AWS Foundations 3.0 1.13 and 5.0 1.12, for which AWS has no managed rule.
    UserSecondActiveKey {
        id: "user-second-active-key",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.13", "CIS-5.0:1.12"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [AccessKeys],
        plan_needs: [AccessKeyLastUse],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// How long after the newest key's creation two may be active.
    "rotationOverlap" => rotation_overlap: Days = 0,
    /// How long a key must have been quiet before it is deactivated.
    "quietBeforeDeactivation" => quiet_before_deactivation: Threshold = 14,
}

impl Rule for UserSecondActiveKey {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let active: Vec<AccessKey> = keys.iter().filter(|key| key.is_active()).cloned().collect();
        if active.len() < 2 {
            return Verdict::Compliant;
        }
        // A rotation takes two keys; a third is never part of one.
        if active.len() > 2 || params.rotation_overlap.is_zero() {
            return Verdict::NonCompliant(active);
        }
        // The overlap is over when it is over for the newest key, that is, for all of them.
        let mut open = false;
        for key in &active {
            match key.created.older_than(params.rotation_overlap.duration(), context.at) {
                Some(true) => {}
                Some(false) => return Verdict::Compliant,
                None => open = true,
            }
        }
        if open {
            Verdict::Unknown(Unread::new(
                Read::ListAccessKeys,
                WhyUnread::NotRead,
                "the keys' creation is not known",
            ))
        } else {
            Verdict::NonCompliant(active)
        }
    }

    fn annotate(keys: &Vec<AccessKey>, _: &Params) -> String {
        let count = format!("{} active access keys", keys.len());
        if keys.iter().any(|key| key.id.is_unknown()) {
            return count;
        }
        let named: Vec<String> = keys.iter().map(AccessKey::label).collect();
        format!("{count}: {}", named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, params: &Params, context: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        let mut by_activity: Vec<(Timestamp, Timestamp, &AccessKeyId)> = Vec::new();
        for key in keys {
            match (&key.id, key.last_used.known()) {
                (Fact::Known(id), Ok(last_use)) => {
                    let created = key.created.latest;
                    by_activity.push((
                        last_use.map_or(created, |last_use| last_use.at.max(created)),
                        created,
                        id,
                    ));
                }
                (Fact::Unknown(unread), _) | (_, Err(unread)) => proposal.unknown.push(unread.clone()),
                (Fact::Absent, _) => {}
            }
        }
        if !proposal.unknown.is_empty() {
            // Which key to keep hangs on all of them.
            return proposal;
        }
        by_activity.sort_unstable();
        by_activity.pop();
        for (active_at, _, id) in by_activity {
            if context.at.duration_since(active_at) > params.quiet_before_deactivation.duration() {
                proposal
                    .steps
                    .push(Step::DeactivateAccessKey { user: user.identity.clone(), key: id.clone() });
            } else {
                proposal.left.push(format!(
                    "key {id} was in use or created at {active_at}; finish the rotation first"
                ));
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
    use crate::rules::{Parameters, Threshold};

    fn judge_with(user: &User, params: &Params) -> Verdict<Vec<AccessKey>> {
        UserSecondActiveKey::evaluate(user, params, &context())
    }

    fn judge(user: &User) -> Verdict<Vec<AccessKey>> {
        judge_with(user, &Params::default())
    }

    fn plan_with(user: &User, params: &Params) -> Proposal {
        match judge_with(user, params) {
            Verdict::NonCompliant(keys) => UserSecondActiveKey::plan(user, &keys, params, &context()),
            fine => panic!("{fine:?}"),
        }
    }

    fn plan(user: &User) -> Proposal {
        plan_with(user, &Params::default())
    }

    fn overlap(days: u16) -> Params {
        Params::read(&json!({ "rotationOverlap": days })).unwrap()
    }

    #[test]
    fn one_active_key_is_fine_however_many_inactive_ones() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        let inactive = ['B', 'C', 'D'].map(|letter| key(letter, days(400)).inactive());
        let keys = [key('A', days(10))].into_iter().chain(inactive);
        assert_eq!(judge(&alice().with_keys(keys)), Verdict::Compliant);
    }

    #[test]
    fn two_active_keys_are_one_too_many() {
        let keys = [key('A', days(10)), key('B', days(0))];
        let user = alice().with_keys([keys[0].clone(), key('C', days(400)).inactive(), keys[1].clone()]);
        assert_eq!(judge(&user), Verdict::NonCompliant(keys.to_vec()));
    }

    #[test]
    fn a_rotation_may_take_as_long_as_its_overlap_and_not_a_second_longer() {
        let user = |newest| alice().with_keys([key('A', days(400)), key('B', newest)]);
        assert_eq!(judge_with(&user(days(7)), &overlap(7)), Verdict::Compliant);
        assert!(matches!(judge_with(&user(just_over(7)), &overlap(7)), Verdict::NonCompliant(_)));
        assert_eq!(judge_with(&user(-days(1)), &overlap(7)), Verdict::Compliant);
    }

    #[test]
    fn a_third_active_key_is_no_part_of_a_rotation() {
        let user = alice().with_keys([key('A', days(400)), key('B', days(300)), key('C', days(0))]);
        let Verdict::NonCompliant(keys) = judge_with(&user, &overlap(7)) else { panic!() };
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn keys_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn bounds_that_leave_the_overlap_open_are_unknown() {
        let open = |letter| key(letter, days(0)).created_between(days(1000), days(1));
        let judge = |keys: [AccessKey; 2], params| judge_with(&alice().with_keys(keys), &params);
        assert!(matches!(judge([open('A'), open('B')], overlap(7)), Verdict::Unknown(_)));
        assert!(matches!(judge([open('A'), key('B', days(100))], overlap(7)), Verdict::Unknown(_)));
        // The newest is at least as new as the one that is known to be new.
        assert_eq!(judge([open('A'), key('B', days(7))], overlap(7)), Verdict::Compliant);
        // Without an overlap nobody asks.
        assert!(matches!(judge([open('A'), open('B')], overlap(0)), Verdict::NonCompliant(_)));
    }

    #[test]
    fn keeps_the_key_in_use_whatever_its_age() {
        let old_in_use = alice().with_keys([key('A', days(400)).used(days(1)), key('B', days(100))]);
        assert_eq!(plan(&old_in_use).steps, [old_in_use.deactivate('B')]);
        let new_in_use =
            alice().with_keys([key('A', days(400)).used(days(50)), key('B', days(100)).used(days(1))]);
        assert_eq!(plan(&new_in_use).steps, [new_in_use.deactivate('A')]);
    }

    #[test]
    fn deactivates_a_key_after_fourteen_quiet_days_and_not_a_second_sooner() {
        let user =
            |quiet| alice().with_keys([key('A', days(400)).used(quiet), key('B', days(5)).used(days(1))]);
        let proposal = plan(&user(days(14)));
        assert_eq!(proposal.steps, []);
        assert_eq!(
            proposal.left,
            ["key …AAAA was in use or created at 2026-11-08T09:00:00Z; finish the rotation first"]
        );
        assert_eq!(plan(&user(just_over(14))).steps, [user(days(0)).deactivate('A')]);
        let params = Params { quiet_before_deactivation: Threshold::of(30), ..Params::default() };
        assert_eq!(plan_with(&user(days(30)), &params).steps, []);
    }

    #[test]
    fn a_key_created_lately_counts_as_active_though_never_used() {
        let user = alice().with_keys([key('A', days(3)), key('B', days(400)).used(days(1))]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, []);
        assert_eq!(proposal.left.len(), 1);
    }

    #[test]
    fn of_two_dead_keys_the_one_in_use_last_is_kept() {
        let user =
            alice().with_keys([key('A', days(400)).used(days(100)), key('B', days(400)).used(days(200))]);
        assert_eq!(plan(&user).steps, [user.deactivate('B')]);
        let never_used = alice().with_keys([key('A', days(300)), key('B', days(400))]);
        assert_eq!(plan(&never_used).steps, [never_used.deactivate('B')]);
    }

    #[test]
    fn of_four_keys_one_is_kept_the_quiet_go_and_the_busy_are_left() {
        let user = alice().with_keys([
            key('A', days(400)).used(days(200)),
            key('B', days(400)).used(days(1)),
            key('C', days(400)).used(days(2)),
            key('D', days(400)).inactive(),
            key('E', days(400)),
        ]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, [user.deactivate('E'), user.deactivate('A')]);
        assert_eq!(proposal.left.len(), 1, "{:?}", proposal.left);
    }

    #[test]
    fn with_one_last_use_or_id_unknown_no_key_is_touched() {
        let quiet = [key('A', days(400)).used(days(300)), key('C', days(400)).used(days(200))];
        for unknown in [key('B', days(400)).use_unknown(), key('B', days(400)).used(days(1)).nameless()] {
            let proposal = plan(&alice().with_keys(quiet.iter().cloned().chain([unknown])));
            assert_eq!(proposal.steps, []);
            assert_eq!(proposal.unknown.len(), 1);
        }
    }

    #[test]
    fn a_key_that_may_be_new_is_not_quiet_whatever_its_last_use() {
        let open = key('A', days(0)).created_between(days(400), days(3)).used(days(100));
        let user = alice().with_keys([open, key('B', days(400)).used(days(1))]);
        assert_eq!(plan(&user).steps, []);
    }

    #[test]
    fn says_how_many_and_which() {
        let annotate = |keys| UserSecondActiveKey::annotate(&keys, &Params::default());
        let keys = vec![key('A', days(1)), key('B', days(1))];
        assert_eq!(annotate(keys), "2 active access keys: key …AAAA, key …BBBB");
        let bulk = vec![key('A', days(1)), key('B', days(1)).nameless()];
        assert_eq!(annotate(bulk), "2 active access keys");
    }
}
