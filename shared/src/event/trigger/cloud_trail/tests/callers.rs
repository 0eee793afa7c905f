//! Who calls, and what AWS refused.

use super::*;

#[test]
fn a_call_that_aws_refused_is_a_denial_to_be_counted_or_nothing() {
    let put = || call("iam", "PutUserPolicy", &json!({ "userName": "mara.okafor", "policyName": "p" }));
    for code in
        ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedAccess"]
    {
        assert_eq!(short(&refused_with(put(), code)), [format!("DeniedAgainAndAgain {BY_HAL}")], "{code}");
    }
    for code in ["NoSuchEntityException", "LimitExceededException", "ThrottlingException"] {
        assert_eq!(short(&refused_with(put(), code)), [format!("ignored: AWS refused it with `{code}`")]);
    }
    let mut read = refused_with(call("iam", "ListUsers", &Value::Null), "AccessDenied");
    read["detail"]["readOnly"] = json!(true);
    assert_eq!(short(&read), [format!("DeniedAgainAndAgain {BY_HAL}")]);
    let service = by(
        refused_with(put(), "AccessDenied"),
        json!({ "type": "AWSService", "invokedBy": "x.amazonaws.com" }),
    );
    assert_eq!(short(&service), ["ignored: AWS refused it with `AccessDenied`"]);
}

#[test]
fn a_try_of_a_dead_key_names_the_key() {
    let mut event = refused_with(call("sts", "GetCallerIdentity", &Value::Null), "InvalidClientTokenId");
    assert_eq!(short(&event), ["TriedDisabledKey holder of …RAND key …RAND"]);
    event["detail"]["userIdentity"]["accessKeyId"] = json!("ASIAQ2XH7WMRTEXAMPLE");
    assert_eq!(short(&event), ["ignored: AWS refused it with `InvalidClientTokenId`"]);
}

#[test]
fn bailiffs_own_calls_are_known_by_its_very_roles_and_no_others() {
    let detach = |who: Value| {
        let parameters = json!({ "userName": "mara.okafor", "policyArn": "arn:aws:iam::111122223333:policy/bailiff-quarantine" });
        short(&by(call("iam", "DetachUserPolicy", &parameters), who))
    };
    assert_eq!(detach(session("bailiff-restore")), ["ignored: Bailiff called it itself"]);
    for role in ["bailiff-evil", "path/bailiff-restore", "Bailiff-restore"] {
        let expected = format!("LiftedQuarantine role {}", role.rsplit('/').next().unwrap());
        assert_eq!(detach(session(role))[0], expected);
    }
    // The name of a session is its maker's choice.
    let mut named = session("tracker");
    named["arn"] = json!("arn:aws:sts::111122223333:assumed-role/tracker/bailiff-restore");
    assert_eq!(detach(named)[0], "LiftedQuarantine role tracker");
    let mut elsewhere = session("bailiff-restore");
    elsewhere["sessionContext"]["sessionIssuer"]["arn"] =
        json!("arn:aws:iam::999988887777:role/bailiff-restore");
    assert_eq!(detach(elsewhere)[0], "LiftedQuarantine role bailiff-restore");
}

