use super::Report;
use crate::policy::{Effect, Place, Policy, ResourcePattern, Statement};

/// What a statement's elements say other than they seem to.
pub(super) fn check(policy: &Policy, index: usize, statement: &Statement, report: &mut Report<'_>) {
    let at = || Place::statement(index);
    if statement.effect == Effect::Allow {
        if statement.action.negated {
            report.add(
                "policy-not-action-allow",
                at().key("NotAction"),
                "allows every action that is not listed, those of future services included; list what is allowed instead",
            );
        }
        if statement.resource.as_ref().is_some_and(|resources| resources.negated) {
            report.add(
                "policy-not-resource-allow",
                at().key("NotResource"),
                "allows access to every resource that is not listed, future ones included; list what is meant instead",
            );
        }
    }
    if let Some((element, why)) = says_nothing(statement) {
        report.add("policy-statement-without-effect", at().key(element), why);
    }
    if !policy.version.has_variables()
        && let Some(resources) = &statement.resource
    {
        let element = if resources.negated { "NotResource" } else { "Resource" };
        for (position, entry) in resources.entries.iter().enumerate() {
            if entry.as_str().contains("${") {
                old_variable(at().key(element).index(position), report);
            }
        }
    }
}

/// Says that a variable is none.
pub(super) fn old_variable(at: Place, report: &mut Report<'_>) {
    report.add(
        "policy-variable-in-old-version",
        at,
        "holds a policy variable, which is plain text without `\"Version\": \"2012-10-17\"`",
    );
}

/// The element by which a statement is about nothing at all.
fn says_nothing(statement: &Statement) -> Option<(&'static str, &'static str)> {
    const EMPTY: &str = "is an empty list, so the statement is about nothing";
    const ALL_BUT_ALL: &str = "leaves out everything, so the statement is about nothing";
    let action = &statement.action;
    if action.entries.is_empty() && !action.negated {
        return Some(("Action", EMPTY));
    }
    if action.negated && action.entries.iter().any(crate::policy::ActionPattern::is_everything) {
        return Some(("NotAction", ALL_BUT_ALL));
    }
    let resource = statement.resource.as_ref()?;
    if resource.entries.is_empty() && !resource.negated {
        return Some(("Resource", EMPTY));
    }
    (resource.negated && resource.entries.iter().any(ResourcePattern::is_everything))
        .then_some(("NotResource", ALL_BUT_ALL))
}
