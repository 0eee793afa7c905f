//! The policy evaluator against a second one, written apart from it and for obviousness.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod shares;
