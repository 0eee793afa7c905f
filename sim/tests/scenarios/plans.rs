//! A case of every plan: what is found, by which rules, and what had happened before.
//!
//! The scenarios that kill a worker after each call, or fail each read, go through all of these.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::engine::{Answer, Say};
use shared::governance::Governance;
use shared::remedy::{Approver, Entry, Refusal, Remediator, Step, Write};
use sim::{AccountFile, Local};

use crate::fixture::*;
use crate::worlds::*;

pub(crate) const DISABLED: &str = "access-key-disabled";
/// The name under which `fixture::local` has a user or role reported.
const REPORTED: &str = "attacker";

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) account: AccountFile,
    pub(crate) rules: &'static [&'static str],
    /// What has happened before the sweep.
    before: fn(&Local),
}

impl Case {
    /// Bailiff, before the sweep that acts.
    pub(crate) fn prepared(&self) -> Local {
        let local = local(self.account.clone(), self.governance());
        (self.before)(&local);
        local.world.take_decisions();
        local.world.forget_calls();
        local
    }

    pub(crate) fn governance(&self) -> Governance {
        enforce(self.rules)
    }

    /// The account before that sweep.
    pub(crate) fn account_before(&self) -> AccountFile {
        self.prepared().world.account()
    }

    /// Whether an undo gives all of it back: AWS shows no password, and makes no key twice.
    pub(crate) fn comes_back(&self) -> bool {
        !matches!(self.name, "suspension" | "password" | "deletion")
    }

    /// Whether an undo is done when it is asked for: what answered a threat waits for people first, and what is deleted stays
    /// deleted. `approvals.rs` kills the former at each call.
    pub(crate) fn is_undone_at_once(&self) -> bool {
        self.name != "deletion" && !self.rules.contains(&"principal-threatened")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn of_user(name: &'static str, user: Value, rules: &'static [&'static str]) -> Case {
    Case { name, account: users(json!([user])), rules, before: |_| {} }
}

fn of_account(name: &'static str, parts: Value, rules: &'static [&'static str]) -> Case {
    Case { name, account: account(parts), rules, before: |_| {} }
}

/// Every kind of plan that a rule makes.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = of_users();
    cases.extend(of_roles());
    cases.extend(of_policies());
    cases.extend([
        of_account(
            "password policy",
            json!({"accountSettings": {"passwordPolicy": {"minimumPasswordLength": 20}}}),
            &["password-policy"],
        ),
        of_account("no password policy", json!({"accountSettings": {}}), &["password-policy"]),
    ]);
    cases
}

fn of_users() -> Vec<Case> {
    let other = |kind: &str| json!({"kind": kind, "created": ago(200)});
    let all_others =
        || json!([other("sshPublicKey"), other("serviceSpecificCredential"), other("signingCertificate")]);
    vec![
        of_user(
            "keys",
            json!({"name": "u", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]}),
            &[KEY_AGE],
        ),
        Case {
            before: |local| {
                asked_for_a_deletion(local);
                approve_all(local);
            },
            ..long_off()
        },
        of_user(
            "other credentials",
            json!({"name": "u", "created": ago(500), "otherCredentials": all_others()}),
            &["user-ssh-key-age", "user-service-specific-credential", "user-signing-certificate-age"],
        ),
        of_user(
            "policies",
            json!({"name": "u", "inlinePolicies": [{"name": "a"}, {"name": "b"}], "attachedPolicies": arns(2)}),
            &[INLINE, ATTACHED],
        ),
        of_user(
            "mfa",
            json!({"name": "u", "created": ago(500), "loginProfile": {}, "passwordLastUsed": ago(1)}),
            &[NO_MFA],
        ),
        of_user(
            "password",
            json!({"name": "u", "created": ago(500), "loginProfile": {"created": ago(400)}, "mfaDevices": ["m"],
                   "passwordLastUsed": ago(300)}),
            &["console-password-unused"],
        ),
        of_user(
            "suspension",
            json!({"name": "u", "created": ago(500), "loginProfile": {}, "mfaDevices": ["m"],
                   "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]}),
            &[UNUSED],
        ),
        of_user(
            "suspension by boundary",
            json!({"name": "u", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))],
                   "attachedPolicies": arns(10), "inlinePolicies": [inline_of("full", 2_048)],
                   "boundary": "arn:aws:iam::aws:policy/PowerUserAccess"}),
            &[UNUSED],
        ),
        of_user(
            "suspension of a reported user",
            json!({"name": REPORTED, "created": ago(500), "accessKeys": [key("ATT1", 5, Some(0))],
                   "attachedPolicies": arns(10), "otherCredentials": all_others()}),
            &["principal-threatened"],
        ),
    ]
}

fn of_roles() -> Vec<Case> {
    let ours = json!({"AWS": ACCOUNT});
    let plain = |name: &str| role(name, &ours, "sts:AssumeRole");
    let with = |mut role: Value, more: Value| {
        role.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"roles": [role]})
    };
    let idle = json!({"lastUsed": {"at": ago(200), "region": "eu-west-1"}});
    let full = json!({"attachedPolicies": arns(10), "inlinePolicies": [inline_of("full", 10_240)],
                      "boundary": "arn:aws:iam::aws:policy/PowerUserAccess", "lastUsed": idle["lastUsed"]});
    vec![
        of_account(
            "trust",
            json!({"roles": [role("open", &json!({"AWS": [ACCOUNT, "*"]}), "sts:AssumeRole")]}),
            &["role-trust-public"],
        ),
        of_account(
            "sessions",
            with(plain("long-sessions"), json!({"maxSessionDuration": 43_200})),
            &["role-session-duration"],
        ),
        of_account("suspension of a role", with(plain("idle"), idle), &["role-unused"]),
        of_account("suspension of a role by boundary", with(plain("idle"), full), &["role-unused"]),
        of_account(
            "suspension of a reported role",
            with(plain(REPORTED), json!({"attachedPolicies": arns(10)})),
            &["principal-threatened"],
        ),
    ]
}

