use std::collections::BTreeSet;

use super::config_rule::Asked;
use super::stake::stake_in;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    AnnounceFindings, Clock, CountedCall, Decision, Deployment, EngineError, FindHolder, Judged, KeepThreats,
    KnowAdministrators, Observe, PagePeople, ReadIam, ResourceName, SendFindings, Summary,
};
use crate::event::{Hint, MarkTouch, Suspect, Trigger};
use crate::facts::{Entity, Need, Resource, ResourceIdentity, ResourceType, Unread, WhyUnread};
use crate::governance::Governance;
use crate::identifier::{Arn, GroupName, IdentifierError, UniqueId};
use crate::remedy::{QUARANTINE_TAG, is_denied};
use crate::rules::{Meta, RULES, RuleId};
use crate::threat::{CLOCKS_DIFFER_BY, Confidence, Grade, Risk, Sign, Threat};
use jiff::Timestamp;

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
            if let Some(why) = self.ignored(trigger) {
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

    fn ignored(&self, trigger: &Trigger) -> Option<String> {
        if trigger.account == self.deployment.account {
            return trigger.ignored.clone();
        }
        Some(format!(
            "it is about account {}, and this deployment governs {}",
            trigger.account, self.deployment.account
        ))
    }

    async fn follow(&self, trigger: &Trigger, hint: &Hint, summary: &mut Summary) -> Result<(), EngineError> {
        let hint = match hint {
            Hint::Mark { of, touch, then } => {
                if !self.counts(trigger, of, *touch).await? {
                    return Ok(());
                }
                then
            }
            hint => hint,
        };
        match hint {
            Hint::Changed { about } => self.judge(trigger, about, &Judging::All, summary).await,
            Hint::Broken { standard, about } => {
                let rules = standing_for(standard);
                let judging = if rules.is_empty() { Judging::All } else { Judging::Only(rules) };
                self.judge(trigger, about, &judging, summary).await
            }
            Hint::Page { sign, said } => self.page(trigger, *sign, said.clone(), None).await,
            // No mark hints at another one.
            Hint::Mark { .. } => Ok(()),
            Hint::Made { about, by, said } => self.made(trigger, about, by, said, summary).await,
            Hint::Threat { sign, about, key, by, severity, said } => {
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
                        self.page(trigger, *sign, said.clone(), by.as_ref()).await
                    }
                    _ => Ok(()),
                };
                let Some(mut live) = live? else {
                    self.lost(trigger, *sign, about, said).await?;
                    return paged;
                };
                let unique_id = live.identity().unique_id().clone();
                if refused
                    && self
                        .ports
                        .count_call(CountedCall::Refused, &unique_id, &trigger.id, trigger.at)
                        .await?
                        < REFUSED_TOO_OFTEN
                {
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
                let new = self.ports.put_threat(&unique_id, &threat).await?;
                self.ports.decided(&Decision::Threatened { resource: live.identity(), threat, new });
                // A flood of refused calls is judged once an hour.
                if refused && !new {
                    return Ok(());
                }
                self.judge_live(trigger, live, needs, &Judging::All, summary).await?;
                paged
            }
        }
    }

    /// Writes down, of whom somebody in quarantine made or armed, that they did; whether that counts, the rule says.
    async fn made(
        &self,
        trigger: &Trigger,
        about: &Suspect,
        by: &Suspect,
        said: &str,
        summary: &mut Summary,
    ) -> Result<(), EngineError> {
        let unreadable = |unread: Unread| super::remediation::unreadable(&unread);
        let Some(maker) = self.live(trigger, by, &TIER_NEEDS.into()).await? else { return Ok(()) };
        let context = self.deployment.context(self.governance, self.ports.now());
        if !is_denied(&maker, &context).map_err(unreadable)? {
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

    /// A key that lies open and whose holder is nobody here may be root's: people look.
    async fn lost(
        &self,
        trigger: &Trigger,
        sign: Sign,
        about: &Suspect,
        said: &str,
    ) -> Result<(), EngineError> {
        match (sign, about) {
            (Sign::KeyExposed | Sign::Detected, Suspect::HolderOf(key)) => {
                let said = format!(
                    "{said} (no user of this account has {key}: it is root's, or deleted, or another's)"
                );
                self.page(trigger, sign, said, None).await
            }
            _ => Ok(()),
        }
    }

    /// Whether what somebody did to the mark counts. What cannot be read hides nothing.
    async fn counts(&self, trigger: &Trigger, of: &Suspect, touch: MarkTouch) -> Result<bool, EngineError> {
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

    /// Tells people what no change to a principal mends, once. What one caller can have them told of again and again is
    /// told a few times an hour, then in sums.
    async fn page(
        &self,
        trigger: &Trigger,
        sign: Sign,
        said: String,
        by: Option<&ResourceIdentity>,
    ) -> Result<(), EngineError> {
        let account = self.deployment.identity()?;
        let whose = UniqueId::of_account(&account.account);
        let resource = ResourceIdentity::Account(account);
        // What is done to the account itself is done to all of it.
        let mut threat = self.threat(trigger, sign, said, Grade::Three);
        threat.by = by.map(|by| by.arn().to_string());
        let known = self.ports.threats_of(&whose).await?;
        if known.iter().any(|known| known.id == threat.id && known.sign == threat.sign) {
            return Ok(());
        }
        if is_bounded(sign) {
            let hour = |at: Timestamp| at.strftime("%Y-%m-%dT%H").to_string();
            let same = |known: &&Threat| {
                is_bounded(known.sign) && known.by == threat.by && hour(known.at) == hour(trigger.at)
            };
            // Those that were sent, and not those that were tried: none may be lost to a page that failed.
            let sent = known.iter().filter(same).count();
            let caller = by.map_or(&whose, ResourceIdentity::unique_id);
            let calls = self.ports.count_call(CountedCall::Paged, caller, &trigger.id, trigger.at).await?;
            let paged = u32::try_from(sent).unwrap_or(u32::MAX);
            if !is_paged(paged, calls) {
                self.ports.decided(&Decision::NotPaged { threat, calls, paged });
                return Ok(());
            }
            let untold = calls.saturating_sub(paged).saturating_sub(1);
            if untold > 0 {
                let at_least = if calls >= MOST_COUNTED { "at least " } else { "" };
                threat.said = format!(
                    "{} ({at_least}{untold} more such calls by the same caller within this hour were not told one by one)",
                    threat.said
                );
            }
        }
        // Told before it is written down: whoever dies in between tells twice rather than never.
        self.ports.page(&format!("Bailiff: {}", threat.sign), &threat.page()).await?;
        let new = self.ports.put_threat(&whose, &threat).await?;
        self.ports.decided(&Decision::Threatened { resource, threat, new });
        Ok(())
    }

    /// What is written down of a sign.
    fn threat(&self, trigger: &Trigger, sign: Sign, said: String, tier: Grade) -> Threat {
        let risk = Risk {
            tier,
            exposure: sign.exposure(),
            anomaly: sign.anomaly(),
            confidence: Confidence::of(sign.confidence(trigger.source)),
        };
        let (id, source, heard) = (trigger.id.clone(), trigger.source, self.ports.now());
        // Nothing is seen before it happens: what is dated ahead would else be answered for ever.
        let at = trigger.at.min(heard);
        Threat { id, source, sign, at, heard, key: None, by: None, said, risk }
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
        Ok(retry)
    }

    /// Whom it is about, as it lives now, with the needed facts. Where nobody is meant any more, the event led to nothing.
    async fn live(
        &self,
        trigger: &Trigger,
        about: &Suspect,
        needs: &BTreeSet<Need>,
    ) -> Result<Option<Resource>, EngineError> {
        let unreadable = |unread: Unread| super::remediation::unreadable(&unread);
        let nobody = |why: String| {
            self.ports.decided(&Decision::Ignored { source: trigger.source, id: trigger.id.clone(), why });
            Ok(None)
        };
        let (name, unique_id) = match about {
            Suspect::User { name, unique_id } => (ResourceName::User(name.clone()), unique_id.clone()),
            Suspect::Role { name, unique_id } => (ResourceName::Role(name.clone()), unique_id.clone()),
            Suspect::HolderOf(key) => match self.ports.holder_of(key).await.map_err(unreadable)? {
                Some(name) => (ResourceName::User(name), None),
                None => return nobody(format!("nobody here has the access key {key}")),
            },
            Suspect::UniqueId(id) => match self.ports.bearer_of(id).await.map_err(unreadable)? {
                Some(name) => (name, Some(id.clone())),
                None => return nobody(format!("there is no {id} in this account")),
            },
            Suspect::Arn(arn) => match self.named(arn) {
                Some(Ok(name)) => (name, None),
                Some(Err(error)) => return nobody(error.to_string()),
                None => return nobody(format!("{arn} is no user, role, group or policy of this account")),
            },
        };
        let Some(live) = self.ports.read(&name, needs).await.map_err(unreadable)? else {
            return nobody("whom it is about is gone".to_owned());
        };
        match unique_id {
            // A key id is never given twice, a name is.
            None if !matches!(about, Suspect::HolderOf(_))
                && created(&live).is_some_and(|created| created > trigger.at + CLOCKS_DIFFER_BY) =>
            {
                nobody(format!("{} was made after it: another had the name", live.identity()))
            }
            Some(meant) if meant != *live.identity().unique_id() => {
                nobody(format!("it is about {meant}, and {} is another by that name", live.identity()))
            }
            _ => Ok(Some(live)),
        }
    }

    /// What an ARN names, if it is of this account and of a kind that is judged one by one.
    fn named(&self, arn: &Arn) -> Option<Result<ResourceName, IdentifierError>> {
        let ours = &self.deployment.quarantine_policy;
        let is_here = arn.account().as_ref() == Some(&self.deployment.account)
            && arn.partition_name() == ours.partition_name();
        if arn.service() != "iam" || !is_here {
            return None;
        }
        match arn.resource().split_once('/')?.0 {
            "user" | "role" => Some(ResourceName::of_principal(arn)),
            "group" => Some(GroupName::parse(arn.name()).map(ResourceName::Group)),
            "policy" => Some(Ok(ResourceName::Policy(arn.clone()))),
            _ => None,
        }
    }
}

/// When it was made, where that is known.
fn created(live: &Resource) -> Option<Timestamp> {
    let created = match live {
        Resource::Entity(Entity::User(user)) => &user.created,
        Resource::Entity(Entity::Role(role)) => &role.created,
        _ => return None,
    };
    created.known().ok().flatten().copied()
}

/// So many refused calls of one principal within an hour are no typing errors.
const REFUSED_TOO_OFTEN: u32 = 20;

/// Whether anybody may have people told of it as often as they like.
fn is_bounded(sign: Sign) -> bool {
    matches!(sign, Sign::LiftedQuarantine | Sign::SetQuarantineTag)
}

/// So many pages a caller brings about within an hour, each for one call.
const PAGES_AN_HOUR: u32 = 5;
/// After those one page once there were so many calls, and one more once there were as many as are counted.
const IN_SUMS: [u32; 2] = [REFUSED_TOO_OFTEN, MOST_COUNTED];
/// As many calls within an hour are told apart.
const MOST_COUNTED: u32 = 50;

/// Whether people are paged where they were so often within the hour, and there were so many calls.
fn is_paged(paged: u32, calls: u32) -> bool {
    let in_sums = paged.checked_sub(PAGES_AN_HOUR).and_then(|sums| usize::try_from(sums).ok());
    in_sums.is_none_or(|sums| IN_SUMS.get(sums).is_some_and(|most| calls >= *most))
}

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
    fn a_caller_is_told_of_a_few_times_an_hour_and_then_in_sums() {
        assert!((0..PAGES_AN_HOUR).all(|paged| is_paged(paged, 1)));
        for (paged, calls, expected) in
            [(5, 6, false), (5, 19, false), (5, 20, true), (6, 49, false), (6, 50, true), (7, 50, false)]
        {
            assert_eq!(is_paged(paged, calls), expected, "{paged} {calls}");
        }
    }

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
