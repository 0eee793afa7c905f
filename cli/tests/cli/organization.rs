//! `bailiff organization`, on folders as `aws organizations describe-policy` fills them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use shared::identifier::OrganizationId;
use shared::organization::{Settings, pack};

use super::{bailiff, json as document, succeeded, text};

const ACCOUNT: &str = "111122223333";
const MANAGEMENT: &str = "222233334444";
const FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const FULL_FOR_RESOURCES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn settings() -> Settings {
    let list = |text: &str| vec![text.to_owned()];
    Settings {
        partition: "aws".to_owned(),
        stack: "bailiff".to_owned(),
        deployers: list("arn:aws:iam::*:role/deployer"),
        responders: list("arn:aws:iam::*:role/incident-response"),
        pipelines: list("arn:aws:iam::*:role/identity-pipeline"),
        organization: OrganizationId::parse("o-a1b2c3d4e5").unwrap(),
        trusted_accounts: Vec::new(),
        outside_resources: list("arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"),
        networks: list("203.0.113.0/24"),
        vpcs: Vec::new(),
    }
}

fn described(name: &str, control: &str, owner: &str, content: &str) -> String {
    let arn = format!("arn:aws:organizations::{owner}:policy/o-a1b2c3d4e5/x/p-1");
    let summary = json!({ "Id": "p-1", "Arn": arn, "Name": name, "Type": control, "AwsManaged": false });
    json!({ "Policy": { "PolicySummary": summary, "Content": content } }).to_string()
}

/// A folder with what AWS attaches on two levels and the pack on one of them, but for one policy.
fn folder(name: &str, without: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("organization").join(name);
    let _ = fs::remove_dir_all(&folder);
    for level in ["r-ab12", ACCOUNT] {
        fs::create_dir_all(folder.join(level)).unwrap();
        let full = described("FullAWSAccess", "SERVICE_CONTROL_POLICY", "aws", FULL);
        fs::write(folder.join(level).join("p-FullAWSAccess.json"), full).unwrap();
        let full = described("RCPFullAWSAccess", "RESOURCE_CONTROL_POLICY", "aws", FULL_FOR_RESOURCES);
        fs::write(folder.join(level).join("p-RCPFullAWSAccess.json"), full).unwrap();
    }
    for policy in pack().iter().filter(|policy| policy.name != without) {
        let content = policy.document(&settings()).unwrap().to_string();
        let file = described(policy.name, policy.control.as_str(), MANAGEMENT, &content);
        fs::write(folder.join(ACCOUNT).join(format!("{}.json", policy.name)), file).unwrap();
    }
    folder
}

fn check(folder: &Path, account: &str, more: &[&str]) -> std::process::Output {
    let folder = folder.to_str().unwrap();
    let asked = ["organization", "check", "--policies", folder, "--account-id", account];
    bailiff(&[&asked, more].concat())
}

const INSIDE: [&str; 4] =
    ["--pipeline", "arn:aws:iam::111122223333:role/identity-pipeline", "--organization-id", "o-a1b2c3d4e5"];

#[test]
fn with_the_whole_pack_everything_is_in_force() {
    let output = check(&folder("whole", ""), ACCOUNT, &INSIDE);
    let page = succeeded(&output);
    assert_eq!(page.matches(" in force\n").count(), 17, "{page}");
    assert!(!page.contains("not in force") && !page.contains("in the way"), "{page}");
}

#[test]
fn a_missing_policy_is_told_by_what_can_be_done_without_it() {
    let output = check(&folder("partial", "protect-quarantine"), ACCOUNT, &INSIDE);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    insta::assert_snapshot!("organization_check", text(&output.stdout));
}

#[test]
fn what_is_done_without_on_purpose_is_left_out() {
    let folder = folder("without-networks", "network-perimeter");
    assert_eq!(check(&folder, ACCOUNT, &[]).status.code(), Some(1));
    let output = check(&folder, ACCOUNT, &["--leave-out", "network-perimeter"]);
    assert!(succeeded(&output).ends_with("network-perimeter      left out\n"), "{}", text(&output.stdout));
}

#[test]
fn a_pipeline_that_the_policies_keep_out_is_in_their_way() {
    let pipeline = "arn:aws:iam::111122223333:role/another-pipeline";
    let more = ["--pipeline", pipeline, "--format", "json"];
    let output = check(&folder("pipeline", ""), ACCOUNT, &more);
    assert_eq!(output.status.code(), Some(1));
    let document = document(&output);
    let protections = document["protections"].as_array().unwrap();
    let found: Vec<_> = protections.iter().filter(|found| found["inTheWay"] != json!([])).collect();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&found["protection"], &found["inForce"]), (&json!("users-and-keys"), &json!(true)));
    assert_eq!(
        found["inTheWay"][0],
        format!(
            "{pipeline} cannot make a user (iam:CreateUser): protect-account: UsersAndKeysComeFromThePipeline"
        )
    );
}

#[test]
fn nothing_is_in_force_in_the_management_account() {
    let output = check(&folder("management", ""), MANAGEMENT, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let document = document(&output);
    assert_eq!(document["managementAccount"], true);
    assert!(document["protections"].as_array().unwrap().iter().all(|found| found["inForce"] == false));
}

#[test]
fn what_cannot_be_read_says_so_and_vouches_for_nothing() {
    let folder = folder("broken", "");
    fs::write(folder.join("r-ab12/cut-off.json"), "{\"Policy\":").unwrap();
    let output = check(&folder, ACCOUNT, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("cut-off.json` cannot be taken"), "{}", text(&output.stderr));

    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir_all(&folder).unwrap();
    for (folder, says) in
        [(folder.clone(), "there are no policies in"), (folder.join("gone"), "cannot be read")]
    {
        let output = check(&folder, ACCOUNT, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
}

#[test]
fn the_policies_as_they_are_in_the_repository_are_not_taken_for_ones_in_force() {
    let check = ["organization", "check", "--policies", "organization/policies", "--account-id", ACCOUNT];
    let output = bailiff(&check);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("organization/policies/") && said.contains("where your value belongs"), "{said}");
}
