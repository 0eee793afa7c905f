#![expect(clippy::needless_pass_by_value, reason = "the values are made in place")]

use serde_json::{Value, json};

use super::super::Suspect;
use super::super::ours::tests::ours;
use super::*;

const USER: &str = "arn:aws:iam::111122223333:user/noor.rahimi";

fn finding() -> Value {
    json!({
        "SchemaVersion": "2018-10-08", "Id": "arn:aws:securityhub:eu-west-1:111122223333:security-control/IAM.3/finding/f-1",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub", "ProductName": "Security Hub",
        "GeneratorId": "security-control/IAM.3", "AwsAccountId": "111122223333", "Region": "eu-west-1",
        "CreatedAt": "2026-11-20T08:00:00.000Z", "UpdatedAt": "2026-11-20T09:00:00.000Z",
        "Title": "IAM users' access keys should be rotated every 90 days or less",
        "Severity": { "Label": "MEDIUM", "Normalized": 40 }, "Compliance": { "Status": "FAILED", "SecurityControlId": "IAM.3" },
        "Resources": [{ "Type": "AwsIamUser", "Id": USER, "Partition": "aws", "Region": "eu-west-1" }],
        "Workflow": { "Status": "NEW" }, "VerificationState": "UNKNOWN", "RecordState": "ACTIVE", "ProductFields": {}
    })
}

fn guard_duty(details: Value, id: &str) -> Value {
    let mut whole = finding();
    whole["ProductArn"] = json!("arn:aws:securityhub:eu-west-1::product/aws/guardduty");
    whole["ProductName"] = json!("GuardDuty");
    whole["Compliance"] = Value::Null;
    whole["Title"] = json!("An unusual API was called.");
    whole["Severity"] = json!({ "Label": "HIGH", "Normalized": 70 });
    whole["Resources"] =
        json!([{ "Type": "AwsIamAccessKey", "Id": id, "Details": { "AwsIamAccessKey": details } }]);
    whole
}

fn parse(told: &str, findings: &Value) -> Result<Vec<Trigger>, EventError> {
    let event = json!({
        "version": "0", "id": "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a", "source": "aws.securityhub",
        "detail-type": format!("Security Hub Findings - {told}"), "account": "111122223333",
        "time": "2026-11-20T09:14:03Z", "region": "eu-west-1", "resources": [],
        "detail": { "actionName": "contain", "actionDescription": "Contain", "findings": findings }
    });
    Trigger::parse(&event, &ours())
}

fn imported(finding: Value) -> Trigger {
    parse("Imported", &json!([finding])).unwrap().remove(0)
}

fn chosen(finding: Value) -> Trigger {
    parse("Custom Action", &json!([finding])).unwrap().remove(0)
}

fn with(path: &str, value: Value) -> Value {
    let mut whole = finding();
    *whole.pointer_mut(path).unwrap() = value;
    whole
}

