use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Write;
use crate::facts::{Need, Read, ResourceType};
use crate::rules::RULES;

/// What must be known of a principal to suspend it, or to see how far that has come.
pub const SUSPENSION_NEEDS: [Need; 8] = [
    Need::Tags,
    Need::InlinePolicies,
    Need::AttachedPolicies,
    Need::AccessKeys,
    Need::LoginProfile,
    Need::SshPublicKeys,
    Need::ServiceSpecificCredentials,
    Need::SigningCertificates,
];

/// What is read of whom a suspension hits for nothing but to tell of it: a read that fails changes nothing that is done.
const SUSPENSION_TELLS: [Need; 2] = [Need::InstanceProfiles, Need::Threats];

/// And of whose keys are switched off: those that were reported are written into the entry, and stay off when it is undone.
const KEYS_TELL: [Need; 1] = [Need::Threats];

/// A function that may write. Its writes are its permission boundary: a step outside them is refused, and its
/// role holds exactly them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remediator {
    /// Switches access keys off.
    DeactivateAccessKeys,
    /// Deletes access keys that Bailiff switched off long ago.
    DeleteAccessKeys,
    /// Switches SSH public keys, service-specific credentials and signing certificates off.
    DeactivateOtherCredentials,
    /// Takes inline and attached policies off users.
    RemoveUserPolicies,
    /// Takes the console from users who must not have it, or not without MFA.
    RemoveConsoleAccess,
    /// Takes principals out of trust policies.
    RestrictRoleTrust,
    /// Shortens the sessions of roles.
    SetRoleSessionDuration,
    /// Takes actions and statements out of customer managed policies, and blocked policies off users, groups and roles.
    RestrictPolicy,
    /// Demands more of passwords in the account's own policy.
    HardenAccount,
    /// Takes all powers from a user or role.
    SuspendPrincipal,
    /// Undoes what the others did.
    Restore,
}

