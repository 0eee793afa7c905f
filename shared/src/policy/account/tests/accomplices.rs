//! Ways that take two principals.

use serde_json::json;

use super::fixture::*;

const NONE: [&str; 0] = [];

#[test]
fn a_role_that_one_may_assume_changes_one_who_assumes_it() {
    let helpdesk = |statement| {
        Fixture::default()
            .group("admins", &json!([everything()]))
            .user("alice", &json!([allow("sts:AssumeRole", &arn("role/helpdesk"))]))
            .user("bob", &json!([]))
            .role("helpdesk", &json!([trust_account()]), &json!([statement]))
    };
    let attach = &["sts:AssumeRole role/helpdesk", "iam:AttachUserPolicy user/alice"][..];
    let add = &["sts:AssumeRole role/helpdesk", "iam:AddUserToGroup user/alice"][..];
    for (actions, resource, expected, alone) in [
        ("iam:AttachUserPolicy", "user/*", attach, &["iam:AttachUserPolicy? user/*"][..]),
        ("iam:AttachUserPolicy", "user/al*", attach, &NONE),
        ("iam:AddUserToGroup", "group/admins", add, &["iam:AddUserToGroup? group/admins"]),
        ("iam:AttachUserPolicy", "user/bob", &NONE, &NONE),
    ] {
        let account = helpdesk(allow(actions, &arn(resource)));
        assert_eq!(account.way("user/alice"), expected, "{actions}");
        assert_eq!(account.way("role/helpdesk"), alone, "{actions} {resource}");
        assert_eq!(account.way("user/bob"), NONE, "{actions}");
    }
}

#[test]
fn a_role_that_one_may_assume_changes_another_that_one_may_assume() {
    let trusts = json!([trust(&json!({"AWS": arn("user/alice")}))]);
    let account = Fixture::default()
        .user("alice", &json!([]))
        .user("bob", &json!([allow("sts:AssumeRole", "*")]))
        .role("writer", &trusts, &json!([allow("iam:PutRolePolicy", &arn("role/app"))]))
        .role("app", &trusts, &json!([]));
    assert_eq!(
        account.way("user/alice"),
        ["sts:AssumeRole role/writer", "iam:PutRolePolicy role/app", "sts:AssumeRole role/app"]
    );
    for other in ["user/bob", "role/writer", "role/app"] {
        assert_eq!(account.way(other), NONE, "{other}");
    }
}

#[test]
fn who_becomes_one_that_has_an_accomplice_has_one_too() {
    let account = Fixture::default()
        .user("carol", &json!([allow("iam:CreateAccessKey", &arn("user/alice"))]))
        .user("alice", &json!([allow("sts:AssumeRole", "*")]))
        .role(
            "helpdesk",
            &json!([trust_account()]),
            &json!([allow("iam:PutUserPolicy", &arn("user/alice"))]),
        );
    assert_eq!(
        account.way("user/carol"),
        ["iam:CreateAccessKey user/alice", "sts:AssumeRole role/helpdesk", "iam:PutUserPolicy user/alice"]
    );
}
