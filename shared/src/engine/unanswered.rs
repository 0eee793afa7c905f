//! What speaks against somebody who is denied everything already: nobody has to answer it, and whoever takes the denial off
//! must know of it.

use jiff::Timestamp;

use super::lineage::UNDONE_AT_MOST;
use super::{AlreadyContained, Deployment, EngineError, Journal, PortError};
use crate::facts::{Entity, Fact, Resource, Role, Unread, User};
use crate::governance::Governance;
use crate::identifier::UniqueId;
use crate::remedy::{Aftermath, Denial, Entry, Plan, takes_denial_off};
use crate::rules::{RuleId, Verdict};
use crate::threat::{Sign, Threats};

/// The rule that suspends whom a threat speaks against.
const THREATENED: &str = "principal-threatened";

/// Whether a plan takes off what denies somebody everything, or the mark of it.
pub(super) fn lifts_denial(plan: &Plan, deployment: &Deployment) -> bool {
    plan.steps.iter().any(|step| takes_denial_off(step, &deployment.quarantine_policy))
}

/// Entries over threats that found their principal denied everything already and stand still, and those of them that nobody
/// can read. Whichever denial it was they found: somebody may have taken it off by hand since, and a rule have made another.
#[derive(Default)]
pub(super) struct Since {
    pub(super) entries: Vec<Entry>,
    /// When the last of them was written down.
    pub(super) last: Option<Timestamp>,
}

impl Since {
    pub(super) async fn of<P: Journal>(ports: &P, principal: &UniqueId) -> Result<Self, EngineError> {
        let mut since = Self::default();
        for (contained, entry) in standing(ports, principal).await? {
            since.last = since.last.max(Some(contained.at));
            since.entries.extend(entry);
        }
        Ok(since)
    }

    /// Whether there are any.
    pub(super) fn is_any(&self) -> bool {
        self.last.is_some()
    }

    /// Whether there are any that whoever was asked then could not know of; without a time, whether there are any.
    pub(super) fn is_any_after(&self, asked: Option<Timestamp>) -> bool {
        self.last.is_some_and(|last| asked.is_none_or(|asked| last > asked))
    }
}

/// Remembers of an entry over a threat that it stands on a denial which others made.
pub(super) async fn remember_contained<P: Journal>(ports: &P, entry: &Entry) -> Result<(), PortError> {
    let contained = AlreadyContained::by(entry, entry.opened);
    ports.put_contained(entry.plan.resource.unique_id(), &contained).await
}

/// Whether an entry over a threat was planned for somebody who is denied everything already.
pub(super) fn planned_for_the_denied(entry: &Entry) -> bool {
    let in_force = |aftermath: &Aftermath| aftermath.denial == Denial::InForce;
    entry.cause.answers_threat() && entry.aftermath.as_ref().is_some_and(in_force)
}

/// Remembers that an undo which ended everybody's denial of a principal did so in the knowledge of what stood on it: of what
/// was there when people were asked.
pub(super) async fn remember_lifted<P: Journal>(
    ports: &P,
    undo: &Entry,
    asked: Timestamp,
) -> Result<(), PortError> {
    let principal = undo.plan.resource.unique_id();
    for (contained, _) in standing(ports, principal).await?.into_iter().filter(|(it, _)| it.at <= asked) {
        let lifted = AlreadyContained { lifted_by: Some(undo.id.clone()), ..contained };
        ports.put_contained(principal, &lifted).await?;
    }
    Ok(())
}

/// What stands on a principal's denial, each with its entry if there is such.
async fn standing<P: Journal>(
    ports: &P,
    principal: &UniqueId,
) -> Result<Vec<(AlreadyContained, Option<Entry>)>, PortError> {
    let mut standing = Vec::new();
    for contained in ports.contained(principal).await? {
        if contained.boundary.is_some() || is_lifted(ports, &contained).await? {
            continue;
        }
        match ports.entry(&contained.entry).await? {
            Some(entry) if !stands(ports, &entry).await? => {}
            entry => standing.push((contained, entry)),
        }
    }
    Ok(standing)
}

