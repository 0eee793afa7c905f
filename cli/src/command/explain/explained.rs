use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::engine::{Decision, Finding, Judged, Outcome};
use shared::event::{Hint, Trigger};
use shared::facts::ResourceIdentity;
use shared::governance::Mode;
use shared::identifier::{AccountId, UniqueId};
use shared::rules::RuleId;
use shared::threat::{Sign, Threat};
use sim::{Delivery, Local};

use crate::report::Foretold;

/// All that was explained.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) account: AccountId,
    /// The moment at which it is judged.
    pub(super) at: Timestamp,
    pub(super) explained: Vec<Explained>,
    /// Of whom there are threats and no word in the account file.
    pub(super) not_in_the_file: BTreeSet<UniqueId>,
}

/// An event, or the stored threats of a principal, and what follows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Explained {
    /// The event's file, or the principal's ARN.
    pub(super) of: String,
    /// Why it leads to nothing, as far as it does.
    pub(super) ignored: Vec<String>,
    pub(super) threats: Vec<Reported>,
    /// What people are paged with.
    pub(super) pages: Vec<String>,
    /// What the rules that answer threats say, and what would be done.
    pub(super) answers: Vec<Answer>,
    /// Other rules that find something on the same, or cannot tell.
    pub(super) also: Vec<Also>,
    /// Why it could not be followed, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// A threat with what it is worth.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reported {
    /// Whom it is about, by ARN; what is the account's own, by its id.
    pub(super) about: String,
    /// From 1 to 10.
    pub(super) score: u8,
    #[serde(flatten)]
    pub(super) threat: Threat,
}

/// A rule's answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) rule: RuleId,
    pub(super) about: String,
    pub(super) mode: Mode,
    pub(super) parameters: Value,
    #[serde(flatten)]
    pub(super) judged: Judged,
    /// What it says by other parts of the event, where that is something else: each is judged as it stands then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) otherwise: Vec<Judged>,
    /// What would be done, or why it would not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<Foretold>,
    /// Why nothing is to be done, where there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nothing: Option<String>,
}

/// Another rule's verdict.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Also {
    pub(super) rule: RuleId,
    pub(super) about: String,
    #[serde(flatten)]
    pub(super) judged: Judged,
}

impl Report {
    /// Whether something waits for somebody: a threat that a rule finds, or one that could not be judged.
    pub(super) fn is_open(&self) -> bool {
        self.explained.iter().any(|explained| {
            explained.error.is_some()
                || !explained.pages.is_empty()
                || explained.answers.iter().any(|answer| {
                    matches!(answer.judged, Judged::NonCompliant { .. } | Judged::Unknown { .. })
                })
        })
    }
}

impl Explained {
    /// What came of an event.
    pub(super) fn of_event(name: String, triggers: &[Trigger], delivery: &Delivery, local: &Local) -> Self {
        let mut explained = Self::of(name, delivery, local);
        explained.pages = local.world.take_pages().into_iter().map(|page| page.text).collect();
        for decision in &delivery.decisions {
            match decision {
                Decision::Threatened { resource, threat, .. } => {
                    explained.threats.push(Reported::of(resource, threat));
                }
                Decision::Ignored { why, .. } => explained.ignored.push(why.clone()),
                _ => {}
            }
        }
        let hints = || triggers.iter().flat_map(|trigger| &trigger.hints);
        let refused =
            hints().any(|hint| matches!(hint, Hint::Threat { sign: Sign::DeniedAgainAndAgain, .. }));
        if refused && explained.threats.is_empty() && explained.ignored.is_empty() {
            let why = "one call that AWS refused is no threat; twenty of one principal within an hour are";
            explained.ignored.push(why.to_owned());
        }
        if hints().next().is_none() && explained.ignored.is_empty() {
            explained.ignored.push("it tells of nothing that Bailiff follows".to_owned());
        }
        explained
    }

