//! Warnings before an act, and people who must agree to it.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Answer, EngineError, Outcome, Say, Stop};
use shared::facts::{KeyStatus, SwitchedOff};
use shared::governance::Governance;
use shared::identifier::AccessKeyId;
use shared::notice::Notice;
use shared::remedy::{Approver, Cause, Entry, Refusal, Status, StepResult, Warning};
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;

const WARNED: &str = "warnings: { finalAfterDays: 7, actAfterDays: 3 }";
pub(crate) const ADA: &str = "arn:aws:iam::111122223333:user/security/ada";
const GRACE: &str = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Security_1/grace@example.com";

/// One rule that acts, with these stages.
pub(crate) fn staged(rule: &str, stages: &str) -> Governance {
    let approvers = format!("[{ADA}, '{}/*']", GRACE.rsplit_once('/').unwrap().0);
    governance(&format!(
        "version: 1\nrules:\n  {rule}:\n    mode: enforce\n    {stages}\napprovals: {{ approvers: {approvers} }}\n"
    ))
}

pub(crate) fn stale_key(governance: Governance) -> Local {
    let account =
        users(json!([{"name": "bob", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    local(account, governance)
}

pub(crate) fn is_active(local: &Local) -> bool {
    local.world.account().users[0].access_keys[0].status == KeyStatus::Active
}

/// Days pass, and a sweep comes.
fn after(local: &Local, days: i64) -> sim::Delivery {
    local.world.advance(SignedDuration::from_hours(24 * days));
    sweep(local)
}

pub(crate) fn of_rule(local: &Local) -> Vec<Entry> {
    let is_of_rule =
        |entry: &Entry| matches!(&entry.cause, Cause::Rule { rule, .. } if rule.as_str() == KEY_AGE);
    local.world.entries().into_iter().filter(is_of_rule).collect()
}

fn warnings(local: &Local) -> Vec<Warning> {
    let warned = |entry: Entry| match entry.refusal {
        Some(Refusal::Warned { warning, .. }) => Some(warning),
        _ => None,
    };
    of_rule(local).into_iter().filter_map(warned).collect()
}

pub(crate) fn answer(local: &Local, by: &str, say: Say) -> Result<(usize, bool), String> {
    let asked = of_rule(local).into_iter().rev().find_map(|entry| match &entry.refusal {
        Some(Refusal::AwaitsApproval { plan, .. }) => Some((entry.id.clone(), plan.clone())),
        _ => None,
    });
    let (journal_id, plan) = asked.unwrap();
    let answer = Answer { journal_id, plan, answer: say, reason: "looked at it".to_owned() };
    let answered = local.answer(Approver::of(by).unwrap(), answer).map_err(|error| error.to_string())?;
    Ok((answered.approved, answered.refused))
}

#[test]
fn a_key_is_switched_off_after_two_warnings_and_not_a_day_before() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    let first = sweep(&local);
    let came_of_it: Vec<_> =
        first.findings.iter().map(|found| (found.tries, found.outcome.refusal())).collect();
    let warned = |(tries, refusal): &(u32, Option<&Refusal>)| {
        *tries == 1 && matches!(refusal, Some(Refusal::Warned { .. }))
    };
    assert!(came_of_it.iter().any(warned), "{came_of_it:?}");
    assert_eq!(warnings(&local), [Warning::First]);
    assert_eq!(local.world.notices().len(), 1);
    after(&local, 6);
    assert_eq!(local.world.notices().len(), 1, "told once");
    after(&local, 1);
    assert_eq!(warnings(&local), [Warning::First, Warning::Final]);
    after(&local, 2);
    assert!(is_active(&local));
    after(&local, 1);
    assert!(!is_active(&local));
    assert_eq!(of_rule(&local).last().unwrap().status, Status::Verified);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn a_warning_that_nobody_got_counts_for_nothing() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    let delivery = sweep(&local);
    assert_eq!(delivery.dead_letters.len(), 1, "it is somebody's to look at");
    for _ in 0..4 {
        after(&local, 10);
    }
    assert!(is_active(&local));
    assert_eq!(warnings(&local), []);
}

#[test]
fn who_mends_it_after_the_warning_is_let_be() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    sweep(&local);
    after(&local, 7);
    local.world.edit(|file| file.users[0].access_keys[0].last_used = None);
    local.world.edit(|file| file.users[0].access_keys[0].created = Some(file.now));
    after(&local, 10);
    assert!(is_active(&local));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn after_missed_sweeps_people_are_warned_again_first() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    sweep(&local);
    after(&local, 7);
    after(&local, 60);
    assert!(is_active(&local));
    assert_eq!(warnings(&local), [Warning::First, Warning::Final, Warning::Final]);
    after(&local, 3);
    assert!(!is_active(&local));
}

#[test]
fn a_final_warning_that_nobody_acts_on_for_a_week_is_given_again() {
    for (missed, acts) in [(5, true), (8, false), (29, false)] {
        let local = stale_key(staged(KEY_AGE, WARNED));
        sweep(&local);
        after(&local, 7);
        // It is ripe three days later, and no sweep comes.
        after(&local, 3 + missed);
        assert_eq!(!is_active(&local), acts, "{missed} days");
        assert_eq!(warnings(&local).len(), if acts { 2 } else { 3 }, "{missed} days");
        after(&local, 3);
        assert!(!is_active(&local));
    }
}

/// Every day a sweep, for so many days.
fn daily(local: &Local, days: i64) {
    for _ in 0..days {
        after(local, 1);
    }
}

#[test]
fn what_waits_for_people_or_a_window_goes_through_no_second_final_warning() {
    // For three weeks nobody answers.
    let asked = stale_key(staged(KEY_AGE, &format!("{WARNED}\n    approvals: 1")));
    sweep(&asked);
    daily(&asked, 7 + 3 + 20);
    assert_eq!(warnings(&asked).len(), 2);
    answer(&asked, ADA, Say::Approve).unwrap();
    asked.work_off();
    assert!(!is_active(&asked));

    // The window opens on one day a week, and is missed twice.
    let windows =
        "changeWindows:\n  timeZone: UTC\n  open: [{ days: [saturday], from: '20:00', to: '22:00' }]\n";
    let text = format!("version: 1\n{windows}rules:\n  {KEY_AGE}:\n    mode: enforce\n    {WARNED}\n");
    let closed = stale_key(governance(&text));
    sweep(&closed);
    daily(&closed, 7 + 3 + 13);
    assert!(is_active(&closed));
    assert_eq!(warnings(&closed).len(), 2);
    // A Tuesday morning, and then Saturday evening.
    closed.world.advance(SignedDuration::from_hours(4 * 24 + 12));
    sweep(&closed);
    assert!(!is_active(&closed));
}

fn with_policy(document: &str) -> Local {
    let policies = json!([{"name": "debug", "document": document}]);
    local(users(json!([{"name": "bob", "inlinePolicies": policies}])), staged(INLINE, WARNED))
}

#[test]
fn an_inline_policy_that_is_another_under_the_same_name_has_warnings_of_its_own() {
    const OTHER: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let warned = |local: &Local| {
        let entries = local.world.entries().into_iter();
        let warned = entries.filter(|it| matches!(it.refusal, Some(Refusal::Warned { .. })));
        warned.count()
    };
    for (new, acted_on) in [(all, true), (OTHER, false)] {
        let local = with_policy(all);
        sweep(&local);
        after(&local, 7);
        // Taken off in time, and made again.
        let made = with_policy(new).world.account().users[0].inline_policies.clone();
        local.world.edit(|file| file.users[0].inline_policies = made);
        after(&local, 3);
        assert_eq!(local.world.account().users[0].inline_policies.is_empty(), acted_on, "{new}");
        assert_eq!(warned(&local), if acted_on { 2 } else { 3 }, "{new}");
        after(&local, 7);
        after(&local, 3);
        assert!(local.world.account().users[0].inline_policies.is_empty());
    }
}

#[test]
fn whoever_puts_it_back_is_warned_anew() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    sweep(&local);
    after(&local, 7);
    after(&local, 3);
    local.world.edit(|file| file.users[0].access_keys[0].status = KeyStatus::Active);
    after(&local, 1);
    assert!(is_active(&local));
    assert_eq!(warnings(&local).last(), Some(&Warning::First));
}

#[test]
fn nobody_is_warned_of_what_will_not_come() {
    let local = stale_key(staged(KEY_AGE, WARNED));
    let stop = Stop {
        since: local.world.now(),
        by: "ada".to_owned(),
        reason: "freeze".to_owned(),
        undo_too: false,
        tripped: None,
    };
    local.world.set_stop(Some(stop));
    sweep(&local);
    assert!(local.world.notices().is_empty());
    assert!(matches!(of_rule(&local)[0].refusal, Some(Refusal::Stopped { .. })));
}

#[test]
fn of_two_keys_that_break_the_rule_at_different_times_each_has_its_own_warnings() {
    let account = users(json!([{
        "name": "bob", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 85, Some(60))]
    }]));
    let local = local(account, staged(KEY_AGE, WARNED));
    sweep(&local);
    after(&local, 7);
    after(&local, 3);
    let statuses = || -> Vec<KeyStatus> {
        local.world.account().users[0].access_keys.iter().map(|key| key.status).collect()
    };
    assert_eq!(statuses(), [KeyStatus::Inactive, KeyStatus::Active]);
    after(&local, 7);
    assert_eq!(statuses(), [KeyStatus::Inactive, KeyStatus::Active]);
    after(&local, 7);
    after(&local, 3);
    assert_eq!(statuses(), [KeyStatus::Inactive, KeyStatus::Inactive]);
}

