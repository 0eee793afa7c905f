//! Every guard that a rule or a person can meet, each made to refuse in an account of its own.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{RestoreRequest, Stop, SuspendOrder};
use shared::facts::Read;
use shared::governance::Governance;
use shared::identifier::{Arn, UniqueId};
use shared::policy::PolicyDocument;
use shared::remedy::{Entry, Refusal, Remediator, StepResult, Write};
use sim::{AccountFile, Delivery, Fault, Local, Operation, Times};

use crate::error::CliError;
use crate::local;
use crate::page::{FAINT, GOOD, PLAIN, Page, STRONG, WRONG};

/// The rule that acts, unless the scene has others.
const INLINE: &str = "user-inline-policy: { mode: enforce }";
const WHOM: &str = "arn:aws:iam::111122223333:user/ida";

/// A guard, what calls for it, and how it is made to refuse.
struct Scene {
    guard: &'static str,
    occasion: &'static str,
    /// What the governance file says of rules.
    rules: &'static str,
    /// What else it says.
    rest: &'static str,
    play: fn(&Local),
}

const SCENES: &[Scene] = &[
    Scene {
        guard: "protected",
        occasion: "the governance file protects the user",
        rules: INLINE,
        rest: "protected: [{ principal: 'arn:aws:iam::111122223333:user/ida', reason: in the safe }]",
        play: swept,
    },
    Scene {
        guard: "managed",
        occasion: "a listed automation made the user",
        rules: INLINE,
        rest: "managed: { automations: [{ resource: 'arn:aws:iam::111122223333:user/ida', by: the rotation job, \
                     reason: it writes the policy again }] }",
        play: swept,
    },
    Scene {
        guard: "exempt",
        occasion: "somebody forges a finding about a user who is exempt",
        rules: INLINE,
        rest: "exemptions: [{ rule: user-inline-policy, principal: 'arn:aws:iam::111122223333:user/ida', \
                     ticket: SEC-1, owner: ida@example.com, approver: ciso@example.com, reason: moving to a group, \
                     created: 2026-11-01, expires: 2026-12-31 }]",
        play: forge,
    },
    Scene {
        guard: "restored",
        occasion: "a person undid it, and the next sweep finds it again",
        rules: INLINE,
        rest: "",
        play: |local| {
            sweep(local);
            restore(local);
            sweep(local);
        },
    },
    Scene {
        guard: "stopped",
        occasion: "somebody has stopped everything",
        rules: INLINE,
        rest: "",
        play: |local| {
            let since = local.world.now();
            let (by, reason) = ("ada".to_owned(), "the books are being closed".to_owned());
            local.world.set_stop(Some(Stop { since, by, reason, undo_too: false, tripped: None }));
            sweep(local);
        },
    },
    Scene {
        guard: "outside-window",
        occasion: "it is Sunday, and the window is on weekdays",
        rules: INLINE,
        rest: "changeWindows: { timeZone: UTC, open: [{ days: [monday], from: \"09:00\", to: \"16:00\" }] }",
        play: swept,
    },
    Scene {
        guard: "limit-reached",
        occasion: "not one act is allowed",
        rules: INLINE,
        rest: "limits: { actsPerHour: 0 }",
        play: swept,
    },
    Scene {
        guard: "changed-too-often",
        occasion: "somebody puts it back, and one act a day is allowed",
        rules: INLINE,
        rest: "limits: { actsPerResourceAndDay: 1 }",
        play: |local| {
            let before = local.world.account();
            sweep(local);
            local.world.edit(|file| file.users.clone_from(&before.users));
            sweep(local);
        },
    },
    Scene {
        guard: "unknown-fact",
        occasion: "the user's policies cannot be listed",
        rules: INLINE,
        rest: "",
        play: |local| {
            local.world.fail(Operation::Read(Read::ListUserPolicies), Fault::Denied, Times::Always);
            sweep(local);
        },
    },
    Scene {
        guard: "replaced",
        occasion: "an undo comes after the user was deleted and another one made under the name",
        rules: INLINE,
        rest: "",
        play: |local| {
            sweep(local);
            local.world.edit(|file| {
                for user in &mut file.users {
                    user.id = UniqueId::parse("AIDAEXAMPLEANOTHERIDA").ok();
                }
            });
            restore(local);
        },
    },
    Scene {
        guard: "gone",
        occasion: "an undo comes after the user was deleted",
        rules: INLINE,
        rest: "",
        play: |local| {
            sweep(local);
            local.world.edit(|file| file.users.clear());
            restore(local);
        },
    },
    Scene {
        guard: "state-changed",
        occasion: "an undo comes after somebody else's change",
        rules: INLINE,
        rest: "",
        play: |local| {
            let before = local.world.account();
            sweep(local);
            local.world.edit(|file| {
                file.users.clone_from(&before.users);
                write_another_text(file);
            });
            restore(local);
        },
    },
    Scene {
        guard: "not-credible",
        occasion: "an undo is asked of an entry that somebody has changed",
        rules: INLINE,
        rest: "",
        play: |local| {
            sweep(local);
            if let Some(mut entry) = acted(local) {
                entry.plan.left.push("and something else".to_owned());
                // What the journal would not take is not planted, and the scene shows it.
                let _ = local.world.plant(&entry);
            }
            restore(local);
        },
    },
    Scene {
        guard: "no-longer-wanted",
        occasion: "a worker dies, and somebody gives the policy another text before the next sweep",
        // No other function is to come first and close what it cannot judge.
        rules: "user-inline-policy: { mode: enforce }, access-key-age: { enabled: false }",
        rest: "",
        play: |local| {
            interrupted(local);
            local.world.edit(write_another_text);
            next_sweep(local);
        },
    },
    Scene {
        guard: "not-denied",
        occasion: "the deny of an ordered suspension is refused by AWS, so the password stays",
        rules: INLINE,
        rest: "",
        play: |local| {
            for write in [Write::AttachUserPolicy, Write::PutUserPolicy, Write::PutUserPermissionsBoundary] {
                local.world.fail(Operation::Write(write), Fault::Denied, Times::Always);
            }
            if let Ok(principal) = Arn::parse(WHOM) {
                let (reason, requested_by) = ("left the company".to_owned(), "ada".to_owned());
                let _ = local.suspend(&SuspendOrder { principal, reason, requested_by, threat: None });
            }
        },
    },
    Scene {
        guard: "warned",
        occasion: "the rule warns before it acts",
        rules: "user-inline-policy: { mode: enforce, warnings: { finalAfterDays: 7, actAfterDays: 7 } }",
        rest: "",
        play: swept,
    },
    Scene {
        guard: "awaits-approval",
        occasion: "two people must agree first",
        rules: "user-inline-policy: { mode: enforce, approvals: 2 }",
        rest: "approvals: { approvers: ['arn:aws:iam::111122223333:user/security/*'] }",
        play: swept,
    },
    Scene {
        guard: "left-to-people",
        occasion: "the key is old, and in use",
        rules: "access-key-age: { mode: enforce }",
        rest: "",
        play: swept,
    },
];

