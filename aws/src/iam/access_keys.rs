use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use futures_util::stream::{self, StreamExt};
use shared::facts::{AccessKey, Fact, KeyStatus, LastUse, Read, Span, Unread};
use shared::identifier::{AccessKeyId, UserName};

use super::pages::listed;
use super::{AT_ONCE, Iam, senseless};
use crate::failure::Failure;
use crate::time::from_sdk;

impl Iam {
    /// A user's keys, however many there are; their last use stays unread.
    pub(super) async fn access_keys(&self, user: &UserName) -> Result<Vec<AccessKey>, Unread> {
        let keys = listed!(
            Read::ListAccessKeys,
            self.client.list_access_keys().user_name(user.as_str()),
            |answer| answer.access_key_metadata
        )
        .await?;
        keys.into_iter().map(key).collect()
    }

    /// A user's keys with their last use; where that cannot be read of one, the others' still stand.
    pub(super) async fn access_keys_with_last_use(&self, user: &UserName) -> Result<Vec<AccessKey>, Unread> {
        let keys = self.access_keys(user).await?;
        Ok(stream::iter(keys).map(|key| self.with_last_use(key)).buffered(AT_ONCE).collect().await)
    }

    async fn with_last_use(&self, mut key: AccessKey) -> AccessKey {
        if let Fact::Known(id) = &key.id {
            key.last_used = self.last_use(id).await;
        }
        key
    }

    /// The user whose key it is; `None` where there is none.
    pub(crate) async fn holder_of(&self, key: &AccessKeyId) -> Result<Option<UserName>, Unread> {
        const READ: Read = Read::GetAccessKeyLastUsed;
        let answer = match self.client.get_access_key_last_used().access_key_id(key.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let failure = Failure::of(&error);
                return if failure.is("NoSuchEntityException") || failure.is("NoSuchEntity") {
                    Ok(None)
                } else {
                    Err(failure.unread(READ))
                };
            }
        };
        // Of root's keys AWS names no user.
        let name = answer.user_name.filter(|name| !name.is_empty());
        name.map(|name| UserName::parse(&name).map_err(|error| senseless(READ, error))).transpose()
    }

    async fn last_use(&self, key: &AccessKeyId) -> Fact<LastUse> {
        const READ: Read = Read::GetAccessKeyLastUsed;
        let answer = match self.client.get_access_key_last_used().access_key_id(key.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => return Fact::Unknown(Failure::of(&error).unread(READ)),
        };
        let Some(used) = answer.access_key_last_used else {
            return Fact::Unknown(senseless(READ, "the answer holds no last use"));
        };
        // No date is AWS's word for never; service and Region are `N/A` then.
        let Some(at) = used.last_used_date else { return Fact::Absent };
        match from_sdk(&at) {
            Some(at) => Fact::Known(LastUse { at, service: used.service_name, region: used.region }),
            None => Fact::Unknown(senseless(READ, "a time is out of range")),
        }
    }
}

fn key(key: AccessKeyMetadata) -> Result<AccessKey, Unread> {
    const READ: Read = Read::ListAccessKeys;
    let id = key.access_key_id.ok_or_else(|| senseless(READ, "a key has no id"))?;
    let created = key.create_date.as_ref().and_then(from_sdk);
    let status = match &key.status {
        Some(StatusType::Active) => KeyStatus::Active,
        // Expired keys are refused like inactive ones.
        Some(StatusType::Inactive | StatusType::Expired) => KeyStatus::Inactive,
        other => {
            let status = other.as_ref().map_or("none", StatusType::as_str);
            return Err(senseless(READ, format!("a key's status is `{status}`")));
        }
    };
    Ok(AccessKey {
        id: Fact::Known(AccessKeyId::parse(&id).map_err(|error| senseless(READ, error))?),
        status,
        created: Span::exactly(created.ok_or_else(|| senseless(READ, "a key has no date of creation"))?),
        last_used: Fact::not_read(Read::GetAccessKeyLastUsed),
    })
}
