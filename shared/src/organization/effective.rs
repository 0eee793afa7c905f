use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use crate::identifier::AccountId;
use crate::policy::evaluate::{Decider, Decision, Policies, Request, Slot, evaluate};
use crate::policy::{Condition, Effect, Policy, PolicyKind};

/// A type of policy by which an organisation takes away what accounts allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlType {
    /// About what an account's principals do: an SCP.
    ServiceControl,
    /// About what is done to an account's resources: an RCP.
    ResourceControl,
}

impl ControlType {
    /// The grammar of its policies.
    pub fn policy_kind(self) -> PolicyKind {
        match self {
            Self::ServiceControl => PolicyKind::ServiceControl,
            Self::ResourceControl => PolicyKind::ResourceControl,
        }
    }

    /// As AWS Organizations writes it (AWS Organizations API Reference, `PolicySummary`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }
}

/// A policy of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPolicy {
    /// What people call it.
    pub name: String,
    /// Its type.
    pub control: ControlType,
    /// What it says.
    pub policy: Policy,
}

/// The policies of an organisation that reach one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationPolicies {
    account: AccountId,
    /// A list for each level that has policies of the type attached, from the root to the account or the other way
    /// round: the order changes nothing.
    service_control: Vec<Vec<ControlPolicy>>,
    resource_control: Vec<Vec<ControlPolicy>>,
}

/// Why an organisation's policies refuse a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// Statements deny it.
    By(Vec<Denier>),
    /// At one level none of the service control policies allows it.
    NotAllowed,
}

/// A statement that denies a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denier {
    /// The name of its policy.
    pub policy: String,
    /// Its id, or its number where it has none.
    pub statement: String,
    /// The ARN patterns of those to whom it would not deny the same.
    pub but_for: BTreeSet<String>,
}

impl fmt::Display for Denier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.policy, self.statement)
    }
}

impl Denial {
    /// Those who are not denied: whom every statement that denies leaves out.
    pub(super) fn but_for(&self) -> BTreeSet<String> {
        match self {
            Self::By(deniers) => {
                let lists = deniers.iter().map(|denier| denier.but_for.clone());
                lists.reduce(|one, other| &one & &other).unwrap_or_default()
            }
            Self::NotAllowed => BTreeSet::new(),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(deniers) => {
                let names: Vec<String> = deniers.iter().map(ToString::to_string).collect();
                f.write_str(&names.join(", "))
            }
            Self::NotAllowed => f.write_str("no service control policy of one level allows it"),
        }
    }
}

impl OrganizationPolicies {
    /// Those that reach the account, a list for each level at which some are attached.
    ///
    /// AWS attaches a service control policy that allows something to every level, `FullAWSAccess` at first, and lets
    /// nobody take the last one away. A level here without any was therefore not given in full; it is taken to allow
    /// everything, for what a missing file would deny is nobody's protection.
    pub fn new(account: AccountId, levels: &[Vec<ControlPolicy>]) -> Self {
        let of = |control: ControlType| {
            let of_level = |level: &Vec<ControlPolicy>| -> Vec<ControlPolicy> {
                level.iter().filter(|policy| policy.control == control).cloned().collect()
            };
            let levels = levels.iter().map(of_level);
            levels.filter(|level| !level.is_empty()).collect()
        };
        Self {
            account,
            service_control: of(ControlType::ServiceControl),
            resource_control: of(ControlType::ResourceControl),
        }
    }

    /// The account that they reach.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What is left of them whatever the circumstances: statements that deny only under a condition about another key
    /// than these deny nothing, and those that allow only under one allow always.
    pub(super) fn whatever_else(&self, known: impl Fn(&str) -> bool) -> Self {
        let mut left = self.clone();
        let policies = left.service_control.iter_mut().chain(&mut left.resource_control).flatten();
        for statements in policies.map(|policy| &mut policy.policy.statements) {
            statements.retain_mut(|statement| match statement.effect {
                Effect::Deny => statement.conditions.iter().all(|condition| known(&condition.key)),
                Effect::Allow => {
                    statement.conditions.retain(|condition| known(&condition.key));
                    true
                }
            });
        }
        left
    }

    /// Whether they refuse a request, and why; `None` leaves it to what the account itself allows.
    ///
    /// Service control policies speak of the account's own principals, resource control policies of its own resources.
    /// Neither reaches service-linked roles, nor an organisation's management account: that has none of either.
    pub fn denial(&self, request: &Request<'_>) -> Option<Denial> {
        let account = Some(self.account.as_str());
        let ours_asks = request.principal.account() == account;
        let ours_is_asked = request.owner() == account;
        let policies = Policies {
            service_control: if ours_asks { borrowed(&self.service_control) } else { Vec::new() },
            resource_control: if ours_is_asked { borrowed(&self.resource_control) } else { Vec::new() },
            ..Policies::default()
        };
        // No policy of the account is asked, so it is never allowed but where AWS asks none.
        let answer = evaluate(request, &policies);
        match answer.decision {
            Decision::Allowed => None,
            Decision::ExplicitlyDenied => {
                Some(Denial::By(answer.by.iter().filter_map(|by| self.denier(*by)).collect()))
            }
            Decision::ImplicitlyDenied => {
                answer.by.iter().any(|by| self.lacks_an_allow(*by)).then_some(Denial::NotAllowed)
            }
        }
    }

    fn lacks_an_allow(&self, by: Decider) -> bool {
        let Decider::Slot(Slot::ServiceControl(level)) = by else { return false };
        let policies = self.service_control.get(level).into_iter().flatten();
        policies
            .flat_map(|policy| &policy.policy.statements)
            .any(|statement| statement.effect == Effect::Allow)
    }

    fn denier(&self, by: Decider) -> Option<Denier> {
        let Decider::Statement { slot, policy, statement: number } = by else { return None };
        let level = match slot {
            Slot::ServiceControl(level) => self.service_control.get(level),
            Slot::ResourceControl(level) => self.resource_control.get(level),
            _ => None,
        };
        let policy = level?.get(policy.unwrap_or_default())?;
        let statement = policy.policy.statements.get(number)?;
        let named = |condition: &&Condition| {
            condition.is_about("aws:PrincipalArn") && condition.operator.comparison.is_negated()
        };
        Some(Denier {
            policy: policy.name.clone(),
            statement: statement.sid.clone().unwrap_or_else(|| format!("statement {number}")),
            but_for: statement
                .conditions
                .iter()
                .filter(named)
                .flat_map(|condition| condition.values.clone())
                .collect(),
        })
    }
}

fn borrowed(levels: &[Vec<ControlPolicy>]) -> Vec<Vec<Cow<'_, Policy>>> {
    levels.iter().map(|level| level.iter().map(|policy| Cow::Borrowed(&policy.policy)).collect()).collect()
}