#[test]
fn a_plan_waits_for_as_many_people_as_its_rule_asks_for() {
    let local = stale_key(staged(KEY_AGE, "approvals: 2"));
    sweep(&local);
    assert!(matches!(of_rule(&local)[0].refusal, Some(Refusal::AwaitsApproval { needed: 2, .. })));
    assert_eq!(of_rule(&local)[0].status, Status::Planned);
    assert_eq!(answer(&local, ADA, Say::Approve), Ok((1, false)));
    after(&local, 1);
    assert!(is_active(&local));
    let again = answer(&local, ADA, Say::Approve).unwrap_err();
    assert!(again.contains("somebody else must"), "{again}");
    assert_eq!(answer(&local, GRACE, Say::Approve), Ok((2, false)));
    // The last answer sends the finding again: no sweep is needed.
    local.work_off();
    assert!(!is_active(&local));
    assert_eq!(local.world.notices().len(), 2, "asked once, told once");
}

#[test]
fn an_approval_serves_once() {
    let local = stale_key(staged(KEY_AGE, "approvals: 1"));
    sweep(&local);
    answer(&local, ADA, Say::Approve).unwrap();
    local.work_off();
    assert!(!is_active(&local));
    local.world.edit(|file| file.users[0].access_keys[0].status = KeyStatus::Active);
    after(&local, 1);
    assert!(is_active(&local));
    assert!(matches!(of_rule(&local).last().unwrap().refusal, Some(Refusal::AwaitsApproval { .. })));
}

