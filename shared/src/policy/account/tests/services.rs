//! Services that run somebody's code as a role.

use serde_json::{Value, json};

use super::fixture::*;

const NONE: [&str; 0] = [];
const LAMBDA: &str = "lambda.amazonaws.com";
const EC2: &str = "ec2.amazonaws.com";

fn run(role: &str) -> Value {
    json!([allow("iam:PassRole", &arn(role)), allow("lambda:CreateFunction lambda:InvokeFunction", "*")])
}

#[test]
fn a_role_is_passed_only_to_a_service_that_it_trusts() {
    let passing = "iam:PassRole + lambda:CreateFunction role/strong";
    for (service, statements, expected) in [
        (LAMBDA, run("role/*"), &[passing][..]),
        (LAMBDA, run("role/strong"), &[passing]),
        (LAMBDA, run("role/weak"), &NONE),
        (EC2, run("role/*"), &NONE),
        (LAMBDA, json!([allow("iam:PassRole", "*")]), &NONE),
        // No function has the ARN of a role.
        (LAMBDA, json!([allow("lambda:*", &arn("role/strong"))]), &NONE),
        (LAMBDA, json!([allow("lambda:*", "*")]), &["lambda:UpdateFunctionCode? role/strong"]),
    ] {
        let account = Fixture::default()
            .role("weak", &json!([trust_service(LAMBDA)]), &json!([allow("s3:*", "*")]))
            .role("strong", &json!([trust_service(service)]), &json!([everything()]))
            .user("alice", &statements);
        assert_eq!(account.way("user/alice"), expected, "{service} {statements}");
    }
}

#[test]
fn passing_only_roles_without_power_leads_nowhere() {
    let account = Fixture::default()
        .role("weak", &json!([trust_service(LAMBDA)]), &json!([allow("s3:*", "*")]))
        .role("strong", &json!([trust_service("glue.amazonaws.com")]), &json!([everything()]))
        .user("alice", &run("role/*"));
    let report = account.report("user/alice");
    assert_eq!((report.path.len(), report.escalations.len()), (0, 0));
    assert_eq!(report.tier.to_string(), "silver");
}

#[test]
fn the_service_that_a_role_may_be_passed_to_counts() {
    let to = |service: &str| json!({"StringEquals": {"iam:PassedToService": service}});
    for (service, expected) in
        [(LAMBDA, &["iam:PassRole + lambda:CreateFunction role/strong"][..]), ("glue.amazonaws.com", &NONE)]
    {
        let account =
            Fixture::default().role("strong", &json!([trust_service(LAMBDA)]), &json!([everything()])).user(
                "alice",
                &json!([when(allow("iam:PassRole", "*"), to(service)), allow("lambda:CreateFunction", "*")]),
            );
        assert_eq!(account.way("user/alice"), expected, "{service}");
    }
}

#[test]
fn an_instance_needs_a_profile_with_the_role() {
    let base = |statements: &Value| {
        Fixture::default().user("alice", statements).role(
            "strong",
            &json!([trust_service(EC2)]),
            &json!([everything()]),
        )
    };
    let launch = json!([allow("iam:PassRole ec2:RunInstances", "*")]);
    assert_eq!(base(&launch).way("user/alice"), NONE);
    assert_eq!(
        base(&launch).on_instances().way("user/alice"),
        ["iam:PassRole + ec2:RunInstances role/strong"]
    );
    let with_profile = json!([allow(
        "iam:PassRole ec2:RunInstances iam:CreateInstanceProfile iam:AddRoleToInstanceProfile",
        "*"
    )]);
    assert_eq!(base(&with_profile).way("user/alice"), ["iam:PassRole + ec2:RunInstances role/strong"]);
}

#[test]
fn what_may_run_as_a_role_already_is_possible() {
    for (actions, service, on_instances, expected) in [
        ("ssm:SendCommand", EC2, true, &["ssm:SendCommand? role/strong"][..]),
        ("ssm:StartSession", EC2, true, &["ssm:StartSession? role/strong"]),
        ("ssm:StartSession", EC2, false, &NONE),
        ("ssm:StartSession", LAMBDA, true, &NONE),
        ("lambda:UpdateFunctionCode", LAMBDA, false, &["lambda:UpdateFunctionCode? role/strong"]),
        ("lambda:UpdateFunctionCode", EC2, true, &NONE),
        (
            "cloudformation:UpdateStack",
            "cloudformation.amazonaws.com",
            false,
            &["cloudformation:UpdateStack? role/strong"],
        ),
    ] {
        let role = Fixture::default().user("alice", &json!([allow(actions, "*")])).role(
            "strong",
            &json!([trust_service(service)]),
            &json!([everything()]),
        );
        let account = if on_instances { role.on_instances() } else { role };
        assert_eq!(account.way("user/alice"), expected, "{actions} {service}");
    }
}

#[test]
fn what_is_named_may_be_what_has_the_role_unless_aws_names_it() {
    let one = "arn:aws:lambda:eu-west-1:111122223333:function:deploy";
    let tagged = json!({"StringEquals": {"aws:ResourceTag/team": "red"}});
    let update = |resource: &str| allow("lambda:UpdateFunctionCode", resource);
    let base = || Fixture::default().role("strong", &json!([trust_service(LAMBDA)]), &json!([everything()]));
    let possible = ["lambda:UpdateFunctionCode? role/strong"];
    for (statement, expected) in [
        (update("*"), &possible[..]),
        (update(one), &possible),
        (update("arn:aws:s3:::functions"), &NONE),
        (when(update("*"), tagged), &NONE),
        (allow("ssm:StartSession", "arn:aws:ssm:*:*:document/*"), &NONE),
    ] {
        let own = base().user("alice", &json!([statement]));
        assert_eq!(own.way("user/alice"), expected, "{statement}");
    }
    let aws = "arn:aws:iam::aws:policy/SomeService";
    for (statement, expected) in [(update("*"), &possible[..]), (update(one), &NONE)] {
        let attached =
            base().policy(aws, &[json!([statement])]).user("alice", &json!([])).attached("users", aws);
        assert_eq!(attached.way("user/alice"), expected, "{statement}");
    }
}

#[test]
fn a_provider_that_one_may_replace_makes_one_whom_it_trusts() {
    let provider = arn("saml-provider/corp");
    let trust =
        json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": provider}});
    let account = Fixture::default()
        .role("sso-admin", &json!([trust]), &json!([everything()]))
        .user("alice", &json!([allow("iam:UpdateSAMLProvider", "*")]))
        .user("bob", &json!([allow("iam:UpdateSAMLProvider", &arn("saml-provider/other"))]));
    assert_eq!(
        account.way("user/alice"),
        ["iam:UpdateSAMLProvider role/sso-admin", "sts:AssumeRoleWithSAML role/sso-admin"]
    );
    assert_eq!(account.report("user/alice").path[0].on, Some(provider));
    assert_eq!(account.way("user/bob"), NONE);
}
