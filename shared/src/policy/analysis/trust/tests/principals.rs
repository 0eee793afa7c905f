use super::*;

#[test]
fn a_star_without_a_condition_is_public_in_every_spelling() {
    for principal in
        [json!("*"), json!({"AWS": "*"}), json!({"AWS": [format!("arn:aws:iam::{OWN}:root"), "*"]})]
    {
        for action in ["sts:AssumeRole", "STS:assumerole", "sts:*", "*", "sts:Assume*", "sts:AssumeRol?"] {
            let report = report(&[allow(principal.clone(), action, json!({}))]);
            assert!(report.public, "{principal} {action}");
            assert!(report.findings.iter().any(|finding| finding.rule == "role-trust-public"));
        }
    }
}

#[test]
fn everybody_but_somebody_is_public() {
    let statement = json!({"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "sts:AssumeRole"});
    let report = report(&[statement]);
    assert!(report.public);
    assert_eq!(rules(&report), ["role-trust-public Statement[0].NotPrincipal"]);
}

#[test]
fn an_action_that_is_not_excluded_is_granted() {
    let statement = |but: &str| json!({"Effect": "Allow", "Principal": "*", "NotAction": but});
    assert!(report(&[statement("iam:*")]).public);
    assert!(!report(&[statement("sts:*")]).public);
}

#[test]
fn tags_and_source_identities_alone_let_nobody_in() {
    for action in ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext", "sts:GetCallerIdentity"] {
        let report = report(&[allow(json!({"AWS": ["*", OTHER]}), action, json!({}))]);
        assert!(!report.public && report.external_accounts.is_empty(), "{action}");
        assert_eq!(rules(&report), Vec::<String>::new(), "{action}");
    }
}

#[test]
fn accounts_are_told_own_other_and_trusted() {
    let root = |account| format!("arn:aws:iam::{account}:root");
    let report = report(&[allow(
        json!({"AWS": [root(OWN), OTHER, format!("arn:aws:iam::{OTHER}:role/ci"), root("777788889999")]}),
        "sts:AssumeRole",
        json!({}),
    )]);
    let accounts: Vec<&str> = report.external_accounts.iter().map(AccountId::as_str).collect();
    assert_eq!(accounts, [OTHER, "777788889999"]);
    assert!(!report.public && !report.external_id);
    assert_eq!(
        rules(&report),
        [
            "role-trust-external Statement[0].Principal.AWS[1]",
            "role-trust-external-id Statement[0].Principal.AWS[1]",
            "role-trust-external Statement[0].Principal.AWS[2]",
            "role-trust-external-id Statement[0].Principal.AWS[2]",
        ]
    );
}

#[test]
fn without_an_own_account_every_account_is_another_one() {
    let policy = policy(&[allow(json!({"AWS": OWN}), "sts:AssumeRole", json!({}))]);
    let report = TrustReport::of(&policy, &TrustContext::default());
    assert_eq!(report.external_accounts.len(), 1);
    assert!(report.findings[0].message.contains("was not told"));
}

#[test]
fn only_an_external_id_of_one_value_that_must_be_brought_is_one() {
    let cases = [
        (json!({"StringEquals": {"sts:ExternalId": "a1b2"}}), true),
        (json!({"stringequals": {"STS:externalid": ["a1b2", "c3d4"]}}), true),
        (json!({"StringLike": {"sts:ExternalId": "a1b2"}}), true),
        (json!({"ForAnyValue:StringEquals": {"sts:ExternalId": "a1b2"}}), true),
        (
            json!({"StringEqualsIfExists": {"sts:ExternalId": "a1b2"}, "Null": {"sts:ExternalId": "false"}}),
            true,
        ),
        (json!({}), false),
        (json!({"StringLike": {"sts:ExternalId": "*"}}), false),
        (json!({"StringLike": {"sts:ExternalId": "a1b2-*"}}), false),
        (json!({"StringLike": {"sts:ExternalId": ["a1b2", "*"]}}), false),
        (json!({"StringEquals": {"sts:ExternalId": "${aws:PrincipalAccount}"}}), false),
        (json!({"StringEqualsIfExists": {"sts:ExternalId": "a1b2"}}), false),
        (json!({"ForAllValues:StringEquals": {"sts:ExternalId": "a1b2"}}), false),
        (json!({"StringNotEquals": {"sts:ExternalId": "a1b2"}}), false),
        (json!({"Null": {"sts:ExternalId": "false"}}), false),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), false),
    ];
    for (condition, expected) in cases {
        let report = report(&[allow(json!({"AWS": OTHER}), "sts:AssumeRole", condition.clone())]);
        assert_eq!(report.external_id, expected, "{condition}");
        assert_eq!(report.external_accounts.len(), 1, "{condition}");
    }
}

