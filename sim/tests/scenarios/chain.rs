//! The journal's chain: what it does not vouch for is not undone, and not finished.

use serde_json::json;
use shared::facts::KeyStatus;
use shared::policy::PolicyDocument;
use shared::remedy::chain::{Break, Unrecorded};
use shared::remedy::{Entry, JournalId, Refusal, Status, Step, StepOutcome, StepResult};
use sim::account_file::InlinePolicy;
use sim::{AccountFile, Local, Operation};

use crate::fixture::*;

const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn mara() -> AccountFile {
    users(json!([{"name": "mara", "inlinePolicies": [{"name": "debug"}]}]))
}

/// Mara's policy is gone, and verified.
fn remediated() -> (Local, Entry) {
    let local = local(mara(), enforce(&[INLINE]));
    sweep(&local);
    let entry = entry(&local);
    assert_eq!(entry.status, Status::Verified);
    (local, entry)
}

/// The same entry, as if a policy that allows everything had been taken off.
fn with_another_prior_state(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    for step in &mut entry.plan.steps {
        let Step::DeleteUserPolicy { document, .. } = step else { panic!("{step}") };
        *document = PolicyDocument::new(ADMINISTRATOR);
    }
    entry
}

/// It is refused, for that reason; nothing is written to IAM; people are told.
fn refuses_to_undo(local: &Local, id: &JournalId, why: &str) {
    let before = local.world.account();
    local.world.forget_calls();
    let told = local.world.notices().len();
    let outcome = restore(local, id).unwrap();
    let Some(refusal @ Refusal::NotCredible { .. }) = outcome.refusal() else { panic!("{outcome:#?}") };
    assert!(refusal.to_string().contains(why), "{refusal}");
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert_eq!(changes(&before, local), Vec::<String>::new());
    assert_eq!(local.world.notices().len(), told + 1);
}

#[test]
fn what_bailiff_wrote_is_whole_and_undone() {
    let (local, entry) = remediated();
    // Its opening, its attempt, the attempt's outcome, its end.
    assert_eq!(local.world.chain().0.len(), 4);
    restore(&local, &entry.id).unwrap();
    let whole = audited(&local).unwrap();
    // The same of the undo, and that the entry was undone.
    assert_eq!((whole.records, whole.entries), (9, 2));
}

#[test]
fn every_record_is_an_entry_as_it_stood() {
    let (local, entry) = remediated();
    let (chain, _) = local.world.chain();
    let stood: Vec<Entry> = chain.iter().map(|record| serde_json::from_str(&record.body).unwrap()).collect();
    let told: Vec<_> = stood.iter().map(|at| (at.status, at.attempting, at.outcomes.len())).collect();
    let open = Status::Open;
    assert_eq!(told, [(open, None, 0), (open, Some(0), 0), (open, None, 1), (Status::Verified, None, 1)]);
    assert_eq!(stood.last(), Some(&entry));
}

#[test]
fn a_forged_closed_entry_is_not_undone() {
    let (local, real) = remediated();
    let forged = Entry {
        id: JournalId::try_from("20261122t085959-000000000000".to_owned()).unwrap(),
        ..with_another_prior_state(&real)
    };
    local.world.plant(&forged).unwrap();
    refuses_to_undo(&local, &forged.id, "no record of the journal's chain tells of it");
    let unrecorded = Break::EntryUnrecorded { entry: forged.id.to_string(), why: Unrecorded::NoRecord };
    assert_eq!(audited(&local), Err(unrecorded));
}

