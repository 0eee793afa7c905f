use super::{Entry, Inverse, Plan};

/// How to undo an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The inverse of what was written, last step first.
    pub plan: Plan,
    /// What cannot come back, and what to do instead.
    pub lost: Vec<String>,
}

/// Plans the undoing of what an entry wrote. What it found done already was not its doing and stays.
pub fn undo(entry: &Entry) -> Undo {
    let mut steps = Vec::new();
    let mut lost = Vec::new();
    let written: Vec<_> = entry.written().collect();
    for step in written.into_iter().rev() {
        match step.inverse() {
            Inverse::Step(inverse) => steps.push(*inverse),
            Inverse::Impossible(why) => lost.push(why.to_owned()),
        }
    }
    Undo { plan: Plan { principal: entry.plan.principal.clone(), steps, left: Vec::new() }, lost }
}