#[test]
fn silence_refuses_and_one_refusal_is_enough() {
    let silent = stale_key(staged(KEY_AGE, "approvals: 1"));
    sweep(&silent);
    after(&silent, 8);
    assert!(is_active(&silent));
    assert_eq!(silent.world.notices().len(), 2, "asked again");

    let refused = stale_key(staged(KEY_AGE, "approvals: 2"));
    sweep(&refused);
    answer(&refused, ADA, Say::Approve).unwrap();
    assert_eq!(answer(&refused, GRACE, Say::Refuse), Ok((1, true)));
    let late = answer(&refused, GRACE, Say::Approve).unwrap_err();
    assert!(late.contains("refused it"), "{late}");
    for _ in 0..3 {
        after(&refused, 9);
    }
    assert!(is_active(&refused));
    assert_eq!(refused.world.notices().len(), 1, "nobody is asked again for a month");
}

#[test]
fn an_approval_is_for_one_plan() {
    let account = users(json!([{
        "name": "bob", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 85, Some(60))]
    }]));
    let local = local(account, staged(KEY_AGE, "approvals: 1"));
    sweep(&local);
    // By the time that it is approved, the second key has come to break the rule too.
    local.world.advance(SignedDuration::from_hours(24 * 6));
    answer(&local, ADA, Say::Approve).unwrap();
    local.work_off();
    assert!(is_active(&local));
    assert_eq!(of_rule(&local).last().unwrap().plan.steps.len(), 2);
}

