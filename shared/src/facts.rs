//! What is known of an account: users, roles, their policies and credentials, each fact with how sure it is.

mod access_key;
mod credential_report;
mod fact;
#[cfg(test)]
pub(crate) mod fixture;
mod item;
mod key_memory;
mod policies;
mod principal;
mod read;
mod resource;
mod role;
mod span;
mod user;

pub use access_key::{AccessKey, KeyStatus, LastUse};
pub use credential_report::{CredentialReport, CredentialReportError};
pub use fact::{Fact, Unread, WhyUnread};
pub use item::resource_of_item;
pub use key_memory::KeyMemory;
pub use policies::{AttachedPolicy, InlinePolicy, is_aws_quarantine};
pub use principal::{Principal, RoleIdentity, UserIdentity};
pub use read::{Need, Read};
pub use resource::Resource;
pub use role::Role;
pub use span::Span;
pub use user::{LoginProfile, MfaDevice, User};
