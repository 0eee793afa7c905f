use std::collections::BTreeSet;
use std::fmt;

use super::detect_threats::{LOOKED_UP, is_cheap};
use crate::facts::{Read, ResourceType};
use crate::remedy::{Permissions, Remediator};
use crate::rules::{RULES, Trigger};

/// A Lambda function of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Judges configuration items.
    EvaluateChanges,
    /// Judges the whole account.
    EvaluateAccount,
    /// Takes what detectors and CloudTrail tell.
    DetectThreats,
    /// Takes people's answers to plans that wait for them.
    ApprovePlan,
    /// Hears of who has left.
    ReceiveDirectoryChange,
    /// Tells people.
    DeliverNotices,
    /// Puts right, or puts back.
    Remediator(Remediator),
}

impl Function {
    /// Every one, those that only read first.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::EvaluateChanges,
            Self::EvaluateAccount,
            Self::DetectThreats,
            Self::ReceiveDirectoryChange,
            Self::ApprovePlan,
            Self::DeliverNotices,
        ];
        others.into_iter().chain(Remediator::ALL.iter().copied().map(Self::Remediator))
    }

    /// Its name, which is its package's and its binary's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EvaluateChanges => "evaluate-changes",
            Self::EvaluateAccount => "evaluate-account",
            Self::DetectThreats => "detect-threats",
            Self::ReceiveDirectoryChange => "receive-directory-change",
            Self::ApprovePlan => "approve-plan",
            Self::DeliverNotices => "deliver-notices",
            Self::Remediator(remediator) => remediator.as_str(),
        }
    }

    /// The IAM actions its code can call; its role in `template.yaml` holds exactly these.
    pub fn permissions(self) -> Permissions {
        match self {
            // A configuration item tells all that its rules need, and a person's answer is about the journal.
            Self::EvaluateChanges | Self::ApprovePlan => Permissions::default(),
            Self::EvaluateAccount => Permissions { reads: account_reads(), writes: BTreeSet::new() },
            Self::DetectThreats => Permissions { reads: single_reads(), writes: BTreeSet::new() },
            // The listing tells users with their tags.
            Self::ReceiveDirectoryChange => Permissions {
                reads: BTreeSet::from([Read::GetAccountAuthorizationDetails, Read::Departures]),
                writes: BTreeSet::new(),
            },
            // A user's and a role's tags come with them.
            Self::DeliverNotices => Permissions {
                reads: BTreeSet::from([Read::GetUser, Read::GetRole, Read::GetAlternateContact]),
                writes: BTreeSet::new(),
            },
            Self::Remediator(remediator) => remediator.permissions(),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a sweep reads: in bulk whatever its rules need, and of single users and roles what these leave
/// open. The listing tells policies in full, so no user is looked at closer for those.
fn account_reads() -> BTreeSet<Read> {
    let mut reads = BTreeSet::from([Read::GetAccountAuthorizationDetails]);
    for rule in RULES.iter().filter(|entry| entry.meta.triggers.contains(&Trigger::Sweep)) {
        for need in rule.meta.needs {
            reads.extend(need.account_reads());
            if !need.comes_with_the_listing() {
                let closer = [ResourceType::User, ResourceType::Role];
                let kinds = rule.meta.applies_to.iter().filter(|kind| closer.contains(kind));
                reads.extend(kinds.flat_map(|kind| need.live_reads(*kind)));
            }
        }
    }
    reads
}

/// What a look at one resource by every rule about it reads, and what finds the holder of a key or of a unique id.
fn single_reads() -> BTreeSet<Read> {
    let mut reads =
        BTreeSet::from([Read::GetAccessKeyLastUsed, Read::GetAccountAuthorizationDetails, Read::Threats]);
    for kind in LOOKED_UP {
        reads.extend(kind.found_by());
        for rule in RULES.iter().filter(|entry| entry.meta.applies_to.contains(&kind)) {
            reads.extend(
                rule.meta.needs.iter().filter(|need| is_cheap(**need)).flat_map(|need| need.live_reads(kind)),
            );
        }
    }
    reads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_judges_answers_or_tells_writes_nothing() {
        for function in [
            Function::EvaluateChanges,
            Function::EvaluateAccount,
            Function::DetectThreats,
            Function::ReceiveDirectoryChange,
            Function::ApprovePlan,
            Function::DeliverNotices,
        ] {
            assert!(function.permissions().writes.is_empty(), "{function}");
        }
    }

    #[test]
    fn each_is_named_as_its_package_is() {
        let packages = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");
        let mut folders: Vec<String> = std::fs::read_dir(packages)
            .unwrap()
            .map(|folder| folder.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut names: Vec<String> = Function::all().map(|function| function.to_string()).collect();
        folders.sort();
        names.sort();
        assert_eq!(names, folders);
        assert!(Function::all().all(|function| function.to_string() == function.as_str()));
    }

    #[test]
    fn judging_a_change_reads_nothing_of_iam() {
        assert_eq!(Function::EvaluateChanges.permissions(), Permissions::default());
    }

    #[test]
    fn a_sweep_reads_policies_in_bulk_only() {
        let reads = Function::EvaluateAccount.permissions().reads;
        for read in
            [Read::GetUser, Read::GetUserPolicy, Read::ListUserPolicies, Read::ListAttachedUserPolicies]
        {
            assert!(!reads.contains(&read), "{read}");
        }
        assert!(reads.contains(&Read::GetAccountAuthorizationDetails));
        assert!(reads.contains(&Read::GetCredentialReport));
        assert!(reads.contains(&Read::ListAccessKeys));
    }

    #[test]
    fn whoever_looks_at_one_resource_reads_what_tells_of_it_and_waits_for_no_report() {
        let reads = Function::DetectThreats.permissions().reads;
        for read in [
            Read::GetUser,
            Read::GetRole,
            Read::GetPolicy,
            Read::ListAccessKeys,
            Read::ListAttachedUserPolicies,
            Read::GetRolePolicy,
            Read::GetAccessKeyLastUsed,
            Read::Threats,
        ] {
            assert!(reads.contains(&read), "{read}");
        }
        for report in [
            Read::GenerateServiceLastAccessedDetails,
            Read::GetServiceLastAccessedDetails,
            Read::GenerateCredentialReport,
        ] {
            assert!(!reads.contains(&report), "{report}");
        }
    }
}
