//! What policies amount to: what a principal may do, and what it could make of that.

mod access_level;
mod admin;
mod circumstances;
mod coverage;
mod escalation;
mod index;
mod lint;
mod permissions;
mod report;
mod resource;
mod service_access;
mod tier;
mod trust;

pub use access_level::{AccessLevels, ByVerb};
use admin::STRONG_POLICIES;
pub(crate) use admin::makes_admin;
pub use circumstances::{Circumstances, Known};
pub(super) use circumstances::{Holds, is_implied, variables};
pub use escalation::{Category, Escalation, Need, Path, Target, paths};
pub(super) use escalation::{policy_like, resource_tag};
pub(super) use index::{ActionSet, INDEX};
pub use lint::Finding;
pub use permissions::{Boundary, Grant, Grants, NamedPolicy, Permissions, StatementRef};
pub use report::{
    IdentityReport, OpenPath, PolicyReport, analyze_identity, analyze_identity_with, analyze_policy,
};
pub use resource::{Asked, ResourceKind};
pub use tier::Tier;
pub use trust::{TokenOwners, TrustContext, TrustReport};
