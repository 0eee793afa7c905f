use super::config_rule::{Asked, asked};
use super::evaluation::combine;
use super::report::Report;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    Annotation, AnnounceFindings, Clock, Compliance, ConfigService, Decision, Deployment, EngineError,
    Evaluation, Judged, Observe, SendFindings, Summary,
};
use crate::event::{ConfigRuleInvocation, ConfigurationItem, EvaluationMode, Notification};
use crate::facts::resource_of_item;
use crate::governance::Governance;
use crate::rules::Trigger;

/// Judges one configuration item, reports to Config and sends what it found.
pub struct ChangeEvaluator<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

impl<P: ConfigService + SendFindings + AnnounceFindings + Clock + Observe> ChangeEvaluator<'_, P> {
    /// Handles an invocation by a change-triggered Config rule. From the item alone: no other read.
    pub async fn evaluate(&self, invocation: &ConfigRuleInvocation) -> Result<Summary, EngineError> {
        self.deployment.check_invocation(invocation)?;
        let rules = asked(invocation, Trigger::Change, self.governance)?;
        let fetched;
        let item = match &invocation.notification {
            Notification::ItemChanged(item) => item,
            Notification::ItemOversized(summary) if invocation.left_scope || !summary.status.is_live() => {
                fetched = summary.without_configuration();
                &fetched
            }
            Notification::ItemOversized(summary) => {
                fetched = self.ports.item_at(summary).await?.ok_or_else(|| {
                    EngineError::Retry(format!(
                        "AWS Config's history has no item of {} `{}` at {} yet",
                        summary.resource_type, summary.resource_id, summary.captured_at
                    ))
                })?;
                &fetched
            }
            Notification::Scheduled { .. } | Notification::SnapshotDelivered { .. } => {
                return Err(EngineError::Permanent(format!(
                    "`{}` sent a schedule's message; point its schedule at `evaluate-account`",
                    invocation.rule_name
                )));
            }
        };
        let mut report = Report::new(self.ports, &invocation.result_token);
        let mut summary = Summary::default();
        let mut retry = None;
        if let Some(evaluation) = self.judge_item(invocation, item, &rules, &mut summary, &mut retry).await? {
            report.add(evaluation).await?;
            summary.reported = report.finish().await?;
        }
        self.ports.decided(&Decision::Evaluated { summary });
        // All that could be said was said first; what could not is worth another try.
        retry.map_or(Ok(summary), |why| Err(EngineError::Retry(why)))
    }

    /// Judges an item by each rule; one answer goes to Config. Nothing does where the worst is unknown.
    async fn judge_item(
        &self,
        invocation: &ConfigRuleInvocation,
        item: &ConfigurationItem,
        rules: &[Asked],
        summary: &mut Summary,
        retry: &mut Option<String>,
    ) -> Result<Option<Evaluation>, EngineError> {
        let evaluation = |compliance, annotation: &str| Evaluation {
            resource_type: item.resource_type.clone(),
            resource_id: item.resource_id.clone(),
            compliance,
            annotation: Annotation::new(annotation),
            ordering: item.captured_at,
        };
        let gone = if invocation.left_scope {
            Some("it left the rule's scope")
        } else if item.status.is_live() {
            None
        } else {
            Some("it is deleted or not recorded")
        };
        if let Some(why) = gone {
            summary.not_applicable += 1;
            return Ok(Some(evaluation(Compliance::NotApplicable, why)));
        }
        let Some(resource) = resource_of_item(item) else {
            summary.not_applicable += 1;
            return Ok(Some(evaluation(Compliance::NotApplicable, "no rule of Bailiff's is about its type")));
        };
        let state = item.state_id.as_deref().unwrap_or_default();
        let occasion = Occasion {
            name: &format!("item {} {state}", item.captured_at),
            at: item.captured_at,
            tells: invocation.evaluation_mode == EvaluationMode::Detective,
            sweep: false,
        };
        let mut judgements = Vec::new();
        for rule in rules {
            let judgement = judge_by(rule, self.governance, self.deployment, &resource, self.ports.now());
            conclude(self.ports, self.deployment, rule, &resource, &judgement, &occasion, summary).await?;
            if let Judged::Unknown { unread } = &judgement.judged
                && unread.why.is_retryable()
            {
                *retry = Some(format!("{}: {unread}", rule.id));
            }
            judgements.push((rule.id, judgement.judged));
        }
        Ok(combine(&judgements).map(|(compliance, annotation)| evaluation(compliance, &annotation)))
    }
}
