mod account;
mod authority;
mod aws_managed;
mod brakes;
mod config;
mod credential_report;
mod departures;
mod iam;
mod intruder;
mod journal;
mod key_memory;
mod listing;
mod organization;
mod other_resources;
mod people;
mod policy_versions;
mod queue;
mod read;
mod stages;
mod state;
mod switched_off;
mod threats;
mod turns;
mod versions;
mod watch;
mod write;

use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Clock, Decision, Deployment, Judged, Observe, PortError, PortErrorKind};
use shared::governance::Inhabitants;

pub use authority::Credential;
pub use config::ReportedEvaluation;
pub use departures::Paged;
pub(crate) use intruder::{Attempt, Caller, Went};
pub use organization::OrganizationTable;
pub use people::Heard;
pub(crate) use queue::Message;
pub(crate) use turns::Turn;
pub use watch::{Hit, WriteSeen};
pub(crate) use watch::{Meddler, Moment};

use crate::account_file::AccountFile;
use crate::call::{Call, Calls, Operation};
use crate::fault::{Chances, Fault, Faults, Times};
use crate::page_sizes::PageSizes;
use iam::Iam;
use state::{Interruption, State};

/// What a call takes, so that no two things happen at the same moment.
const LATENCY: SignedDuration = SignedDuration::from_millis(10);

/// A simulated account, and around it AWS Config, the queues, the journal, notices and time: every port of the
/// engine. One thread, no clock, no chance but by seed: the same inputs give the same run.
pub struct World {
    state: RefCell<State>,
}

impl World {
    /// The world around an account.
    pub fn new(account: AccountFile) -> Self {
        let now = account.now;
        Self {
            state: RefCell::new(State {
                now,
                lag: SignedDuration::ZERO,
                iam: Iam::of_file(account),
                config: config::Config::default(),
                queues: queue::Queues::default(),
                journals: journal::Journals::default(),
                organization: None,
                notices: Vec::new(),
                people: people::People::default(),
                paged: Vec::new(),
                stack: String::new(),
                announced: Vec::new(),
                directory_file: None,
                decisions: Vec::new(),
                muted: false,
                key_memory: Vec::new(),
                report: None,
                pages: PageSizes::Of(100),
                faults: Faults::default(),
                calls: Calls::default(),
                function: "",
                dead: false,
                dies_after: None,
                loses_messages: false,
                interruptions: Vec::new(),
                by_turns: false,
                turn: Turn::Over,
                watch: watch::Watch::default(),
            }),
        }
    }

    /// The account as it is now, everything in the order of names.
    pub fn account(&self) -> AccountFile {
        let state = self.state.borrow();
        let mut file = state.iam.to_file(state.now);
        for key in file.users.iter_mut().flat_map(|user| &mut user.access_keys) {
            key.status_changed = None;
        }
        file
    }

    /// The same with when each key was last switched: a world made of it goes on where this one stands.
    pub(crate) fn snapshot(&self) -> AccountFile {
        let state = self.state.borrow();
        state.iam.to_file(state.now)
    }

    /// Whom the governance file can name in the account.
    pub fn inhabitants(&self) -> Inhabitants {
        self.state.borrow().iam.inhabitants()
    }

    /// Lets another actor change the account, at once and seen by all.
    pub fn edit(&self, change: impl FnOnce(&mut AccountFile)) {
        self.state.borrow_mut().edit(change);
    }

    /// Lets another actor change the account just before a call of the operation, after so many undisturbed ones.
    pub fn edit_before(
        &self,
        operation: Operation,
        undisturbed: u32,
        change: impl FnOnce(&mut AccountFile) + 'static,
    ) {
        self.interrupt(operation, undisturbed, |state| state.edit(change));
    }

    fn interrupt(&self, before: Operation, spared: u32, change: impl FnOnce(&mut State) + 'static) {
        let interruption = Interruption { before, spared, change: Box::new(change) };
        self.state.borrow_mut().interruptions.push(interruption);
    }

    /// API calls made so far.
    pub fn calls(&self) -> Calls {
        self.state.borrow().calls.clone()
    }

    /// Forgets the calls made so far.
    pub fn forget_calls(&self) {
        self.state.borrow_mut().calls = Calls::default();
    }

    /// Decisions since the last time, oldest first.
    pub fn take_decisions(&self) -> Vec<Decision> {
        std::mem::take(&mut self.state.borrow_mut().decisions)
    }

    /// From now on findings go nowhere, and no decision is kept that somebody is in order: for one who looks at a big
    /// account and wants to see what is wrong with it, no more.
    pub fn mute(&self) {
        self.state.borrow_mut().muted = true;
    }

    /// Makes an operation fail.
    pub fn fail(&self, operation: Operation, fault: Fault, times: Times) {
        self.state.borrow_mut().faults.plan(operation, None, 0, fault, times);
    }

    /// Makes an operation fail after so many calls that go well, and only about one target where that is given.
    pub fn fail_later(
        &self,
        operation: Operation,
        target: Option<&str>,
        spared: u32,
        fault: Fault,
        times: Times,
    ) {
        self.state.borrow_mut().faults.plan(operation, target, spared, fault, times);
    }

    /// Makes calls fail by chance.
    pub fn set_weather(&self, seed: u64, chances: Chances) {
        self.state.borrow_mut().faults.set_weather(seed, chances);
    }

