use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::node::Kind;
use super::place::Place;
use super::problem::{Problem, Problems};
use super::suggestion::did_you_mean;
use super::{Mode, approvals, warnings};
use crate::facts::Resource;
use crate::remedy::WarningSchedule;
use crate::rules::{BoundRule, Context, Entry, Proposal, RULES, RuleId, Verdict, Violation};

/// What the governance file says of a rule.
pub struct RuleSetting {
    /// Whether it judges at all.
    pub enabled: bool,
    /// How far it may go.
    pub mode: Mode,
    /// How people are warned before it acts, if they are.
    pub warnings: Option<WarningSchedule>,
    /// How many people must approve each of its plans.
    pub approvals: u8,
    /// The rule with its parameters.
    pub rule: Box<dyn BoundRule>,
}

impl RuleSetting {
    /// Of a rule that was declared and never listed: it judges nothing.
    pub(super) fn unlisted() -> Self {
        Self { enabled: false, mode: Mode::Audit, warnings: None, approvals: 0, rule: Box::new(Unlisted) }
    }
}

impl fmt::Debug for RuleSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSetting")
            .field("enabled", &self.enabled)
            .field("mode", &self.mode)
            .field("warnings", &self.warnings)
            .field("approvals", &self.approvals)
            .field("parameters", &self.rule.parameters())
            .finish()
    }
}

struct Unlisted;

impl BoundRule for Unlisted {
    fn judge(&self, _: &Resource, _: &Context) -> Option<Verdict<Violation>> {
        None
    }

    fn plan(&self, _: &Resource, _: &Context) -> Option<Verdict<(Violation, Proposal)>> {
        None
    }

    fn parameters(&self) -> Value {
        Value::Null
    }
}

/// The keys of a rule's setting. The last two are for rules that act.
pub(super) const FIELDS: [&str; 5] = ["enabled", "mode", "parameters", "warnings", "approvals"];

/// Reads `rules`. A rule that is not named is on, in audit mode, with its defaults.
pub(super) fn read(rules: Option<&Place<'_>>, problems: &mut Problems) -> BTreeMap<RuleId, RuleSetting> {
    let mut named = BTreeMap::new();
    for (key, place) in rules.and_then(|place| place.entries(problems)).unwrap_or_default() {
        match RuleId::parse(&key.text) {
            Ok(id) => {
                named.insert(id, place);
            }
            Err(error) => problems.push(Problem::new(
                &place.path,
                key.line,
                error.to_string(),
                "rename the key to one of them, or take it out",
            )),
        }
    }
    let mut settings = BTreeMap::new();
    for entry in RULES {
        if let Some(setting) = read_one(entry, named.get(&entry.meta.id), problems) {
            settings.insert(entry.meta.id, setting);
        }
    }
    settings
}

fn read_one(entry: &Entry, place: Option<&Place<'_>>, problems: &mut Problems) -> Option<RuleSetting> {
    let fields = match place {
        Some(place) => Some(place.fields(&FIELDS, problems)?),
        None => None,
    };
    let field = |name| fields.as_ref().and_then(|fields| fields.optional(name));
    let enabled = match field("enabled") {
        Some(place) => place.boolean(problems),
        None => Some(true),
    };
    let mode = match field("mode") {
        Some(place) => read_mode(place, problems),
        None => Some(Mode::default()),
    };
    let acts = entry.meta.remediator.is_some();
    let warnings = match field("warnings") {
        Some(place) if entry.meta.answers_threats() => {
            problems.push(
                place.problem("the rule answers threats, which wait for no warning", "take the key out"),
            );
            return None;
        }
        Some(place) => Some(warnings::read(place, acts, problems)?),
        None => None,
    };
    let approvals = match field("approvals") {
        Some(place) => approvals::read_needed(place, acts, problems)?,
        None => 0,
    };
    let rule = match field("parameters") {
        Some(place) => read_parameters(entry, place, problems),
        None => bind(entry, &Value::Null, &format!("rules.{}", entry.meta.id), None, problems),
    };
    Some(RuleSetting { enabled: enabled?, mode: mode?, warnings, approvals, rule: rule? })
}

fn read_mode(place: &Place<'_>, problems: &mut Problems) -> Option<Mode> {
    let text = place.text(problems)?;
    let mode = Mode::ALL.into_iter().find(|mode| mode.as_str() == text);
    if mode.is_none() {
        let names = Mode::ALL.map(Mode::as_str);
        let suggestion = did_you_mean(text, names);
        problems.push(place.problem(
            format!("`{text}` is not a mode{suggestion}"),
            format!("write one of {}", names.join(", ")),
        ));
    }
    mode
}

/// Each parameter is tried alone first, so that every wrong one is named, with its own line.
fn read_parameters(entry: &Entry, place: &Place<'_>, problems: &mut Problems) -> Option<Box<dyn BoundRule>> {
    let fields = place.fields(entry.parameter_names, problems)?;
    let mut parameters = Map::new();
    let mut sound = true;
    for name in entry.parameter_names {
        let Some(place) = fields.optional(name) else { continue };
        let value = place.node.to_json();
        let alone = Map::from_iter([((*name).to_owned(), value.clone())]);
        let bound = match &place.node.kind {
            Kind::Nothing => {
                problems.push(place.problem("the parameter is empty", "give a value, or take the key out"));
                None
            }
            Kind::OddNumber { written, .. } => {
                problems.push(place.problem(
                    format!("`{written}` is not written in plain decimal digits"),
                    "write a number as everyone reads it, such as `90`, and a text in quotes",
                ));
                None
            }
            _ => bind(entry, &Value::Object(alone), &place.path, place.node.line, problems),
        };
        sound &= bound.is_some();
        parameters.insert((*name).to_owned(), value);
    }
    if sound { bind(entry, &Value::Object(parameters), &place.path, place.node.line, problems) } else { None }
}

fn bind(
    entry: &Entry,
    parameters: &Value,
    path: &str,
    line: Option<u64>,
    problems: &mut Problems,
) -> Option<Box<dyn BoundRule>> {
    match entry.bind(parameters) {
        Ok(rule) => Some(rule),
        Err(error) => {
            let advice = "correct it, or take it out for the default";
            problems.push(Problem::new(path, line, error.to_string(), advice));
            None
        }
    }
}
