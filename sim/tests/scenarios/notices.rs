//! Who is told of what, and that nothing told to nobody is lost.

use serde_json::{Value, json};
use shared::facts::Read;
use shared::governance::Chat;
use shared::notice::Notice;
use sim::{Fault, Heard, Local, Operation, Times};

use crate::fixture::*;

const SETTINGS: &str = r#"
notices:
  from: bailiff@example.com
  domains: [example.com]
  owners:
    - { principal: "arn:aws:iam::111122223333:user/payments/*", contact: payments@example.com }
    - { principal: "arn:aws:iam::111122223333:user/chatty", contact: slack }
  ownerTags: [owner]
  fallback: security@example.com
"#;
const FALLBACK: &str = "security@example.com";
const GET_USER: Operation = Operation::Read(Read::GetUser);
const GET_CONTACT: Operation = Operation::Read(Read::GetAlternateContact);

/// A user who breaks a rule, put right or planned for as the mode says, and the notice of how that ended on its queue.
#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn noticed(mode: &str, settings: &str, name: &str, path: &str, tags: Value) -> Local {
    let user = json!({"name": name, "path": path, "tags": tags, "inlinePolicies": [{"name": "own"}]});
    let local = local(users(json!([user])), only(&[INLINE], mode, settings));
    let delivery = local.deliver(&change(&local.world, name, INLINE));
    assert!(delivery.dead_letters.is_empty() && local.world.notices().len() == 1);
    only_how_it_ended(&local);
    local
}

/// Leaves one notice on the queue: not that it begins.
fn only_how_it_ended(local: &Local) {
    local.world.lose_notices();
    let ended = Notice::of(&local.world.notices()[0], "bailiff", None);
    local.world.put_notice(&serde_json::to_string(&ended).unwrap());
}

fn tagged(value: &str) -> Local {
    noticed("enforce", SETTINGS, "ann", "/", json!({ "owner": value }))
}

fn heard(local: &Local) -> Vec<(String, String)> {
    local.world.heard().into_iter().map(|Heard { to, body, .. }| (to.to_string(), body)).collect()
}

/// The one who was told, and in what words.
fn told(local: &Local) -> (String, String) {
    assert_eq!(local.deliver_notices(), []);
    let mut heard = heard(local);
    assert_eq!(heard.len(), 1, "{heard:?}");
    heard.remove(0)
}

#[test]
fn where_the_governance_file_names_nobody_only_the_topic_is_told() {
    let local = noticed("enforce", "", "ann", "/", json!({"owner": "ann@example.com"}));
    local.world.forget_calls();
    assert_eq!(local.deliver_notices(), []);
    assert_eq!((heard(&local), local.world.calls().total()), (vec![], 0));
}

#[test]
fn the_directory_comes_before_the_tag_and_the_tag_before_the_rest() {
    let tag = json!({"Owner": "ann@example.com"});
    let (to, body) = told(&noticed("enforce", SETTINGS, "deploy", "/payments/", tag.clone()));
    assert_eq!(to, "payments@example.com");
    assert!(body.contains("You are told because the governance file says that it is yours."), "{body}");
    let (to, body) = told(&noticed("enforce", SETTINGS, "ann", "/", tag));
    assert_eq!(to, "ann@example.com");
    assert!(body.contains("You are told because the tag `owner` of user ann names you."), "{body}");
    assert!(body.contains("delete inline policy own from user ann: done and read back"), "{body}");
}

#[test]
fn a_hostile_tag_names_nobody_and_is_not_repeated() {
    for value in [
        "eve@evil.com",
        "ann@example.com\r\nBcc: eve@evil.com",
        "Ann <eve@evil.com>",
        "ann@example.com,eve@evil.com",
        "slack",
        "team-a",
        &"a".repeat(10_000),
    ] {
        let (to, body) = told(&tagged(value));
        assert_eq!(to, FALLBACK, "{value:.60}");
        assert!(body.contains("told because nobody is known to own it: "), "{body}");
        assert!(body.contains("its tag `owner` holds") && !body.contains(value), "{value:.60}: {body}");
    }
}

