use jiff::Timestamp;

use super::{Deployment, Judged};
use crate::facts::{Fact, Read, Resource, Subject, Unread, User, WhyUnread};
use crate::governance::{Exemption, Governance};
use crate::identifier::AccessKeyId;
use crate::rules::{BoundRule, Meta, RuleId, Verdict};

/// Judges with all that governance adds to a rule: exemptions of principals and of single keys.
pub(super) fn judge(
    governance: &Governance,
    deployment: &Deployment,
    id: RuleId,
    rule: &dyn BoundRule,
    resource: &Resource,
    at: Timestamp,
) -> Judged {
    let context = deployment.context(governance, at);
    let Some(verdict) = rule.judge(resource, &context) else {
        return Judged::NotApplicable {
            why: format!("{id} is not about this {}", resource.identity().config_type()),
        };
    };
    let annotation = match verdict {
        Verdict::Compliant => return Judged::Compliant,
        Verdict::Unknown(unread) => return Judged::Unknown { unread },
        Verdict::NonCompliant(violation) => violation.annotation,
    };
    if let Some(exemption) = governance.exemption(id, resource.identity().arn(), at) {
        return exempt(annotation, exemption);
    }
    if let Some(entry) = crate::rules::find(id) {
        match exemption_by_a_key(governance, &entry.meta, resource, at) {
            Ok(None) => {}
            Ok(Some(exemption)) => return exempt(annotation, exemption),
            Err(unread) => return Judged::Unknown { unread },
        }
    }
    match without_exempt_keys(governance, id, resource, at) {
        Stripped::Untouched => Judged::NonCompliant { annotation },
        Stripped::IdsUnknown(unread) => Judged::Unknown { unread },
        Stripped::Without(rest, exemption) => match rule.judge(&rest, &context) {
            None | Some(Verdict::Compliant) => exempt(annotation, &exemption),
            Some(Verdict::Unknown(unread)) => Judged::Unknown { unread },
            Some(Verdict::NonCompliant(violation)) => {
                Judged::NonCompliant { annotation: violation.annotation }
            }
        },
    }
}

fn exempt(annotation: String, exemption: &Exemption) -> Judged {
    Judged::Exempt { annotation, ticket: exemption.ticket.clone(), until: exemption.last_day() }
}

/// The exemption of one of the user's keys, where the rule would take that key along with everything else: a key that
/// is let be keeps its user. Where a key is exempt and whose it is cannot be told, it is unknown.
pub(super) fn exemption_by_a_key<'g>(
    governance: &'g Governance,
    meta: &Meta,
    resource: &Resource,
    at: Timestamp,
) -> Result<Option<&'g Exemption>, Unread> {
    let Some(user) = User::of(resource) else { return Ok(None) };
    if !meta.takes_keys_along() {
        return Ok(None);
    }
    let exempt: Vec<_> = governance.keys_exempt_from_any(at).collect();
    if exempt.is_empty() {
        return Ok(None);
    }
    let keys = user.access_keys.list().map_err(Clone::clone)?;
    let has = |id: &AccessKeyId| keys.iter().any(|key| key.id == Fact::Known(id.clone()));
    match exempt.into_iter().find(|(id, _)| has(id)) {
        Some((_, exemption)) => Ok(Some(exemption)),
        None if keys.iter().any(|key| key.id.is_unknown()) => Err(ids_unknown()),
        None => Ok(None),
    }
}

fn ids_unknown() -> Unread {
    Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "a key is exempt, and the keys' ids are not known")
}

/// A user with its exempt keys taken out of sight.
pub(super) enum Stripped {
    /// None of its keys is exempt.
    Untouched,
    /// The user without its exempt keys, and the exemption of the first.
    Without(Resource, Exemption),
    /// A key is exempt, and which keys these are is not known.
    IdsUnknown(Unread),
}

/// Takes exempt keys out of sight, so that a rule judges the others alone.
pub(super) fn without_exempt_keys(
    governance: &Governance,
    id: RuleId,
    resource: &Resource,
    at: Timestamp,
) -> Stripped {
    let exempt: Vec<_> = governance.exempt_keys(id, at).collect();
    let Some(user) = User::of(resource) else { return Stripped::Untouched };
    let Fact::Known(keys) = &user.access_keys else { return Stripped::Untouched };
    if exempt.is_empty() || keys.is_empty() {
        return Stripped::Untouched;
    }
    if keys.iter().any(|key| key.id.is_unknown()) {
        return Stripped::IdsUnknown(ids_unknown());
    }
    let mut first = None;
    let mut rest = user.clone();
    if let Fact::Known(keys) = &mut rest.access_keys {
        keys.retain(|key| match exempt.iter().find(|(id, _)| key.id == Fact::Known((*id).clone())) {
            Some((_, exemption)) => {
                first.get_or_insert_with(|| (*exemption).clone());
                false
            }
            None => true,
        });
    }
    first.map_or(Stripped::Untouched, |exemption| Stripped::Without(rest.into(), exemption))
}
