use jiff::Timestamp;
use serde_json::Value;

use super::error::EventError;
use super::field::Field;
use super::item_status::ItemStatus;
use super::resource::Resource;
use crate::identifier::{AccountId, Arn};

/// What AWS Config recorded of one resource at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationItem {
    /// Such as `AWS::IAM::User`.
    pub resource_type: String,
    /// The id under which a verdict is reported: for most of IAM the unique id.
    pub resource_id: String,
    /// Null on the wire once the resource is gone.
    pub resource_name: Option<String>,
    /// The resource's ARN.
    pub arn: Option<Arn>,
    /// Where the resource lives.
    pub account: AccountId,
    /// `global` for IAM.
    pub region: Option<String>,
    /// What became of the resource.
    pub status: ItemStatus,
    /// When AWS Config took the item; a verdict is dated by it.
    pub captured_at: Timestamp,
    /// Grows with each item of a resource; too large for a number in some languages, so kept as text.
    pub state_id: Option<String>,
    /// What the resource is. `None` unless the status is live: what is gone or unrecorded is never judged, even
    /// where the item still holds its last configuration.
    pub resource: Option<Resource>,
}

/// Where the two spellings of an item differ. Their `configuration`, JSON in one and JSON in a string in the
/// other, needs no entry here: either is read wherever it stands.
struct Spelling {
    arn: &'static str,
    account: &'static str,
}

const EVENT: Spelling = Spelling { arn: "ARN", account: "awsAccountId" };
const HISTORY: Spelling = Spelling { arn: "arn", account: "accountId" };

const ROOT: &str = "configurationItem";

impl ConfigurationItem {
    /// Reads an item as it stands in an event.
    pub fn from_event(item: &Value) -> Result<Self, EventError> {
        Self::read_event(&Field::at(ROOT, item))
    }

    /// Reads an item as `GetResourceConfigHistory` gives it: other names, `configuration` as a JSON string, times
    /// as seconds since 1970.
    pub fn from_history(item: &Value) -> Result<Self, EventError> {
        Self::read(&Field::at(ROOT, item), &HISTORY)
    }

    pub(super) fn read_event(field: &Field<'_>) -> Result<Self, EventError> {
        Self::read(field, &EVENT)
    }

    fn read(field: &Field<'_>, spelling: &Spelling) -> Result<Self, EventError> {
        let resource_type = field.get("resourceType")?.filled_text()?.to_owned();
        let resource_id = field.get("resourceId")?;
        let status = ItemStatus::read(&field.get("configurationItemStatus")?)?;
        let resource = if status.is_live() {
            Some(resource(&resource_type, &resource_id, &field.get("configuration")?, &field.get("tags")?)?)
        } else {
            None
        };
        Ok(Self {
            resource_id: resource_id.filled_text()?.to_owned(),
            resource_name: field.get("resourceName")?.optional_text()?,
            arn: field.get(spelling.arn)?.optional(|arn| arn.identifier(Arn::parse))?,
            account: field.get(spelling.account)?.identifier(AccountId::parse)?,
            region: field.get("awsRegion")?.optional_text()?,
            status,
            captured_at: field.get("configurationItemCaptureTime")?.time()?,
            state_id: state_id(&field.get("configurationStateId")?)?,
            resource,
            resource_type,
        })
    }
}

fn resource(
    resource_type: &str,
    resource_id: &Field<'_>,
    configuration: &Field<'_>,
    tags: &Field<'_>,
) -> Result<Resource, EventError> {
    let embedded = configuration.embedded("the resource's configuration, because its status is live")?;
    let configuration = Field::at(configuration.path(), embedded.as_ref());
    Resource::read(resource_type, resource_id, &configuration, tags)
}

