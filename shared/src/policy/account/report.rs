use serde::Serialize;

use super::step::Step;

/// What one user, group or role is, and can become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrincipalReport {
    /// Its ARN.
    pub arn: String,
    /// Whether it is an administrator by its own, its groups' and its attached policies, less what denies take, capped
    /// by its boundary.
    pub admin: bool,
    /// The steps by which it becomes an administrator, the fewest there are; none where it is one, or cannot.
    pub path: Vec<Step>,
    /// What could not be read of it. The rest is judged without that, so it may be more than is said here.
    pub errors: Vec<String>,
}
