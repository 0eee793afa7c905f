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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn};
    use crate::identifier::AccountId;
    use crate::remedy::ProtectedReason;
    use crate::remedy::Remediator::{DeactivateAccessKeys, Restore, SuspendPrincipal};

    fn guards(governance: &str) -> Guards {
        let deployment = Deployment {
            account: AccountId::parse("111122223333").unwrap(),
            stack: "bailiff".to_owned(),
            quarantine_policy: arn(QUARANTINE),
        };
        Guards::of(&deployment, &Governance::parse(governance).unwrap())
    }

    #[test]
    fn no_step_passes_that_is_about_whom_nobody_may_change_or_that_the_function_may_not_make() {
        let user = || alice().identity;
        let key_off = alice().deactivate('A');
        let attach = |policy: &str| Step::AttachUserPolicy { user: user(), policy: arn(policy) };
        let detach = |policy: &str| Step::DetachUserPolicy { user: user(), policy: arn(policy) };
        let free = guards("version: 1\n");
        assert_eq!(free.against(&key_off, DeactivateAccessKeys), None);
        assert_eq!(free.against(&attach(QUARANTINE), SuspendPrincipal), None);

        let listed = guards(
            "version: 1\nprotected: [{ principal: 'arn:aws:iam::111122223333:user/alice', reason: r }]\n",
        );
        for step in [key_off, attach(QUARANTINE)] {
            let reason = ProtectedReason::Listed("r".to_owned());
            assert_eq!(listed.against(&step, SuspendPrincipal), Some(Refusal::Protected { reason }));
        }
        let aws_s = detach("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3");
        let reason = ProtectedReason::AwsQuarantinePolicy;
        assert_eq!(free.against(&aws_s, Restore), Some(Refusal::Protected { reason }));
        // A write that is another function's, and a policy that gives.
        let gives = attach("arn:aws:iam::aws:policy/AdministratorAccess");
        for (step, remediator) in [(attach(QUARANTINE), DeactivateAccessKeys), (gives, SuspendPrincipal)] {
            let refusal = free.against(&step, remediator);
            assert!(
                matches!(&refusal, Some(Refusal::OutsideRemit { .. } | Refusal::NotCredible { .. })),
                "{refusal:?}"
            );
        }
    }
}
