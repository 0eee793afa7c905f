use crate::random::Random;

/// Chance, by a seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Random);

impl Dice {
    /// The dice of a world; each purpose has its own, so that more of one does not change the other.
    pub(crate) fn of(purpose: &str, seed: u64) -> Self {
        let mut salt = Random::of_text(purpose);
        Self(Random::new(salt.next() ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Other dice that hang on these.
    pub(crate) fn fork(&mut self) -> Self {
        Self(Random::new(self.0.next()))
    }

    /// Any number, to seed something with.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.next()
    }

    /// True so many times in a thousand.
    pub(crate) fn chance(&mut self, thousandths: u64) -> bool {
        self.0.below(1_000) < thousandths
    }

    /// A number below the bound; 0 where that leaves none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap_or_default()
    }

    /// A number from the one to the other, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most.saturating_sub(least).saturating_add(1)).unwrap_or(1);
        least.saturating_add(i64::try_from(self.0.below(span)).unwrap_or_default())
    }

    /// One of them.
    pub(crate) fn pick<T: Copy + Default>(&mut self, of: &[T]) -> T {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }

    /// One of them.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// Each of them by chance, in order.
    pub(crate) fn some<T: Clone>(&mut self, of: &[T], thousandths: u64) -> Vec<T> {
        of.iter().filter(|_| self.chance(thousandths)).cloned().collect()
    }
}
