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

/// Whether the resource is among those of the element. A variable that stands for nothing leaves open which those
/// are: no entry with one covers anything, and what is not covered by all entries but one is still not known to be
/// outside `NotResource`.
fn covers(element: &Element<ResourcePattern>, version: Version, request: &Request<'_>) -> bool {
    let mut unresolved = false;
    let listed =
        element.entries.iter().any(|pattern| match expand::<Filled>(pattern.as_str(), version, request) {
            Expanded::AsWritten => glob::matches(pattern.as_str(), request.resource, Case::Counts),
            Expanded::Replaced(pattern) => pattern.matches(request.resource, Case::Counts),
            Expanded::Unresolved => {
                unresolved = true;
                false
            }
        });
    if element.negated { !listed && !unresolved } else { listed }
}
