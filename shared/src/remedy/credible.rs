//! What may be believed of an entry by what it says. Whoever may write into the journal's table could otherwise have the
//! functions that write to IAM do whatever their roles allow. Whether it is Bailiff's at all, [`super::chain`] tells.

use std::collections::BTreeSet;

use super::mark::is_the_mark;
use super::{Cause, Entry, Refusal, Remediator, SCHEMA, Status, Step, StepResult};
use crate::facts::{AccountIdentity, PasswordPolicy, ResourceIdentity, denies_alone};
use crate::identifier::{AccountId, Arn};
use crate::policy::restrict::is_narrower;
use crate::policy::{Effect, Policy, PolicyDocument, PolicyKind, is_no_wider};

/// Refuses a step that no plan of this function holds: by the write it makes, or by what it would write. Only an undo
/// gives anything; all others may do no more than deny and take away.
pub fn check_step(step: &Step, remediator: Remediator, quarantine: &Arn) -> Result<(), Refusal> {
    if !remediator.writes().contains(&step.write()) {
        return Err(Refusal::OutsideRemit { step: step.to_string(), remediator });
    }
    let only_restricts = match step {
        // No tag but this one is ever set or taken, not even by an undo.
        Step::TagUser { tag, value, .. } | Step::TagRole { tag, value, .. } => is_the_mark(tag, value),
        Step::UntagUser { tag, value, .. } | Step::UntagRole { tag, value, .. } => {
            remediator == Remediator::Restore && is_the_mark(tag, value)
        }
        _ if remediator == Remediator::Restore => true,
        Step::PutUserPolicy { document, .. } | Step::PutRolePolicy { document, .. } => only_denies(document),
        Step::AttachUserPolicy { policy, .. } | Step::AttachRolePolicy { policy, .. } => policy == quarantine,
        Step::PutUserPermissionsBoundary { boundary, .. }
        | Step::PutRolePermissionsBoundary { boundary, .. } => boundary == quarantine,
        Step::UpdateAssumeRolePolicy { document, replaces, .. } => is_narrower(document, replaces),
        Step::UpdateRoleMaxSessionDuration { seconds, replaces, .. } => seconds < replaces,
        Step::CreatePolicyVersion { document, prior: replaces, .. }
        | Step::SetDefaultPolicyVersion { document, replaces, .. } => is_no_wider(document, replaces),
        Step::UpdateAccountPasswordPolicy { policy, replaces, .. } => {
            policy.shortfalls(&replaces.unwrap_or(PasswordPolicy::IN_PLACE_OF_NONE)).is_empty()
        }
        // What AWS or this deployment denies somebody with gives, taken off.
        Step::DetachUserPolicy { policy, .. }
        | Step::DetachRolePolicy { policy, .. }
        | Step::DetachGroupPolicy { policy, .. }
            if remediator == Remediator::RestrictPolicy =>
        {
            policy != quarantine && !denies_alone(policy)
        }
        // Only where Bailiff itself switched it off: that is looked up before it is written.
        Step::DeleteAccessKey { .. } => remediator == Remediator::DeleteAccessKeys,
        Step::DeactivateAccessKey { .. }
        | Step::DeactivateCredential { .. }
        | Step::DeleteUserPolicy { .. }
        | Step::DetachUserPolicy { .. }
        | Step::DeleteLoginProfile { .. } => true,
        Step::ActivateAccessKey { .. }
        | Step::ActivateCredential { .. }
        | Step::DeleteUserPermissionsBoundary { .. }
        | Step::DeleteRolePolicy { .. }
        | Step::DetachRolePolicy { .. }
        | Step::DeleteRolePermissionsBoundary { .. }
        | Step::DetachGroupPolicy { .. }
        | Step::AttachGroupPolicy { .. }
        | Step::DeleteAccountPasswordPolicy { .. } => false,
    };
    if only_restricts { Ok(()) } else { Err(Refusal::OutsideRemit { step: step.to_string(), remediator }) }
}

