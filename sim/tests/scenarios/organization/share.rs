//! What is done in all accounts of an organisation together, as a share of all their users and roles.

use jiff::{SignedDuration, Timestamp};
use shared::engine::Decision;
use shared::remedy::Refusal;
use sim::{Fault, Local, Operation, OrganizationTable, Times};

use super::{OTHER, PRINCIPALS, findings, is_limited, many, member, refused, swept, untouched};
use crate::fixture::*;

const DAY: &str = "day#2026-11-22";

/// What the page says of the limit that was reached.
fn reached(local: &Local) -> Vec<(String, u32)> {
    let limits = refused(local, is_limited).into_iter();
    let limit = |refusal| match refusal {
        Refusal::LimitReached { limit, most } => Some((limit, most)),
        _ => None,
    };
    limits.filter_map(|entry| entry.refusal.and_then(limit)).collect()
}

fn done(local: &Local) -> usize {
    local.world.account().users.len() - untouched(local)
}

/// Another account, which nobody acts in, has so many users and roles by a sweep so many hours ago.
fn swept_before(table: &OrganizationTable, account: &str, principals: u64, hours: i64) {
    let at = NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_hours(hours);
    table.put_principals(account, principals, at + SignedDuration::from_hours(30 * 24));
}

#[test]
fn a_share_of_all_accounts_that_is_reached_stops_all_of_them() {
    let table = OrganizationTable::default();
    let limits = "organization: { sharePerDay: 10 }";
    let [one, other] =
        [(ACCOUNT, 40), (OTHER, 30)].map(|(account, users)| member(account, &table, users, limits));
    // 40 and 20 users and roles: six acts, in whichever account.
    swept_before(&table, "777788889999", 20, 0);
    swept(&one);
    assert_eq!((done(&one), reached(&one)), (6, vec![("organization.sharePerDay".to_owned(), 6)]));
    let page = refused(&one, is_limited)[0].refusal.clone().unwrap();
    let said = "`organization.sharePerDay` is 6, and so much has been done: everything is stopped in the whole organisation";
    assert!(page.to_string().starts_with(said), "{page}");
    swept(&other);
    assert_eq!((done(&other), reached(&other)), (0, Vec::new()));

    // The other's 30 count by now, and a person lets it go on: three more.
    table.set_stop(None);
    swept(&other);
    assert_eq!((done(&one), done(&other), table.counted(DAY)), (6, 3, 9));
    assert_eq!(reached(&other), [("organization.sharePerDay".to_owned(), 9)]);
}

#[test]
fn workers_in_two_accounts_never_overrun_a_share() {
    let mut in_both = 0;
    for (limits, most) in
        [("sharePerDay: 10", 6), ("sharePerHour: 5, sharePerDay: 100", 5), ("sharePerDay: 0", 0)]
    {
        for seed in 0..30 {
            let table = OrganizationTable::default();
            let limits = format!("organization: {{ {limits} }}");
            let [one, other] = [ACCOUNT, OTHER].map(|account| member(account, &table, 8, &limits));
            swept_before(&table, ACCOUNT, 40, 1);
            swept_before(&table, OTHER, 29, 1);
            Local::in_accounts_at_once(&[(&one, &findings(&one)), (&other, &findings(&other))], seed);
            let acted = [&one, &other].map(done);
            // Whoever has counted and not written yet is stopped as well.
            assert!(acted.iter().sum::<usize>() <= most, "{limits}, seed {seed}: {acted:?}");
            assert_eq!(
                table.counted(DAY).max(table.counted("hour#2026-11-22T09")) as usize,
                most,
                "{limits}, {seed}"
            );
            assert_eq!(
                [&one, &other].map(|local| reached(local).len()).iter().sum::<usize>(),
                1,
                "{limits}, {seed}"
            );
            in_both += usize::from(acted.iter().all(|acts| *acts > 0));
        }
    }
    assert!(in_both > 20, "{in_both}");
}

#[test]
fn an_account_whose_last_sweep_is_a_month_old_counts_no_more() {
    for (hours, most) in [(30 * 24 - 1, 90), (30 * 24, 9)] {
        let table = OrganizationTable::default();
        let local = member(
            ACCOUNT,
            &table,
            95,
            "organization: { sharePerDay: 10 }, actsPerSweep: 1000, actsPerHour: 1000",
        );
        swept_before(&table, OTHER, 810, hours);
        swept(&local);
        assert_eq!(done(&local), most, "{hours}");
    }
}

