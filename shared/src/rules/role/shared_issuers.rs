//! Issuers of OIDC tokens that many tenants share.

/// Whose tokens are told apart by their claims alone, not by the issuer's URL, which is here without its scheme.
///
/// Source: IAM User Guide, "Identity-provider controls for shared OIDC providers", and of the well-known providers "Create
/// a role for OpenID Connect federation"; HCP Terraform's issuer in Europe from its guide.
const SHARED: &[&str] = &[
    "accounts.google.com",
    "agent.buildkite.com",
    "api.pulumi.com",
    "api.pulumi.com/oidc",
    "app.eu.terraform.io",
    "app.terraform.io",
    "gitlab.com",
    "graph.facebook.com",
    "oidc-configuration.audit-log.githubusercontent.com",
    "oidc.codefresh.io",
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
    "oidc.vercel.com",
    "proidc.upbound.io",
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
    "sandboxes.cloud",
    "scalr.io",
    // Microsoft Sentinel's; any other directory is a tenant of its own.
    "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d",
    "studio.datachain.ai/api",
    "token.actions.githubusercontent.com",
    "tokens.cloud.shisho.dev",
    "vstoken.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Issuers with an URL for each workspace, cluster or Region, whose tokens go to all that runs there: Bitbucket, EKS and
/// the identity pools of Cognito.
const SHARED_FROM: &[&str] =
    &["api.bitbucket.org/2.0/workspaces/", "cognito-identity.", "cognito-identity-", "oidc.eks."];

/// Whether the tokens of an issuer, its URL without the scheme, are not all of one owner.
pub(super) fn is_shared(issuer: &str) -> bool {
    let issuer = issuer.trim_end_matches('/').to_ascii_lowercase();
    SHARED.contains(&issuer.as_str()) || SHARED_FROM.iter().any(|start| issuer.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_its_own_makes_an_issuer_another_one() {
        assert!(is_shared("Token.Actions.GithubUserContent.com/") && is_shared("gitlab.com"));
        for own in
            ["token.actions.githubusercontent.com/acme", "gitlab.com.example", "sts.windows.net/1b2c", ""]
        {
            assert!(!is_shared(own), "{own}");
        }
    }
}
