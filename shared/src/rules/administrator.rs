//! What the rules about administrators have in common: who counts as one, and how it is said.

use crate::facts::{Fact, Privileges};
use crate::identifier::Arn;
use crate::policy::account::ORGANIZATION;
use crate::policy::glob::{self, Case};
use crate::rules::{Verdict, declare_parameters};

declare_parameters! {
    /// Those who may be administrators: ARNs, `role/` or `user/` or `group/` with path and name, or names alone; `*` and
    /// `?` stand for any characters.
    "allowedAdministrators" => allowed_administrators: Names = [],
    /// Whether one counts that is or becomes an administrator only if something turns out that is not known: a condition
    /// key, what runs already, a policy's text.
    "countPossible" => count_possible: Flag = true,
    /// Whether one counts that the account's policies make an administrator, though the organization's policies, which
    /// are not read, may forbid it.
    "countUnlessOrganizationForbids" => count_unless_organization_forbids: Flag = true,
}

/// Judges by what is known of somebody's privileges.
pub(super) fn judge(arn: &Arn, privileges: &Fact<Privileges>, params: &Params) -> Verdict<Privileges> {
    if params.allowed_administrators.iter().any(|pattern| is_named(pattern, arn)) {
        return Verdict::Compliant;
    }
    let privileges = match privileges.known() {
        Ok(Some(privileges)) => privileges,
        Ok(None) => return Verdict::Compliant,
        Err(unread) => return Verdict::Unknown(unread.clone()),
    };
    if privileges.is_platinum() && counts(privileges, params) {
        return Verdict::NonCompliant(privileges.clone());
    }
    privileges.unread().map_or(Verdict::Compliant, Verdict::Unknown)
}

fn counts(privileges: &Privileges, params: &Params) -> bool {
    let on_organization = privileges.depends_on.iter().any(|on| on == ORGANIZATION);
    (!on_organization || params.count_unless_organization_forbids.is_set())
        && (privileges.hangs_on_the_organization_alone() || params.count_possible.is_set())
}

/// Whether a pattern, with as much of the ARN as it gives, names it.
fn is_named(pattern: &str, arn: &Arn) -> bool {
    let text = if pattern.contains(':') {
        arn.as_str()
    } else if pattern.contains('/') {
        arn.resource()
    } else {
        arn.name()
    };
    glob::matches(pattern, text, Case::Counts)
}

/// Says what it is, by which steps it becomes it, and what that hangs on.
pub(super) fn annotate(privileges: &Privileges) -> String {
    let sure = privileges.hangs_on_the_organization_alone();
    let mut said = match (privileges.admin, sure) {
        (true, true) => "is an administrator".to_owned(),
        (true, false) => "is possibly an administrator".to_owned(),
        (false, true) => format!("can become an administrator: {}", privileges.path.join(", then ")),
        (false, false) => {
            format!("can possibly become an administrator: {}", privileges.path.join(", then "))
        }
    };
    // What is not read stands behind what is seen, and a policy's own name says more than that it could not be read.
    let on: Vec<&str> =
        privileges.depends_on.iter().map(String::as_str).filter(|on| *on != ORGANIZATION).collect();
    if !on.is_empty() {
        said = format!("{said}; depends on {}", on.join(", "));
    }
    if privileges.depends_on.iter().any(|on| on == ORGANIZATION) {
        said.push_str("; possible only if no organization policy forbids it");
    }
    said
}

#[cfg(test)]
mod tests;
