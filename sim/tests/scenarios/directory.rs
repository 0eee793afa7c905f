//! A directory's word: who has left is suspended by it, and by nothing else that looks like it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::engine::{EngineError, FetchedFile, Heard, KeepDepartures, SendFindings};
use shared::facts::{Departure, Read};
use shared::governance::Governance;
use shared::remedy::{Refusal, Status};
use sim::{AccountFile, DeadLetter, Delivered, Fault, Local, Operation, Times, World};

use crate::fixture::*;

const LEFT: &str = "user-left";
const MATCH: &str = "directory: { matchBy: [{tag: employee_id}, {email: email}] }\n";

fn enforcing(directory: &str) -> Governance {
    only(&[LEFT], "enforce", directory)
}

fn user(name: &str, tags: &[(&str, &str)]) -> Value {
    let tags: serde_json::Map<String, Value> =
        tags.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({"name": name, "tags": tags, "loginProfile": {}, "mfaDevices": ["m"]})
}

/// Ada is E1, Grace E2.
fn two() -> AccountFile {
    users(json!([
        user("ada", &[("employee_id", "E1"), ("email", "ada@example.com")]),
        user("grace", &[("employee_id", "E2"), ("email", "grace@example.com")]),
    ]))
}

fn event(local: &Local, detail: &Value) -> Value {
    said_at(local.world.now(), detail)
}

fn said_at(said: Timestamp, detail: &Value) -> Value {
    json!({
        "version": "0", "id": format!("event-{}", said.as_millisecond()), "detail-type": "Directory Change",
        "source": "directory", "account": ACCOUNT, "time": said.to_string(), "region": "eu-west-1",
        "resources": [], "detail": detail
    })
}

fn leaver(employee: &str, at: &str) -> Value {
    json!({"employee": employee, "status": "leaver", "effectiveAt": at})
}

fn rehire(employee: &str, at: &str) -> Value {
    json!({"employee": employee, "status": "rehire", "effectiveAt": at})
}

fn heard(local: &Local, event: &Value) -> Heard {
    let hearing = local.hear(event);
    assert!(hearing.dead_letters.is_empty(), "{}", hearing.dead_letters[0].why);
    hearing.heard.unwrap()
}

fn suspended(local: &Local) -> Vec<String> {
    let quarantined = |user: &&sim::account_file::User| user.attached_policies.contains(&quarantine());
    local.world.account().users.iter().filter(quarantined).map(|user| user.name.to_string()).collect()
}

fn wait(local: &Local, hours: i64) {
    local.world.advance(SignedDuration::from_hours(hours));
}

/// Undoes the last act.
fn undo_last(local: &Local) {
    let last = written(local).pop().unwrap();
    let undone = restore(local, &last.id).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
}

#[test]
fn who_leaves_after_an_undo_is_suspended_at_once_and_who_had_left_before_it_is_let_be() {
    let account = || {
        users(json!([{"name": "ada", "tags": {"employee_id": "E1"},
        "accessKeys": [key("ADA1", 300, None)]}]))
    };
    let governance = || only(&[LEFT, KEY_AGE], "enforce", MATCH);
    // Heard of after it.
    let local = local(account(), governance());
    sweep(&local);
    undo_last(&local);
    wait(&local, 24);
    heard(&local, &event(&local, &leaver("E1", "2026-11-23T06:00:00Z")));
    local.work_off();
    assert_eq!(suspended(&local), ["ada"]);
    // Undone, the same word leads to nothing, nor does the same departure in another event.
    undo_last(&local);
    wait(&local, 24);
    heard(&local, &said_at("2026-11-23T09:00:00Z".parse().unwrap(), &leaver("E1", "2026-11-23T06:00:00Z")));
    heard(&local, &event(&local, &leaver("E1", "2026-11-23T06:00:00Z")));
    sweep(&local);
    assert_eq!(suspended(&local), Vec::<String>::new());

    // Heard of before it, for a day after it.
    let local = crate::fixture::local(account(), governance());
    sweep(&local);
    heard(&local, &event(&local, &leaver("E1", "2026-11-23T06:00:00Z")));
    undo_last(&local);
    assert_eq!(suspended(&local), Vec::<String>::new());
    wait(&local, 24);
    sweep(&local);
    assert_eq!(suspended(&local), ["ada"]);
}

/// Forty people; the first left, was to be back in two days, and was restored when that day came.
fn who_left_and_was_restored() -> Local {
    let account = users(Value::Array(
        (1..=40)
            .map(|number| {
                json!({"name": format!("user{number}"), "tags": {"employee_id": format!("E{number}")},
                       "accessKeys": [key(&format!("KEY{number}"), 30, None)]})
            })
            .collect(),
    ));
    let local = local(account, enforcing(ABSENT_LEFT));
    heard(&local, &event(&local, &leaver("E1", LAST_DAY)));
    assert_eq!(suspended(&local), ["user1"]);
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-24T00:00:00Z")));
    wait(&local, 48);
    undo_last(&local);
    assert_eq!(suspended(&local), [""; 0]);
    local
}

const LAST_DAY: &str = "2026-11-20T12:00:00Z";

#[test]
fn who_leaves_a_second_time_after_a_return_is_suspended_at_once_whatever_was_undone_in_between() {
    // A list leaves the person out, or it or an event names the old day again.
    let leave_out = |local: &Local| {
        list(&local.world, local.world.now(), &staff(40)[1..]);
        heard(local, &reconcile(&local.world))
    };
    let by_list = |local: &Local| read_list(local, &format!("E1,leaver,{LAST_DAY},"));
    let by_event = |local: &Local| heard(local, &event(local, &leaver("E1", LAST_DAY)));
    let say = |how: &str, local: &Local| match how {
        "absent" => leave_out(local),
        "list" => by_list(local),
        _ => by_event(local),
    };
    for how in ["absent", "list", "event"] {
        let local = who_left_and_was_restored();
        wait(&local, 24);
        assert_eq!(say(how, &local).findings, 1, "{how}");
        local.work_off();
        assert_eq!(suspended(&local), ["user1"], "{how}");
        let kept = first_kept(&local);
        if how == "absent" {
            assert_eq!(kept.leaves, Some(kept.said), "gone as of the list");
        }
        // That one, too, is said again and again, and is one departure.
        undo_last(&local);
        for _ in 0..4 {
            wait(&local, 6);
            say(how, &local);
            sweep(&local);
            assert_eq!(suspended(&local), [""; 0], "{how}");
        }
        assert_eq!(first_kept(&local).leaves, kept.leaves, "{how}");
    }
}

/// A finding that nobody made, about the first user.
fn hint(local: &Local) -> (Vec<Delivered>, Vec<DeadLetter>) {
    let user = local.world.account().users.remove(0);
    let finding = finding(local, &user, LEFT);
    pollster::block_on(local.world.send(&finding, remediator(LEFT))).unwrap();
    local.work_off()
}

/// A list of lines, each `employee,status,effectiveAt,email`, made at that time.
fn list(world: &World, generated_at: Timestamp, lines: &[String]) {
    let mut text = format!("{{\"generatedAt\": \"{generated_at}\", \"count\": {}}}\n", lines.len());
    text.push_str("employee,status,effectiveAt,email\n");
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    leave(world, text);
}

fn leave(world: &World, text: impl Into<Vec<u8>>) {
    let source = format!("s3://people/list.csv of {}", world.now());
    world.set_directory_file(Some(FetchedFile { bytes: text.into(), source }));
}

/// So many people of a company, all of whom stay.
fn staff(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("E{number},active,,")).collect()
}

/// An account in which each of so many people has a user.
fn company(count: usize) -> AccountFile {
    company_of(1..=count)
}

/// One in which every tenth of ten thousand has.
fn every_tenth() -> AccountFile {
    company_of((1..=1_000).map(|number| number * 10))
}

fn company_of(people: impl IntoIterator<Item = usize>) -> AccountFile {
    let users_of: Vec<Value> = people
        .into_iter()
        .map(|number| user(&format!("user{number}"), &[("employee_id", &format!("E{number}"))]))
        .collect();
    users(json!(users_of))
}

#[test]
fn who_has_left_is_suspended_and_nobody_else() {
    let local = local(two(), enforcing(MATCH));
    let heard = heard(&local, &event(&local, &leaver("E1", NOW)));
    assert_eq!((heard.matched, heard.left, heard.findings), (1, 1, 1));
    assert_eq!(suspended(&local), ["ada"]);
    assert!(local.world.account().users[0].login_profile.is_none());
}

