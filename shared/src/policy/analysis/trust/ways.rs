use std::collections::{BTreeMap, BTreeSet};

use super::condition_key::ConditionKey;
use super::finding;
use crate::identifier::{AccountId, Arn};
use crate::policy::analysis::Finding;
use crate::policy::{Condition, Effect, Element, Place, Policy, PrincipalEntry, Statement};

/// An action that gives the caller a session of the role. `sts:TagSession`, `sts:SetSourceIdentity` and
/// `sts:SetContext` only go along with one.
///
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Security Token Service".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    AssumeRole,
    WithSaml,
    WithWebIdentity,
}

impl Entry {
    const ALL: [Self; 3] = [Self::AssumeRole, Self::WithSaml, Self::WithWebIdentity];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AssumeRole => "sts:AssumeRole",
            Self::WithSaml => "sts:AssumeRoleWithSAML",
            Self::WithWebIdentity => "sts:AssumeRoleWithWebIdentity",
        }
    }
}

/// Whom a way in is open to, before its conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who<'a> {
    /// Every AWS principal.
    Everyone,
    /// An account, or one principal of it.
    Principal { account: &'a AccountId, arn: Option<&'a Arn> },
    /// A service; `*` is every one.
    Service(&'a str),
    /// Users of a SAML provider; `*` is every one.
    Saml(&'a str),
    /// Those with a token of an issuer; no issuer is every one.
    Oidc { provider: &'a str, issuer: Option<&'a str> },
}

/// One entry of an allowing statement with one action that fits it.
#[derive(Debug, Clone)]
pub(super) struct Way<'a> {
    pub(super) statement: usize,
    pub(super) conditions: &'a [Condition],
    /// Where the entry stands.
    pub(super) at: Place,
    pub(super) who: Who<'a>,
    pub(super) action: Entry,
}

/// A principal in a form whose account is at hand.
struct Named<'a> {
    entry: &'a PrincipalEntry,
    at: Place,
    account: Option<AccountId>,
}

/// The accounts of all principals that a policy names, which ways borrow.
pub(super) struct Entries<'a> {
    statements: Vec<Vec<Named<'a>>>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(policy: &'a Policy) -> Self {
        let statements = policy.statements.iter().enumerate();
        Self { statements: statements.map(|(index, statement)| named(index, statement)).collect() }
    }

    /// Every way in, in the order of the policy; entries that none of the statement's actions fits are findings.
    pub(super) fn ways<'w>(&'w self, policy: &'w Policy, findings: &mut Vec<Finding>) -> Vec<Way<'w>> {
        let mut ways = Vec::new();
        for ((index, statement), entries) in policy.statements.iter().enumerate().zip(&self.statements) {
            if statement.effect != Effect::Allow {
                continue;
            }
            let granted: Vec<Entry> = Entry::ALL
                .into_iter()
                .filter(|entry| statement.action.is_met(|pattern| pattern.matches(entry.name())))
                .collect();
            let way = |at: &Place, who, action| Way {
                statement: index,
                conditions: &statement.conditions,
                at: at.clone(),
                who,
                action,
            };
            if let Some(Element { negated: true, .. }) = statement.principal {
                let at = Place::statement(index).key("NotPrincipal");
                for action in granted {
                    ways.extend(everyone(action, &statement.conditions).map(|who| way(&at, who, action)));
                }
                continue;
            }
            for entry in entries {
                let before = ways.len();
                for action in granted.iter().copied() {
                    let who = fitting(entry, action, &statement.conditions);
                    ways.extend(who.into_iter().map(|who| way(&entry.at, who, action)));
                }
                let orphan = matches!(entry.entry, PrincipalEntry::UniqueId(_));
                if ways.len() == before && !granted.is_empty() && !orphan {
                    findings.push(misfit(entry, &granted));
                }
            }
        }
        ways
    }
}

fn named(index: usize, statement: &Statement) -> Vec<Named<'_>> {
    let Some(principal) = &statement.principal else { return Vec::new() };
    let at = Place::statement(index).key(if principal.negated { "NotPrincipal" } else { "Principal" });
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let entries = principal.entries.iter().map(|entry| {
        let count = counts.entry(entry.key()).or_default();
        let position = *count;
        *count += 1;
        // `"*"` and a lone `{"AWS": "*"}` are read as the same.
        let at = match principal.entries.as_slice() {
            [PrincipalEntry::Everyone] => at.clone(),
            _ => at.key(entry.key()).index(position),
        };
        Named { entry, at, account: entry.account() }
    });
    entries.collect()
}

