//! Each read that a function with a write makes fails once, at each place where it is made, in each way: of every plan of a
//! rule, of orders of suspension, and of undos. Nothing is written before what failed has been read after all.

use std::rc::Rc;

use serde_json::{Value, json};
use shared::engine::Outcome;
use shared::facts::Read;
use shared::remedy::{Remediator, Write};
use sim::{Call, Delivered, Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::plans::{Case, cases};
use crate::threats::undo_by;
use crate::worlds::*;

const FAULTS: [Fault; 4] = [Fault::Throttled, Fault::Denied, Fault::Failed, Fault::LostAnswer];
const TIMES: [Times; 2] = [Times::Next(1), Times::Always];

/// What sets a function to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// A rule, about threats or about anything else.
    Rule {
        of_threats: bool,
    },
    Order,
    /// With the keys that somebody else may know, or without.
    Undo {
        known_keys: bool,
    },
}

impl Why {
    fn is_forwards(self) -> bool {
        matches!(self, Self::Rule { .. } | Self::Order)
    }
}

struct Act {
    name: String,
    why: Why,
    prepared: Box<dyn Fn() -> Local>,
    run: Box<dyn Fn(&Local)>,
}

/// What came of the reads of one act.
#[derive(Debug, Default)]
struct Tried {
    faults: usize,
    /// After so many of them less was written than in calm.
    withheld: usize,
}

fn is_read(call: &Call) -> bool {
    let reads = matches!(
        call.operation,
        Operation::Read(_) | Operation::GetItem | Operation::TransactGetItems | Operation::Query
    );
    reads && Remediator::ALL.iter().any(|remediator| remediator.as_str() == call.function)
}

/// Fails every read of the act, once, and from then on.
fn fail_each(act: &Act) -> Tried {
    let calm = (act.prepared)();
    (act.run)(&calm);
    let calls = calm.world.calls();
    assert!(calls.iam_writes() > 0, "{}: nothing is written", act.name);
    let mut tried = Tried::default();
    for (at, read) in calls.0.iter().enumerate().filter(|(_, call)| is_read(call)) {
        let same = |call: &&Call| call.operation == read.operation;
        let spared = u32::try_from(calls.0[..at].iter().filter(same).count()).unwrap();
        for (fault, times) in FAULTS.iter().flat_map(|fault| TIMES.map(|times| (*fault, times))) {
            let local = (act.prepared)();
            local.world.fail_later(read.operation, None, spared, fault, times);
            (act.run)(&local);
            let made = local.world.calls();
            assert_eq!(made.0.get(at), Some(read), "{}", act.name);
            let ran = Ran { why: act.why, calls: &made.0, failed: at, times };
            if let Err(wrong) = ran.is_founded(suspends(&calls.0)) {
                panic!(
                    "{}: {:?} of {} fails as call {at}, {fault:?} {times:?}, {wrong}",
                    act.name, read.operation, read.target
                );
            }
            tried.faults += 1;
            tried.withheld += usize::from(made.iam_writes() < calls.iam_writes());
        }
    }
    tried
}

/// The calls of an act of which one read failed.
struct Ran<'a> {
    why: Why,
    calls: &'a [Call],
    failed: usize,
    times: Times,
}