#[test]
fn in_audit_it_is_written_down_what_would_be_done() {
    let local = local(two(), only(&[LEFT], "audit", MATCH));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    assert_eq!(suspended(&local), [""; 0]);
    let entries = local.world.entries();
    assert_eq!((entries.len(), entries[0].status), (1, Status::Planned));
}

#[test]
fn a_date_that_lies_ahead_waits_for_the_sweep_of_that_day() {
    let local = local(two(), enforcing(MATCH));
    let heard = heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    assert_eq!((heard.kept, heard.waiting, heard.findings), (1, 1, 0));
    wait(&local, 47);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
    wait(&local, 1);
    sweep(&local);
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn who_is_hired_again_before_the_day_is_let_be() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-22T09:30:00Z")));
    wait(&local, 72);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
    assert!(local.world.take_pages().is_empty(), "nothing was done that would have to be undone");
}

#[test]
fn a_day_that_is_put_off_or_put_forward_counts_in_place_of_the_first() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    wait(&local, 1);
    heard(&local, &event(&local, &leaver("E1", "2026-11-30T09:00:00Z")));
    wait(&local, 72);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
    heard(&local, &event(&local, &leaver("E1", "2026-11-25T10:00:00Z")));
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn who_comes_back_stays_suspended_and_people_are_told_how_to_lift_it() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    wait(&local, 24);
    let back = heard(&local, &event(&local, &rehire("E1", NOW)));
    assert_eq!(back.back, 1);
    assert_eq!(suspended(&local), ["ada"], "lifting it is for people");
    let pages = local.world.take_pages();
    assert!(pages.len() == 1 && pages[0].text.contains("bailiff-restore"), "{pages:?}");
    let entry = local.world.entries()[0].id.clone();
    restore(&local, &entry).unwrap();
    wait(&local, 24 * 90);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
}

#[test]
fn who_is_to_be_back_is_suspended_in_between() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-12-24T09:00:00Z")));
    wait(&local, 48);
    sweep(&local);
    assert_eq!(suspended(&local), ["ada"]);
    let kept = local.world.kept_departures();
    let departure = kept.values().next().unwrap();
    assert!(departure.is_gone("2026-12-24T08:59:59Z".parse().unwrap()));
    assert!(!departure.is_gone("2026-12-24T09:00:00Z".parse().unwrap()));
}

#[test]
fn who_moves_before_leaving_still_leaves() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    wait(&local, 1);
    let mover = json!({"employee": "E1", "status": "mover", "effectiveAt": NOW});
    heard(&local, &event(&local, &mover));
    wait(&local, 48);
    sweep(&local);
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn both_users_of_one_person_are_suspended() {
    let account = users(json!([
        user("ada", &[("employee_id", "E1")]),
        user("ada-admin", &[("email", "Ada@Example.com")]),
        user("grace", &[("employee_id", "E2")]),
    ]));
    let local = local(account, enforcing(MATCH));
    let mut detail = leaver("E1", NOW);
    detail["email"] = json!("ada@example.com");
    heard(&local, &event(&local, &detail));
    assert_eq!(suspended(&local), ["ada", "ada-admin"]);
}

#[test]
fn a_user_of_two_people_is_left_to_people() {
    let account = users(json!([user("desk", &[("employee_id", "E1"), ("email", "grace@example.com")])]));
    let local = local(account, enforcing(MATCH));
    let mut detail = leaver("E2", NOW);
    detail["email"] = json!("grace@example.com");
    let heard = heard(&local, &event(&local, &detail));
    assert_eq!((heard.ambiguous, heard.findings), (1, 1));
    assert_eq!(suspended(&local), [""; 0]);
    let entry = local.world.entries().remove(0);
    assert!(matches!(entry.refusal, Some(Refusal::LeftToPeople { .. })), "{:?}", entry.refusal);
    assert_eq!(local.world.notices().len(), 1, "people are told");
}

#[test]
fn a_tag_that_was_changed_since_suspends_nobody_and_hides_nobody() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    local.world.edit(|account| {
        account.users[0].tags.insert("employee_id".to_owned(), "E7".to_owned());
    });
    wait(&local, 48);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
    let entry = local.world.entries().remove(0);
    assert!(matches!(entry.refusal, Some(Refusal::LeftToPeople { .. })), "{:?}", entry.refusal);
}

#[test]
fn break_glass_is_never_suspended() {
    let rest = format!(
        "{MATCH}breakGlass: [{{principal: 'arn:aws:iam::{ACCOUNT}:user/ada', reason: emergencies}}]\n"
    );
    let local = local(two(), enforcing(&rest));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    assert_eq!(suspended(&local), [""; 0]);
    assert!(matches!(local.world.entries()[0].refusal, Some(Refusal::Protected { .. })));
}

#[test]
fn what_is_said_of_people_without_users_changes_nothing() {
    let local = local(two(), enforcing(MATCH));
    let before = local.world.account();
    for (employee, email) in [("E9", "nobody@example.com"), ("e1", "ada@example.org"), ("ada", "*")] {
        let mut detail = leaver(employee, NOW);
        detail["email"] = json!(email);
        assert_eq!(heard(&local, &event(&local, &detail)).matched, 0, "{employee}");
    }
    assert!(changes(&before, &local).is_empty() && local.world.kept_departures().is_empty());
}

#[test]
fn a_finding_alone_suspends_nobody_for_the_table_is_read_again() {
    let local = local(two(), enforcing(MATCH));
    let before = local.world.account();
    let (delivered, dead) = hint(&local);
    assert!(delivered.len() == 1 && dead.is_empty());
    assert!(changes(&before, &local).is_empty() && local.world.entries().is_empty());
}

#[test]
fn an_old_event_that_comes_again_does_not_overrule_what_was_said_since() {
    let local = local(two(), enforcing(MATCH));
    let first = event(&local, &leaver("E1", "2026-11-24T09:00:00Z"));
    heard(&local, &first);
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-22T09:30:00Z")));
    wait(&local, 24 * 30);
    assert_eq!(heard(&local, &first).kept, 0);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
}

#[test]
fn what_is_overtaken_on_the_way_does_not_count() {
    let local = local(two(), enforcing(MATCH));
    let earlier = event(&local, &leaver("E1", NOW));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", NOW)));
    assert_eq!(heard(&local, &earlier).left, 0);
    assert_eq!(suspended(&local), [""; 0]);
}

#[test]
fn nobody_can_say_today_what_nobody_may_take_back_tomorrow() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &said_at("2099-01-01T00:00:00Z".parse().unwrap(), &rehire("E1", NOW)));
    wait(&local, 1);
    heard(&local, &event(&local, &leaver("E1", NOW)));
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn an_event_of_another_account_or_without_a_directory_lies_with_the_dead_letters() {
    let local_ = local(two(), enforcing(MATCH));
    let mut foreign = event(&local_, &leaver("E1", NOW));
    foreign["account"] = json!("999988887777");
    let hearing = local_.hear(&foreign);
    assert!(matches!(hearing.heard, Err(EngineError::Permanent(_))) && hearing.dead_letters.len() == 1);
    let without = local(two(), enforcing(""));
    let hearing = without.hear(&event(&without, &leaver("E1", NOW)));
    assert!(hearing.dead_letters[0].why.contains("no `directory`"), "{}", hearing.dead_letters[0].why);
    assert!(suspended(&without).is_empty() && suspended(&local_).is_empty());
}

#[test]
fn whatever_fails_on_the_way_a_leaver_is_suspended_in_the_end() {
    let operations = [
        Operation::Read(Read::GetAccountAuthorizationDetails),
        Operation::Query,
        Operation::PutItem,
        Operation::SendMessage,
        Operation::PutEvents,
    ];
    for operation in operations {
        for fault in [Fault::Throttled, Fault::LostAnswer] {
            let local = local(two(), enforcing(MATCH));
            local.world.fail(operation, fault, Times::Next(2));
            let _ = local.hear(&event(&local, &leaver("E1", NOW)));
            local.world.heal();
            sweep(&local);
            assert_eq!(suspended(&local), ["ada"], "{operation:?} {fault:?}");
        }
    }
}

#[test]
fn a_leaver_of_whom_something_cannot_be_read_is_not_changed() {
    let reads = [
        Read::GetUser,
        Read::ListAccessKeys,
        Read::GetLoginProfile,
        Read::ListUserPolicies,
        Read::ListAttachedUserPolicies,
        Read::ListSshPublicKeys,
        Read::ListServiceSpecificCredentials,
        Read::ListSigningCertificates,
    ];
    for (read, fault) in reads.into_iter().flat_map(|read| [(read, Fault::Denied), (read, Fault::Throttled)])
    {
        let local = local(two(), enforcing(MATCH));
        local.world.fail(Operation::Read(read), fault, Times::Always);
        local.hear(&event(&local, &leaver("E1", NOW)));
        assert_eq!(local.world.calls().iam_writes(), 0, "{read} {fault:?}");
    }
}

