//! Who is never changed.

use serde_json::{Value, json};
use shared::engine::EngineError;
use shared::remedy::{Entry, ProtectedReason, Refusal, Remediator, Status};
use sim::{AccountFile, DeliveryError, Local};

use crate::fixture::*;
use crate::worlds::*;

fn protecting(pattern: &str, section: &str) -> String {
    format!("{section}:\n  - principal: arn:aws:iam::{ACCOUNT}:{pattern}\n    reason: in the safe\n")
}

fn break_glass() -> AccountFile {
    users(json!([{
        "name": "breakglass-01", "path": "/emergency/", "created": ago(900), "loginProfile": {},
        "inlinePolicies": [{"name": "all"}], "attachedPolicies": arns(1), "accessKeys": [key("SAFE", 800, None)]
    }]))
}

#[test]
fn a_break_glass_user_breaks_every_rule_and_is_never_changed() {
    for section in ["protected", "breakGlass"] {
        let governance = all_rules("enforce", &protecting("user/emergency/*", section));
        let local = local(break_glass(), governance);
        let before = local.world.account();
        let delivery = sweep(&local);
        assert_eq!(changes(&before, &local), Vec::<String>::new());
        assert_eq!(local.world.calls().iam_writes(), 0);
        assert!(delivery.evaluated.unwrap().non_compliant >= 5);
        for finding in &delivery.findings {
            let reason = finding.outcome.protected();
            assert!(
                matches!(reason, Some(ProtectedReason::Listed(why)) if why.contains("in the safe")),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn an_order_does_not_reach_it_either() {
    let local =
        local(break_glass(), all_rules("audit", &protecting("user/emergency/breakglass-01", "breakGlass")));
    let outcome = suspend(&local, "user/emergency/breakglass-01").unwrap();
    assert!(outcome.protected().is_some());
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn awss_own_quarantine_stays_where_it_is() {
    let quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    let account = users(json!([{"name": "svc", "attachedPolicies": [quarantine, arns(1)[0]]}]));
    let local = local(account, enforce(&[ATTACHED]));
    local.deliver(&change(&local.world, "svc", ATTACHED));
    let attached = &local.world.account().users[0].attached_policies;
    assert_eq!(attached.iter().map(ToString::to_string).collect::<Vec<_>>(), [quarantine]);
    local.world.forget_calls();
    local.deliver(&change(&local.world, "svc", ATTACHED));
    assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"]);
}

/// Delivers an event that has to be refused for its account, and gives the reason.
fn refused_for_its_account(local: &Local, event: &Value) -> String {
    let delivery = local.deliver(event);
    let DeliveryError::Engine(EngineError::Permanent(why)) = delivery.evaluated.unwrap_err() else {
        panic!()
    };
    assert!(delivery.decisions.is_empty() && delivery.findings.is_empty());
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!(local.world.calls().total(), 0);
    assert!(why.contains("999988887777") && why.contains(ACCOUNT), "{why}");
    why
}

#[test]
fn an_event_of_another_account_is_refused_with_both_accounts_named() {
    let all = &[INLINE, KEY_AGE];
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(all));
    let elsewhere = |event: &Value| -> Value {
        serde_json::from_str(&event.to_string().replace(ACCOUNT, "999988887777")).unwrap()
    };
    let why = refused_for_its_account(&local, &elsewhere(&reconcile(&local.world)));
    assert!(
        why.starts_with("`account` is 999988887777, and this deployment governs 111122223333 alone"),
        "{why}"
    );
    for event in [change(&local.world, "ada", INLINE), schedule(&local.world, KEY_AGE)] {
        // Another account's rule, as an organisation's rule invokes the function of its management account.
        let why = refused_for_its_account(&local, &elsewhere(&event));
        assert!(why.starts_with("`accountId` is 999988887777, "), "{why}");
        // Its rule about our resource, and our rule about its resource: neither is sent by AWS.
        let mut its_rule = event.clone();
        its_rule["accountId"] = json!("999988887777");
        refused_for_its_account(&local, &its_rule);
        let mut its_resource = elsewhere(&event);
        its_resource["accountId"] = json!(ACCOUNT);
        let why = refused_for_its_account(&local, &its_resource);
        assert!(why.starts_with("`awsAccountId` in `invokingEvent` is 999988887777, "), "{why}");
    }
}

#[test]
fn a_forged_finding_about_another_account_is_refused_unlooked() {
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
    local.deliver(&change(&local.world, "ada", INLINE));
    let finding =
        serde_json::to_string(&local.world.announced()[0]).unwrap().replace(ACCOUNT, "999988887777");
    local.world.forget_calls();
    local.world.put_message(Remediator::RemoveUserPolicies, "x", &finding);
    let (delivered, _) = local.work_off();
    assert_eq!(delivered[0].outcome.protected(), Some(&ProtectedReason::OtherAccount));
    assert_eq!(local.world.calls().iam_reads(), 0);
}

#[test]
fn who_takes_over_checks_protection_again_before_each_step() {
    let account = users(json!([{"name": "ada", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None)]}]));
    // It dies with the first of its steps done.
    let dying = local(account.clone(), enforce(&[INLINE]));
    dying.world.die_after(u32::try_from(first_write(account) + 1).unwrap());
    assert!(suspend(&dying, "user/ada").is_err());
    let before = dying.world.account();
    let governance = only(&[INLINE], "enforce", &protecting("user/ada", "protected"));
    let taking_over = sim::Local::new(dying.world, governance, deployment());
    let outcome = suspend(&taking_over, "user/ada").unwrap();
    assert_eq!(changes(&before, &taking_over), Vec::<String>::new());
    assert!(outcome.protected().is_some(), "{outcome:#?}");
}

#[test]
fn who_is_moved_to_a_protected_path_between_plan_and_act_is_not_touched() {
    let governance = only(&[INLINE], "enforce", &protecting("user/emergency/*", "protected"));
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), governance);
    // The first `GetUser` is the plan's, the second the guard's just before the act.
    local.world.edit_before(sim::Operation::Read(shared::facts::Read::GetUser), 1, |account| {
        "/emergency/".clone_into(&mut account.users[0].path);
    });
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert!(delivery.findings[0].outcome.protected().is_some(), "{delivery:?}");
    assert_eq!(local.world.calls().iam_writes(), 0);
}

