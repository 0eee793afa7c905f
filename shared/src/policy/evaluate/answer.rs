use std::fmt;

use serde::{Serialize, Serializer};

/// What AWS does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Decision {
    /// It is carried out.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// Nothing denies it, but something that must allow it does not.
    ImplicitlyDenied,
}

/// A decision with what made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The decision.
    pub decision: Decision,
    /// Where the request is allowed, the statements that allow it; where it is denied explicitly, every statement
    /// that does; where implicitly, what would have had to allow it and did not. Empty where AWS asks no policy.
    pub by: Vec<Decider>,
}

/// What made a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decider {
    /// A statement of a policy.
    Statement {
        /// Whose policy.
        slot: Slot,
        /// Which of them; `None` where the slot is for one and has one.
        policy: Option<usize>,
        /// Which statement of it.
        statement: usize,
    },
    /// Policies none of which allows the request, or of which there are none.
    Slot(Slot),
    /// AWS, which keeps the resource to itself, whatever policies say.
    Aws,
}

/// Where policies come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The principal, and its groups.
    Identity,
    /// The principal's permissions boundary.
    Boundary,
    /// The principal's session.
    Session,
    /// The resource.
    Resource,
    /// The VPC endpoint.
    Endpoint,
    /// A level of the organisation that has the principal's account, counted from the root.
    ServiceControl(usize),
    /// A level of the organisation that has the resource's account, counted from the root.
    ResourceControl(usize),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identityPolicies"),
            Self::Boundary => f.write_str("permissionBoundaries"),
            Self::Session => f.write_str("sessionPolicy"),
            Self::Resource => f.write_str("resourcePolicy"),
            Self::Endpoint => f.write_str("endpointPolicies"),
            Self::ServiceControl(level) => write!(f, "serviceControlPolicies[{level}]"),
            Self::ResourceControl(level) => write!(f, "resourceControlPolicies[{level}]"),
        }
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement { slot, policy: Some(policy), statement } => {
                write!(f, "{slot}[{policy}].Statement[{statement}]")
            }
            Self::Statement { slot, policy: None, statement } => write!(f, "{slot}.Statement[{statement}]"),
            Self::Slot(slot) => slot.fmt(f),
            Self::Aws => f.write_str("aws"),
        }
    }
}

impl Serialize for Decider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
