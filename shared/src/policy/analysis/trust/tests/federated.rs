use super::*;

const GITHUB: &str = "token.actions.githubusercontent.com";

fn trusting(issuer: &str, condition: Value) -> Value {
    let provider =
        if ["accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com"]
            .contains(&issuer)
        {
            issuer.to_owned()
        } else {
            format!("arn:aws:iam::{OWN}:oidc-provider/{issuer}")
        };
    allow(json!({"Federated": provider}), "sts:AssumeRoleWithWebIdentity", condition)
}

fn claim(issuer: &str, operator: &str, claim: &str, value: Value) -> Value {
    json!({operator: {format!("{issuer}:{claim}"): value}})
}

/// `oidcAnySubject` and `oidcWeakOperator`.
fn judged(issuer: &str, condition: Value) -> (bool, bool) {
    let report = report(&[trusting(issuer, condition)]);
    assert!(!report.public && report.external_accounts.is_empty());
    (report.oidc_any_subject.unwrap(), report.oidc_weak_operator)
}

#[test]
fn without_an_oidc_provider_there_is_no_answer() {
    for principal in [json!({"AWS": OTHER}), json!({"Service": "ec2.amazonaws.com"}), json!("*")] {
        assert_eq!(report(&[allow(principal, "sts:AssumeRole", json!({}))]).oidc_any_subject, None);
    }
    let saml = allow(
        json!({"Federated": format!("arn:aws:iam::{OWN}:saml-provider/x")}),
        "sts:AssumeRoleWithSAML",
        json!({}),
    );
    assert_eq!(report(&[saml]).oidc_any_subject, None);
}

#[test]
fn a_github_subject_names_a_whole_owner() {
    for (sub, any) in [
        ("repo:acme/api:ref:refs/heads/main", false),
        ("repo:acme/api:*", false),
        ("repo:acme/*", false),
        ("repo:acme/*:environment:prod", false),
        ("repo:acme@123456/api@456789:ref:refs/heads/main", false),
        ("repo:acme-123456/api-456789:*", false),
        ("repository_owner:acme:*", false),
        ("repository_owner_id:123456:*", false),
        ("repository_id:456789:environment:prod", false),
        ("repository:acme/api:*", false),
        ("job_workflow_ref:acme/shared/.github/workflows/deploy.yml@*", false),
        ("enterprise:acme:*", false),
        ("*", true),
        ("repo:*", true),
        ("repo:acme*", true),
        ("repo:acme", false), // no token has it
        ("repo:*/api:*", true),
        ("repo:?cme/api:*", true),
        ("repo:ac*/api:ref:refs/heads/main", true),
        ("*:ref:refs/heads/main", true),
        ("repo:/*", true),
        ("environment:prod", true),
        ("environment:prod:repo:acme/api", true),
        ("workflow:deploy:repo:acme/api:ref:refs/heads/main", true),
        ("ref:refs/heads/main", true),
        ("repository_owner:acme*", true),
        ("${aws:PrincipalTag/x}", true),
    ] {
        let (judged, _) = judged(GITHUB, claim(GITHUB, "StringLike", "sub", json!(sub)));
        assert_eq!(judged, any, "{sub}");
    }
}

#[test]
fn every_value_must_be_bound_because_one_is_enough() {
    let both = json!(["repo:acme/api:*", "repo:*"]);
    assert_eq!(judged(GITHUB, claim(GITHUB, "StringLike", "sub", both)), (true, true));
}

