//! The first deny: whoever one report alone brings to be suspended is denied everything before their policies and
//! credentials were read, which takes a dozen calls more.
//!
//! Nothing is done here that the suspension after it would not do. The report is held against who the principal is now,
//! against everything that may stand against an act, and against the least that the principal can come to. Whatever is not
//! clear from that is left to those who look closer: no error of this path is anybody's loss.

use futures_util::future::{join, join3};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::brake::{can_keep, shared_counters};
use super::execution::{OLD_FOR_A_SWITCH, Run, end, written};
use super::relief::Relief;
use super::remediation::{Intent, Remediation};
use super::unanswered::free_with;
use super::{
    Brakes, Clock, Counter, Decision, EngineError, Journal, KeepSwitchedOffKeys, Notify, Novelty, Observe,
    Obstacles, Opened, Outcome, PortError, ReadIam, ResourceName, SharedBrake as _, Stages, Switch as _,
    Used, WriteIam,
};
use crate::event::{Hint, Suspect, Trigger};
use crate::facts::{Entity, Fact, Resource};
use crate::governance::Mode;
use crate::identifier::UniqueId;
use crate::remedy::{
    Cause, Entry, JournalId, Remediator, Step, StepOutcome, deny_first, hexadecimal, is_marked,
};
use crate::rules::{Meta, Proposal, RULES, RuleId, Verdict};
use crate::threat::{Grade, Sign, Threat};

/// All that may stand against a first deny, and what makes it warranted, in one read.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait LookFirst {
    /// Looks at the principal's items, none of which is older than the call.
    async fn first_look(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        report: &Threat,
    ) -> Result<FirstLook, PortError>;
}

/// What one read of the journal's table tells before a first deny.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstLook {
    /// What may stand against any act. An open entry is not read: that there is one `is_taken` tells.
    pub obstacles: Obstacles,
    /// Whether an entry has the principal.
    pub is_taken: bool,
    /// Whether this was reported before, of whatever time.
    pub was_reported: bool,
    /// Whether the last sweep found the principal to be an administrator.
    pub is_administrator: bool,
}

/// A report that may be worth a first deny.
struct Report<'t> {
    about: ResourceName,
    unique_id: &'t UniqueId,
    threat: Threat,
}

impl<
    P: ReadIam
        + WriteIam
        + Brakes
        + Journal
        + Stages
        + LookFirst
        + KeepSwitchedOffKeys
        + Notify
        + Clock
        + Observe,
