//! Whether a statement speaks of a request.

use serde_json::Value;

use super::element::{self, Naming};
use super::request::Request;
use super::variable::Reading;
use super::{condition, context, document, glob};

/// The statements of that effect, in any of the documents, that match the request: for each, how it names the one who
/// asks (statements without a principal name nobody, and match everybody).
pub(super) fn matching(documents: &[Value], effect: &str, request: &Request) -> Vec<Vec<Naming>> {
    let mut found = Vec::new();
    for document in documents {
        let reading = Reading { context: &request.context, variables: document::has_variables(document) };
        for statement in document::statements(document) {
            if statement["Effect"] == effect
                && action_matches(statement, request)
                && resource_matches(statement, request, reading)
                && statement.get("Condition").is_none_or(|condition| condition::holds(condition, reading))
                && let Some(namings) = principal_matches(statement, request)
            {
                found.push(namings);
            }
        }
    }
    found
}

/// Whether any statement of that effect, in any of the documents, matches.
pub(super) fn any(documents: &[Value], effect: &str, request: &Request) -> bool {
    !matching(documents, effect, request).is_empty()
}

/// The element's list matches, or its `Not…` form's list does not; without either, everything does.
fn matches_or_not(statement: &Value, name: &str, matches: impl Fn(&str) -> bool) -> bool {
    let any = |element: &Value| {
        context::values(element).expect("checked when read").iter().any(|entry| matches(entry))
    };
    match (statement.get(name), statement.get(format!("Not{name}"))) {
        (Some(element), _) => any(element),
        (None, Some(element)) => !any(element),
        (None, None) => true,
    }
}

fn action_matches(statement: &Value, request: &Request) -> bool {
    matches_or_not(statement, "Action", |entry| {
        glob::matches(&glob::pattern(&entry.to_lowercase()), &request.action.to_lowercase())
    })
}

fn resource_matches(statement: &Value, request: &Request, reading: Reading<'_>) -> bool {
    // "The resource that includes a policy variable with no value will not match any resource."
    matches_or_not(statement, "Resource", |entry| {
        reading.pattern(entry).is_some_and(|pattern| glob::matches(&pattern, &request.resource))
    })
}

/// How the one who asks is named, if the statement is about them at all.
fn principal_matches(statement: &Value, request: &Request) -> Option<Vec<Naming>> {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (None, None) => Some(Vec::new()),
        (Some(element), _) => {
            Some(element::namings(element, &request.requester)).filter(|namings| !namings.is_empty())
        }
        (None, Some(element)) => {
            let left_out = if statement["Effect"] == "Deny" {
                element::spares(element, &request.requester)
            } else {
                !element::namings(element, &request.requester).is_empty()
            };
            (!left_out).then(|| vec![Naming::Everyone])
        }
    }
}
