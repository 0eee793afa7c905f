use std::collections::BTreeSet;

use futures_util::future::join;
use jiff::SignedDuration;

use super::announcement::{announce, announce_meanwhile, begins, comes_first};
use super::brake::orders;
use super::closing::close;
use super::guards::Guards;
use super::replaced_boundary;
use super::retirement::{forget_key, unfounded};
use super::unanswered::{planned_for_the_denied, remember_contained};
use super::{
    Brakes, Clock, Journal, KeepSwitchedOffKeys, Notify, Observe, PortError, PortErrorKind, ReadIam,
    ResourceName, WriteError, WriteIam,
};
use crate::facts::{Need, Read, Resource, ResourceIdentity, Unread, WhyUnread};
use crate::remedy::{
    Cause, Entry, Inverse, Refusal, Status, Step, StepOutcome, StepResult, StepState, check_identity,
    denies_everything,
};

/// Waits between readings back, in milliseconds: IAM is eventually consistent and usually settles within seconds.
const SETTLE: [i64; 6] = [250, 500, 1_000, 2_000, 2_000, 2_000];

/// What was read of the switch longer ago is read again before a write, at last when its attempt is written down.
pub(super) const OLD_FOR_A_SWITCH: SignedDuration = SignedDuration::from_secs(2);

/// What an open entry is picked up for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Run {
    /// To do all of it that is not done yet.
    Through,
    /// To find out what became of the step a dead worker attempted. Nothing is written, for the reason given.
    ToItsEnd(Refusal),
}

/// Tells that an open entry's act begins, carries it out, tells how it ended and closes it. Every step is checked against the
/// live state and every guard just before, and read back after. That it is attempted is written down before it is written, and
/// its outcome before the next step.
///
/// An error leaves the entry open; the next worker resumes it.
pub(super) async fn execute<
    P: ReadIam + WriteIam + Brakes + Journal + KeepSwitchedOffKeys + Notify + Clock + Observe,
>(
    ports: &P,
    guards: &Guards,
    entry: &mut Entry,
    run: &Run,
) -> Result<(), PortError> {
    if planned_for_the_denied(entry) {
        remember_contained(ports, entry).await?;
    }
    replaced_boundary::remember(ports, entry).await?;
    let begins = *run == Run::Through && begins(entry);
    if begins && comes_first(&entry.cause) {
        announce(ports, entry).await?;
    }
    let meanwhile = (begins && !comes_first(&entry.cause)).then(|| entry.clone());
    announce_meanwhile(ports, meanwhile, Box::pin(carry_out(ports, guards, entry, run))).await
}

async fn carry_out<
    P: ReadIam + WriteIam + Brakes + Journal + KeepSwitchedOffKeys + Notify + Clock + Observe,
>(
    ports: &P,
    guards: &Guards,
    entry: &mut Entry,
    run: &Run,
) -> Result<(), PortError> {
    let taken_over = entry.attempting.is_some() || !entry.outcomes.is_empty();
    for index in entry.outstanding() {
        let Some(step) = entry.plan.steps.get(index).cloned() else { continue };
        let result = match run {
            Run::ToItsEnd(refusal) => {
                let attempted = entry.attempted() == Some(index);
                refused(ports, entry, &step, refusal.clone(), attempted).await
            }
            Run::Through => run_step(ports, guards, entry, index, &step, taken_over).await?,
        };
        let stop =
            matches!(&result, StepResult::Refused { refusal } if !goes_on_after(&entry.cause, refusal));
        if result == StepResult::Verified
            && let Inverse::Impossible(why) = step.inverse()
        {
            entry.lost.push(why.to_owned());
        }
        // Before it is written down that somebody else was faster: from then on nobody would look again.
        if result == StepResult::AlreadyDone && step.denies() && entry.cause.answers_threat() {
            remember_contained(ports, entry).await?;
        }
        entry.outcomes.push(StepOutcome { index, at: ports.now(), result });
        if entry.attempting == Some(index) {
            entry.attempting = None;
        }
        if stop {
            break;
        }
        progress(ports, entry).await?;
    }
    if *run == Run::Through {
        deny_still_stands(ports, entry).await;
    }
    end(ports, entry).await
}

