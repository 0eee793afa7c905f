//! The IAM policy language.

mod document;

pub use document::{DocumentError, PolicyDocument};
