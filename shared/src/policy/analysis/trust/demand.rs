use super::TrustContext;
use super::condition_key::ConditionKey;
use super::expected::Expected;
use crate::policy::{Comparison, Condition, Operator, Place, Quantifier, Version};

/// What a caller must show to get in by a way: a condition of the statement that allows, or the opposite of one of a
/// statement that denies.
#[derive(Debug, Clone)]
pub(super) struct Demand<'a> {
    pub(super) operator: Operator,
    pub(super) key: ConditionKey<'a>,
    /// The key as it is written.
    pub(super) name: &'a str,
    pub(super) expected: Vec<Expected<'a>>,
    /// Where its key stands.
    pub(super) at: Place,
}

impl<'a> Demand<'a> {
    pub(super) fn new(
        condition: &'a Condition,
        statement: usize,
        version: Version,
        context: &TrustContext,
    ) -> Self {
        let comparison = condition.operator.comparison;
        let expected =
            condition.values.iter().map(|value| Expected::new(value, comparison, version, context)).collect();
        let mut demand = Self {
            operator: condition.operator,
            key: ConditionKey::of(&condition.key),
            name: &condition.key,
            expected,
            at: condition.place(statement),
        };
        if version.has_variables() {
            demand.turn_around(condition, context);
        }
        demand
    }

    /// "The role's account is the caller's" says the same as "the caller's account is the role's".
    fn turn_around(&mut self, condition: &'a Condition, context: &TrustContext) {
        const MIRRORED: [(&str, &str, &str, &str); 3] = [
            (
                "aws:ResourceAccount",
                "${aws:PrincipalAccount}",
                "aws:PrincipalAccount",
                "${aws:ResourceAccount}",
            ),
            ("aws:ResourceOrgID", "${aws:PrincipalOrgID}", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
            (
                "aws:ResourceOrgPaths",
                "${aws:PrincipalOrgPaths}",
                "aws:PrincipalOrgPaths",
                "${aws:ResourceOrgPaths}",
            ),
        ];
        let [value] = condition.values.as_slice() else { return };
        for (key, variable, mirrored, own) in MIRRORED {
            if condition.is_about(key) && value.eq_ignore_ascii_case(variable) {
                self.key = ConditionKey::of(mirrored);
                self.name = mirrored;
                self.expected =
                    vec![Expected::new(own, condition.operator.comparison, Version::V2012, context)];
            }
        }
    }

    /// Whether the demand fails where the request lacks the key.
    pub(super) fn is_strict(&self) -> bool {
        !self.operator.if_exists && self.operator.quantifier != Some(Quantifier::ForAllValues)
    }

    /// Whether it asks for the key to be there, and for nothing else.
    fn asks_for_presence(&self) -> bool {
        self.operator.comparison == Comparison::Null
            && !self.expected.is_empty()
            && self.expected.iter().all(|value| value.text().eq_ignore_ascii_case("false"))
    }

    /// Whether a request that meets it is sure to have the key.
    pub(super) fn makes_sure_of_key(&self) -> bool {
        match self.operator.comparison {
            Comparison::Null => self.asks_for_presence(),
            comparison => self.is_strict() && !comparison.is_negated(),
        }
    }

    /// What must be so that a statement with this as its only condition does not deny. A demand that says nothing
    /// about who gets in is left out.
    pub(super) fn inverted(self) -> Vec<Self> {
        let operator = self.operator;
        let positive = operator.comparison.positive();
        let strict = |quantifier| Operator { quantifier, comparison: positive, if_exists: false };
        if operator.comparison == Comparison::Null {
            let asks = self.asks_for_presence();
            return vec![self.null(if asks { "true" } else { "false" })];
        }
        if operator.comparison == Comparison::Bool {
            let holds = self.expected.iter().any(|value| value.text().eq_ignore_ascii_case("true"));
            let other = Expected::fixed(if holds { "false" } else { "true" });
            let operator = Operator { if_exists: !operator.if_exists, ..operator };
            return vec![Self { operator, expected: vec![other], ..self }];
        }
        if operator.comparison.is_negated() {
            return match operator.quantifier {
                None => vec![Self { operator: strict(None), ..self }],
                Some(Quantifier::ForAllValues) => {
                    vec![Self { operator: strict(Some(Quantifier::ForAnyValue)), ..self }]
                }
                Some(Quantifier::ForAnyValue) => {
                    let all = Self { operator: strict(Some(Quantifier::ForAllValues)), ..self.clone() };
                    if operator.if_exists { vec![self.null("false"), all] } else { vec![all] }
                }
            };
        }
        let comparison = match positive {
            Comparison::StringEquals => Comparison::StringNotEquals,
            Comparison::StringEqualsIgnoreCase => Comparison::StringNotEqualsIgnoreCase,
            Comparison::StringLike => Comparison::StringNotLike,
            Comparison::ArnEquals | Comparison::ArnLike => Comparison::ArnNotLike,
            Comparison::IpAddress => Comparison::NotIpAddress,
            // Without the key it would be denied.
            _ if operator.if_exists => return vec![self.null("false")],
            _ => return Vec::new(),
        };
        vec![Self { operator: Operator { quantifier: None, comparison, if_exists: false }, ..self }]
    }

    fn null(&self, value: &'static str) -> Self {
        let operator = Operator { quantifier: None, comparison: Comparison::Null, if_exists: false };
        Self { operator, expected: vec![Expected::fixed(value)], ..self.clone() }
    }
}
