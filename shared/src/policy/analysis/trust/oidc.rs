//! What the claims of OIDC tokens say about whose they are.

use super::expected::Expected;

/// How a claim's value names the tenant it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// The whole value does.
    Whole,
    /// A subject that names things one after the other.
    Subject(Names),
    /// What stands before the first `/`, such as the owner of a repository.
    Owner,
}

/// Which subjects an issuer gives out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    GitHub,
    /// The issuer's own, of which no more is known than usual delimiters.
    Other,
}

type Claims = &'static [(&'static str, Form)];

/// The claims that bind a GitHub token to an owner. Names of branches, environments and workflows bind nothing:
/// everybody may have the same.
///
/// Source: IAM User Guide, "Available keys for AWS OIDC federation", GitHub; the reference of
/// GitHub Actions on OIDC.
/// `job_workflow_ref` names the reusable workflow that runs, which is the owner's own code whoever calls it.
const GITHUB: Claims = &[
    ("sub", Form::Subject(Names::GitHub)),
    ("repository", Form::Owner),
    ("repository_owner", Form::Whole),
    ("repository_id", Form::Whole),
    ("repository_owner_id", Form::Whole),
    ("enterprise", Form::Whole),
    ("enterprise_id", Form::Whole),
    ("job_workflow_ref", Form::Owner),
];
const GOOGLE: Claims =
    &[("sub", Form::Whole), ("aud", Form::Whole), ("oaud", Form::Whole), ("email", Form::Whole)];
const COGNITO: Claims = &[("aud", Form::Whole), ("sub", Form::Whole)];
const AMAZON: Claims = &[("app_id", Form::Whole), ("user_id", Form::Whole)];
const FACEBOOK: Claims = &[("app_id", Form::Whole), ("id", Form::Whole)];
/// The audience is the tenant.
const AUDIENCE: Claims = &[("aud", Form::Whole), ("sub", Form::Subject(Names::Other))];
const CIRCLECI: Claims = &[
    ("sub", Form::Subject(Names::Other)),
    ("oidc.circleci.com/org-id", Form::Whole),
    ("oidc.circleci.com/project-id", Form::Whole),
];
const OTHER: Claims = &[("sub", Form::Subject(Names::Other))];

/// The claims of an issuer's tokens that tell one tenant from another.
///
/// Source: IAM User Guide, "Identity-provider controls for shared OIDC providers", and the guides of the issuers.
pub(super) fn claims_of(issuer: &str) -> Claims {
    let issuer = issuer.to_ascii_lowercase();
    match issuer.split('/').next().unwrap_or_default() {
        "token.actions.githubusercontent.com" | "vstoken.actions.githubusercontent.com" => GITHUB,
        "accounts.google.com" => GOOGLE,
        "www.amazon.com" => AMAZON,
        "graph.facebook.com" => FACEBOOK,
        "oidc.vercel.com" | "api.pulumi.com" | "sandboxes.cloud" => AUDIENCE,
        "oidc.circleci.com" => CIRCLECI,
        _ if is_cognito(&issuer) => COGNITO,
        _ => OTHER,
    }
}

/// Whether an issuer is Cognito's identity pools, of any partition.
pub(super) fn is_cognito(issuer: &str) -> bool {
    let issuer = issuer.to_ascii_lowercase();
    issuer.starts_with("cognito-identity") && issuer.contains(".amazonaws.com")
}

/// Microsoft Sentinel's tokens look the same for all its customers, who are told apart by the session's name.
pub(super) fn is_sentinel(issuer: &str) -> bool {
    issuer.eq_ignore_ascii_case("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d")
}

impl Form {
    /// Whether only tokens of one tenant have the value, as far as it names one.
    pub(super) fn is_bound(self, value: &Expected<'_>) -> bool {
        if value.is_impossible() {
            return true;
        }
        match self {
            Self::Whole => value.is_literal(),
            Self::Owner => names(value, "", '/'),
            Self::Subject(Names::GitHub) => github_subject(value),
            Self::Subject(Names::Other) => subject(value),
        }
    }
}

/// Whether the value goes on, after a prefix, with a whole name up to a delimiter: a wildcard any sooner would match
/// names that merely begin alike.
fn names(value: &Expected<'_>, prefix: &str, end: char) -> bool {
    let Some(rest) = value.head().strip_prefix(prefix) else { return false };
    match rest.split_once(end) {
        Some((name, _)) => !name.is_empty(),
        None => value.is_literal() && !rest.is_empty(),
    }
}

/// A subject of GitHub's, `repo:owner/…` or one put together from other claims.
///
/// An owner has an id behind its name where subjects are immutable (`owner@123/…`, `owner-123/…`). What comes first
/// counts, because a workflow's or an environment's name may go on like the rest of somebody else's subject.
fn github_subject(value: &Expected<'_>) -> bool {
    const FIRST: [(&str, char); 9] = [
        ("repo:", '/'),
        ("repository:", '/'),
        ("repository_owner:", ':'),
        ("repository_id:", ':'),
        ("repository_owner_id:", ':'),
        ("enterprise:", ':'),
        ("enterprise_id:", ':'),
        ("job_workflow_ref:", '/'),
        ("https://github.com/", '/'),
    ];
    match FIRST.iter().find(|(prefix, _)| value.head().starts_with(prefix)) {
        Some((prefix, end)) => names(value, prefix, *end),
        // No token has a subject without a claim's name.
        None => value.is_literal() && !value.text().contains(':'),
    }
}

/// A subject of any other issuer. Known ways to write one are held to the name that comes first; of others, a literal
/// is bound, and a pattern if two whole names stand before its first wildcard.
fn subject(value: &Expected<'_>) -> bool {
    const FIRST: [(&str, char); 7] = [
        ("system:serviceaccount:", ':'), // Kubernetes
        ("project_path:", '/'),          // GitLab
        ("organization:", ':'),          // HCP Terraform, Buildkite
        ("pulumi:deploy:org:", ':'),     // Pulumi
        ("pulumi:environments:org:", ':'),
        ("owner:", ':'), // Vercel
        ("{", '}'),      // Bitbucket
    ];
    if let Some((prefix, end)) = FIRST.iter().find(|(prefix, _)| value.head().starts_with(prefix)) {
        return names(value, prefix, *end);
    }
    let delimiters = [':', '/', '|'];
    let whole = value.head().matches(delimiters).count();
    let named = value.head().split(delimiters).take(whole).filter(|name| !name.is_empty()).count();
    value.is_literal() || named >= 2
}
