use std::collections::BTreeMap;

use shared::engine::Outcome;
use shared::facts::KeyStatus;
use shared::remedy::{Entry, Refusal, Status};
use sim::account_file::User;
use sim::{AccountFile, Calls};

use crate::report::{Happened, Tally};

/// All the demo saw, for its expectations to be held against.
pub(super) struct Seen {
    /// The account at the beginning.
    pub(super) before: AccountFile,
    /// The account at the end.
    pub(super) after: AccountFile,
    /// Each event by its name.
    pub(super) events: BTreeMap<&'static str, Shown>,
    /// What came of the order to suspend the leaver while everything was stopped.
    pub(super) stopped: Option<Outcome>,
    /// The leaver's suspension.
    pub(super) suspended: Option<Outcome>,
    /// What came of the order to suspend a role of Control Tower.
    pub(super) role_refused: Option<Outcome>,
    /// The undo.
    pub(super) undone: Option<Outcome>,
    /// The account right after the undo.
    pub(super) after_undo: AccountFile,
    /// What came of the undone event when it was told of again.
    pub(super) told_again: Option<Happened>,
    /// Whether each guard refused where it had to.
    pub(super) guards: bool,
    /// Whether the attack was contained and all of it lifted.
    pub(super) attack: bool,
    /// Every API call.
    pub(super) calls: Calls,
    /// The numbers.
    pub(super) tally: Tally,
}

/// An event's outcome and the world around it.
pub(super) struct Shown {
    /// What happened.
    pub(super) happened: Happened,
    /// The account right before.
    pub(super) before: AccountFile,
    /// The account right after.
    pub(super) after: AccountFile,
    /// IAM writes made in between.
    pub(super) writes: usize,
}

impl Seen {
    /// Whether these users are at the end what they were at the beginning.
    pub(super) fn unchanged(&self, names: &[&str]) -> bool {
        names.iter().all(|name| {
            let before = user(&self.before, name);
            before.is_some() && before == user(&self.after, name)
        })
    }

    /// A user at the end.
    pub(super) fn user(&self, name: &str) -> Option<&User> {
        user(&self.after, name)
    }

    /// What the journal says of a user after an event.
    pub(super) fn entry(&self, event: &str, name: &str) -> Option<&Entry> {
        let entries = &self.events.get(event)?.happened.entries;
        entries.iter().find(|entry| entry.plan.resource.name() == name)
    }

    /// Whether an event ended in a plan for the user that was carried out.
    pub(super) fn verified(&self, event: &str, name: &str) -> bool {
        self.entry(event, name).is_some_and(|entry| entry.status == Status::Verified)
    }

    /// The guard that refused what an event told of a user.
    pub(super) fn refusal(&self, event: &str, name: &str) -> Option<&Refusal> {
        self.entry(event, name)?.refusal.as_ref()
    }
}

/// A user of an account.
pub(super) fn user<'a>(account: &'a AccountFile, name: &str) -> Option<&'a User> {
    account.users.iter().find(|user| user.name.as_str() == name)
}

/// A user as bytes.
pub(super) fn bytes(account: &AccountFile, name: &str) -> Option<Vec<u8>> {
    serde_json::to_vec(user(account, name)?).ok()
}

/// Where a user's key stands, by its last four characters.
pub(super) fn key(user: &User, last_four: &str) -> Option<KeyStatus> {
    let key =
        user.access_keys.iter().find(|key| key.id.as_ref().is_some_and(|id| id.last_four() == last_four))?;
    Some(key.status)
}
