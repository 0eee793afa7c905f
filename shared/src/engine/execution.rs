use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::closing::close;
use super::{
    Clock, Journal, Notify, Observe, PortError, PortErrorKind, PrincipalName, ReadIam, WriteError, WriteIam,
};
use crate::facts::{Entity, Need, Principal, Unread};
use crate::remedy::{
    Entry, Inverse, Protected, Refusal, Status, Step, StepOutcome, StepResult, StepState, check_identity,
};

/// Waits between readings back, in milliseconds: IAM is eventually consistent and usually settles within seconds.
const SETTLE: [i64; 6] = [250, 500, 1_000, 2_000, 2_000, 2_000];

/// Whether an entry is carried out for the first time, or after a worker died over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    First,
    /// What is found done may well be the dead worker's doing, so it counts as ours and undo covers it.
    Resumed,
}

/// Carries an open entry out, tells of it and closes it. Every step is checked against the live state and every guard just
/// before, and read back after; each outcome is written down before the next step.
///
/// An error leaves the entry open; the next worker resumes it.
pub(super) async fn execute<P: ReadIam + WriteIam + Journal + Notify + Clock + Observe>(
    ports: &P,
    protected: &Protected,
    entry: &mut Entry,
    run: Run,
) -> Result<(), PortError> {
    let steps: Vec<(usize, Step)> = entry
        .plan
        .steps
        .iter()
        .cloned()
        .enumerate()
        .filter(|(index, _)| entry.outcomes.iter().all(|outcome| outcome.index != *index))
        .collect();
    for (index, step) in steps {
        let result = run_step(ports, protected, &entry.plan.principal, &step, run).await?;
        let stop = matches!(result, StepResult::Refused { .. });
        if result == StepResult::Verified
            && let Inverse::Impossible(why) = step.inverse()
        {
            entry.lost.push(why.to_owned());
        }
        entry.outcomes.push(StepOutcome { index, at: ports.now(), result });
        if stop {
            break;
        }
        ports.update(entry).await?;
    }
    entry.status = conclusion(entry);
    entry.refusal = entry.outcomes.iter().find_map(|outcome| match &outcome.result {
        StepResult::Refused { refusal } => Some(refusal.clone()),
        _ => None,
    });
    entry.closed = Some(ports.now());
    close(ports, entry).await
}

fn conclusion(entry: &Entry) -> Status {
    let any =
        |matching: fn(&StepResult) -> bool| entry.outcomes.iter().any(|outcome| matching(&outcome.result));
    if any(|result| matches!(result, StepResult::Failed { .. })) {
        Status::Failed
    } else if any(|result| {
        matches!(
            result,
            StepResult::Unknown { .. } | StepResult::Refused { refusal: Refusal::UnknownFact { .. } }
        )
    }) {
        Status::Unknown
    } else if any(|result| matches!(result, StepResult::Refused { .. })) {
        Status::Refused
    } else {
        Status::Verified
    }
}

async fn run_step<P: ReadIam + WriteIam + Clock>(
    ports: &P,
    protected: &Protected,
    meant: &Principal,
    step: &Step,
    run: Run,
) -> Result<StepResult, PortError> {
    if let Some(reason) = protected.step_reason(step) {
        return Ok(StepResult::Refused { refusal: Refusal::Protected { reason } });
    }
    let live = match look(ports, meant, step).await? {
        Ok(live) => live,
        Err(refusal) => return Ok(StepResult::Refused { refusal }),
    };
    match step.state(&live).may_run() {
        Err(refusal) => return retry_or(refusal).map(|refusal| StepResult::Refused { refusal }),
        Ok(false) => {
            return Ok(match run {
                Run::First => StepResult::AlreadyDone,
                Run::Resumed => StepResult::Verified,
            });
        }
        Ok(true) => {}
    }
    match ports.apply(step).await {
        Err(error @ (WriteError::Denied { .. } | WriteError::Refused(_))) => {
            Ok(StepResult::Failed { why: error.to_string() })
        }
        Err(error @ WriteError::Uncertain(_)) => Ok(read_back(ports, meant, step, &error.to_string()).await),
        Ok(()) => Ok(read_back(ports, meant, step, "AWS took the change").await),
    }
}

/// Reads until the step shows, or for as long as IAM may take to settle.
async fn read_back<P: ReadIam + Clock>(
    ports: &P,
    meant: &Principal,
    step: &Step,
    answered: &str,
) -> StepResult {
    let mut last = StepState::Pending;
    for wait in [0].into_iter().chain(SETTLE) {
        if wait > 0 {
            ports.sleep(SignedDuration::from_millis(wait)).await;
        }
        last = match look(ports, meant, step).await {
            Ok(Ok(live)) => step.state(&live),
            Ok(Err(Refusal::UnknownFact { unread })) => StepState::Unknown(unread),
            Ok(Err(refusal)) => StepState::Changed(refusal.to_string()),
            // A read that failed tells nothing; the next may.
            Err(error) => {
                last = StepState::Changed(error.to_string());
                continue;
            }
        };
        if last == StepState::Done {
            return StepResult::Verified;
        }
    }
    match last {
        // It may yet settle, and then undo must know of it.
        StepState::Pending => StepResult::Unknown {
            why: format!("{answered}, yet it reads back undone: not settled yet, or put back by somebody"),
        },
        StepState::Changed(what) => StepResult::Unknown { why: format!("{answered}; read back: {what}") },
        StepState::Unknown(unread) => {
            StepResult::Unknown { why: format!("{answered}; reading back: {unread}") }
        }
        StepState::Done => StepResult::Verified,
    }
}

/// The live state a step is about, of the very principal that was meant.
async fn look<P: ReadIam>(
    ports: &P,
    meant: &Principal,
    step: &Step,
) -> Result<Result<Entity, Refusal>, PortError> {
    let mut live = match ports.find(&PrincipalName::of(meant)).await {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(Err(Refusal::Gone)),
        Err(unread) => return retry_or(Refusal::UnknownFact { unread }).map(Err),
    };
    if let Err(refusal) = check_identity(meant, &live.principal()) {
        return Ok(Err(refusal));
    }
    let needs: BTreeSet<Need> = step.needs().into_iter().collect();
    ports.refresh(&mut live, &needs).await;
    Ok(Ok(live))
}

/// A refusal over a read that may work later is no refusal yet.
pub(super) fn retry_or(refusal: Refusal) -> Result<Refusal, PortError> {
    match &refusal {
        Refusal::UnknownFact { unread } if unread.why.is_retryable() => Err(unread_error(unread)),
        _ => Ok(refusal),
    }
}

fn unread_error(unread: &Unread) -> PortError {
    PortError {
        operation: unread.read.action(),
        kind: PortErrorKind::Throttled,
        message: unread.detail.clone(),
    }
}