fn of_policies() -> Vec<Case> {
    let document = |statements: &[&str]| {
        let allow = |action: &&str| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": statements.iter().map(allow).collect::<Vec<_>>()})
    };
    let blocked = json!(["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]);
    let mut holder = role("team", &json!({"AWS": ACCOUNT}), "sts:AssumeRole");
    holder["attachedPolicies"] = blocked.clone();
    vec![
        of_account(
            "a narrower version",
            json!({"policies": [{"name": "team", "document": document(&["s3:GetObject", "*"])}]}),
            &["policy-admin"],
        ),
        of_account(
            "the version before",
            json!({"policies": [{"name": "team", "document": document(&["*"]), "defaultVersion": "v2",
                   "otherVersions": [{"id": "v1", "document": document(&["s3:GetObject"])}]}]}),
            &["policy-admin"],
        ),
        of_account(
            "a blocked policy",
            json!({"users": [{"name": "u", "attachedPolicies": blocked}], "roles": [holder],
                   "groups": [{"name": "console", "attachedPolicies": blocked}]}),
            &["policy-blocked-attached"],
        ),
    ]
}

/// A key that Bailiff switched off a hundred days ago, and that people were asked about.
pub(crate) fn long_off() -> Case {
    Case {
        before: asked_for_a_deletion,
        ..of_user(
            "deletion",
            json!({"name": "u", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}),
            &[KEY_AGE, DISABLED],
        )
    }
}

/// Who must agree to a deletion.
pub(crate) const APPROVERS: [&str; 2] =
    ["arn:aws:iam::111122223333:user/security/ada", "arn:aws:iam::111122223333:user/security/grace"];

fn asked_for_a_deletion(local: &Local) {
    sweep(local);
    local.world.advance(jiff::SignedDuration::from_hours(24 * 100));
    sweep(local);
}

fn approve_all(local: &Local) {
    for by in APPROVERS {
        approve(local, by).unwrap();
    }
}

/// Answers the last question there is; how many have agreed then.
pub(crate) fn approve(local: &Local, by: &str) -> Result<usize, String> {
    let asked = local.world.entries().into_iter().rev().find_map(|entry| match &entry.refusal {
        Some(Refusal::AwaitsApproval { plan, .. }) => Some((entry.id.clone(), plan.clone())),
        _ => None,
    });
    let (journal_id, plan) = asked.ok_or("nobody is asked")?;
    let answer = Answer { journal_id, plan, answer: Say::Approve, reason: "nobody needs it".to_owned() };
    local.answer(Approver::of(by).unwrap(), answer).map(|it| it.approved).map_err(|error| error.to_string())
}

/// What the sweep that acts wrote.
fn acts(case: &Case) -> Vec<Entry> {
    let local = case.prepared();
    let before = written(&local).len();
    assert!(sweep(&local).dead_letters.is_empty(), "{}", case.name);
    let acts = written(&local).split_off(before);
    assert!(!acts.is_empty(), "{}: nothing was written", case.name);
    acts
}

#[test]
fn there_is_a_case_of_every_write_that_any_remediator_makes() {
    let acts: Vec<Entry> = cases().iter().flat_map(acts).collect();
    let makes = |entry: &Entry| -> Vec<(Remediator, Write)> {
        entry.written().map(|step| (entry.remediator, step.write())).collect()
    };
    let made: BTreeSet<(Remediator, Write)> = acts.iter().flat_map(makes).collect();
    let all: BTreeSet<(Remediator, Write)> = Remediator::asked()
        .flat_map(|remediator| remediator.writes().iter().map(move |write| (remediator, *write)))
        .collect();
    assert_eq!(made, all);
    let irreversible = |step: &Step| matches!(step, Step::DeleteAccessKey { .. });
    assert_eq!(acts.iter().flat_map(|entry| &entry.plan.steps).filter(|step| irreversible(step)).count(), 1);
}
