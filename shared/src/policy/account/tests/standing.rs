//! Who is administrator, and what a file does not tell.

use serde_json::json;

use super::fixture::*;

#[test]
fn an_administrator_is_one_by_own_group_or_attached_policies() {
    let account = Fixture::default()
        .user("own", &json!([everything()]))
        .group("admins", &json!([everything()]))
        .user("member", &json!([]))
        .in_group("admins")
        .policy("all", &[json!([everything()])])
        .user("attached", &json!([]))
        .attached("users", "all")
        .user(
            "split-1",
            &json!([allow("iam:*", "*"), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
        )
        .user("nobody", &json!([]))
        .role("machine", &json!([trust_service("ec2.amazonaws.com")]), &json!([everything()]));
    for (resource, admin) in [
        ("user/own", true),
        ("group/admins", true),
        ("user/member", true),
        ("user/attached", true),
        ("user/split-1", true),
        ("user/nobody", false),
        ("role/machine", true),
    ] {
        let report = account.report(resource);
        assert_eq!(report.admin, admin, "{resource}");
        assert_eq!(report.path, [], "{resource}");
    }
}

#[test]
fn only_the_default_version_of_a_policy_counts() {
    let account = Fixture::default()
        .policy("was", &[json!([allow("s3:GetObject", "*")]), json!([everything()])])
        .user("alice", &json!([]))
        .attached("users", "was");
    assert!(!account.report("user/alice").admin);
    assert_eq!(account.way("user/alice"), [""; 0]);
}

#[test]
fn a_boundary_and_a_deny_make_no_administrator() {
    let account = Fixture::default()
        .user("bounded", &json!([everything()]))
        .bounded("users", "ec2-only", &json!([allow("ec2:*", "*")]))
        .user("denied", &json!([everything(), deny("*", "*")]))
        .user("boundary-denies", &json!([everything()]))
        .bounded("users", "no-iam", &json!([everything(), deny("iam:* sts:*", "*")]));
    for resource in ["user/bounded", "user/denied", "user/boundary-denies"] {
        assert!(!account.report(resource).admin, "{resource}");
        assert_eq!(account.way(resource), [""; 0], "{resource}");
    }
}

#[test]
fn what_the_file_does_not_tell_is_said_of_whom_it_is_about() {
    let account = Fixture::default()
        .user("attached", &json!([]))
        .attached("users", "arn:aws:iam::aws:policy/IAMFullAccess")
        .user("member", &json!([]))
        .in_group("ghosts")
        .user("broken", &json!([]))
        .with("users", "UserPolicyList", json!([{"PolicyName": "p", "PolicyDocument": "%7Bnonsense"}]))
        .user("bounded", &json!([everything()]))
        .with("users", "PermissionsBoundary", json!({"PermissionsBoundaryArn": arn("policy/gone")}))
        .user("whole", &json!([]))
        .role("untrusted", &json!([]), &json!([]))
        .with("roles", "AssumeRolePolicyDocument", json!(null));
    for (resource, error) in [
        ("user/attached", "policy `arn:aws:iam::aws:policy/IAMFullAccess`: is attached, but not in the file"),
        ("user/member", "group `ghosts` is not in the file"),
        ("user/broken", "policy `p`: the policy: not JSON"),
        (
            "user/bounded",
            "permissions boundary `arn:aws:iam::111122223333:policy/gone`: is attached, but not in",
        ),
        ("role/untrusted", "trust policy: is not in the file"),
    ] {
        let errors = account.report(resource).errors;
        assert!(errors.len() == 1 && errors[0].starts_with(error), "{resource}: {errors:?}");
    }
    assert_eq!(account.report("user/whole").errors, [""; 0]);
}