/// Plays every scene; whether each guard refused.
pub(super) fn show(page: &mut Page<'_>) -> Result<bool, CliError> {
    let mut all = true;
    for scene in SCENES {
        let said = scene.refusal()?.map(|refusal| refusal.to_string());
        all &= show_one(page, (scene.guard, scene.occasion), ("refused", "did not refuse"), said)?;
    }
    let unread = ("unreadable switch", "whether everything is stopped cannot be read");
    Ok(show_one(page, unread, ("waits", "did not wait"), unreadable_switch()?)? && all)
}

/// Shows what was said, if anything was; whether it was.
fn show_one(
    page: &mut Page<'_>,
    (guard, occasion): (&str, &str),
    (held, not_held): (&str, &str),
    said: Option<String>,
) -> Result<bool, CliError> {
    page.flow(0, 2, &[(FAINT, "● "), (STRONG, guard), (FAINT, &format!("  {occasion}"))])?;
    let label = format!("{held:10}");
    let (style, said_style, said, all_well) = match said {
        Some(said) => (GOOD, PLAIN, said, true),
        None => (WRONG, WRONG, not_held.to_owned(), false),
    };
    page.flow(4, 14, &[(style, &label), (said_style, &said)])?;
    Ok(all_well)
}

/// What is said where the switch cannot be read, if nothing was written then. It is no refusal: the finding comes again, and
/// lies with the dead letters in the end.
fn unreadable_switch() -> Result<Option<String>, CliError> {
    let governance = format!("version: 1\nrules: {{ {INLINE} }}\n");
    let governance = Governance::parse(&governance)
        .map_err(|source| CliError::Governance { name: "the unreadable switch".to_owned(), source })?;
    let local = local::deploy(account()?, governance)?;
    local.world.fail_later(Operation::GetItem, Some("switch"), 0, Fault::Denied, Times::Always);
    let delivery = sweep(&local);
    let said = delivery.dead_letters.into_iter().next().map(|letter| letter.why);
    Ok(said.filter(|_| local.world.calls().iam_writes() == 0))
}

