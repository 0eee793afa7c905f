//! Who is told that an exemption lapses, and that nobody is told of it twice or not at all.

use std::fmt::Write as _;

use jiff::SignedDuration;
use shared::engine::Decision;
use shared::governance::{Chat, Governance};
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;

const SETTINGS: &str =
    "notices: { from: bailiff@example.com, domains: [example.com], fallback: security@example.com }\n";
const FALLBACK: &str = "security@example.com";
const OWNER: &str = "team@example.com";
/// Ends within fourteen, seven and one day of [`NOW`], and before it.
const IN_TEN_DAYS: &str = "2026-12-02T10:00:00Z";
const IN_FIVE_DAYS: &str = "2026-11-27T10:00:00Z";
const IN_AN_HOUR: &str = "2026-11-22T10:00:00Z";
const YESTERDAY: &str = "2026-11-21T09:00:00Z";

fn exempting(settings: &str, exemptions: &[(&str, &str)]) -> Governance {
    let mut text = "exemptions:\n".to_owned();
    for (number, (owner, expires)) in exemptions.iter().enumerate() {
        let _ = writeln!(
            text,
            "  - {{rule: {KEY_AGE}, principal: \"arn:aws:iam::{ACCOUNT}:user/u{number}\", ticket: SEC-{number}, \
             owner: \"{owner}\", approver: ciso@example.com, reason: once a year, created: 2026-02-01, \
             expires: {expires}}}"
        );
    }
    only(&[KEY_AGE], "enforce", &format!("{settings}{text}"))
}

fn world(settings: &str, exemptions: &[(&str, &str)]) -> Local {
    local(users(serde_json::json!([])), exempting(settings, exemptions))
}

/// Who was told, and in what words.
fn heard(local: &Local) -> Vec<(String, String)> {
    local.world.heard().into_iter().map(|heard| (heard.to.to_string(), heard.body)).collect()
}

fn to(local: &Local) -> Vec<String> {
    heard(local).into_iter().map(|(to, _)| to).collect()
}

/// How many exemptions the day's run told of.
fn run(local: &Local) -> usize {
    local.send_digests().unwrap().exemptions
}

fn a_day_later(local: &Local) {
    local.world.advance(SignedDuration::from_hours(24));
}

#[test]
fn an_owner_is_told_of_all_that_lapses_in_one_mail_and_once() {
    let local =
        world(SETTINGS, &[(OWNER, IN_FIVE_DAYS), (OWNER, YESTERDAY), ("ann@example.com", IN_TEN_DAYS)]);
    let sent = local.send_digests().unwrap();
    assert_eq!((sent.digests, sent.notices, sent.exemptions), (0, 0, 3));
    let mails = local.world.heard();
    assert_eq!(to(&local), ["ann@example.com", OWNER]);
    assert_eq!(mails[0].subject, "Bailiff: 1 exemption lapses soon");
    assert_eq!(mails[1].subject, "Bailiff: 1 exemption lapses soon, 1 lapsed");
    assert!(mails[1].body.contains("under SEC-0 lapses in 5 days"), "{}", mails[1].body);
    assert!(mails[1].body.contains("under SEC-1 has lapsed"), "{}", mails[1].body);
    assert!(mails[1].body.contains("Told here because the governance file names you as its owner."));
    assert_eq!((run(&local), to(&local).len()), (0, 2), "once");
}

#[test]
fn run_every_day_each_time_is_told_once_and_one_that_lapsed_is_left_at_rest() {
    let local = world(SETTINGS, &[(OWNER, "2026-12-12T20:00:00Z")]);
    let told: Vec<usize> = (0..60)
        .filter(|_| {
            let told = run(&local);
            a_day_later(&local);
            told > 0
        })
        .collect();
    // At 09:00 on days of which the first is the 22nd of November.
    assert_eq!(told, [7, 14, 20, 21]);
    let mails: Vec<String> = heard(&local).into_iter().map(|(_, body)| body).collect();
    for (mail, when) in mails.iter().zip(["in 13 days", "in 6 days", "in less than a day", "has lapsed"]) {
        assert!(mail.contains(when), "{mail}");
    }
}

