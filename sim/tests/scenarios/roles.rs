//! Who may assume a role, and for how long: taken back, put back, and never widened.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::Journal;
use shared::facts::Read;
use shared::policy::PolicyDocument;
use shared::remedy::{Entry, Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

const PUBLIC: &str = "role-trust-public";
const EXTERNAL: &str = "role-trust-external";
const SUBJECT: &str = "role-trust-oidc-subject";
const SESSIONS: &str = "role-session-duration";

/// As a person writes it, with a principal too many.
const WRITTEN: &str = "{ \"Version\" : \"2012-10-17\",\r\n\t\"Statement\":[ {\"Sid\":\"Cafe\", \"Effect\":\"Allow\",\
     \"Principal\":{\"AWS\":[\"111122223333\", \"*\"]}, \"Action\":\"sts:AssumeRole\"} ] }";

fn roles(list: &[Value]) -> AccountFile {
    account(json!({"roles": list}))
}

fn written_by_hand() -> AccountFile {
    let mut open = role("open", &json!("*"), "sts:AssumeRole");
    open["trust"] = json!(WRITTEN);
    roles(&[open])
}

fn trust(local: &Local) -> Value {
    serde_json::from_str(local.world.account().roles[0].trust.as_str()).unwrap()
}

#[test]
fn the_one_principal_goes_and_the_policy_comes_back_byte_for_byte() {
    let local = local(written_by_hand(), enforce(&[PUBLIC]));
    let before = local.world.account();
    sweep(&local);
    let original = entry(&local);
    assert_eq!(
        (original.status, steps(&original)),
        (Status::Verified, vec!["set the trust policy of role open".to_owned()])
    );
    assert_eq!(trust(&local)["Statement"][0]["Principal"], json!({"AWS": [ACCOUNT]}));
    assert_eq!(trust(&local)["Statement"][0]["Sid"], "Cafe");

    let outcome = restore(&local, &original.id).unwrap();
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    assert_eq!(local.world.account().roles[0].trust.as_str(), WRITTEN);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn each_rule_takes_its_own_and_what_is_left_is_judged_clean() {
    for (rule, name) in [(PUBLIC, "open-to-all"), (EXTERNAL, "open-to-vendor"), (SUBJECT, "open-to-github")] {
        let local = local(something_of_everything(), enforce(&[rule]));
        let before = local.world.account();
        sweep(&local);
        let changed = changes(&before, &local);
        assert_eq!(changed.len(), 1, "{rule}: {changed:?}");
        assert!(changed[0].starts_with(&format!("role {name}: trust")), "{changed:?}");
        local.world.advance(SignedDuration::from_hours(24));
        local.world.forget_calls();
        sweep(&local);
        assert_eq!(local.world.calls().iam_writes(), 0, "{rule}");
    }
}

#[test]
fn a_role_open_to_strangers_alone_is_open_to_nobody_and_says_so_to_iam_in_a_policy_it_takes() {
    let local = local(roles(&[role("open", &json!("*"), "sts:AssumeRole")]), enforce(&[PUBLIC]));
    sweep(&local);
    assert_eq!(entry(&local).status, Status::Verified);
    assert_eq!(trust(&local)["Statement"][0]["Effect"], "Deny");
    assert_eq!(trust(&local)["Statement"].as_array().unwrap().len(), 1);
}

#[test]
fn a_deleted_principal_that_iam_would_refuse_goes_along() {
    let deleted = json!({"AWS": ["AROAEXAMPLE1EXAMPLE12", ACCOUNT, "*"]});
    let local = local(roles(&[role("open", &deleted, "sts:AssumeRole")]), enforce(&[PUBLIC]));
    sweep(&local);
    assert_eq!(entry(&local).status, Status::Verified);
    assert_eq!(trust(&local)["Statement"][0]["Principal"], json!({"AWS": [ACCOUNT]}));
    // Nor can it be put back as it was, and that is said.
    let original = entry(&local).id;
    assert_eq!(restore(&local, &original).unwrap().entry().unwrap().status, Status::Failed);
}

#[test]
fn members_of_our_organisation_stay_and_others_are_left_to_people() {
    let member = |name: &str, of: &str| {
        let mut role = role(name, &json!("*"), "sts:AssumeRole");
        role["trust"]["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": of}});
        role
    };
    let account = roles(&[member("ours", "o-ours000000"), member("theirs", "o-theirs0000")]);
    let local = local(account, only(&[EXTERNAL], "enforce", "organization: o-ours000000\n"));
    let before = local.world.account();
    sweep(&local);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    let entry = entry(&local);
    assert_eq!(entry.plan.resource.name(), "theirs");
    assert!(entry.plan.left[0].contains("principals of another organisation"), "{:?}", entry.plan.left);
}

