use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When something happened, as far as is known: somewhere from `earliest` to `latest`.
///
/// IAM's own API gives exact moments; the credential report gives bounds. A rule that compares with both ends
/// gives a verdict where the bounds allow one and `Unknown` where they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Not before this.
    pub earliest: Timestamp,
    /// Not after this.
    pub latest: Timestamp,
}

impl Span {
    /// An exact moment.
    pub fn exactly(at: Timestamp) -> Self {
        Self { earliest: at, latest: at }
    }

    /// Somewhere between the two, in whichever order they come.
    pub fn between(a: Timestamp, b: Timestamp) -> Self {
        Self { earliest: a.min(b), latest: a.max(b) }
    }

    /// Whether the moment lies more than `age` before `at`; `None` where the bounds leave it open.
    pub fn older_than(self, age: SignedDuration, at: Timestamp) -> Option<bool> {
        if at.duration_since(self.latest) > age {
            Some(true)
        } else if at.duration_since(self.earliest) <= age {
            Some(false)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(n: i64) -> Timestamp {
        Timestamp::from_second(n * 86_400).unwrap()
    }

    #[test]
    fn bounds_answer_where_they_can_and_say_so_where_not() {
        let ninety = SignedDuration::from_hours(90 * 24);
        let at = days(1000);
        assert_eq!(Span::exactly(days(909)).older_than(ninety, at), Some(true));
        assert_eq!(Span::exactly(days(910)).older_than(ninety, at), Some(false));
        assert_eq!(Span::between(days(1), days(2)).older_than(ninety, at), Some(true));
        assert_eq!(Span::between(days(950), days(990)).older_than(ninety, at), Some(false));
        assert_eq!(Span::between(days(1), days(990)).older_than(ninety, at), None);
    }
}
