use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Declared, Meta, Parameter, Parameters, ParametersError, Verdict};
use crate::facts::{Resource, Subject, Unread};
use crate::identifier::{AccountId, Arn, OrganizationId};
use crate::remedy::{Step, Write};

/// A governance rule: facts, parameters and the time in, a verdict out; from the same finding what to say of it
/// and what to do about it.
pub trait Rule: Declared + 'static {
    /// What it judges.
    type Subject: Subject;
    /// Its parameters.
    type Params: Parameters;
    /// What it found: one value feeds the annotation and the plan.
    type Finding;

    /// Whether there is anything to judge in this one; there is not where AWS has no such thing in its partition.
    fn is_about(_subject: &Self::Subject) -> bool {
        true
    }

    /// Judges one resource.
    fn evaluate(subject: &Self::Subject, params: &Self::Params, context: &Context) -> Verdict<Self::Finding>;

    /// Says what was found, in one line.
    fn annotate(finding: &Self::Finding, params: &Self::Params) -> String;

    /// The smallest change that ends the violation. A rule without a remediator is never asked.
    fn plan(
        _subject: &Self::Subject,
        _finding: &Self::Finding,
        _params: &Self::Params,
        _context: &Context,
    ) -> Proposal {
        Proposal::default()
    }
}

/// What judging and planning may draw on beside the subject.
#[derive(Debug, Clone)]
pub struct Context {
    /// The managed deny-all policy of this deployment.
    pub quarantine_policy: Arn,
    /// The organisation the account belongs to, if the governance file names it.
    pub organization: Option<OrganizationId>,
    /// Other accounts that the governance file trusts.
    pub trusted: Arc<BTreeSet<AccountId>>,
    /// Writes that met a quota a moment ago, whatever is read of it: everything is denied by other means.
    pub used_up: BTreeSet<Write>,
    /// The time.
    pub at: Timestamp,
}

/// What a rule would have done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// Steps, in the order in which they must run.
    pub steps: Vec<Step>,
    /// What is left to people on purpose, and why.
    pub left: Vec<String>,
    /// What could not be planned because a fact is unknown.
    pub unknown: Vec<Unread>,
}

/// A violation, as far as others need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What was found, in one line.
    pub annotation: String,
}

/// A rule with its parameters read.
pub trait BoundRule: Send + Sync {
    /// Judges a resource; `None` where the rule is not about it.
    fn judge(&self, resource: &Resource, context: &Context) -> Option<Verdict<Violation>>;

    /// Judges again and plans; `None` where the rule is not about this kind.
    fn plan(&self, live: &Resource, context: &Context) -> Option<Verdict<(Violation, Proposal)>>;

    /// The parameters in force, defaults included.
    fn parameters(&self) -> Value;
}

struct Bound<R: Rule>(R::Params);

impl<R: Rule> Bound<R> {
    fn violation(&self, finding: &R::Finding) -> Violation {
        Violation { annotation: R::annotate(finding, &self.0) }
    }
}

impl<R: Rule> BoundRule for Bound<R> {
    fn judge(&self, resource: &Resource, context: &Context) -> Option<Verdict<Violation>> {
        let subject = R::Subject::of(resource).filter(|subject| R::is_about(subject))?;
        Some(R::evaluate(subject, &self.0, context).map(|finding| self.violation(&finding)))
    }

    fn plan(&self, live: &Resource, context: &Context) -> Option<Verdict<(Violation, Proposal)>> {
        let subject = R::Subject::of(live)?;
        Some(
            R::evaluate(subject, &self.0, context)
                .map(|finding| (self.violation(&finding), R::plan(subject, &finding, &self.0, context))),
        )
    }

    fn parameters(&self) -> Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}

/// A rule in the registry, its types erased.
pub struct Entry {
    /// Its declaration.
    pub meta: Meta,
    /// Names of its parameters.
    pub parameter_names: &'static [&'static str],
    /// What its parameters mean and may be.
    pub parameters: &'static [Parameter],
    bind: fn(&Value) -> Result<Box<dyn BoundRule>, ParametersError>,
}

impl Entry {
    /// The entry of a rule.
    pub(super) const fn of<R: Rule>() -> Self
    where
        R::Params: Send + Sync,
    {
        Self {
            meta: R::META,
            parameter_names: R::Params::NAMES,
            parameters: R::Params::DECLARED,
            bind: |value| Ok(Box::new(Bound::<R>(R::Params::read(value)?))),
        }
    }

    /// The rule with these parameters; `null` gives the defaults.
    pub fn bind(&self, parameters: &Value) -> Result<Box<dyn BoundRule>, ParametersError> {
        (self.bind)(parameters)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry").field(&self.meta.id).finish()
    }
}
