mod explained;
mod stored;
mod text;

use std::io::Write;

use shared::event::Trigger;
use shared::identifier::{Arn, UniqueId};
use shared::masked::mask;
use shared::threat::Threat;
use sim::{Local, World};

use super::rules;
use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Layout, json};
use crate::input::Input;
use crate::local;
use crate::page::Page;
use explained::{Explained, Report};

/// Says what would be done about a threat and why, or shows a rule's page
///
///   bailiff explain RULE
///     the same as `rules show RULE`
///   bailiff explain --account FILE --event FILE
///     takes an event of CloudTrail, GuardDuty, Security Hub and the like as
///     `detect-threats` would: whom it is about, its risk and the terms of it,
///     what the rules say, the plan, and what stands against it
///   bailiff explain --account FILE --threats FILE
///     the same of the threats that are kept in the table, from what
///     `aws dynamodb scan --output json` says of it
///
/// All of it is played on a copy of the account; nothing is changed.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Explain {
    /// The rule's id, such as `access-key-age`
    #[arg(required_unless_present = "account", conflicts_with = "account")]
    rule: Option<String>,
    /// The account; `-` for standard input
    #[arg(long, value_name = "FILE")]
    account: Option<Input>,
    /// An event as EventBridge delivers it; more than once for more, in their order
    #[arg(long = "event", value_name = "FILE", requires = "account")]
    events: Vec<Input>,
    /// The table's items: what `aws dynamodb scan` or `query` says, or the same exported to S3
    #[arg(long, value_name = "FILE", requires = "account")]
    threats: Option<Input>,
    /// Of the stored threats only those about this user or role
    #[arg(long, value_name = "ARN", requires = "threats")]
    principal: Option<Arn>,
    /// The governance file; without one, that which ships with Bailiff and only watches
    #[arg(long, value_name = "FILE", requires = "account")]
    governance: Option<Input>,
    /// How to write it; `markdown` for a rule's page alone
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Explain {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let format = if self.json { Layout::Json } else { self.format };
        match (&self.rule, &self.account) {
            (Some(rule), _) => rules::show(rule, format, out),
            (None, Some(account)) => self.explain(account, format, out),
            (None, None) => Err(CliError::NothingToExplain),
        }
    }

    fn explain(&self, account: &Input, format: Layout, out: &mut dyn Write) -> Result<Exit, CliError> {
        if self.events.is_empty() && self.threats.is_none() {
            return Err(CliError::NothingToExplain);
        }
        if matches!(format, Layout::Markdown) {
            return Err(CliError::NoMarkdown);
        }
        let inputs = self.events.iter().chain([account]).chain(&self.threats).chain(&self.governance);
        Input::check_stdin(inputs)?;
        let local = local::deploy(local::account(account)?, local::governance(self.governance.as_ref())?)?;
        let threats = self.threats.as_ref().map(stored::read).transpose()?.unwrap_or_default();
        let events = self
            .events
            .iter()
            .map(|input| Ok((input.to_string(), triggers(input, &local)?)))
            .collect::<Result<Vec<_>, CliError>>()?;
        let report = self.play(local, &threats, events)?;
        if matches!(format, Layout::Json) {
            let mut document = serde_json::to_value(&report)?;
            mask(&mut document);
            json(out, &document)?;
        } else {
            text::show(&mut Page::new(out), &report)?;
        }
        Ok(if report.is_open() { Exit::Findings } else { Exit::Done })
    }

    /// The events one after the other, then each principal of stored threats, as it is in the file.
    fn play(
        &self,
        mut local: Local,
        threats: &[(UniqueId, Threat)],
        events: Vec<(String, Vec<Trigger>)>,
    ) -> Result<Report, CliError> {
        let account = local.world.account();
        let at = account.now;
        let recall = |world: &World| {
            for (principal, threat) in threats {
                world.recall_threat(principal, threat.clone());
            }
        };
        recall(&local.world);
        let mut all: Vec<Explained> = Vec::new();
        for (name, triggers) in events {
            let delivery = local.follow(&triggers);
            all.push(Explained::of_event(name, &triggers, &delivery, &local));
        }
        let (known, unknown) = stored::principals(threats, &local, self.principal.as_ref())?;
        for (identity, threats) in known {
            let Local { governance, deployment, .. } = local;
            local = Local::new(World::new(account.clone()), governance, deployment);
            recall(&local.world);
            let delivery = local.follow(&[stored::look_at(&identity, at)]);
            all.push(Explained::of_stored(&identity, &threats, &delivery, &local));
        }
        Ok(Report { account: account.account, at, explained: all, not_in_the_file: unknown })
    }
}

/// What an event is read as.
fn triggers(input: &Input, local: &Local) -> Result<Vec<Trigger>, CliError> {
    let name = || input.to_string();
    let text = input.read_json("event")?;
    let event = serde_json::from_str(&text)
        .map_err(|error| CliError::BadEvent { name: name(), why: format!("it is not JSON: {error}") })?;
    Trigger::parse(&event, &local.deployment.ours())
        .map_err(|error| CliError::BadEvent { name: name(), why: error.to_string() })
}
