use super::caller::{Caller, Holds};
use super::condition_key::ConditionKey;
use super::expected::Expected;
use super::ways::Way;
use super::{Trust, TrustContext};
use crate::identifier::AccountId;
use crate::policy::{Comparison, Condition, Effect, Operator, Place, Quantifier, Version};

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
    fn new(condition: &'a Condition, statement: usize, version: Version, context: &TrustContext) -> Self {
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
    fn is_strict(&self) -> bool {
        !self.operator.if_exists && self.operator.quantifier != Some(Quantifier::ForAllValues)
    }

    /// Whether it asks for the key to be there, and for nothing else.
    fn asks_for_presence(&self) -> bool {
        self.operator.comparison == Comparison::Null
            && !self.expected.is_empty()
            && self.expected.iter().all(|value| value.text().eq_ignore_ascii_case("false"))
    }

    /// What must be so that a statement with this as its only condition does not deny. A demand that says nothing
    /// about who gets in is left out.
    fn inverted(self) -> Vec<Self> {
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
            _ => return Vec::new(),
        };
        vec![Self { operator: Operator { quantifier: None, comparison, if_exists: false }, ..self }]
    }

    fn null(&self, value: &'static str) -> Self {
        let operator = Operator { quantifier: None, comparison: Comparison::Null, if_exists: false };
        Self { operator, expected: vec![Expected::fixed(value)], ..self.clone() }
    }
}

/// All that must be so for a caller to get in by a way.
#[derive(Debug)]
pub(super) struct Demands<'a>(Vec<Demand<'a>>);

impl<'a> Demands<'a> {
    /// `None` where the caller does not get in, whatever it does.
    ///
    /// A statement that denies counts where it names the caller and the action for certain. Of its conditions those
    /// that hold for the caller anyway are left aside: if none remains it denies, if one remains its opposite is a
    /// demand. Several that remain leave the caller a choice, so nothing is made of them.
    pub(super) fn of(trust: &Trust<'a>, way: &Way<'a>, caller: &Caller<'_>) -> Option<Self> {
        let mut demands = Self::stated(trust, way);
        for (index, deny) in trust.policy.statements.iter().enumerate() {
            if deny.effect != Effect::Deny
                || !deny.action.is_met(|pattern| pattern.matches(way.action.name()))
                || !deny.principal.as_ref().is_some_and(|principal| caller.is_surely_among(principal))
            {
                continue;
            }
            let denied = Self::read(trust, &deny.conditions, index);
            let mut open: Vec<Demand<'a>> = Vec::new();
            let mut bites = true;
            for demand in &denied.0 {
                match denied.holds(demand, caller) {
                    Holds::Always => {}
                    Holds::Never => bites = false,
                    Holds::Perhaps => open.push(demand.clone()),
                }
            }
            match (bites, open.len()) {
                (true, 0) => return None,
                (true, 1) => demands.0.extend(open.into_iter().flat_map(Demand::inverted)),
                _ => {}
            }
        }
        let met = demands.0.iter().all(|demand| demands.holds(demand, caller) != Holds::Never);
        met.then_some(demands)
    }

    /// The conditions of the statement that allows, alone.
    pub(super) fn stated(trust: &Trust<'a>, way: &Way<'a>) -> Self {
        Self::read(trust, way.conditions, way.statement)
    }

    fn read(trust: &Trust<'a>, conditions: &'a [Condition], statement: usize) -> Self {
        let Trust { policy, context } = *trust;
        let demands = conditions.iter();
        Self(demands.map(|condition| Demand::new(condition, statement, policy.version, context)).collect())
    }

    fn holds(&self, demand: &Demand<'a>, caller: &Caller<'_>) -> Holds {
        caller.holds(demand, self.guards(demand.name))
    }

