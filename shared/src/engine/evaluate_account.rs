use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::abandoned::hand_over;
use super::administrators::Administrators;
use super::brake::standing_orders;
use super::config_rule::{Asked, asked};
use super::evaluation::combine;
use super::listing::Listing;
use super::report::Report;
use super::seen::Seen;
use super::sweep_memory::SweepMemory;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    Annotation, AnnounceFindings, Clock, Compliance, ConfigService, CountPrincipals, Decision, Deployment,
    EngineError, Evaluation, HandOver, Judged, ListDepartures, ListOpenEntries, ListSwitchedOffKeys,
    ListThreats, Observe, ReadAccount, RememberAdministrators, RememberKeys, Reported, SendFindings, Summary,
    Switches,
};
use crate::event::{ConfigRuleInvocation, Notification, ScheduledEvent};
use crate::facts::{
    AllSwitchedOffKeys, CredentialReport, Departures, Entity, Fact, Need, OtherCredential, Privileges, Read,
    Resource, ResourceIdentity, Unread, WhyUnread,
};
use crate::governance::Governance;
use crate::identifier::{UniqueId, UserName};
use crate::rules::{Entry, RULES, ResourceType, RuleId, Trigger};
use crate::threat::Threats;

/// Judges all of the account: for one scheduled Config rule, which it reports to, or as the sweep that
/// catches whatever an event missed.
pub struct AccountEvaluator<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

/// How powerful a user, role or group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which one it is.
    pub resource: ResourceIdentity,
    /// What it can do and become.
    pub privileges: Fact<Privileges>,
}

impl Standing {
    fn of(resource: &Resource) -> Option<Self> {
        let privileges = match resource {
            Resource::Entity(Entity::User(user)) => &user.privileges,
            Resource::Entity(Entity::Role(role)) => &role.privileges,
            Resource::Group(group) => &group.privileges,
            _ => return None,
        };
        Some(Self { resource: resource.identity(), privileges: privileges.clone() })
    }
}

/// What a sweep works with.
pub(super) struct Sweep<'a> {
    rules: &'a [Asked],
    listing: Listing,
    pub(super) report: Fact<CredentialReport>,
    pub(super) session_durations: Fact<BTreeMap<UniqueId, u32>>,
    /// Service-specific credentials by user; unread where no rule needs them, or where they cannot be listed at once.
    pub(super) service_specific: Fact<BTreeMap<UserName, Vec<OtherCredential>>>,
    pub(super) memory: SweepMemory,
    /// What Bailiff switched off; unread where no rule needs it.
    pub(super) switched_off: Fact<AllSwitchedOffKeys>,
    /// What threats were reported; unread where no rule needs it.
    pub(super) threats: Fact<BTreeMap<UniqueId, Threats>>,
    /// What the directory said of people; unread where no rule needs it.
    pub(super) departures: Fact<Departures>,
    occasion: String,
    at: Timestamp,
    ordering: Timestamp,
}

impl<
    P: ReadAccount
        + RememberKeys
        + CountPrincipals
        + RememberAdministrators
        + ListSwitchedOffKeys
        + ListThreats
        + ListDepartures
        + ListOpenEntries
        + Switches
        + HandOver
        + ConfigService
        + SendFindings
        + AnnounceFindings
        + Clock
        + Observe,
