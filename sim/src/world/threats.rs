//! What threats were reported, as the table keeps them, and who is meant by what is no name.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::engine::{
    Counted, CountedCall, FindHolder, FirstLook, KeepThreats, ListThreats, LookFirst, Obstacles, PortError,
    ReportThreat, ResourceName,
};
use shared::facts::{Fact, Read, ResourceIdentity, Unread};
use shared::identifier::{AccessKeyId, UniqueId, UserName};
use shared::rules::RuleId;
use shared::threat::{Threat, Threats};

use super::World;
use crate::call::Operation;

const TARGET: &str = "threats";

impl ReportThreat for World {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        self.port_call(Operation::PutItem, TARGET, |state| {
            let threats = state.journals.threats.entry(principal.clone()).or_default();
            let same = |kept: &Threat| kept.id == threat.id && kept.sign == threat.sign;
            let weight = |threat: &Threat| (threat.at.as_second(), threat.risk.score());
            let new = !threats.iter().any(|kept| same(kept) && weight(kept) >= weight(threat));
            if new {
                threats.retain(|kept| !same(kept));
                threats.push(threat.clone());
                threats.sort_by_key(|threat| threat.at);
            }
            Ok(new)
        })
        .await
    }
}

impl KeepThreats for World {
    async fn count_call(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        call: &str,
        at: Timestamp,
    ) -> Result<Counted, PortError> {
        let hour = hour(kind, principal, at);
        self.port_call(Operation::UpdateItem, TARGET, |state| {
            let judged = state.journals.judged.contains(&hour);
            let calls = state.journals.refused.entry(hour).or_default();
            calls.insert(call.to_owned());
            Ok(Counted { calls: u32::try_from(calls.len()).unwrap_or(u32::MAX), judged })
        })
        .await
    }

    async fn judged_for(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        at: Timestamp,
    ) -> Result<(), PortError> {
        self.port_call(Operation::UpdateItem, TARGET, |state| {
            state.journals.judged.insert(hour(kind, principal, at));
            Ok(())
        })
        .await
    }

    async fn threats_of(&self, principal: &UniqueId) -> Result<Threats, PortError> {
        self.port_call(Operation::Read(Read::Threats), TARGET, |state| {
            let kept = state.journals.threats.get(principal).into_iter().flatten();
            Ok(kept.filter(|threat| is_kept(threat, state.now)).cloned().collect())
        })
        .await
    }
}

impl LookFirst for World {
    async fn first_look(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        report: &Threat,
    ) -> Result<FirstLook, PortError> {
        self.port_call(Operation::BatchGetItem, principal.as_str(), |state| {
            let journals = &state.journals;
            let kept = journals.threats.get(principal).into_iter().flatten();
            Ok(FirstLook {
                obstacles: Obstacles {
                    hold: journals.holds.get(principal).cloned(),
                    failure: journals.failures.get(&(principal.clone(), rule)).cloned(),
                    stop: journals.stop.clone(),
                    principals: journals.principals.as_ref().map(|swept| swept.found),
                    ..Obstacles::default()
                },
                is_taken: journals.open.contains_key(principal),
                was_reported: { kept }.any(|kept| kept.id == report.id && kept.sign == report.sign),
                is_administrator: journals
                    .administrators
                    .as_ref()
                    .is_some_and(|swept| swept.found.contains(principal)),
            })
        })
        .await
    }
}

/// The table deletes what it need not keep.
fn is_kept(threat: &Threat, now: Timestamp) -> bool {
    threat.kept_until().is_none_or(|until| now < until)
}

fn hour(kind: CountedCall, principal: &UniqueId, at: Timestamp) -> String {
    format!("{principal}#{}#{kind:?}", at.strftime("%Y-%m-%dT%H"))
}

impl ListThreats for World {
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError> {
        self.port_call(Operation::Read(Read::Threats), TARGET, |state| {
            let mut all = state.journals.threats.clone();
            for threats in all.values_mut() {
                threats.retain(|threat| is_kept(threat, state.now));
            }
            Ok(all)
        })
        .await
    }
}

impl FindHolder for World {
    async fn holder_of(&self, key: &AccessKeyId) -> Result<Option<UserName>, Unread> {
        self.read(Read::GetAccessKeyLastUsed, key.as_str(), |state| {
            Ok(state.iam.key_owners.get(key).cloned())
        })
        .await
    }

    async fn bearer_of(
        &self,
        unique_id: &UniqueId,
        _: Option<Timestamp>,
    ) -> Result<Option<ResourceName>, Unread> {
        self.read(Read::GetAccountAuthorizationDetails, unique_id.as_str(), |state| {
            let users = state.iam.users.keys().filter(|name| {
                state.user(name.as_str()).is_some_and(|user| user.identity.unique_id == *unique_id)
            });
            let roles = state.iam.roles.keys().filter(|name| {
                state.role(name.as_str()).is_some_and(|role| role.identity.unique_id == *unique_id)
            });
            let users = users.cloned().map(ResourceName::User);
            Ok(users.chain(roles.cloned().map(ResourceName::Role)).next())
        })
        .await
    }
}

impl World {
    /// Writes down that this was reported of the user or role, as if an event had told.
    pub fn threaten(&self, name: &str, threat: Threat) {
        let mut state = self.state.borrow_mut();
        let of_user = state.user(name).map(|user| user.identity.unique_id.clone());
        let of_role = || state.role(name).map(|role| role.identity.unique_id.clone());
        if let Some(principal) = of_user.or_else(of_role) {
            state.journals.threats.entry(principal).or_default().push(threat);
        }
    }

    /// Writes down what was reported of whoever has this unique id.
    pub fn recall_threat(&self, principal: &UniqueId, threat: Threat) {
        let mut state = self.state.borrow_mut();
        let threats = state.journals.threats.entry(principal.clone()).or_default();
        threats.push(threat);
        threats.sort_by_key(|threat| threat.at);
    }

    /// Who has this unique id, among users and roles.
    pub fn principal_of(&self, unique_id: &UniqueId) -> Option<ResourceIdentity> {
        let state = self.state.borrow();
        let users = state.iam.users.keys().filter_map(|name| state.user(name.as_str()));
        let mut users = users.map(|user| ResourceIdentity::User(user.identity.clone()));
        let roles = state.iam.roles.keys().filter_map(|name| state.role(name.as_str()));
        let mut roles = roles.map(|role| ResourceIdentity::Role(role.identity.clone()));
        let is_it = |identity: &ResourceIdentity| identity.unique_id() == unique_id;
        users.find(is_it).or_else(|| roles.find(is_it))
    }

    /// Forgets all reports, as the table does of those that are old.
    pub fn forget_threats(&self) {
        self.state.borrow_mut().journals.threats.clear();
    }

    /// What was written down of a user or role.
    pub fn threats_against(&self, principal: &UniqueId) -> Threats {
        self.state.borrow().journals.threats.get(principal).cloned().unwrap_or_default()
    }

    pub(super) async fn threats_fact(&self, principal: &UniqueId) -> Fact<Threats> {
        let listed = self.threats_of(principal).await;
        listed.map_or_else(|error| Fact::Unknown(error.unread(Read::Threats)), Fact::Known)
    }
}
