//! The exemptions of a governance file, as every report lists them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::Serialize;
use shared::engine::{Decision, Judged};
use shared::facts::ResourceIdentity;
use shared::governance::{Criticality, Exemption, Governance, Standing, Unmatched};
use shared::rules::RuleId;

use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, Span, WRONG, count};

/// An exemption with how it stands. Of a key only the last four characters are told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exempted {
    /// Its name in the file, such as `exemptions[0]`.
    pub(crate) entry: String,
    pub(crate) rule: RuleId,
    pub(crate) names: String,
    pub(crate) standing: Standing,
    /// Whether another takes over from it.
    pub(crate) renewed: bool,
    pub(crate) days_left: u64,
    pub(crate) ticket: String,
    pub(crate) owner: String,
    pub(crate) approver: String,
    pub(crate) reason: String,
    pub(crate) process: Option<String>,
    pub(crate) criticality: Option<Criticality>,
    pub(crate) rotate_every: Option<u16>,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    #[serde(skip)]
    pub(crate) last_day: String,
    /// What it lets be; absent where no account was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lets_be: Option<Vec<LetBe>>,
    /// What somebody has to see to.
    pub(crate) notes: Vec<String>,
}

/// A resource of which more would be found without the exemption.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LetBe {
    pub(crate) resource: ResourceIdentity,
    /// What is found; of what breaks the rule all the same, what is found beside that.
    pub(crate) annotation: String,
}

/// What exemptions let be, by their places in the file.
#[derive(Debug, Default)]
pub(crate) struct AtWork(BTreeMap<usize, Vec<LetBe>>);

impl AtWork {
    /// What a sweep's decisions tell of it.
    pub(crate) fn of(decisions: &[Decision]) -> Self {
        let mut at_work = Self::default();
        for decision in decisions {
            let Decision::Judged { resource, judged, exemptions, .. } = decision else { continue };
            let (Judged::Exempt { annotation, .. } | Judged::NonCompliant { annotation }) = judged else {
                continue;
            };
            for index in exemptions {
                let let_be = LetBe { resource: resource.clone(), annotation: annotation.clone() };
                at_work.0.entry(*index).or_default().push(let_be);
            }
        }
        at_work
    }
}

/// An account that was looked at.
pub(crate) struct Looked<'a> {
    pub(crate) at_work: &'a AtWork,
    pub(crate) unmatched: &'a [Unmatched],
}

impl Exempted {
    /// Every exemption of the file: those that lapse first, then those in force, those to come, those that are over.
    pub(crate) fn all(
        governance: &Governance,
        at: Timestamp,
        notice_days: u16,
        looked: Option<&Looked<'_>>,
    ) -> Vec<Self> {
        let mut all: Vec<Self> = governance
            .exemptions()
            .iter()
            .map(|one| Self::of(governance, one, at, notice_days, looked))
            .collect();
        all.sort_by_key(|one| (one.standing, Reverse(one.criticality), one.expires));
        all
    }

    fn of(
        governance: &Governance,
        exemption: &Exemption,
        at: Timestamp,
        notice_days: u16,
        looked: Option<&Looked<'_>>,
    ) -> Self {
        let entry = exemption.name();
        let standing = governance.standing(exemption, at, notice_days);
        let days_left = exemption.days_left(at);
        let stands = matches!(standing, Standing::InForce | Standing::Lapsing);
        let unmatched = looked.and_then(|looked| looked.unmatched.iter().find(|one| one.entry == entry));
        let mut notes = Vec::new();
        match standing {
            Standing::Lapsing => {
                let when = match days_left {
                    0 => "less than a day".to_owned(),
                    days => count(days, "day", "days"),
                };
                notes.push(format!("it lapses in {when}: end what it is for, or have it approved anew"));
            }
            Standing::Lapsed if governance.has_just_lapsed(exemption, at, notice_days) => {
                notes.push(format!("it lapsed on {}: what it let be is found again", exemption.lapse_day()));
            }
            Standing::InForce | Standing::NotYet | Standing::Lapsed => {}
        }
        notes.extend(unmatched.map(|one| format!("it exempts nobody: {}", one.why)));
        if stands && let Some(limit) = governance.own_limit(exemption) {
            let days = exemption.rotate_every.unwrap_or_default();
            if u64::from(days) <= limit {
                notes.push(format!("it exempts nothing: {} allows {limit} days itself", exemption.rule));
            }
        }
        Self {
            rule: exemption.rule,
            names: exemption.subject.to_string(),
            standing,
            renewed: governance.is_renewed(exemption),
            days_left,
            ticket: exemption.ticket.clone(),
            owner: exemption.owner.clone(),
            approver: exemption.approver.clone(),
            reason: exemption.reason.clone(),
            process: exemption.process.clone(),
            criticality: exemption.criticality,
            rotate_every: exemption.rotate_every,
            created: exemption.created,
            expires: exemption.expires,
            last_day: exemption.last_day(),
            lets_be: looked
                .filter(|_| stands)
                .map(|looked| looked.at_work.0.get(&exemption.index).cloned().unwrap_or_default()),
            notes,
            entry,
        }
    }

