use super::Tier;
use crate::policy::analysis::AccessLevels;
use crate::policy::analysis::access_level::reaches_writes;
use crate::policy::analysis::index::halves;
use crate::policy::glob::{self, Case};
use crate::policy::{Comparison, ResourcePattern, Statement};

/// Services by which an account is governed and watched.
pub(super) const GOVERNING: &[&str] = &[
    "access-analyzer",
    "account",
    "auditmanager",
    "cloudhsm",
    "cloudtrail",
    "config",
    "controltower",
    "detective",
    "fms",
    "guardduty",
    "iam",
    "identity-sync",
    "identitystore",
    "inspector",
    "inspector2",
    "kms",
    "macie2",
    "network-firewall",
    "organizations",
    "rolesanywhere",
    "security-ir",
    "securityhub",
    "securitylake",
    "shield",
    "sso",
    "sso-directory",
    "waf",
    "waf-regional",
    "wafv2",
];

/// Writes in these services that change nobody's permissions and nothing's protection, by the beginning of the name:
/// one's own password, the use of a key, a service's own role.
const HARMLESS: &[(&str, &str)] = &[
    ("cloudtrail", "CancelQuery"),
    ("cloudtrail", "StartQuery"),
    ("config", "PutEvaluation"),
    ("config", "StartConfigRulesEvaluation"),
    ("iam", "ChangePassword"),
    ("iam", "CreateServiceLinked"),
    ("iam", "CreateVirtualMFA"),
    ("iam", "Pass"),
    ("kms", "CreateGrant"),
    ("kms", "Decrypt"),
    ("kms", "DeriveSharedSecret"),
    ("kms", "Encrypt"),
    ("kms", "Generate"),
    ("kms", "ReEncrypt"),
    ("kms", "RetireGrant"),
    ("kms", "RevokeGrant"),
    ("kms", "Sign"),
    ("kms", "Verify"),
];

/// What a pattern amounts to.
pub(super) fn tier_of(levels: &dyn AccessLevels, pattern: &str, statement: &Statement) -> Tier {
    let (service, name) = halves(pattern);
    if !reaches_writes(levels, service, name) || is_session_for_reading(statement) {
        Tier::Bronze
    } else if governs(service) && !is_harmless(service, name) && !is_self_service(statement) {
        Tier::Gold
    } else {
        Tier::Silver
    }
}

/// Whether a service, or one that a pattern matches, governs the account.
pub(super) fn governs(service: &str) -> bool {
    let wild = service.bytes().any(|byte| byte == b'*' || byte == b'?');
    let first = service.as_bytes().first().map(u8::to_ascii_lowercase);
    GOVERNING.iter().filter(|governing| wild || governing.as_bytes().first().copied() == first).any(
        |governing| {
            service.eq_ignore_ascii_case(governing)
                || (wild && glob::matches(service, governing, Case::Ignored))
        },
    )
}

fn is_harmless(service: &str, name: &str) -> bool {
    HARMLESS.iter().any(|(of, beginning)| {
        of.eq_ignore_ascii_case(service)
            && name.get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning))
    })
}

/// Whether what a statement allows is a session with S3 Express in which nothing can be written.
fn is_session_for_reading(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.is_about("s3express:SessionMode")
            && condition.operator.comparison == Comparison::StringEquals
            && !condition.operator.if_exists
            && condition.operator.quantifier.is_none()
            && condition.values.iter().all(|value| value == "ReadOnly")
    })
}

/// Whether a statement is about the principal's own user alone: its credentials are its own.
fn is_self_service(statement: &Statement) -> bool {
    statement.resource.as_ref().is_some_and(|resources| {
        let own = |entry: &ResourcePattern| {
            entry.as_str().ends_with("/${aws:username}")
                && ["user/", "mfa/", "sms-mfa/"].iter().any(|kind| entry.as_str().contains(kind))
        };
        !resources.negated && !resources.entries.is_empty() && resources.entries.iter().all(own)
    })
}