#[test]
fn the_act_too_many_is_told_though_it_was_approved_and_its_worker_died() {
    for calls in 1..60 {
        let local = stale_key(governance(&format!(
            "version: 1\nlimits: {{ actsPerHour: 0 }}\nrules:\n  {KEY_AGE}:\n    mode: enforce\n    approvals: 1\n\
             approvals: {{ approvers: [{ADA}] }}\n"
        )));
        sweep(&local);
        answer(&local, ADA, Say::Approve).unwrap();
        local.world.die_after(calls);
        local.work_off();
        local.work_off();
        let told = |entry: &Entry| matches!(entry.refusal, Some(Refusal::LimitReached { .. }));
        assert!(local.world.stop_order().is_some(), "{calls}");
        assert!(local.world.notices().iter().any(told), "a death after {calls} calls");
        assert!(is_active(&local));
    }
}

#[test]
fn only_those_who_may_answer_and_never_the_one_it_is_about() {
    let own = staged(KEY_AGE, "approvals: 1");
    let local = stale_key(own);
    sweep(&local);
    let outsider = answer(&local, "arn:aws:iam::111122223333:user/mallory", Say::Approve).unwrap_err();
    assert!(outsider.contains("none of `approvals.approvers`"), "{outsider}");

    let account = users(json!([{
        "name": "ada", "path": "/security/", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]
    }]));
    let of_ada = crate::fixture::local(account, staged(KEY_AGE, "approvals: 1"));
    sweep(&of_ada);
    let herself = answer(&of_ada, ADA, Say::Approve).unwrap_err();
    assert!(herself.contains("whom the plan is about"), "{herself}");
}

#[test]
fn a_forged_answer_is_refused() {
    let local = stale_key(staged(KEY_AGE, "approvals: 1"));
    sweep(&local);
    let journal_id = of_rule(&local)[0].id.clone();
    let wrong =
        Answer { journal_id, plan: "0".repeat(64), answer: Say::Approve, reason: "looks fine".to_owned() };
    let refused = local.answer(Approver::of(ADA).unwrap(), wrong);
    assert!(matches!(refused, Err(EngineError::Permanent(why)) if why.contains("another one")));
    after(&local, 1);
    assert!(is_active(&local));
}

#[test]
fn warnings_come_before_the_question() {
    let local = stale_key(staged(KEY_AGE, &format!("{WARNED}\n    approvals: 1")));
    sweep(&local);
    after(&local, 7);
    assert_eq!(warnings(&local).len(), 2);
    let asked = after(&local, 3);
    assert!(matches!(
        asked.findings.iter().find_map(|found| found.outcome.refusal()),
        Some(Refusal::AwaitsApproval { .. })
    ));
    answer(&local, ADA, Say::Approve).unwrap();
    let (done, _) = local.work_off();
    assert!(matches!(&done[0].outcome, Outcome::Journaled { entry, .. } if entry.status == Status::Verified));
    assert!(!is_active(&local));
}

const DISABLED: &str = "access-key-disabled";

/// A key that was switched off a hundred days ago under the first entry, and may be deleted now.
fn long_off() -> Local {
    let local = stale_key(only(
        &[KEY_AGE, DISABLED],
        "enforce",
        &format!("approvals: {{ approvers: [{ADA}, '{GRACE}'] }}\n"),
    ));
    sweep(&local);
    assert!(!is_active(&local));
    after(&local, 100);
    local
}

fn asked(local: &Local) -> Entry {
    local.world.entries().into_iter().rev().find(|entry| entry.refusal.is_some()).unwrap()
}

fn approve(local: &Local, by: &str) -> Result<usize, String> {
    let asked = asked(local);
    let Some(Refusal::AwaitsApproval { plan, .. }) = asked.refusal else { panic!("{asked:#?}") };
    let answer =
        Answer { journal_id: asked.id, plan, answer: Say::Approve, reason: "nobody needs it".to_owned() };
    local.answer(Approver::of(by).unwrap(), answer).map(|it| it.approved).map_err(|error| error.to_string())
}

