use std::borrow::Cow;

use super::Tier;
use super::weight::GOVERNING;
use crate::policy::glob::{self, Case};
use crate::policy::{ActionPattern, Condition, Element, ResourcePattern, Statement};

/// A part of what a statement allows.
#[derive(Clone)]
pub(super) struct Part<'a> {
    pub(super) pattern: Cow<'a, str>,
    /// What of the pattern is not allowed, where a statement allows all but a list.
    pub(super) except: &'a [ActionPattern],
    pub(super) resources: Option<&'a Element<ResourcePattern>>,
    /// What it can amount to at most.
    pub(super) most: Tier,
    /// Under which conditions it is allowed.
    pub(super) given: &'a [Condition],
}

/// Every action there is; each has a service and a name.
const EVERYTHING: &str = "?*:?*";

/// What a statement allows, part by part; of listed patterns only those that are wanted. All but a list is each
/// governing service that is not listed whole, and the rest.
pub(super) fn parts(statement: &Statement, wanted: impl Fn(&str) -> bool) -> Vec<Part<'_>> {
    if statement.resource.as_ref().is_some_and(includes_nothing) {
        return Vec::new();
    }
    let listed = statement.action.entries.as_slice();
    let part = |pattern, except, most| Part {
        pattern,
        except,
        resources: statement.resource.as_ref(),
        most,
        given: &statement.conditions,
    };
    if !statement.action.negated {
        let wanted = listed.iter().map(ActionPattern::as_str).filter(|entry| wanted(entry));
        return wanted.map(|entry| part(Cow::Borrowed(entry), &[][..], Tier::Gold)).collect();
    }
    let governing = GOVERNING.iter().map(|service| part(format!("{service}:?*").into(), listed, Tier::Gold));
    let all = governing.chain([part(EVERYTHING.into(), listed, Tier::Silver)]);
    all.filter(|part| !part.is_listed(&part.pattern)).collect()
}

impl Part<'_> {
    fn is_listed(&self, pattern: &str) -> bool {
        self.except.iter().any(|entry| covers(entry.as_str(), pattern))
    }

    /// What it has in common with another part, as far as patterns can tell.
    pub(super) fn meet<'r>(&self, cap: &Part<'r>) -> Option<Cow<'r, str>> {
        let common = meet(&self.pattern, cap.pattern.clone())?;
        (!self.is_listed(&common) && !cap.is_listed(&common)).then_some(common)
    }
}

/// What two patterns have in common, or more than that where they cross.
fn meet<'r>(pattern: &str, cap: Cow<'r, str>) -> Option<Cow<'r, str>> {
    if covers(pattern, &cap) {
        Some(cap)
    } else if covers(&cap, pattern) {
        Some(Cow::Owned(pattern.to_owned()))
    } else if glob::overlap(pattern, &cap, Case::Ignored) {
        // The one that says more in front says more of what both can mean.
        let literal = |text: &str| text.find(['*', '?']).unwrap_or(text.len());
        Some(if literal(&cap) > literal(pattern) { cap } else { Cow::Owned(pattern.to_owned()) })
    } else {
        None
    }
}

pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    glob::covers(wide, narrow, Case::Ignored)
}

/// Whether an element is about no resource at all.
pub(super) fn includes_nothing(resources: &Element<ResourcePattern>) -> bool {
    if resources.negated {
        resources.entries.iter().any(ResourcePattern::is_everything)
    } else {
        resources.entries.is_empty()
    }
}
