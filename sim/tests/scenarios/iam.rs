//! The simulated IAM is as strict as the real one.

use std::collections::BTreeSet;

use pollster::block_on;
use serde_json::json;
use shared::engine::{
    Clock as _, Journal as _, Opened, Page, ReadAccount as _, ReadIam as _, ResourceName, WriteError,
    WriteIam as _,
};

use shared::facts::{Fact, Need, ResourceIdentity, ResourceType, RoleIdentity, Subject, User, UserIdentity};
use shared::identifier::Arn;
use shared::policy::PolicyDocument;
use shared::remedy::{Status, Step};
use sim::{AccountFile, PageSizes, World};

use crate::fixture::*;
use crate::worlds::*;

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn world(user: serde_json::Value) -> (World, UserIdentity) {
    let world = World::new(users(json!([user])));
    let found = block_on(world.find(&ResourceName::User("ada".parse().unwrap()))).unwrap().unwrap();
    let ResourceIdentity::User(identity) = found.identity() else { panic!() };
    (world, identity)
}

fn refused(world: &World, step: &Step) -> String {
    match block_on(world.apply(step)) {
        Err(WriteError::Refused(why) | WriteError::QuotaUsedUp(why)) => {
            why.split(':').next().unwrap().to_owned()
        }
        other => panic!("{step}: {other:?}"),
    }
}

fn put(user: &UserIdentity, name: &str, document: &str) -> Step {
    Step::PutUserPolicy {
        user: user.clone(),
        policy: name.parse().unwrap(),
        document: PolicyDocument::new(document),
    }
}

fn managed(name: &str) -> Arn {
    Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:policy/{name}")).unwrap()
}

#[test]
fn what_is_not_there_is_no_such_entity() {
    let (world, user) = world(json!({"name": "ada"}));
    let policy: shared::identifier::PolicyName = "p".parse().unwrap();
    let document = PolicyDocument::new("{}");
    for step in [
        Step::DeactivateAccessKey { user: user.clone(), key: key_id("NONE").parse().unwrap() },
        Step::DeleteUserPolicy { user: user.clone(), policy, document },
        Step::DetachUserPolicy { user: user.clone(), policy: managed("p") },
        Step::AttachUserPolicy { user: user.clone(), policy: managed("nowhere") },
        Step::DeleteLoginProfile { user: user.clone() },
        Step::DeleteUserPermissionsBoundary { user: user.clone(), boundary: managed("p") },
        Step::PutUserPermissionsBoundary { user, boundary: managed("nowhere"), replaces: None },
    ] {
        assert_eq!(refused(&world, &step), "NoSuchEntity", "{step}");
    }
}

#[test]
fn ten_attached_policies_are_the_most() {
    let (world, user) = world(json!({"name": "ada", "attachedPolicies": arns(10)}));
    let eleventh = Step::AttachUserPolicy {
        user: user.clone(),
        policy: Arn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap(),
    };
    assert_eq!(refused(&world, &eleventh), "LimitExceeded");
    // Attaching what is attached is no error.
    let again = Step::AttachUserPolicy { user, policy: Arn::parse(&arns(1)[0]).unwrap() };
    assert_eq!(block_on(world.apply(&again)), Ok(()));
}

#[test]
fn inline_policies_count_without_white_space_and_all_together() {
    let (world, user) = world(json!({"name": "ada", "inlinePolicies": [inline_of("big", 2_040)]}));
    assert_eq!(block_on(world.apply(&put(&user, "small", "{ \"a\" :\n\t1}"))), Ok(()));
    assert_eq!(refused(&world, &put(&user, "more", "{}")), "LimitExceeded");
    // Overwriting one frees what it took.
    assert_eq!(block_on(world.apply(&put(&user, "big", "{}"))), Ok(()));
    assert_eq!(block_on(world.apply(&put(&user, "more", "{}"))), Ok(()));
    assert_eq!(refused(&world, &put(&user, "bad", "{")), "MalformedPolicyDocument");
}

#[test]
fn roles_that_belong_to_aws_cannot_be_modified() {
    let world = World::new(account(json!({"roles": [
        {"name": "AWSServiceRoleForConfig", "path": "/aws-service-role/config.amazonaws.com/"}
    ]})));
    let found =
        block_on(world.find(&ResourceName::Role("AWSServiceRoleForConfig".parse().unwrap()))).unwrap();
    let ResourceIdentity::Role(role) = found.unwrap().identity() else { panic!() };
    let role: RoleIdentity = role;
    let step = Step::AttachRolePolicy { role, policy: Arn::parse("arn:aws:iam::aws:policy/A").unwrap() };
    assert_eq!(refused(&world, &step), "UnmodifiableEntity");
}

#[test]
fn writes_go_by_name_as_the_api_does() {
    let (world, user) = world(json!({"name": "ada", "inlinePolicies": [{"name": "p"}]}));
    world.edit(|account| account.users[0].id = Some("AIDAANOTHERLIFE000001".parse().unwrap()));
    let step =
        Step::DeleteUserPolicy { user, policy: "p".parse().unwrap(), document: PolicyDocument::new("{}") };
    // Which is why a guard must look first.
    assert_eq!(block_on(world.apply(&step)), Ok(()));
    assert!(world.account().users[0].inline_policies.is_empty());
}

