//! Exemptions: of one rule, of one principal or one key, and for a time.

use std::fmt::Write as _;

use serde_json::json;
use shared::engine::{Compliance, Decision, Judged};
use shared::facts::{KeyStatus, ResourceType};
use shared::governance::Governance;
use shared::rules::RULES;
use sim::{AccountFile, Local};

use crate::fixture::*;
use crate::worlds::something_of_everything;

fn exempting(rule: &str, subject: &str, expires: &str) -> Governance {
    let exemption = format!(
        "exemptions:\n  - rule: {rule}\n    {subject}\n    ticket: SEC-7\n    owner: team@example.com\n    \
         approver: ciso@example.com\n    reason: once a year\n    created: 2026-02-01\n    expires: {expires}\n"
    );
    only(&[KEY_AGE, INLINE], "enforce", &exemption)
}

fn ada() -> AccountFile {
    users(json!([{
        "name": "ada", "created": ago(500), "inlinePolicies": [{"name": "p"}],
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]
    }]))
}

fn key_statuses(local: &Local) -> Vec<KeyStatus> {
    local.world.account().users[0].access_keys.iter().map(|key| key.status).collect()
}

#[test]
fn an_exempt_user_keeps_its_keys_and_loses_what_is_not_exempt() {
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
    let local = local(ada(), exempting(KEY_AGE, &subject, "2027-01-31"));
    let delivery = sweep(&local);
    assert_eq!(key_statuses(&local), [KeyStatus::Active, KeyStatus::Active]);
    assert!(local.world.account().users[0].inline_policies.is_empty());
    assert_eq!(delivery.evaluated.unwrap().exempt, 1);
}

#[test]
fn an_exempt_key_stays_and_its_sister_goes() {
    let subject = format!("accessKey: {}", key_id("OLD2"));
    let local = local(ada(), exempting(KEY_AGE, &subject, "2027-01-31"));
    sweep(&local);
    assert_eq!(key_statuses(&local), [KeyStatus::Inactive, KeyStatus::Active]);
}

#[test]
fn a_user_whose_every_stale_key_is_exempt_is_compliant_and_the_annotation_says_why() {
    let account = users(json!([{
        "name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120)), key("NEW1", 5, None)]
    }]));
    let subject = format!("accessKey: {}", key_id("OLD1"));
    let local = local(account, exempting(KEY_AGE, &subject, "2027-01-31"));
    let delivery = local.deliver(&schedule(&local.world, KEY_AGE));
    assert!(delivery.findings.is_empty());
    let held = &local.world.evaluations()[0].evaluation;
    assert_eq!(held.compliance, Compliance::Compliant);
    assert!(
        held.annotation.as_ref().unwrap().as_str().starts_with("exempt until 2027-01-31 under SEC-7"),
        "{held:?}"
    );
}

#[test]
fn an_exempt_key_keeps_its_user_from_suspension() {
    let account = || {
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]},
            {"name": "bob", "created": ago(500), "accessKeys": [key("OLD2", 200, Some(120))]}]))
    };
    let governance = |expires| {
        let exemption = format!(
            "exemptions:\n  - rule: {KEY_AGE}\n    accessKey: {}\n    ticket: SEC-7\n    \
             owner: team@example.com\n    approver: ciso@example.com\n    reason: once a year\n    \
             created: 2026-02-01\n    expires: {expires}\n",
            key_id("OLD1")
        );
        only(&[UNUSED], "enforce", &exemption)
    };
    let kept = local(account(), governance("2027-01-31"));
    let delivery = sweep(&kept);
    assert_eq!(delivery.evaluated.unwrap().exempt, 1);
    let after = kept.world.account();
    assert!(after.users[0].attached_policies.is_empty());
    assert!(after.users[1].attached_policies.contains(&quarantine()), "another's key keeps nobody");
    let expired = local(account(), governance("2026-11-01"));
    let finding = sweep(&expired).findings.into_iter().next().unwrap();
    assert!(expired.world.account().users[0].attached_policies.contains(&quarantine()));
    // The remediator knows it too.
    let late = local(account(), governance("2027-01-31"));
    let body = serde_json::to_string(&finding.finding).unwrap();
    late.world.put_message(shared::remedy::Remediator::SuspendPrincipal, "g", &body);
    let (delivered, _) = late.work_off();
    assert!(delivered[0].outcome.refusal().unwrap().to_string().contains("SEC-7"), "{delivered:#?}");
    assert_eq!(late.world.calls().iam_writes(), 0);
}

#[test]
fn an_expired_exemption_is_none() {
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
    for (expires, exempt) in [("2026-11-22T09:00:00Z", false), ("2026-11-22T10:00:00Z", true)] {
        let local = local(ada(), exempting(KEY_AGE, &subject, expires));
        sweep(&local);
        let status = if exempt { KeyStatus::Active } else { KeyStatus::Inactive };
        assert_eq!(key_statuses(&local), [status, status], "{expires}");
    }
}