/// Whether a policy allows nothing, as is true of all that Bailiff writes by itself.
fn only_denies(document: &PolicyDocument) -> bool {
    Policy::parse_document(document, PolicyKind::Identity).is_ok_and(|policy| {
        !policy.statements.is_empty()
            && policy.statements.iter().all(|statement| statement.effect == Effect::Deny)
    })
}

/// Refuses an entry that no function of this deployment would have written down.
pub fn check_entry(entry: &Entry, account: &AccountId, quarantine: &Arn) -> Result<(), Refusal> {
    let refuse = |what: String| Err(Refusal::NotCredible { what });
    let resource = &entry.plan.resource;
    if entry.schema > SCHEMA {
        return refuse(format!("its schema is {}, this version reads {SCHEMA}", entry.schema));
    }
    if resource.account() != account {
        return refuse(format!("{} lives in another account", resource.arn()));
    }
    // IAM is never asked which account it is, so that nothing but this would tell.
    if let ResourceIdentity::Account(named) = resource
        && AccountIdentity::new(account, quarantine.partition_name()).as_ref() != Ok(named)
    {
        return refuse(format!("{} is not the ARN of this account", resource.arn()));
    }
    for step in &entry.plan.steps {
        if step.resource() != *resource {
            return refuse(format!("`{step}` is not about {resource}"));
        }
        if let Err(refusal) = check_step(step, entry.remediator, quarantine) {
            return refuse(refusal.to_string());
        }
    }
    let fits = match entry.cause {
        Cause::Undo { .. } => entry.remediator == Remediator::Restore,
        Cause::Order { .. } => entry.remediator == Remediator::SuspendPrincipal,
        Cause::Rule { .. } => entry.remediator != Remediator::Restore,
    };
    if !fits {
        return refuse(format!("an {} is not {}'s", entry.cause, entry.remediator));
    }
    let steps = entry.plan.steps.len();
    let indices: BTreeSet<usize> = entry.outcomes.iter().map(|outcome| outcome.index).collect();
    let sound = indices.len() == entry.outcomes.len()
        && indices.iter().chain(&entry.attempting).all(|index| *index < steps)
        && entry.is_closed() == entry.closed.is_some()
        && (entry.status != Status::Verified || is_all_done(entry));
    if sound { Ok(()) } else { refuse("its steps, outcomes and status contradict each other".to_owned()) }
}

