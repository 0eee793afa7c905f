//! The versions of customer managed policies, as IAM keeps them.

use shared::facts::{Fact, PolicyVersion};
use shared::identifier::PolicyVersionId;
use shared::policy::{Policy, PolicyDocument, PolicyKind};

use crate::account_file;

/// Versions that a managed policy keeps (IAM and STS quotas).
const VERSIONS_QUOTA: usize = 5;
/// Characters of a managed policy, white space not counted.
const SIZE_QUOTA: usize = 6_144;

/// The version in force.
pub(super) fn in_force(policy: &account_file::Policy) -> Option<PolicyVersionId> {
    policy.default_version.clone().or_else(|| PolicyVersionId::parse("v1").ok())
}

/// How many versions there are.
pub(super) fn count(policy: &account_file::Policy) -> usize {
    policy.other_versions.len() + 1
}

/// Those that are not in force.
pub(super) fn others(policy: &account_file::Policy) -> Vec<PolicyVersion> {
    let seen = |version: &account_file::PolicyVersion| PolicyVersion {
        id: version.id.clone(),
        document: Fact::Known(version.document.clone()),
    };
    policy.other_versions.iter().map(seen).collect()
}

/// Makes a version and puts it in force.
pub(super) fn create(policy: &mut account_file::Policy, document: &PolicyDocument) -> Result<(), String> {
    Policy::parse_document(document, PolicyKind::Identity)
        .map_err(|malformed| format!("MalformedPolicyDocument: {malformed}"))?;
    if document.as_str().chars().filter(|character| !character.is_whitespace()).count() > SIZE_QUOTA {
        return Err(format!("LimitExceeded: Cannot exceed quota for PolicySize: {SIZE_QUOTA}"));
    }
    if count(policy) >= VERSIONS_QUOTA {
        return Err(format!("LimitExceeded: Cannot exceed quota for VersionsPerPolicy: {VERSIONS_QUOTA}"));
    }
    let number =
        |id: &PolicyVersionId| id.as_str().trim_start_matches('v').parse::<u64>().unwrap_or_default();
    let current = in_force(policy);
    let others = policy.other_versions.iter().map(|version| &version.id);
    let last = others.chain(&current).map(number).max().unwrap_or_default();
    let next = PolicyVersionId::parse(&format!("v{}", last + 1)).map_err(|error| error.to_string())?;
    replace(policy, next, document.clone());
    Ok(())
}

/// Puts a version that is kept in force.
pub(super) fn set_default(policy: &mut account_file::Policy, id: &PolicyVersionId) -> Result<(), String> {
    if in_force(policy).as_ref() == Some(id) {
        return Ok(());
    }
    let at = policy.other_versions.iter().position(|version| version.id == *id).ok_or_else(|| {
        format!("NoSuchEntity: Policy {} version {id} does not exist or is not attachable.", policy.name)
    })?;
    let version = policy.other_versions.remove(at);
    replace(policy, version.id, version.document);
    Ok(())
}

/// Keeps what is in force, and puts another in its place.
fn replace(policy: &mut account_file::Policy, id: PolicyVersionId, document: PolicyDocument) {
    let prior = std::mem::replace(&mut policy.document, document);
    if let Some(current) = in_force(policy) {
        policy.other_versions.push(account_file::PolicyVersion { id: current, document: prior });
    }
    policy.default_version = Some(id);
}
