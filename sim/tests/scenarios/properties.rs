//! What holds in any account.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::engine::Compliance;
use shared::remedy::{Plan, Status};
use shared::rules::RULES;
use sim::{AccountFile, Chances, Local, PageSizes};

use crate::fixture::*;
use crate::worlds::*;

/// Days, away from every threshold by some hours: what a run takes must not decide.
fn days() -> impl Strategy<Value = i64> {
    prop_oneof![0..20i64, 60..120i64, 200..400i64]
}

fn access_key() -> impl Strategy<Value = Value> {
    (days(), proptest::option::of(days()), any::<bool>(), proptest::option::of(0..3i64)).prop_map(
        |(created, last_used, active, switched)| {
            let at = |days: i64| json!(ago(days).replace("T09", "T03"));
            json!({
                "status": if active { "Active" } else { "Inactive" }, "created": at(created),
                "lastUsed": last_used.map(|days| json!({"at": at(days.min(created))})),
                "statusChanged": switched.map(|days| at(days.min(created)))
            })
        },
    )
}

/// Texts that are not what a program would write, and all that IAM takes.
fn document() -> impl Strategy<Value = String> {
    ("[ \n\t]{0,3}", "[a-zA-Z0-9%+*: é-]{0,12}", 0..700usize).prop_map(|(space, text, length)| {
        format!("{{{space}\"Id\" :\"{text}{}\"{space}}}\n", "x".repeat(length))
    })
}

prop_compose! {
    fn user(number: usize)(
        keys in proptest::collection::vec(access_key(), 0..3),
        inline in proptest::collection::vec(document(), 0..3),
        attached in 0..11usize,
        password in proptest::option::of((days(), proptest::option::of(days()))),
        mfa in any::<bool>(),
        boundary in any::<bool>(),
        emergency in proptest::bool::weighted(0.3),
        by_aws in proptest::bool::weighted(0.1),
    ) -> Value {
        let inline: Vec<Value> = inline
            .into_iter()
            .enumerate()
            .map(|(number, document)| json!({"name": format!("own-{number}"), "document": document}))
            .collect();
        let mut attached = arns(attached);
        if by_aws {
            attached.truncate(9);
            attached.push("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3".to_owned());
        }
        let at = |days: i64| ago(days).replace("T09", "T03");
        json!({
            "name": format!("user-{number}"), "path": if emergency { "/emergency/" } else { "/" }, "created": ago(500),
            "accessKeys": keys, "inlinePolicies": inline, "attachedPolicies": attached,
            "loginProfile": password.map(|(created, _)| json!({"created": at(created)})),
            "passwordLastUsed": password.and_then(|(_, used)| used).map(at),
            "mfaDevices": if mfa { vec!["m"] } else { vec![] },
            "boundary": boundary.then_some("arn:aws:iam::aws:policy/PowerUserAccess")
        })
    }
}

/// One to four users with anything. IAM's inline quota holds: what is over it could not have been put there.
fn world() -> impl Strategy<Value = AccountFile> {
    (user(0), user(1), user(2), user(3), 1..5usize).prop_map(|(a, b, c, d, count)| {
        let mut file = users(json!([a, b, c, d]));
        file.users.truncate(count);
        file
    })
}

fn protecting() -> String {
    format!("breakGlass:\n  - principal: arn:aws:iam::{ACCOUNT}:user/emergency/*\n    reason: in the safe\n")
}

fn plans(local: &Local) -> Vec<Plan> {
    let entries = local.world.entries().into_iter();
    entries.filter(|entry| entry.refusal.is_none()).map(|entry| entry.plan).collect()
}

fn without_passwords(changes: Vec<String>) -> Vec<String> {
    changes.into_iter().filter(|change| !change.contains(": loginProfile: ")).collect()
}

/// Undoes all that was written, the last first.
fn undo_all(local: &Local) {
    for entry in written(local).iter().rev() {
        // A removed password alone leaves nothing to undo.
        if !shared::remedy::undo(entry).plan.steps.is_empty() {
            let outcome = restore(local, &entry.id).unwrap();
            assert_eq!(outcome.entry().unwrap().status, Status::Verified, "{outcome:#?}");
        }
    }
}

