//! The first deny: three calls after the event, and never of anybody whom the suspension after it would let be.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Decision, Stop, SuspendOrder};
use shared::event::Trigger;
use shared::facts::Read;
use shared::governance::Governance;
use shared::identifier::UniqueId;
use shared::remedy::{Entry, QUARANTINE_TAG, Remediator, Status, Write};
use sim::account_file::User;
use sim::{AccountFile, Delivery, Fault, Local, Operation, OrganizationTable, Times, Work};

use crate::crashes::{differs, open};
use crate::fixture::*;
use crate::threats::{ADA, approve, asked, call, guard_duty, id_of, undo_by, with_approvers};
use crate::worlds::{arns, inline_of};

const THREATENED: &str = "principal-threatened";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An administrator who has a key and a password, a role that is one, and people of whom nothing is to be said.
fn people() -> AccountFile {
    account(json!({
        "users": [
            {"name": "mallory", "id": id_of("mallory"), "created": ago(500), "attachedPolicies": [ADMIN],
             "accessKeys": [key("MAL1", 90, Some(0))], "loginProfile": {"created": ago(20)}},
            {"name": "ann", "id": id_of("ann"), "created": ago(500), "accessKeys": [key("ANN1", 300, Some(0))]}
        ],
        "roles": [{"name": "deployer", "id": role_id(), "created": ago(500), "attachedPolicies": [ADMIN]}]
    }))
}

fn role_id() -> String {
    format!("AROA{:0>17}", "DEPLOYER")
}

fn id(text: &str) -> UniqueId {
    UniqueId::parse(text).unwrap()
}

/// The stack has suspend-principal told of events as well, and a sweep has found the two administrators.
fn denying_first(governance: Governance) -> Local {
    denying_first_in(people(), governance)
}

fn denying_first_in(account: AccountFile, governance: Governance) -> Local {
    let mut local = local(account, governance);
    local.denies_first = true;
    for administrator in [id_of("mallory"), role_id()] {
        local.world.know_administrator(&id(&administrator));
    }
    local
}

fn finding() -> Value {
    guard_duty("mallory", &id_of("mallory"), 8.0)
}

fn finding_of_role() -> Value {
    let mut event = finding();
    event["detail"]["resource"]["accessKeyDetails"] = json!({"principalId": format!("{}:session", role_id()), "userName": "deployer", "userType": "AssumedRole"});
    event
}

/// The entries that denied first, and the others that wrote.
fn both(local: &Local) -> (Vec<Entry>, Vec<Entry>) {
    written(local).into_iter().partition(Entry::denies_first)
}

/// Why nobody was denied first.
fn why_not(delivery: &Delivery) -> Vec<String> {
    let why = |decision: &'_ Decision| match decision {
        Decision::NotFirst { why, .. } => Some(why.clone()),
        _ => None,
    };
    delivery.decisions.iter().filter_map(why).collect()
}

fn mallory(local: &Local) -> User {
    local.world.account().users.into_iter().find(|user| user.name.as_str() == "mallory").unwrap()
}

#[test]
fn three_calls_come_before_the_deny_and_the_suspension_after_it_is_the_same() {
    for (event, first) in [(finding(), "iam:PutUserPolicy"), (finding_of_role(), "iam:PutRolePolicy")] {
        let local = denying_first(enforce(&[THREATENED]));
        let delivery = local.deliver(&event);
        assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
        let actions = local.world.calls().actions();
        let at = actions.iter().position(|action| *action == first).unwrap();
        assert_eq!(at, 3, "{:?}", &actions[..=at]);
        assert!(local.world.calls().0[..=at].iter().all(|call| call.function == "suspend-principal"));

        let without = denying_first(enforce(&[THREATENED]));
        let without = Local { denies_first: false, ..without };
        without.deliver(&event);
        let (denied, suspended) = both(&local);
        let [denied, suspended] = [&denied[..], &suspended[..]].map(|entries| {
            assert_eq!(entries.len(), 1, "{entries:#?}");
            assert_eq!(entries[0].status, Status::Verified);
            entries[0].clone()
        });
        assert!(denied.cause.to_string().contains(THREATENED));
        assert_eq!(steps(&suspended), steps(&entry(&without)));
        // Nothing differs but the one policy.
        let more = differs(&without.world.account(), &local);
        assert_eq!(more.len(), 1, "{more:?}");
        assert!(more[0].contains("BailiffFirstDeny-"), "{more:?}");
    }
}

