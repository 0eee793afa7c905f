//! What the account demands of passwords: never less than before, put back to the option, and nobody locked out unasked.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Finding, Journal, Opened};
use shared::facts::{PasswordPolicy, Read, ResourceIdentity};
use shared::remedy::{Entry, Refusal, Remediator, Status, StepResult, Write};
use shared::rules::RULES;
use sim::{AccountFile, Fault, Local, Operation, Times};

use crate::fixture::*;

const PASSWORDS: &str = "password-policy";
const READ: Operation = Operation::Read(Read::GetAccountPasswordPolicy);
const SET: Operation = Operation::Write(Write::UpdateAccountPasswordPolicy);
/// What the rule demands by default.
const DEMANDED: PasswordPolicy = PasswordPolicy {
    minimum_password_length: 14,
    max_password_age: Some(90),
    password_reuse_prevention: Some(24),
    ..PasswordPolicy::IN_PLACE_OF_NONE
};

/// An account with this policy, or with none.
#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn with(policy: Value) -> AccountFile {
    account(json!({ "accountSettings": { "passwordPolicy": policy, "securityContact": true } }))
}

/// Stricter than demanded in two options, weaker in others, and with one that no rule asks for.
fn mixed() -> Value {
    json!({ "minimumPasswordLength": 20, "allowUsersToChangePassword": true, "maxPasswordAge": 60 })
}

fn live(local: &Local) -> Option<PasswordPolicy> {
    local.world.account().account_settings.unwrap().password_policy
}

fn status(local: &Local, original: &Entry) -> Status {
    restore(local, &original.id).unwrap().entry().unwrap().status
}

