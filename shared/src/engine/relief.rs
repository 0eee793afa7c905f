//! What exemptions let be of what a rule finds on one resource.

use std::collections::BTreeSet;

use crate::facts::{AccessKey, Fact, Read, Resource, Subject, Unread, User, WhyUnread};
use crate::governance::{Exemption, Governance};
use crate::identifier::AccessKeyId;
use crate::rules::{BoundRule, Context, Meta, Verdict};

/// What exemptions in force make of a resource under one rule.
pub(super) struct Relief<'g> {
    /// The exemption of the resource as a whole, if there is one.
    whole: Option<&'g Exemption>,
    /// The exemption of a key that keeps its user from what this rule would do, if there is one.
    keeper: Option<&'g Exemption>,
    /// The resource without the keys that are let be.
    pub(super) rest: Resource,
    /// The keys that are let be, each by its exemption.
    kept: Vec<(AccessKey, &'g Exemption)>,
    /// A key's exemption that lets it be no more, because the key had to be replaced by now.
    overdue: Option<&'g Exemption>,
}

impl<'g> Relief<'g> {
    /// What is exempt of the resource. An error where an exemption is in force, and whether it is about this resource
    /// hangs on what is not known.
    pub(super) fn of(
        governance: &'g Governance,
        meta: &Meta,
        resource: &Resource,
        context: &Context,
    ) -> Result<Self, Unread> {
        let whole = governance
            .exemption(meta.id, resource.identity().arn(), context.at)
            .filter(|exemption| exemption.rotate_every.is_none() || governance.rotation(exemption).is_some());
        let keeper = if whole.is_none() { keeper(governance, meta, resource, context)? } else { None };
        let untouched = Self { whole, keeper, rest: resource.clone(), kept: Vec::new(), overdue: None };
        if untouched.exempts_all() {
            return Ok(untouched);
        }
        let exempt: Vec<_> = governance.exempt_keys(meta.id, context.at).collect();
        let Some(user) = User::of(resource) else { return Ok(untouched) };
        let Fact::Known(keys) = &user.access_keys else { return Ok(untouched) };
        if exempt.is_empty() || keys.is_empty() {
            return Ok(untouched);
        }
        if keys.iter().any(|key| key.id.is_unknown()) {
            return Err(ids_unknown());
        }
        let (mut kept, mut left, mut overdue) = (Vec::new(), Vec::new(), None);
        for key in keys {
            match exempt.iter().find(|(id, _)| is(key, id)) {
                Some((_, exemption)) if lets_be(governance, exemption, user, key, context)? => {
                    kept.push((key.clone(), *exemption));
                }
                Some((_, exemption)) => {
                    overdue.get_or_insert(*exemption);
                    left.push(key.clone());
                }
                None => left.push(key.clone()),
            }
        }
        Ok(Self { whole, keeper, rest: with_keys(user, left), kept, overdue })
    }

    /// Whether all of the resource is let be, whatever it is like.
    pub(super) fn exempts_all(&self) -> bool {
        self.keeper.is_some() || self.whole.is_some_and(|exemption| exemption.rotate_every.is_none())
    }

