use super::{shared_issuers, trust};
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::policy::{Policy, PrincipalEntry};
use crate::rules::Declared;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role that tokens of any owner can assume.
    ///
    /// ## What it checks
    ///
    /// Roles open to an OIDC provider that many share, where no condition binds the token to one owner: a `sub`, or another
    /// claim that names the owner, whose values name it as a whole. `repo:acme*` matches `acme-evil` too. Found as well are
    /// conditions on such a claim, or on the audience, that do not hold what they seem to (`IfExists`, `ForAllValues`, a `*`
    /// taken literally), and guests of a Cognito identity pool, unless `allowGuests` (false by default).
    /// [analyze.md](../analyze.md#trust-policies) has the claims by issuer.
    ///
    /// Shared are the issuers that AWS lists as such (GitHub, GitLab.com, HCP Terraform, Buildkite, Pulumi, Vercel,
    /// Cognito's identity pools, Google and others), Login with Amazon and Facebook, and, because all that runs in them
    /// gets tokens of one issuer, the workspaces of Bitbucket and the clusters of EKS. An issuer that is one tenant's
    /// alone, such as `acme.okta.com`, a Cognito user pool, a self-managed GitLab or an enterprise's own GitHub issuer, is
    /// not judged: its owner decides who gets a token.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// Everybody can have a token of a public provider: a repository of one's own is enough to run in your account.
    ///
    /// ## What is done about it
    ///
    /// A provider whose tokens are not bound to one owner is taken out of the trust policy: the one principal, or the
    /// statement that names no other;
    /// what was there is kept in the journal, from where it can be put back. A policy with nothing left in it is replaced
    /// by one that denies everybody, because IAM takes none without a statement.
    ///
    /// Your own tokens get in no more either. Better require the subject of your own repositories beforehand, with
    /// `aws iam update-assume-role-policy`. A condition that is weak where another one binds is left to you.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Identity-provider controls for shared OIDC providers" and "Available keys for AWS OIDC federation".
    RoleTrustOidcSubject {
        id: "role-trust-oidc-subject",
        severity: High,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3", "NIST-800-53:IA-9"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [Trust],
        plan_needs: [],
        steps: [UpdateAssumeRolePolicy],
        remediator: RestrictRoleTrust,
    }
}

declare_parameters! {
    /// Whether guests of a Cognito identity pool may get in.
    "allowGuests" => allow_guests: Flag = false,
}

/// Under which the analysis tells of guests.
const ANONYMOUS: &str = "role-trust-anonymous-federation";

impl Rule for RoleTrustOidcSubject {
    type Subject = Role;
    type Params = Params;
    type Finding = Vec<Finding>;

    fn evaluate(role: &Role, params: &Params, context: &Context) -> Verdict<Vec<Finding>> {
        let guests = !params.allow_guests.is_set();
        let policy = trust::policy(role);
        trust::judge_where(role, context, &context.trusted, |finding| {
            let issuer = policy.as_ref().and_then(|policy| issuer_at(policy, &finding.at));
            finding.rule == Self::META.id.as_str() && issuer.is_none_or(shared_issuers::is_shared)
                || guests && finding.rule == ANONYMOUS
        })
    }

    fn annotate(findings: &Vec<Finding>, _: &Params) -> String {
        trust::annotate(findings)
    }

    fn plan(role: &Role, findings: &Vec<Finding>, params: &Params, context: &Context) -> Proposal {
        trust::plan(role, findings, |role| Self::evaluate(role, params, context), |_| true)
    }
}

