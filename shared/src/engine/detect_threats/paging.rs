//! Telling people at once, and no more often than they can bear.

use jiff::{SignedDuration, Timestamp};

use super::{REFUSED_TOO_OFTEN, ThreatDetector};
use crate::engine::{Clock, CountedCall, Decision, EngineError, KeepThreats, Observe, PagePeople};
use crate::event::{Hint, Suspect, Trigger};
use crate::facts::{Entity, Read, Resource, ResourceIdentity, Unread};
use crate::governance::Mode;
use crate::identifier::UniqueId;
use crate::remedy::is_denied;
use crate::rules::Meta;
use crate::threat::{Grade, Sign, Source, Threat};

/// A finding that still goes on after so long is told anew: of root's there is nothing else that brings it up again.
const PAGED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Whose gravest findings people look at even where nobody is meant any more.
const FROM_AWS: [Source; 2] = [Source::GuardDuty, Source::Health];

/// How often people are paged of what is told again and again.
pub(super) enum Pages {
    /// Each time.
    Each,
    /// A few times an hour for each caller.
    OfTheCaller,
    /// A few times an hour for each of those to whom it is done and each who does it, whatever else the caller brings about.
    Of(ResourceIdentity),
}

impl Pages {
    /// What is the same of all that are counted together, where they are.
    fn bounded(&self) -> Option<&'static str> {
        match self {
            Self::Each => None,
            Self::OfTheCaller => Some("by the same caller"),
            Self::Of(_) => Some("on the same user or role"),
        }
    }
}

