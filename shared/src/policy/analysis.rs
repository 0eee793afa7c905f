//! What policies amount to: what a principal may do, and what it could make of that.

mod circumstances;
mod exact_match;
mod finding;
mod permissions;
mod resource;
mod trust;

pub use circumstances::{Circumstances, Known};
pub use exact_match::exact_match_wildcards;
pub use finding::Finding;
pub use permissions::{Boundary, Grant, Grants, NamedPolicy, Permissions, StatementRef};
pub use resource::{Asked, ResourceKind};
pub use trust::{TrustContext, TrustReport};
