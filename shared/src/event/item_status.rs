use super::error::EventError;
use super::field::Field;

/// What AWS Config says has become of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemStatus {
    /// It exists and was recorded.
    Ok,
    /// It exists and was recorded for the first time.
    ResourceDiscovered,
    /// It is gone.
    ResourceDeleted,
    /// It is gone, and its type is not recorded.
    ResourceDeletedNotRecorded,
    /// It exists, but its type is not recorded: every Region but the home Region says so of IAM.
    ResourceNotRecorded,
}

impl ItemStatus {
    /// Whether the item describes a resource that can be judged. All others are answered `NOT_APPLICABLE`.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Ok | Self::ResourceDiscovered)
    }

    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        const EXPECTED: &str = "`OK`, `ResourceDiscovered`, `ResourceDeleted`, `ResourceDeletedNotRecorded` \
                                or `ResourceNotRecorded`";
        field.word(EXPECTED, |word| match word {
            "OK" => Some(Self::Ok),
            "ResourceDiscovered" => Some(Self::ResourceDiscovered),
            "ResourceDeleted" => Some(Self::ResourceDeleted),
            "ResourceDeletedNotRecorded" => Some(Self::ResourceDeletedNotRecorded),
            "ResourceNotRecorded" => Some(Self::ResourceNotRecorded),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_resources_that_exist_and_are_recorded_are_live() {
        let live = |word: &str| ItemStatus::read(&Field::at("status", &json!(word))).unwrap().is_live();
        assert!(live("OK"));
        assert!(live("ResourceDiscovered"));
        assert!(!live("ResourceDeleted"));
        assert!(!live("ResourceDeletedNotRecorded"));
        assert!(!live("ResourceNotRecorded"));
    }

    #[test]
    fn an_unknown_status_is_named() {
        let error = ItemStatus::read(&Field::at("x.configurationItemStatus", &json!("Ok"))).unwrap_err();
        assert!(
            error.to_string().starts_with("`x.configurationItemStatus` is `Ok`; expected `OK`, "),
            "{error}"
        );
    }
}
