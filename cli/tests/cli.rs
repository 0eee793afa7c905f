//! The `bailiff` binary as people and pipelines use it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[path = "cli/exempt.rs"]
mod exempt;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/incident.rs"]
mod incident;
#[path = "cli/organization.rs"]
mod organization;
#[path = "cli/protected.rs"]
mod protected;
#[path = "support/table.rs"]
mod table;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const INLINE: &str = "events/evaluate-changes/user-inline-policy-percent-encoded.json";
const PASSES: &str = "events/evaluate-changes/user-null-lists.json";
const MALFORMED: &str = "events/malformed/status-unknown.json";
const SMALL: &str = "cli/tests/files/small-account.json";
const CLEAN: &str = "cli/tests/files/clean-account.json";
const ENFORCE: &str = "cli/tests/files/enforce.yaml";
const TRUST: &str = "cli/tests/files/github-trust.json";
const DEVELOPER: &str = "cli/tests/files/developer.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiff"));
    command.current_dir(root()).args(arguments);
    for variable in ["CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(variable);
    }
    command
}

fn bailiff(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

fn bailiff_given(arguments: &[&str], stdin: &(impl AsRef<[u8]> + ?Sized)) -> Output {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments may be gone before it reads a byte.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_ref());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A governance file with this rule alone in force.
fn only(rule: &str) -> String {
    let all = json(&bailiff(&["rules", "--format", "json"]));
    let ids = all.as_array().unwrap().iter().map(|described| described["id"].as_str().unwrap());
    let off: Vec<String> =
        ids.filter(|id| *id != rule).map(|id| format!("  {id}: {{enabled: false}}\n")).collect();
    format!("version: 1\nrules:\n{}", off.concat())
}

fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn the_demo_reads_as_reviewed_and_all_of_it_holds() {
    let output = bailiff(&["demo"]);
    let page = succeeded(&output);
    assert!(!page.contains('\u{1b}'), "colours belong on terminals");
    assert!(page.lines().all(|line| line.chars().count() <= 100 && line.trim_end() == line));
    insta::assert_snapshot!("demo", page);
}

#[test]
fn the_demo_needs_nothing_of_the_repository_and_is_the_same_every_time() {
    let elsewhere = std::env::temp_dir();
    let run = || command(&["demo"]).current_dir(&elsewhere).output().unwrap();
    let first = run();
    assert_eq!(succeeded(&first), succeeded(&run()));
}

#[test]
fn colours_come_where_they_are_asked_for() {
    let output = command(&["demo"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(succeeded(&output).contains("\u{1b}["));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = command(&["demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{complaint}");
    assert_eq!(complaint, "");
}

#[test]
fn replay_says_what_was_judged_and_done() {
    let before = file(SMALL);
    let output = bailiff(&["replay", INLINE, PASSES, "--account", SMALL, "--governance", ENFORCE]);
    insta::assert_snapshot!("replay", succeeded(&output));
    assert_eq!(file(SMALL), before, "the account file is only read");
}

#[test]
fn replay_gives_one_document_with_the_account_it_ends_in() {
    let document =
        json(&bailiff(&["replay", INLINE, "--account", SMALL, "--governance", ENFORCE, "--format", "json"]));
    let delivery = &document["deliveries"][0];
    let keys: Vec<&str> = delivery.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["event", "evaluations", "decisions", "entries", "deadLetters", "notices", "error"]);
    assert_eq!(delivery["event"], INLINE);
    assert_eq!(delivery["evaluations"][0]["evaluation"]["compliance"], "NON_COMPLIANT");
    assert_eq!(delivery["evaluations"][0]["rule"], "bailiff-user-inline-policy");
    assert_eq!(delivery["decisions"][0]["judged"]["verdict"], "non-compliant");
    let entry = &delivery["entries"][0];
    assert_eq!(entry["status"], "verified");
    assert_eq!(entry["plan"]["steps"][0]["do"], "DeleteUserPolicy");
    assert_eq!(
        entry["plan"]["steps"][0]["document"], "{\"Version\":\"2012-10-17\",  \"Statement\":[]}",
        "kept byte for byte"
    );
    assert_eq!(delivery["notices"][0], entry["id"]);
    assert_eq!(delivery["error"], Value::Null);
    assert_eq!(document["account"]["users"][0]["inlinePolicies"], serde_json::json!([]));
}

#[test]
fn a_replay_that_judged_nobody_says_so() {
    let output = bailiff(&["replay", "events/evaluate-changes/role.json", "--account", SMALL]);
    assert_eq!(succeeded(&output).lines().last(), Some("1 not applicable"));
}

#[test]
fn without_a_governance_file_replay_plans_and_changes_nothing() {
    let document = json(&bailiff(&["replay", INLINE, "--account", SMALL, "--format", "json"]));
    assert_eq!(document["deliveries"][0]["entries"][0]["status"], "planned");
    assert_eq!(document["account"]["users"][0]["inlinePolicies"][0]["name"], "scanner-debug");
}

#[test]
fn an_event_or_an_account_may_come_from_standard_input() {
    let of_event = bailiff_given(&["replay", "-", "--account", SMALL, "--format", "json"], &file(INLINE));
    let of_account = bailiff_given(&["replay", INLINE, "--account", "-", "--format", "json"], &file(SMALL));
    succeeded(&of_event);
    succeeded(&of_account);
    assert_eq!(json(&of_event)["deliveries"][0]["event"], "standard input");
    assert_eq!(json(&of_event)["account"], json(&of_account)["account"]);
}

#[test]
fn a_byte_order_mark_before_json_is_skipped_and_before_governance_refused() {
    let marked = |path: &str| format!("\u{feff}{}", file(path));
    succeeded(&bailiff_given(&["replay", INLINE, "--account", "-"], &marked(SMALL)));
    succeeded(&bailiff_given(&["replay", "-", "--account", SMALL], &marked(INLINE)));
    // What a function refuses must not pass here.
    let output = bailiff_given(&["check", "-"], &marked("governance/governance.yaml"));
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("byte order mark"), "{}", text(&output.stderr));
}

#[test]
fn a_file_in_another_encoding_is_named_as_such() {
    let output = bailiff_given(&["scan", "--account", "-"], b"\xff\xfe{\0}\0");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("the account file `standard input` is not UTF-8; save it as UTF-8"), "{said}");
}

#[test]
#[cfg(unix)]
fn a_file_without_end_is_not_read_to_its_end() {
    for arguments in [&["check", "/dev/zero"][..], &["scan", "--account", "/dev/zero"]] {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("`/dev/zero` holds more than 256 MiB"), "{said}");
    }
}

