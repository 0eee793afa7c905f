use jiff::Timestamp;

use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::identifier::AccessKeyId;
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Threshold, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user with more than one active access key.
    ///
    /// ## What it checks
    ///
    /// Users with two or more active access keys. CIS allows one, so two are reported at once.
    /// `rotationOverlap` (0 days by default) lets two pass for so long after the newest one's creation, for those
    /// who do not want to hear of each rotation; three are never fine.
    ///
    /// ## Why it matters
    ///
    /// A second key is usually a rotation that was never finished: the old key still opens the door.
    ///
    /// ## What is done about it
    ///
    /// Of the active keys the one used last is kept. Another is deactivated, which can be undone, once it has been
    /// quiet for `quietBeforeDeactivation` (45 days by default): the time after which CIS takes a credential for
    /// unused, and more than a monthly job needs to show which key it uses.
    ///
    /// Being created is not being used, so a new key never takes the place of one that was ever used:
    ///
    /// - a key never used counts as quiet from its creation, and goes where the other is in use;
    /// - a key that was used stays until the key kept in its place is as old as that too. Whoever makes a second
    ///   key to rotate the first has that long until anything is done.
    ///
    /// Until then the violation is reported and left to people; so it is where both keys are in use, where one was
    /// never and the other long not used, or where the last use of one cannot be read.
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
    /// How long a key must have been quiet, and the one that replaces it have existed, before it is deactivated.
    "quietBeforeDeactivation" => quiet_before_deactivation: Threshold = 45,
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
        let mut candidates = Vec::new();
        for key in keys {
            match (&key.id, key.last_used.known()) {
                (Fact::Known(id), Ok(last_use)) => candidates.push(Candidate {
                    used: last_use.map(|last_use| last_use.at),
                    created: key.created.latest,
                    id,
                }),
                (Fact::Unknown(unread), _) | (_, Err(unread)) => proposal.unknown.push(unread.clone()),
                (Fact::Absent, _) => {}
            }
        }
        if !proposal.unknown.is_empty() {
            // Which key to keep hangs on all of them.
            return proposal;
        }
        candidates.sort_unstable();
        let Some(kept) = candidates.pop() else { return proposal };
        for key in candidates {
            match key.stays(&kept, params.quiet_before_deactivation, context.at) {
                None => {
                    let user = user.identity.clone();
                    proposal.steps.push(Step::DeactivateAccessKey { user, key: key.id.clone() });
                    let same = keys.iter().find(|one| one.id.known().ok().flatten() == Some(key.id));
                    proposal.left.extend(same.and_then(AccessKey::smtp_password));
                }
                Some(why) => proposal.left.push(why),
            }
        }
        proposal
    }
}

/// An active key of which all that its fate hangs on is known. In order of their last use; a key never used
/// comes before any that was, however new it is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate<'a> {
    used: Option<Timestamp>,
    created: Timestamp,
    id: &'a AccessKeyId,
}