/// A key that was deleted by two people's word.
pub(crate) fn deleted() -> Local {
    let local = long_off();
    approve(&local, ADA).unwrap();
    approve(&local, GRACE).unwrap();
    local.work_off();
    local
}

fn keys(local: &Local) -> usize {
    local.world.account().users[0].access_keys.len()
}

#[test]
fn a_key_that_bailiff_switched_off_long_ago_is_deleted_when_two_people_agree() {
    let local = long_off();
    assert!(matches!(asked(&local).refusal, Some(Refusal::AwaitsApproval { needed: 2, .. })));
    assert_eq!(approve(&local, ADA), Ok(1));
    local.work_off();
    assert_eq!(keys(&local), 1, "one is not enough");
    assert_eq!(approve(&local, GRACE), Ok(2));
    local.work_off();
    assert_eq!(keys(&local), 0);
    let entry = written(&local).pop().unwrap();
    assert_eq!((entry.status, entry.lost.len()), (Status::Verified, 1));
    assert!(restore(&local, &entry.id).unwrap_err().to_string().contains("IAM makes no key twice"));
}

#[test]
fn nothing_is_deleted_that_bailiff_did_not_switch_off_or_not_long_ago() {
    let account = users(json!([{
        "name": "bob", "created": ago(500),
        "accessKeys": [{"id": key_id("OFF1"), "status": "Inactive", "created": ago(400)}, key("OLD1", 200, Some(120))]
    }]));
    let local = local(account, only(&[KEY_AGE, DISABLED], "enforce", ""));
    sweep(&local);
    after(&local, 89);
    assert_eq!(written(&local).len(), 1);
    let asked: Vec<_> = local.world.entries().into_iter().filter_map(|entry| entry.refusal).collect();
    assert_eq!(asked, []);
}

#[test]
fn a_use_since_is_a_complaint_and_stops_the_deletion_even_after_the_approval() {
    let local = long_off();
    approve(&local, ADA).unwrap();
    approve(&local, GRACE).unwrap();
    local.world.edit(|file| {
        let now = file.now;
        let key = &mut file.users[0].access_keys[0];
        key.last_used = Some(serde_json::from_value(json!({"at": now})).unwrap());
    });
    local.work_off();
    assert_eq!(keys(&local), 1);
    assert!(matches!(local.world.entries().last().unwrap().refusal, Some(Refusal::LeftToPeople { .. })));
}

/// CloudTrail tells that somebody tried the key, which AWS refused.
fn try_it(local: &Local) {
    let now = local.world.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let event = json!({
        "version": "0", "id": format!("tried-{now}"), "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3",
        "account": ACCOUNT, "time": now, "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.09", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
            "eventID": format!("tried-{now}"), "eventTime": now, "awsRegion": "us-east-1",
            "errorCode": "InvalidAccessKeyId",
            "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": key_id("OLD1")}
        }
    });
    local.deliver(&event);
}

#[test]
fn a_try_of_the_key_is_a_complaint_for_as_long_as_it_is_kept() {
    let rest = format!("approvals: {{ approvers: [{ADA}, '{GRACE}'] }}\n");
    let is_asked = |local: &Local| {
        let asks = |entry: &Entry| matches!(entry.refusal, Some(Refusal::AwaitsApproval { .. }));
        local.world.entries().iter().any(asks)
    };
    for tries in [0, 1, 2] {
        let local = stale_key(only(&[KEY_AGE, DISABLED], "enforce", &rest));
        sweep(&local);
        assert!(!is_active(&local));
        for _ in 0..tries {
            local.world.advance(SignedDuration::from_hours(24 * 10));
            try_it(&local);
        }
        let user = written(&local)[0].plan.resource.unique_id().clone();
        // One is kept of the key, and one for each page.
        assert_eq!(local.world.threats_against(&user).len(), tries.min(1));
        for days in [100, 321, 3_000] {
            after(&local, days);
            assert_eq!(is_asked(&local), tries == 0, "{tries} tries, {days} days later");
        }
        assert_eq!(keys(&local), 1);
    }
}

