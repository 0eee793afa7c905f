use serde_json::{Value, json};

use super::*;
use crate::organization::{ControlType, Denial};
use crate::policy::Policy;
use crate::policy::evaluate::{Context, Principal, Request};

fn policy(name: &str, control: ControlType, statement: &Value) -> ControlPolicy {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    ControlPolicy {
        name: name.to_owned(),
        control,
        policy: Policy::parse(&document, control.policy_kind()).unwrap(),
    }
}

fn allowing(action: &str) -> ControlPolicy {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    policy("allowing", ControlType::ServiceControl, &statement)
}

fn denying(action: &str) -> ControlPolicy {
    let statement = json!({ "Effect": "Deny", "Action": action, "Resource": "*" });
    policy("denying", ControlType::ServiceControl, &statement)
}

fn closing(action: &str) -> ControlPolicy {
    let statement =
        json!({ "Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*" });
    policy("closing", ControlType::ResourceControl, &statement)
}

fn denial(levels: &[Vec<ControlPolicy>], principal: &str, owner: &str) -> Option<Denial> {
    OrganizationPolicies::new(account(), levels).denial(&Request {
        principal: Principal::parse(principal).unwrap(),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::reports/q3.pdf",
        resource_account: Some(owner),
        context: Context::default(),
    })
}

const OURS: &str = "arn:aws:iam::111122223333:user/alice";
const THEIRS: &str = "arn:aws:iam::999988887777:user/mallory";

#[test]
fn a_denial_names_the_policy_and_the_statement() {
    let by = |levels: &[_]| denial(levels, OURS, "111122223333").map(|denial| denial.to_string());
    assert_eq!(by(&[vec![allowing("*"), denying("s3:*")]]).unwrap(), "denying: statement 0");
    assert_eq!(by(&[vec![closing("s3:*")]]).unwrap(), "closing: Closed");
    assert_eq!(
        by(&[vec![denying("s3:*"), closing("s3:*")]]).unwrap(),
        "closing: Closed, denying: statement 0"
    );
    assert_eq!(by(&[vec![allowing("*"), denying("sqs:*")], vec![closing("sqs:*")]]), None);
}

#[test]
fn who_is_left_out_of_every_denial_is_told() {
    let but_for = |arns: &[&str]| {
        let condition = json!({ "ArnNotLike": { "aws:PrincipalArn": arns } });
        let statement = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition });
        policy("denying", ControlType::ServiceControl, &statement)
    };
    let (one, two, three) =
        ("arn:aws:iam::*:role/one", "arn:aws:iam::*:role/two", "arn:aws:iam::*:role/three");
    let told = |level: Vec<ControlPolicy>| -> Vec<String> {
        denial(&[level], OURS, "111122223333").unwrap().but_for().into_iter().collect()
    };
    assert_eq!(told(vec![but_for(&[one, two])]), [one, two]);
    assert_eq!(told(vec![but_for(&[one, two]), but_for(&[two, three])]), [two]);
    assert!(told(vec![but_for(&[one]), denying("*")]).is_empty());
}

#[test]
fn what_no_policy_of_a_level_allows_is_refused() {
    let levels = |second| vec![vec![allowing("*")], vec![allowing(second)]];
    assert_eq!(denial(&levels("iam:*"), OURS, "111122223333"), Some(Denial::NotAllowed));
    assert_eq!(denial(&levels("s3:*"), OURS, "111122223333"), None);
}

#[test]
fn a_level_of_which_only_denials_are_given_is_no_protection_against_everything() {
    assert_eq!(denial(&[vec![denying("sqs:*")]], OURS, "111122223333"), None);
    assert_eq!(denial(&[], OURS, "111122223333"), None);
}

#[test]
fn service_control_is_about_our_principals_and_resource_control_about_our_resources() {
    assert_eq!(denial(&[vec![denying("s3:*")]], THEIRS, "111122223333"), None);
    assert!(denial(&[vec![denying("s3:*")]], OURS, "999988887777").is_some());
    assert!(denial(&[vec![closing("s3:*")]], THEIRS, "111122223333").is_some());
    assert_eq!(denial(&[vec![closing("s3:*")]], OURS, "999988887777"), None);
}

#[test]
fn service_linked_roles_and_services_are_out_of_reach() {
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let levels = || vec![vec![denying("*")]];
    assert_eq!(denial(&levels(), linked, "111122223333"), None);
    assert_eq!(denial(&levels(), "config.amazonaws.com", "111122223333"), None);
    assert_eq!(denial(&[vec![closing("s3:*")]], linked, "111122223333"), None);
}
