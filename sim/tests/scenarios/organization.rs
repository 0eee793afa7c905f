//! What stops Bailiff in all accounts of an organisation at once: a switch and limits in a table that they share.

mod share;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::engine::{Decision, Deployment, Stop};
use shared::identifier::{AccountId, Arn};
use shared::remedy::{Entry, Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, OrganizationTable, Times, Work, World};

use crate::fixture::*;

const OTHER: &str = "444455556666";
const SWITCH: &str = "organization-switch";
const COUNTERS: &str = "organization-counters";
const PRINCIPALS: &str = "organization-principals";
const HOUR: &str = "hour#2026-11-22T09";

/// So many users who each have an inline policy.
fn many(account: &str, count: usize) -> AccountFile {
    let id = |n: usize| format!("AIDA{account}{n:05}");
    let named =
        |n: usize| json!({"name": format!("user-{n}"), "id": id(n), "inlinePolicies": [{"name": "p"}]});
    let users: Value = (0..count).map(named).collect::<Vec<Value>>().into();
    AccountFile::parse(&json!({"account": account, "now": NOW, "users": users}).to_string()).unwrap()
}

/// Bailiff in an account of the organisation.
fn member(account: &str, table: &OrganizationTable, users: usize, limits: &str) -> Local {
    let rest = format!("limits: {{ sharePerDay: 100, {limits} }}\n");
    let deployment = Deployment {
        account: AccountId::parse(account).unwrap(),
        stack: "bailiff".to_owned(),
        quarantine_policy: Arn::parse(&format!("arn:aws:iam::{account}:policy/bailiff-quarantine")).unwrap(),
    };
    let world = World::new(many(account, users));
    world.join(table);
    Local::new(world, only(&[INLINE], "enforce", &rest), deployment)
}

fn both(table: &OrganizationTable, limits: &str) -> [Local; 2] {
    [ACCOUNT, OTHER].map(|account| member(account, table, 4, limits))
}

fn untouched(local: &Local) -> usize {
    local.world.account().users.iter().filter(|user| !user.inline_policies.is_empty()).count()
}

fn swept(local: &Local) -> Vec<Decision> {
    let event = json!({
        "version": "0", "id": format!("sweep at {}", local.world.now()), "detail-type": "Scheduled Event", "source": "aws.events",
        "account": local.deployment.account, "time": local.world.now().to_string(), "region": "us-east-1",
        "resources": [], "detail": {}
    });
    local.deliver(&event).decisions
}

#[test]
fn each_account_s_sweep_says_that_all_are_stopped_or_may_be() {
    let table = OrganizationTable::default();
    let [one, other] = both(&table, "");
    let said = |local: &Local| {
        swept(local).into_iter().find_map(|decision| match decision {
            Decision::Swept { stopped } => Some(stopped),
            _ => None,
        })
    };
    assert_eq!((said(&one), said(&other)), (Some(None), Some(None)));
    table.set_stop(Some(by_a_person(false)));
    for local in [&one, &other] {
        let why = said(local).flatten().unwrap();
        assert!(why.contains("sam in the whole organisation"), "{why}");
    }
    table.set_stop(None);
    one.world.fail_later(Operation::GetItem, Some(SWITCH), 0, Fault::Denied, Times::Always);
    assert!(said(&one).flatten().is_some());
}

fn findings(local: &Local) -> Vec<Work> {
    let users = local.world.account().users;
    users.iter().map(|user| Work::Finding(remediator(INLINE), finding(local, user, INLINE))).collect()
}

fn by_a_person(undo_too: bool) -> Stop {
    let (by, reason) = ("sam".to_owned(), "the night build is broken".to_owned());
    Stop { since: NOW.parse().unwrap(), by, reason, undo_too, tripped: None }
}

fn refused(local: &Local, matching: fn(&Refusal) -> bool) -> Vec<Entry> {
    let entries = local.world.entries().into_iter();
    entries.filter(|entry| entry.refusal.as_ref().is_some_and(matching)).collect()
}

fn is_stopped(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Stopped { .. })
}

fn is_limited(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::LimitReached { .. })
}

