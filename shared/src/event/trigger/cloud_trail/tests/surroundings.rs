//! Calls that change what is around identities: ways in, sessions, the watch, Bailiff itself; and root.

use super::*;

#[test]
fn ways_in_from_outside_are_seen() {
    let provider = json!({ "sAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/office" });
    assert_eq!(
        iam("UpdateSAMLProvider", &provider),
        [format!("OpenedFederation {BY_HAL}"), "Changed saml-provider/office".to_owned()]
    );
    assert_eq!(iam("DeleteSAMLProvider", &provider), ["Changed saml-provider/office"]);
    for name in ["CreateTrustAnchor", "UpdateProfile", "DeleteCrl"] {
        let anchor = short(&call("rolesanywhere", name, &json!({ "name": "depot" })));
        assert_eq!(anchor, [format!("OpenedFederation {BY_HAL}")], "{name}");
    }
    let anchor = |name, enabled| {
        short(&call("rolesanywhere", name, &json!({ "name": "depot", "enabled": enabled }))).remove(0)
    };
    assert_eq!(anchor("CreateTrustAnchor", true), format!("OpenedFederation {BY_HAL}"));
    assert!(anchor("CreateTrustAnchor", false).starts_with("ignored: "));
}

#[test]
fn sessions_that_outlive_their_credentials_are_seen_though_cloud_trail_calls_them_reads() {
    let read = |name: &str, parameters: &Value| {
        let mut event = call("sts", name, parameters);
        event["detail"]["readOnly"] = json!(true);
        short(&event)
    };
    let long = [format!("MadeLongSession {BY_HAL}")];
    assert_eq!(read("GetFederationToken", &json!({ "name": "hal" })), long);
    assert_eq!(read("GetSessionToken", &json!({ "durationSeconds": 129_600 })), long);
    let with_mfa = json!({ "serialNumber": "arn:aws:iam::111122223333:mfa/hal" });
    assert_eq!(
        read("GetSessionToken", &with_mfa),
        ["ignored: `sts:GetSessionToken` is no sign of anything that is judged here"]
    );
    assert_eq!(read("AssumeRoot", &json!({ "targetPrincipal": "444455556666" })), ["Page AssumedRoot"]);
    let role = read("AssumeRole", &json!({ "roleArn": "arn:aws:iam::111122223333:role/tracker" }));
    assert_eq!(role, ["ignored: `sts:AssumeRole` is no sign of anything that is judged here"]);
}

#[test]
fn what_watches_may_not_be_blinded() {
    let blinded = |service: &str, name: &str, parameters: Value| {
        let hints = short(&call(service, name, &parameters));
        match hints[0].as_str() {
            ignored if ignored.starts_with("ignored: ") => false,
            threat => {
                assert_eq!(threat, format!("BlindedWatch {BY_HAL}"), "{name}");
                true
            }
        }
    };
    let selectors = |kind: &str, management: bool| {
        json!({ "trailName": "t", "eventSelectors": [
            { "readWriteType": kind, "includeManagementEvents": management, "dataResources": [] }
        ] })
    };
    for (service, name, parameters) in [
        ("cloudtrail", "StopLogging", json!({ "name": "t" })),
        ("cloudtrail", "DeleteTrail", json!({ "name": "t" })),
        ("cloudtrail", "UpdateTrail", json!({ "name": "t", "isMultiRegionTrail": false })),
        ("cloudtrail", "PutEventSelectors", selectors("ReadOnly", true)),
        ("config", "StopConfigurationRecorder", json!({ "configurationRecorderName": "default" })),
        ("config", "DeleteConfigRule", json!({ "configRuleName": "access-keys-rotated" })),
        ("guardduty", "DeleteDetector", json!({ "detectorId": "d" })),
        ("guardduty", "UpdateDetector", json!({ "detectorId": "d", "enable": false })),
        ("guardduty", "CreateFilter", json!({ "detectorId": "d", "action": "ARCHIVE" })),
        ("securityhub", "DisableSecurityHub", Value::Null),
        ("securityhub", "DisableSecurityHubV2", Value::Null),
        ("macie2", "DisableMacie", Value::Null),
        ("macie2", "UpdateMacieSession", json!({ "status": "PAUSED" })),
        ("access-analyzer", "DeleteAnalyzer", json!({ "analyzerName": "a" })),
    ] {
        assert!(blinded(service, name, parameters.clone()), "{service} {name} {parameters}");
    }
    for (service, name, parameters) in [
        ("cloudtrail", "StartLogging", json!({ "name": "t" })),
        ("cloudtrail", "UpdateTrail", json!({ "name": "t", "isMultiRegionTrail": true })),
        ("cloudtrail", "PutEventSelectors", selectors("All", true)),
        (
            "cloudtrail",
            "PutEventSelectors",
            json!({ "advancedEventSelectors": [
            { "fieldSelectors": [{ "field": "eventCategory", "equals": ["Management"] }] }
        ] }),
        ),
        ("guardduty", "UpdateDetector", json!({ "detectorId": "d", "enable": true })),
        ("guardduty", "CreateFilter", json!({ "detectorId": "d", "action": "NOOP" })),
        ("events", "DeleteRule", json!({ "name": "nightly-invoices" })),
    ] {
        assert!(!blinded(service, name, parameters.clone()), "{service} {name} {parameters}");
    }
    let left = short(&call("organizations", "LeaveOrganization", &Value::Null));
    assert_eq!(left, ["Page LeftOrganization".to_owned(), format!("LeftOrganization {BY_HAL}")]);
    let by_root = short(&by(call("organizations", "LeaveOrganization", &Value::Null), root()));
    assert_eq!(by_root, ["Page RootUsed", "Page LeftOrganization"]);
}

