//! Who may assume a role: both sides of it.

use super::action::{Action, ActionSet};
use super::actor::{Actor, both};
use super::certainty::Certainty;
use super::principal::{Kind, Principal};
use super::service::is_same;
use super::target::Target;
use crate::policy::analysis::Holds;
use crate::policy::{Effect, Element, Policy, PrincipalEntry, Statement};

/// How a trust policy speaks of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Naming {
    /// It names the account, which decides by its own policies who of it may.
    Account,
    /// It names a user or role.
    Principal,
    /// It names everybody.
    Everyone,
}

/// Whether an actor may assume a role.
///
/// In the role's own account a trust policy that names the principal, or everybody, is enough; one that names the
/// account hands the decision to identity policies; from another account both must allow. A boundary does not cap
/// what a user or everybody is given by name, but does what a role is.
///
/// Source: IAM User Guide, "Policy evaluation logic" and "Granting a user permissions to switch roles".
pub(super) fn may_assume(actor: &Actor<'_>, role: &Principal) -> Option<Certainty> {
    let trust = trust_of(role)?;
    let target = Target::principal(role);
    let mut best = None;
    for naming in [Naming::Everyone, Naming::Principal, Naming::Account] {
        let Some(trusted) = trusts(trust, actor, role, naming) else { continue };
        let local = actor.principal.account == role.account;
        let granted = match naming {
            Naming::Everyone | Naming::Principal if local => {
                let boundary_counts = naming == Naming::Principal && actor.principal.kind == Kind::Role;
                actor.may_if_named(Action::AssumeRole, &target, boundary_counts)
            }
            _ => actor.may(Action::AssumeRole, &target),
        };
        best = best.max(granted.map(|granted| granted.min(trusted)));
    }
    best
}

/// Whether it is worth asking: the trust policy names the actor, everybody, or an account whose principals have been
/// given the action.
pub(super) fn may_name(actor: &Actor<'_>, reach: ActionSet, role: &Principal) -> bool {
    let statements = trust_of(role).into_iter().flat_map(|trust| &trust.statements);
    let allowing = statements.filter(|statement| statement.effect == Effect::Allow);
    let mut principals = allowing.filter_map(|statement| statement.principal.as_ref());
    principals.any(|principal| {
        principal.negated
            || principal.entries.iter().any(|entry| match entry {
                PrincipalEntry::Everyone => true,
                PrincipalEntry::Account(_) => reach.has(Action::AssumeRole),
                PrincipalEntry::Aws(arn) => *arn == actor.principal.arn || arn.service() == "sts",
                _ => false,
            })
    })
}

/// Whether an actor that may write a role's trust policy can then assume it: it names itself.
pub(super) fn may_assume_if_trusted(actor: &Actor<'_>, role: &Principal) -> Option<Certainty> {
    let target = Target::principal(role);
    if actor.principal.account == role.account {
        actor.may_if_named(Action::AssumeRole, &target, actor.principal.kind == Kind::Role)
    } else {
        actor.may(Action::AssumeRole, &target)
    }
}

/// Whether a service may assume a role to run somebody's code. Conditions hold the service to an account or a resource
/// of it, which whoever passes the role chooses.
pub(super) fn trusts_service(role: &Principal, service: &str) -> bool {
    let statements = trust_of(role).into_iter().flat_map(|trust| &trust.statements);
    let about = statements.filter(|statement| {
        is_about_assuming(statement, "sts:AssumeRole")
            && statement.principal.as_ref().is_some_and(|principal| {
                principal.is_met(|entry| match entry {
                    PrincipalEntry::Service(name) => is_same(name, service) || name == "*",
                    PrincipalEntry::Everyone => true,
                    _ => false,
                })
            })
    });
    let mut trusted = false;
    for statement in about {
        match statement.effect {
            Effect::Allow => trusted = true,
            Effect::Deny if statement.conditions.is_empty() => return false,
            Effect::Deny => {}
        }
    }
    trusted
}

/// The SAML providers whose users may assume a role.
pub(super) fn trusted_saml_providers(role: &Principal) -> impl Iterator<Item = &str> {
    let statements = trust_of(role).into_iter().flat_map(|trust| &trust.statements);
    let allowing = statements.filter(|statement| {
        statement.effect == Effect::Allow && is_about_assuming(statement, "sts:AssumeRoleWithSAML")
    });
    let named = allowing.filter_map(|statement| statement.principal.as_ref().filter(|named| !named.negated));
    named.flat_map(|principal| &principal.entries).filter_map(|entry| match entry {
        PrincipalEntry::Federated(provider) if provider.contains(":saml-provider/") => {
            Some(provider.as_str())
        }
        _ => None,
    })
}