#[test]
fn the_stricter_of_both_is_set_in_each_option_and_every_option_comes_back() {
    let local = local(with(mixed()), enforce(&[PASSWORDS]));
    let before = local.world.account();
    sweep(&local);
    let original = entry(&local);
    assert_eq!((original.status, original.remediator), (Status::Verified, Remediator::HardenAccount));
    assert_eq!(
        steps(&original),
        ["set the password policy of account 111122223333: RequireSymbols true, RequireNumbers true, \
          RequireUppercaseCharacters true, RequireLowercaseCharacters true, PasswordReusePrevention 24"]
    );
    let set = PasswordPolicy {
        minimum_password_length: 20,
        allow_users_to_change_password: true,
        max_password_age: Some(60),
        ..DEMANDED
    };
    assert_eq!(live(&local), Some(set));
    assert!(original.plan.left.is_empty());
    // It keeps the rule now, so nothing is left to do.
    sweep(&local);
    assert_eq!((local.world.entries().len(), local.world.calls().iam_writes()), (1, 1));

    assert_eq!(status(&local, &original), Status::Verified);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn where_there_was_none_the_undo_leaves_none() {
    let local = local(with(json!(null)), enforce(&[PASSWORDS]));
    let before = local.world.account();
    sweep(&local);
    assert_eq!(live(&local), Some(DEMANDED));
    let original = entry(&local);
    assert!(original.plan.left[0].starts_with("tell users whose password is older than 90 days"));
    assert_eq!(status(&local, &original), Status::Verified);
    assert_eq!(live(&local), None);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    // And an undo of the undo sets it again.
    let undo = local.world.entries().pop().unwrap();
    assert_eq!(status(&local, &undo), Status::Verified);
    assert_eq!(live(&local), Some(DEMANDED));
}

#[test]
fn an_undone_policy_is_let_be_for_a_week() {
    let local = local(with(mixed()), enforce(&[PASSWORDS]));
    sweep(&local);
    restore(&local, &entry(&local).id).unwrap();
    local.world.forget_calls();
    for _ in 0..6 {
        local.world.advance(SignedDuration::from_hours(24));
        sweep(&local);
    }
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert!(matches!(local.world.entries().pop().unwrap().refusal, Some(Refusal::Restored { .. })));
    local.world.advance(SignedDuration::from_hours(48));
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn nobody_is_locked_out_where_expiry_is_hard_already() {
    let hard = json!({ "minimumPasswordLength": 6, "hardExpiry": true });
    let local = local(with(hard), enforce(&[PASSWORDS]));
    sweep(&local);
    let set = PasswordPolicy { max_password_age: None, hard_expiry: true, ..DEMANDED };
    assert_eq!(live(&local), Some(set));
    assert!(entry(&local).plan.left[0].starts_with("MaxPasswordAge: the policy has HardExpiry"));
    // What remains is a person's, and stays so.
    local.world.advance(SignedDuration::from_hours(24));
    sweep(&local);
    let last = local.world.entries().pop().unwrap();
    assert!(matches!(last.refusal, Some(Refusal::LeftToPeople { .. })), "{last:#?}");
    assert_eq!((live(&local), local.world.calls().iam_writes()), (Some(set), 1));
}

#[test]
fn an_exempt_account_and_a_policy_that_cannot_be_read_are_let_be() {
    let exemption = "exemptions:\n  - rule: password-policy\n    resource: arn:aws:iam::111122223333:root\n    \
                     ticket: SEC-1\n    owner: ann\n    approver: jon\n    reason: people sign in elsewhere\n    \
                     created: 2026-11-01\n    expires: 2026-12-01\n";
    let exempt = local(with(mixed()), only(&[PASSWORDS], "enforce", exemption));
    sweep(&exempt);
    assert_eq!(exempt.world.calls().iam_writes(), 0);
    for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
        for spared in 0..3 {
            let local = local(with(mixed()), enforce(&[PASSWORDS]));
            // In the sweep, when it is judged again, and just before it would be set.
            local.world.fail_later(READ, None, spared, fault, Times::Always);
            sweep(&local);
            assert_eq!(local.world.calls().iam_writes(), 0, "{fault:?} {spared}");
        }
    }
}

#[test]
fn a_policy_that_somebody_changes_meanwhile_is_neither_set_nor_put_back() {
    let stricter = |account: &mut AccountFile| {
        account.account_settings.as_mut().unwrap().password_policy =
            Some(PasswordPolicy { minimum_password_length: 30, ..DEMANDED });
    };
    let raced = local(with(mixed()), enforce(&[PASSWORDS]));
    raced.world.edit_before(READ, 2, stricter);
    sweep(&raced);
    let refused = entry(&raced);
    assert!(matches!(
        refused.outcomes[0].result,
        StepResult::Refused { refusal: Refusal::StateChanged { .. } }
    ));
    assert_eq!(raced.world.calls().iam_writes(), 0);

    let since = local(with(mixed()), enforce(&[PASSWORDS]));
    sweep(&since);
    let original = entry(&since);
    since.world.edit(stricter);
    since.world.forget_calls();
    let outcome = restore(&since, &original.id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::StateChanged { .. })), "{outcome:?}");
    assert_eq!(since.world.calls().iam_writes(), 0);
}

#[test]
fn it_is_read_back_however_late_iam_shows_it_and_though_the_answer_is_lost() {
    for fault in [None, Some(Fault::LostAnswer)] {
        let local = local(with(json!(null)), enforce(&[PASSWORDS]));
        local.world.set_lag(SignedDuration::from_secs(5));
        if let Some(fault) = fault {
            local.world.fail(SET, fault, Times::Next(1));
        }
        sweep(&local);
        let original = entry(&local);
        assert_eq!((original.status, live(&local)), (Status::Verified, Some(DEMANDED)), "{fault:?}");
        if let Some(fault) = fault {
            let delete = Operation::Write(Write::DeleteAccountPasswordPolicy);
            local.world.fail(delete, fault, Times::Next(1));
        }
        assert_eq!((status(&local, &original), live(&local)), (Status::Verified, None), "{fault:?}");
    }
}

