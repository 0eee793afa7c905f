//! AWS's actions, with their access levels and the resource types they take.
//!
//! What a pattern such as `s3:Get*` covers today, for people to read. A catalogue goes stale: AWS adds actions
//! every week and takes retired services out of its reference. So nothing is judged by it. What is dangerous is a
//! small set of actions known by name, and a policy's patterns are matched against those; whether this catalogue has
//! them makes no difference. A service or an action that is missing here is an answer like any other, never a
//! failure and never "harmless".
//!
//! The text is a megabyte, and only a program that calls [`Catalogue::bundled`] carries it: the linker leaves it out
//! of the others. Rules must not call it, or every function would carry it.

mod access_level;
mod action;
mod bundled;
mod service;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub use access_level::AccessLevel;
pub use action::{Action, TakenType};
pub use service::{ResourceType, Service};

use super::ActionPattern;
use super::glob::{self, Case};

/// The services that AWS's service authorization reference lists, and their actions, as of one day.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>,
/// by way of the package that `data/actions/aws.txt` names.
#[derive(Debug)]
pub struct Catalogue {
    dated: Date,
    /// In order of their prefixes.
    services: Vec<Service>,
}

impl Catalogue {
    /// The day on which the data were last found to differ from AWS's reference.
    pub fn dated(&self) -> Date {
        self.dated
    }

    /// Whether the data are more than so many days old.
    pub fn is_stale(&self, on: Date, after_days: u16) -> bool {
        on.duration_since(self.dated).as_hours() / 24 > i64::from(after_days)
    }

    /// Every service, in order of prefix.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service with this prefix, in any letter case.
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let at = self
            .services
            .binary_search_by(|service| without_case(service.prefix()).cmp(without_case(prefix)));
        self.services.get(at.ok()?)
    }

    /// The action with this name, such as `iam:PassRole`, in any letter case. A `*` or `?` is no wildcard here.
    pub fn action(&self, name: &str) -> Option<&Action> {
        let (prefix, name) = name.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// The actions that a pattern covers, in order of service and name.
    pub fn matching<'a>(&'a self, pattern: &'a ActionPattern) -> impl Iterator<Item = &'a Action> {
        let of = |pattern: &'a str| move |name: &str| glob::matches(pattern, name, Case::Ignored);
        let (service_matches, name_matches) = (of(pattern.service()), of(pattern.name()));
        let services = self.services.iter().filter(move |service| service_matches(service.prefix()));
        services.flat_map(Service::actions).filter(move |action| name_matches(action.name()))
    }
}

/// The bytes of a name as they are compared and ordered.
fn without_case(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}
