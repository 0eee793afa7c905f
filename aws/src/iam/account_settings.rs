use std::collections::{BTreeSet, HashMap};

use aws_sdk_iam::types::{AssignmentStatusType, SummaryKeyType, VirtualMfaDevice};
use shared::facts::{Account, AccountSummary, Fact, MfaDevice, Need, PasswordPolicy, Read, Unread};

use super::find::NO_SUCH_ENTITY;
use super::pages::listed;
use super::{Iam, fact, senseless};
use crate::failure::Failure;

impl Iam {
    /// Reads what IAM knows of the account itself. A read that fails leaves its fact unknown.
    pub(super) async fn refresh_account(&self, account: &mut Account, needs: &BTreeSet<Need>) {
        if needs.contains(&Need::AccountSummary) {
            account.summary = fact(self.account_summary().await);
        }
        if needs.contains(&Need::RootMfaDevices) {
            account.root_virtual_mfa_devices = fact(self.root_virtual_mfa_devices().await);
        }
        if needs.contains(&Need::PasswordPolicy) {
            account.password_policy = match self.password_policy().await {
                Ok(policy) => policy.into(),
                Err(unread) => Fact::Unknown(unread),
            };
        }
    }

    async fn account_summary(&self) -> Result<AccountSummary, Unread> {
        const READ: Read = Read::GetAccountSummary;
        let answer = self.client.get_account_summary().send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(READ))?;
        summary(&answer.summary_map.unwrap_or_default())
    }

    async fn root_virtual_mfa_devices(&self) -> Result<Vec<MfaDevice>, Unread> {
        let devices = listed!(
            Read::ListVirtualMfaDevices,
            self.client.list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Assigned),
            |answer| answer.virtual_mfa_devices
        )
        .await?;
        let of_root = devices.into_iter().filter(is_roots);
        Ok(of_root.map(|device| MfaDevice { serial: Some(device.serial_number) }).collect())
    }

    async fn password_policy(&self) -> Result<Option<PasswordPolicy>, Unread> {
        const READ: Read = Read::GetAccountPasswordPolicy;
        let answer = match self.client.get_account_password_policy().send().await {
            Ok(answer) => answer,
            Err(error) => {
                let failure = Failure::of(&error);
                return if failure.is(NO_SUCH_ENTITY) { Ok(None) } else { Err(failure.unread(READ)) };
            }
        };
        let live = answer.password_policy.ok_or_else(|| senseless(READ, "the answer holds no policy"))?;
        let count = |count: Option<i32>| {
            let count = count.map(u32::try_from).transpose();
            // 0 is how some answers spell "never".
            count.map(|count| count.filter(|count| *count > 0)).map_err(|error| senseless(READ, error))
        };
        // Whether they expire is derived from when, so that an answer in which the two disagree says nothing.
        let max_password_age = match (live.expire_passwords, count(live.max_password_age)?) {
            (true, None) => return Err(senseless(READ, "passwords expire, and it is not said when")),
            (false, Some(days)) => {
                return Err(senseless(
                    READ,
                    format!("passwords do not expire, and expire after {days} days"),
                ));
            }
            (_, days) => days,
        };
        Ok(Some(PasswordPolicy {
            minimum_password_length: count(live.minimum_password_length)?
                .unwrap_or(PasswordPolicy::default().minimum_password_length),
            require_symbols: live.require_symbols,
            require_numbers: live.require_numbers,
            require_uppercase_characters: live.require_uppercase_characters,
            require_lowercase_characters: live.require_lowercase_characters,
            allow_users_to_change_password: live.allow_users_to_change_password,
            max_password_age,
            password_reuse_prevention: count(live.password_reuse_prevention)?,
            hard_expiry: live.hard_expiry.unwrap_or_default(),
        }))
    }
}

fn summary(numbers: &HashMap<SummaryKeyType, i32>) -> Result<AccountSummary, Unread> {
    let missing = |key: &SummaryKeyType| {
        senseless(Read::GetAccountSummary, format!("the answer holds no {}", key.as_str()))
    };
    let number = |key: SummaryKeyType| numbers.get(&key).copied().ok_or_else(|| missing(&key));
    let users = number(SummaryKeyType::Users)?;
    Ok(AccountSummary {
        root_has_access_key: number(SummaryKeyType::AccountAccessKeysPresent)? > 0,
        root_has_mfa: number(SummaryKeyType::AccountMfaEnabled)? > 0,
        // IAM has told it since 2024.
        root_has_password: numbers.get(&SummaryKeyType::AccountPasswordPresent).map(|present| *present > 0),
        users: u64::try_from(users).map_err(|error| senseless(Read::GetAccountSummary, error))?,
    })
}

/// Whether it is the root user's: IAM names that user, or no user and a serial number that only the root user's has.
fn is_roots(device: &VirtualMfaDevice) -> bool {
    let of_root = |user: &aws_sdk_iam::types::User| user.arn.ends_with(":root");
    device.user.as_ref().is_some_and(of_root)
        || device.serial_number.ends_with(":mfa/root-account-mfa-device")
}
