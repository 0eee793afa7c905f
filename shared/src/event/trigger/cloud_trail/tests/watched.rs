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
    ] {
        assert_eq!(of("cloudtrail", name, &parameters), blinded, "{parameters}");
    }
}
