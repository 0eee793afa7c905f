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
mod glob;
mod service;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub use access_level::AccessLevel;
pub use action::{Action, TakenType};
pub use service::{ResourceType, Service};

use glob::{Glob, without_case};

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

    /// The actions that a policy's `Action` element covers, in any letter case, in order of service and name.
    ///
    /// `*` stands for any characters, `?` for one, in the service's prefix as in the action's name. Without a colon,
    /// only stars alone match anything.
    ///
    /// It takes time in proportion to the length of the pattern and of the names it is held against, which are
    /// those that begin like it up to its first wildcard.
    pub fn matching(&self, pattern: &str) -> impl Iterator<Item = &Action> + use<'_> {
        let pattern = match pattern.split_once(':') {
            Some((prefix, name)) => Some((Glob::new(prefix), Glob::new(name))),
            None if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') => {
                Some((Glob::new("*"), Glob::new("*")))
            }
            None => None,
        };
        pattern.into_iter().flat_map(|(prefix, name)| {
            let services = prefix.select(&self.services, Service::prefix);
            services.flat_map(move |service| name.clone().select(service.actions(), Action::name))
        })
    }
}
