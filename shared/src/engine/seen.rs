use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ReadAccount;
use super::evaluate_account::Sweep;
use crate::facts::{
    Account, CredentialReport, Entity, Fact, KeyMemory, Need, Read, Resource, Role, Subject, User, WhyUnread,
};

/// A resource as a sweep sees it: in bulk first, and closer where a verdict hangs on it.
pub(super) struct Seen {
    /// What the bulk reads tell.
    pub(super) bulk: Resource,
    /// What of the credential report its keys are remembered by.
    line: Option<String>,
    closer: Option<(BTreeSet<Need>, Resource)>,
}

impl Seen {
    /// A user, with what the credential report and the memory of its keys tell.
    pub(super) fn user(mut user: User, sweep: &Sweep<'_>) -> Self {
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
            sweep.memory.keys.recall(&mut user, line);
        }
        sweep.memory.keys.recall_ssh_keys(&mut user);
        user.threats = of_one(&sweep.threats, &user.identity.unique_id);
        user.switched_off_keys = of_one(&sweep.switched_off, &user.identity.unique_id);
        user.service_specific_credentials = of_one(&sweep.service_specific, &user.identity.name);
        user.departure = match &sweep.departures {
            Fact::Known(all) => all.get(&user.identity.unique_id).cloned().into(),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(unread) => Fact::Unknown(unread.clone()),
        };
        Self { bulk: user.into(), line, closer: None }
    }

    /// The account, with what the credential report tells.
    pub(super) fn account(mut account: Account, sweep: &Sweep<'_>) -> Self {
        match &sweep.report {
            Fact::Known(report) => report.fill_account(&mut account),
            Fact::Absent => {}
            Fact::Unknown(unread) => CredentialReport::account_unread(&mut account, unread),
        }
        Self::other(account.into())
    }

    /// A role, with what the listing of roles tells.
    pub(super) fn role(mut role: Role, sweep: &Sweep<'_>) -> Self {
        role.max_session_duration = match &sweep.session_durations {
            Fact::Known(durations) => match durations.get(&role.identity.unique_id) {
                Some(seconds) => Fact::Known(*seconds),
                // Made since the listing.
                None => Fact::not_read(Read::ListRoles),
            },
            Fact::Absent => Fact::not_read(Read::ListRoles),
            Fact::Unknown(unread) => Fact::Unknown(unread.clone()),
        };
        role.threats = of_one(&sweep.threats, &role.identity.unique_id);
        Self { bulk: role.into(), line: None, closer: None }
    }

    /// Anything else; the bulk reads tell all there is.
    pub(super) fn other(resource: Resource) -> Self {
        Self { bulk: resource, line: None, closer: None }
    }

    /// The resource with these facts read one by one; `None` where no closer look is possible.
    pub(super) async fn closer(
        &mut self,
        ports: &impl ReadAccount,
        needs: &[Need],
        memory: &mut KeyMemory,
        at: Timestamp,
    ) -> Option<&Resource> {
        let needs: BTreeSet<Need> =
            needs.iter().copied().filter(|need| !need.comes_with_the_listing()).collect();
        if !self.closer.as_ref().is_some_and(|(read, _)| needs.is_subset(read)) {
            if !matches!(self.bulk, Resource::Entity(_)) {
                return None;
            }
            let mut live = self.bulk.clone();
            ports.refresh(&mut live, &needs).await;
            if let Some(seen) = User::of(&live).filter(|_| needs.contains(&Need::SshPublicKeys)) {
                memory.learn_ssh_keys(seen, at);
            }
            if let (Some(line), Some(seen)) = (&self.line, User::of(&live)) {
                memory.learn(seen, line);
                if let Resource::Entity(Entity::User(bulk)) = &mut self.bulk {
                    // What one rule had to ask for often settles the next one's verdict too.
                    memory.recall(bulk, line);
                }
            }
            self.closer = Some((needs, live));
        }
        self.closer.as_ref().map(|(_, closer)| closer)
    }
}

/// What a list of everybody's tells of one: nothing where it names them not.
fn of_one<K: Ord, V: Clone + Default>(all: &Fact<BTreeMap<K, V>>, whose: &K) -> Fact<V> {
    match all {
        Fact::Known(all) => Fact::Known(all.get(whose).cloned().unwrap_or_default()),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(unread) => Fact::Unknown(unread.clone()),
    }
}