#[test]
fn told_again_it_denies_nobody_again() {
    let local = denying_first(enforce(&[THREATENED]));
    local.deliver(&finding());
    let (writes, entries) = (local.world.calls().iam_writes(), local.world.entries().len());
    for hours in [0, 1, 100, 24 * 30] {
        local.world.advance(SignedDuration::from_hours(hours));
        let delivery = local.deliver(&finding());
        assert_eq!(why_not(&delivery), ["it was reported before, and may have been answered"]);
    }
    assert_eq!((local.world.calls().iam_writes(), local.world.entries().len()), (writes, entries));
}

/// What stands in the way of a first deny: prepared so, the event leads to none, for this reason.
fn let_be(governance: impl Fn() -> Governance, prepare: impl Fn(&Local), event: &Value, why: &[&str]) {
    let local = denying_first(governance());
    prepare(&local);
    let delivery = local.deliver(event);
    let said = why_not(&delivery);
    assert_eq!(said.len(), why.len(), "{said:?} {why:?}");
    for (said, why) in said.iter().zip(why) {
        assert!(said.contains(why), "{said}");
    }
    assert!(both(&local).0.is_empty());
    // And it is as if it had not been tried.
    let other = Local { denies_first: false, ..denying_first(governance()) };
    prepare(&other);
    other.deliver(event);
    assert_eq!(differs(&other.world.account(), &local), Vec::<String>::new());
    let entries = |local: &Local| {
        let entries = local.world.entries().into_iter();
        entries.map(|entry| (entry.status, steps(&entry))).collect::<Vec<_>>()
    };
    assert_eq!(entries(&other), entries(&local));
}

fn by_hand(local: &Local, change: impl Fn(&mut User)) {
    local
        .world
        .edit(|file| file.users.iter_mut().filter(|user| user.name.as_str() == "mallory").for_each(&change));
}

#[test]
fn whatever_is_not_clear_from_three_calls_is_left_to_the_suspension() {
    let governance = || enforce(&[THREATENED]);
    let nothing = |_: &Local| ();
    // The report alone is not enough, or is none.
    let low = guard_duty("mallory", &id_of("mallory"), 6.0);
    let_be(governance, nothing, &low, &["by itself"]);
    let ann = guard_duty("ann", &id_of("ann"), 8.0);
    let_be(governance, nothing, &ann, &["by itself"]);
    let mut old = finding();
    old["detail"]["updatedAt"] = json!("2026-11-01T08:50:00.000Z");
    old["detail"]["service"]["eventLastSeen"] = json!("2026-11-01T08:50:00.000Z");
    let_be(governance, nothing, &old, &["by itself"]);
    let mut sample = finding();
    sample["detail"]["service"]["additionalInfo"] = json!({"sample": true});
    let_be(governance, nothing, &sample, &[]);
    let elsewhere = json!("999988887777");
    let mut other_account = finding();
    other_account["account"] = elsewhere.clone();
    other_account["detail"]["accountId"] = elsewhere;
    let_be(governance, nothing, &other_account, &[]);
    let denied = json!({"userName": "ann"});
    let mut refused = call("e1", "CreateAccessKey", "mallory", &denied, &Value::Null);
    refused["detail"]["errorCode"] = json!("AccessDenied");
    let_be(governance, nothing, &refused, &[]);
    // Nobody, or somebody else.
    let_be(governance, nothing, &guard_duty("nobody", &id_of("mallory"), 8.0), &["is not there"]);
    let_be(governance, nothing, &guard_duty("mallory", &id_of("other"), 8.0), &["another by that name"]);
    // It is contained, as far as a glance tells.
    let quarantined = |local: &Local| {
        by_hand(local, |user| {
            user.tags.insert(QUARANTINE_TAG.to_owned(), "true".to_owned());
        });
    };
    let_be(governance, quarantined, &finding(), &["in quarantine"]);
    let bounded = |local: &Local| by_hand(local, |user| user.boundary = Some(quarantine()));
    let_be(governance, bounded, &finding(), &["in quarantine"]);
}

