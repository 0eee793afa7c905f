use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use shared::engine::ResourceName;
use shared::facts::{InlinePolicy, Read, Unread, WhyUnread};
use shared::identifier::PolicyName;
use shared::policy::PolicyDocument;

use super::find::NO_SUCH_ENTITY;
use super::pages::listed;
use super::{AT_ONCE, Iam, senseless};
use crate::failure::Failure;

impl Iam {
    /// The inline policies with their text, all or none.
    pub(super) async fn inline_policies(&self, of: &ResourceName) -> Result<Vec<InlinePolicy>, Unread> {
        // A policy may vanish between the listing and its reading; then the listing is made once more.
        for _ in 0..2 {
            let names = self.inline_policy_names(of).await?;
            let policies: Vec<Option<InlinePolicy>> = stream::iter(names)
                .map(|name| self.inline_policy(of, name))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
            if let Some(policies) = policies.into_iter().collect() {
                return Ok(policies);
            }
        }
        // IAM settles within seconds, so this is worth another try.
        let why = "a listed policy is not there to be read: somebody is changing them just now";
        Err(Unread::new(list_read(of), WhyUnread::Throttled, why))
    }

    async fn inline_policy_names(&self, of: &ResourceName) -> Result<Vec<PolicyName>, Unread> {
        let read = list_read(of);
        let names = match of {
            ResourceName::User(user) => {
                listed!(read, self.client.list_user_policies().user_name(user.as_str()), |answer| answer
                    .policy_names)
                .await?
            }
            ResourceName::Role(role) => {
                listed!(read, self.client.list_role_policies().role_name(role.as_str()), |answer| answer
                    .policy_names)
                .await?
            }
            ResourceName::Group(group) => {
                listed!(read, self.client.list_group_policies().group_name(group.as_str()), |answer| answer
                    .policy_names)
                .await?
            }
            ResourceName::Policy(_) | ResourceName::Account(_) | ResourceName::Listed(_) => Vec::new(),
        };
        names.iter().map(|name| PolicyName::parse(name).map_err(|error| senseless(read, error))).collect()
    }

    /// A policy's text; `None` where it is gone.
    async fn inline_policy(
        &self,
        of: &ResourceName,
        name: PolicyName,
    ) -> Result<Option<InlinePolicy>, Unread> {
        let (read, answer) = match of {
            ResourceName::User(user) => {
                let request = self.client.get_user_policy().user_name(user.as_str());
                let answer = request.policy_name(name.as_str()).send().await;
                (Read::GetUserPolicy, encoded(answer, |answer| answer.policy_document))
            }
            ResourceName::Role(role) => {
                let request = self.client.get_role_policy().role_name(role.as_str());
                let answer = request.policy_name(name.as_str()).send().await;
                (Read::GetRolePolicy, encoded(answer, |answer| answer.policy_document))
            }
            ResourceName::Group(group) => {
                let request = self.client.get_group_policy().group_name(group.as_str());
                let answer = request.policy_name(name.as_str()).send().await;
                (Read::GetGroupPolicy, encoded(answer, |answer| answer.policy_document))
            }
            ResourceName::Policy(_) | ResourceName::Account(_) | ResourceName::Listed(_) => return Ok(None),
        };
        match answer {
            Ok(encoded) => {
                let document =
                    PolicyDocument::from_percent_encoded(&encoded).map_err(|error| senseless(read, error))?;
                Ok(Some(InlinePolicy { name, document }))
            }
            Err(failure) if failure.is(NO_SUCH_ENTITY) => Ok(None),
            Err(failure) => Err(failure.unread(read)),
        }
    }
}

fn list_read(of: &ResourceName) -> Read {
    match of {
        ResourceName::User(_) => Read::ListUserPolicies,
        ResourceName::Role(_) => Read::ListRolePolicies,
        // Nothing is written into a policy, so of one nothing is listed.
        ResourceName::Group(_)
        | ResourceName::Policy(_)
        | ResourceName::Account(_)
        | ResourceName::Listed(_) => Read::ListGroupPolicies,
    }
}

fn encoded<T, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    document: fn(T) -> String,
) -> Result<String, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answer.map(document).map_err(|error| Failure::of(&error))
}
