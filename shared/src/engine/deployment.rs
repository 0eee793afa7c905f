use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::{EngineError, Function};
use crate::event::{ConfigRuleInvocation, Ours, ScheduledEvent};
use crate::facts::AccountIdentity;
use crate::governance::Governance;
use crate::identifier::{AccountId, Arn};
use crate::remedy::{Protected, is_quarantine_name};
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
    pub fn context(&self, governance: &Governance, at: Timestamp) -> Context {
        Context {
            quarantine_policy: self.quarantine_policy.clone(),
            organization: governance.organization().cloned(),
            trusted: Arc::clone(governance.trusted()),
            used_up: BTreeSet::new(),
            at,
        }
    }

    /// The account it governs, in the partition it is deployed in.
    pub(super) fn identity(&self) -> Result<AccountIdentity, EngineError> {
        AccountIdentity::new(&self.account, self.quarantine_policy.partition_name())
            .map_err(|error| EngineError::Permanent(error.to_string()))
    }

    /// Refuses a Config rule's invocation that is not about this account. An organisation's rule invokes the
    /// function of its management account for every member, under the member's `accountId`; Bailiff has a stack in
    /// each account instead.
    pub(super) fn check_invocation(&self, invocation: &ConfigRuleInvocation) -> Result<(), EngineError> {
        self.check_account("`accountId`", &invocation.account)?;
        match invocation.notification.account() {
            Some(account) => self.check_account("`awsAccountId` in `invokingEvent`", account),
            None => Ok(()),
        }
    }

    /// Refuses another account's schedule: it would sweep this one.
    pub(super) fn check_schedule(&self, event: &ScheduledEvent) -> Result<(), EngineError> {
        self.check_account("`account`", &event.account)
    }

    pub(super) fn check_account(&self, field: &str, account: &AccountId) -> Result<(), EngineError> {
        if *account == self.account {
            return Ok(());
        }
        Err(EngineError::Permanent(format!(
            "{field} is {account}, and this deployment governs {} alone; deploy a stack in {account}, and point its \
             rules and schedules there",
            self.account
        )))
    }

    /// What belongs to it, for whoever reads what CloudTrail tells.
    pub fn ours(&self) -> Ours {
        Ours {
            account: self.account.clone(),
            stack: self.stack.clone(),
            roles: Function::all().map(|function| format!("{}-{function}", self.stack)).collect(),
            quarantine_policy: self.quarantine_policy.clone(),
            is_quarantine_name,
        }
    }

    /// Who is never changed.
    pub fn protected(&self, governance: &Governance) -> Protected {
        Protected { account: self.account.clone(), stack: self.stack.clone(), listed: governance.protected() }
    }
}