#[test]
fn the_file_and_the_switch_hold_for_it_as_for_every_act() {
    let nothing = |_: &Local| ();
    let_be(|| only(&[THREATENED], "audit", ""), nothing, &finding(), &[]);
    let_be(|| only(&[THREATENED], "notify", ""), nothing, &finding(), &[]);
    let_be(|| only(&[KEY_AGE], "enforce", ""), nothing, &finding(), &[]);
    let mallory = "arn:aws:iam::111122223333:user/mallory";
    let protected = format!("protected: [{{ principal: '{mallory}', reason: r }}]\n");
    let_be(|| only(&[THREATENED], "enforce", &protected), nothing, &finding(), &["protected"]);
    let exempt = format!(
        "exemptions:\n  - {{ rule: {THREATENED}, principal: '{mallory}', reason: r, ticket: T-1, owner: o, approver: a, \
         created: 2026-11-01, expires: 2026-12-01 }}\n"
    );
    let_be(|| only(&[THREATENED], "enforce", &exempt), nothing, &finding(), &["exempt under T-1"]);
    let platinum = format!(
        "approvals:\n  approvers: ['{ADA}']\n  platinum: [{{ principal: '{mallory}', reason: r }}]\n"
    );
    let_be(|| only(&[THREATENED], "enforce", &platinum), nothing, &finding(), &["people have to approve"]);
    let stop = |local: &Local| {
        local.world.set_stop(Some(Stop {
            since: local.world.now(),
            by: "ann".to_owned(),
            reason: "a test".to_owned(),
            undo_too: false,
            tripped: None,
        }));
    };
    let_be(|| enforce(&[THREATENED]), stop, &finding(), &["ann"]);
    let none = "limits: { actsPerHour: 0, actsPerDay: 100, sharePerDay: 100, actsPerResourceAndDay: 3, actsPerSweep: 9 }\n";
    let_be(
        || only(&[THREATENED], "enforce", none),
        nothing,
        &finding(),
        &["a limit of first denies is reached"],
    );
}

#[test]
fn after_a_person_s_undo_news_waits_for_a_closer_look() {
    let local = denying_first(with_approvers(&[THREATENED]));
    let quiet = Local { denies_first: false, ..local };
    quiet.deliver(&finding());
    let suspension = written(&quiet).pop().unwrap();
    let request = asked(&undo_by(&quiet, "sam", &suspension, false).unwrap());
    approve(&quiet, ADA, &request).unwrap();
    let undone = undo_by(&quiet, "sam", &suspension, false).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
    let local = Local { denies_first: true, ..quiet };
    local.world.advance(SignedDuration::from_hours(1));
    let mut news = finding();
    news["detail"]["id"] = json!("another");
    let delivery = local.deliver(&news);
    assert_eq!(why_not(&delivery), ["a person has undone something of late"]);
    // And is answered by it.
    assert!(both(&local).0.is_empty());
    assert!(mallory(&local).attached_policies.contains(&quarantine()));
}

#[test]
fn both_entries_are_undone_in_either_order_to_the_byte() {
    for (event, newest_first) in
        [(finding(), true), (finding(), false), (finding_of_role(), true), (finding_of_role(), false)]
    {
        let mut account = people();
        if event == finding_of_role() {
            account.users.clear();
        } else {
            account.users[0].login_profile = None;
        }
        let local = denying_first_in(account, with_approvers(&[THREATENED]));
        let before = local.world.account();
        local.deliver(&event);
        let (denied, suspended) = both(&local);
        let mut entries = [denied, suspended].concat();
        if newest_first {
            entries.reverse();
        }
        for entry in &entries {
            assert_eq!(entry.status, Status::Verified);
            let request = asked(&undo_by(&local, "sam", entry, true).unwrap());
            approve(&local, ADA, &request).unwrap();
            let undone = undo_by(&local, "sam", entry, true).unwrap();
            assert_eq!(undone.entry().unwrap().status, Status::Verified, "{undone:#?}");
        }
        // The key that the detector named stays off.
        let left = differs(&before, &local);
        assert!(left.iter().all(|change| change.contains("accessKeys[0]: status")), "{left:?}");
    }
}

