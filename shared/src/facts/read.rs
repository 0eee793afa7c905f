use std::fmt;

use serde::{Deserialize, Serialize};

use super::ResourceType;

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
    /// SSH public keys of a user, for CodeCommit.
    #[serde(rename = "ListSSHPublicKeys")]
    ListSshPublicKeys,
    /// Credentials of a user for one service alone: CodeCommit, Keyspaces, Bedrock.
    ListServiceSpecificCredentials,
    /// X.509 signing certificates of a user.
    ListSigningCertificates,
    /// Every role, with how long its sessions may last, in pages.
    ListRoles,
    /// Names of a role's inline policies.
    ListRolePolicies,
    /// Text of a role's inline policy.
    GetRolePolicy,
    /// Managed policies attached to a role.
    ListAttachedRolePolicies,
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
    /// OpenID Connect identity providers.
    #[serde(rename = "ListOpenIDConnectProviders")]
    ListOpenIdConnectProviders,
    /// Tags of an OpenID Connect identity provider.
    #[serde(rename = "ListOpenIDConnectProviderTags")]
    ListOpenIdConnectProviderTags,
    /// Analyzers of IAM Access Analyzer in a Region.
    ListAnalyzers,
    /// An alternate contact of the account.
    GetAlternateContact,
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
            Self::ListSshPublicKeys => "iam:ListSSHPublicKeys",
            Self::ListServiceSpecificCredentials => "iam:ListServiceSpecificCredentials",
            Self::ListSigningCertificates => "iam:ListSigningCertificates",
            Self::ListRoles => "iam:ListRoles",
            Self::ListRolePolicies => "iam:ListRolePolicies",
            Self::GetRolePolicy => "iam:GetRolePolicy",
            Self::ListAttachedRolePolicies => "iam:ListAttachedRolePolicies",
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
        }
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action())
    }
}

/// A group of facts that are read together. A rule names those it needs; reads and permissions follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Tags.
    Tags,
    /// Groups a user is a member of.
    Groups,
    /// Who may assume a role.
    Trust,
    /// How long a session of a role may last.
    SessionDuration,
    /// When a role was last used.
    RoleLastUse,
    /// The permissions boundary.
    Boundary,
    /// Inline policies with their text.
    InlinePolicies,
    /// Attached managed policies.
    AttachedPolicies,
    /// Texts of the customer managed policies attached.
    AttachedPolicyTexts,
    /// Access keys: id, status, creation.
    AccessKeys,
    /// Last use of each access key.
    AccessKeyLastUse,
    /// The console password and its last use.
    LoginProfile,
    /// MFA devices.
    MfaDevices,
    /// SSH public keys.
    SshPublicKeys,
    /// Credentials for one service alone.
    ServiceSpecificCredentials,
    /// X.509 signing certificates.
    SigningCertificates,
    /// The text in force of a customer managed policy.
    PolicyText,
    /// To how many a customer managed policy is attached, and how many it bounds.
    PolicyAttachments,
    /// Which versions a customer managed policy has, and which one is in force.
    PolicyVersions,
    /// The users that are in a group.
    Members,
    /// What it can do and become among all others of the account. Only a sweep tells.
    Privileges,
    /// The account in numbers.
    AccountSummary,
    /// What the root user was last used with.
    RootUser,
    /// The root user's virtual MFA devices.
    RootMfaDevices,
    /// What the account demands of passwords.
    PasswordPolicy,
    /// How many access keys users have.
    KeyCount,
    /// Who holds which managed policy.
    PolicyUsage,
    /// Analyzers of IAM Access Analyzer.
    Analyzers,
    /// The alternate contact for security.
    SecurityContact,
    /// Server certificates, with their expiry.
    ServerCertificates,
    /// Server certificates, with their tags.
    ServerCertificateTags,
    /// Identity providers, with their tags.
    IdentityProviderTags,
}