    /// How it stands, in a few words.
    pub(crate) fn stands(&self) -> String {
        match self.standing {
            Standing::NotYet => {
                format!("from {} to {}", self.created.strftime("%Y-%m-%d"), self.last_day)
            }
            Standing::Lapsed => format!("lapsed after {}", self.last_day),
            Standing::InForce | Standing::Lapsing => {
                let left = match self.days_left {
                    0 => "less than a day left".to_owned(),
                    days => format!("{} left", count(days, "day", "days")),
                };
                let renewed = if self.renewed { ", then renewed" } else { "" };
                format!("to {}, {left}{renewed}", self.last_day)
            }
        }
    }
}

/// How many there are and how they stand: `2 exemptions in force, 1 lapsed`.
fn tally(exemptions: &[Exempted]) -> String {
    let number = |standings: &[Standing]| {
        exemptions.iter().filter(|one| standings.contains(&one.standing)).count() as u64
    };
    let in_force = number(&[Standing::InForce, Standing::Lapsing]);
    let mut tally = format!("{} in force", count(in_force, "exemption", "exemptions"));
    for (standings, word) in [(Standing::NotYet, "to come"), (Standing::Lapsed, "lapsed")] {
        let number = number(&[standings]);
        if number > 0 {
            tally += &format!(", {number} {word}");
        }
    }
    tally
}

/// Lists exemptions, from this column on, under a heading of how many there are.
pub(crate) fn exemptions(page: &mut Page<'_>, column: usize, exemptions: &[Exempted]) -> io::Result<()> {
    page.flow(column, column, &[(PLAIN, &tally(exemptions))])?;
    for one in exemptions {
        exempted(page, column + 2, one)?;
    }
    Ok(())
}

fn exempted(page: &mut Page<'_>, column: usize, one: &Exempted) -> io::Result<()> {
    let (inner, hanging) = (column + 4, column + 6);
    let mark: Span<'_> = match one.standing {
        _ if !one.notes.is_empty() => (CAREFUL, "! "),
        Standing::Lapsed => (WRONG, "✗ "),
        Standing::NotYet => (FAINT, "· "),
        Standing::InForce | Standing::Lapsing => (GOOD, "– "),
    };
    let head = format!("  {}, {}", one.names, one.stands());
    let entry = format!("{}  ", one.entry);
    page.flow(column, inner, &[mark, (FAINT, &entry), (NAMED, one.rule.as_str()), (PLAIN, &head)])?;
    for note in &one.notes {
        page.flow(inner, hanging, &[(CAREFUL, note)])?;
    }
    page.flow(inner, hanging, &[(PLAIN, &format!("{}: {}", one.ticket, one.reason))])?;
    let approved = one.created.strftime("%Y-%m-%d");
    let mut people =
        vec![format!("owner {}", one.owner), format!("approved by {} on {approved}", one.approver)];
    people.extend(one.criticality.map(|criticality| format!("criticality {criticality}")));
    people.extend(one.process.as_ref().map(|process| format!("for {process}")));
    people
        .extend(one.rotate_every.map(|days| format!("rotated every {}", count(days.into(), "day", "days"))));
    page.flow(inner, hanging, &[(FAINT, &people.join("; "))])?;
    if let Some(let_be) = &one.lets_be {
        let names: Vec<String> = let_be.iter().map(|one| one.resource.to_string()).collect();
        let said = if names.is_empty() { "nothing now".to_owned() } else { names.join(", ") };
        page.flow(inner, hanging, &[(PLAIN, &format!("lets be: {said}"))])?;
    }
    Ok(())
}

/// The same as a table in Markdown.
pub(crate) fn markdown(exemptions: &[Exempted]) -> String {
    let mut text =
        "| entry | rule | exempt | standing | ticket | owner | approver | criticality | process | rotated \
                    every | reason | lets be |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for one in exemptions {
        let let_be = one.lets_be.as_ref().map_or_else(String::new, |let_be| {
            let names: Vec<String> = let_be.iter().map(|one| one.resource.to_string()).collect();
            if names.is_empty() { "nothing now".to_owned() } else { names.join(", ") }
        });
        let cells = [
            one.entry.clone(),
            format!("`{}`", one.rule),
            one.names.clone(),
            std::iter::once(one.stands()).chain(one.notes.iter().cloned()).collect::<Vec<_>>().join("; "),
            one.ticket.clone(),
            one.owner.clone(),
            format!("{}, {}", one.approver, one.created.strftime("%Y-%m-%d")),
            one.criticality.map(|criticality| criticality.to_string()).unwrap_or_default(),
            one.process.clone().unwrap_or_default(),
            one.rotate_every.map(|days| count(days.into(), "day", "days")).unwrap_or_default(),
            one.reason.clone(),
            let_be,
        ];
        text += &format!("| {} |\n", cells.map(|cell| in_a_cell(&cell)).join(" | "));
    }
    text
}

/// A text that cannot end its cell or its line, nor begin a tag.
fn in_a_cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        match c {
            '|' | '\\' | '<' => cell.extend(['\\', c]),
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_cell() {
        assert_eq!(in_a_cell("a | b\nc <script> \\"), "a \\| b c \\<script> \\\\");
    }
}
