//! The IAM policy language: read, printed, and asked what it allows.

pub mod account;
pub mod analysis;
mod catalogue;
mod document;
pub mod evaluate;
pub mod glob;
mod json;
mod kind;
mod malformed;
mod operator;
mod parse;
mod place;
mod principal_entry;
mod print;
pub mod restrict;
mod statement;
mod without_parts;

pub use catalogue::{AccessLevel, Action, Catalogue, ResourceType, Service, TakenType};
pub use document::{DocumentError, PolicyDocument};
pub use json::Json;
pub use kind::PolicyKind;
pub use malformed::{Fault, Malformed, Why};
pub use operator::{Comparison, Operator, Quantifier};
pub use place::Place;
pub use principal_entry::PrincipalEntry;
pub use statement::{ActionPattern, Condition, Effect, Element, Policy, ResourcePattern, Statement, Version};
pub use without_parts::{Part, is_no_wider, without_parts};