#[test]
fn a_departure_that_cannot_be_read_suspends_nobody() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-24T09:00:00Z")));
    wait(&local, 72);
    local.world.fail(Operation::Query, Fault::Denied, Times::Always);
    sweep(&local);
    hint(&local);
    assert_eq!(suspended(&local), [""; 0]);
}

#[test]
fn a_list_takes_out_those_it_names_and_nobody_else() {
    let local = local(company(40), enforcing(MATCH));
    let mut lines = staff(10_000);
    lines[6] = "E7,leaver,2026-11-20,".to_owned();
    lines[8] = "E9,leaver,2026-11-30,".to_owned();
    list(&local.world, local.world.now(), &lines);
    let first = heard(&local, &reconcile(&local.world));
    assert_eq!((first.people, first.matched, first.left, first.waiting, first.kept), (10_000, 40, 1, 1, 2));
    assert_eq!(suspended(&local), ["user7"]);
    // The same list again changes nothing, and what was to come comes with its day.
    wait(&local, 24);
    assert_eq!(heard(&local, &reconcile(&local.world)).kept, 0);
    wait(&local, 24 * 9);
    sweep(&local);
    assert_eq!(suspended(&local), ["user7", "user9"]);
    assert!(local.world.take_pages().is_empty());
}

#[test]
fn a_list_takes_back_what_a_list_said_before_its_day() {
    let local = local(company(40), enforcing(MATCH));
    let mut lines = staff(40);
    lines[6] = "E7,leaver,2026-11-30,".to_owned();
    list(&local.world, local.world.now(), &lines);
    heard(&local, &reconcile(&local.world));
    heard(&local, &event(&local, &leaver("E8", "2026-11-30T09:00:00Z")));
    wait(&local, 24);
    list(&local.world, local.world.now(), &staff(40));
    heard(&local, &reconcile(&local.world));
    wait(&local, 24 * 30);
    sweep(&local);
    assert_eq!(
        suspended(&local),
        ["user8"],
        "a list that knows no days to come does not hide what an event said"
    );
}

/// Hears of a list that must not be believed: nobody is suspended, nothing is kept, and people are paged once.
fn is_refused(local: &Local, why: &str) {
    let before = local.world.account();
    let kept = local.world.kept_departures();
    let heard = heard(local, &reconcile(&local.world));
    assert!(heard.refused && heard.findings == 0, "{heard:?}");
    let pages = local.world.take_pages();
    assert!(pages.len() == 1 && pages[0].text.contains(why), "{why}: {pages:?}");
    local.hear(&reconcile(&local.world));
    assert!(local.world.take_pages().is_empty(), "one fault is told once a day");
    sweep(local);
    assert!(changes(&before, local).is_empty() && local.world.kept_departures() == kept);
}

/// Every tenth of ten thousand has a user, and a good list of all of them was read yesterday.
fn after_a_good_list(directory: &str) -> Local {
    let local = local(every_tenth(), enforcing(directory));
    list(&local.world, local.world.now(), &staff(10_000));
    let heard = heard(&local, &reconcile(&local.world));
    assert_eq!((heard.people, heard.matched, heard.kept, heard.refused), (10_000, 1_000, 0, false));
    wait(&local, 24);
    local
}

const ABSENT_LEFT: &str = "directory: { matchBy: [{tag: employee_id}], absentMeansLeft: true }\n";

#[test]
fn a_list_of_ten_thousand_of_whom_two_in_five_are_missing_suspends_nobody() {
    for directory in [MATCH, ABSENT_LEFT] {
        let local = after_a_good_list(directory);
        list(&local.world, local.world.now(), &staff(6_000));
        is_refused(&local, "it names 6000 people and the last good one named 10000");
    }
    // Nor does the first list there ever was.
    let local = local(every_tenth(), enforcing(ABSENT_LEFT));
    list(&local.world, local.world.now(), &staff(6_000));
    is_refused(&local, "the people of 400 users at once have left, of 1000");
}

#[test]
fn a_list_on_which_two_in_five_have_left_suspends_nobody() {
    let local = after_a_good_list(MATCH);
    let mut lines = staff(10_000);
    for (number, line) in lines.iter_mut().enumerate().take(4_000) {
        *line = format!("E{},leaver,2026-11-20,", number + 1);
    }
    list(&local.world, local.world.now(), &lines);
    is_refused(&local, "`directory.maxLeavers`");
}

#[test]
fn an_empty_a_missing_a_stale_or_a_turned_back_list_suspends_nobody() {
    let local = after_a_good_list(ABSENT_LEFT);
    leave(&local.world, "");
    is_refused(&local, "it is empty");
    list(&local.world, local.world.now(), &[]);
    is_refused(&local, "it names nobody");
    local.world.set_directory_file(None);
    is_refused(&local, "is not there");
    let now = local.world.now();
    list(&local.world, now - SignedDuration::from_hours(49), &staff(10_000));
    is_refused(&local, "more than 48 hours");
    list(&local.world, now - SignedDuration::from_hours(47), &staff(10_000));
    is_refused(&local, "put the newer one back");
    // A good list heals it all.
    list(&local.world, local.world.now(), &staff(10_000));
    assert!(!heard(&local, &reconcile(&local.world)).refused);
}

#[test]
fn one_line_that_cannot_be_read_among_ten_thousand_suspends_nobody() {
    let local = after_a_good_list(ABSENT_LEFT);
    let mut lines = staff(10_000);
    lines[0] = "E1,leaver,2026-11-20,".to_owned();
    lines[7_331] = "E7332,retired,,".to_owned();
    list(&local.world, local.world.now(), &lines);
    is_refused(&local, "`line 7334.status` is `retired`");
}

#[test]
fn a_list_cut_off_at_any_byte_suspends_nobody() {
    let whole = {
        let local = local(company(30), enforcing(ABSENT_LEFT));
        let mut lines = staff(30);
        lines[2] = "E3,leaver,2026-11-20,user3@example.com".to_owned();
        lines[29] = "E30,leaver,2026-11-20,user30@example.com".to_owned();
        list(&local.world, local.world.now(), &lines);
        assert_eq!(heard(&local, &reconcile(&local.world)).left, 2, "the whole list is believed");
        local.world.now()
    };
    let _ = whole;
    let local = local(company(30), enforcing(ABSENT_LEFT));
    let mut text =
        format!("{{\"generatedAt\": \"{NOW}\", \"count\": 30}}\nemployee,status,effectiveAt,email\n");
    for number in 1..=30 {
        let _ = writeln!(text, "E{number},leaver,2026-11-20,user{number}@example.com");
    }
    for end in 0..text.len() {
        leave(&local.world, text.get(..end).unwrap());
        assert!(heard(&local, &reconcile(&local.world)).refused, "{end}");
    }
    assert!(suspended(&local).is_empty() && local.world.kept_departures().is_empty());
    assert!(!local.world.take_pages().is_empty());
}

#[test]
fn whoever_is_not_on_a_list_has_left_only_where_the_file_says_so() {
    let mut lines = staff(100);
    lines.remove(49);
    for (directory, gone) in [(MATCH, vec![]), (ABSENT_LEFT, vec!["user50"])] {
        let local = local(company(100), enforcing(directory));
        list(&local.world, local.world.now(), &lines);
        heard(&local, &reconcile(&local.world));
        assert_eq!(suspended(&local), gone);
        // Day after day the same: nothing new is kept.
        wait(&local, 24);
        list(&local.world, local.world.now(), &lines);
        assert_eq!(heard(&local, &reconcile(&local.world)).kept, 0);
    }
}

#[test]
fn a_page_that_cannot_be_sent_is_sent_again() {
    let local = local(two(), enforcing(MATCH));
    leave(&local.world, "");
    local.world.fail(Operation::Publish, Fault::Throttled, Times::Next(2));
    assert!(heard(&local, &reconcile(&local.world)).refused);
    assert_eq!(local.world.take_pages().len(), 1);
}

/// What is kept of the first user's person.
fn first_kept(local: &Local) -> Departure {
    let id = local.world.account().users[0].id.clone().unwrap();
    local.world.kept_departures().get(&id).cloned().unwrap_or_default()
}

