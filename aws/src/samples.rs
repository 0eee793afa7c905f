//! A journal entry for unit tests.

use jiff::Timestamp;
use shared::facts::UserIdentity;
use shared::governance::Mode;
use shared::identifier::{AccessKeyId, AccountId, Arn, PolicyName, UniqueId, UserName};
use shared::policy::PolicyDocument;
use shared::remedy::{
    Cause, Entry, JournalId, Plan, Remediator, SCHEMA, Status, Step, StepOutcome, StepResult,
};
use shared::rules::RuleId;

use crate::stand_in::ACCOUNT;

pub(crate) fn at() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

pub(crate) fn ann() -> UserIdentity {
    UserIdentity {
        account: AccountId::parse(ACCOUNT).unwrap(),
        name: UserName::parse("ann").unwrap(),
        unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE000").unwrap(),
        arn: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/ann")).unwrap(),
    }
}

/// An open entry with a key to switch off and an inline policy to delete.
pub(crate) fn open_entry() -> Entry {
    let key = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
    let policy = PolicyName::parse("grants").unwrap();
    let document = PolicyDocument::new(r#"{"Secret":"inside"}"#);
    let steps = vec![
        Step::DeactivateAccessKey { user: ann(), key },
        Step::DeleteUserPolicy { user: ann(), policy, document },
    ];
    let cause = Cause::Rule {
        rule: RuleId::parse("access-key-age").unwrap(),
        annotation: "AKIAIOSFODNN7EXAMPLE is 400 days old".to_owned(),
    };
    let plan = Plan::new(ann(), steps, vec!["the key in use".to_owned()]).unwrap();
    Entry {
        schema: SCHEMA,
        id: JournalId::of_act(&cause, &plan, at()),
        cause,
        remediator: Remediator::DeactivateAccessKeys,
        mode: Mode::Enforce,
        plan,
        status: Status::Open,
        refusal: None,
        outcomes: Vec::new(),
        attempting: None,
        unread: Vec::new(),
        opened: at(),
        updated: None,
        closed: None,
        undone_by: None,
        lost: Vec::new(),
        aftermath: None,
        known_keys: Vec::new(),
        made_by_another: Vec::new(),
    }
}

/// The same, carried out.
pub(crate) fn verified_entry() -> Entry {
    let mut entry = open_entry();
    entry.status = Status::Verified;
    entry.closed = Some(at());
    entry.outcomes =
        (0..2).map(|index| StepOutcome { index, at: at(), result: StepResult::Verified }).collect();
    entry
}