fn is_too_often(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::ChangedTooOften { .. })
}

#[test]
fn workers_in_two_accounts_never_overrun_a_limit_of_the_organisation_and_tell_of_it_once() {
    let mut in_both = 0;
    for (limits, counter, seeds) in [
        ("organization: { actsPerHour: 3 }", HOUR, 80),
        ("organization: { actsPerDay: 3 }", "day#2026-11-22", 40),
    ] {
        for seed in 0..seeds {
            let table = OrganizationTable::default();
            let [one, other] = both(&table, limits);
            Local::in_accounts_at_once(&[(&one, &findings(&one)), (&other, &findings(&other))], seed);
            let acted = [&one, &other].map(|local| 4 - untouched(local));
            // Whoever has counted and not written yet is stopped as well.
            assert!(acted.iter().sum::<usize>() <= 3, "seed {seed}: {acted:?}");
            assert_eq!(table.counted(counter), 3, "seed {seed}");
            in_both += usize::from(acted.iter().all(|acts| *acts > 0));
            let told = [&one, &other].map(|local| refused(local, is_limited).len());
            assert_eq!(told.iter().sum::<usize>(), 1, "seed {seed}");
            let stop = table.stop_order().unwrap();
            assert!(stop.by.contains("`organization.actsPer"), "{}", stop.by);
            let told_in = if told[0] == 1 { ACCOUNT } else { OTHER };
            assert!(stop.reason.contains(told_in) && stop.reason.contains(INLINE), "{}", stop.reason);
            assert!([one, other].iter().all(|local| local.world.stop_order().is_none()), "seed {seed}");
        }
    }
    assert!(in_both > 20, "{in_both}");
}

#[test]
fn a_limit_of_the_organisation_stops_every_account_until_a_person_has_looked() {
    let table = OrganizationTable::default();
    let [one, other] = both(&table, "organization: { actsPerHour: 3 }");
    let tripped = |decisions: &[Decision]| {
        decisions.iter().filter(|decision| matches!(decision, Decision::Tripped { .. })).count()
    };
    assert_eq!((tripped(&swept(&one)), untouched(&one)), (1, 1));
    assert_eq!((tripped(&swept(&other)), untouched(&other)), (0, 4));
    assert_eq!((one.world.notices().len(), other.world.notices().len()), (4, 0), "three acts and one page");
    let page = refused(&one, is_limited)[0].refusal.as_ref().unwrap().to_string();
    assert!(page.contains("everything is stopped in the whole organisation"), "{page}");
    let stopped = refused(&other, is_stopped)[0].refusal.as_ref().unwrap().to_string();
    assert!(stopped.contains("in the whole organisation: 3 acts are done"), "{stopped}");

    // Time does not let it go on; a person does, and the hour's count stays.
    for local in [&one, &other] {
        local.world.advance(SignedDuration::from_hours(48));
    }
    swept(&other);
    assert_eq!(untouched(&other), 4);
    table.set_stop(None);
    swept(&other);
    assert_eq!(untouched(&other), 1, "the hour's own limit");
}

#[test]
fn a_limit_of_one_account_stops_that_account_alone() {
    let table = OrganizationTable::default();
    let one = member(ACCOUNT, &table, 4, "actsPerResourceAndDay: 0, organization: { actsPerHour: 3 }");
    swept(&one);
    assert_eq!(refused(&one, is_too_often).len(), 4);
    // What an account's own limits refuse uses nothing up.
    assert_eq!((table.counted(HOUR), table.stop_order()), (0, None));

    let two = member(OTHER, &table, 4, "actsPerHour: 1, organization: { actsPerHour: 3 }");
    swept(&two);
    assert!(two.world.stop_order().is_some() && table.stop_order().is_none());
    assert_eq!((untouched(&two), table.counted(HOUR)), (3, 1));

    let three = member("777788889999", &table, 4, "organization: { actsPerHour: 3 }");
    swept(&three);
    assert_eq!((untouched(&three), table.counted(HOUR)), (2, 3));
}

