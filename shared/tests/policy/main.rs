//! The policy evaluator against a second one.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod naive;