/// Closes an entry of which nothing is left to do.
pub(super) async fn end<P: Journal + Notify + Clock + Observe>(
    ports: &P,
    entry: &mut Entry,
) -> Result<(), PortError> {
    let since = entry.written_at();
    entry.status = conclusion(entry);
    entry.refusal = entry.outcomes.iter().find_map(|outcome| match &outcome.result {
        StepResult::Refused { refusal } => Some(refusal.clone()),
        _ => None,
    });
    entry.updated = Some(ports.now());
    entry.closed = entry.updated;
    close(ports, entry, since).await
}

/// Looks once more whether whoever was denied everything still is, once the rest is done: that takes half a minute where
/// IAM lags, and whoever has another administrator's credentials takes the deny off meanwhile. Nobody is to be told of a
/// containment that is open.
async fn deny_still_stands<P: ReadIam + Clock>(ports: &P, entry: &mut Entry) {
    let deny_of = |outcome: &StepOutcome| entry.plan.steps.get(outcome.index).filter(|step| step.denies());
    let denied = entry.outcomes.iter().enumerate().find_map(|(place, outcome)| {
        let deny = deny_of(outcome).filter(|_| took(&outcome.result))?;
        Some((place, deny.clone()))
    });
    let is_undo = matches!(entry.cause, Cause::Undo { .. });
    let Some((place, deny)) = denied.filter(|(place, _)| !is_undo && place + 1 < entry.outcomes.len()) else {
        return;
    };
    let again = read_back(ports, &entry.plan.resource, &deny, "it had been read back").await;
    let Some(outcome) = entry.outcomes.get_mut(place).filter(|_| again != StepResult::Verified) else {
        return;
    };
    match (&outcome.result, again) {
        // Somebody else had put it on: that stays known, for an undo takes off what was, or may have been, written here.
        (StepResult::AlreadyDone, StepResult::Unknown { why }) => {
            let read = read_of(&deny);
            let detail = format!("whether `{deny}` still stands, which was so before: {why}");
            entry.unread.push(Unread::new(read, WhyUnread::Failed, detail));
        }
        (_, again) => outcome.result = again,
    }
}

/// What tells whether a step that denies everything stands.
fn read_of(deny: &Step) -> Read {
    match deny {
        Step::AttachRolePolicy { .. } => Read::ListAttachedRolePolicies,
        Step::PutUserPolicy { .. } => Read::GetUserPolicy,
        Step::PutRolePolicy { .. } => Read::GetRolePolicy,
        Step::PutUserPermissionsBoundary { .. } => Read::GetUser,
        Step::PutRolePermissionsBoundary { .. } => Read::GetRole,
        _ => Read::ListAttachedUserPolicies,
    }
}

/// Writes down where an open entry stands; an error where somebody else has written it meanwhile.
async fn progress<P: Journal + Clock>(ports: &P, entry: &mut Entry) -> Result<(), PortError> {
    let since = entry.written_at();
    entry.updated = Some(ports.now());
    ports.update(entry, since).await
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
    } else if !entry.unread.is_empty() {
        // All that was planned, and less than was asked for.
        Status::Unknown
    } else {
        Status::Verified
    }
}

/// Whether the steps after a refused one are tried. A person's order takes what can be taken; a rule's work stops.
fn goes_on_after(cause: &Cause, refusal: &Refusal) -> bool {
    matches!(cause, Cause::Order { .. })
        && matches!(
            refusal,
            Refusal::UnknownFact { .. } | Refusal::StateChanged { .. } | Refusal::NotDenied { .. }
        )
}

