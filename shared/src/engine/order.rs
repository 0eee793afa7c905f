use serde::{Deserialize, Serialize};

use crate::identifier::Arn;

/// A person's order to suspend a principal now, whatever the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendOrder {
    /// The user or role.
    pub principal: Arn,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub requested_by: String,
}

impl SuspendOrder {
    /// Reads an order; all three parts must say something.
    pub fn parse(payload: &serde_json::Value) -> Result<Self, OrderError> {
        let order: Self = Self::deserialize(payload).map_err(|error| OrderError(error.to_string()))?;
        said("reason", &order.reason)?;
        said("requestedBy", &order.requested_by)?;
        let resource = order.principal.resource();
        if order.principal.service() == "iam"
            && (resource.starts_with("user/") || resource.starts_with("role/"))
        {
            Ok(order)
        } else {
            Err(OrderError(format!("`principal` is `{}`, not a user's or role's ARN", order.principal)))
        }
    }
}

/// Refuses a field that says nothing.
pub(super) fn said(field: &'static str, text: &str) -> Result<(), OrderError> {
    if text.trim().is_empty() {
        Err(OrderError(format!("`{field}` is empty; say it for the record")))
    } else {
        Ok(())
    }
}

/// An order that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the order cannot be taken: {0}")]
pub struct OrderError(pub(super) String);