> AccountEvaluator<'_, P>
{
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
        let mut sweep = self.prepare(&rules, format!("schedule {ordering}"), ordering, false).await?;
        while let Some(resource) = sweep.listing.next(self.ports).await? {
            let identity = resource.identity();
            let judgements = self.judge(&mut sweep, resource, &mut summary).await?;
            if let Some((compliance, annotation)) = combine(&judgements) {
                report
                    .add(Evaluation {
                        resource_type: identity.config_type().to_owned(),
                        resource_id: identity.config_id().to_owned(),
                        compliance,
                        annotation: Annotation::new(&annotation),
                        ordering,
                    })
                    .await?;
            }
            seen.insert(identity.config_id().to_owned());
        }
        sweep.memory.keep(self.ports, sweep.listing.gives_out(ResourceType::User)).await;
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
        self.sweep(event, None).await
    }

    /// The same, and how powerful each user, role and group is, whether a rule needs that or not.
    pub async fn survey(&self, event: &ScheduledEvent) -> Result<(Summary, Vec<Standing>), EngineError> {
        let mut standings = Vec::new();
        let summary = self.sweep(event, Some(&mut standings)).await?;
        Ok((summary, standings))
    }

    async fn sweep(
        &self,
        event: &ScheduledEvent,
        mut standings: Option<&mut Vec<Standing>>,
    ) -> Result<Summary, EngineError> {
        self.deployment.check_schedule(event)?;
        let rules: Vec<Asked> = RULES.iter().map(|entry| Asked { id: entry.meta.id, rule: None }).collect();
        // First, for it needs nothing of IAM. That it failed keeps nothing else from being looked at.
        let handed_over = hand_over(self.ports, &event.id).await;
        let mut summary = Summary::default();
        // What a threat will be worth hangs on them.
        let answers =
            |entry: &&Entry| entry.meta.answers_threats() && self.governance.rule(entry.meta.id).enabled;
        let with_privileges = standings.is_some() || RULES.iter().any(|entry| answers(&entry));
        let mut sweep =
            self.prepare(&rules, format!("sweep {}", event.id), event.time, with_privileges).await?;
        let mut principals = 0;
        let mut administrators = Administrators::default();
        while let Some(resource) = sweep.listing.next(self.ports).await? {
            principals += u64::from(matches!(resource, Resource::Entity(_)));
            administrators.note(&resource);
            if let Some(standings) = &mut standings {
                standings.extend(Standing::of(&resource));
            }
            self.judge(&mut sweep, resource, &mut summary).await?;
        }
        sweep.memory.keep(self.ports, sweep.listing.gives_out(ResourceType::User)).await;
        if let Err(error) = self.ports.remember_principals(principals).await {
            self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
        let unknown = match administrators.remember(self.ports).await {
            Ok(0) => None,
            Ok(unknown) => Some(format!(
                "whether {unknown} of the users and roles are administrators; what the sweep before found of them stands"
            )),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = unknown {
            self.ports.decided(&Decision::NotRemembered { why });
        }
        let at = sweep.at;
        let (lapsing, lapsed) = self.governance.lapsing_and_lapsed(&self.deployment.account, at);
        self.ports.decided(&Decision::Exemptions { lapsing, lapsed, at });
        let stopped = match standing_orders(self.ports).await {
            Ok(orders) => orders
                .standing()
                .next()
                .map(|stop| format!("by {} since {}: {}", stop.by, stop.since, stop.reason)),
            Err(error) => Some(format!("for all that is known: {error}")),
        };
        self.ports.decided(&Decision::Swept { stopped });
        self.ports.decided(&Decision::Evaluated { summary });
        handed_over.map(|()| summary)
    }

    async fn prepare<'r>(
        &self,
        rules: &'r [Asked],
        occasion: String,
        ordering: Timestamp,
        with_privileges: bool,
    ) -> Result<Sweep<'r>, EngineError> {
        // What comes to break a rule while the credential report is made is the next sweep's.
        let at = self.ports.now();
        let about = || rules.iter().filter_map(|asked| crate::rules::find(asked.id));
        let enabled = || about().filter(|entry| self.governance.rule(entry.meta.id).enabled);
        // Of a rule that is off, every resource is told so.
        let kinds = about().flat_map(|entry| entry.meta.applies_to).copied().collect();
        let needs: BTreeSet<Need> = enabled().flat_map(|entry| entry.meta.needs).copied().collect();
        let reads = |read| needs.iter().any(|need| need.account_reads().contains(&read));
        let report = if reads(Read::GetCredentialReport) {
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
        let session_durations = if reads(Read::ListRoles) {
            self.ports.session_durations().await.map_or_else(Fact::Unknown, Fact::Known)
        } else {
            Fact::not_read(Read::ListRoles)
        };
        let service_specific = if reads(Read::ListServiceSpecificCredentials) {
            match self.ports.all_service_specific_credentials().await {
                Ok(listed) => Fact::Known(listed),
                // Not every partition lists those of all users at once; each may still be asked for.
                Err(unread) if unread.why == WhyUnread::Failed => Fact::not_read(unread.read),
                Err(unread) => Fact::Unknown(unread),
            }
        } else {
            Fact::not_read(Read::ListServiceSpecificCredentials)
        };
        let switched_off = if needs.contains(&Need::SwitchedOffKeys) {
            let read = self.ports.switched_off().await;
            read.map_or_else(|error| Fact::Unknown(error.unread(Read::SwitchedOffKeys)), Fact::Known)
        } else {
            Fact::not_read(Read::SwitchedOffKeys)
        };
        let threats = if needs.contains(&Need::Threats) {
            let read = self.ports.threats().await;
            read.map_or_else(|error| Fact::Unknown(error.unread(Read::Threats)), Fact::Known)
        } else {
            Fact::not_read(Read::Threats)
        };
        let departures = if needs.contains(&Need::Departure) {
            let read = self.ports.departures().await;
            read.map_or_else(|error| Fact::Unknown(error.unread(Read::Departures)), Fact::Known)
        } else {
            Fact::not_read(Read::Departures)
        };
        let ssh_keys = needs.contains(&Need::SshPublicKeys);
        // These take the whole account into memory.
        let with_privileges = with_privileges || needs.contains(&Need::Privileges);
        let listing = Listing::of(kinds, needs, with_privileges, self.deployment.identity()?);
        let of_keys = matches!(report, Fact::Known(_)) || ssh_keys;
        let memory = if of_keys && listing.gives_out(ResourceType::User) {
            SweepMemory::recalled(self.ports).await
        } else {
            SweepMemory::default()
        };
        Ok(Sweep {
            rules,
            listing,
            report,
            session_durations,
            service_specific,
            memory,
            switched_off,
            threats,
            departures,
            occasion,
            at,
            ordering,
        })
    }

    /// Judges a resource by every rule about its kind.
    async fn judge(
        &self,
        sweep: &mut Sweep<'_>,
        resource: Resource,
        summary: &mut Summary,
    ) -> Result<Vec<(RuleId, Judged)>, EngineError> {
        sweep.memory.note(&resource.identity());
        let mut seen = match resource {
            Resource::Entity(Entity::User(user)) => Seen::user(*user, sweep),
            Resource::Account(account) => Seen::account(*account, sweep),
            Resource::Entity(Entity::Role(role)) => Seen::role(*role, sweep),
            other => Seen::other(other),
        };
        let occasion =
            Occasion { name: &sweep.occasion.clone(), at: sweep.ordering, tells: true, sweep: true };
        let mut judgements = Vec::new();
        for asked in sweep.rules {
            let Some(entry) = crate::rules::find(asked.id) else { continue };
            if !entry.meta.applies_to.contains(&seen.bulk.kind()) {
                continue;
            }
            let judge =
                |resource: &Resource| judge_by(asked, self.governance, self.deployment, resource, sweep.at);
            let mut judgement = judge(&seen.bulk);
            if matches!(&judgement.judged, Judged::Unknown { unread } if unread.why == WhyUnread::NotRead)
                && let Some(closer) =
                    seen.closer(self.ports, entry.meta.needs, &mut sweep.memory.keys, sweep.at).await
            {
                judgement = judge(closer);
            }
            conclude(self.ports, self.deployment, asked, &seen.bulk, &judgement, &occasion, summary).await?;
            judgements.push((asked.id, judgement.judged));
        }
        sweep.memory.keep_on_the_way(self.ports).await;
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
