use jiff::Timestamp;

use super::error::EventError;
use super::field::Field;
use super::item::ConfigurationItem;
use super::item_summary::ItemSummary;
use crate::identifier::AccountId;

/// Why AWS Config invoked the rule: the four kinds of message that may.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one to an invocation, which is boxed as a whole")]
pub enum Notification {
    /// A resource changed, or its last item is played again by a re-evaluation.
    ItemChanged(ConfigurationItem),
    /// A resource changed, and its item is too large to be sent.
    ItemOversized(ItemSummary),
    /// The rule's own schedule.
    Scheduled {
        /// The account to look at, where the message names one.
        account: Option<AccountId>,
        /// When the schedule fired; verdicts are dated by it.
        at: Timestamp,
    },
    /// A snapshot of all resources was delivered, which some rules take for a schedule.
    SnapshotDelivered {
        /// When, where the message says so.
        at: Option<Timestamp>,
        /// The snapshot's id.
        snapshot_id: Option<String>,
    },
}

#[derive(Clone, Copy)]
enum MessageType {
    ItemChanged,
    ItemOversized,
    Scheduled,
    SnapshotDelivered,
}

impl Notification {
    /// The account that the message itself names.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::ItemChanged(item) => Some(&item.account),
            Self::ItemOversized(summary) => Some(&summary.account),
            Self::Scheduled { account, .. } => account.as_ref(),
            Self::SnapshotDelivered { .. } => None,
        }
    }

    /// Reads the message in `invokingEvent`.
    pub(super) fn read(message: &Field<'_>) -> Result<Self, EventError> {
        let created = message.get("notificationCreationTime")?;
        Ok(match message_type(&message.get("messageType")?)? {
            MessageType::ItemChanged => {
                Self::ItemChanged(ConfigurationItem::read_event(&message.get("configurationItem")?)?)
            }
            MessageType::ItemOversized => {
                Self::ItemOversized(ItemSummary::read(&message.get("configurationItemSummary")?)?)
            }
            MessageType::Scheduled => Self::Scheduled {
                account: message.get("awsAccountId")?.optional(|id| id.identifier(AccountId::parse))?,
                at: created.time()?,
            },
            MessageType::SnapshotDelivered => Self::SnapshotDelivered {
                at: created.optional(Field::time)?,
                snapshot_id: message.get("configSnapshotId")?.optional_text()?,
            },
        })
    }
}

fn message_type(field: &Field<'_>) -> Result<MessageType, EventError> {
    const EXPECTED: &str = "`ConfigurationItemChangeNotification`, \
        `OversizedConfigurationItemChangeNotification`, `ScheduledNotification` \
        or `ConfigurationSnapshotDeliveryCompleted`";
    field.word(EXPECTED, |word| match word {
        "ConfigurationItemChangeNotification" => Some(MessageType::ItemChanged),
        "OversizedConfigurationItemChangeNotification" => Some(MessageType::ItemOversized),
        "ScheduledNotification" => Some(MessageType::Scheduled),
        "ConfigurationSnapshotDeliveryCompleted" => Some(MessageType::SnapshotDelivered),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(message: &Value) -> Result<Notification, String> {
        Notification::read(&Field::at("invokingEvent", message)).map_err(|error| error.to_string())
    }

    fn oversized() -> Value {
        json!({
            "messageType": "OversizedConfigurationItemChangeNotification",
            "configurationItemSummary": {
                "changeType": "UPDATE", "configurationItemCaptureTime": "2026-11-20T10:02:41.900Z",
                "awsAccountId": "111122223333", "configurationItemStatus": "OK",
                "resourceType": "AWS::IAM::Role", "resourceId": "AROAQ2XH7WMRTB5N3KFLD", "resourceName": null
            }
        })
    }

    #[test]
    fn an_oversized_item_needs_no_creation_time_record_version_or_resource_name() {
        let Notification::ItemOversized(summary) = read(&oversized()).unwrap() else { panic!() };
        assert_eq!(summary.resource_name, None);
        assert_eq!(summary.change_type.as_deref(), Some("UPDATE"));
        assert_eq!(summary.captured_at.to_string(), "2026-11-20T10:02:41.9Z");
    }

    #[test]
    fn an_oversized_item_needs_its_capture_time() {
        let mut message = oversized();
        message["configurationItemSummary"]["configurationItemCaptureTime"] = json!("noon");
        assert_eq!(
            read(&message).unwrap_err(),
            "`invokingEvent.configurationItemSummary.configurationItemCaptureTime` is `noon`; \
             expected an RFC 3339 time with its offset, or seconds since 1970"
        );
    }

    #[test]
    fn a_schedule_is_dated_by_its_notification() {
        let message = json!({
            "awsAccountId": "111122223333", "notificationCreationTime": "2026-11-20T12:00:00.411Z",
            "messageType": "ScheduledNotification", "recordVersion": "1.0"
        });
        let expected = Notification::Scheduled {
            account: Some(AccountId::parse("111122223333").unwrap()),
            at: "2026-11-20T12:00:00.411Z".parse().unwrap(),
        };
        assert_eq!(read(&message), Ok(expected));
        let error = read(&json!({"messageType": "ScheduledNotification"})).unwrap_err();
        assert_eq!(error, "`invokingEvent.notificationCreationTime` is absent; expected a time");
    }

    #[test]
    fn a_snapshot_names_no_account_and_may_name_no_time() {
        let snapshot = read(&json!({"messageType": "ConfigurationSnapshotDeliveryCompleted"})).unwrap();
        assert_eq!(snapshot, Notification::SnapshotDelivered { at: None, snapshot_id: None });
        assert_eq!(snapshot.account(), None);
    }

    #[test]
    fn an_unknown_message_type_is_named() {
        let error = read(&json!({"messageType": "ConfigurationHistoryDeliveryCompleted"})).unwrap_err();
        assert!(
            error.starts_with(
                "`invokingEvent.messageType` is `ConfigurationHistoryDeliveryCompleted`; expected `Conf"
            ),
            "{error}"
        );
    }

    #[test]
    fn a_change_without_its_item_is_an_error() {
        let error = read(&json!({"messageType": "ConfigurationItemChangeNotification"})).unwrap_err();
        assert_eq!(error, "`invokingEvent.configurationItem` is absent; expected an object");
    }
}