impl Need {
    /// Every group of facts about a user, role, group or policy.
    pub const ALL: &'static [Self] = &[
        Self::Tags,
        Self::Groups,
        Self::Trust,
        Self::SessionDuration,
        Self::RoleLastUse,
        Self::Boundary,
        Self::InlinePolicies,
        Self::AttachedPolicies,
        Self::AttachedPolicyTexts,
        Self::AccessKeys,
        Self::AccessKeyLastUse,
        Self::LoginProfile,
        Self::MfaDevices,
        Self::SshPublicKeys,
        Self::ServiceSpecificCredentials,
        Self::SigningCertificates,
        Self::PolicyText,
        Self::PolicyAttachments,
        Self::PolicyVersions,
        Self::Members,
        Self::Privileges,
    ];

    /// What reading it of one live resource takes, beside [`ResourceType::found_by`], which every reading starts with.
    pub fn live_reads(self, kind: ResourceType) -> &'static [Read] {
        match kind {
            ResourceType::User => self.user_reads(),
            ResourceType::Role => self.role_reads(),
            ResourceType::Group => self.group_reads(),
            ResourceType::Policy => self.policy_reads(),
            ResourceType::Account => self.account_settings_reads(),
            // Nothing is ever done to these.
            ResourceType::ServerCertificate | ResourceType::SamlProvider | ResourceType::OidcProvider => &[],
        }
    }

    /// What reading it of one live user takes, beside `GetUser`, which every reading starts with.
    pub fn user_reads(self) -> &'static [Read] {
        match self {
            // They come with the user. Groups come with the bulk read and with configuration items alone: no plan hangs
            // on them. Privileges come with the whole account.
            Self::Tags
            | Self::Trust
            | Self::SessionDuration
            | Self::RoleLastUse
            | Self::Boundary
            | Self::Groups
            | Self::PolicyText
            | Self::PolicyAttachments
            | Self::PolicyVersions
            | Self::Privileges
            | Self::Members => &[],
            Self::InlinePolicies => &[Read::ListUserPolicies, Read::GetUserPolicy],
            Self::AttachedPolicies => &[Read::ListAttachedUserPolicies],
            Self::AttachedPolicyTexts => {
                &[Read::ListAttachedUserPolicies, Read::GetPolicy, Read::GetPolicyVersion]
            }
            Self::AccessKeys => &[Read::ListAccessKeys],
            Self::AccessKeyLastUse => &[Read::ListAccessKeys, Read::GetAccessKeyLastUsed],
            Self::LoginProfile => &[Read::GetLoginProfile],
            Self::MfaDevices => &[Read::ListMfaDevices],
            Self::SshPublicKeys => &[Read::ListSshPublicKeys],
            Self::ServiceSpecificCredentials => &[Read::ListServiceSpecificCredentials],
            Self::SigningCertificates => &[Read::ListSigningCertificates],
            // The account's own, or of what is only ever listed.
            Self::AccountSummary
            | Self::RootUser
            | Self::RootMfaDevices
            | Self::PasswordPolicy
            | Self::KeyCount
            | Self::PolicyUsage
            | Self::Analyzers
            | Self::SecurityContact
            | Self::ServerCertificates
            | Self::ServerCertificateTags
            | Self::IdentityProviderTags => &[],
        }
    }

    /// What reading it of one live role takes, beside `GetRole`; a role has no credentials of its own.
    pub fn role_reads(self) -> &'static [Read] {
        match self {
            Self::InlinePolicies => &[Read::ListRolePolicies, Read::GetRolePolicy],
            Self::AttachedPolicies => &[Read::ListAttachedRolePolicies],
            Self::Tags
            | Self::Groups
            | Self::Trust
            | Self::SessionDuration
            | Self::RoleLastUse
            | Self::Boundary
            | Self::AttachedPolicyTexts
            | Self::AccessKeys
            | Self::AccessKeyLastUse
            | Self::LoginProfile
            | Self::MfaDevices
            | Self::SshPublicKeys
            | Self::ServiceSpecificCredentials
            | Self::SigningCertificates
            | Self::PolicyText
            | Self::PolicyAttachments
            | Self::PolicyVersions
            | Self::Privileges
            | Self::Members
            | Self::AccountSummary
            | Self::RootUser
            | Self::RootMfaDevices
            | Self::PasswordPolicy
            | Self::KeyCount
            | Self::PolicyUsage
            | Self::Analyzers
            | Self::SecurityContact
            | Self::ServerCertificates
            | Self::ServerCertificateTags
            | Self::IdentityProviderTags => &[],
        }
    }

    /// What reading it of one live group takes, beside `GetGroup`.
    fn group_reads(self) -> &'static [Read] {
        match self {
            Self::InlinePolicies => &[Read::ListGroupPolicies, Read::GetGroupPolicy],
            Self::AttachedPolicies => &[Read::ListAttachedGroupPolicies],
            Self::Tags
            | Self::Groups
            | Self::Trust
            | Self::SessionDuration
            | Self::RoleLastUse
            | Self::Boundary
            | Self::AttachedPolicyTexts
            | Self::AccessKeys
            | Self::AccessKeyLastUse
            | Self::LoginProfile
            | Self::MfaDevices
            | Self::SshPublicKeys
            | Self::ServiceSpecificCredentials
            | Self::SigningCertificates
            | Self::PolicyText
            | Self::PolicyAttachments
            | Self::PolicyVersions
            | Self::Privileges
            | Self::Members
            | Self::AccountSummary
            | Self::RootUser
            | Self::RootMfaDevices
            | Self::PasswordPolicy
            | Self::KeyCount
            | Self::PolicyUsage
            | Self::Analyzers
            | Self::SecurityContact
            | Self::ServerCertificates
            | Self::ServerCertificateTags
            | Self::IdentityProviderTags => &[],
        }
    }

    /// What reading it of one live policy takes, beside `GetPolicy`, with which its use comes.
    fn policy_reads(self) -> &'static [Read] {
        match self {
            Self::PolicyText => &[Read::GetPolicyVersion],
            Self::PolicyVersions => &[Read::ListPolicyVersions],
            Self::PolicyAttachments
            | Self::Tags
            | Self::Groups
            | Self::Trust
            | Self::SessionDuration
            | Self::RoleLastUse
            | Self::Boundary
            | Self::InlinePolicies
            | Self::AttachedPolicies
            | Self::AttachedPolicyTexts
            | Self::AccessKeys
            | Self::AccessKeyLastUse
            | Self::LoginProfile
            | Self::MfaDevices
            | Self::SshPublicKeys
            | Self::ServiceSpecificCredentials
            | Self::SigningCertificates
            | Self::Privileges
            | Self::Members
            | Self::AccountSummary
            | Self::RootUser
            | Self::RootMfaDevices
            | Self::PasswordPolicy
            | Self::KeyCount
            | Self::PolicyUsage
            | Self::Analyzers
            | Self::SecurityContact
            | Self::ServerCertificates
            | Self::ServerCertificateTags
            | Self::IdentityProviderTags => &[],
        }
    }

    /// Whether the listing of the account tells it in full, so that nobody need be looked at closer for it.
    pub fn comes_with_the_listing(self) -> bool {
        self.account_reads().contains(&Read::GetAccountAuthorizationDetails)
    }

    /// What reading it of the account itself takes, other than through its users and its credential report.
    fn account_settings_reads(self) -> &'static [Read] {
        match self {
            Self::AccountSummary
            | Self::RootMfaDevices
            | Self::PasswordPolicy
            | Self::Analyzers
            | Self::SecurityContact => self.account_reads(),
            _ => &[],
        }
    }

    /// What reading it of the account, or of every user at once, takes.
    pub fn account_reads(self) -> &'static [Read] {
        const REPORT: &[Read] = &[Read::GenerateCredentialReport, Read::GetCredentialReport];
        const PROVIDERS: &[Read] = &[
            Read::ListSamlProviders,
            Read::ListSamlProviderTags,
            Read::ListOpenIdConnectProviders,
            Read::ListOpenIdConnectProviderTags,
        ];
        match self {
            Self::Tags
            | Self::Groups
            | Self::Trust
            | Self::RoleLastUse
            | Self::Boundary
            | Self::InlinePolicies
            | Self::AttachedPolicies
            | Self::AttachedPolicyTexts
            | Self::PolicyText
            | Self::PolicyAttachments
            | Self::PolicyVersions
            | Self::Privileges
            | Self::Members => &[Read::GetAccountAuthorizationDetails],
            // Of a role's own attributes this one is not among the details.
            Self::SessionDuration => &[Read::ListRoles],
            // No bulk read tells these.
            Self::SshPublicKeys | Self::ServiceSpecificCredentials => &[],
            Self::AccessKeys
            | Self::AccessKeyLastUse
            | Self::LoginProfile
            | Self::MfaDevices
            | Self::SigningCertificates => REPORT,
            Self::AccountSummary => &[Read::GetAccountSummary],
            Self::RootUser => REPORT,
            Self::RootMfaDevices => &[Read::ListVirtualMfaDevices],
            Self::PasswordPolicy => &[Read::GetAccountPasswordPolicy],
            Self::KeyCount => REPORT,
            Self::PolicyUsage => &[Read::GetAccountAuthorizationDetails],
            Self::Analyzers => &[Read::ListAnalyzers],
            Self::SecurityContact => &[Read::GetAlternateContact],
            Self::ServerCertificates => &[Read::ListServerCertificates],
            Self::ServerCertificateTags => &[Read::ListServerCertificates, Read::ListServerCertificateTags],
            Self::IdentityProviderTags => PROVIDERS,
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tags => "tags",
            Self::Groups => "groups",
            Self::Trust => "trust policy",
            Self::SessionDuration => "maximum session duration",
            Self::RoleLastUse => "last use of a role",
            Self::Boundary => "permissions boundary",
            Self::InlinePolicies => "inline policies",
            Self::AttachedPolicies => "attached policies",
            Self::AttachedPolicyTexts => "texts of attached policies",
            Self::AccessKeys => "access keys",
            Self::AccessKeyLastUse => "last use of access keys",
            Self::LoginProfile => "console password",
            Self::MfaDevices => "MFA devices",
            Self::SshPublicKeys => "SSH public keys",
            Self::ServiceSpecificCredentials => "service-specific credentials",
            Self::SigningCertificates => "signing certificates",
            Self::PolicyText => "text of the policy",
            Self::PolicyAttachments => "attachments of the policy",
            Self::PolicyVersions => "versions of the policy",
            Self::Members => "members of the group",
            Self::Privileges => "what it can do and become in the account",
            Self::AccountSummary => "the account in numbers",
            Self::RootUser => "last use of the root user",
            Self::RootMfaDevices => "virtual MFA devices of the root user",
            Self::PasswordPolicy => "password policy",
            Self::KeyCount => "number of access keys",
            Self::PolicyUsage => "holders of managed policies",
            Self::Analyzers => "analyzers",
            Self::SecurityContact => "alternate contact for security",
            Self::ServerCertificates => "server certificates",
            Self::ServerCertificateTags => "tags of server certificates",
            Self::IdentityProviderTags => "tags of identity providers",
        })
    }
}
