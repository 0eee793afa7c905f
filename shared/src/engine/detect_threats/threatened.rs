//! What is made of a sign that somebody is in somebody else's hands.

use std::collections::BTreeSet;

use super::{Judging, REFUSED_TOO_OFTEN, TIER_NEEDS, ThreatDetector};
use crate::engine::remediation::unreadable;
use crate::engine::stake::stake_in;
use crate::engine::{
    AnnounceFindings, Clock, CountedCall, Decision, EngineError, FindHolder, KeepThreats, KnowAdministrators,
    Observe, PagePeople, ReadIam, SendFindings, Summary,
};
use crate::event::{Hint, MarkTouch, Suspect, Trigger};
use crate::facts::{Entity, Need, Resource};
use crate::identifier::AccessKeyId;
use crate::remedy::{QUARANTINE_TAG, is_denied};
use crate::threat::Sign;

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
    /// comes, or `bounded` for each caller.
    pub(super) async fn threatened(
        &self,
        trigger: &Trigger,
        hint: &Hint,
        bounded: bool,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        let Hint::Threat { sign, about, key, by, severity, said } = hint else { return Ok(()) };
        let refused = *sign == Sign::DeniedAgainAndAgain;
        let needs = self.needs_at_first();
        // Most refused calls come to nothing, and take one read.
        let at_once = if refused { BTreeSet::new() } else { needs.clone() };
        let live = self.live(trigger, about, &at_once).await;
        // Whatever comes of it, people look: it is open until it was put back. A page that fails keeps nobody from
        // being answered, and is sent with the next try.
        let paged = match sign {
            Sign::LiftedQuarantine | Sign::SetQuarantineTag => {
                let by = live.as_ref().ok().and_then(Option::as_ref).map(Resource::identity);
                self.page(trigger, *sign, said.clone(), by.as_ref(), bounded).await
            }
            _ => Ok(()),
        };
        let Some(mut live) = live? else {
            self.lost(trigger, *sign, about, said).await?;
            return paged;
        };
        let unique_id = live.identity().unique_id().clone();
        if refused
            && self.ports.count_call(CountedCall::Refused, &unique_id, &trigger.id, trigger.at).await?
                < REFUSED_TOO_OFTEN
        {
            return Ok(());
        }
        if *sign == Sign::TriedDisabledKey && !self.is_off(trigger, &mut live, key.as_ref()).await? {
            return Ok(());
        }
        if refused {
            self.ports.refresh(&mut live, &needs).await;
        }
        let tier = stake_in(self.ports, &live, self.governance).await?;
        let mut threat = self.threat(trigger, *sign, said.clone(), tier);
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
            paged = self.page(&once, *sign, said.clone(), Some(&live.identity()), false).await;
        }
        let new = self.ports.put_threat(&unique_id, &threat).await?;
        self.ports.decided(&Decision::Threatened { resource: live.identity(), threat, new });
        // A flood of refused calls is judged once an hour.
        if refused && !new {
            return Ok(());
        }
        self.judge_live(trigger, live, needs, &Judging::All, summary).await?;
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
        let tier = stake_in(self.ports, &live, self.governance).await?;
        let mut threat = self.threat(trigger, Sign::MadeBySuspended, said.to_owned(), tier);
        threat.by = Some(maker.identity().arn().to_string());
        let new = self.ports.put_threat(live.identity().unique_id(), &threat).await?;
        self.ports.decided(&Decision::Threatened { resource: live.identity(), threat, new });
        self.judge_live(trigger, live, needs, &Judging::All, summary).await
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
}