    /// Whether the request is sure to have a key, so that `IfExists` and `ForAllValues` cannot be got round by
    /// leaving it out.
    pub(super) fn guards(&self, key: &str) -> bool {
        self.0.iter().any(|demand| {
            demand.name.eq_ignore_ascii_case(key)
                && if demand.operator.comparison == Comparison::Null {
                    demand.asks_for_presence()
                } else {
                    demand.is_strict() && !demand.operator.comparison.is_negated()
                }
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Demand<'a>> {
        self.0.iter()
    }

    /// The demands that only a request with the key and one of the values meets.
    pub(super) fn binding(&self) -> impl Iterator<Item = &Demand<'a>> {
        self.0.iter().filter(|demand| {
            let comparison = demand.operator.comparison;
            comparison != Comparison::Null
                && !comparison.is_negated()
                && (demand.is_strict() || self.guards(demand.name))
        })
    }

    pub(super) fn binding_on(&self, key: ConditionKey<'static>) -> impl Iterator<Item = &Demand<'a>> {
        self.binding().filter(move |demand| demand.key == key)
    }

    /// Whether the caller must bring an external id that is the same every time.
    pub(super) fn ask_for_external_id(&self) -> bool {
        self.binding_on(ConditionKey::ExternalId)
            .any(|demand| !demand.expected.is_empty() && demand.expected.iter().all(Expected::is_literal))
    }

    /// Whether the caller must have signed in with MFA.
    pub(super) fn ask_for_mfa(&self) -> bool {
        self.binding().any(|demand| {
            demand.name.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")
                && demand.operator.comparison == Comparison::Bool
                && demand.expected.iter().all(|value| value.text().eq_ignore_ascii_case("true"))
        })
    }

    /// The organisations to one of which the caller must belong, with the place that says so.
    pub(super) fn organizations(&self) -> Option<(Vec<Organization<'_>>, &Place)> {
        self.binding_on(ConditionKey::PrincipalOrganization).find_map(|demand| {
            let named =
                demand.expected.iter().filter(|value| !value.is_impossible()).map(|value| {
                    value.organization().map(|id| Organization { id, by_variable: value.is_own() })
                });
            let named: Vec<_> = named.collect::<Option<_>>()?;
            (!named.is_empty()).then_some((named, &demand.at))
        })
    }

    /// Whether only principals of the role's own account meet them.
    pub(super) fn are_for_own_account(&self, own: Option<&AccountId>) -> bool {
        self.binding().any(|demand| {
            let is_own = |value: &Expected<'_>| {
                value.is_own()
                    || match demand.key {
                        ConditionKey::PrincipalAccount => own.is_some_and(|own| value.text() == own.as_str()),
                        _ => value.arn_account().is_some_and(|account| Some(&account) == own),
                    }
            };
            matches!(demand.key, ConditionKey::PrincipalAccount | ConditionKey::PrincipalArn)
                && !demand.expected.is_empty()
                && demand.expected.iter().all(is_own)
        })
    }

    /// The accounts that the conditions name, each with the first place that does.
    pub(super) fn accounts(&self) -> Vec<(AccountId, Place)> {
        let mut accounts: Vec<(AccountId, Place)> = Vec::new();
        for demand in self.binding() {
            for (position, value) in demand.expected.iter().enumerate() {
                let account = match demand.key {
                    ConditionKey::PrincipalAccount | ConditionKey::UserId if value.is_literal() => {
                        AccountId::parse(value.text()).ok()
                    }
                    ConditionKey::PrincipalArn => value.arn_account(),
                    _ => None,
                };
                if let Some(account) = account.filter(|one| accounts.iter().all(|(known, _)| known != one)) {
                    accounts.push((account, demand.at.index(position)));
                }
            }
        }
        accounts
    }
}

/// An organisation that a condition names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Organization<'a> {
    id: &'a str,
    by_variable: bool,
}

impl Organization<'_> {
    /// Whether it is the role's own. Where nobody told which that is, any is taken for it.
    pub(super) fn is_own(&self, context: &TrustContext) -> bool {
        self.by_variable || context.organization.as_ref().is_none_or(|own| own.as_str() == self.id)
    }

    pub(super) fn id(&self) -> &str {
        self.id
    }
}