#[test]
fn a_key_that_an_undo_switched_on_is_never_deleted_whoever_switches_it_off_then() {
    let local = stale_key(only(&[KEY_AGE, DISABLED], "enforce", ""));
    sweep(&local);
    restore(&local, &written(&local)[0].id).unwrap();
    assert!(is_active(&local));
    local.world.edit(|file| file.users[0].access_keys[0].status = KeyStatus::Inactive);
    after(&local, 200);
    assert_eq!(keys(&local), 1);
    assert!(
        local
            .world
            .entries()
            .iter()
            .all(|entry| !matches!(entry.refusal, Some(Refusal::AwaitsApproval { .. })))
    );
}

#[test]
fn what_the_journal_does_not_vouch_for_is_not_deleted() {
    let local = long_off();
    approve(&local, ADA).unwrap();
    approve(&local, GRACE).unwrap();
    let mut forged = written(&local)[0].clone();
    forged.plan.left.push("something else".to_owned());
    local.world.plant(&forged).unwrap();
    local.work_off();
    assert_eq!(keys(&local), 1);
    assert!(matches!(local.world.entries().last().unwrap().refusal, Some(Refusal::NotCredible { .. })));
}

#[test]
fn a_deletion_that_stands_on_another_entry_or_another_moment_is_refused() {
    let off = |change: fn(&mut SwitchedOff)| {
        let local = long_off();
        let entry = written(&local)[0].clone();
        let switched = entry.outcomes.iter().find(|it| it.result == StepResult::Verified).unwrap();
        let mut remembered = SwitchedOff { entry: entry.id.to_string(), at: switched.at, undone: false };
        change(&mut remembered);
        local.world.remember_switched_off(
            entry.plan.resource.unique_id(),
            &AccessKeyId::parse(&key_id("OLD1")).unwrap(),
            remembered,
        );
        after(&local, 1);
        approve(&local, ADA).unwrap();
        approve(&local, GRACE).unwrap();
        local.work_off();
        keys(&local)
    };
    assert_eq!(off(|_| ()), 0);
    assert_eq!(off(|it| it.at -= SignedDuration::from_secs(1)), 1);
    assert_eq!(off(|it| it.entry = "20260101t000000-0123456789ab".to_owned()), 1);
    assert_eq!(off(|it| it.entry = "no entry".to_owned()), 1);
}

const TOLD: &str = r"
notices:
  from: bailiff@example.com
  domains: [example.com]
  fallback: security@example.com
";

fn told(stages: &str) -> Governance {
    governance(&format!("version: 1\nrules:\n  {KEY_AGE}:\n    mode: enforce\n    {stages}\n{TOLD}"))
}

#[test]
fn where_somebody_is_named_the_clock_starts_when_they_are_told() {
    let local = stale_key(told(WARNED));
    sweep(&local);
    after(&local, 7);
    assert_eq!(warnings(&local), [Warning::First, Warning::First], "never delivered, it is given again");
    assert_eq!(local.deliver_notices(), []);
    assert_eq!(local.world.heard().len(), 2);
    after(&local, 7);
    local.deliver_notices();
    after(&local, 3);
    assert!(!is_active(&local));
    assert_eq!(warnings(&local), [Warning::First, Warning::First, Warning::Final]);
}

#[test]
fn a_notice_of_a_warning_that_is_not_written_down_is_tried_to_the_last_and_then_let_be() {
    let warned = stale_key(told(WARNED));
    sweep(&warned);
    let notice = Notice::of(&warned.world.notices()[0], "bailiff", None);
    let local = stale_key(told(WARNED));
    local.world.put_notice(&serde_json::to_string(&notice).unwrap());
    let before = local.world.now();
    assert_eq!(local.deliver_notices(), []);
    assert_eq!(local.world.heard().len(), 1, "whoever was told is told once");
    assert!(local.world.now().duration_since(before) >= SignedDuration::from_mins(4 * 12));
    assert!(is_active(&local) && warnings(&local).is_empty());
}

