//! Customer managed policies and what is attached: narrowed, taken off, and put back.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Answer, Say};
use shared::facts::Read;
use shared::governance::Governance;
use shared::identifier::Arn;
use shared::remedy::{Approver, Refusal, Remediator, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, Times, World};

use crate::fixture::*;

const ADMIN: &str = "policy-admin";
const BLOCKED: &str = "policy-blocked-attached";
const CLOUD_SHELL: &str = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";
const READ: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn text(statements: &[&str]) -> String {
    format!("{{ \"Version\": \"2012-10-17\",\n \"Statement\": [{}] }}", statements.join(","))
}

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn policy(document: &str, more: Value) -> AccountFile {
    let mut policy = json!({"name": "team", "document": document});
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    account(json!({ "policies": [policy] }))
}

/// What the policy says, and by which version.
fn in_force(local: &Local) -> (Value, String) {
    let policy = &local.world.account().policies[0];
    let version = policy.default_version.as_ref().map_or("v1", |version| version.as_str()).to_owned();
    (serde_json::from_str(policy.document.as_str()).unwrap(), version)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_statement_goes_the_rest_stays_and_an_undo_puts_the_version_before_in_force() {
    let before = text(&[READ, ALL]);
    let local = local(policy(&before, json!({})), enforce(&[ADMIN]));
    sweep(&local);
    let written = entry(&local);
    assert_eq!((written.status, written.remediator), (Status::Verified, Remediator::RestrictPolicy));
    assert_eq!(in_force(&local), (parsed(&text(&[READ])), "v2".to_owned()));
    // It keeps the rule now, so nothing is left to do.
    sweep(&local);
    assert_eq!(local.world.entries().len(), 1);

    let undone = restore(&local, &written.id).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
    assert_eq!(in_force(&local), (parsed(&before), "v1".to_owned()));
    assert_eq!(local.world.account().policies[0].document.as_str(), before);
    assert_eq!(local.world.account().policies[0].other_versions.len(), 1);
}

#[test]
fn two_people_decide_about_a_policy_that_somebody_platinum_has() {
    let deploy = format!("arn:aws:iam::{ACCOUNT}:role/production/deploy");
    let ada = format!("arn:aws:iam::{ACCOUNT}:user/security/ada");
    let grace = format!("arn:aws:iam::{ACCOUNT}:user/security/grace");
    let platinum = |who: &str| {
        let rest = format!(
            "approvals:\n  approvers: ['{ada}', '{grace}']\n  platinum: [{{ principal: '{who}', reason: r }}]\n"
        );
        only(&[ADMIN], "enforce", &rest)
    };
    let held = |attached: &str| {
        let team = format!("arn:aws:iam::{ACCOUNT}:policy/team");
        account(json!({
            "policies": [{"name": "team", "document": text(&[READ, ALL])}],
            "groups": [{"name": "crew", "attachedPolicies": if attached == "crew" { vec![&team] } else { vec![] }}],
            "users": [{"name": "mo", "groups": ["crew"]}],
            "roles": [{"name": "deploy", "path": "/production/",
                "attachedPolicies": if attached == "deploy" { vec![&team] } else { vec![] }}]
        }))
    };
    let mo = format!("arn:aws:iam::{ACCOUNT}:user/mo");
    for (attached, who, needed) in
        [("deploy", &deploy, 2), ("crew", &mo, 2), ("crew", &deploy, 0), ("nobody", &deploy, 0)]
    {
        let local = local(held(attached), platinum(who));
        sweep(&local);
        let first = entry(&local);
        if needed == 0 {
            assert_eq!(first.status, Status::Verified, "{attached} {who}: {first:#?}");
            continue;
        }
        let Some(Refusal::AwaitsApproval { needed: 2, plan, .. }) = &first.refusal else {
            panic!("{attached} {who}: {first:#?}")
        };
        for (by, approved) in [(&ada, 1), (&grace, 2)] {
            assert_eq!(local.world.calls().iam_writes(), 0);
            let answer = Answer {
                journal_id: first.id.clone(),
                plan: plan.clone(),
                answer: Say::Approve,
                reason: "looked at it".to_owned(),
            };
            let answered = local.answer(Approver::of(by).unwrap(), answer).unwrap();
            assert_eq!((answered.approved, answered.needed), (approved, 2));
            let (went_on, _) = local.work_off();
            assert_eq!(went_on.len(), approved - 1, "no sooner than both have agreed");
        }
        assert_eq!(in_force(&local).0, parsed(&text(&[READ])));
    }
}

#[test]
fn nobodys_version_is_deleted_to_make_room() {
    let version = |number: i32| json!({"id": format!("v{number}"), "document": text(&[ALL])});
    let others: Vec<Value> = (1..5).map(version).collect();
    let before = text(&[READ, ALL]);
    let kept = json!({"defaultVersion": "v5", "otherVersions": others});
    let local = local(policy(&before, kept), enforce(&[ADMIN]));
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    let refusal = entry(&local).refusal.unwrap();
    assert!(
        matches!(&refusal, Refusal::LeftToPeople { what } if what[0].contains("5 versions")),
        "{refusal}"
    );
    assert_eq!(in_force(&local), (parsed(&before), "v5".to_owned()));
}

/// All the policy says since its second version makes an administrator; the first one does not.
fn taken_over() -> AccountFile {
    let before = json!({"defaultVersion": "v2", "otherVersions": [{"id": "v1", "document": text(&[READ])}]});
    policy(&text(&[ALL]), before)
}

#[test]
fn where_nothing_would_be_left_the_version_before_comes_back_and_an_undo_takes_it_away() {
    let local = local(taken_over(), enforce(&[ADMIN]));
    sweep(&local);
    let written = entry(&local);
    assert_eq!((written.status, written.remediator), (Status::Verified, Remediator::RestrictPolicy));
    assert_eq!(in_force(&local), (parsed(&text(&[READ])), "v1".to_owned()));
    sweep(&local);
    assert_eq!(local.world.entries().len(), 1);

    let undone = restore(&local, &written.id).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
    assert_eq!(in_force(&local), (parsed(&text(&[ALL])), "v2".to_owned()));
    assert_eq!(local.world.account().policies[0].document.as_str(), text(&[ALL]));
    assert_eq!(local.world.account().policies[0].other_versions.len(), 1);
}

#[test]
fn no_version_comes_back_whose_text_cannot_be_read_or_is_not_read_back() {
    let unread = local(taken_over(), enforce(&[ADMIN]));
    // The text in force is the first that is read, that of the version before the second.
    unread.world.fail(Operation::Read(Read::GetPolicyVersion), Fault::Denied, Times::Always);
    sweep(&unread);
    assert_eq!(unread.world.calls().iam_writes(), 0);
    assert_eq!(in_force(&unread).1, "v2");

    let lagging = local(taken_over(), enforce(&[ADMIN]));
    lagging.world.set_lag(SignedDuration::from_secs(5));
    lagging.world.fail(Operation::Write(Write::SetDefaultPolicyVersion), Fault::LostAnswer, Times::Next(1));
    sweep(&lagging);
    sweep(&lagging);
    assert_eq!(entry(&lagging).status, Status::Verified);
    assert_eq!(in_force(&lagging).1, "v1");
}

#[test]
fn a_policy_with_nothing_else_in_it_and_a_boundary_are_left_to_people() {
    let alone = local(policy(&text(&[ALL]), json!({})), enforce(&[ADMIN]));
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/team");
    let mut bounding = policy(&text(&[READ, ALL]), json!({}));
    bounding.users = users(json!([{"name": "bob", "boundary": boundary}])).users;
    for local in [alone, local(bounding, enforce(&[ADMIN]))] {
        sweep(&local);
        assert_eq!(local.world.calls().iam_writes(), 0);
        assert!(matches!(entry(&local).refusal, Some(Refusal::LeftToPeople { .. })));
    }
}

#[test]
fn nothing_is_written_on_versions_that_cannot_be_read() {
    let local = local(policy(&text(&[READ, ALL]), json!({})), enforce(&[ADMIN]));
    let list = Operation::Read(Read::ListPolicyVersions);
    local.world.fail(list, Fault::Denied, Times::Always);
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert_eq!(in_force(&local).1, "v1");
}

#[test]
fn a_lost_answer_makes_no_second_version() {
    let local = local(policy(&text(&[READ, ALL]), json!({})), enforce(&[ADMIN]));
    let create = Operation::Write(Write::CreatePolicyVersion);
    local.world.fail(create, Fault::LostAnswer, Times::Next(1));
    sweep(&local);
    sweep(&local);
    assert_eq!(in_force(&local).1, "v2");
    assert_eq!(local.world.account().policies[0].other_versions.len(), 1);
}

#[test]
fn it_is_read_back_however_late_iam_shows_it() {
    let local = local(policy(&text(&[READ, ALL]), json!({})), enforce(&[ADMIN]));
    local.world.set_lag(SignedDuration::from_secs(5));
    sweep(&local);
    assert_eq!(entry(&local).status, Status::Verified);
    assert_eq!(in_force(&local), (parsed(&text(&[READ])), "v2".to_owned()));
}

#[test]
fn an_undo_is_refused_once_somebody_made_another_version() {
    let local = local(policy(&text(&[READ, ALL]), json!({})), enforce(&[ADMIN]));
    sweep(&local);
    let written = entry(&local);
    local.world.edit(|account| {
        let policy = &mut account.policies[0];
        policy.document = shared::policy::PolicyDocument::new(text(&[]));
        policy.default_version = Some("v3".parse().unwrap());
    });
    local.world.forget_calls();
    let outcome = restore(&local, &written.id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::StateChanged { .. })), "{outcome:?}");
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_blocked_policy_is_taken_off_users_groups_and_roles_and_comes_back() {
    let other = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let has = json!([CLOUD_SHELL, other]);
    let before = account(json!({
        "users": [{"name": "ann", "attachedPolicies": has}],
        "groups": [{"name": "ops", "attachedPolicies": has}],
        "roles": [{"name": "deployer", "attachedPolicies": has}],
    }));
    let before = World::new(before).account();
    let local = local(before.clone(), enforce(&[BLOCKED]));
    sweep(&local);
    let now = local.world.account();
    for attached in
        [&now.users[0].attached_policies, &now.groups[0].attached_policies, &now.roles[0].attached_policies]
    {
        assert_eq!(attached.iter().map(Arn::as_str).collect::<Vec<_>>(), [other]);
    }
    let entries = local.world.entries();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert_eq!(restore(&local, &entry.id).unwrap().entry().unwrap().status, Status::Verified);
    }
    assert_eq!(local.world.account(), AccountFile { now: local.world.now(), ..before });
}

