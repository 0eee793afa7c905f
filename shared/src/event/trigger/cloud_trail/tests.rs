//! What each call hints at, in short: one line a hint.

use serde_json::{Value, json};

use super::super::ours::tests::ours;
use super::*;

/// A call of `hal.brandt`, a user, on `eventSource` `service`.
pub(super) fn call(service: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "version": "0", "id": "4c1a7d0e-6f5b-4b3e-8d57-1a2b3c4d5e6f", "detail-type": "AWS API Call via CloudTrail",
        "source": format!("aws.{service}"), "account": "111122223333", "time": "2026-11-20T09:14:05Z",
        "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.11", "eventID": "e-1", "eventTime": "2026-11-20T09:14:03Z", "eventType": "AwsApiCall",
            "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.24", "recipientAccountId": "111122223333", "readOnly": false,
            "userIdentity": hal(), "requestParameters": parameters, "responseElements": null
        }
    })
}

fn hal() -> Value {
    json!({
        "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "arn": "arn:aws:iam::111122223333:user/hal.brandt",
        "accountId": "111122223333", "accessKeyId": "AKIAQ2XH7WMRHALBRAND", "userName": "hal.brandt"
    })
}

fn session(role: &str) -> Value {
    json!({
        "type": "AssumedRole", "principalId": "AROAQ2XH7WMR4VJHC6XSG:ruth",
        "arn": format!("arn:aws:sts::111122223333:assumed-role/{}/ruth", role.rsplit('/').next().unwrap()),
        "accountId": "111122223333", "accessKeyId": "ASIAQ2XH7WMRTEXAMPLE",
        "sessionContext": { "sessionIssuer": {
            "type": "Role", "principalId": "AROAQ2XH7WMR4VJHC6XSG", "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:role/{role}"), "userName": role.rsplit('/').next().unwrap()
        } }
    })
}

fn root() -> Value {
    json!({
        "type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root",
        "accountId": "111122223333"
    })
}

fn by(mut event: Value, who: Value) -> Value {
    event["detail"]["userIdentity"] = who;
    event
}

fn answering(mut event: Value, response: Value) -> Value {
    event["detail"]["responseElements"] = response;
    event
}

fn refused_with(mut event: Value, code: &str) -> Value {
    event["detail"]["errorCode"] = json!(code);
    event
}

fn parse(event: &Value) -> Trigger {
    Trigger::parse(event, &ours()).unwrap().remove(0)
}

fn shown(suspect: &Suspect) -> String {
    match suspect {
        Suspect::User { name, .. } => format!("user {name}"),
        Suspect::Role { name, .. } => format!("role {name}"),
        Suspect::HolderOf(key) => format!("holder of {key}"),
        Suspect::Arn(arn) => arn.resource().to_owned(),
        Suspect::UniqueId(id) => id.to_string(),
    }
}

/// The hints in short, or why there are none.
fn short(event: &Value) -> Vec<String> {
    let trigger = parse(event);
    assert_eq!(trigger.hints.is_empty(), trigger.ignored.is_some(), "{trigger:?}");
    let hints = trigger.hints.iter().map(|hint| match hint {
        Hint::Threat { sign, about, key, by, said, .. } => {
            assert!(said.contains(" called "), "{said}");
            let key = key.as_ref().map(|key| format!(" key {key}")).unwrap_or_default();
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{sign:?} {}{key}{by}", shown(about))
        }
        Hint::Changed { about } => format!("Changed {}", shown(about)),
        Hint::Broken { standard, about } => format!("Broken {standard} {}", shown(about)),
        Hint::Page { sign, .. } => format!("Page {sign:?}"),
    });
    hints.chain(trigger.ignored.clone().map(|why| format!("ignored: {why}"))).collect()
}

fn iam(name: &str, parameters: &Value) -> Vec<String> {
    short(&call("iam", name, parameters))
}

const BY_HAL: &str = "user hal.brandt key …RAND";

