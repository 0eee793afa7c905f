use std::collections::BTreeSet;

use serde::Serialize;

use super::action::Action;
use super::actor::{Actor, Cap};
use super::certainty::Certainty;
use super::target::Target;
use crate::policy::Place;

/// One step on the way to administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Who takes it.
    pub from: String,
    /// Whom it changes, or who one is after it. A `*` in its name stands for one that is yet to be made.
    pub to: String,
    /// What is done: an action, or several with ` + ` between them.
    pub by: String,
    /// What it is done to, where that is not `to`: a managed policy, a group, an identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The statements that allow it, such as `deployers/run#Statement[1]`. An inline policy goes by its name, that of a
    /// group by `group/name`, a managed one by its ARN, a role's trust policy by `AssumeRolePolicyDocument`.
    pub statements: Vec<String>,
    /// Whether the account's own policies settle that it can be taken.
    pub certainty: Certainty,
    /// On what it hangs if they do not: condition keys, and what the file does not tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// An action that somebody may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed<'t> {
    pub(super) action: Action,
    pub(super) target: Target<'t>,
    pub(super) certainty: Certainty,
    /// Whether the principal that is changed does it itself, rather than who is after it.
    pub(super) by_victim: bool,
}

impl Deed<'_> {
    pub(super) fn step(&self, by: &Actor<'_>, to: &str) -> Step {
        let mut step = Step::new(by, to, self.action.name(), self.certainty);
        step.on = (self.target.arn != to).then(|| self.target.arn.to_owned());
        step.cite(by, self.action, &self.target);
        step
    }
}

impl Step {
    pub(super) fn new(by: &Actor<'_>, to: &str, action: &str, certainty: Certainty) -> Self {
        Self {
            from: by.principal.arn.to_string(),
            to: to.to_owned(),
            by: action.to_owned(),
            on: None,
            statements: Vec::new(),
            certainty,
            depends_on: Vec::new(),
        }
    }

    /// Adds the statements by which an actor may do something, and what is open about them.
    pub(super) fn cite(&mut self, by: &Actor<'_>, action: Action, target: &Target<'_>) {
        for cited in by.citing(action, target) {
            let place = Place::statement(cited.index);
            let statement = format!("{}#{place}", cited.document.name);
            if !self.statements.contains(&statement) {
                self.statements.push(statement);
            }
        }
        if self.certainty == Certainty::Possible {
            self.depend_on_statements(by, action, target);
        }
    }

    /// Adds what is open about the statements that speak of an actor's doing something.
    pub(super) fn depend_on_statements(&mut self, by: &Actor<'_>, action: Action, target: &Target<'_>) {
        self.depend_on(by.open_keys(action, target));
        if matches!(by.boundary, Cap::Unknown) {
            self.depend_on(["the permissions boundary, which is not known".to_owned()]);
        }
    }

    pub(super) fn depend_on(&mut self, on: impl IntoIterator<Item = String>) {
        let all: BTreeSet<String> = self.depends_on.drain(..).chain(on).collect();
        self.depends_on = all.into_iter().collect();
    }
}