    /// The exemption of the resource, or the one that keeps it.
    pub(super) fn exemption(&self) -> Option<&'g Exemption> {
        self.whole.or(self.keeper)
    }

    /// The rule by which what is left is judged where it breaks the rule itself: inside an exemption that asks for
    /// rotation, the same rule with the exemption's limit. `None` where the rule itself is all there is.
    pub(super) fn rotation(&self, governance: &'g Governance) -> Option<&'g dyn BoundRule> {
        self.whole.and_then(|exemption| governance.rotation(exemption))
    }

    /// The exemption of the first key that is let be.
    pub(super) fn of_a_key(&self) -> Option<&'g Exemption> {
        self.kept.first().map(|(_, exemption)| *exemption)
    }

    /// What is said of a violation all the same: by which exemption it would have been let be.
    pub(super) fn said_of(
        &self,
        governance: &Governance,
        meta: &Meta,
        context: &Context,
        annotation: &str,
    ) -> String {
        if let Some(exemption) = self.whole.or(self.overdue)
            && let Some(days) = exemption.rotate_every
        {
            return format!(
                "exempt until {} under {}, but due for rotation every {days} days: {annotation}",
                exemption.last_day(),
                exemption.ticket
            );
        }
        let active: BTreeSet<&AccessKeyId> = User::of(&self.rest)
            .and_then(|user| user.access_keys.list().ok())
            .into_iter()
            .flatten()
            .filter(|key| key.is_active())
            .filter_map(|key| key.id.known().ok().flatten())
            .collect();
        match governance.lapsed(meta.id, self.rest.identity().arn(), &active, context.at) {
            Some(lapsed) => {
                format!("exemption lapsed on {} under {}: {annotation}", lapsed.lapse_day(), lapsed.ticket)
            }
            None => annotation.to_owned(),
        }
    }

    /// The exemptions without which more would be found: the one of the whole where it settles the matter, and those of
    /// keys of which each makes a difference.
    pub(super) fn at_work(&self, rule: &dyn BoundRule, context: &Context, whole_settles: bool) -> Vec<usize> {
        let mut at_work: BTreeSet<usize> = BTreeSet::new();
        if whole_settles {
            at_work.extend(self.exemption().map(|exemption| exemption.index));
        }
        if let Some(user) = User::of(&self.rest) {
            let without = rule.judge(&self.rest, context);
            let rest = user.access_keys.list().unwrap_or_default();
            for (key, exemption) in &self.kept {
                let with = rest.iter().chain([key]).cloned().collect();
                if rule.judge(&with_keys(user, with), context) != without {
                    at_work.insert(exemption.index);
                }
            }
        }
        at_work.into_iter().collect()
    }
}

/// The exemption of one of the user's keys, where the rule would take that key along with everything else: a key that
/// is let be keeps its user. Where a key is exempt and whose it is cannot be told, it is unknown.
fn keeper<'g>(
    governance: &'g Governance,
    meta: &Meta,
    resource: &Resource,
    context: &Context,
) -> Result<Option<&'g Exemption>, Unread> {
    let Some(user) = User::of(resource) else { return Ok(None) };
    if !meta.takes_keys_along() {
        return Ok(None);
    }
    let exempt: Vec<_> = governance.keys_exempt_from_any(context.at).collect();
    if exempt.is_empty() {
        return Ok(None);
    }
    let keys = user.access_keys.list().map_err(Clone::clone)?;
    for (id, exemption) in exempt {
        if let Some(key) = keys.iter().find(|key| is(key, id))
            && lets_be(governance, exemption, user, key, context)?
        {
            return Ok(Some(exemption));
        }
    }
    if keys.iter().any(|key| key.id.is_unknown()) { Err(ids_unknown()) } else { Ok(None) }
}

/// Whether the key's exemption lets it be: it does unless it asks for rotation, and the key is due.
fn lets_be(
    governance: &Governance,
    exemption: &Exemption,
    user: &User,
    key: &AccessKey,
    context: &Context,
) -> Result<bool, Unread> {
    if exemption.rotate_every.is_none() {
        return Ok(true);
    }
    let Some(rotation) = governance.rotation(exemption) else { return Ok(false) };
    match rotation.judge(&with_keys(user, vec![key.clone()]), context) {
        None | Some(Verdict::Compliant) => Ok(true),
        Some(Verdict::NonCompliant(_)) => Ok(false),
        Some(Verdict::Unknown(unread)) => Err(unread),
    }
}

fn is(key: &AccessKey, id: &AccessKeyId) -> bool {
    matches!(&key.id, Fact::Known(known) if known == id)
}

fn with_keys(user: &User, keys: Vec<AccessKey>) -> Resource {
    User { access_keys: Fact::Known(keys), ..user.clone() }.into()
}

fn ids_unknown() -> Unread {
    Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "a key is exempt, and the keys' ids are not known")
}

#[cfg(test)]
mod tests;