/// What keeps a credential while its user is not surely denied everything. An order takes the keys all the same; a
/// password never comes back. Nor is anybody marked as quarantined whose deny did not take: the organisation's policies
/// would keep people from denying it by hand.
fn withheld(entry: &Entry, step: &Step) -> Option<Refusal> {
    let waits = match entry.cause {
        Cause::Rule { .. } => step.takes_credential() || step.marks(),
        Cause::Order { .. } => matches!(step, Step::DeleteLoginProfile { .. }) || step.marks(),
        // It takes what it can, and a password is never among it.
        Cause::Undo { .. } => step.marks(),
    };
    let deny = entry
        .outcomes
        .iter()
        .filter(|outcome| !took(&outcome.result))
        .filter_map(|outcome| entry.plan.steps.get(outcome.index))
        .find(|step| denies_everything(step));
    deny.filter(|_| waits).map(|deny| Refusal::NotDenied { deny: deny.to_string() })
}

/// Whether what a step is for was there at last, by whomever.
fn took(result: &StepResult) -> bool {
    matches!(result, StepResult::Verified | StepResult::AlreadyDone)
}

/// Whether a step of the entry denies everything, and took.
fn denied(entry: &Entry) -> bool {
    let done = entry.outcomes.iter().filter(|outcome| took(&outcome.result));
    done.filter_map(|outcome| entry.plan.steps.get(outcome.index)).any(denies_everything)
}

async fn run_step<P: ReadIam + WriteIam + Brakes + Journal + KeepSwitchedOffKeys + Clock + Observe>(
    ports: &P,
    guards: &Guards,
    entry: &mut Entry,
    index: usize,
    step: &Step,
    taken_over: bool,
) -> Result<StepResult, PortError> {
    let attempted = entry.attempted() == Some(index);
    if let Some(refusal) = guards.against(step, entry.remediator).or_else(|| withheld(entry, step)) {
        return Ok(refused(ports, entry, step, refusal, attempted).await);
    }
    if let Some(refusal) = unfounded(ports, step).await? {
        return Ok(refused(ports, entry, step, refusal, attempted).await);
    }
    let mut needs: BTreeSet<Need> = step.needs().into_iter().collect();
    if step.takes_from_holders() {
        needs.insert(Need::Holders);
    }
    // A worker that died had read the deny back; that was minutes ago, or days. And an undo of an undo may mark alone.
    let unseen = taken_over || matches!(entry.cause, Cause::Undo { .. }) && !denied(entry);
    let looks_at_deny = step.marks() && unseen;
    if looks_at_deny {
        needs.extend([Need::AttachedPolicies, Need::InlinePolicies]);
    }
    // At the same time, and the switch after what was done before this step.
    let mut read_at = ports.now();
    let (looked, mut stop) =
        join(look(ports, &entry.plan.resource, &needs), stopped(ports, &entry.cause)).await;
    let is_old = |read_at| ports.now().duration_since(read_at) > OLD_FOR_A_SWITCH;
    // A look may take long where IAM is throttled, and somebody may have thrown the switch meanwhile.
    if is_old(read_at) {
        read_at = ports.now();
        stop = stopped(ports, &entry.cause).await;
    }
    let may_run = match looked? {
        Ok(live) => match step.state(&live).may_run() {
            Ok(true) => {
                let open = || if looks_at_deny { guards.against_mark(&live) } else { None };
                guards.against_live(step, &live).or_else(open).map_or(Ok(true), Err)
            }
            other => other,
        },
        Err(refusal) => Err(refusal),
    };
    match may_run {
        Err(refusal) => {
            let refusal = retry_or(refusal)?;
            // Whether it was written before is not known.
            return Ok(if attempted {
                StepResult::Unknown { why: format!("a worker died over it; {refusal}") }
            } else {
                StepResult::Refused { refusal }
            });
        }
        // Done, and never attempted: that was somebody else.
        Ok(false) => {
            return Ok(if attempted { StepResult::Verified } else { StepResult::AlreadyDone });
        }
        Ok(true) => {}
    }
    if let Some(refusal) = stop? {
        return Ok(refused(ports, entry, step, refusal, attempted).await);
    }
    forget_key(ports, entry, step).await?;
    entry.attempting = Some(index);
    progress(ports, entry).await?;
    // And so may writing it down, where many append to the journal.
    if is_old(read_at)
        && let Some(result) = stopped_late(ports, entry, index, step, attempted).await?
    {
        return Ok(result);
    }
    Ok(written(ports, &entry.plan.resource, step).await)
}