#[test]
fn without_a_tag_the_accounts_contact_for_security_is_told() {
    let local = noticed("enforce", SETTINGS, "ann", "/", json!({}));
    local.world.set_security_contact("soc@example.com");
    assert_eq!(told(&local).0, "soc@example.com");
    let local = noticed("enforce", SETTINGS, "ann", "/", json!({}));
    local.world.set_security_contact("soc@agency.example");
    let (to, body) = told(&local);
    assert_eq!(to, FALLBACK);
    assert!(
        body.contains("it has no tag owner; the account's contact for security holds an e-mail"),
        "{body}"
    );
}

#[test]
fn the_tag_of_one_who_took_the_name_names_nobody() {
    let local = tagged("ann@example.com");
    local.world.edit(|account| {
        let ann = &mut account.users[0];
        ann.id = shared::identifier::UniqueId::parse("AIDAANOTHERANNEXAMPLE").ok();
        ann.tags.insert("owner".to_owned(), "eve@example.com".to_owned());
    });
    let (to, body) = told(&local);
    assert!(to == FALLBACK && body.contains("it is gone, and another has its name"), "{to}: {body}");
}

#[test]
fn a_chat_is_told_where_the_deployment_has_its_webhook_and_else_the_fallback() {
    let local = noticed("enforce", SETTINGS, "chatty", "/", json!({}));
    local.world.give_webhook(Chat::Slack);
    let (to, body) = told(&local);
    let message: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(to, "slack");
    assert!(message["text"].as_str().unwrap().starts_with("user chatty: changed and verified"), "{body}");
    let local = noticed("enforce", SETTINGS, "chatty", "/", json!({}));
    let (to, body) = told(&local);
    assert_eq!(to, FALLBACK);
    assert!(
        body.contains("slack could not be told: events:PutEvents failed: the deployment was given"),
        "{body}"
    );
}

#[test]
fn who_cannot_be_told_for_good_is_told_by_way_of_the_fallback() {
    for fault in [Fault::Denied, Fault::Failed] {
        let local = tagged("ann@example.com");
        local.world.fail_later(Operation::SendEmail, Some("ann@example.com"), 0, fault, Times::Always);
        let (to, body) = told(&local);
        assert_eq!(to, FALLBACK);
        assert!(
            body.contains("You are told because ann@example.com could not be told: ses:SendEmail"),
            "{body}"
        );
    }
}

#[test]
fn what_fails_for_a_while_is_tried_again_until_the_owner_is_told() {
    for operation in [Operation::SendEmail, Operation::GetItem, GET_USER] {
        for times in 1..4 {
            let local = tagged("ann@example.com");
            local.world.fail(operation, Fault::Throttled, Times::Next(times));
            assert_eq!(told(&local).0, "ann@example.com", "{operation:?}");
        }
    }
}

#[test]
fn what_fails_to_the_last_try_costs_the_owner_the_notice_and_nobody_else() {
    let local = tagged("ann@example.com");
    local.world.fail_later(Operation::SendEmail, Some("ann@example.com"), 0, Fault::Throttled, Times::Always);
    assert_eq!(told(&local).0, FALLBACK);
    for (operation, fault) in
        [(GET_USER, Fault::Throttled), (GET_USER, Fault::Denied), (GET_CONTACT, Fault::Denied)]
    {
        let local = noticed("enforce", SETTINGS, "ann", "/", json!({}));
        local.world.fail(operation, fault, Times::Always);
        let (to, body) = told(&local);
        assert!(to == FALLBACK && body.contains("more could not be read: "), "{to}: {body}");
    }
}

