//! One change told by CloudTrail and by AWS Config: whichever comes first, and if both come at once, one action follows.

use serde_json::{Value, json};
use shared::engine::Finding;
use shared::remedy::{Entry, Remediator, Status, StepResult};
use sim::{Local, Work};

use crate::fixture::*;
use crate::threats::call;

/// Ways in which the two can meet.
const SEEDS: u64 = 40;

/// Mara, just given a policy of her own.
fn changed() -> Local {
    let policy = json!({"name": "debug", "document": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    let mara = json!([{"name": "mara", "created": ago(500), "inlinePolicies": [policy]}]);
    local(users(mara), enforce(&[INLINE]))
}

/// As CloudTrail tells it, within seconds.
fn told_by_the_trail() -> Value {
    let parameters = json!({
        "userName": "mara", "policyName": "debug",
        "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    });
    call("7c1e6f0a-2b3d-4e5f-8a9b-0c1d2e3f4a5b", "PutUserPolicy", "sam", &parameters, &Value::Null)
}

/// As AWS Config tells it, within minutes.
fn told_by_config(local: &Local) -> Value {
    change(&local.world, "mara", INLINE)
}

/// One entry, verified, one write and one notice.
fn check(local: &Local, case: &str) {
    let entries = local.world.entries();
    assert_eq!(entries.len(), 1, "{case}: {entries:#?}");
    assert_eq!(entries[0].status, Status::Verified, "{case}");
    assert_eq!(steps(&entries[0]), ["delete inline policy debug from user mara"], "{case}");
    assert_eq!(local.world.calls().iam_writes(), 1, "{case}");
    assert_eq!(local.world.notices().len(), 1, "{case}");
    assert!(local.world.account().users[0].inline_policies.is_empty(), "{case}");
}

/// What a path finds in it, where nobody else told of it.
fn found(event: &dyn Fn(&Local) -> Value, case: &str) -> Finding {
    let local = changed();
    let mut delivery = local.deliver(&event(&local));
    check(&local, case);
    assert_eq!(delivery.findings.len(), 1, "{case}: {delivery:#?}");
    delivery.findings.remove(0).finding
}

#[test]
fn told_one_after_the_other_in_either_order_it_is_one_action() {
    for trail_first in [true, false] {
        let local = changed();
        let (trail, config) = (told_by_the_trail(), told_by_config(&local));
        let (first, second) = if trail_first { (trail, config) } else { (config, trail) };
        for event in [&first, &second, &first] {
            let delivery = local.deliver(event);
            assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
            local.world.advance(jiff::SignedDuration::from_mins(3));
        }
        check(&local, &format!("CloudTrail first: {trail_first}"));
    }
}

/// What both paths find in it, in this order or the other.
fn found_by_both(trail_first: bool) -> [Finding; 2] {
    let by_the_trail = found(&|_| told_by_the_trail(), "CloudTrail alone");
    let by_config = found(&told_by_config, "AWS Config alone");
    // Two messages, which no queue takes for one.
    assert_ne!(by_the_trail.id, by_config.id);
    if trail_first { [by_the_trail, by_config] } else { [by_config, by_the_trail] }
}

#[test]
fn told_by_both_before_anybody_is_at_it_it_is_one_action() {
    for trail_first in [true, false] {
        let local = changed();
        let user = &local.world.account().users[0];
        let group = user.id.as_ref().unwrap();
        for finding in found_by_both(trail_first) {
            let body = serde_json::to_string(&finding).unwrap();
            local.world.put_message(Remediator::RemoveUserPolicies, group.as_str(), &body);
        }
        let (delivered, dead_letters) = local.work_off();
        assert_eq!((delivered.len(), dead_letters.len()), (2, 0), "{dead_letters:#?}");
        check(&local, &format!("CloudTrail first: {trail_first}"));
    }
}

/// No queue hands out two messages about one user at once, but one whose time is up is handed out again.
#[test]
fn even_two_workers_that_are_at_it_at_once_write_once() {
    let work = found_by_both(true).map(|finding| Work::Finding(Remediator::RemoveUserPolicies, finding));
    for seed in 0..SEEDS {
        let local = changed();
        let outcomes = local.at_once(&work, seed);
        assert!(outcomes.iter().all(Result::is_ok), "seed {seed}: {outcomes:#?}");
        assert_eq!(local.world.calls().iam_writes(), 1, "seed {seed}: {outcomes:#?}");
        let verified = |entry: &Entry| results(entry) == (Status::Verified, vec![&StepResult::Verified]);
        assert_eq!(local.world.entries().iter().filter(|entry| verified(entry)).count(), 1, "seed {seed}");
        assert!(local.world.account().users[0].inline_policies.is_empty(), "seed {seed}");
    }
}
