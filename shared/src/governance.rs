//! The governance file.

mod mode;
mod suggestion;

pub use mode::Mode;
pub(crate) use suggestion::did_you_mean;