#[test]
fn every_way_in_of_a_third_party_must_ask_for_the_external_id() {
    let with =
        allow(json!({"AWS": OTHER}), "sts:AssumeRole", json!({"StringEquals": {"sts:ExternalId": "a1b2"}}));
    let without = allow(json!({"AWS": "222233334444"}), "sts:AssumeRole", json!({}));
    assert!(report(std::slice::from_ref(&with)).external_id);
    assert!(!report(&[with.clone(), without]).external_id);
    let own = allow(json!({"AWS": OWN}), "sts:AssumeRole", json!({}));
    let service = allow(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole", json!({}));
    assert!(report(&[with, own.clone(), service.clone()]).external_id);
    assert!(!report(&[own, service]).external_id, "nobody is a third party");
}

#[test]
fn a_deny_without_the_external_id_asks_for_it() {
    let statements = [
        allow(json!({"AWS": OTHER}), "sts:AssumeRole", json!({})),
        deny(json!("*"), "sts:*", json!({"StringNotEquals": {"sts:ExternalId": "a1b2"}})),
    ];
    assert!(report(&statements).external_id);
}

#[test]
fn mfa_makes_up_for_an_external_id_in_findings_alone() {
    let outside = ["role-trust-external Statement[0].Principal.AWS[0]"];
    let third_party = [outside[0], "role-trust-external-id Statement[0].Principal.AWS[0]"];
    for (condition, expected) in [
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), &outside[..]),
        // Only who used it has an age of it.
        (json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}), &outside),
        (json!({"Null": {"aws:MultiFactorAuthAge": "false"}}), &outside),
        (json!({"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}), &third_party),
        (json!({"NumericNotEquals": {"aws:MultiFactorAuthAge": "3600"}}), &third_party),
        (json!({"Null": {"aws:MultiFactorAuthAge": "true"}}), &third_party),
    ] {
        let report = report(&[allow(json!({"AWS": OTHER}), "sts:AssumeRole", condition.clone())]);
        assert!(!report.external_id);
        assert_eq!(rules(&report), expected, "{condition}");
    }
    for (condition, expected) in [
        (json!({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}), &outside[..]),
        (json!({"Null": {"aws:MultiFactorAuthAge": "true"}}), &outside),
        (json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}), &third_party),
    ] {
        let open = allow(json!({"AWS": OTHER}), "sts:AssumeRole", json!({}));
        let report = report(&[open, deny(json!("*"), "sts:AssumeRole", condition.clone())]);
        let mut rules = rules(&report);
        rules.retain(|rule| rule.starts_with("role-"));
        assert_eq!(rules, expected, "denied by {condition}");
    }
}

