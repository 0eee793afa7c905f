//! Six cases on which tools of this kind have failed, and a few more of the same sort.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Finding, Outcome};
use shared::facts::{KeyStatus, Read};
use shared::remedy::{Refusal, Remediator, Status, StepResult, Write};
use shared::rules::RuleId;
use sim::{Fault, Operation, Times};

use crate::fixture::*;

fn statuses(local: &sim::Local) -> Vec<KeyStatus> {
    local.world.account().users[0].access_keys.iter().map(|key| key.status).collect()
}

#[test]
fn s1_of_a_stale_and_a_fresh_key_only_the_stale_one_is_deactivated() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("NEW1", 20, Some(0))]
    }]));
    let local = local(account, enforce(&[KEY_AGE]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Inactive, KeyStatus::Active]);
    assert_eq!(steps(&entry(&local)), ["deactivate access key …OLD1 of user ada"]);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn s2_a_key_one_day_old_and_never_used_is_let_be() {
    let account = users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("NEW1", 1, None)]}]));
    let local = local(account, enforce(&[KEY_AGE, KEY_UNUSED]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Active]);
    assert!(local.world.entries().is_empty());
}

#[test]
fn s3_an_old_key_used_today_is_left_to_people() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("BUSY", 400, Some(0))]}]));
    let local = local(account, enforce(&[KEY_AGE, KEY_UNUSED, UNUSED]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Active]);
    let entry = entry(&local);
    assert_eq!(entry.status, Status::Refused);
    assert!(matches!(&entry.refusal, Some(Refusal::LeftToPeople { what }) if what[0].contains("…BUSY")));
    assert_eq!(local.world.notices().len(), 1);
}

#[test]
fn s4_a_throttled_last_use_destroys_nothing_and_is_told() {
    for fault in [Fault::Throttled, Fault::Denied, Fault::Failed] {
        let account =
            users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
        let local = local(account, enforce(&[KEY_AGE]));
        local.world.fail(Operation::Read(Read::GetAccessKeyLastUsed), fault, Times::Always);
        let delivery = sweep(&local);
        assert_eq!(statuses(&local), [KeyStatus::Active], "{fault:?}");
        assert_eq!(local.world.calls().iam_writes(), 0);
        let entry = entry(&local);
        assert_eq!(entry.status, Status::Unknown);
        assert!(entry.refusal.unwrap().to_string().contains("iam:GetAccessKeyLastUsed"));
        // Only what may work later is tried again, and in the end is nobody's secret.
        assert_eq!(delivery.dead_letters.len(), usize::from(fault == Fault::Throttled), "{fault:?}");
    }
}

#[test]
fn s5_a_denied_write_is_a_failure_that_names_the_missing_action() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let local = local(account, enforce(&[KEY_AGE]));
    local.world.fail(Operation::Write(Write::UpdateAccessKey), Fault::Denied, Times::Always);
    sweep(&local);
    let entry = entry(&local);
    assert_eq!(entry.status, Status::Failed);
    let StepResult::Failed { why, .. } = &entry.outcomes[0].result else { panic!("{entry:#?}") };
    assert!(why.contains("`iam:UpdateAccessKey`"), "{why}");
    assert_eq!(local.world.notices().len(), 1);
}

#[test]
fn s6_an_inactive_key_is_not_written_again() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [{"id": key_id("OFF1"), "status": "Inactive", "created": ago(300)}]
    }]));
    let local = local(account, all_rules("enforce", ""));
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert!(local.world.entries().is_empty());
}

#[test]
fn a_key_switched_on_yesterday_is_as_old_as_its_creation() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [{"id": key_id("OLD1"), "created": ago(200), "statusChanged": ago(1)}]
    }]));
    let local = local(account, enforce(&[KEY_AGE]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Inactive]);
}

#[test]
fn of_two_keys_the_quiet_one_goes_and_the_used_one_stays() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [key("USED", 80, Some(0)), key("LEFT", 60, Some(50))]
    }]));
    let local = local(account, enforce(&[SECOND_KEY]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Active, KeyStatus::Inactive]);
}

#[test]
fn a_third_key_is_found_though_the_report_shows_two() {
    let account = users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [key("NEW1", 3, Some(0)), key("NEW2", 2, Some(0)), key("OLD3", 200, Some(120))]
    }]));
    let local = local(account, enforce(&[KEY_AGE]));
    sweep(&local);
    assert_eq!(statuses(&local), [KeyStatus::Active, KeyStatus::Active, KeyStatus::Inactive]);
}

