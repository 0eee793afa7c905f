//! Warnings and approvals, under the conditions that hold in the table.

use shared::engine::{ApprovalRequest, Matter, Opened, PortError, Spent, Stages, Used};
use shared::identifier::UniqueId;
use shared::remedy::{Entry, Warnings};
use shared::rules::RuleId;

use super::World;
use super::brakes::{count, full};
use crate::call::Operation;

impl Stages for World {
    async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError> {
        self.port_call(Operation::GetItem, resource.as_str(), |state| {
            Ok(state.journals.warnings.get(&(resource.clone(), rule)).cloned().unwrap_or_default())
        })
        .await
    }

    async fn put_warnings(
        &self,
        resource: &UniqueId,
        rule: RuleId,
        warnings: &Warnings,
    ) -> Result<bool, PortError> {
        self.port_call(Operation::PutItem, resource.as_str(), |state| {
            let kept = state.journals.warnings.entry((resource.clone(), rule)).or_default();
            let is_next = kept.version + 1 == warnings.version;
            if is_next {
                *kept = warnings.clone();
            }
            Ok(is_next)
        })
        .await
    }

    async fn request(
        &self,
        resource: &UniqueId,
        about: &Matter,
    ) -> Result<Option<ApprovalRequest>, PortError> {
        self.port_call(Operation::GetItem, resource.as_str(), |state| {
            Ok(state.journals.requests.get(&(resource.clone(), about.clone())).cloned())
        })
        .await
    }

    async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError> {
        let key = (request.resource.unique_id().clone(), request.about.clone());
        self.port_call(Operation::PutItem, key.0.as_str(), |state| {
            let version = state.journals.requests.get(&key).map_or(0, |kept| kept.version);
            let is_next = version + 1 == request.version;
            if is_next {
                state.journals.requests.insert(key.clone(), request.clone());
            }
            Ok(is_next)
        })
        .await
    }

    async fn open_using(&self, entry: &Entry, used: &Used) -> Result<Result<Opened, Spent>, PortError> {
        self.port_call(Operation::PutItem, entry.id.as_str(), |state| {
            let (now, journals) = (state.now, &mut state.journals);
            let request = used.request.as_ref().map(|request| {
                ((request.resource.unique_id().clone(), request.about.clone()), request.clone())
            });
            let warnings = used
                .warnings
                .as_ref()
                .map(|(rule, warnings)| ((entry.plan.resource.unique_id().clone(), *rule), warnings.clone()));
            let asked = |key| journals.requests.get(key).map_or(0, |kept| kept.version);
            let warned = |key| journals.warnings.get(key).map_or(0, |kept| kept.version);
            let stands = request.as_ref().is_none_or(|(key, used)| asked(key) + 1 == used.version)
                && warnings.as_ref().is_none_or(|(key, used)| warned(key) + 1 == used.version);
            // In the table the entry and the taking of the principal are looked at first, too.
            if journals.may_open(entry) {
                if !stands {
                    return Ok(Err(Spent::Behind));
                }
                if let Some(full) = full(&journals.counts, &used.counters) {
                    return Ok(Err(Spent::Counter(full)));
                }
            }
            let opened = journals.open(entry, now)?;
            if opened == Opened::New {
                journals.requests.extend(request);
                journals.warnings.extend(warnings);
                count(&mut journals.counts, &used.counters);
            }
            Ok(Ok(opened))
        })
        .await
    }
}
