use serde_json::{Value, json};

use super::super::{Boundary, NamedPolicy};
use super::*;
use crate::policy::PolicyKind;

fn read(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

#[test]
fn a_report_on_one_policy_reads_as_documented() {
    let policy = read(&json!([
        {"Effect": "Allow", "Action": ["SQS:*", "s3:Get*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "arn:aws:iam::*:user/${aws:username}"},
    ]));
    insta::assert_json_snapshot!(analyze_identity(&Permissions::of(&policy)), @r#"
    {
      "admin": false,
      "fullAccess": [
        "sqs"
      ],
      "escalations": [
        {
          "id": "iam-put-user-policy",
          "actions": [
            "iam:PutUserPolicy"
          ],
          "statements": [
            "Statement[1]"
          ]
        }
      ],
      "tier": "platinum",
      "findings": [
        {
          "rule": "policy-service-full-access",
          "at": "Statement[0].Action[0]",
          "message": "allows every action of sqs on every resource; list the actions that are needed"
        },
        {
          "rule": "policy-sensitive-without-mfa",
          "at": "Statement[1].Action[0]",
          "message": "allows iam:PutUserPolicy without multi-factor authentication; ask for `aws:MultiFactorAuthPresent`"
        },
        {
          "rule": "policy-privilege-escalation",
          "at": "Statement[1].Action[0]",
          "message": "leads to administrator by iam:PutUserPolicy"
        }
      ],
      "errors": []
    }
    "#);
}

#[test]
fn several_policies_are_told_apart_by_name() {
    let policies = [
        read(&json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"})),
        read(&json!({"Effect": "Allow", "Action": "glue:CreateDevEndpoint", "Resource": "*"})),
    ];
    let names = ["arn:aws:iam::111122223333:policy/pass", "glue"];
    let identity = policies.iter().zip(names).map(|(policy, name)| NamedPolicy { name: name.into(), policy });
    let permissions = Permissions { identity: identity.collect(), boundary: Boundary::Absent };
    let report = analyze_identity(&permissions);
    let glue =
        report.escalations.iter().find(|open| open.id == "pass-role-glue-create-dev-endpoint").unwrap();
    assert_eq!(glue.statements, ["arn:aws:iam::111122223333:policy/pass#Statement[0]", "glue#Statement[0]"]);
    let places: Vec<&str> = report.findings.iter().map(|finding| finding.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "arn:aws:iam::111122223333:policy/pass#Statement[0].Action[0]",
            "arn:aws:iam::111122223333:policy/pass#Statement[0].Action[0]",
        ]
    );
}

#[test]
fn nothing_allows_nothing() {
    let report = analyze_identity(&Permissions { identity: Vec::new(), boundary: Boundary::Unknown });
    let expected = json!({
        "admin": false, "fullAccess": [], "escalations": [], "tier": "none", "findings": [], "errors": [],
    });
    assert_eq!(serde_json::to_value(report).unwrap(), expected);
}