fn word(employee: &str, status: &str, at: &str) -> Value {
    json!({"employee": employee, "status": status, "effectiveAt": at})
}

/// Reads a list of forty of whom the lines say so of the first, and all else stay.
fn read_list(local: &Local, line: &str) -> Heard {
    let mut lines = staff(40);
    line.clone_into(&mut lines[0]);
    list(&local.world, local.world.now(), &lines);
    heard(local, &reconcile(&local.world))
}

#[test]
fn a_list_that_carries_a_departure_forward_is_not_where_it_comes_from() {
    let local = local(company(40), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-30T09:00:00Z")));
    let told = first_kept(&local).source;
    for line in ["E1,active,,", "E1,active,,", "E1,leaver,2026-11-30T09:00:00Z,", "E1,active,,"] {
        wait(&local, 6);
        read_list(&local, line);
        // Six hours later the same list is read again.
        wait(&local, 6);
        heard(&local, &reconcile(&local.world));
        let kept = first_kept(&local);
        assert_eq!((kept.source.as_str(), kept.by_list), (told.as_str(), false), "{line}");
    }
    wait(&local, 24 * 9);
    sweep(&local);
    assert_eq!(suspended(&local), ["user1"]);
}

#[test]
fn what_a_list_said_a_list_takes_back_whatever_an_event_says_in_between() {
    let local = local(company(40), enforcing(MATCH));
    read_list(&local, "E1,leaver,2026-11-30,");
    wait(&local, 1);
    heard(&local, &event(&local, &word("E1", "active", NOW)));
    assert!(first_kept(&local).leaves.is_some() && first_kept(&local).by_list);
    wait(&local, 1);
    read_list(&local, "E1,active,,");
    assert_eq!(first_kept(&local).leaves, None);
}

#[test]
fn a_word_that_decides_nothing_hides_none_that_was_said_before_and_comes_after() {
    for later in ["mover", "active", "joiner"] {
        let local = local(two(), enforcing(MATCH));
        let first = event(&local, &leaver("E1", "2026-11-30T09:00:00Z"));
        wait(&local, 1);
        heard(&local, &event(&local, &word("E1", later, NOW)));
        assert_eq!(heard(&local, &first).waiting, 1, "{later}");
        wait(&local, 24 * 9);
        sweep(&local);
        assert_eq!(suspended(&local), ["ada"], "{later}");
    }
}

#[test]
fn a_leaver_of_before_a_list_that_comes_after_it_counts_by_its_day() {
    // One whose day was past is employed by the list; one whose day lies ahead is so until then.
    for (day, gone) in [(NOW, vec![]), ("2026-11-30T09:00:00Z", vec!["user1"])] {
        let local = local(company(40), enforcing(MATCH));
        let first = event(&local, &leaver("E1", day));
        wait(&local, 1);
        read_list(&local, "E1,active,,");
        heard(&local, &first);
        wait(&local, 24 * 9);
        sweep(&local);
        assert_eq!(suspended(&local), gone, "{day}");
    }
}

/// Makes the first user anew.
fn made_anew(local: &Local) {
    let now = local.world.now();
    local.world.edit(|account| {
        let old = account.users.remove(0);
        account.users.insert(0, sim::account_file::User { created: Some(now), id: None, ..old });
    });
}

#[test]
fn a_user_made_since_is_not_taken_out_by_what_was_said_before() {
    let local = local(company(40), enforcing(ABSENT_LEFT));
    let told = event(&local, &leaver("E1", "2026-01-15"));
    let mut lines = staff(40);
    lines[0] = "E1,leaver,2026-01-15,".to_owned();
    for lines in [&lines[..], &lines[1..]] {
        list(&local.world, local.world.now(), lines);
        wait(&local, 1);
        made_anew(&local);
        wait(&local, 1);
        let heard_list = heard(&local, &reconcile(&local.world));
        assert_eq!((heard_list.refused, heard_list.kept, heard_list.left), (false, 0, 0));
        assert_eq!(heard(&local, &told).left, 0);
        assert_eq!(suspended(&local), [""; 0]);
    }
    // A list of after it was made counts.
    list(&local.world, local.world.now(), &lines);
    heard(&local, &reconcile(&local.world));
    assert_eq!(suspended(&local), ["user1"]);
}

#[test]
fn a_list_that_brings_the_days_of_many_forward_is_not_believed() {
    let ends = |day: &str| -> Vec<String> {
        (1..=1_000)
            .map(|number| {
                if number <= 400 { format!("E{number},leaver,{day},") } else { format!("E{number},active,,") }
            })
            .collect()
    };
    let limits = "directory: { matchBy: [{tag: employee_id}], maxLeavers: 500, maxLeaversShare: 60 }\n";
    let local_ = local(company(1_000), enforcing(limits));
    list(&local_.world, local_.world.now(), &ends("2027-11-30"));
    assert_eq!(heard(&local_, &reconcile(&local_.world)).waiting, 400);
    wait(&local_, 24);
    let strict = Local { governance: enforcing(MATCH), ..local_ };
    // It is no newcomer who is to leave later than was known, or as was known.
    list(&strict.world, strict.world.now(), &ends("2027-12-31"));
    assert!(!heard(&strict, &reconcile(&strict.world)).refused);
    for day in ["2026-11-23", "2026-11-24", "2027-06-30"] {
        wait(&strict, 25);
        list(&strict.world, strict.world.now(), &ends(day));
        is_refused(&strict, "the people of 400 users at once have left");
    }
}

#[test]
fn who_was_hired_again_and_leaves_by_a_list_is_a_new_leaver() {
    let none = format!("{}, maxLeaversShare: 0 }}\n", MATCH.trim_end().trim_end_matches('}'));
    let local = local(company(40), enforcing(&none));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-23T09:00:00Z")));
    wait(&local, 48);
    local.hear(&event(&local, &word("E9", "active", NOW)));
    local.world.take_pages();
    let mut lines = staff(40);
    lines[0] = "E1,leaver,2026-11-22T09:00:00Z,".to_owned();
    list(&local.world, local.world.now(), &lines);
    is_refused(&local, "the people of 1 users at once have left");
}

#[test]
fn what_is_said_of_another_person_does_not_wipe_a_departure() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-30T09:00:00Z")));
    wait(&local, 1);
    let mut other = word("E2", "active", NOW);
    other["email"] = json!("ada@example.com");
    heard(&local, &event(&local, &other));
    let kept = first_kept(&local);
    assert_eq!((kept.who().as_str(), kept.leaves.is_some()), ("E1 or E2", true));
    // Nor does a word that does not repeat the address take the doubt away.
    wait(&local, 1);
    heard(&local, &event(&local, &word("E1", "mover", NOW)));
    assert_eq!(first_kept(&local).who(), "E1 or E2");
    wait(&local, 24 * 9);
    sweep(&local);
    assert_eq!(suspended(&local), [""; 0]);
    let entry = local.world.entries().remove(0);
    assert!(matches!(entry.refusal, Some(Refusal::LeftToPeople { .. })), "{:?}", entry.refusal);
    // Whose address it is no more is no more in doubt.
    local.world.edit(|account| {
        account.users[0].tags.insert("email".to_owned(), "ada@example.org".to_owned());
    });
    heard(&local, &event(&local, &word("E1", "rehire", NOW)));
    let kept = first_kept(&local);
    assert_eq!((kept.who().as_str(), kept.leaves), ("E1", None));
}

#[test]
fn who_is_known_by_an_address_alone_is_not_missed_on_a_list() {
    let account = users(json!([user("ada", &[("email", "ada@example.com")])]));
    let both = "directory: { matchBy: [{tag: employee_id}, {email: email}], absentMeansLeft: true }\n";
    let local = local(account, enforcing(both));
    let mut detail = word("E1", "mover", NOW);
    detail["email"] = json!("ada@example.com");
    heard(&local, &event(&local, &detail));
    wait(&local, 1);
    list(&local.world, local.world.now(), &["E2,active,,".to_owned()]);
    assert_eq!(heard(&local, &reconcile(&local.world)).left, 0);
    assert_eq!(suspended(&local), [""; 0]);
}

#[test]
fn a_user_that_gets_another_person_loses_what_was_said_of_the_first() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-30T09:00:00Z")));
    local.world.edit(|account| {
        account.users[0].tags.insert("employee_id".to_owned(), "E7".to_owned());
    });
    heard(&local, &event(&local, &word("E7", "active", NOW)));
    let kept = first_kept(&local);
    assert_eq!((kept.who().as_str(), kept.leaves), ("E7", None));
}

