//! Who is administrator, and what a file does not tell.

use serde_json::json;

use super::fixture::*;
use crate::policy::account::{Certainty, OrganizationPolicies, analyze_account, analyze_account_with};
use crate::policy::analysis::Tier;

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

/// Everything, if a key of the request has a value.
fn everything_if(key: &str, value: &str) -> serde_json::Value {
    when(everything(), json!({ "StringEquals": { key: value } }))
}

#[test]
fn an_administrator_is_who_the_conditions_on_the_principal_mean() {
    for (key, value, admin) in [
        ("aws:username", "a", true),
        ("aws:username", "b", false),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:user/a", true),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:user/b", false),
        ("aws:PrincipalType", "User", true),
        ("aws:PrincipalType", "AssumedRole", false),
        ("aws:PrincipalAccount", "111122223333", true),
        ("aws:PrincipalAccount", "999988887777", false),
        ("aws:ResourceAccount", "111122223333", true),
        ("aws:ResourceAccount", "${aws:PrincipalAccount}", true),
        ("aws:ResourceAccount", "999988887777", false),
        ("aws:PrincipalTag/x", "y", false),
        ("aws:PrincipalTag/team", "iam", true),
        ("aws:principaltag/Team", "iam", true),
        ("aws:PrincipalTag/team", "${aws:username}", false),
        ("aws:RequestedRegion", "eu-west-1", true),
    ] {
        let tags = json!([{ "Key": "team", "Value": "iam" }]);
        let account =
            Fixture::default().user("a", &json!([everything_if(key, value)])).with("users", "Tags", tags);
        let report = account.report("user/a");
        assert_eq!(report.admin, admin, "{key} {value}");
        assert_eq!(report.tier == Tier::Platinum, admin, "{key} {value}: {}", report.tier);
    }
}

#[test]
fn a_policy_of_a_group_makes_administrators_of_those_with_the_tag_it_asks_for() {
    let account = Fixture::default()
        .group("all", &json!([everything_if("aws:PrincipalTag/job", "admin")]))
        .user("tagged", &json!([]))
        .in_group("all")
        .with("users", "Tags", json!([{ "Key": "job", "Value": "admin" }]))
        .user("other", &json!([]))
        .in_group("all")
        .with("users", "Tags", json!([{ "Key": "job", "Value": "clerk" }]))
        .user("untagged", &json!([]))
        .in_group("all");
    assert!(account.report("user/tagged").admin);
    assert!(!account.report("user/other").admin && !account.report("user/untagged").admin);
    let group = account.report("group/all");
    assert!(group.admin && group.depends_on.contains(&"aws:PrincipalTag/job".to_owned()), "{group:?}");
}

#[test]
fn a_session_may_bring_the_tag_that_its_role_lacks() {
    let condition = everything_if("aws:PrincipalTag/x", "y");
    let account =
        Fixture::default().role("r", &json!([trust_service("ec2.amazonaws.com")]), &json!([condition]));
    let report = account.report("role/r");
    assert!(report.admin && report.certainty == Certainty::Possible);
    assert!(report.depends_on.contains(&"aws:PrincipalTag/x".to_owned()), "{:?}", report.depends_on);
}

