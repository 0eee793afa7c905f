use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Read, ResourceType};

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
    /// The instance profiles that a role is in.
    InstanceProfiles,
    /// When a role was last used.
    RoleLastUse,
    /// Which services a role may use, and when it last did.
    ServiceUse,
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
    /// Which access keys Bailiff switched off, and when.
    SwitchedOffKeys,
    /// What threats were reported of it.
    Threats,
    /// Whether the person whose user it is has left, by what a directory said.
    Departure,
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
    /// Who has a policy or belongs to a group, by ARN: a change to it changes what each of them may do.
    Holders,
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
        Self::InstanceProfiles,
        Self::RoleLastUse,
        Self::ServiceUse,
        Self::Boundary,
        Self::InlinePolicies,
        Self::AttachedPolicies,
        Self::AttachedPolicyTexts,
        Self::AccessKeys,
        Self::AccessKeyLastUse,
        Self::SwitchedOffKeys,
        Self::Threats,
        Self::Departure,
        Self::LoginProfile,
        Self::MfaDevices,
        Self::SshPublicKeys,
        Self::ServiceSpecificCredentials,
        Self::SigningCertificates,
        Self::PolicyText,
        Self::PolicyAttachments,
        Self::PolicyVersions,
        Self::Members,
        Self::Holders,
        Self::Privileges,
    ];

    /// What reading it of one live resource takes, beside [`ResourceType::found_by`], which every reading starts with.
    /// Whatever is not named here comes with the resource, with the listing of the account, or is another kind's.
    pub fn live_reads(self, kind: ResourceType) -> &'static [Read] {
        use ResourceType::{Account, Group, Policy, Role, User};
        match (kind, self) {
            (User, Self::InlinePolicies) => &[Read::ListUserPolicies, Read::GetUserPolicy],
            (Role, Self::InlinePolicies) => &[Read::ListRolePolicies, Read::GetRolePolicy],
            (Group, Self::InlinePolicies) => &[Read::ListGroupPolicies, Read::GetGroupPolicy],
            (User, Self::AttachedPolicies) => &[Read::ListAttachedUserPolicies],
            (Role, Self::AttachedPolicies) => &[Read::ListAttachedRolePolicies],
            (Group, Self::AttachedPolicies) => &[Read::ListAttachedGroupPolicies],
            (User, Self::AttachedPolicyTexts) => {
                &[Read::ListAttachedUserPolicies, Read::GetPolicy, Read::GetPolicyVersion]
            }
            (User, Self::AccessKeys) => &[Read::ListAccessKeys],
            (User, Self::AccessKeyLastUse) => &[Read::ListAccessKeys, Read::GetAccessKeyLastUsed],
            (User, Self::LoginProfile) => &[Read::GetLoginProfile],
            (User, Self::MfaDevices) => &[Read::ListMfaDevices],
            (User, Self::SshPublicKeys) => &[Read::ListSshPublicKeys],
            (User, Self::ServiceSpecificCredentials) => &[Read::ListServiceSpecificCredentials],
            (User, Self::SigningCertificates) => &[Read::ListSigningCertificates],
            (Role, Self::ServiceUse) => {
                &[Read::GenerateServiceLastAccessedDetails, Read::GetServiceLastAccessedDetails]
            }
            (Role, Self::InstanceProfiles) => &[Read::ListInstanceProfilesForRole],
            (Policy, Self::PolicyText) => &[Read::GetPolicyVersion],
            (Policy, Self::PolicyVersions) => &[Read::ListPolicyVersions, Read::GetPolicyVersion],
            // IAM lists them by name, and who is protected is told by path too.
            (Policy, Self::Holders) => {
                &[Read::ListEntitiesForPolicy, Read::GetUser, Read::GetRole, Read::GetGroup]
            }
            (User | Role, Self::Threats)
            | (User, Self::SwitchedOffKeys | Self::Departure)
            | (
                Account,
                Self::AccountSummary
                | Self::RootMfaDevices
                | Self::PasswordPolicy
                | Self::Analyzers
                | Self::SecurityContact,
            ) => self.account_reads(),
            _ => &[],
        }
    }

    /// Whether the listing of the account tells it in full, so that nobody need be looked at closer for it.
    pub fn comes_with_the_listing(self) -> bool {
        self.account_reads().contains(&Read::GetAccountAuthorizationDetails)
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
            | Self::InstanceProfiles
            | Self::Boundary
            | Self::InlinePolicies
            | Self::AttachedPolicies
            | Self::AttachedPolicyTexts
            | Self::PolicyText
            | Self::PolicyAttachments
            | Self::PolicyVersions
            | Self::Privileges
            | Self::Members
            | Self::PolicyUsage => &[Read::GetAccountAuthorizationDetails],
            // Of a role's own attributes this one is not among the details.
            Self::SessionDuration => &[Read::ListRoles],
            // No bulk read tells these, or none need: plans alone hang on who has a policy.
            Self::SshPublicKeys | Self::ServiceUse | Self::Holders => &[],
            // With `AllUsers` it lists those of the whole account.
            Self::ServiceSpecificCredentials => &[Read::ListServiceSpecificCredentials],
            Self::AccessKeys
            | Self::AccessKeyLastUse
            | Self::LoginProfile
            | Self::MfaDevices
            | Self::SigningCertificates
            | Self::RootUser
            | Self::KeyCount => REPORT,
            Self::SwitchedOffKeys => &[Read::SwitchedOffKeys],
            Self::Threats => &[Read::Threats],
            Self::Departure => &[Read::Departures],
            Self::AccountSummary => &[Read::GetAccountSummary],
            Self::RootMfaDevices => &[Read::ListVirtualMfaDevices],
            Self::PasswordPolicy => &[Read::GetAccountPasswordPolicy],
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
            Self::InstanceProfiles => "instance profiles",
            Self::RoleLastUse => "last use of a role",
            Self::ServiceUse => "use of services",
            Self::Boundary => "permissions boundary",
            Self::InlinePolicies => "inline policies",
            Self::AttachedPolicies => "attached policies",
            Self::AttachedPolicyTexts => "texts of attached policies",
            Self::AccessKeys => "access keys",
            Self::AccessKeyLastUse => "last use of access keys",
            Self::SwitchedOffKeys => "access keys that Bailiff switched off",
            Self::Threats => "threats reported of it",
            Self::Departure => "whether its person has left",
            Self::LoginProfile => "console password",
            Self::MfaDevices => "MFA devices",
            Self::SshPublicKeys => "SSH public keys",
            Self::ServiceSpecificCredentials => "service-specific credentials",
            Self::SigningCertificates => "signing certificates",
            Self::PolicyText => "text of the policy",
            Self::PolicyAttachments => "attachments of the policy",
            Self::PolicyVersions => "versions of the policy",
            Self::Members => "members of the group",
            Self::Holders => "who has it",
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
