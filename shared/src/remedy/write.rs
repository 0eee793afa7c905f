use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::OtherCredentialKind;

/// An IAM write Bailiff can make, one API operation each. There is none that creates a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Write {
    /// Switches an access key on or off.
    UpdateAccessKey,
    /// Deletes an access key.
    DeleteAccessKey,
    /// Switches an SSH public key on or off.
    UpdateSshPublicKey,
    /// Switches a service-specific credential on or off.
    UpdateServiceSpecificCredential,
    /// Switches a signing certificate on or off.
    UpdateSigningCertificate,
    /// Takes an inline policy off a user.
    DeleteUserPolicy,
    /// Writes an inline policy into a user.
    PutUserPolicy,
    /// Takes a managed policy off a user.
    DetachUserPolicy,
    /// Attaches a managed policy to a user.
    AttachUserPolicy,
    /// Takes a user's console password.
    DeleteLoginProfile,
    /// Sets a user's permissions boundary.
    PutUserPermissionsBoundary,
    /// Takes a user's permissions boundary off.
    DeleteUserPermissionsBoundary,
    /// Gives a user tags.
    TagUser,
    /// Takes tags off a user.
    UntagUser,
    /// Takes an inline policy off a role.
    DeleteRolePolicy,
    /// Writes an inline policy into a role.
    PutRolePolicy,
    /// Takes a managed policy off a role.
    DetachRolePolicy,
    /// Attaches a managed policy to a role.
    AttachRolePolicy,
    /// Sets a role's permissions boundary.
    PutRolePermissionsBoundary,
    /// Takes a role's permissions boundary off.
    DeleteRolePermissionsBoundary,
    /// Gives a role tags.
    TagRole,
    /// Takes tags off a role.
    UntagRole,
    /// Sets who may assume a role.
    UpdateAssumeRolePolicy,
    /// Sets how long a role's sessions may last.
    UpdateRole,
    /// Takes a managed policy off a group.
    DetachGroupPolicy,
    /// Attaches a managed policy to a group.
    AttachGroupPolicy,
    /// Makes a new version of a managed policy and puts it in force.
    CreatePolicyVersion,
    /// Puts another version of a managed policy in force.
    SetDefaultPolicyVersion,
    /// Sets what the account demands of passwords.
    UpdateAccountPasswordPolicy,
    /// Gives up the account's own password policy.
    DeleteAccountPasswordPolicy,
}

impl Write {
    /// The one that switches a credential of this kind on or off.
    pub fn of_credential(kind: OtherCredentialKind) -> Self {
        match kind {
            OtherCredentialKind::SshPublicKey => Self::UpdateSshPublicKey,
            OtherCredentialKind::ServiceSpecificCredential => Self::UpdateServiceSpecificCredential,
            OtherCredentialKind::SigningCertificate => Self::UpdateSigningCertificate,
        }
    }

