use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::Doubt;
use super::{JournalId, Plan, ProtectedReason, Remediator, StepState, Warning};
use crate::facts::{ResourceIdentity, Unread};

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "guard", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Refusal {
    /// It is never changed.
    Protected { reason: ProtectedReason },
    /// Other automation makes it, and would make it again: there the change is to be made.
    Managed { by: String },
    /// An exemption stands.
    Exempt { ticket: String, until: String },
    /// A person undid Bailiff's work on the principal, and every rule lets it be for a while.
    Restored { by: JournalId, until: String },
    /// Everything is stopped.
    Stopped { since: Timestamp, by: String, reason: String },
    /// No change window is open.
    OutsideWindow { opens: Option<Timestamp> },
    /// As much has been done as may be; everything stops until a person has looked.
    LimitReached { limit: String, most: u32 },
    /// The resource was changed as often as may be on one day: somebody puts it back.
    ChangedTooOften { times: u32 },
    /// A fact the change hangs on could not be read.
    UnknownFact { unread: Unread },
    /// It is another one than was found: deleted and created again under the same name.
    Replaced { expected: String, found: String },
    /// It is gone.
    Gone,
    /// Somebody changed the state between plan and act, or since the act that is to be undone.
    StateChanged { what: String },
    /// A step this function may not run.
    OutsideRemit { step: String, remediator: Remediator },
    /// What the journal holds is nothing this deployment would have written there.
    NotCredible { what: String },
    /// People have just been warned; it comes later, unless they mend it or object.
    Warned { warning: Warning, acts_from: Timestamp },
    /// So many people must agree to the plan of this fingerprint first.
    AwaitsApproval { needed: u8, plan: String, expires: Timestamp },
    /// It was planned and begun, and would not be done any more.
    NoLongerWanted { why: String },
    /// The step that denies everything did not take, so what it keeps safe stays.
    NotDenied { deny: String },
    /// Nothing can be done by itself; the text says what is left to people.
    LeftToPeople { what: Vec<String> },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected { reason } => write!(f, "protected: {reason}"),
            Self::Managed { by } => write!(
                f,
                "managed by {by}, which would put it back: make the change there; the plan says which"
            ),
            Self::Exempt { ticket, until } => write!(f, "exempt until {until} under {ticket}"),
            Self::Restored { by, until } => write!(
                f,
                "a person put it back under {by}; left alone until {until}: mend the cause or add an exemption"
            ),
            Self::Stopped { since, by, reason } => {
                write!(f, "everything is stopped since {since} by {by}: {reason}")
            }
            Self::OutsideWindow { opens: Some(opens) } => {
                write!(
                    f,
                    "no change window is open; the next one opens at {opens}, and the sweep after it acts"
                )
            }
            Self::OutsideWindow { opens: None } => {
                f.write_str("no change window is open, nor will one be in a year")
            }
            Self::LimitReached { limit, most } => {
                // As the limit's name says: `limits.organization.…` in the governance file.
                let everywhere =
                    if limit.starts_with("organization.") { " in the whole organisation" } else { "" };
                write!(
                    f,
                    "`{limit}` is {most}, and so much has been done: everything is stopped{everywhere} until a person \
                     has looked"
                )
            }
            Self::ChangedTooOften { times } => write!(
                f,
                "it was changed {times} times today and broke the rule again: find out who puts it back, and stop them \
                 or add an exemption"
            ),
            Self::UnknownFact { unread } => write!(f, "a fact is unknown: {unread}"),
            Self::Replaced { expected, found } => {
                write!(f, "it was replaced: {expected} was meant, {found} is there")
            }
            Self::Gone => f.write_str("it is gone"),
            Self::StateChanged { what } => write!(f, "the state has changed: {what}"),
            Self::OutsideRemit { step, remediator } => write!(f, "`{step}` is not {remediator}'s to do"),
            Self::NotCredible { what } => write!(f, "the journal is not believed: {what}"),
            Self::Warned { warning: Warning::First, acts_from } => {
                write!(f, "people are warned; the rule acts from {acts_from} on, after another warning")
            }
            Self::Warned { warning: Warning::Final, acts_from } => {
                write!(f, "people are warned for the last time; the rule acts from {acts_from} on")
            }
            Self::AwaitsApproval { needed, plan, expires } => write!(
                f,
                "{needed} of the approvers must approve the plan {plan} by {expires}; silence refuses it"
            ),
            Self::NoLongerWanted { why } => write!(f, "no longer wanted: {why}"),
            Self::NotDenied { deny } => write!(f, "`{deny}` did not surely take, and comes first"),
            Self::LeftToPeople { what } => write!(f, "left to people: {}", what.join("; ")),
        }
    }
}

