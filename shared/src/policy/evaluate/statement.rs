use super::condition;
use super::request::Request;
use super::variable::{Expanded, expand};
use crate::policy::glob::{self, Case, Filled};
use crate::policy::{Element, ResourcePattern, Statement, Version};

/// Whether a statement is about a request, as far as it does not depend on the principal.
pub(super) fn is_about(statement: &Statement, version: Version, request: &Request<'_>) -> bool {
    statement.action.is_met(|action| action.matches(request.action))
        && statement.resource.as_ref().is_none_or(|resource| covers(resource, version, request))
        && statement.conditions.iter().all(|condition| condition::holds(condition, version, request))
}

/// Whether the resource is among those of the element. An entry with a variable that stands for nothing covers
/// nothing, so that one of `NotResource` spares nothing.
///
/// Source: IAM User Guide, "IAM policy elements: Variables and tags", policy variables with no value.
fn covers(element: &Element<ResourcePattern>, version: Version, request: &Request<'_>) -> bool {
    element.is_met(|pattern| match expand::<Filled>(pattern.as_str(), version, request) {
        Expanded::AsWritten => glob::matches(pattern.as_str(), request.resource, Case::Counts),
        Expanded::Replaced(pattern) => pattern.matches(request.resource, Case::Counts),
        Expanded::Unresolved => false,
    })
}