impl Scene {
    /// What the guard refused with, if it did.
    fn refusal(&self) -> Result<Option<Refusal>, CliError> {
        let local = local::deploy(account()?, self.file()?)?;
        (self.play)(&local);
        Ok(local.world.entries().into_iter().find_map(|entry| self.refusal_of(&entry)))
    }

    fn refusal_of(&self, entry: &Entry) -> Option<Refusal> {
        let of_steps = entry.outcomes.iter().filter_map(|outcome| match &outcome.result {
            StepResult::Refused { refusal } => Some(refusal),
            _ => None,
        });
        let mut all = entry.refusal.iter().chain(of_steps);
        all.find(|refusal| refusal.guard() == self.guard).cloned()
    }

    fn file(&self) -> Result<Governance, CliError> {
        let Self { guard, rules, rest, .. } = self;
        Governance::parse(&format!("version: 1\nrules: {{ {rules} }}\n{rest}\n"))
            .map_err(|source| CliError::Governance { name: format!("the guard {guard}"), source })
    }
}

/// A user who breaks a rule, has a password, and an old key that is in use.
fn account() -> Result<AccountFile, CliError> {
    let file = json!({
        "account": "111122223333",
        "now": "2026-11-22T09:00:00Z",
        "users": [{
            "name": "ida", "created": "2024-02-01T09:00:00Z", "loginProfile": {}, "mfaDevices": ["phone"],
            "passwordLastUsed": "2026-11-20T09:00:00Z", "inlinePolicies": [{"name": "own"}],
            "accessKeys": [{"created": "2024-02-01T09:00:00Z", "lastUsed": {"at": "2026-11-22T08:00:00Z"}}]
        }]
    });
    AccountFile::parse(&file.to_string())
        .map_err(|source| CliError::Account { name: "the guards' account".to_owned(), source })
}

fn swept(local: &Local) {
    sweep(local);
}

/// A worker that dies before it has written anything, and whose message is lost.
fn interrupted(local: &Local) {
    let look = Operation::Read(Read::ListUserPolicies);
    local.world.fail_later(look, None, 1, Fault::Throttled, Times::Always);
    local.world.lose_messages(true);
    sweep(local);
    local.world.lose_messages(false);
    local.world.heal();
}

/// The sweep half a day later, which ends what was left open.
fn next_sweep(local: &Local) {
    local.world.advance(SignedDuration::from_hours(12));
    sweep(local);
}

fn write_another_text(file: &mut AccountFile) {
    for policy in file.users.iter_mut().flat_map(|user| &mut user.inline_policies) {
        policy.document = PolicyDocument::new("{\"Statement\":[]}");
    }
}

fn sweep(local: &Local) -> Delivery {
    local.world.advance(SignedDuration::from_mins(1));
    let now = local.world.now();
    local.deliver(&json!({
        "version": "0", "id": format!("sweep-{}", now.as_millisecond()), "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "111122223333", "time": now.to_string(), "region": "us-east-1",
        "resources": [], "detail": {}
    }))
}

