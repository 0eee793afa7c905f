//! Between finding and remediation: order, duplicates, redelivery, dead letters.

use jiff::SignedDuration;
use serde_json::json;
use shared::facts::Read;
use shared::remedy::{Remediator, Status};
use sim::{Fault, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

#[test]
fn a_message_that_is_no_finding_is_a_dead_letter_with_its_reason() {
    let local = local(something_of_everything(), all_rules("enforce", ""));
    for body in ["", "{}", "null", r#"{"schema":2}"#, "not json"] {
        local.world.put_message(Remediator::RemoveUserPolicies, "g", body);
        let (delivered, dead) = local.work_off();
        assert!(delivered.is_empty());
        assert_eq!((dead.len(), dead[0].body.as_str(), dead[0].tries), (1, body, 1));
        assert!(dead[0].why.starts_with("the message is not a finding: "), "{}", dead[0].why);
    }
    assert_eq!(local.world.calls().total(), 0);
}

#[test]
fn a_finding_of_a_newer_version_is_a_dead_letter_and_not_guessed_at() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    local.deliver(&change(&local.world, "inline", INLINE));
    let newer =
        serde_json::to_string(&local.world.announced()[0]).unwrap().replace(r#""schema":1"#, r#""schema":2"#);
    local.world.put_message(Remediator::RemoveUserPolicies, "g", &newer);
    let (_, dead) = local.work_off();
    assert!(dead[0].why.contains("its schema is 2, this version reads 1"), "{}", dead[0].why);
}

#[test]
fn a_throttled_read_is_tried_again_after_the_visibility_timeout() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    local.world.fail(Operation::Read(Read::ListUserPolicies), Fault::Throttled, Times::Next(2));
    let started = local.world.now();
    let delivery = local.deliver(&change(&local.world, "inline", INLINE));
    assert_eq!(delivery.findings[0].tries, 3);
    assert!(delivery.dead_letters.is_empty());
    assert!(local.world.now().duration_since(started) >= SignedDuration::from_mins(24));
    assert_eq!(written(&local).len(), 1);
}

#[test]
fn one_principals_trouble_does_not_hold_up_the_others() {
    let local = local(something_of_everything(), enforce(&[INLINE, ATTACHED]));
    local.world.fail_later(
        Operation::Read(Read::GetUser),
        Some("inline"),
        0,
        Fault::Throttled,
        Times::Always,
    );
    let delivery = sweep(&local);
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!(delivery.dead_letters[0].tries, 5);
    let wrote = written(&local);
    assert_eq!(wrote.len(), 1);
    assert_eq!((wrote[0].plan.resource.name(), wrote[0].status), ("attached", Status::Verified));
    assert!(wrote[0].opened.duration_since(NOW.parse().unwrap()) < SignedDuration::from_mins(1));
}

#[test]
fn findings_of_one_principal_are_worked_off_in_their_order() {
    let account =
        users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}], "attachedPolicies": arns(1)}]));
    let local = local(account, enforce(&[INLINE, ATTACHED]));
    local.world.fail(Operation::Read(Read::ListUserPolicies), Fault::Throttled, Times::Next(1));
    let delivery = sweep(&local);
    let order: Vec<&str> = delivery.findings.iter().map(|found| found.finding.rule.as_str()).collect();
    assert_eq!(order, [INLINE, ATTACHED]);
}

#[test]
fn a_finding_survives_its_way_over_the_queue() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    let delivery = sweep(&local);
    assert_eq!(delivery.findings[0].finding, local.world.announced()[0]);
}

#[test]
fn another_functions_open_entry_is_waited_for_and_given_up_on_after_three_minutes() {
    let account = users(
        json!([{"name": "ada", "created": ago(500), "inlinePolicies": [{"name": "p"}], "loginProfile": {}}]),
    );
    let local = local(account, enforce(&[INLINE]));
    // An ordered suspension dies between its steps, and nobody gives the order again.
    local.world.die_after(14);
    assert!(suspend(&local, "user/ada").is_err());
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    assert_eq!(delivery.findings[0].tries, 2);
    assert!(local.world.account().users[0].inline_policies.is_empty());
    let entries = local.world.entries();
    assert_eq!((entries[0].status, entries[1].status), (Status::Unknown, Status::Verified));
}

#[test]
fn evaluators_that_die_are_started_again() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    local.world.die_after(1);
    assert!(local.deliver(&change(&local.world, "inline", INLINE)).evaluated.is_ok());
    assert_eq!(written(&local).len(), 1);
}

#[test]
fn what_waits_costs_nothing() {
    let local = local(users(json!([])), enforce(&[INLINE]));
    for number in 0..20_000 {
        local.world.put_message(Remediator::RemoveUserPolicies, &format!("group {number}"), "nothing");
    }
    let begun = std::time::Instant::now();
    assert_eq!(local.work_off().1.len(), 20_000);
    // Well under a second; with a look at all that waits for each message it took minutes.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}
