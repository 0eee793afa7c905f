//! What is seen of the world from outside: every write with whom it hit, and every call as it is made. None of it is
//! known to the functions.

use jiff::{SignedDuration, Timestamp};
use shared::engine::Stop;
use shared::identifier::{Arn, UniqueId};
use shared::remedy::{JournalId, Step};

use super::World;
use super::iam::{User, arn};
use super::state::State;
use crate::account_file::{self, AccountFile};
use crate::call::Operation;
use crate::fault::Fault;

/// An IAM write that came through to IAM, its answer lost or not.
#[derive(Debug, Clone)]
pub struct WriteSeen {
    /// Its place among all calls.
    pub call: usize,
    /// When.
    pub at: Timestamp,
    /// The function that made it.
    pub function: &'static str,
    /// What it asked for.
    pub step: Step,
    /// Who bore the name, if anybody did.
    pub hit: Option<Hit>,
    /// The open journal entry of whom it was meant for.
    pub entry: Option<JournalId>,
    /// Why IAM refused it, if it did.
    pub refused: Option<String>,
}

/// Who or what a write hit, at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its ARN.
    pub arn: Arn,
    /// Its unique id.
    pub id: Option<UniqueId>,
    /// Of a policy or a group: who has it or is in it, by its groups or as a boundary too.
    pub holders: Vec<Arn>,
}

/// Somebody who may do something before any call.
pub(crate) type Meddler = Box<dyn FnMut(&mut Moment<'_>)>;

/// The moment before a call.
pub(crate) struct Moment<'a> {
    state: &'a mut State,
}

#[derive(Default)]
pub(super) struct Watch {
    writes: Vec<WriteSeen>,
    meddler: Option<Meddler>,
    trace: Option<Vec<String>>,
    faults: u64,
}

impl Watch {
    pub(super) fn called(
        &mut self,
        now: Timestamp,
        function: &str,
        operation: Operation,
        target: &str,
        fault: Option<Fault>,
    ) {
        self.faults += u64::from(fault.is_some());
        if let Some(trace) = &mut self.trace {
            let fault = fault.map(|fault| format!("  -> {fault:?}")).unwrap_or_default();
            trace.push(format!("{now}  {function}  {} {target}{fault}", operation.action()));
        }
    }
}

impl State {
    pub(super) fn let_meddle(&mut self) {
        if let Some(mut meddler) = self.watch.meddler.take() {
            meddler(&mut Moment::of(self));
            self.watch.meddler = Some(meddler);
        }
    }

    /// Who bears the name that the step goes by.
    pub(super) fn hit_by(&self, step: &Step) -> Option<Hit> {
        use shared::facts::ResourceIdentity as Identity;
        match step.resource() {
            Identity::User(user) => {
                let live = self.iam.users.get(&user.name)?.latest()?;
                Some(Hit::of(live.identity.arn.clone(), Some(live.identity.unique_id.clone())))
            }
            Identity::Role(role) => {
                let live = self.iam.roles.get(&role.name)?.latest()?;
                Some(Hit::of(live.identity.arn.clone(), Some(live.identity.unique_id.clone())))
            }
            Identity::Group(group) => {
                let mut live = self.iam.groups.iter().filter_map(|versions| versions.latest());
                let live: &account_file::Group = live.find(|live| live.name == group.name)?;
                let arn = arn(&self.iam.account, "group", &live.path, live.name.as_str())?;
                let members = self.users().filter(|user| user.groups.contains(&live.name));
                let holders = members.map(|user| user.identity.arn.clone()).collect();
                Some(Hit { arn, id: live.id.clone(), holders })
            }
            Identity::Policy(policy) => {
                Some(Hit { arn: policy.arn.clone(), id: None, holders: self.live_by(&policy.arn) })
            }
            other => Some(Hit::of(other.arn().clone(), None)),
        }
    }

    fn users(&self) -> impl Iterator<Item = &User> {
        self.iam.users.values().filter_map(|versions| versions.latest())
    }

    /// Who has a policy, through a group or as a boundary too.
    fn live_by(&self, policy: &Arn) -> Vec<Arn> {
        let groups = self.iam.groups.iter().filter_map(|versions| versions.latest());
        let groups: Vec<_> = groups
            .filter(|group| group.attached_policies.contains(policy))
            .map(|group| &group.name)
            .collect();
        let users = self.users().filter(|user| {
            user.attached.contains(policy)
                || user.boundary.as_ref() == Some(policy)
                || groups.iter().any(|group| user.groups.contains(*group))
        });
        let roles = self.iam.roles.values().filter_map(|versions| versions.latest());
        let roles =
            roles.filter(|role| role.attached.contains(policy) || role.boundary.as_ref() == Some(policy));
        let users = users.map(|user| user.identity.arn.clone());
        users.chain(roles.map(|role| role.identity.arn.clone())).collect()
    }

