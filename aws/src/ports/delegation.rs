//! What ports of several functions pass on in the same way, a macro for each port.

/// Passes the clock on, which all have.
macro_rules! clock {
    ($ports:ty) => {
        const _: () = {
            use jiff::{SignedDuration, Timestamp};
            use shared::engine::Clock;

            impl Clock for $ports {
                fn now(&self) -> Timestamp {
                    self.clock.now()
                }

                async fn sleep(&self, time: SignedDuration) {
                    self.clock.sleep(time).await;
                }
            }
        };
    };
}

/// Passes the log on. Evaluators know no journal that their lines could be witnesses of.
macro_rules! log {
    ($ports:ty) => {
        const _: () = {
            use shared::engine::{Decision, Observe};

            impl Observe for $ports {
                fn decided(&self, decision: &Decision) {
                    self.log.decided(decision);
                }
            }
        };
    };
}

/// Passes AWS Config on, which evaluators have.
macro_rules! config {
    ($ports:ty) => {
        const _: () = {
            use shared::engine::{ConfigService, Evaluation, Page, PortError, Reported};
            use shared::event::{ConfigurationItem, ItemSummary, ResultToken};

            impl ConfigService for $ports {
                async fn put_evaluations(
                    &self,
                    token: &ResultToken,
                    evaluations: &[Evaluation],
                ) -> Result<Vec<Evaluation>, PortError> {
                    self.config.put_evaluations(token, evaluations).await
                }

                async fn item_at(
                    &self,
                    summary: &ItemSummary,
                ) -> Result<Option<ConfigurationItem>, PortError> {
                    self.config.item_at(summary).await
                }

                async fn reported(
                    &self,
                    rule: &str,
                    next: Option<&str>,
                ) -> Result<Page<Reported>, PortError> {
                    self.config.reported(rule, next).await
                }
            }
        };
    };
}

/// Passes the sending of findings on.
macro_rules! findings {
    ($ports:ty) => {
        const _: () = {
            use shared::engine::{Finding, PortError, SendFindings};
            use shared::remedy::Remediator;

            impl SendFindings for $ports {
                async fn send(&self, finding: &Finding, to: Remediator) -> Result<(), PortError> {
                    self.findings.send(finding, to).await
                }
            }
        };
    };
}

/// Passes the event bus on, which evaluators have.
macro_rules! bus {
    ($ports:ty) => {
        const _: () = {
            use shared::engine::{AnnounceFindings, Finding, PortError};

            impl AnnounceFindings for $ports {
                async fn announce(&self, finding: &Finding) -> Result<(), PortError> {
                    self.bus.announce(finding).await
                }
            }
        };
    };
}

/// Passes reads of single resources on: IAM tells what is there, the journal what Bailiff did to it.
macro_rules! read_iam {
    ($ports:ty => $journal:ident) => {
        const _: () = {
            use futures_util::future::join;
            use shared::engine::{ReadIam, ResourceName};
            use shared::facts::{Need, Resource, Unread};
            use std::collections::BTreeSet;

            impl ReadIam for $ports {
                async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread> {
                    self.iam.find(name).await
                }

                async fn refresh(&self, resource: &mut Resource, needs: &BTreeSet<Need>) {
                    let identity = resource.identity();
                    let remembered = self.$journal.remembered_of(&identity, needs);
                    let (remembered, ()) = join(remembered, self.iam.refresh(resource, needs)).await;
                    remembered.enter(resource);
                }

                async fn read(
                    &self,
                    name: &ResourceName,
                    needs: &BTreeSet<Need>,
                ) -> Result<Option<Resource>, Unread> {
                    let found = async {
                        let Some(mut resource) = self.iam.find(name).await? else { return Ok(None) };
                        self.$journal.remembered_of(&resource.identity(), needs).await.enter(&mut resource);
                        Ok(Some(resource))
                    };
                    let (found, readings) = join(found, self.iam.readings(name, needs)).await;
                    let mut found: Option<Resource> = found?;
                    if let Some(resource) = &mut found {
                        self.iam.complete(resource, readings, needs).await;
                    }
                    Ok(found)
                }
            }
        };
    };
}

