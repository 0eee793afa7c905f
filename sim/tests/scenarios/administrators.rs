//! Who is an administrator or can become one, as sweeps find it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::engine::{AccountEvaluator, Decision, Judged};
use shared::event::Event;
use shared::facts::{Fact, Read};
use sim::{AccountFile, Delivery, Fault, Local, Operation, PageSizes, Times};

use crate::fixture::*;

const USER_ADMIN: &str = "user-admin";
const ROLE_ADMIN: &str = "role-admin";
const GROUP_ADMIN: &str = "group-admin";
const PHISHABLE: &str = "mfa-not-phishing-resistant";
const ALL: [&str; 4] = [USER_ADMIN, ROLE_ADMIN, GROUP_ADMIN, PHISHABLE];

fn aws(policy: &str) -> String {
    format!("arn:aws:iam::aws:policy/{policy}")
}

fn allows(action: &str, resource: &str) -> Value {
    json!([{"name": "own", "document": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}}])
}

/// An account with administrators of every making.
fn administrators() -> AccountFile {
    let trust = |principal: Value| {
        json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]})
    };
    let everybody = trust(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}));
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    account(json!({
        "users": [
            {"name": "admin", "attachedPolicies": [aws("AdministratorAccess")], "loginProfile": {},
                "mfaDevices": [format!("arn:aws:iam::{ACCOUNT}:mfa/admin")]},
            {"name": "careful-admin", "groups": ["admins"], "loginProfile": {},
                "mfaDevices": [format!("arn:aws:iam::{ACCOUNT}:u2f/user/careful-admin/key")]},
            {"name": "bounded-admin", "attachedPolicies": [aws("AdministratorAccess")],
                "boundary": format!("arn:aws:iam::{ACCOUNT}:policy/reads")},
            {"name": "over-a-role", "inlinePolicies": allows("sts:AssumeRole", &role("deploys")),
                "loginProfile": {}},
            {"name": "reader", "attachedPolicies": [aws("ReadOnlyAccess")], "loginProfile": {},
                "mfaDevices": [format!("arn:aws:iam::{ACCOUNT}:mfa/reader")]},
            {"name": "auditor", "attachedPolicies": [aws("SecurityAudit")]},
            {"name": "nobody"},
        ],
        "roles": [
            {"name": "deploys", "trust": everybody, "attachedPolicies": [format!("arn:aws:iam::{ACCOUNT}:policy/all")]},
            {"name": "runs", "trust": trust(json!({"Service": "lambda.amazonaws.com"}))},
            {"name": "AWSControlTowerExecution", "attachedPolicies": [aws("AdministratorAccess")]},
        ],
        "groups": [
            {"name": "admins", "attachedPolicies": [aws("AdministratorAccess")]},
            {"name": "staff"},
        ],
        "policies": [
            {"name": "all", "document": {"Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}},
            {"name": "reads", "document": {"Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}},
        ],
        "awsManagedPolicies": [
            {"arn": aws("ReadOnlyAccess"), "document": {"Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}},
        ],
    }))
}

/// Who breaks a rule, and who may, for all that is known, in order.
fn found(delivery: &Delivery, rule: &str) -> (Vec<String>, Vec<String>) {
    let (mut breaks, mut unknown) = (Vec::new(), Vec::new());
    for decision in &delivery.decisions {
        if let Decision::Judged { rule: by, resource, judged, .. } = decision
            && by.as_str() == rule
        {
            match judged {
                Judged::NonCompliant { .. } => breaks.push(resource.name().to_owned()),
                Judged::Unknown { .. } => unknown.push(resource.name().to_owned()),
                _ => {}
            }
        }
    }
    breaks.sort();
    unknown.sort();
    (breaks, unknown)
}

fn assert_found(delivery: &Delivery, rule: &str, breaks: &[&str], unknown: &[&str]) {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(found(delivery, rule), (owned(breaks), owned(unknown)), "{rule}");
}

#[test]
fn a_sweep_finds_administrators_of_every_making_whatever_the_pages() {
    for sizes in [PageSizes::Of(100), PageSizes::Of(1), PageSizes::Odd(1), PageSizes::Odd(2)] {
        let local = local(administrators(), only(&ALL, "audit", ""));
        local.world.set_page_sizes(sizes);
        let delivery = sweep(&local);
        assert_found(&delivery, USER_ADMIN, &["admin", "careful-admin", "over-a-role"], &["auditor"]);
        assert_found(&delivery, ROLE_ADMIN, &["deploys"], &[]);
        assert_found(&delivery, GROUP_ADMIN, &["admins"], &[]);
        assert_found(&delivery, PHISHABLE, &["admin", "over-a-role"], &[]);
        assert_eq!(local.world.calls().iam_writes(), 0);
    }
}

#[test]
fn a_survey_weighs_users_roles_and_groups_though_no_rule_asks_for_it_and_nothing_else() {
    let local = local(administrators(), only(&[INLINE], "audit", ""));
    let Event::Scheduled(event) = Event::parse(&reconcile(&local.world)).unwrap() else { panic!() };
    let evaluator = AccountEvaluator {
        ports: &local.world,
        governance: &local.governance,
        deployment: &local.deployment,
    };
    let (_, standings) = pollster::block_on(evaluator.survey(&event)).unwrap();
    let weighed: BTreeMap<String, bool> = standings
        .iter()
        .map(|standing| {
            (standing.resource.to_string(), matches!(&standing.privileges, Fact::Known(it) if it.admin))
        })
        .collect();
    let admins: Vec<&str> =
        weighed.iter().filter(|(_, admin)| **admin).map(|(resource, _)| resource.as_str()).collect();
    assert_eq!(weighed.len(), 7 + 3 + 2, "{weighed:?}");
    for admin in ["user admin", "user careful-admin", "role deploys", "group admins"] {
        assert!(admins.contains(&admin), "{admin}: {weighed:?}");
    }
    assert_eq!((weighed["user nobody"], weighed["role runs"], weighed["group staff"]), (false, false, false));
}

#[test]
fn a_rules_own_schedule_judges_by_the_whole_account_and_reports_its_own_kind() {
    let local = local(administrators(), only(&ALL, "audit", ""));
    let summary = local.deliver(&schedule(&local.world, ROLE_ADMIN)).evaluated.unwrap();
    assert_eq!((summary.non_compliant, summary.compliant, summary.reported), (1, 2, 3));
    let kinds = local.world.evaluations().into_iter().map(|held| held.evaluation.resource_type);
    assert!(kinds.into_iter().all(|kind| kind == "AWS::IAM::Role"));
}

#[test]
fn those_who_may_be_administrators_are_named_in_the_governance_file() {
    let allowed = "  user-admin:\n    enabled: true\n    mode: audit\n    parameters:\n      \
                   allowedAdministrators: [user/admin, careful-*]\n";
    let local = local(administrators(), governance(&format!("version: 1\nrules:\n{allowed}")));
    assert_found(&sweep(&local), USER_ADMIN, &["over-a-role"], &["auditor"]);
}

#[test]
fn policies_of_aws_that_could_not_be_listed_leave_open_what_only_they_tell() {
    let local = local(administrators(), only(&ALL, "audit", ""));
    let listing = Operation::Read(Read::GetAccountAuthorizationDetails);
    local.world.fail_later(listing, Some("AWSManagedPolicy"), 0, Fault::Throttled, Times::Always);
    let delivery = sweep(&local);
    assert_found(
        &delivery,
        USER_ADMIN,
        &["admin", "careful-admin", "over-a-role"],
        &["auditor", "bounded-admin", "reader"],
    );
    assert_found(&delivery, ROLE_ADMIN, &["deploys"], &[]);
    // What it has is not known, so a closer look at its device tells nothing.
    assert_found(&delivery, PHISHABLE, &["admin", "over-a-role"], &["reader"]);
}

/// At which of its calls a sweep has listed all, and at which it tells of the first finding.
fn listed_and_told(local: &Local) -> (usize, usize) {
    local.world.set_page_sizes(PageSizes::Of(1));
    sweep(local);
    let actions = local.world.calls().actions();
    let listed = actions.iter().rposition(|action| *action == "iam:GetAccountAuthorizationDetails");
    (listed.unwrap(), actions.iter().position(|action| *action == "events:PutEvents").unwrap())
}

#[test]
fn the_account_is_held_whole_only_where_a_rule_needs_that() {
    let (listed, told) =
        listed_and_told(&local(administrators(), only(&[USER_ADMIN, ATTACHED], "audit", "")));
    assert!(listed < told);
    let without = local(administrators(), only(&[ATTACHED], "audit", ""));
    let (listed, told) = listed_and_told(&without);
    assert!(told < listed);
    let calls = without.world.calls();
    assert!(calls.0.iter().all(|call| call.target != "AWSManagedPolicy"));
}

#[test]
fn only_administrators_devices_are_looked_at_one_by_one() {
    let local = local(administrators(), only(&[PHISHABLE], "audit", ""));
    sweep(&local);
    let calls = local.world.calls();
    let mut asked: Vec<&str> = calls
        .0
        .iter()
        .filter(|call| call.operation == Operation::Read(Read::ListMfaDevices))
        .map(|call| call.target.as_str())
        .collect();
    asked.sort_unstable();
    assert_eq!(asked, ["admin", "careful-admin"]);
}