#[test]
fn where_nobody_can_be_told_the_notice_lies_with_the_dead_letters() {
    for fault in [Fault::Throttled, Fault::Denied, Fault::Failed] {
        let local = tagged("ann@example.com");
        local.world.fail(Operation::SendEmail, fault, Times::Always);
        let dead = local.deliver_notices();
        assert_eq!((dead.len(), dead[0].tries, heard(&local).len()), (1, 5, 0));
        assert!(dead[0].why.starts_with("nobody could be told: ses:SendEmail"), "{}", dead[0].why);
        // A person puts it back on its queue once the cause is mended.
        local.world.heal();
        local.world.put_notice(&dead[0].body);
        assert_eq!(told(&local).0, "ann@example.com");
    }
}

#[test]
fn a_message_that_is_no_notice_lies_with_the_dead_letters() {
    let local = local(users(json!([])), only(&[INLINE], "enforce", SETTINGS));
    local.world.put_notice("{}");
    local.world.put_notice("{\"schema\": 99}");
    let dead = local.deliver_notices();
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().any(|letter| letter.why.contains("deploy the newer version")), "{dead:?}");
}

#[test]
fn a_notice_that_comes_twice_is_told_once() {
    let local = tagged("ann@example.com");
    local.deliver_notices();
    let notice = Notice::of(&local.world.notices()[0], "bailiff", None);
    for _ in 0..3 {
        local.world.put_notice(&serde_json::to_string(&notice).unwrap());
    }
    assert_eq!(told(&local).0, "ann@example.com");
}

#[test]
fn where_it_cannot_be_read_who_was_told_that_is_tried_again_and_at_the_last_they_are_told() {
    // Told already: a read that fails for a while tells nobody twice.
    for times in 1..5 {
        let local = tagged("ann@example.com");
        local.deliver_notices();
        let notice = Notice::of(&local.world.notices()[0], "bailiff", None);
        local.world.put_notice(&serde_json::to_string(&notice).unwrap());
        local.world.fail(Operation::GetItem, Fault::Throttled, Times::Next(times));
        assert_eq!(told(&local).0, "ann@example.com", "after {times} reads that failed");
    }
    for fault in [Fault::Throttled, Fault::Denied] {
        let local = tagged("ann@example.com");
        local.world.fail(Operation::GetItem, fault, Times::Always);
        let (to, body) = told(&local);
        assert!(to == "ann@example.com" && !body.contains("could not be told"), "{fault:?}: {to}: {body}");
    }
}

#[test]
fn what_cannot_be_remembered_is_told_again_rather_than_not_at_all() {
    let local = tagged("ann@example.com");
    local.world.fail(Operation::PutItem, Fault::Throttled, Times::Always);
    assert_eq!(local.deliver_notices(), []);
    assert_eq!(heard(&local).len(), 1);
}

#[test]
fn a_worker_that_dies_at_any_call_tells_all_the_same_and_at_most_once_more() {
    for calls in 1..6 {
        let local = tagged("ann@example.com");
        local.world.die_after(calls);
        assert_eq!(local.deliver_notices(), []);
        let heard = heard(&local);
        assert!((1..=2).contains(&heard.len()), "{calls}: {heard:?}");
        assert!(heard.iter().all(|(to, _)| to == "ann@example.com"), "{heard:?}");
    }
}

const DAILY: &str = "  digest: daily\n";

fn planned(settings: &str) -> Local {
    let list: Vec<Value> = (0..3)
        .map(|n| {
            let owner = if n < 2 { "ann@example.com" } else { "ben@example.com" };
            json!({"name": format!("u{n}"), "tags": {"owner": owner}, "inlinePolicies": [{"name": "own"}]})
        })
        .collect();
    let local = local(users(json!(list)), only(&[INLINE], "notify", settings));
    for n in 0..3 {
        local.deliver(&change(&local.world, &format!("u{n}"), INLINE));
    }
    assert_eq!(local.deliver_notices(), []);
    local
}

