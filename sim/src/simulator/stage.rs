use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::engine::{Deployment, EngineError, Finding, Outcome, RestoreRequest, SuspendOrder};
use shared::facts::{ResourceIdentity, RoleIdentity, UserIdentity};
use shared::governance::Governance;
use shared::identifier::{AccountId, Arn};
use shared::remedy::{JournalId, Remediator};
use shared::rules::RULES;

use super::accounts::ACCOUNT;
use super::dice::Dice;
use super::storm::Storm;
use super::tally::Tally;
use crate::account_file::AccountFile;
use crate::call::Operation;
use crate::local::Local;
use crate::page_sizes::PageSizes;
use crate::world::{Message, World};

/// Bailiff over one simulated account, and what befalls both.
pub(crate) struct Stage {
    pub(crate) local: Local,
    pub(crate) dice: Dice,
    pub(crate) storm: Storm,
    pub(crate) tally: Tally,
    /// What other actors do between deliveries, if anything.
    pub(crate) actors: Option<fn(&mut Self)>,
    /// Messages that failed too often, by queue.
    pub(crate) dead: Vec<(Remediator, Message)>,
    sweeps: u64,
}

/// The name of the deployment's stack.
pub(crate) const STACK: &str = "bailiff";

pub(crate) fn quarantine() -> Arn {
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{STACK}-quarantine");
    Arn::parse(&arn).unwrap_or_else(|error| unreachable!("{error}"))
}

pub(crate) fn account_id() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap_or_else(|error| unreachable!("{error}"))
}

impl Stage {
    pub(crate) fn new(account: AccountFile, governance: Governance, dice: Dice, traced: bool) -> Self {
        let deployment =
            Deployment { account: account_id(), stack: STACK.to_owned(), quarantine_policy: quarantine() };
        let principals = (account.users.len() + account.roles.len()) as u64;
        let file = traced.then(|| serde_json::to_string(&account).unwrap_or_default());
        let world = World::new(account);
        if let Some(file) = file {
            world.trace();
            world.note(|| format!("the account: {file}"));
        }
        Self {
            local: Local::new(world, governance, deployment),
            dice,
            storm: Storm::CALM,
            tally: Tally { principals, ..Tally::default() },
            actors: None,
            dead: Vec::new(),
            sweeps: 0,
        }
    }

    /// Lets it come down.
    pub(crate) fn begin_storm(&mut self, storm: Storm) {
        self.storm = storm;
        let seed = self.dice.seed();
        self.local.world.set_weather(seed, storm.faults);
        if self.dice.chance(500) {
            self.local.world.set_page_sizes(PageSizes::Odd(seed));
        }
        // As IAM settles: within seconds.
        if self.dice.chance(500) {
            self.local.world.set_lag(SignedDuration::from_millis(self.dice.between(1, 6_000)));
        }
    }

    /// Ends it.
    pub(crate) fn end_storm(&mut self) {
        self.storm = Storm::CALM;
        self.actors = None;
        self.local.world.heal();
        self.local.world.let_meddle(None);
        self.local.world.set_lag(SignedDuration::ZERO);
        self.local.world.set_page_sizes(PageSizes::Of(100));
    }

    pub(crate) fn advance(&self, hours: i64) {
        self.local.world.advance(SignedDuration::from_hours(hours));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.local.world.now()
    }

    /// One sweep and all that comes of it.
    pub(crate) fn sweep(&mut self) {
        let event = self.sweep_event();
        self.local.world.note(|| "sweep".to_owned());
        self.deliver(vec![event]);
    }

    pub(crate) fn sweep_event(&mut self) -> Value {
        self.sweeps += 1;
        self.tally.sweeps += 1;
        json!({
            "version": "0", "id": format!("sweep-{}", self.sweeps),
            "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
            "time": self.now().to_string(), "region": "us-east-1", "resources": [], "detail": {}
        })
    }

    pub(crate) fn between_deliveries(&mut self) {
        if let Some(act) = self.actors {
            act(self);
        }
    }

    /// A finding that nobody made: about anybody, by any rule that a function puts right.
    pub(crate) fn forged(&mut self) -> Option<Finding> {
        let resource = self.somebody()?;
        let rules: Vec<_> = RULES.iter().filter(|rule| rule.meta.remediator.is_some()).collect();
        let rule = self.dice.one(&rules)?.meta.id;
        let occasion = self.dice.seed().to_string();
        Some(Finding::new(rule, resource, "made up".to_owned(), &occasion, self.now()))
    }

    /// Any user or role.
    pub(crate) fn somebody(&mut self) -> Option<ResourceIdentity> {
        let all = principals(&self.local.world.account());
        self.dice.one(&all).cloned()
    }

    /// A person orders a suspension.
    pub(crate) fn order(&mut self, principal: &Arn) -> Result<Outcome, EngineError> {
        self.tally.orders += 1;
        self.local.suspend(&SuspendOrder {
            principal: principal.clone(),
            reason: "its key is on a public page".to_owned(),
            requested_by: "sam".to_owned(),
            threat: None,
        })
    }

    /// A person asks for an undo.
    pub(crate) fn undo(&mut self, entry: &JournalId) -> Result<Outcome, EngineError> {
        self.tally.undos += 1;
        let outcome = self.local.restore(&RestoreRequest {
            journal_id: entry.clone(),
            requested_by: "sam".to_owned(),
            reason: "it broke the night build".to_owned(),
            reactivate_keys: true,
        });
        self.local.world.note(|| format!("undo of {entry}: {outcome:?}"));
        outcome
    }

    /// The counts, at the end.
    pub(crate) fn counted(&self) -> Tally {
        let mut tally = self.tally;
        tally.calls += self.local.world.calls().total() as u64;
        tally.faults += self.local.world.faults();
        let writes = self.local.world.writes();
        tally.writes += writes.len() as u64;
        let mut acts: Vec<_> = writes.iter().filter_map(|write| write.entry.as_ref()).collect();
        acts.sort_unstable();
        acts.dedup();
        tally.acts += acts.len() as u64;
        tally
    }

    /// Places, among all calls, of the writes that were tried, whether or not they came through.
    pub(crate) fn tried_writes(&self) -> Vec<usize> {
        let calls = self.local.world.calls();
        let of_writes =
            calls.0.iter().enumerate().filter(|(_, call)| matches!(call.operation, Operation::Write(_)));
        of_writes.map(|(at, _)| at).collect()
    }
}

/// The users and roles of an account.
pub(crate) fn principals(account: &AccountFile) -> Vec<ResourceIdentity> {
    let of = |kind: &str, path: &str, name: &str| {
        Arn::parse(&format!("arn:aws:iam::{}:{kind}{path}{name}", account.account)).ok()
    };
    let users = account.users.iter().filter_map(|user| {
        Some(ResourceIdentity::User(UserIdentity {
            account: account.account.clone(),
            arn: of("user", &user.path, user.name.as_str())?,
            unique_id: user.id.clone()?,
            name: user.name.clone(),
        }))
    });
    let roles = account.roles.iter().filter_map(|role| {
        Some(ResourceIdentity::Role(RoleIdentity {
            account: account.account.clone(),
            arn: of("role", &role.path, role.name.as_str())?,
            unique_id: role.id.clone()?,
            name: role.name.clone(),
        }))
    });
    users.chain(roles).collect()
}
