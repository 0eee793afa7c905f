//! What speaks against somebody who is denied everything already: nobody has to answer it, and whoever takes the denial off
//! must know of it.

use jiff::Timestamp;

use super::lineage::Lineage;
use super::{AlreadyContained, Deployment, EngineError, Journal};
use crate::facts::{Entity, Fact, Resource, Role, Unread, User};
use crate::governance::Governance;
use crate::remedy::{Entry, Plan, takes_denial_off};
use crate::rules::{RuleId, Verdict};
use crate::threat::{Sign, Threats};

/// The rule that suspends whom a threat speaks against.
const THREATENED: &str = "principal-threatened";

/// Whether a plan takes off what denies somebody everything, or the mark of it.
pub(super) fn lifts_denial(plan: &Plan, deployment: &Deployment) -> bool {
    plan.steps.iter().any(|step| takes_denial_off(step, &deployment.quarantine_policy))
}

/// Entries over threats that found denied already what an entry had denied, and those of them that nobody can read.
#[derive(Default)]
pub(super) struct Since {
    pub(super) entries: Vec<Entry>,
    pub(super) unreadable: bool,
}

impl Since {
    pub(super) async fn of<P: Journal>(
        ports: &P,
        undone: &Entry,
        lineage: &Lineage,
    ) -> Result<Self, EngineError> {
        let began = lineage.began(undone);
        let mut since = Self::default();
        for AlreadyContained { entry, at } in ports.contained(undone.plan.resource.unique_id()).await? {
            if at < began {
                continue;
            }
            match ports.entry(&entry).await? {
                Some(entry) if entry.undone_by.is_none() => since.entries.push(entry),
                Some(_) => {}
                None => since.unreadable = true,
            }
        }
        Ok(since)
    }

    /// Whether there are any.
    pub(super) fn is_any(&self) -> bool {
        self.unreadable || !self.entries.is_empty()
    }
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

/// The same principal without anything that denies or could be switched off.
fn undenied(live: &Resource, since: Timestamp) -> Option<Resource> {
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
            threats: telling(user.threats, since),
            ..*user
        })),
        Entity::Role(role) => Entity::Role(Box::new(Role {
            attached_policies: Fact::Absent,
            inline_policies: Fact::Absent,
            boundary: Fact::Absent,
            threats: telling(role.threats, since),
            ..*role
        })),
    };
    Some(Resource::Entity(free))
}

fn telling(threats: Fact<Threats>, since: Timestamp) -> Fact<Threats> {
    match threats {
        Fact::Known(mut threats) => {
            threats.retain(|threat| threat.sign != Sign::DeniedAgainAndAgain || threat.at < since);
            Fact::Known(threats)
        }
        other => other,
    }
}
