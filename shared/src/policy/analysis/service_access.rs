use std::collections::BTreeSet;

use super::Permissions;
use crate::policy::glob;
use crate::policy::{ActionPattern, Effect};

impl Permissions<'_> {
    /// The services in which everything is allowed on every resource, in lower case and order; `*` alone where every
    /// action of every service is, or so nearly that the principal is an administrator without naming a service.
    ///
    /// Only services that a statement names: all but a few of them (`NotAction`) would be a list as long as AWS's
    /// and out of date. Ask [`Permissions::has_full_access`] about such a one.
    pub fn full_access(&self) -> Vec<String> {
        let named: BTreeSet<String> = self
            .statements()
            .filter(|(_, _, statement)| statement.effect == Effect::Allow && !statement.action.negated)
            .flat_map(|(_, _, statement)| &statement.action.entries)
            .filter_map(whole_service)
            .map(str::to_ascii_lowercase)
            .collect();
        if self.is_admin() && (named.is_empty() || self.may_do_everything()) {
            return vec!["*".to_owned()];
        }
        named.into_iter().filter(|service| self.has_full_access(service)).collect()
    }
}

/// The service of which a pattern is every action, if it is of one.
pub(super) fn whole_service(pattern: &ActionPattern) -> Option<&str> {
    let every = pattern.name().strip_prefix('?').unwrap_or(pattern.name());
    (glob::is_everything(every) && !pattern.service().contains(['*', '?'])).then(|| pattern.service())
}
