use super::Deployment;
use crate::facts::Resource;
use crate::governance::Governance;
use crate::identifier::Arn;
use crate::remedy::{Protected, Refusal, Remediator, Step, check_step, is_denied_by};

/// What each step must pass, when it is planned and again just before it is written.
pub(super) struct Guards {
    protected: Protected,
    quarantine: Arn,
}

impl Guards {
    pub(super) fn of(deployment: &Deployment, governance: &Governance) -> Self {
        Self { protected: deployment.protected(governance), quarantine: deployment.quarantine_policy.clone() }
    }

    /// Why the function must not run the step, if it must not.
    pub(super) fn against(&self, step: &Step, remediator: Remediator) -> Option<Refusal> {
        match self.protected.step_reason(step) {
            Some(reason) => Some(Refusal::Protected { reason }),
            None => check_step(step, remediator, &self.quarantine).err(),
        }
    }

    /// Why the step must not run as things stand now: who is protected by path may have been moved there since it was
    /// planned, and so may whoever has what the step takes.
    pub(super) fn against_live(&self, step: &Step, live: &Resource) -> Option<Refusal> {
        let moved = self.protected.reason(&live.identity()).map(|reason| Refusal::Protected { reason });
        moved.or_else(|| self.against_holders(step, live))
    }

    /// Why nobody may be marked as quarantined as things stand now, if nobody may: they are not denied everything, and where
    /// the organisation's policies know the mark, people could not deny it by hand.
    pub(super) fn against_mark(&self, live: &Resource) -> Option<Refusal> {
        match is_denied_by(live, &self.quarantine) {
            Ok(true) => None,
            Ok(false) => Some(Refusal::NotDenied { deny: "deny everything".to_owned() }),
            Err(unread) => Some(Refusal::UnknownFact { unread }),
        }
    }

    /// Why nothing may be taken from those who have this policy or are in this group, if it may not. Where nobody knows
    /// who they are, any of them might be protected.
    pub(super) fn against_holders(&self, step: &Step, live: &Resource) -> Option<Refusal> {
        if !step.takes_from_holders() {
            return None;
        }
        match live.holders()?.known() {
            Err(unread) => Some(Refusal::UnknownFact { unread: unread.clone() }),
            Ok(holders) => {
                let reason = self.protected.holder_reason(holders?)?;
                Some(Refusal::Protected { reason })
            }
        }
    }
}
