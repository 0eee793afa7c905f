//! Each function calls what its role holds, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::engine::Function;
use shared::remedy::Remediator;
use sim::{Calls, Chances, PageSizes};

use crate::fixture::*;
use crate::worlds::*;

fn by_function(calls: &Calls) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut actions: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for call in &calls.0 {
        actions.entry(call.function).or_default().insert(call.operation.action());
    }
    actions
}

/// Everything the scenarios of this file make happen.
fn called() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for seed in 0..10 {
        let local = local(something_of_everything(), all_rules("enforce", ""));
        local.world.edit(|account| {
            let role = account_of_a_role().roles[0].clone();
            account.roles.push(role);
        });
        if seed > 0 {
            local.world.set_weather(seed, Chances { throttled: 30, lost_answer: 20, ..Chances::default() });
            local.world.set_page_sizes(PageSizes::Odd(seed));
        }
        for rule in [INLINE, ATTACHED] {
            local.deliver(&change(&local.world, "inline", rule));
        }
        for rule in shared::rules::RULES {
            local.deliver(&schedule(&local.world, rule.meta.id.as_str()));
        }
        sweep(&local);
        let _ = suspend(&local, "role/deployer");
        let _ = suspend(&local, "user/two-keys");
        for entry in written(&local).iter().rev() {
            let _ = restore(&local, &entry.id);
        }
        for (function, actions) in by_function(&local.world.calls()) {
            all.entry(function).or_default().extend(actions);
        }
    }
    for (function, actions) in by_function(&crate::stages::deleted().world.calls()) {
        all.entry(function).or_default().extend(actions);
    }
    all
}

fn account_of_a_role() -> sim::AccountFile {
    account(
        json!({"roles": [{"name": "deployer", "attachedPolicies": arns(10), "inlinePolicies": [{"name": "own"}]}]}),
    )
}

#[test]
fn remediators_call_within_their_permissions() {
    let called = called();
    for remediator in Remediator::ALL.iter().copied() {
        let permissions = remediator.permissions();
        let mut allowed: BTreeSet<&str> = permissions.reads.iter().map(|read| read.action()).collect();
        allowed.extend(permissions.writes.iter().map(|write| write.action()));
        allowed.extend(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "sns:Publish"]);
        let actions = called.get(remediator.as_str()).unwrap();
        let beyond: Vec<_> = actions.difference(&allowed).collect();
        assert!(beyond.is_empty(), "{remediator}: {beyond:?}");
    }
}

#[test]
fn evaluators_write_nothing_and_read_no_more_than_they_say() {
    let called = called();
    let changes = BTreeSet::from(["config:PutEvaluations", "events:PutEvents", "sqs:SendMessage"]);
    assert_eq!(called["evaluate-changes"], changes);
    let reads = Function::EvaluateAccount.permissions().reads;
    let mut allowed: BTreeSet<&str> = reads.iter().map(|read| read.action()).collect();
    allowed.extend(["config:PutEvaluations", "config:GetComplianceDetailsByConfigRule", "sqs:SendMessage"]);
    allowed.extend(["events:PutEvents", "dynamodb:GetItem", "dynamodb:PutItem"]);
    let beyond: Vec<_> = called["evaluate-account"].difference(&allowed).collect();
    assert!(beyond.is_empty(), "{beyond:?}");
}
