use std::io::Write;

use serde_json::{Value, json};
use shared::governance::Unmatched;
use sim::Local;

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json as write_json};
use crate::input::Input;
use crate::local;
use crate::page::{PLAIN, Page, STRONG, WRONG};
use crate::report::{Happened, Tally, bad_event, delivered, delivery, too_wide, unmatched};

/// Replays events on an account file, as the Lambda functions would take them
///
/// An EVENT is what a function is invoked with: an AWS Config rule's invocation,
/// or a schedule. They are replayed in order; one that cannot be taken is named,
/// and the rest goes on. The account file is only read.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Replay {
    /// Event files; `-` for standard input
    #[arg(required = true, value_name = "EVENT")]
    events: Vec<Input>,
    /// The account as it is before the first event; `-` for standard input
    #[arg(long, value_name = "FILE")]
    account: Input,
    /// The governance file; without one, that which ships with Bailiff and only watches
    #[arg(long, value_name = "FILE")]
    governance: Option<Input>,
    /// How to write what happened
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// An event as far as it got.
type Replayed = (String, Result<Happened, String>);

impl Replay {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        Input::check_stdin(self.events.iter().chain([&self.account]).chain(&self.governance))?;
        let local =
            local::deploy(local::account(&self.account)?, local::governance(self.governance.as_ref())?)?;
        let nobody = local.governance.unmatched(&local.world.inhabitants(), local.world.now());
        let replayed: Vec<Replayed> =
            self.events.iter().map(|input| (input.to_string(), replay(&local, input))).collect();
        match self.format {
            Format::Text => text(&mut Page::new(out), &local, &replayed, &nobody)?,
            Format::Json => write_json(out, &document(&local, &replayed, &nobody)?)?,
        }
        Ok(exit(&replayed))
    }
}

fn replay(local: &Local, input: &Input) -> Result<Happened, String> {
    let text = input.read_json("event").map_err(|error| error.to_string())?;
    let event: Value = serde_json::from_str(&text)
        .map_err(|error| format!("the event is not JSON: {error}; give one JSON document a file"))?;
    Ok(Happened::deliver(local, &event))
}

fn exit(replayed: &[Replayed]) -> Exit {
    let mut tally = Tally::default();
    replayed.iter().filter_map(|(_, result)| result.as_ref().ok()).for_each(|happened| tally.add(happened));
    let unreadable = replayed.iter().any(|(_, result)| result.is_err());
    if unreadable || tally.bad_events > 0 || tally.events_refused > 0 {
        Exit::BadInput
    } else if tally.failed > 0 {
        Exit::Broken
    } else if tally.not_judged > 0 {
        Exit::Findings
    } else {
        Exit::Done
    }
}

fn text(
    page: &mut Page<'_>,
    local: &Local,
    replayed: &[Replayed],
    nobody: &[Unmatched],
) -> Result<(), CliError> {
    let mut tally = Tally::default();
    for (name, result) in replayed {
        match result {
            Ok(happened) => {
                tally.add(happened);
                delivery(page, name, happened)?;
            }
            Err(why) => {
                tally.bad_events += 1;
                page.flow(0, 2, &[(WRONG, "● "), (STRONG, name)])?;
                page.flow(2, 4, &[(WRONG, "! "), (PLAIN, why)])?;
            }
        }
    }
    page.gap()?;
    too_wide(page, &local.governance.too_wide())?;
    unmatched(page, nobody)?;
    tally.show(page)?;
    Ok(())
}

fn document(local: &Local, replayed: &[Replayed], nobody: &[Unmatched]) -> Result<Value, CliError> {
    let deliveries: Vec<Value> = replayed
        .iter()
        .map(|(name, result)| match result {
            Ok(happened) => delivered(name, happened),
            Err(why) => Ok(bad_event(name, why)),
        })
        .collect::<Result<_, CliError>>()?;
    let account = serde_json::to_value(local.world.account())?;
    Ok(json!({
        "deliveries": deliveries, "account": account,
        "tooWide": local.governance.too_wide(), "unmatched": nobody,
    }))
}
