use aws_sdk_config::Client;
use aws_sdk_config::types::{self, ChronologicalOrder, ConfigurationItemStatus, ResourceType};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::PortError;
use shared::event::{ConfigurationItem, ItemSummary};

use crate::failure::Failure;
use crate::time::{from_sdk, to_sdk};

const RESOURCE_HISTORY: &str = "config:GetResourceConfigHistory";

/// A call spans seven days at most; the item that is wanted was captured at the later end.
const BACK: SignedDuration = SignedDuration::from_hours(24);

/// The item of exactly the summary's capture time. Another one tells of another state.
pub(super) async fn item_at(
    client: &Client,
    summary: &ItemSummary,
) -> Result<Option<ConfigurationItem>, PortError> {
    let request = client
        .get_resource_config_history()
        .resource_type(ResourceType::from(summary.resource_type.as_str()))
        .resource_id(&summary.resource_id)
        .later_time(to_sdk(summary.captured_at))
        .earlier_time(to_sdk(summary.captured_at - BACK))
        .chronological_order(ChronologicalOrder::Reverse)
        .limit(1);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let failure = Failure::of(&error);
            // Not in the history yet, or never recorded: the summary came all the same.
            if failure.is("ResourceNotDiscoveredException") {
                return Ok(None);
            }
            return Err(failure.port(RESOURCE_HISTORY));
        }
    };
    let items = answer.configuration_items.unwrap_or_default();
    let Some(item) = items.iter().find(|item| {
        item.configuration_item_capture_time.as_ref().and_then(from_sdk) == Some(summary.captured_at)
    }) else {
        return Ok(None);
    };
    ConfigurationItem::from_history(&wire(item))
        .map(Some)
        .map_err(|error| Failure::of_answer(error.to_string()).port(RESOURCE_HISTORY))
}

/// The item as it stood on the wire, as far as it is read.
fn wire(item: &types::ConfigurationItem) -> Value {
    let captured = item.configuration_item_capture_time.as_ref().and_then(from_sdk);
    json!({
        "accountId": item.account_id,
        "arn": item.arn,
        "awsRegion": item.aws_region,
        "configuration": item.configuration,
        "configurationItemCaptureTime": captured.map(|time| time.to_string()),
        "configurationItemStatus":
            item.configuration_item_status.as_ref().map(ConfigurationItemStatus::as_str),
        "configurationStateId": item.configuration_state_id,
        "resourceId": item.resource_id,
        "resourceName": item.resource_name,
        "resourceType": item.resource_type.as_ref().map(ResourceType::as_str),
    })
}