/// The condition keys on which it hangs whether a role trusts an actor.
pub(super) fn open_keys(actor: &Actor<'_>, role: &Principal) -> Vec<String> {
    let version = trust_of(role).map(|trust| trust.version).unwrap_or_default();
    let target = Target::principal(role);
    about(actor, role)
        .flat_map(|(_, statement)| actor.perhaps(&statement.conditions, version, &target))
        .collect()
}

/// The statements of a role's trust policy that let an actor assume it, by position.
pub(super) fn citing(actor: &Actor<'_>, role: &Principal) -> impl Iterator<Item = usize> {
    let version = trust_of(role).map(|trust| trust.version).unwrap_or_default();
    about(actor, role).filter_map(move |(index, statement)| {
        let applies = actor.hold(&statement.conditions, version, &Target::principal(role));
        (statement.effect == Effect::Allow && applies != Holds::Never).then_some(index)
    })
}

/// The statements that speak of an actor's assuming a role, with their positions.
fn about<'r>(actor: &Actor<'_>, role: &'r Principal) -> impl Iterator<Item = (usize, &'r Statement)> {
    let statements = trust_of(role).into_iter().flat_map(|trust| trust.statements.iter().enumerate());
    statements.filter(|(_, statement)| {
        is_about_assuming(statement, "sts:AssumeRole")
            && [Naming::Everyone, Naming::Principal, Naming::Account]
                .into_iter()
                .any(|naming| names(statement.principal.as_ref(), actor.principal, naming) != Holds::Never)
    })
}

fn trust_of(role: &Principal) -> Option<&Policy> {
    role.trust.as_ref().filter(|_| !role.is_service_linked)
}

fn is_about_assuming(statement: &Statement, action: &str) -> bool {
    statement.action.is_met(|pattern| pattern.matches(action))
}

fn trusts(trust: &Policy, actor: &Actor<'_>, role: &Principal, naming: Naming) -> Option<Certainty> {
    let target = Target::principal(role);
    let (mut allowed, mut denied) = (Holds::Never, Holds::Never);
    for statement in trust.statements.iter().filter(|it| is_about_assuming(it, "sts:AssumeRole")) {
        let principal = statement.principal.as_ref();
        let named = match statement.effect {
            Effect::Allow => names(principal, actor.principal, naming),
            // A Deny of the account denies each of its principals.
            Effect::Deny => [Naming::Everyone, Naming::Principal, Naming::Account]
                .map(|naming| names(principal, actor.principal, naming))
                .into_iter()
                .fold(Holds::Never, either),
        };
        if named == Holds::Never {
            continue;
        }
        let applies = both(named, actor.hold(&statement.conditions, trust.version, &target));
        match statement.effect {
            Effect::Allow => allowed = either(allowed, applies),
            Effect::Deny => denied = either(denied, applies),
        }
    }
    let undenied = match denied {
        Holds::Always => Holds::Never,
        Holds::Never => Holds::Always,
        Holds::Perhaps => Holds::Perhaps,
    };
    both(allowed, undenied).into()
}

fn either(one: Holds, other: Holds) -> Holds {
    match (one, other) {
        (Holds::Always, _) | (_, Holds::Always) => Holds::Always,
        (Holds::Never, Holds::Never) => Holds::Never,
        _ => Holds::Perhaps,
    }
}

fn names(element: Option<&Element<PrincipalEntry>>, who: &Principal, naming: Naming) -> Holds {
    let Some(element) = element else { return Holds::Never };
    if element.negated {
        // Everybody but those listed, whichever way they are.
        let listed = element.entries.iter().any(|entry| {
            [Naming::Everyone, Naming::Principal, Naming::Account]
                .into_iter()
                .any(|naming| entry_names(entry, who, naming) == Holds::Always)
        });
        return (naming == Naming::Everyone && !listed).into();
    }
    element.entries.iter().map(|entry| entry_names(entry, who, naming)).fold(Holds::Never, either)
}

fn entry_names(entry: &PrincipalEntry, who: &Principal, naming: Naming) -> Holds {
    match (entry, naming) {
        (PrincipalEntry::Everyone, Naming::Everyone) => Holds::Always,
        (PrincipalEntry::Account(account), Naming::Account) => (who.account.as_ref() == Some(account)).into(),
        // Nobody in particular is named by no ARN.
        (PrincipalEntry::Aws(_), Naming::Principal) if who.kind == Kind::Member => Holds::Never,
        (PrincipalEntry::Aws(arn), Naming::Principal) if arn.service() == "sts" => {
            // A session of this role: it has the name that whoever assumes the role gives it.
            let session = arn.resource().strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/'));
            let is_its = who.kind == Kind::Role
                && arn.account() == who.account
                && session.is_some_and(|(role, _)| role == who.arn.name());
            if is_its { Holds::Perhaps } else { Holds::Never }
        }
        (PrincipalEntry::Aws(arn), Naming::Principal) => (*arn == who.arn).into(),
        _ => Holds::Never,
    }
}
