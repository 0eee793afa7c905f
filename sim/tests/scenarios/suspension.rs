//! Taking all powers from a user or role, as far as IAM's quotas allow.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::Outcome;
use shared::facts::{KeyStatus, Read};
use shared::notice::Notice;
use shared::remedy::{ProtectedReason, Refusal, Status, StepResult, Write};
use sim::{AccountFile, Fault, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn user(parts: serde_json::Value) -> AccountFile {
    let mut user = json!({
        "name": "ada", "path": "/team/", "loginProfile": {}, "mfaDevices": ["m"],
        "accessKeys": [key("KEY1", 3, Some(0)), {"id": key_id("OFF1"), "status": "Inactive", "created": ago(9)}]
    });
    user.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    users(json!([user]))
}

#[test]
fn a_user_is_denied_everything_before_its_credentials_go() {
    let local = local(user(json!({})), all_rules("audit", ""));
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let entry = outcome.entry().unwrap();
    assert_eq!(entry.status, Status::Verified);
    assert_eq!(
        steps(entry),
        [
            "attach bailiff-quarantine to user ada",
            "deactivate access key …KEY1 of user ada",
            "delete the console password of user ada",
            "set tag bailiff:quarantined on user ada"
        ]
    );
    let after = &local.world.account().users[0];
    assert!(after.attached_policies.contains(&quarantine()));
    assert!(after.access_keys.iter().all(|key| key.status == KeyStatus::Inactive));
    assert!(after.login_profile.is_none());
}

#[test]
fn ten_attached_policies_make_it_an_inline_one() {
    let local = local(user(json!({"attachedPolicies": arns(10)})), all_rules("audit", ""));
    let outcome = suspend(&local, "user/team/ada").unwrap();
    assert_eq!(steps(outcome.entry().unwrap())[0], "put inline policy BailiffQuarantine on user ada");
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    assert_eq!(local.world.account().users[0].attached_policies.len(), 10);
}

#[test]
fn a_full_inline_quota_too_makes_it_the_boundary() {
    let parts = json!({
        "attachedPolicies": arns(10), "inlinePolicies": [inline_of("big", 2_040)],
        "boundary": "arn:aws:iam::aws:policy/PowerUserAccess"
    });
    let local = local(user(parts), all_rules("audit", ""));
    let before = local.world.account();
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let entry = outcome.entry().unwrap().clone();
    assert_eq!(steps(&entry)[0], "set permissions boundary bailiff-quarantine on user ada");
    assert_eq!(local.world.account().users[0].boundary, Some(quarantine()));
    restore(&local, &entry.id).unwrap();
    let left = changes(&before, &local);
    assert!(left.len() == 1 && left[0].contains("loginProfile"), "{left:?}");
}

#[test]
fn the_last_character_of_room_is_used_and_not_one_more() {
    let deny_all = r#"{"Version":"2012-10-17","Statement":[{"Sid":"BailiffQuarantine","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    for (used, first) in
        [(2_048 - deny_all.len(), "put inline policy"), (2_049 - deny_all.len(), "set permissions boundary")]
    {
        let parts = json!({"attachedPolicies": arns(10), "inlinePolicies": [inline_of("big", used)]});
        let local = local(user(parts), all_rules("audit", ""));
        let outcome = suspend(&local, "user/team/ada").unwrap();
        assert!(steps(outcome.entry().unwrap())[0].starts_with(first), "{used}");
        assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    }
}

#[test]
fn a_role_loses_everything_and_its_older_sessions() {
    let role = json!({"roles": [{"name": "deployer", "path": "/ci/", "attachedPolicies": arns(2)}]});
    let local = local(account(role), all_rules("audit", ""));
    let before = local.world.account();
    let outcome = suspend(&local, "role/ci/deployer").unwrap();
    let entry = outcome.entry().unwrap().clone();
    assert_eq!(
        steps(&entry),
        [
            "attach bailiff-quarantine to role deployer",
            "put inline policy BailiffRevokeOlderSessions on role deployer",
            "set tag bailiff:quarantined on role deployer"
        ]
    );
    let revocation = &local.world.account().roles[0].inline_policies[0];
    assert!(revocation.document.as_str().contains(r#""aws:TokenIssueTime":"2026-11-22T09:00:01Z""#));
    restore(&local, &entry.id).unwrap();
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn a_role_at_its_quotas_falls_back_likewise() {
    let role = |size| {
        account(
            json!({"roles": [{"name": "r", "attachedPolicies": arns(10), "inlinePolicies": [inline_of("big", size)]}]}),
        )
    };
    for (size, first) in
        [(9_000, "put inline policy BailiffQuarantine"), (10_240, "set permissions boundary")]
    {
        let local = local(role(size), all_rules("audit", ""));
        let outcome = suspend(&local, "role/r").unwrap();
        let entry = outcome.entry().unwrap();
        assert_eq!(entry.status, Status::Verified);
        assert!(steps(entry)[0].starts_with(first), "{size}: {:?}", steps(entry));
    }
}

#[test]
fn suspending_again_does_nothing() {
    let local = local(user(json!({})), all_rules("audit", ""));
    suspend(&local, "user/team/ada").unwrap();
    local.world.forget_calls();
    assert!(matches!(suspend(&local, "user/team/ada").unwrap(), Outcome::NothingToDo { .. }));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_deny_that_came_last_is_read_back_once_and_one_before_other_steps_again_at_the_end() {
    for (tagged, looks) in [(true, 1), (false, 2)] {
        let tags = if tagged { json!({"bailiff:quarantined": "true"}) } else { json!({}) };
        let local = local(users(json!([{"name": "ada", "tags": tags}])), all_rules("audit", ""));
        let entry = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
        assert_eq!((entry.status, entry.plan.steps.len()), (Status::Verified, looks), "{entry:#?}");
        let calls = local.world.calls().0;
        let after =
            calls.into_iter().skip_while(|call| call.operation != Operation::Write(Write::AttachUserPolicy));
        let list = Operation::Read(Read::ListAttachedUserPolicies);
        assert_eq!(after.filter(|call| call.operation == list).count(), looks, "{:?}", steps(&entry));
    }
}

#[test]
fn a_quarantine_that_somebody_took_off_is_put_on_again() {
    let local = local(user(json!({})), all_rules("audit", ""));
    suspend(&local, "user/team/ada").unwrap();
    local.world.edit(|account| account.users[0].attached_policies.clear());
    assert_eq!(
        steps(suspend(&local, "user/team/ada").unwrap().entry().unwrap()),
        ["attach bailiff-quarantine to user ada"]
    );
}

#[test]
fn an_order_whose_deny_is_refused_takes_the_keys_and_leaves_the_password() {
    let local = local(user(json!({})), all_rules("audit", ""));
    local.world.fail(Operation::Write(Write::AttachUserPolicy), Fault::Denied, Times::Always);
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let (status, results) = results(outcome.entry().unwrap());
    assert_eq!(status, Status::Failed);
    assert!(
        matches!(
            results[..],
            [
                StepResult::Failed { .. },
                StepResult::Verified,
                StepResult::Refused { refusal: Refusal::NotDenied { .. } },
                StepResult::Refused { refusal: Refusal::NotDenied { .. } }
            ]
        ),
        "{results:#?}"
    );
    assert!(local.world.account().users[0].login_profile.is_some());
}

#[test]
fn a_rule_takes_no_credential_where_its_deny_failed() {
    for fault in [Fault::Denied, Fault::Failed, Fault::Throttled] {
        let local = local(something_of_everything(), enforce(&[UNUSED]));
        let before = local.world.account();
        local.world.fail(Operation::Write(Write::AttachUserPolicy), fault, Times::Always);
        sweep(&local);
        assert_eq!(changes(&before, &local), Vec::<String>::new(), "{fault:?}");
        let entry = entry(&local);
        assert!(matches!(entry.refusal, Some(Refusal::NotDenied { .. })), "{fault:?}: {entry:#?}");
        assert_ne!(entry.status, Status::Verified);
    }
}

#[test]
fn an_order_denies_first_whatever_is_unknown_and_says_what_it_left() {
    let cases = [
        (Read::GetLoginProfile, 3, "iam:GetLoginProfile"),
        (Read::ListAccessKeys, 3, "iam:ListAccessKeys"),
        (Read::ListUserPolicies, 4, "iam:ListUserPolicies"),
    ];
    for (read, done, said) in cases {
        for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
            let local = local(user(json!({})), all_rules("audit", ""));
            local.world.fail(Operation::Read(read), fault, Times::Always);
            let outcome = suspend(&local, "user/team/ada").unwrap();
            let entry = outcome.entry().unwrap();
            assert_eq!(entry.status, Status::Unknown, "partial containment is not containment: {read}");
            assert_eq!(entry.written().count(), done, "{read} {fault:?}: {entry:#?}");
            assert!(entry.plan.left.iter().any(|left| left.contains(said)), "{:?}", entry.plan.left);
            assert!(local.world.account().users[0].attached_policies.contains(&quarantine()));
            assert_eq!(local.world.notices().len(), 1);
            // Once it can be read, the order given again takes the rest.
            local.world.heal();
            let again = suspend(&local, "user/team/ada").unwrap();
            let rest = done < 4;
            assert_eq!(again.entry().is_some(), rest, "{read}");
            assert!(again.entry().is_none_or(|entry| entry.status == Status::Verified), "{again:#?}");
        }
    }
}

#[test]
fn an_order_denies_by_another_means_where_one_is_unknown() {
    let local = local(user(json!({})), all_rules("audit", ""));
    local.world.fail(Operation::Read(Read::ListAttachedUserPolicies), Fault::Denied, Times::Always);
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let entry = outcome.entry().unwrap();
    assert_eq!(steps(entry)[0], "put inline policy BailiffQuarantine on user ada");
    assert_eq!((entry.status, entry.written().count()), (Status::Unknown, 4), "{entry:#?}");
}

#[test]
fn an_order_for_another_path_is_not_taken_for_this_one() {
    let local = local(user(json!({})), all_rules("audit", ""));
    let error = suspend(&local, "user/other/ada").unwrap_err();
    assert!(error.to_string().contains("user/team/ada is what lives here by that name"), "{error}");
    assert!(suspend(&local, "user/nobody").unwrap_err().to_string().contains("there is no"));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn orders_for_protected_principals_are_refused() {
    let roles = json!({"roles": [
        {"name": "bailiff-SuspendPrincipalRole-1"}, {"name": "AWSServiceRoleForConfig", "path": "/aws-service-role/config.amazonaws.com/"},
        {"name": "AWSReservedSSO_Admin_0123456789abcdef", "path": "/aws-reserved/sso.amazonaws.com/"},
        {"name": "OrganizationAccountAccessRole"}, {"name": "AWSControlTowerExecution"}
    ]});
    let local = local(account(roles), all_rules("audit", ""));
    for (name, reason) in [
        ("role/bailiff-SuspendPrincipalRole-1", ProtectedReason::OwnDeployment),
        (
            "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
            ProtectedReason::ServiceLinked,
        ),
        (
            "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
            ProtectedReason::AwsReserved,
        ),
        ("role/OrganizationAccountAccessRole", ProtectedReason::OrganizationAccess),
        ("role/AWSControlTowerExecution", ProtectedReason::ControlTower),
    ] {
        let outcome = suspend(&local, name).unwrap();
        assert_eq!(outcome.protected(), Some(&reason), "{name}");
        assert!(matches!(outcome.refusal(), Some(Refusal::Protected { .. })));
    }
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert_eq!(local.world.notices().len(), 5);
}

#[test]
fn a_leaver_is_suspended_by_its_rule() {
    let local = local(something_of_everything(), enforce(&[UNUSED]));
    sweep(&local);
    let entry = entry(&local);
    assert_eq!(
        steps(&entry),
        [
            "attach bailiff-quarantine to user leaver",
            "deactivate access key …GON1 of user leaver",
            "delete the console password of user leaver",
            "set tag bailiff:quarantined on user leaver"
        ]
    );
}

#[test]
fn a_console_user_without_a_device_is_denied_all_but_enrolling_one() {
    let local = local(something_of_everything(), enforce(&[NO_MFA]));
    sweep(&local);
    let user = local.world.account().users.into_iter().find(|user| user.name.as_str() == "no-mfa").unwrap();
    assert_eq!(user.inline_policies[0].name.as_str(), "BailiffRequireMfa");
    assert!(user.login_profile.is_some());
    // Its own restriction is no inline policy to remove.
    let local = sim::Local::new(local.world, enforce(&[INLINE]), deployment());
    local.world.forget_calls();
    local.deliver(&change(&local.world, "no-mfa", INLINE));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn what_could_not_be_read_at_once_is_looked_at_again_within_the_same_order() {
    let denied = user(json!({"attachedPolicies": [quarantine()], "loginProfile": null}));
    let local = local(denied, all_rules("audit", ""));
    local.world.fail(Operation::Read(Read::ListAccessKeys), Fault::Failed, Times::Next(1));
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let entry = outcome.entry().unwrap();
    assert_eq!(
        (entry.status, steps(entry)),
        (
            Status::Verified,
            vec![
                "deactivate access key …KEY1 of user ada".to_owned(),
                "set tag bailiff:quarantined on user ada".to_owned()
            ]
        )
    );
    assert_eq!(local.world.entries().len(), 1);
}

#[test]
fn an_order_that_can_do_nothing_more_says_what_could_not_be_read() {
    let local = local(
        user(json!({"attachedPolicies": [quarantine()], "loginProfile": null})),
        all_rules("audit", ""),
    );
    local.world.fail(Operation::Read(Read::ListAccessKeys), Fault::Denied, Times::Always);
    let outcome = suspend(&local, "user/team/ada").unwrap();
    let refusal = outcome.refusal();
    assert!(
        matches!(refusal, Some(Refusal::UnknownFact { unread }) if unread.read == Read::ListAccessKeys),
        "{refusal:?}"
    );
    assert_eq!(local.world.calls().iam_writes(), 0);
}

/// A role that EC2 instances and Lambda functions have, for two hours at a time.
fn batch() -> AccountFile {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}]});
    let role = json!({"name": "batch", "created": ago(3), "trust": trust, "maxSessionDuration": 7_200,
        "instanceProfiles": [format!("arn:aws:iam::{ACCOUNT}:instance-profile/nightly")]});
    account(json!({"roles": [role]}))
}

fn told_of(entry: &shared::remedy::Entry) -> Notice {
    Notice::of(entry, "bailiff", None)
}

#[test]
fn a_role_s_notice_names_who_works_under_it_and_until_when_its_sessions_live() {
    let local = local(batch(), all_rules("audit", ""));
    let outcome = suspend(&local, "role/batch").unwrap();
    let entry = outcome.entry().unwrap();
    assert_eq!(entry.status, Status::Verified);
    let notice = told_of(entry);
    assert_eq!(
        notice.workloads,
        ["EC2 instances with the instance profile nightly", "Lambda functions (lambda.amazonaws.com)"]
    );
    let closed = entry.closed.unwrap();
    let until = (closed + SignedDuration::from_hours(2)).strftime("%Y-%m-%dT%H").to_string();
    assert!(notice.sessions[0].contains(&until), "{:?}", notice.sessions);
    let told = told_of(restore(&local, &entry.id).unwrap().entry().unwrap());
    assert_eq!(told.workloads, notice.workloads);
    assert!(told.sessions[0].contains("have their powers back"), "{:?}", told.sessions);
}

#[test]
fn instance_profiles_that_cannot_be_read_change_nothing_but_the_notice() {
    let calm = local(batch(), all_rules("audit", ""));
    let whole = suspend(&calm, "role/batch").unwrap();
    for fault in [Fault::Throttled, Fault::Denied, Fault::Failed, Fault::LostAnswer] {
        let local = local(batch(), all_rules("audit", ""));
        local.world.fail(Operation::Read(Read::ListInstanceProfilesForRole), fault, Times::Always);
        let outcome = suspend(&local, "role/batch").unwrap();
        let entry = outcome.entry().unwrap();
        assert_eq!(
            (entry.status, steps(entry)),
            (Status::Verified, steps(whole.entry().unwrap())),
            "{fault:?}"
        );
        let notice = told_of(entry);
        assert!(notice.workloads[0].contains("could not be read"), "{:?}", notice.workloads);
        assert_eq!(notice.workloads[1], "Lambda functions (lambda.amazonaws.com)");
        assert!(notice.left.is_empty(), "{:?}", notice.left);
    }
}

#[test]
fn nobody_s_instance_profiles_are_read_but_those_of_a_role_that_is_suspended() {
    let local = local(batch(), all_rules("enforce", ""));
    sweep(&local);
    let listed = || local.world.calls().count("iam:ListInstanceProfilesForRole");
    assert_eq!(listed(), 0);
    suspend(&local, "role/batch").unwrap();
    assert_eq!(listed(), 1);
}
