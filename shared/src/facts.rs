//! What is known of an account: users, groups, roles, policies and credentials, each fact with how sure it is.

mod access_key;
mod aws_managed_policy;
mod credential_report;
mod entity;
mod fact;
#[cfg(test)]
pub(crate) mod fixture;
mod group;
mod item;
mod key_memory;
mod managed_policy;
mod other_credential;
mod policies;
mod principal;
mod privileges;
mod read;
mod resource;
mod resource_type;
mod role;
mod span;
mod user;

pub use access_key::{AccessKey, KeyStatus, LastUse};
pub use aws_managed_policy::AwsManagedPolicy;
pub use credential_report::{CredentialReport, CredentialReportError};
pub use entity::Entity;
pub use fact::{Fact, Unread, WhyUnread};
pub use group::{Group, GroupIdentity};
pub use item::resource_of_item;
pub use key_memory::KeyMemory;
pub use managed_policy::{ManagedPolicy, PolicyIdentity};
pub use other_credential::{OtherCredential, OtherCredentialKind};
pub use policies::{AttachedPolicy, InlinePolicy, denies_alone, is_aws_quarantine};
pub use principal::{Principal, RoleIdentity, UserIdentity};
pub use privileges::Privileges;
pub use read::{Need, Read};
pub use resource::{Resource, ResourceIdentity, Subject};
pub use resource_type::ResourceType;
pub use role::{Role, RoleLastUse, ServiceUse};
pub use span::Span;
pub use user::{LoginProfile, MfaDevice, MfaKind, User};
