use super::*;

fn is_public(condition: Value) -> bool {
    report(&[allow(json!("*"), "sts:AssumeRole", condition)]).public
}

#[test]
fn conditions_that_restrict_who_calls_end_the_public() {
    let arn = |account: &str| format!("arn:aws:iam::{account}:role/*");
    for condition in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-any0000000"}}),
        json!({"StringEqualsIgnoreCase": {"AWS:principalorgid": "o-any0000000"}}),
        json!({"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-any0000000"}}),
        json!({"StringLike": {"aws:PrincipalOrgPaths": "o-any0000000/r-ab12/*"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-any0000000/*"},
            "Null": {"aws:PrincipalOrgPaths": "false"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-any0000000"},
            "Null": {"aws:PrincipalOrgID": false}}),
        json!({"StringEquals": {"aws:PrincipalAccount": OTHER}}),
        json!({"ArnLike": {"aws:PrincipalArn": arn(OTHER)}}),
        json!({"ArnEquals": {"aws:PrincipalArn": arn(OTHER)}}),
        json!({"StringLike": {"aws:PrincipalArn": arn(OTHER)}}),
        json!({"StringLike": {"aws:PrincipalArn": format!("arn:aws*:iam::{OTHER}:role/*")}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLE1EXAMPLE12:*"}}),
        json!({"StringEquals": {"aws:userid": OTHER}}),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
        json!({"StringEquals": {"aws:VpceAccount": OTHER}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
        json!({"StringEquals": {"aws:SourceAccount": OTHER}}),
        json!({"ArnLike": {"aws:SourceArn": format!("arn:aws:sns:*:{OTHER}:*")}}),
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"}}),
        json!({"ArnLike": {"lambda:SourceFunctionArn": format!("arn:aws:lambda:*:{OWN}:function:deploy")}}),
        json!({"ArnEquals": {"ec2:SourceInstanceARN": format!("arn:aws:ec2:eu-west-1:{OWN}:instance/i-0123")}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        json!({"StringEquals": {"aws:PrincipalServiceName": "ec2.amazonaws.com"}}),
        // Nobody meets these.
        json!({"StringEquals": {"aws:PrincipalOrgID": "*"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": []}}),
    ] {
        assert!(!is_public(condition.clone()), "{condition}");
    }
}

#[test]
fn conditions_that_a_stranger_can_meet_do_not() {
    for condition in [
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-any0000000"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-any0000000"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalAccount": OTHER}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-any0000000"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-any0000000/*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": ["o-any0000000", "o-*"]}}),
        json!({"StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}),
        json!({"StringLike": {"aws:PrincipalOrgPaths": "o-any*"}}),
        json!({"Null": {"aws:PrincipalOrgID": "false"}}),
        json!({"StringLike": {"aws:PrincipalAccount": "*"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": OTHER}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
        json!({"StringLike": {"aws:PrincipalArn": "*"}}),
        json!({"StringLike": {"aws:PrincipalArn": format!("*:{OTHER}:role/admin")}}),
        json!({"StringLike": {"aws:PrincipalArn": format!("arn:aws:*:*:{OTHER}:role/admin")}}),
        json!({"ArnNotLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OTHER}:*")}}),
        json!({"StringLike": {"aws:userid": "*:session"}}),
        json!({"StringLike": {"aws:userid": "AROA*"}}),
        json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}),
        json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}}),
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEqualsIfExists": {"aws:SourceAccount": OTHER}}),
        json!({"ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:*:*:function:deploy"}}),
        json!({"ArnLikeIfExists": {"lambda:SourceFunctionArn": format!("arn:aws:lambda:*:{OWN}:function:deploy")}}),
        json!({"ArnLike": {"aws:SourceArn": "*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}),
        json!({"StringLike": {"aws:SourceAccount": "*"}}),
        json!({"StringEquals": {"sts:ExternalId": "a1b2"}}),
        json!({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
        json!({"StringEquals": {"aws:username": "alice"}}),
        json!({"StringEquals": {"aws:PrincipalType": "User"}}),
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"StringEquals": {"aws:ResourceAccount": OWN}}),
        json!({"StringLike": {"aws:UserAgent": "x"}}),
        json!({"StringLike": {"aws:Referer": "x"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
    ] {
        assert!(is_public(condition.clone()), "{condition}");
    }
}

#[test]
fn a_deny_of_all_others_restricts_as_a_condition_does() {
    let star = allow(json!("*"), "sts:AssumeRole", json!({}));
    let organization = "o-any0000000";
    let arn = format!("arn:aws:iam::{OWN}:*");
    for (condition, expected) in [
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": organization}}), false),
        (json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization}}), false),
        (json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-any0000000/*"}}), false),
        (json!({"StringNotEquals": {"aws:PrincipalAccount": OWN}}), false),
        (json!({"ArnNotLike": {"aws:PrincipalArn": arn}}), false),
        (json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), false),
        (json!({"StringNotEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}), false),
        (
            json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}}),
            false,
        ),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), false),
        (json!({}), false),
        (json!({"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": organization}}), true),
        (json!({"StringEquals": {"aws:PrincipalAccount": OTHER}}), true),
        (json!({"Null": {"aws:PrincipalOrgID": "true"}}), true),
        (json!({"StringNotEquals": {"sts:ExternalId": "a1b2"}}), true),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), true),
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": organization},
                "Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            true,
        ),
    ] {
        let report = report(&[star.clone(), deny(json!("*"), "sts:AssumeRole", condition.clone())]);
        assert_eq!(report.public, expected, "{condition}");
    }
}

#[test]
fn a_deny_counts_only_for_the_action_and_the_caller_it_names() {
    let star = allow(json!("*"), "sts:AssumeRole", json!({}));
    for (denied, expected) in [
        (deny(json!("*"), "sts:AssumeRoleWithSAML", json!({})), true),
        (deny(json!({"AWS": OTHER}), "sts:AssumeRole", json!({})), true),
        (deny(json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole", json!({})), true),
        (json!({"Effect": "Deny", "NotPrincipal": {"AWS": OTHER}, "Action": "sts:*"}), false),
        (json!({"Effect": "Deny", "Principal": "*", "NotAction": "sts:TagSession"}), false),
    ] {
        assert_eq!(report(&[star.clone(), denied.clone()]).public, expected, "{denied}");
    }
}

#[test]
fn a_deny_takes_an_account_out() {
    let role = format!("arn:aws:iam::{OTHER}:role/ci");
    let both = allow(json!({"AWS": [role, "222233334444"]}), "sts:AssumeRole", json!({}));
    let cases = [
        (json!({"AWS": OTHER}), json!({}), vec!["222233334444"]),
        (json!({"AWS": role}), json!({}), vec!["222233334444"]),
        (json!("*"), json!({"StringEquals": {"aws:PrincipalAccount": OTHER}}), vec!["222233334444"]),
        (json!("*"), json!({"StringNotEquals": {"aws:PrincipalAccount": OTHER}}), vec![OTHER]),
        (json!("*"), json!({"ArnEquals": {"aws:PrincipalArn": role}}), vec!["222233334444"]),
        (json!({"AWS": format!("{role}2")}), json!({}), vec!["222233334444", OTHER]),
    ];
    for (principal, condition, expected) in cases {
        let report = report(&[both.clone(), deny(principal.clone(), "sts:*", condition.clone())]);
        let accounts: Vec<&str> = report.external_accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, expected, "{principal} {condition}");
    }
}

#[test]
fn the_organization_may_be_asked_for_by_a_deny() {
    let report = report(&[
        allow(json!({"AWS": [OTHER, "*"]}), "sts:AssumeRole", json!({})),
        deny(json!("*"), "*", json!({"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}})),
    ]);
    assert!(report.organization_only && !report.public);
    assert_eq!(rules(&report), Vec::<String>::new());
}

#[test]
fn variables_are_text_in_the_old_version() {
    let statement = allow(
        json!("*"),
        "sts:AssumeRole",
        json!({"StringLike": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
    );
    let read = |version: &str| {
        let text = json!({"Version": version, "Statement": statement}).to_string();
        TrustReport::of(&Policy::parse(&text, PolicyKind::Trust).unwrap(), &context())
    };
    assert!(read("2012-10-17").public, "everybody's account is their own");
    assert!(!read("2008-10-17").public, "no account is called so");
}