#[test]
fn standard_input_is_asked_for_once() {
    let output = bailiff_given(&["replay", "-", "--account", "-"], &file(INLINE));
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("can be read once"), "{}", text(&output.stderr));
}

#[test]
fn a_bad_event_is_named_and_the_rest_goes_on() {
    let arguments = ["replay", "no-such-event.json", ENFORCE, MALFORMED, INLINE, "--account", SMALL];
    let output = bailiff(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let page = text(&output.stdout);
    for said in [
        "no-such-event.json",
        "cannot be read",
        "enforce.yaml",
        "is not JSON",
        "status-unknown.json",
        "configurationItemStatus",
        "scanner-debug",
        "3 events not understood",
    ] {
        assert!(page.contains(said), "{said} is missing:\n{page}");
    }

    let mut arguments = arguments.to_vec();
    arguments.extend(["--format", "json"]);
    let output = bailiff(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let document = json(&output);
    let deliveries = document["deliveries"].as_array().unwrap();
    let errors: Vec<bool> = deliveries.iter().map(|delivery| delivery["error"].is_string()).collect();
    assert_eq!(errors, [true, true, true, false]);
    assert_eq!(deliveries[2]["deadLetters"].as_array().unwrap().len(), 1);
    assert_eq!(deliveries[3]["entries"][0]["status"], "planned");
}

#[test]
fn an_event_that_cannot_be_judged_is_told_from_one_that_is_not_understood() {
    // Its item is too large to be sent, and the account has no such user.
    let oversized = "events/evaluate-changes/user-oversized.json";
    let output = bailiff(&["replay", oversized, "--account", SMALL]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    assert!(
        page.contains("history has no item of AWS::IAM::User") && page.contains("1 event not judged"),
        "{page}"
    );
    assert!(!page.contains("not understood"), "{page}");
}

#[test]
fn a_replay_of_what_is_gone_ends_in_words() {
    let output = bailiff(&["replay", "events/evaluate-changes/user-deleted.json", "--account", SMALL]);
    assert!(succeeded(&output).ends_with("\n\n1 not applicable\n"), "{}", text(&output.stdout));
}

#[test]
fn an_event_of_another_account_is_bad_input_with_both_accounts_named() {
    let schedule = file("events/evaluate-account/reconcile.json").replace("111122223333", "999988887777");
    let output = bailiff_given(&["replay", "-", "--account", SMALL], &schedule);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    assert!(page.contains("999988887777") && page.contains("111122223333"), "{page}");
    assert!(page.contains("1 event refused") && !page.contains("not understood"), "{page}");
}

#[test]
fn every_malformed_event_is_bad_input() {
    for path in std::fs::read_dir(root().join("events/malformed")).unwrap() {
        let path = path.unwrap().path();
        let output = bailiff(&["replay", path.to_str().unwrap(), "--account", SMALL]);
        assert_eq!(output.status.code(), Some(2), "{}", path.display());
        assert!(text(&output.stdout).contains("! "), "{}", path.display());
    }
}

#[test]
fn bad_files_are_named_with_what_is_wrong() {
    let cases: [(&[&str], &[&str]); 6] = [
        (&["scan", "--account", "no-such.json"], &["account file", "`no-such.json`"]),
        (&["scan", "--account", "cli"], &["`cli`", "cannot be read"]),
        (&["scan", "--account", ENFORCE], &["enforce.yaml", "account file"]),
        (&["scan", "--account", MALFORMED], &["status-unknown.json", "unknown field"]),
        (&["scan", "--account", SMALL, "--governance", "gone.yaml"], &["governance file", "`gone.yaml`"]),
        (
            &["replay", INLINE, "--account", SMALL, "--governance", "cli/tests/files/refused.yaml"],
            &[
                "refused.yaml",
                "line 3",
                "did you mean `user-inline-policy`",
                "line 6",
                "inforce",
                "exemption",
            ],
        ),
    ];
    for (arguments, expected) in cases {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        for said in expected {
            let stderr = text(&output.stderr);
            assert!(stderr.contains(said), "{arguments:?}: {said} is missing:\n{stderr}");
        }
    }
}

#[test]
fn a_scan_shows_violations_by_resource_and_by_rule_and_changes_nothing() {
    let output =
        bailiff(&["scan", "--account", "cli/demo/account.json", "--governance", "cli/demo/governance.yaml"]);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!("scan", text(&output.stdout));
}

#[test]
fn a_scan_for_tools_has_violations_and_numbers() {
    let arguments = ["scan", "--account", SMALL, "--governance", "-", "--format", "json"];
    let output = bailiff_given(&arguments, &only("user-inline-policy"));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let document = json(&output);
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let sections = ["account", "at", "summary", "rules", "resources", "tiers"];
    assert_eq!(keys, [sections.as_slice(), &["notTold", "tooWide", "exemptions", "unmatched"]].concat());
    assert_eq!(document["account"], "111122223333");
    assert_eq!(document["summary"]["nonCompliant"], 1);
    assert_eq!(
        document["rules"],
        serde_json::json!([
            {"rule": "user-inline-policy", "severity": "medium", "nonCompliant": 1, "exempt": 0, "unknown": 0}
        ])
    );
    let suspect = &document["resources"][0];
    assert_eq!(suspect["resource"]["name"], "mara.lindqvist");
    assert_eq!(suspect["judgements"][0]["rule"], "user-inline-policy");
    assert_eq!(suspect["judgements"][0]["severity"], "medium");
    assert_eq!(suspect["judgements"][0]["verdict"], "non-compliant");
}

#[test]
fn a_clean_account_scans_with_exit_code_0() {
    let arguments = ["scan", "--account", CLEAN, "--governance", "-"];
    let output = bailiff_given(&arguments, &only("user-inline-policy"));
    assert!(succeeded(&output).contains("no violation"), "{}", text(&output.stdout));
}

#[test]
fn rules_are_listed_for_people_and_for_tools() {
    let document = json(&bailiff(&["rules", "--format", "json"]));
    let rules = document.as_array().unwrap();
    let page = bailiff(&["rules"]);
    let page = succeeded(&page);
    for rule in rules {
        assert!(page.contains(rule["id"].as_str().unwrap()));
        assert!(page.contains(rule["title"].as_str().unwrap()));
        for list in ["triggers", "appliesTo", "controls"] {
            assert!(!rule[list].as_array().unwrap().is_empty(), "{list} of {}", rule["id"]);
        }
        assert_eq!(rule["writes"].as_array().unwrap().is_empty(), rule["remediator"].is_null());
    }
    let age = rules.iter().find(|rule| rule["id"] == "access-key-age").unwrap();
    assert_eq!(age["severity"], "medium");
    assert_eq!(age["triggers"], serde_json::json!(["Sweep"]));
    assert_eq!(age["appliesTo"], serde_json::json!(["AWS::IAM::User"]));
    assert_eq!(age["standsFor"], serde_json::json!(["ACCESS_KEYS_ROTATED"]));
    assert_eq!(age["remediator"], "deactivate-access-keys");
    assert_eq!(
        age["reads"],
        serde_json::json!(["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"])
    );
    assert_eq!(
        age["accountReads"],
        serde_json::json!(["iam:GenerateCredentialReport", "iam:GetCredentialReport"])
    );
    assert_eq!(age["needs"], serde_json::json!(["access-keys"]));
    assert_eq!(age["writes"], serde_json::json!(["iam:UpdateAccessKey"]));
    assert_eq!(age["parameters"]["maxAccessKeyAge"], 90);
}

#[test]
fn a_rule_has_a_page() {
    let page = bailiff(&["rules", "show", "access-key-age"]);
    insta::assert_snapshot!("explain", succeeded(&page));
    assert_eq!(succeeded(&bailiff(&["explain", "access-key-age"])), succeeded(&page));
}

#[test]
fn the_pages_of_the_repository_are_those_of_the_command() {
    let rules = json(&bailiff(&["rules", "--format", "json"]));
    for rule in rules.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        let show = |format| bailiff(&["rules", "show", id, "--format", format]);
        assert_eq!(succeeded(&show("markdown")), file(&format!("docs/rules/{id}.md")));
        assert_eq!(&json(&show("json")), rule);
        let page = show("text");
        let page = succeeded(&page);
        assert!(page.starts_with(id));
        assert!(!page.contains('\u{fffd}'), "{page}");
    }
    let index = bailiff(&["rules", "--format", "markdown"]);
    assert_eq!(succeeded(&index), file("docs/rules/README.md"));
}

const FRAMEWORKS: [&str; 4] = ["cis-5.0", "cis-3.0", "security-hub", "aws-managed"];

#[test]
fn coverage_lists_every_item_once_for_people_and_for_tools() {
    for framework in FRAMEWORKS {
        let document = json(&bailiff(&["coverage", framework, "--format", "json"]));
        let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["framework", "title", "summary", "items"]);
        assert_eq!(document["framework"], framework);
        let items = document["items"].as_array().unwrap();
        let page = bailiff(&["coverage", framework]);
        let page = succeeded(&page);
        // What begins in the item's column, behind a status.
        let heads: Vec<&str> = page
            .lines()
            .filter_map(|line| Some((line.get(..13)?, line.get(13..)?)))
            .filter(|(status, item)| {
                !status.trim().is_empty() && status.ends_with(' ') && !item.starts_with(' ')
            })
            .filter_map(|(_, item)| item.split(' ').next())
            .collect();
        for item in items {
            let keys: Vec<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["id", "title", "status", "rules", "settings", "note", "person"]);
            let id = item["id"].as_str().unwrap();
            assert_eq!(heads.iter().filter(|head| **head == id).count(), 1, "{framework} {id}:\n{page}");
            for rule in item["rules"].as_array().unwrap() {
                assert!(page.contains(rule.as_str().unwrap()), "{framework} {id}: {rule}");
            }
            let (is_manual, has_duty) = (item["status"] == "manual", item["person"].is_string());
            assert_eq!(is_manual, has_duty, "{framework} {id}");
        }
        let number = |of: &str| document["summary"][of].as_u64().unwrap();
        assert_eq!(number("automatable") + number("manual") + number("notCounted"), items.len() as u64);
        let summary = format!(
            "covered {} of {} automatable items ({} manual)",
            number("covered"),
            number("automatable"),
            number("manual")
        );
        assert!(page.lines().last().unwrap().starts_with(&summary), "{summary} is missing:\n{page}");
        assert!(page.lines().all(|line| line.chars().count() <= 96 && line.trim_end() == line), "{page}");
    }
}