impl Ran<'_> {
    /// Whether each write had its grounds; which one had not.
    fn is_founded(&self, suspends: bool) -> Result<(), String> {
        let read = &self.calls[self.failed];
        let again = |call: &Call| Call { at: read.at, ..call.clone() } == *read;
        let read_again = |call: &Call| self.times != Times::Always && again(call);
        let mut unread = true;
        for (at, call) in self.calls.iter().enumerate().skip(self.failed + 1) {
            unread &= !read_again(call);
            let Operation::Write(write) = call.operation else { continue };
            if unread && call.function == read.function && !self.can_do_without(write, read.operation) {
                return Err(format!("and {write} of {} is made", call.target));
            }
            if suspends && self.why.is_forwards() && comes_after_the_deny(write) && !self.is_denied_before(at)
            {
                return Err(format!("and {write} of {} is made before the deny is seen", call.target));
            }
        }
        Ok(())
    }

    /// Whether a write may be made though this read failed and was not made again.
    ///
    /// What a rule does hangs on all that its function reads. Once it is at work it goes on when it cannot read back what it
    /// did to one thing; an order takes what can be taken, and an undo puts back what can be put back. Then each write hangs
    /// on what tells of the very thing it changes, and of whom.
    fn can_do_without(&self, write: Write, read: Operation) -> bool {
        let Operation::Read(read) = read else { return false };
        // It only tells people who works under the role.
        if read == Read::ListInstanceProfilesForRole {
            return true;
        }
        // And this, which of the keys that go off somebody else may know: but where a threat is the ground.
        if read == Read::Threats && self.why == (Why::Rule { of_threats: false }) {
            return true;
        }
        let of_known_keys = matches!(read, Read::Threats | Read::ListAttachedUserPolicies);
        let at_work = self.calls[..self.failed].iter().any(is_write);
        match self.why {
            Why::Rule { .. } if !at_work || self.times != Times::Always => false,
            Why::Undo { known_keys: false } if write == Write::UpdateAccessKey && of_known_keys => false,
            Why::Rule { .. } | Why::Order | Why::Undo { .. } => {
                let identifies =
                    matches!(read, Read::GetUser | Read::GetRole | Read::GetGroup | Read::GetPolicy);
                !identifies && !tells_of_the_thing(write).contains(&read)
            }
        }
    }

    /// Whether the deny was read, and not in vain, between its write and this call.
    fn is_denied_before(&self, until: usize) -> bool {
        let denies = |(at, call): (usize, &Call)| match call.operation {
            Operation::Write(write) if denies(write) => Some((at, write)),
            _ => None,
        };
        let Some((denied, write)) = self.calls[..until].iter().enumerate().find_map(denies) else {
            return false;
        };
        (denied + 1..until).any(|at| {
            let operation = self.calls[at].operation;
            let fails = at == self.failed
                || at > self.failed
                    && self.times == Times::Always
                    && operation == self.calls[self.failed].operation;
            !fails && matches!(operation, Operation::Read(read) if tells_of_the_thing(write).contains(&read))
        })
    }
}

fn is_write(call: &Call) -> bool {
    matches!(call.operation, Operation::Write(_))
}

/// Whether somebody is marked as in quarantine.
fn suspends(calls: &[Call]) -> bool {
    let marks = |call: &Call| matches!(call.operation, Operation::Write(Write::TagUser | Write::TagRole));
    calls.iter().any(marks)
}

/// By what somebody is denied everything.
fn denies(write: Write) -> bool {
    matches!(
        write,
        Write::AttachUserPolicy
            | Write::PutUserPolicy
            | Write::PutUserPermissionsBoundary
            | Write::AttachRolePolicy
            | Write::PutRolePolicy
            | Write::PutRolePermissionsBoundary
    )
}

/// What tells of the thing that a write changes.
fn tells_of_the_thing(write: Write) -> &'static [Read] {
    match write {
        Write::UpdateAccessKey | Write::DeleteAccessKey => &[Read::ListAccessKeys],
        Write::UpdateSshPublicKey => &[Read::ListSshPublicKeys],
        Write::UpdateServiceSpecificCredential => &[Read::ListServiceSpecificCredentials],
        Write::UpdateSigningCertificate => &[Read::ListSigningCertificates],
        Write::DeleteUserPolicy | Write::PutUserPolicy => &[Read::ListUserPolicies, Read::GetUserPolicy],
        Write::DetachUserPolicy | Write::AttachUserPolicy => &[Read::ListAttachedUserPolicies],
        Write::DeleteLoginProfile => &[Read::GetLoginProfile],
        Write::DeleteRolePolicy | Write::PutRolePolicy => &[Read::ListRolePolicies, Read::GetRolePolicy],
        Write::DetachRolePolicy | Write::AttachRolePolicy => &[Read::ListAttachedRolePolicies],
        Write::DetachGroupPolicy | Write::AttachGroupPolicy => &[Read::ListAttachedGroupPolicies],
        Write::CreatePolicyVersion | Write::SetDefaultPolicyVersion => {
            &[Read::ListPolicyVersions, Read::GetPolicyVersion]
        }
        Write::UpdateAccountPasswordPolicy | Write::DeleteAccountPasswordPolicy => {
            &[Read::GetAccountPasswordPolicy]
        }
        Write::PutUserPermissionsBoundary
        | Write::DeleteUserPermissionsBoundary
        | Write::TagUser
        | Write::UntagUser => &[Read::GetUser],
        Write::PutRolePermissionsBoundary
        | Write::DeleteRolePermissionsBoundary
        | Write::TagRole
        | Write::UntagRole
        | Write::UpdateAssumeRolePolicy
        | Write::UpdateRole => &[Read::GetRole],
    }
}