#[test]
fn a_recorder_that_leaves_identities_out_or_tells_of_them_once_a_day_is_blinded() {
    let put = |recorder: Value| {
        let hints =
            short(&call("config", "PutConfigurationRecorder", &json!({ "configurationRecorder": recorder })));
        hints == [format!("BlindedWatch {BY_HAL}")]
    };
    let identities = json!(["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]);
    let all = json!({ "allSupported": true, "includeGlobalResourceTypes": true });
    let listed =
        |types: &Value| json!({ "recordingGroup": { "allSupported": false, "resourceTypes": types } });
    let all_but = |types: Value| {
        json!({ "recordingGroup": {
            "allSupported": false, "exclusionByResourceTypes": { "resourceTypes": types },
            "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" }
        } })
    };
    let told = |mode: Value| json!({ "recordingGroup": all, "recordingMode": mode });
    let overridden = |types: &Value, default: &str, of_those: &str| {
        told(json!({ "recordingFrequency": default, "recordingModeOverrides": [
            { "resourceTypes": types, "recordingFrequency": of_those }
        ] }))
    };
    for blinding in [
        // Without a group AWS Config leaves out what belongs to no Region.
        json!({ "name": "default" }),
        json!({ "recordingGroup": { "allSupported": true } }),
        json!({ "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": false } }),
        listed(&json!(["AWS::S3::Bucket"])),
        listed(&json!(["AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Policy"])),
        listed(&Value::Null),
        all_but(json!(["AWS::IAM::Role"])),
        told(json!({ "recordingFrequency": "DAILY" })),
        overridden(&json!(["AWS::IAM::User"]), "CONTINUOUS", "DAILY"),
        overridden(&json!(["AWS::IAM::User"]), "DAILY", "CONTINUOUS"),
    ] {
        assert!(put(blinding.clone()), "{blinding}");
    }
    for whole in [
        json!({ "recordingGroup": all }),
        listed(&identities),
        all_but(json!(["AWS::EC2::NetworkInterface"])),
        told(json!({ "recordingFrequency": "CONTINUOUS" })),
        overridden(&json!(["AWS::EC2::Instance"]), "CONTINUOUS", "DAILY"),
        overridden(&identities, "DAILY", "CONTINUOUS"),
    ] {
        assert!(!put(whole.clone()), "{whole}");
    }
    let channel = json!({ "deliveryChannel": { "name": "default", "s3BucketName": "elsewhere" } });
    assert_eq!(short(&call("config", "PutDeliveryChannel", &channel)), [format!("BlindedWatch {BY_HAL}")]);
}