#[test]
fn an_item_says_which_rules_cover_it_and_how_they_must_be_set() {
    let document = json(&bailiff(&["coverage", "cis-5.0", "--format", "json"]));
    let item = |id: &str| {
        let items = document["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == id).unwrap().clone()
    };
    assert_eq!(item("1.13")["status"], "covered");
    assert_eq!(item("1.13")["rules"], serde_json::json!(["access-key-age"]));
    assert_eq!(item("1.13")["settings"], serde_json::json!([]));
    let unused = &item("1.11")["settings"][0];
    assert_eq!((&unused["parameter"], &unused["value"]), (&"maxCredentialUsageAge".into(), &45.into()));
    assert_eq!(item("1.1")["status"], "manual");
}

#[test]
fn the_coverage_page_of_the_repository_is_that_of_the_command() {
    let page = file("docs/coverage.md");
    for framework in FRAMEWORKS {
        let output = bailiff(&["coverage", framework, "--format", "markdown"]);
        assert!(page.contains(succeeded(&output)), "{framework}");
    }
}

#[test]
fn an_unknown_framework_is_met_with_the_four_there_are() {
    for arguments in [&["coverage", "cis-4.0"][..], &["coverage", ""]] {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(FRAMEWORKS.iter().all(|framework| said.contains(framework)), "{said}");
    }
}

#[test]
fn an_unknown_rule_is_met_with_a_suggestion() {
    for arguments in
        [&["explain", "acess-key-age"][..], &["rules", "show", "acess-key-age", "--format", "json"]]
    {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("did you mean `access-key-age`") && said.contains("bailiff rules"), "{said}");
    }
}

