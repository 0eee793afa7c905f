//! The `Principal` and `NotPrincipal` elements.

use serde_json::Value;

use super::requester::{Requester, is_account};
use super::{Refused, context, refuse};

/// How an entry of a `Principal` element names the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `*`, or by not being listed in `NotPrincipal`.
    Everyone,
    /// The account: a delegation.
    Account,
    User,
    Role,
    Session,
    FederatedUser,
    Service,
    Provider,
}

/// Whether IAM would take the element.
pub(super) fn check(element: &Value) -> Result<(), Refused> {
    match element {
        Value::String(everyone) if everyone == "*" => Ok(()),
        Value::Object(kinds) => {
            for (kind, entries) in kinds {
                if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
                    return refuse(format!("Principal.{kind}: no such kind of principal"));
                }
                context::values(entries)?;
            }
            Ok(())
        }
        other => refuse(format!("Principal: {other} is neither `*` nor an object")),
    }
}

/// What may stand under `AWS`, but for `*`: an account or an ARN.
pub(super) fn is_aws(entry: &str) -> bool {
    account_named(entry).is_some() || entry.starts_with("arn:aws:iam::") || entry.starts_with("arn:aws:sts::")
}

/// All the ways in which a `Principal` element names the one who asks; none if it does not.
pub(super) fn namings(element: &Value, requester: &Requester) -> Vec<Naming> {
    let Some(kinds) = element.as_object() else {
        return vec![Naming::Everyone];
    };
    let mut namings = Vec::new();
    for (kind, entries) in kinds {
        for entry in context::values(entries).expect("checked when read") {
            namings.extend(match kind.as_str() {
                "AWS" => aws(&entry, requester),
                "Service" => service(&entry, requester),
                "Federated" => federated(&entry, requester),
                _ => None,
            });
        }
    }
    namings
}

/// Whether a denial's `NotPrincipal` lets the one who asks be. It does if it lists who that is. If it lists what that
/// one is of, the account or the role, it does so too; but in AWS's examples, "all principals except the user named
/// Bob" are the list of Bob and of his account: with one of its own beside it, the account is not for the others, nor is
/// the role for its other sessions.
pub(super) fn spares(element: &Value, requester: &Requester) -> bool {
    let listed = match element.get("AWS") {
        Some(entries) => context::values(entries).expect("checked when read"),
        None => Vec::new(),
    };
    let of_account = |entry: &str, account: &str| {
        account_named(entry).is_none() && entry.split(':').nth(4) == Some(account)
    };
    namings(element, requester).into_iter().any(|naming| match (naming, requester) {
        (Naming::Account, Requester::Root { .. }) => true,
        (Naming::Account, _) => {
            let account = requester.account().expect("named by it");
            !listed.iter().any(|entry| of_account(entry, account))
        }
        (Naming::Role, Requester::Session { arn, .. }) => {
            let (role, _) = arn.rsplit_once('/').expect("read as a session's");
            !listed.iter().any(|entry| entry.starts_with(&format!("{role}/")))
        }
        _ => true,
    })
}

fn aws(entry: &str, requester: &Requester) -> Option<Naming> {
    if entry == "*" {
        return Some(Naming::Everyone);
    }
    if let Some(account) = account_named(entry) {
        return (requester.account() == Some(account)).then_some(Naming::Account);
    }
    match requester {
        Requester::User { arn, .. } if arn == entry => Some(Naming::User),
        Requester::Role { arn, .. } if arn == entry => Some(Naming::Role),
        Requester::Session { arn, .. } if arn == entry => Some(Naming::Session),
        Requester::FederatedUser { arn, .. } if arn == entry => Some(Naming::FederatedUser),
        Requester::Session { arn, account, role_name } => {
            is_role(entry, arn, account, role_name).then_some(Naming::Role)
        }
        _ => None,
    }
}

/// The account in `111122223333` or `arn:aws:iam::111122223333:root`.
fn account_named(entry: &str) -> Option<&str> {
    match entry.split(':').collect::<Vec<_>>().as_slice() {
        [account] if is_account(account) => Some(account),
        ["arn", _, "iam", "", account, "root"] => Some(account),
        _ => None,
    }
}

/// Whether an entry is the ARN of that role, whatever its path: a session's ARN does not say the path, and the name
/// alone is unique in an account.
fn is_role(entry: &str, session: &str, account: &str, name: &str) -> bool {
    match entry.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "iam", "", in_account, path] => {
            session.split(':').nth(1) == Some(partition)
                && *in_account == account
                && path.starts_with("role/")
                && path.rsplit('/').next().is_some_and(|last| last == name)
        }
        _ => false,
    }
}

fn service(entry: &str, requester: &Requester) -> Option<Naming> {
    match requester {
        Requester::Service(name) if entry == "*" || entry == name => Some(Naming::Service),
        _ => None,
    }
}

fn federated(entry: &str, requester: &Requester) -> Option<Naming> {
    match requester {
        Requester::Provider(name) if entry == "*" || entry == name => Some(Naming::Provider),
        _ => None,
    }
}