#[test]
fn an_exemption_that_came_after_the_finding_holds() {
    let account = ada();
    let finding = {
        let local = local(account.clone(), enforce(&[INLINE]));
        local.deliver(&change(&local.world, "ada", INLINE));
        serde_json::to_string(&local.world.announced()[0]).unwrap()
    };
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
    let local = local(account, exempting(INLINE, &subject, "2027-01-31"));
    local.world.put_message(shared::remedy::Remediator::RemoveUserPolicies, "g", &finding);
    let (delivered, _) = local.work_off();
    assert!(delivered[0].outcome.refusal().unwrap().to_string().contains("SEC-7"));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn an_exempt_change_is_reported_compliant_and_sent_nowhere() {
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
    let local = local(ada(), exempting(INLINE, &subject, "2027-01-31"));
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"]);
    let exempt = |decision: &shared::engine::Decision| {
        matches!(decision, shared::engine::Decision::Judged { judged: Judged::Exempt { .. }, .. })
    };
    assert!(delivery.decisions.iter().any(exempt));
}

#[test]
fn the_exemption_of_a_namesake_with_another_path_is_not_this_ones() {
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/other/ada");
    let local = local(ada(), exempting(INLINE, &subject, "2027-01-31"));
    sweep(&local);
    assert!(local.world.account().users[0].inline_policies.is_empty());
}

#[test]
fn of_an_exempt_users_keys_the_one_due_for_rotation_goes_and_the_other_stays() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [key("YNG1", 120, Some(60)), key("DUE1", 181, Some(60))]
    }]));
    let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada\n    rotateEvery: 180");
    let local = local(account, exempting(KEY_AGE, &subject, "2027-01-31"));
    sweep(&local);
    assert_eq!(key_statuses(&local), [KeyStatus::Active, KeyStatus::Inactive]);
    let cause = serde_json::to_string(&entry(&local).cause).unwrap();
    assert!(
        cause.contains("exempt until 2027-01-31 under SEC-7, but due for rotation every 180 days"),
        "{cause}"
    );
    // With the one gone nothing is found any more.
    let again = sweep(&local);
    assert_eq!((again.evaluated.unwrap().exempt, written(&local).len()), (1, 1));
}

#[test]
fn an_exempt_key_goes_once_it_is_due_for_rotation() {
    for (age, status) in [(179, KeyStatus::Active), (181, KeyStatus::Inactive)] {
        let account = users(json!([{
            "name": "ada", "created": ago(500), "accessKeys": [key("OLD1", age, Some(60))]
        }]));
        let subject = format!("accessKey: {}\n    rotateEvery: 180", key_id("OLD1"));
        let local = local(account, exempting(KEY_AGE, &subject, "2027-01-31"));
        sweep(&local);
        assert_eq!(key_statuses(&local), [status], "{age}");
    }
}

#[test]
fn each_sweep_says_which_exemptions_lapse_soon_and_which_have_lapsed() {
    let told = |expires: &str| {
        let subject = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
        let local = local(ada(), exempting(KEY_AGE, &subject, expires));
        let told: Vec<(usize, usize)> = sweep(&local)
            .decisions
            .iter()
            .filter_map(|decision| match decision {
                Decision::Exemptions { lapsing, lapsed, .. } => Some((lapsing.len(), lapsed.len())),
                _ => None,
            })
            .collect();
        told
    };
    assert_eq!(told("2026-12-06T10:00:00Z"), [(0, 0)]);
    assert_eq!(told("2026-12-06T09:00:00Z"), [(1, 0)]);
    assert_eq!(told("2026-11-22T09:00:00Z"), [(0, 1)]);
    assert_eq!(told("2026-11-08T08:00:00Z"), [(0, 0)]);
}

/// Everything of an account, exempt from every rule that is about such things and acts.
fn all_exempt(local: &Local, created: &str, expires: &str) -> String {
    let there = local.world.inhabitants();
    let principals = there.principals.iter().map(|arn| ("principal", arn));
    let resources = there.resources.iter().map(|arn| ("resource", arn));
    let mut text = "exemptions:\n".to_owned();
    for (field, arn) in principals.chain(resources) {
        let kind = ResourceType::of_arn(arn).unwrap();
        let about = RULES.iter().filter(|entry| entry.meta.applies_to.contains(&kind));
        for entry in about.filter(|entry| entry.meta.remediator.is_some()) {
            let _ = writeln!(
                text,
                "  - {{rule: {}, {field}: \"{arn}\", ticket: S, owner: o, approver: a, reason: r, created: {created}, \
                 expires: {expires}}}",
                entry.meta.id
            );
        }
    }
    text
}

#[test]
fn whoever_is_exempt_from_all_is_never_written_and_afterwards_is_as_if_never_exempt() {
    let world = || local(something_of_everything(), enforce(&[]));
    let ended = |rest: &str| {
        let local = local(something_of_everything(), all_rules("enforce", rest));
        let before = local.world.account();
        sweep(&local);
        (local.world.calls().iam_writes(), changes(&before, &local))
    };
    let (writes, changed) = ended("");
    assert!(writes > 10, "{writes}");
    assert_eq!(ended(&all_exempt(&world(), "2026-01-01", "2026-12-31")), (0, Vec::new()));
    for (created, expires) in [("2026-01-01", "2026-11-21"), ("2026-11-23", "2027-06-30")] {
        assert_eq!(ended(&all_exempt(&world(), created, expires)), (writes, changed.clone()), "{created}");
    }
}
