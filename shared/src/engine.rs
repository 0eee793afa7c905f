//! The pipelines, over ports: evaluate a change, sweep an account, remediate a finding, restore.
//!
//! Evaluators ask for ports that read; only [`Remediation`] and [`Restoration`] ask for [`WriteIam`], so an
//! evaluator that writes does not compile.

mod abandoned;
mod administrators;
mod announcement;
mod approval;
mod brake;
mod closing;
mod config_rule;
mod courier;
mod decision;
mod deployment;
mod detect_threats;
mod evaluate_account;
mod evaluate_change;
mod evaluation;
mod execution;
mod finding;
mod first_deny;
mod function;
mod guards;
mod hold;
mod in_force;
mod judge;
mod lineage;
mod listing;
mod obstacles;
mod order;
mod patience;
mod port;
mod privileges;
mod receive_directory;
mod recovery;
mod release;
mod relief;
mod remediation;
mod replaced_boundary;
mod report;
mod restoration;
mod resumption;
mod retirement;
mod seen;
mod stages;
mod stake;
mod sweep_memory;
mod unanswered;
mod verdict;
mod witness;

pub use abandoned::{Abandoned, HandOver, LeftOpen, ListOpenEntries, Message, OpenEntries, OpenEntry};
pub use approval::{
    Answer, Answered, Approval, ApprovalRequest, Approving, Consent, Matter, Say, StandingRefusal,
};
pub use brake::{
    Brake, Brakes, CountPrincipals, Counter, POPULATION_COUNTS_FOR, SharedBrake, Stop, Switch, Switches,
    Tripped,
};
pub use courier::{
    Chance, Courier, Delivery, Digested, LookUpCalls, Post, RememberTold, Tell, Told, Waiting,
};
pub use decision::{Decision, Judged, Novelty, Outcome};
pub use deployment::Deployment;
pub use detect_threats::ThreatDetector;
pub use evaluate_account::{AccountEvaluator, Standing};
pub use evaluate_change::ChangeEvaluator;
pub use evaluation::{Annotation, Compliance, Evaluation, Summary};
pub use finding::{Finding, FindingError};
pub use first_deny::{FirstLook, LookFirst};
pub use function::Function;
pub use obstacles::Obstacles;
pub use order::{OrderError, SuspendOrder};
pub use port::{
    AlreadyContained, AnnounceFindings, Clock, ConfigService, Counted, CountedCall, FailedAct, FetchError,
    FetchedFile, FindHolder, Hold, Journal, KeepDepartures, KeepSwitchedOffKeys, KeepThreats,
    KnowAdministrators, ListDepartures, ListSwitchedOffKeys, ListThreats, ListUsers, Notify, Observe, Opened,
    Page, PagePeople, PortError, PortErrorKind, ReadAccount, ReadDirectoryFile, ReadIam,
    RememberAdministrators, RememberKeys, ReportThreat, Reported, ResourceName, SendFindings, Witnessed,
    WriteError, WriteIam,
};
pub use receive_directory::{DirectoryReceiver, Heard};
pub use remediation::Remediation;
pub use restoration::{Restoration, RestoreError, RestoreRequest};
pub use retirement::{forgotten, remembered, why_unfounded};
pub use stages::{Spent, Stages, Used};

/// Why a pipeline ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It may work when tried again.
    #[error("{0}; it will be tried again")]
    Retry(String),
    /// It will never work as it is.
    #[error("{0}")]
    Permanent(String),
}

impl From<PortError> for EngineError {
    fn from(error: PortError) -> Self {
        if error.kind.is_retryable() {
            Self::Retry(error.to_string())
        } else {
            Self::Permanent(error.to_string())
        }
    }
}