#[test]
fn a_subject_must_be_asked_for_in_a_way_that_holds() {
    let sub = json!("repo:acme/api:*");
    let exact = json!("repo:acme/api:ref:refs/heads/main");
    let key = format!("{GITHUB}:sub");
    for (condition, any, weak) in [
        (json!({}), true, false),
        (claim(GITHUB, "StringEquals", "aud", json!("sts.amazonaws.com")), true, false),
        (claim(GITHUB, "StringLike", "sub", sub.clone()), false, false),
        (claim(GITHUB, "StringEquals", "sub", exact.clone()), false, false),
        (claim(GITHUB, "StringEqualsIgnoreCase", "sub", exact.clone()), false, false),
        (claim(GITHUB, "ForAnyValue:StringLike", "sub", sub.clone()), false, false),
        (claim(GITHUB, "StringLikeIfExists", "sub", sub.clone()), true, true),
        (claim(GITHUB, "ForAllValues:StringLike", "sub", sub.clone()), true, true),
        (claim(GITHUB, "StringNotLike", "sub", sub.clone()), true, true),
        (claim(GITHUB, "StringNotEquals", "sub", exact.clone()), true, true),
        (json!({"ForAllValues:StringLike": {&key: sub}, "Null": {&key: "false"}}), false, false),
        (json!({"Null": {&key: "false"}}), true, false),
        // Beside a subject that is bound, a negated one only takes away.
        (
            json!({"StringLike": {&key: sub}, "StringNotLike": {&key: "repo:acme/api:pull_request"}}),
            false,
            false,
        ),
        // No subject has a star, so nobody gets in.
        (claim(GITHUB, "StringEquals", "sub", sub.clone()), false, true),
        (
            json!({"StringLike": {&key: sub}, "ForAllValues:StringEquals": {format!("{GITHUB}:aud"): "x"}}),
            false,
            true,
        ),
        (json!({"StringLike": {&key: sub, format!("{GITHUB}:aud"): "*"}}), false, true),
        (claim(GITHUB, "StringLike", "sub", json!("repo:acme*")), true, true),
        (claim(GITHUB, "StringLike", "SUB", sub.clone()), false, false),
    ] {
        assert_eq!(judged(GITHUB, condition.clone()), (any, weak), "{condition}");
    }
}

#[test]
fn other_claims_of_github_bind_too_and_some_do_not() {
    for (name, value, any) in [
        ("repository", json!("acme/api"), false),
        ("repository", json!("acme/*"), false),
        ("repository", json!("acme*"), true),
        ("repository_owner", json!("acme"), false),
        ("repository_owner", json!("acme*"), true),
        ("repository_id", json!("456789"), false),
        ("repository_owner_id", json!("123456"), false),
        ("enterprise_id", json!("42"), false),
        ("job_workflow_ref", json!("acme/shared/.github/workflows/x.yml@refs/heads/main"), false),
        ("actor", json!("dependabot[bot]"), true),
        ("environment", json!("prod"), true),
        ("ref", json!("refs/heads/main"), true),
        ("workflow", json!("deploy"), true),
        ("aud", json!("sts.amazonaws.com"), true),
    ] {
        let (judged, _) = judged(GITHUB, claim(GITHUB, "StringLike", name, value.clone()));
        assert_eq!(judged, any, "{name} {value}");
    }
}

