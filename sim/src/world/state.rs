use jiff::{SignedDuration, Timestamp};
use shared::engine::{Decision, FetchedFile, Finding};
use shared::remedy::Entry;

use super::config::Config;
use super::departures::Paged;
use super::iam::Iam;
use super::journal::Journals;
use super::organization::OrganizationTable;
use super::people::People;
use super::queue::Queues;
use super::turns::Turn;
use super::watch::Watch;
use crate::account_file::AccountFile;
use crate::call::{Calls, Operation};
use crate::fault::Faults;
use crate::page_sizes::PageSizes;

/// All there is in the simulated world.
#[expect(clippy::struct_excessive_bools, reason = "each stands for itself")]
pub(super) struct State {
    pub(super) now: Timestamp,
    /// How long IAM's writes take to be seen by reads.
    pub(super) lag: SignedDuration,
    pub(super) iam: Iam,
    pub(super) config: Config,
    pub(super) queues: Queues,
    pub(super) journals: Journals,
    /// What the account shares with others of its organisation, if it does.
    pub(super) organization: Option<OrganizationTable>,
    pub(super) notices: Vec<Entry>,
    pub(super) people: People,
    /// The stack's name, once there is one.
    pub(super) stack: String,
    pub(super) announced: Vec<Finding>,
    /// The list of people, where its export leaves it.
    pub(super) directory_file: Option<FetchedFile>,
    pub(super) paged: Vec<Paged>,
    pub(super) decisions: Vec<Decision>,
    /// Whether nobody hears of findings, nor of what is in order.
    pub(super) muted: bool,
    /// What sweeps remember, as it is stored.
    pub(super) key_memory: Vec<String>,
    /// The credential report and when it was made.
    pub(super) report: Option<(Timestamp, Vec<u8>)>,
    pub(super) pages: PageSizes,
    pub(super) faults: Faults,
    pub(super) calls: Calls,
    /// The function at work.
    pub(super) function: &'static str,
    /// Whether the function at work died just now.
    pub(super) dead: bool,
    /// Calls until the function at work dies.
    pub(super) dies_after: Option<u32>,
    pub(super) loses_messages: bool,
    pub(super) interruptions: Vec<Interruption>,
    /// Whether several functions are at work at once, so that each call and each sleep lets others go on.
    pub(super) by_turns: bool,
    /// How the last turn ended.
    pub(super) turn: Turn,
    pub(super) watch: Watch,
}

/// Another actor, who comes in just before a call.
pub(super) struct Interruption {
    pub(super) before: Operation,
    /// Calls of it that go undisturbed first.
    pub(super) spared: u32,
    pub(super) change: Box<dyn FnOnce(&mut State)>,
}

impl State {
    /// From when reads see what is written now.
    pub(super) fn seen_from(&self) -> Timestamp {
        self.now.saturating_add(self.lag).unwrap_or(self.now)
    }

    pub(super) fn advance(&mut self, time: SignedDuration) {
        self.now = self.now.saturating_add(time).unwrap_or(self.now);
    }

    /// Changes the account as another actor does: at once, and seen by all.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut AccountFile)) {
        let mut file = self.iam.to_file(self.now);
        change(&mut file);
        self.now = file.now;
        let known = std::mem::take(&mut self.iam.attachable);
        self.iam = Iam::of_file(file);
        self.iam.attachable.extend(known);
    }
}
