//! Policies and groups that somebody is given: whether that makes an administrator, their live state decides.

use serde_json::{Value, json};
use shared::facts::Read;
use shared::identifier::{Arn, UniqueId};
use shared::threat::Sign;
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::threats::{at_work, call, id_of};

const THREATENED: &str = "principal-threatened";

fn allows(actions: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}})
}

/// An account with policies of its own and groups that have them.
fn at_stake() -> Local {
    let local = at_work(enforce(&[THREATENED]));
    let half = "ec2:*";
    let policy = |name: &str, actions: &Value| json!({"name": name, "document": allows(actions)});
    let more = account(json!({
        "policies": [
            policy("everything", &json!("*")), policy("all-of-iam", &json!(["iam:*", half])),
            policy("some", &json!("s3:GetObject"))
        ],
        "groups": [
            {"name": "admins", "attachedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
            {"name": "own", "attachedPolicies": [own("some"), own("everything")]},
            {"name": "written", "inlinePolicies": [{"name": "all", "document": allows(&json!("*"))}]},
            {"name": "staff", "attachedPolicies": [own("some"), "arn:aws:iam::aws:policy/ReadOnlyAccess"]}
        ]
    }));
    local.world.edit(|file| {
        file.policies.extend(more.policies);
        file.groups.extend(more.groups);
    });
    local
}

fn own(policy: &str) -> Arn {
    format!("arn:aws:iam::{ACCOUNT}:policy/{policy}").parse().unwrap()
}

fn attached(policy: &str) -> Value {
    call(
        "g1",
        "AttachUserPolicy",
        "mallory",
        &json!({"userName": "svc", "policyArn": own(policy)}),
        &Value::Null,
    )
}

fn joined(group: &str) -> Value {
    call("g2", "AddUserToGroup", "mallory", &json!({"userName": "svc", "groupName": group}), &Value::Null)
}

/// Whether it counts against whoever did it.
fn counts(local: &Local, event: &Value) -> bool {
    let delivery = local.deliver(event);
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    let kept = local.world.threats_against(&UniqueId::parse(&id_of("mallory")).unwrap());
    assert!(kept.iter().all(|threat| threat.sign == Sign::GrantedAdmin), "{kept:?}");
    !kept.is_empty()
}

#[test]
fn a_policy_of_the_customer_s_own_counts_by_what_it_allows() {
    for (policy, expected) in
        [("everything", true), ("all-of-iam", true), ("some", false), ("nobody-s", false)]
    {
        assert_eq!(counts(&at_stake(), &attached(policy)), expected, "{policy}");
    }
    for (name, on) in [("AttachRolePolicy", "roleName"), ("AttachGroupPolicy", "groupName")] {
        let given = json!({on: "deployer", "policyArn": own("everything")});
        assert!(counts(&at_stake(), &call("g3", name, "mallory", &given, &Value::Null)), "{name}");
    }
}

#[test]
fn a_group_counts_by_the_policies_that_it_has() {
    for (group, expected) in
        [("admins", true), ("own", true), ("written", true), ("staff", false), ("nobody-s", false)]
    {
        assert_eq!(counts(&at_stake(), &joined(group)), expected, "{group}");
    }
}

#[test]
fn what_nobody_may_read_is_no_ground_and_people_are_told_once() {
    let local = at_stake();
    local.world.fail(Operation::Read(Read::GetPolicyVersion), Fault::Denied, Times::Always);
    for event in [attached("everything"), joined("own")] {
        for _ in 0..2 {
            assert!(!counts(&local, &event));
        }
        let paged = local.world.take_pages();
        assert_eq!(paged.len(), 1, "{paged:?}");
        assert!(paged[0].text.contains("whether that makes an administrator cannot be told"), "{paged:?}");
    }
    // What AWS's own policy comes to its name tells.
    assert!(counts(&local, &joined("admins")));
}

#[test]
fn what_is_throttled_is_tried_again() {
    let local = at_stake();
    local.world.fail(Operation::Read(Read::GetPolicyVersion), Fault::Throttled, Times::Always);
    assert_eq!(local.deliver(&attached("everything")).dead_letters.len(), 1, "it is tried to the last");
    assert!(local.world.take_pages().is_empty());
    local.world.heal();
    assert!(counts(&local, &attached("everything")));
}

#[test]
fn who_holds_such_a_policy_is_at_stake_as_an_administrator_is() {
    for (policy, expected) in [("everything", 3), ("some", 1)] {
        let local = at_stake();
        local.world.edit(|file| {
            let mallory = file.users.iter_mut().find(|user| user.name.as_str() == "mallory").unwrap();
            mallory.attached_policies.insert(own(policy));
        });
        assert!(counts(&local, &attached("everything")));
        let kept = local.world.threats_against(&UniqueId::parse(&id_of("mallory")).unwrap());
        assert_eq!(u8::from(kept[0].risk.tier), expected, "{policy}");
    }
}
