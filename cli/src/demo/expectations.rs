use shared::engine::Compliance;
use shared::facts::KeyStatus;
use shared::identifier::Arn;
use shared::remedy::{Entry, ProtectedReason, Refusal, Status, StepResult};

use sim::Operation;
use sim::account_file::User;

use super::seen::{Seen, bytes, key, user};
use crate::events::{MALFORMED, SWEEPS};

/// Something that has to be so when the demo is over.
pub(super) struct Expectation {
    /// What, as a sentence.
    pub(super) what: &'static str,
    /// Whether it is.
    pub(super) holds: fn(&Seen) -> bool,
}

/// Users with inline policies that events told of, and the events.
const INLINE: [(&str, &str); 11] = [
    ("user-inline-policy-percent-encoded", "mara.lindqvist"),
    ("user-inline-policy-plain-text", "tobias.okafor"),
    ("user-inline-policy-object", "priya.raman"),
    ("user-inline-policy-array", "joris.vandenberg"),
    ("user-inline-policy-plus-sign", "svc-label-printer"),
    ("user-inline-policies-and-attachment", "nkechi.adeyemi"),
    ("user-rule-without-parameters", "hana.suzuki"),
    ("user-without-evaluation-mode", "oskar.brandt"),
    ("user-message-as-object", "ruth.achterberg"),
    ("user-discovered", "amara.diallo"),
    ("user-oversized", "svc-dock-scheduler"),
];

/// What has to be so, in the order of the story.
pub(super) const EXPECTATIONS: &[Expectation] = &[
    Expectation { what: "inline policies that events told of are gone", holds: inline_policies_gone },
    Expectation {
        what: "AWS Config was told of users that break a rule, pass, and are gone",
        holds: config_was_told,
    },
    Expectation { what: "an administrator policy attached to a contractor is off", holds: attachment_off },
    Expectation { what: "AWS's own quarantine of an exposed user still stands", holds: quarantine_stands },
    Expectation { what: "break-glass users are as they were", holds: break_glass },
    Expectation { what: "exempt users keep their policies until the exemption ends", holds: exempt },
    Expectation { what: "of two keys the forgotten one is off, the one in use is on", holds: one_key_of_two },
    Expectation { what: "a key in use is left to people, however old", holds: left_to_people },
    Expectation { what: "a key whose last use could not be read was not touched", holds: unknown_fact },
    Expectation {
        what: "a user nobody used is suspended, keys and password included",
        holds: unused_suspended,
    },
    Expectation {
        what: "rules in notify and audit mode planned, told, and changed nothing",
        holds: planned_only,
    },
    Expectation { what: "the sweep put right what no event had told", holds: swept },
    Expectation { what: "the second sweep found nothing left to change", holds: second_sweep },
    Expectation { what: "while everything was stopped nothing was written", holds: stopped },
    Expectation { what: "a leaver is suspended on a person's order", holds: leaver },
    Expectation { what: "a role of AWS Control Tower is not, and no other role was touched", holds: roles },
    Expectation { what: "the undone user is what it was, byte for byte, and stays so", holds: undone },
    Expectation { what: "each guard refused where it had to", holds: |seen| seen.guards },
    Expectation {
        what: "an attack was contained, and lifted byte for byte but for the keys an attacker knows",
        holds: |seen| seen.attack,
    },
    Expectation { what: "every malformed event was refused and changed nothing", holds: malformed },
    Expectation {
        what: "evaluators wrote nothing; each change was planned and journaled first",
        holds: accounted_for,
    },
];

fn inline_policies_gone(seen: &Seen) -> bool {
    INLINE.iter().all(|(event, name)| {
        let emptied = seen
            .events
            .get(event)
            .and_then(|shown| user(&shown.after, name))
            .is_some_and(|user| user.inline_policies.is_empty());
        emptied && seen.verified(event, name)
    })
}

fn config_was_told(seen: &Seen) -> bool {
    [
        ("user-inline-policy-object", Compliance::NonCompliant),
        ("user-null-lists", Compliance::Compliant),
        ("user-deleted", Compliance::NotApplicable),
    ]
    .iter()
    .all(|(event, compliance)| {
        seen.events.get(event).is_some_and(|shown| {
            shown.happened.reported.iter().any(|told| told.evaluation.compliance == *compliance)
        })
    })
}

fn attachment_off(seen: &Seen) -> bool {
    seen.verified("user-attached-policy", "contractor.dlamini")
        && seen.user("contractor.dlamini").is_some_and(|user| user.attached_policies.is_empty())
}

fn quarantine_stands(seen: &Seen) -> bool {
    seen.verified("user-quarantined-by-aws", "svc-route-planner")
        && seen.user("svc-route-planner").is_some_and(|user| {
            let names: Vec<&str> = user.attached_policies.iter().map(Arn::name).collect();
            names == ["AWSCompromisedKeyQuarantineV3"]
        })
}

fn break_glass(seen: &Seen) -> bool {
    let refused = |event, name| {
        matches!(
            seen.refusal(event, name),
            Some(Refusal::Protected { reason: ProtectedReason::Listed(why) }) if why.starts_with("break-glass")
        )
    };
    refused("user-break-glass", "breakglass-01")
        && refused("reconcile-without-version", "breakglass-02")
        && seen.unchanged(&["breakglass-01", "breakglass-02"])
}

fn exempt(seen: &Seen) -> bool {
    let exempted = seen.events.get("user-re-evaluated").is_some_and(
        |shown| matches!(&shown.happened.delivery.evaluated, Ok(summary) if summary.exempt == 1),
    );
    exempted && seen.unchanged(&["jenkins-deploy", "svc-ses-mailer"])
}

