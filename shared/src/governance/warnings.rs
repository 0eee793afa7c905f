//! How people are warned before a rule acts.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::node::Kind;
use super::place::Place;
use super::problem::Problems;
use crate::remedy::WarningSchedule;

const FIELDS: [&str; 2] = ["finalAfterDays", "actAfterDays"];

/// The most days of either; a warning of last year is none.
const MOST: u64 = 180;

/// Reads a rule's `warnings`; only a rule that `acts` has something to warn of.
pub(super) fn read(place: &Place<'_>, acts: bool, problems: &mut Problems) -> Option<WarningSchedule> {
    let fields = place.fields(&FIELDS, problems)?;
    if !acts {
        problems.push(
            place.problem(
                "the rule does nothing by itself, so there is nothing to warn of",
                "take the key out",
            ),
        );
        return None;
    }
    let [final_after, act_after] = FIELDS.map(|name| read_days(fields.required(name, problems)?, problems));
    Some(WarningSchedule { final_after: final_after?, act_after: act_after? })
}

/// Whole days, at least one: who is told today is not acted on today.
pub(super) fn read_days(place: &Place<'_>, problems: &mut Problems) -> Option<SignedDuration> {
    let days = match &place.node.kind {
        Kind::Number(number) => number.as_u64().filter(|days| (1..=MOST).contains(days)),
        _ => None,
    };
    if days.is_none() {
        problems.push(
            place.problem("this is no number of days", format!("write a whole number from 1 to {MOST}")),
        );
    }
    days.and_then(|days| i64::try_from(days).ok()).map(|days| SignedDuration::from_hours(days * 24))
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let days =
        |meaning: &str| json!({ "description": meaning, "type": "integer", "minimum": 1, "maximum": MOST });
    json!({
        "description": "In `enforce`, people are warned twice before the rule acts.",
        "type": "object",
        "additionalProperties": false,
        "required": FIELDS,
        "properties": {
            "finalAfterDays": days("From the delivery of the first warning to the final one."),
            "actAfterDays": days("From the delivery of the final warning to the act."),
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::governance::Governance;
    use crate::rules::RuleId;

    fn said(warnings: &str) -> Result<Option<(i64, i64)>, String> {
        let text = format!("version: 1\nrules:\n  access-key-age:\n    warnings: {warnings}\n");
        let governance = Governance::parse(&text).map_err(|errors| errors.to_string())?;
        let setting = governance.rule(RuleId::parse("access-key-age").unwrap()).warnings;
        Ok(setting.map(|it| (it.final_after.as_hours(), it.act_after.as_hours())))
    }

    #[test]
    fn both_times_are_in_days() {
        assert_eq!(said("{ finalAfterDays: 7, actAfterDays: 1 }"), Ok(Some((168, 24))));
    }

    #[test]
    fn what_is_no_warning_is_refused() {
        for (wrong, why) in [
            ("7", "mapping"),
            ("{ finalAfterDays: 7 }", "actAfterDays"),
            ("{ finalAfterDays: 0, actAfterDays: 7 }", "1 to 180"),
            ("{ finalAfterDays: 181, actAfterDays: 7 }", "1 to 180"),
            ("{ finalAfterDays: 1.5, actAfterDays: 7 }", "1 to 180"),
            ("{ finalAfterDays: '7', actAfterDays: 7 }", "1 to 180"),
            ("{ finalAfter: 7, actAfterDays: 7 }", "finalAfterDays"),
        ] {
            let said = said(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_rule_that_does_nothing_warns_of_nothing() {
        let text =
            "version: 1\nrules:\n  user-admin:\n    warnings: { finalAfterDays: 7, actAfterDays: 7 }\n";
        let said = Governance::parse(text).unwrap_err().to_string();
        assert!(said.contains("nothing to warn of"), "{said}");
    }
}