#[test]
fn a_star_bound_to_accounts_names_them() {
    let cases = [
        (json!({"StringEquals": {"aws:PrincipalAccount": [OTHER, OWN]}}), vec![OTHER]),
        (json!({"StringEquals": {"aws:PrincipalAccount": OWN}}), vec![]),
        (json!({"ArnLike": {"lambda:SourceFunctionArn": format!("arn:aws:lambda:*:{OWN}:*")}}), vec![]),
        (
            json!({"ArnLike": {"ec2:SourceInstanceARN": format!("arn:aws:ec2:*:{OTHER}:instance/*")}}),
            vec![OTHER],
        ),
        (json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OTHER}:role/*")}}), vec![OTHER]),
        (json!({"StringLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OTHER}:*")}}), vec![OTHER]),
        (json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}), vec![]),
        (
            json!({"StringEquals": {"aws:PrincipalAccount": [OTHER, "222233334444"]},
                "ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OTHER}:role/*")}}),
            vec![OTHER],
        ),
    ];
    for (condition, expected) in cases {
        let report = report(&[allow(json!("*"), "sts:AssumeRole", condition.clone())]);
        assert!(!report.public, "{condition}");
        let accounts: Vec<&str> = report.external_accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, expected, "{condition}");
    }
}

#[test]
fn a_star_bound_to_a_network_is_of_any_account() {
    for condition in [
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLE1EXAMPLE12:*"}}),
    ] {
        let report = report(&[allow(json!("*"), "sts:AssumeRole", condition.clone())]);
        assert_eq!(rules(&report), ["role-trust-external Statement[0].Principal"], "{condition}");
        assert!(report.external_accounts.is_empty(), "{condition}");
    }
}

#[test]
fn the_organization_is_own_or_another() {
    let id = |ids: Value| json!({"StringEquals": {"aws:PrincipalOrgID": ids}});
    let path = |path: &str| json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path}});
    let star = || json!("*");
    // Principal, condition, organizationOnly, externalOrganization.
    let cases = [
        (star(), id(json!(OWN_ORGANIZATION)), true, false),
        (star(), id(json!("o-other00000")), false, true),
        (star(), id(json!([OWN_ORGANIZATION, "o-other00000"])), false, true),
        (star(), path(&format!("{OWN_ORGANIZATION}/*")), true, false),
        (star(), path(&format!("{OWN_ORGANIZATION}/r-ab12/ou-ab12-11111111/*")), true, false),
        (star(), path("o-other00000/*"), false, true),
        (star(), id(json!("${aws:ResourceOrgID}")), true, false),
        (star(), json!({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}), true, false),
        (json!({"AWS": OTHER}), id(json!(OWN_ORGANIZATION)), true, false),
        (json!({"AWS": OTHER}), json!({}), false, false),
        (json!({"AWS": OWN}), json!({}), false, false),
        (star(), json!({}), false, false),
        (star(), json!({"StringEquals": {"aws:PrincipalAccount": OWN}}), false, false),
    ];
    for (principal, condition, only, external) in cases {
        let report = report(&[allow(principal.clone(), "sts:AssumeRole", condition.clone())]);
        assert_eq!(report.organization_only, only, "{principal} {condition}");
        assert_eq!(report.external_organization, external, "{principal} {condition}");
    }
}

#[test]
fn one_way_around_the_organization_is_enough() {
    let bound = allow(
        json!("*"),
        "sts:AssumeRole",
        json!({"StringEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}),
    );
    let service = allow(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole", json!({}));
    let own = allow(json!({"AWS": OWN}), "sts:AssumeRole", json!({}));
    let other = allow(json!({"AWS": OTHER}), "sts:AssumeRole", json!({}));
    assert!(report(&[bound.clone(), service, own]).organization_only);
    assert!(!report(&[bound, other]).organization_only);
}

#[test]
fn without_an_own_organization_the_one_named_is_taken_for_it() {
    let policy = policy(&[allow(
        json!("*"),
        "sts:AssumeRole",
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-other00000"}}),
    )]);
    let report = TrustReport::of(&policy, &TrustContext::default());
    assert!(report.organization_only && !report.external_organization && !report.public);
}

#[test]
fn principals_of_the_own_organization_are_no_third_party() {
    let report = report(&[allow(
        json!({"AWS": OTHER}),
        "sts:AssumeRole",
        json!({"StringEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}),
    )]);
    assert_eq!(report.external_accounts.len(), 1);
    assert_eq!(rules(&report), Vec::<String>::new());
}

#[test]
fn deleted_principals_are_named_and_let_nobody_in() {
    let report = report(&[
        allow(json!({"AWS": ["AROAEXAMPLE1EXAMPLE12", OWN]}), "sts:AssumeRole", json!({})),
        deny(json!({"AWS": "AIDAEXAMPLE1EXAMPLE12"}), "sts:*", json!({})),
        allow(json!({"AWS": "AROAEXAMPLE1EXAMPLE12"}), "sts:TagSession", json!({})),
    ]);
    assert_eq!(report.orphan_principals, ["AROAEXAMPLE1EXAMPLE12", "AIDAEXAMPLE1EXAMPLE12"]);
    assert_eq!(
        rules(&report),
        [
            "role-trust-orphan-principal Statement[0].Principal.AWS[0]",
            "role-trust-orphan-principal Statement[1].Principal.AWS[0]",
            "role-trust-orphan-principal Statement[2].Principal.AWS[0]",
        ]
    );
    assert!(!report.public && report.external_accounts.is_empty());
}

#[test]
fn an_action_that_does_not_fit_lets_nobody_in() {
    let saml = format!("arn:aws:iam::{OWN}:saml-provider/idp");
    let github = format!("arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com");
    let cases = [
        (json!({"Federated": github}), "sts:AssumeRole"),
        (json!({"Federated": github}), "sts:AssumeRoleWithSAML"),
        (json!({"Federated": saml}), "sts:AssumeRoleWithWebIdentity"),
        (json!({"AWS": OTHER}), "sts:AssumeRoleWithWebIdentity"),
        (json!({"Service": "sagemaker.amazonaws.com"}), "sts:AssumeRoleWithSAML"),
        (json!({"CanonicalUser": "79a59df900b949e5"}), "sts:AssumeRole"),
    ];
    for (principal, action) in cases {
        let report = report(&[allow(principal.clone(), action, json!({}))]);
        let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["role-trust-action-mismatch"], "{principal} {action}");
        assert!(!report.public && report.external_accounts.is_empty() && !report.service_confused_deputy);
        assert_ne!(report.oidc_any_subject, Some(true));
    }
}

fn all_but(principal: &Value, condition: &Value) -> Value {
    json!({"Effect": "Deny", "NotPrincipal": principal, "Action": "sts:AssumeRole", "Condition": condition})
}

#[test]
fn a_deny_of_all_but_somebody_leaves_whom_it_lists() {
    let star = allow(json!("*"), "sts:AssumeRole", json!({}));
    let root = |account: &str| format!("arn:aws:iam::{account}:root");
    let other = |index: usize| {
        ["role-trust-external", "role-trust-external-id"]
            .map(|rule| format!("{rule} Statement[1].NotPrincipal.AWS[{index}]"))
            .to_vec()
    };
    let cases = [
        (json!({"AWS": root(OWN)}), json!({}), vec![]),
        (json!({"AWS": [OWN, format!("arn:aws:iam::{OWN}:role/ci")]}), json!({}), vec![]),
        (json!({"AWS": [OWN, OTHER], "Service": "ec2.amazonaws.com"}), json!({}), other(1)),
        (json!({"AWS": format!("arn:aws:iam::{OTHER}:role/ci")}), json!({}), other(0)),
        (json!({"AWS": OWN}), json!({"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}), vec![]),
        (
            json!({"AWS": OTHER}),
            json!({"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}),
            other(0),
        ),
    ];
    for (principal, condition, expected) in cases {
        let report = report(&[star.clone(), all_but(&principal, &condition)]);
        assert!(!report.public, "{principal} {condition}");
        assert_eq!(rules(&report), expected, "{principal} {condition}");
        let accounts: &[&str] = if expected.is_empty() { &[] } else { &[OTHER] };
        assert_eq!(report.external_accounts.iter().map(AccountId::as_str).collect::<Vec<_>>(), accounts);
    }
}

#[test]
fn what_two_denies_of_all_but_somebody_both_leave_gets_in() {
    let star = allow(json!("*"), "sts:AssumeRole", json!({}));
    let but = |principal: &Value| all_but(&json!({"AWS": principal}), &json!({}));
    for (one, two, expected) in [
        (json!([OWN, OTHER]), json!(OWN), vec![]),
        (json!([OWN, OTHER]), json!([OTHER]), vec![OTHER]),
        (json!(OTHER), json!(OWN), vec![]),
    ] {
        let report = report(&[star.clone(), but(&one), but(&two)]);
        let accounts: Vec<&str> = report.external_accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, expected, "{one} {two}");
        assert_eq!(rules(&report).is_empty(), expected.is_empty(), "{one} {two}");
    }
}

#[test]
fn a_deny_of_all_but_somebody_that_is_not_understood_is_no_place_to_take_anything_out() {
    let network = json!({"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c"}});
    let unclear = json!({
        "StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/team": "web"},
    });
    let statements = [allow(json!("*"), "sts:AssumeRole", network), all_but(&json!({"AWS": OWN}), &unclear)];
    assert_eq!(rules(&report(&statements)), ["role-trust-external Statement[1].NotPrincipal"]);
}
