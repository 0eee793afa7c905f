//! What a detector's word comes to that leads to nothing, or of whom something cannot be read: what the log says, and when
//! people are told.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::Decision;
use shared::facts::Read;
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::threats::{at_work, by_hand, call, fail, guard_duty, id_of, make_admin, suspended};

const THREATENED: &str = "principal-threatened";

/// What the log says was ignored, and why.
fn ignored(decisions: &[Decision]) -> Vec<String> {
    let why = |decision: &Decision| match decision {
        Decision::Ignored { why, .. } => Some(why.clone()),
        _ => None,
    };
    decisions.iter().filter_map(why).collect()
}

/// A call with a key that AWS refused.
fn tried(local: &Local, id: &str, key: &str) -> sim::Delivery {
    let mut event = call(id, "ListBuckets", "ann", &Value::Null, &Value::Null);
    event["detail"]["errorCode"] = json!("InvalidClientTokenId");
    event["detail"]["userIdentity"]["accessKeyId"] = json!(key_id(key));
    event["detail"]["eventTime"] = json!(local.world.now().to_string());
    local.deliver(&event)
}

#[test]
fn of_a_key_that_was_tried_the_log_says_why_it_led_to_nothing_and_only_then() {
    let local = at_work(enforce(&[THREATENED]));
    let said = ignored(&tried(&local, "a1", "ANN1").decisions);
    assert!(said.len() == 1 && said[0].contains("is active"), "{said:?}");
    by_hand(&local, "ann", |user| user.access_keys[0].status = shared::facts::KeyStatus::Inactive);
    assert_eq!(ignored(&tried(&local, "a2", "ANN1").decisions), [""; 0]);
    assert_eq!(local.world.take_pages().len(), 1);
}

#[test]
fn whether_a_tried_key_is_off_is_looked_at_again_where_aws_throttles_and_taken_as_told_where_it_refuses() {
    // The key is on, and cannot be listed at the first look nor at the one for it.
    for (fault, times, pages) in [(Fault::Throttled, Times::Next(2), 0), (Fault::Denied, Times::Always, 1)] {
        let local = at_work(enforce(&[THREATENED]));
        fail(&local, Read::ListAccessKeys, fault, times);
        let delivery = tried(&local, "a1", "ANN1");
        assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
        assert_eq!(local.world.take_pages().len(), pages, "{fault:?}");
    }
}

#[test]
fn of_a_mark_that_was_touched_the_log_says_why_it_led_to_nothing_and_only_then() {
    let (local, _) = suspended(enforce(&[THREATENED]));
    local.world.take_pages();
    let untag = |id: &str, whose: &str| {
        let tags = json!({"userName": whose, "tagKeys": ["bailiff:quarantined"]});
        let delivery = local.deliver(&call(id, "UntagUser", "ann", &tags, &Value::Null));
        (ignored(&delivery.decisions), local.world.take_pages().len())
    };
    let (said, pages) = untag("u1", "svc");
    assert!(pages == 0 && said.len() == 1 && said[0].contains("is in no quarantine"), "{said:?}");
    assert_eq!(untag("u2", "mallory"), (Vec::new(), 1));
}

#[test]
fn a_boundary_that_cannot_be_looked_at_is_looked_at_again_or_else_taken_for_a_quarantine() {
    for (fault, times, pages) in [(Fault::Throttled, Times::Next(1), 0), (Fault::Denied, Times::Always, 1)] {
        let local = at_work(enforce(&[THREATENED]));
        fail(&local, Read::ListAttachedUserPolicies, fault, times);
        let gone = json!({"userName": "svc"});
        let delivery =
            local.deliver(&call("b1", "DeleteUserPermissionsBoundary", "ann", &gone, &Value::Null));
        assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
        let lifted = |page: &sim::Paged| {
            page.subject.contains("took a quarantine off") && page.text.contains("Boundary on svc")
        };
        let paged = local.world.take_pages();
        assert_eq!(paged.iter().filter(|page| lifted(page)).count(), pages, "{fault:?}: {paged:?}");
    }
}

#[test]
fn a_role_that_took_a_name_since_is_nobody_s_threat() {
    for (made, kept) in [(ago(500), 1), (ago(-1), 0)] {
        let local = at_work(enforce(&[THREATENED]));
        local.world.edit(|file| {
            file.roles = account(json!({"roles": [{"name": "deployer", "created": made}]})).roles;
        });
        local.world.advance(SignedDuration::from_hours(48));
        let role = local.world.principals().into_iter().find(|one| one.name() == "deployer").unwrap();
        local.deliver(&of_the_role(9.0));
        let threats = local.world.threats_against(role.unique_id());
        assert_eq!(threats.len(), kept, "{made}: {threats:?}");
    }
}

/// A detector's finding about sessions of the role, by its name alone.
fn of_the_role(severity: f64) -> Value {
    let mut finding = guard_duty("deployer", "", severity);
    let details = &mut finding["detail"]["resource"]["accessKeyDetails"];
    details["userType"] = json!("AssumedRole");
    details["accessKeyId"] = json!("ASIAEXAMPLEKEY00ROL1");
    details.as_object_mut().unwrap().remove("principalId");
    finding
}

#[test]
fn a_role_that_cannot_be_judged_is_told_to_people_too() {
    let local = at_work(enforce(&[THREATENED]));
    fail(&local, Read::ListAttachedRolePolicies, Fault::Denied, Times::Always);
    local.deliver(&of_the_role(9.0));
    let pages = local.world.take_pages();
    assert!(pages.len() == 1 && pages[0].text.contains("role deployer"), "{pages:?}");
    assert!(pages[0].text.contains("is not contained"), "{pages:?}");
}

#[test]
fn nobody_is_told_of_whom_no_act_was_due_or_nothing_is_known_to_have_been_reported() {
    let audit = || only(&[THREATENED], "audit", "");
    let no_policies = (Read::ListAttachedUserPolicies, guard_duty("mallory", &id_of("mallory"), 9.0));
    for (governance, (read, event), why) in [
        (audit(), no_policies.clone(), "nothing would be done"),
        (enforce(&[KEY_AGE]), (Read::ListAccessKeys, no_policies.1.clone()), "no rule answers threats"),
    ] {
        let local = at_work(governance);
        make_admin(&local);
        fail(&local, read, Fault::Denied, Times::Always);
        local.deliver(&event);
        assert_eq!(local.world.take_pages(), [], "{why}");
    }
    // Where the reports cannot be read, it may be that there is none.
    let local = at_work(enforce(&[THREATENED]));
    local.world.fail_later(Operation::Read(Read::Threats), None, 1, Fault::Denied, Times::Always);
    local.deliver(&no_policies.1);
    assert_eq!(local.world.take_pages(), []);
}
