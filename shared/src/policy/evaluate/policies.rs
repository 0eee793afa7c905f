use std::borrow::Cow;

use crate::policy::Policy;

/// The policies that have a say in a request. What is empty was not given and limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies<'a> {
    /// Those of the principal, and of its groups.
    pub identity: Vec<Cow<'a, Policy>>,
    /// The principal's permissions boundary.
    pub boundaries: Vec<Cow<'a, Policy>>,
    /// Those handed over when the principal's session began.
    pub session: Vec<Cow<'a, Policy>>,
    /// That of the resource: a bucket's, a key's, a role's trust policy.
    pub resource: Vec<Cow<'a, Policy>>,
    /// Those of the VPC endpoint through which the request comes.
    pub endpoint: Vec<Cow<'a, Policy>>,
    /// The service control policies, a list for each level from the root to the principal's account.
    pub service_control: Vec<Vec<Cow<'a, Policy>>>,
    /// The resource control policies, a list for each level from the root to the resource's account.
    pub resource_control: Vec<Vec<Cow<'a, Policy>>>,
}
