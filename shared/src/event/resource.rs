//! What a configuration item says of an IAM resource.
//!
//! It says nothing of access keys, MFA devices, console passwords or the last use of anything, and the policies
//! that AWS manages are not in it either: those have to be asked of IAM.
//!
//! Lists and boundaries differ in what silence means. A list that is null is an empty list, as AWS Config writes
//! it; a list whose key is absent is `None`, because an old or trimmed item says nothing about it.
//!
//! Server certificates and identity providers are recorded by their `CloudFormation` schema: their keys begin with
//! capital letters, their id is the schema's primary identifier, and their tags stand beside `configuration` or in it.

mod group;
mod identity_provider;
mod parts;
mod policy;
mod role;
mod server_certificate;
mod user;

use super::error::{EventError, shown};
use super::field::Field;
pub use group::GroupItem;
pub use identity_provider::IdentityProviderItem;
pub use parts::{AttachedPolicy, InlinePolicy, PermissionsBoundary, Tag};
pub use policy::{PolicyItem, PolicyVersion};
pub use role::{RoleItem, RoleLastUsed};
pub use server_certificate::ServerCertificateItem;
pub use user::UserItem;

/// The resource of a configuration item, by its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Resource {
    /// `AWS::IAM::User`
    User(UserItem),
    /// `AWS::IAM::Role`
    Role(RoleItem),
    /// `AWS::IAM::Group`
    Group(GroupItem),
    /// `AWS::IAM::Policy`, which is to say one that the customer manages.
    Policy(PolicyItem),
    /// `AWS::IAM::ServerCertificate`
    ServerCertificate(ServerCertificateItem),
    /// `AWS::IAM::SAMLProvider`
    SamlProvider(IdentityProviderItem),
    /// `AWS::IAM::OIDCProvider`
    OidcProvider(IdentityProviderItem),
    /// A type about which Bailiff knows nothing.
    Other,
}

impl Resource {
    /// Reads `configuration`, and makes sure that it is the resource that the item says it is. `tags` are those that
    /// stand beside it.
    pub(super) fn read(
        resource_type: &str,
        resource_id: &Field<'_>,
        configuration: &Field<'_>,
        tags: &Field<'_>,
    ) -> Result<Self, EventError> {
        let (resource, id_key) = match resource_type {
            "AWS::IAM::User" => (Self::User(UserItem::read(configuration)?), "userId"),
            "AWS::IAM::Role" => (Self::Role(RoleItem::read(configuration)?), "roleId"),
            "AWS::IAM::Group" => (Self::Group(GroupItem::read(configuration)?), "groupId"),
            "AWS::IAM::Policy" => (Self::Policy(PolicyItem::read(configuration)?), "policyId"),
            // AWS does not say which of a certificate's ids is the item's, and nothing is ever done to one.
            "AWS::IAM::ServerCertificate" => {
                return ServerCertificateItem::read(configuration, tags).map(Self::ServerCertificate);
            }
            "AWS::IAM::SAMLProvider" => {
                (Self::SamlProvider(IdentityProviderItem::read(configuration, tags)?), "Arn")
            }
            "AWS::IAM::OIDCProvider" => {
                (Self::OidcProvider(IdentityProviderItem::read(configuration, tags)?), "Arn")
            }
            _ => return Ok(Self::Other),
        };
        same_id(resource_id, &configuration.get(id_key)?)?;
        Ok(resource)
    }
}

/// A verdict is reported under the item's id and acted upon under the configuration's: they must not be two.
fn same_id(item: &Field<'_>, configuration: &Field<'_>) -> Result<(), EventError> {
    let (expected, found) = (item.filled_text()?, configuration.filled_text()?);
    if expected == found {
        return Ok(());
    }
    Err(EventError::Contradiction {
        field: configuration.path().to_owned(),
        found: shown(found),
        other: item.path().to_owned(),
        expected: shown(expected),
    })
}