#[test]
fn a_user_in_use_is_not_suspended_for_its_unused_password() {
    let account = users(json!([{
        "name": "ada", "created": ago(500), "loginProfile": {}, "mfaDevices": ["m"],
        "accessKeys": [key("USED", 80, Some(1))]
    }]));
    let before = account.clone();
    let local = local(account, enforce(&[UNUSED]));
    sweep(&local);
    assert!(
        before.users[0].login_profile.is_some() && local.world.account().users[0].login_profile.is_some()
    );
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_user_whose_key_was_deactivated_for_its_age_is_not_suspended_for_it() {
    let account = users(json!([{
        "name": "ada", "created": ago(500), "loginProfile": {"created": ago(400)}, "passwordLastUsed": ago(300),
        "mfaDevices": ["m"], "accessKeys": [key("USED", 200, Some(5))]
    }]));
    let local = local(account, enforce(&[KEY_AGE, UNUSED]));
    sweep(&local);
    let deactivated = local.world.account();
    assert_eq!(deactivated.users[0].access_keys[0].status, KeyStatus::Inactive);
    local.world.forget_calls();
    // From now on the credential report shows the key as inactive.
    local.world.advance(SignedDuration::from_hours(5));
    sweep(&local);
    assert_eq!(changes(&deactivated, &local), Vec::<String>::new());
    // The report tells the last use: nothing is read of the user alone.
    assert_eq!(local.world.calls().count("iam:GetAccessKeyLastUsed"), 0);
    // Nor does somebody else's finding make it happen.
    let finding = Finding::new(
        RuleId::parse(UNUSED).unwrap(),
        written(&local)[0].plan.resource.clone(),
        "none of its credentials was used".to_owned(),
        "another occasion",
        local.world.now(),
    );
    local.world.put_message(Remediator::SuspendPrincipal, "ada", &serde_json::to_string(&finding).unwrap());
    let (delivered, dead) = local.work_off();
    assert!(dead.is_empty(), "{dead:?}");
    assert!(matches!(delivered[0].outcome, Outcome::NothingToDo { .. }), "{delivered:?}");
    assert_eq!(changes(&deactivated, &local), Vec::<String>::new());
    // Left alone for as long as an active key would have been.
    local.world.advance(SignedDuration::from_hours(86 * 24));
    sweep(&local);
    assert!(local.world.account().users[0].login_profile.is_none());
}

#[test]
fn a_user_made_again_between_finding_and_plan_is_refused() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    let event = change(&local.world, "ada", INLINE);
    local.world.edit(|account| account.users[0].id = Some("AIDAANOTHERLIFE000001".parse().unwrap()));
    let delivery = local.deliver(&event);
    assert!(matches!(delivery.findings[0].outcome.refusal(), Some(Refusal::Replaced { .. })));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_user_made_again_between_plan_and_act_is_refused() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    // The first `GetUser` is the plan's, the second the guard's just before the act.
    local.world.edit_before(Operation::Read(Read::GetUser), 1, |account| {
        account.users[0].id = Some("AIDAANOTHERLIFE000001".parse().unwrap());
    });
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert_eq!(entry(&local).status, Status::Refused);
    assert!(matches!(delivery.findings[0].outcome.refusal(), Some(Refusal::Replaced { .. })));
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert_eq!(local.world.account().users[0].inline_policies.len(), 1);
}

#[test]
fn a_user_gone_between_plan_and_act_is_refused() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    local.world.edit_before(Operation::Read(Read::GetUser), 1, |account| account.users.clear());
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert_eq!(delivery.findings[0].outcome.refusal(), Some(&Refusal::Gone));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_policy_rewritten_between_plan_and_act_is_not_deleted() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    local.world.edit_before(Operation::Read(Read::GetUser), 1, |account| {
        account.users[0].inline_policies[0].document = shared::policy::PolicyDocument::new("{ }");
    });
    local.deliver(&change(&local.world, "ada", INLINE));
    assert!(matches!(entry(&local).refusal, Some(Refusal::StateChanged { .. })));
    assert_eq!(local.world.account().users[0].inline_policies.len(), 1);
}

#[test]
fn a_key_that_somebody_switches_off_meanwhile_is_not_ours_to_undo() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let local = local(account, enforce(&[KEY_AGE]));
    local.world.edit_before(Operation::Read(Read::GetUser), 1, |account| {
        account.users[0].access_keys[0].status = KeyStatus::Inactive;
    });
    sweep(&local);
    let entry = entry(&local);
    assert_eq!(results(&entry), (Status::Verified, vec![&StepResult::AlreadyDone]));
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert!(restore(&local, &entry.id).unwrap_err().to_string().contains("changed nothing"));
}

#[test]
fn a_principal_that_is_gone_is_nothing_to_do() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    let event = change(&local.world, "ada", INLINE);
    local.world.edit(|account| account.users.clear());
    let delivery = local.deliver(&event);
    assert!(matches!(&delivery.findings[0].outcome, Outcome::NothingToDo { why, .. } if why == "it is gone"));
}
