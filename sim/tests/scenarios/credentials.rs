//! Each kind of credential in a world of its own, where it alone keeps an attacker in: before a suspension it does, after
//! it does not. What it is good for is decided by the account's own policies, not by what Bailiff says of them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::facts::OtherCredentialKind;
use shared::identifier::{AccessKeyId, CredentialId, RoleName, UserName};
use shared::remedy::Status;
use sim::{AccountFile, Credential, Local};

use crate::fixture::*;
use crate::worlds::*;

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// By what there is room to deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Attached,
    Inline,
    Boundary,
}

/// What stays of it if somebody takes the deny off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// It is off by itself.
    Off,
    /// Nothing ends it but the deny and its own time.
    Alive,
}

struct Kind {
    name: &'static str,
    of_user: Value,
    credential: Credential,
    action: &'static str,
    alone: Alone,
}

fn ada() -> UserName {
    UserName::parse("ada").unwrap()
}

fn an_hour_ago() -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_hours(1)
}

fn of_key(last_four: &str) -> Credential {
    Credential::AccessKey(AccessKeyId::parse(&key_id(last_four)).unwrap())
}

fn other(kind: OtherCredentialKind, id: &str) -> Credential {
    Credential::Other { user: ada(), kind, id: CredentialId::parse(id).unwrap() }
}

/// Every kind that a user can have.
fn kinds() -> Vec<Kind> {
    let kind = |name, of_user, credential, action, alone| Kind { name, of_user, credential, action, alone };
    let session = || Credential::UserSession { user: ada(), issued: an_hour_ago() };
    let token = Credential::FederationToken { user: ada(), issued: an_hour_ago() };
    let with = |kind: &str, id: &str, service: Option<&str>, expires: Option<&str>| json!({"otherCredentials": [{"kind": kind, "id": id, "service": service, "expires": expires}]});
    let (ssh, service, certificate) = (
        OtherCredentialKind::SshPublicKey,
        OtherCredentialKind::ServiceSpecificCredential,
        OtherCredentialKind::SigningCertificate,
    );
    let (apka, acca, ta) = ("APKAEXAMPLEKEY00SSH1", "ACCAEXAMPLEKEY00SVC1X", "TAEXAMPLEKEY00000000CRT1");
    let git = Some("codecommit.amazonaws.com");
    let bedrock = Some("bedrock.amazonaws.com");
    vec![
        kind(
            "access key",
            json!({"accessKeys": [key("KEY1", 3, Some(0))]}),
            of_key("KEY1"),
            "s3:GetObject",
            Alone::Off,
        ),
        kind(
            "a second active key",
            json!({"accessKeys": [key("KEY1", 3, Some(0)), key("KEY2", 9, None)]}),
            of_key("KEY2"),
            "s3:GetObject",
            Alone::Off,
        ),
        kind(
            "console password",
            json!({"loginProfile": {}}),
            Credential::Password(ada()),
            "iam:CreateUser",
            Alone::Off,
        ),
        kind("its session", json!({"loginProfile": {}}), session(), "iam:CreateUser", Alone::Alive),
        kind(
            "GetSessionToken",
            json!({"accessKeys": [key("KEY1", 3, None)]}),
            session(),
            "s3:GetObject",
            Alone::Alive,
        ),
        kind(
            "GetFederationToken",
            json!({"accessKeys": [key("KEY1", 3, None)]}),
            token,
            "s3:GetObject",
            Alone::Alive,
        ),
        kind(
            "SSH key",
            with("sshPublicKey", apka, None, None),
            other(ssh, apka),
            "codecommit:GitPush",
            Alone::Off,
        ),
        kind(
            "service-specific credential",
            with("serviceSpecificCredential", acca, git, None),
            other(service, acca),
            "codecommit:GitPush",
            Alone::Off,
        ),
        kind(
            "long-term API key",
            with("serviceSpecificCredential", acca, bedrock, Some("2027-06-01T00:00:00Z")),
            other(service, acca),
            "bedrock:CallWithBearerToken",
            Alone::Off,
        ),
        kind(
            "signing certificate",
            with("signingCertificate", ta, None, None),
            other(certificate, ta),
            "ec2:RunInstances",
            Alone::Off,
        ),
    ]
}

/// What fills the quotas, so that there is room only there.
fn filling(room: Room) -> Value {
    let mut attached = vec![ADMIN.to_owned()];
    if room != Room::Attached {
        attached.extend(arns(9));
    }
    let inline = if room == Room::Boundary { vec![inline_of("big", 2_040)] } else { vec![] };
    json!({"attachedPolicies": attached, "inlinePolicies": inline})
}

