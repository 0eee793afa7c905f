//! The whole account in few calls.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Compliance, Decision, Judged};
use shared::facts::{Read, ResourceIdentity};
use shared::rules::RuleId;
use sim::{AccountFile, Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

/// An account as a company has it: most keep the rules, one in fifty does not. `keys` beyond one a user are second,
/// switched off keys of a rotation.
fn company(people: usize, keys: usize) -> AccountFile {
    let all: Vec<Value> = (0..people)
        .map(|number| {
            let age = i64::try_from(100 + number % 900).unwrap();
            let key_age = if number % 50 == 7 { 95 } else { i64::try_from(5 + number % 80).unwrap() };
            let mut access_keys = vec![json!({
                "id": format!("AKIAEXAMPLE{number:05}NEW0"), "created": ago(key_age), "lastUsed": {"at": ago(2)}
            })];
            if number < keys - people {
                access_keys.push(json!({
                    "id": format!("AKIAEXAMPLE{number:05}OLD0"), "status": "Inactive", "created": ago(99),
                    "statusChanged": ago(4), "lastUsed": {"at": ago(5)}
                }));
            }
            let console = number % 3 == 0;
            json!({
                "name": format!("user-{number:05}"), "created": ago(age), "groups": ["staff"],
                "accessKeys": access_keys, "loginProfile": console.then(|| json!({"created": ago(age)})),
                "passwordLastUsed": console.then(|| ago(3)), "mfaDevices": if console { vec!["m"] } else { vec![] },
                "inlinePolicies": if number % 50 == 9 { vec![json!({"name": "own"})] } else { vec![] }
            })
        })
        .collect();
    let roles: Vec<Value> = (0..100).map(|number| json!({"name": format!("role-{number}")})).collect();
    let policies: Vec<Value> = (0..100).map(|number| json!({"name": format!("policy-{number}")})).collect();
    account(json!({"users": all, "roles": roles, "policies": policies, "groups": [{"name": "staff"}]}))
}

/// Calls by the sweep itself, and those of them that send findings.
fn sweep_calls(local: &Local) -> (usize, usize) {
    let calls = local.world.calls();
    let by_sweep = calls.0.iter().filter(|call| call.function == "evaluate-account").count();
    let sending = calls.count("sqs:SendMessage") + calls.count("events:PutEvents");
    (by_sweep - sending, sending)
}

/// Two sweeps a day apart: the first has nothing to recall, the second does.
fn two_sweeps(people: usize, keys: usize) -> [(usize, usize); 2] {
    let local = local(company(people, keys), all_rules("audit", ""));
    [0, 24].map(|hours| {
        local.world.advance(SignedDuration::from_hours(hours));
        local.world.forget_calls();
        let delivery = sweep(&local);
        let summary = delivery.evaluated.unwrap();
        assert_eq!(summary.unknown, 0);
        assert_eq!(summary.findings, summary.non_compliant);
        assert!(summary.findings > 0);
        sweep_calls(&local)
    })
}

#[test]
fn three_hundred_users_take_at_most_forty_calls() {
    let [first, second] = two_sweeps(300, 450);
    println!(
        "300 users, 450 keys: first sweep {} calls, each further {}, beside {} that send findings",
        first.0, second.0, second.1
    );
    assert!(second.0 <= 40, "{second:?}");
}

#[test]
fn five_thousand_users_take_few_calls_once_their_keys_are_known() {
    let started = std::time::Instant::now();
    let [first, second] = two_sweeps(5_000, 7_500);
    println!(
        "5,000 users, 7,500 keys: first sweep {} calls, each further {}, in {:?}",
        first.0,
        second.0,
        started.elapsed()
    );
    assert!(second.0 <= 150, "{second:?}");
    // One for the dates of a user's access keys, one for its SSH public keys, and a few for all; two hundred to write down
    // on the way what was learnt.
    assert!(first.0 <= 10_300, "{first:?}");
}

#[test]
fn a_schedule_that_looks_at_no_users_forgets_none() {
    let local = local(company(300, 450), all_rules("audit", ""));
    sweep(&local);
    let calls_of = |event: Value| {
        local.world.forget_calls();
        assert!(local.deliver(&event).evaluated.is_ok());
        sweep_calls(&local).0
    };
    // The account alone, or groups for which the listing goes through all users and gives out none.
    for rule in ["root-used", "too-many-keys", "group-empty"] {
        calls_of(schedule(&local.world, rule));
        assert!(calls_of(reconcile(&local.world)) <= 40, "{rule}");
    }
}

/// Keys asked for by a sweep that dies after so many calls, and by its second try.
fn asked_dying_after(local: &Local, calls: u32) -> usize {
    local.world.forget_calls();
    local.world.die_after(calls);
    assert!(sweep(local).evaluated.is_ok());
    let calls = local.world.calls();
    let by_sweep = calls.0.iter().filter(|call| call.function == "evaluate-account");
    by_sweep.filter(|call| call.operation.action() == "iam:ListAccessKeys").count()
}

#[test]
fn a_sweep_that_dies_leaves_what_it_learnt_to_the_next() {
    let company = || local(company(1_500, 1_500), all_rules("audit", ""));
    let undisturbed = asked_dying_after(&company(), u32::MAX);
    for dies_after in [4_000, 7_500] {
        let again = asked_dying_after(&company(), dies_after) - undisturbed;
        assert!((1..=300).contains(&again), "{again} of {undisturbed} asked for again after {dies_after}");
    }
}

#[test]
fn a_sweep_that_dies_forgets_nobody() {
    let local = local(company(1_500, 1_500), all_rules("audit", ""));
    sweep(&local);
    local.world.advance(SignedDuration::from_hours(24));
    // Of these all is to be learnt anew.
    local.world.edit(|account| {
        let at = account.now;
        for user in account.users.iter_mut().take(700) {
            user.access_keys[0].status_changed = Some(at);
        }
    });
    let asked = asked_dying_after(&local, 4_000);
    assert!((700..1_100).contains(&asked), "{asked}");
}

#[test]
fn a_sweep_forgets_whoever_is_gone() {
    let local = local(company(300, 450), all_rules("audit", ""));
    sweep(&local);
    assert!(local.world.remembered_users() > 290);
    local.world.edit(|account| account.users.truncate(200));
    sweep(&local);
    assert!((190..=200).contains(&local.world.remembered_users()));
}

#[test]
fn a_sweep_of_all_rules_judges_as_each_rules_own_schedule_does() {
    let swept = local(crate::worlds::something_of_everything(), all_rules("audit", ""));
    sweep(&swept);
    let mut by_sweep: Vec<(String, String)> = swept
        .world
        .announced()
        .iter()
        .map(|finding| (finding.rule.to_string(), finding.resource.name().to_owned()))
        .collect();
    let scheduled = local(crate::worlds::something_of_everything(), all_rules("audit", ""));
    for rule in shared::rules::RULES {
        scheduled.deliver(&schedule(&scheduled.world, rule.meta.id.as_str()));
    }
    let mut by_schedule: Vec<(String, String)> = scheduled
        .world
        .announced()
        .iter()
        .map(|finding| (finding.rule.to_string(), finding.resource.name().to_owned()))
        .collect();
    by_sweep.sort();
    by_schedule.sort();
    assert_eq!(by_sweep, by_schedule);
    assert!(by_sweep.len() >= 8);
}

#[test]
fn what_is_recalled_gives_the_same_verdicts_as_asking() {
    let local = local(company(200, 300), all_rules("audit", ""));
    let verdicts = || {
        local.deliver(&schedule(&local.world, KEY_AGE)).evaluated.unwrap();
        let held = local.world.evaluations();
        held.into_iter()
            .map(|held| (held.evaluation.resource_id, held.evaluation.compliance))
            .collect::<Vec<_>>()
    };
    let asked = verdicts();
    assert!(asked.iter().any(|(_, compliance)| *compliance == Compliance::NonCompliant));
    local.world.advance(SignedDuration::from_mins(5));
    local.world.forget_calls();
    assert_eq!(verdicts(), asked);
    let calls = local.world.calls();
    let mut by_sweep = calls.0.iter().filter(|call| call.function == "evaluate-account");
    assert!(!by_sweep.any(|call| call.operation.action() == "iam:ListAccessKeys"));
}

#[test]
fn a_recalled_key_that_was_replaced_is_asked_for_again() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 80, Some(0))]}]));
    let local = local(account, all_rules("audit", ""));
    assert_eq!(local.deliver(&schedule(&local.world, KEY_AGE)).evaluated.unwrap().compliant, 1);
    local.world.advance(SignedDuration::from_hours(30 * 24));
    local.world.edit(|account| {
        let old = &mut account.users[0].access_keys[0];
        old.id = Some(key_id("NEW1").parse().unwrap());
        old.created = Some(account.now);
    });
    let delivery = local.deliver(&schedule(&local.world, KEY_AGE));
    assert_eq!(delivery.evaluated.unwrap().compliant, 1);
}

