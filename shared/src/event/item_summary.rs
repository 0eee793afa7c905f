use jiff::Timestamp;

use super::error::EventError;
use super::field::Field;
use super::item::ConfigurationItem;
use super::item_status::ItemStatus;
use crate::identifier::AccountId;

/// What is left of a configuration item too large to be sent: enough to fetch it from Config's history, at its
/// own capture time.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemSummary {
    /// Such as `AWS::IAM::User`.
    pub resource_type: String,
    /// For IAM the unique id.
    pub resource_id: String,
    /// Null on the wire for some items.
    pub resource_name: Option<String>,
    /// Where the resource lives.
    pub account: AccountId,
    /// What became of the resource.
    pub status: ItemStatus,
    /// When AWS Config took the item.
    pub captured_at: Timestamp,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub change_type: Option<String>,
}

impl ItemSummary {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            resource_type: field.get("resourceType")?.filled_text()?.to_owned(),
            resource_id: field.get("resourceId")?.filled_text()?.to_owned(),
            resource_name: field.get("resourceName")?.optional_text()?,
            account: field.get("awsAccountId")?.identifier(AccountId::parse)?,
            status: ItemStatus::read(&field.get("configurationItemStatus")?)?,
            captured_at: field.get("configurationItemCaptureTime")?.time()?,
            change_type: field.get("changeType")?.optional_text()?,
        })
    }

    /// The item as far as the summary tells it: all of it but the configuration. Enough for what is gone or not
    /// recorded, of which history may never have an item.
    pub fn without_configuration(&self) -> ConfigurationItem {
        ConfigurationItem {
            resource_type: self.resource_type.clone(),
            resource_id: self.resource_id.clone(),
            resource_name: self.resource_name.clone(),
            arn: None,
            account: self.account.clone(),
            region: None,
            status: self.status,
            captured_at: self.captured_at,
            state_id: None,
            resource: None,
        }
    }
}