fn world(kind: &Kind, room: Room) -> AccountFile {
    let mut user = json!({"name": "ada", "mfaDevices": ["m"]});
    for parts in [&kind.of_user, &filling(room)] {
        user.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    }
    users(json!([user]))
}

/// Somebody who administers the account takes off what denies.
fn lift(local: &Local) {
    local.world.edit(|account| {
        for user in &mut account.users {
            user.attached_policies.remove(&quarantine());
            user.inline_policies.retain(|policy| policy.name.as_str() != "BailiffQuarantine");
            user.boundary = None;
        }
        for role in &mut account.roles {
            role.attached_policies.remove(&quarantine());
            role.inline_policies.retain(|policy| policy.name.as_str() != "BailiffQuarantine");
            role.boundary = None;
        }
    });
}

#[test]
fn every_kind_of_credential_alone_lets_its_holder_in_until_its_user_is_suspended() {
    for kind in kinds() {
        for room in [Room::Attached, Room::Inline, Room::Boundary] {
            let local = local(world(&kind, room), all_rules("audit", ""));
            let lets_in = || local.world.admits(&kind.credential, kind.action);
            let case = format!("{}, {room:?}", kind.name);
            assert!(lets_in(), "{case}: it is good for nothing before");
            let outcome = suspend(&local, "user/ada").unwrap();
            assert_eq!(outcome.entry().unwrap().status, Status::Verified, "{case}");
            assert!(!lets_in(), "{case}");
            // Two nets: what can be switched off is off by itself too.
            lift(&local);
            assert_eq!(lets_in(), kind.alone == Alone::Alive, "{case}, with the deny taken off");
        }
    }
}

#[test]
fn a_key_that_is_switched_on_again_is_good_for_nothing() {
    for room in [Room::Attached, Room::Inline, Room::Boundary] {
        let kind = kinds().swap_remove(0);
        let local = local(world(&kind, room), all_rules("audit", ""));
        suspend(&local, "user/ada").unwrap();
        local.world.edit(|account| account.users[0].access_keys[0].status = shared::facts::KeyStatus::Active);
        assert!(!local.world.admits(&kind.credential, kind.action), "{room:?}");
    }
}

#[test]
fn sessions_of_a_suspended_role_are_over_whenever_they_began() {
    for room in [Room::Attached, Room::Inline, Room::Boundary] {
        let mut role = json!({"name": "deployer"});
        let mut filling = filling(room);
        if room == Room::Boundary {
            // A role has five times the room; what is left holds no deny.
            filling["inlinePolicies"] = json!([inline_of("big", 10_200)]);
        }
        role.as_object_mut().unwrap().extend(filling.as_object().unwrap().clone());
        let local = local(account(json!({"roles": [role]})), all_rules("audit", ""));
        let role = RoleName::parse("deployer").unwrap();
        let older = Credential::RoleSession { role: role.clone(), issued: an_hour_ago() };
        assert!(local.world.admits(&older, "s3:GetObject"), "{room:?}");
        suspend(&local, "role/deployer").unwrap();
        let newer =
            Credential::RoleSession { role, issued: local.world.now() + SignedDuration::from_hours(1) };
        for session in [&older, &newer] {
            assert!(!local.world.admits(session, "s3:GetObject"), "{room:?} {session:?}");
        }
        // With the deny taken off, older sessions stay over, where there was room to say so.
        lift(&local);
        assert_eq!(local.world.admits(&older, "s3:GetObject"), room == Room::Boundary, "{room:?}");
    }
}

#[test]
fn a_role_session_that_a_user_took_before_is_the_role_s_and_ends_with_it() {
    let file = account(json!({
        "users": [{"name": "ada", "accessKeys": [key("KEY1", 3, Some(0))], "attachedPolicies": [ADMIN]}],
        "roles": [{"name": "deployer", "attachedPolicies": [ADMIN]}]
    }));
    let local = local(file, all_rules("audit", ""));
    let role = RoleName::parse("deployer").unwrap();
    let session = Credential::RoleSession { role, issued: an_hour_ago() };
    suspend(&local, "user/ada").unwrap();
    // The user's deny does not reach it: whoever suspends a user looks at which roles it took.
    assert!(local.world.admits(&session, "s3:GetObject"));
    suspend(&local, "role/deployer").unwrap();
    assert!(!local.world.admits(&session, "s3:GetObject"));
}