impl Refusal {
    /// The guard's name, as the journal writes it.
    pub fn guard(&self) -> &'static str {
        match self {
            Self::Protected { .. } => "protected",
            Self::Managed { .. } => "managed",
            Self::Exempt { .. } => "exempt",
            Self::Restored { .. } => "restored",
            Self::Stopped { .. } => "stopped",
            Self::OutsideWindow { .. } => "outside-window",
            Self::LimitReached { .. } => "limit-reached",
            Self::ChangedTooOften { .. } => "changed-too-often",
            Self::UnknownFact { .. } => "unknown-fact",
            Self::Replaced { .. } => "replaced",
            Self::Gone => "gone",
            Self::StateChanged { .. } => "state-changed",
            Self::OutsideRemit { .. } => "outside-remit",
            Self::NotCredible { .. } => "not-credible",
            Self::Warned { .. } => "warned",
            Self::AwaitsApproval { .. } => "awaits-approval",
            Self::NoLongerWanted { .. } => "no-longer-wanted",
            Self::NotDenied { .. } => "not-denied",
            Self::LeftToPeople { .. } => "left-to-people",
        }
    }
}

impl From<Doubt> for Refusal {
    fn from(doubt: Doubt) -> Self {
        Self::NotCredible { what: doubt.to_string() }
    }
}

/// Refuses a plan with a step the function may not run.
pub fn check_remit(plan: &Plan, remediator: Remediator) -> Result<(), Refusal> {
    match plan.steps.iter().find(|step| !remediator.writes().contains(&step.write())) {
        Some(step) => Err(Refusal::OutsideRemit { step: step.to_string(), remediator }),
        None => Ok(()),
    }
}

/// Refuses a resource that is not the one that was meant, whatever its name.
pub fn check_identity(meant: &ResourceIdentity, found: &ResourceIdentity) -> Result<(), Refusal> {
    if meant.account() == found.account() && meant.unique_id() == found.unique_id() {
        Ok(())
    } else {
        Err(Refusal::Replaced {
            expected: meant.unique_id().to_string(),
            found: found.unique_id().to_string(),
        })
    }
}

impl StepState {
    /// Whether a step may run from here; `Ok(false)` where nothing is left to do.
    pub fn may_run(self) -> Result<bool, Refusal> {
        match self {
            Self::Pending => Ok(true),
            Self::Done => Ok(false),
            Self::Changed(what) => Err(Refusal::StateChanged { what }),
            Self::Gone(what) => Err(Refusal::StateChanged { what: format!("{what} is gone") }),
            Self::Unknown(unread) => Err(Refusal::UnknownFact { unread }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn};
    use crate::remedy::Step;

    #[test]
    fn a_plan_with_one_step_outside_the_functions_remit_is_refused() {
        let steps = vec![
            alice().deactivate('A'),
            Step::AttachUserPolicy { user: alice().identity, policy: arn(QUARANTINE) },
        ];
        let plan = Plan::new(alice().identity, steps, Vec::new()).unwrap();
        assert_eq!(check_remit(&plan, Remediator::SuspendPrincipal), Ok(()));
        assert_eq!(
            check_remit(&plan, Remediator::DeactivateAccessKeys),
            Err(Refusal::OutsideRemit {
                step: "attach bailiff-quarantine to user alice".to_owned(),
                remediator: Remediator::DeactivateAccessKeys,
            })
        );
    }
}