#[test]
fn people_are_told_once_when_the_day_of_a_return_comes() {
    for refused in [false, true] {
        let local = local(company(40), enforcing(MATCH));
        heard(&local, &event(&local, &leaver("E1", "2026-11-22T08:00:00Z")));
        wait(&local, 1);
        heard(&local, &event(&local, &rehire("E1", "2026-12-01T00:00:00Z")));
        // Lists go on saying that the person left.
        wait(&local, 1);
        read_list(&local, "E1,leaver,2026-11-22T08:00:00Z,");
        assert!(first_kept(&local).returns.is_some(), "the same day does not take the return back");
        wait(&local, 24 * 9);
        assert!(local.world.take_pages().is_empty());
        let read = || {
            if refused {
                local.hear(&reconcile(&local.world)).heard.unwrap()
            } else {
                read_list(&local, "E1,active,,")
            }
        };
        assert_eq!(read().back, 1);
        let told = || {
            let pages = local.world.take_pages().into_iter();
            pages.filter(|page| page.subject.contains("its person is back")).collect::<Vec<_>>()
        };
        let pages = told();
        assert!(pages.len() == 1 && pages[0].text.contains("bailiff-restore"), "{pages:?}");
        assert!(pages[0].text.contains("by event event-"), "{pages:?}");
        wait(&local, 1);
        assert_eq!(read().back, 0);
        heard(&local, &event(&local, &word("E1", "mover", NOW)));
        assert!(told().is_empty());
    }
}

#[test]
fn the_day_of_a_return_is_told_of_with_the_next_event_too() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-23T00:00:00Z")));
    wait(&local, 24);
    assert_eq!(heard(&local, &event(&local, &word("E2", "active", NOW))).back, 1);
    assert_eq!(heard(&local, &event(&local, &word("E1", "active", NOW))).back, 0);
    assert_eq!(local.world.take_pages().len(), 1);
}

#[test]
fn who_begins_on_the_day_after_the_last_never_leaves() {
    for begins in ["2026-12-24", "2026-12-23"] {
        // Long before, and in the night between.
        for hours in [1, 24 * 32 - 8] {
            let local = local(two(), enforcing(MATCH));
            heard(&local, &event(&local, &leaver("E1", "2026-12-23")));
            wait(&local, hours);
            heard(&local, &event(&local, &word("E1", "joiner", begins)));
            wait(&local, 24 * 40);
            sweep(&local);
            assert_eq!(suspended(&local), [""; 0], "{begins} {hours}");
        }
    }
    // A contract's beginning does not undo its end.
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-12-23")));
    wait(&local, 1);
    heard(&local, &event(&local, &word("E1", "joiner", "2026-12-01")));
    wait(&local, 24 * 40);
    sweep(&local);
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn a_flag_of_workday_that_was_set_for_good_cancels_no_resignation() {
    let sample = |name: &str| -> Value {
        let path = format!("{}/../events/receive-directory-change/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let worker = |local: &Local, hired: &str| {
        let mut event = event(local, &sample("workday-rehired")["detail"]);
        event["detail-type"] = json!("Workday Worker");
        event["detail"]["Worker_Data"]["Worker_ID"] = json!("E1");
        event["detail"]["Worker_Data"]["Employment_Data"]["Worker_Status_Data"]["Hire_Date"] = json!(hired);
        event
    };
    for (hired, gone) in [("2019-03-01", true), ("2026-11-25", false), ("2026-12-01", false)] {
        let local = local(two(), enforcing(MATCH));
        heard(&local, &event(&local, &leaver("E1", "2026-11-25")));
        wait(&local, 72);
        heard(&local, &worker(&local, hired));
        assert_eq!(
            first_kept(&local).is_gone("2026-11-27T00:00:00Z".parse().unwrap()),
            gone || hired > "2026-11-30",
            "{hired}"
        );
        assert_eq!(first_kept(&local).is_gone("2026-12-02T00:00:00Z".parse().unwrap()), gone, "{hired}");
    }
}

#[test]
fn who_is_gone_by_a_clock_that_is_ahead_is_gone_now() {
    let mut local = local(company(40), enforcing(MATCH));
    let ahead = local.world.now() + SignedDuration::from_secs(5);
    let mut inactive = said_at(
        ahead,
        &json!({
            "active": false,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "E1"},
        }),
    );
    inactive["detail-type"] = json!("SCIM User");
    let gone = heard(&local, &inactive);
    assert_eq!((gone.left, gone.waiting, gone.findings), (1, 0, 1));
    assert_eq!(suspended(&local), ["user1"]);
    // Nor does a list's clock put off who is not on it.
    local.governance = enforcing(ABSENT_LEFT);
    let mut lines = staff(40);
    lines.remove(1);
    list(&local.world, local.world.now() + SignedDuration::from_secs(5), &lines);
    assert_eq!(heard(&local, &reconcile(&local.world)).waiting, 0);
    assert_eq!(suspended(&local), ["user1", "user2"]);
}

#[test]
fn a_mover_is_told_of_once_and_nothing_is_changed() {
    let local = local(company(40), enforcing(MATCH));
    let before = local.world.account();
    let moved = event(&local, &word("E1", "mover", "2026-12-01"));
    for count in [1, 0, 0] {
        assert_eq!(heard(&local, &moved).moved, count);
    }
    let pages = local.world.take_pages();
    assert_eq!(pages.len(), 1);
    for part in
        ["E1, whose user is arn:aws:iam::", ":user/user1, is to take another place from 2026-12-01", "Review"]
    {
        assert!(pages[0].text.contains(part), "{pages:?}");
    }
    // Nor do the lists tell that say the same, day after day.
    for line in ["E1,mover,2026-12-01,", "E1,mover,2026-12-01,", "E1,active,,", "E1,mover,2026-12-01,"] {
        wait(&local, 24);
        assert_eq!(read_list(&local, line).moved, 0);
    }
    for (line, count) in [
        ("E1,mover,2026-12-09,", 1),
        ("E1,mover,,", 1),
        ("E1,mover,,", 0),
        ("E1,active,,", 0),
        ("E1,mover,,", 1),
    ] {
        wait(&local, 24);
        assert_eq!(read_list(&local, line).moved, count, "{line}");
    }
    assert!(changes(&before, &local).is_empty());
    assert_eq!(local.world.take_pages().len(), 3);
}

#[test]
fn the_movers_of_a_list_are_told_of_in_one_page() {
    let local = local(company(80), enforcing(MATCH));
    let lines: Vec<String> = (1..=80)
        .map(|number| {
            if number <= 60 { format!("E{number},mover,2026-11-01,") } else { format!("E{number},active,,") }
        })
        .collect();
    list(&local.world, local.world.now(), &lines);
    assert_eq!(heard(&local, &reconcile(&local.world)).moved, 60);
    let pages = local.world.take_pages();
    assert_eq!((pages.len(), pages[0].text.matches(" took another place").count()), (1, 50));
    assert!(pages[0].text.contains("And 10 more."), "{pages:?}");
    assert_eq!(heard(&local, &reconcile(&local.world)).moved, 0);
    assert!(local.world.take_pages().is_empty());
}

#[test]
fn of_two_who_write_at_once_neither_word_is_lost() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &word("E1", "active", NOW)));
    let id = local.world.account().users[0].id.clone().unwrap();
    let stale = first_kept(&local);
    wait(&local, 1);
    heard(&local, &event(&local, &leaver("E1", "2026-11-30T09:00:00Z")));
    let written = pollster::block_on(local.world.put_departure(&id, &stale));
    assert!(written.unwrap_err().kind.is_retryable());
    assert!(first_kept(&local).leaves.is_some());
}

