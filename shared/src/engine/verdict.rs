use super::config_rule::Asked;
use super::judge::{Judgement, judge};
use super::{
    AnnounceFindings, Clock, Decision, Deployment, EngineError, Finding, Judged, Observe, SendFindings,
    Summary,
};
use crate::facts::Resource;
use crate::governance::Governance;
use jiff::Timestamp;

/// What makes a finding: its occasion tells a duplicate event from a new one.
pub(super) struct Occasion<'a> {
    /// A configuration item's state, or a sweep.
    pub(super) name: &'a str,
    /// When.
    pub(super) at: Timestamp,
    /// Whether a violation is told to remediators: what is only proposed cannot be put right.
    pub(super) tells: bool,
    /// Whether it is a sweep.
    pub(super) sweep: bool,
}

/// Judges by one rule, with all that governance adds; a rule that is off is about nothing.
pub(super) fn judge_by(
    asked: &Asked,
    governance: &Governance,
    deployment: &Deployment,
    resource: &Resource,
    at: Timestamp,
) -> Judgement {
    if governance.rule(asked.id).enabled {
        judge(governance, deployment, asked.id, asked.rule(governance), resource, at)
    } else {
        Judged::NotApplicable { why: "the governance file has this rule off".to_owned() }.into()
    }
}

/// Counts a verdict, writes it down, and sends a violation on its way.
pub(super) async fn conclude<P: SendFindings + AnnounceFindings + Clock + Observe>(
    ports: &P,
    deployment: &Deployment,
    asked: &Asked,
    resource: &Resource,
    judgement: &Judgement,
    occasion: &Occasion<'_>,
    summary: &mut Summary,
) -> Result<(), EngineError> {
    let Judgement { judged, exemptions } = judgement;
    summary.count(judged);
    let identity = resource.identity();
    ports.decided(&Decision::Judged {
        rule: asked.id,
        resource: identity.clone(),
        judged: judged.clone(),
        exemptions: exemptions.clone(),
    });
    if let Judged::NonCompliant { annotation } = judged
        && *identity.account() == deployment.account
        && occasion.tells
    {
        let finding = Finding::new(asked.id, identity, annotation.clone(), occasion.name, occasion.at);
        let finding = if occasion.sweep { finding.of_sweep(occasion.name) } else { finding };
        dispatch(ports, &finding).await?;
        summary.findings += 1;
    }
    Ok(())
}

/// Sends a finding to its remediator, if it has one, and a copy to whoever listens. The copy may fail where there
/// is a remediator; where there is none, it is all that tells.
async fn dispatch<P: SendFindings + AnnounceFindings + Observe>(
    ports: &P,
    finding: &Finding,
) -> Result<(), EngineError> {
    let entry = crate::rules::find(finding.rule)
        .ok_or_else(|| EngineError::Permanent(format!("no rule {}", finding.rule)))?;
    if let Some(to) = entry.meta.remediator {
        ports.send(finding, to).await?;
        ports.decided(&Decision::Sent { rule: finding.rule, resource: finding.resource.clone(), to });
    }
    if let Err(error) = ports.announce(finding).await {
        ports.decided(&Decision::NotAnnounced {
            rule: finding.rule,
            resource: finding.resource.clone(),
            why: error.to_string(),
        });
    }
    Ok(())
}