#[test]
fn each_issuer_names_its_tenants_in_its_own_way() {
    let eks = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF";
    let bitbucket = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    let circleci = "oidc.circleci.com/org/2f1c3b44";
    for (issuer, name, value, any) in [
        ("gitlab.com", "sub", "project_path:acme/infra:ref_type:branch:ref:main", false),
        ("gitlab.com", "sub", "project_path:acme/*", false),
        ("gitlab.example.com", "sub", "project_path:acme/infra:*", false),
        ("gitlab.com", "sub", "project_path:acme*", true),
        ("gitlab.com", "sub", "project_path:*:ref_type:branch:ref:main", true),
        ("gitlab.com", "sub", "*", true),
        ("gitlab.com", "aud", "https://gitlab.com", true),
        ("app.terraform.io", "sub", "organization:acme:project:*:workspace:*:run_phase:*", false),
        ("app.terraform.io", "sub", "organization:acme:*", false),
        ("app.terraform.io", "sub", "organization:acme*", true),
        ("app.terraform.io", "sub", "organization:*:workspace:prod:run_phase:apply", true),
        ("app.terraform.io", "aud", "aws.workload.identity", true),
        ("agent.buildkite.com", "sub", "organization:acme:pipeline:deploy:*", false),
        ("agent.buildkite.com", "sub", "organization:*", true),
        (bitbucket, "sub", "{11111111-2222}:{33333333-4444}", false),
        (bitbucket, "sub", "{11111111-2222}*:*", false),
        (bitbucket, "sub", "{*}:*", true),
        (bitbucket, "sub", "*", true),
        (bitbucket, "aud", "ari:cloud:bitbucket::workspace/1111", true),
        (circleci, "sub", "org/2f1c3b44/project/9988/user/*", false),
        (circleci, "sub", "org/*", true),
        (circleci, "oidc.circleci.com/project-id", "9988", false),
        (eks, "sub", "system:serviceaccount:prod:app", false),
        (eks, "sub", "system:serviceaccount:prod:*", false),
        (eks, "sub", "system:serviceaccount:*:app", true),
        (eks, "sub", "system:serviceaccount:prod-*:app", true),
        (eks, "sub", "system:serviceaccount:*", true),
        (eks, "aud", "sts.amazonaws.com", true),
        ("accounts.google.com", "aud", "1234.apps.googleusercontent.com", false),
        ("accounts.google.com", "sub", "109876543210987654321", false),
        ("accounts.google.com", "aud", "*", true),
        ("accounts.google.com", "amr", "x", true),
        ("www.amazon.com", "app_id", "amzn1.application-oa2-client.1234", false),
        ("www.amazon.com", "aud", "x", true),
        ("graph.facebook.com", "app_id", "1234567890", false),
        ("graph.facebook.com", "app_id", "*", true),
        ("oidc.vercel.com/acme", "aud", "https://vercel.com/acme", false),
        ("oidc.vercel.com", "sub", "owner:acme:project:web:*", false),
        ("oidc.vercel.com", "sub", "owner:*", true),
        ("api.pulumi.com/oidc", "aud", "aws:acme", false),
        ("api.pulumi.com/oidc", "sub", "pulumi:deploy:org:*", true),
        ("api.pulumi.com/oidc", "sub", "pulumi:deploy:org:acme:*", false),
        ("oidc.codefresh.io", "sub", "account:1234:pipeline:*", false),
        ("oidc.codefresh.io", "sub", "account:*", true),
        ("idp.example.com", "sub", "alice", false),
        ("idp.example.com", "sub", "*", true),
    ] {
        let (judged, _) = judged(issuer, claim(issuer, "StringLike", name, json!(value)));
        assert_eq!(judged, any, "{issuer}:{name} {value}");
    }
}

#[test]
fn microsoft_sentinel_is_bound_by_the_sessions_name() {
    let issuer = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/";
    let named = json!({"StringEquals": {"sts:RoleSessionName": "MicrosoftSentinel_1234"}});
    assert!(!judged(issuer, named.clone()).0);
    assert!(judged(issuer, json!({})).0);
    assert!(judged("sts.windows.net/another", named).0);
}

#[test]
fn guests_of_an_identity_pool_get_in_unless_kept_out() {
    let cognito = "cognito-identity.amazonaws.com";
    let (aud, amr) = (format!("{cognito}:aud"), format!("{cognito}:amr"));
    let pool = "eu-west-1:12345678-dead-beef";
    for (condition, guests, any) in [
        (
            json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: "authenticated"}}),
            false,
            false,
        ),
        (
            json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: "unauthenticated"}}),
            true,
            false,
        ),
        (
            json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: ["authenticated", "unauthenticated"]}}),
            true,
            false,
        ),
        (json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: "*"}}), true, false),
        (
            json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: "*authenticated"}}),
            true,
            false,
        ),
        (json!({"StringEquals": {&aud: pool}}), true, false),
        (json!({"StringEquals": {&aud: pool, &amr: "authenticated"}}), false, false),
        (json!({"StringEquals": {&aud: pool}, "StringNotEquals": {&amr: "unauthenticated"}}), false, false),
        (
            json!({"StringEquals": {&aud: pool}, "ForAnyValue:StringLike": {&amr: "graph.facebook.com"}}),
            false,
            false,
        ),
        (json!({"ForAnyValue:StringLike": {&amr: "authenticated"}}), false, true),
        (json!({}), true, true),
    ] {
        let report = report(&[trusting(cognito, condition.clone())]);
        assert_eq!(report.anonymous_federation, guests, "{condition}");
        assert_eq!(report.oidc_any_subject, Some(any), "{condition}");
    }
    assert!(!report(&[trusting(GITHUB, json!({}))]).anonymous_federation);
}