    /// Ends every fault.
    pub fn heal(&self) {
        self.state.borrow_mut().faults.clear();
    }

    /// Lets the function at work die right after so many further calls: what it did stands, and it does no more.
    pub fn die_after(&self, calls: u32) {
        self.state.borrow_mut().dies_after = Some(calls);
    }

    /// Whether a message that was not handled is gone for good, instead of coming again or lying with the dead letters:
    /// somebody emptied the queue.
    pub fn lose_messages(&self, lost: bool) {
        self.state.borrow_mut().loses_messages = lost;
    }

    pub(crate) fn loses_messages(&self) -> bool {
        self.state.borrow().loses_messages
    }

    /// How long IAM's writes take to be seen by reads.
    pub fn set_lag(&self, lag: SignedDuration) {
        self.state.borrow_mut().lag = lag;
    }

    /// How AWS cuts listings into pages.
    pub fn set_page_sizes(&self, sizes: PageSizes) {
        self.state.borrow_mut().pages = sizes;
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.state.borrow().now
    }

    /// Sets the time.
    pub fn set_now(&self, now: Timestamp) {
        self.state.borrow_mut().now = now;
    }

    /// Lets time pass.
    pub fn advance(&self, time: SignedDuration) {
        self.state.borrow_mut().advance(time);
    }

    /// What a deployment brings into the account: its quarantine policy.
    pub(crate) fn deploy(&self, deployment: &Deployment) {
        let mut state = self.state.borrow_mut();
        state.iam.attachable.insert(deployment.quarantine_policy.clone());
        state.stack.clone_from(&deployment.stack);
    }

    /// Lets somebody do something now, between two calls.
    pub(crate) fn at_this_moment<T>(&self, act: impl FnOnce(&mut Moment<'_>) -> T) -> T {
        act(&mut Moment::of(&mut self.state.borrow_mut()))
    }

    /// Says which function makes the calls from now on.
    pub(crate) fn set_function(&self, function: &'static str) {
        self.state.borrow_mut().function = function;
    }

    /// One API call: written down, disturbed, answered or failed, and perhaps the last one.
    async fn call<T, E>(
        &self,
        operation: Operation,
        target: &str,
        answer: impl FnOnce(&mut State) -> Result<T, E>,
        failed: impl FnOnce(Fault) -> E,
    ) -> Result<T, E> {
        self.let_others_go_on().await;
        self.while_alive().await;
        let (answered, dies) = {
            let state = &mut *self.state.borrow_mut();
            state.begin(operation, target);
            let fault = state.faults.strike(operation, target);
            state.watch.called(state.now, state.function, operation, target, fault);
            let answered = match fault {
                None => answer(state),
                Some(Fault::LostAnswer) => {
                    let _ = answer(state);
                    Err(failed(Fault::LostAnswer))
                }
                Some(fault) => Err(failed(fault)),
            };
            (answered, state.dies())
        };
        if dies {
            self.die();
        }
        self.while_alive().await;
        answered
    }

    /// The same for what is not IAM.
    async fn port_call<T>(
        &self,
        operation: Operation,
        target: &str,
        answer: impl FnOnce(&mut State) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        self.call(operation, target, answer, |fault| PortError {
            operation: operation.action(),
            kind: match fault {
                Fault::Throttled | Fault::LostAnswer => PortErrorKind::Throttled,
                Fault::Denied => PortErrorKind::Denied,
                Fault::Failed => PortErrorKind::Failed,
            },
            message: fault.said(operation),
        })
        .await
    }
}

impl State {
    fn begin(&mut self, operation: Operation, target: &str) {
        self.advance(LATENCY);
        let at = self.now;
        let due = self.interruptions.iter_mut().position(|interruption| {
            interruption.before == operation
                && match interruption.spared.checked_sub(1) {
                    Some(left) => {
                        interruption.spared = left;
                        false
                    }
                    None => true,
                }
        });
        if let Some(due) = due {
            let interruption = self.interruptions.remove(due);
            (interruption.change)(self);
        }
        self.let_meddle();
        let (function, target) = (self.function, target.to_owned());
        self.calls.0.push(Call { function, operation, target, at });
    }

    fn dies(&mut self) -> bool {
        match self.dies_after.as_mut() {
            None => false,
            Some(left) => {
                *left = left.saturating_sub(1);
                let dies = *left == 0;
                if dies {
                    self.dies_after = None;
                }
                dies
            }
        }
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.state.borrow().now
    }

    async fn sleep(&self, time: SignedDuration) {
        self.sleep_until(self.now().saturating_add(time).unwrap_or(Timestamp::MAX)).await;
    }
}

impl Observe for World {
    fn decided(&self, decision: &Decision) {
        let mut state = self.state.borrow_mut();
        let is_news = match decision {
            Decision::Judged { judged, .. } => {
                !matches!(judged, Judged::Compliant | Judged::NotApplicable { .. })
            }
            Decision::Sent { .. } => false,
            Decision::Exemptions { lapsing, lapsed, .. } => !(lapsing.is_empty() && lapsed.is_empty()),
            Decision::LeftOpen { left, .. } => left.abandoned + left.untold > 0,
            Decision::Swept { stopped } => stopped.is_some(),
            _ => true,
        };
        if is_news || !state.muted {
            state.decisions.push(decision.clone());
        }
    }
}
