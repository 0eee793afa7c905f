//! The engine's ports on the AWS SDK, and the Lambda handlers around them. The only crate that names the SDK.
//!
//! One module a service. Each holds its client, made on first use, and the names it needs; what a function can
//! reach is therefore what its ports hold ([`ports`]), beside what its role allows.

mod channels;
pub mod clock;
mod cloud_trail;
pub mod config_service;
pub mod directory_file;
pub mod environment;
mod failure;
pub mod findings;
pub mod iam;
pub mod journal;
pub mod lambda;
pub mod log;
mod neighbours;
pub mod notices;
pub mod pages;
pub mod ports;
#[cfg(test)]
mod samples;
pub mod sdk;
mod signed_call;
#[cfg(test)]
mod stand_in;
mod time;
