//! Calls that change users, roles and what they may do.

use super::*;

#[test]
fn a_credential_for_another_speaks_of_both_and_one_of_ones_own_of_nobody() {
    let made = answering(
        call("iam", "CreateAccessKey", &json!({ "userName": "mara.okafor" })),
        json!({ "accessKey": { "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "userName": "mara.okafor", "status": "Active" } }),
    );
    let expected = [
        "KeyMadeByAnother user mara.okafor key …EY01 by arn:aws:iam::111122223333:user/hal.brandt",
        &format!("MadeKeyForAnother {BY_HAL}"),
        "Changed user mara.okafor",
    ];
    assert_eq!(short(&made), expected);
    let console = answering(
        call("iam", "CreateAccessKey", &Value::Null),
        json!({ "accessKey": { "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "userName": "hal.brandt" } }),
    );
    assert_eq!(short(&console), ["Changed user hal.brandt"]);
    assert_eq!(iam("CreateAccessKey", &json!({ "userName": "hal.brandt" })), ["Changed user hal.brandt"]);
    assert_eq!(iam("CreateAccessKey", &Value::Null), ["Changed user hal.brandt"]);
    let active =
        json!({ "userName": "mara.okafor", "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "status": "Active" });
    assert_eq!(iam("UpdateAccessKey", &active), expected);
    let inactive =
        json!({ "userName": "mara.okafor", "accessKeyId": "AKIAQ2XH7WMRNEWKEY01", "status": "Inactive" });
    assert_eq!(iam("UpdateAccessKey", &inactive), ["Changed user mara.okafor"]);
    for name in ["CreateLoginProfile", "UpdateLoginProfile"] {
        assert_eq!(
            iam(name, &json!({ "userName": "mara.okafor", "passwordResetRequired": false })),
            [
                "PasswordMadeByAnother user mara.okafor by arn:aws:iam::111122223333:user/hal.brandt",
                &format!("MadePasswordForAnother {BY_HAL}"),
                "Changed user mara.okafor",
            ]
        );
    }
    assert_eq!(iam("ChangePassword", &Value::Null), ["Changed user hal.brandt"]);
    for name in ["DeactivateMFADevice", "EnableMFADevice"] {
        let device =
            json!({ "userName": "mara.okafor", "serialNumber": "arn:aws:iam::111122223333:mfa/mara" });
        let expected = [format!("TamperedWithMfa {BY_HAL}"), "Changed user mara.okafor".to_owned()];
        assert_eq!(iam(name, &device), expected);
        assert_eq!(iam(name, &json!({ "userName": "hal.brandt" })), ["Changed user hal.brandt"]);
    }
}

#[test]
fn rights_of_an_administrator_are_told_from_other_rights() {
    let aws = |name: &str| json!({ "userName": "mara.okafor", "policyArn": format!("arn:aws:iam::aws:policy/{name}") });
    let granted = [format!("GrantedAdmin {BY_HAL}"), "Changed user mara.okafor".to_owned()];
    assert_eq!(iam("AttachUserPolicy", &aws("AdministratorAccess")), granted);
    assert_eq!(iam("AttachUserPolicy", &aws("IAMFullAccess")), granted);
    assert_eq!(iam("AttachUserPolicy", &aws("ReadOnlyAccess")), ["Changed user mara.okafor"]);
    let lookalike = json!({ "userName": "mara.okafor", "policyArn": "arn:aws:iam::111122223333:policy/AdministratorAccess" });
    let expected = [
        "GrantedAdmin user hal.brandt if by policy/AdministratorAccess it is".to_owned(),
        "Changed user mara.okafor".to_owned(),
    ];
    assert_eq!(iam("AttachUserPolicy", &lookalike), expected);

    let document = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
            .to_string()
    };
    let put = |document: Value| {
        iam("PutRolePolicy", &json!({ "roleName": "tracker", "policyName": "p", "policyDocument": document }))
    };
    for action in ["*", "iam:*", "*:*"] {
        let expected = [format!("GrantedAdmin {BY_HAL}"), "Changed role tracker".to_owned()];
        assert_eq!(put(json!(document(action))), expected, "{action}");
    }
    for unclear in [
        json!(document("s3:*")),
        json!("HIDDEN_DUE_TO_SECURITY_REASONS"),
        Value::Null,
        json!("{"),
        json!("[]"),
    ] {
        assert_eq!(put(unclear.clone()), ["Changed role tracker"], "{unclear}");
    }

    let policy = "arn:aws:iam::111122223333:policy/depot-read";
    let version = |default: bool| {
        let parameters =
            json!({ "policyArn": policy, "policyDocument": document("*"), "setAsDefault": default });
        iam("CreatePolicyVersion", &parameters)
    };
    assert_eq!(version(true), [format!("GrantedAdmin {BY_HAL}"), "Changed policy/depot-read".to_owned()]);
    assert_eq!(version(false), ["Changed policy/depot-read"]);
    assert_eq!(
        iam("SetDefaultPolicyVersion", &json!({ "policyArn": policy, "versionId": "v1" })),
        [format!("SwitchedPolicyVersion {BY_HAL}"), "Changed policy/depot-read".to_owned()]
    );
    assert_eq!(
        iam("AddUserToGroup", &json!({ "userName": "mara.okafor", "groupName": "operations" })),
        ["GrantedAdmin user hal.brandt if by group/operations it is", "Changed user mara.okafor"]
    );
    let own = json!({ "groupName": "operations", "policyArn": "arn:aws:iam::111122223333:policy/team/own" });
    assert_eq!(
        iam("AttachGroupPolicy", &own),
        ["GrantedAdmin user hal.brandt if by policy/team/own it is", "Changed group/operations"]
    );
    assert_eq!(
        iam(
            "PutGroupPolicy",
            &json!({ "groupName": "operations", "policyName": "p", "policyDocument": document("*") })
        ),
        [format!("GrantedAdmin {BY_HAL}"), "Changed group/operations".to_owned()]
    );
}

#[test]
fn a_boundary_changed_may_have_been_the_one_that_denies_everything() {
    let changed = || "Changed user hal.brandt".to_owned();
    let removed = ["Boundary user hal.brandt, or RemovedBoundary user hal.brandt".to_owned(), changed()];
    assert_eq!(iam("DeleteUserPermissionsBoundary", &json!({ "userName": "hal.brandt" })), removed);
    let boundary = |arn: &str| {
        iam("PutUserPermissionsBoundary", &json!({ "userName": "hal.brandt", "permissionsBoundary": arn }))
    };
    assert_eq!(boundary("arn:aws:iam::aws:policy/AdministratorAccess"), removed);
    let other = ["Boundary user hal.brandt".to_owned(), changed()];
    assert_eq!(boundary("arn:aws:iam::111122223333:policy/staff-boundary"), other);
    assert_eq!(boundary("arn:aws:iam::111122223333:policy/bailiff-quarantine"), [changed()]);
    let role =
        json!({ "roleName": "tracker", "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    assert_eq!(iam("PutRolePermissionsBoundary", &role), ["Boundary role tracker", "Changed role tracker"]);
}

#[test]
fn trust_in_somebody_outside_is_told_from_trust_in_the_account() {
    let trust = |principal: Value, condition: Value| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition }
        ] })
        .to_string()
    };
    let outside = [
        trust(json!({ "AWS": "arn:aws:iam::999988887777:root" }), json!({})),
        trust(json!("*"), json!({})),
        trust(json!("*"), json!({ "StringEquals": { "aws:PrincipalOrgID": "o-larkfield01" } })),
    ];
    for document in outside {
        let expected = [format!("OpenedTrust {BY_HAL}"), "Changed role tracker".to_owned()];
        let update = json!({ "roleName": "tracker", "policyDocument": document });
        assert_eq!(iam("UpdateAssumeRolePolicy", &update), expected, "{document}");
        let create = json!({ "roleName": "tracker", "assumeRolePolicyDocument": document });
        assert_eq!(iam("CreateRole", &create), expected, "{document}");
    }
    for document in [
        trust(json!({ "AWS": "arn:aws:iam::111122223333:root" }), json!({})),
        trust(json!({ "Service": "lambda.amazonaws.com" }), json!({})),
        "not JSON".to_owned(),
    ] {
        let update = json!({ "roleName": "tracker", "policyDocument": document });
        assert_eq!(iam("UpdateAssumeRolePolicy", &update), ["Changed role tracker"], "{document}");
    }
}

#[test]
fn a_quarantine_lifted_is_seen_whoever_lifts_it() {
    let quarantine = "arn:aws:iam::111122223333:policy/bailiff-quarantine";
    let lifted = [format!("LiftedQuarantine {BY_HAL}"), "Changed user hal.brandt".to_owned()];
    assert_eq!(
        iam("DetachUserPolicy", &json!({ "userName": "hal.brandt", "policyArn": quarantine })),
        lifted
    );
    for name in ["BailiffQuarantine", "BailiffRevokeOlderSessions"] {
        for action in ["DeleteUserPolicy", "PutUserPolicy"] {
            assert_eq!(
                iam(action, &json!({ "userName": "hal.brandt", "policyName": name })),
                lifted,
                "{action}"
            );
        }
    }
    let other = json!({ "userName": "hal.brandt", "policyArn": "arn:aws:iam::111122223333:policy/staff" });
    assert_eq!(iam("DetachUserPolicy", &other), ["Changed user hal.brandt"]);
    let put_on = json!({ "userName": "mara.okafor", "policyArn": quarantine });
    assert_eq!(iam("AttachUserPolicy", &put_on), ["Changed user mara.okafor"]);
}

#[test]
fn every_change_to_a_principal_has_its_rules_judged() {
    for (name, parameters, changed) in [
        ("CreateUser", json!({ "userName": "mara.okafor" }), "user mara.okafor"),
        ("UpdateUser", json!({ "userName": "mara.okafor", "newUserName": "mara.o" }), "user mara.o"),
        ("TagRole", json!({ "roleName": "tracker", "tags": [] }), "role tracker"),
        ("RemoveUserFromGroup", json!({ "userName": "mara.okafor", "groupName": "g" }), "user mara.okafor"),
        ("DeleteGroup", json!({ "groupName": "operations" }), "group/operations"),
        ("UpdateAccountPasswordPolicy", json!({ "maxPasswordAge": 90 }), "root"),
        (
            "DetachRolePolicy",
            json!({ "roleName": "tracker", "policyArn": "arn:aws:iam::aws:policy/X" }),
            "role tracker",
        ),
    ] {
        assert_eq!(iam(name, &parameters), [format!("Changed {changed}")], "{name}");
    }
    for name in ["CreateVirtualMFADevice", "DeleteVirtualMFADevice"] {
        let nobody = iam(name, &json!({ "serialNumber": "arn:aws:iam::111122223333:mfa/mara" }));
        assert_eq!(nobody, [format!("ignored: `iam:{name}` is no sign of anything that is judged here")]);
    }
    let mut read = call("iam", "GetUser", &json!({ "userName": "mara.okafor" }));
    read["detail"]["readOnly"] = json!(true);
    assert_eq!(short(&read), ["ignored: it reads and changes nothing"]);
}

#[test]
fn a_new_user_and_role_come_with_their_unique_id() {
    let created = answering(
        call("iam", "CreateUser", &json!({ "userName": "mara.okafor" })),
        json!({ "user": { "userName": "mara.okafor", "userId": "AIDAQ2XH7WMR6JIU4SGRY" } }),
    );
    let expected = Suspect::of_user(Some("mara.okafor"), Some("AIDAQ2XH7WMR6JIU4SGRY")).unwrap();
    let hints = parse(&created).hints;
    assert_eq!(hints.first(), Some(&Hint::Changed { about: expected.clone() }));
    assert!(matches!(&hints[1..], [Hint::Made { about, .. }] if *about == expected), "{hints:?}");
}

#[test]
fn who_made_whom_is_told_of_all_that_gives_a_way_in_and_of_nothing_else() {
    let made = |name: &str, parameters: &Value| {
        let trigger = parse(&call("iam", name, parameters));
        trigger.hints.iter().find_map(|hint| match hint {
            Hint::Made { about, by, .. } => Some(format!("{} by {}", shown(about), shown(by))),
            _ => None,
        })
    };
    let user = json!({ "userName": "mara.okafor" });
    let by_hal = Some("user mara.okafor by user hal.brandt".to_owned());
    for name in ["CreateUser", "CreateAccessKey", "CreateLoginProfile", "PutUserPolicy", "AddUserToGroup"] {
        assert_eq!(made(name, &user), by_hal, "{name}");
    }
    let role = json!({ "roleName": "tracker" });
    for name in ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy"] {
        assert_eq!(made(name, &role), Some("role tracker by user hal.brandt".to_owned()), "{name}");
    }
    for name in ["DeleteUser", "DeleteUserPolicy", "DeactivateMFADevice", "TagUser"] {
        assert_eq!(made(name, &user), None, "{name}");
    }
}

#[test]
fn the_mark_counts_by_whose_it_is_and_what_is_done_to_it() {
    let touched = |name: &str, parameters: &Value| {
        let trigger = parse(&call("iam", name, parameters));
        trigger.hints.iter().find_map(|hint| match hint {
            Hint::Mark { of, touch, then } => match &**then {
                Hint::Threat { sign, about, .. } => {
                    Some(format!("{touch:?} of {}: {sign:?} by {}", shown(of), shown(about)))
                }
                other => panic!("{other:?}"),
            },
            Hint::Threat { sign, .. } => panic!("{sign} is believed unseen"),
            _ => None,
        })
    };
    for key in ["bailiff:quarantined", "Bailiff:Quarantined"] {
        assert_eq!(
            touched("UntagUser", &json!({ "userName": "mara.okafor", "tagKeys": ["team", key] })).as_deref(),
            Some("TakenOff of user mara.okafor: LiftedQuarantine by user hal.brandt")
        );
        assert_eq!(
            touched("TagRole", &json!({ "roleName": "tracker", "tags": [{ "key": key, "value": "true" }] }))
                .as_deref(),
            Some("Set of role tracker: SetQuarantineTag by user hal.brandt")
        );
    }
    let own = json!({ "userName": "mara.okafor", "tags": [{ "key": "bailiff:quarantined", "value": "" }] });
    assert!(touched("CreateUser", &own).is_some_and(|told| told.starts_with("Set of user mara.okafor")));
    for other in
        [json!({ "key": "owner", "value": "bailiff:quarantined" }), json!({ "key": null }), json!({})]
    {
        assert_eq!(touched("TagUser", &json!({ "userName": "mara.okafor", "tags": [other] })), None);
    }
    assert_eq!(touched("UntagUser", &json!({ "userName": "mara.okafor", "tagKeys": ["owner"] })), None);
}