impl Remediator {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::DeactivateAccessKeys,
        Self::DeleteAccessKeys,
        Self::DeactivateOtherCredentials,
        Self::RemoveUserPolicies,
        Self::RemoveConsoleAccess,
        Self::RestrictRoleTrust,
        Self::SetRoleSessionDuration,
        Self::RestrictPolicy,
        Self::HardenAccount,
        Self::SuspendPrincipal,
        Self::Restore,
    ];

    /// Those that findings are sent to; a person asks for an undo.
    pub fn asked() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|remediator| *remediator != Self::Restore)
    }

    /// The function's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeactivateAccessKeys => "deactivate-access-keys",
            Self::DeleteAccessKeys => "delete-access-keys",
            Self::DeactivateOtherCredentials => "deactivate-other-credentials",
            Self::RemoveUserPolicies => "remove-user-policies",
            Self::RemoveConsoleAccess => "remove-console-access",
            Self::RestrictRoleTrust => "restrict-role-trust",
            Self::SetRoleSessionDuration => "set-role-session-duration",
            Self::RestrictPolicy => "restrict-policy",
            Self::HardenAccount => "harden-account",
            Self::SuspendPrincipal => "suspend-principal",
            Self::Restore => "restore",
        }
    }

    /// The writes it may make.
    pub fn writes(self) -> &'static [Write] {
        match self {
            Self::DeactivateAccessKeys => &[Write::UpdateAccessKey],
            Self::DeleteAccessKeys => &[Write::DeleteAccessKey],
            Self::DeactivateOtherCredentials => &[
                Write::UpdateSshPublicKey,
                Write::UpdateServiceSpecificCredential,
                Write::UpdateSigningCertificate,
            ],
            Self::RemoveUserPolicies => &[Write::DeleteUserPolicy, Write::DetachUserPolicy],
            Self::RemoveConsoleAccess => &[Write::PutUserPolicy, Write::DeleteLoginProfile],
            Self::RestrictRoleTrust => &[Write::UpdateAssumeRolePolicy],
            Self::SetRoleSessionDuration => &[Write::UpdateRole],
            Self::RestrictPolicy => &[
                Write::CreatePolicyVersion,
                Write::SetDefaultPolicyVersion,
                Write::DetachUserPolicy,
                Write::DetachRolePolicy,
                Write::DetachGroupPolicy,
            ],
            Self::HardenAccount => &[Write::UpdateAccountPasswordPolicy],
            Self::SuspendPrincipal => &[
                Write::UpdateAccessKey,
                Write::UpdateSshPublicKey,
                Write::UpdateServiceSpecificCredential,
                Write::UpdateSigningCertificate,
                Write::PutUserPolicy,
                Write::AttachUserPolicy,
                Write::DeleteLoginProfile,
                Write::PutUserPermissionsBoundary,
                Write::PutRolePolicy,
                Write::AttachRolePolicy,
                Write::PutRolePermissionsBoundary,
                Write::TagUser,
                Write::TagRole,
            ],
            Self::Restore => &[
                Write::UpdateAccessKey,
                Write::UpdateSshPublicKey,
                Write::UpdateServiceSpecificCredential,
                Write::UpdateSigningCertificate,
                Write::DeleteUserPolicy,
                Write::PutUserPolicy,
                Write::DetachUserPolicy,
                Write::AttachUserPolicy,
                Write::PutUserPermissionsBoundary,
                Write::DeleteUserPermissionsBoundary,
                Write::DeleteRolePolicy,
                Write::DetachRolePolicy,
                Write::PutRolePermissionsBoundary,
                Write::DeleteRolePermissionsBoundary,
                Write::UpdateAssumeRolePolicy,
                Write::UpdateRole,
                Write::AttachRolePolicy,
                Write::AttachGroupPolicy,
                Write::SetDefaultPolicyVersion,
                Write::UpdateAccountPasswordPolicy,
                Write::DeleteAccountPasswordPolicy,
                Write::TagUser,
                Write::UntagUser,
                Write::TagRole,
                Write::UntagRole,
            ],
        }
    }

    /// Facts it reads of a live principal: those its rules judge and plan by, and those its steps are checked by.
    pub fn needs(self) -> BTreeSet<Need> {
        match self {
            // Undo reads back whatever any step may have touched.
            Self::Restore => {
                let touched = [
                    Need::InlinePolicies,
                    Need::AttachedPolicies,
                    Need::AccessKeys,
                    Need::SshPublicKeys,
                    Need::ServiceSpecificCredentials,
                    Need::SigningCertificates,
                    Need::Trust,
                    Need::SessionDuration,
                    Need::PolicyText,
                    Need::Tags,
                    // Keys that were reported stay off.
                    Need::Threats,
                    // An undo of an undo takes again.
                    Need::Holders,
                    Need::PasswordPolicy,
                ];
                touched.into_iter().collect()
            }
            Self::SuspendPrincipal => {
                let mut needs = self.needs_of_rules();
                needs.extend(SUSPENSION_NEEDS);
                needs.extend(self.tells());
                needs
            }
            Self::DeactivateAccessKeys
            | Self::DeleteAccessKeys
            | Self::DeactivateOtherCredentials
            | Self::RemoveUserPolicies
            | Self::RemoveConsoleAccess
            | Self::RestrictRoleTrust
            | Self::SetRoleSessionDuration
            | Self::RestrictPolicy
            | Self::HardenAccount => self.needs_of_rules(),
        }
    }

    /// What it reads for its notices and its entries alone.
    pub fn tells(self) -> &'static [Need] {
        match self {
            Self::SuspendPrincipal => &SUSPENSION_TELLS,
            Self::DeactivateAccessKeys => &KEYS_TELL,
            _ => &[],
        }
    }

    fn needs_of_rules(self) -> BTreeSet<Need> {
        let rules = RULES.iter().filter(|rule| rule.meta.remediator == Some(self));
        rules.flat_map(|rule| rule.meta.needs.iter().chain(rule.meta.plan_needs).copied()).collect()
    }

    /// Whether it ever reads this of such a resource.
    fn reads_of(self, kind: ResourceType, need: Need) -> bool {
        // Nothing is ever written into a group, so nothing of the kind is undone.
        (self, kind, need) != (Self::Restore, ResourceType::Group, Need::InlinePolicies)
    }

    /// What it deals with.
    pub fn covers(self) -> &'static [ResourceType] {
        match self {
            Self::DeactivateAccessKeys
            | Self::DeleteAccessKeys
            | Self::DeactivateOtherCredentials
            | Self::RemoveUserPolicies
            | Self::RemoveConsoleAccess => &[ResourceType::User],
            Self::RestrictRoleTrust | Self::SetRoleSessionDuration => &[ResourceType::Role],
            Self::SuspendPrincipal => &[ResourceType::User, ResourceType::Role],
            Self::RestrictPolicy => {
                &[ResourceType::User, ResourceType::Role, ResourceType::Group, ResourceType::Policy]
            }
            Self::HardenAccount => &[ResourceType::Account],
            Self::Restore => &[
                ResourceType::User,
                ResourceType::Role,
                ResourceType::Group,
                ResourceType::Policy,
                ResourceType::Account,
            ],
        }
    }

    /// The IAM actions its code can call; its role in `template.yaml` holds exactly these.
    pub fn permissions(self) -> Permissions {
        let mut reads = BTreeSet::new();
        for kind in self.covers() {
            reads.extend(kind.found_by());
            let needs = self.needs().into_iter().filter(|need| self.reads_of(*kind, *need));
            reads.extend(needs.flat_map(|need| need.live_reads(*kind)));
        }
        Permissions { reads, writes: self.writes().iter().copied().collect() }
    }
}

