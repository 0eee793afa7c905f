//! The engine's ports in memory: a simulated account with faults, lag and other actors, and the same pipelines as
//! the Lambda functions over it, in one process and one thread.

pub mod account_file;
mod call;
mod fault;
mod local;
mod page_sizes;
mod random;
pub mod simulator;
mod world;

pub use account_file::{AccountFile, AccountFileError};
pub use call::{Call, Calls, Operation};
pub use fault::{Chances, Fault, Times};
pub use local::{DeadLetter, Delivered, Delivery, DeliveryError, Hearing, Local, Work};
pub use page_sizes::PageSizes;
pub use world::{Credential, Heard, Hit, OrganizationTable, Paged, ReportedEvaluation, World, WriteSeen};
