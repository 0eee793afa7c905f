//! The IAM policy language.

mod catalogue;
mod document;

pub use catalogue::{AccessLevel, Action, Catalogue, ResourceType, Service, TakenType};
pub use document::{DocumentError, PolicyDocument};