#[test]
fn an_undo_says_what_to_do_once_the_version_before_was_deleted() {
    let local = local(policy(&text(&[READ, ALL]), json!({})), enforce(&[ADMIN]));
    sweep(&local);
    let written = entry(&local);
    local.world.edit(|account| account.policies[0].other_versions.clear());
    let outcome = restore(&local, &written.id).unwrap();
    let undo = outcome.entry().unwrap();
    assert_eq!(undo.status, Status::Failed);
    let said = format!("{:?}", undo.outcomes);
    assert!(said.contains("if somebody has deleted v1") && said.contains("create-policy-version"), "{said}");
}

/// The policy `team`, which makes an administrator, and what of the account has it.
#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn held_by(more: Value) -> AccountFile {
    let mut parts = json!({ "policies": [{"name": "team", "document": text(&[READ, ALL])}] });
    parts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    account(parts)
}

const TEAM: &str = "arn:aws:iam::111122223333:policy/team";

fn break_glass(rules: &[&str]) -> Governance {
    let pattern = format!("arn:aws:iam::{ACCOUNT}:user/break-glass/*");
    only(rules, "enforce", &format!("breakGlass:\n  - principal: {pattern}\n    reason: in the safe\n"))
}

#[test]
fn nothing_is_taken_out_of_a_policy_that_somebody_protected_lives_by() {
    let bg = json!({"name": "bg", "path": "/break-glass/"});
    let directly = json!({"name": "bg", "path": "/break-glass/", "attachedPolicies": [TEAM]});
    let member = json!({"name": "bg", "path": "/break-glass/", "groups": ["emergency"]});
    let group = json!([{"name": "emergency", "attachedPolicies": [TEAM]}]);
    let role = |name: &str| json!([{"name": name, "attachedPolicies": [TEAM]}]);
    let cases = [
        (json!({ "users": [directly] }), Some("user bg")),
        (json!({ "users": [member], "groups": group }), Some("user bg")),
        (json!({ "users": [bg], "roles": role("AWSControlTowerExecution") }), Some("role AWSControlTower")),
        (json!({ "users": [bg], "groups": group, "roles": role("deployer") }), None),
    ];
    for (account, holder) in cases {
        let local = local(held_by(account.clone()), break_glass(&[ADMIN]));
        sweep(&local);
        let entry = entry(&local);
        match (holder, entry.refusal) {
            (None, None) => assert_eq!((entry.status, in_force(&local).1.as_str()), (Status::Verified, "v2")),
            (Some(holder), Some(Refusal::Protected { reason })) => {
                assert!(reason.to_string().contains(holder), "{reason}");
                assert_eq!((local.world.calls().iam_writes(), entry.plan.steps.len()), (0, 1));
            }
            (_, refusal) => panic!("{account}: {refusal:?}"),
        }
    }
}