#[test]
fn the_organisations_switch_stops_every_account_and_an_undo_only_if_it_says_so() {
    let table = OrganizationTable::default();
    let [one, other] = both(&table, "organization: { sharePerDay: 100 }");
    swept(&one);
    let done = written(&one).remove(0);
    table.set_stop(Some(by_a_person(true)));
    swept(&other);
    assert_eq!((other.world.calls().iam_writes(), refused(&other, is_stopped).len()), (0, 4));
    assert!(other.world.notices().is_empty(), "whoever stopped it knows");
    let outcome = restore(&one, &done.id).unwrap();
    assert!(outcome.refusal().is_some_and(is_stopped), "{outcome:?}");
    assert!(suspend(&one, "user/user-1").unwrap().refusal().is_some_and(is_stopped));
    assert_eq!(untouched(&one), 0);

    table.set_stop(Some(by_a_person(false)));
    assert_eq!(restore(&one, &done.id).unwrap().entry().unwrap().status, Status::Verified);
    table.set_stop(None);
    swept(&other);
    assert_eq!((untouched(&one), untouched(&other)), (1, 0));
    assert_eq!(table.counted(HOUR), 0, "no limit is kept, so nothing is counted");
}

#[test]
fn the_organisations_switch_thrown_between_two_steps_stops_the_second() {
    let table = OrganizationTable::default();
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
    let local = local(account, enforce(&[INLINE]));
    local.world.join(&table);
    let thrown = table.clone();
    let delete = Operation::Write(Write::DeleteUserPolicy);
    local.world.edit_before(delete, 0, move |_| thrown.set_stop(Some(by_a_person(false))));
    swept(&local);
    let entry = entry(&local);
    assert_eq!((entry.status, entry.written().count()), (Status::Refused, 1));
    assert_eq!(local.world.account().users[0].inline_policies.len(), 1);
}

#[test]
fn a_switch_of_the_organisation_that_cannot_be_read_stops_everything_at_any_step() {
    // It is read once by the sweep, to tell; once when the act is planned, and once before the write.
    for undisturbed in 0..6 {
        for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
            let table = OrganizationTable::default();
            let local = member(ACCOUNT, &table, 1, "organization: { actsPerHour: 3 }");
            local.world.fail_later(Operation::GetItem, Some(SWITCH), undisturbed, fault, Times::Always);
            swept(&local);
            assert_eq!(untouched(&local) == 0, undisturbed >= 3, "{undisturbed} undisturbed, {fault:?}");
        }
    }
}

#[test]
fn nothing_is_undone_while_the_organisations_switch_cannot_be_read() {
    let table = OrganizationTable::default();
    let local = member(ACCOUNT, &table, 1, "organization: {}");
    swept(&local);
    let done = entry(&local);
    local.world.fail_later(Operation::GetItem, Some(SWITCH), 0, Fault::Denied, Times::Always);
    assert!(restore(&local, &done.id).is_err());
    assert_eq!(untouched(&local), 0);
}

#[test]
fn counters_of_the_organisation_that_cannot_be_written_let_nothing_be_done() {
    for fault in [Fault::Denied, Fault::Throttled, Fault::Failed, Fault::LostAnswer] {
        let table = OrganizationTable::default();
        let local = member(ACCOUNT, &table, 2, "organization: { actsPerHour: 1000 }");
        local.world.fail_later(Operation::UpdateItem, Some(COUNTERS), 0, fault, Times::Always);
        swept(&local);
        assert_eq!((local.world.calls().iam_writes(), untouched(&local)), (0, 2), "{fault:?}");
    }
}

