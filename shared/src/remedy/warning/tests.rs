use super::*;
use crate::facts::fixture::{alice, key_id, now};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const SCHEDULE: WarningSchedule = WarningSchedule {
    final_after: SignedDuration::from_hours(7 * 24),
    act_after: SignedDuration::from_hours(3 * 24),
};

fn days(count: i32) -> SignedDuration {
    DAY * count
}

fn due(warnings: &Warnings, at: Timestamp) -> Due {
    warnings.due("it", &SCHEDULE, at)
}

fn warned(warning: Warning, at: Timestamp, delivered: Option<Timestamp>) -> Warnings {
    let it = ["it".to_owned()];
    Warnings::default().after_warning(warning, &it, (at, at), delivered, &it)
}

/// Warned of for the last time, and delivered now.
fn finally(targets: &[String]) -> Warnings {
    Warnings::default().after_warning(Warning::Final, targets, (now(), now()), Some(now()), targets)
}

fn key(letter: char) -> Step {
    Step::DeactivateAccessKey { user: alice().identity, key: key_id(letter) }
}

#[test]
fn people_are_warned_twice_before_the_act_and_times_count_from_delivery() {
    let handed_on = now();
    let delivered = now() + SignedDuration::from_hours(5);
    assert_eq!(due(&Warnings::default(), now()), Due::Warn(Warning::First));
    let first = warned(Warning::First, handed_on, Some(delivered));
    assert_eq!(due(&first, handed_on + days(7)), Due::Wait(delivered + days(7)));
    assert_eq!(due(&first, delivered + days(7)), Due::Warn(Warning::Final));
    let last = warned(Warning::Final, handed_on, Some(delivered));
    assert_eq!(
        due(&last, delivered + days(3) - SignedDuration::from_secs(1)),
        Due::Wait(delivered + days(3))
    );
    assert_eq!(due(&last, delivered + days(3)), Due::Act);
    assert_eq!(due(&last, delivered + days(5)), Due::Act, "a threshold, not an equality");
}

#[test]
fn a_warning_names_the_day_of_the_act_if_it_is_delivered_now() {
    assert_eq!(SCHEDULE.acts_from(Warning::First, now()), now() + days(7 + 3));
    assert_eq!(SCHEDULE.acts_from(Warning::Final, now()), now() + days(3));
    // What is said then comes true.
    let first = warned(Warning::First, now(), Some(now()));
    let last = now() + days(7);
    assert_eq!(due(&first, last), Due::Warn(Warning::Final));
    let last = warned(Warning::Final, last, Some(last));
    assert_eq!(due(&last, SCHEDULE.acts_from(Warning::First, now())), Due::Act);
}

#[test]
fn a_plan_waits_for_the_first_of_its_steps_that_is_due() {
    let (a, b) = ([key('A').target()], [key('B').target()]);
    let both = [a.clone(), b.clone()].concat();
    let later = now() + days(1);
    let warnings = Warnings::default()
        .after_warning(Warning::First, &a, (now(), now()), Some(now()), &both)
        .after_warning(Warning::First, &b, (later, later), Some(later), &both);
    for steps in [[key('A'), key('B')], [key('B'), key('A')]] {
        assert_eq!(ripe(&warnings, &SCHEDULE, &steps, now() + days(2)), Ripe::Wait(now() + days(7)));
    }
}

#[test]
fn what_was_never_delivered_is_given_again_and_never_acted_on() {
    for warning in [Warning::First, Warning::Final] {
        let lost = warned(warning, now(), None);
        assert_eq!(due(&lost, now() + SignedDuration::from_hours(1)), Due::Wait(now() + DAY));
        assert_eq!(due(&lost, now() + days(400)), Due::Warn(warning));
    }
}

#[test]
fn after_missed_runs_a_warning_comes_first() {
    let long_ago = |warning| warned(warning, now(), Some(now()));
    let second = SignedDuration::from_secs(1);
    assert_eq!(due(&long_ago(Warning::Final), now() + days(3 + 7) - second), Due::Act);
    assert_eq!(due(&long_ago(Warning::Final), now() + days(3 + 7)), Due::Warn(Warning::Final));
    assert_eq!(due(&long_ago(Warning::First), now() + days(7 + 29)), Due::Warn(Warning::Final));
    assert_eq!(due(&long_ago(Warning::First), now() + days(7 + 30)), Due::Warn(Warning::First));
}

#[test]
fn what_is_seen_to_be_held_back_stands_for_a_month_and_is_written_down_once_a_day() {
    let it = ["it".to_owned()];
    let ripe = now() + days(3);
    let mut warnings = warned(Warning::Final, now(), Some(now()));
    assert_eq!(warnings.clone().after_look(&it, &SCHEDULE, ripe + DAY), None, "a look on the first day");
    let mut written = 0;
    for hours in (0..30 * 24).step_by(6) {
        let at = ripe + SignedDuration::from_hours(hours);
        assert_eq!(due(&warnings, at), Due::Act, "after {hours} hours");
        if let Some(after) = warnings.clone().after_look(&it, &SCHEDULE, at) {
            warnings = after;
            written += 1;
        }
    }
    assert!((20..30).contains(&written), "{written}");
    assert_eq!(due(&warnings, ripe + days(30)), Due::Warn(Warning::Final));
    // What is not ripe is nobody's to hold back, and a look by a clock that was ahead is none.
    assert_eq!(warned(Warning::Final, now(), Some(now())).after_look(&it, &SCHEDULE, now() + DAY), None);
    let mut ahead = warned(Warning::Final, now(), Some(now()));
    ahead.given.get_mut("it").unwrap().seen = Some(ripe + days(3_650));
    assert_eq!(due(&ahead, ripe + days(7)), Due::Warn(Warning::Final));
}