#[test]
fn a_first_deny_that_is_taken_off_is_paged_and_the_quarantine_stands() {
    let local = denying_first(enforce(&[THREATENED]));
    local.deliver(&finding());
    let _ = local.world.take_pages();
    let policies = mallory(&local).inline_policies;
    let [policy] = &policies[..] else { panic!("{policies:?}") };
    by_hand(&local, |user| user.inline_policies.clear());
    let parameters = json!({"userName": "mallory", "policyName": policy.name});
    local.deliver(&call("e9", "DeleteUserPolicy", "ann", &parameters, &Value::Null));
    assert!(local.world.take_pages().iter().any(|page| page.text.contains("DeleteUserPolicy")));
    assert!(mallory(&local).attached_policies.contains(&quarantine()));
}

#[test]
fn whatever_fails_of_it_the_suspension_is_not_held_up() {
    let failing = [
        Operation::BatchGetItem,
        Operation::Read(Read::GetUser),
        Operation::PutItem,
        Operation::Write(Write::PutUserPolicy),
        Operation::Read(Read::ListUserPolicies),
        Operation::Publish,
    ];
    for operation in failing {
        for fault in [Fault::Throttled, Fault::Denied] {
            let local = denying_first(enforce(&[THREATENED]));
            local.world.fail(operation, fault, Times::Next(1));
            local.deliver(&finding());
            local.world.heal();
            for _ in 0..3 {
                local.world.advance(SignedDuration::from_mins(15));
                sweep(&local);
            }
            let mallory = mallory(&local);
            assert!(mallory.attached_policies.contains(&quarantine()), "{operation:?} {fault:?}");
            assert!(mallory.login_profile.is_none());
            assert_eq!(open(&local).len(), 0, "{operation:?} {fault:?}");
        }
    }
}

#[test]
fn where_there_is_no_room_for_it_the_next_means_deny() {
    let mut account = people();
    account.users[0].inline_policies = serde_json::from_value(json!([inline_of("big", 2_040)])).unwrap();
    account.users[0].attached_policies =
        arns(9).into_iter().chain([ADMIN.to_owned()]).map(|arn| arn.parse().unwrap()).collect();
    let local = denying_first_in(account, enforce(&[THREATENED]));
    local.deliver(&finding());
    let refused = local.world.entries().into_iter().find(|entry| entry.status == Status::Failed).unwrap();
    assert!(refused.denies_first());
    assert_eq!(mallory(&local).boundary, Some(quarantine()));
}

#[test]
fn a_worker_may_die_after_any_call_and_it_ends_the_same() {
    let calm = denying_first(enforce(&[THREATENED]));
    calm.deliver(&finding());
    let calls = calm.world.calls().0.iter().take_while(|call| call.function == "suspend-principal").count();
    assert!(calls > 5, "{calls}");
    let end = calm.world.account();
    for died_after in 0..calls {
        let local = denying_first(enforce(&[THREATENED]));
        local.world.die_after(u32::try_from(died_after).unwrap());
        local.deliver(&finding());
        local.world.advance(SignedDuration::from_mins(20));
        local.deliver(&finding());
        for _ in 0..2 {
            local.world.advance(SignedDuration::from_mins(20));
            sweep(&local);
            local.work_off();
        }
        assert_eq!(open(&local).len(), 0, "after {died_after}");
        let mut less = differs(&end, &local);
        // One that died before its entry was open denied nobody first.
        less.retain(|change| !change.contains("BailiffFirstDeny-"));
        assert_eq!(less, Vec::<String>::new(), "after {died_after}");
        let (denied, suspended) = both(&local);
        // Whether the worker that died after its third call wrote the policy only reading tells, and it may not have settled.
        let expected = if died_after == 3 { Status::Unknown } else { Status::Verified };
        assert!(denied.iter().all(|entry| entry.status == expected), "after {died_after}: {denied:#?}");
        assert_eq!(denied.len(), usize::from(died_after >= 3), "after {died_after}");
        assert_eq!(suspended.len(), 1, "after {died_after}: {suspended:#?}");
    }
}

