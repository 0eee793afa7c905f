use std::borrow::Cow;

use super::TrustContext;
use crate::identifier::AccountId;
use crate::policy::glob::{self, Case};
use crate::policy::{Comparison, Version};

/// Stands for a `*` or `?` that is meant literally; no identity has one.
const LITERAL_WILDCARD: char = '\u{fffd}';
/// The role's own account where nobody told it: nobody else's.
const OWN_ACCOUNT: &str = "000000000000";
/// The role's own organisation where nobody told it.
const OWN_ORGANIZATION: &str = "o-0000000000";

/// One value that a condition expects, its variables replaced as far as the policy alone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected<'a> {
    text: Cow<'a, str>,
    /// Whether `*` and `?` are wildcards.
    wild: bool,
    case: Case,
    /// Whether it matches nothing: a `*` under an operator that takes it literally.
    impossible: bool,
    own: bool,
}

impl<'a> Expected<'a> {
    pub(super) fn new(
        text: &'a str,
        comparison: Comparison,
        version: Version,
        context: &TrustContext,
    ) -> Self {
        let exact = is_exact(comparison);
        let case = match comparison.positive() {
            Comparison::StringEqualsIgnoreCase => Case::Ignored,
            _ => Case::Counts,
        };
        let resolved = if version.has_variables() && text.contains("${") {
            resolve(text, exact, context)
        } else {
            Resolved { text: Cow::Borrowed(text), variable: false, own: false }
        };
        let impossible = exact && !resolved.variable && resolved.text.contains('*');
        Self { text: resolved.text, wild: !exact || resolved.variable, case, impossible, own: resolved.own }
    }

    pub(super) fn fixed(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), wild: false, case: Case::Counts, impossible: false, own: false }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether no request has it.
    pub(super) fn is_impossible(&self) -> bool {
        self.impossible
    }

    /// Whether it names the role's own account or organisation by a variable.
    pub(super) fn is_own(&self) -> bool {
        self.own
    }

    /// Whether exactly one text matches.
    pub(super) fn is_literal(&self) -> bool {
        !self.impossible && self.head().len() == self.text.len()
    }

    pub(super) fn is_everything(&self) -> bool {
        self.wild && glob::is_everything(&self.text)
    }

    /// What stands before the first wildcard.
    pub(super) fn head(&self) -> &str {
        if self.wild { self.text.split(['*', '?']).next().unwrap_or_default() } else { &self.text }
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        if self.wild {
            glob::matches(&self.text, value, self.case)
        } else {
            match self.case {
                Case::Counts => self.text == value,
                Case::Ignored => self.text.eq_ignore_ascii_case(value),
            }
        }
    }

    /// Whether it matches some text that a pattern describes.
    pub(super) fn overlaps(&self, pattern: &str) -> bool {
        if self.wild {
            glob::overlap(&self.text, pattern, self.case)
        } else {
            glob::matches(pattern, &self.text, self.case)
        }
    }

    /// The account of an ARN, if nothing but ARNs of that one account match. Partition, service and Region may be
    /// open.
    pub(super) fn arn_account(&self) -> Option<AccountId> {
        let mut parts = self.text.splitn(6, ':');
        (parts.next() == Some("arn")).then_some(())?;
        let account = parts.nth(3)?;
        parts.next()?;
        AccountId::parse(account).ok()
    }

    /// The organisation, if nothing but that organisation, or paths within it, match.
    pub(super) fn organization(&self) -> Option<&str> {
        let (organization, within) = match self.text.split_once('/') {
            Some((organization, _)) => (organization, true),
            None => (self.text.as_ref(), false),
        };
        let complete = if within { self.head().len() > organization.len() } else { self.is_literal() };
        (complete && !self.impossible).then_some(organization)
    }
}

struct Resolved<'a> {
    text: Cow<'a, str>,
    /// Whether a variable was left that may stand for anything.
    variable: bool,
    own: bool,
}

fn resolve<'a>(text: &'a str, exact: bool, context: &TrustContext) -> Resolved<'a> {
    let literal = |text: &str| if exact { text.replace(['*', '?'], "\u{fffd}") } else { text.to_owned() };
    let (mut resolved, mut variable, mut own, mut rest) = (String::new(), false, false, text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inner, after)) = after.split_once('}') else { break };
        resolved.push_str(&literal(before));
        let name = inner.split(',').next().unwrap_or_default().trim();
        match name.to_ascii_lowercase().as_str() {
            "*" | "?" => resolved.push(LITERAL_WILDCARD),
            "$" => resolved.push('$'),
            "aws:resourceaccount" => {
                own = true;
                resolved.push_str(context.account.as_ref().map_or(OWN_ACCOUNT, AccountId::as_str));
            }
            "aws:resourceorgid" => {
                own = true;
                resolved.push_str(own_organization(context));
            }
            "aws:resourceorgpaths" => {
                own = true;
                resolved.push_str(own_organization(context));
                resolved.push_str("/r-0000/");
            }
            _ => {
                variable = true;
                resolved.push('*');
            }
        }
        rest = after;
    }
    resolved.push_str(&if variable { literal(rest) } else { rest.to_owned() });
    Resolved { text: Cow::Owned(resolved), variable, own }
}

fn own_organization(context: &TrustContext) -> &str {
    context.organization.as_ref().map_or(OWN_ORGANIZATION, |organization| organization.as_str())
}

/// Whether an operator takes wildcards literally.
fn is_exact(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::StringEquals
            | Comparison::StringNotEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEqualsIgnoreCase
    )
}