#[test]
fn what_changed_nothing_waits_for_one_digest_a_contact_where_the_file_says_so() {
    assert_eq!(heard(&planned(SETTINGS)).len(), 3, "at once without it");
    let local = planned(&format!("{SETTINGS}{DAILY}"));
    assert_eq!((heard(&local).len(), local.world.put_off().len()), (0, 3));
    let sent = local.send_digests().unwrap();
    assert_eq!((sent.digests, sent.notices), (2, 3));
    let heard = local.world.heard();
    assert_eq!(heard[0].subject, "Bailiff: digest of 2 notices");
    assert!(heard[0].body.contains("user u0: planned") && heard[0].body.contains("user u1: planned"));
    assert_eq!(
        (heard[1].to.to_string().as_str(), heard[1].subject.as_str()),
        ("ben@example.com", "Bailiff: digest of 1 notice")
    );
    assert_eq!(local.send_digests().unwrap().digests, 0, "once");
}

#[test]
fn what_was_done_waits_for_no_digest() {
    let settings = format!("{SETTINGS}{DAILY}");
    let local = noticed("enforce", &settings, "ann", "/", json!({"owner": "ann@example.com"}));
    assert_eq!(told(&local).0, "ann@example.com");
}

#[test]
fn a_digest_that_cannot_be_sent_waits_for_the_next_day_and_others_do_not() {
    let local = planned(&format!("{SETTINGS}{DAILY}"));
    local.world.fail_later(
        Operation::SendEmail,
        Some("ann@example.com"),
        0,
        Fault::Throttled,
        Times::Next(1),
    );
    let why = local.send_digests().unwrap_err().to_string();
    assert!(why.contains("ann@example.com: ses:SendEmail was throttled"), "{why}");
    assert_eq!(heard(&local).len(), 1);
    assert_eq!(local.send_digests().unwrap().notices, 2);
    assert_eq!((heard(&local).len(), local.world.put_off().len()), (2, 0));
}

#[test]
fn a_digest_for_one_who_can_never_be_told_goes_to_the_fallback() {
    let local = planned(&format!("{SETTINGS}{DAILY}"));
    local.world.fail_later(Operation::SendEmail, Some("ann@example.com"), 0, Fault::Failed, Times::Always);
    local.send_digests().unwrap();
    let heard = heard(&local);
    assert_eq!((heard[0].0.as_str(), local.world.put_off().len()), (FALLBACK, 0));
    assert!(heard[0].1.contains("ann@example.com could not be told"), "{}", heard[0].1);
}

#[test]
fn a_worker_that_dies_over_digests_loses_none() {
    for calls in 1..8 {
        let local = planned(&format!("{SETTINGS}{DAILY}"));
        local.world.die_after(calls);
        let _ = local.send_digests();
        let _ = local.send_digests();
        let to_ann = heard(&local).iter().filter(|(to, _)| to == "ann@example.com").count();
        let to_ben = heard(&local).iter().filter(|(to, _)| to == "ben@example.com").count();
        assert!((1..=2).contains(&to_ann) && (1..=2).contains(&to_ben) && to_ann + to_ben <= 3, "{calls}");
        assert_eq!(local.world.put_off(), []);
    }
}

#[test]
fn a_role_s_tag_names_its_owner_too() {
    let role =
        json!({"name": "deployer", "tags": {"owner": "ann@example.com"}, "maxSessionDuration": 43_200});
    let rules = only(&["role-session-duration"], "enforce", SETTINGS);
    let local = local(account(json!({ "roles": [role] })), rules);
    sweep(&local);
    only_how_it_ended(&local);
    let (to, body) = told(&local);
    assert_eq!(to, "ann@example.com", "{body}");
}

#[test]
fn what_cannot_be_put_off_is_tried_again_and_at_the_last_told_too_early() {
    let late = |times| {
        let settings = format!("{SETTINGS}{DAILY}");
        let local = noticed("notify", &settings, "ann", "/", json!({"owner": "ann@example.com"}));
        local.world.fail(Operation::PutItem, Fault::Throttled, times);
        assert_eq!(local.deliver_notices(), []);
        (heard(&local).len(), local.world.put_off().len())
    };
    assert_eq!(late(Times::Next(1)), (0, 1));
    assert_eq!(late(Times::Always), (1, 0));
}
