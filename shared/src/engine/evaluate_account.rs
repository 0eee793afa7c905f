use std::collections::BTreeSet;

use jiff::Timestamp;

use super::config_rule::{Asked, asked};
use super::evaluate_change::dispatch;
use super::evaluation::combine;
use super::judge::judge;
use super::report::Report;
use super::{
    Annotation, Clock, Compliance, ConfigService, Decision, Deployment, EngineError, Evaluation, Finding,
    Judged, Observe, ReadAccount, RememberKeys, Reported, SendFindings, Summary,
};
use crate::event::{ConfigRuleInvocation, Notification, ScheduledEvent};
use crate::facts::{CredentialReport, Fact, KeyMemory, Need, Read, Resource, Unread, User, WhyUnread};
use crate::governance::Governance;
use crate::rules::{RULES, ResourceType, RuleId, Trigger};

/// Judges every user of the account: for one scheduled Config rule, which it reports to, or as the sweep that
/// catches whatever an event missed.
pub struct AccountEvaluator<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

/// What a sweep works with.
struct Sweep<'a> {
    rules: &'a [Asked],
    report: Fact<CredentialReport>,
    memory: KeyMemory,
    occasion: String,
    at: Timestamp,
    ordering: Timestamp,
}

impl<P: ReadAccount + RememberKeys + ConfigService + SendFindings + Clock + Observe> AccountEvaluator<'_, P> {
    /// Handles an invocation by a scheduled Config rule.
    pub async fn evaluate(&self, invocation: &ConfigRuleInvocation) -> Result<Summary, EngineError> {
        self.deployment.check_invocation(invocation)?;
        let rules = asked(invocation, Trigger::Sweep, self.governance)?;
        let ordering = match &invocation.notification {
            Notification::Scheduled { at, .. } => *at,
            Notification::SnapshotDelivered { at, .. } => at.unwrap_or_else(|| self.ports.now()),
            Notification::ItemChanged(_) | Notification::ItemOversized(_) => {
                return Err(EngineError::Permanent(format!(
                    "`{}` sent a configuration item; point its changes at `evaluate-changes`",
                    invocation.rule_name
                )));
            }
        };
        let mut summary = Summary::default();
        let mut report = Report::new(self.ports, &invocation.result_token);
        let mut seen = BTreeSet::new();
        let mut sweep = self.prepare(&rules, format!("schedule {ordering}"), ordering).await;
        let mut marker = None;
        loop {
            let page = self.page(marker.as_deref()).await?;
            for user in page.items {
                let id = user.identity.unique_id.to_string();
                let judgements = self.judge_user(&mut sweep, user, &mut summary).await?;
                if let Some((compliance, annotation)) = combine(&judgements) {
                    report
                        .add(Evaluation {
                            resource_type: ResourceType::User.as_str().to_owned(),
                            resource_id: id.clone(),
                            compliance,
                            annotation: Annotation::new(&annotation),
                            ordering,
                        })
                        .await?;
                }
                seen.insert(id);
            }
            match page.next {
                Some(next) => marker = Some(next),
                None => break,
            }
        }
        sweep.memory.retain(|user| seen.contains(user.as_str()));
        self.remember(&sweep.memory).await;
        // Only a listing read to its end shows what is gone.
        for gone in self.vanished(&invocation.rule_name, &seen).await? {
            summary.not_applicable += 1;
            report
                .add(Evaluation {
                    resource_type: gone.resource_type,
                    resource_id: gone.resource_id,
                    compliance: Compliance::NotApplicable,
                    annotation: Annotation::new("it no longer exists"),
                    ordering,
                })
                .await?;
        }
        summary.reported = report.finish().await?;
        self.ports.decided(&Decision::Evaluated { summary });
        Ok(summary)
    }

    /// Handles the schedule's own event: every rule in one pass, for what events missed. Nothing goes to Config,
    /// which has given no token to answer with.
    pub async fn reconcile(&self, event: &ScheduledEvent) -> Result<Summary, EngineError> {
        self.deployment.check_schedule(event)?;
        let rules: Vec<Asked> = RULES.iter().map(|entry| Asked { id: entry.meta.id, rule: None }).collect();
        let mut summary = Summary::default();
        let mut sweep = self.prepare(&rules, format!("sweep {}", event.id), event.time).await;
        let mut marker = None;
        loop {
            let page = self.page(marker.as_deref()).await?;
            for user in page.items {
                self.judge_user(&mut sweep, user, &mut summary).await?;
            }
            match page.next {
                Some(next) => marker = Some(next),
                None => break,
            }
        }
        self.remember(&sweep.memory).await;
        self.ports.decided(&Decision::Evaluated { summary });
        Ok(summary)
    }

    async fn prepare<'r>(&self, rules: &'r [Asked], occasion: String, ordering: Timestamp) -> Sweep<'r> {
        let credentials = rules
            .iter()
            .filter(|asked| self.governance.rule(asked.id).enabled)
            .filter_map(|asked| crate::rules::find(asked.id))
            .flat_map(|entry| entry.meta.needs)
            .any(|need| need.account_reads().contains(&Read::GetCredentialReport));
        let report = if credentials {
            match self.ports.credential_report().await {
                Fact::Known(csv) => CredentialReport::parse(&csv).map_or_else(
                    |error| {
                        Fact::Unknown(Unread::new(
                            Read::GetCredentialReport,
                            WhyUnread::Failed,
                            error.to_string(),
                        ))
                    },
                    Fact::Known,
                ),
                Fact::Absent => Fact::Absent,
                Fact::Unknown(unread) => Fact::Unknown(unread),
            }
        } else {
            Fact::not_read(Read::GetCredentialReport)
        };
        let memory = if matches!(report, Fact::Known(_)) {
            match self.ports.remembered().await {
                Ok(memory) => memory,
                Err(error) => {
                    self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
                    KeyMemory::default()
                }
            }
        } else {
            KeyMemory::default()
        };
        Sweep { rules, report, memory, occasion, at: self.ports.now(), ordering }
    }

    /// Keeps what was learnt for the next sweep; that it could not is no reason to fail this one.
    async fn remember(&self, memory: &KeyMemory) {
        if memory.is_changed()
            && let Err(error) = self.ports.remember(memory).await
        {
            self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
    }

    async fn page(&self, marker: Option<&str>) -> Result<super::Page<User>, EngineError> {
        self.ports.users(marker).await.map_err(|unread| {
            if unread.why.is_retryable() {
                EngineError::Retry(unread.to_string())
            } else {
                EngineError::Permanent(unread.to_string())
            }
        })
    }

    /// Judges a user by every rule, drilling into it only where the bulk reads leave a verdict open.
    async fn judge_user(
        &self,
        sweep: &mut Sweep<'_>,
        mut user: User,
        summary: &mut Summary,
    ) -> Result<Vec<(RuleId, Judged)>, EngineError> {
        let mut line = None;
        match &sweep.report {
            Fact::Known(report) => {
                report.fill(&mut user);
                line = report.key_line(&user);
            }
            Fact::Absent => {}
            Fact::Unknown(unread) if unread.why == WhyUnread::NotRead => {}
            Fact::Unknown(unread) => CredentialReport::unread(&mut user, unread),
        }
        if let Some(line) = &line {
            sweep.memory.recall(&mut user, line);
        }
        let mut bulk = Resource::from(user);
        let principal = bulk.principal();
        let mut judgements = Vec::new();
        let mut drilled: Option<(BTreeSet<Need>, Resource)> = None;
        for asked in sweep.rules {
            let Some(entry) = crate::rules::find(asked.id) else { continue };
            if !entry.meta.applies_to.contains(&ResourceType::User) {
                continue;
            }
            let judge = |resource: &Resource| {
                let rule = asked.rule(self.governance);
                judge(self.governance, self.deployment, asked.id, rule, resource, sweep.at)
            };
            let mut judged = if self.governance.rule(asked.id).enabled {
                judge(&bulk)
            } else {
                Judged::NotApplicable { why: "the governance file has this rule off".to_owned() }
            };
            if matches!(&judged, Judged::Unknown { unread } if unread.why == WhyUnread::NotRead) {
                let needs: BTreeSet<Need> = entry.meta.needs.iter().copied().collect();
                if !drilled.as_ref().is_some_and(|(read, _)| needs.is_subset(read)) {
                    let mut closer = bulk.clone();
                    self.ports.refresh(&mut closer, &needs).await;
                    if let (Some(line), Resource::User(seen), Resource::User(user)) =
                        (&line, &closer, &mut bulk)
                    {
                        sweep.memory.learn(seen, line);
                        // What one rule had to ask for often settles the next one's verdict too.
                        sweep.memory.recall(user, line);
                    }
                    drilled = Some((needs, closer));
                }
                if let Some((_, closer)) = &drilled {
                    judged = judge(closer);
                }
            }
            summary.count(&judged);
            self.ports.decided(&Decision::Judged {
                rule: asked.id,
                principal: principal.clone(),
                judged: judged.clone(),
            });
            if let Judged::NonCompliant { annotation } = &judged
                && *principal.account() == self.deployment.account
            {
                let finding = Finding::new(
                    asked.id,
                    principal.clone(),
                    annotation.clone(),
                    &sweep.occasion,
                    sweep.ordering,
                );
                dispatch(self.ports, &finding).await?;
                summary.findings += 1;
            }
            judgements.push((asked.id, judged));
        }
        Ok(judgements)
    }

    /// What the rule reported before and is no longer there.
    async fn vanished(&self, rule_name: &str, seen: &BTreeSet<String>) -> Result<Vec<Reported>, EngineError> {
        let mut gone = BTreeSet::new();
        let mut next = None;
        loop {
            let page = self.ports.reported(rule_name, next.as_deref()).await?;
            gone.extend(page.items.into_iter().filter(|reported| !seen.contains(&reported.resource_id)));
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(gone.into_iter().collect()),
            }
        }
    }
}