#[test]
fn permissions_name_each_function_and_evaluators_write_nothing() {
    let document = json(&bailiff(&["permissions", "--format", "json"]));
    let functions = document["functions"].as_object().unwrap();
    let mut names: Vec<String> = functions.keys().cloned().collect();
    names.sort();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let mut folders: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(names, folders);
    let list = |function: &str, kind: &str| {
        let actions = functions[function][kind].as_array().unwrap();
        actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(list("evaluate-changes", "reads").is_empty());
    assert!(list("evaluate-changes", "writes").is_empty());
    assert!(list("evaluate-account", "writes").is_empty());
    assert_eq!(list("deactivate-access-keys", "writes"), ["iam:UpdateAccessKey"]);
    for function in &names {
        for kind in ["reads", "writes"] {
            assert!(
                list(function, kind).iter().all(|action| {
                    ["iam:", "access-analyzer:", "account:", "dynamodb:"]
                        .iter()
                        .any(|service| action.starts_with(service))
                }),
                "{function} {kind}"
            );
        }
    }
    let page = bailiff(&["permissions"]);
    assert!(succeeded(&page).contains("no IAM action at all"));
}

#[test]
fn the_governance_file_that_ships_is_taken() {
    let output = bailiff(&["check"]);
    let page = succeeded(&output);
    assert!(page.contains("governance/governance.yaml"));
    assert!(page.contains("user-unused"));
}

#[test]
fn a_check_says_what_is_in_force_and_for_whom_not() {
    let governance = "version: 1\nrules:\n  access-key-age:\n    mode: enforce\n    parameters: {maxAccessKeyAge: 45, \
                      spareUsedWithin: 1}\n  user-unused:\n    enabled: false\nprotected:\n  - principal: \
                      arn:aws:iam::111122223333:user/*\n    reason: everybody\nbreakGlass:\n  - principal: \
                      arn:aws:iam::111122223333:user/safe\n    reason: in the safe\ntrustedAccounts:\n  - account: \
                      \"444455556666\"\n    name: tools\nexemptions:\n  - rule: access-key-age\n    accessKey: \
                      AKIAIOSFODNN7EXAMPLE\n    ticket: SEC-7\n    owner: ada\n    approver: bob\n    reason: test\n    \
                      process: billing\n    criticality: high\n    rotateEvery: 180\n    created: 2020-01-01\n    \
                      expires: 2020-12-31\n";
    let output = bailiff_given(&["check", "-"], governance);
    insta::assert_snapshot!("check", succeeded(&output));
}

#[test]
fn a_check_warns_where_nobody_may_approve_the_undo_of_what_answers_threats() {
    let acting = "rules:\n  principal-threatened: {mode: enforce}\n  access-key-exposed: {mode: enforce}\n";
    let approvers = "approvals:\n  approvers: [\"arn:aws:iam::111122223333:user/security/*\"]\n";
    let checked = |governance: &str| {
        let output = bailiff_given(&["check", "-"], governance);
        succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let warning =
        "! access-key-exposed, principal-threatened act on threats, and nobody may approve that it is undone";
    let page = checked(&format!("version: 1\n{acting}"));
    assert!(page.contains(warning), "{page}");
    for fine in [format!("version: 1\n{acting}{approvers}"), "version: 1\n".to_owned()] {
        let page = checked(&fine);
        assert!(!page.contains("nobody may approve"), "{page}");
    }
}

#[test]
fn a_check_says_what_limits_over_the_organisation_hang_on() {
    let checked = |limits: &str| {
        let output = bailiff_given(&["check", "-"], &format!("version: 1\nlimits: {limits}\n"));
        succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (limits, said) in [
        (
            "actsPerHour: 1, actsPerDay: 200",
            "1 act an hour, 200 acts a day and 10% of the users and roles a day in all accounts together",
        ),
        ("sharePerHour: 2, sharePerDay: 100", "2% of the users and roles an hour in all accounts together"),
        ("sharePerDay: 100", "no limit in all accounts together"),
    ] {
        let page = checked(&format!("{{ organization: {{ {limits} }} }}"));
        let hangs = "! nothing is enforced by a stack that has not been given their table: see its parameter \
                     OrganizationTable";
        assert!(page.contains(&format!("{said} {hangs}")), "{page}");
    }
    assert!(!checked("{ actsPerHour: 1 }").contains("in all accounts"));
}

/// What the check says after the rules.
fn checked_sections(governance: &str) -> String {
    let output = bailiff_given(&["check", "-"], governance);
    let page = succeeded(&output);
    let (_, sections) = page.split_once("identity-provider-tags").unwrap();
    sections.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_check_says_every_section_that_the_file_sets() {
    let governance = "version: 1\nrules:\n  access-key-age: {mode: enforce, approvals: 2, warnings: {finalAfterDays: 7, \
                      actAfterDays: 3}}\nlimits: {actsPerHour: 4, sharePerHour: 5}\nchangeWindows:\n  timeZone: \
                      Europe/Berlin\n  open:\n    - {days: [tuesday, monday], from: \"09:00\", to: \"16:00\"}\n    - {days: \
                      [friday], from: \"09:00\", to: \"11:30\"}\n  closed: [\"2026-12-24\"]\napprovals:\n  approvers: \
                      [\"arn:aws:iam::111122223333:user/security/*\"]\n  validDays: 3\n  platinum: [{principal: \
                      \"arn:aws:iam::111122223333:role/production/*\", reason: the platform}]\nmanaged:\n  cloudFormation: \
                      false\n  automations: [{resource: \"arn:aws:iam::*:role/terraform/*\", by: Terraform, reason: it puts \
                      back}]\ndirectory:\n  matchBy: [{tag: employee}, {email: mail}]\n  absentMeansLeft: true\n";
    insta::assert_snapshot!(checked_sections(governance), @r"
      0 protected principals or patterns
      0 break-glass principals or patterns
      limits: 25 acts a sweep, 4 an hour, 100 a day and 3 a day on one resource; of the users and
        roles 5% an hour and 10% a day
      rules, but for those that answer threats, act by the clock of Europe/Berlin on
        monday, tuesday 09:00 to 16:00  7 hours
        friday 09:00 to 11:30  2 hours 30 minutes
          ! sweeps are 6 hours apart unless the stack's `SweepHours` says otherwise, so it may be
            that none falls into it and nothing is done
        and not on 2026-12-24
      approvals, good for 3 days, by
        arn:aws:iam::111122223333:user/security/*
      1 platinum principal or pattern, of which two people decide
        arn:aws:iam::111122223333:role/production/*  the platform
      what CloudFormation's stacks make is changed as everything else is
      what other automation makes is proposed a change, and let be
        arn:aws:iam::*:role/terraform/*  Terraform: it puts back
      people of the directory, known by the employee's id in the tag employee, the address in the
        tag mail
        a list is refused that is older than 48 hours, names less than 90% of the last, or takes out
          more than 20 users or 5% of them
        whoever is not on it has left
      0 exemptions in force
    ");
    let output = bailiff_given(&["check", "-"], governance);
    let page = succeeded(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    let rule = "access-key-age enforce warns, again after 7 days, and acts 3 days later, approvals 2 access-key-unused";
    assert!(page.contains(rule), "{page}");
    // Of what is not set the limits are in force all the same.
    insta::assert_snapshot!(checked_sections("version: 1\n"), @r"
      0 protected principals or patterns
      0 break-glass principals or patterns
      limits: 25 acts a sweep, 25 an hour, 100 a day and 3 a day on one resource; of the users and
        roles 10% a day
      0 exemptions in force
    ");
}

#[test]
fn a_check_warns_of_limits_and_windows_under_which_nothing_is_ever_done() {
    let checked = |governance: &str| {
        let page = checked_sections(&format!("version: 1\n{governance}\n"));
        page.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let stops = "no rule ever does anything, and the first thing that one would do stops everything until a person has looked";
    let page = checked("limits: {actsPerDay: 0}");
    assert!(page.contains(&format!("! limits: actsPerDay is 0: {stops}")), "{page}");
    let page = checked("limits: {actsPerDay: 0, organization: {sharePerDay: 0}}");
    assert!(
        page.contains(&format!("! limits: actsPerDay and organization.sharePerDay are 0: {stops}")),
        "{page}"
    );
    let page = checked("limits: {actsPerResourceAndDay: 0}");
    assert!(page.contains("actsPerResourceAndDay is 0: no rule ever does anything"), "{page}");
    assert!(!page.contains("stops everything"), "{page}");
    assert!(!checked("limits: {actsPerDay: 1}").contains('!'));
    let windows = |from: &str, to: &str| {
        format!(
            "changeWindows: {{timeZone: UTC, open: [{{days: [monday], from: \"{from}\", to: \"{to}\"}}]}}"
        )
    };
    let missed = "! sweeps are 6 hours apart unless the stack's `SweepHours` says otherwise";
    let page = checked(&windows("09:00", "14:59"));
    assert!(page.contains(&format!("5 hours 59 minutes {missed}")), "{page}");
    assert!(!checked(&windows("09:00", "15:00")).contains('!'));
}

#[test]
fn a_check_says_who_is_told_and_in_which_order_they_are_looked_for() {
    let governance = "version: 1\nnotices:\n  from: bailiff@example.com\n  domains: [example.com]\n  owners:\n    - \
                      principal: arn:aws:iam::*:role/payments/*\n      contact: payments@example.com\n  ownerTags: \
                      [owner, team]\n  fallback: slack\n  digest: daily\n";
    let output = bailiff_given(&["check", "-"], governance);
    let page = succeeded(&output);
    let (_, told) = page.split_once("notices").unwrap();
    insta::assert_snapshot!(told, @r"
    , to the first that is found of
        arn:aws:iam::*:role/payments/*  payments@example.com
        the address in the tag owner, team
        the account's contact for security
        slack, where none of them is known or can be told
        mail comes from bailiff@example.com and leaves for example.com only
        what changed nothing waits for the day's digest
      0 exemptions in force
    ");
}

#[test]
fn entries_of_the_governance_file_that_name_nobody_are_warned_of() {
    let nobody = "cli/tests/files/nobody.yaml";
    for command in [&["scan"][..], &["replay", PASSES]] {
        let arguments = [command, &["--account", SMALL, "--governance", nobody]].concat();
        let output = bailiff(&arguments);
        let page = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        for said in [
            "3 entries of the governance file name nobody in this account:",
            "breakGlass[0] arn:aws:iam::111122223333:user/Mara.Lindqvist: there is no such user (did you mean \
             `arn:aws:iam::111122223333:user/warehouse/mara.lindqvist`?)",
            "breakGlass[1] arn:aws:iam::111122223334:user/mara.lindqvist: it is of account 111122223334",
            "exemptions[0] arn:aws:iam::111122223333:user/mara.lindquist: there is no such user (did you mean \
             `mara.lindqvist`?)",
        ] {
            assert!(page.contains(said), "{arguments:?}: {said} is missing:\n{page}");
        }
        let document = json(&bailiff(&[&arguments[..], &["--format", "json"]].concat()));
        let entries: Vec<&str> = document["unmatched"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["entry"].as_str().unwrap())
            .collect();
        assert_eq!(entries, ["breakGlass[0]", "breakGlass[1]", "exemptions[0]"]);
    }
    let demo = ["scan", "--account", "cli/demo/account.json", "--governance", "cli/demo/governance.yaml"];
    assert!(!text(&bailiff(&demo).stdout).contains("name nobody"));
}

#[test]
fn every_problem_of_a_governance_file_is_named() {
    let output = bailiff(&["check", "cli/tests/files/refused.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("check_refused", text(&output.stderr));
}

#[test]
fn an_expired_exemption_is_pointed_out() {
    let governance = "version: 1\nexemptions:\n  - rule: user-inline-policy\n    principal: \
                      arn:aws:iam::111122223333:user/ada\n    ticket: SEC-1\n    owner: ada\n    \
                      approver: bob\n    reason: test\n    created: 2020-01-01\n    expires: 2020-01-31\n";
    let output = bailiff_given(&["check", "-"], governance);
    assert!(succeeded(&output).contains("SEC-1"), "{}", text(&output.stdout));
    let page = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("lapsed after 2020-01-31"), "{page}");
}

#[test]
fn an_identitys_policy_is_judged_with_the_ways_to_administrator() {
    let output = bailiff(&["analyze", "--policy", DEVELOPER]);
    insta::assert_snapshot!("analyze_identity", succeeded(&output));
}

#[test]
fn a_trust_policy_is_judged_with_the_place_of_every_finding() {
    let output = bailiff(&["analyze", "--policy", TRUST, "--type", "trust", "--account-id", "111122223333"]);
    insta::assert_snapshot!("analyze_trust", succeeded(&output));
}

#[test]
fn a_policy_that_cannot_be_read_has_no_verdict() {
    let output = bailiff_given(
        &["analyze", "--policy", "-", "--type", "trust"],
        r#"{"Statement":[{"Effect":"allow","Principal":"alice","Action":"AssumeRole","Resource":"*"}]}"#,
    );
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("analyze_unreadable", text(&output.stdout));
}

#[test]
fn a_file_of_policies_gives_a_line_for_each_and_goes_on_after_a_bad_one() {
    let policy: Value = serde_json::from_str(&file(TRUST)).unwrap();
    let encoded = "%7B%22Statement%22%3A%5B%5D%7D";
    let lines = format!("{policy}\nnot a policy\n\n{encoded}\n{}", serde_json::json!(policy.to_string()));
    let output = bailiff_given(&["analyze", "--policy", "-", "--type", "trust", "--jsonl"], &lines);
    let answers: Vec<Value> =
        succeeded(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let any_subject: Vec<&Value> = answers.iter().map(|answer| &answer["oidcAnySubject"]).collect();
    assert_eq!(any_subject, [&Value::Bool(true), &Value::Null, &Value::Null, &Value::Bool(true)]);
    let public: Vec<&Value> = answers.iter().map(|answer| &answer["public"]).collect();
    assert_eq!(public, [&Value::Bool(false), &Value::Null, &Value::Bool(false), &Value::Bool(false)]);
    let errors = answers.iter().map(|answer| answer["errors"].as_array().unwrap().len());
    assert_eq!(errors.collect::<Vec<_>>(), [0, 1, 0, 0]);
    assert_eq!(answers[0], answers[3]);
}

#[test]
fn an_identity_policy_is_judged_as_its_boundary_caps_it() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let alone = json(&bailiff_given(&["analyze", "--policy", "-"], policy));
    assert_eq!((&alone["admin"], &alone["tier"]), (&Value::Bool(true), &Value::from("platinum")));
    let arguments = ["analyze", "--policy", "-", "--boundary", "cli/tests/files/read-boundary.json"];
    let capped = json(&bailiff_given(&arguments, policy));
    assert_eq!((&capped["admin"], &capped["tier"]), (&Value::Bool(false), &Value::from("bronze")));
    let keys: Vec<&str> = capped.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["admin", "fullAccess", "escalations", "tier", "findings", "errors"]);
}

#[test]
fn a_boundary_that_cannot_be_read_or_caps_nothing_is_bad_input() {
    for (arguments, expected) in [
        (&["analyze", "--policy", TRUST, "--boundary", TRUST][..], "has no such element"),
        (&["analyze", "--policy", TRUST, "--type", "trust", "--boundary", TRUST], "caps identity policies"),
        (&["analyze", "--policy", "-", "--boundary", "-"], "can be read once"),
    ] {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn policies_of_resources_and_organisations_are_read_by_their_own_rules() {
    let bucket = r#"{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:*","Resource":"*"}}"#;
    let control = r#"{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#;
    for (kind, policy, rules) in
        [("resource", bucket, &["policy-not-action-allow"][..]), ("scp", control, &[])]
    {
        let answer = json(&bailiff_given(&["analyze", "--policy", "-", "--type", kind], policy));
        let found: Vec<&str> =
            answer["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect();
        assert_eq!(found, rules, "{kind}");
        assert_eq!(answer["errors"], serde_json::json!([]), "{kind}");
    }
    let swapped = bailiff_given(&["analyze", "--policy", "-", "--type", "scp"], bucket);
    assert_eq!(swapped.status.code(), Some(2));
}

#[test]
fn each_principal_of_an_account_has_its_line_with_the_steps_to_administrator() {
    let output = bailiff(&["analyze", "--account-details", "cli/tests/files/account-details.json"]);
    let reports: Vec<Value> =
        succeeded(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> = reports
        .iter()
        .map(|report| {
            let name = report["arn"].as_str().unwrap().rsplit(':').next().unwrap();
            (name, report["admin"].as_bool().unwrap(), report["tier"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("group/platform", true, "platinum"),
            ("user/ines", true, "platinum"),
            ("user/mara", false, "bronze"),
            ("role/deploy", false, "platinum"),
        ]
    );
    assert!(reports[3]["path"].as_array().is_some_and(|path| !path.is_empty()));
    assert!(reports[3]["escalations"].as_array().is_some_and(|open| !open.is_empty()));
}

#[test]
fn account_details_that_are_none_are_bad_input() {
    for (arguments, expected) in [
        (&["analyze", "--account-details", TRUST][..], "UserDetailList"),
        (&["analyze", "--account-details", "no-such.json"], "`no-such.json`"),
        (&["analyze", "--account-details", "-", "--policy", "-"], "cannot be used with"),
        (&["analyze", "--account-details", "-", "--type", "trust"], "cannot be used with"),
        (&["analyze"], "--policy"),
    ] {
        let output = bailiff(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_own_account_and_organization_are_told() {
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-larkfield1"}}}}"#;
    let external = |organization: &str| {
        let arguments = ["analyze", "--policy", "-", "--type", "trust", "--organization-id", organization];
        json(&bailiff_given(&arguments, policy))["externalOrganization"].clone()
    };
    assert_eq!(external("o-larkfield1"), Value::Bool(false));
    assert_eq!(external("o-another000"), Value::Bool(true));
    for wrong in [["--account-id", "1234"], ["--organization-id", "larkfield"], ["--type", "bucket"]] {
        let arguments = [&["analyze", "--policy", TRUST, "--type", "trust"][..], &wrong].concat();
        assert_eq!(bailiff(&arguments).status.code(), Some(2), "{wrong:?}");
    }
    let missing = bailiff(&["analyze", "--policy", "no-such.json", "--type", "trust"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("policy `no-such.json`"), "{}", text(&missing.stderr));
}

#[test]
fn the_schema_is_a_json_schema_with_every_rule() {
    let schema = json(&bailiff(&["schema"]));
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["rules"]["properties"]["access-key-age"].is_object());
}

#[test]
fn help_tells_the_exit_codes_and_wrong_use_is_bad_input() {
    assert!(succeeded(&bailiff(&["--help"])).contains("Exit codes:"));
    assert!(succeeded(&bailiff(&["replay", "--help"])).contains("Exit codes:"));
    for arguments in [&["rule"][..], &["replay"], &["replay", INLINE], &["scan"], &[]] {
        assert_eq!(bailiff(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_account_file_of_the_readme_is_taken() {
    let readme = file("cli/README.md");
    let account = readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let output = bailiff_given(&["scan", "--account", "-"], account);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

/// The fenced blocks of a page with this heading, one after the other.
fn blocks(page: &str, heading: &str) -> String {
    let fence = format!("```{heading}\n");
    page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn simulate_answers_as_its_page_says() {
    let page = file("docs/simulate.md");
    let output = bailiff_given(&["simulate"], &blocks(&page, "jsonl in"));
    assert_eq!(text(&output.stdout), blocks(&page, "jsonl out"));
    assert_eq!(output.status.code(), Some(2), "one of the lines is no request");
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

const ANSWERABLE: &str =
    r#"{"principal":"arn:aws:iam::111122223333:root","action":"iam:GetUser","resource":"*"}"#;

#[test]
fn simulate_skips_blank_lines_and_goes_on_after_bad_ones() {
    let lines = format!("\u{feff}{ANSWERABLE}\r\n\n  \nnonsense\n\u{0}\n{ANSWERABLE}");
    let output = bailiff_given(&["simulate", "-"], &lines);
    let answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let decided: Vec<bool> = answers.iter().map(|answer| answer["decision"] == "Allowed").collect();
    assert_eq!(decided, [true, false, false, true]);
    assert!(answers[1]["error"].is_string() && answers[2]["error"].is_string());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(succeeded(&bailiff_given(&["simulate"], "")), "");
    assert_eq!(succeeded(&bailiff_given(&["simulate"], &format!("{ANSWERABLE}\n\n"))).lines().count(), 1);
}

#[test]
fn simulate_takes_bytes_that_are_no_text_for_a_bad_line() {
    let mut child = command(&["simulate"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"name\":\"\xff\"}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(json(&output)["error"], "not UTF-8 from byte 9");
}

#[test]
fn simulate_answers_a_line_before_the_next_is_written() {
    let mut child = command(&["simulate"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut asked = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        writeln!(asked, "{ANSWERABLE}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "{\"decision\":\"Allowed\",\"by\":[]}\n");
    }
    drop(asked);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn simulate_stops_where_nobody_reads_its_answers() {
    let mut child = command(&["simulate"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut asked = child.stdin.take().unwrap();
    // More than any pipe holds: it ends because the command stops reading.
    let ended = (0..1_000_000).any(|_| writeln!(asked, "{ANSWERABLE}").is_err());
    assert!(ended);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn simulate_names_a_file_that_cannot_be_read() {
    let output = bailiff(&["simulate", "no-such.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the file of requests `no-such.jsonl` cannot be read"));
}

/// An account of so many users with a key each, with more of it.
fn crowd(users: usize, more: &str) -> String {
    let users: Vec<String> =
        (0..users).map(|n| format!(r#"{{"name":"user-{n}","accessKeys":[{{}}]}}"#)).collect();
    let users = users.join(",");
    format!(r#"{{"account":"111122223333","now":"2026-11-20T12:30:00Z","users":[{users}]{more}}}"#)
}

#[test]
fn a_scan_judges_of_the_account_what_users_tell_and_says_once_what_it_was_not_told() {
    let scan = |account: &str| -> Value {
        serde_json::from_slice(
            &bailiff_given(&["scan", "--account", "-", "--format", "json"], account).stdout,
        )
        .unwrap()
    };
    let broken = |scanned: &Value, rule: &str| {
        scanned["rules"].as_array().unwrap().iter().any(|result| result["rule"] == rule)
    };
    let few = scan(&crowd(0, ""));
    let many = scan(&crowd(150, ""));
    let told = scan(&crowd(150, r#","accountSettings":{}"#));
    for rule in ["too-many-users", "too-many-keys"] {
        assert!(!broken(&few, rule) && broken(&many, rule) && broken(&told, rule), "{rule}");
    }
    assert!(!broken(&many, "root-mfa") && broken(&told, "root-mfa"));
    let not_told: Vec<&str> =
        few["notTold"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    assert_eq!(not_told.len(), 8, "{not_told:?}");
    assert!(not_told.contains(&"root-mfa") && !not_told.contains(&"too-many-users"));
    assert_eq!(told["notTold"], serde_json::json!([]));
    let text = bailiff_given(&["scan", "--account", "-"], &crowd(0, "")).stdout;
    let text = String::from_utf8(text).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches("accountSettings").count(), 1, "{text}");
    assert!(text.contains("8 rules about it were not judged"), "{text}");
}

#[test]
fn a_scan_judges_at_the_moment_that_the_file_names() {
    let key = |created: &str| {
        let user = format!(
            r#"{{"name":"ada","created":"2020-01-01T00:00:00Z","accessKeys":[{{"created":"{created}"}}]}}"#
        );
        format!(r#"{{"account":"111122223333","now":"2026-11-20T12:30:00Z","users":[{user}]}}"#)
    };
    let found = |created: &str| {
        let output = bailiff_given(&["scan", "--account", "-"], &key(created));
        String::from_utf8(output.stdout).unwrap().contains("access-key-age")
    };
    assert!(!found("2026-08-22T12:30:00Z"), "ninety days to the second");
    assert!(found("2026-08-22T12:29:59Z"));
}

#[test]
fn an_entry_that_protects_everybody_is_said_aloud() {
    let governance = "version: 1\nbreakGlass:\n  - {principal: \"*\", reason: test}\n";
    for arguments in [
        ["scan", "--account", CLEAN, "--governance", "-"].as_slice(),
        &["replay", "events/evaluate-account/reconcile.json", "--account", CLEAN, "--governance", "-"],
        &["check", "-"],
    ] {
        let output = bailiff_given(arguments, governance);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("every user and role"), "{arguments:?} {text}");
    }
}
