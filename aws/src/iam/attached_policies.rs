use aws_sdk_iam::types;
use shared::engine::ResourceName;
use shared::facts::{AttachedPolicy, Read, Unread};
use shared::identifier::Arn;

use super::pages::listed;
use super::{Iam, senseless};

impl Iam {
    /// The managed policies attached to a user, role or group directly.
    pub(super) async fn attached_policies(&self, of: &ResourceName) -> Result<Vec<AttachedPolicy>, Unread> {
        match of {
            ResourceName::User(user) => {
                let policies = listed!(
                    Read::ListAttachedUserPolicies,
                    self.client.list_attached_user_policies().user_name(user.as_str()),
                    |answer| answer.attached_policies.unwrap_or_default()
                )
                .await?;
                attached(policies, Read::ListAttachedUserPolicies)
            }
            ResourceName::Role(role) => {
                let policies = listed!(
                    Read::ListAttachedRolePolicies,
                    self.client.list_attached_role_policies().role_name(role.as_str()),
                    |answer| answer.attached_policies.unwrap_or_default()
                )
                .await?;
                attached(policies, Read::ListAttachedRolePolicies)
            }
            ResourceName::Group(group) => {
                let policies = listed!(
                    Read::ListAttachedGroupPolicies,
                    self.client.list_attached_group_policies().group_name(group.as_str()),
                    |answer| answer.attached_policies.unwrap_or_default()
                )
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