#[test]
fn a_tenth_a_day_is_the_default_where_there_is_a_table_and_no_share_is_named() {
    for limits in ["", "organization: {}", "organization: { actsPerDay: 1000 }"] {
        let table = OrganizationTable::default();
        let local = member(ACCOUNT, &table, 24, limits);
        swept_before(&table, OTHER, 46, 0);
        swept(&local);
        assert_eq!((done(&local), table.counted(DAY)), (7, 7), "{limits}");
        assert_eq!(reached(&local), [("organization.sharePerDay".to_owned(), 7)], "{limits}");
        assert!(table.stop_order().is_some(), "{limits}");
    }
    // Whichever is less.
    let table = OrganizationTable::default();
    let local = member(ACCOUNT, &table, 24, "organization: { actsPerDay: 6 }");
    swept_before(&table, OTHER, 46, 0);
    swept(&local);
    assert_eq!(reached(&local), [("organization.actsPerDay".to_owned(), 6)]);
}

#[test]
fn the_default_asks_for_no_table() {
    let local = local(many(ACCOUNT, 24), only(&[INLINE], "enforce", "limits: { sharePerDay: 100 }\n"));
    swept(&local);
    assert_eq!((done(&local), reached(&local)), (24, Vec::new()));
}

#[test]
fn a_share_that_is_named_lets_nothing_be_done_without_the_table_whatever_it_says() {
    for share in ["sharePerDay: 10", "sharePerDay: 100", "sharePerHour: 50"] {
        let limits = format!("limits: {{ organization: {{ {share} }} }}\n");
        let local = local(many(ACCOUNT, 1), only(&[INLINE], "enforce", &limits));
        swept(&local);
        assert_eq!((untouched(&local), local.world.calls().iam_writes()), (1, 0), "{share}");
    }
}

#[test]
fn until_any_account_has_been_swept_five_acts_a_day_are_done_in_all_of_them() {
    let table = OrganizationTable::default();
    let [one, other] = [ACCOUNT, OTHER].map(|account| member(account, &table, 8, ""));
    Local::in_accounts_at_once(&[(&one, &findings(&one))], 0);
    // Whoever has counted and not written yet is stopped as well.
    assert!((1..=5).contains(&done(&one)), "{}", done(&one));
    assert_eq!((table.counted(DAY), reached(&one)), (5, vec![("organization.sharePerDay".to_owned(), 5)]));
    table.set_stop(None);
    Local::in_accounts_at_once(&[(&other, &findings(&other))], 0);
    assert_eq!((done(&other), table.counted(DAY)), (0, 5));
}

#[test]
fn an_unknown_population_lets_nothing_be_done_where_a_share_hangs_on_it() {
    for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
        for (limits, hangs) in [
            ("", true),
            ("organization: { sharePerHour: 99, sharePerDay: 100 }", true),
            ("organization: { actsPerHour: 1000, sharePerDay: 100 }", false),
        ] {
            let table = OrganizationTable::default();
            let local = member(ACCOUNT, &table, 2, limits);
            local.world.fail_later(Operation::Query, Some(PRINCIPALS), 0, fault, Times::Always);
            swept(&local);
            let left = if hangs { 2 } else { 0 };
            assert_eq!(
                (untouched(&local), local.world.calls().iam_writes()),
                (left, 2 - left),
                "{limits}, {fault:?}"
            );
            assert_eq!((table.stop_order(), local.world.stop_order()), (None, None), "{limits}, {fault:?}");
        }
    }
}

#[test]
fn a_sweep_that_cannot_tell_the_others_how_many_there_are_says_so_and_goes_on() {
    let table = OrganizationTable::default();
    let local = member(ACCOUNT, &table, 70, "");
    local.world.fail_later(Operation::PutItem, Some(PRINCIPALS), 0, Fault::Denied, Times::Always);
    let decisions = swept(&local);
    let said = |decision: &&Decision| match decision {
        Decision::NotRemembered { why } => why.contains("dynamodb:PutItem"),
        _ => false,
    };
    assert_eq!(decisions.iter().filter(said).count(), 1);
    assert_eq!((done(&local), reached(&local)), (5, vec![("organization.sharePerDay".to_owned(), 5)]));
    assert_eq!(table.principals(local.world.now()), None);
}

#[test]
fn a_person_orders_whatever_the_share() {
    let table = OrganizationTable::default();
    let local = member(ACCOUNT, &table, 1, "organization: { sharePerDay: 0 }");
    local.world.fail_later(Operation::Query, Some(PRINCIPALS), 0, Fault::Denied, Times::Always);
    let outcome = suspend(&local, "user/user-0").unwrap();
    assert!(outcome.refusal().is_none(), "{outcome:?}");
    assert_eq!(table.counted(DAY), 0);
}