#[test]
fn an_earlier_version_does_not_come_back_to_somebody_protected_either() {
    let mut account = taken_over();
    account.users = users(json!([{"name": "bg", "path": "/break-glass/", "attachedPolicies": [TEAM]}])).users;
    let local = local(account, break_glass(&[ADMIN]));
    sweep(&local);
    assert!(matches!(entry(&local).refusal, Some(Refusal::Protected { .. })));
    assert_eq!((local.world.calls().iam_writes(), in_force(&local).1.as_str()), (0, "v2"));
}

#[test]
fn no_policy_is_taken_off_a_group_that_somebody_protected_is_in() {
    for (groups, writes) in [(json!(["emergency"]), 0), (json!([]), 1)] {
        let local = local(
            account(json!({
                "users": [{"name": "bg", "path": "/break-glass/", "groups": groups}],
                "groups": [{"name": "emergency", "attachedPolicies": [CLOUD_SHELL]}],
            })),
            break_glass(&[BLOCKED]),
        );
        sweep(&local);
        assert_eq!(local.world.calls().iam_writes(), writes);
        let refused = matches!(entry(&local).refusal, Some(Refusal::Protected { .. }));
        assert_eq!(refused, writes == 0);
    }
}

#[test]
fn nothing_is_written_where_nobody_knows_who_lives_by_a_policy() {
    for read in [Read::ListEntitiesForPolicy, Read::GetUser] {
        let local = local(
            held_by(json!({ "users": [{"name": "ann", "attachedPolicies": [TEAM]}] })),
            enforce(&[ADMIN]),
        );
        local.world.fail(Operation::Read(read), Fault::Denied, Times::Always);
        sweep(&local);
        assert_eq!(local.world.calls().iam_writes(), 0);
        assert!(matches!(entry(&local).refusal, Some(Refusal::UnknownFact { .. })), "{read}");
    }
}

