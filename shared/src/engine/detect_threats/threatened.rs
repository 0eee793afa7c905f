//! What is made of a sign that somebody is in somebody else's hands.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::paging::Pages;
use super::{Judging, REFUSED_TOO_OFTEN, TIER_NEEDS, ThreatDetector};
use crate::engine::remediation::unreadable;
use crate::engine::stake::stake_in;
use crate::engine::{
    AnnounceFindings, Clock, CountedCall, Decision, EngineError, FindHolder, KeepThreats, KnowAdministrators,
    Observe, PagePeople, PortError, ReadIam, SendFindings, Summary,
};
use crate::event::{Hint, MarkTouch, Suspect, Trigger};
use crate::facts::{Entity, Need, Resource, ResourceIdentity};
use crate::identifier::{AccessKeyId, UniqueId};
use crate::remedy::{BoundaryBefore, QUARANTINE_TAG, boundary_before, is_denied};
use crate::threat::{Grade, Sign, Threat};

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
    /// Writes down what was seen, judges whom it is about, and has people look where the sign asks for it: as often as it
    /// comes, or as often as `pages` says.
    pub(super) async fn threatened(
        &self,
        trigger: &Trigger,
        hint: &Hint,
        pages: &Pages,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        let Hint::Threat { sign, about, key, by, severity, said } = hint else { return Ok(()) };
        let refused = *sign == Sign::DeniedAgainAndAgain;
        // Most refused calls come to nothing: where the event says whose they are, IAM is not asked.
        let told = if refused { about.unique_id() } else { None };
        if let Some(told) = told
            && !self.are_too_many(trigger, told).await?
        {
            return Ok(());
        }
        let needs = self.needs_at_first();
        // Elsewhere they take one read.
        let at_once = if refused { BTreeSet::new() } else { needs.clone() };
        let live = self.live(trigger, about, &at_once).await;
        // Whatever comes of it, people look: it is open until it was put back. A page that fails keeps nobody from
        // being answered, and is sent with the next try.
        let paged = match sign {
            Sign::LiftedQuarantine | Sign::SetQuarantineTag => {
                let by = live.as_ref().ok().and_then(Option::as_ref).map(Resource::identity);
                self.page(trigger, *sign, said.clone(), by.as_ref(), pages).await
            }
            _ => Ok(()),
        };
        let Some(mut live) = live? else {
            self.lost(trigger, *sign, about, *severity, said).await?;
            return paged;
        };
        let unique_id = live.identity().unique_id().clone();
        if refused && told.is_none() && !self.are_too_many(trigger, &unique_id).await? {
            return Ok(());
        }
        if *sign == Sign::TriedDisabledKey && !self.is_off(trigger, &mut live, key.as_ref()).await? {
            return Ok(());
        }
        if refused {
            self.ports.refresh(&mut live, &needs).await;
        }
        let tier = self.stake(&live).await?;
        let mut threat = trigger.report(*sign, said.clone(), tier, self.ports.now());
        threat.key.clone_from(key);
        threat.by.clone_from(by);
        threat.risk.anomaly = severity.unwrap_or(threat.risk.anomaly);
        if refused {
            // One threat an hour, however many calls there are.
            threat.id = format!("refused {}", trigger.at.strftime("%Y-%m-%dT%H"));
        }
        let mut paged = paged;
        if let (Sign::TriedDisabledKey, Some(key)) = (*sign, key) {
            // One page a day of each key, however often it is tried: a program that nobody looks at goes on for years. What
            // is kept of that for ever is one report, of the last time.
            threat.id = format!("tried {}", key.as_str());
            let day = trigger.at.strftime("%Y-%m-%d");
            let once = Trigger { id: format!("{} {day}", threat.id), ..trigger.clone() };
            paged = self.page(&once, *sign, said.clone(), Some(&live.identity()), &Pages::Each).await;
        }
        let new = self.keep(&unique_id, &mut threat).await?;
        self.ports.decided(&Decision::Threatened { resource: live.identity(), threat, new });
        self.judge_live(trigger, live, needs, &Judging::All, summary).await?;
        if refused {
            self.ports.judged_for(CountedCall::Refused, &unique_id, trigger.at).await?;
        }
        paged
    }

    /// Writes down, of whom somebody in quarantine made or armed, that they did; whether that counts, the rule says.
    pub(super) async fn made(
        &self,
        trigger: &Trigger,
        about: &Suspect,
        by: &Suspect,
        said: &str,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        let Some(maker) = self.live(trigger, by, &TIER_NEEDS.into()).await? else { return Ok(()) };
        let context = self.deployment.context(self.governance, self.ports.now());
        if !is_denied(&maker, &context).map_err(|unread| unreadable(&unread))? {
            return Ok(());
        }
        let needs = self.needs_at_first();
        let Some(live) = self.live(trigger, about, &needs).await? else { return Ok(()) };
        if live.identity() == maker.identity() {
            return Ok(());
        }
        let tier = self.stake(&live).await?;
        let mut threat = trigger.report(Sign::MadeBySuspended, said.to_owned(), tier, self.ports.now());
        threat.by = Some(maker.identity().arn().to_string());
        let new = self.keep(live.identity().unique_id(), &mut threat).await?;
        self.ports.decided(&Decision::Threatened { resource: live.identity(), threat, new });
        self.judge_live(trigger, live, needs, &Judging::All, summary).await
    }

    /// Counts a refused call; whether there were too many, and nobody was judged for them yet. A flood of them is judged
    /// once an hour, to the end.
    async fn are_too_many(&self, trigger: &Trigger, principal: &UniqueId) -> Result<bool, PortError> {
        let counted = self.ports.count_call(CountedCall::Refused, principal, &trigger.id, trigger.at).await?;
        Ok(counted.calls >= REFUSED_TOO_OFTEN && !counted.judged)
    }

    async fn stake(&self, live: &Resource) -> Result<Grade, PortError> {
        stake_in(self.ports, live, self.governance, &self.deployment.quarantine_policy).await
    }

    /// Writes a threat down as it is told now, and first heard when it was: by that a person's undo is told from what came
    /// after it. A finding that goes on and is graver than it was is news.
    async fn keep(&self, principal: &UniqueId, threat: &mut Threat) -> Result<bool, EngineError> {
        let known = self.ports.threats_of(principal).await?;
        let is_it =
            |known: &&Threat| known.is_told_again_by(threat) && known.risk.anomaly >= threat.risk.anomaly;
        let told = known.iter().filter(is_it);
        threat.heard = told.map(|known| known.heard).fold(threat.heard, Timestamp::min);
        Ok(self.ports.put_threat(principal, threat).await?)
    }

    /// Whether the key that AWS refused is there and off: whoever comes with one that is on was refused for another reason.
    /// What cannot be read hides nothing.
    async fn is_off(
        &self,
        trigger: &Trigger,
        live: &mut Resource,
        key: Option<&AccessKeyId>,
    ) -> Result<bool, EngineError> {
        self.ports.refresh(live, &[Need::AccessKeys].into()).await;
        let Resource::Entity(Entity::User(user)) = &*live else { return Ok(false) };
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) if unread.why.is_retryable() => return Err(unreadable(unread)),
            Err(_) => return Ok(true),
        };
        let found =
            keys.iter().find(|held| key.is_some_and(|key| held.id.known().ok().flatten() == Some(key)));
        let is_off = found.is_none_or(|held| !held.is_active());
        if !is_off {
            let why = "the key that AWS refused is active, so it was refused for another reason".to_owned();
            self.ports.decided(&Decision::Ignored { source: trigger.source, id: trigger.id.clone(), why });
        }
        Ok(is_off)
    }

    /// Whether what somebody did to the mark counts. What cannot be read hides nothing.
    pub(super) async fn counts(
        &self,
        trigger: &Trigger,
        of: &Suspect,
        touch: MarkTouch,
    ) -> Result<bool, EngineError> {
        let Some(live) = self.live(trigger, of, &TIER_NEEDS.into()).await? else { return Ok(false) };
        let context = self.deployment.context(self.governance, self.ports.now());
        let (counts, why) = match (touch, is_denied(&live, &context)) {
            (MarkTouch::TakenOff, denied) => (denied.unwrap_or(true), "is in no quarantine"),
            (MarkTouch::Set, denied) => (!denied.unwrap_or(false), "is in quarantine already"),
        };
        if !counts {
            let why = format!("`{QUARANTINE_TAG}` alone stops nobody, and {} {why}", live.identity());
            self.ports.decided(&Decision::Ignored { source: trigger.source, id: trigger.id.clone(), why });
        }
        Ok(counts)
    }

    /// What the boundary that somebody put away may have been, and whose it was. What cannot be read hides nothing.
    pub(super) async fn boundary_before(
        &self,
        trigger: &Trigger,
        of: &Suspect,
    ) -> Result<Option<(BoundaryBefore, ResourceIdentity)>, EngineError> {
        let needs = TIER_NEEDS.into_iter().chain([Need::Boundary, Need::Tags, Need::Threats]).collect();
        let Some(live) = self.live(trigger, of, &needs).await? else { return Ok(None) };
        let context = self.deployment.context(self.governance, self.ports.now());
        let before = match boundary_before(&live, &context) {
            Err(unread) if unread.why.is_retryable() => return Err(unreadable(&unread)),
            told => told.unwrap_or(BoundaryBefore::Quarantine),
        };
        Ok(Some((before, live.identity())))
    }
}
