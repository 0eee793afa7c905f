//! Bailiff's core: what is known of an account's identities, which governance rules they break, and what is
//! done about it.
//!
//! Nothing in here talks to AWS, reads a clock, the environment or a file: facts, parameters and the time come
//! in, verdicts and plans go out. The same code therefore serves the Lambda functions, the command line and the
//! simulator.

pub mod clocks;
pub mod coverage;
pub mod directory;
pub mod engine;
pub mod event;
pub mod facts;
pub mod governance;
pub mod identifier;
pub mod masked;
pub mod notice;
pub mod organization;
pub mod policy;
pub mod remedy;
pub mod rules;
pub mod threat;