/// Writes a step and reads it back.
pub(super) async fn written<P: ReadIam + WriteIam + Clock>(
    ports: &P,
    meant: &ResourceIdentity,
    step: &Step,
) -> StepResult {
    match ports.apply(step).await {
        Err(error @ (WriteError::Denied { .. } | WriteError::QuotaUsedUp(_) | WriteError::Refused(_))) => {
            let more = step.where_refused().map(|more| format!("; {more}")).unwrap_or_default();
            let by_quota = matches!(error, WriteError::QuotaUsedUp(_));
            StepResult::Failed { why: format!("{error}{more}"), by_quota }
        }
        Err(error @ WriteError::Uncertain(_)) => read_back(ports, meant, step, &error.to_string()).await,
        Ok(()) => read_back(ports, meant, step, "AWS took the change").await,
    }
}

/// Why nothing is written now, if nothing is. Where the switch cannot be read, nothing is either.
pub(super) async fn stopped<P: Brakes>(ports: &P, cause: &Cause) -> Result<Option<Refusal>, PortError> {
    Ok(orders(ports).await?.against(cause))
}

/// What comes of a step that is written down as attempted, where the switch is thrown by now: it was not sent, unless a
/// dead worker did.
async fn stopped_late<P: ReadIam + Brakes + Journal + Clock>(
    ports: &P,
    entry: &mut Entry,
    index: usize,
    step: &Step,
    by_a_dead_worker: bool,
) -> Result<Option<StepResult>, PortError> {
    match stopped(ports, &entry.cause).await {
        Ok(None) => Ok(None),
        Ok(Some(refusal)) => Ok(Some(refused(ports, entry, step, refusal, by_a_dead_worker).await)),
        Err(error) => {
            // Whoever goes on is not to take it for one that may have been written.
            entry.attempting = by_a_dead_worker.then_some(index);
            progress(ports, entry).await?;
            Err(error)
        }
    }
}

/// What comes of a step that is not to be written: one that a dead worker attempted may have been written all the same.
async fn refused<P: ReadIam + Clock>(
    ports: &P,
    entry: &Entry,
    step: &Step,
    refusal: Refusal,
    by_a_dead_worker: bool,
) -> StepResult {
    if by_a_dead_worker { found_out(ports, entry, step).await } else { StepResult::Refused { refusal } }
}

/// What became of a step that a dead worker attempted.
async fn found_out<P: ReadIam + Clock>(ports: &P, entry: &Entry, step: &Step) -> StepResult {
    read_back(ports, &entry.plan.resource, step, "a worker died over it").await
}

/// Reads until the step shows, or for as long as IAM may take to settle.
async fn read_back<P: ReadIam + Clock>(
    ports: &P,
    meant: &ResourceIdentity,
    step: &Step,
    answered: &str,
) -> StepResult {
    let needs = step.needs().into_iter().collect();
    let mut last = StepState::Pending;
    for wait in [0].into_iter().chain(SETTLE) {
        if wait > 0 {
            ports.sleep(SignedDuration::from_millis(wait)).await;
        }
        last = match look(ports, meant, &needs).await {
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
        StepState::Gone(what) => {
            StepResult::Unknown { why: format!("{answered}; read back: {what} is gone") }
        }
        StepState::Unknown(unread) => {
            StepResult::Unknown { why: format!("{answered}; reading back: {unread}") }
        }
        StepState::Done => StepResult::Verified,
    }
}

/// The live state a step is about, of the very principal that was meant.
async fn look<P: ReadIam>(
    ports: &P,
    meant: &ResourceIdentity,
    needs: &BTreeSet<Need>,
) -> Result<Result<Resource, Refusal>, PortError> {
    let live = match ports.read(&ResourceName::of(meant), needs).await {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(Err(Refusal::Gone)),
        Err(unread) => return retry_or(Refusal::UnknownFact { unread }).map(Err),
    };
    if let Err(refusal) = check_identity(meant, &live.identity()) {
        return Ok(Err(refusal));
    }
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
