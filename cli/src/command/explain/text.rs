use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use shared::engine::Judged;
use shared::masked::Masked;
use shared::threat::{Grade, Risk};

use super::explained::{Answer, Explained, Report, Reported};
use crate::error::CliError;
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, Span, WRONG};
use crate::report::said;

/// Shows all of it.
pub(super) fn show(page: &mut Page<'_>, report: &Report) -> Result<(), CliError> {
    let played =
        format!("Account {} at {}. Played on a copy of it; nothing is changed.", report.account, report.at);
    page.flow(0, 0, &[(FAINT, &played)])?;
    for explained in &report.explained {
        page.gap()?;
        one(page, explained, report.at)?;
    }
    if !report.not_in_the_file.is_empty() {
        let ids: Vec<String> = report.not_in_the_file.iter().map(ToString::to_string).collect();
        let text = format!("threats about whom the account file does not have: {}", ids.join(", "));
        page.gap()?;
        page.flow(0, 2, &[(CAREFUL, "? "), (PLAIN, &text)])?;
    }
    Ok(())
}

fn one(page: &mut Page<'_>, explained: &Explained, now: Timestamp) -> Result<(), CliError> {
    page.flow(0, 2, &[(FAINT, "● "), (STRONG, &explained.of)])?;
    if let Some(error) = &explained.error {
        page.flow(2, 4, &[(WRONG, "! "), (PLAIN, error)])?;
    }
    for why in &explained.ignored {
        page.flow(2, 4, &[(FAINT, "– leads to nothing: "), (PLAIN, &Masked(why).to_string())])?;
    }
    for reported in &explained.threats {
        threat(page, reported, now)?;
    }
    if !explained.pages.is_empty() {
        page.flow(2, 4, &[(CAREFUL, "! "), (PLAIN, "people are paged: no change to a principal mends it")])?;
    }
    for answer in &explained.answers {
        told(page, answer)?;
    }
    let mut also: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for other in &explained.also {
        also.entry(other.about.as_str()).or_default().push(other.rule.to_string());
    }
    for (about, rules) in also {
        let text =
            format!("{} also found on {about}; what each does is for `bailiff replay`", rules.join(", "));
        page.flow(2, 4, &[(FAINT, "+ "), (FAINT, &text)])?;
    }
    Ok(())
}

fn threat(page: &mut Page<'_>, reported: &Reported, now: Timestamp) -> Result<(), CliError> {
    let Reported { about, score, threat } = reported;
    page.flow(2, 4, &[(WRONG, "! "), (STRONG, about), (PLAIN, &format!("  {}", threat.sign))])?;
    page.flow(4, 6, &[(PLAIN, &Masked(&threat.said).to_string())])?;
    let days = now.duration_since(threat.at).as_hours() / 24;
    let ago = if days > 0 { format!(", {days} days before the account's moment") } else { String::new() };
    let seen = format!("seen by {} at {}{ago}; id {}", threat.source, threat.at, Masked(&threat.id));
    page.flow(4, 6, &[(FAINT, &seen)])?;
    let Risk { tier, exposure, anomaly, confidence } = threat.risk;
    let sum = format!(
        "risk {score} of 10 = 1 + (tier {tier} + exposure {exposure} + anomaly {anomaly}) × {} %, rounded, at most 10",
        confidence.percent()
    );
    page.flow(4, 6, &[(STRONG, &sum)])?;
    let terms = [
        ("tier", tier.to_string(), tier_means(tier)),
        ("exposure", exposure.to_string(), exposure_means(exposure)),
        ("anomaly", anomaly.to_string(), anomaly_means(anomaly)),
    ];
    for (term, grade, means) in terms {
        page.flow(6, 22, &[(FAINT, &format!("{term:<12}{grade:<4}")), (PLAIN, means)])?;
    }
    let sure = format!("{:<12}{} % ", "confidence", confidence.percent());
    let source = format!("{} telling of this sign", threat.source);
    page.flow(6, 22, &[(FAINT, &sure), (PLAIN, &source)])?;
    Ok(())
}

/// What each grade of the tier stands for, as `docs/threats.md` has it.
fn tier_means(grade: Grade) -> &'static str {
    match grade {
        Grade::None | Grade::One => "neither administrator nor power user by its own policies",
        Grade::Two => "has PowerUserAccess",
        Grade::Three => {
            "administrator by its own policies, under `approvals.platinum`, or the account itself"
        }
    }
}

fn exposure_means(grade: Grade) -> &'static str {
    match grade {
        Grade::None => "nothing lies open by it",
        Grade::One => "little lies open by it",
        Grade::Two => "somebody has, or was given, what they should not",
        Grade::Three => "open to the outside",
    }
}

fn anomaly_means(grade: Grade) -> &'static str {
    match grade {
        Grade::None => "everyday work",
        Grade::One => "rare; of a detector, low severity",
        Grade::Two => "hardly anybody's work; of a detector, medium severity",
        Grade::Three => "nobody's work; of a detector, high severity",
    }
}

fn told(page: &mut Page<'_>, answer: &Answer) -> Result<(), CliError> {
    let (mark, text) = verdict(&answer.judged);
    let mode = format!("  {}{}", answer.mode, parameters(&answer.parameters));
    page.flow(2, 4, &[mark, (NAMED, answer.rule.as_str()), (FAINT, &mode)])?;
    page.flow(4, 6, &[(PLAIN, &Masked(&text).to_string())])?;
    for other in &answer.otherwise {
        let text = format!("by another part of it: {}", verdict(other).1);
        page.flow(4, 6, &[(FAINT, &Masked(&text).to_string())])?;
    }
    if let Some(plan) = &answer.plan {
        plan.show(page)?;
    }
    if let Some(nothing) = &answer.nothing {
        page.flow(4, 16, &[(FAINT, "nothing     "), (PLAIN, nothing)])?;
    }
    Ok(())
}

fn verdict(judged: &Judged) -> (Span<'static>, String) {
    match judged {
        Judged::Compliant => ((GOOD, "✓ "), "finds nothing to answer".to_owned()),
        Judged::NotApplicable { why } => ((FAINT, "– "), why.clone()),
        judged => said(judged).unwrap_or(((FAINT, "– "), String::new())),
    }
}

/// Parameters, each after a comma; what is empty is left out.
fn parameters(value: &Value) -> String {
    let Value::Object(fields) = value else { return String::new() };
    let said: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.as_array().is_some_and(Vec::is_empty))
        .map(|(name, value)| format!(", {name} {value}"))
        .collect();
    said.concat()
}
