//! Rotation inside an exemption: how old a credential may become that is exempt from its rule's own limit.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::super::node::Kind;
use super::super::place::Place;
use super::super::problem::Problems;
use crate::rules::{self, BoundRule, Days, RuleId, Threshold};

/// The rules that ask for rotation, and the parameter of each that says how often. Elsewhere there is nothing to
/// rotate: what a rule finds is not the age of a credential.
pub(in super::super) const AGE_LIMITS: [(&str, &str); 3] = [
    ("access-key-age", "maxAccessKeyAge"),
    ("user-ssh-key-age", "maxCredentialAge"),
    ("user-signing-certificate-age", "maxCredentialAge"),
];

/// Reads `rotateEvery`, in days.
pub(super) fn read(place: &Place<'_>, rule: Option<RuleId>, problems: &mut Problems) -> Option<u16> {
    let rules = AGE_LIMITS.map(|(rule, _)| format!("`{rule}`")).join(", ");
    if let Some(rule) = rule
        && limit_of(rule).is_none()
    {
        problems.push(place.problem(
            format!("`{rule}` is about nothing that can be rotated"),
            format!("take it out; it goes with {rules}"),
        ));
        return None;
    }
    let days = match &place.node.kind {
        Kind::Number(number) => number.as_u64().and_then(|days| u16::try_from(days).ok()),
        _ => None,
    };
    let days = days.filter(|days| (Threshold::LEAST..=Days::MOST).contains(days));
    if days.is_none() {
        let (least, most) = (Threshold::LEAST, Days::MOST);
        problems.push(place.problem(
            format!("this is not a number of days from {least} to {most}"),
            "write after how many days a credential has to be replaced, as `180`",
        ));
    }
    days
}

/// Rules as they are inside exemptions that ask for rotation.
#[derive(Default)]
pub(in super::super) struct Rotations(BTreeMap<(RuleId, u16), Box<dyn BoundRule>>);

impl Rotations {
    /// Adds the rule with all of its parameters as the file sets them, and `days` for its limit; `None` where it has
    /// none. A limit of its own that is longer stays: an exemption makes no rule stricter.
    pub(super) fn add(&mut self, rule: RuleId, days: u16, in_force: &dyn BoundRule) -> Option<()> {
        let mut parameters = in_force.parameters();
        let limit = parameters.get_mut(limit_of(rule)?)?;
        *limit = Value::from(limit.as_u64()?.max(days.into()));
        let bound = rules::find(rule)?.bind(&parameters).ok()?;
        self.0.insert((rule, days), bound);
        Some(())
    }

    /// The rule with this limit.
    pub(in super::super) fn get(&self, rule: RuleId, days: u16) -> Option<&dyn BoundRule> {
        self.0.get(&(rule, days)).map(Box::as_ref)
    }
}

impl fmt::Debug for Rotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The limit that these parameters of a rule set.
pub(in super::super) fn own_limit(rule: RuleId, parameters: &Value) -> Option<u64> {
    parameters.get(limit_of(rule)?)?.as_u64()
}

fn limit_of(rule: RuleId) -> Option<&'static str> {
    AGE_LIMITS.iter().find(|(id, _)| *id == rule.as_str()).map(|(_, limit)| *limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Form;

    #[test]
    fn each_rule_that_asks_for_rotation_has_a_limit_in_days() {
        for (id, limit) in AGE_LIMITS {
            let entry = rules::find(RuleId::parse(id).unwrap()).unwrap();
            let parameter = entry.parameters.iter().find(|parameter| parameter.name == limit).unwrap();
            let expected = (Threshold::LEAST, Days::MOST);
            assert!(
                matches!(parameter.form, Form::Days { least, most } if (least, most) == expected),
                "{id}"
            );
        }
    }

    #[test]
    fn inside_an_exemption_only_the_limit_is_another() {
        let rule = RuleId::parse("access-key-age").unwrap();
        let set = serde_json::json!({ "maxAccessKeyAge": 45, "spareUsedWithin": 3 });
        let bound = rules::find(rule).unwrap().bind(&set).unwrap();
        let mut rotations = Rotations::default();
        rotations.add(rule, 180, &*bound).unwrap();
        let rotated = rotations.get(rule, 180).unwrap();
        assert_eq!(rotated.parameters(), serde_json::json!({ "maxAccessKeyAge": 180, "spareUsedWithin": 3 }));
    }

    #[test]
    fn an_exemption_makes_no_rule_stricter() {
        let rule = RuleId::parse("access-key-age").unwrap();
        let bound = rules::find(rule).unwrap().bind(&Value::Null).unwrap();
        let mut rotations = Rotations::default();
        rotations.add(rule, 30, &*bound).unwrap();
        assert_eq!(rotations.get(rule, 30).unwrap().parameters(), bound.parameters());
    }

    #[test]
    fn what_has_no_age_cannot_be_rotated() {
        let rule = RuleId::parse("user-inline-policy").unwrap();
        let bound = rules::find(rule).unwrap().bind(&Value::Null).unwrap();
        assert_eq!(Rotations::default().add(rule, 180, &*bound), None);
    }
}
