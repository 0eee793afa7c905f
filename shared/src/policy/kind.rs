use std::fmt;

/// What a policy is attached to, hence what its statements must and must not have.
///
/// Source: IAM User Guide, "Policies and permissions in AWS Identity and Access Management", and the grammar of the
/// policy language; AWS Organizations User Guide for the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// A policy of a user, group or role, managed or inline.
    Identity,
    /// A managed policy that caps a user or role.
    PermissionsBoundary,
    /// A policy handed over when a session begins.
    Session,
    /// A role's trust policy.
    Trust,
    /// A policy of another resource, such as a bucket or a key.
    Resource,
    /// A policy of a VPC endpoint.
    VpcEndpoint,
    /// A service control policy (SCP).
    ServiceControl,
    /// A resource control policy (RCP).
    ResourceControl,
}

/// Whether statements have an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Forbidden,
}

impl PolicyKind {
    pub(super) fn principal(self) -> Presence {
        match self {
            Self::Identity | Self::PermissionsBoundary | Self::Session | Self::ServiceControl => {
                Presence::Forbidden
            }
            Self::Trust | Self::Resource | Self::VpcEndpoint | Self::ResourceControl => Presence::Required,
        }
    }

    pub(super) fn resource(self) -> Presence {
        match self {
            Self::Trust => Presence::Forbidden,
            // Some services have policies whose resource goes without saying.
            Self::Resource | Self::VpcEndpoint => Presence::Optional,
            _ => Presence::Required,
        }
    }

    /// Whether the resource must be `*` or begin as an ARN does. What other services take is theirs to say.
    pub(super) fn resource_is_arn(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary | Self::Session)
    }

    /// Whether a statement's id must be letters and digits alone. Other services allow more.
    pub(super) fn sid_is_alphanumeric(self) -> bool {
        matches!(self, Self::Identity | Self::PermissionsBoundary | Self::Session | Self::Trust)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "an identity policy",
            Self::PermissionsBoundary => "a permissions boundary",
            Self::Session => "a session policy",
            Self::Trust => "a trust policy",
            Self::Resource => "a resource policy",
            Self::VpcEndpoint => "a VPC endpoint policy",
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
        })
    }
}