#[test]
fn the_day_of_somebody_who_has_gone_is_no_return() {
    let local = local(company(40), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-22T08:00:00Z")));
    assert_eq!(suspended(&local), ["user1"]);
    let leaves = first_kept(&local).leaves;
    // In the night comes the list, which knows days alone: on this one the person is gone at noon of the next.
    wait(&local, 18);
    assert_eq!(read_list(&local, "E1,leaver,2026-11-22,").back, 0);
    assert!(local.world.take_pages().is_empty());
    assert_eq!(first_kept(&local).leaves, leaves);
}

#[test]
fn whose_departure_is_put_off_is_not_told_of_as_back() {
    let local = local(company(40), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", "2026-11-22T08:00:00Z")));
    wait(&local, 18);
    assert_eq!(read_list(&local, "E1,leaver,2026-12-31,").waiting, 1);
    let pages = local.world.take_pages();
    assert_eq!(pages.len(), 1);
    let text = &pages[0].text;
    assert!(text.contains("is to leave on 2027-01-01 12:00 UTC now, by s3://people/list.csv"), "{text}");
    assert!(text.contains("bailiff-restore") && !text.contains("is back"), "{text}");
    assert_eq!(pages[0].subject, "Bailiff: user user1: its person leaves later");
}

/// One user, known by its address alone.
fn by_address() -> AccountFile {
    users(json!([user("ada", &[("email", "ada@example.com")])]))
}

fn with_address(mut detail: Value, email: &str) -> Value {
    detail["email"] = json!(email);
    detail
}

#[test]
fn a_word_without_an_address_reaches_the_user_whose_person_had_it() {
    let told = |local: &Local| {
        heard(local, &event(local, &with_address(leaver("E1", "2026-11-30T09:00:00Z"), "ada@example.com")));
        wait(local, 1);
    };
    let by_event = |local: &Local| heard(local, &event(local, &rehire("E1", NOW)));
    let by_list = |local: &Local| {
        list(&local.world, local.world.now(), &["E1,rehire,,".to_owned()]);
        heard(local, &reconcile(&local.world))
    };
    for is_list in [false, true] {
        let local = local(by_address(), enforcing(MATCH));
        told(&local);
        assert_eq!(if is_list { by_list(&local) } else { by_event(&local) }.matched, 1);
        assert_eq!(first_kept(&local).leaves, None);
        wait(&local, 24 * 9);
        sweep(&local);
        assert_eq!(suspended(&local), [""; 0]);
    }
    let moved = local(by_address(), enforcing(MATCH));
    told(&moved);
    assert_eq!(heard(&moved, &event(&moved, &word("E1", "mover", NOW))).moved, 1);
    // Whose address it is no more is another's.
    for other in ["grace@example.com", "gr\u{e4}ce@example.com"] {
        let local = local(by_address(), enforcing(MATCH));
        told(&local);
        assert_eq!(heard(&local, &event(&local, &with_address(rehire("E1", NOW), other))).matched, 0);
    }
}

#[test]
fn an_address_is_known_for_as_long_as_no_other_takes_its_place() {
    let local = local(by_address(), enforcing(MATCH));
    for line in ["E1,active,,ada@example.com", "E1,active,,", "E1,active,,", "E1,active,,"] {
        read_list(&local, line);
        wait(&local, 6);
    }
    // Nor do changes without end push it out.
    for number in 0..40 {
        let status = if number % 2 == 0 { "leaver" } else { "rehire" };
        heard(&local, &event(&local, &word("E1", status, "2026-12-31T00:00:00Z")));
        wait(&local, 1);
        heard(&local, &event(&local, &word("E1", "rehire", NOW)));
        wait(&local, 1);
    }
    assert_eq!(heard(&local, &event(&local, &leaver("E1", NOW))).left, 1);
    assert_eq!(suspended(&local), ["ada"]);
}

#[test]
fn a_doubt_between_two_people_stays_until_one_has_another_address() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &with_address(word("E2", "active", NOW), "ada@example.com")));
    wait(&local, 1);
    let read = |line: &str| {
        list(&local.world, local.world.now(), &["E1,active,,".to_owned(), line.to_owned()]);
        heard(&local, &reconcile(&local.world));
        wait(&local, 1);
        first_kept(&local).who()
    };
    assert_eq!(read("E2,active,,"), "E1 or E2");
    assert_eq!(read("E2,active,,grace@example.com"), "E1");
    assert_eq!(read("E2,active,,"), "E1");
}

#[test]
fn a_move_is_told_once_however_many_there_are() {
    let local = local(company(40), enforcing(MATCH));
    let mut last = Value::Null;
    for day in (1..=20).rev() {
        wait(&local, 1);
        last = event(&local, &word("E1", "mover", &format!("2027-01-{day:02}")));
        assert_eq!(heard(&local, &last).moved, 1);
    }
    assert_eq!(heard(&local, &last).moved, 0);
    for line in ["E1,mover,2026-12-01,", "E1,mover,2026-11-01,"] {
        for (round, count) in [1, 0, 0].into_iter().enumerate() {
            wait(&local, 6);
            assert_eq!(read_list(&local, line).moved, count, "{line} {round}");
        }
    }
    // The list goes on saying so when others have been told of since.
    for day in 1..=20 {
        wait(&local, 1);
        heard(&local, &event(&local, &word("E1", "mover", &format!("2027-02-{day:02}"))));
    }
    wait(&local, 6);
    assert_eq!(read_list(&local, "E1,mover,2026-11-01,").moved, 0);
}

#[test]
fn a_move_of_another_person_is_another_move() {
    let local = local(two(), enforcing(MATCH));
    assert_eq!(heard(&local, &event(&local, &word("E1", "mover", "2026-12-01"))).moved, 1);
    local.world.edit(|account| {
        account.users[0].tags.insert("employee_id".to_owned(), "E7".to_owned());
    });
    wait(&local, 1);
    assert_eq!(heard(&local, &event(&local, &word("E7", "mover", "2026-12-01"))).moved, 1);
}

#[test]
fn what_an_earlier_version_told_of_a_move_is_not_told_again() {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &word("E1", "active", NOW)));
    let mut kept = serde_json::to_value(first_kept(&local)).unwrap();
    kept["moves"] = json!(["2026-12-01T00:00:00Z"]);
    let id = local.world.account().users[0].id.clone().unwrap();
    pollster::block_on(local.world.put_departure(&id, &serde_json::from_value(kept).unwrap())).unwrap();
    wait(&local, 1);
    for _ in 0..2 {
        assert_eq!(heard(&local, &event(&local, &word("E1", "mover", "2026-12-01"))).moved, 0);
        wait(&local, 1);
    }
    assert_eq!(heard(&local, &event(&local, &word("E1", "mover", "2026-12-02"))).moved, 1);
}

#[test]
fn of_two_who_find_at_once_that_a_day_has_come_one_tells_and_neither_fails() {
    for is_told in [true, false] {
        let local = day_that_came();
        let mut other = first_kept(&local);
        if is_told {
            other.return_seen = other.returns;
        }
        keeps_before_writes(&local, &other, 1);
        let back = heard(&local, &event(&local, &word("E2", "active", NOW))).back;
        assert_eq!((back, tries(&local)), (u64::from(!is_told), 1), "at the first try");
        assert_eq!(first_kept(&local).return_seen, first_kept(&local).returns);
        assert_eq!(local.world.take_pages().len(), usize::from(!is_told));
    }
}

/// What is kept of Ada, who was gone, by another who has heard something else of her.
fn kept_by_another(local: &Local, say: impl Fn(&Local) -> Value) -> Departure {
    let elsewhere = crate::fixture::local(two(), enforcing(MATCH));
    heard(&elsewhere, &event(&elsewhere, &leaver("E1", NOW)));
    elsewhere.world.advance(local.world.now().duration_since(elsewhere.world.now()));
    heard(&elsewhere, &say(&elsewhere));
    Departure { revision: first_kept(local).revision, ..first_kept(&elsewhere) }
}

/// Ada left an hour ago.
fn who_left() -> Local {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    wait(&local, 1);
    local
}

#[test]
fn of_two_who_hear_of_a_return_or_a_move_at_once_one_tells() {
    let back = |local: &Local| event(local, &rehire("E1", "2026-11-22T09:30:00Z"));
    let local = who_left();
    keeps_before_writes(&local, &kept_by_another(&local, back), 1);
    assert_eq!(heard(&local, &back(&local)).back, 0);
    assert!(local.world.take_pages().is_empty());

    let moves = |local: &Local| event(local, &word("E1", "mover", "2026-12-01"));
    let local = crate::fixture::local(two(), enforcing(MATCH));
    keeps_before_writes(&local, &Departure { revision: 0, ..kept_of_a_move() }, 1);
    assert_eq!(heard(&local, &moves(&local)).moved, 0);
    assert!(local.world.take_pages().is_empty());
}

#[test]
fn nobody_is_told_that_somebody_is_back_of_whom_a_later_word_was_kept_first() {
    let local = who_left();
    let goes_again = |elsewhere: &Local| {
        heard(elsewhere, &said_at(local.world.now(), &rehire("E1", "2026-11-22T09:30:00Z")));
        wait(elsewhere, 1);
        event(elsewhere, &leaver("E1", "2026-11-22T10:30:00Z"))
    };
    let other = kept_by_another(&local, goes_again);
    wait(&local, 2);
    keeps_before_writes(&local, &other, 1);
    let said = "2026-11-22T10:15:00Z".parse().unwrap();
    assert_eq!(heard(&local, &said_at(said, &word("E1", "active", "2026-11-22T10:15:00Z"))).back, 0);
    assert!(first_kept(&local).is_gone(local.world.now()));
    assert!(local.world.take_pages().is_empty());
}