#[test]
fn a_deny_under_the_condition_of_the_allow_closes_the_way() {
    let mfa = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
    let put =
        |effect: fn(&str, &str) -> serde_json::Value| when(effect("iam:PutUserPolicy", "*"), mfa.clone());
    let account = Fixture::default()
        .user("closed", &json!([put(allow), put(deny)]))
        .user("open", &json!([allow("iam:PutUserPolicy", "*"), put(deny)]));
    assert_eq!(account.way("user/closed"), [""; 0]);
    assert_ne!(account.way("user/open"), [""; 0]);
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

#[test]
fn whoever_can_become_one_of_whom_not_all_is_known_may_be_more() {
    let account = Fixture::default()
        .role("unknown", &json!([trust_account()]), &json!([allow("s3:GetObject", "*")]))
        .attached("roles", "arn:aws:iam::aws:policy/SecurityAudit")
        .role("known", &json!([trust_account()]), &json!([allow("s3:GetObject", "*")]))
        .group("unknown", &json!([]))
        .attached("groups", "arn:aws:iam::aws:policy/SecurityAudit")
        .user("assumes", &json!([allow("sts:AssumeRole", &arn("role/unknown"))]))
        .user("assumes-another", &json!([allow("sts:AssumeRole", &arn("role/known"))]))
        .user("joins", &json!([allow("iam:AddUserToGroup", &arn("group/unknown")), deny("s3:*", "*")]))
        .user("over-two", &json!([allow("iam:CreateAccessKey", &arn("user/assumes"))]))
        .user("admin", &json!([everything()]))
        .user("member", &json!([]))
        .in_group("unknown");
    let not_all = |arn: String| format!("it may become `{arn}`, of which not everything could be read");
    for (user, expected) in [
        ("assumes", vec![not_all(arn("role/unknown"))]),
        ("assumes-another", vec![]),
        ("joins", vec![not_all(arn("group/unknown"))]),
        ("over-two", vec![not_all(arn("role/unknown"))]),
        ("admin", vec![]),
        (
            "member",
            vec!["group `unknown`: policy `arn:aws:iam::aws:policy/SecurityAudit`: is attached, but not in the file"
                .to_owned()],
        ),
    ] {
        let report = account.report(&format!("user/{user}"));
        assert_eq!(report.errors, expected, "{user}");
        assert_eq!(report.path, []);
    }
}

#[test]
fn two_policies_of_aws_are_known_by_their_names() {
    let account = Fixture::default()
        .user("alice", &json!([]))
        .attached("users", ADMINISTRATOR_ACCESS)
        .user("bob", &json!([]))
        .attached("users", "arn:aws:iam::aws:policy/job-function/DatabaseAdministrator")
        .user("carol", &json!([]))
        .attached("users", "arn:aws:iam::aws:policy/IAMFullAccess")
        .user("dave", &json!([]))
        .attached("users", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let alice = account.report("user/alice");
    assert!(alice.admin);
    assert_eq!(alice.errors, [format!("policy `{ADMINISTRATOR_ACCESS}`: is attached, but not in the file")]);
    let bob = account.report("user/bob");
    assert!(!bob.admin && bob.errors.len() == 1);
    assert_eq!(account.report("user/carol").tier.to_string(), "platinum");
    assert_eq!(account.report("user/dave").tier.to_string(), "none");
}

#[test]
fn the_tier_is_what_is_at_stake() {
    let account = Fixture::default()
        .user("admin", &json!([everything()]))
        .user("escalates", &json!([allow("iam:CreateAccessKey", "*")]))
        .user("audits", &json!([allow("cloudtrail:StopLogging", "*")]))
        .user("writes", &json!([allow("s3:PutObject", "*")]))
        .user("reads", &json!([allow("s3:GetObject", "*")]))
        .user("nothing", &json!([]))
        .user("denied", &json!([everything(), deny("*", "*")]))
        .user("own-keys", &json!([allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")]));
    for (user, tier) in [
        ("admin", "platinum"),
        ("escalates", "platinum"),
        ("audits", "gold"),
        ("writes", "silver"),
        ("reads", "bronze"),
        ("nothing", "none"),
        ("denied", "none"),
        ("own-keys", "silver"),
    ] {
        assert_eq!(account.report(&format!("user/{user}")).tier.to_string(), tier, "{user}");
    }
}

#[test]
fn what_an_organisation_may_forbid_is_possible_until_there_is_none() {
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let account = Fixture::default()
        .user("admin", &json!([everything()]))
        .user("mfa-admin", &json!([when(everything(), mfa)]))
        .user("nothing", &json!([]))
        .role(
            "aws-service-role/x.amazonaws.com/X",
            &json!([trust_service("x.amazonaws.com")]),
            &json!([everything()]),
        );
    let reports = |organization| {
        let reports = analyze_account_with(&account.json().to_string(), organization).unwrap();
        reports.into_iter().map(|report| (report.certainty, report.depends_on.join(", "))).collect::<Vec<_>>()
    };
    let is = || (Certainty::Is, String::new());
    let possible = |on: &str| (Certainty::Possible, on.to_owned());
    let (organization, condition) = ("the organization's policies", "aws:MultiFactorAuthPresent");
    assert_eq!(
        reports(OrganizationPolicies::Unknown),
        [possible(organization), possible(&format!("{condition}, {organization}")), is(), is()]
    );
    assert_eq!(reports(OrganizationPolicies::None), [is(), possible(condition), is(), is()]);
}

#[test]
fn a_report_is_a_line_of_json() {
    let account = Fixture::default()
        .role("admin", &json!([trust_account()]), &json!([everything()]))
        .group("deployers", &json!([allow("s3:*", "*"), allow("sts:AssumeRole", &arn("role/*"))]))
        .user("alice", &json!([]))
        .in_group("deployers");
    let line = serde_json::to_value(account.report("user/alice")).unwrap();
    let statement = "deployers/own#Statement[1]";
    let assume = json!({
        "from": arn("user/alice"), "to": arn("role/admin"), "by": "sts:AssumeRole", "certainty": "is",
        "statements": [statement, "AssumeRolePolicyDocument#Statement[0]"],
    });
    assert_eq!(
        line,
        json!({
            "arn": arn("user/alice"), "admin": false, "tier": "platinum", "certainty": "possible",
            "dependsOn": ["the organization's policies"],
            "escalations": [{
                "id": "sts-assume-role", "actions": ["sts:AssumeRole"], "statements": [statement], "certainty": "is",
            }],
            "path": [assume], "errors": [],
        })
    );
}

#[test]
fn a_way_on_no_known_path_is_a_chain() {
    let account = Fixture::default().user(
        "alice",
        &json!([allow("iam:CreateUser iam:PutUserPolicy iam:CreateAccessKey", &arn("user/ci/*"))]),
    );
    let [chain] = account.report("user/alice").escalations.try_into().unwrap();
    assert_eq!((chain.id, chain.actions.len(), chain.statements.len()), ("chain", 3, 3));
}

#[test]
fn accounts_in_one_file_are_kept_apart() {
    let ours = Fixture::default()
        .group("admins", &json!([]))
        .role(
            "admin",
            &json!([trust(&json!({"AWS": "arn:aws:iam::444455556666:root"}))]),
            &json!([everything()]),
        )
        .user("target", &json!([everything()]));
    let theirs = Fixture::default()
        .group("admins", &json!([allow("sts:AssumeRole", "*")]))
        .user("member", &json!([]))
        .in_group("admins")
        .user(
            "keys",
            &json!([allow("iam:CreateAccessKey iam:UpdateAssumeRolePolicy", "arn:aws:iam::*:*target")]),
        );
    let theirs = theirs.json().to_string().replace(ACCOUNT, "444455556666");
    let reports = analyze_account(&format!("{}\n{theirs}", ours.json())).unwrap();
    let report = |name: &str| reports.iter().find(|report| report.arn.ends_with(name)).unwrap();
    assert_eq!(report("user/member").path.len(), 1);
    assert_eq!(report("user/member").path[0].to, arn("role/admin"));
    assert_eq!(report("user/keys").path.len(), 0, "{:?}", report("user/keys").path);
}

#[test]
fn pages_and_forms_make_no_difference() {
    let account = Fixture::default()
        .policy("p", &[json!([allow("sts:AssumeRole", "*")])])
        .group("team", &json!([]))
        .attached("groups", "p")
        .user("alice", &json!([]))
        .in_group("team")
        .role("admin", &json!([trust_account()]), &json!([everything()]));
    let whole = account.json();
    let mut pages = Vec::new();
    for list in ["RoleDetailList", "UserDetailList", "Policies", "GroupDetailList"] {
        pages.push(json!({list: whole[list], "IsTruncated": pages.len() < 3, "Marker": "m"}).to_string());
    }
    let encoded = whole.to_string().replace(
        &document(&json!([everything()])).to_string(),
        "\"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D\"",
    );
    for text in [pages.join("\n"), format!("[{}]", pages.join(",")), encoded] {
        assert_eq!(analyze_account(&text).unwrap(), account.reports(), "{text}");
    }
}

#[test]
fn a_principal_that_stands_twice_or_has_no_arn_is_an_error() {
    let account = Fixture::default().user("alice", &json!([]));
    let twice = account.clone().user("alice", &json!([everything()]));
    let error = |fixture: &Fixture| analyze_account(&fixture.json().to_string()).unwrap_err().to_string();
    assert!(error(&twice).starts_with("`arn:aws:iam::111122223333:user/alice` stands twice"));
    let nobody = account.with("users", "Arn", json!("alice"));
    assert!(error(&nobody).starts_with("`alice` in `UserDetailList` is not the ARN"));
}