impl Candidate<'_> {
    /// Why the key is not deactivated yet in favour of the one kept; `None` where it is.
    fn stays(&self, kept: &Candidate<'_>, quiet: Threshold, at: Timestamp) -> Option<String> {
        let is_past = |moment: Timestamp| at.duration_since(moment) > quiet.duration();
        let id = self.id;
        match (self.used, kept.used) {
            (None, _) if !is_past(self.created) => Some(format!(
                "key {id} was never used since it was created at {}; take it into use and deactivate the other, \
                 or deactivate it",
                self.created
            )),
            (None, Some(used)) if is_past(used) => Some(format!(
                "key {id} was never used, and key {} not since {used}; only their owner knows which one a rare \
                 job needs",
                kept.id
            )),
            (None, Some(_)) => None,
            (Some(used), _) if !is_past(used.max(self.created)) => {
                Some(format!("key {id} was in use at {used}; finish the rotation first"))
            }
            _ if is_past(kept.created) => None,
            _ => Some(format!(
                "key {id} is not touched while key {}, created at {}, may still be on its way into use; finish \
                 the rotation first",
                kept.id, kept.created
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, days, just_over, key, throttled};
    use crate::rules::Parameters;

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
    fn whose_key_sends_mail_by_smtp_is_told_that_a_new_key_is_not_enough() {
        let user = alice()
            .with_keys([key('A', days(400)).used_with("ses", days(200)), key('B', days(400)).used(days(1))]);
        let proposal = plan(&user);
        assert!(proposal.steps.contains(&user.deactivate('A')), "{proposal:?}");
        let [left] = &proposal.left[..] else { panic!("{proposal:?}") };
        assert!(left.starts_with("key …AAAA was last used with Amazon SES"), "{left}");
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
    fn deactivates_a_key_after_forty_five_quiet_days_and_not_a_second_sooner() {
        let user =
            |quiet| alice().with_keys([key('A', days(400)).used(quiet), key('B', days(100)).used(days(1))]);
        let proposal = plan(&user(days(45)));
        assert_eq!(proposal.steps, []);
        assert_eq!(
            proposal.left,
            ["key …AAAA was in use at 2026-10-08T09:00:00Z; finish the rotation first"]
        );
        assert_eq!(plan(&user(just_over(45))).steps, [user(days(0)).deactivate('A')]);
        let params = Params { quiet_before_deactivation: Threshold::of(60), ..Params::default() };
        assert_eq!(plan_with(&user(days(60)), &params).steps, []);
    }

    #[test]
    fn making_a_second_key_never_costs_the_first() {
        // The first step of a rotation, of a job that runs now and then.
        for quiet in [1, 15, 90, 399] {
            for age in [SignedDuration::from_hours(1), days(14), days(45)] {
                let user = alice().with_keys([key('A', days(400)).used(days(quiet)), key('B', age)]);
                let proposal = plan(&user);
                assert_eq!(proposal.steps, [], "{quiet} {age}");
                assert_eq!(proposal.left.len(), 1, "{quiet} {age}");
            }
        }
        let user =
            alice().with_keys([key('A', days(400)).used(days(15)), key('B', SignedDuration::from_hours(1))]);
        assert_eq!(
            plan(&user).left,
            ["key …BBBB was never used since it was created at 2026-11-22T08:00:00Z; take it into use and \
              deactivate the other, or deactivate it"]
        );
    }

    #[test]
    fn a_key_never_used_goes_once_it_is_old_enough_and_the_one_in_use_is_kept() {
        for quiet in [1, 44, 45] {
            let user = |age| alice().with_keys([key('A', days(400)).used(days(quiet)), key('B', age)]);
            assert_eq!(plan(&user(days(45))).steps, []);
            assert_eq!(plan(&user(just_over(45))).steps, [user(days(0)).deactivate('B')], "{quiet}");
            // Whichever of the two was made first.
            let user = |used| alice().with_keys([key('A', days(400)), key('B', used).used(days(1))]);
            assert_eq!(plan(&user(days(2))).steps, [user(days(2)).deactivate('A')]);
        }
    }

    #[test]
    fn between_a_key_never_used_and_one_long_not_used_their_owner_decides() {
        let user = alice().with_keys([key('A', days(400)).used(just_over(45)), key('B', days(80))]);
        let proposal = plan(&user);
        assert_eq!(proposal.steps, []);
        assert_eq!(
            proposal.left,
            [
                "key …BBBB was never used, and key …AAAA not since 2026-10-08T08:59:59Z; only their owner knows \
              which one a rare job needs"
            ]
        );
    }

    #[test]
    fn a_new_key_tried_once_does_not_replace_the_old_one_yet() {
        let user = |age| alice().with_keys([key('A', days(400)).used(days(60)), key('B', age).used(days(0))]);
        let proposal = plan(&user(days(45)));
        assert_eq!(proposal.steps, []);
        assert_eq!(
            proposal.left,
            [
                "key …AAAA is not touched while key …BBBB, created at 2026-10-08T09:00:00Z, may still be on its \
              way into use; finish the rotation first"
            ]
        );
        assert_eq!(plan(&user(just_over(45))).steps, [user(days(0)).deactivate('A')]);
    }

    #[test]
    fn of_two_dead_keys_the_one_in_use_last_is_kept() {
        let user =
            alice().with_keys([key('A', days(400)).used(days(100)), key('B', days(400)).used(days(200))]);
        assert_eq!(plan(&user).steps, [user.deactivate('B')]);
    }

    #[test]
    fn of_two_keys_never_used_the_newer_is_kept_once_it_is_old_enough() {
        let user = |newer| alice().with_keys([key('A', newer), key('B', days(400))]);
        assert_eq!(plan(&user(just_over(45))).steps, [user(days(0)).deactivate('B')]);
        let proposal = plan(&user(days(45)));
        assert_eq!(proposal.steps, []);
        assert_eq!(proposal.left.len(), 1);
    }

    #[test]
    fn of_five_keys_one_is_kept_the_quiet_go_and_the_busy_are_left() {
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