#[test]
fn a_credential_for_another_speaks_of_both_and_one_of_ones_own_of_nobody() {
    let made = answering(
        call("iam", "CreateAccessKey", &json!({ "userName": "mara.okafor" })),
        json!({ "accessKey": { "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "userName": "mara.okafor", "status": "Active" } }),
    );
    let expected = [
        "KeyMadeByAnother user mara.okafor key …EY01 by arn:aws:iam::111122223333:user/hal.brandt",
        &format!("MadeKeyForAnother {BY_HAL}"),
        "Changed user mara.okafor",
    ];
    assert_eq!(short(&made), expected);
    let console = answering(
        call("iam", "CreateAccessKey", &Value::Null),
        json!({ "accessKey": { "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "userName": "hal.brandt" } }),
    );
    assert_eq!(short(&console), ["Changed user hal.brandt"]);
    assert_eq!(iam("CreateAccessKey", &json!({ "userName": "hal.brandt" })), ["Changed user hal.brandt"]);
    assert_eq!(iam("CreateAccessKey", &Value::Null), ["Changed user hal.brandt"]);
    let active =
        json!({ "userName": "mara.okafor", "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "status": "Active" });
    assert_eq!(iam("UpdateAccessKey", &active), expected);
    let inactive =
        json!({ "userName": "mara.okafor", "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "status": "Inactive" });
    assert_eq!(iam("UpdateAccessKey", &inactive), ["Changed user mara.okafor"]);
    for name in ["CreateLoginProfile", "UpdateLoginProfile"] {
        assert_eq!(
            iam(name, &json!({ "userName": "mara.okafor", "passwordResetRequired": false })),
            [
                "PasswordMadeByAnother user mara.okafor by arn:aws:iam::111122223333:user/hal.brandt",
                &format!("MadePasswordForAnother {BY_HAL}"),
                "Changed user mara.okafor",
            ]
        );
    }
    assert_eq!(iam("ChangePassword", &Value::Null), ["Changed user hal.brandt"]);
    for name in ["DeactivateMFADevice", "EnableMFADevice"] {
        let device =
            json!({ "userName": "mara.okafor", "serialNumber": "arn:aws:iam::111122223333:mfa/mara" });
        let expected = [format!("TamperedWithMfa {BY_HAL}"), "Changed user mara.okafor".to_owned()];
        assert_eq!(iam(name, &device), expected);
        assert_eq!(iam(name, &json!({ "userName": "hal.brandt" })), ["Changed user hal.brandt"]);
    }
}

#[test]
fn rights_of_an_administrator_are_told_from_other_rights() {
    let aws = |name: &str| json!({ "userName": "mara.okafor", "policyArn": format!("arn:aws:iam::aws:policy/{name}") });
    let granted = [format!("GrantedAdmin {BY_HAL}"), "Changed user mara.okafor".to_owned()];
    assert_eq!(iam("AttachUserPolicy", &aws("AdministratorAccess")), granted);
    assert_eq!(iam("AttachUserPolicy", &aws("IAMFullAccess")), granted);
    assert_eq!(iam("AttachUserPolicy", &aws("ReadOnlyAccess")), ["Changed user mara.okafor"]);
    let lookalike = json!({ "userName": "mara.okafor", "policyArn": "arn:aws:iam::111122223333:policy/AdministratorAccess" });
    assert_eq!(iam("AttachUserPolicy", &lookalike), ["Changed user mara.okafor"]);

    let document = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
            .to_string()
    };
    let put = |document: Value| {
        iam("PutRolePolicy", &json!({ "roleName": "tracker", "policyName": "p", "policyDocument": document }))
    };
    for action in ["*", "iam:*", "*:*"] {
        let expected = [format!("GrantedAdmin {BY_HAL}"), "Changed role tracker".to_owned()];
        assert_eq!(put(json!(document(action))), expected, "{action}");
    }
    for unclear in [
        json!(document("s3:*")),
        json!("HIDDEN_DUE_TO_SECURITY_REASONS"),
        Value::Null,
        json!("{"),
        json!("[]"),
    ] {
        assert_eq!(put(unclear.clone()), ["Changed role tracker"], "{unclear}");
    }

    let policy = "arn:aws:iam::111122223333:policy/depot-read";
    let version = |default: bool| {
        let parameters =
            json!({ "policyArn": policy, "policyDocument": document("*"), "setAsDefault": default });
        iam("CreatePolicyVersion", &parameters)
    };
    assert_eq!(version(true), [format!("GrantedAdmin {BY_HAL}"), "Changed policy/depot-read".to_owned()]);
    assert_eq!(version(false), ["Changed policy/depot-read"]);
    assert_eq!(
        iam("SetDefaultPolicyVersion", &json!({ "policyArn": policy, "versionId": "v1" })),
        [format!("SwitchedPolicyVersion {BY_HAL}"), "Changed policy/depot-read".to_owned()]
    );
    assert_eq!(
        iam("AddUserToGroup", &json!({ "userName": "mara.okafor", "groupName": "operations" })),
        ["Changed user mara.okafor"]
    );
    assert_eq!(
        iam(
            "PutGroupPolicy",
            &json!({ "groupName": "operations", "policyName": "p", "policyDocument": document("*") })
        ),
        [format!("GrantedAdmin {BY_HAL}"), "Changed group/operations".to_owned()]
    );
}

#[test]
fn a_boundary_taken_off_is_told_from_one_put_on() {
    let user = json!({ "userName": "hal.brandt" });
    let removed = [format!("RemovedBoundary {BY_HAL}"), "Changed user hal.brandt".to_owned()];
    assert_eq!(iam("DeleteUserPermissionsBoundary", &user), removed);
    let boundary = |arn: &str| {
        iam("PutUserPermissionsBoundary", &json!({ "userName": "hal.brandt", "permissionsBoundary": arn }))
    };
    assert_eq!(boundary("arn:aws:iam::aws:policy/AdministratorAccess"), removed);
    assert_eq!(boundary("arn:aws:iam::111122223333:policy/staff-boundary"), ["Changed user hal.brandt"]);
}

#[test]
fn trust_in_somebody_outside_is_told_from_trust_in_the_account() {
    let trust = |principal: Value, condition: Value| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition }
        ] })
        .to_string()
    };
    let outside = [
        trust(json!({ "AWS": "arn:aws:iam::999988887777:root" }), json!({})),
        trust(json!("*"), json!({})),
        trust(json!("*"), json!({ "StringEquals": { "aws:PrincipalOrgID": "o-larkfield01" } })),
    ];
    for document in outside {
        let expected = [format!("OpenedTrust {BY_HAL}"), "Changed role tracker".to_owned()];
        let update = json!({ "roleName": "tracker", "policyDocument": document });
        assert_eq!(iam("UpdateAssumeRolePolicy", &update), expected, "{document}");
        let create = json!({ "roleName": "tracker", "assumeRolePolicyDocument": document });
        assert_eq!(iam("CreateRole", &create), expected, "{document}");
    }
    for document in [
        trust(json!({ "AWS": "arn:aws:iam::111122223333:root" }), json!({})),
        trust(json!({ "Service": "lambda.amazonaws.com" }), json!({})),
        "not JSON".to_owned(),
    ] {
        let update = json!({ "roleName": "tracker", "policyDocument": document });
        assert_eq!(iam("UpdateAssumeRolePolicy", &update), ["Changed role tracker"], "{document}");
    }
}

#[test]
fn a_quarantine_lifted_is_seen_whoever_lifts_it() {
    let quarantine = "arn:aws:iam::111122223333:policy/bailiff-quarantine";
    let lifted = [format!("LiftedQuarantine {BY_HAL}"), "Changed user hal.brandt".to_owned()];
    assert_eq!(
        iam("DetachUserPolicy", &json!({ "userName": "hal.brandt", "policyArn": quarantine })),
        lifted
    );
    for name in ["BailiffQuarantine", "BailiffRevokeOlderSessions"] {
        for action in ["DeleteUserPolicy", "PutUserPolicy"] {
            assert_eq!(
                iam(action, &json!({ "userName": "hal.brandt", "policyName": name })),
                lifted,
                "{action}"
            );
        }
    }
    let other = json!({ "userName": "hal.brandt", "policyArn": "arn:aws:iam::111122223333:policy/staff" });
    assert_eq!(iam("DetachUserPolicy", &other), ["Changed user hal.brandt"]);
    let put_on = json!({ "userName": "mara.okafor", "policyArn": quarantine });
    assert_eq!(iam("AttachUserPolicy", &put_on), ["Changed user mara.okafor"]);
}

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
        ("cloudtrail", "UpdateTrail", json!({ "name": "t", "s3BucketName": "elsewhere" })),
        ("cloudtrail", "PutEventSelectors", selectors("ReadOnly", true)),
        ("cloudtrail", "PutEventSelectors", selectors("All", false)),
        (
            "cloudtrail",
            "PutEventSelectors",
            json!({ "advancedEventSelectors": [
            { "fieldSelectors": [{ "field": "eventCategory", "equals": ["Data"] }] }
        ] }),
        ),
        ("config", "StopConfigurationRecorder", json!({ "configurationRecorderName": "default" })),
        ("config", "DeleteConfigRule", json!({ "configRuleName": "access-keys-rotated" })),
        ("guardduty", "DeleteDetector", json!({ "detectorId": "d" })),
        ("guardduty", "UpdateDetector", json!({ "detectorId": "d", "enable": false })),
        ("guardduty", "CreateFilter", json!({ "detectorId": "d", "action": "ARCHIVE" })),
        ("securityhub", "DisableSecurityHub", Value::Null),
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
        ("events", "DisableRule", json!({ "name": "bailiff-reconcile" }), Value::Null),
        ("events", "RemoveTargets", json!({ "rule": "bailiff-reconcile", "ids": ["t"] }), Value::Null),
        ("cloudformation", "DeleteStack", json!({ "stackName": "bailiff" }), Value::Null),
        (
            "cloudformation",
            "UpdateStack",
            json!({ "stackName": "arn:aws:cloudformation:eu-west-1:111122223333:stack/bailiff/1a2b" }),
            Value::Null,
        ),
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
fn root_is_told_to_people_by_what_only_it_can_do() {
    let of_root =
        |service: &str, name: &str, parameters: Value| short(&by(call(service, name, &parameters), root()));
    assert_eq!(of_root("iam", "CreateAccessKey", Value::Null), ["Page RootTask", "Changed root"]);
    let device =
        json!({ "userName": "<root_account>", "serialNumber": "arn:aws:iam::111122223333:mfa/root" });
    assert_eq!(of_root("iam", "EnableMFADevice", device), ["Page RootTask", "Changed root"]);
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
}

#[test]
fn a_call_that_aws_refused_is_a_denial_to_be_counted_or_nothing() {
    let put = || call("iam", "PutUserPolicy", &json!({ "userName": "mara.okafor", "policyName": "p" }));
    for code in
        ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedAccess"]
    {
        assert_eq!(short(&refused_with(put(), code)), [format!("DeniedAgainAndAgain {BY_HAL}")], "{code}");
    }
    for code in ["NoSuchEntityException", "LimitExceededException", "ThrottlingException"] {
        assert_eq!(short(&refused_with(put(), code)), [format!("ignored: AWS refused it with `{code}`")]);
    }
    let mut read = refused_with(call("iam", "ListUsers", &Value::Null), "AccessDenied");
    read["detail"]["readOnly"] = json!(true);
    assert_eq!(short(&read), [format!("DeniedAgainAndAgain {BY_HAL}")]);
    let service = by(
        refused_with(put(), "AccessDenied"),
        json!({ "type": "AWSService", "invokedBy": "x.amazonaws.com" }),
    );
    assert_eq!(short(&service), ["ignored: AWS refused it with `AccessDenied`"]);
}

#[test]
fn a_try_of_a_dead_key_names_the_key() {
    let mut event = refused_with(call("sts", "GetCallerIdentity", &Value::Null), "InvalidClientTokenId");
    assert_eq!(short(&event), ["TriedDisabledKey holder of …RAND key …RAND"]);
    event["detail"]["userIdentity"]["accessKeyId"] = json!("ASIAQ2XH7WMRTEXAMPLE");
    assert_eq!(short(&event), ["ignored: AWS refused it with `InvalidClientTokenId`"]);
}

#[test]
fn bailiffs_own_calls_are_known_by_its_very_roles_and_no_others() {
    let detach = |who: Value| {
        let parameters = json!({ "userName": "mara.okafor", "policyArn": "arn:aws:iam::111122223333:policy/bailiff-quarantine" });
        short(&by(call("iam", "DetachUserPolicy", &parameters), who))
    };
    assert_eq!(detach(session("bailiff-restore")), ["ignored: Bailiff called it itself"]);
    for role in ["bailiff-evil", "path/bailiff-restore", "Bailiff-restore"] {
        let expected = format!("LiftedQuarantine role {}", role.rsplit('/').next().unwrap());
        assert_eq!(detach(session(role))[0], expected);
    }
    // The name of a session is its maker's choice.
    let mut named = session("tracker");
    named["arn"] = json!("arn:aws:sts::111122223333:assumed-role/tracker/bailiff-restore");
    assert_eq!(detach(named)[0], "LiftedQuarantine role tracker");
    let mut elsewhere = session("bailiff-restore");
    elsewhere["sessionContext"]["sessionIssuer"]["arn"] =
        json!("arn:aws:iam::999988887777:role/bailiff-restore");
    assert_eq!(detach(elsewhere)[0], "LiftedQuarantine role bailiff-restore");
}

#[test]
fn each_kind_of_caller_is_who_stands_behind_it() {
    let opened =
        |who: Value| short(&by(call("rolesanywhere", "CreateProfile", &json!({ "name": "depot" })), who));
    let issuer = json!({
        "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/hal.brandt", "userName": "hal.brandt"
    });
    for (who, expected) in [
        (session("tracker"), "OpenedFederation role tracker"),
        (
            session("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"),
            "OpenedFederation role AWSReservedSSO_Admin_1",
        ),
        (
            json!({ "type": "FederatedUser", "principalId": "111122223333:hal", "accountId": "111122223333",
                "arn": "arn:aws:sts::111122223333:federated-user/hal", "sessionContext": { "sessionIssuer": issuer } }),
            "OpenedFederation user hal.brandt",
        ),
        (
            json!({ "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "accountId": "111122223333" }),
            "OpenedFederation AIDAQ2XH7WMR5ZOC2NLWM",
        ),
        (
            json!({ "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/tracker/s" }),
            "OpenedFederation role tracker",
        ),
        (
            json!({ "type": "AWSAccount", "accountId": "999988887777", "principalId": "AIDAOTHER" }),
            "Page OpenedFederation",
        ),
        (
            json!({ "type": "IAMUser", "accountId": "999988887777", "userName": "hal.brandt" }),
            "Page OpenedFederation",
        ),
        (json!({ "type": "IdentityCenterUser", "accountId": "111122223333" }), "Page OpenedFederation"),
        (json!({ "type": "SAMLUser", "principalId": "x:y", "userName": "z" }), "Page OpenedFederation"),
        (json!({ "type": "WebIdentityUser", "userName": "z" }), "Page OpenedFederation"),
        (
            json!({ "type": "AWSService", "invokedBy": "sso.amazonaws.com" }),
            "ignored: `rolesanywhere:CreateProfile` is no sign of anything that is judged here",
        ),
        (
            session("aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"),
            "ignored: `rolesanywhere:CreateProfile` is no sign of anything that is judged here",
        ),
    ] {
        assert_eq!(opened(who.clone()), [expected], "{who}");
    }
}

#[test]
fn what_a_service_does_for_somebody_is_that_somebodys_doing() {
    let parameters = json!({ "userName": "mara.okafor" });
    let mut through = hal();
    through["invokedBy"] = json!("cloudformation.amazonaws.com");
    let hints = short(&by(call("iam", "CreateAccessKey", &parameters), through));
    assert_eq!(hints[1], format!("MadeKeyForAnother {BY_HAL}"));
    let service =
        by(call("iam", "CreateAccessKey", &parameters), json!({ "type": "AWSService", "invokedBy": "x" }));
    assert_eq!(short(&service), ["Changed user mara.okafor"]);
}

#[test]
fn every_change_to_a_principal_has_its_rules_judged() {
    for (name, parameters, changed) in [
        ("CreateUser", json!({ "userName": "mara.okafor" }), "user mara.okafor"),
        ("UpdateUser", json!({ "userName": "mara.okafor", "newUserName": "mara.o" }), "user mara.o"),
        ("TagRole", json!({ "roleName": "tracker", "tags": [] }), "role tracker"),
        ("RemoveUserFromGroup", json!({ "userName": "mara.okafor", "groupName": "g" }), "user mara.okafor"),
        ("DeleteGroup", json!({ "groupName": "operations" }), "group/operations"),
        ("UpdateAccountPasswordPolicy", json!({ "maxPasswordAge": 90 }), "root"),
        (
            "DetachRolePolicy",
            json!({ "roleName": "tracker", "policyArn": "arn:aws:iam::aws:policy/X" }),
            "role tracker",
        ),
    ] {
        assert_eq!(iam(name, &parameters), [format!("Changed {changed}")], "{name}");
    }
    for name in ["CreateVirtualMFADevice", "DeleteVirtualMFADevice"] {
        let nobody = iam(name, &json!({ "serialNumber": "arn:aws:iam::111122223333:mfa/mara" }));
        assert_eq!(nobody, [format!("ignored: `iam:{name}` is no sign of anything that is judged here")]);
    }
    let mut read = call("iam", "GetUser", &json!({ "userName": "mara.okafor" }));
    read["detail"]["readOnly"] = json!(true);
    assert_eq!(short(&read), ["ignored: it reads and changes nothing"]);
}

#[test]
fn a_new_user_and_role_come_with_their_unique_id() {
    let created = answering(
        call("iam", "CreateUser", &json!({ "userName": "mara.okafor" })),
        json!({ "user": { "userName": "mara.okafor", "userId": "AIDAQ2XH7WMR6JIU4SGRY" } }),
    );
    let expected = Suspect::of_user(Some("mara.okafor"), Some("AIDAQ2XH7WMR6JIU4SGRY")).unwrap();
    assert_eq!(parse(&created).hints, [Hint::Changed { about: expected }]);
}

#[test]
fn what_a_call_lacks_is_named_by_its_path() {
    for (path, expected) in [
        ("eventID", "`detail.eventID` is absent; expected a string"),
        ("eventTime", "`detail.eventTime` is absent; expected a time"),
        ("eventName", "`detail.eventName` is absent; expected a string"),
        ("userIdentity", "`detail.userIdentity` is absent; expected an object"),
    ] {
        let mut event = call("iam", "CreateUser", &json!({ "userName": "mara.okafor" }));
        event["detail"].as_object_mut().unwrap().remove(path);
        assert_eq!(Trigger::parse(&event, &ours()).unwrap_err().to_string(), expected);
    }
    let error = |parameters: Value| {
        Trigger::parse(&call("iam", "CreateUser", &parameters), &ours()).unwrap_err().to_string()
    };
    assert_eq!(error(json!([])), "`detail.requestParameters` is an array; expected an object");
    assert_eq!(
        error(json!({ "userName": 7 })),
        "`detail.requestParameters.userName` is a number; expected a string"
    );
    let forged = error(json!({ "userName": "mara\n{\"level\":" }));
    assert!(forged.starts_with("`detail.requestParameters.userName` cannot be used"), "{forged}");
    assert!(!forged.contains('\n'));
}