#[test]
fn a_report_of_three_hours_ago_is_not_acted_on() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let local = local(account, enforce(&[KEY_UNUSED]));
    local.deliver(&schedule(&local.world, NO_MFA));
    local.world.advance(SignedDuration::from_hours(3));
    local.world.edit(|account| {
        let at = account.now;
        account.users[0].access_keys[0].last_used =
            Some(sim::account_file::LastUse { at, service: "s3".to_owned(), region: "eu-west-1".to_owned() });
    });
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn an_empty_account_is_swept_without_complaint() {
    let local = local(users(json!([])), all_rules("enforce", ""));
    assert!(sweep(&local).evaluated.is_ok());
    assert!(local.deliver(&schedule(&local.world, KEY_AGE)).evaluated.is_ok());
    assert_eq!(local.world.calls().count("config:PutEvaluations"), 1);
}

#[test]
fn a_muted_sweep_tells_what_is_wrong_and_nothing_else() {
    let swept = |muted: bool| {
        let local = local(company(60, 70), all_rules("audit", ""));
        if muted {
            local.world.mute();
        }
        let delivery = sweep(&local);
        let violations = delivery.decisions.iter().filter_map(|decision| match decision {
            Decision::Judged { rule, resource, judged: Judged::NonCompliant { annotation }, .. } => {
                Some((*rule, resource.clone(), annotation.clone()))
            }
            _ => None,
        });
        let wrong: Vec<(RuleId, ResourceIdentity, String)> = violations.collect();
        let announced = local.world.announced().len();
        (delivery.evaluated.unwrap(), wrong, delivery.decisions.len(), delivery.findings.len() + announced)
    };
    let (summary, wrong, _, told) = swept(false);
    assert!(summary.non_compliant > 0 && told > 0);
    let muted = swept(true);
    // One more says that the sweep was made.
    assert_eq!(muted, (summary, wrong.clone(), wrong.len() + 1, 0));
}

#[test]
fn where_credentials_of_all_users_cannot_be_listed_at_once_each_user_is_asked_and_where_they_were_not_read_none_is()
 {
    const API: &str = "user-service-specific-credential";
    let judged = |fault| {
        let local = local(something_of_everything(), only(&[API], "audit", ""));
        local.world.fail(Operation::Read(Read::ListServiceSpecificCredentials), fault, Times::Next(1));
        let summary = sweep(&local).evaluated.unwrap();
        (summary.non_compliant, summary.unknown > 0)
    };
    assert_eq!(judged(Fault::Failed), (1, false), "not every partition has the listing");
    assert_eq!(judged(Fault::Throttled), (0, true));
}
