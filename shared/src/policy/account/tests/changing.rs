//! Whose policies can be changed, by whom.

use serde_json::json;

use super::fixture::*;

const NONE: [&str; 0] = [];

#[test]
fn one_who_writes_its_own_policies_is_as_good_as_an_administrator() {
    for (statements, expected) in [
        (json!([allow("iam:PutUserPolicy", "*")]), &["iam:PutUserPolicy user/alice"][..]),
        (
            json!([allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}")]),
            &["iam:PutUserPolicy user/alice"],
        ),
        (json!([allow("iam:PutUserPolicy", &arn("user/bob"))]), &NONE),
        (json!([allow("iam:AttachUserPolicy", &arn("user/a*"))]), &["iam:AttachUserPolicy user/alice"]),
        (json!([allow("iam:PutRolePolicy", "*")]), &NONE),
        (json!([allow("iam:PutGroupPolicy", "*")]), &NONE),
        (json!([allow("iam:CreatePolicyVersion", "*")]), &NONE),
        (
            json!([when(
                allow("iam:AttachUserPolicy", "*"),
                json!({"ArnEquals": {"iam:PolicyARN": arn("policy/harmless")}})
            )]),
            &NONE,
        ),
        (
            json!([when(
                allow("iam:AttachUserPolicy", "*"),
                json!({"ArnEquals": {"iam:PolicyARN": arn("policy/all")}})
            )]),
            &["iam:AttachUserPolicy user/alice"],
        ),
    ] {
        let account = Fixture::default()
            .policy("harmless", &[json!([allow("s3:GetObject", "*")])])
            .policy("all", &[json!([everything()])])
            .user("alice", &statements)
            .user("bob", &json!([]));
        assert_eq!(account.way("user/alice"), expected, "{statements}");
        assert_eq!(account.way("user/bob"), NONE);
    }
}

#[test]
fn what_one_can_see_to_beforehand_stands_in_no_way() {
    let tagged = json!({"StringEquals": {"aws:ResourceTag/team": "iam"}});
    let like_app = json!({"ArnLike": {"iam:PolicyARN": arn("policy/app-*")}});
    let put = when(allow("iam:PutUserPolicy", "*"), tagged.clone());
    let attach = when(allow("iam:AttachUserPolicy", "*"), like_app);
    // Some user may bear the tag.
    let some = ["iam:PutUserPolicy? user/*"];
    for (statements, expected) in [
        (json!([put]), &some[..]),
        (json!([put, allow("iam:TagUser", "*")]), &["iam:PutUserPolicy? user/alice"]),
        (json!([put, allow("iam:TagUser", &arn("user/bob"))]), &some),
        (
            json!([
                put,
                when(allow("iam:TagUser", "*"), json!({"StringEquals": {"aws:RequestTag/team": "dev"}}))
            ]),
            &some,
        ),
        (json!([attach]), &NONE),
        (
            json!([attach, allow("iam:CreatePolicy", &arn("policy/app-*"))]),
            &["iam:CreatePolicy user/alice", "iam:AttachUserPolicy user/alice"],
        ),
        (json!([attach, allow("iam:CreatePolicy", &arn("policy/web-*"))]), &NONE),
    ] {
        let account = Fixture::default().user("alice", &statements).user("bob", &json!([]));
        assert_eq!(account.way("user/alice"), expected, "{statements}");
    }
    let account = Fixture::default()
        .role("admin", &json!([trust_account()]), &json!([everything()]))
        .user(
            "tagger",
            &json!([allow("iam:TagRole", "*"), when(allow("sts:AssumeRole", "*"), tagged.clone())]),
        )
        .user("other", &json!([when(allow("sts:AssumeRole", "*"), tagged)]));
    assert_eq!(account.way("user/tagger"), ["sts:AssumeRole? role/admin"]);
    assert_eq!(account.way("user/other"), NONE);
}

#[test]
fn a_group_is_written_to_by_its_members() {
    let account = Fixture::default()
        .group("team", &json!([allow("iam:PutGroupPolicy", "*")]))
        .user("member", &json!([]))
        .in_group("team")
        .user("outsider", &json!([allow("iam:PutGroupPolicy", "*")]));
    assert_eq!(account.way("user/member"), ["iam:PutGroupPolicy user/member"]);
    assert_eq!(account.report("user/member").path[0].on, Some(arn("group/team")));
    assert_eq!(account.way("user/outsider"), ["iam:PutGroupPolicy? group/*"]);
    assert_eq!(account.way("group/team"), ["iam:PutGroupPolicy group/team"]);
}

#[test]
fn a_policy_of_ones_own_can_be_rewritten_but_none_of_aws() {
    let aws = "arn:aws:iam::aws:policy/PowerUserAccess";
    let account = Fixture::default()
        .policy("dev", &[json!([allow("iam:CreatePolicyVersion", "*")])])
        .policy(aws, &[json!([allow("iam:CreatePolicyVersion", "*")])])
        .user("alice", &json!([]))
        .attached("users", "dev")
        .user("bob", &json!([]))
        .attached("users", aws)
        .role("app", &json!([trust_service("ec2.amazonaws.com")]), &json!([]))
        .attached("roles", "dev");
    assert_eq!(account.way("user/alice"), ["iam:CreatePolicyVersion user/alice"]);
    assert_eq!(account.way("role/app"), ["iam:CreatePolicyVersion role/app"]);
    let bob = account.report("user/bob");
    assert_eq!(account.way("user/bob"), ["iam:CreatePolicyVersion? policy/*"]);
    assert_eq!(bob.path[0].depends_on, ["the credentials of a principal with a policy of the account"]);
}

#[test]
fn a_full_policy_takes_no_version_more() {
    let versions = |rest| {
        let own = allow(&format!("iam:CreatePolicyVersion{rest}"), "*");
        vec![json!([own]), json!([]), json!([]), json!([]), json!([])]
    };
    for (rest, expected) in
        [("", &NONE[..]), (" iam:DeletePolicyVersion", &["iam:CreatePolicyVersion user/alice"])]
    {
        let account = Fixture::default()
            .policy("dev", &versions(rest))
            .user("alice", &json!([]))
            .attached("users", "dev");
        assert_eq!(account.way("user/alice"), expected);
    }
}

#[test]
fn an_earlier_version_can_come_back() {
    let account = |action: &str| {
        Fixture::default()
            .policy("was", &[json!([allow(action, "*")]), json!([everything()])])
            .user("alice", &json!([]))
            .attached("users", "was")
    };
    assert_eq!(
        account("iam:SetDefaultPolicyVersion").way("user/alice"),
        ["iam:SetDefaultPolicyVersion user/alice"]
    );
    assert_eq!(account("iam:GetPolicyVersion").way("user/alice"), NONE);
}

#[test]
fn joining_a_group_counts_as_far_as_boundary_and_denies_leave_it() {
    let base = || Fixture::default().group("admins", &json!([everything()])).group("readers", &json!([]));
    let join = allow("iam:AddUserToGroup", "*");
    let free = base().user("alice", &json!([join]));
    assert_eq!(free.way("user/alice"), ["iam:AddUserToGroup user/alice"]);
    let capped = base().user("alice", &json!([join])).bounded(
        "users",
        "b",
        &json!([allow("iam:AddUserToGroup s3:*", "*")]),
    );
    assert_eq!(capped.way("user/alice"), NONE);
    let denied = base().user(
        "alice",
        &json!([join, deny("ec2:* iam:Put* iam:Delete* iam:Attach* iam:Create* iam:Det* iam:Update*", "*")]),
    );
    assert_eq!(denied.way("user/alice"), NONE);
    let elsewhere = base().user("alice", &json!([allow("iam:AddUserToGroup", &arn("group/readers"))]));
    assert_eq!(elsewhere.way("user/alice"), NONE);
    // It could put any other user there, if it had the credentials of one.
    let role = base().role("app", &json!([trust_service("ec2.amazonaws.com")]), &json!([join]));
    assert_eq!(role.way("role/app"), NONE, "there is no user");
}

#[test]
fn a_boundary_caps_what_one_gives_oneself_until_it_is_taken_off() {
    let may = |rest: &str| json!([allow(&format!("iam:PutUserPolicy{rest}"), "*")]);
    let within = |statements: &str, boundary: &str| {
        Fixture::default()
            .user("alice", &may(statements))
            .bounded("users", "b", &json!([allow(boundary, "*")]))
            .way("user/alice")
    };
    assert_eq!(within("", "iam:PutUserPolicy s3:*"), NONE);
    assert_eq!(
        within(" iam:DeleteUserPermissionsBoundary", "iam:*"),
        ["iam:PutUserPolicy user/alice", "iam:DeleteUserPermissionsBoundary user/alice"]
    );
    // What the boundary leaves open is enough: the policy that one gives oneself need not hold it before.
    assert_eq!(
        within("", "iam:*"),
        ["iam:PutUserPolicy user/alice", "iam:DeleteUserPermissionsBoundary user/alice"]
    );
    assert_eq!(within(" iam:DeleteUserPermissionsBoundary", "iam:PutUserPolicy"), NONE);
    assert_eq!(within("", "*"), ["iam:PutUserPolicy user/alice"]);
}

#[test]
fn a_bounded_principal_uses_what_its_boundary_leaves() {
    let account = Fixture::default()
        .user("alice", &json!([allow("iam:PutUserPolicy", "*")]))
        .bounded("users", "b", &json!([allow("iam:PutUserPolicy sts:AssumeRole", "*")]))
        .role("admin", &json!([trust_account()]), &json!([everything()]));
    assert_eq!(account.way("user/alice"), ["iam:PutUserPolicy user/alice", "sts:AssumeRole role/admin"]);
}

#[test]
fn a_boundary_that_one_may_rewrite_is_none() {
    let account = Fixture::default().user("alice", &json!([everything()])).bounded(
        "users",
        "b",
        &json!([allow("s3:* iam:CreatePolicyVersion", "*")]),
    );
    assert_eq!(account.way("user/alice"), ["iam:CreatePolicyVersion user/alice"]);
    assert_eq!(account.report("user/alice").path[0].on, Some(arn("policy/b")));
}

#[test]
fn a_deny_that_one_may_take_off_is_none() {
    let guarded = |deny_statement| Fixture::default().user("alice", &json!([everything(), deny_statement]));
    assert_eq!(
        guarded(deny("ec2:*", "*")).way("user/alice"),
        ["iam:PutUserPolicy user/alice", "iam:DeleteUserPolicy user/alice"]
    );
    assert_eq!(guarded(deny("ec2:* iam:* sts:*", "*")).way("user/alice"), NONE);
}

#[test]
fn a_role_that_one_may_assume_and_write_to_is_taken_over() {
    let trusts = json!([trust_account()]);
    let account = Fixture::default()
        .user("both", &json!([allow("sts:AssumeRole iam:PutRolePolicy", &arn("role/app"))]))
        .user("writes", &json!([allow("iam:PutRolePolicy", &arn("role/app"))]))
        .user("assumes", &json!([allow("sts:AssumeRole", &arn("role/app"))]))
        .role("app", &trusts, &json!([allow("s3:*", "*")]));
    assert_eq!(account.way("user/both"), ["sts:AssumeRole role/app", "iam:PutRolePolicy role/app"]);
    assert_eq!(account.way("user/writes"), NONE);
    assert_eq!(account.way("user/assumes"), NONE);
}

#[test]
fn who_may_make_anybody_an_administrator_may_be_one() {
    let account = |actions: &str, resource: &str| {
        Fixture::default()
            .group("admins", &json!([everything()]))
            .user("alice", &json!([]))
            .role("app", &json!([trust_service("ec2.amazonaws.com")]), &json!([allow(actions, resource)]))
            .way("role/app")
    };
    assert_eq!(account("iam:AttachUserPolicy", "*"), ["iam:AttachUserPolicy? user/*"]);
    assert_eq!(account("iam:AttachUserPolicy", "arn:aws:iam::*:user/*"), ["iam:AttachUserPolicy? user/*"]);
    assert_eq!(account("iam:AttachUserPolicy", &arn("user/alice")), NONE);
    assert_eq!(account("iam:AddUserToGroup", "*"), ["iam:AddUserToGroup? group/admins"]);
    assert_eq!(account("iam:PutGroupPolicy", "*"), NONE, "no group has a member");
}

#[test]
fn a_user_whose_keys_and_policies_one_may_write_is_taken_over() {
    let account = Fixture::default()
        .user("alice", &json!([allow("iam:CreateAccessKey iam:AttachUserPolicy", &arn("user/bob"))]))
        .user("bob", &json!([]));
    assert_eq!(account.way("user/alice"), ["iam:CreateAccessKey user/bob", "iam:AttachUserPolicy user/bob"]);
}

#[test]
fn a_new_principal_can_be_an_administrator() {
    let made = |statements| {
        Fixture::default()
            .group("admins", &json!([everything()]))
            .user("alice", &statements)
            .way("user/alice")
    };
    let dev = arn("role/dev-*");
    assert_eq!(
        made(json!([allow("iam:CreateRole iam:AttachRolePolicy", &dev)])),
        ["iam:CreateRole role/dev-*", "iam:AttachRolePolicy role/dev-*", "sts:AssumeRole role/dev-*"]
    );
    assert_eq!(
        made(json!([allow("iam:CreateRole", &dev), allow("iam:AttachRolePolicy", &arn("role/app-*"))])),
        NONE
    );
    let bounded = json!({"StringEquals": {"iam:PermissionsBoundary": arn("policy/b")}});
    assert_eq!(made(json!([when(allow("iam:CreateRole iam:PutRolePolicy", "*"), bounded)])), NONE);
    assert_eq!(
        made(json!([allow("iam:CreateUser iam:PutUserPolicy iam:CreateAccessKey", &arn("user/ci/*"))])),
        ["iam:CreateUser user/ci/*", "iam:PutUserPolicy user/ci/*", "iam:CreateAccessKey user/ci/*"]
    );
}