/// Whom an entry means where it calls an action; nobody where the two do not fit.
fn fitting<'w>(named: &'w Named<'_>, action: Entry, conditions: &'w [Condition]) -> Vec<Who<'w>> {
    match (named.entry, action) {
        (PrincipalEntry::Everyone, action) => everyone(action, conditions).collect(),
        (PrincipalEntry::Account(_), Entry::AssumeRole) => {
            named.account.iter().map(|account| Who::Principal { account, arn: None }).collect()
        }
        (PrincipalEntry::Aws(arn), Entry::AssumeRole) => {
            named.account.iter().map(|account| Who::Principal { account, arn: Some(arn) }).collect()
        }
        (PrincipalEntry::Service(service), Entry::AssumeRole) => vec![Who::Service(service)],
        (PrincipalEntry::Federated(any), Entry::WithSaml) if any == "*" => vec![Who::Saml(any)],
        (PrincipalEntry::Federated(any), Entry::WithWebIdentity) if any == "*" => {
            tokens(conditions).collect()
        }
        (PrincipalEntry::Federated(provider), Entry::WithSaml) if is_saml(provider) => {
            vec![Who::Saml(provider)]
        }
        (PrincipalEntry::Federated(provider), Entry::WithWebIdentity) if !is_saml(provider) => {
            vec![Who::Oidc { provider, issuer: Some(issuer(provider)) }]
        }
        _ => Vec::new(),
    }
}

fn everyone(action: Entry, conditions: &[Condition]) -> Box<dyn Iterator<Item = Who<'_>> + '_> {
    match action {
        Entry::AssumeRole => Box::new(std::iter::once(Who::Everyone)),
        Entry::WithSaml => Box::new(std::iter::once(Who::Saml("*"))),
        Entry::WithWebIdentity => Box::new(tokens(conditions)),
    }
}

/// Everybody with a token: of some issuer, and of each that the conditions name.
fn tokens(conditions: &[Condition]) -> impl Iterator<Item = Who<'_>> {
    let mut seen = BTreeSet::new();
    let mut issuers = Vec::new();
    for condition in conditions {
        if let ConditionKey::Token { issuer, .. } = ConditionKey::of(&condition.key)
            && seen.insert(issuer.to_ascii_lowercase())
        {
            issuers.push(issuer);
        }
    }
    let known = issuers.into_iter().map(Some);
    std::iter::once(None).chain(known).map(|issuer| Who::Oidc { provider: "*", issuer })
}

fn is_saml(provider: &str) -> bool {
    provider.contains(":saml-provider/")
}

/// The address of a provider's issuer, without the `https://`, as condition keys begin with it.
fn issuer(provider: &str) -> &str {
    provider.split_once(":oidc-provider/").map_or(provider, |(_, issuer)| issuer).trim_end_matches('/')
}

fn misfit(named: &Named<'_>, granted: &[Entry]) -> Finding {
    let wanted = match named.entry {
        PrincipalEntry::Federated(provider) if is_saml(provider) => "`sts:AssumeRoleWithSAML`",
        PrincipalEntry::Federated(_) => "`sts:AssumeRoleWithWebIdentity`",
        PrincipalEntry::CanonicalUser(_) => "no action of a role",
        _ => "`sts:AssumeRole`",
    };
    let granted: Vec<String> = granted.iter().map(|entry| format!("`{}`", entry.name())).collect();
    let message = format!(
        "`{}` gets in with {wanted}, which is not {}, so this lets nobody in",
        named.entry,
        granted.join(" or ")
    );
    finding("role-trust-action-mismatch", &named.at, message)
}

/// The unique ids of deleted principals, each once, with a finding for each place.
pub(super) fn orphans(entries: &Entries<'_>, findings: &mut Vec<Finding>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut orphans = Vec::new();
    for named in entries.statements.iter().flatten() {
        if let PrincipalEntry::UniqueId(id) = named.entry {
            let message = format!("`{id}` is what is left of a deleted principal; nobody has it, remove it");
            findings.push(finding("role-trust-orphan-principal", &named.at, message));
            if seen.insert(id) {
                orphans.push(id.clone());
            }
        }
    }
    orphans
}
