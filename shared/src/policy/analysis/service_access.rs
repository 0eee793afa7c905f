use std::collections::BTreeSet;

use super::admin::CORE;
use super::index::Survey;
use super::{Circumstances, Permissions};

impl Permissions<'_> {
    /// The services in which everything is allowed on every resource, in lower case and order; `*` alone where every
    /// action of every service is, or so nearly that the principal is an administrator without naming a service.
    ///
    /// Of services that no statement names (`NotAction`) only those that make up an account: all of AWS's would be a
    /// list that is out of date. Ask [`Permissions::has_full_access`] about another one.
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
        if admin && (survey.whole.is_empty() || self.may_do_everything(known)) {
            return vec!["*".to_owned()];
        }
        let named = survey.whole.iter().map(|service| service.to_ascii_lowercase());
        let core = if survey.any_service { CORE } else { &[] };
        let candidates: BTreeSet<String> = named.chain(core.iter().map(|it| (*it).to_owned())).collect();
        candidates.into_iter().filter(|service| self.has_full_access(service, known)).collect()
    }
}
