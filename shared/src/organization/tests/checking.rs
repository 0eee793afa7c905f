use serde_json::json;

use super::*;
use crate::organization::{ControlType, Finding, Protection, check};
use crate::policy::{Policy, PolicyKind};

fn findings(policies: Vec<ControlPolicy>) -> Vec<Finding> {
    check(&in_force(policies), &asked(), &Protection::ALL)
}

fn without(sid: &str) -> Vec<ControlPolicy> {
    let mut policies = filled();
    for policy in &mut policies {
        policy.policy.statements.retain(|statement| statement.sid.as_deref() != Some(sid));
    }
    policies
}

#[test]
fn the_pack_holds_every_protection_and_is_in_nobodys_way() {
    for finding in findings(filled()) {
        assert!(finding.holds(), "{finding:#?}");
    }
}

#[test]
fn without_policies_nothing_is_in_force() {
    for finding in findings(Vec::new()) {
        assert!(!finding.open.is_empty(), "{:?}", finding.protection);
        assert!(finding.in_the_way.is_empty(), "{finding:?}");
    }
}

/// Each statement is asked about: where it is missing, a protection says so.
#[test]
fn a_missing_statement_is_noticed() {
    let sids = filled()
        .into_iter()
        .flat_map(|policy| policy.policy.statements)
        .map(|statement| statement.sid.unwrap());
    for sid in sids {
        // With the root user denied everything, nobody is left who could make its keys.
        if sid == "RootGetsNoKeys" {
            continue;
        }
        assert!(findings(without(&sid)).iter().any(|finding| !finding.open.is_empty()), "{sid}");
    }
}

#[test]
fn who_can_do_what_is_said_in_words() {
    let findings = findings(without("QuarantineIsAttachedAndDetachedByBailiff"));
    let open: Vec<&Finding> = findings.iter().filter(|finding| !finding.holds()).collect();
    let [finding] = open.as_slice() else { panic!("{open:#?}") };
    assert_eq!(finding.protection, Protection::QuarantineAttachment);
    assert_eq!(
        finding.open.first().unwrap(),
        "an administrator's user and an administrator's role can detach the quarantine policy from a user \
         (iam:DetachUserPolicy)"
    );
    // The root user is denied everything by another statement.
    assert!(finding.open.iter().all(|open| !open.contains("root")), "{finding:#?}");
}

#[test]
fn whom_the_policies_leave_out_is_told() {
    let findings = findings(filled());
    let but_for = |protection| {
        let finding = findings.iter().find(|finding| finding.protection == protection).unwrap();
        finding.but_for.iter().map(String::as_str).collect::<Vec<_>>()
    };
    let expected = ["arn:aws:iam::*:role/bailiff-*", "arn:aws:iam::*:role/incident-response"];
    assert_eq!(but_for(Protection::QuarantineAttachment), expected);
    assert_eq!(but_for(Protection::CloudTrailLogging), ["arn:aws:iam::*:role/deployer"]);
    assert!(but_for(Protection::LeavingOrganization).is_empty());
}

#[test]
fn a_policy_that_keeps_bailiff_out_too_is_in_the_way() {
    let mut policies = filled();
    for policy in policies.iter_mut().filter(|policy| policy.name == "protect-quarantine") {
        for statement in &mut policy.policy.statements {
            statement.conditions.retain(|condition| !condition.is_about("aws:PrincipalArn"));
        }
    }
    let findings = findings(policies);
    let finding =
        findings.iter().find(|finding| finding.protection == Protection::QuarantineAttachment).unwrap();
    assert!(finding.open.is_empty());
    assert_eq!(
        finding.in_the_way.first().unwrap(),
        "arn:aws:sts::111122223333:assumed-role/bailiff-suspend-principal/session cannot put a user into quarantine \
         for good (iam:AttachUserPolicy): protect-quarantine: QuarantineIsAttachedAndDetachedByBailiff"
    );
}

#[test]
fn a_policy_for_a_stack_of_another_name_protects_nothing_of_this_one() {
    let other = Settings { stack: "other".to_owned(), ..settings() };
    let policies = packed().iter().map(|policy| policy.policy(&other).unwrap()).collect();
    let findings = findings(policies);
    let open = |protection| {
        findings.iter().any(|finding| finding.protection == protection && !finding.open.is_empty())
    };
    assert!(open(Protection::QuarantineAttachment) && open(Protection::BailiffRoles));
    assert!(!open(Protection::RootUser));
}

fn denying(statement: serde_json::Value) -> ControlPolicy {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let policy = Policy::parse(&document.to_string(), PolicyKind::ServiceControl).unwrap();
    ControlPolicy { name: "x".to_owned(), control: ControlType::ServiceControl, policy }
}

fn of(protection: Protection, policies: Vec<ControlPolicy>) -> Finding {
    check(&in_force(policies), &asked(), &[protection]).remove(0)
}

/// Written otherwise than the pack, and for one account alone.
#[test]
fn a_policy_in_other_words_counts() {
    let other = |resource: &str| {
        denying(json!({
            "Effect": "Deny", "NotAction": ["s3:*", "ec2:*"], "Resource": resource,
            "Condition": {
                "StringEquals": { "iam:policyarn": "arn:aws:iam::111122223333:policy/bailiff-quarantine" },
                "StringNotLike": { "AWS:PRINCIPALARN": "arn:aws:iam::111122223333:role/bailiff-*" },
            },
        }))
    };
    assert!(of(Protection::QuarantineAttachment, vec![other("*")]).holds());
    let users = of(Protection::QuarantineAttachment, vec![other("arn:aws:iam::*:user/*")]);
    assert!(!users.open.is_empty() && users.open.iter().all(|open| open.contains("a role")), "{users:#?}");
}

#[test]
fn a_policy_for_another_region_protects_no_function_in_this_one() {
    let region = |region: &str| {
        denying(
            json!({ "Effect": "Deny", "Action": ["lambda:*", "events:*", "cloudwatch:*", "logs:*", "cloudformation:*"],
            "Resource": format!("arn:aws:*:{region}:*:*") }),
        )
    };
    assert!(of(Protection::BailiffFunctions, vec![region("us-east-1")]).open.is_empty());
    assert!(!of(Protection::BailiffFunctions, vec![region("eu-west-1")]).open.is_empty());
}

#[test]
fn what_denies_only_without_mfa_or_elsewhere_is_no_protection() {
    for condition in [
        json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
        json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
        json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } }),
        json!({ "Bool": { "aws:ViaAWSService": "false" } }),
    ] {
        let always = json!({ "Effect": "Deny", "Action": "*", "Resource": "*" });
        assert!(of(Protection::QuarantineAttachment, vec![denying(always.clone())]).open.is_empty());
        let mut sometimes = always;
        sometimes["Condition"] = condition;
        let finding = of(Protection::QuarantineAttachment, vec![denying(sometimes.clone())]);
        assert!(!finding.open.is_empty(), "{sometimes}");
    }
}

#[test]
fn each_protection_is_known_by_its_name() {
    for protection in Protection::ALL {
        assert_eq!(protection.id().parse(), Ok(protection));
    }
    let error = "quarantine".parse::<Protection>().unwrap_err().to_string();
    assert!(error.starts_with("`quarantine` is no protection; there are quarantine-attachment, "), "{error}");
}
