//! What policies amount to: what a principal may do, and what it could make of that.

mod admin;
mod circumstances;
mod coverage;
mod permissions;
mod resource;
mod service_access;

pub(super) use circumstances::Holds;
pub use circumstances::{Circumstances, Known};
pub use permissions::{Boundary, Grant, Grants, NamedPolicy, Permissions, StatementRef};
pub use resource::{Asked, ResourceKind};
