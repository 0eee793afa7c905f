use super::suspension::is_revocation;
use super::{Entry, Inverse, Plan, Step, StepResult, StepState};
use crate::facts::{Entity, Resource};
use crate::identifier::Arn;

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

impl Undo {
    /// The policies that come back by their names and that others may write: Bailiff does not know what they said when it
    /// took them. Those of AWS are AWS's, and the deployment's own is guarded.
    pub fn comes_back_by_name<'a>(&'a self, quarantine: &'a Arn) -> impl Iterator<Item = &'a Arn> {
        let by_others = move |policy: &&Arn| !policy.is_aws_managed() && *policy != quarantine;
        self.plan.steps.iter().filter_map(Step::puts_on).filter(by_others)
    }

    /// The same without credentials that somebody deleted since. None of them comes back, and that keeps nothing else from
    /// being undone.
    #[must_use]
    pub fn without_the_gone(mut self, live: &Resource) -> Self {
        let lost = &mut self.lost;
        self.plan.steps.retain(|step| match step.state(live) {
            StepState::Gone(what) => {
                lost.push(format!("{what} was deleted meanwhile, and is not switched again"));
                false
            }
            StepState::Pending | StepState::Done | StepState::Changed(_) | StepState::Unknown(_) => true,
        });
        self
    }

    /// The same without the revocation of a role's older sessions where a later one is in its place: that is a later
    /// entry's, and denies until it is undone itself.
    #[must_use]
    pub fn without_later_revocations(mut self, live: &Resource) -> Self {
        let Resource::Entity(Entity::Role(role)) = live else { return self };
        let Ok(policies) = role.inline_policies.list() else { return self };
        let lost = &mut self.lost;
        self.plan.steps.retain(|step| {
            let Step::DeleteRolePolicy { policy, document, .. } = step else { return true };
            let is_later = policies
                .iter()
                .any(|live| live.name == *policy && live.document != *document && is_revocation(live));
            if is_later {
                lost.push(format!("{policy} is a later entry's by now, and stays until that is undone"));
            }
            !is_later
        });
        self
    }

    /// The same without what changes the permissions boundary, for this reason.
    #[must_use]
    pub fn without_boundary(mut self, why: String) -> Self {
        let before = self.plan.steps.len();
        self.plan.steps.retain(|step| !step.changes_boundary());
        if self.plan.steps.len() < before {
            self.lost.push(why);
        }
        self
    }

    /// The same where somebody took off the boundary that it would replace: one in the place of none gives nobody anything.
    #[must_use]
    pub fn over_what_boundary_is_there(mut self, live: &Resource) -> Self {
        let has_none = |entity: &Entity| entity.boundary().known() == Ok(None);
        if matches!(live, Resource::Entity(entity) if has_none(entity)) {
            let over_none = |plan: &mut Vec<Step>| {
                *plan = std::mem::take(plan).into_iter().map(Step::over_no_boundary).collect();
            };
            over_none(&mut self.plan.steps);
            over_none(&mut self.uncertain);
        }
        self
    }
}

/// Plans the undoing of what an entry wrote. What it found done already was not its doing and stays.
pub fn undo(entry: &Entry) -> Undo {
    let mut steps = Vec::new();
    let mut uncertain = Vec::new();
    let mut lost = Vec::new();
    let ended = entry.outcomes.iter().rev().filter_map(|outcome| match outcome.result {
        StepResult::Verified => Some((outcome.index, true)),
        StepResult::Unknown { .. } => Some((outcome.index, false)),
        StepResult::AlreadyDone | StepResult::Refused { .. } | StepResult::Failed { .. } => None,
    });
    // Whoever attempted it died, and it was the last it did.
    let attempted = entry.attempted().map(|index| (index, false));
    for (index, certain) in attempted.into_iter().chain(ended) {
        let Some(step) = entry.plan.steps.get(index) else { continue };
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
    let plan = Plan { resource: entry.plan.resource.clone(), steps, left: Vec::new() };
    Undo { plan, uncertain, lost }
}
