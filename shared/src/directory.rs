//! What a directory or an HR system says of people's employment, and whose users they are.
//!
//! It says who has left; it never says what is done. What it said is kept as a fact of the user, the rule `user-left`
//! judges by that fact, and whoever acts reads it again.

mod breaker;
mod employee_id;
mod employment;
mod matching;
mod word;

pub use breaker::{Doubt, Due, LastFile, LastRefusal};
pub use employee_id::EmployeeId;
pub use employment::{Statement, Status};
pub use matching::{Claim, Matcher, People, claim};
pub use word::{Standing, Word, first_heard, hear};

use jiff::SignedDuration;

/// A day lasts so long from its beginning in UTC until it is over everywhere: it ends last twelve hours west of Greenwich.
pub(crate) const DAY_ANYWHERE: SignedDuration = SignedDuration::from_hours(24 + 12);