> Remediation<'_, P>
{
    /// Denies everything to whom an event brings to be suspended by itself. All else is done by those who look closer, and
    /// they are told of the event as well.
    ///
    /// # Errors
    ///
    /// What failed after an entry was opened: the suspension resumes it.
    pub async fn deny_first(&self, triggers: &[Trigger]) -> Result<(), EngineError> {
        let Some(meta) = self.answering() else { return Ok(()) };
        for trigger in triggers {
            if trigger.leads_to_nothing(&self.deployment.account).is_some() {
                continue;
            }
            for report in trigger.hints.iter().filter_map(|hint| self.report(trigger, hint)) {
                match self.answered(meta, report).await? {
                    Ok(entry) => {
                        let outcome = Outcome::Journaled { entry, novelty: Novelty::Fresh };
                        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome) });
                    }
                    Err(why) => {
                        let (source, id) = (trigger.source, trigger.id.clone());
                        self.ports.decided(&Decision::NotFirst { source, id, why });
                    }
                }
            }
        }
        Ok(())
    }

    /// The rule that answers threats by this function, where it acts.
    fn answering(&self) -> Option<&'static Meta> {
        let meta = RULES
            .iter()
            .map(|entry| &entry.meta)
            .find(|meta| meta.answers_threats() && meta.remediator == Some(Remediator::SuspendPrincipal))?;
        let setting = self.governance.rule(meta.id);
        let acts = self.remediator == Remediator::SuspendPrincipal
            && setting.enabled
            && setting.mode == Mode::Enforce;
        acts.then_some(meta)
    }

    /// What a hint reports of somebody who is told by name and by unique id: nobody has to be looked for.
    fn report<'t>(&self, trigger: &Trigger, hint: &'t Hint) -> Option<Report<'t>> {
        let Hint::Threat { sign, about, key, by, severity, said } = hint else { return None };
        // One refused call is no threat, and which one is, is counted elsewhere.
        if *sign == Sign::DeniedAgainAndAgain {
            return None;
        }
        let (about, unique_id) = match about {
            Suspect::User { name, unique_id } => (ResourceName::User(name.clone()), unique_id.as_ref()?),
            Suspect::Role { name, unique_id } => (ResourceName::Role(name.clone()), unique_id.as_ref()?),
            Suspect::HolderOf(_) | Suspect::Arn(_) | Suspect::UniqueId(_) => return None,
        };
        let mut threat = trigger.report(*sign, said.clone(), Grade::One, self.ports.now());
        threat.key.clone_from(key);
        threat.by.clone_from(by);
        threat.risk.anomaly = severity.unwrap_or(threat.risk.anomaly);
        Some(Report { about, unique_id, threat })
    }

    async fn answered(&self, meta: &Meta, report: Report<'_>) -> Result<Result<Entry, String>, EngineError> {
        let read_at = self.ports.now();
        let (intent, used) = match self.warranted(meta, report).await {
            Ok(warranted) => warranted,
            Err(why) => return Ok(Err(why)),
        };
        let now = self.ports.now();
        let id = JournalId::of_act(&intent.cause, &intent.plan, now);
        // Written down as attempted at once: whoever finds it open looks whether it was written. Until when old sessions can
        // live, and who works under a role, the suspension says.
        let mut entry = Entry { attempting: Some(0), aftermath: None, ..self.entry(id, intent, now) };
        let answered = match self.ports.open_using(&entry, &used).await {
            Ok(Ok(Opened::New)) => true,
            Ok(Ok(Opened::Known | Opened::Busy(_))) => return Ok(Err("somebody is at it".to_owned())),
            Ok(Err(_)) => return Ok(Err("a limit of first denies is reached".to_owned())),
            // It may be there all the same, and would keep the suspension waiting.
            Err(error) => match self.ports.entry(&entry.id).await {
                Ok(Some(there)) if !there.is_closed() => false,
                _ => return Ok(Err(error.to_string())),
            },
        };
        // The switch may have been thrown while others appended to the journal.
        if !answered || self.ports.now().duration_since(read_at) > OLD_FOR_A_SWITCH {
            // Nothing was sent yet.
            entry.attempting = None;
            self.run(&mut entry, &Run::Through).await?;
            return Ok(Ok(entry));
        }
        let plan = &entry.plan;
        for (index, step) in plan.steps.iter().enumerate() {
            let result = written(self.ports, &plan.resource, step).await;
            entry.outcomes.push(StepOutcome { index, at: self.ports.now(), result });
        }
        entry.attempting = None;
        end(self.ports, &mut entry).await?;
        Ok(Ok(entry))
    }
    /// What is to be written, where all that is known has it written and nothing stands against it; else why not.
    async fn warranted(&self, meta: &Meta, report: Report<'_>) -> Result<(Intent, Used), String> {
        let Report { about, unique_id, mut threat } = report;
        can_keep(self.ports, self.governance).map_err(|error| error.to_string())?;
        let (found, look) = join(self.ports.find(&about), self.looked(unique_id, meta.id, &threat)).await;
        let look = look.map_err(|error| error.to_string())?;
        let live = found.map_err(|unread| unread.to_string())?.ok_or("whom it is about is not there")?;
        let identity = live.identity();
        if identity.unique_id() != unique_id {
            return Err(format!("it is about {unique_id}, and {identity} is another by that name"));
        }
        if look.was_reported {
            return Err("it was reported before, and may have been answered".to_owned());
        }
        if look.is_taken {
            return Err("an entry has the principal".to_owned());
        }
        if self.may_be_in_quarantine(&live) {
            return Err("the principal may be in quarantine already".to_owned());
        }
        let at = self.ports.now();
        if look.obstacles.held(at).is_some() {
            return Err("a person has undone something of late".to_owned());
        }
        let is_at_stake = look.is_administrator || self.governance.is_platinum(identity.arn());
        threat.risk.tier = if is_at_stake { Grade::Three } else { Grade::One };
        let (cause, step) = self.judged(meta, &live, threat, at)?;
        let proposal = Proposal { steps: vec![step], ..Proposal::default() };
        let intended = self.guarded(&live, cause, Mode::Enforce, None, proposal);
        let Ok(intent) = intended.map_err(|error| error.to_string())? else {
            return Err("nothing is to be done".to_owned());
        };
        let stopped = look.obstacles.orders().against(&intent.cause);
        if let Some(refusal) = intent.refusal.clone().or(stopped) {
            return Err(refusal.to_string());
        }
        if self.governance.approvals_needed(meta.id, &intent.plan, &intent.holders) > 0 {
            return Err("people have to approve it".to_owned());
        }
        let counters = of_first_denies(self.counters(&intent, None, at, &look.obstacles));
        if let Some(full) =
            self.full(&counters, at, &look.obstacles).await.map_err(|error| error.to_string())?
        {
            return Err(format!("the limit `{}` is reached", full.limit));
        }
        Ok((intent, Used { counters, ..Used::default() }))
    }

    /// What the table of the account tells, and what the organisation's does where there is one.
    async fn looked(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        threat: &Threat,
    ) -> Result<FirstLook, PortError> {
        let look = self.ports.first_look(principal, rule, threat);
        let Some(shared) = self.ports.organization() else { return look.await };
        let takes_a_share = self.governance.limits().organization.in_force().take_a_share();
        let population =
            async { if takes_a_share { shared.principals(self.ports.now()).await } else { Ok(None) } };
        let (look, stop, population) = join3(look, shared.stopped(), population).await;
        let mut look = look?;
        look.obstacles.organization_stop = stop?;
        look.obstacles.organization_principals = population?;
        Ok(look)
    }

    /// A limit that is reached of first denies in the organisation, or of the account's own where the organisation has any.
    /// Nothing is stopped over it.
    async fn full(
        &self,
        own: &[Counter],
        at: Timestamp,
        obstacles: &Obstacles,
    ) -> Result<Option<Counter>, PortError> {
        let limits = self.governance.limits().organization.in_force();
        let shared = shared_counters(&limits, at, obstacles.organization_principals);
        let Some(organization) = self.ports.organization().filter(|_| !shared.is_empty()) else {
            return Ok(None);
        };
        match self.ports.full(own).await? {
            Some(full) => Ok(Some(full)),
            None => organization.count(&of_first_denies(shared)).await,
        }
    }

    /// Whether what came with the principal alone shows a quarantine.
    fn may_be_in_quarantine(&self, live: &Resource) -> bool {
        let (tags, boundary) = match live {
            Resource::Entity(Entity::User(user)) => (&user.tags, &user.boundary),
            Resource::Entity(Entity::Role(role)) => (&role.tags, &role.boundary),
            _ => return true,
        };
        let quarantine = &self.deployment.quarantine_policy;
        tags.known().map_or(true, |tags| tags.is_some_and(is_marked))
            || boundary.known().map_or(true, |boundary| boundary == Some(quarantine))
    }

    /// Whether the rule has somebody suspended for this report alone, were they open; why, and by which step.
    fn judged(
        &self,
        meta: &Meta,
        live: &Resource,
        threat: Threat,
        at: Timestamp,
    ) -> Result<(Cause, Step), String> {
        let context = self.deployment.context(self.governance, at);
        let relief =
            Relief::of(self.governance, meta, live, &context).map_err(|unread| unread.to_string())?;
        if let Some(exemption) = relief.exemption() {
            return Err(format!("it is exempt under {}", exemption.ticket));
        }
        let of = of_a_report(live.identity().unique_id(), &threat);
        let alone = Fact::Known(vec![threat]);
        let open = free_with(live, |_| alone).ok_or("it is about no user or role")?;
        let annotation = match self.governance.rule(meta.id).rule.plan(&open, &context) {
            Some(Verdict::NonCompliant((violation, proposal))) if !proposal.steps.is_empty() => {
                format!(
                    "denied everything first, and looked at closer from here on: {}",
                    violation.annotation
                )
            }
            _ => return Err("it does not have the principal suspended by itself".to_owned()),
        };
        let step = deny_first(&live.identity(), &of).map_err(|error| error.to_string())?;
        let step = step.ok_or("it is about no user or role")?;
        Ok((Cause::Rule { rule: meta.id, annotation }, step))
    }
}

