mod described;
mod show;

use std::io::Write;

use serde::Serialize;
use serde_json::Value;
use shared::remedy::Remediator;
use shared::rules::page::index;
use shared::rules::{Entry, Meta, RULES, RuleId, Trigger};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Layout, json};
use crate::page::{FAINT, NAMED, PLAIN, Page};
use described::Described;
use show::Show;
pub(super) use show::show;

/// Lists the governance rules, or shows one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Rules {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    #[command(subcommand)]
    one: Option<One>,
}

#[derive(Debug, clap::Subcommand)]
enum One {
    Show(Show),
}

impl Rules {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        match (&self.one, self.format) {
            (Some(One::Show(show)), _) => return show.run(out),
            (None, Layout::Json) => json(out, &RULES.iter().map(Described::from).collect::<Vec<_>>())?,
            (None, Layout::Markdown) => write!(out, "{}", index())?,
            (None, Layout::Text) => Self::text(&mut Page::new(out))?,
        }
        Ok(Exit::Done)
    }

    fn text(page: &mut Page<'_>) -> Result<(), CliError> {
        let heading = format!("{}{:<10}{:<18}put right by", column("rule"), "severity", "judged on");
        page.flow(0, 0, &[(FAINT, &heading)])?;
        for entry in RULES {
            let meta = &entry.meta;
            let rest = format!("{:<10}{:<18}{}", word(meta.severity), triggers(entry), put_right_by(meta));
            page.flow(0, 0, &[(NAMED, &column(meta.id.as_str())), (PLAIN, &rest)])?;
            page.flow(2, 2, &[(FAINT, meta.title())])?;
        }
        page.gap()?;
        page.flow(0, 0, &[(FAINT, "`bailiff rules show RULE` shows a rule's page.")])?;
        Ok(())
    }
}

/// A rule's parameters, with their defaults.
fn defaults(entry: &Entry) -> Value {
    entry.bind(&Value::Null).map(|rule| rule.parameters()).unwrap_or_default()
}

/// A parameter's value, with spaces at which a long list can be wrapped.
pub(super) fn told(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(told).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// The id, with as many spaces after it as the longest of all ids leaves two.
pub(super) fn column(id: &str) -> String {
    let longest = RULES.iter().map(|entry| entry.meta.id.as_str().len()).max().unwrap_or_default();
    format!("{id:<width$}", width = longest + 2)
}

/// A unit value's name as JSON has it.
pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What makes a rule judge, for people.
fn triggers(entry: &Entry) -> String {
    let words: Vec<&str> = entry
        .meta
        .triggers
        .iter()
        .map(|trigger| match trigger {
            Trigger::Change => "change",
            Trigger::Sweep => "schedule",
        })
        .collect();
    words.join(", ")
}

/// The function that puts it right, or who else.
fn put_right_by(meta: &Meta) -> &'static str {
    meta.remediator.map_or("a person", Remediator::as_str)
}

/// The rule of this id.
fn entry(id: &str) -> Result<Option<&'static Entry>, CliError> {
    Ok(shared::rules::find(RuleId::parse(id)?))
}