    pub(super) fn saw_write(&mut self, step: &Step, hit: Option<Hit>, refused: Option<&String>) {
        let entry = self.journals.open_entry(step.resource().unique_id()).cloned();
        let seen = WriteSeen {
            call: self.calls.0.len().saturating_sub(1),
            at: self.now,
            function: self.function,
            step: step.clone(),
            hit,
            entry,
            refused: refused.cloned(),
        };
        if let Some(trace) = &mut self.watch.trace {
            let why = refused.map(|why| format!(": refused: {why}")).unwrap_or_default();
            trace.push(format!("{}  IAM  {step}{why}", self.now));
        }
        self.watch.writes.push(seen);
    }
}

impl Hit {
    fn of(arn: Arn, id: Option<UniqueId>) -> Self {
        Self { arn, id, holders: Vec::new() }
    }
}

impl<'a> Moment<'a> {
    pub(super) fn of(state: &'a mut State) -> Self {
        Self { state }
    }

    pub(super) fn state(&self) -> &State {
        self.state
    }

    pub(super) fn state_mut(&mut self) -> &mut State {
        self.state
    }

    /// How many calls were made before.
    pub(crate) fn calls(&self) -> usize {
        self.state.calls.0.len()
    }

    /// Writes that came through so far.
    pub(crate) fn writes(&self) -> &[WriteSeen] {
        &self.state.watch.writes
    }

    /// Changes the account.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut AccountFile)) {
        self.state.edit(change);
    }

    /// Throws the switch, or takes it back.
    pub(crate) fn set_stop(&mut self, stop: Option<Stop>) {
        self.state.journals.stop = stop;
    }

    /// How often people were paged.
    pub(crate) fn paged(&self) -> usize {
        self.state.paged.len()
    }

    /// Whether people were paged of it since the first so many pages: each says by which event it is.
    pub(crate) fn is_paged_of(&self, event: &str, since: usize) -> bool {
        let line = format!("Id:     {event}\n");
        self.state.paged.iter().skip(since).any(|page| page.text.contains(&line))
    }

    /// Whether people were told since then, by notices after the first so many, of what was done to it since then.
    pub(crate) fn is_told_of(&self, resource: &Arn, notices: usize, since: Timestamp) -> bool {
        self.state.notices.iter().skip(notices).any(|entry| {
            entry.plan.resource.arn() == resource
                && (entry.opened >= since || entry.closed.is_some_and(|closed| closed >= since))
        })
    }

    /// How many notices there were.
    pub(crate) fn notices(&self) -> usize {
        self.state.notices.len()
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.state.now
    }

    /// Whether several functions are at work at once, of which none waits for another's calls.
    pub(crate) fn is_shared(&self) -> bool {
        self.state.by_turns
    }

    /// Lets time pass: the call takes so long.
    pub(crate) fn advance(&mut self, time: SignedDuration) {
        self.state.advance(time);
    }

    /// Makes the clock jump.
    pub(crate) fn set_now(&mut self, now: Timestamp) {
        self.state.now = now;
    }

    /// Makes an operation on a target fail from now on.
    pub(crate) fn break_down(&mut self, operation: Operation, target: &str, fault: Fault) {
        self.state.faults.plan(operation, Some(target), 0, fault, crate::fault::Times::Always);
    }

    /// Tells whoever traces.
    pub(crate) fn note(&mut self, what: impl FnOnce() -> String) {
        let now = self.state.now;
        if let Some(trace) = &mut self.state.watch.trace {
            trace.push(format!("{now}  ** {}", what()));
        }
    }
}

impl World {
    /// Writes that came through to IAM, oldest first.
    pub fn writes(&self) -> Vec<WriteSeen> {
        self.state.borrow().watch.writes.clone()
    }

    /// How many calls went wrong.
    pub fn faults(&self) -> u64 {
        self.state.borrow().watch.faults
    }

    /// Forgets the writes that it saw.
    pub fn forget_writes(&self) {
        self.state.borrow_mut().watch.writes.clear();
    }

    /// Writes every call down from now on.
    pub fn trace(&self) {
        self.state.borrow_mut().watch.trace.get_or_insert_default();
    }

    /// What was written down since the last time.
    pub fn take_trace(&self) -> Vec<String> {
        self.state.borrow_mut().watch.trace.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Writes something down beside the calls, where they are.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        let mut state = self.state.borrow_mut();
        let now = state.now;
        if let Some(trace) = &mut state.watch.trace {
            trace.push(format!("{now}  -- {}", what()));
        }
    }

    /// Lets somebody meddle before each call.
    pub(crate) fn let_meddle(&self, meddler: Option<Meddler>) {
        self.state.borrow_mut().watch.meddler = meddler;
    }

    /// The function at work does not die after all.
    pub(crate) fn let_live(&self) {
        self.state.borrow_mut().dies_after = None;
    }
}