#[test]
fn a_warning_that_nobody_can_be_told_of_never_leads_to_an_act() {
    let local = stale_key(told(WARNED));
    local.world.fail(Operation::SendEmail, Fault::Denied, Times::Always);
    for _ in 0..30 {
        after(&local, 2);
        local.deliver_notices();
    }
    assert!(is_active(&local));
    assert!(warnings(&local).iter().all(|warning| *warning == Warning::First));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_warning_is_told_at_once_and_says_from_when_on_it_counts() {
    let digest = format!("{TOLD}  digest: daily\n");
    let text = format!("version: 1\nrules:\n  {KEY_AGE}:\n    mode: enforce\n    {WARNED}\n{digest}");
    let local = stale_key(governance(&text));
    sweep(&local);
    local.deliver_notices();
    let heard = local.world.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].body.starts_with("Nothing was changed yet: people are warned"), "{}", heard[0].body);
}

#[test]
fn who_is_asked_reads_what_to_answer() {
    let local = stale_key(staged(KEY_AGE, "approvals: 1"));
    sweep(&local);
    let entry = &local.world.notices()[0];
    let mail = shared::notice::Notice::of(entry, "bailiff", None).mail();
    let Some(Refusal::AwaitsApproval { plan, .. }) = &entry.refusal else { panic!("{entry:#?}") };
    assert!(mail.body.contains(&format!(r#""plan":"{plan}","answer":"approve""#)), "{}", mail.body);
    assert!(mail.subject.contains("waits for approval"), "{}", mail.subject);
}

#[test]
fn a_refusal_stands_though_another_plan_is_asked_about_in_between() {
    let account = users(json!([{
        "name": "bob", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 85, Some(60))]
    }]));
    let local = local(account, staged(KEY_AGE, "approvals: 1"));
    sweep(&local);
    answer(&local, GRACE, Say::Refuse).unwrap();
    // The second key comes to break the rule too, and is switched off by hand.
    after(&local, 6);
    assert_eq!(of_rule(&local).last().unwrap().plan.steps.len(), 2);
    local.world.edit(|file| file.users[0].access_keys[1].status = KeyStatus::Inactive);
    after(&local, 1);
    let last = of_rule(&local).pop().unwrap();
    assert_eq!(last.plan.steps.len(), 2, "nobody is asked about the refused plan again");
    after(&local, 10);
    assert!(is_active(&local));
    // A month later somebody may be.
    after(&local, 20);
    assert_eq!(of_rule(&local).pop().unwrap().plan.steps.len(), 1);
}

#[test]
fn who_has_to_answer_hears_of_it_beside_the_owner_that_a_tag_names() {
    let account = users(json!([{
        "name": "bob", "created": ago(500), "tags": {"owner": "nobody@example.com"},
        "accessKeys": [key("OLD1", 200, Some(120))]
    }]));
    let text = format!(
        "version: 1\nrules:\n  {KEY_AGE}:\n    mode: enforce\n    approvals: 1\napprovals: {{ approvers: [{ADA}] \
         }}\n{TOLD}  ownerTags: [owner]\n"
    );
    let local = local(account, governance(&text));
    sweep(&local);
    assert_eq!(local.deliver_notices(), []);
    let told: Vec<String> = local.world.heard().into_iter().map(|heard| heard.to.to_string()).collect();
    assert_eq!(told, ["nobody@example.com", "security@example.com"]);
}

#[test]
fn a_key_whose_last_switching_off_is_not_known_for_sure_is_never_deleted() {
    let local = stale_key(only(&[KEY_AGE, DISABLED], "enforce", ""));
    sweep(&local);
    after(&local, 60);
    local.world.edit(|file| file.users[0].access_keys[0].status = KeyStatus::Active);
    // It is switched off once more, and the reading back tells nothing.
    local.world.set_lag(SignedDuration::from_hours(1));
    after(&local, 1);
    local.world.set_lag(SignedDuration::ZERO);
    assert!(!is_active(&local));
    assert_eq!(written(&local).last().unwrap().status, Status::Unknown);
    after(&local, 40);
    assert_eq!(keys(&local), 1);
    let asks = |entry: &Entry| matches!(entry.refusal, Some(Refusal::AwaitsApproval { .. }));
    assert!(!local.world.entries().iter().any(asks));
}
