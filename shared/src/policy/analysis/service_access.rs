use std::collections::BTreeSet;

use super::index::Survey;
use super::{Circumstances, Permissions};

impl Permissions<'_> {
    /// The services in which everything is allowed on every resource, in lower case and order; `*` alone where every
    /// action of every service is, or so nearly that the principal is an administrator without naming a service.
    ///
    /// Only services that a statement names: all but a few of them (`NotAction`) would be a list as long as AWS's
    /// and out of date. Ask [`Permissions::has_full_access`] about such a one.
    pub fn full_access(&self, known: &Circumstances<'_>) -> Vec<String> {
        let survey = self.survey();
        self.full_access_by(&survey, known, self.is_admin_by(&survey, known))
    }

    /// The same, where it is known already whether the principal is an administrator.
    pub(super) fn full_access_by(
        &self,
        survey: &Survey<'_>,
        known: &Circumstances<'_>,
        admin: bool,
    ) -> Vec<String> {
        let named: BTreeSet<String> =
            survey.whole.iter().map(|service| service.to_ascii_lowercase()).collect();
        if admin && (named.is_empty() || self.may_do_everything(known)) {
            return vec!["*".to_owned()];
        }
        named.into_iter().filter(|service| self.has_full_access(service, known)).collect()
    }
}
