//! Wildcards against the names of services and actions, without letter case.

use std::cmp::Ordering;

/// The bytes of a name or pattern as they are compared and ordered.
pub(super) fn without_case(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// A pattern as an automaton of up to 128 states, all of them in one integer: state `n` is on if the first `n`
/// characters of the pattern, stars apart, account for what was read. A step is a few operations, whatever the
/// pattern. No name has more than 127 characters, so a pattern that asks for more matches none.
#[derive(Clone)]
pub(super) struct Glob {
    /// For each ASCII character, the states that it leads on from.
    steps: Box<[u128; 128]>,
    /// The states with a star, which any character leaves on.
    stays: u128,
    /// The state after the last character. None if the pattern asks for more of them than there are states.
    end: Option<u128>,
    /// What comes before the first wildcard.
    literal: String,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let mut steps = Box::new([0; 128]);
        let mut stays = 0;
        let mut end: Option<u128> = Some(1);
        for byte in without_case(pattern) {
            let Some(state) = end else { break };
            match byte {
                b'*' => stays |= state,
                b'?' => steps.iter_mut().for_each(|states| *states |= state),
                // No name has any other character: nothing leads on from this state.
                _ => steps.iter_mut().skip(usize::from(byte)).take(1).for_each(|states| *states |= state),
            }
            if byte != b'*' {
                end = state.checked_mul(2);
            }
        }
        let literal = pattern.split(['*', '?']).next().unwrap_or_default().to_ascii_lowercase();
        Self { steps, stays, end, literal }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let Some(end) = self.end else { return false };
        let states = without_case(name).try_fold(1_u128, |states, byte| {
            let steps = self.steps.get(usize::from(byte))?;
            // The last state leads nowhere, so nothing is shifted out.
            Some(((states & steps) << 1) | (states & self.stays))
        });
        states.is_some_and(|states| states & end != 0)
    }

    /// Those of the items, which are in order of their names, that the pattern matches.
    pub(super) fn select<T>(self, items: &[T], name: fn(&T) -> &'static str) -> impl Iterator<Item = &T> {
        let start = |item: &T| without_case(name(item)).take(self.literal.len()).cmp(self.literal.bytes());
        let from = items.partition_point(|item| start(item) == Ordering::Less);
        let alike = items.get(from..).unwrap_or_default();
        let count = alike.partition_point(|item| start(item) == Ordering::Equal);
        alike.iter().take(count).filter(move |item| self.matches(name(item)))
    }
}