#[test]
fn a_failed_control_names_itself_and_each_of_its_resources() {
    let trigger = imported(finding());
    let about = Suspect::Arn(crate::identifier::Arn::parse(USER).unwrap());
    assert_eq!(trigger.hints, [Hint::Broken { standard: "SecurityHub:IAM.3".to_owned(), about }]);
    assert!(trigger.id.ends_with("/finding/f-1"));
    let account = with(
        "/Resources",
        json!([
            { "Type": "AwsAccount", "Id": "AWS::::Account:111122223333", "Partition": "aws" },
            { "Type": "AwsIamRole", "Id": "arn:aws:iam::111122223333:role/tracker" },
            { "Type": "AwsS3Bucket", "Id": "arn:aws:s3:::invoices" },
        ]),
    );
    let hints = imported(account).hints;
    let arns: Vec<&str> = hints
        .iter()
        .map(|hint| match hint {
            Hint::Broken { about: Suspect::Arn(arn), .. } => arn.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(arns, ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/tracker"]);
}

#[test]
fn a_failed_check_of_a_third_party_has_all_rules_judged() {
    let mut other = finding();
    other["ProductArn"] = json!("arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default");
    other["GeneratorId"] = json!("larkfield-scanner");
    other["Compliance"] = json!({ "Status": "FAILED" });
    assert!(matches!(&imported(other).hints[..], [Hint::Changed { .. }]));
}

#[test]
fn what_is_passed_archived_suppressed_or_resolved_is_left_even_if_somebody_chose_it() {
    for (path, value, why) in [
        ("/Compliance/Status", "PASSED", "its compliance is `PASSED`"),
        ("/Compliance/Status", "WARNING", "its compliance is `WARNING`"),
        ("/Compliance/Status", "NOT_AVAILABLE", "its compliance is `NOT_AVAILABLE`"),
        ("/RecordState", "ARCHIVED", "its record is `ARCHIVED`"),
        ("/Workflow/Status", "SUPPRESSED", "its workflow is `SUPPRESSED`"),
        ("/VerificationState", "FALSE_POSITIVE", "somebody found it to be a `FALSE_POSITIVE`"),
        ("/VerificationState", "BENIGN_POSITIVE", "somebody found it to be a `BENIGN_POSITIVE`"),
        ("/Workflow/Status", "RESOLVED", "its workflow is `RESOLVED`"),
        ("/Title", "[SAMPLE] Something", "it is a sample"),
    ] {
        for read in [imported, chosen] {
            let trigger = read(with(path, json!(value)));
            assert_eq!((trigger.hints, trigger.ignored.as_deref()), (vec![], Some(why)), "{path}");
        }
    }
    assert_eq!(imported(with("/Workflow/Status", json!("NOTIFIED"))).ignored, None);
    let bucket = with("/Resources", json!([{ "Type": "AwsS3Bucket", "Id": "arn:aws:s3:::invoices" }]));
    assert_eq!(imported(bucket).ignored.as_deref(), Some("it names nothing of IAM"));
}

#[test]
fn what_guard_duty_tells_itself_counts_only_if_somebody_chose_it() {
    let details = json!({
        "AccessKeyId": "AKIAQ2XH7WMRTEXAMPLE", "PrincipalId": "AIDAQ2XH7WMR6CKO4TJFX", "PrincipalType": "IAMUser",
        "PrincipalName": "noor.rahimi"
    });
    let finding = guard_duty(details, "AWS::IAM::AccessKey:AKIAQ2XH7WMRTEXAMPLE");
    assert_eq!(imported(finding.clone()).ignored.as_deref(), Some("GuardDuty tells of it itself"));
    let trigger = chosen(finding);
    let [Hint::Threat { sign: Sign::Detected, about, key: Some(_), severity: Some(Grade::Three), .. }] =
        &trigger.hints[..]
    else {
        panic!("{trigger:?}")
    };
    assert_eq!(*about, Suspect::of_user(Some("noor.rahimi"), Some("AIDAQ2XH7WMR6CKO4TJFX")).unwrap());
}

#[test]
fn a_key_is_found_in_id_or_details_and_may_be_null() {
    let about = |details: Value, id: &str| chosen(guard_duty(details, id));
    let hints = |details, id| about(details, id).hints;
    assert!(matches!(
        &hints(json!({ "UserName": "noor.rahimi" }), "AWS::IAM::AccessKey:AKIAQ2XH7WMRTEXAMPLE")[..],
        [Hint::Threat { about: Suspect::HolderOf(_), key: Some(_), .. }]
    ));
    assert!(matches!(
        &hints(json!({}), "AWS::IAM::AccessKey:AKIAQ2XH7WMRTEXAMPLE")[..],
        [Hint::Threat { about: Suspect::HolderOf(_), key: Some(_), .. }]
    ));
    assert!(matches!(
        &hints(json!({ "PrincipalId": "AIDAQ2XH7WMR6CKO4TJFX" }), "AWS::IAM::AccessKey:null")[..],
        [Hint::Threat { about: Suspect::UniqueId(_), key: None, .. }]
    ));
    assert!(matches!(
        &hints(
            json!({ "PrincipalType": "AssumedRole", "PrincipalName": "tracker", "PrincipalId": "AROAQ2XH7WMR4VJHC6XSG:s" }),
            "AWS::IAM::AccessKey:ASIAQ2XH7WMRTEXAMPLE"
        )[..],
        [Hint::Threat { about: Suspect::Role { .. }, key: None, .. }]
    ));
    assert!(matches!(&hints(Value::Null, USER)[..], [Hint::Threat { about: Suspect::Arn(_), .. }]));
    let nobody = about(json!({ "UserName": "somebody" }), "AWS::IAM::AccessKey:null");
    assert_eq!(nobody.ignored.as_deref(), Some("it names nothing of IAM"));
}

#[test]
fn a_custom_action_holds_several_findings_and_each_is_a_trigger() {
    let mut second = finding();
    second["Id"] = json!("f-2");
    second["RecordState"] = json!("ARCHIVED");
    let triggers = parse("Custom Action", &json!([finding(), second])).unwrap();
    let known: Vec<(&str, bool)> =
        triggers.iter().map(|trigger| (trigger.id.as_str(), trigger.ignored.is_some())).collect();
    assert_eq!(known[1], ("f-2", true));
    assert!(!known[0].1);
    assert_eq!(parse("Custom Action", &json!([])).unwrap(), []);
}

#[test]
fn what_a_finding_lacks_is_named_by_its_path() {
    let mut without = finding();
    without.as_object_mut().unwrap().remove("Id");
    let error = parse("Imported", &json!([without])).unwrap_err().to_string();
    assert_eq!(error, "`detail.findings[0].Id` is absent; expected a string");
    let error = parse("Imported", &Value::Null).unwrap_err().to_string();
    assert_eq!(error, "`detail.findings` is null; expected an array");
    let unreadable = with("/Resources/0/Id", json!("noor rahimi"));
    let error = parse("Imported", &json!([unreadable])).unwrap_err().to_string();
    assert!(error.starts_with("`detail.findings[0].Resources[0].Id` cannot be used"), "{error}");
}

/// The suspects of a third party's finding about these resources.
fn suspects(resources: Value) -> Vec<Suspect> {
    let mut whole = guard_duty(json!({}), "-");
    whole["ProductArn"] = json!("arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default");
    whole["ProductName"] = json!("Quayside Watch");
    whole["Resources"] = resources;
    let about = |hint| match hint {
        Hint::Threat { about, .. } => about,
        other => panic!("{other:?}"),
    };
    imported(whole).hints.into_iter().map(about).collect()
}

#[test]
fn who_did_it_is_suspected_and_what_it_was_done_to_is_not() {
    let bait = json!({ "Type": "AwsIamRole", "Id": "arn:aws:iam::111122223333:role/bait", "ResourceRole": "Target" });
    let actor = json!({ "Type": "AwsIamUser", "Id": USER, "ResourceRole": "Actor" });
    let user = Suspect::Arn(crate::identifier::Arn::parse(USER).unwrap());
    assert_eq!(suspects(json!([bait, actor])), [user]);
    assert_eq!(suspects(json!([bait])).len(), 1);
}

#[test]
fn the_role_of_a_session_stands_within_it() {
    let key = json!({ "Type": "AwsIamAccessKey", "Id": "ASIAQ2XH7WMRTEXAMPLE", "Details": { "AwsIamAccessKey": {
        "AccessKeyId": "ASIAQ2XH7WMRTEXAMPLE", "PrincipalId": "AROAQ2XH7WMR4VJHC6XSG:ruth", "PrincipalType": "AssumedRole",
        "SessionContext": { "SessionIssuer": { "Type": "Role", "UserName": "tracker" } }
    } } });
    assert_eq!(
        suspects(json!([key])),
        [Suspect::of_role(Some("tracker"), Some("AROAQ2XH7WMR4VJHC6XSG")).unwrap()]
    );
}

#[test]
fn an_id_that_is_no_arn_is_an_id_of_iams_or_a_name_and_takes_no_other_with_it() {
    let one = |kind: &str, id: &str| suspects(json!([{ "Type": kind, "Id": id }]));
    let by_id = |id| vec![Suspect::UniqueId(crate::identifier::UniqueId::parse(id).unwrap())];
    assert_eq!(one("AwsIamUser", "AIDAQ2XH7WMR6CKO4TJFX"), by_id("AIDAQ2XH7WMR6CKO4TJFX"));
    assert_eq!(one("AwsIamGroup", "AGPAQ2XH7WMR6CKO4TJFX"), by_id("AGPAQ2XH7WMR6CKO4TJFX"));
    assert_eq!(one("AwsIamUser", "noor.rahimi"), [Suspect::of_user(Some("noor.rahimi"), None).unwrap()]);
    let session = "arn:aws:sts::111122223333:assumed-role/tracker/ruth";
    assert_eq!(
        one("AwsIamRole", session),
        [Suspect::Arn("arn:aws:iam::111122223333:role/tracker".parse().unwrap())]
    );
    let policy = json!({ "Type": "AwsIamPolicy", "Id": "a policy" });
    let user = json!({ "Type": "AwsIamUser", "Id": "noor.rahimi" });
    assert_eq!(suspects(json!([policy, user])).len(), 1);
}

#[test]
fn what_is_seen_of_root_is_told_to_people() {
    let key = |id: &str, details: Value| json!([{ "Type": "AwsIamAccessKey", "Id": id, "Details": { "AwsIamAccessKey": details } }]);
    let of_root = json!({ "PrincipalName": "Root", "PrincipalType": "Root", "PrincipalId": "111122223333" });
    let user = |arn: &str| json!([{ "Type": "AwsIamUser", "Id": arn }]);
    for resources in [
        key("AWS::IAM::AccessKey:null", of_root.clone()),
        key("AWS::IAM::AccessKey:AKIAQ2XH7WMRTEXAMPLE", of_root.clone()),
        user("arn:aws:iam::111122223333:root"),
    ] {
        let mut whole = guard_duty(json!({}), "-");
        whole["Resources"] = resources.clone();
        let hints = chosen(whole.clone()).hints;
        assert!(matches!(&hints[..], [Hint::Page { sign: Sign::Detected, .. }]), "{resources}: {hints:?}");
        // What lies open is no use of it.
        whole["Compliance"] = json!({ "Status": "FAILED" });
        let hints = chosen(whole).hints;
        assert!(matches!(&hints[..], [Hint::Broken { .. }]), "{resources}: {hints:?}");
    }
    let abroad = suspects(user("arn:aws:iam::999988887777:root"));
    assert!(matches!(&abroad[..], [Suspect::Arn(_)]), "{abroad:?}");
    // A finding about the account as a whole tells nothing of root.
    assert_eq!(suspects(json!([{ "Type": "AwsAccount", "Id": "AWS::::Account:111122223333" }])).len(), 1);
}

#[test]
fn a_key_of_another_account_is_nobodys_here_and_one_without_an_id_its_holders() {
    let key = |account: &str| {
        let mut whole = guard_duty(
            json!({ "PrincipalName": "noor.rahimi", "AccountId": account, "AccessKeyId": "AKIAQ2XH7WMRTEXAMPLE" }),
            "AWS::IAM::AccessKey:AKIAQ2XH7WMRTEXAMPLE",
        );
        whole["ProductName"] = json!("Quayside Watch");
        whole["ProductArn"] = json!("arn:aws:securityhub:eu-west-1::product/quayside/watch");
        imported(whole)
    };
    assert_eq!(key("999988887777").ignored.as_deref(), Some("it names nothing of IAM"));
    let here = key("111122223333").hints;
    assert!(
        matches!(&here[..], [Hint::Threat { about: Suspect::HolderOf(_), key: Some(_), .. }]),
        "{here:?}"
    );
}

#[test]
fn what_says_only_what_lies_open_is_a_change_by_a_custom_action_too() {
    for (name, id) in [("IAM Access Analyzer", "access-analyzer"), ("Config", "config")] {
        let mut whole = guard_duty(Value::Null, USER);
        whole["ProductName"] = json!(name);
        whole["ProductArn"] = json!(format!("arn:aws:securityhub:eu-west-1::product/aws/{id}"));
        let trigger = chosen(whole);
        assert!(matches!(&trigger.hints[..], [Hint::Changed { .. }]), "{trigger:?}");
    }
}
