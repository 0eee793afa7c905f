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
    /// Which threat it answers, if it answers one: then its undo waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threat: Option<String>,
}

impl SuspendOrder {
    /// Reads an order; all parts must say something.
    pub fn parse(payload: &serde_json::Value) -> Result<Self, OrderError> {
        let order: Self = Self::deserialize(payload).map_err(|error| OrderError(error.to_string()))?;
        said("reason", &order.reason)?;
        said("requestedBy", &order.requested_by)?;
        if let Some(threat) = &order.threat {
            said("threat", threat)?;
        }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::RestoreRequest;

    fn with(order: &Value, field: &str, value: Value) -> Value {
        let mut order = order.clone();
        order[field] = value;
        order
    }

    fn order() -> Value {
        json!({
            "principal": "arn:aws:iam::111122223333:user/team/mara",
            "reason": "its key was in a public repository",
            "requestedBy": "ann"
        })
    }

    #[test]
    fn an_order_names_a_user_or_a_role_why_and_by_whom() {
        let read = SuspendOrder::parse(&order()).unwrap();
        assert_eq!(read.principal.resource(), "user/team/mara");
        assert_eq!(
            (read.reason.as_str(), read.requested_by.as_str()),
            ("its key was in a public repository", "ann")
        );
        let role = with(&order(), "principal", json!("arn:aws:iam::111122223333:role/deploy"));
        assert!(SuspendOrder::parse(&role).is_ok());
    }

    #[test]
    fn an_order_against_anything_else_is_refused() {
        for other in [
            "arn:aws:iam::111122223333:group/team",
            "arn:aws:iam::111122223333:policy/user/mara",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/deploy/ann",
            "arn:aws:quicksight:eu-west-1:111122223333:user/default/mara",
        ] {
            let error =
                SuspendOrder::parse(&with(&order(), "principal", json!(other))).unwrap_err().to_string();
            assert!(error.contains(&format!("`{other}`, not a user's or role's ARN")), "{error}");
        }
        assert!(SuspendOrder::parse(&with(&order(), "principal", json!("mara"))).is_err());
    }

    #[test]
    fn an_order_or_an_undo_without_a_name_and_a_reason_is_refused() {
        let undo = json!({"journalId": "4711", "requestedBy": "ann", "reason": "the key is in use"});
        assert!(RestoreRequest::parse(&undo).is_ok());
        for field in ["reason", "requestedBy"] {
            for nothing in ["", " \t\n"] {
                let nothing = json!(nothing);
                let ordered =
                    SuspendOrder::parse(&with(&order(), field, nothing.clone())).unwrap_err().to_string();
                assert!(ordered.contains(&format!("`{field}` is empty")), "{ordered}");
                let undone = RestoreRequest::parse(&with(&undo, field, nothing)).unwrap_err().to_string();
                assert!(undone.contains(&format!("`{field}` is empty")), "{undone}");
            }
        }
        for field in ["also", "principals"] {
            assert!(SuspendOrder::parse(&with(&order(), field, json!("x"))).is_err(), "{field}");
            assert!(RestoreRequest::parse(&with(&undo, field, json!("x"))).is_err(), "{field}");
        }
    }
}