async fn is_lifted<P: Journal>(ports: &P, contained: &AlreadyContained) -> Result<bool, PortError> {
    let Some(by) = &contained.lifted_by else { return Ok(false) };
    let Some(undo) = ports.entry(by).await? else { return Ok(false) };
    stands(ports, &undo).await
}

/// Whether what an entry did is so still, as far as undos go: an undo that was undone itself undid nothing.
async fn stands<P: Journal>(ports: &P, entry: &Entry) -> Result<bool, PortError> {
    let (mut stands, mut undone_by) = (true, entry.undone_by.clone());
    for _ in 0..UNDONE_AT_MOST {
        let Some(undo) = undone_by else { return Ok(stands) };
        stands = !stands;
        undone_by = ports.entry(&undo).await?.and_then(|undo| undo.undone_by);
    }
    // Who can tell: a second person.
    Ok(true)
}

/// Whether a threat that is kept would have the principal suspended or shown to people, were it not denied everything: one
/// reported since it is, or shortly before. That it is refused again and again is no news of whoever is denied everything.
///
/// # Errors
///
/// What could not be read and hides the answer.
pub(super) fn is_threatened(
    live: &Resource,
    denied_since: Timestamp,
    governance: &Governance,
    deployment: &Deployment,
) -> Result<bool, Unread> {
    let Some(free) = undenied(live, denied_since) else { return Ok(false) };
    let Ok(id) = RuleId::parse(THREATENED) else { return Ok(false) };
    let context = deployment.context(governance, denied_since);
    match governance.rule(id).rule.judge(&free, &context) {
        None | Some(Verdict::Compliant) => Ok(false),
        Some(Verdict::NonCompliant(_)) => Ok(true),
        Some(Verdict::Unknown(unread)) => Err(unread),
    }
}

/// The same principal without anything that denies or could be switched off, and with those reports alone that tell of
/// something new of whoever is denied everything since then.
fn undenied(live: &Resource, since: Timestamp) -> Option<Resource> {
    free_with(live, |threats| telling(threats, since))
}

/// The same principal without anything that denies or could be switched off, and with these reports of it.
pub(super) fn free_with(
    live: &Resource,
    threats: impl FnOnce(Fact<Threats>) -> Fact<Threats>,
) -> Option<Resource> {
    let Resource::Entity(entity) = live else { return None };
    let free = match entity.clone() {
        Entity::User(user) => Entity::User(Box::new(User {
            attached_policies: Fact::Absent,
            inline_policies: Fact::Absent,
            boundary: Fact::Absent,
            access_keys: Fact::Absent,
            login_profile: Fact::Absent,
            ssh_public_keys: Fact::Absent,
            service_specific_credentials: Fact::Absent,
            signing_certificates: Fact::Absent,
            threats: threats(user.threats),
            ..*user
        })),
        Entity::Role(role) => Entity::Role(Box::new(Role {
            attached_policies: Fact::Absent,
            inline_policies: Fact::Absent,
            boundary: Fact::Absent,
            threats: threats(role.threats),
            ..*role
        })),
    };
    Some(Resource::Entity(free))
}

fn telling(threats: Fact<Threats>, since: Timestamp) -> Fact<Threats> {
    match threats {
        Fact::Known(mut threats) => {
            threats.retain(|threat| match threat.sign {
                Sign::DeniedAgainAndAgain => threat.at < since,
                // Whether it answers a threat stands in its entry.
                Sign::SuspendedByOrder => false,
                _ => true,
            });
            Fact::Known(threats)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, just_over, now, threat};
    use crate::threat::Source;

    #[test]
    fn being_refused_again_and_again_tells_of_nobody_from_the_moment_they_are_denied() {
        let kept = |sign, at| {
            let mut seen = threat(sign, Source::CloudTrail);
            seen.at = at;
            telling(Fact::Known(vec![seen].into_iter().collect()), now()).list().unwrap().len()
        };
        let refused = Sign::DeniedAgainAndAgain;
        assert_eq!([ago(just_over(0)), now(), ago(-just_over(0))].map(|at| kept(refused, at)), [1, 0, 0]);
        assert_eq!(kept(Sign::Detected, ago(-just_over(0))), 1);
    }
}