impl<P: KeepThreats + PagePeople + Clock + Observe> ThreatDetector<'_, P> {
    /// A key that lies open and whose holder is nobody here may be root's: people look. So they do at the gravest of what
    /// GuardDuty and AWS Health find, such as a sequence of an attack, whoever it was.
    pub(super) async fn lost(
        &self,
        trigger: &Trigger,
        sign: Sign,
        about: &Suspect,
        severity: Option<Grade>,
        said: &str,
    ) -> Result<(), EngineError> {
        match (sign, about) {
            (Sign::KeyExposed | Sign::Detected, Suspect::HolderOf(key)) => {
                let said = format!(
                    "{said} (no user of this account has {key}: it is root's, or deleted, or another's)"
                );
                self.page(trigger, sign, said, None, &Pages::Each).await
            }
            (Sign::Detected, _) if FROM_AWS.contains(&trigger.source) && severity == Some(Grade::Three) => {
                let said = format!("{said} (whom it names is not in this account any more, or never was)");
                self.page(trigger, sign, said, None, &Pages::Each).await
            }
            _ => Ok(()),
        }
    }

    /// Tells people what no change to a principal mends, once. What is [`Pages::bounded`] they are told of a few times an
    /// hour for each of those that it is counted by, then in sums.
    pub(super) async fn page(
        &self,
        trigger: &Trigger,
        sign: Sign,
        said: String,
        by: Option<&ResourceIdentity>,
        pages: &Pages,
    ) -> Result<(), EngineError> {
        let account = self.deployment.identity()?;
        let whose = UniqueId::of_account(&account.account);
        let resource = ResourceIdentity::Account(account);
        // What is done to the account itself is done to all of it.
        let mut threat = trigger.report(sign, said, Grade::Three, self.ports.now());
        let counted_by = match pages {
            Pages::Each | Pages::OfTheCaller => by,
            Pages::Of(whom) => Some(whom),
        };
        let of = counted_by.map(|of| of.arn().to_string());
        let done_to = of.as_ref().map(|of| format!("{of}{BY}"));
        threat.by = match (pages, &done_to) {
            // One who does it for the first time is news, however often others did, and whatever else was done by whom it is
            // done to.
            (Pages::Of(_), Some(done_to)) => Some(format!(
                "{done_to}{}",
                by.map_or_else(|| "somebody".to_owned(), |by| by.arn().to_string())
            )),
            _ => of,
        };
        let known = self.ports.threats_of(&whose).await?;
        let is_this = |known: &&Threat| known.id == threat.id && known.sign == threat.sign;
        let goes_on = |known: &Threat| threat.at.duration_since(known.at) >= PAGED_AGAIN_AFTER;
        if known.iter().filter(is_this).any(|known| !goes_on(known)) {
            return Ok(());
        }
        if let Some(same_as) = pages.bounded() {
            let hour = |at: Timestamp| at.strftime("%Y-%m-%dT%H").to_string();
            // Those that were sent, and not those that were tried: none may be lost to a page that failed.
            let sent = |same: &dyn Fn(&Threat) -> bool| {
                let this_hour = |known: &&Threat| known.sign == sign && hour(known.at) == hour(trigger.at);
                let sent = known.iter().filter(this_hour).filter(|known| same(known)).count();
                u32::try_from(sent).unwrap_or(u32::MAX)
            };
            let counter = counted_by.map_or(&whose, ResourceIdentity::unique_id);
            let kind = CountedCall::Paged { sign, by_it: !matches!(pages, Pages::Of(_)) };
            let counted = self.ports.count_call(kind, counter, &trigger.id, trigger.at).await?;
            let calls = counted.calls;
            let paged = sent(&|known| known.by == threat.by);
            if !is_paged(paged, calls) {
                self.ports.decided(&Decision::NotPaged { threat, calls, paged });
                return Ok(());
            }
            let told = match (pages, &done_to) {
                (Pages::Of(_), Some(done_to)) => {
                    sent(&|known| known.by.as_ref().is_some_and(|by| by.starts_with(done_to)))
                }
                _ => paged,
            };
            let untold = calls.saturating_sub(told).saturating_sub(1);
            if untold > 0 {
                let at_least = if calls >= MOST_COUNTED { "at least " } else { "" };
                threat.said = format!(
                    "{} ({at_least}{untold} more such calls {same_as} within this hour were not told one by one)",
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

    /// Tells people of a changed boundary of somebody who is in quarantine, or may have been for a while. Whoever changed it
    /// is accused of nothing.
    pub(super) async fn tell_of_boundary(
        &self,
        trigger: &Trigger,
        lifted: &Hint,
        of: ResourceIdentity,
    ) -> Result<(), EngineError> {
        let Hint::Threat { sign, said, .. } = lifted else { return Ok(()) };
        let said = format!(
            "{said} ({of} is in quarantine, or was reported of late: if the boundary was its quarantine, this took it off)"
        );
        self.page(trigger, *sign, said, None, &Pages::Of(of)).await
    }

    /// Tells people, once a day, of whom a report counts against and who cannot be judged: no other try changes that, and
    /// nothing is done to whom nothing is known of. Whoever is denied everything is contained for most.
    pub(super) async fn tell_of_uncontained(
        &self,
        meta: &Meta,
        trigger: &Trigger,
        live: &Resource,
        unread: &Unread,
    ) -> Result<(), EngineError> {
        let now = self.ports.now();
        let context = self.deployment.context(self.governance, now);
        let acts = self.governance.rule(meta.id).mode != Mode::Audit;
        // Without the reports nobody knows whether there is one.
        let counts = meta.answers_threats() && unread.read != Read::Threats;
        if !acts || !counts || is_denied(live, &context) == Ok(true) {
            return Ok(());
        }
        let threats = match live {
            Resource::Entity(Entity::User(user)) => user.threats.list(),
            Resource::Entity(Entity::Role(role)) => role.threats.list(),
            _ => return Ok(()),
        };
        let worst = threats.unwrap_or_default().iter().max_by_key(|threat| threat.risk.score());
        let identity = live.identity();
        let said = format!(
            "{identity} was reported and is not contained: {} cannot judge it, for it could not be read: {unread}. Look at \
             what it does, and order its suspension if you would rather be sure",
            meta.id
        );
        let id = format!("not judged {} {} {}", meta.id, identity.unique_id(), now.strftime("%Y-%m-%d"));
        let once = Trigger { id, ..trigger.clone() };
        self.page(&once, worst.map_or(Sign::Detected, |threat| threat.sign), said, None, &Pages::Each).await
    }
}

/// Stands between whom it was done to and who did it.
const BY: &str = " by ";

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
}
