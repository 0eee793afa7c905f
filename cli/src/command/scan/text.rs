use std::cmp::Reverse;

use shared::engine::Judged;
use shared::rules::{RuleId, Severity};

use super::by_rule::RuleResult;
use super::{Judgement, Scanned, Suspect};
use crate::command::rules::word;
use crate::error::CliError;
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, Span, WRONG, count};
use crate::report::{exemptions, said, too_wide, unmatched};

/// Resources with the worst first, then the rules with the worst first, then all in one line: what scrolls past
/// last says most.
pub(super) fn show(page: &mut Page<'_>, scanned: &Scanned) -> Result<(), CliError> {
    let title = format!("Account {} at {}", scanned.account, scanned.at);
    page.flow(0, 0, &[(STRONG, &title)])?;
    page.gap()?;
    let column = scanned.rules.iter().map(|result| result.rule.as_str().len()).max().unwrap_or_default() + 2;
    for suspect in worst_first(&scanned.resources) {
        resource(page, suspect, column)?;
    }
    if !scanned.resources.is_empty() {
        page.gap()?;
        rules(page, &scanned.rules, column)?;
        page.gap()?;
    }
    not_told(page, &scanned.not_told)?;
    too_wide(page, &scanned.too_wide)?;
    unmatched(page, &scanned.unmatched)?;
    if !scanned.exemptions.is_empty() {
        exemptions(page, 0, &scanned.exemptions)?;
        page.gap()?;
    }
    scanned.tiers.show(page)?;
    let summary = &scanned.summary;
    let verdict: Span<'_> = if summary.non_compliant > 0 {
        (WRONG, &count(summary.non_compliant, "violation", "violations"))
    } else {
        (GOOD, "no violation")
    };
    let rest = format!(
        ", {} exempt, {} unknown, {}; nothing was changed",
        summary.exempt,
        summary.unknown,
        count(summary.compliant, "pass", "passes"),
    );
    page.flow(0, 0, &[verdict, (PLAIN, &rest)])?;
    Ok(())
}

/// Says once what of the account itself the file left open.
fn not_told(page: &mut Page<'_>, rules: &[RuleId]) -> Result<(), CliError> {
    if rules.is_empty() {
        return Ok(());
    }
    let number = count(rules.len() as u64, "rule about it was", "rules about it were");
    let why =
        format!("the file tells nothing of the account itself (`accountSettings`), so {number} not judged:");
    page.flow(0, 2, &[(CAREFUL, "! "), (PLAIN, &why)])?;
    let ids: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
    page.flow(4, 4, &[(NAMED, &ids.join(", "))])?;
    page.gap()?;
    Ok(())
}

/// How much a judgement matters: a violation more than what could not be judged, and that more than an exemption.
fn weight(judgement: &Judgement) -> (u8, Option<Severity>) {
    let kind = match judgement.judged {
        Judged::NonCompliant { .. } => 3,
        Judged::Unknown { .. } => 2,
        Judged::Exempt { .. } => 1,
        Judged::Compliant | Judged::NotApplicable { .. } => 0,
    };
    (kind, judgement.severity)
}

/// By the gravest that is said of each; the account, users, roles, groups and policies each by name.
fn worst_first(suspects: &[Suspect]) -> Vec<&Suspect> {
    let mut sorted: Vec<&Suspect> = suspects.iter().collect();
    sorted.sort_by_key(|suspect| {
        let gravest = suspect.judgements.iter().map(weight).max();
        (Reverse(gravest), suspect.resource.kind(), suspect.resource.name())
    });
    sorted
}

fn resource(page: &mut Page<'_>, suspect: &Suspect, column: usize) -> Result<(), CliError> {
    let arn = format!("  {}", suspect.resource.arn());
    page.flow(0, 2, &[(STRONG, &suspect.resource.to_string()), (FAINT, &arn)])?;
    let mut judgements: Vec<&Judgement> = suspect.judgements.iter().collect();
    judgements.sort_by_key(|judgement| Reverse(weight(judgement)));
    let (unknown, known): (Vec<&Judgement>, Vec<&Judgement>) =
        judgements.into_iter().partition(|judgement| matches!(judgement.judged, Judged::Unknown { .. }));
    let (exempt, broken): (Vec<&Judgement>, Vec<&Judgement>) =
        known.into_iter().partition(|judgement| matches!(judgement.judged, Judged::Exempt { .. }));
    for judgement in broken {
        line(page, judgement, column)?;
    }
    untold(page, &unknown, column)?;
    for judgement in exempt {
        line(page, judgement, column)?;
    }
    Ok(())
}

fn line(page: &mut Page<'_>, judgement: &Judgement, column: usize) -> Result<(), CliError> {
    let Some((mark, text)) = said(&judgement.judged) else { return Ok(()) };
    let severity = format!("{:<10}", judgement.severity.map(word).unwrap_or_default());
    let id = format!("{:<column$}", judgement.rule.as_str());
    page.flow(2, 14 + column, &[mark, (PLAIN, &severity), (NAMED, &id), (PLAIN, &text)])?;
    Ok(())
}

