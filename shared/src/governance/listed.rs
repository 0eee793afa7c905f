use std::collections::BTreeSet;

use serde::Serialize;

use super::node::Kind;
use super::place::Place;
use super::principal_pattern::{self, pattern};
use super::problem::Problems;
use crate::identifier::{AccountId, OrganizationId};

/// An entry of `protected` or `breakGlass`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The principal's ARN, in which `*` stands for any characters.
    pub principal: String,
    /// Why it is never changed.
    pub reason: String,
    /// Whether it stands in `breakGlass`.
    pub break_glass: bool,
}

/// An entry of the governance file that leaves a rule next to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TooWide {
    /// The entry, such as `breakGlass[0]`.
    pub entry: String,
    /// Its pattern.
    pub names: String,
    /// Who is never changed by it: see [`Listed::covers`].
    pub protects: &'static str,
}

impl Listed {
    /// Who is never changed by an entry so wide that a rule has next to nobody left: `every user and role`, `every
    /// user` or `every role`.
    pub fn covers(&self) -> Option<&'static str> {
        match principal_pattern::covers(&self.principal) {
            (true, true) => Some("every user and role"),
            (true, false) => Some("every user"),
            (false, true) => Some("every role"),
            (false, false) => None,
        }
    }
}

/// Reads `protected` or `breakGlass`: patterns of principals, with the reason for each.
pub(super) fn read_principals(list: &Place<'_>, break_glass: bool, problems: &mut Problems) -> Vec<Listed> {
    let mut listed = Vec::new();
    for place in list.items(problems).unwrap_or_default() {
        let Some(fields) = place.fields(&["principal", "reason"], problems) else { continue };
        let reason = fields.text("reason", problems);
        let Some(place) = fields.required("principal", problems) else { continue };
        let Some(text) = place.text(problems) else { continue };
        match (pattern(text), reason) {
            (Ok(()), Some(reason)) => {
                listed.push(Listed { principal: text.to_owned(), reason: reason.to_owned(), break_glass });
            }
            (Ok(()), None) => {}
            (Err(what), _) => problems.push(
                place.problem(what, format!("{}; `*` stands for any characters", principal_pattern::EXAMPLE)),
            ),
        }
    }
    listed
}

/// Reads `organization`.
pub(super) fn read_organization(place: &Place<'_>, problems: &mut Problems) -> Option<OrganizationId> {
    match OrganizationId::parse(place.text(problems)?) {
        Ok(organization) => Some(organization),
        Err(error) => {
            let advice = "`aws organizations describe-organization` tells it";
            problems.push(place.problem(error.to_string(), advice));
            None
        }
    }
}

/// Reads `trustedAccounts`. The name beside each account is for those who read the file.
pub(super) fn read_accounts(list: &Place<'_>, problems: &mut Problems) -> BTreeSet<AccountId> {
    let mut accounts = BTreeSet::new();
    for place in list.items(problems).unwrap_or_default() {
        let Some(fields) = place.fields(&["account", "name"], problems) else { continue };
        fields.text("name", problems);
        let Some(place) = fields.required("account", problems) else { continue };
        let Some(account) = read_account(place, problems) else { continue };
        if let Some(twin) = accounts.replace(account) {
            problems.push(place.problem(format!("`{twin}` is listed twice"), "keep one of the two"));
        }
    }
    accounts
}

fn read_account(place: &Place<'_>, problems: &mut Problems) -> Option<AccountId> {
    if let Kind::Number(_) | Kind::OddNumber { .. } = place.node.kind {
        problems.push(place.problem(
            "the account id is written as a number, which loses leading zeros",
            "write all twelve digits in quotes, as `\"012345678901\"`",
        ));
        return None;
    }
    match AccountId::parse(place.text(problems)?) {
        Ok(account) => Some(account),
        Err(error) => {
            problems.push(place.problem(error.to_string(), "write all twelve digits in quotes"));
            None
        }
    }
}