#[test]
fn only_suspend_principal_answers_events_and_an_open_entry_is_left_alone() {
    let local = denying_first(enforce(&[THREATENED]));
    local.world.die_after(3);
    local.deny_first(&finding());
    assert_eq!(open(&local).len(), 1);
    let mut other = finding();
    other["detail"]["id"] = json!("another");
    let before = local.world.calls().iam_writes();
    local.deny_first(&other);
    assert_eq!(local.world.calls().iam_writes(), before);
    let said = local.world.take_decisions();
    assert!(
        said.iter()
            .any(|decision| matches!(decision, Decision::NotFirst { why, .. } if why.contains("entry"))),
        "{said:#?}"
    );
    assert_eq!(open(&local)[0].remediator, Remediator::SuspendPrincipal);
}

#[test]
fn a_switch_that_is_thrown_while_others_write_to_the_journal_is_heeded() {
    for (takes, denied) in [(1_000, true), (2_000, true), (2_001, false), (9_000, false)] {
        let local = denying_first(enforce(&[THREATENED]));
        let stop = Stop {
            since: local.world.now(),
            by: "ann".to_owned(),
            reason: "a test".to_owned(),
            undo_too: false,
            tripped: None,
        };
        // Three calls of ten milliseconds are part of it.
        let takes = SignedDuration::from_millis(takes - 30);
        local.world.stop_during(Operation::PutItem, 0, takes, stop);
        local.deny_first(&finding());
        assert_eq!(mallory(&local).inline_policies.len(), usize::from(denied), "{takes:?}");
        assert_eq!(open(&local).len(), 0);
    }
}

#[test]
fn the_organisation_s_switch_and_limits_hold_for_it() {
    let limits =
        |limits: &str| only(&[THREATENED], "enforce", &format!("limits: {{ sharePerDay: 100, {limits} }}\n"));
    let denied = |limit: &str, stopped: bool| {
        let table = OrganizationTable::default();
        let local = denying_first(limits(&format!("organization: {{ actsPerDay: {limit} }}")));
        local.world.join(&table);
        if stopped {
            table.set_stop(Some(Stop {
                since: local.world.now(),
                by: "joe".to_owned(),
                reason: "a test".to_owned(),
                undo_too: false,
                tripped: None,
            }));
        }
        local.deny_first(&finding());
        // Who looks closer stops everything, and tells of it.
        assert!(local.world.stop_order().is_none());
        mallory(&local).inline_policies.len()
    };
    assert_eq!([denied("5", false), denied("0", false), denied("5", true)], [1, 0, 0]);
}

/// As many findings about Mallory, each of its own.
fn findings(count: usize) -> Vec<Value> {
    let one = |number: usize| {
        let mut event = finding();
        event["detail"]["id"] = json!(format!("finding-{number}"));
        event
    };
    (0..count).map(one).collect()
}

#[test]
fn however_many_events_are_told_at_once_the_suspension_has_all_its_limits() {
    for room in [true, false] {
        let mut account = people();
        if !room {
            account.users[0].inline_policies =
                serde_json::from_value(json!([inline_of("big", 2_040)])).unwrap();
        }
        let limits = "limits: { actsPerHour: 5, actsPerDay: 5, sharePerDay: 100, actsPerSweep: 5, actsPerResourceAndDay: 3 }\n";
        let local = denying_first_in(account, only(&[THREATENED], "enforce", limits));
        let events = findings(6);
        for event in &events {
            local.deny_first(event);
        }
        for event in &events {
            local.deliver(event);
        }
        let (first, suspended) = both(&local);
        assert_eq!((first.len(), suspended.len()), (usize::from(room), 1), "{first:#?}");
        assert_eq!(suspended[0].status, Status::Verified);
        assert!(mallory(&local).login_profile.is_none() && local.world.stop_order().is_none());
        // What refused it is asked once a day.
        let tried = local.world.entries().into_iter().filter(Entry::denies_first).count();
        assert_eq!(tried, 1);
    }
}