/// A finding that no evaluator sent.
fn forge(local: &Local) {
    let Some(user) = local.world.account().users.into_iter().next() else { return };
    let resource = json!({
        "type": "user", "account": "111122223333", "name": user.name, "uniqueId": user.id, "arn": WHOM
    });
    let finding = json!({
        "schema": 1, "id": "forged", "rule": "user-inline-policy", "resource": resource,
        "annotation": "it has inline policies", "seen": local.world.now().to_string()
    });
    local.world.put_message(Remediator::RemoveUserPolicies, "forged", &finding.to_string());
    local.work_off();
}

/// The entry that changed something.
fn acted(local: &Local) -> Option<Entry> {
    local.world.entries().into_iter().find(|entry| entry.written().next().is_some())
}

fn restore(local: &Local) {
    let Some(entry) = acted(local) else { return };
    let request = RestoreRequest {
        journal_id: entry.id,
        requested_by: "ada".to_owned(),
        reason: "it was needed after all".to_owned(),
        reactivate_keys: false,
    };
    // A refusal is in the journal.
    let _ = local.restore(&request);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::governance::Mode;

    use super::*;

    /// Names every variant of `Refusal` with its guard: one more does not compile until it stands here, and what stands here
    /// needs a scene, or a reason why it has none.
    macro_rules! guards {
        ($($variant:ident => $guard:literal),+ $(,)?) => {
            const GUARDS: &[&str] = &[$($guard),+];

            fn guard_of(refusal: &Refusal) -> &'static str {
                match refusal {
                    $(Refusal::$variant { .. } => $guard,)+
                }
            }
        };
    }

    guards! {
        Protected => "protected",
        Managed => "managed",
        Exempt => "exempt",
        Restored => "restored",
        Stopped => "stopped",
        OutsideWindow => "outside-window",
        LimitReached => "limit-reached",
        ChangedTooOften => "changed-too-often",
        UnknownFact => "unknown-fact",
        Replaced => "replaced",
        Gone => "gone",
        StateChanged => "state-changed",
        OutsideRemit => "outside-remit",
        NotCredible => "not-credible",
        Warned => "warned",
        AwaitsApproval => "awaits-approval",
        NoLongerWanted => "no-longer-wanted",
        NotDenied => "not-denied",
        LeftToPeople => "left-to-people",
    }

    /// Guards that nothing from outside makes refuse, and why.
    const UNSEEN: [(&str, &str); 1] = [(
        "outside-remit",
        "no rule plans what its function may not do, which the rules' properties prove, and an entry forged so that one \
         would is refused as not credible",
    )];

    #[test]
    fn every_guard_has_a_scene_and_refuses_in_it() {
        let shown = SCENES.iter().map(|scene| {
            let refusal = scene.refusal().unwrap();
            let refusal = refusal.unwrap_or_else(|| panic!("{} did not refuse", scene.guard));
            guard_of(&refusal)
        });
        let accounted = shown.chain(UNSEEN.iter().map(|(guard, _)| *guard));
        assert_eq!(accounted.collect::<BTreeSet<_>>(), GUARDS.iter().copied().collect());
    }

    #[test]
    fn a_switch_that_cannot_be_read_lets_nothing_be_written() {
        assert!(unreadable_switch().unwrap().is_some());
    }

    #[test]
    fn no_guard_refuses_where_nothing_calls_for_it() {
        let local = local::deploy(
            account().unwrap(),
            Governance::parse(&format!("version: 1\nrules: {{ {INLINE} }}\n")).unwrap(),
        );
        let local = local.unwrap();
        sweep(&local);
        let enforced = |entry: &&Entry| entry.mode == Mode::Enforce;
        let entries = local.world.entries();
        assert_eq!(entries.iter().filter(enforced).count(), 1);
        assert!(entries.iter().filter(enforced).all(|entry| entry.refusal.is_none()));
    }
}
