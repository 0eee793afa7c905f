//! `bailiff incident`: the plan, the order and the timeline.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use shared::engine::{Deployment, SuspendOrder};
use shared::governance::Governance;
use shared::identifier::{AccountId, Arn};
use shared::threat::Threat;
use sim::{AccountFile, Local, World};

use super::table::scan;
use super::{bailiff, bailiff_given, file, json as document, succeeded, text};

const ACCOUNT: &str = "cli/tests/files/incident-account.json";
const ANSWERING: &str = "cli/tests/files/answering.yaml";
const KEY: &str = "AKIAQ2XH7WMRNOOROLD1";
const NOOR: &str = "arn:aws:iam::111122223333:user/noor.rahimi";
const TRACKER: &str = "arn:aws:iam::111122223333:role/parcel-tracker";

fn incident(about: &[&str], more: &[&str]) -> std::process::Output {
    let wish = ["--account", ACCOUNT, "--governance", ANSWERING];
    bailiff(&[&["incident"], about, &wish, more].concat())
}

/// The account of before with both suspended by an order.
fn contained() -> Local {
    let arn = |text: &str| Arn::parse(text).unwrap();
    let deployment = Deployment {
        account: AccountId::parse("111122223333").unwrap(),
        stack: "bailiff".to_owned(),
        quarantine_policy: arn("arn:aws:iam::111122223333:policy/bailiff-quarantine"),
    };
    let world = World::new(AccountFile::parse(&file(ACCOUNT)).unwrap());
    let local = Local::new(world, Governance::parse("version: 1\n").unwrap(), deployment);
    let order = |principal: &str| SuspendOrder {
        principal: arn(principal),
        reason: format!("{KEY} was in a public repository"),
        requested_by: "ann".to_owned(),
        threat: None,
    };
    local.suspend(&order(NOOR)).unwrap();
    local.suspend(&order(TRACKER)).unwrap();
    local
}

/// The table after a threat was reported of noor.rahimi and she was suspended by an order.
fn table() -> String {
    let local = contained();
    let threat: Threat = serde_json::from_value(json!({
        "id": "f1", "source": "health", "sign": "key-exposed", "key": KEY,
        "at": "2026-11-20T12:00:00Z", "heard": "2026-11-20T12:01:00Z", "said": format!("{KEY} was found in public"),
        "risk": {"tier": 2, "exposure": 3, "anomaly": 3, "confidence": 100}
    }))
    .unwrap();
    let mut scan = scan(&local.world);
    scan["Items"].as_array_mut().unwrap().push(json!({
        "pk": {"S": "threat"}, "sk": {"S": "AIDAQ2XH7WMR6CKO4TJFX#AWS Health#KeyExposed#f1"},
        "body": {"S": serde_json::to_string(&threat).unwrap()}
    }));
    scan.to_string()
}

#[test]
fn a_leaked_key_is_planned_for_priced_and_told() {
    let wish = ["incident", "key", KEY, "--account", ACCOUNT, "--governance", ANSWERING, "--journal", "-"];
    let output = bailiff_given(&wish, &table());
    let page = succeeded(&output);
    assert!(!page.contains(KEY), "{page}");
    insta::assert_snapshot!("incident_key", page);
}

#[test]
fn a_role_s_plan_names_its_workloads_and_the_end_of_its_sessions() {
    insta::assert_snapshot!("incident_role", succeeded(&incident(&["principal", TRACKER], &[])));
}

#[test]
fn the_order_is_what_the_function_takes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("incident");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let order = folder.join("order.json");
    let wish = [
        "--order",
        order.to_str().unwrap(),
        "--requested-by",
        "ann",
        "--reason",
        "it's in a public repository",
    ];
    let output = incident(&["key", KEY], &wish);
    assert!(succeeded(&output).contains(&format!("--payload file://{}", order.display())));
    let written = fs::read_to_string(&order).unwrap();
    let read = SuspendOrder::parse(&serde_json::from_str(&written).unwrap()).unwrap();
    assert_eq!((read.principal.to_string().as_str(), read.requested_by.as_str()), (NOOR, "ann"));
    assert_eq!(read.reason, "it's in a public repository");
    assert_eq!(
        read.threat.as_deref(),
        Some("access key ending OLD1 is known to others"),
        "two people undo it"
    );
    let again = incident(&["key", KEY], &wish);
    assert_eq!(again.status.code(), Some(2), "an order that is there is not overwritten");
    assert_eq!(fs::read_to_string(&order).unwrap(), written);
    let nowhere = folder.join("missing").join("order.json");
    let wish = ["--order", nowhere.to_str().unwrap(), "--requested-by", "ann", "--reason", "- it leaked"];
    let output = incident(&["key", KEY], &wish);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("there is no folder `{}`; make it", folder.join("missing").display())),
        "{said}"
    );
}