#[test]
fn what_could_not_be_told_is_told_by_the_next_who_hears_of_anybody_and_keeps_no_leaver_waiting() {
    type Case = (fn() -> Local, &'static str, &'static str);
    let cases: [Case; 3] = [
        (who_left, "rehire", "has not left or is back, by event event-"),
        (|| local(two(), enforcing(MATCH)), "mover", "E1, whose user is arn:aws:iam::"),
        (day_that_came, "active", "has not left or is back, by event event-"),
    ];
    for (start, status, text) in cases {
        let local = start();
        local.world.fail(Operation::Publish, Fault::Throttled, Times::Always);
        let now = local.world.now().to_string();
        let failed = local.hear(&event(&local, &word("E1", status, &now)));
        assert_eq!(failed.dead_letters.len(), 1, "{status}");
        wait(&local, 1);
        let gone = leaver("E2", &local.world.now().to_string());
        assert!(!local.hear(&event(&local, &gone)).dead_letters.is_empty(), "{status}");
        let grace = local.world.account().users[1].id.clone().unwrap();
        assert!(local.world.kept_departures()[&grace].leaves.is_some(), "{status}");
        local.world.heal();
        wait(&local, 1);
        let next = heard(&local, &event(&local, &word("E9", "active", NOW)));
        assert_eq!(next.back + next.moved, 1, "{status}");
        let pages = local.world.take_pages();
        assert!(pages.len() == 1 && pages[0].text.contains(text), "{status}: {pages:?}");
        heard(&local, &event(&local, &word("E9", "active", NOW)));
        assert!(local.world.take_pages().is_empty(), "{status}");
    }
}

#[test]
fn who_leaves_is_kept_and_sent_on_before_all_others() {
    let local = local(company(40), enforcing(MATCH));
    let mut lines = staff(40);
    lines[39] = "E40,leaver,2026-11-20,".to_owned();
    list(&local.world, local.world.now(), &lines);
    local.world.forget_calls();
    heard(&local, &reconcile(&local.world));
    let calls = local.world.calls().0;
    let sent = calls.iter().position(|call| call.operation == Operation::SendMessage).unwrap();
    let kept = |call: &&sim::Call| call.operation == Operation::PutItem && call.target == "departures";
    assert_eq!(calls[..sent].iter().filter(kept).count(), 1);
}

#[test]
fn a_user_that_is_no_more_its_persons_does_not_leave_with_it() {
    let table = |employee: &str| {
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/ada");
        enforcing(&format!(
            "directory: {{ matchBy: [{{table: [{{principal: '{arn}', employee: {employee}}}]}}] }}\n"
        ))
    };
    let mut local_ = local(by_address(), table("E1"));
    heard(&local_, &event(&local_, &leaver("E1", "2026-11-30T09:00:00Z")));
    local_.governance = table("E2");
    wait(&local_, 1);
    heard(&local_, &event(&local_, &word("E9", "active", NOW)));
    assert_eq!((first_kept(&local_).who().as_str(), first_kept(&local_).leaves), ("E2", None));
    // The person has another address, by an event or by a list.
    for is_list in [false, true] {
        let local = local(by_address(), enforcing(MATCH));
        heard(&local, &event(&local, &with_address(leaver("E1", "2026-11-30T09:00:00Z"), "ada@example.com")));
        wait(&local, 1);
        if is_list {
            read_list(&local, "E1,active,,ada@example.org");
        } else {
            let detail = with_address(word("E1", "active", NOW), "ada@example.org");
            heard(&local, &event(&local, &detail));
        }
        assert_eq!((first_kept(&local).who().as_str(), first_kept(&local).leaves), ("", None));
        wait(&local, 24 * 9);
        sweep(&local);
        assert_eq!(suspended(&local), [""; 0]);
        assert!(local.world.take_pages().is_empty());
    }
}

#[test]
fn who_was_gone_with_another_persons_user_is_told_of() {
    let local = local(by_address(), enforcing(MATCH));
    heard(&local, &event(&local, &with_address(leaver("E1", NOW), "ada@example.com")));
    assert_eq!(suspended(&local), ["ada"]);
    wait(&local, 1);
    read_list(&local, "E1,leaver,2026-11-20,ada@example.org");
    let pages = local.world.take_pages();
    assert_eq!(pages.len(), 1);
    assert!(pages[0].text.contains(":user/ada is the user of E1 no more, who left"), "{pages:?}");
    assert!(pages[0].text.contains("bailiff-restore"), "{pages:?}");
}

#[test]
fn a_changed_tag_forgets_no_departure() {
    let local = local(by_address(), enforcing(MATCH));
    heard(&local, &event(&local, &with_address(leaver("E1", "2026-11-30T09:00:00Z"), "ada@example.com")));
    let kept = first_kept(&local);
    local.world.edit(|account| {
        account.users[0].tags.insert("email".to_owned(), "nobody@example.com".to_owned());
    });
    wait(&local, 1);
    heard(&local, &event(&local, &word("E9", "active", NOW)));
    read_list(&local, "E1,active,,");
    assert_eq!(first_kept(&local), kept, "whoever changed it is looked at by people");
}

/// What was said of somebody, by the rules of the documentation: replayed from the first to the last.
#[derive(Debug, Clone, Copy)]
struct Saying {
    /// In hours from the start.
    said: i64,
    status: &'static str,
    /// In hours from when it was said.
    from: i64,
    by_list: bool,
}

/// From when somebody is gone and back again by what was said, in hours from the start.
fn replayed(mut sayings: Vec<Saying>) -> (Option<i64>, Option<i64>) {
    sayings.sort_by_key(|saying| saying.said);
    let (mut gone, mut told_by_list, mut back) = (None, false, None);
    for Saying { said, status, from, by_list } in sayings {
        let from = said + from;
        let Some(leaves) = gone else {
            if status == "leaver" {
                (gone, told_by_list) = (Some(from), by_list);
            }
            continue;
        };
        let begins_later = from > said && from > leaves;
        let over = match status {
            "leaver" => {
                let is_undated = from == said;
                let is_the_same = leaves == from
                    || (leaves <= said && (is_undated || (leaves..=leaves + 36).contains(&from)));
                if !is_the_same || back.is_some_and(|back| back <= said) {
                    (gone, told_by_list, back) = (Some(from), by_list, None);
                }
                false
            }
            "rehire" | "joiner" if begins_later => {
                back = Some(from);
                false
            }
            "rehire" => true,
            "joiner" if leaves - from <= 36 => true,
            _ => leaves <= said || (told_by_list && by_list),
        };
        if over {
            (gone, told_by_list, back) = (None, false, None);
        }
    }
    (gone, back)
}