fn is_all_done(entry: &Entry) -> bool {
    entry.outstanding().is_empty()
        && entry
            .outcomes
            .iter()
            .all(|outcome| matches!(outcome.result, StepResult::Verified | StepResult::AlreadyDone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{
        QUARANTINE, account, alice, arn, context, customer_policy, days, deployer, key, key_id,
    };
    use crate::identifier::{PolicyName, PolicyVersionId};
    use crate::remedy::{Inverse, require_mfa, suspend_user};

    fn check(step: &Step, remediator: Remediator) -> Result<(), Refusal> {
        check_step(step, remediator, &arn(QUARANTINE))
    }

    fn put(document: &str) -> Step {
        Step::PutUserPolicy {
            user: alice().identity,
            policy: PolicyName::parse("BailiffQuarantine").unwrap(),
            document: PolicyDocument::new(document),
        }
    }

    #[test]
    fn all_that_a_suspension_plans_is_believed() {
        let suspension =
            suspend_user(&alice().with_keys([key('A', days(400))]).with_password(days(400)), &context());
        let mfa = require_mfa(&alice());
        let steps: Vec<Step> = suspension.steps.into_iter().chain(mfa.steps).collect();
        assert_eq!(steps.len(), 5);
        for step in steps {
            assert_eq!(check(&step, Remediator::SuspendPrincipal), Ok(()), "{step}");
        }
    }

    #[test]
    fn a_policy_that_allows_anything_is_not_believed_to_be_ours() {
        let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
        let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let policy = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        assert_eq!(check(&put(&policy(deny)), Remediator::SuspendPrincipal), Ok(()));
        let twice = format!(r#"{{"Version":"2012-10-17","Statement":[{allow}],"Statement":[{deny}]}}"#);
        for other in [policy(allow), policy(&format!("{deny},{allow}")), policy(""), "{}".to_owned(), twice] {
            let refused = check(&put(&other), Remediator::SuspendPrincipal);
            assert!(matches!(refused, Err(Refusal::OutsideRemit { .. })), "{other}");
            // An undo puts back whatever was there.
            assert!(
                !matches!(check(&put(&other), Remediator::Restore), Err(Refusal::OutsideRemit { .. })),
                "{other}"
            );
        }
    }

    #[test]
    fn no_tag_but_the_mark_of_quarantine_is_believed_even_of_an_undo() {
        let set = |tag: &str, value: &str| Step::TagUser {
            user: alice().identity,
            tag: tag.to_owned(),
            value: value.to_owned(),
        };
        let mark = set("bailiff:quarantined", "true");
        let Inverse::Step(unmark) = mark.inverse() else { panic!() };
        assert_eq!(check(&mark, Remediator::SuspendPrincipal), Ok(()));
        assert!(check(&unmark, Remediator::SuspendPrincipal).is_err());
        for step in [&mark, &*unmark] {
            assert_eq!(check(step, Remediator::Restore), Ok(()), "{step}");
        }
        for other in
            [set("team", "true"), set("bailiff:quarantined", "no"), set("Bailiff:Quarantined", "true")]
        {
            let Inverse::Step(taken) = other.inverse() else { panic!() };
            for step in [&other, &*taken] {
                assert!(check(step, Remediator::SuspendPrincipal).is_err(), "{step}");
                assert!(check(step, Remediator::Restore).is_err(), "{step}");
            }
        }
    }

    #[test]
    fn a_new_version_is_believed_only_where_it_allows_no_more() {
        let version = |document: &str, prior: &str| Step::CreatePolicyVersion {
            policy: customer_policy(prior).identity,
            document: PolicyDocument::new(document),
            replaces: PolicyVersionId::parse("v1").unwrap(),
            prior: PolicyDocument::new(prior),
        };
        let allow = |action: &str| format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
        let deny = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
        let policy = |statements: &[&str]| {
            format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
        };
        let (read, all) = (allow("s3:GetObject"), allow("ec2:*"));
        let prior = policy(&[&read, &all, deny]);
        let check = |document: &str| check(&version(document, &prior), Remediator::RestrictPolicy);
        assert_eq!(check(&policy(&[&read, deny])), Ok(()));
        for wider in [policy(&[&read]), policy(&[&allow("s3:*"), deny]), "{}".to_owned()] {
            assert!(check(&wider).is_err(), "{wider}");
        }
        let back = version(&policy(&[&read, deny]), &prior).inverse();
        let Inverse::Step(back) = back else { panic!("{back:?}") };
        assert!(super::check_step(&back, Remediator::RestrictPolicy, &arn(QUARANTINE)).is_err());
        assert_eq!(super::check_step(&back, Remediator::Restore, &arn(QUARANTINE)), Ok(()));
    }

    #[test]
    fn what_contains_somebody_is_never_detached_in_the_name_of_a_blocked_policy() {
        let detach = |policy: &str| Step::DetachRolePolicy { role: deployer().identity, policy: arn(policy) };
        let restrict = |policy: &str| check(&detach(policy), Remediator::RestrictPolicy);
        assert_eq!(restrict("arn:aws:iam::aws:policy/AWSCloudShellFullAccess"), Ok(()));
        for containing in [
            QUARANTINE,
            "arn:aws:iam::aws:policy/AWSDenyAll",
            "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        ] {
            assert!(restrict(containing).is_err(), "{containing}");
        }
    }

    #[test]
    fn a_trust_policy_that_lets_anybody_else_in_is_not_believed_to_be_ours() {
        let trust = |accounts: &str| {
            PolicyDocument::new(format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":[{accounts}]}}}}]}}"#
            ))
        };
        let update = |from: &str, to: &str| Step::UpdateAssumeRolePolicy {
            role: deployer().identity,
            document: trust(to),
            replaces: trust(from),
        };
        let (ours, both) = (r#""111122223333""#, r#""111122223333","444455556666""#);
        assert_eq!(check(&update(both, ours), Remediator::RestrictRoleTrust), Ok(()));
        for step in [update(ours, both), update(ours, r#""444455556666""#), update(ours, r#""*""#)] {
            assert!(check(&step, Remediator::RestrictRoleTrust).is_err());
            // An undo puts back whatever was there.
            assert_eq!(check(&step, Remediator::Restore), Ok(()));
        }
    }

    #[test]
    fn a_longer_session_is_not_believed_to_be_ours() {
        let update = |replaces, seconds| Step::UpdateRoleMaxSessionDuration {
            role: deployer().identity,
            seconds,
            replaces,
        };
        assert_eq!(check(&update(43_200, 3_600), Remediator::SetRoleSessionDuration), Ok(()));
        for step in [update(3_600, 43_200), update(3_600, 3_600)] {
            assert!(check(&step, Remediator::SetRoleSessionDuration).is_err());
            assert_eq!(check(&step, Remediator::Restore), Ok(()));
        }
    }

    #[test]
    fn a_password_policy_that_demands_less_anywhere_is_not_believed_to_be_ours() {
        let account = || account().identity;
        let strict = PasswordPolicy::IN_PLACE_OF_NONE;
        let weak = PasswordPolicy { require_symbols: false, ..strict };
        let other = PasswordPolicy { require_numbers: false, max_password_age: Some(90), ..strict };
        let update =
            |policy, replaces| Step::UpdateAccountPasswordPolicy { account: account(), policy, replaces };
        for step in [update(strict, None), update(strict, Some(weak))] {
            assert_eq!(check(&step, Remediator::HardenAccount), Ok(()));
        }
        let delete = Step::DeleteAccountPasswordPolicy { account: account(), policy: strict };
        for step in [update(weak, None), update(weak, Some(strict)), update(other, Some(strict)), delete] {
            assert!(check(&step, Remediator::HardenAccount).is_err(), "{step}");
            // An undo puts back whatever was there.
            assert_eq!(check(&step, Remediator::Restore), Ok(()), "{step}");
        }
    }

    #[test]
    fn only_the_quarantine_is_attached_or_made_a_boundary_and_no_key_is_switched_on() {
        let user = || alice().identity;
        let administrator = || arn("arn:aws:iam::aws:policy/AdministratorAccess");
        let attach = |policy| Step::AttachUserPolicy { user: user(), policy };
        let bound = |boundary| Step::PutUserPermissionsBoundary { user: user(), boundary, replaces: None };
        for step in [attach(arn(QUARANTINE)), bound(arn(QUARANTINE))] {
            assert_eq!(check(&step, Remediator::SuspendPrincipal), Ok(()), "{step}");
        }
        let activate = Step::ActivateAccessKey { user: user(), key: key_id('A') };
        for step in [attach(administrator()), bound(administrator()), activate] {
            assert!(check(&step, Remediator::SuspendPrincipal).is_err(), "{step}");
            assert_eq!(check(&step, Remediator::Restore), Ok(()), "{step}");
        }
    }

    #[test]
    fn an_entry_tells_of_no_step_that_its_plan_does_not_hold() {
        let believed = |entry: &Entry| check_entry(entry, &account().identity.account, &arn(QUARANTINE));
        let verified = crate::notice::tests::verified_entry();
        let mut open = Entry { status: Status::Open, closed: None, outcomes: Vec::new(), ..verified };
        open.plan.steps.truncate(1);
        let attempting = |index| Entry { attempting: Some(index), ..open.clone() };
        let steps = open.plan.steps.len();
        assert_eq!(believed(&attempting(steps - 1)), Ok(()));
        assert!(believed(&attempting(steps)).is_err());
    }
}
