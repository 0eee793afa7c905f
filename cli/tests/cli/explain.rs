//! `bailiff explain`, of events and of what the table keeps.

use serde_json::{Value, json};

use super::{bailiff, bailiff_given, json as document, text};

const ACCOUNT: &str = "cli/tests/files/incident-account.json";
const ANSWERING: &str = "cli/tests/files/answering.yaml";

fn event(name: &str) -> String {
    format!("events/detect-threats/{name}.json")
}

fn explained(events: &[&str], more: &[&str]) -> std::process::Output {
    let files: Vec<String> = events.iter().map(|name| event(name)).collect();
    let mut arguments = vec!["explain", "--account", ACCOUNT, "--governance", ANSWERING];
    for file in &files {
        arguments.extend(["--event", file]);
    }
    arguments.extend(more);
    bailiff(&arguments)
}

/// A threat as the table holds it.
fn item(about: &str, severity: u8, at: &str) -> Value {
    let threat = json!({
        "id": format!("finding-{severity}"), "source": "guard-duty", "sign": "detected", "at": at, "heard": at,
        "said": "anomalous calls with AKIAQ2XH7WMRNOOROLD1",
        "risk": {"tier": 2, "exposure": 1, "anomaly": severity, "confidence": 90}
    });
    json!({"pk": {"S": "threat"}, "sk": {"S": format!("{about}#GuardDuty#Detected#{severity}")},
        "body": {"S": threat.to_string()}})
}

fn stored(items: &[Value]) -> String {
    json!({"Items": items}).to_string()
}

fn kept(items: &[Value], more: &[&str]) -> std::process::Output {
    let arguments = ["explain", "--account", ACCOUNT, "--governance", ANSWERING, "--threats", "-"];
    bailiff_given(&[&arguments, more].concat(), &stored(items))
}