#[test]
fn a_closed_entry_whose_prior_state_was_changed_is_not_undone() {
    let (local, real) = remediated();
    local.world.plant(&with_another_prior_state(&real)).unwrap();
    refuses_to_undo(&local, &real.id, "it is not what record 4 of the journal's chain says it was");
    assert!(
        matches!(audited(&local), Err(Break::EntryDiffers { entry, seq: 4 }) if entry == real.id.as_str())
    );
    // As it was, it is vouched for again.
    local.world.plant(&real).unwrap();
    assert_eq!(restore(&local, &real.id).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn a_forged_open_entry_is_closed_though_its_function_would_do_it() {
    let (local, real) = remediated();
    // The user has it again, so that the rule would take it off.
    local.world.edit(|account| {
        let policy =
            InlinePolicy { name: "debug".parse().unwrap(), document: PolicyDocument::new(ADMINISTRATOR) };
        account.users[0].inline_policies.push(policy);
    });
    let forged = Entry {
        id: JournalId::try_from("20261122t080000-000000000000".to_owned()).unwrap(),
        status: Status::Open,
        closed: None,
        outcomes: Vec::new(),
        opened: "2026-11-22T08:00:00Z".parse().unwrap(),
        updated: None,
        ..with_another_prior_state(&real)
    };
    local.world.plant(&forged).unwrap();
    sweep(&local);
    let entries = local.world.entries();
    let closed = entries.iter().find(|entry| entry.id == forged.id).unwrap();
    assert!(
        matches!(&closed.refusal, Some(Refusal::NotCredible { what }) if what.contains("no record")),
        "{closed:#?}"
    );
    assert_eq!(closed.outcomes, []);
    // What is due is done under an entry of its own.
    assert_eq!(entries.last().unwrap().status, Status::Verified);
    assert!(local.world.account().users[0].inline_policies.is_empty());
}

/// An open entry of before there was a chain.
fn of_an_earlier_version() -> (Local, Entry) {
    let account = users(json!([{"name": "ada", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, Some(130))]}]));
    let local = local(account, only(&[KEY_UNUSED], "audit", ""));
    sweep(&local);
    let planned = entry(&local);
    let at = "2026-11-22T08:00:00Z".parse().unwrap();
    let earlier = Entry {
        schema: 1,
        id: JournalId::try_from("20261122t080000-000000000000".to_owned()).unwrap(),
        mode: shared::governance::Mode::Enforce,
        status: Status::Open,
        // One key is off already.
        outcomes: vec![StepOutcome { index: 0, at, result: StepResult::Verified }],
        opened: at,
        closed: None,
        ..planned
    };
    local.world.plant(&earlier).unwrap();
    local.world.edit(|account| account.users[0].access_keys[0].status = KeyStatus::Inactive);
    (Local::new(local.world, enforce(&[KEY_UNUSED]), deployment()), earlier)
}

#[test]
fn an_open_entry_of_before_the_chain_is_finished_after_the_upgrade() {
    let (local, earlier) = of_an_earlier_version();
    assert_eq!(audited(&local).unwrap().before_chain, 1);
    sweep(&local);
    let finished = local.world.entries().into_iter().find(|entry| entry.id == earlier.id).unwrap();
    assert_eq!(results(&finished), (Status::Verified, vec![&StepResult::Verified; 2]));
    let statuses =
        local.world.account().users[0].access_keys.iter().map(|key| key.status).collect::<Vec<_>>();
    assert_eq!(statuses, [KeyStatus::Inactive; 2]);
    // From its first change on it is in the chain.
    assert_eq!(audited(&local).unwrap().before_chain, 0);
}

/// Whoever may write the table can write an entry of an earlier version too, and have it closed by a function.
#[test]
fn an_entry_that_was_opened_before_the_chain_is_not_undone() {
    let (local, earlier) = of_an_earlier_version();
    sweep(&local);
    refuses_to_undo(&local, &earlier.id, "by a version that did not chain the journal (schema 1)");
    let closed = Entry { schema: 1, ..remediated().1 };
    local.world.plant(&closed).unwrap();
    refuses_to_undo(&local, &closed.id, "by a version that did not chain the journal (schema 1)");
}

#[test]
fn the_chain_is_asked_once_an_undo_and_never_on_the_way_to_a_change() {
    let (local, entry) = remediated();
    let reads = |local: &Local| {
        let calls = local.world.calls().0;
        calls
            .iter()
            .filter(|call| call.operation == Operation::GetItem && call.target == entry.id.as_str())
            .count()
    };
    assert_eq!(reads(&local), 0);
    restore(&local, &entry.id).unwrap();
    assert_eq!(reads(&local), 1);
}

/// The figures of docs/audit.md.
#[test]
fn an_act_adds_a_few_small_records() {
    let of = |account: AccountFile, governance| {
        let local = local(account, governance);
        sweep(&local);
        let sizes: Vec<usize> = local.world.chain().0.iter().map(|record| record.body.len() + 300).collect();
        (sizes.len(), sizes.iter().sum::<usize>())
    };
    let ada =
        || users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let cases = [
        ("a plan", of(ada(), only(&[KEY_UNUSED], "audit", ""))),
        ("a key switched off", of(ada(), enforce(&[KEY_UNUSED]))),
        ("a user suspended, with a key and a password", {
            let leaver = json!({"name": "u", "created": ago(500), "loginProfile": {}, "mfaDevices": ["m"],
                "accessKeys": [key("OLD1", 200, Some(120))]});
            of(users(json!([leaver])), enforce(&[UNUSED]))
        }),
    ];
    for (act, (records, bytes)) in cases {
        println!("{act}: {records} records, {bytes} bytes");
        assert!((1..=10).contains(&records) && bytes < 20_000, "{act}: {records} records, {bytes} bytes");
    }
}
