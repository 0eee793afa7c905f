use shared::facts::{Read, Unread};
use shared::identifier::{Arn, RoleName};

use super::pages::listed;
use super::{Iam, senseless};

const READ: Read = Read::ListInstanceProfilesForRole;

impl Iam {
    /// The instance profiles that a role is in.
    pub(super) async fn instance_profiles(&self, role: &RoleName) -> Result<Vec<Arn>, Unread> {
        let profiles =
            listed!(READ, self.client.list_instance_profiles_for_role().role_name(role.as_str()), |answer| {
                answer.instance_profiles
            })
            .await?;
        let arn = |profile: aws_sdk_iam::types::InstanceProfile| {
            Arn::parse(&profile.arn).map_err(|error| senseless(READ, error))
        };
        profiles.into_iter().map(arn).collect()
    }
}