/// The place of the first write among the calls of an ordered suspension.
fn first_write(account: AccountFile) -> usize {
    let calm = local(account, enforce(&[INLINE]));
    suspend(&calm, "user/ada").unwrap();
    calm.world.calls().0.iter().position(|call| matches!(call.operation, sim::Operation::Write(_))).unwrap()
}

#[test]
fn a_rule_that_is_off_judges_nothing_and_acts_on_no_late_finding() {
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
    let event = change(&local.world, "ada", INLINE);
    local.deliver(&event);
    let finding = serde_json::to_string(&local.world.announced()[0]).unwrap();
    let again = sim::Local::new(
        sim::World::new(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]))),
        enforce(&[]),
        deployment(),
    );
    again.world.put_message(Remediator::RemoveUserPolicies, "g", &finding);
    again.work_off();
    let delivery = again.deliver(&event);
    assert_eq!(delivery.evaluated.unwrap().not_applicable, 1);
    assert_eq!(again.world.calls().actions(), ["dynamodb:GetItem", "config:PutEvaluations"]);
}

#[test]
fn a_finding_on_the_wrong_queue_is_a_dead_letter() {
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
    local.deliver(&change(&local.world, "ada", INLINE));
    let finding = serde_json::to_string(&local.world.announced()[0]).unwrap();
    local.world.put_message(Remediator::SuspendPrincipal, "g", &finding);
    let (_, dead) = local.work_off();
    assert_eq!((dead.len(), dead[0].tries), (1, 1));
    assert!(dead[0].why.contains("is put right by remove-user-policies"), "{}", dead[0].why);
}

#[test]
fn what_is_left_to_people_is_no_refusal_by_a_guard_of_the_protected() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("BUSY", 400, Some(0))]}]));
    let local = local(account, enforce(&[KEY_AGE]));
    let delivery = sweep(&local);
    assert!(matches!(delivery.findings[0].outcome.refusal(), Some(Refusal::LeftToPeople { .. })));
    assert!(delivery.findings[0].outcome.protected().is_none());
}

#[test]
fn what_other_automation_makes_is_proposed_a_change_and_not_fought() {
    let stack = json!({"aws:cloudformation:stack-name": "payments"});
    let account = users(json!([
        {"name": "stacked", "tags": stack, "inlinePolicies": [{"name": "a"}]},
        {"name": "rotated", "inlinePolicies": [{"name": "b"}]},
        {"name": "posing", "tags": {"terraform": "true"}, "inlinePolicies": [{"name": "c"}]}
    ]));
    let managed = "managed:\n  automations:\n    - { resource: 'arn:aws:iam::111122223333:user/rotated', by: rotation, reason: r }\n";
    let local = local(account, only(&[INLINE], "enforce", managed));
    sweep(&local);
    let of = |name: &str| {
        let named = |entry: &Entry| entry.plan.resource.arn().name() == name;
        local.world.entries().into_iter().find(named).unwrap()
    };
    for name in ["stacked", "rotated"] {
        assert!(matches!(of(name).refusal, Some(Refusal::Managed { .. })), "{name}");
        assert_eq!(of(name).plan.steps.len(), 1, "the proposal");
    }
    assert_eq!(of("posing").status, Status::Verified, "a tag that anybody sets exempts nobody");
    assert_eq!(local.world.calls().iam_writes(), 1);
    // A person's order goes before.
    assert_eq!(suspend(&local, "user/stacked").unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn what_a_stack_made_is_acted_on_where_told_so_and_its_credentials_and_threats_are_anyway() {
    let stack = json!({"aws:cloudformation:stack-name": "payments"});
    let stacked = |more: Value| {
        let mut user = json!({"name": "stacked", "tags": stack, "created": ago(500)});
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        users(json!([user]))
    };
    let told = local(
        stacked(json!({"inlinePolicies": [{"name": "a"}]})),
        only(&[INLINE], "enforce", "managed: { cloudFormation: false }\n"),
    );
    sweep(&told);
    assert_eq!(entry(&told).status, Status::Verified);

    let stale = local(stacked(json!({"accessKeys": [key("OLD1", 200, Some(120))]})), enforce(&[KEY_AGE]));
    sweep(&stale);
    assert_eq!(entry(&stale).status, Status::Verified);
}