#[test]
fn first_denies_have_limits_of_their_own_that_stop_nothing() {
    let mut account = people();
    let users: Value = (0..4)
        .map(|n| json!({"name": format!("user{n}"), "id": id_of(&format!("user{n}")), "created": ago(500), "attachedPolicies": [ADMIN]}))
        .collect();
    account.users = serde_json::from_value(users).unwrap();
    let limits = "limits: { actsPerHour: 2, actsPerDay: 9, sharePerDay: 100, actsPerSweep: 9, actsPerResourceAndDay: 3 }\n";
    let local = denying_first_in(account, only(&[THREATENED], "enforce", limits));
    for number in 0..4 {
        let name = format!("user{number}");
        local.world.know_administrator(&id(&id_of(&name)));
        local.deny_first(&guard_duty(&name, &id_of(&name), 8.0));
    }
    assert_eq!(both(&local).0.len(), 2);
    assert!(local.world.stop_order().is_none());
}

#[test]
fn whoever_cannot_be_judged_is_paged_about_as_without_it() {
    for read in [Read::ListAttachedUserPolicies, Read::ListUserPolicies] {
        let ended = |denies_first: bool| {
            let local = Local { denies_first, ..denying_first(enforce(&[THREATENED])) };
            local.world.fail(Operation::Read(read), Fault::Denied, Times::Always);
            local.deliver(&finding());
            (mallory(&local).login_profile.is_some(), local.world.take_pages().len(), both(&local).1.len())
        };
        assert_eq!(ended(true), ended(false), "{read:?}");
        assert_eq!(ended(true), (true, 1, 0), "{read:?}");
    }
}

#[test]
fn undoing_the_first_deny_alone_holds_nobody_back_from_the_watch() {
    let local = denying_first(with_approvers(&[THREATENED]));
    local.deliver(&finding());
    let first = both(&local).0.remove(0);
    let request = asked(&undo_by(&local, "sam", &first, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    undo_by(&local, "sam", &first, false).unwrap();
    assert!(mallory(&local).inline_policies.is_empty());
    by_hand(&local, |user| user.attached_policies.retain(|policy| *policy != quarantine()));
    let parameters = json!({"userName": "mallory", "policyArn": quarantine()});
    local.deliver(&call("e9", "DetachUserPolicy", "ann", &parameters, &Value::Null));
    assert!(mallory(&local).attached_policies.contains(&quarantine()));
}

#[test]
fn whoever_meets_it_ends_as_if_they_had_come_one_after_the_other() {
    let ours = deployment().ours();
    let triggers = |event: &Value| Trigger::parse(event, &ours).unwrap();
    let order = || SuspendOrder {
        principal: "arn:aws:iam::111122223333:user/mallory".parse().unwrap(),
        reason: "a test".to_owned(),
        requested_by: "sam".to_owned(),
        threat: None,
    };
    for seed in 0..60 {
        let local = denying_first(enforce(&[THREATENED]));
        // Reported by another event before, so that the suspension has a ground at once.
        let quiet = Local { denies_first: false, ..local };
        let [known, news] = &findings(2)[..] else { panic!() };
        quiet.world.fail(Operation::SendMessage, Fault::Throttled, Times::Always);
        quiet.deliver(known);
        quiet.world.heal();
        let suspicion = crate::fixture::finding(&quiet, &mallory(&quiet), THREATENED);
        let event = Work::Event(triggers(news));
        let work = match seed % 3 {
            0 => vec![event.clone(), Work::Finding(Remediator::SuspendPrincipal, suspicion)],
            1 => vec![event.clone(), event.clone(), Work::Finding(Remediator::SuspendPrincipal, suspicion)],
            _ => vec![event.clone(), Work::Order(order())],
        };
        for outcome in quiet.at_once(&work, seed) {
            assert!(outcome.is_ok(), "{seed}: {outcome:?}");
        }
        let (first, suspended) = both(&quiet);
        assert_eq!(open(&quiet).len(), 0, "{seed}");
        assert!(first.len() <= 1 && suspended.len() == 1, "{seed}: {first:#?} {suspended:#?}");
        assert!(first.iter().chain(&suspended).all(|entry| entry.status == Status::Verified), "{seed}");
        let mallory = mallory(&quiet);
        assert!(
            mallory.attached_policies.contains(&quarantine()) && mallory.login_profile.is_none(),
            "{seed}"
        );
    }
}
