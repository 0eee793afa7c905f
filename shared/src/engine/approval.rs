//! Approvals: what people must agree to before a rule may act, each bound to one plan, for one use, for some days.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Clock, Decision, EngineError, Finding, Journal, Observe, PortError, SendFindings, Stages};
use crate::facts::ResourceIdentity;
use crate::governance::{Approvals, Governance};
use crate::remedy::{Approver, Cause, Entry, JournalId, Refusal, Remediator, Step};
use crate::rules::RuleId;

/// A plan that somebody refused is not asked about again for so long.
const REFUSAL_STANDS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What people are asked about. Each has a request of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Matter {
    /// That a rule acts.
    Rule(RuleId),
    /// That what this entry did is undone by the plan of this fingerprint, though it answered a threat. There may be several
    /// plans: with keys that somebody else may know, and without.
    Undo {
        /// The entry.
        of: JournalId,
        /// The plan's fingerprint.
        plan: String,
    },
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => write!(f, "{rule}"),
            Self::Undo { of, plan } => write!(f, "undo#{of}#{plan}"),
        }
    }
}

/// A plan that waits for people, and what they have said. Silence refuses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRequest {
    /// Changes so far: each is made on the condition that nobody else made one meanwhile.
    pub version: u64,
    /// The entry that asked.
    pub entry: JournalId,
    /// What would be done, and by which rule or after what.
    #[serde(flatten)]
    pub about: Matter,
    /// On what.
    pub resource: ResourceIdentity,
    /// The function that would.
    pub remediator: Remediator,
    /// The plan's fingerprint. Any other plan is asked about anew.
    pub plan: String,
    /// When people were asked.
    pub asked: Timestamp,
    /// Until when their answers count.
    pub expires: Timestamp,
    /// Who has agreed.
    pub approvals: Vec<Approval>,
    /// Who has refused, if anybody has: one is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Approval>,
    /// Refusals of other plans that stand: who asks about something else in between forgets none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<StandingRefusal>,
    /// When it was used. It cannot be used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
}

/// A refusal of a plan, which stands for a while.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StandingRefusal {
    /// The plan's fingerprint.
    pub plan: String,
    /// Until when it stands.
    pub until: Timestamp,
}

/// What one person has said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Who.
    pub by: Approver,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl ApprovalRequest {
    /// Where a plan stands that so many people must approve.
    pub fn consent(
        asked: Option<&Self>,
        plan: &str,
        needed: u8,
        approvals: &Approvals,
        now: Timestamp,
    ) -> Consent {
        let refusals = asked.map(|request| request.standing_refusals(now)).unwrap_or_default();
        if let Some(StandingRefusal { until, .. }) = refusals.into_iter().find(|refusal| refusal.plan == plan)
        {
            return Consent::Refused { until };
        }
        let Some(request) = asked.filter(|request| request.stands(plan, now)) else { return Consent::Ask };
        let people = request.people(approvals);
        if people >= usize::from(needed) { Consent::Given } else { Consent::Waits { people } }
    }

    /// The refusals that stand, of this plan and of those that were asked about before.
    pub fn standing_refusals(&self, now: Timestamp) -> Vec<StandingRefusal> {
        let own =
            self.refused.as_ref().map(|_| StandingRefusal { plan: self.plan.clone(), until: self.expires });
        let all = self.refusals.iter().cloned().chain(own);
        all.filter(|refusal| now < refusal.until).collect()
    }

    /// What an entry asks people that waits for them; `None` for any other. `version` is that of the request before it, and
    /// `refusals` what stands from there.
    pub(super) fn of(
        entry: &Entry,
        about: Matter,
        version: u64,
        refusals: Vec<StandingRefusal>,
        now: Timestamp,
    ) -> Option<Self> {
        let Some(Refusal::AwaitsApproval { plan, expires, .. }) = &entry.refusal else { return None };
        Some(Self {
            version: version.saturating_add(1),
            entry: entry.id.clone(),
            about,
            resource: entry.plan.resource.clone(),
            remediator: entry.remediator,
            plan: plan.clone(),
            asked: now,
            expires: *expires,
            approvals: Vec::new(),
            refused: None,
            refusals,
            used: None,
        })
    }

    /// The same without the word of whoever is named: who asks for something does not agree to it, too.
    #[must_use]
    pub(super) fn without(mut self, requested_by: &str) -> Self {
        self.approvals.retain(|approval| !approval.by.is_named(requested_by));
        self
    }

    /// The same after it was used.
    #[must_use]
    pub fn after_use(self, now: Timestamp) -> Self {
        Self { used: Some(now), ..self }.changed()
    }

    /// The same after an answer, or why it does not count.
    pub fn after_answer(mut self, say: Say, approval: Approval) -> Result<Self, String> {
        if let Some(refusal) = &self.refused {
            return Err(format!("{} refused it at {}", refusal.by.arn, refusal.at));
        }
        match say {
            Say::Refuse => {
                self.expires = approval.at.saturating_add(REFUSAL_STANDS_FOR).unwrap_or(Timestamp::MAX);
                self.refused = Some(approval);
            }
            Say::Approve if self.approvals.iter().any(|given| given.by.person == approval.by.person) => {
                return Err(format!("{} has approved it already; somebody else must", approval.by.person));
            }
            Say::Approve => self.approvals.push(approval),
        }
        Ok(self.changed())
    }

    /// Whether it still asks about this plan, or tells that it was refused.
    pub(super) fn stands(&self, plan: &str, now: Timestamp) -> bool {
        self.plan == plan && self.used.is_none() && (self.asked..self.expires).contains(&now)
    }

    /// How many people have agreed whose word counts. An approver whom the governance file names no more does not.
    pub(super) fn people(&self, approvals: &Approvals) -> usize {
        let may = |approval: &&Approval| approvals.may_approve(&approval.by.arn);
        let people = self.approvals.iter().filter(may).map(|approval| approval.by.person.as_str());
        people.collect::<BTreeSet<_>>().len()
    }

    fn changed(self) -> Self {
        Self { version: self.version.saturating_add(1), ..self }
    }
}

