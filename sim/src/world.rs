use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Decision, Evaluation};
use shared::remedy::Entry;

use crate::account_file::AccountFile;
use crate::call::{Calls, Operation};
use crate::fault::{Fault, Times};

/// A simulated account, and around it AWS Config, the queues, the journal, notices and time.
pub struct World {
    state: RefCell<State>,
}

struct State {
    account: AccountFile,
}

/// What AWS Config holds of a resource under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedEvaluation {
    /// The Config rule's name.
    pub rule_name: String,
    /// The evaluation that stands.
    pub evaluation: Evaluation,
}

impl World {
    /// The world around an account.
    pub fn new(account: AccountFile) -> Self {
        Self { state: RefCell::new(State { account }) }
    }

    /// The account as it is now, principals in the order of their names.
    pub fn account(&self) -> AccountFile {
        self.state.borrow().account.clone()
    }

    /// What AWS Config holds, by rule and resource.
    pub fn evaluations(&self) -> Vec<ReportedEvaluation> {
        Vec::new()
    }

    /// Notices sent, oldest first.
    pub fn notices(&self) -> Vec<Entry> {
        Vec::new()
    }

    /// Journal entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        Vec::new()
    }

    /// API calls made so far.
    pub fn calls(&self) -> Calls {
        Calls::default()
    }

    /// Forgets the calls made so far.
    pub fn forget_calls(&self) {}

    /// Decisions since the last time, oldest first.
    pub fn take_decisions(&self) -> Vec<Decision> {
        Vec::new()
    }

    /// Makes an operation fail.
    pub fn fail(&self, _operation: Operation, _fault: Fault, _times: Times) {}

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.state.borrow().account.now
    }

    /// Sets the time.
    pub fn set_now(&self, now: Timestamp) {
        self.state.borrow_mut().account.now = now;
    }

    /// Lets time pass.
    pub fn advance(&self, time: SignedDuration) {
        let now = self.now();
        self.set_now(now.saturating_add(time).unwrap_or(now));
    }

    /// Lets another actor change the account, at once and seen by all.
    pub fn edit(&self, change: impl FnOnce(&mut AccountFile)) {
        change(&mut self.state.borrow_mut().account);
    }
}