/// What could not be judged: one read that failed may stand behind many rules, and is told once.
fn untold(page: &mut Page<'_>, judgements: &[&Judgement], column: usize) -> Result<(), CliError> {
    let why = |judgement: &Judgement| said(&judgement.judged).map(|(_, why)| why).unwrap_or_default();
    let mut told: Vec<String> = Vec::new();
    for judgement in judgements {
        let reason = why(judgement);
        if told.contains(&reason) {
            continue;
        }
        let alike: Vec<&&Judgement> = judgements.iter().filter(|other| why(other) == reason).collect();
        if alike.len() == 1 {
            line(page, judgement, column)?;
        } else {
            let rules: Vec<&str> = alike.iter().map(|judgement| judgement.rule.as_str()).collect();
            let severity = format!("{:<10}", judgement.severity.map(word).unwrap_or_default());
            let number = format!("{:<column$}", count(alike.len() as u64, "rule", "rules"));
            page.flow(
                2,
                14 + column,
                &[(CAREFUL, "? "), (PLAIN, &severity), (NAMED, &number), (PLAIN, &reason)],
            )?;
            page.flow(14, 14, &[(FAINT, &rules.join(", "))])?;
        }
        told.push(reason);
    }
    Ok(())
}

fn rules(page: &mut Page<'_>, results: &[RuleResult], column: usize) -> Result<(), CliError> {
    let column = column.max("rule".len() + 2);
    let heading =
        format!("{:<10}{:<column$}{:>8}{:>8}{:>9}", "severity", "rule", "broken", "exempt", "unknown");
    page.flow(2, 2, &[(FAINT, &heading)])?;
    for RuleResult { rule, severity, numbers } in results {
        let severity = format!("{:<10}", severity.map(word).unwrap_or_default());
        let id = format!("{:<column$}", rule.as_str());
        let number = |number: u64, width: usize| match number {
            0 => format!("{:>width$}", "–"),
            _ => format!("{number:>width$}"),
        };
        page.flow(
            2,
            2,
            &[
                (PLAIN, &severity),
                (NAMED, &id),
                (if numbers.non_compliant > 0 { WRONG } else { FAINT }, &number(numbers.non_compliant, 8)),
                (if numbers.exempt > 0 { CAREFUL } else { FAINT }, &number(numbers.exempt, 8)),
                (if numbers.unknown > 0 { CAREFUL } else { FAINT }, &number(numbers.unknown, 9)),
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;
    use shared::facts::{ResourceIdentity, Unread};
    use shared::rules::{RuleId, find};

    use super::*;

    pub(in crate::command::scan) fn suspect(name: &str, judgements: Vec<Judgement>) -> Suspect {
        Suspect { resource: identity("user", "AIDA", name), judgements }
    }

    fn identity(kind: &str, stem: &str, name: &str) -> ResourceIdentity {
        let unique_id = format!("{stem}{:A<17}", name.to_uppercase());
        let arn = format!("arn:aws:iam::111122223333:{kind}/{name}");
        let identity =
            json!({"type": kind, "account": "111122223333", "name": name, "uniqueId": unique_id, "arn": arn});
        serde_json::from_value(identity).unwrap()
    }

    fn judgement(rule: &str, judged: Judged) -> Judgement {
        let rule = RuleId::parse(rule).unwrap();
        Judgement { rule, severity: find(rule).map(|entry| entry.meta.severity), judged }
    }

    pub(in crate::command::scan) fn breaks(rule: &str) -> Judgement {
        judgement(rule, Judged::NonCompliant { annotation: "it does".to_owned() })
    }

    pub(in crate::command::scan) fn exempt(rule: &str) -> Judgement {
        let annotation = "it would".to_owned();
        judgement(
            rule,
            Judged::Exempt { annotation, ticket: "SEC-1".to_owned(), until: "2027-01-31".to_owned() },
        )
    }

    pub(in crate::command::scan) fn unknown(rule: &str, read: &str) -> Judgement {
        let name = read.trim_start_matches("iam:");
        let unread: Unread = serde_json::from_value(json!({"read": name, "why": "denied"})).unwrap();
        judgement(rule, Judged::Unknown { unread })
    }

    #[test]
    fn the_gravest_is_said_first_whatever_it_is_said_of() {
        let suspects = [
            suspect("ada", vec![breaks("user-attached-policy")]),
            suspect("bea", vec![exempt("console-user-without-mfa")]),
            Suspect {
                resource: identity("group", "AGPA", "staff"),
                judgements: vec![breaks("user-attached-policy"), breaks("console-user-without-mfa")],
            },
            suspect("cleo", vec![unknown("console-user-without-mfa", "iam:ListMFADevices")]),
            suspect("dora", vec![breaks("console-user-without-mfa")]),
        ];
        let order: Vec<String> =
            worst_first(&suspects).iter().map(|suspect| suspect.resource.to_string()).collect();
        assert_eq!(order, ["user dora", "group staff", "user ada", "user cleo", "user bea"]);
    }

    #[test]
    fn a_read_that_failed_is_told_once_for_all_rules_that_hang_on_it() {
        let suspect = suspect(
            "ada",
            vec![
                unknown("user-unused", "iam:ListAccessKeys"),
                exempt("user-inline-policy"),
                unknown("access-key-age", "iam:ListAccessKeys"),
                unknown("console-user-without-mfa", "iam:ListMFADevices"),
                breaks("user-attached-policy"),
            ],
        );
        let mut out = Vec::new();
        resource(&mut Page::new(&mut out), &suspect, 26).unwrap();
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        let beginnings = [
            "user ada",
            "✗ low       user-attached-policy",
            "? high      console-user-without-mfa  iam:ListMFADevices",
            "? medium    2 rules                   iam:ListAccessKeys",
            "user-unused, access-key-age",
            "– medium    user-inline-policy",
        ];
        assert_eq!(text.matches("iam:ListAccessKeys").count(), 1, "{text}");
        for beginning in beginnings {
            assert!(lines.iter().any(|line| line.starts_with(beginning)), "{beginning} is missing:\n{text}");
        }
        let at = |beginning: &str| lines.iter().position(|line| line.starts_with(beginning));
        assert!(beginnings.map(at).is_sorted(), "{text}");
    }
}