#[test]
fn each_kind_of_caller_is_who_stands_behind_it() {
    let opened =
        |who: Value| short(&by(call("rolesanywhere", "CreateProfile", &json!({ "name": "depot" })), who));
    let issuer = json!({
        "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/hal.brandt", "userName": "hal.brandt"
    });
    for (who, expected) in [
        (session("tracker"), "OpenedFederation role tracker"),
        (
            session("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"),
            "OpenedFederation role AWSReservedSSO_Admin_1",
        ),
        (
            json!({ "type": "FederatedUser", "principalId": "111122223333:hal", "accountId": "111122223333",
                "arn": "arn:aws:sts::111122223333:federated-user/hal", "sessionContext": { "sessionIssuer": issuer } }),
            "OpenedFederation user hal.brandt",
        ),
        (
            json!({ "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "accountId": "111122223333" }),
            "OpenedFederation AIDAQ2XH7WMR5ZOC2NLWM",
        ),
        (
            json!({ "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/tracker/s" }),
            "OpenedFederation role tracker",
        ),
        (
            json!({ "type": "AWSAccount", "accountId": "999988887777", "principalId": "AIDAOTHER" }),
            "Page OpenedFederation",
        ),
        (
            json!({ "type": "IAMUser", "accountId": "999988887777", "userName": "hal.brandt" }),
            "Page OpenedFederation",
        ),
        (json!({ "type": "IdentityCenterUser", "accountId": "111122223333" }), "Page OpenedFederation"),
        (json!({ "type": "SAMLUser", "principalId": "x:y", "userName": "z" }), "Page OpenedFederation"),
        (json!({ "type": "WebIdentityUser", "userName": "z" }), "Page OpenedFederation"),
        (
            json!({ "type": "AWSService", "invokedBy": "sso.amazonaws.com" }),
            "ignored: `rolesanywhere:CreateProfile` is no sign of anything that is judged here",
        ),
        (
            json!({ "accountId": "111122223333", "invokedBy": "sso.amazonaws.com" }),
            "ignored: `rolesanywhere:CreateProfile` is no sign of anything that is judged here",
        ),
        (
            session("aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"),
            "ignored: `rolesanywhere:CreateProfile` is no sign of anything that is judged here",
        ),
    ] {
        assert_eq!(opened(who.clone()), [expected], "{who}");
    }
}

#[test]
fn what_a_service_does_for_somebody_is_that_somebodys_doing() {
    let parameters = json!({ "userName": "mara.okafor" });
    let mut through = hal();
    through["invokedBy"] = json!("cloudformation.amazonaws.com");
    let hints = short(&by(call("iam", "CreateAccessKey", &parameters), through));
    assert_eq!(hints[1], format!("MadeKeyForAnother {BY_HAL}"));
    let service =
        by(call("iam", "CreateAccessKey", &parameters), json!({ "type": "AWSService", "invokedBy": "x" }));
    assert_eq!(short(&service), ["Changed user mara.okafor"]);
}

#[test]
fn whoever_is_not_told_leaves_what_was_changed_a_change() {
    let changed = by(call("iam", "CreateUser", &json!({ "userName": "mara.okafor" })), json!({}));
    assert_eq!(short(&changed), ["Changed user mara.okafor"]);
    let unknown = by(call("rolesanywhere", "CreateProfile", &json!({ "name": "depot" })), json!({}));
    assert_eq!(short(&unknown), ["Page OpenedFederation"]);
}

#[test]
fn the_session_that_root_made_is_not_the_user_of_the_accounts_alias() {
    let who = json!({ "type": "FederatedUser", "principalId": "111122223333:hal", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:federated-user/hal", "sessionContext": { "sessionIssuer": {
            "type": "Root", "principalId": "111122223333", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root", "userName": "larkfield"
        } } });
    let made = by(call("rolesanywhere", "CreateProfile", &json!({ "name": "depot" })), who);
    assert_eq!(short(&made), ["Page OpenedFederation"]);
}

#[test]
fn a_hidden_name_is_no_name() {
    let who = json!({ "type": "IAMUser", "accountId": "111122223333", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS" });
    let denied = refused_with(by(call("signin", "ConsoleLogin", &Value::Null), who), "AccessDenied");
    assert_eq!(short(&denied), ["ignored: AWS refused it with `AccessDenied`"]);
}

#[test]
fn a_boolean_that_was_made_a_text_is_one() {
    let mut read = call("iam", "GetUser", &Value::Null);
    for (word, reads) in [("true", true), ("False", false)] {
        read["detail"]["readOnly"] = json!(word);
        assert_eq!(short(&read) == ["ignored: it reads and changes nothing"], reads, "{word}");
    }
}
