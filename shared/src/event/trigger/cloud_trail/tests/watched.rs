//! Calls that may narrow what watches: people are told where the call alone does not show it.

use super::*;

fn of(service: &str, name: &str, parameters: &Value) -> String {
    short(&call(service, name, parameters)).remove(0)
}

const PAGE: &str = "Page BlindedWatch";

#[test]
fn ordinary_work_on_a_trail_is_for_people_to_look_at() {
    let data = json!({ "trailName": "data-only", "eventSelectors": [
        { "readWriteType": "All", "includeManagementEvents": false, "dataResources": [{ "type": "AWS::S3::Object" }] }
    ] });
    let advanced = json!({ "trailName": "data-only", "advancedEventSelectors": [
        { "fieldSelectors": [
            { "field": "eventCategory", "equals": ["Data"] },
            { "field": "resources.type", "equals": ["AWS::S3::Object"] }
        ] }
    ] });
    let whole = json!({ "name": "t", "s3BucketName": "same", "isMultiRegionTrail": true,
        "includeGlobalServiceEvents": true, "enableLogFileValidation": true, "isOrganizationTrail": false });
    for (name, parameters) in [
        ("UpdateTrail", whole),
        ("UpdateTrail", json!({ "name": "t", "isOrganizationTrail": false })),
        ("UpdateTrail", json!({ "name": "t", "s3BucketName": "same" })),
        ("PutEventSelectors", data),
        ("PutEventSelectors", advanced),
        ("PutEventSelectors", json!({ "trailName": "t" })),
    ] {
        assert_eq!(of("cloudtrail", name, &parameters), PAGE, "{parameters}");
    }
}

#[test]
fn a_trail_that_records_fewer_management_events_by_the_call_itself_is_blinded() {
    let blinded = format!("BlindedWatch {BY_HAL}");
    // It was the trail of management events, and records nothing at all from now on.
    let nothing = |resources: &Value| {
        json!({ "trailName": "t", "eventSelectors": [
            { "readWriteType": "ReadOnly", "includeManagementEvents": false, "dataResources": resources }
        ] })
    };
    let advanced = |more: Value| {
        json!({ "trailName": "t", "advancedEventSelectors": [
            { "fieldSelectors": [{ "field": "eventCategory", "equals": ["Data"] }] },
            { "fieldSelectors": [{ "field": "eventCategory", "equals": ["Management"] }, more] },
        ] })
    };
    let omitted =
        json!({ "reason": "requestParameters too large", "omitted": true, "originalSize": 131_072 });
    for (name, parameters) in [
        ("UpdateTrail", json!({ "name": "t", "isMultiRegionTrail": false, "s3BucketName": "same" })),
        ("UpdateTrail", json!({ "name": "t", "includeGlobalServiceEvents": false })),
        ("UpdateTrail", json!({ "name": "t", "enableLogFileValidation": false })),
        ("PutEventSelectors", advanced(json!({ "field": "readOnly", "equals": ["true"] }))),
        (
            "PutEventSelectors",
            advanced(json!({ "field": "eventSource", "notEquals": ["iam.amazonaws.com"] })),
        ),
        ("PutEventSelectors", omitted),
        ("PutEventSelectors", nothing(&json!([]))),
        ("PutEventSelectors", nothing(&Value::Null)),
    ] {
        assert_eq!(of("cloudtrail", name, &parameters), blinded, "{parameters}");
    }
}

#[test]
fn a_recorder_that_is_told_to_leave_identities_out_is_blinded() {
    let without = |types: &Value| {
        of(
            "config",
            "DisassociateResourceTypes",
            &json!({ "configurationRecorderArn": "arn:aws:config:eu-west-1:111122223333:configuration-recorder/default/a", "resourceTypes": types }),
        )
    };
    let blinded = format!("BlindedWatch {BY_HAL}");
    assert_eq!(without(&json!(["AWS::S3::Bucket", "AWS::IAM::Role"])), blinded);
    assert!(without(&json!(["AWS::S3::Bucket"])).starts_with("ignored: "));
}

#[test]
fn a_part_of_a_detector_that_names_callers_of_iam_is_for_people_to_look_at() {
    let features = |name: &str, status: &str| {
        of(
            "guardduty",
            "UpdateDetector",
            &json!({ "detectorId": "d", "features": [{ "name": name, "status": status }] }),
        )
    };
    assert_eq!(features("S3_DATA_EVENTS", "DISABLED"), PAGE);
    assert!(features("S3_DATA_EVENTS", "ENABLED").starts_with("ignored: "));
    assert!(features("EBS_MALWARE_PROTECTION", "DISABLED").starts_with("ignored: "));
    let old = |on: bool| {
        of(
            "guardduty",
            "UpdateDetector",
            &json!({ "detectorId": "d", "dataSources": { "s3Logs": { "enable": on } } }),
        )
    };
    assert_eq!(old(false), PAGE);
    assert!(old(true).starts_with("ignored: "));
}

#[test]
fn controls_of_identities_switched_off_and_findings_settled_by_rule_are_for_people_to_look_at() {
    let control = |arn: &str, status: &str| {
        of(
            "securityhub",
            "UpdateStandardsControl",
            &json!({ "standardsControlArn": arn, "controlStatus": status, "disabledReason": "x" }),
        )
    };
    let of_iam = "arn:aws:securityhub:eu-west-1:111122223333:control/aws-foundational-security-best-practices/v/1.0.0/IAM.3";
    assert_eq!(control(of_iam, "DISABLED"), PAGE);
    // By CIS's own number nothing tells what it is about.
    assert_eq!(
        control(
            "arn:aws:securityhub:eu-west-1:111122223333:control/cis-aws-foundations-benchmark/v/1.2.0/1.4",
            "DISABLED"
        ),
        PAGE
    );
    assert!(control(of_iam, "ENABLED").starts_with("ignored: "));
    let of_s3 = of_iam.replace("IAM.3", "S3.8");
    assert!(control(&of_s3, "DISABLED").starts_with("ignored: "));
    let associations = |ids: &[&str], status: &str| {
        let updates: Vec<Value> =
            ids.iter().map(|id| json!({ "securityControlId": id, "associationStatus": status })).collect();
        of(
            "securityhub",
            "BatchUpdateStandardsControlAssociations",
            &json!({ "standardsControlAssociationUpdates": updates }),
        )
    };
    assert_eq!(associations(&["S3.8", "IAM.3"], "DISABLED"), PAGE);
    assert!(associations(&["S3.8"], "DISABLED").starts_with("ignored: "));
    assert!(associations(&["IAM.3"], "ENABLED").starts_with("ignored: "));
    for name in [
        "CreateAutomationRule",
        "CreateAutomationRuleV2",
        "BatchUpdateAutomationRules",
        "UpdateAutomationRuleV2",
    ] {
        assert_eq!(of("securityhub", name, &json!({ "ruleName": "r" })), PAGE, "{name}");
    }
}
