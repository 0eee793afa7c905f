use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::types;
use shared::engine::ResourceName;
use shared::facts::{AttachedPolicy, Read, Unread};
use shared::identifier::Arn;

use super::pages::{IamPage, all};
use super::{Iam, senseless};

impl Iam {
    /// The managed policies attached to a user, role or group directly.
    pub(super) async fn attached_policies(&self, of: &ResourceName) -> Result<Vec<AttachedPolicy>, Unread> {
        match of {
            ResourceName::User(user) => {
                let policies = all(Read::ListAttachedUserPolicies, async |marker| {
                    let request = self.client.list_attached_user_policies().user_name(user.as_str());
                    let answer = request.set_marker(marker).send().await?;
                    Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                        items: answer.attached_policies.unwrap_or_default(),
                        is_truncated: answer.is_truncated,
                        marker: answer.marker,
                    })
                })
                .await?;
                attached(policies, Read::ListAttachedUserPolicies)
            }
            ResourceName::Role(role) => {
                let policies = all(Read::ListAttachedRolePolicies, async |marker| {
                    let request = self.client.list_attached_role_policies().role_name(role.as_str());
                    let answer = request.set_marker(marker).send().await?;
                    Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                        items: answer.attached_policies.unwrap_or_default(),
                        is_truncated: answer.is_truncated,
                        marker: answer.marker,
                    })
                })
                .await?;
                attached(policies, Read::ListAttachedRolePolicies)
            }
            ResourceName::Group(group) => {
                let policies = all(Read::ListAttachedGroupPolicies, async |marker| {
                    let request = self.client.list_attached_group_policies().group_name(group.as_str());
                    let answer = request.set_marker(marker).send().await?;
                    Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                        items: answer.attached_policies.unwrap_or_default(),
                        is_truncated: answer.is_truncated,
                        marker: answer.marker,
                    })
                })
                .await?;
                attached(policies, Read::ListAttachedGroupPolicies)
            }
            ResourceName::Policy(_) | ResourceName::Account(_) | ResourceName::Listed(_) => Ok(Vec::new()),
        }
    }
}

/// Each by its ARN; one without makes the list worthless.
pub(super) fn attached(
    policies: Vec<types::AttachedPolicy>,
    read: Read,
) -> Result<Vec<AttachedPolicy>, Unread> {
    policies
        .into_iter()
        .map(|policy| {
            let arn = policy.policy_arn.ok_or_else(|| senseless(read, "a policy has no ARN"))?;
            Arn::parse(&arn).map(|arn| AttachedPolicy { arn }).map_err(|error| senseless(read, error))
        })
        .collect()
}