    /// The IAM action, such as `iam:UpdateAccessKey`.
    pub fn action(self) -> &'static str {
        match self {
            Self::UpdateAccessKey => "iam:UpdateAccessKey",
            Self::DeleteAccessKey => "iam:DeleteAccessKey",
            Self::UpdateSshPublicKey => "iam:UpdateSSHPublicKey",
            Self::UpdateServiceSpecificCredential => "iam:UpdateServiceSpecificCredential",
            Self::UpdateSigningCertificate => "iam:UpdateSigningCertificate",
            Self::DeleteUserPolicy => "iam:DeleteUserPolicy",
            Self::PutUserPolicy => "iam:PutUserPolicy",
            Self::DetachUserPolicy => "iam:DetachUserPolicy",
            Self::AttachUserPolicy => "iam:AttachUserPolicy",
            Self::DeleteLoginProfile => "iam:DeleteLoginProfile",
            Self::PutUserPermissionsBoundary => "iam:PutUserPermissionsBoundary",
            Self::DeleteUserPermissionsBoundary => "iam:DeleteUserPermissionsBoundary",
            Self::TagUser => "iam:TagUser",
            Self::UntagUser => "iam:UntagUser",
            Self::DeleteRolePolicy => "iam:DeleteRolePolicy",
            Self::PutRolePolicy => "iam:PutRolePolicy",
            Self::DetachRolePolicy => "iam:DetachRolePolicy",
            Self::AttachRolePolicy => "iam:AttachRolePolicy",
            Self::PutRolePermissionsBoundary => "iam:PutRolePermissionsBoundary",
            Self::DeleteRolePermissionsBoundary => "iam:DeleteRolePermissionsBoundary",
            Self::TagRole => "iam:TagRole",
            Self::UntagRole => "iam:UntagRole",
            Self::UpdateAssumeRolePolicy => "iam:UpdateAssumeRolePolicy",
            Self::UpdateRole => "iam:UpdateRole",
            Self::DetachGroupPolicy => "iam:DetachGroupPolicy",
            Self::AttachGroupPolicy => "iam:AttachGroupPolicy",
            Self::CreatePolicyVersion => "iam:CreatePolicyVersion",
            Self::SetDefaultPolicyVersion => "iam:SetDefaultPolicyVersion",
            Self::UpdateAccountPasswordPolicy => "iam:UpdateAccountPasswordPolicy",
            Self::DeleteAccountPasswordPolicy => "iam:DeleteAccountPasswordPolicy",
        }
    }

    /// The IAM operations by which somebody puts back what it does, as CloudTrail names them.
    pub fn put_back_by(self) -> &'static [&'static str] {
        match self {
            Self::UpdateAccessKey => &["UpdateAccessKey", "CreateAccessKey"],
            Self::DeleteAccessKey => &["CreateAccessKey"],
            Self::UpdateSshPublicKey => &["UpdateSSHPublicKey", "UploadSSHPublicKey"],
            Self::UpdateServiceSpecificCredential => {
                &["UpdateServiceSpecificCredential", "CreateServiceSpecificCredential"]
            }
            Self::UpdateSigningCertificate => &["UpdateSigningCertificate", "UploadSigningCertificate"],
            Self::DeleteUserPolicy => &["PutUserPolicy"],
            Self::PutUserPolicy => &["DeleteUserPolicy"],
            Self::DetachUserPolicy => &["AttachUserPolicy"],
            Self::AttachUserPolicy => &["DetachUserPolicy"],
            Self::DeleteLoginProfile => &["CreateLoginProfile"],
            Self::PutUserPermissionsBoundary => {
                &["DeleteUserPermissionsBoundary", "PutUserPermissionsBoundary"]
            }
            Self::DeleteUserPermissionsBoundary => &["PutUserPermissionsBoundary"],
            Self::TagUser => &["UntagUser"],
            Self::UntagUser => &["TagUser"],
            Self::DeleteRolePolicy => &["PutRolePolicy"],
            Self::PutRolePolicy => &["DeleteRolePolicy"],
            Self::DetachRolePolicy => &["AttachRolePolicy"],
            Self::AttachRolePolicy => &["DetachRolePolicy"],
            Self::PutRolePermissionsBoundary => {
                &["DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"]
            }
            Self::DeleteRolePermissionsBoundary => &["PutRolePermissionsBoundary"],
            Self::TagRole => &["UntagRole"],
            Self::UntagRole => &["TagRole"],
            Self::UpdateAssumeRolePolicy => &["UpdateAssumeRolePolicy"],
            Self::UpdateRole => &["UpdateRole"],
            Self::DetachGroupPolicy => &["AttachGroupPolicy"],
            Self::AttachGroupPolicy => &["DetachGroupPolicy"],
            Self::CreatePolicyVersion | Self::SetDefaultPolicyVersion => {
                &["CreatePolicyVersion", "SetDefaultPolicyVersion"]
            }
            Self::UpdateAccountPasswordPolicy | Self::DeleteAccountPasswordPolicy => {
                &["UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"]
            }
        }
    }
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_called_as_the_action_that_it_is() {
        assert_eq!(Write::UpdateAccessKey.to_string(), Write::UpdateAccessKey.action());
        assert_eq!(Write::PutUserPolicy.to_string(), "iam:PutUserPolicy");
    }
}