#[test]
fn days_on_which_nothing_ran_are_made_up_for_by_one_mail() {
    let local = world(SETTINGS, &[(OWNER, IN_TEN_DAYS)]);
    assert_eq!(run(&local), 1);
    local.world.advance(SignedDuration::from_hours(9 * 24 + 12));
    assert_eq!((run(&local), run(&local), to(&local).len()), (1, 0, 2));
    assert!(heard(&local)[1].1.contains("lapses in less than a day"), "{:?}", heard(&local));
}

#[test]
fn an_exemption_that_is_prolonged_or_given_to_another_is_told_of_anew() {
    let mut local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS)]);
    assert_eq!(run(&local), 1);
    local.governance = exempting(SETTINGS, &[(OWNER, "2026-11-28T09:00:00Z")]);
    assert_eq!((run(&local), to(&local)), (1, vec![OWNER.to_owned(); 2]));
    local.governance = exempting(SETTINGS, &[("ann@example.com", "2026-11-28T09:00:00Z")]);
    assert_eq!((run(&local), to(&local).last().unwrap().as_str()), (1, "ann@example.com"));
}

#[test]
fn an_owner_who_is_no_mailbox_that_mail_may_leave_for_is_the_fallback_s() {
    for (owner, why) in [
        ("payments team", "its `owner` holds no e-mail address"),
        ("Ann <ann@example.com>", "its `owner` holds no e-mail address"),
        ("slack", "its `owner` holds no e-mail address"),
        (
            "eve@evil.com",
            "its `owner` holds an e-mail address of a domain that `notices.domains` does not list",
        ),
    ] {
        let local = world(SETTINGS, &[(owner, IN_FIVE_DAYS)]);
        assert_eq!((run(&local), to(&local)), (1, vec![FALLBACK.to_owned()]), "{owner}");
        let body = &heard(&local)[0].1;
        assert!(body.contains(&format!("Told here because {why}.")), "{body}");
        assert_eq!((run(&local), to(&local).len()), (0, 1), "once");
    }
}

#[test]
fn a_chat_that_is_the_fallback_is_told_in_lines() {
    let settings = "notices: { fallback: slack }\n";
    let local = world(settings, &[(OWNER, IN_FIVE_DAYS), ("payments team", YESTERDAY)]);
    assert!(local.send_digests().unwrap_err().to_string().contains("no webhook of slack"));
    local.world.give_webhook(Chat::Slack);
    assert_eq!((run(&local), to(&local)), (2, vec!["slack".to_owned()]));
    let body = &heard(&local)[0].1;
    assert!(body.contains("1 exemption lapses soon, 1 lapsed:\\n- access-key-age of arn:"), "{body}");
    assert_eq!((run(&local), to(&local).len()), (0, 1), "once");
}

#[test]
fn without_notices_or_where_none_is_due_nobody_is_told_and_nothing_is_asked() {
    let due = vec![(OWNER, IN_FIVE_DAYS); 10];
    let silent = world("", &due);
    silent.world.forget_calls();
    assert_eq!((run(&silent), heard(&silent), silent.world.calls().total()), (0, vec![], 0));
    let far = vec![(OWNER, "2026-12-31"); 1_000];
    let quiet = world(SETTINGS, &far);
    quiet.world.forget_calls();
    assert_eq!((run(&quiet), heard(&quiet)), (0, vec![]));
    assert_eq!(quiet.world.calls().actions(), ["dynamodb:Query"], "what waits for a digest");
}

#[test]
fn a_mail_has_at_most_25_exemptions() {
    let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS); 51]);
    assert_eq!(run(&local), 51);
    let counts: Vec<usize> = heard(&local).iter().map(|(_, body)| body.matches("\nRule: ").count()).collect();
    assert_eq!((counts, run(&local)), (vec![25, 25, 1], 0));
}

#[test]
fn an_owner_who_can_never_be_told_is_the_fallback_s_once_and_is_told_once_that_is_mended() {
    for fault in [Fault::Denied, Fault::Failed] {
        let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS), ("ann@example.com", IN_FIVE_DAYS)]);
        local.world.fail_later(Operation::SendEmail, Some(OWNER), 0, fault, Times::Always);
        assert_eq!(run(&local), 2);
        assert_eq!(to(&local), ["ann@example.com", FALLBACK]);
        let body = &heard(&local)[1].1;
        assert!(
            body.contains("Told here because team@example.com could not be told: ses:SendEmail"),
            "{body}"
        );
        let decisions = local.world.take_decisions();
        let not_told = decisions.iter().any(|decision| {
            matches!(decision, Decision::NotTold { key, to, .. }
                if key.starts_with("exemption#access-key-age#arn:") && to.to_string() == OWNER)
        });
        assert!(not_told, "{decisions:?}");
        a_day_later(&local);
        assert_eq!((run(&local), to(&local).len()), (0, 2), "once");
        local.world.heal();
        assert_eq!((run(&local), to(&local).last().unwrap().as_str()), (1, OWNER));
    }
}