#[test]
fn a_touch_of_bailiffs_stack_is_seen_by_name_arn_and_address() {
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:bailiff-restore";
    for (service, name, parameters, response) in [
        ("lambda", "UpdateFunctionCode20150331v2", json!({ "functionName": arn }), Value::Null),
        ("lambda", "UpdateEventSourceMapping20150331", json!({ "uUID": "u" }), json!({ "functionArn": arn })),
        (
            "sqs",
            "PurgeQueue",
            json!({ "queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/bailiff-restrict-policy.fifo" }),
            Value::Null,
        ),
        ("dynamodb", "DeleteTable", json!({ "tableName": "bailiff-Journal-1A2B3C" }), Value::Null),
        (
            "dynamodb",
            "PutResourcePolicy",
            json!({ "resourceArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/bailiff-Journal-1A2B3C" }),
            Value::Null,
        ),
        ("events", "DisableRule", json!({ "name": "bailiff-reconcile" }), Value::Null),
        ("events", "RemoveTargets", json!({ "rule": "bailiff-reconcile", "ids": ["t"] }), Value::Null),
        ("cloudformation", "DeleteStack", json!({ "stackName": "bailiff" }), Value::Null),
        (
            "cloudformation",
            "UpdateStack",
            json!({ "stackName": "arn:aws:cloudformation:eu-west-1:111122223333:stack/bailiff/1a2b" }),
            Value::Null,
        ),
        // What forwards from us-east-1 is a stack of its own.
        ("cloudformation", "DeleteStack", json!({ "stackName": "bailiff-forward" }), Value::Null),
        (
            "cloudformation",
            "UpdateStack",
            json!({ "stackName": "arn:aws:cloudformation:us-east-1:111122223333:stack/bailiff-forward/1a2b" }),
            Value::Null,
        ),
        ("events", "DisableRule", json!({ "name": "bailiff-forward-global-events" }), Value::Null),
        (
            "config",
            "PutConfigRule",
            json!({ "configRule": { "configRuleName": "bailiff-access-key-age" } }),
            Value::Null,
        ),
    ] {
        let event = answering(call(service, name, &parameters), response);
        assert_eq!(short(&event), [format!("TouchedBailiff {BY_HAL}")], "{service} {name}");
    }
    let role = json!({ "roleName": "bailiff-restore", "policyName": "p", "policyDocument": "{}" });
    let expected = ["Changed role bailiff-restore".to_owned(), format!("TouchedBailiff {BY_HAL}")];
    assert_eq!(iam("PutRolePolicy", &role), expected);
    let policy = json!({ "policyArn": "arn:aws:iam::111122223333:policy/bailiff-quarantine" });
    let expected = ["Changed policy/bailiff-quarantine".to_owned(), format!("TouchedBailiff {BY_HAL}")];
    assert_eq!(iam("DeletePolicy", &policy), expected);
    for (service, name, parameters) in [
        ("lambda", "DeleteFunction20150331", json!({ "functionName": "invoice-printer" })),
        ("cloudformation", "DeleteStack", json!({ "stackName": "bailiff-tests" })),
    ] {
        assert!(short(&call(service, name, &parameters))[0].starts_with("ignored: "), "{name}");
    }
}

#[test]
fn a_look_at_bailiffs_stack_is_no_touch_of_it() {
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:bailiff-restore";
    for (service, name, parameters) in [
        ("config", "StartConfigRulesEvaluation", json!({ "configRuleNames": ["bailiff-access-key-age"] })),
        ("cloudformation", "DetectStackDrift", json!({ "stackName": "bailiff" })),
        (
            "cloudformation",
            "DetectStackResourceDrift",
            json!({ "stackName": "bailiff", "logicalResourceId": "Restore" }),
        ),
        ("cloudformation", "EstimateTemplateCost", json!({ "stackName": "bailiff" })),
        ("dynamodb", "Query", json!({ "tableName": "bailiff-Journal-1A2B3C" })),
        ("dynamodb", "Scan", json!({ "tableName": "bailiff-Journal-1A2B3C" })),
        ("dynamodb", "BatchGetItem", json!({ "requestItems": { "k": "bailiff-Journal-1A2B3C" } })),
        ("events", "TestEventPattern", json!({ "event": function })),
        ("logs", "StartQuery", json!({ "logGroupName": "/aws/lambda/bailiff-detect-threats" })),
        ("logs", "StartLiveTail", json!({ "logGroupIdentifiers": ["/aws/lambda/bailiff-detect-threats"] })),
        ("logs", "FilterLogEvents", json!({ "logGroupName": "/aws/lambda/bailiff-detect-threats" })),
        ("logs", "TestMetricFilter", json!({ "logEventMessages": ["/aws/lambda/bailiff-restore"] })),
    ] {
        assert!(short(&call(service, name, &parameters))[0].starts_with("ignored: "), "{service} {name}");
    }
    let touched = format!("TouchedBailiff {BY_HAL}");
    for (service, name, parameters) in [
        ("config", "DeleteEvaluationResults", json!({ "configRuleName": "bailiff-access-key-age" })),
        ("cloudformation", "CreateChangeSet", json!({ "stackName": "bailiff" })),
        (
            "dynamodb",
            "ExportTableToPointInTime",
            json!({ "tableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/bailiff-Journal-1A2B3C" }),
        ),
        ("dynamodb", "UpdateItem", json!({ "tableName": "bailiff-Journal-1A2B3C" })),
        ("lambda", "Invoke", json!({ "functionName": function })),
        ("logs", "CreateExportTask", json!({ "logGroupName": "/aws/lambda/bailiff-detect-threats" })),
    ] {
        assert_eq!(short(&call(service, name, &parameters)), [touched.as_str()], "{service} {name}");
    }
}