/// A number in an event, a string in the history.
fn state_id(field: &Field<'_>) -> Result<Option<String>, EventError> {
    match field.raw() {
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => field.optional_text(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Value {
        json!({
            "userName": "mara.lindqvist", "userId": "AIDAQ2XH7WMR4TKV5JLCE",
            "arn": "arn:aws:iam::111122223333:user/mara.lindqvist",
            "userPolicyList": [{"policyName": "p", "policyDocument": "%7B%7D"}]
        })
    }

    fn event() -> Value {
        json!({
            "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-11-20T09:14:03.217Z",
            "configurationStateId": 1_795_166_043_217_u64, "awsAccountId": "111122223333",
            "configurationItemStatus": "OK", "resourceType": "AWS::IAM::User",
            "resourceId": "AIDAQ2XH7WMR4TKV5JLCE", "resourceName": "mara.lindqvist",
            "ARN": "arn:aws:iam::111122223333:user/mara.lindqvist", "awsRegion": "global",
            "configurationStateMd5Hash": "", "relatedEvents": [], "configuration": user()
        })
    }

    fn history() -> Value {
        json!({
            "version": "1.3", "configurationItemCaptureTime": 1_795_166_043.217,
            "configurationStateId": "1795166043217", "accountId": "111122223333",
            "configurationItemStatus": "OK", "resourceType": "AWS::IAM::User",
            "resourceId": "AIDAQ2XH7WMR4TKV5JLCE", "resourceName": "mara.lindqvist",
            "arn": "arn:aws:iam::111122223333:user/mara.lindqvist", "awsRegion": "global",
            "configurationItemMD5Hash": "", "configuration": user().to_string()
        })
    }

    #[test]
    fn both_spellings_of_an_item_read_alike() {
        let item = ConfigurationItem::from_event(&event()).unwrap();
        assert_eq!(ConfigurationItem::from_history(&history()).unwrap(), item);
        assert_eq!(item.state_id.as_deref(), Some("1795166043217"));
    }

    #[test]
    fn a_spelling_in_the_wrong_place_names_the_field() {
        let error = ConfigurationItem::from_event(&history()).unwrap_err();
        assert_eq!(error.to_string(), "`configurationItem.awsAccountId` is absent; expected a string");
    }

    #[test]
    fn history_times_may_be_text() {
        let mut item = history();
        item["configurationItemCaptureTime"] = json!("2026-11-20T09:14:03.217Z");
        assert_eq!(
            ConfigurationItem::from_history(&item).unwrap(),
            ConfigurationItem::from_event(&event()).unwrap()
        );
    }

    #[test]
    fn a_live_item_without_configuration_is_an_error() {
        for (status, configuration) in [("OK", json!(null)), ("ResourceDiscovered", json!(null))] {
            let mut item = event();
            item["configurationItemStatus"] = json!(status);
            item["configuration"] = configuration;
            let error = ConfigurationItem::from_event(&item).unwrap_err().to_string();
            assert!(error.starts_with("`configurationItem.configuration` is null; expected"), "{error}");
        }
        let mut item = history();
        item["configuration"] = json!("null");
        let error = ConfigurationItem::from_history(&item).unwrap_err().to_string();
        assert!(error.starts_with("`configurationItem.configuration` is null; expected"), "{error}");
        item["configuration"] = json!("{\"userName\": ");
        let error = ConfigurationItem::from_history(&item).unwrap_err().to_string();
        assert!(error.starts_with("`configurationItem.configuration` is not JSON: EOF"), "{error}");
    }

    #[test]
    fn a_deleted_resource_may_have_nothing_but_its_id() {
        for status in ["ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"] {
            let mut item = event();
            item["configurationItemStatus"] = json!(status);
            for key in ["configuration", "resourceName", "resourceCreationTime", "ARN"] {
                item[key] = json!(null);
            }
            let item = ConfigurationItem::from_event(&item).unwrap();
            assert_eq!((item.resource, item.resource_name, item.arn), (None, None, None));
        }
    }

    #[test]
    fn the_last_configuration_of_a_deleted_resource_is_not_judged() {
        let mut item = event();
        item["configurationItemStatus"] = json!("ResourceDeleted");
        assert_eq!(ConfigurationItem::from_event(&item).unwrap().resource, None);
    }

    #[test]
    fn an_item_about_two_principals_is_an_error() {
        let mut item = event();
        item["resourceId"] = json!("AIDAQ2XH7WMR9GZP3ABWS");
        assert_eq!(
            ConfigurationItem::from_event(&item).unwrap_err().to_string(),
            "`configurationItem.configuration.userId` is `AIDAQ2XH7WMR4TKV5JLCE` but \
             `configurationItem.resourceId` is `AIDAQ2XH7WMR9GZP3ABWS`; both must name the same resource"
        );
    }

    #[test]
    fn a_type_that_is_not_iam_is_other() {
        let mut item = event();
        item["resourceType"] = json!("AWS::S3::Bucket");
        item["configuration"] = json!({"name": "larkfield-manifests"});
        assert_eq!(ConfigurationItem::from_event(&item).unwrap().resource, Some(Resource::Other));
    }
}
