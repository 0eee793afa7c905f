use std::collections::BTreeSet;
use std::io::Write;

use serde::Serialize;
use serde_json::Value;
use shared::facts::Read;
use shared::remedy::{Remediator, Write as IamWrite};
use shared::rules::{Entry, Level, Meta, Phase, RULES, ResourceType, RuleId, Severity, Trigger};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json};
use crate::page::{FAINT, NAMED, PLAIN, Page};

/// Lists the governance rules
#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A rule, for tools.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    id: RuleId,
    title: &'static str,
    severity: Severity,
    triggers: &'static [Trigger],
    applies_to: &'static [ResourceType],
    stands_for: &'static [&'static str],
    controls: &'static [&'static str],
    phase: Phase,
    effort: Level,
    benefit: Level,
    /// The function that puts it right; none where a person has to.
    remediator: Option<Remediator>,
    /// IAM actions that judging and planning for one live user takes.
    reads: BTreeSet<&'static str>,
    /// IAM actions its plan may hold.
    writes: Vec<&'static str>,
    /// With their defaults.
    parameters: Value,
}

impl From<&'static Entry> for Described {
    fn from(entry: &'static Entry) -> Self {
        let meta = &entry.meta;
        Self {
            id: meta.id,
            title: meta.title(),
            severity: meta.severity,
            triggers: meta.triggers,
            applies_to: meta.applies_to,
            stands_for: meta.stands_for,
            controls: meta.controls,
            phase: meta.phase,
            effort: meta.effort,
            benefit: meta.benefit,
            remediator: meta.remediator,
            reads: reads(meta),
            writes: meta.steps.iter().map(|write: &IamWrite| write.action()).collect(),
            parameters: defaults(entry),
        }
    }
}

fn reads(meta: &Meta) -> BTreeSet<&'static str> {
    let facts = meta.needs.iter().chain(meta.plan_needs);
    facts.flat_map(|need| need.user_reads()).chain([&Read::GetUser]).map(|read| read.action()).collect()
}

/// A rule's parameters, with their defaults.
pub(super) fn defaults(entry: &Entry) -> Value {
    entry.bind(&Value::Null).map(|rule| rule.parameters()).unwrap_or_default()
}

/// A unit value's name as JSON has it.
pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What makes a rule judge, for people.
pub(super) fn triggers(entry: &Entry) -> String {
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

impl Rules {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        match self.format {
            Format::Json => json(out, &RULES.iter().map(Described::from).collect::<Vec<_>>())?,
            Format::Text => Self::text(&mut Page::new(out))?,
        }
        Ok(Exit::Done)
    }

    fn text(page: &mut Page<'_>) -> Result<(), CliError> {
        let heading = format!("{:<26}{:<10}{:<18}put right by", "rule", "severity", "judged on");
        page.flow(0, 0, &[(FAINT, &heading)])?;
        for entry in RULES {
            let meta = &entry.meta;
            let rest = format!("{:<10}{:<18}{}", word(meta.severity), triggers(entry), put_right_by(meta));
            page.flow(0, 0, &[(NAMED, &format!("{:<26}", meta.id.as_str())), (PLAIN, &rest)])?;
            page.flow(2, 2, &[(FAINT, meta.title())])?;
        }
        page.gap()?;
        page.flow(0, 0, &[(FAINT, "`bailiff explain RULE` shows a rule's page.")])?;
        Ok(())
    }
}

/// The function that puts it right, or who else.
pub(super) fn put_right_by(meta: &Meta) -> &'static str {
    meta.remediator.map_or("a person", Remediator::as_str)
}