#[test]
fn a_deny_may_ask_for_the_subject() {
    let key = format!("{GITHUB}:sub");
    for (condition, any) in [
        (json!({"StringNotLike": {&key: "repo:acme/*"}}), false),
        (json!({"StringNotLike": {&key: "repo:acme*"}}), true),
        (json!({"StringLike": {&key: "repo:acme/*"}}), true),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}), false), // denies all tokens
    ] {
        let report = report(&[
            trusting(GITHUB, json!({})),
            deny(json!("*"), "sts:AssumeRoleWithWebIdentity", condition.clone()),
        ]);
        assert_eq!(report.oidc_any_subject, Some(any), "{condition}");
    }
}

#[test]
fn one_unbound_way_is_enough() {
    let bound = trusting(GITHUB, claim(GITHUB, "StringLike", "sub", json!("repo:acme/*")));
    assert_eq!(report(&[bound.clone(), trusting("gitlab.com", json!({}))]).oidc_any_subject, Some(true));
    assert_eq!(report(&[bound.clone(), bound]).oidc_any_subject, Some(false));
}

#[test]
fn tokens_of_any_provider_are_public_unless_a_claim_says_whose() {
    for principal in [json!("*"), json!({"Federated": "*"})] {
        let statement = |condition| allow(principal.clone(), "sts:AssumeRoleWithWebIdentity", condition);
        assert!(report(&[statement(json!({}))]).public);
        let bound = claim(GITHUB, "StringLike", "sub", json!("repo:acme/*"));
        assert!(!report(&[statement(bound)]).public);
        let wide = report(&[statement(claim(GITHUB, "StringLike", "sub", json!("repo:*")))]);
        assert!(wide.public && wide.oidc_any_subject == Some(true));
    }
}

#[test]
fn saml_asks_for_the_audience() {
    let saml = |condition| {
        allow(
            json!({"Federated": format!("arn:aws:iam::{OWN}:saml-provider/idp")}),
            "sts:AssumeRoleWithSAML",
            condition,
        )
    };
    for (condition, finding) in [
        (json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), false),
        (json!({"StringLike": {"saml:AUD": "https://*.signin.aws.amazon.com/saml*"}}), false),
        (json!({}), true),
        (json!({"StringLike": {"SAML:aud": "*"}}), true),
        (json!({"StringEqualsIfExists": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), true),
        (json!({"StringNotEquals": {"SAML:aud": "x"}}), true),
        (json!({"StringEquals": {"SAML:iss": "https://idp.example.com"}}), true),
    ] {
        let report = report(&[saml(condition.clone())]);
        let expected: &[&str] =
            if finding { &["role-trust-saml-audience Statement[0].Principal.Federated[0]"] } else { &[] };
        assert_eq!(rules(&report), expected, "{condition}");
        assert!(!report.public);
    }
}

#[test]
fn a_finding_points_at_the_pattern_that_is_too_wide() {
    let report = report(&[trusting(
        GITHUB,
        claim(GITHUB, "StringLike", "sub", json!(["repo:acme/api:*", "repo:acme*"])),
    )]);
    assert_eq!(
        rules(&report),
        [
            format!("role-trust-oidc-subject Statement[0].Condition.StringLike.{GITHUB}:sub[1]"),
            "role-trust-oidc-subject Statement[0].Principal.Federated[0]".to_owned(),
        ]
    );
}

#[test]
fn an_exact_match_with_a_star_is_pointed_out() {
    let report = report(&[trusting(GITHUB, claim(GITHUB, "StringEquals", "sub", json!("repo:acme/*")))]);
    assert_eq!(
        rules(&report),
        [format!("policy-exact-match-wildcard Statement[0].Condition.StringEquals.{GITHUB}:sub[0]")]
    );
}