/// First denies count by themselves, or they would use up what the suspension after them needs: up to the same limits, and one
/// a day of each principal.
fn of_first_denies(counters: Vec<Counter>) -> Vec<Counter> {
    let own = |counter: Counter| Counter {
        name: format!("first-deny#{}", counter.name),
        most: if counter.of_one_resource { counter.most.min(1) } else { counter.most },
        ..counter
    };
    counters.into_iter().map(own).collect()
}

/// What tells the policy of one report about one principal from all others, and is known to nobody before it is written.
fn of_a_report(principal: &UniqueId, threat: &Threat) -> String {
    let mut hash = Sha256::new();
    let Threat { source, sign, id, heard, .. } = threat;
    for part in [principal.as_str(), &format!("{source:?}"), &format!("{sign:?}"), &heard.to_string(), id] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hexadecimal(hash.finalize().get(..6).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{alice, deployer, threat};
    use crate::threat::Source;

    #[test]
    fn each_report_of_each_principal_has_a_policy_of_its_own() {
        let report = || threat(Sign::Detected, Source::GuardDuty);
        let (alice, deployer) = (alice().identity.unique_id, deployer().identity.unique_id);
        let of = |principal, threat: &Threat| of_a_report(principal, threat);
        let first = of(&alice, &report());
        assert!(first.len() == 12 && first.chars().all(|letter| letter.is_ascii_hexdigit()), "{first}");
        assert_eq!(of(&alice, &report()), first);
        let others = [
            of(&deployer, &report()),
            of(&alice, &Threat { id: "another".to_owned(), ..report() }),
            of(&alice, &Threat { sign: Sign::GrantedAdmin, ..report() }),
            of(&alice, &Threat { source: Source::Macie, ..report() }),
            of(&alice, &Threat { heard: report().heard + SignedDuration::from_nanos(1), ..report() }),
        ];
        assert!(others.iter().all(|other| *other != first), "{others:?}");
    }
}
