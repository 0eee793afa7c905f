use jiff::Timestamp;
use serde_json::Value;

use super::employee;
use crate::directory::{Statement, Status};
use crate::event::error::EventError;
use crate::event::field::Field;

/// Where the employee's number stands (RFC 7643, section 4.3).
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Reads a SCIM user resource (RFC 7643, section 4.1) as a provider writes it when the user changes.
///
/// SCIM knows an account that is active or not, and no date: not active is left, from when it was said. Whatever else the
/// resource holds is let be.
pub(super) fn user(user: &Field<'_>, said: Timestamp) -> Result<Statement, EventError> {
    let status = if boolean(&user.get("active")?)? { Status::Active } else { Status::Leaver };
    let statement = Statement {
        employee: employee(&user.get(ENTERPRISE)?.get("employeeNumber")?)?,
        status,
        effective_at: said,
        email: None,
        unusable_email: false,
    };
    Ok(statement.with_email(primary(&user.get("emails")?)?.as_deref()))
}

/// Microsoft Entra has sent `"False"` as a text where the standard wants a boolean (its documentation on SCIM
/// compliance, flag `aadOptscim062020`).
fn boolean(field: &Field<'_>) -> Result<bool, EventError> {
    match field.raw() {
        Some(Value::String(word)) if word.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(word)) if word.eq_ignore_ascii_case("false") => Ok(false),
        _ => field.boolean(),
    }
}

/// The primary address, or that of work, or the first.
fn primary(emails: &Field<'_>) -> Result<Option<String>, EventError> {
    let emails = emails.list(|email| {
        let is_primary = email.get("primary")?.optional(boolean)?.unwrap_or_default();
        let is_of_work = email.get("type")?.optional_text()?.is_some_and(|kind| kind == "work");
        Ok((!is_primary, !is_of_work, email.get("value")?.optional_text()?))
    })?;
    let best = emails.unwrap_or_default().into_iter().min_by_key(|(primary, work, _)| (*primary, *work));
    Ok(best.and_then(|(_, _, value)| value))
}