#[test]
fn what_is_throttled_is_told_the_next_time_and_keeps_nobody_else_waiting() {
    let local = world(SETTINGS, &[("ann@example.com", IN_FIVE_DAYS), (OWNER, IN_FIVE_DAYS)]);
    local.world.fail_later(
        Operation::SendEmail,
        Some("ann@example.com"),
        0,
        Fault::Throttled,
        Times::Next(1),
    );
    let why = local.send_digests().unwrap_err().to_string();
    assert!(
        why.contains("owners of exemptions that lapse could not be told: ann@example.com: ses:SendEmail"),
        "{why}"
    );
    assert_eq!(to(&local), [OWNER]);
    assert_eq!((run(&local), to(&local)), (1, vec![OWNER.to_owned(), "ann@example.com".to_owned()]));
}

#[test]
fn where_the_fallback_cannot_be_told_either_the_failure_is_told_and_tried_again() {
    for fault in [Fault::Throttled, Fault::Denied, Fault::Failed] {
        let local = world(SETTINGS, &[("payments team", IN_FIVE_DAYS)]);
        local.world.fail(Operation::SendEmail, fault, Times::Always);
        let why = local.send_digests().unwrap_err().to_string();
        assert!(why.contains("security@example.com: ses:SendEmail"), "{why}");
        local.world.heal();
        assert_eq!((run(&local), to(&local).len()), (1, 1));
    }
}

#[test]
fn while_it_cannot_be_read_who_was_told_nobody_is_told_and_the_failure_is() {
    for fault in [Fault::Throttled, Fault::Denied] {
        let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS)]);
        local.world.fail(Operation::GetItem, fault, Times::Always);
        let why = local.send_digests().unwrap_err().to_string();
        assert!(why.contains("team@example.com: dynamodb:GetItem"), "{why}");
        assert_eq!(heard(&local), []);
        local.world.heal();
        assert_eq!((run(&local), run(&local), to(&local).len()), (1, 0, 1));
    }
}

#[test]
fn one_of_whom_it_cannot_be_read_keeps_nobody_else_waiting() {
    let local = world(SETTINGS, &[("ann@example.com", IN_FIVE_DAYS), (OWNER, IN_FIVE_DAYS)]);
    local.world.fail(Operation::GetItem, Fault::Throttled, Times::Next(1));
    let why = local.send_digests().unwrap_err().to_string();
    assert!(why.contains("ann@example.com: dynamodb:GetItem"), "{why}");
    assert_eq!(to(&local), [OWNER]);
    assert_eq!((run(&local), to(&local)), (1, vec![OWNER.to_owned(), "ann@example.com".to_owned()]));
}

#[test]
fn digests_that_cannot_be_read_keep_no_owner_waiting() {
    let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS)]);
    local.world.fail(Operation::Query, Fault::Throttled, Times::Always);
    let why = local.send_digests().unwrap_err().to_string();
    assert!(why.contains("digests could not be sent and wait on: dynamodb:Query"), "{why}");
    assert_eq!(to(&local), [OWNER]);
}

#[test]
fn what_cannot_be_remembered_is_told_again_rather_than_not_at_all() {
    let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS)]);
    local.world.fail(Operation::PutItem, Fault::Throttled, Times::Next(1));
    assert_eq!((run(&local), run(&local), run(&local)), (1, 1, 0));
    assert_eq!(to(&local), [OWNER, OWNER]);
}

#[test]
fn a_worker_that_dies_at_any_call_tells_all_the_same_and_at_most_once_more() {
    for calls in 1..9 {
        let local = world(SETTINGS, &[(OWNER, IN_FIVE_DAYS), ("ann@example.com", IN_AN_HOUR)]);
        local.world.die_after(calls);
        let _ = local.send_digests();
        let _ = local.send_digests();
        for owner in [OWNER, "ann@example.com"] {
            let times = to(&local).iter().filter(|to| *to == owner).count();
            assert!((1..=2).contains(&times), "{calls}: {owner} {times}");
        }
    }
}
