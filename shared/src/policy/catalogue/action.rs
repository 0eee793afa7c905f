use std::fmt;

use super::AccessLevel;

/// An action of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub(super) service: &'static str,
    pub(super) name: &'static str,
    pub(super) level: AccessLevel,
    /// The names of the resource types it takes, with commas between them; a star after those it must have.
    pub(super) takes: &'static str,
}

impl Action {
    /// The prefix of its service: `iam`.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Its name without the service, in AWS's letter case: `PassRole`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What kind of access it gives.
    pub fn access_level(&self) -> AccessLevel {
        self.level
    }

    /// The resource types it can be allowed on. If there are none, it can only be allowed on `*`.
    pub fn resource_types(&self) -> impl Iterator<Item = TakenType> + use<> {
        self.takes.split(',').filter(|name| !name.is_empty()).map(|name| match name.strip_suffix('*') {
            Some(name) => TakenType { name, required: true },
            None => TakenType { name, required: false },
        })
    }
}

/// As it stands in a policy: `iam:PassRole`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

/// A resource type that an action takes. Its service describes it: see `Service::resource_types`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenType {
    /// The type's name in AWS's reference: `role`.
    pub name: &'static str,
    /// Whether a request always names one. AWS marks it with a star.
    pub required: bool,
}
