//! Who can become whom.

use serde_json::{Value, json};

use super::fixture::*;

const NONE: [&str; 0] = [];

/// An account with a role `admin` that trusts whom it is told to, and a user `alice`.
fn admin_role(trust: &Value, alice: &Value) -> Fixture {
    Fixture::default().role("admin", trust, &json!([everything()])).user("alice", alice)
}

#[test]
fn assuming_a_role_takes_both_sides_unless_it_names_the_principal() {
    let assume = || allow("sts:AssumeRole", &arn("role/admin"));
    let may = ["sts:AssumeRole role/admin"];
    let alice = json!({"AWS": arn("user/alice")});
    for (trust_of, statements, expected) in [
        (json!([trust_account()]), json!([assume()]), &may[..]),
        (json!([trust_account()]), json!([allow("sts:*", "arn:aws:iam::*:role/adm?n")]), &may),
        (json!([trust_account()]), json!([]), &NONE),
        (json!([trust_account()]), json!([allow("sts:AssumeRole", &arn("role/other"))]), &NONE),
        (json!([trust_account()]), json!([assume(), deny("sts:*", "*")]), &NONE),
        (json!([trust(&alice)]), json!([]), &may),
        (json!([trust(&alice)]), json!([deny("sts:AssumeRole", "*")]), &NONE),
        (json!([trust(&json!({"AWS": arn("user/bob")}))]), json!([assume()]), &NONE),
        (json!([trust(&json!({"AWS": "arn:aws:iam::444455556666:root"}))]), json!([assume()]), &NONE),
        (json!([trust(&json!({"AWS": "*"}))]), json!([assume()]), &may),
        (json!([trust_service("ec2.amazonaws.com")]), json!([assume()]), &NONE),
        (
            json!([trust_account(), {"Effect": "Deny", "Action": "sts:*", "Principal": alice}]),
            json!([assume()]),
            &NONE,
        ),
        (
            json!([trust_account(), {"Effect": "Deny", "Action": "sts:*", "NotPrincipal": alice}]),
            json!([assume()]),
            &may,
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:TagSession", "Principal": alice}]),
            json!([assume()]),
            &NONE,
        ),
    ] {
        let account = admin_role(&trust_of, &statements);
        assert_eq!(account.way("user/alice"), expected, "{trust_of} {statements}");
    }
}

#[test]
fn a_boundary_caps_a_named_role_and_not_a_named_user() {
    let named = json!([trust(&json!({"AWS": [arn("user/alice"), arn("role/app")]}))]);
    let account = admin_role(&named, &json!([]))
        .bounded("users", "b1", &json!([allow("s3:*", "*")]))
        .role("app", &json!([trust_account()]), &json!([]))
        .bounded("roles", "b2", &json!([allow("s3:*", "*")]));
    assert_eq!(account.way("user/alice"), ["sts:AssumeRole role/admin"]);
    assert_eq!(account.way("role/app"), NONE);
}

#[test]
fn conditions_that_the_file_cannot_decide_make_a_step_possible() {
    let assume = || allow("sts:AssumeRole", "*");
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let is_alice = json!({"StringEquals": {"aws:username": "alice"}});
    let is_bob = json!({"StringEquals": {"aws:username": "bob"}});
    let long_ago = json!({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}});
    let external_id = json!({"StringEquals": {"sts:ExternalId": "s3cret"}});
    for (trust_when, allow_when, expected, depends_on) in [
        (Some(&mfa), None, "?", "aws:MultiFactorAuthPresent"),
        (Some(&external_id), None, "?", "sts:ExternalId"),
        (None, Some(&mfa), "?", "aws:MultiFactorAuthPresent"),
        (Some(&is_alice), Some(&is_alice), "", ""),
        (Some(&is_bob), None, "none", ""),
        (None, Some(&is_bob), "none", ""),
        (None, Some(&long_ago), "none", ""),
    ] {
        let maybe = |statement, condition: Option<&Value>| match condition {
            Some(condition) => when(statement, condition.clone()),
            None => statement,
        };
        let account =
            admin_role(&json!([maybe(trust_account(), trust_when)]), &json!([maybe(assume(), allow_when)]));
        let way = account.way("user/alice");
        if expected == "none" {
            assert_eq!(way, NONE);
        } else {
            assert_eq!(way, [format!("sts:AssumeRole{expected} role/admin")]);
            let open = account.report("user/alice").path[0].depends_on.join(" ");
            assert_eq!(open, depends_on);
        }
    }
}

#[test]
fn a_deny_without_multi_factor_leaves_it_possible() {
    let unless = json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}});
    let account = admin_role(
        &json!([trust_account()]),
        &json!([allow("sts:AssumeRole", "*"), when(deny("*", "*"), unless)]),
    );
    assert_eq!(account.way("user/alice"), ["sts:AssumeRole? role/admin"]);
}

