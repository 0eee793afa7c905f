mod granted;
mod paging;
mod suspected;
mod threatened;

use std::collections::BTreeSet;

use super::config_rule::Asked;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    AnnounceFindings, Clock, Decision, Deployment, EngineError, FindHolder, Judged, KeepThreats,
    KnowAdministrators, Observe, PagePeople, ReadIam, SendFindings, Summary,
};
use crate::event::{Hint, Suspect, Trigger};
use crate::facts::{Need, Resource, ResourceType, Unread, WhyUnread};
use crate::governance::Governance;
use crate::remedy::BoundaryBefore;
use crate::rules::{Meta, RULES, RuleId};
use paging::Pages;

/// Takes what detectors and CloudTrail tell, looks at the live state of whom it is about, and sends what it finds to
/// the remediators. It writes down what was reported, and changes nothing.
pub struct ThreatDetector<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

/// What is judged of somebody.
enum Judging {
    /// Every rule.
    All,
    /// Those that stand for somebody else's rule.
    Only(BTreeSet<RuleId>),
}

impl<
    P: ReadIam
        + FindHolder
        + KeepThreats
        + KnowAdministrators
        + PagePeople
        + SendFindings
        + AnnounceFindings
        + Clock
        + Observe,
> ThreatDetector<'_, P>
{
    /// Handles all that one event tells; handled again, it comes to the same. One hint that fails keeps no other from
    /// being followed; all are followed again.
    pub async fn detect(&self, triggers: &[Trigger], summary: &mut Summary) -> Result<(), EngineError> {
        let mut failed = None;
        for trigger in triggers {
            if let Some(why) = trigger.leads_to_nothing(&self.deployment.account) {
                self.ports.decided(&Decision::Ignored {
                    source: trigger.source,
                    id: trigger.id.clone(),
                    why,
                });
                continue;
            }
            for hint in &trigger.hints {
                if let Err(error) = self.follow(trigger, hint, summary).await {
                    failed = Some(worse(failed, error));
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn follow(&self, trigger: &Trigger, hint: &Hint, summary: &mut Summary) -> Result<(), EngineError> {
        // AWS says yes to the mark's being taken off or set again and again, and to another boundary in the place of the last;
        // what takes another deny off can be done but once.
        let (hint, pages) = match hint {
            Hint::Mark { of, touch, then } => {
                if !self.counts(trigger, of, *touch).await? {
                    return Ok(());
                }
                (&**then, Pages::OfTheCaller)
            }
            Hint::Boundary { of, then, otherwise } => {
                let before = self.boundary_before(trigger, of).await?;
                if let Some((BoundaryBefore::Quarantine, whom)) = before {
                    (&**then, Pages::Of(whom))
                } else {
                    let told = match before {
                        Some((BoundaryBefore::Unclear, whom)) => {
                            self.tell_of_boundary(trigger, then, whom).await
                        }
                        _ => Ok(()),
                    };
                    if let Some(otherwise) = otherwise {
                        self.threatened(trigger, otherwise, &Pages::Each, summary).await?;
                    }
                    return told;
                }
            }
            Hint::Granted { what, then } => {
                if !self.makes_an_administrator(trigger, what, then).await? {
                    return Ok(());
                }
                (&**then, Pages::Each)
            }
            hint => (hint, Pages::Each),
        };
        match hint {
            Hint::Changed { about } => self.judge(trigger, about, &Judging::All, summary).await,
            Hint::Broken { standard, about } => {
                let rules = standing_for(standard);
                let judging = if rules.is_empty() { Judging::All } else { Judging::Only(rules) };
                self.judge(trigger, about, &judging, summary).await
            }
            Hint::Page { sign, said } => self.page(trigger, *sign, said.clone(), None, &Pages::Each).await,
            // None of these hints at another one.
            Hint::Mark { .. } | Hint::Boundary { .. } | Hint::Granted { .. } => Ok(()),
            Hint::Made { about, by, said } => self.made(trigger, about, by, said, summary).await,
            Hint::Threat { .. } => self.threatened(trigger, hint, &pages, summary).await,
        }
    }

    async fn judge(
        &self,
        trigger: &Trigger,
        about: &Suspect,
        judging: &Judging,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        match self.live(trigger, about, &BTreeSet::new()).await? {
            Some(live) => self.judge_live(trigger, live, BTreeSet::new(), judging, summary).await,
            None => Ok(()),
        }
    }

    /// What tells how much is at stake, and whether a threat is to be answered; what was reported is read once this
    /// event's is written down.
    fn needs_at_first(&self) -> BTreeSet<Need> {
        let answering = RULES
            .iter()
            .map(|entry| &entry.meta)
            .filter(|meta| meta.answers_threats() && self.governance.rule(meta.id).enabled);
        let needs = answering.flat_map(|meta| meta.needs).copied().chain(TIER_NEEDS);
        needs.filter(|need| is_cheap(*need) && *need != Need::Threats).collect()
    }

    /// Judges somebody by every rule that a look at one resource can settle; what is `read` is not read again. What
    /// answers threats comes first: it needs the fewest facts, and its findings wait for no others.
    async fn judge_live(
        &self,
        trigger: &Trigger,
        mut live: Resource,
        mut read: BTreeSet<Need>,
        judging: &Judging,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        let kind = live.kind();
        let is_asked = |meta: &Meta| match judging {
            Judging::All => true,
            Judging::Only(rules) => rules.contains(&meta.id),
        };
        let asked = RULES.iter().map(|entry| &entry.meta).filter(|meta| {
            meta.applies_to.contains(&kind) && self.governance.rule(meta.id).enabled && is_asked(meta)
        });
        let (first, then): (Vec<&Meta>, Vec<&Meta>) = asked.partition(|meta| meta.answers_threats());
        let mut retry = None;
        for rules in [first, then] {
            let mut needs: BTreeSet<Need> = rules.iter().flat_map(|meta| meta.needs).copied().collect();
            needs.retain(|need| is_cheap(*need) && !read.contains(need));
            self.ports.refresh(&mut live, &needs).await;
            read.append(&mut needs);
            for meta in rules {
                retry = self.judge_by(meta, trigger, &live, summary).await?.or(retry);
            }
        }
        retry.map_or(Ok(()), Err)
    }

    /// Judges somebody by one rule, and says what may go better later.
    async fn judge_by(
        &self,
        meta: &Meta,
        trigger: &Trigger,
        live: &Resource,
        summary: &mut Summary,
    ) -> Result<Option<EngineError>, EngineError> {
        let asked = Asked { id: meta.id, rule: None };
        let judgement = judge_by(&asked, self.governance, self.deployment, live, self.ports.now());
        let retry = match &judgement.judged {
            // Only a sweep can tell.
            Judged::Unknown { unread } if is_for_a_sweep(unread) => return Ok(None),
            Judged::Unknown { unread } if unread.why.is_retryable() => {
                Some(EngineError::Retry(format!("{}: {unread}", meta.id)))
            }
            _ => None,
        };
        // A finding that goes on is a new occasion.
        let name = format!("{} {} {}", trigger.source, trigger.id, trigger.at);
        let occasion = Occasion { name: &name, at: trigger.at, tells: true, sweep: false };
        conclude(self.ports, self.deployment, &asked, live, &judgement, &occasion, summary).await?;
        let untold = match &judgement.judged {
            Judged::Unknown { unread } if retry.is_none() => {
                self.tell_of_uncontained(meta, trigger, live, unread).await.err()
            }
            _ => None,
        };
        Ok(retry.or(untold))
    }
}

/// So many refused calls of one principal within an hour are no typing errors.
const REFUSED_TOO_OFTEN: u32 = 20;

/// What tells how powerful somebody is, as far as one look does, and whether they are denied everything.
const TIER_NEEDS: [Need; 2] = [Need::AttachedPolicies, Need::InlinePolicies];

/// What an event can be about.
pub(super) const LOOKED_UP: [ResourceType; 4] =
    [ResourceType::User, ResourceType::Role, ResourceType::Group, ResourceType::Policy];

/// Whether reading it of one resource takes seconds: a report on the use of services takes a job of minutes.
pub(super) fn is_cheap(need: Need) -> bool {
    need != Need::ServiceUse
}

/// Whether nothing but a sweep tells it.
fn is_for_a_sweep(unread: &Unread) -> bool {
    unread.why == WhyUnread::NotRead
}

/// Our rules that stand for somebody else's, by the identifier of an AWS managed Config rule or by a control.
fn standing_for(standard: &str) -> BTreeSet<RuleId> {
    let stands = |meta: &&Meta| meta.stands_for.contains(&standard) || meta.controls.contains(&standard);
    RULES.iter().map(|entry| &entry.meta).filter(stands).map(|meta| meta.id).collect()
}

/// Of two failures the one that is worth another try.
fn worse(first: Option<EngineError>, second: EngineError) -> EngineError {
    match first {
        Some(first @ EngineError::Retry(_)) => first,
        Some(EngineError::Permanent(_)) | None => second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_others_lead_to_ours() {
        let ids = |standard| standing_for(standard).into_iter().map(RuleId::as_str).collect::<Vec<_>>();
        assert_eq!(ids("ACCESS_KEYS_ROTATED"), ["access-key-age"]);
        assert!(ids("SecurityHub:IAM.3").contains(&"access-key-age"));
        assert!(ids("S3_BUCKET_PUBLIC_READ_PROHIBITED").is_empty());
    }

    #[test]
    fn what_may_go_better_later_is_not_buried_by_what_never_will() {
        let retry = || EngineError::Retry("later".to_owned());
        let never = || EngineError::Permanent("never".to_owned());
        assert_eq!(worse(None, never()), never());
        assert_eq!(worse(Some(retry()), never()), retry());
        assert_eq!(worse(Some(never()), retry()), retry());
    }
}
