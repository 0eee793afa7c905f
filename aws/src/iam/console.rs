use shared::facts::{Fact, LoginProfile, MfaDevice, Read, Span, Unread};
use shared::identifier::UserName;

use super::find::NO_SUCH_ENTITY;
use super::pages::listed;
use super::{Iam, senseless};
use crate::failure::Failure;
use crate::time::from_sdk;

impl Iam {
    /// A user's console password; to IAM it does not exist where there is none.
    pub(super) async fn login_profile(&self, user: &UserName) -> Fact<LoginProfile> {
        const READ: Read = Read::GetLoginProfile;
        let answer = match self.client.get_login_profile().user_name(user.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let failure = Failure::of(&error);
                let absent = failure.is(NO_SUCH_ENTITY);
                return if absent { Fact::Absent } else { Fact::Unknown(failure.unread(READ)) };
            }
        };
        let told = answer.login_profile.and_then(|profile| {
            let created = from_sdk(&profile.create_date)?;
            Some(LoginProfile {
                created: Span::exactly(created),
                reset_required: Some(profile.password_reset_required),
            })
        });
        match told {
            Some(profile) => Fact::Known(profile),
            None => Fact::Unknown(senseless(READ, "the answer holds no profile with a date")),
        }
    }

    /// A user's MFA devices, virtual and hardware.
    pub(super) async fn mfa_devices(&self, user: &UserName) -> Result<Vec<MfaDevice>, Unread> {
        let devices = listed!(
            Read::ListMfaDevices,
            self.client.list_mfa_devices().user_name(user.as_str()),
            |answer| answer.mfa_devices
        )
        .await?;
        Ok(devices.into_iter().map(|device| MfaDevice { serial: Some(device.serial_number) }).collect())
    }
}