impl fmt::Display for Remediator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The IAM actions a function can call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// What it reads.
    pub reads: BTreeSet<Read>,
    /// What it writes.
    pub writes: BTreeSet<Write>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_rule_lies_within_its_remediator() {
        for rule in RULES {
            for write in rule.meta.steps {
                let Some(remediator) = rule.meta.remediator else { continue };
                assert!(
                    remediator.writes().contains(write),
                    "{}: {write} is not {remediator}'s",
                    rule.meta.id
                );
            }
        }
    }

    #[test]
    fn whoever_changes_a_policy_or_a_group_asks_who_lives_by_it() {
        let of_others =
            [Write::CreatePolicyVersion, Write::SetDefaultPolicyVersion, Write::DetachGroupPolicy];
        for rule in RULES.iter().filter(|rule| rule.meta.steps.iter().any(|step| of_others.contains(step))) {
            assert!(rule.meta.plan_needs.contains(&Need::Holders), "{}", rule.meta.id);
        }
        for remediator in Remediator::ALL {
            let changes = remediator.writes().iter().any(|write| of_others.contains(write));
            assert_eq!(remediator.needs().contains(&Need::Holders), changes, "{remediator}");
        }
    }

    #[test]
    fn a_rule_is_about_nothing_its_remediator_does_not_cover() {
        for rule in RULES {
            let Some(remediator) = rule.meta.remediator else { continue };
            for kind in rule.meta.applies_to {
                assert!(remediator.covers().contains(kind), "{}: {kind:?}", rule.meta.id);
            }
        }
    }

    #[test]
    fn no_remediator_but_suspension_and_restore_holds_a_write_that_no_rule_needs() {
        let apart = [Remediator::SuspendPrincipal, Remediator::Restore];
        for remediator in Remediator::ALL.iter().copied().filter(|remediator| !apart.contains(remediator)) {
            let needed: BTreeSet<Write> = RULES
                .iter()
                .filter(|rule| rule.meta.remediator == Some(remediator))
                .flat_map(|rule| rule.meta.steps.iter().copied())
                .collect();
            assert_eq!(needed, remediator.writes().iter().copied().collect());
        }
    }

    #[test]
    fn restore_can_undo_every_write_that_has_an_inverse() {
        let inverse = |write: Write| match write {
            Write::UpdateAccessKey
            | Write::UpdateSshPublicKey
            | Write::UpdateServiceSpecificCredential
            | Write::UpdateSigningCertificate => Some(write),
            Write::DeleteUserPolicy => Some(Write::PutUserPolicy),
            Write::PutUserPolicy => Some(Write::DeleteUserPolicy),
            Write::DetachUserPolicy => Some(Write::AttachUserPolicy),
            Write::AttachUserPolicy => Some(Write::DetachUserPolicy),
            Write::PutUserPermissionsBoundary => Some(Write::DeleteUserPermissionsBoundary),
            Write::TagUser => Some(Write::UntagUser),
            Write::TagRole => Some(Write::UntagRole),
            Write::PutRolePolicy => Some(Write::DeleteRolePolicy),
            Write::AttachRolePolicy => Some(Write::DetachRolePolicy),
            Write::DetachRolePolicy => Some(Write::AttachRolePolicy),
            Write::DetachGroupPolicy => Some(Write::AttachGroupPolicy),
            Write::CreatePolicyVersion | Write::SetDefaultPolicyVersion => {
                Some(Write::SetDefaultPolicyVersion)
            }
            Write::PutRolePermissionsBoundary => Some(Write::DeleteRolePermissionsBoundary),
            Write::UpdateAssumeRolePolicy => Some(Write::UpdateAssumeRolePolicy),
            Write::UpdateRole => Some(Write::UpdateRole),
            Write::UpdateAccountPasswordPolicy => Some(Write::DeleteAccountPasswordPolicy),
            _ => None,
        };
        for remediator in Remediator::asked() {
            for write in remediator.writes() {
                if let Some(inverse) = inverse(*write) {
                    assert!(Remediator::Restore.writes().contains(&inverse), "{write} needs {inverse}");
                }
            }
        }
    }

    #[test]
    fn restore_never_reads_a_groups_inline_policies() {
        let reads = Remediator::Restore.permissions().reads;
        assert!(reads.contains(&Read::ListAttachedGroupPolicies));
        assert!(!reads.contains(&Read::ListGroupPolicies) && !reads.contains(&Read::GetGroupPolicy));
    }

    #[test]
    fn whoever_takes_keys_off_tells_which_of_them_were_reported() {
        for remediator in [Remediator::DeactivateAccessKeys, Remediator::SuspendPrincipal] {
            assert!(remediator.tells().contains(&Need::Threats), "{remediator}");
        }
    }
}
