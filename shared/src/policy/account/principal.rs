use super::details::ManagedId;
use super::document::DocumentId;
use crate::identifier::{AccountId, Arn};
use crate::policy::Policy;

/// A user, group or role of the account.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) kind: Kind,
    pub(super) arn: Arn,
    /// The account it lives in.
    pub(super) account: Option<AccountId>,
    /// Its place in the account; the member of a group in general has none.
    pub(super) place: Option<usize>,
    pub(super) unique_id: Option<String>,
    /// Its own policies, inline and attached, as far as they can be read; not those of its groups.
    pub(super) policies: Vec<DocumentId>,
    /// The managed policies attached to it, readable or not.
    pub(super) attached: Vec<ManagedId>,
    pub(super) groups: Vec<PrincipalId>,
    pub(super) boundary: Option<Boundary>,
    pub(super) tags: Vec<(String, String)>,
    /// Who may assume it; a role whose trust policy cannot be read has none.
    pub(super) trust: Option<Policy>,
    /// The services of known paths to administrator that may assume it.
    pub(super) services: Vec<&'static str>,
    /// The instance profiles it is in.
    pub(super) instance_profiles: Vec<String>,
    /// Whether a service has made it for itself: nobody but the service assumes it, and nobody can change it.
    ///
    /// Source: IAM User Guide, "Service-linked roles": path `aws-service-role/`.
    pub(super) is_service_linked: bool,
    /// Whether IAM lets only AWS change it, as it does service-linked roles and those of Identity Center.
    ///
    /// Source: IAM Identity Center User Guide, "IAM roles created by IAM Identity Center": path `aws-reserved/`.
    pub(super) is_reserved: bool,
    /// What could not be read of it.
    pub(super) errors: Vec<String>,
}

/// What kind of principal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    User,
    Group,
    Role,
    /// Any user in a group, whoever it is: a group itself does nothing.
    Member,
}

/// A permissions boundary.
#[derive(Debug)]
pub(super) struct Boundary {
    /// None where it is not told.
    pub(super) arn: Option<String>,
    pub(super) managed: Option<ManagedId>,
    /// What it says, where that is known.
    pub(super) document: Option<DocumentId>,
}

/// A principal's place in [`AccountDetails::principals`](super::details::AccountDetails).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PrincipalId(usize);

impl PrincipalId {
    pub(super) fn new(index: usize) -> Self {
        Self(index)
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

impl Principal {
    pub(super) fn new(kind: Kind, arn: Arn) -> Self {
        Self {
            kind,
            account: arn.account(),
            is_service_linked: kind == Kind::Role && arn.resource().starts_with("role/aws-service-role/"),
            is_reserved: kind == Kind::Role
                && ["role/aws-service-role/", "role/aws-reserved/"]
                    .iter()
                    .any(|path| arn.resource().starts_with(path)),
            arn,
            place: None,
            unique_id: None,
            policies: Vec::new(),
            attached: Vec::new(),
            groups: Vec::new(),
            boundary: None,
            tags: Vec::new(),
            trust: None,
            services: Vec::new(),
            instance_profiles: Vec::new(),
            errors: Vec::new(),
        }
    }
}
