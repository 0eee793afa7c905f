use super::{Entry, Inverse, Plan, Step, StepResult};

/// How to undo an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The inverse of what was written, last step first.
    pub plan: Plan,
    /// Those of its steps that undo what may never have been done: where nothing was, nothing is amiss.
    pub uncertain: Vec<Step>,
    /// What cannot come back, and what to do instead.
    pub lost: Vec<String>,
}

/// Plans the undoing of what an entry wrote. What it found done already was not its doing and stays.
pub fn undo(entry: &Entry) -> Undo {
    let mut steps = Vec::new();
    let mut uncertain = Vec::new();
    let mut lost = Vec::new();
    for outcome in entry.outcomes.iter().rev() {
        let Some(step) = entry.plan.steps.get(outcome.index) else { continue };
        let certain = match outcome.result {
            StepResult::Verified => true,
            StepResult::Unknown { .. } => false,
            StepResult::AlreadyDone | StepResult::Refused { .. } | StepResult::Failed { .. } => continue,
        };
        match step.inverse() {
            Inverse::Step(inverse) => {
                if !certain {
                    uncertain.push((*inverse).clone());
                }
                steps.push(*inverse);
            }
            Inverse::Impossible(why) => lost.push(why.to_owned()),
        }
    }
    let plan = Plan { principal: entry.plan.principal.clone(), steps, left: Vec::new() };
    Undo { plan, uncertain, lost }
}
