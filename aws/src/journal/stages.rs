use aws_sdk_dynamodb::types::{AttributeValue, Put};
use serde::Serialize;
use shared::engine::{ApprovalRequest, PortError, Stages};
use shared::identifier::UniqueId;
use shared::remedy::Warnings;
use shared::rules::RuleId;

use super::{Table, built, item, keys};

const CHANGES: &str = "changes";

impl Stages for Table {
    async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError> {
        let given = self.standing(resource, keys::warnings(rule), "the warnings").await?;
        Ok(given.unwrap_or_default())
    }

    async fn put_warnings(
        &self,
        resource: &UniqueId,
        rule: RuleId,
        warnings: &Warnings,
    ) -> Result<bool, PortError> {
        self.put_next(resource, keys::warnings(rule), warnings, warnings.version).await
    }

    async fn request(&self, resource: &UniqueId, rule: RuleId) -> Result<Option<ApprovalRequest>, PortError> {
        self.standing(resource, keys::approval(rule), "a request for approval").await
    }

    async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError> {
        let resource = request.resource.unique_id();
        self.put_next(resource, keys::approval(request.rule), request, request.version).await
    }
}

impl Table {
    /// Puts what a resource's item says after so many changes, if the one before is what is there.
    async fn put_next(
        &self,
        resource: &UniqueId,
        sk: String,
        body: &impl Serialize,
        changes: u64,
    ) -> Result<bool, PortError> {
        let number = |changes: u64| AttributeValue::N(changes.to_string());
        let mut item = item::of(keys::principal(&self.account, resource), sk, body)?;
        item.insert(CHANGES.to_owned(), number(changes));
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match changes.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            before => put
                .condition_expression("#changes = :before")
                .expression_attribute_names("#changes", CHANGES)
                .expression_attribute_values(":before", number(before)),
        };
        Ok(self.put(built(put.build())?).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::identifier::AccountId;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn put(stand_in: &StandIn, version: u64) -> Result<bool, PortError> {
        let warnings = Warnings { version, ..Warnings::default() };
        let resource = UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap();
        run(table(stand_in).put_warnings(&resource, RuleId::parse("access-key-age").unwrap(), &warnings))
    }

    #[test]
    fn what_is_written_follows_on_what_was_read() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!([put(&stand_in, 1), put(&stand_in, 3)], [Ok(true), Ok(true)]);
        let asked = stand_in.asked();
        assert_eq!(asked[0].body["ConditionExpression"], "attribute_not_exists(pk)");
        assert_eq!(asked[0].body["Item"]["sk"]["S"], "warnings#access-key-age");
        assert_eq!(asked[1].body["ConditionExpression"], "#changes = :before");
        assert_eq!(asked[1].body["ExpressionAttributeValues"][":before"]["N"], "2");
        assert_eq!(asked[1].body["Item"]["changes"]["N"], "3");
    }

    #[test]
    fn who_comes_second_is_told_so() {
        let changed = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(put(&changed, 2), Ok(false));
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(put(&denied, 2).is_err());
    }
}