/// Passes the journal on.
macro_rules! journal {
    ($ports:ty) => {
        const _: () = {
            use jiff::Timestamp;
            use shared::engine::{
                AlreadyContained, FailedAct, Hold, Journal, Obstacles, Opened, PortError, Witnessed,
            };
            use shared::identifier::UniqueId;
            use shared::remedy::{Entry, JournalId};
            use shared::rules::RuleId;

            impl Journal for $ports {
                async fn open(&self, entry: &Entry) -> Result<Opened, PortError> {
                    self.journal.open(entry).await
                }

                async fn update(&self, entry: &Entry, since: Timestamp) -> Result<(), PortError> {
                    self.journal.update(entry, since).await
                }

                async fn unfinished(&self, principal: &UniqueId) -> Result<Option<Entry>, PortError> {
                    self.journal.unfinished(principal).await
                }

                async fn set_aside(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
                    self.journal.set_aside(principal, entry).await
                }

                async fn take_off_list(
                    &self,
                    principal: &UniqueId,
                    entry: &JournalId,
                ) -> Result<(), PortError> {
                    self.journal.take_off_list(principal, entry).await
                }

                async fn put_untold(&self, ended: &Entry) -> Result<(), PortError> {
                    self.journal.put_untold(ended).await
                }

                async fn is_untold(&self, entry: &JournalId) -> Result<bool, PortError> {
                    self.journal.is_untold(entry).await
                }

                async fn told(&self, entry: &JournalId) -> Result<(), PortError> {
                    self.journal.told(entry).await
                }

                async fn entry(&self, id: &JournalId) -> Result<Option<Entry>, PortError> {
                    self.journal.entry(id).await
                }

                async fn witnessed(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError> {
                    self.journal.witnessed(id).await
                }

                async fn obstacles(
                    &self,
                    principal: &UniqueId,
                    rule: Option<RuleId>,
                ) -> Result<Obstacles, PortError> {
                    self.journal.obstacles(principal, rule).await
                }

                async fn put_hold(&self, principal: &UniqueId, hold: &Hold) -> Result<(), PortError> {
                    self.journal.put_hold(principal, hold).await
                }

                async fn hold(&self, principal: &UniqueId) -> Result<Option<Hold>, PortError> {
                    self.journal.hold(principal).await
                }

                async fn replace_hold(
                    &self,
                    principal: &UniqueId,
                    standing: &Hold,
                    by: &Hold,
                ) -> Result<(), PortError> {
                    self.journal.replace_hold(principal, standing, by).await
                }

                async fn put_contained(
                    &self,
                    principal: &UniqueId,
                    contained: &AlreadyContained,
                ) -> Result<(), PortError> {
                    self.journal.put_contained(principal, contained).await
                }

                async fn contained(&self, principal: &UniqueId) -> Result<Vec<AlreadyContained>, PortError> {
                    self.journal.contained(principal).await
                }

                async fn put_failure(
                    &self,
                    principal: &UniqueId,
                    rule: RuleId,
                    failure: &FailedAct,
                ) -> Result<(), PortError> {
                    self.journal.put_failure(principal, rule, failure).await
                }
            }
        };
    };
}

/// Passes warnings and approvals on.
macro_rules! stages {
    ($ports:ty => $table:ident) => {
        const _: () = {
            use shared::engine::{ApprovalRequest, Matter, Opened, PortError, Spent, Stages, Used};
            use shared::identifier::UniqueId;
            use shared::remedy::{Entry, Warnings};
            use shared::rules::RuleId;

            impl Stages for $ports {
                async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError> {
                    self.$table.warnings(resource, rule).await
                }

                async fn put_warnings(
                    &self,
                    resource: &UniqueId,
                    rule: RuleId,
                    warnings: &Warnings,
                ) -> Result<bool, PortError> {
                    self.$table.put_warnings(resource, rule, warnings).await
                }

                async fn request(
                    &self,
                    resource: &UniqueId,
                    about: &Matter,
                ) -> Result<Option<ApprovalRequest>, PortError> {
                    self.$table.request(resource, about).await
                }

                async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError> {
                    self.$table.put_request(request).await
                }

                async fn open_using(
                    &self,
                    entry: &Entry,
                    used: &Used,
                ) -> Result<Result<Opened, Spent>, PortError> {
                    self.$table.open_using(entry, used).await
                }
            }
        };
    };
}