#[test]
fn what_an_earlier_version_wrote_is_read() {
    let text = r#"{"version":3,"given":{"it":{"warning":"final","at":"2026-11-01T09:00:00Z"}}}"#;
    let read: Warnings = serde_json::from_str(text).unwrap();
    assert_eq!((read.version, read.given["it"].seen), (3, None));
}

#[test]
fn a_delivery_that_is_yet_to_come_counts_for_nothing() {
    let later = now() + days(3650);
    for warned in [warned(Warning::Final, later, Some(later)), warned(Warning::Final, now(), Some(later))] {
        assert_eq!(due(&warned, now()), Due::Warn(Warning::First));
    }
}

#[test]
fn a_delivery_is_of_what_was_handed_on_then_and_counts_once() {
    let warnings = warned(Warning::First, now(), None);
    let delivered = warnings.clone().after_delivery(now(), now() + days(1)).unwrap();
    assert_eq!(delivered.given["it"].delivered, Some(now() + days(1)));
    assert_eq!(delivered.version, 2);
    assert_eq!(delivered.after_delivery(now(), now() + days(2)), None);
    assert_eq!(warnings.after_delivery(now() + days(1), now() + days(1)), None);
}

#[test]
fn what_has_been_acted_on_is_warned_of_anew() {
    let warnings = warned(Warning::Final, now(), Some(now())).after_act(&["it".to_owned()]);
    assert_eq!(due(&warnings, now() + days(3)), Due::Warn(Warning::First));
}

#[test]
fn what_is_ripe_is_not_put_off_by_what_is_new() {
    let warnings = finally(&[key('A').target()]);
    let sorted = |at| ripe(&warnings, &SCHEDULE, &[key('A'), key('B')], at);
    assert_eq!(sorted(now() + days(3)), Ripe::Act(vec![key('A')]));
    assert_eq!(sorted(now() + days(1)), Ripe::Warn(Warning::First, vec![key('B')]));
}

#[test]
fn no_credential_is_ripe_before_the_deny_that_goes_first() {
    let deny = Step::AttachUserPolicy {
        user: alice().identity,
        policy: crate::facts::fixture::arn("arn:aws:iam::111122223333:policy/bailiff-quarantine"),
    };
    let warnings = finally(&[key('A').target()]);
    let steps = [deny.clone(), key('A')];
    let sorted = ripe(&warnings, &SCHEDULE, &steps, now() + days(3));
    assert_eq!(sorted, Ripe::Warn(Warning::First, vec![deny.clone()]));
    let both: Vec<String> = steps.iter().map(Step::target).collect();
    let warnings = finally(&both);
    assert_eq!(ripe(&warnings, &SCHEDULE, &steps, now() + days(3)), Ripe::Act(steps.to_vec()));
}

#[test]
fn another_text_is_another_thing_and_however_all_is_denied_it_is_one() {
    use crate::identifier::PolicyName;
    use crate::policy::PolicyDocument;
    let policy = || PolicyName::parse("own").unwrap();
    let delete = |text| Step::DeleteUserPolicy {
        user: alice().identity,
        policy: policy(),
        document: PolicyDocument::new(text),
    };
    let put = |text| Step::PutUserPolicy {
        user: alice().identity,
        policy: policy(),
        document: PolicyDocument::new(text),
    };
    assert_eq!(delete("{}").target(), delete("{}").target());
    assert_ne!(delete("{}").target(), delete("{ }").target());
    assert_eq!(put("{}").target(), "deny");
    assert_ne!(key('A').target(), key('B').target());
}

#[test]
fn a_rule_never_acts_before_the_day_that_people_were_told() {
    let it = ["it".to_owned()];
    let told = now() + days(60);
    let warnings = Warnings::default().after_warning(Warning::Final, &it, (now(), told), Some(now()), &it);
    // The schedule says three days by now.
    assert_eq!(due(&warnings, now() + days(10)), Due::Wait(told));
    assert_eq!(due(&warnings, told), Due::Act);
}

#[test]
fn what_is_mended_is_forgotten_with_the_next_warning() {
    let (a, b) = ([key('A').target()], [key('B').target()]);
    let warnings = finally(&a).after_warning(Warning::First, &b, (now(), now()), Some(now()), &b);
    assert_eq!(warnings.due(&a[0], &SCHEDULE, now() + days(3)), Due::Warn(Warning::First));
}

#[test]
fn a_warning_is_known_of_that_was_handed_on_then_or_since() {
    let warnings = warned(Warning::First, now(), None);
    assert!(warnings.knows_of(now()) && warnings.knows_of(now() - days(1)));
    assert!(!warnings.knows_of(now() + days(1)));
    assert!(!Warnings::default().knows_of(now()));
}