#[test]
fn the_command_holds_the_order_as_one_word_of_a_shell() {
    let answer =
        document(&incident(&["principal", NOOR], &["--reason", "it's theirs", "--stack", "guard", "--json"]));
    let command = answer["act"]["command"].as_str().unwrap();
    assert!(command.starts_with("aws lambda invoke --function-name guard-suspend-principal"), "{command}");
    assert!(command.contains(r#""reason":"it'\''s theirs""#), "{command}");
    assert_eq!(answer["act"]["order"]["principal"], NOOR);
    assert_eq!(answer["plan"]["steps"].as_array().unwrap().len(), 5);
    assert!(answer["plan"]["lost"][0].as_str().unwrap().contains("the console password is gone"));
}

#[test]
fn a_plan_says_where_nobody_may_approve_its_undo() {
    let page = |more: &[&str]| {
        let output = incident(&["principal", TRACKER], more);
        succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let nobody = "the governance file names nobody who may give it";
    assert!(page(&["--threat", "GuardDuty finding 5ec1"]).contains(nobody));
    assert!(!page(&[]).contains(nobody), "one person undoes what answers no threat");
    let answer = document(&incident(&["key", KEY], &["--json"]));
    assert!(answer["notUndone"].as_str().unwrap().contains(nobody), "{answer}");
}

#[test]
fn of_whoever_is_contained_already_it_says_that_the_threat_is_kept() {
    let account = serde_json::to_string(&contained().world.account()).unwrap();
    let page = |more: &[&str]| {
        let about = ["incident", "principal", NOOR, "--account", "-", "--governance", ANSWERING];
        let output = bailiff_given(&[&about[..], more].concat(), &account);
        succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (more, kept) in [(&["--threat", "GuardDuty finding 5ec1"][..], true), (&[], false)] {
        let page = page(more);
        assert!(page.contains("all that can be done is done already"), "{page}");
        assert!(page.contains("`restore` undoes the entries that contain it"), "{page}");
        assert_eq!(page.contains("that a threat stands against it is written down"), kept, "{page}");
    }
}

#[test]
fn who_is_protected_is_refused_with_the_reason() {
    let output = incident(&["key", "AKIAQ2XH7WMREMERGEN1"], &[]);
    let page = succeeded(&output);
    assert!(page.contains("refused") && page.contains("The function would refuse the order"), "{page}");
}

#[test]
fn no_order_is_written_that_the_function_would_refuse() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("incident-refused");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let order = folder.join("order.json");
    let wish = ["--order", order.to_str().unwrap(), "--requested-by", "ann", "--reason", "it is in public"];
    let output = incident(&["key", "AKIAQ2XH7WMREMERGEN1"], &wish);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(!order.exists());
    let page = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("No order was written.") && !page.contains("file://"), "{page}");
    let answer = document(&incident(&["key", "AKIAQ2XH7WMREMERGEN1"], &[&wish[..], &["--json"]].concat()));
    assert_eq!(answer["notWritten"], true);
}

#[test]
fn a_journal_that_somebody_changed_is_not_believed() {
    let broken = table().replacen("public repository", "private repository", 1);
    let wish = ["incident", "principal", NOOR, "--account", ACCOUNT, "--journal", "-"];
    let output = bailiff_given(&wish, &broken);
    assert!(text(&output.stdout).contains("chain is broken"), "{}", text(&output.stdout));
}

#[test]
fn bad_input_is_named() {
    let elsewhere = "arn:aws:iam::111122223333:user/staff/noor.rahimi";
    let cases: [(&[&str], &str); 7] = [
        (&["key", "hunter2"], "that is no access key id"),
        (&["key", "akiaq2xh7wmrnoorold1"], "which is in upper case"),
        (&["key", "AKIAQ2XH7WMRNOBODYS1"], "no user in the account file has the access key …DYS1"),
        (&["key", "ASIAQ2XH7WMRSESSION1"], "a session's"),
        (&["principal", elsewhere], "there is no arn:aws:iam"),
        (&["principal", "arn:aws:iam::111122223333:group/staff"], "no user's or role's ARN"),
        (&["principal", "noor.rahimi"], "invalid value"),
    ];
    for (about, said) in cases {
        let output = incident(about, &[]);
        assert_eq!(output.status.code(), Some(2), "{about:?}");
        let complaint = text(&output.stderr);
        assert!(complaint.contains(said), "{about:?}: {complaint}");
        assert!(!complaint.contains("hunter2") && !complaint.contains("AKIAQ2XH7WMRNOBODYS1"), "{complaint}");
    }
    let silent = incident(&["principal", NOOR], &["--reason", " "]);
    assert_eq!(silent.status.code(), Some(2));
    assert!(text(&silent.stderr).contains("`reason` is empty"), "{}", text(&silent.stderr));
}

/// `bailiff incident … --act` where this script is the AWS CLI; what it was given besides.
fn acting(name: &str, script: Option<&str>, about: &[&str], more: &[&str]) -> (std::process::Output, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("incident-acting-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    if let Some(script) = script {
        let (aws, given) = (folder.join("aws"), folder.join("given"));
        let text = format!("#!/bin/sh\necho \"$@\" > {0}\ncat >> {0}\n{script}\n", given.display());
        fs::write(&aws, text).unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = match script {
        Some(_) => format!("{}:/usr/bin:/bin", folder.display()),
        None => folder.display().to_string(),
    };
    let who = ["--act", "--requested-by", "ann", "--reason", "in a public repository"];
    let wish = ["--account", ACCOUNT, "--governance", ANSWERING];
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bailiff"))
        .args([&["incident"], about, &wish, &who, more].concat())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("PATH", path)
        .output()
        .unwrap();
    let given = fs::read_to_string(folder.join("given")).unwrap_or_default();
    (output, given)
}

/// What the function answers, and the AWS CLI after it.
fn answering(answer: &str) -> String {
    format!("echo '{answer}{{\"StatusCode\": 200}}'")
}

#[test]
fn an_order_is_given_after_the_plan_and_its_answer_is_told() {
    let answer = r#"{"journalId": "20261122t090000-0123456789ab", "status": "verified", "steps": [{"step": "attach bailiff-quarantine to user noor.rahimi", "result": "verified"}], "left": [], "lost": ["its console password"], "sessions": ["console sessions: until noon"]}"#;
    let (output, given) = acting("key", Some(&answering(answer)), &["key", KEY], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (command, order) = given.split_once('\n').unwrap();
    assert!(command.starts_with("lambda invoke --function-name bailiff-suspend-principal "), "{command}");
    let order = SuspendOrder::parse(&serde_json::from_str(order).unwrap()).unwrap();
    assert_eq!((order.principal.as_str(), order.requested_by.as_str()), (NOOR, "ann"));
    assert!(order.threat.is_some());
    let shown = text(&output.stdout);
    let (plan, done) = shown.split_once("What was done").unwrap();
    assert!(plan.contains("What would be done"));
    for told in ["verified, entry 20261122t090000-0123456789ab", "lost: its console password", "until noon"] {
        assert!(done.contains(told), "{done}");
    }
    // The same for a program.
    let (output, _) = acting("json", Some(&answering(answer)), &["principal", NOOR], &["--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (told["given"]["contained"].as_bool(), told["given"]["answer"]["status"].as_str()),
        (Some(true), Some("verified"))
    );
}

#[test]
fn whoever_is_not_contained_and_what_went_wrong_is_never_told_as_done() {
    let refused = answering(
        r#"{"journalId": "20261122t090000-0123456789ab", "status": "refused", "refusal": "everything is stopped", "steps": []}"#,
    );
    let (output, _) = acting("open", Some(&refused), &["principal", NOOR], &[]);
    assert_eq!(output.status.code(), Some(3));
    let shown = text(&output.stdout);
    assert!(shown.contains("everything is stopped") && shown.contains("It is not contained"), "{shown}");
    for (script, said) in [
        (Some("echo 'An error occurred (AccessDenied): no' >&2; exit 254"), "AccessDenied"),
        (Some("exit 0"), "whether it was carried out is not known"),
        (
            Some(
                r#"echo '{"errorMessage": "it timed out"}{"StatusCode": 200, "FunctionError": "Unhandled"}'"#,
            ),
            "it timed out",
        ),
        (None, "install the AWS CLI"),
    ] {
        let (output, _) = acting("wrong", script, &["principal", NOOR], &[]);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("What would be done"));
    }
}

#[test]
fn no_order_is_given_that_the_function_would_refuse() {
    let (output, given) = acting("refused", Some("exit 0"), &["key", "AKIAQ2XH7WMREMERGEN1"], &[]);
    assert_eq!((output.status.code(), given.as_str()), (Some(3), ""));
    assert!(
        text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ").contains("No order is given.")
    );
}
