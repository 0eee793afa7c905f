use std::borrow::Cow;
use std::cmp::Ordering;

/// What a request carries for conditions to ask about. Keys mean the same in any letter case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// Ordered by key, whatever its letter case.
    entries: Vec<(Cow<'a, str>, Values<'a>)>,
}

/// The values of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// One value.
    One(Cow<'a, str>),
    /// A list; an empty one is as good as none.
    Many(Vec<Cow<'a, str>>),
    /// The request lacks the key, even if who makes it tells what its value would be.
    Absent,
}

/// A context key that stands twice, in one letter case or in two: which one counts is nobody's to guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the context key `{0}` stands twice; keep one")]
pub struct SpelledTwice(pub String);

impl<'a> Context<'a> {
    /// Puts keys and their values together.
    pub fn new(mut entries: Vec<(Cow<'a, str>, Values<'a>)>) -> Result<Self, SpelledTwice> {
        entries.sort_unstable_by(|(a, _), (b, _)| ignoring_case(a, b));
        let twice = entries.iter().zip(entries.iter().skip(1));
        match twice.into_iter().find(|((a, _), (b, _))| a.eq_ignore_ascii_case(b)) {
            Some(((key, _), _)) => Err(SpelledTwice(key.clone().into_owned())),
            None => Ok(Self { entries }),
        }
    }

    /// What was given for a key.
    pub(super) fn get(&self, key: &str) -> Option<&Values<'a>> {
        let found = if self.entries.len() > 16 {
            let at = self.entries.binary_search_by(|(other, _)| ignoring_case(other, key)).ok()?;
            self.entries.get(at)
        } else {
            self.entries.iter().find(|(other, _)| other.eq_ignore_ascii_case(key))
        };
        found.map(|(_, values)| values)
    }
}

impl Values<'_> {
    /// The values as a list.
    pub(super) fn as_slice(&self) -> &[Cow<'_, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
            Self::Absent => &[],
        }
    }
}

fn ignoring_case(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}
