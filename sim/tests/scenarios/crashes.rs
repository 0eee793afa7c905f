//! A function may die after any call. Whoever comes next must end as if nothing had happened.

use serde_json::json;
use shared::governance::Governance;
use shared::remedy::{Entry, Status};
use sim::{AccountFile, Local};

use crate::fixture::*;
use crate::worlds::*;

struct Case {
    name: &'static str,
    account: AccountFile,
    rules: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let case = |name, user: serde_json::Value, rules| Case { name, account: users(json!([user])), rules };
    vec![
        case(
            "keys",
            json!({"name": "u", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]}),
            &[KEY_AGE],
        ),
        case(
            "policies",
            json!({"name": "u", "inlinePolicies": [{"name": "a"}, {"name": "b"}], "attachedPolicies": arns(2)}),
            &[INLINE, ATTACHED],
        ),
        case(
            "mfa",
            json!({"name": "u", "created": ago(500), "loginProfile": {}, "passwordLastUsed": ago(1)}),
            &[NO_MFA],
        ),
        case(
            "suspension",
            json!({"name": "u", "created": ago(500), "loginProfile": {}, "mfaDevices": ["m"],
                   "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]}),
            &[UNUSED],
        ),
        case(
            "suspension by boundary",
            json!({"name": "u", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))],
                   "attachedPolicies": arns(10), "inlinePolicies": [inline_of("full", 2_048)],
                   "boundary": "arn:aws:iam::aws:policy/PowerUserAccess"}),
            &[UNUSED],
        ),
    ]
}

fn governed(case: &Case) -> Governance {
    enforce(case.rules)
}

/// What was carried out. A rule that stays broken until somebody enrols a device is told of again; that is no plan.
fn plans(local: &Local) -> Vec<(Status, Vec<String>)> {
    let entries = local.world.entries();
    let mut plans: Vec<_> = entries.iter().map(|entry| (entry.status, steps(entry))).collect();
    plans.retain(|(_, steps)| !steps.is_empty());
    plans.sort_by(|a, b| a.1.cmp(&b.1));
    plans
}

fn open(local: &Local) -> Vec<Entry> {
    local.world.entries().into_iter().filter(|entry| !entry.is_closed()).collect()
}

#[test]
fn dying_after_any_call_of_any_plan_ends_in_the_same_state() {
    let mut points = 0;
    for case in cases() {
        let calm = local(case.account.clone(), governed(&case));
        assert!(sweep(&calm).dead_letters.is_empty());
        let (end, calls, writes) =
            (calm.world.account(), calm.world.calls().total(), calm.world.calls().iam_writes());
        assert!(!changes(&case.account_before(), &calm).is_empty(), "{}", case.name);
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = local(case.account.clone(), governed(&case));
            local.world.die_after(call);
            let delivery = sweep(&local);
            let at = format!("{} dies after call {call} of {calls}", case.name);
            assert_eq!(changes(&end, &local), Vec::<String>::new(), "{at}");
            assert!(delivery.dead_letters.is_empty(), "{at}: {:?}", delivery.dead_letters);
            assert_eq!(open(&local), [], "{at}: an entry stays open");
            assert_eq!(local.world.calls().iam_writes(), writes, "{at}");
            assert_eq!(plans(&local), plans(&calm), "{at}");
            points += 1;
        }
    }
    println!("{points} points");
}

#[test]
fn what_a_dead_worker_did_can_be_undone() {
    for case in cases().into_iter().filter(|case| case.name != "suspension") {
        let calls = {
            let calm = local(case.account.clone(), governed(&case));
            sweep(&calm);
            calm.world.calls().total()
        };
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = local(case.account.clone(), governed(&case));
            local.world.die_after(call);
            sweep(&local);
            for entry in written(&local).iter().rev() {
                let undone = restore(&local, &entry.id).unwrap();
                assert_eq!(undone.entry().unwrap().status, Status::Verified, "{} {call}", case.name);
            }
            assert_eq!(changes(&case.account_before(), &local), Vec::<String>::new(), "{} {call}", case.name);
        }
    }
}

#[test]
fn dying_at_any_call_of_an_undo_and_asking_again_ends_in_the_same_state() {
    for case in cases().into_iter().filter(|case| !case.name.starts_with("mfa")) {
        let prepared = || {
            let local = local(case.account.clone(), governed(&case));
            sweep(&local);
            local.world.forget_calls();
            local
        };
        let calm = prepared();
        let entry = written(&calm).pop().unwrap();
        restore(&calm, &entry.id).unwrap();
        let (end, calls) = (calm.world.account(), calm.world.calls().total());
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = prepared();
            let entry = written(&local).pop().unwrap();
            local.world.die_after(call);
            assert!(restore(&local, &entry.id).is_err());
            let again = restore(&local, &entry.id);
            let at = format!("{} dies after call {call} of {calls}", case.name);
            assert_eq!(changes(&end, &local), Vec::<String>::new(), "{at}: {again:#?}");
            assert_eq!(open(&local), [], "{at}");
            let original =
                local.world.entries().into_iter().find(|candidate| candidate.id == entry.id).unwrap();
            assert!(original.undone_by.is_some(), "{at}: {again:#?}");
        }
    }
}

#[test]
fn dying_at_any_call_of_an_ordered_suspension_and_asking_again_suspends() {
    let account = || {
        account(json!({"roles": [{"name": "deployer", "attachedPolicies": arns(1)}],
            "users": [{"name": "u", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None)]}]}))
    };
    for who in ["user/u", "role/deployer"] {
        let calm = local(account(), all_rules("audit", ""));
        suspend(&calm, who).unwrap();
        // The revocation of sessions holds the time of the order, which differs.
        let attached = |local: &Local| {
            let file = local.world.account();
            (
                file.users[0].clone(),
                file.roles[0].attached_policies.clone(),
                file.roles[0].inline_policies.len(),
            )
        };
        let calls = calm.world.calls().total();
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = local(account(), all_rules("audit", ""));
            local.world.die_after(call);
            assert!(suspend(&local, who).is_err());
            let again = suspend(&local, who);
            assert!(again.is_ok(), "{who} {call}: {again:#?}");
            assert_eq!(attached(&local), attached(&calm), "{who} {call}: {again:#?}");
            assert_eq!(open(&local), [], "{who} {call}");
        }
    }
}

impl Case {
    /// The account as the world writes it.
    fn account_before(&self) -> AccountFile {
        sim::World::new(self.account.clone()).account()
    }
}
