//! Whom a person ordered to be suspended is watched, as whoever was reported.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Outcome, Stop};
use shared::remedy::Status;
use sim::Local;

use crate::fixture::*;
use crate::threats::{at_work, by_hand, call, undo_by, with_approvers};

const THREATENED: &str = "principal-threatened";

/// Somebody who is suspended by nobody takes ann's quarantine off, and CloudTrail tells of it.
fn lift(local: &Local) {
    by_hand(local, "ann", |ann| ann.attached_policies.clear());
    let lifted = json!({"userName": "ann", "policyArn": quarantine().to_string()});
    let id = local.world.now().to_string();
    local.deliver(&call(&id, "DetachUserPolicy", "svc", &lifted, &Value::Null));
}

fn is_quarantined(local: &Local) -> bool {
    local.world.account().users[0].attached_policies.contains(&quarantine())
}

fn ordered(rules: &[&str]) -> Local {
    let local = at_work(with_approvers(rules));
    let suspension = suspend(&local, "user/ann").unwrap().entry().unwrap().clone();
    assert_eq!(suspension.status, Status::Verified);
    local
}

#[test]
fn who_takes_the_quarantine_of_an_order_off_has_it_put_back() {
    let local = ordered(&[THREATENED]);
    for hours in [0, 24, 5 * 24] {
        local.world.advance(SignedDuration::from_hours(hours));
        local.world.take_pages();
        lift(&local);
        assert!(is_quarantined(&local), "after {hours} hours");
        assert!(!local.world.take_pages().is_empty(), "people are paged");
    }
    let back = written(&local).pop().unwrap();
    assert!(back.cause.to_string().contains(THREATENED), "{}", back.cause);
}

#[test]
fn one_that_an_order_found_suspended_already_is_watched_too() {
    let local = at_work(with_approvers(&[THREATENED]));
    by_hand(&local, "ann", |ann| {
        ann.attached_policies.insert(quarantine());
        ann.access_keys.clear();
        ann.tags.insert("bailiff:quarantined".to_owned(), "true".to_owned());
    });
    let outcome = suspend(&local, "user/ann").unwrap();
    assert!(matches!(outcome, Outcome::NothingToDo { .. }), "{outcome:#?}");
    lift(&local);
    assert!(is_quarantined(&local));
}

#[test]
fn what_people_undo_stays_undone_until_the_next_order() {
    let local = ordered(&[THREATENED]);
    let suspension = written(&local).pop().unwrap();
    // An order that names no threat is undone by one person: the watch is no threat either.
    assert_eq!(undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().status, Status::Verified);
    local.world.advance(SignedDuration::from_hours(1));
    sweep(&local);
    lift(&local);
    assert!(!is_quarantined(&local));
    suspend(&local, "user/ann").unwrap();
    lift(&local);
    assert!(is_quarantined(&local));
}

#[test]
fn nobody_is_watched_for_an_order_that_was_refused() {
    let local = at_work(with_approvers(&[THREATENED]));
    let now = local.world.now();
    local.world.set_stop(Some(Stop {
        since: now,
        by: "sam".to_owned(),
        reason: "to look".to_owned(),
        undo_too: false,
        tripped: None,
    }));
    let outcome = suspend(&local, "user/ann");
    assert!(outcome.is_err() || outcome.unwrap().refusal().is_some());
    local.world.set_stop(None);
    lift(&local);
    sweep(&local);
    assert!(!is_quarantined(&local));
}

#[test]
fn a_rule_that_only_reports_puts_nothing_back() {
    let local = ordered(&[]);
    lift(&local);
    assert!(!is_quarantined(&local));
    assert!(!local.world.take_pages().is_empty(), "people are paged");
}
