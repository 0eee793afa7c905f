use std::fmt;

use serde::{Deserialize, Serialize};

/// A read of IAM, or of what is next to it, that Bailiff makes. Its action is the permission it needs; a read without
/// one does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum Read {
    /// Identity, boundary, tags, creation and last password use of a user.
    GetUser,
    /// Identity, trust, boundary, tags and creation of a role.
    GetRole,
    /// Identity, creation and members of a group.
    GetGroup,
    /// Names of a group's inline policies.
    ListGroupPolicies,
    /// Text of a group's inline policy.
    GetGroupPolicy,
    /// Managed policies attached to a group.
    ListAttachedGroupPolicies,
    /// Keys of a user, with status and creation.
    ListAccessKeys,
    /// Last use of a key.
    GetAccessKeyLastUsed,
    /// Whether a user has a console password.
    GetLoginProfile,
    /// MFA devices of a user.
    #[serde(rename = "ListMFADevices")]
    ListMfaDevices,
    /// Names of a user's inline policies.
    ListUserPolicies,
    /// Text of a user's inline policy.
    GetUserPolicy,
    /// Managed policies attached to a user.
    ListAttachedUserPolicies,
    /// A customer managed policy, and which of its versions is in force.
    GetPolicy,
    /// Text of a version of a managed policy.
    GetPolicyVersion,
    /// Versions of a managed policy, without their texts.
    ListPolicyVersions,
    /// Users, groups and roles that a managed policy is attached to or bounds, by name.
    ListEntitiesForPolicy,
    /// SSH public keys of a user, for CodeCommit.
    #[serde(rename = "ListSSHPublicKeys")]
    ListSshPublicKeys,
    /// Credentials of a user for one service alone: CodeCommit, Keyspaces, Bedrock.
    ListServiceSpecificCredentials,
    /// X.509 signing certificates of a user.
    ListSigningCertificates,
    /// Every role, with how long its sessions may last, in pages.
    ListRoles,
    /// Starts the look at which services a role may use and when it last did.
    GenerateServiceLastAccessedDetails,
    /// Fetches what that look found.
    GetServiceLastAccessedDetails,
    /// Names of a role's inline policies.
    ListRolePolicies,
    /// Text of a role's inline policy.
    GetRolePolicy,
    /// Managed policies attached to a role.
    ListAttachedRolePolicies,
    /// Instance profiles that a role is in.
    ListInstanceProfilesForRole,
    /// Every user, group, role and policy of the account, in pages.
    GetAccountAuthorizationDetails,
    /// Starts the credential report.
    GenerateCredentialReport,
    /// Fetches the credential report.
    GetCredentialReport,
    /// The account in numbers, and whether its root user has keys, a password and MFA.
    GetAccountSummary,
    /// What the account demands of passwords.
    GetAccountPasswordPolicy,
    /// Virtual MFA devices of the account, and whose they are.
    #[serde(rename = "ListVirtualMFADevices")]
    ListVirtualMfaDevices,
    /// Server certificates, with their expiry.
    ListServerCertificates,
    /// Tags of a server certificate.
    ListServerCertificateTags,
    /// SAML identity providers.
    #[serde(rename = "ListSAMLProviders")]
    ListSamlProviders,
    /// Tags of a SAML identity provider.
    #[serde(rename = "ListSAMLProviderTags")]
    ListSamlProviderTags,
    /// OIDC identity providers.
    #[serde(rename = "ListOpenIDConnectProviders")]
    ListOpenIdConnectProviders,
    /// Tags of an OIDC identity provider.
    #[serde(rename = "ListOpenIDConnectProviderTags")]
    ListOpenIdConnectProviderTags,
    /// Analyzers of IAM Access Analyzer in a Region.
    ListAnalyzers,
    /// An alternate contact of the account.
    GetAlternateContact,
    /// The access keys that Bailiff itself switched off, in its journal.
    SwitchedOffKeys,
    /// The threats that were reported of a principal, in Bailiff's table.
    Threats,
    /// What the directory said of the people whose users they are, as Bailiff keeps it.
    Departures,
}

impl Read {
    /// The action that permits it, such as `iam:GetUser`.
    pub fn action(self) -> &'static str {
        match self {
            Self::GetUser => "iam:GetUser",
            Self::GetRole => "iam:GetRole",
            Self::GetGroup => "iam:GetGroup",
            Self::ListGroupPolicies => "iam:ListGroupPolicies",
            Self::GetGroupPolicy => "iam:GetGroupPolicy",
            Self::ListAttachedGroupPolicies => "iam:ListAttachedGroupPolicies",
            Self::ListAccessKeys => "iam:ListAccessKeys",
            Self::GetAccessKeyLastUsed => "iam:GetAccessKeyLastUsed",
            Self::GetLoginProfile => "iam:GetLoginProfile",
            Self::ListMfaDevices => "iam:ListMFADevices",
            Self::ListUserPolicies => "iam:ListUserPolicies",
            Self::GetUserPolicy => "iam:GetUserPolicy",
            Self::ListAttachedUserPolicies => "iam:ListAttachedUserPolicies",
            Self::GetPolicy => "iam:GetPolicy",
            Self::GetPolicyVersion => "iam:GetPolicyVersion",
            Self::ListPolicyVersions => "iam:ListPolicyVersions",
            Self::ListEntitiesForPolicy => "iam:ListEntitiesForPolicy",
            Self::ListSshPublicKeys => "iam:ListSSHPublicKeys",
            Self::ListServiceSpecificCredentials => "iam:ListServiceSpecificCredentials",
            Self::ListSigningCertificates => "iam:ListSigningCertificates",
            Self::ListRoles => "iam:ListRoles",
            Self::GenerateServiceLastAccessedDetails => "iam:GenerateServiceLastAccessedDetails",
            Self::GetServiceLastAccessedDetails => "iam:GetServiceLastAccessedDetails",
            Self::ListRolePolicies => "iam:ListRolePolicies",
            Self::GetRolePolicy => "iam:GetRolePolicy",
            Self::ListAttachedRolePolicies => "iam:ListAttachedRolePolicies",
            Self::ListInstanceProfilesForRole => "iam:ListInstanceProfilesForRole",
            Self::GetAccountAuthorizationDetails => "iam:GetAccountAuthorizationDetails",
            Self::GenerateCredentialReport => "iam:GenerateCredentialReport",
            Self::GetCredentialReport => "iam:GetCredentialReport",
            Self::GetAccountSummary => "iam:GetAccountSummary",
            Self::GetAccountPasswordPolicy => "iam:GetAccountPasswordPolicy",
            Self::ListVirtualMfaDevices => "iam:ListVirtualMFADevices",
            Self::ListServerCertificates => "iam:ListServerCertificates",
            Self::ListServerCertificateTags => "iam:ListServerCertificateTags",
            Self::ListSamlProviders => "iam:ListSAMLProviders",
            Self::ListSamlProviderTags => "iam:ListSAMLProviderTags",
            Self::ListOpenIdConnectProviders => "iam:ListOpenIDConnectProviders",
            Self::ListOpenIdConnectProviderTags => "iam:ListOpenIDConnectProviderTags",
            Self::ListAnalyzers => "access-analyzer:ListAnalyzers",
            Self::GetAlternateContact => "account:GetAlternateContact",
            Self::SwitchedOffKeys | Self::Threats | Self::Departures => "dynamodb:Query",
        }
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action())
    }
}
