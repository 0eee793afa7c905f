use std::fmt;

use serde::{Serialize, Serializer};

use super::{Place, PolicyKind};

/// Why IAM would not take a policy: each fault with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Malformed {
    /// The faults, in the order of the document; at least one.
    pub faults: Vec<Fault>,
}

impl Malformed {
    pub(super) fn one(at: Place, why: Why) -> Self {
        Self { faults: vec![Fault { at, why }] }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Malformed {}

/// One fault of a policy. The policy's own text is shown only as far as the fault needs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{at}: {why}")]
pub struct Fault {
    /// Where.
    pub at: Place,
    /// Why IAM refuses it.
    #[serde(rename = "message")]
    pub why: Why,
}

/// Why IAM refuses a part of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The text is no JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// The document is not even text.
    #[error("{0}")]
    NotADocument(String),
    /// Another kind of value was expected.
    #[error("is {found}; expected {expected}")]
    WrongType {
        /// What stands there, with its article.
        found: &'static str,
        /// What should.
        expected: &'static str,
    },
    /// The key stands twice: which one counts is not ours to guess.
    #[error("stands twice; keep one")]
    Duplicate,
    /// The language has no such element.
    #[error("is no element of the policy language")]
    UnknownElement,
    /// A required element is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An element and its `Not…` form exclude each other.
    #[error("has both `{0}` and `Not{0}`; keep one")]
    Both(&'static str),
    /// Policies of this kind have no such element.
    #[error("{0} has no such element")]
    Prohibited(PolicyKind),
    /// Neither of the two versions.
    #[error("is no version of the policy language; expected `2012-10-17` or `2008-10-17`")]
    UnknownVersion,
    /// Neither `Allow` nor `Deny`, letter for letter.
    #[error("is no effect; expected `Allow` or `Deny`")]
    UnknownEffect,
    /// Neither `*` nor `service:name`.
    #[error("`{0}` is no action; expected `*` or `service:name`")]
    NotAnAction(String),
    /// Neither `*` nor an ARN.
    #[error("`{0}` is no resource; expected `*` or an ARN")]
    NotAResource(String),
    /// No form of principal.
    #[error(
        "`{0}` is no principal; expected `*`, an account id, or the ARN of a user, role or session without wildcards"
    )]
    NotAPrincipal(String),
    /// A principal outside the object in which it must stand.
    #[error("`{0}` stands alone, which only `*` may; write `{{\"AWS\": …}}`")]
    BarePrincipal(String),
    /// No kind of principal.
    #[error("is no kind of principal; expected `AWS`, `Service`, `Federated` or `CanonicalUser`")]
    UnknownPrincipalKind,
    /// No condition operator.
    #[error("is no condition operator")]
    UnknownOperator,
    /// A condition key without a name.
    #[error("a condition key must not be empty")]
    EmptyConditionKey,
    /// A statement id with other characters than letters and digits.
    #[error("a statement id may hold letters and digits only")]
    SidCharacters,
    /// Two statements with the same id.
    #[error("another statement has this id; ids must be unique in a policy")]
    DuplicateSid,
}

impl Why {
    /// Whether it is clear what the policy says all the same: a principal where the policy's owner is the principal
    /// is left out; a statement that must name one and does not speaks to nobody; a name without its object is that
    /// name; what is no action or resource matches none; and a statement's id means nothing.
    pub fn leaves_meaning(&self) -> bool {
        match self {
            Self::Prohibited(_)
            | Self::Missing("Principal")
            | Self::BarePrincipal(_)
            | Self::NotAnAction(_)
            | Self::NotAResource(_)
            | Self::SidCharacters
            | Self::DuplicateSid => true,
            Self::NotJson(_)
            | Self::NotADocument(_)
            | Self::WrongType { .. }
            | Self::Duplicate
            | Self::UnknownElement
            | Self::Missing(_)
            | Self::Both(_)
            | Self::UnknownVersion
            | Self::UnknownEffect
            | Self::NotAPrincipal(_)
            | Self::UnknownPrincipalKind
            | Self::UnknownOperator
            | Self::EmptyConditionKey => false,
        }
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