#[test]
fn whoever_comes_to_live_by_it_between_plan_and_write_is_kept_too() {
    let bg = json!([{"name": "bg", "path": "/break-glass/"}]);
    let local = local(held_by(json!({ "users": bg })), break_glass(&[ADMIN]));
    // After the plan, before the step is looked at again.
    local.world.edit_before(Operation::PutItem, 0, |account| {
        account.users[0].attached_policies.insert(TEAM.parse().unwrap());
    });
    sweep(&local);
    let entry = entry(&local);
    assert!(matches!(entry.refusal, Some(Refusal::Protected { .. })), "{entry:?}");
    assert_eq!((local.world.calls().iam_writes(), in_force(&local).1.as_str()), (0, "v1"));
}

#[test]
fn an_undo_gives_back_to_whoever_has_it_and_takes_from_nobody_protected() {
    let local = local(taken_over(), break_glass(&[ADMIN]));
    sweep(&local);
    let written = entry(&local).id;
    local.world.edit(|account| {
        let bg = json!([{"name": "bg", "path": "/break-glass/", "attachedPolicies": [TEAM]}]);
        account.users = users(bg).users;
    });
    let undone = restore(&local, &written).unwrap();
    assert_eq!((undone.entry().unwrap().status, in_force(&local).1.as_str()), (Status::Verified, "v2"));
    let undo = undone.entry().unwrap().id.clone();
    let again = restore(&local, &undo).unwrap();
    assert!(matches!(again.refusal(), Some(Refusal::Protected { .. })), "{again:?}");
    assert_eq!(in_force(&local).1, "v2");
}
