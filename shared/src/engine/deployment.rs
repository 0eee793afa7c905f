use jiff::Timestamp;

use crate::governance::Governance;
use crate::identifier::{AccountId, Arn};
use crate::remedy::Protected;
use crate::rules::Context;

/// This deployment: the account it governs and what its template named.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The account it governs.
    pub account: AccountId,
    /// Its stack's name.
    pub stack: String,
    /// Its managed deny-all policy.
    pub quarantine_policy: Arn,
}

impl Deployment {
    /// What judging and planning draw on.
    pub fn context(&self, at: Timestamp) -> Context {
        Context { quarantine_policy: self.quarantine_policy.clone(), at }
    }

    /// Who is never changed.
    pub fn protected(&self, governance: &Governance) -> Protected {
        Protected { account: self.account.clone(), stack: self.stack.clone(), listed: governance.protected() }
    }
}
