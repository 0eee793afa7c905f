//! Permissions boundaries that somebody puts or deletes: where one was the quarantine, that is lifted.

use serde_json::{Value, json};
use shared::identifier::{Arn, UniqueId};
use shared::threat::Sign;
use sim::Local;

use crate::fixture::*;
use crate::threats::{at_work, call, id_of};

const THREATENED: &str = "principal-threatened";
const STAFF: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

/// Mallory has room for no policy, attached or inline, so that a boundary is all that is left to deny by.
fn full() -> Local {
    let local = at_work(enforce(&[THREATENED]));
    let big = json!({"Version": "2012-10-17", "Statement": {
        "Sid": "x".repeat(1_940), "Effect": "Allow", "Action": "s3:*", "Resource": "*"
    }});
    let more =
        account(json!({"users": [{"name": "any", "inlinePolicies": [{"name": "big", "document": big}]}]}));
    local.world.edit(|file| {
        let mallory = file.users.iter_mut().find(|user| user.name.as_str() == "mallory").unwrap();
        let number = |number: u32| format!("arn:aws:iam::aws:policy/Other{number}").parse::<Arn>().unwrap();
        mallory.attached_policies.extend((0..10).map(number));
        mallory.inline_policies = more.users.into_iter().next().unwrap().inline_policies;
    });
    local
}

fn boundary_of(local: &Local, user: &str) -> Option<Arn> {
    let file = local.world.account();
    file.users.into_iter().find(|one| one.name.as_str() == user).unwrap().boundary
}

/// Ann puts another boundary on somebody, or deletes what is there.
fn by_ann(local: &Local, id: &str, whom: &str, put: Option<&str>) -> Vec<String> {
    local.world.edit(|file| {
        let user = file.users.iter_mut().find(|user| user.name.as_str() == whom).unwrap();
        user.boundary = put.map(|put| put.parse().unwrap());
    });
    let event = match put {
        Some(put) => {
            let parameters = json!({"userName": whom, "permissionsBoundary": put});
            call(id, "PutUserPermissionsBoundary", "ann", &parameters, &Value::Null)
        }
        None => call(id, "DeleteUserPermissionsBoundary", "ann", &json!({"userName": whom}), &Value::Null),
    };
    for _ in 0..2 {
        let delivery = local.deliver(&event);
        assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    }
    local.world.take_pages().into_iter().map(|page| page.subject).collect()
}

fn signs(local: &Local, of: &str) -> Vec<Sign> {
    let kept = local.world.threats_against(&UniqueId::parse(&id_of(of)).unwrap());
    kept.into_iter().map(|threat| threat.sign).collect()
}

#[test]
fn a_boundary_in_the_place_of_the_quarantine_pages_and_counts_against_who_put_it() {
    for put in [Some(STAFF), Some("arn:aws:iam::aws:policy/AdministratorAccess"), None] {
        let local = full();
        suspend(&local, "user/mallory").unwrap();
        assert_eq!(boundary_of(&local, "mallory"), Some(quarantine()));
        local.world.take_pages();
        let paged = by_ann(&local, "b1", "mallory", put);
        assert!(paged.len() == 1 && paged[0].contains("took a quarantine off"), "{put:?}: {paged:?}");
        assert_eq!(signs(&local, "ann"), [Sign::LiftedQuarantine], "{put:?}");
    }
}

#[test]
fn who_is_reported_is_bounded_again() {
    let local = full();
    let mut denied = call("d", "DeleteTrail", "mallory", &json!({"name": "t"}), &Value::Null);
    denied["source"] = json!("aws.cloudtrail");
    denied["detail"]["eventSource"] = json!("cloudtrail.amazonaws.com");
    local.world.edit(|file| {
        let mallory = file.users.iter_mut().find(|user| user.name.as_str() == "mallory").unwrap();
        mallory.attached_policies.pop_last();
        mallory.attached_policies.insert("arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap());
    });
    local.deliver(&denied);
    assert_eq!(boundary_of(&local, "mallory"), Some(quarantine()));
    local.world.take_pages();
    assert_eq!(by_ann(&local, "b1", "mallory", Some(STAFF)).len(), 1);
    assert_eq!(boundary_of(&local, "mallory"), Some(quarantine()));
}

#[test]
fn a_boundary_of_whoever_was_never_denied_is_no_lifting() {
    let local = at_work(enforce(&[THREATENED]));
    assert!(by_ann(&local, "b1", "svc", Some(STAFF)).is_empty());
    assert_eq!(signs(&local, "ann"), []);
    assert!(by_ann(&local, "b2", "svc", None).is_empty());
    assert_eq!(signs(&local, "ann"), [Sign::RemovedBoundary]);
}

#[test]
fn noise_that_one_caller_makes_hides_no_boundary() {
    let local = full();
    suspend(&local, "user/mallory").unwrap();
    for number in 0..10 {
        let tags = json!({"userName": "mallory", "tagKeys": ["bailiff:quarantined"]});
        local.deliver(&call(&format!("u{number}"), "UntagUser", "ann", &tags, &Value::Null));
    }
    assert_eq!(local.world.take_pages().len(), 5);
    assert_eq!(by_ann(&local, "b1", "mallory", Some(STAFF)).len(), 1);
    // And of one who is out already a few an hour are told.
    let paged: usize =
        (2..20).map(|id| by_ann(&local, &format!("b{id}"), "mallory", Some(STAFF)).len()).sum();
    assert_eq!(paged, 4);
}
