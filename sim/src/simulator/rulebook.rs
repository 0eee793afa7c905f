//! Governance files made up by a seed.

use std::fmt::Write as _;

use shared::governance::Governance;
use shared::remedy::Remediator;
use shared::rules::{RULES, RuleId};

use super::dice::Dice;

/// For worlds that are about something else.
pub(crate) const NO_LIMITS: &str = "limits: { actsPerSweep: 1000000, actsPerHour: 1000000, actsPerDay: 1000000, \
                                    sharePerDay: 100, actsPerResourceAndDay: 1000000 }\n";

/// The same where the accounts of an organisation share a table.
pub(crate) const NO_SHARED_LIMITS: &str = "limits: { actsPerSweep: 1000000, actsPerHour: 1000000, actsPerDay: 1000000, \
                                           sharePerDay: 100, actsPerResourceAndDay: 1000000, \
                                           organization: { sharePerDay: 100 } }\n";

/// The rules that a function puts right. Deletion is a matter for the claim of stages: it takes two people and months.
pub(crate) fn putting_right() -> impl Iterator<Item = RuleId> {
    let acts =
        |remediator: Option<Remediator>| remediator.is_some_and(|by| by != Remediator::DeleteAccessKeys);
    RULES.iter().filter(move |rule| acts(rule.meta.remediator)).map(|rule| rule.meta.id)
}

/// A governance file as it is written, and as it is read.
pub(crate) struct Rulebook {
    pub(crate) text: String,
    pub(crate) governance: Governance,
}

impl Rulebook {
    /// These rules in this mode and no others on; `rest` is what else the file says.
    pub(crate) fn only(rules: &[RuleId], mode: &str, rest: &str) -> Self {
        let modes: Vec<(RuleId, &str)> = rules.iter().map(|rule| (*rule, mode)).collect();
        Self::with(&modes, rest)
    }

    /// These rules in these modes.
    pub(crate) fn with(rules: &[(RuleId, &str)], rest: &str) -> Self {
        let mut text = "version: 1\nrules:\n".to_owned();
        for (rule, mode) in rules {
            let _ = writeln!(text, "  {rule}:\n    enabled: true\n    mode: {mode}{}", parameters(*rule));
        }
        if rules.is_empty() {
            "version: 1\n".clone_into(&mut text);
        }
        text.push_str(rest);
        let off: Vec<RuleId> = RULES
            .iter()
            .map(|rule| rule.meta.id)
            .filter(|id| rules.iter().all(|(listed, _)| listed != id))
            .collect();
        Self::read(text, &off)
    }

    /// This text, with these rules off.
    pub(crate) fn read(text: String, off: &[RuleId]) -> Self {
        let governance = Governance::parse(&text)
            .unwrap_or_else(|errors| unreachable!("the generated governance file: {errors}\n{text}"))
            .without(off);
        Self { text, governance }
    }
}

/// Parameters with which a rule acts that by default leaves everything to people.
fn parameters(rule: RuleId) -> &'static str {
    match rule.as_str() {
        "console-password-unused" => "\n    parameters: { removePassword: true }",
        _ => "",
    }
}

/// Some of the rules that a function puts right: often one alone, now and then all.
pub(crate) fn some_rules(dice: &mut Dice) -> Vec<RuleId> {
    let all: Vec<RuleId> = putting_right().collect();
    match dice.below(12) {
        0..=5 => dice.one(&all).copied().into_iter().collect(),
        6..=10 => {
            let mut some = dice.some(&all, 150);
            some.extend(some.is_empty().then(|| dice.one(&all).copied()).flatten());
            some
        }
        _ => all,
    }
}