/// Few by default, so that a test run stays short.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_gives_the_account_back_but_for_passwords(account in world(), by_order in any::<bool>()) {
        let local = local(account, all_rules("enforce", ""));
        let before = local.world.account();
        sweep(&local);
        if by_order {
            let _ = suspend(&local, &format!("user{}user-0", before.users[0].path));
        }
        undo_all(&local);
        prop_assert_eq!(without_passwords(changes(&before, &local)), Vec::<String>::new());
    }

    #[test]
    fn the_protected_are_never_written(account in world(), seed in any::<u64>()) {
        let local = local(account, all_rules("enforce", &protecting()));
        local.world.set_weather(seed, Chances { throttled: 50, failed: 20, lost_answer: 50, denied: 20 });
        local.world.set_page_sizes(PageSizes::Odd(seed));
        let before = local.world.account();
        sweep(&local);
        let _ = suspend(&local, &format!("user{}user-0", before.users[0].path));
        let protected: BTreeSet<String> = before
            .users
            .iter()
            .filter(|user| user.path == "/emergency/")
            .map(|user| user.name.to_string())
            .collect();
        for call in local.world.calls().0 {
            if matches!(call.operation, sim::Operation::Write(_)) {
                prop_assert!(!protected.contains(&call.target), "{:?}", call);
            }
        }
        let quarantined = |file: &AccountFile| -> usize {
            file.users.iter().flat_map(|user| &user.attached_policies).filter(|arn| arn.name().starts_with("AWSComp")).count()
        };
        prop_assert_eq!(quarantined(&before), quarantined(&local.world.account()));
    }

    #[test]
    fn a_dry_run_plans_what_a_real_run_does(account in world()) {
        for rule in RULES {
            let id = rule.meta.id.as_str();
            let dry = local(account.clone(), only(&[id], "audit", ""));
            let real = local(account.clone(), enforce(&[id]));
            let before = dry.world.account();
            sweep(&dry);
            sweep(&real);
            prop_assert_eq!(changes(&before, &dry), Vec::<String>::new());
            prop_assert_eq!(plans(&dry), plans(&real), "{}", id);
            let steps: usize = plans(&real).iter().map(|plan| plan.steps.len()).sum();
            prop_assert_eq!(real.world.calls().iam_writes(), steps, "{}", id);
            prop_assert!(real.world.entries().iter().all(|entry| entry.status != Status::Failed), "{}", id);
        }
    }

    #[test]
    fn sweeps_come_to_an_end(account in world()) {
        let local = local(account, all_rules("enforce", ""));
        sweep(&local);
        let after = local.world.account();
        local.world.advance(jiff::SignedDuration::from_hours(5));
        local.world.forget_calls();
        sweep(&local);
        prop_assert_eq!(changes(&after, &local), Vec::<String>::new());
        prop_assert_eq!(local.world.calls().iam_writes(), 0);
    }

    #[test]
    fn weather_never_makes_a_verdict_wrong(account in world(), seed in any::<u64>()) {
        let calm = local(account.clone(), all_rules("audit", ""));
        let stormy = local(account, all_rules("audit", ""));
        stormy.world.set_weather(seed, Chances { throttled: 80, denied: 80, failed: 40, lost_answer: 40 });
        for rule in RULES {
            calm.deliver(&schedule(&calm.world, rule.meta.id.as_str()));
            stormy.deliver(&schedule(&stormy.world, rule.meta.id.as_str()));
        }
        let truth = calm.world.evaluations();
        for held in stormy.world.evaluations() {
            let same = truth.iter().find(|known| {
                known.rule_name == held.rule_name && known.evaluation.resource_id == held.evaluation.resource_id
            });
            prop_assert_eq!(same.map(|known| known.evaluation.compliance), Some(held.evaluation.compliance));
            prop_assert!(held.evaluation.compliance != Compliance::NotApplicable);
        }
    }

    #[test]
    fn a_death_anywhere_ends_as_if_nothing_had_happened(account in world(), queue in 0..4usize, after in 1..200u32) {
        // One queue's rules at a time: in which order two queues are worked off is nobody's promise, and a key that
        // is gone before its user is looked at may spare the user.
        let rules: &[&str] = [&[KEY_AGE, KEY_UNUSED, SECOND_KEY][..], &[INLINE, ATTACHED], &[NO_MFA], &[UNUSED]][queue];
        let calm = local(account.clone(), enforce(rules));
        let dying = local(account, enforce(rules));
        dying.world.die_after(after);
        sweep(&calm);
        let delivery = sweep(&dying);
        prop_assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
        prop_assert_eq!(changes(&calm.world.account(), &dying), Vec::<String>::new());
        prop_assert_eq!(dying.world.calls().iam_writes(), calm.world.calls().iam_writes());
        prop_assert!(dying.world.entries().iter().all(shared::remedy::Entry::is_closed));
        prop_assert_eq!(audited(&dying).map(|whole| whole.entries), Ok(dying.world.entries().len()));
    }
}
