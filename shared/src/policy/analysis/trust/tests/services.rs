use super::*;

fn deputy(service: Value, condition: Value) -> bool {
    report(&[allow(json!({"Service": service}), "sts:AssumeRole", condition)]).service_confused_deputy
}

#[test]
fn a_service_that_tells_its_source_must_be_asked() {
    for (service, expected) in [
        (json!("sagemaker.amazonaws.com"), true),
        (json!("states.eu-west-1.amazonaws.com"), true),
        (json!("bedrock.amazonaws.com"), true),
        (json!(["ec2.amazonaws.com", "ssm.amazonaws.com"]), true),
        (json!(["ec2.amazonaws.com", "lambda.amazonaws.com"]), false),
        (json!("ec2.amazonaws.com"), false),
        (json!("cloudtrail.amazonaws.com"), false),
        (json!("elastictranscoder.amazonaws.com"), false),
        (json!("*"), true),
    ] {
        assert_eq!(deputy(service.clone(), json!({})), expected, "{service}");
    }
}

#[test]
fn a_source_is_an_account_or_an_organization() {
    let arn = |arn: &str| json!({"ArnLike": {"aws:SourceArn": arn}});
    for (condition, expected) in [
        (json!({"StringEquals": {"aws:SourceAccount": OWN}}), false),
        (json!({"StringLike": {"AWS:SourceAccount": [OWN, OTHER]}}), false),
        (json!({"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}}), false),
        (arn(&format!("arn:aws:sagemaker:*:{OWN}:*")), false),
        (json!({"StringLike": {"aws:SourceArn": format!("arn:aws:sagemaker:eu-west-1:{OWN}:*")}}), false),
        (json!({"StringEquals": {"aws:SourceOrgID": OWN_ORGANIZATION}}), false),
        (json!({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": format!("{OWN_ORGANIZATION}/*")}}), false),
        (
            json!({"StringEqualsIfExists": {"aws:SourceAccount": OWN}, "Null": {"aws:SourceAccount": "false"}}),
            false,
        ),
        (json!({"StringEquals": {"aws:PrincipalAccount": OWN}}), false), // no service has it
        (arn("arn:aws:sagemaker:*:*:*"), true),
        (arn("arn:aws:s3:::bucket"), true),
        (arn("*"), true),
        (json!({"StringLike": {"aws:SourceAccount": "*"}}), true),
        (json!({"StringLike": {"aws:SourceAccount": "1111*"}}), true),
        (json!({"StringLike": {"aws:SourceOrgID": "o-*"}}), true),
        (json!({"StringNotEquals": {"aws:SourceAccount": OTHER}}), true),
        (json!({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}), true),
        (json!({"ForAllValues:StringEquals": {"aws:SourceAccount": OWN}}), true),
        (json!({"StringEquals": {"sts:ExternalId": "a1b2"}}), true),
        (json!({"StringEquals": {"aws:ResourceAccount": OWN}}), true),
        (json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), true),
    ] {
        assert_eq!(deputy(json!("sagemaker.amazonaws.com"), condition.clone()), expected, "{condition}");
    }
}

#[test]
fn a_deny_may_ask_for_the_source() {
    for (condition, expected) in [
        (json!({"StringNotEquals": {"aws:SourceAccount": OWN}}), false),
        (
            json!({"StringNotEqualsIfExists": {"aws:SourceOrgID": OWN_ORGANIZATION},
                "Bool": {"aws:PrincipalIsAWSService": "true"}}),
            false,
        ),
        (
            json!({"StringNotEquals": {"aws:SourceAccount": OWN}, "Null": {"aws:SourceAccount": "false"},
                "Bool": {"aws:PrincipalIsAWSService": "true"}}),
            false,
        ),
        (json!({"StringEquals": {"aws:SourceAccount": OTHER}}), true),
    ] {
        let report = report(&[
            allow(json!({"Service": "scheduler.amazonaws.com"}), "sts:AssumeRole", json!({})),
            deny(json!("*"), "sts:AssumeRole", condition.clone()),
        ]);
        assert_eq!(report.service_confused_deputy, expected, "{condition}");
    }
}

#[test]
fn each_service_of_a_list_has_its_place() {
    let report = report(&[allow(
        json!({"Service": ["ec2.amazonaws.com", "glue.amazonaws.com"], "AWS": OWN}),
        "sts:AssumeRole",
        json!({}),
    )]);
    assert_eq!(rules(&report), ["role-trust-service-source Statement[0].Principal.Service[1]"]);
}

#[test]
fn roles_anywhere_asks_for_the_certificate_or_its_trust_anchor() {
    let anchor = format!("arn:aws:rolesanywhere:eu-west-1:{OWN}:trust-anchor/a1b2");
    for (condition, finding, deputy) in [
        (json!({}), true, true),
        (json!({"ArnEquals": {"aws:SourceArn": anchor}}), false, false),
        (json!({"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "host1"}}), false, false),
        (json!({"StringLike": {"aws:PrincipalTag/x509SAN/DNS": "host*.example.com"}}), false, false),
        (json!({"StringEquals": {"sts:SourceIdentity": "CN=host1"}}), false, false),
        (json!({"StringLike": {"aws:PrincipalTag/x509Subject/CN": "*"}}), true, true),
        (json!({"StringEqualsIfExists": {"aws:PrincipalTag/x509Subject/CN": "host1"}}), true, true),
        (json!({"StringEquals": {"aws:SourceAccount": OWN}}), true, false),
        (
            json!({"ArnLike": {"aws:SourceArn": format!("arn:aws:rolesanywhere:*:{OWN}:trust-anchor/*")}}),
            true,
            false,
        ),
    ] {
        let report = report(&[allow(
            json!({"Service": "rolesanywhere.amazonaws.com"}),
            "sts:AssumeRole",
            condition.clone(),
        )]);
        let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        let expected: &[&str] = if finding { &["role-trust-roles-anywhere"] } else { &[] };
        assert_eq!(rules, expected, "{condition}");
        assert_eq!(report.service_confused_deputy, deputy, "{condition}");
    }
}
