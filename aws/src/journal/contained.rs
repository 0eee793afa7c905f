//! What answered a threat to whoever was denied everything already: one item of a principal, replaced only as it was read.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use shared::engine::{AlreadyContained, PortError, PortErrorKind};
use shared::identifier::UniqueId;

use super::{PUT_ITEM, TRIES, Table, built, item, keys};

impl Table {
    /// All of them, with the text in which they are stored.
    pub(super) async fn all_contained(
        &self,
        principal: &UniqueId,
    ) -> Result<(Vec<AlreadyContained>, Option<String>), PortError> {
        let item = self.get(keys::principal(&self.account, principal), keys::CONTAINED.to_owned()).await?;
        let Some(item) = item else { return Ok((Vec::new(), None)) };
        let all = item::read(&item, "what was contained already")?;
        Ok((all, item::text(&item, keys::BODY).map(str::to_owned)))
    }

    pub(super) async fn add_contained(
        &self,
        principal: &UniqueId,
        contained: &AlreadyContained,
    ) -> Result<(), PortError> {
        for _ in 1..TRIES {
            if self.add_contained_once(principal, contained).await?.is_some() {
                return Ok(());
            }
        }
        self.add_contained_once(principal, contained).await?.ok_or_else(|| PortError {
            operation: PUT_ITEM,
            kind: PortErrorKind::Overtaken,
            message: "others answered threats to the same principal again and again".to_owned(),
        })
    }

    /// `None` where somebody else wrote the item since it was read.
    async fn add_contained_once(
        &self,
        principal: &UniqueId,
        contained: &AlreadyContained,
    ) -> Result<Option<()>, PortError> {
        let (all, read) = self.all_contained(principal).await?;
        let pk = keys::principal(&self.account, principal);
        let item = item::of(pk, keys::CONTAINED.to_owned(), &contained.after(all))?;
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match read {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(body) => put
                .condition_expression("#body = :read")
                .expression_attribute_names("#body", keys::BODY)
                .expression_attribute_values(":read", AttributeValue::S(body)),
        };
        self.put(built(put.build())?).await
    }
}