/// Whose tokens a place in a trust policy is about: those of the provider it names, or of the issuer in the key of a
/// condition. `None` where it is about any.
fn issuer_at<'p>(policy: &'p Policy, at: &'p str) -> Option<&'p str> {
    let (statement, rest) = at.strip_prefix("Statement[")?.split_once(']')?;
    if let Some(index) = rest.strip_prefix(".Principal.Federated[").and_then(|rest| rest.strip_suffix(']')) {
        let principal = policy.statements.get(statement.parse::<usize>().ok()?)?.principal.as_ref()?;
        let mut providers = principal.entries.iter().filter_map(|entry| match entry {
            PrincipalEntry::Federated(provider) => Some(provider.as_str()),
            _ => None,
        });
        let provider = providers.nth(index.parse().ok()?).filter(|provider| *provider != "*")?;
        return Some(provider.split_once(":oidc-provider/").map_or(provider, |(_, issuer)| issuer));
    }
    let (_, key) = rest.strip_prefix(".Condition.")?.split_once('.')?;
    key.rsplit_once(':').map(|(issuer, _)| issuer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::context;
    use crate::rules::Parameters;
    use crate::rules::role::trust::tests::{keeps_to_what_is_known, letting_in, places, planned};

    const GITHUB: &str = "token.actions.githubusercontent.com";

    fn open_to(issuer: &str, condition: &serde_json::Value) -> Role {
        let provider = format!("arn:aws:iam::111122223333:oidc-provider/{issuer}");
        letting_in(&json!({ "Federated": provider }), "sts:AssumeRoleWithWebIdentity", condition)
    }

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustOidcSubject::evaluate(role, &Params::default(), &context()))
    }

    #[test]
    fn a_token_must_be_of_one_owner() {
        let subject = |operator: &str, subject: &str| {
            judge(&open_to(GITHUB, &json!({ operator: { format!("{GITHUB}:sub"): subject } })))
        };
        assert!(subject("StringLike", "repo:acme/*").is_empty());
        assert!(subject("StringEquals", "repo:acme/api:ref:refs/heads/main").is_empty());
        let found = subject("StringLike", "repo:acme*");
        assert!(found.contains(&"Statement[0].Principal.Federated[0]".to_owned()), "{found:?}");
        assert!(!subject("StringEqualsIfExists", "repo:acme/api:ref:refs/heads/main").is_empty());
        assert_eq!(judge(&open_to(GITHUB, &json!({}))), ["Statement[0].Principal.Federated[0]"]);
    }

    #[test]
    fn an_issuer_of_one_tenant_is_not_judged() {
        for issuer in [
            "login.example.com",
            "acme.okta.com",
            "sts.windows.net/1b2c3d4e-0000-1111-2222-333344445555/",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf",
            "gitlab.acme.example",
            "token.actions.githubusercontent.com/acme-corp",
            "oidc.vercel.com/acme",
        ] {
            for condition in [
                json!({ "StringEquals": { format!("{issuer}:aud"): "aws-prod" } }),
                json!({ "StringLike": { format!("{issuer}:sub"): "repo:*:ref:refs/heads/main" } }),
                json!({ "StringLike": { format!("{issuer}:aud"): "*" } }),
            ] {
                assert_eq!(judge(&open_to(issuer, &condition)), Vec::<String>::new(), "{issuer} {condition}");
            }
        }
    }

    #[test]
    fn an_issuer_that_many_share_is_judged() {
        for issuer in [
            GITHUB,
            "gitlab.com",
            "app.terraform.io",
            "agent.buildkite.com",
            "accounts.google.com",
            "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
            "oidc.eks.eu-west-1.amazonaws.com/id/AAAABBBBCCCCDDDD",
            "oidc.eks.cn-north-1.amazonaws.com.cn/id/AAAABBBBCCCCDDDD",
        ] {
            assert_eq!(
                judge(&open_to(issuer, &json!({}))),
                ["Statement[0].Principal.Federated[0]"],
                "{issuer}"
            );
        }
        // Beside one that is a tenant's own, it alone.
        let providers = ["acme.okta.com", GITHUB]
            .map(|issuer| format!("arn:aws:iam::111122223333:oidc-provider/{issuer}"));
        let role =
            letting_in(&json!({ "Federated": providers }), "sts:AssumeRoleWithWebIdentity", &json!({}));
        assert_eq!(judge(&role), ["Statement[0].Principal.Federated[1]"]);
        let facebook = letting_in(
            &json!({ "Federated": "graph.facebook.com" }),
            "sts:AssumeRoleWithWebIdentity",
            &json!({}),
        );
        assert_eq!(judge(&facebook), ["Statement[0].Principal.Federated[0]"]);
    }

    #[test]
    fn guests_are_found_unless_they_are_allowed() {
        let role = letting_in(
            &json!({ "Federated": "cognito-identity.amazonaws.com" }),
            "sts:AssumeRoleWithWebIdentity",
            &json!({ "StringEquals": { "cognito-identity.amazonaws.com:aud": "eu-west-1:pool" } }),
        );
        assert_eq!(judge(&role), ["Statement[0].Principal.Federated[0]"]);
        let params = Params::read(&json!({ "allowGuests": true })).unwrap();
        assert!(places(RoleTrustOidcSubject::evaluate(&role, &params, &context())).is_empty());
    }

    #[test]
    fn a_role_without_an_oidc_provider_is_fine() {
        let principal = json!({ "Federated": "arn:aws:iam::111122223333:saml-provider/adfs" });
        assert!(judge(&letting_in(&principal, "sts:AssumeRoleWithSAML", &json!({}))).is_empty());
    }

    #[test]
    fn says_what_to_require() {
        let role = open_to(GITHUB, &json!({}));
        let Verdict::NonCompliant(findings) =
            RoleTrustOidcSubject::evaluate(&role, &Params::default(), &context())
        else {
            panic!()
        };
        assert_eq!(
            RoleTrustOidcSubject::annotate(&findings, &Params::default()),
            "Statement[0].Principal.Federated[0]: no condition binds a token of \
             `token.actions.githubusercontent.com` to one owner; require \
             `token.actions.githubusercontent.com:sub` with a literal owner"
        );
    }

    #[test]
    fn a_provider_without_a_bound_subject_is_taken_out() {
        let wide = json!({ "StringLike": { format!("{GITHUB}:sub"): "repo:acme*" } });
        let (after, left) = planned::<RoleTrustOidcSubject>(&open_to(GITHUB, &wide), &context());
        assert_eq!((&after.unwrap()["Statement"][0]["Effect"], left), (&json!("Deny"), vec![]));
    }

    #[test]
    fn a_weak_condition_beside_one_that_binds_is_left_to_people() {
        let condition = json!({
            "StringEquals": { format!("{GITHUB}:sub"): "repo:acme/api:ref:refs/heads/main" },
            "StringLike": { format!("{GITHUB}:aud"): "*" },
        });
        let (after, left) = planned::<RoleTrustOidcSubject>(&open_to(GITHUB, &condition), &context());
        assert_eq!((after, left.len()), (None, 1));
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustOidcSubject>(&open_to(GITHUB, &json!({})));
    }
}
