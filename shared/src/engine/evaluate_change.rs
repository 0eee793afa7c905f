use super::config_rule::{Asked, asked};
use super::evaluation::combine;
use super::judge::judge;
use super::report::Report;
use super::{
    Annotation, Clock, Compliance, ConfigService, Decision, Deployment, EngineError, Evaluation, Finding,
    Judged, Observe, SendFindings, Summary,
};
use crate::event::{ConfigRuleInvocation, ConfigurationItem, EvaluationMode, Notification};
use crate::facts::{Resource, resource_of_item};
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

impl<P: ConfigService + SendFindings + Clock + Observe> ChangeEvaluator<'_, P> {
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
        let mut judgements = Vec::new();
        for rule in rules {
            let judged = self.judge_one(invocation, rule, &resource, item, summary).await?;
            if let Judged::Unknown { unread } = &judged
                && unread.why.is_retryable()
            {
                *retry = Some(format!("{}: {unread}", rule.id));
            }
            judgements.push((rule.id, judged));
        }
        Ok(combine(&judgements).map(|(compliance, annotation)| evaluation(compliance, &annotation)))
    }

    async fn judge_one(
        &self,
        invocation: &ConfigRuleInvocation,
        asked: &Asked,
        resource: &Resource,
        item: &ConfigurationItem,
        summary: &mut Summary,
    ) -> Result<Judged, EngineError> {
        let setting = self.governance.rule(asked.id);
        let judged = if setting.enabled {
            let rule = asked.rule(self.governance);
            judge(self.governance, self.deployment, asked.id, rule, resource, self.ports.now())
        } else {
            Judged::NotApplicable { why: "the governance file has this rule off".to_owned() }
        };
        summary.count(&judged);
        let principal = resource.principal();
        self.ports.decided(&Decision::Judged {
            rule: asked.id,
            principal: principal.clone(),
            judged: judged.clone(),
        });
        if let Judged::NonCompliant { annotation } = &judged
            && *principal.account() == self.deployment.account
            // What is only proposed cannot be put right.
            && invocation.evaluation_mode == EvaluationMode::Detective
        {
            let occasion =
                format!("item {} {}", item.captured_at, item.state_id.as_deref().unwrap_or_default());
            let finding = Finding::new(asked.id, principal, annotation.clone(), &occasion, item.captured_at);
            dispatch(self.ports, &finding).await?;
            summary.findings += 1;
        }
        Ok(judged)
    }
}

/// Sends a finding to its remediator, and a copy to whoever listens. The copy may fail; the finding may not.
pub(super) async fn dispatch<P: SendFindings + Observe>(
    ports: &P,
    finding: &Finding,
) -> Result<(), EngineError> {
    let entry = crate::rules::find(finding.rule)
        .ok_or_else(|| EngineError::Permanent(format!("no rule {}", finding.rule)))?;
    let to = entry.meta.remediator;
    ports.send(finding, to).await?;
    ports.decided(&Decision::Sent { rule: finding.rule, principal: finding.principal.clone(), to });
    if let Err(error) = ports.announce(finding).await {
        ports.decided(&Decision::NotAnnounced {
            rule: finding.rule,
            principal: finding.principal.clone(),
            why: error.to_string(),
        });
    }
    Ok(())
}
