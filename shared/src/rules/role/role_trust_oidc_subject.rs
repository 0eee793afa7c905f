use super::{shared_issuers, trust};
use crate::facts::Role;
use crate::policy::analysis::{Finding, TokenOwners, TrustReport};
use crate::policy::{Policy, PrincipalEntry};
use crate::remedy::matches;
use crate::rules::{Context, Declared, Names, Proposal, Rule, Verdict, declare_parameters, declare_rule};

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
    /// Name your own owners in `ownSubjects`, and one that is bound to somebody else's is found as well: a role that is opened to
    /// a stranger's repository, by its full name, is a way in that outlives every key. Each text is held against the whole
    /// value of the claim that names the owner, in which `*` stands for anything: `repo:acme/*`, `project_path:acme/*`, `acme`.
    /// While it is empty, every owner counts as your own.
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
    /// A provider whose tokens are not bound to one owner, or to a stranger, is taken out of the trust policy: the one
    /// principal, or the statement that names no other; what was there is kept in the journal, from where it can be put back. A policy with nothing left in it is replaced
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
    /// Values, with wildcards, of the claims that name your own owners. Empty: each owner that a condition names is your own.
    "ownSubjects" => own_subjects: Names = [],
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
        let counts = |finding: &Finding| {
            let issuer = policy.as_ref().and_then(|policy| issuer_at(policy, &finding.at));
            finding.rule == Self::META.id.as_str() && issuer.is_none_or(shared_issuers::is_shared)
                || guests && finding.rule == ANONYMOUS
        };
        trust::judge_by(role, context, &context.trusted, |report| {
            let strangers = strangers(&report, &params.own_subjects);
            report.findings.into_iter().filter(counts).chain(strangers).collect()
        })
    }

    fn annotate(findings: &Vec<Finding>, _: &Params) -> String {
        trust::annotate(findings)
    }

    fn plan(role: &Role, findings: &Vec<Finding>, params: &Params, context: &Context) -> Proposal {
        trust::plan(role, findings, |role| Self::evaluate(role, params, context), |_| true)
    }
}

/// The ways in for tokens of owners that are not the own ones, where the file says which those are.
fn strangers(report: &TrustReport, own: &Names) -> Vec<Finding> {
    let is_own = |value: &String| own.iter().any(|pattern| matches(pattern, value));
    let is_strange = |way: &&TokenOwners| {
        shared_issuers::is_shared(&way.issuer) && !way.accepted.iter().any(|values| values.iter().all(is_own))
    };
    let ways = report.token_owners.iter().filter(|_| !own.is_empty());
    let found = ways.filter(is_strange).map(|TokenOwners { at, issuer, accepted }| {
        let values: Vec<String> = accepted
            .iter()
            .flatten()
            .filter(|value| !is_own(value))
            .map(|value| format!("`{value}`"))
            .collect();
        let message = format!(
            "a token of `{issuer}` gets in for {}, which `ownSubjects` does not name",
            values.join(" and ")
        );
        Finding { rule: RoleTrustOidcSubject::META.id.as_str(), at: at.clone(), message }
    });
    found.collect()
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

    fn judge_by_own(own: &[&str], condition: &serde_json::Value) -> Vec<String> {
        let params = Params::read(&json!({ "ownSubjects": own })).unwrap();
        places(RoleTrustOidcSubject::evaluate(&open_to(GITHUB, condition), &params, &context()))
    }

    #[test]
    fn a_stranger_s_own_repository_is_found_where_the_file_names_the_own_ones() {
        let at = ["Statement[0].Principal.Federated[0]"];
        let subject = |value: serde_json::Value| json!({ "StringLike": { format!("{GITHUB}:sub"): value } });
        let attacker = subject(json!("repo:attacker/*"));
        assert!(judge_by_own(&[], &attacker).is_empty(), "nobody said whose is whose");
        assert_eq!(judge_by_own(&["repo:acme/*"], &attacker), at);
        for own in ["repo:acme/*", "repo:acme/api:*", "repo:acme/api:ref:refs/heads/main"] {
            assert!(judge_by_own(&["repo:acme/*"], &subject(json!(own))).is_empty(), "{own}");
        }
        // One that merely begins alike, and one beside an own one.
        assert_eq!(judge_by_own(&["repo:acme/*"], &subject(json!("repo:acme-evil/*"))), at);
        assert_eq!(judge_by_own(&["repo:acme/*"], &subject(json!(["repo:acme/*", "repo:attacker/*"]))), at);
        // No less than what is the own: a wildcard of the policy's is no name.
        assert_eq!(judge_by_own(&["repo:acme/api:*"], &subject(json!("repo:acme/*"))), at);
        // A token must meet both, so that one of them is enough.
        let both = json!({
            "StringEquals": { format!("{GITHUB}:repository_owner"): "acme" },
            "StringLike": { format!("{GITHUB}:sub"): "repo:attacker/*" },
        });
        assert!(judge_by_own(&["acme"], &both).is_empty());
    }

    #[test]
    fn a_stranger_is_taken_out_and_said_by_name() {
        let role = open_to(GITHUB, &json!({ "StringLike": { format!("{GITHUB}:sub"): "repo:attacker/*" } }));
        let params = Params::read(&json!({ "ownSubjects": "repo:acme/*" })).unwrap();
        let Verdict::NonCompliant(found) = RoleTrustOidcSubject::evaluate(&role, &params, &context()) else {
            panic!()
        };
        assert_eq!(
            RoleTrustOidcSubject::annotate(&found, &params),
            "Statement[0].Principal.Federated[0]: a token of `token.actions.githubusercontent.com` gets in for \
             `repo:attacker/*`, which `ownSubjects` does not name"
        );
        let proposal = RoleTrustOidcSubject::plan(&role, &found, &params, &context());
        assert_eq!((proposal.steps.len(), proposal.left.len()), (1, 0));
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