#[test]
fn root_is_told_to_people_by_what_only_it_can_do() {
    let of_root =
        |service: &str, name: &str, parameters: Value| short(&by(call(service, name, &parameters), root()));
    assert_eq!(of_root("iam", "CreateAccessKey", Value::Null), ["Page RootTask", "Changed root"]);
    let device =
        json!({ "userName": "<root_account>", "serialNumber": "arn:aws:iam::111122223333:mfa/root" });
    assert_eq!(of_root("iam", "EnableMFADevice", device), ["Page RootTask", "Changed root"]);
    let device = json!({ "userName": "AWS ROOT USER", "serialNumber": "arn:aws:iam::111122223333:mfa/root-account-mfa-device" });
    assert_eq!(of_root("iam", "DeactivateMFADevice", device), ["Page RootTask", "Changed root"]);
    let bucket = json!({ "bucketName": "invoices" });
    assert_eq!(of_root("s3", "DeleteBucketPolicy", bucket.clone()), ["Page RootTask"]);
    assert_eq!(of_root("s3", "DeleteBucket", bucket), ["Page RootUsed"]);
    assert_eq!(
        of_root("iam", "CreateAccessKey", json!({ "userName": "mara.okafor" })),
        [
            "Page RootUsed",
            "KeyMadeByAnother user mara.okafor by arn:aws:iam::111122223333:root",
            "Page MadeKeyForAnother",
            "Changed user mara.okafor",
        ]
    );
    let mut assumed = root();
    assumed["sessionContext"] = json!({ "assumedRoot": "true", "attributes": {} });
    let bucket = json!({ "bucketName": "invoices" });
    assert_eq!(short(&by(call("s3", "DeleteBucketPolicy", &bucket), assumed)), ["Page AssumedRoot"]);
}

#[test]
fn what_goes_on_by_itself_for_what_root_made_is_no_page() {
    let through = |service: &str| {
        let mut who = root();
        who["invokedBy"] = json!(service);
        short(&by(call("kms", "CreateGrant", &json!({ "keyId": "k-1" })), who)).remove(0)
    };
    for service in ["autoscaling.amazonaws.com", "AWS Internal"] {
        assert!(through(service).starts_with("ignored: "), "{service}");
    }
    // By the console it is root itself.
    assert_eq!(through("signin.amazonaws.com"), "Page RootUsed");
}

#[test]
fn of_sign_ins_roots_alone_counts_if_it_succeeds() {
    let sign_in = |who: Value, answer: &str| {
        let mut event = answering(
            by(call("signin", "ConsoleLogin", &Value::Null), who),
            json!({ "ConsoleLogin": answer }),
        );
        event["detail-type"] = json!("AWS Console Sign In via CloudTrail");
        short(&event).remove(0)
    };
    assert_eq!(sign_in(root(), "Success"), "Page RootUsed");
    assert!(sign_in(root(), "Failure").starts_with("ignored: "));
    assert!(sign_in(hal(), "Success").starts_with("ignored: "));
    let about_password = |answer: &str| {
        let mut event = by(call("signin", "PasswordUpdated", &Value::Null), root());
        event["detail-type"] = json!("AWS Console Sign In via CloudTrail");
        short(&answering(event, json!({ "PasswordUpdated": answer }))).remove(0)
    };
    assert_eq!(about_password("Success"), "Page RootTask");
    assert!(about_password("Failure").starts_with("ignored: "));
    let asked =
        answering(by(call("signin", "CheckMfa", &Value::Null), root()), json!({ "CheckMfa": "Success" }));
    assert!(short(&asked).remove(0).starts_with("ignored: "));
    for detail_type in ["AWS Console Signin via CloudTrail", "AWS Console Action via CloudTrail"] {
        let mut event = by(call("signin", "EmailUpdated", &Value::Null), root());
        event["detail-type"] = json!(detail_type);
        assert_eq!(short(&event), ["Page RootTask"], "{detail_type}");
    }
}
