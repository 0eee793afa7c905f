mod bailiff;
mod credentials;
mod perimeter;
mod quarantine;

use std::fmt;
use std::str::FromStr;

use super::question::{Asked, Question};

/// Something that an organisation's policies are to keep the administrators of an account from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protection {
    /// Who is in quarantine by an attached policy stays in it.
    QuarantineAttachment,
    /// The quarantine policy says what it said.
    QuarantineText,
    /// Who is in quarantine by a permissions boundary stays in it.
    QuarantineBoundary,
    /// Who is marked as quarantined is not changed, and the mark stays.
    QuarantineMark,
    /// Bailiff's roles are not changed, made anew or lent out.
    BailiffRoles,
    /// Bailiff's functions, and what calls and watches them, are not changed, and nobody gives them orders.
    BailiffFunctions,
    /// The journal and the queues are written by Bailiff.
    BailiffJournal,
    /// No role takes a name that Bailiff lets be.
    ProtectedNames,
    /// AWS Config goes on recording, and asks the same rules.
    ConfigRecording,
    /// CloudTrail goes on logging.
    CloudTrailLogging,
    /// The root user does nothing.
    RootUser,
    /// The root user gets no access keys.
    RootKeys,
    /// The account stays in the organisation.
    LeavingOrganization,
    /// Users, keys and passwords are made by the pipeline.
    UsersAndKeys,
    /// The account's identities reach nothing outside the organisation.
    ResourcePerimeter,
    /// Users come from known networks.
    NetworkPerimeter,
    /// Nobody from outside the organisation reaches the account's resources.
    IdentityPerimeter,
}

/// What is asked about a protection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Questions {
    /// What must be refused.
    pub(super) refused: Vec<Question>,
    /// What must not be.
    pub(super) let_through: Vec<Question>,
}

/// A protection that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no protection; there are {}", known())]
pub struct UnknownProtectionError {
    given: String,
}

fn known() -> String {
    Protection::ALL.map(Protection::id).join(", ")
}

impl Protection {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::QuarantineAttachment,
        Self::QuarantineText,
        Self::QuarantineBoundary,
        Self::QuarantineMark,
        Self::BailiffRoles,
        Self::BailiffFunctions,
        Self::BailiffJournal,
        Self::ProtectedNames,
        Self::ConfigRecording,
        Self::CloudTrailLogging,
        Self::RootUser,
        Self::RootKeys,
        Self::LeavingOrganization,
        Self::UsersAndKeys,
        Self::ResourcePerimeter,
        Self::NetworkPerimeter,
        Self::IdentityPerimeter,
    ];

    /// Its name.
    pub fn id(self) -> &'static str {
        match self {
            Self::QuarantineAttachment => "quarantine-attachment",
            Self::QuarantineText => "quarantine-text",
            Self::QuarantineBoundary => "quarantine-boundary",
            Self::QuarantineMark => "quarantine-mark",
            Self::BailiffRoles => "bailiff-roles",
            Self::BailiffFunctions => "bailiff-functions",
            Self::BailiffJournal => "bailiff-journal",
            Self::ProtectedNames => "protected-names",
            Self::ConfigRecording => "config-recording",
            Self::CloudTrailLogging => "cloudtrail-logging",
            Self::RootUser => "root-user",
            Self::RootKeys => "root-keys",
            Self::LeavingOrganization => "leaving-organization",
            Self::UsersAndKeys => "users-and-keys",
            Self::ResourcePerimeter => "resource-perimeter",
            Self::NetworkPerimeter => "network-perimeter",
            Self::IdentityPerimeter => "identity-perimeter",
        }
    }

    pub(super) fn questions(self, of: &Asked) -> Questions {
        match self {
            Self::QuarantineAttachment => quarantine::attachment(of),
            Self::QuarantineText => quarantine::text(of),
            Self::QuarantineBoundary => quarantine::boundary(of),
            Self::QuarantineMark => quarantine::mark(of),
            Self::BailiffRoles => bailiff::roles(of),
            Self::BailiffFunctions => bailiff::functions(of),
            Self::BailiffJournal => bailiff::journal(of),
            Self::ProtectedNames => bailiff::protected_names(of),
            Self::ConfigRecording => bailiff::config(of),
            Self::CloudTrailLogging => bailiff::cloudtrail(of),
            Self::RootUser => credentials::root_user(of),
            Self::RootKeys => credentials::root_keys(of),
            Self::LeavingOrganization => credentials::leaving(),
            Self::UsersAndKeys => credentials::users_and_keys(of),
            Self::ResourcePerimeter => perimeter::resources(of),
            Self::NetworkPerimeter => perimeter::networks(of),
            Self::IdentityPerimeter => perimeter::identities(of),
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Protection {
    type Err = UnknownProtectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|protection| protection.id() == text);
        known.ok_or_else(|| UnknownProtectionError { given: text.chars().take(64).collect() })
    }
}