fn one_key_of_two(seen: &Seen) -> bool {
    seen.verified("access-key-age", "svc-dock-scheduler")
        && seen.user("svc-dock-scheduler").is_some_and(|user| {
            key(user, "D1OL") == Some(KeyStatus::Inactive) && key(user, "D2NW") == Some(KeyStatus::Active)
        })
}

fn left_to_people(seen: &Seen) -> bool {
    ["ci-terraform", "svc-edi-archive"].iter().all(|name| {
        let active = |user: &User| user.access_keys.iter().all(|key| key.status == KeyStatus::Active);
        matches!(seen.refusal("access-key-age", name), Some(Refusal::LeftToPeople { .. }))
            && seen.user(name).is_some_and(active)
    })
}

fn unknown_fact(seen: &Seen) -> bool {
    let untouched = seen.events.get("access-key-age").is_some_and(|shown| {
        let before = user(&shown.before, "backup-agent");
        before.is_some() && before == user(&shown.after, "backup-agent")
    });
    untouched && matches!(seen.refusal("access-key-age", "backup-agent"), Some(Refusal::UnknownFact { .. }))
}

fn unused_suspended(seen: &Seen) -> bool {
    seen.verified("user-unused", "ingrid.solheim") && is_suspended(seen, "ingrid.solheim")
}

fn is_suspended(seen: &Seen, name: &str) -> bool {
    seen.user(name).is_some_and(|user| {
        user.login_profile.is_none()
            && user.access_keys.iter().all(|key| key.status == KeyStatus::Inactive)
            && user.attached_policies.iter().any(|policy| policy.name() == "bailiff-quarantine")
    })
}

fn planned_only(seen: &Seen) -> bool {
    let planned = |event, name| seen.entry(event, name).is_some_and(|entry| entry.status == Status::Planned);
    let told = seen.events.get("console-user-without-mfa").is_some_and(|shown| {
        shown.happened.notices.iter().any(|notice| notice.plan.resource.name() == "contractor.reyes")
    });
    planned("console-user-without-mfa", "contractor.reyes")
        && told
        && planned("user-second-active-key", "dana.kowalski")
        && seen.unchanged(&["contractor.reyes", "dana.kowalski"])
}

fn swept(seen: &Seen) -> bool {
    let emptied = |name| seen.user(name).is_some_and(|user| user.inline_policies.is_empty());
    seen.verified("reconcile-without-version", "samir.haddad")
        && emptied("samir.haddad")
        && seen.verified("reconcile-without-version", "backup-agent")
}

fn second_sweep(seen: &Seen) -> bool {
    let last = SWEEPS.last().and_then(|sample| seen.events.get(sample.title()));
    last.is_some_and(|shown| {
        shown.writes == 0
            && shown.before.users == shown.after.users
            && shown.happened.delivery.evaluated.is_ok()
    })
}

fn stopped(seen: &Seen) -> bool {
    let entry = seen.stopped.as_ref().and_then(|outcome| outcome.entry());
    entry.is_some_and(|entry| {
        matches!(entry.refusal, Some(Refusal::Stopped { .. })) && entry.written().next().is_none()
    })
}

fn leaver(seen: &Seen) -> bool {
    let entry = seen.suspended.as_ref().and_then(|outcome| outcome.entry());
    entry.is_some_and(|entry| entry.status == Status::Verified && !entry.lost.is_empty())
        && is_suspended(seen, "victor.lund")
}

fn roles(seen: &Seen) -> bool {
    let refused = seen.role_refused.as_ref().and_then(|outcome| outcome.protected());
    refused == Some(&ProtectedReason::ControlTower) && seen.before.roles == seen.after.roles
}

fn undone(seen: &Seen) -> bool {
    let name = "tobias.okafor";
    let before = bytes(&seen.before, name);
    let held = seen.told_again.as_ref().is_some_and(|again| {
        again.entries.iter().any(|entry| matches!(entry.refusal, Some(Refusal::Restored { .. })))
    });
    let verified = seen
        .undone
        .as_ref()
        .and_then(|outcome| outcome.entry())
        .is_some_and(|entry| entry.status == Status::Verified);
    verified
        && held
        && before.is_some()
        && before == bytes(&seen.after_undo, name)
        && before == bytes(&seen.after, name)
}

fn malformed(seen: &Seen) -> bool {
    MALFORMED.iter().all(|sample| {
        seen.events.get(sample.title()).is_some_and(|shown| {
            shown.happened.delivery.evaluated.is_err()
                && shown.happened.delivery.dead_letters.len() == 1
                && shown.writes == 0
                && shown.before.users == shown.after.users
        })
    })
}

fn accounted_for(seen: &Seen) -> bool {
    let by_evaluators =
        seen.calls.0.iter().any(|call| {
            call.function.starts_with("evaluate-") && matches!(call.operation, Operation::Write(_))
        });
    let opened =
        |entry: &Entry| entry.outcomes.iter().filter(|done| done.result == StepResult::Verified).count();
    let journaled: usize =
        seen.events.values().flat_map(|shown| &shown.happened.entries).map(opened).sum::<usize>()
            + [&seen.suspended, &seen.undone]
                .into_iter()
                .flatten()
                .filter_map(|outcome| outcome.entry())
                .map(opened)
                .sum::<usize>();
    !by_evaluators && journaled == seen.calls.iam_writes()
}
