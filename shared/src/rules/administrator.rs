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

/// Says what it is, how surely, and by which steps it becomes it. What may be cut off comes last.
pub(super) fn annotate(privileges: &Privileges) -> String {
    let on = &privileges.depends_on;
    let sure = on.is_empty() && privileges.errors.is_empty();
    let mut said = match (privileges.admin, sure) {
        (true, true) => "is an administrator".to_owned(),
        (true, false) => "is possibly an administrator".to_owned(),
        (false, true) => "can become an administrator".to_owned(),
        (false, false) => "can possibly become an administrator".to_owned(),
    };
    if privileges.hangs_on_the_organization_alone() && !sure {
        said.push_str(", unless the organization's policies forbid it");
    } else if !on.is_empty() {
        said = format!("{said}, depending on {}", on.join(" and "));
    }
    if privileges.path.is_empty() { said } else { format!("{said}: {}", privileges.path.join(", then ")) }
}

#[cfg(test)]
mod tests;
