use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::types::{StatusType, Tag};
use shared::engine::{PortErrorKind, WriteError};
use shared::facts::{OtherCredentialKind, PasswordPolicy, RoleIdentity, UserIdentity};
use shared::identifier::{AccessKeyId, CredentialId};
use shared::remedy::Step;

use super::IamWriter;
use super::find::NO_SUCH_ENTITY;
use crate::failure::Failure;

impl IamWriter {
    /// Makes the step's one API call.
    pub(super) async fn write(&self, step: &Step) -> Result<(), WriteError> {
        self.call(step).await.map_err(|failure| write_error(step, failure))
    }

    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    async fn call(&self, step: &Step) -> Result<(), Failure> {
        let iam = &*self.client;
        match step {
            Step::DeactivateAccessKey { user, key } => self.set_key(user, key, StatusType::Inactive).await,
            Step::ActivateAccessKey { user, key } => self.set_key(user, key, StatusType::Active).await,
            Step::DeleteAccessKey { user, key, .. } => self.delete_key(user, key).await,
            Step::DeactivateCredential { user, kind, credential } => {
                self.set_credential(user, *kind, credential, StatusType::Inactive).await
            }
            Step::ActivateCredential { user, kind, credential } => {
                self.set_credential(user, *kind, credential, StatusType::Active).await
            }
            Step::DeleteUserPolicy { user, policy, document: _ } => {
                let request = iam.delete_user_policy().user_name(user.name.as_str());
                done(request.policy_name(policy.as_str()).send().await)
            }
            Step::PutUserPolicy { user, policy, document } => {
                let request = iam.put_user_policy().user_name(user.name.as_str());
                let request = request.policy_name(policy.as_str()).policy_document(document.as_str());
                done(request.send().await)
            }
            Step::DetachUserPolicy { user, policy } => {
                let request = iam.detach_user_policy().user_name(user.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::AttachUserPolicy { user, policy } => {
                let request = iam.attach_user_policy().user_name(user.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::DeleteLoginProfile { user } => {
                done(iam.delete_login_profile().user_name(user.name.as_str()).send().await)
            }
            Step::PutUserPermissionsBoundary { user, boundary, replaces: _ } => {
                let request = iam.put_user_permissions_boundary().user_name(user.name.as_str());
                done(request.permissions_boundary(boundary.as_str()).send().await)
            }
            Step::DeleteUserPermissionsBoundary { user, boundary: _ } => {
                done(iam.delete_user_permissions_boundary().user_name(user.name.as_str()).send().await)
            }
            Step::TagUser { user, tag, value } => {
                let request = iam.tag_user().user_name(user.name.as_str());
                done(request.tags(named_tag(tag, value)?).send().await)
            }
            Step::UntagUser { user, tag, value: _ } => {
                done(iam.untag_user().user_name(user.name.as_str()).tag_keys(tag).send().await)
            }
            Step::DeleteRolePolicy { role, policy, document: _ } => {
                let request = iam.delete_role_policy().role_name(role.name.as_str());
                done(request.policy_name(policy.as_str()).send().await)
            }
            Step::PutRolePolicy { role, policy, document } => {
                let request = iam.put_role_policy().role_name(role.name.as_str());
                let request = request.policy_name(policy.as_str()).policy_document(document.as_str());
                done(request.send().await)
            }
            Step::DetachRolePolicy { role, policy } => {
                let request = iam.detach_role_policy().role_name(role.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::AttachRolePolicy { role, policy } => {
                let request = iam.attach_role_policy().role_name(role.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::PutRolePermissionsBoundary { role, boundary, replaces: _ } => {
                let request = iam.put_role_permissions_boundary().role_name(role.name.as_str());
                done(request.permissions_boundary(boundary.as_str()).send().await)
            }
            Step::DeleteRolePermissionsBoundary { role, boundary: _ } => {
                done(iam.delete_role_permissions_boundary().role_name(role.name.as_str()).send().await)
            }
            Step::TagRole { role, tag, value } => {
                let request = iam.tag_role().role_name(role.name.as_str());
                done(request.tags(named_tag(tag, value)?).send().await)
            }
            Step::UntagRole { role, tag, value: _ } => {
                done(iam.untag_role().role_name(role.name.as_str()).tag_keys(tag).send().await)
            }
            Step::DetachGroupPolicy { group, policy } => {
                let request = iam.detach_group_policy().group_name(group.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::AttachGroupPolicy { group, policy } => {
                let request = iam.attach_group_policy().group_name(group.name.as_str());
                done(request.policy_arn(policy.as_str()).send().await)
            }
            Step::CreatePolicyVersion { policy, document, replaces: _, prior: _ } => {
                let request = iam.create_policy_version().policy_arn(policy.arn.as_str());
                done(request.policy_document(document.as_str()).set_as_default(true).send().await)
            }
            Step::SetDefaultPolicyVersion {
                policy,
                version,
                document: _,
                replaces: _,
                replaces_version: _,
            } => {
                let request = iam.set_default_policy_version().policy_arn(policy.arn.as_str());
                done(request.version_id(version.as_str()).send().await)
            }
            Step::UpdateAssumeRolePolicy { role, document, replaces: _ } => {
                let request = iam.update_assume_role_policy().role_name(role.name.as_str());
                done(request.policy_document(document.as_str()).send().await)
            }
            Step::UpdateRoleMaxSessionDuration { role, seconds, replaces: _ } => {
                self.set_session_duration(role, *seconds).await
            }
            Step::UpdateAccountPasswordPolicy { account: _, policy, replaces: _ } => {
                self.set_password_policy(policy).await
            }
            Step::DeleteAccountPasswordPolicy { account: _, policy: _ } => {
                done(iam.delete_account_password_policy().send().await)
            }
        }
    }

    /// What is not in the request stays as it is: the description.
    async fn set_session_duration(&self, role: &RoleIdentity, seconds: u32) -> Result<(), Failure> {
        let request = self.client.update_role().role_name(role.name.as_str());
        // Never out of range: IAM knows none longer than half a day.
        let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
        done(request.max_session_duration(seconds).send().await)
    }

    /// IAM resets what a request leaves out, so all nine options are in it; a number that is left out is none.
    async fn set_password_policy(&self, policy: &PasswordPolicy) -> Result<(), Failure> {
        // Never out of range: IAM knows none greater than 1095.
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let request = self.client.update_account_password_policy();
        let request = request
            .minimum_password_length(number(policy.minimum_password_length))
            .require_symbols(policy.require_symbols)
            .require_numbers(policy.require_numbers)
            .require_uppercase_characters(policy.require_uppercase_characters)
            .require_lowercase_characters(policy.require_lowercase_characters)
            .allow_users_to_change_password(policy.allow_users_to_change_password)
            .set_max_password_age(policy.max_password_age.map(number))
            .set_password_reuse_prevention(policy.password_reuse_prevention.map(number))
            .hard_expiry(policy.hard_expiry);
        done(request.send().await)
    }

    async fn delete_key(&self, user: &UserIdentity, key: &AccessKeyId) -> Result<(), Failure> {
        let request = self.client.delete_access_key().user_name(user.name.as_str());
        done(request.access_key_id(key.as_str()).send().await)
    }

    async fn set_key(
        &self,
        user: &UserIdentity,
        key: &AccessKeyId,
        status: StatusType,
    ) -> Result<(), Failure> {
        let request = self.client.update_access_key().user_name(user.name.as_str());
        done(request.access_key_id(key.as_str()).status(status).send().await)
    }

    async fn set_credential(
        &self,
        user: &UserIdentity,
        kind: OtherCredentialKind,
        credential: &CredentialId,
        status: StatusType,
    ) -> Result<(), Failure> {
        let (iam, user, id) = (&*self.client, user.name.as_str(), credential.as_str());
        match kind {
            OtherCredentialKind::SshPublicKey => {
                let request = iam.update_ssh_public_key().user_name(user).ssh_public_key_id(id);
                done(request.status(status).send().await)
            }
            OtherCredentialKind::ServiceSpecificCredential => {
                let request = iam.update_service_specific_credential().user_name(user);
                done(request.service_specific_credential_id(id).status(status).send().await)
            }
            OtherCredentialKind::SigningCertificate => {
                let request = iam.update_signing_certificate().user_name(user).certificate_id(id);
                done(request.status(status).send().await)
            }
        }
    }
}

fn named_tag(tag: &str, value: &str) -> Result<Tag, Failure> {
    let built = Tag::builder().key(tag).value(value).build();
    built.map_err(|error| Failure { kind: PortErrorKind::Failed, code: None, message: error.to_string() })
}

fn done<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Result<(), Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answer.map(|_| ()).map_err(|error| Failure::of(&error))
}

fn write_error(step: &Step, failure: Failure) -> WriteError {
    match failure.kind {
        PortErrorKind::Throttled | PortErrorKind::Overtaken => return WriteError::Uncertain(failure.message),
        PortErrorKind::Denied => {
            return WriteError::Denied { action: step.write().action(), message: failure.message };
        }
        PortErrorKind::Failed => {}
    }
    let message = failure.message;
    match failure.code.as_deref() {
        // Seen a moment ago and gone now: perhaps by the first try of this very call, whose answer was lost.
        Some(NO_SUCH_ENTITY) if takes_away(step) => {
            WriteError::Uncertain(format!("it is not there any more ({message})"))
        }
        Some(NO_SUCH_ENTITY) => {
            WriteError::Refused(format!("what the change is about does not exist ({message})"))
        }
        Some("LimitExceeded") => WriteError::QuotaUsedUp(format!("a quota of IAM is used up ({message})")),
        Some("UnmodifiableEntity") => {
            WriteError::Refused(format!("only the AWS service that owns it can change it ({message})"))
        }
        Some("PolicyNotAttachable") => {
            WriteError::Refused(format!("AWS keeps that policy for its own roles ({message})"))
        }
        Some("MalformedPolicyDocument") => {
            WriteError::Refused(format!("IAM does not accept the policy's text ({message})"))
        }
        _ => WriteError::Refused(message),
    }
}

/// Whether finding nothing there is what the step wants.
fn takes_away(step: &Step) -> bool {
    match step {
        Step::DeleteAccessKey { .. }
        | Step::DeleteUserPolicy { .. }
        | Step::DetachUserPolicy { .. }
        | Step::DeleteLoginProfile { .. }
        | Step::DeleteUserPermissionsBoundary { .. }
        | Step::DeleteRolePolicy { .. }
        | Step::DetachRolePolicy { .. }
        | Step::DeleteRolePermissionsBoundary { .. }
        | Step::UntagUser { .. }
        | Step::UntagRole { .. }
        | Step::DetachGroupPolicy { .. }
        | Step::DeleteAccountPasswordPolicy { .. } => true,
        Step::DeactivateAccessKey { .. }
        | Step::ActivateAccessKey { .. }
        | Step::DeactivateCredential { .. }
        | Step::ActivateCredential { .. }
        | Step::PutUserPolicy { .. }
        | Step::TagUser { .. }
        | Step::TagRole { .. }
        | Step::AttachUserPolicy { .. }
        | Step::PutUserPermissionsBoundary { .. }
        | Step::PutRolePolicy { .. }
        | Step::AttachRolePolicy { .. }
        | Step::PutRolePermissionsBoundary { .. }
        | Step::AttachGroupPolicy { .. }
        | Step::CreatePolicyVersion { .. }
        | Step::SetDefaultPolicyVersion { .. }
        | Step::UpdateAssumeRolePolicy { .. }
        | Step::UpdateRoleMaxSessionDuration { .. }
        | Step::UpdateAccountPasswordPolicy { .. } => false,
    }
}

#[cfg(test)]
mod tests;