fn any_sayings() -> impl Strategy<Value = Vec<Saying>> {
    let status = prop::sample::select(vec!["leaver", "leaver", "joiner", "mover", "rehire", "active"]);
    // Few days, so that some are said twice.
    let day = prop::sample::select(vec![-30_i64, -10, 0, 4, 9, 20, 30, 50, 90]);
    let word = (status, day, any::<bool>(), any::<bool>());
    proptest::collection::vec(word, 1..9).prop_map(|words| {
        let saying = |(number, (status, day, dated, by_list)): (usize, (&'static str, i64, bool, bool))| {
            let said = i64::try_from(number).unwrap() * 4;
            let from = if dated || status == "leaver" { day - said } else { 0 };
            Saying { said, status, from, by_list }
        };
        words.into_iter().enumerate().map(saying).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is said, by events and by lists, in whatever order and however often: it comes to what follows from it in
    /// the order in which it was said. Lists come in theirs, for an older one than the last is not believed.
    #[test]
    fn what_was_said_counts_in_the_order_in_which_it_was_said(
        sayings in any_sayings(),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..24),
        back_to_front in any::<bool>(),
    ) {
        let limits = "directory: { matchBy: [{tag: employee_id}], maxLeavers: 100, maxLeaversShare: 100, maxAgeHours: 720 }\n";
        let local = local(company(1), enforcing(limits));
        let start = local.world.now();
        let hour = |hours: i64| start + SignedDuration::from_hours(hours);
        wait(&local, 40);
        let mut left: Vec<usize> = (0..sayings.len()).collect();
        if back_to_front {
            left.reverse();
        }
        let mut order: Vec<usize> = order.iter().map(|index| index.index(sayings.len())).collect();
        order.append(&mut left);
        let mut newest = None;
        // What is skipped as older than the last list is said to nobody.
        let mut spoken = std::collections::BTreeSet::new();
        for number in order {
            let Saying { said, status, from, by_list } = sayings[number];
            let dated = if from == 0 && status != "leaver" { String::new() } else { hour(said + from).to_string() };
            if by_list {
                if newest.is_some_and(|newest| newest > number) {
                    continue;
                }
                newest = Some(number);
                list(&local.world, hour(said), &[format!("E1,{status},{dated},")]);
                prop_assert!(!heard(&local, &reconcile(&local.world)).refused);
            } else {
                let mut detail = json!({"employee": "E1", "status": status});
                if !dated.is_empty() {
                    detail["effectiveAt"] = json!(dated);
                }
                heard(&local, &said_at(hour(said), &detail));
            }
            spoken.insert(number);
        }
        // Of three of a kind in a row the second is dropped, which two words can miss that come late.
        prop_assume!(first_kept(&local).words.len() == spoken.len());
        let (gone, back) = replayed(spoken.into_iter().map(|number| sayings[number]).collect());
        let kept = first_kept(&local);
        prop_assert_eq!((kept.leaves, kept.returns), (gone.map(hour), back.map(hour)), "{:?}", kept.words);
    }
}

#[test]
fn what_is_heard_is_counted_by_people_users_and_addresses_of_no_use() {
    // A letter of another alphabet that looks like one of ours.
    let alike = "ad\u{430}@example.com";
    let local = local(company(40), enforcing(MATCH));
    let told = heard(&local, &event(&local, &with_address(leaver("E1", NOW), alike)));
    let expected = Heard {
        people: 1,
        matched: 1,
        kept: 1,
        left: 1,
        unusable_emails: 1,
        findings: 1,
        ..Heard::default()
    };
    assert_eq!(told, expected);
    wait(&local, 1);
    let listed = read_list(&local, &format!("E1,leaver,2026-11-22,{alike}"));
    assert_eq!((listed.people, listed.matched, listed.unusable_emails, listed.ambiguous), (40, 40, 1, 0));
}

/// How often the users were listed, which each try does once.
fn tries(local: &Local) -> usize {
    local.world.calls().count(Read::GetAccountAuthorizationDetails.action())
}

/// What an event keeps that says of Ada that she takes another place.
fn kept_of_a_move() -> Departure {
    let elsewhere = local(two(), enforcing(MATCH));
    heard(&elsewhere, &event(&elsewhere, &word("E1", "mover", "2026-12-01")));
    first_kept(&elsewhere)
}

/// Somebody else keeps that of Ada, once before each of the next so many writes.
fn keeps_before_writes(local: &Local, kept: &Departure, times: u64) {
    let id = local.world.account().users[0].id.clone().unwrap();
    for more in 0..times {
        let other = Departure { revision: kept.revision + more, ..kept.clone() };
        local.world.keep_before(Operation::PutItem, id.clone(), other);
    }
}

#[test]
fn who_is_second_to_write_a_few_times_in_a_row_keeps_both_words_and_then_gives_up_for_now() {
    let other = Departure { revision: 0, ..kept_of_a_move() };
    for (times, expected) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        let local = local(two(), enforcing(MATCH));
        keeps_before_writes(&local, &other, times);
        let told = heard(&local, &event(&local, &leaver("E1", NOW)));
        assert_eq!((told.kept, told.left, tries(&local)), (1, 1, expected), "{times}");
        assert_eq!(first_kept(&local).words.len(), 2, "{times}");
        assert_eq!(suspended(&local), ["ada"], "{times}");
    }
    // What fails otherwise is not written again at once.
    let local = local(two(), enforcing(MATCH));
    local.world.fail(Operation::PutItem, Fault::Throttled, Times::Next(1));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    assert_eq!(tries(&local), 2);
}

/// Ada's day to be back has come, and nobody has looked.
fn day_that_came() -> Local {
    let local = local(two(), enforcing(MATCH));
    heard(&local, &event(&local, &leaver("E1", NOW)));
    wait(&local, 1);
    heard(&local, &event(&local, &rehire("E1", "2026-11-23T00:00:00Z")));
    wait(&local, 24);
    local.world.take_pages();
    local.world.forget_calls();
    local
}

#[test]
fn that_a_return_was_told_is_kept_though_others_write_and_the_next_word_is_kept_upon_it() {
    for (times, expected) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        let local = day_that_came();
        keeps_before_writes(&local, &first_kept(&local), times);
        heard(&local, &event(&local, &word("E2", "active", NOW)));
        assert_eq!((tries(&local), local.world.take_pages().len()), (expected, 1), "{times}");
        assert_eq!(first_kept(&local).return_seen, first_kept(&local).returns, "{times}");
    }
    let local = day_that_came();
    local.world.fail(Operation::PutItem, Fault::Throttled, Times::Next(1));
    heard(&local, &event(&local, &word("E2", "active", NOW)));
    assert_eq!(tries(&local), 2, "what fails otherwise is not written again at once");

    let local = day_that_came();
    heard(&local, &event(&local, &word("E1", "mover", "2026-12-01")));
    let calls = local.world.calls().0;
    let kept =
        calls.iter().filter(|call| call.operation == Operation::PutItem && call.target == "departures");
    assert_eq!(kept.count(), 4, "that it is to be told, that it was, and the same of the word");
}

#[test]
fn a_list_that_cannot_be_fetched_for_a_while_is_fetched_again_and_one_that_may_not_be_is_told() {
    let local = local(company(40), enforcing(MATCH));
    list(&local.world, local.world.now(), &staff(40));
    local.world.fail(Operation::GetObject, Fault::Throttled, Times::Next(2));
    let read = heard(&local, &reconcile(&local.world));
    assert_eq!((read.people, read.refused), (40, false));
    assert!(local.world.take_pages().is_empty());
    local.world.fail(Operation::GetObject, Fault::Denied, Times::Always);
    is_refused(&local, "is not believed");
}

#[test]
fn whoever_a_list_leaves_out_and_who_was_gone_before_went_when_that_was_said() {
    let local = local(company(40), enforcing(ABSENT_LEFT));
    heard(&local, &event(&local, &leaver("E1", "2026-11-20T12:00:00Z")));
    let kept = first_kept(&local);
    wait(&local, 24);
    list(&local.world, local.world.now(), &staff(40)[1..]);
    assert!(!heard(&local, &reconcile(&local.world)).refused);
    let after = first_kept(&local);
    assert_eq!(after.leaves, kept.leaves);
    assert!(after.words.iter().all(|word| Some(word.effective_at) == kept.leaves), "{after:#?}");
}

#[test]
fn those_who_are_known_to_leave_on_the_very_day_do_not_make_a_list_doubtful() {
    let local = local(company(40), enforcing(MATCH));
    let mut lines = staff(40);
    for number in 1..=20 {
        heard(&local, &event(&local, &word(&format!("E{number}"), "leaver", "2026-12-20")));
        lines[number - 1] = format!("E{number},leaver,2026-12-20,");
    }
    wait(&local, 24);
    list(&local.world, local.world.now(), &lines);
    let read = heard(&local, &reconcile(&local.world));
    assert_eq!((read.refused, read.waiting), (false, 20), "{read:?}");
}

#[test]
fn as_many_movers_as_are_named_leave_no_more_to_speak_of() {
    let local = local(company(80), enforcing(MATCH));
    let line = |number| {
        if number <= 50 { format!("E{number},mover,2026-11-01,") } else { format!("E{number},active,,") }
    };
    list(&local.world, local.world.now(), &(1..=80).map(line).collect::<Vec<_>>());
    assert_eq!(heard(&local, &reconcile(&local.world)).moved, 50);
    let pages = local.world.take_pages();
    assert_eq!(pages[0].text.matches(" took another place").count(), 50);
    assert!(!pages[0].text.contains(" more.\n\nBy"), "{}", pages[0].text);
}

#[test]
fn a_move_that_a_clock_ahead_tells_of_as_of_now_has_been_made() {
    let local = local(two(), enforcing(MATCH));
    let ahead = local.world.now() + SignedDuration::from_mins(30);
    heard(&local, &said_at(ahead, &word("E1", "mover", &ahead.to_string())));
    let pages = local.world.take_pages();
    assert!(pages[0].text.contains(" took another place from 2026-11-22 09:00 UTC"), "{pages:?}");
}
