use serde_json::json;

use super::*;
use crate::organization::{ControlType, PolicyFile, PolicyFileError};

const SCP: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
const RCP: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}"#;

fn described(kind: &str, arn: &str, content: &str) -> String {
    json!({ "Policy": { "PolicySummary": { "Id": "p-1", "Arn": arn, "Name": "mine", "Type": kind, "AwsManaged": false },
        "Content": content } })
    .to_string()
}

#[test]
fn what_the_aws_cli_prints_is_read_with_the_management_account() {
    let arn = "arn:aws:organizations::222233334444:policy/o-a1b2c3d4e5/service_control_policy/p-1";
    let file = PolicyFile::read("x", &described("SERVICE_CONTROL_POLICY", arn, SCP)).unwrap();
    assert_eq!((file.policy.name.as_str(), file.policy.control), ("mine", ControlType::ServiceControl));
    assert_eq!(file.management_account, Some(AccountId::parse("222233334444").unwrap()));
    let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
    let file = PolicyFile::read("x", &described("RESOURCE_CONTROL_POLICY", arn, RCP)).unwrap();
    assert_eq!((file.policy.control, file.management_account), (ControlType::ResourceControl, None));
}

#[test]
fn a_policy_alone_goes_by_the_name_of_its_file_and_tells_its_type() {
    let file = PolicyFile::read("by-hand.json", SCP).unwrap();
    assert_eq!(
        (file.policy.name.as_str(), file.policy.control),
        ("by-hand.json", ControlType::ServiceControl)
    );
    assert_eq!(PolicyFile::read("x", RCP).unwrap().policy.control, ControlType::ResourceControl);
}

#[test]
fn what_is_no_policy_is_refused_with_what_to_give_instead() {
    let error = |text: &str| PolicyFile::read("x", text).unwrap_err();
    assert!(matches!(error("{"), PolicyFileError::NotAPolicy(_)));
    assert!(matches!(error(r#"{"Policy":{}}"#), PolicyFileError::NotAPolicy(_)));
    assert!(matches!(error(r#"{"Policies":[]}"#), PolicyFileError::Malformed(_)));
    let tags = described(
        "TAG_POLICY",
        "arn:aws:organizations::222233334444:policy/o-a1b2c3d4e5/tag_policy/p-1",
        "{}",
    );
    assert_eq!(error(&tags), PolicyFileError::OtherType("TAG_POLICY".to_owned()));
}

#[test]
fn a_policy_without_its_values_is_refused_and_one_with_iams_variables_is_not() {
    let read =
        |value: &str| PolicyFile::read("x", &SCP.replace("\"*\"", &format!("\"arn:aws:s3:::{value}\"")));
    for value in ["OrganizationId", "AWS::Partition"] {
        assert_eq!(
            read(&format!("${{{value}}}")).unwrap_err(),
            PolicyFileError::Placeholder(value.to_owned())
        );
    }
    for value in ["${aws:PrincipalTag/team}", "${*}", "$", "{x}"] {
        assert_ne!(read(value).err(), Some(PolicyFileError::Placeholder(value.to_owned())), "{value}");
        assert!(read(value).is_ok(), "{value}");
    }
}
