use jiff::Timestamp;

use super::relief::Relief;
use super::{Deployment, Judged};
use crate::facts::Resource;
use crate::governance::{Exemption, Governance};
use crate::rules::{BoundRule, RuleId, Verdict};

/// A verdict, and the exemptions without which it would be another, by their places in the governance file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) judged: Judged,
    pub(super) exemptions: Vec<usize>,
}

impl From<Judged> for Judgement {
    fn from(judged: Judged) -> Self {
        Self { judged, exemptions: Vec::new() }
    }
}

/// Judges with all that governance adds to a rule: exemptions of principals and of single keys, and the rotation that
/// some of them ask for.
pub(super) fn judge(
    governance: &Governance,
    deployment: &Deployment,
    id: RuleId,
    rule: &dyn BoundRule,
    resource: &Resource,
    at: Timestamp,
) -> Judgement {
    let context = deployment.context(governance, at);
    let not_applicable = |why: String| Judged::NotApplicable { why }.into();
    let Some(verdict) = rule.judge(resource, &context) else {
        return not_applicable(format!("{id} is not about this {}", resource.identity().config_type()));
    };
    let Some(entry) = crate::rules::find(id) else { return not_applicable(format!("there is no rule {id}")) };
    let annotation = match verdict {
        Verdict::Compliant => return Judged::Compliant.into(),
        Verdict::Unknown(unread) => return Judged::Unknown { unread }.into(),
        Verdict::NonCompliant(violation) => violation.annotation,
    };
    let relief = match Relief::of(governance, &entry.meta, resource, &context) {
        Ok(relief) => relief,
        Err(unread) => return Judged::Unknown { unread }.into(),
    };
    let strict = relief.rotation(governance).unwrap_or(rule);
    let verdict = if relief.exempts_all() { None } else { strict.judge(&relief.rest, &context) };
    let judged = match verdict {
        Some(Verdict::Unknown(unread)) => return Judged::Unknown { unread }.into(),
        Some(Verdict::NonCompliant(violation)) => Judged::NonCompliant {
            annotation: relief.said_of(governance, &entry.meta, &context, &violation.annotation),
        },
        None | Some(Verdict::Compliant) => match relief.exemption().or_else(|| relief.of_a_key()) {
            Some(exemption) => exempt(annotation, exemption),
            None => Judged::NonCompliant { annotation },
        },
    };
    let whole_settles = matches!(judged, Judged::Exempt { .. });
    let exemptions = relief.at_work(strict, &context, whole_settles);
    Judgement { judged, exemptions }
}

fn exempt(annotation: String, exemption: &Exemption) -> Judged {
    Judged::Exempt { annotation, ticket: exemption.ticket.clone(), until: exemption.last_day() }
}