/// What must not come before whoever is suspended is seen to be denied everything: the mark, and what never comes back.
fn comes_after_the_deny(write: Write) -> bool {
    matches!(write, Write::TagUser | Write::TagRole | Write::DeleteLoginProfile)
}

/// Each finding of each case, handled by its function alone.
fn of_rules() -> Vec<Act> {
    let mut acts = Vec::new();
    for case in cases() {
        let case = Rc::new(case);
        let calm = case.prepared();
        let known = calm.world.entries().len();
        let findings = sweep(&calm).findings;
        let new = calm.world.entries().split_off(known);
        let wrote = |outcome: &Outcome| {
            let entry = outcome.entry().and_then(|entry| new.iter().find(|other| other.id == entry.id));
            entry.is_some_and(|entry| entry.written().next().is_some())
        };
        for Delivered { finding, remediator, .. } in
            findings.into_iter().filter(|found| wrote(&found.outcome))
        {
            let (case, body) = (Rc::clone(&case), serde_json::to_string(&finding).unwrap());
            let of_threats = shared::rules::find(finding.rule).unwrap().meta.answers_threats();
            acts.push(Act {
                name: format!("{}, {} of {}", case.name, finding.rule, finding.resource.name()),
                why: Why::Rule { of_threats },
                prepared: Box::new(move || case.prepared()),
                run: Box::new(move |local| {
                    local.world.put_message(remediator, "found", &body);
                    local.work_off();
                }),
            });
        }
    }
    acts
}

/// Somebody with a credential of each kind, and a role, in the ways in which one is denied everything.
fn of_orders() -> Vec<Act> {
    let others = ["sshPublicKey", "serviceSpecificCredential", "signingCertificate"];
    let others = others.map(|kind| json!({"kind": kind, "created": ago(200)}));
    let user = |more: Value| {
        let mut user = json!({"name": "u", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None), key("KEY2", 9, None)],
            "otherCredentials": others});
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"users": [user]})
    };
    let full = json!({"attachedPolicies": arns(10), "inlinePolicies": [inline_of("full", 2_048)]});
    let order = |who: &'static str, parts: Value| Act {
        name: format!("an order about {who}"),
        why: Why::Order,
        prepared: Box::new(move || local(account(parts.clone()), all_rules("audit", ""))),
        run: Box::new(move |local| drop(suspend(local, who))),
    };
    vec![
        order("user/u", user(json!({}))),
        order("user/u", user(json!({"attachedPolicies": arns(10)}))),
        order("user/u", user(full)),
        order("role/deployer", json!({"roles": [{"name": "deployer", "attachedPolicies": arns(1)}]})),
        order("role/deployer", json!({"roles": [{"name": "deployer", "attachedPolicies": arns(10)}]})),
    ]
}

/// The undo of the last entry of each case, without the keys that somebody else may know; of keys also with them.
fn of_undos() -> Vec<Act> {
    let undone = |case: &Case| case.is_undone_at_once() && case.name != "password";
    let with_keys = cases().into_iter().filter(|case| case.name == "keys").map(|case| undo_of(case, true));
    cases().into_iter().filter(undone).map(|case| undo_of(case, false)).chain(with_keys).collect()
}

fn undo_of(case: Case, known_keys: bool) -> Act {
    Act {
        name: format!("the undo of {}", case.name),
        why: Why::Undo { known_keys },
        prepared: Box::new(move || {
            let local = case.prepared();
            sweep(&local);
            local.world.forget_calls();
            local
        }),
        run: Box::new(move |local| {
            let last = written(local).pop().unwrap();
            drop(undo_by(local, "sam", &last, known_keys));
        }),
    }
}

fn fail_all(acts: &[Act]) {
    let mut all = Tried::default();
    for act in acts {
        let tried = fail_each(act);
        assert!(tried.withheld > 0, "{}: {tried:?}", act.name);
        all.faults += tried.faults;
        all.withheld += tried.withheld;
    }
    println!("{} acts, {all:?}", acts.len());
}

#[test]
fn no_rule_writes_what_it_could_not_read_the_grounds_of() {
    fail_all(&of_rules());
}

#[test]
fn no_order_writes_what_it_could_not_read_the_grounds_of() {
    fail_all(&of_orders());
}

#[test]
fn no_undo_writes_what_it_could_not_read_the_grounds_of() {
    fail_all(&of_undos());
}