    /// What is made of the threats that are kept of a principal.
    pub(super) fn of_stored(
        identity: &ResourceIdentity,
        threats: &[Threat],
        delivery: &Delivery,
        local: &Local,
    ) -> Self {
        let mut explained = Self::of(identity.arn().to_string(), delivery, local);
        explained.threats = threats.iter().map(|threat| Reported::of(identity, threat)).collect();
        explained
    }

    fn of(of: String, delivery: &Delivery, local: &Local) -> Self {
        let (mut answers, mut also) = (Vec::<Answer>::new(), Vec::<Also>::new());
        for decision in &delivery.decisions {
            let Decision::Judged { rule, resource, judged, .. } = decision else { continue };
            let about = resource.arn().to_string();
            let answers_threats =
                shared::rules::find(*rule).is_some_and(|entry| entry.meta.answers_threats());
            if answers_threats {
                match answers.iter_mut().find(|answer| answer.rule == *rule && answer.about == about) {
                    Some(answer) => answer.hear(judged),
                    None => answers.push(Answer::of(*rule, resource, judged, delivery, local)),
                }
            } else if !matches!(judged, Judged::Compliant | Judged::NotApplicable { .. })
                && !also
                    .iter()
                    .any(|other| other.rule == *rule && other.about == about && other.judged == *judged)
            {
                also.push(Also { rule: *rule, about, judged: judged.clone() });
            }
        }
        Self {
            of,
            ignored: Vec::new(),
            threats: Vec::new(),
            pages: Vec::new(),
            answers,
            also,
            error: delivery.evaluated.as_ref().err().map(ToString::to_string),
        }
    }
}

impl Reported {
    fn of(resource: &ResourceIdentity, threat: &Threat) -> Self {
        // An account's ARN is its root user's, who may have done none of it.
        let about = match resource {
            ResourceIdentity::Account(account) => format!("account {}", account.account),
            principal => principal.arn().to_string(),
        };
        Self { about, score: threat.risk.score(), threat: threat.clone() }
    }
}

/// The more it asks of somebody, the higher.
fn weight(judged: &Judged) -> u8 {
    match judged {
        Judged::NonCompliant { .. } => 4,
        Judged::Unknown { .. } => 3,
        Judged::Exempt { .. } => 2,
        Judged::Compliant => 1,
        Judged::NotApplicable { .. } => 0,
    }
}

impl Answer {
    /// Takes in what it says by another part of the event. What asks most of somebody stands first.
    fn hear(&mut self, judged: &Judged) {
        if self.judged == *judged || self.otherwise.contains(judged) {
            return;
        }
        let other = if weight(judged) > weight(&self.judged) {
            std::mem::replace(&mut self.judged, judged.clone())
        } else {
            judged.clone()
        };
        self.otherwise.push(other);
    }

    fn of(
        rule: RuleId,
        resource: &ResourceIdentity,
        judged: &Judged,
        delivery: &Delivery,
        local: &Local,
    ) -> Self {
        let setting = local.governance.rule(rule);
        let outcomes = || {
            let is_its = |finding: &Finding| finding.rule == rule && finding.resource == *resource;
            delivery.findings.iter().filter(move |it| is_its(&it.finding)).map(|it| &it.outcome)
        };
        // Of several findings the one under which something is done.
        let journaled = outcomes().find(|outcome| matches!(outcome, Outcome::Journaled { .. }));
        let (plan, nothing) = match journaled.or_else(|| outcomes().next()) {
            Some(Outcome::Journaled { entry, .. }) => {
                (Some(Foretold::of(entry, &local.deployment.stack)), None)
            }
            Some(Outcome::NothingToDo { why, .. }) => (None, Some(why.clone())),
            None => (None, None),
        };
        Self {
            rule,
            about: resource.arn().to_string(),
            mode: setting.mode,
            parameters: setting.rule.parameters(),
            judged: judged.clone(),
            otherwise: Vec::new(),
            plan,
            nothing,
        }
    }
}