/// The account as a finding or an entry would have it that wants to get past a guard.
fn disguised(arn: &str, unique_id: &str) -> ResourceIdentity {
    let identity = json!({ "type": "account", "account": ACCOUNT, "uniqueId": unique_id, "arn": arn });
    serde_json::from_value(identity).unwrap()
}

#[test]
fn a_finding_cannot_dress_the_account_up_to_get_past_an_exemption_or_a_hold() {
    let exemption = "exemptions:\n  - rule: password-policy\n    resource: arn:aws:iam::111122223333:root\n    \
                     ticket: SEC-1\n    owner: ann\n    approver: jon\n    reason: people sign in elsewhere\n    \
                     created: 2026-11-01\n    expires: 2026-12-01\n";
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for (arn, id) in [
        ("arn:aws-cn:iam::111122223333:root", ACCOUNT),
        ("arn:aws:iam::111122223333:user/ann", ACCOUNT),
        (root.as_str(), "222233334444"),
        (root.as_str(), ACCOUNT),
    ] {
        let local = local(with(mixed()), only(&[PASSWORDS], "enforce", exemption));
        let rule = RULES.iter().find(|rule| rule.meta.id.as_str() == PASSWORDS).unwrap();
        let finding =
            Finding::new(rule.meta.id, disguised(arn, id), "forged".to_owned(), "now", local.world.now());
        let body = serde_json::to_string(&finding).unwrap();
        local.world.put_message(Remediator::HardenAccount, ACCOUNT, &body);
        local.work_off();
        assert_eq!(local.world.calls().iam_writes(), 0, "{arn} {id}");
        let refused = entry(&local).refusal.unwrap();
        assert!(
            matches!(refused, Refusal::Exempt { .. } | Refusal::Replaced { .. }),
            "{arn} {id}: {refused}"
        );
    }
}

#[test]
fn a_forged_open_entry_sets_nothing() {
    let weaker = json!({ "minimumPasswordLength": 6 });
    let locks_out = json!({ "minimumPasswordLength": 20, "maxPasswordAge": 1, "hardExpiry": true,
        "allowUsersToChangePassword": true });
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for (arn, policy, remediator) in [
        (root.as_str(), weaker, "harden-account"),
        (root.as_str(), locks_out.clone(), "harden-account"),
        (root.as_str(), locks_out.clone(), "set-role-session-duration"),
        ("arn:aws-cn:iam::111122223333:root", locks_out, "harden-account"),
    ] {
        let local = local(with(mixed()), enforce(&[PASSWORDS]));
        let whose = json!({ "account": ACCOUNT, "uniqueId": ACCOUNT, "arn": arn });
        let step = json!({ "do": "UpdateAccountPasswordPolicy", "account": whose, "policy": policy,
            "replaces": mixed() });
        let forged: Entry = serde_json::from_value(json!({
            "schema": 1, "id": "20261122t085959-000000000000",
            "cause": { "kind": "rule", "rule": PASSWORDS, "annotation": "x" },
            "remediator": remediator, "mode": "enforce",
            "plan": { "resource": disguised(arn, ACCOUNT), "steps": [step] },
            "status": "open", "outcomes": [], "opened": "2026-11-22T02:59:59Z"
        }))
        .unwrap();
        assert_eq!(pollster::block_on(local.world.open(&forged)), Ok(Opened::New));
        sweep(&local);
        let closed = pollster::block_on(local.world.entry(&forged.id)).unwrap().unwrap();
        assert!(closed.is_closed() && closed.written().next().is_none(), "{closed:#?}");
        // The rule's own plan is carried out, and no other.
        let set = live(&local).unwrap();
        assert_eq!(
            (set.minimum_password_length, set.max_password_age, set.hard_expiry),
            (20, Some(60), false)
        );
        assert_eq!(local.world.calls().iam_writes(), 1);
    }
}
