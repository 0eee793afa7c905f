//! `bailiff protected`: whom Bailiff never changes.

use super::*;

const GOVERNANCE: &str = "version: 1
protected:
  - {principal: \"arn:aws:iam::111122223333:user/warehouse/*\", reason: runs the warehouse}
breakGlass:
  - {principal: \"arn:aws:iam::111122223333:user/one\", reason: sealed in the safe}
";

#[test]
fn it_lists_whom_every_account_and_the_file_protect_and_who_in_the_account_that_is() {
    let arguments = ["protected", "--account", SMALL, "--governance", "-"];
    insta::assert_snapshot!("protected", succeeded(&bailiff_given(&arguments, GOVERNANCE)));
}

#[test]
fn without_an_account_it_lists_nobody_of_one_and_the_stack_has_the_name_that_is_given() {
    let listed = json(&bailiff(&["protected", "--stack", "warden", "--format", "json"]));
    assert_eq!(listed["byTheGovernanceFile"], serde_json::json!([]));
    assert!(listed.get("ofTheAccount").is_none());
    let own = &listed["inEveryAccount"][2];
    assert_eq!(own["who"], "roles and policies named warden-*");
    assert_eq!(own["reason"], "it belongs to this deployment");
}

#[test]
fn a_role_of_the_stack_is_protected_by_that_stack_s_name() {
    let account = r#"{"account": "111122223333", "now": "2026-11-20T12:30:00Z",
        "roles": [{"name": "warden-restore"}]}"#;
    let of = |stack: &str| {
        let arguments = ["protected", "--account", "-", "--stack", stack, "--format", "json"];
        json(&bailiff_given(&arguments, account))["ofTheAccount"].as_array().unwrap().len()
    };
    assert_eq!((of("warden"), of("bailiff")), (1, 0));
}
