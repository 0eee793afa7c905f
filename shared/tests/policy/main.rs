//! The policy evaluator against a second one, written apart from it and for obviousness.

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

// ---------------------------------------------------------------------------------------------------------------------
// The differential test belongs here, in this form:
//
//     #[test]
//     fn the_evaluator_agrees_with_the_naive_one() {
//         let found = differences::differences(20_000, 0, |line| /* the evaluator's answer line */);
//         assert!(found.is_empty(), "{} differences: {:?}", found.len(), &found[..found.len().min(20)]);
//     }
//
// and once more, ignored, over a million.
// ---------------------------------------------------------------------------------------------------------------------