#[test]
fn limits_of_the_organisation_without_its_table_let_nothing_be_done_and_say_so() {
    let limits = "limits: { organization: { actsPerHour: 1000 } }\n";
    let mut local = local(many(ACCOUNT, 1), enforce(&[INLINE]));
    swept(&local);
    let done = entry(&local);
    local.governance = only(&[INLINE], "enforce", limits);
    local
        .world
        .edit(|account| account.users[0].inline_policies = many(ACCOUNT, 1).users[0].inline_policies.clone());
    let writes = local.world.calls().iam_writes();
    let event = finding(&local, &local.world.account().users[0], INLINE);
    let outcome = Local::in_accounts_at_once(&[(&local, &[Work::Finding(remediator(INLINE), event)])], 0);
    for refused in [outcome[0].clone(), suspend(&local, "user/user-0"), restore(&local, &done.id)] {
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("`limits.organization`") && said.contains("`OrganizationTable`"), "{said}");
    }
    assert_eq!((local.world.calls().iam_writes(), untouched(&local)), (writes, 1));

    local.world.join(&OrganizationTable::default());
    swept(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn a_clock_that_jumps_counts_on_the_hour_it_shows_and_never_twice_as_much_on_one() {
    let table = OrganizationTable::default();
    let [one, other] = both(&table, "organization: { actsPerHour: 2 }");
    for hours in [0, 24 * 3_653, -24 * 3_653, -1] {
        for local in [&one, &other] {
            local.world.advance(SignedDuration::from_hours(hours));
            swept(local);
            table.set_stop(None);
            let back = many(local.deployment.account.as_str(), 4).users[0].inline_policies.clone();
            local.world.edit(|account| {
                for user in &mut account.users {
                    user.inline_policies.clone_from(&back);
                }
            });
        }
    }
    let mut by_hour = std::collections::BTreeMap::<String, usize>::new();
    for entry in [one, other].iter().flat_map(written) {
        *by_hour.entry(hour(entry.opened)).or_default() += 1;
    }
    assert_eq!(by_hour.values().collect::<Vec<_>>(), [&2, &2, &2], "{by_hour:?}");
}

fn hour(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H").to_string()
}

#[test]
fn whoever_dies_over_the_act_too_many_the_next_delivery_tells_of_it_and_no_other_account_does() {
    for calls in 1..60 {
        let table = OrganizationTable::default();
        let [one, other] = both(&table, "organization: { actsPerHour: 0 }");
        one.world.die_after(calls);
        swept(&one);
        one.work_off();
        assert!(table.stop_order().is_some(), "{calls}");
        assert!(
            one.world.notices().iter().any(|entry| entry.refusal.as_ref().is_some_and(is_limited)),
            "{calls}"
        );
        swept(&other);
        assert_eq!(other.world.notices().len(), 0, "{calls}");
        assert_eq!(untouched(&one) + untouched(&other), 8, "{calls}");
    }
}

#[test]
fn an_account_without_the_table_makes_not_one_call_more() {
    let calls = |joins: bool, limits: &str| {
        let local = local(many(ACCOUNT, 1), only(&[INLINE], "enforce", limits));
        if joins {
            local.world.join(&OrganizationTable::default());
        }
        swept(&local);
        let calls = local.world.calls();
        let shared = calls.0.iter().filter(|call| call.target.starts_with("organization"));
        let shared = shared.map(|call| (call.operation, call.target.clone())).collect::<Vec<_>>();
        (calls.total(), shared)
    };
    let of = |calls: &[(Operation, &str)]| {
        calls.iter().map(|(operation, target)| (*operation, (*target).to_owned())).collect::<Vec<_>>()
    };
    let (alone, none) = calls(false, "");
    assert_eq!(none, []);
    // The sweep says how many there are, and whether all are stopped; the switch is read as often as the account's own.
    let unlimited = calls(true, "limits: { organization: { sharePerDay: 100 } }\n");
    let (found, switch) = ((Operation::PutItem, PRINCIPALS), (Operation::GetItem, SWITCH));
    assert_eq!(unlimited, (alone + 4, of(&[found, switch, switch, switch])));
    // By default one query beside the switch, then whether the account's own counters are full, and the count.
    let by_default =
        [found, switch, switch, (Operation::Query, PRINCIPALS), (Operation::UpdateItem, COUNTERS), switch];
    assert_eq!(calls(true, ""), (alone + 7, of(&by_default)));
    // What is not to be done anyhow asks for nobody.
    let local = local(many(ACCOUNT, 1), only(&[INLINE], "notify", ""));
    local.world.join(&OrganizationTable::default());
    swept(&local);
    assert!(
        !local
            .world
            .calls()
            .0
            .iter()
            .any(|call| (call.operation, &*call.target) == (Operation::Query, PRINCIPALS))
    );
}
