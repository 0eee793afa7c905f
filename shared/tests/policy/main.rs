//! The policy evaluator against a second one, written apart from it and for obviousness.

use std::num::NonZeroUsize;

use shared::policy::evaluate::answer_line;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod shares;

/// How many cases the ordinary run compares; `CASES` in the environment asks for another number, `SEED` for others.
const CASES: u64 = 20_000;

#[test]
fn differential_the_evaluator_agrees_with_the_naive_one() {
    #[expect(clippy::disallowed_methods, reason = "whoever starts the tests says how many")]
    let number = |name: &str, otherwise| match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`; expected a number")),
        Err(_) => otherwise,
    };
    let (cases, seed) = (number("CASES", CASES), number("SEED", 0));
    let evaluator = |line: &str| {
        let mut answer = String::new();
        answer_line(line.as_bytes(), &mut answer);
        answer
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get) as u64;
    let found: Vec<_> = std::thread::scope(|scope| {
        let share = |thread: u64| {
            let (from, to) = (cases * thread / threads, cases * (thread + 1) / threads);
            scope.spawn(move || differences::differences(to - from, seed.wrapping_add(from), evaluator))
        };
        let shares: Vec<_> = (0..threads).map(share).collect();
        shares.into_iter().flat_map(|share| share.join().expect("a thread that does not panic")).collect()
    });
    assert!(found.is_empty(), "{} differences: {:?}", found.len(), &found[..found.len().min(20)]);
}