#[test]
fn the_credential_report_reads_as_iam_writes_it() {
    let (world, _) = world(json!({
        "name": "ada", "path": "/team/", "created": "2024-02-05T08:30:11.250Z", "loginProfile": {}, "mfaDevices": ["m"],
        "accessKeys": [
            {"created": "2026-01-02T03:04:05Z", "statusChanged": "2026-05-06T07:08:09Z",
             "lastUsed": {"at": "2026-11-01T00:00:00Z", "service": "sqs", "region": "us-east-1"}},
            {"status": "Inactive", "created": "2026-01-02T03:04:05Z"}, {}
        ]
    }));
    let Fact::Known(csv) = block_on(world.credential_report()) else { panic!() };
    let lines: Vec<&str> = std::str::from_utf8(&csv).unwrap().lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("<root_account>,arn:aws:iam::111122223333:root,"));
    assert_eq!(
        lines[2],
        "ada,arn:aws:iam::111122223333:user/team/ada,2024-02-05T08:30:11+00:00,true,no_information,\
         2024-02-05T08:30:11+00:00,N/A,true,true,2026-05-06T07:08:09+00:00,2026-11-01T00:00:00+00:00,us-east-1,sqs,\
         false,2026-01-02T03:04:05+00:00,N/A,N/A,N/A,false,N/A,false,N/A,1 additional access key"
    );
    assert_eq!(lines[0].split(',').count(), lines[1].split(',').count());
    assert_eq!(lines[0].split(',').count(), lines[2].split(',').count());
    assert!(shared::facts::CredentialReport::parse(&csv).is_ok());
}

#[test]
fn a_report_lasts_four_hours() {
    let (world, _) = world(json!({"name": "ada"}));
    let made = || {
        world.forget_calls();
        let Fact::Known(csv) = block_on(world.credential_report()) else { panic!() };
        (world.calls().total(), String::from_utf8(csv).unwrap().lines().count())
    };
    assert_eq!(made(), (3, 3));
    world.edit(|account| account.users.clear());
    world.advance(jiff::SignedDuration::from_mins(239));
    assert_eq!(made(), (2, 3));
    world.advance(jiff::SignedDuration::from_mins(2));
    assert_eq!(made(), (3, 2));
}

#[test]
fn what_was_not_asked_for_stays_unread() {
    let (world, _) = world(json!({"name": "ada", "accessKeys": [{}]}));
    let mut found = block_on(world.find(&ResourceName::User("ada".parse().unwrap()))).unwrap().unwrap();
    block_on(world.refresh(&mut found, &BTreeSet::from([Need::AccessKeys])));
    let Some(user) = User::of(&found) else { panic!() };
    assert!(user.inline_policies.is_unknown() && user.login_profile.is_unknown());
    assert!(user.access_keys.list().unwrap()[0].last_used.is_unknown());
    assert_eq!(world.calls().actions(), ["iam:GetUser", "iam:GetUser", "iam:ListAccessKeys"]);
}

#[test]
fn every_user_is_on_one_page_of_the_listing() {
    let all: Vec<_> = (0..40).map(|number| json!({"name": format!("user-{number:02}")})).collect();
    let world = World::new(users(json!(all)));
    world.set_page_sizes(PageSizes::Odd(5));
    let (mut names, mut marker) = (Vec::new(), None);
    loop {
        let Page { items, next } =
            block_on(world.resources(&[ResourceType::User].into(), marker.as_deref())).unwrap();
        names.extend(items.into_iter().map(|user| user.identity().name().to_owned()));
        match next {
            Some(next) => marker = Some(next),
            None => break,
        }
    }
    let expected: Vec<String> = (0..40).map(|number| format!("user-{number:02}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn the_journal_lets_one_entry_of_a_principal_be_open() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    sweep(&local);
    let world = &local.world;
    let closed = entry(&local);
    let principal = closed.plan.resource.unique_id();
    let mut first = closed.clone();
    first.id = "first".to_owned().try_into().unwrap();
    (first.status, first.closed) = (Status::Open, None);
    let mut second = first.clone();
    second.id = "second".to_owned().try_into().unwrap();
    assert_eq!(block_on(world.open(&closed)), Ok(Opened::Known));
    assert_eq!(block_on(world.open(&first)), Ok(Opened::New));
    assert_eq!(block_on(world.open(&second)), Ok(Opened::Busy(first.clone())));
    assert_eq!(block_on(world.unfinished(principal)), Ok(Some(first.clone())));
    let since = first.written_at();
    (first.status, first.closed) = (Status::Verified, Some(world.now()));
    assert_eq!(block_on(world.update(&first, since)), Ok(()));
    // Nor does anybody write over an end that they have not read.
    assert!(block_on(world.update(&first, since)).is_err());
    assert_eq!(block_on(world.unfinished(principal)), Ok(None));
    assert_eq!(block_on(world.open(&second)), Ok(Opened::New));
    // A worker thought dead does not open what others have closed.
    first.status = Status::Open;
    assert!(block_on(world.update(&first, first.written_at())).is_err());
}

#[test]
fn time_passes_by_sleeping_and_with_each_call() {
    let (world, _) = world(json!({"name": "ada"}));
    let before = world.now();
    block_on(world.sleep(jiff::SignedDuration::from_secs(2)));
    assert_eq!(world.now().duration_since(before).as_secs(), 2);
    let _ = block_on(world.resources(&[ResourceType::User].into(), None));
    assert!(world.now().duration_since(before) > jiff::SignedDuration::from_secs(2));
}

#[test]
fn an_account_written_out_and_read_again_is_the_same() {
    let account = World::new(something_of_everything()).account();
    let text = serde_json::to_string_pretty(&account).unwrap();
    let again = AccountFile::parse(&text).unwrap();
    assert_eq!(again, account);
    assert_eq!(World::new(again).account(), account);
}