/// Where a plan stands that people must approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nobody is asked about it now: people are to be.
    Ask,
    /// So many have approved it, and more must.
    Waits {
        /// How many have.
        people: usize,
    },
    /// Somebody has refused it.
    Refused {
        /// Until when that stands.
        until: Timestamp,
    },
    /// As many as must have approved it.
    Given,
}

/// A person's answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// The entry that asks.
    pub journal_id: JournalId,
    /// The plan's fingerprint, as the notice shows it: whoever answers has seen this very plan.
    pub plan: String,
    /// What they say.
    pub answer: Say,
    /// Why.
    pub reason: String,
}

/// What an approver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Say {
    /// The plan may be carried out.
    Approve,
    /// It may not.
    Refuse,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The entry that asked.
    pub entry: JournalId,
    /// How many people have agreed.
    pub approved: usize,
    /// How many must.
    pub needed: u8,
    /// Whether somebody has refused.
    pub refused: bool,
    /// Until when the rest may answer, or the refusal stands.
    pub until: Timestamp,
}

/// Takes people's answers.
pub struct Approving<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file, which says who may answer.
    pub governance: &'a Governance,
}

impl<P: Journal + Stages + SendFindings + Clock + Observe> Approving<'_, P> {
    /// Writes an answer down; with the last that is needed the rule gets its finding again.
    pub async fn answer(&self, by: Approver, answer: Answer) -> Result<Answered, EngineError> {
        let refuse = |why: String| Err(EngineError::Permanent(why));
        if answer.reason.trim().is_empty() {
            return refuse("`reason` is empty; say it for the record".to_owned());
        }
        if !self.governance.approvals().may_approve(&by.arn) {
            return refuse(format!("{} is none of `approvals.approvers` in the governance file", by.arn));
        }
        let Some(entry) = self.ports.entry(&answer.journal_id).await? else {
            return refuse(format!("there is no journal entry `{}`", answer.journal_id));
        };
        let Entry { cause, plan, refusal, .. } = entry;
        let Some(Refusal::AwaitsApproval { plan: asked_about, needed: asked_for, .. }) = refusal else {
            return refuse(format!("entry `{}` asks nobody", answer.journal_id));
        };
        let about = match &cause {
            Cause::Rule { rule, .. } => Matter::Rule(*rule),
            Cause::Undo { of, requested_by, .. } if by.is_named(requested_by) => {
                return refuse(format!(
                    "{} asks for the undo of {of}; somebody else must approve it",
                    by.arn
                ));
            }
            Cause::Undo { of, .. } => Matter::Undo { of: of.clone(), plan: asked_about },
            Cause::Order { .. } => return refuse(format!("entry `{}` asks nobody", answer.journal_id)),
        };
        if by.is(&plan.resource) {
            return refuse(format!("{} is whom the plan is about", by.arn));
        }
        let now = self.ports.now();
        let request = self.ports.request(plan.resource.unique_id(), &about).await?;
        let Some(request) = request.filter(|request| request.entry == answer.journal_id) else {
            return refuse(format!("entry `{}` asks nobody, or no more", answer.journal_id));
        };
        if answer.plan != request.plan {
            return refuse(format!(
                "the plan of entry `{}` has the fingerprint {}, and the answer is about another one",
                request.entry, request.plan
            ));
        }
        if !request.stands(&answer.plan, now) {
            return refuse(format!("entry `{}` asks no more: it expired or was carried out", request.entry));
        }
        let approval = Approval { by: by.clone(), at: now, reason: answer.reason.clone() };
        let request = match request.after_answer(answer.answer, approval) {
            Ok(request) => request,
            Err(why) => return refuse(why),
        };
        if !self.ports.put_request(&request).await? {
            return Err(EngineError::Retry("somebody else answered at the same moment".to_owned()));
        }
        let needed = match about {
            Matter::Rule(rule) => {
                let needed = self.governance.approvals_needed(rule, &plan, &BTreeSet::new());
                // Who has the policy that it is about was read when people were asked.
                let takes = plan.steps.iter().any(Step::takes_from_holders);
                if takes { needed.max(asked_for) } else { needed }
            }
            Matter::Undo { .. } => self.governance.approvals_needed_to_undo(&plan),
        };
        let approved = request.people(self.governance.approvals());
        // Whoever wants the undo gives it again: nobody here may ask for it in their place.
        if request.refused.is_none()
            && approved >= usize::from(needed)
            && let Cause::Rule { rule, annotation } = cause
        {
            self.go_on(&request, rule, annotation, now).await?;
        }
        let ApprovalRequest { entry, resource, refused, expires: until, .. } = request;
        let answered = Answered { entry, approved, needed, refused: refused.is_some(), until };
        let reason = answer.reason;
        self.ports.decided(&Decision::Answered { by, about, resource, reason, answered: answered.clone() });
        Ok(answered)
    }

    /// That it cannot be sent is no loss: the next sweep finds the violation again.
    async fn go_on(
        &self,
        request: &ApprovalRequest,
        rule: RuleId,
        annotation: String,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let occasion = format!("approval {} {}", request.entry, request.version);
        let finding = Finding::new(rule, request.resource.clone(), annotation, &occasion, now);
        self.ports.send(&finding, request.remediator).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, days, now};

    const PLAN: &str = "0123";

    fn request() -> ApprovalRequest {
        ApprovalRequest {
            version: 1,
            entry: JournalId::try_from("20261122t090000-0123456789ab".to_owned()).unwrap(),
            about: Matter::Rule(RuleId::parse("access-key-age").unwrap()),
            resource: ResourceIdentity::User(alice().identity),
            remediator: Remediator::DeactivateAccessKeys,
            plan: PLAN.to_owned(),
            asked: now(),
            expires: now() + days(7),
            approvals: Vec::new(),
            refused: None,
            refusals: Vec::new(),
            used: None,
        }
    }

    fn refused() -> ApprovalRequest {
        let by = Approver::of("arn:aws:iam::111122223333:user/security/ada").unwrap();
        let refusal = Approval { by, at: now(), reason: "not now".to_owned() };
        request().after_answer(Say::Refuse, refusal).unwrap()
    }

    #[test]
    fn each_matter_has_a_request_of_its_own_under_the_name_that_earlier_versions_wrote() {
        let of = request().entry;
        let undo = |plan: &str| Matter::Undo { of: of.clone(), plan: plan.to_owned() };
        let names = [request().about, undo("0123"), undo("4567")].map(|matter| matter.to_string());
        assert_eq!(
            names,
            [
                "access-key-age",
                "undo#20261122t090000-0123456789ab#0123",
                "undo#20261122t090000-0123456789ab#4567"
            ]
        );
    }

    #[test]
    fn a_refusal_stands_until_its_time_and_from_then_on_people_are_asked_again() {
        let consent = |asked: &ApprovalRequest, plan, after| {
            ApprovalRequest::consent(Some(asked), plan, 1, &Approvals::default(), now() + after)
        };
        let until = now() + days(30);
        let moment = SignedDuration::from_secs(1);
        let before = ApprovalRequest {
            refusals: vec![StandingRefusal { plan: "4567".to_owned(), until }],
            ..request()
        };
        for (asked, plan) in [(refused(), PLAN), (before, "4567")] {
            assert_eq!(consent(&asked, plan, days(30) - moment), Consent::Refused { until }, "{plan}");
            assert_eq!(consent(&asked, plan, days(30)), Consent::Ask, "{plan}");
            assert_eq!(consent(&asked, "89ab", days(1)), Consent::Ask, "another plan");
        }
    }
}
