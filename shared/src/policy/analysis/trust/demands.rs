use std::collections::BTreeSet;

use super::caller::{Caller, Holds};
use super::condition_key::ConditionKey;
use super::demand::Demand;
use super::expected::Expected;
use super::ways::Way;
use super::{Trust, TrustContext};
use crate::identifier::{AccountId, Arn};
use crate::policy::{
    Comparison, Condition, Effect, Element, Place, Policy, PrincipalEntry, Statement, Version,
};

/// All that must be so for a caller to get in by a way.
#[derive(Debug, Clone, Default)]
pub(super) struct Demands<'a> {
    list: Vec<Demand<'a>>,
    /// The keys that the request is sure to have, in lower case.
    sure: BTreeSet<String>,
}

/// A statement that denies.
#[derive(Debug)]
pub(super) struct Denial<'a> {
    index: usize,
    statement: &'a Statement,
    demands: Demands<'a>,
}

/// Somebody whom a statement that denies leaves out by name.
#[derive(Debug)]
pub(super) struct Spared<'a> {
    pub(super) account: AccountId,
    pub(super) arn: Option<&'a Arn>,
    /// Where it stands in the `NotPrincipal`.
    pub(super) at: Place,
}

impl<'a> Denial<'a> {
    /// Those of a policy.
    pub(super) fn all(policy: &'a Policy, context: &TrustContext) -> Vec<Self> {
        let denying =
            policy.statements.iter().enumerate().filter(|(_, statement)| statement.effect == Effect::Deny);
        denying
            .map(|(index, statement)| {
                let demands = Demands::read(&statement.conditions, index, policy.version, context);
                Self { index, statement, demands }
            })
            .collect()
    }

    /// What the statement leaves of a way for a caller: nothing, or what the caller must show not to be denied.
    ///
    /// It counts where it names the caller and the action for certain. Of its conditions those that hold for the caller
    /// anyway are left aside: if none remains it denies, if one remains its opposite is a demand. Several that remain
    /// leave the caller a choice, so nothing is made of them.
    fn leaves(&self, way: &Way<'_>, caller: &Caller<'_>) -> Option<Vec<Demand<'a>>> {
        let Some(open) = self.open(way, caller) else { return Some(Vec::new()) };
        match open.as_slice() {
            [] => None,
            [one] => Some((*one).clone().inverted()),
            _ => Some(Vec::new()),
        }
    }

    /// Its conditions that hang on the caller, where it names caller and action and may deny them.
    fn open(&self, way: &Way<'_>, caller: &Caller<'_>) -> Option<Vec<&Demand<'a>>> {
        let Self { statement, demands, .. } = self;
        let named = statement.principal.as_ref().is_some_and(|principal| caller.is_surely_among(principal))
            && statement.action.is_met(|pattern| pattern.matches(way.action.name()));
        let holding = demands.list.iter().map(|demand| (demands.holds(demand, caller), demand));
        let holding: Vec<_> = holding.filter(|(holds, _)| *holds != Holds::Always).collect();
        (named && holding.iter().all(|(holds, _)| *holds == Holds::Perhaps))
            .then(|| holding.into_iter().map(|(_, demand)| demand).collect())
    }

    /// Its `NotPrincipal`, where it has one and denies the way, perhaps, to whom that does not list.
    fn not_principal(&self, way: &Way<'_>) -> Option<(&'a Element<PrincipalEntry>, Place, usize)> {
        let principal = self.statement.principal.as_ref().filter(|principal| principal.negated)?;
        let open = self.open(way, &Caller::Somebody)?;
        Some((principal, Place::statement(self.index).key("NotPrincipal"), open.len()))
    }

    /// Whom it leaves out of what it denies, account by account.
    pub(super) fn spares(&self, way: &Way<'_>) -> Vec<Spared<'a>> {
        let Some((principal, at, _)) = self.not_principal(way) else { return Vec::new() };
        let entries = principal.entries.iter().filter(|entry| entry.key() == "AWS").enumerate();
        let spared = entries.filter_map(|(position, entry)| {
            let arn = if let PrincipalEntry::Aws(arn) = entry { Some(arn) } else { None };
            Some(Spared { account: entry.account()?, arn, at: at.key("AWS").index(position) })
        });
        spared.collect()
    }

    /// Where its `NotPrincipal` stands, if too many of its conditions hang on the caller to make anything of it.
    pub(super) fn unclear(&self, way: &Way<'_>) -> Option<Place> {
        self.not_principal(way).filter(|(_, _, open)| *open > 1).map(|(_, at, _)| at)
    }
}

impl<'a> Demands<'a> {
    /// `None` where the caller does not get in, whatever it does.
    pub(super) fn of(trust: &Trust<'a>, way: &Way<'a>, caller: &Caller<'_>) -> Option<Self> {
        let mut demands = Self::stated(trust, way);
        for denial in &trust.denials {
            for demand in denial.leaves(way, caller)? {
                demands.push(demand);
            }
        }
        let met = demands.list.iter().all(|demand| demands.holds(demand, caller) != Holds::Never);
        met.then_some(demands)
    }

    /// The conditions of the statement that allows, alone.
    pub(super) fn stated(trust: &Trust<'a>, way: &Way<'a>) -> Self {
        Self::read(way.conditions, way.statement, trust.version, trust.context)
    }

    fn read(conditions: &'a [Condition], statement: usize, version: Version, context: &TrustContext) -> Self {
        let mut demands = Self::default();
        for condition in conditions {
            demands.push(Demand::new(condition, statement, version, context));
        }
        demands
    }

    fn push(&mut self, demand: Demand<'a>) {
        if demand.makes_sure_of_key() {
            self.sure.insert(demand.name.to_ascii_lowercase());
        }
        self.list.push(demand);
    }

    fn holds(&self, demand: &Demand<'_>, caller: &Caller<'_>) -> Holds {
        caller.holds(demand, self.guards(demand.name))
    }

    /// Whether the request is sure to have a key, so that `IfExists` and `ForAllValues` cannot be got round by
    /// leaving it out.
    pub(super) fn guards(&self, key: &str) -> bool {
        self.sure.contains(&key.to_ascii_lowercase())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Demand<'a>> {
        self.list.iter()
    }

    /// The demands that only a request with the key and one of the values meets.
    pub(super) fn binding(&self) -> impl Iterator<Item = &Demand<'a>> {
        self.list.iter().filter(|demand| {
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

    /// Whether the caller must have signed in with MFA, which how long ago it did so tells as well.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", availability of `aws:MultiFactorAuthAge`.
    pub(super) fn ask_for_mfa(&self) -> bool {
        self.guards("aws:MultiFactorAuthAge")
            || self.binding().any(|demand| {
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
            matches!(
                demand.key,
                ConditionKey::PrincipalAccount | ConditionKey::PrincipalArn | ConditionKey::Workload
            ) && !demand.expected.is_empty()
                && demand.expected.iter().all(is_own)
        })
    }

    /// The accounts that the conditions name, each with the first place that does.
    pub(super) fn accounts(&self) -> Vec<(AccountId, Place)> {
        let mut seen = BTreeSet::new();
        let mut accounts = Vec::new();
        for demand in self.binding() {
            for (position, value) in demand.expected.iter().enumerate() {
                let account = match demand.key {
                    ConditionKey::PrincipalAccount | ConditionKey::UserId if value.is_literal() => {
                        AccountId::parse(value.text()).ok()
                    }
                    ConditionKey::PrincipalArn | ConditionKey::Workload => value.arn_account(),
                    _ => None,
                };
                if let Some(account) = account.filter(|account| seen.insert(account.clone())) {
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
