use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::NamedPolicy;
use super::*;
use crate::policy::PolicyKind;
use crate::policy::evaluate::{Context, Decision, Policies, Principal, Request, evaluate};

fn read(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

fn open_under(statements: &Value, boundary: Option<&Value>, known: &Circumstances<'_>) -> Vec<&'static str> {
    let policy = read(statements);
    let boundary = boundary.map(read);
    let named = |policy| NamedPolicy { name: "arn:aws:iam::111122223333:policy/cap".into(), policy };
    let permissions = Permissions {
        boundary: boundary.as_ref().map_or(Boundary::Absent, |policy| Boundary::Known(named(policy))),
        ..Permissions::of(&policy)
    };
    permissions.escalations(known).iter().map(|escalation| escalation.path.id).collect()
}

fn open(statements: &Value) -> Vec<&'static str> {
    open_under(statements, None, &Circumstances::unknown())
}

fn allow(actions: &Value, resource: &Value, condition: &Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    statement
}

fn on_all(actions: &[&str]) -> Value {
    allow(&json!(actions), &json!("*"), &Value::Null)
}

#[test]
fn the_catalogue_is_sound() {
    let ids: HashSet<_> = paths().map(|path| path.id).collect();
    assert_eq!(ids.len(), paths().count());
    let sets: HashSet<Vec<_>> = paths()
        .map(|path| {
            let mut actions: Vec<_> = path.needs.iter().map(|need| need.action).collect();
            actions.sort_unstable();
            actions
        })
        .collect();
    assert_eq!(sets.len(), ids.len(), "a set of actions stands twice");
    for path in paths() {
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(path.id.bytes().all(kebab), "{}", path.id);
        assert!(!path.named_by.is_empty(), "{}", path.id);
        let passes = path.needs.contains(&PASS_ROLE);
        assert_eq!(passes, !path.passed_to.is_empty(), "{}", path.id);
        assert_eq!(passes, path.category == Category::NewPassRole, "{}", path.id);
        assert!(path.category != Category::ExistingResource || path.depends_on.is_some(), "{}", path.id);
    }
}

#[test]
fn each_path_is_open_to_who_has_its_actions_and_to_nobody_who_lacks_one() {
    for path in paths() {
        let actions: Vec<&str> = path.needs.iter().map(|need| need.action).collect();
        assert!(open(&on_all(&actions)).contains(&path.id), "{}", path.id);
        let shouted: Vec<String> = actions.iter().map(|action| action.to_uppercase()).collect();
        assert!(open(&allow(&json!(shouted), &json!("*"), &Value::Null)).contains(&path.id), "{}", path.id);
        let apart: Vec<Value> = actions.iter().map(|action| on_all(&[action])).collect();
        assert!(open(&json!(apart)).contains(&path.id), "{}", path.id);
        for missing in &actions {
            let rest: Vec<&str> = actions.iter().copied().filter(|action| action != missing).collect();
            assert!(!open(&on_all(&rest)).contains(&path.id), "{} without {missing}", path.id);
            let denied = json!([on_all(&actions), {"Effect": "Deny", "Action": missing, "Resource": "*"}]);
            assert!(!open(&denied).contains(&path.id), "{} with {missing} denied", path.id);
        }
    }
}

#[test]
fn wildcards_open_what_they_cover() {
    let all = paths().count();
    assert_eq!(open(&on_all(&["*"])).len(), all);
    assert_eq!(open(&json!({"Effect": "Allow", "NotAction": "nosuchservice:*", "Resource": "*"})).len(), all);
    assert!(open(&on_all(&["iam:P?tUserPol*"])).contains(&"iam-put-user-policy"));
    assert!(
        open(&on_all(&["iam:Pass*", "lambda:*"]))
            .contains(&"pass-role-lambda-create-function-invoke-function")
    );
    let not_put = open(&json!({"Effect": "Allow", "NotAction": "iam:Put*", "Resource": "*"}));
    assert!(not_put.contains(&"iam-attach-user-policy") && !not_put.contains(&"iam-put-user-policy"));
    assert_eq!(open(&on_all(&["es:*", "iam:Get*", "iam:PassRole", "s3:*"])), [""; 0]);
}

#[test]
fn resources_decide() {
    let user = "arn:aws:iam::111122223333:user/";
    for (actions, resource, expected) in [
        (vec!["iam:CreateAccessKey"], format!("{user}*"), true),
        (vec!["iam:CreateAccessKey"], "arn:aws:iam::*:user/*".to_owned(), true),
        (vec!["iam:CreateAccessKey"], format!("{user}${{aws:username}}"), false),
        (vec!["iam:CreateLoginProfile"], format!("{user}${{aws:username}}"), false),
        (vec!["iam:PutUserPolicy"], format!("{user}${{aws:username}}"), true),
        (vec!["iam:AttachUserPolicy"], "arn:aws:iam::*:user/${aws:username}".to_owned(), true),
        (vec!["iam:PutUserPolicy"], format!("{user}bob"), false),
        (vec!["iam:PutUserPolicy"], "arn:aws:iam::*:role/*".to_owned(), false),
        (vec!["iam:CreatePolicyVersion"], "arn:aws:iam::aws:policy/*".to_owned(), false),
        (vec!["iam:CreatePolicyVersion"], "arn:aws:iam::*:policy/*".to_owned(), true),
        (vec!["iam:PutUserPolicy", "iam:CreateAccessKey"], format!("{user}bob"), true),
        (vec!["iam:PutRolePolicy", "sts:AssumeRole"], "arn:aws:iam::*:role/ci".to_owned(), true),
        (vec!["iam:AttachRolePolicy", "iam:CreateRole"], "arn:aws:iam::*:role/app-*".to_owned(), true),
        (
            vec!["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"],
            "arn:aws:iam::*:role/aws-service-role/*".to_owned(),
            false,
        ),
        (vec!["lambda:UpdateFunctionCode"], "arn:aws:lambda:*:*:function:*".to_owned(), true),
        (
            vec!["lambda:UpdateFunctionCode"],
            "arn:aws:lambda:eu-west-1:111122223333:function:*".to_owned(),
            true,
        ),
        (vec!["lambda:UpdateFunctionCode"], "arn:aws:lambda:*:*:function:dev-*".to_owned(), false),
        (vec!["cloudformation:UpdateStack"], "arn:aws:cloudformation:*:*:stack/*/*".to_owned(), true),
    ] {
        let statement = allow(&json!(actions), &json!(resource), &Value::Null);
        assert_eq!(!open(&statement).is_empty(), expected, "{actions:?} on {resource}");
    }
}

#[test]
fn what_is_made_may_bear_any_name_but_the_role_passed_must_be_any() {
    let functions = allow(
        &json!(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        &json!("arn:aws:lambda:*:*:function:dev-*"),
        &Value::Null,
    );
    for (role, expected) in [
        ("*", true),
        ("arn:aws:iam::*:role/*", true),
        ("arn:aws:iam::111122223333:role/*", true),
        ("arn:aws:iam::111122223333:role/app", false),
        ("arn:aws:iam::*:role/service-role/*", false),
    ] {
        let pass = allow(&json!("iam:PassRole"), &json!(role), &Value::Null);
        let found = open(&json!([functions, pass]));
        assert_eq!(found.contains(&"pass-role-lambda-create-function-invoke-function"), expected, "{role}");
    }
}

#[test]
fn the_same_resource_must_be_open_to_both_steps() {
    let put = |resource| allow(&json!("iam:PutRolePolicy"), &json!(resource), &Value::Null);
    let assume = |resource| allow(&json!("sts:AssumeRole"), &json!(resource), &Value::Null);
    let id = "iam-put-role-policy-sts-assume-role";
    let (a, b, stars) = ("arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b", "arn:aws:iam::*:role/*");
    assert!(!open(&json!([put(a), assume(b)])).contains(&id));
    assert!(open(&json!([put(a), assume(stars)])).contains(&id));
    assert!(open(&json!([put(stars), assume("arn:aws:iam::111122223333:role/a")])).contains(&id));
    let denied = json!({"Effect": "Deny", "Action": "iam:PutRolePolicy", "Resource": a});
    assert!(!open(&json!([put(a), assume(stars), denied])).contains(&id));
}

/// The ways that make a resource, or change it, and use it.
fn same(found: &[&str]) -> bool {
    let mut same = paths().filter(|path| path.needs.iter().any(|need| matches!(need.on, Target::Same(_))));
    same.any(|path| found.contains(&path.id))
}

#[test]
fn what_is_made_and_used_must_be_of_its_kind_and_in_the_account() {
    let known = Circumstances::unknown().with("aws:PrincipalAccount", "111122223333");
    let iam = |rest: &str| format!("arn:aws:iam::111122223333:{rest}");
    for (resource, alone, of_account) in [
        (iam("policy/team/*"), false, false),
        (iam("group/*"), false, false),
        (iam("instance-profile/*"), false, false),
        ("arn:aws:iam::*:policy/*".to_owned(), false, false),
        ("arn:aws:s3:::*".to_owned(), false, false),
        ("arn:aws:s3:*:*:*".to_owned(), false, false),
        ("arn:aws:iam::444455556666:role/*".to_owned(), true, false),
        ("arn:aws:iam::aws:role/*".to_owned(), false, false),
        ("*".to_owned(), true, true),
        ("arn:*".to_owned(), true, true),
        ("arn:*:iam::*".to_owned(), true, true),
        ("arn:aws:iam:*".to_owned(), true, true),
        ("arn:aws:iam::*:role/*".to_owned(), true, true),
        ("arn:aws:iam::*:*".to_owned(), true, true),
        ("arn:aws-us-gov:iam::*:role/*".to_owned(), true, true),
        ("arn:*:role/app-*".to_owned(), true, true),
        ("arn:aws:iam::????????????:role/app".to_owned(), true, true),
        ("arn:aws:iam::1111*:role/app".to_owned(), true, true),
        ("arn:aws:iam::5555*:role/app".to_owned(), true, false),
        ("arn:aws:iam::${aws:PrincipalAccount}:role/app-*".to_owned(), true, true),
        ("arn:aws:iam::*:role/${aws:PrincipalTag/team}-*".to_owned(), true, true),
        (iam("role/team-*"), true, true),
        (iam("r*"), true, true),
        (iam("r??e/team-?"), true, true),
        (iam("*"), true, true),
        (iam("user/*"), true, true),
    ] {
        let statement = allow(&json!("iam:*"), &json!(resource), &Value::Null);
        assert_eq!(same(&open(&statement)), alone, "{resource}");
        assert_eq!(same(&open_under(&statement, None, &known)), of_account, "{resource}");
    }
    for elsewhere in ["arn:aws:s3:::*", "arn:aws:iam::111122223333:group/*", "arn:aws:iam::*:user/*"] {
        let actions = json!(["iam:CreateRole", "iam:PutRolePolicy", "s3:*"]);
        assert_eq!(open(&allow(&actions, &json!(elsewhere), &Value::Null)), [""; 0], "{elsewhere}");
    }
}

#[test]
fn what_all_of_a_kind_is_denied_for_is_made_nowhere() {
    let id = "iam-attach-role-policy-create-role";
    let allowed = on_all(&["iam:CreateRole", "iam:AttachRolePolicy"]);
    let deny = |name: &str, resource: &str| json!({"Effect": "Deny", "Action": "iam:AttachRolePolicy", name: [resource]});
    for (name, resource, expected) in [
        ("Resource", "arn:aws:iam::*:role/*", false),
        ("Resource", "arn:*:iam::*:role*", false),
        ("Resource", "arn:aws:iam::*:*", false),
        ("Resource", "arn:aws:iam::111122223333:role/*", false),
        ("Resource", "arn:aws:iam::${aws:PrincipalAccount}:role/*", false),
        ("Resource", "arn:aws:iam::????????????:*", false),
        ("NotResource", "arn:aws:s3:::a-bucket", false),
        ("NotResource", "arn:aws:iam::*:user/*", false),
        ("Resource", "arn:aws:iam::*:role/admin-*", true),
        ("Resource", "arn:aws:iam::*:user/*", true),
        ("NotResource", "arn:aws:iam::*:role/dev-*", true),
        ("NotResource", "*", true),
    ] {
        let statements = json!([allowed, deny(name, resource)]);
        assert_eq!(open(&statements).contains(&id), expected, "{name} {resource}");
        let known = Circumstances::unknown().with("aws:PrincipalAccount", "111122223333");
        assert_eq!(open_under(&statements, None, &known).contains(&id), expected, "{name} {resource}");
    }
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
    let mut conditional = deny("Resource", "arn:aws:iam::*:role/*");
    conditional["Condition"] = mfa;
    assert!(open(&json!([allowed, conditional])).contains(&id));
    for (name, resource) in [("Resource", "arn:aws:iam::*:*"), ("NotResource", "arn:aws:s3:::a-bucket")] {
        let all = json!([on_all(&["*"]), {"Effect": "Deny", "Action": "iam:*", name: resource}]);
        assert!(!same(&open(&all)), "{name} {resource}");
        assert!(
            !Permissions::of(&read(&all)).can_become_admin(&Circumstances::unknown()),
            "{name} {resource}"
        );
    }
}

#[test]
fn only_some_conditions_stand_in_the_way() {
    let lambda = on_all(&["lambda:CreateFunction", "lambda:InvokeFunction"]);
    let pass = |condition: &Value| json!([lambda, allow(&json!("iam:PassRole"), &json!("*"), condition)]);
    let attach = |condition: &Value| allow(&json!("iam:AttachUserPolicy"), &json!("*"), condition);
    let version = |condition: &Value| allow(&json!("iam:CreatePolicyVersion"), &json!("*"), condition);
    let harmless = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for (statements, expected) in [
        (pass(&json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})), true),
        (
            pass(
                &json!({"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com.cn"]}}),
            ),
            true,
        ),
        (pass(&json!({"StringLike": {"IAM:PASSEDTOSERVICE": "*.amazonaws.com"}})), true),
        (pass(&json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})), false),
        (pass(&json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}})), true),
        (pass(&json!({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})), true),
        (pass(&json!({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})), false),
        (pass(&json!({"StringEquals": {"iam:PassedToService": "lambda*"}})), false),
        (pass(&json!({"StringEquals": {"iam:ResourceTag/team": "dev"}})), false),
        (attach(&json!({"ArnEquals": {"iam:PolicyARN": harmless}})), false),
        (
            attach(
                &json!({"StringEquals": {"iam:PolicyARN": [harmless, "arn:aws:iam::aws:policy/AdministratorAccess"]}}),
            ),
            true,
        ),
        (attach(&json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}})), true),
        (attach(&json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::111122223333:policy/*"}})), true),
        (attach(&json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::111122223333:policy/app/*"}})), false),
        (
            attach(
                &json!({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}),
            ),
            true,
        ),
        (
            attach(
                &json!({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/cap"}}),
            ),
            false,
        ),
        (attach(&json!({"StringLike": {"iam:PermissionsBoundary": "*"}})), true),
        (
            version(
                &json!({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/cap"}}),
            ),
            false,
        ),
        (version(&json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})), true),
        (version(&json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), true),
        (version(&json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})), true),
        (version(&json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})), true),
        (version(&json!({"StringLike": {"aws:PrincipalArn": "*"}})), true),
        (version(&json!({"StringEquals": {"aws:PrincipalTag/team": "platform"}})), true),
        (version(&json!({"StringEqualsIfExists": {"aws:ResourceTag/team": "dev"}})), true),
        (version(&json!({"StringEquals": {"aws:ResourceTag/team": "dev"}})), false),
        (version(&json!({"StringNotEquals": {"aws:ResourceTag/protected": "true"}})), true),
        (version(&json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}})), false),
    ] {
        assert_eq!(!open(&statements).is_empty(), expected, "{statements}");
    }
}

#[test]
fn what_one_can_see_to_beforehand_stands_in_no_way() {
    let tagged = |value: &str| json!({"StringEquals": {"aws:ResourceTag/team": value}});
    let all = json!("*");
    let put = |condition: &Value| allow(&json!("iam:PutUserPolicy"), &all, condition);
    let tag = |resource: &Value, condition: &Value| allow(&json!("iam:TagUser"), resource, condition);
    let app = "arn:aws:iam::111122223333:policy/app-*";
    let attach =
        |arn: &str| allow(&json!("iam:AttachUserPolicy"), &all, &json!({"ArnLike": {"iam:PolicyARN": arn}}));
    let create = |resource: &str| allow(&json!("iam:CreatePolicy"), &json!(resource), &Value::Null);
    let of_team = |value: &str| json!({"StringEquals": {"aws:RequestTag/team": value}});
    let assume = |condition: &Value| allow(&json!("sts:AssumeRole"), &all, condition);
    let roles = on_all(&["iam:TagRole", "ec2:RunInstances"]);
    let pass = allow(&json!("iam:PassRole"), &all, &json!({"StringEquals": {"iam:ResourceTag/team": "x"}}));
    for (statements, expected) in [
        (json!([put(&tagged("iam"))]), false),
        (json!([put(&tagged("iam")), tag(&all, &Value::Null)]), true),
        (json!([put(&tagged("iam")), tag(&all, &of_team("iam"))]), true),
        (json!([put(&tagged("iam")), tag(&all, &of_team("dev"))]), false),
        (json!([put(&tagged("iam")), tag(&json!("arn:aws:iam::*:user/dev-*"), &Value::Null)]), false),
        (json!([put(&tagged("iam")), tag(&all, &tagged("open"))]), false),
        (
            json!([
                put(&Value::Null),
                tag(&all, &Value::Null),
                with_effect(put(&json!({"StringNotEquals": {"aws:ResourceTag/team": "iam"}})), "Deny")
            ]),
            true,
        ),
        (json!([roles.clone(), pass]), true),
        (json!([roles.clone(), assume(&tagged("x"))]), true),
        (json!([on_all(&["iam:TagUser"]), assume(&tagged("x"))]), false),
        (json!([attach(app), create(app)]), true),
        (json!([attach(app), create("*")]), true),
        (json!([attach("arn:aws:iam::*:policy/app-*"), create(app)]), true),
        (json!([attach(app), create("arn:aws:iam::111122223333:policy/web-*")]), false),
        (json!([attach(app)]), false),
        (json!([attach("arn:aws-us-gov:iam::aws:policy/AdministratorAccess")]), true),
        (json!([attach("arn:aws-cn:iam::aws:policy/*")]), true),
        (json!([attach("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess")]), false),
    ] {
        assert_eq!(!open(&statements).is_empty(), expected, "{statements}");
    }
}

#[test]
fn a_deny_takes_as_much_as_it_says() {
    let all = on_all(&["iam:AttachUserPolicy"]);
    let deny = |condition: Value| json!([all, {"Effect": "Deny", "Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": condition}]);
    for (condition, expected) in [
        (json!({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}), true),
        (json!({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}), false),
        (
            json!({"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/cap"}}),
            false,
        ),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), true),
        (json!({"StringLike": {"iam:PolicyARN": "*"}}), false),
    ] {
        assert_eq!(!open(&deny(condition.clone())).is_empty(), expected, "{condition}");
    }
    let one = json!([all, {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/admin"}]);
    assert!(!open(&one).is_empty());
    let oneself = json!([all, {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:username}"}]);
    assert!(open(&oneself).is_empty());
}

#[test]
fn what_a_service_may_do_on_ones_behalf_counts_if_one_can_have_it_done() {
    let by_stacks = allow(
        &json!("iam:PutUserPolicy"),
        &json!("*"),
        &json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}),
    );
    assert!(open(&by_stacks).is_empty());
    assert!(
        open(&json!([by_stacks, on_all(&["cloudformation:CreateStack"])])).contains(&"iam-put-user-policy")
    );
}

#[test]
fn a_boundary_caps_what_one_gives_oneself() {
    let put = on_all(&["iam:PutUserPolicy"]);
    let lambda = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"];
    for (boundary, expected) in [
        (on_all(&["*"]), true),
        (on_all(&["s3:*", "iam:PutUserPolicy"]), false),
        (on_all(&["s3:*"]), false),
        // Having given itself the rest, it passes a role, or sheds the boundary.
        (on_all(&[&["iam:PutUserPolicy"], &lambda[..]].concat()), true),
        (on_all(&["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"]), true),
        (on_all(&["iam:PutUserPolicy", "lambda:UpdateFunctionCode"]), false),
    ] {
        let found = open_under(&put, Some(&boundary), &Circumstances::unknown());
        assert_eq!(found.contains(&"iam-put-user-policy"), expected, "{boundary}");
    }
    let found =
        open_under(&on_all(&lambda), Some(&on_all(&["iam:*", "lambda:*"])), &Circumstances::unknown());
    assert!(found.contains(&"pass-role-lambda-create-function-invoke-function"));
}

#[test]
fn who_can_write_the_boundary_is_not_bound() {
    let versions = on_all(&["iam:CreatePolicyVersion"]);
    let open = |boundary: &Value| open_under(&versions, Some(boundary), &Circumstances::unknown());
    assert_eq!(open(&versions), ["iam-create-policy-version"]);
    let deny =
        json!({"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::111122223333:policy/cap"});
    assert!(open(&json!([versions, deny])).is_empty());
}

#[test]
fn a_known_principal_is_only_what_it_is() {
    let role = Circumstances::unknown().with("aws:PrincipalArn", "arn:aws:iam::111122223333:role/app");
    let user = Circumstances::unknown()
        .with("aws:PrincipalArn", "arn:aws:iam::111122223333:user/bob")
        .with("aws:username", "bob");
    let put = on_all(&["iam:PutUserPolicy"]);
    assert!(open_under(&put, None, &role).is_empty());
    assert_eq!(open_under(&put, None, &user), ["iam-put-user-policy"]);
    let on_bob =
        allow(&json!("iam:PutUserPolicy"), &json!("arn:aws:iam::111122223333:user/bob"), &Value::Null);
    assert_eq!(open_under(&on_bob, None, &user), ["iam-put-user-policy"]);
    let tagged = json!({"StringEquals": {"aws:PrincipalTag/team": "platform"}});
    let tagged = allow(&json!("iam:PutUserPolicy"), &json!("*"), &tagged);
    assert!(open_under(&tagged, None, &user.clone().with("aws:PrincipalTag/team", "web")).is_empty());
}

#[test]
fn statements_that_allow_are_named_once_and_in_order() {
    let policy = read(&json!([
        on_all(&["lambda:InvokeFunction"]),
        on_all(&["s3:GetObject"]),
        on_all(&["iam:PassRole", "lambda:CreateFunction"]),
        on_all(&["iam:PassRole"]),
    ]));
    let escalations = Permissions::of(&policy).escalations(&Circumstances::unknown());
    let invoke = escalations
        .iter()
        .find(|escalation| escalation.path.id == "pass-role-lambda-create-function-invoke-function")
        .unwrap();
    let statements: Vec<_> = invoke.statements.iter().map(|at| at.statement).collect();
    assert_eq!(statements, [0, 2, 3]);
}

fn action() -> impl Strategy<Value = String> {
    let all: Vec<&str> = paths().flat_map(|path| path.needs).map(|need| need.action).collect();
    prop_oneof![
        4 => proptest::sample::select(all).prop_map(str::to_owned),
        1 => proptest::sample::select(vec!["*", "iam:*", "lambda:*", "iam:Put*", "*:Create*", "s3:GetObject"]).prop_map(str::to_owned),
    ]
}

pub(in super::super) fn statement() -> impl Strategy<Value = Value> {
    let resources = vec![
        "*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*:role/app",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:lambda:*:*:function:dev-*",
    ];
    let conditions = vec![
        Value::Null,
        Value::Null,
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"StringEquals": {"aws:ResourceTag/a": "b"}}),
        json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}),
    ];
    let key = |negated: bool, name: &str| if negated { format!("Not{name}") } else { name.to_owned() };
    (
        proptest::collection::vec(action(), 1..4),
        proptest::sample::select(resources),
        proptest::sample::select(conditions),
        proptest::bool::weighted(0.15),
        proptest::bool::weighted(0.1),
    )
        .prop_map(move |(actions, resource, condition, not_action, not_resource)| {
            let mut statement =
                json!({key(not_action, "Action"): actions, key(not_resource, "Resource"): [resource]});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            statement
        })
}

pub(in super::super) fn with_effect(mut statement: Value, effect: &str) -> Value {
    statement["Effect"] = json!(effect);
    statement
}

proptest! {
    // Each case analyses a dozen policies.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_allow_closes_no_path_and_a_deny_opens_none(
        allows in proptest::collection::vec(statement(), 0..4),
        denies in proptest::collection::vec(statement(), 0..2),
        more in statement(),
        boundary in proptest::option::of(proptest::collection::vec(statement(), 1..3)),
    ) {
        let mut all: Vec<Value> = allows.into_iter().map(|it| with_effect(it, "Allow")).collect();
        all.extend(denies.into_iter().map(|it| with_effect(it, "Deny")));
        let boundary = boundary.map(|them| json!(them.into_iter().map(|it| with_effect(it, "Allow")).collect::<Vec<_>>()));
        let find = |statements: &[Value]| -> HashSet<&str> {
            open_under(&json!(statements), boundary.as_ref(), &Circumstances::unknown()).into_iter().collect()
        };
        let before = find(&all);
        all.push(with_effect(more.clone(), "Allow"));
        prop_assert!(before.is_subset(&find(&all)));
        all.pop();
        all.push(with_effect(more, "Deny"));
        prop_assert!(find(&all).is_subset(&before));
    }
}

/// Whether the evaluator lets a user of the account do something to a role of it.
fn may(policy: &Policy, action: &str, role: &str) -> bool {
    let request = Request {
        principal: Principal::parse("arn:aws:iam::111122223333:user/ann").unwrap(),
        action,
        resource: &format!("arn:aws:iam::111122223333:role/{role}"),
        resource_account: Some("111122223333"),
        context: Context::new(Vec::new()).unwrap(),
    };
    let policies = Policies { identity: vec![std::borrow::Cow::Borrowed(policy)], ..Policies::default() };
    evaluate(&request, &policies).decision == Decision::Allowed
}

fn some_resource() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "arn:aws:iam::*",
        "arn:aws:iam::*:*",
        "arn:aws:iam::111122223333:r*",
        "arn:aws:iam::????????????:role/*",
        "arn:aws:iam::111122223333:role/app-*",
        "arn:aws:iam::111122223333:role/app-x",
        "arn:aws:iam::444455556666:role/*",
        "arn:aws:iam::111122223333:policy/*",
        "arn:aws:iam::*:group/app-*",
        "arn:aws:s3:::*",
    ])
}

proptest! {
    #[test]
    fn making_a_role_and_using_it_is_open_where_the_evaluator_allows_both_on_one(
        create in some_resource(), put in some_resource(), denied in prop::option::of(
            (some_resource(), any::<bool>(), prop::sample::select(vec!["iam:PutRolePolicy", "iam:Create*", "*"])),
        ),
    ) {
        let mut statements = vec![
            allow(&json!("iam:CreateRole"), &json!(create), &Value::Null),
            allow(&json!(["iam:PutRolePolicy", "s3:*"]), &json!(put), &Value::Null),
        ];
        statements.extend(denied.map(|(resource, but, action)| {
            let name = if but { "NotResource" } else { "Resource" };
            json!({"Effect": "Deny", "Action": action, name: resource})
        }));
        let statements = json!(statements);
        let known = Circumstances::unknown().with("aws:PrincipalAccount", "111122223333");
        let found = open_under(&statements, None, &known).contains(&"iam-create-role-put-role-policy");
        let policy = read(&statements);
        let both = |role: &&str| may(&policy, "iam:CreateRole", role) && may(&policy, "iam:PutRolePolicy", role);
        prop_assert_eq!(found, ["app-x", "app-y", "zebra"].iter().any(both), "{}", statements);
    }
}