#[test]
fn what_somebody_else_wrote_in_the_meantime_is_not_undone() {
    let local = local(written_by_hand(), enforce(&[PUBLIC]));
    sweep(&local);
    let original = entry(&local);
    let mut theirs = local.world.account();
    theirs.roles[0].trust = PolicyDocument::new(WRITTEN.replace('*', "444455556666"));
    let moved_on = Local::new(sim::World::new(theirs.clone()), enforce(&[PUBLIC]), deployment());
    let resource = serde_json::to_value(&original.plan.resource).unwrap();
    let mut copy = serde_json::to_value(&original).unwrap();
    copy["plan"]["resource"] = resource;
    let copy: Entry = serde_json::from_value(copy).unwrap();
    pollster::block_on(moved_on.world.open(&copy)).unwrap();
    let outcome = restore(&moved_on, &copy.id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::StateChanged { .. })), "{outcome:#?}");
    assert_eq!(changes(&theirs, &moved_on), Vec::<String>::new());
}

#[test]
fn a_forged_entry_opens_no_role() {
    let account = roles(&[role("deployer", &json!({"AWS": [ACCOUNT, "*"]}), "sts:AssumeRole")]);
    let audited = local(account.clone(), only(&[PUBLIC], "audit", ""));
    sweep(&audited);
    // A true entry, of which an attacker keeps all but what is written.
    let mut forged = serde_json::to_value(entry(&audited)).unwrap();
    let live = account.roles[0].trust.as_str();
    for wider in
        [live.replace(r#""*""#, r#""*","444455556666""#), live.replace(r#","*""#, r#","444455556666""#)]
    {
        assert_ne!(wider, live);
        forged["plan"]["steps"][0]["document"] = json!(wider);
        forged["mode"] = json!("enforce");
        forged["status"] = json!("open");
        forged.as_object_mut().unwrap().remove("closed");
        let forged: Entry = serde_json::from_value(forged.clone()).unwrap();
        let local = local(account.clone(), enforce(&[PUBLIC]));
        pollster::block_on(local.world.open(&forged)).unwrap();
        local.world.advance(SignedDuration::from_mins(10));
        sweep(&local);
        let closed = pollster::block_on(local.world.entry(&forged.id)).unwrap().unwrap();
        assert!(matches!(closed.refusal, Some(Refusal::NotCredible { .. })), "{closed:#?}");
        assert!(!local.world.account().roles[0].trust.as_str().contains("444455556666"));
    }
}

#[test]
fn protected_roles_keep_whom_they_trust() {
    let protected = format!("protected: [{{principal: \"arn:aws:iam::{ACCOUNT}:role/open\", reason: r}}]\n");
    for governance in [only(&[PUBLIC], "enforce", &protected), only(&[PUBLIC], "audit", "")] {
        let local = local(written_by_hand(), governance);
        let before = local.world.account();
        sweep(&local);
        assert_eq!(changes(&before, &local), Vec::<String>::new());
        assert_eq!(local.world.calls().iam_writes(), 0);
    }
}

#[test]
fn sessions_are_cut_to_the_limit_and_put_back() {
    let local = local(something_of_everything(), enforce(&[SESSIONS]));
    let before = local.world.account();
    sweep(&local);
    let original = entry(&local);
    assert_eq!(original.status, Status::Verified);
    assert_eq!(steps(&original), ["set the maximum session duration of role long-sessions to 7200 s"]);
    assert_eq!(changes(&before, &local).len(), 1);
    assert_eq!(restore(&local, &original.id).unwrap().entry().unwrap().status, Status::Verified);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn durations_are_listed_once_for_all_roles_and_unknown_where_the_listing_fails() {
    let local = local(something_of_everything(), enforce(&[SESSIONS]));
    sweep(&local);
    let listed = |local: &Local| {
        let calls = local.world.calls();
        calls.0.iter().filter(|call| call.operation == Operation::Read(Read::ListRoles)).count()
    };
    assert!(listed(&local) >= 1);
    let denied = self::local(something_of_everything(), enforce(&[SESSIONS]));
    denied.world.fail(Operation::Read(Read::ListRoles), Fault::Denied, Times::Always);
    let delivery = sweep(&denied);
    assert_eq!(denied.world.calls().iam_writes(), 0, "{delivery:#?}");
    assert!(denied.world.entries().is_empty());
    // A rule that does not hang on it does not ask for it.
    let other = self::local(something_of_everything(), enforce(&[PUBLIC]));
    sweep(&other);
    assert_eq!(listed(&other), 0);
}

#[test]
fn a_write_that_iam_refuses_changes_nothing_and_is_told() {
    let local = local(written_by_hand(), enforce(&[PUBLIC]));
    let before = local.world.account();
    local.world.fail(Operation::Write(Write::UpdateAssumeRolePolicy), Fault::Denied, Times::Always);
    sweep(&local);
    assert_eq!(entry(&local).status, Status::Failed);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    assert_eq!(local.world.notices().len(), 1);
}

#[test]
fn only_roles_that_a_pattern_names_are_looked_at_for_the_services_they_use() {
    let quiet = |name: &str| {
        let mut role = role(name, &json!({"AWS": ACCOUNT}), "sts:AssumeRole");
        role["services"] = json!([{"service": "s3", "at": ago(3)}, {"service": "iam", "at": null}]);
        role
    };
    let account = roles(&[quiet("watched"), quiet("other")]);
    let rules = "rules: {role-unused-services: {parameters: {judgedRoles: [watched]}}}";
    let swept = |failing: Option<Read>| {
        let local = local(account.clone(), governance(&format!("version: 1\n{rules}\n")));
        if let Some(read) = failing {
            local.world.fail(Operation::Read(read), Fault::Denied, Times::Always);
        }
        local.deliver(&schedule(&local.world, "role-unused-services"));
        local
    };
    let verdicts = |local: &Local| -> Vec<String> {
        let held = local.world.evaluations().into_iter().map(|held| held.evaluation);
        held.map(|evaluation| format!("{:?} {:?}", evaluation.compliance, evaluation.annotation)).collect()
    };
    let seen = swept(None);
    let said = verdicts(&seen);
    assert!(
        said.iter().any(|one| one.starts_with("NonCompliant") && one.contains("it may use iam, and did not")),
        "{said:?}"
    );
    assert_eq!(said.iter().filter(|one| one.starts_with("Compliant")).count(), 1, "{said:?}");
    let looks =
        |read| seen.world.calls().0.iter().filter(|call| call.operation == Operation::Read(read)).count();
    assert_eq!(looks(Read::GenerateServiceLastAccessedDetails), 1);
    for read in [Read::GenerateServiceLastAccessedDetails, Read::GetServiceLastAccessedDetails] {
        let said = verdicts(&swept(Some(read)));
        // The other role alone: an unknown is not reported.
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("Compliant"), "{said:?}");
    }
}
