use std::collections::{BTreeMap, BTreeSet};
use std::io;

use shared::engine::{Annotation, Decision, Judged, Novelty, Outcome, Summary};
use shared::facts::ResourceIdentity;
use shared::rules::RuleId;
use sim::Delivered;

use super::{Happened, outcome};
use crate::page::{CAREFUL, FAINT, NAMED, PLAIN, Page, STRONG, Span, WRONG, count};

/// Says what came of an event: violations one by one, passes as a number.
pub(crate) fn delivery(page: &mut Page<'_>, name: &str, happened: &Happened) -> io::Result<()> {
    let summary = match &happened.delivery.evaluated {
        Err(error) => {
            page.flow(0, 2, &[(WRONG, "● "), (STRONG, name)])?;
            return page.flow(2, 4, &[(WRONG, "! "), (PLAIN, &error.to_string())]);
        }
        Ok(summary) => summary,
    };
    page.flow(0, 2, &[(FAINT, "● "), (STRONG, name), (FAINT, &in_short(summary, happened))])?;
    let mut settled = Settled::default();
    let mut for_people = ForPeople::default();
    let mut findings: BTreeMap<(RuleId, &ResourceIdentity), &Delivered> = BTreeMap::new();
    for delivered in &happened.delivery.findings {
        let finding = &delivered.finding;
        findings.entry((finding.rule, &finding.resource)).or_insert(delivered);
    }
    let sent: BTreeSet<(RuleId, &ResourceIdentity)> =
        happened.delivery.decisions.iter().filter_map(sent_about).collect();
    for (rule, resource, judged) in happened.judged() {
        let found = findings.get(&(rule, resource)).copied();
        let violates = matches!(judged, Judged::NonCompliant { .. });
        if settled.takes(rule, resource, found) || for_people.takes(rule, resource, judged) {
            continue;
        }
        let named = if rule.as_str() == name { String::new() } else { format!("  {rule}") };
        if let Some((mark, text)) = said(judged) {
            let who = who(resource);
            page.flow(2, 4, &[mark, (STRONG, &who), (NAMED, &named), (PLAIN, &format!("  {text}"))])?;
        }
        if violates {
            followed(page, found, sent.contains(&(rule, resource)))?;
        }
    }
    settled.show(page)?;
    for_people.show(page)?;
    for letter in &happened.delivery.dead_letters {
        let tries = count(letter.tries.into(), "try", "tries");
        page.flow(
            2,
            4,
            &[(WRONG, "! "), (PLAIN, &format!("{} gave up after {tries}: {}", letter.function, letter.why))],
        )?;
    }
    Ok(())
}

/// A user by its name alone, as most are; others with what they are.
fn who(resource: &ResourceIdentity) -> String {
    match resource {
        ResourceIdentity::User(user) => user.name.to_string(),
        other => other.to_string(),
    }
}

/// A mark and words for a verdict that has to be seen.
pub(crate) fn said(judged: &Judged) -> Option<(Span<'static>, String)> {
    match judged {
        Judged::Compliant | Judged::NotApplicable { .. } => None,
        Judged::NonCompliant { annotation } => Some(((WRONG, "✗ "), annotation.clone())),
        Judged::Unknown { unread } => Some(((CAREFUL, "? "), unread.to_string())),
        Judged::Exempt { annotation, ticket, until } => {
            Some(((CAREFUL, "– "), format!("{annotation}; exempt until {until} under {ticket}")))
        }
    }
}

fn sent_about(decision: &Decision) -> Option<(RuleId, &ResourceIdentity)> {
    match decision {
        Decision::Sent { rule, resource, .. } => Some((*rule, resource)),
        _ => None,
    }
}

fn followed(page: &mut Page<'_>, found: Option<&Delivered>, sent: bool) -> io::Result<()> {
    let why = match found {
        Some(delivered) => return outcome(page, &delivered.outcome),
        None if sent => "its queue had this very finding already",
        None => "only; no remediator was told",
    };
    page.flow(4, 14, &[(FAINT, "judged    "), (PLAIN, why)])
}

/// What no function puts right, rule by rule: the same is said of half an account.
#[derive(Default)]
struct ForPeople(BTreeMap<RuleId, Vec<(String, String)>>);

impl ForPeople {
    /// How many are named.
    const NAMED: usize = 3;

    fn takes(&mut self, rule: RuleId, resource: &ResourceIdentity, judged: &Judged) -> bool {
        let Judged::NonCompliant { annotation } = judged else { return false };
        let by_a_person = shared::rules::find(rule).is_some_and(|entry| entry.meta.remediator.is_none());
        if by_a_person {
            self.0.entry(rule).or_default().push((who(resource), annotation.clone()));
        }
        by_a_person
    }

    fn show(&self, page: &mut Page<'_>) -> io::Result<()> {
        for (rule, found) in &self.0 {
            let text = if let [(who, annotation)] = found.as_slice() {
                format!("  {who}: {annotation}")
            } else {
                let named: Vec<&str> = found.iter().take(Self::NAMED).map(|(who, _)| who.as_str()).collect();
                let more = found.len().saturating_sub(Self::NAMED);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                format!("  {}{more}", named.join(", "))
            };
            page.flow(
                2,
                4,
                &[(WRONG, "✗ "), (NAMED, rule.as_str()), (PLAIN, &text), (FAINT, "  for a person")],
            )?;
        }
        Ok(())
    }
}

/// Findings that need no line of their own.
#[derive(Default)]
struct Settled {
    known: Vec<String>,
    right: Vec<String>,
}

impl Settled {
    /// Takes what is no news: journaled before, or put right before the finding came.
    fn takes(&mut self, rule: RuleId, resource: &ResourceIdentity, found: Option<&Delivered>) -> bool {
        let list = match found.map(|delivered| &delivered.outcome) {
            Some(Outcome::Journaled { novelty: Novelty::Repeated, .. }) => &mut self.known,
            Some(Outcome::NothingToDo { .. }) => &mut self.right,
            _ => return false,
        };
        list.push(format!("{} ({rule})", who(resource)));
        true
    }

    fn show(&self, page: &mut Page<'_>) -> io::Result<()> {
        for (list, what) in [(&self.known, "known and unchanged: "), (&self.right, "in order by now: ")] {
            if !list.is_empty() {
                page.flow(2, 4, &[(FAINT, "= "), (FAINT, what), (FAINT, &list.join(", "))])?;
            }
        }
        Ok(())
    }
}

/// What need not be said line by line.
fn in_short(summary: &Summary, happened: &Happened) -> String {
    let verdicts =
        summary.compliant + summary.non_compliant + summary.exempt + summary.not_applicable + summary.unknown;
    let said = match verdicts {
        1 if summary.compliant == 1 => "passes".to_owned(),
        1 if summary.not_applicable == 1 => format!("not applicable: {}", first_annotation(happened)),
        0 | 1 => return String::new(),
        _ => [
            (summary.non_compliant, "breaks a rule", "break a rule"),
            (summary.exempt, "exempt", "exempt"),
            (summary.unknown, "unknown", "unknown"),
            (summary.not_applicable, "not applicable", "not applicable"),
            (summary.compliant, "passes", "pass"),
        ]
        .iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| count(*number, one, many))
        .collect::<Vec<_>>()
        .join(", "),
    };
    format!("  {said}")
}

fn first_annotation(happened: &Happened) -> &str {
    let annotations = happened.reported.iter().filter_map(|reported| reported.evaluation.annotation.as_ref());
    annotations.map(Annotation::as_str).next().unwrap_or_default()
}
