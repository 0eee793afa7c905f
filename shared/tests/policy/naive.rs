//! A second evaluator of policy requests, written apart from the real one and for obviousness only: it walks the JSON,
//! keeps every value as text, and has one function for each sentence of the semantics. Where it is slow, it is meant to.

mod compare;
mod condition;
mod context;
mod decision;
mod document;
mod element;
mod glob;
mod request;
mod requester;
mod statement;
mod variable;

use std::fmt;

use serde_json::Value;

/// What a request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Decision {
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
}

/// A request that is not answered, because it or one of its policies is not acceptable, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) String);

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.0)
    }
}

/// Reads the request, then every policy of it, whether or not it will matter, and only then decides.
pub(crate) fn decide(request: &Value) -> Result<Decision, Refused> {
    Ok(answer(request)?.0)
}

/// The decision, with that for which IAM would refuse policies that are clear all the same.
pub(crate) fn answer(request: &Value) -> Result<(Decision, Vec<String>), Refused> {
    let request = request::read(request)?;
    Ok((decision::decide(&request), request.faults))
}

/// Which rules a request falls under; for measuring what the generator makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Neither a user nor a role asks: anonymous, a service, a federated provider.
    WithoutIdentity,
    Trust,
    Kms,
    CrossAccount,
    OwnRoot,
    SameAccount,
}

/// The kind of a request that is not refused.
pub(crate) fn kind(request: &Value) -> Result<Kind, Refused> {
    Ok(decision::kind(&request::read(request)?))
}

pub(crate) fn refuse<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused(why.into()))
}