#[test]
fn tags_that_are_known_decide() {
    let same_team = json!({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}});
    let tagged = |team: &str| json!([{"Key": "team", "Value": team}]);
    for (team, expected) in [("red", &["sts:AssumeRole role/admin"][..]), ("blue", &NONE)] {
        let account = Fixture::default()
            .role("admin", &json!([trust_account()]), &json!([everything()]))
            .with("roles", "Tags", tagged("red"))
            .user("alice", &json!([when(allow("sts:AssumeRole", "*"), same_team.clone())]))
            .with("users", "Tags", tagged(team));
        assert_eq!(account.way("user/alice"), expected, "{team}");
    }
}

#[test]
fn credentials_of_an_administrator_make_one_where_the_pattern_names_it() {
    for (statements, expected) in [
        (json!([allow("iam:CreateAccessKey", "*")]), &["iam:CreateAccessKey user/root-like"][..]),
        (json!([allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")]), &NONE),
        (json!([allow("iam:CreateAccessKey", &arn("user/dev-*"))]), &NONE),
        (json!([allow("iam:UpdateLoginProfile", "*")]), &["iam:UpdateLoginProfile? user/root-like"]),
        (
            json!([allow("iam:CreateLoginProfile", &arn("user/root-*"))]),
            &["iam:CreateLoginProfile? user/root-like"],
        ),
        (json!([allow("iam:Create*", "*"), deny("iam:*", &arn("user/root-like"))]), &NONE),
        (
            json!([{"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": arn("user/alice")}]),
            &["iam:CreateAccessKey user/root-like"],
        ),
    ] {
        let account = Fixture::default().user("alice", &statements).user("root-like", &json!([everything()]));
        assert_eq!(account.way("user/alice"), expected, "{statements}");
    }
}

#[test]
fn a_trust_policy_that_can_be_rewritten_is_as_good_as_one_that_names() {
    let rewrite = |resource: &str| json!([allow("iam:UpdateAssumeRolePolicy", resource)]);
    let ec2 = json!([trust_service("ec2.amazonaws.com")]);
    let account = admin_role(&ec2, &rewrite("*"));
    let way = ["iam:UpdateAssumeRolePolicy role/admin", "sts:AssumeRole role/admin"];
    assert_eq!(account.way("user/alice"), way);
    assert_eq!(admin_role(&ec2, &rewrite(&arn("role/app"))).way("user/alice"), NONE);
}

#[test]
fn nobody_becomes_a_service_linked_role() {
    let service = json!([trust(&json!({"AWS": "*"})), trust_service("x.amazonaws.com")]);
    let role = "aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let account = Fixture::default()
        .role(role, &service, &json!([everything()]))
        .user("alice", &json!([allow("sts:AssumeRole iam:UpdateAssumeRolePolicy iam:PutRolePolicy", "*")]));
    assert_eq!(account.way("user/alice"), NONE);
    assert!(account.report(&format!("role/{role}")).admin);
}

#[test]
fn chains_run_over_several_principals_and_cycles_end() {
    let chain = |to: &str| json!([allow("sts:AssumeRole", &arn(&format!("role/{to}")))]);
    let trusts = json!([trust_account()]);
    let account = Fixture::default()
        .user("alice", &chain("one"))
        .role("one", &trusts, &chain("two"))
        .role(
            "two",
            &trusts,
            &json!([allow("sts:AssumeRole", "*"), allow("iam:CreateAccessKey", &arn("user/deploy"))]),
        )
        .user("deploy", &chain("admin"))
        .role("admin", &json!([trust(&json!({"AWS": arn("user/deploy")}))]), &json!([everything()]))
        .role("around", &trusts, &chain("about"))
        .role("about", &trusts, &chain("around"));
    assert_eq!(
        account.way("user/alice"),
        [
            "sts:AssumeRole role/one",
            "sts:AssumeRole role/two",
            "iam:CreateAccessKey user/deploy",
            "sts:AssumeRole role/admin"
        ]
    );
    assert_eq!(account.way("role/around"), NONE);
    assert_eq!(account.way("role/about"), NONE);
}

#[test]
fn a_sure_way_is_taken_before_a_shorter_one_that_is_but_possible() {
    let trusts = json!([trust_account()]);
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let account = Fixture::default()
        .user("alice", &json!([allow("sts:AssumeRole", "*")]))
        .role(
            "admin",
            &json!([when(trust_account(), mfa), trust(&json!({"AWS": arn("role/hop")}))]),
            &json!([everything()]),
        )
        .role("hop", &trusts, &json!([]));
    assert_eq!(account.way("user/alice"), ["sts:AssumeRole role/hop", "sts:AssumeRole role/admin"]);
}