#[test]
fn a_finding_is_explained_with_its_terms_the_rules_and_the_plan() {
    let output =
        explained(&["guardduty-instance-credentials", "health-key-exposed", "guardduty-sample"], &[]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    insta::assert_snapshot!("explain_events", text(&output.stdout));
}

#[test]
fn what_is_told_of_the_account_is_not_shown_as_its_root_user_s() {
    let answer = document(&explained(&["cloudtrail-organization-left"], &["--json"]));
    assert_eq!(answer["explained"][0]["threats"][0]["about"], "account 111122223333", "{answer}");
}

#[test]
fn the_terms_come_to_the_score_and_the_plan_is_the_function_s() {
    let answer = document(&explained(&["guardduty-instance-credentials"], &["--json"]));
    let explained = &answer["explained"][0];
    let threat = &explained["threats"][0];
    let risk = |term: &str| threat["risk"][term].as_f64().unwrap();
    let sum = 1.0 + (risk("tier") + risk("exposure") + risk("anomaly")) * risk("confidence") / 100.0;
    assert_eq!(threat["score"].to_string(), format!("{sum:.0}"));
    let answers = explained["answers"].as_array().unwrap();
    let threatened = answers.iter().find(|answer| answer["rule"] == "principal-threatened").unwrap();
    assert_eq!((&threatened["verdict"], &threatened["mode"]), (&json!("non-compliant"), &json!("enforce")));
    assert_eq!(threatened["parameters"]["suspendFromRisk"], 7);
    assert_eq!(threatened["plan"]["function"], "suspend-principal");
    assert!(threatened["plan"]["steps"][0].as_str().unwrap().starts_with("attach bailiff-quarantine"));
    assert_eq!(threatened["plan"]["workloads"][0], "EC2 instances with the instance profile parcel-tracker");
}

#[test]
fn below_the_risk_of_a_suspension_the_plan_leaves_it_to_people() {
    let answer = document(&explained(&["guardduty-updated"], &["--json"]));
    let answers = answer["explained"][0]["answers"].as_array().unwrap();
    let threatened = answers.iter().find(|answer| answer["rule"] == "principal-threatened").unwrap();
    assert_eq!(threatened["plan"]["steps"], json!([]));
    assert!(threatened["plan"]["left"][0].as_str().unwrap().contains("suspended from 7 on"), "{threatened}");
}

#[test]
fn without_enforce_it_says_that_nothing_is_done() {
    let output =
        bailiff(&["explain", "--account", ACCOUNT, "--event", &event("guardduty-instance-credentials")]);
    assert!(text(&output.stdout).contains("the mode is `audit`"), "{}", text(&output.stdout));
}

#[test]
fn what_leads_to_nothing_says_why() {
    for name in ["guardduty-archived", "cloudtrail-denied", "cloudtrail-read"] {
        let output = explained(&[name], &[]);
        assert!(text(&output.stdout).contains("leads to nothing"), "{name}: {}", text(&output.stdout));
    }
}

#[test]
fn what_the_table_keeps_is_explained_by_principal() {
    let items = [
        item("AIDAQ2XH7WMR6CKO4TJFX", 3, "2026-11-20T09:10:21Z"),
        item("AIDAGONEGONEGONEGONE1", 3, "2026-11-20T09:10:21Z"),
    ];
    let output = kept(&items, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    assert!(!page.contains("AKIAQ2XH7WMRNOOROLD1"), "{page}");
    insta::assert_snapshot!("explain_stored", page);
}

#[test]
fn a_report_of_long_ago_is_answered_by_no_rule() {
    let output = kept(&[item("AIDAQ2XH7WMR6CKO4TJFX", 3, "2026-10-20T09:10:21Z")], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("31 days before"), "{}", text(&output.stdout));
}

#[test]
fn one_principal_of_the_table_can_be_asked_for() {
    let noor = "arn:aws:iam::111122223333:user/noor.rahimi";
    let items = [
        item("AIDAQ2XH7WMR6CKO4TJFX", 3, "2026-11-20T09:10:21Z"),
        item("AROAQ2XH7WMR4VJHC6XSG", 3, "2026-11-20T09:10:21Z"),
    ];
    let answer = document(&kept(&items, &["--principal", noor, "--json"]));
    let explained = answer["explained"].as_array().unwrap().iter();
    assert_eq!(explained.map(|explained| &explained["of"]).collect::<Vec<_>>(), [noor]);
    let nobody = kept(&items, &["--principal", "arn:aws:iam::111122223333:user/emergency"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody.stderr).contains("no threat is about"), "{}", text(&nobody.stderr));
}

#[test]
fn a_rule_that_says_another_thing_by_each_part_of_an_event_is_shown_once_with_all() {
    let mut event: Value =
        serde_json::from_str(&super::file(&event("cloudtrail-admin-policy-attached"))).unwrap();
    let noor = "arn:aws:iam::111122223333:user/noor.rahimi";
    event["detail"]["userIdentity"] = json!({"type": "IAMUser", "principalId": "AIDAQ2XH7WMR6CKO4TJFX", "arn": noor,
        "accountId": "111122223333", "userName": "noor.rahimi"});
    // Two signs in one call: somebody is made an administrator, and it is Bailiff's own role.
    event["detail"]["eventName"] = json!("AttachRolePolicy");
    event["detail"]["requestParameters"] = json!({"roleName": "bailiff-restore",
        "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let arguments = ["explain", "--account", ACCOUNT, "--governance", ANSWERING, "--event", "-"];
    let output = bailiff_given(&arguments, &event.to_string());
    let page = text(&output.stdout);
    assert_eq!(page.matches("principal-threatened").count(), 1, "{page}");
    assert_eq!(page.matches("by another part of it:").count(), 1, "{page}");
    let answer = document(&bailiff_given(&[&arguments[..], &["--json"]].concat(), &event.to_string()));
    let answers = answer["explained"][0]["answers"].as_array().unwrap();
    let threatened: Vec<&Value> =
        answers.iter().filter(|answer| answer["rule"] == "principal-threatened").collect();
    assert_eq!(threatened.len(), 1, "{answers:?}");
    assert_eq!(threatened[0]["otherwise"].as_array().unwrap().len(), 1, "{threatened:?}");
}

#[test]
fn bad_input_is_named() {
    let cases: [(&[&str], &str, &str); 9] = [
        (&["explain", "--account", ACCOUNT, "--threats", "-"], "[]", "is no object with a table's `Items`"),
        (&["explain"], "", "required"),
        (&["explain", "--account", ACCOUNT], "", "there is nothing to explain"),
        (&["explain", "--account", ACCOUNT, "--event", "-"], "{", "it is not JSON"),
        (&["explain", "--account", ACCOUNT, "--event", "-"], "{\"source\":\"aws.s3\"}", "detail-type"),
        (&["explain", "--account", ACCOUNT, "--threats", "-"], "{\"Items\":[]}", "there is no threat in"),
        (&["explain", "--account", ACCOUNT, "--threats", "-"], "7", "is no journal"),
        (&["explain", "--account", "-", "--threats", "-"], "", "standard input"),
        (
            &["explain", "--account", ACCOUNT, "--event", "-", "--format", "markdown"],
            "{}",
            "only a rule's page",
        ),
    ];
    for (arguments, stdin, said) in cases {
        let output = bailiff_given(arguments, stdin);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
    let mut damaged = item("AIDAQ2XH7WMR6CKO4TJFX", 3, "2026-11-20T09:10:21Z");
    damaged["body"]["S"] = json!("{\"id\":7}");
    let output = kept(&[damaged], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a threat in"), "{}", text(&output.stderr));
}
