//! What others saw a principal do, or saw done to it: the signs that a credential is in the wrong hands.
//!
//! A threat is a hint like every finding. It is written down where nobody but Bailiff writes, and a rule holds it
//! against the live state of the principal before anything is done.

mod record;
mod risk;
mod sign;
mod source;
pub mod stored;

pub(crate) use record::CLOCKS_DIFFER_BY;
pub use record::{Threat, Threats};
pub use risk::{Confidence, Grade, Risk};
pub use sign::Sign;
pub use source::Source;
