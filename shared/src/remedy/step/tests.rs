use serde_json::Value;

use super::*;
use crate::facts::fixture::{
    account, alice, arn, attached, credential_id, customer_policy, days, deployer, developers, inline, key,
    key_id, now, other, throttled,
};
use crate::facts::{
    AccessKey, Account, Entity, Fact, Group, InlinePolicy, KeyStatus, ManagedPolicy, OtherCredential,
    PasswordPolicy, Read, Resource, Role, User,
};
use crate::remedy::QUARANTINE_TAG;
use crate::remedy::apply::apply;

const POLICY: &str = "arn:aws:iam::111122223333:policy/team";
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";
const PRIOR: &str = "arn:aws:iam::111122223333:policy/prior";
const NARROW: &str = r#"{"Statement":[{"Sid":"Read"}]}"#;
const STRICT: PasswordPolicy = PasswordPolicy {
    minimum_password_length: 14,
    max_password_age: Some(90),
    password_reuse_prevention: Some(24),
    ..PasswordPolicy::IN_PLACE_OF_NONE
};
const WEAK: PasswordPolicy = PasswordPolicy { require_symbols: false, ..PasswordPolicy::IN_PLACE_OF_NONE };
const TEXT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

fn trust(account: &str) -> PolicyDocument {
    PolicyDocument::new(format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"sts:AssumeRole"}}]}}"#
    ))
}

/// One step of every kind, with and without a boundary to replace.
fn every_step() -> Vec<Step> {
    let user = || alice().identity;
    let role = || deployer().identity;
    let key = || key_id('A');
    let policy = || PolicyName::parse("s3").unwrap();
    let document = || PolicyDocument::new(TEXT);
    let boundary = || arn(BOUNDARY);
    let (tag, value) = (|| QUARANTINE_TAG.to_owned(), || "true".to_owned());
    let credential = |kind| {
        let off = Step::DeactivateCredential { user: user(), kind, credential: credential_id('A') };
        (off, Step::ActivateCredential { user: user(), kind, credential: credential_id('A') })
    };
    vec![
        Step::DeactivateAccessKey { user: user(), key: key() },
        Step::ActivateAccessKey { user: user(), key: key() },
        Step::DeleteAccessKey {
            user: user(),
            key: key(),
            switched_off_under: "20260801t090000-0123456789ab".to_owned(),
            since: now() - days(100),
        },
        Step::DeleteUserPolicy { user: user(), policy: policy(), document: document() },
        Step::PutUserPolicy { user: user(), policy: policy(), document: document() },
        Step::DetachUserPolicy { user: user(), policy: arn(POLICY) },
        Step::AttachUserPolicy { user: user(), policy: arn(POLICY) },
        Step::DeleteLoginProfile { user: user() },
        Step::PutUserPermissionsBoundary { user: user(), boundary: boundary(), replaces: None },
        Step::PutUserPermissionsBoundary { user: user(), boundary: boundary(), replaces: Some(arn(PRIOR)) },
        Step::DeleteUserPermissionsBoundary { user: user(), boundary: boundary() },
        Step::TagUser { user: user(), tag: tag(), value: value() },
        Step::UntagUser { user: user(), tag: tag(), value: value() },
        Step::TagRole { role: role(), tag: tag(), value: value() },
        Step::UntagRole { role: role(), tag: tag(), value: value() },
        Step::DeleteRolePolicy { role: role(), policy: policy(), document: document() },
        Step::PutRolePolicy { role: role(), policy: policy(), document: document() },
        Step::DetachRolePolicy { role: role(), policy: arn(POLICY) },
        Step::AttachRolePolicy { role: role(), policy: arn(POLICY) },
        Step::PutRolePermissionsBoundary { role: role(), boundary: boundary(), replaces: None },
        Step::PutRolePermissionsBoundary { role: role(), boundary: boundary(), replaces: Some(arn(PRIOR)) },
        Step::DeleteRolePermissionsBoundary { role: role(), boundary: boundary() },
        Step::UpdateAssumeRolePolicy { role: role(), document: trust("111122223333"), replaces: trust("*") },
        Step::UpdateRoleMaxSessionDuration { role: role(), seconds: 3_600, replaces: 43_200 },
        credential(OtherCredentialKind::SshPublicKey).0,
        credential(OtherCredentialKind::ServiceSpecificCredential).0,
        credential(OtherCredentialKind::SigningCertificate).0,
        credential(OtherCredentialKind::SshPublicKey).1,
        Step::DetachGroupPolicy { group: developers().identity, policy: arn(POLICY) },
        Step::AttachGroupPolicy { group: developers().identity, policy: arn(POLICY) },
        Step::CreatePolicyVersion {
            policy: customer_policy(TEXT).identity,
            document: PolicyDocument::new(NARROW),
            replaces: version("v1"),
            prior: document(),
        },
        Step::SetDefaultPolicyVersion {
            policy: customer_policy(TEXT).identity,
            version: version("v1"),
            document: document(),
            replaces: PolicyDocument::new(NARROW),
            replaces_version: None,
        },
        Step::SetDefaultPolicyVersion {
            policy: customer_policy(TEXT).identity,
            version: version("v1"),
            document: PolicyDocument::new(NARROW),
            replaces: document(),
            replaces_version: Some(version("v2")),
        },
        Step::UpdateAccountPasswordPolicy { account: account().identity, policy: STRICT, replaces: None },
        Step::UpdateAccountPasswordPolicy {
            account: account().identity,
            policy: STRICT,
            replaces: Some(WEAK),
        },
        Step::DeleteAccountPasswordPolicy { account: account().identity, policy: STRICT },
    ]
}

fn version(text: &str) -> PolicyVersionId {
    PolicyVersionId::parse(text).unwrap()
}

/// A resource with one thing of each kind, or with none.
struct World {
    key: Option<AccessKey>,
    /// A credential of every other kind, on or off.
    others: Option<KeyStatus>,
    policy: Option<InlinePolicy>,
    attached: bool,
    password: bool,
    boundary: Option<&'static str>,
    tag: Option<(&'static str, &'static str)>,
    trust: Option<PolicyDocument>,
    seconds: u32,
    /// The version in force of a policy, and its text.
    text: (&'static str, &'static str),
    passwords: Option<PasswordPolicy>,
}

const NOTHING: World = World {
    key: None,
    others: None,
    policy: None,
    attached: false,
    password: false,
    boundary: None,
    tag: None,
    trust: None,
    seconds: 7_200,
    text: ("v1", TEXT),
    passwords: None,
};

impl World {
    fn live(self, step: &Step) -> Resource {
        let inline_policies = Fact::from(self.policy.map(|policy| vec![policy, inline("other", "{}")]));
        let attached_policies = Fact::from(self.attached.then(|| vec![attached(POLICY), attached(PRIOR)]));
        let boundary = Fact::from(self.boundary.map(arn));
        let team = ("team".to_owned(), "platform".to_owned());
        let tag = self.tag.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let tags = Fact::Known(std::iter::once(team).chain(tag).collect());
        match step.resource() {
            ResourceIdentity::User(_) => {
                let user = if self.password { alice().with_password(days(1)) } else { alice() };
                let access_keys = Fact::from(
                    self.key.map(|live| vec![key('B', days(1)), live, key('C', days(1)).nameless()]),
                );
                let user = match self.others {
                    None => user,
                    Some(status) => user.with_others(OtherCredentialKind::ALL.into_iter().flat_map(|kind| {
                        let live = OtherCredential { status, ..other(kind, 'A', days(1)) };
                        [other(kind, 'B', days(1)), live]
                    })),
                };
                User { tags, boundary, inline_policies, attached_policies, access_keys, ..user }.into()
            }
            ResourceIdentity::Role(_) => {
                let trust = self.trust.into();
                let max_session_duration = Fact::Known(self.seconds);
                Role {
                    tags,
                    trust,
                    max_session_duration,
                    boundary,
                    inline_policies,
                    attached_policies,
                    ..deployer()
                }
                .into()
            }
            ResourceIdentity::Group(_) => Group { inline_policies, attached_policies, ..developers() }.into(),
            ResourceIdentity::Policy(_) => {
                let default_version = Fact::Known(version(self.text.0));
                ManagedPolicy { default_version, ..customer_policy(self.text.1) }.into()
            }
            ResourceIdentity::Account(_) => {
                Account { password_policy: self.passwords.into(), ..account() }.into()
            }
            other => panic!("{other}"),
        }
    }
}

/// The worlds before and after a step, and those in which somebody else has been at it.
fn worlds(step: &Step) -> (World, World, Vec<World>) {
    let active = || World { key: Some(key('A', days(1))), ..NOTHING };
    let inactive = || World { key: Some(key('A', days(1)).inactive()), ..NOTHING };
    let others = |status| World { others: Some(status), ..NOTHING };
    let written = || World { policy: Some(inline("s3", TEXT)), ..NOTHING };
    // The same to IAM, but not what the journal would put back.
    let rewritten = || World { policy: Some(inline("s3", TEXT.replace(',', ", "))), ..NOTHING };
    let attached = || World { attached: true, ..NOTHING };
    let password = || World { password: true, ..NOTHING };
    let text = |version, text| World { text: (version, text), ..NOTHING };
    let bound = |boundary| World { boundary: Some(boundary), ..NOTHING };
    let tagged = |key, value| World { tag: Some((key, value)), ..NOTHING };
    let trusting = |account| World { trust: Some(trust(account)), ..NOTHING };
    let passwords = |policy| World { passwords: Some(policy), ..NOTHING };
    // The same but for an option that no rule demands by itself.
    let changed = || passwords(PasswordPolicy { allow_users_to_change_password: true, ..STRICT });
    let lasting = |seconds| World { seconds, ..NOTHING };
    match step {
        Step::UpdateAssumeRolePolicy { .. } => {
            (trusting("*"), trusting("111122223333"), vec![NOTHING, trusting("444455556666")])
        }
        Step::UpdateRoleMaxSessionDuration { .. } => (lasting(43_200), lasting(3_600), vec![lasting(7_200)]),
        Step::DeactivateAccessKey { .. } => (active(), inactive(), vec![NOTHING]),
        Step::ActivateAccessKey { .. } => (inactive(), active(), vec![NOTHING]),
        Step::DeleteAccessKey { .. } => {
            let used = key('A', days(400)).used(days(99)).inactive();
            (inactive(), NOTHING, vec![active(), World { key: Some(used), ..NOTHING }])
        }
        Step::DeactivateCredential { .. } => {
            (others(KeyStatus::Active), others(KeyStatus::Inactive), vec![NOTHING])
        }
        Step::ActivateCredential { .. } => {
            (others(KeyStatus::Inactive), others(KeyStatus::Active), vec![NOTHING])
        }
        // IAM takes keys that differ by case alone for one.
        Step::TagUser { .. } | Step::TagRole { .. } => (
            NOTHING,
            tagged(QUARANTINE_TAG, "true"),
            vec![tagged(QUARANTINE_TAG, "no"), tagged("Bailiff:Quarantined", "true")],
        ),
        Step::UntagUser { .. } | Step::UntagRole { .. } => (
            tagged(QUARANTINE_TAG, "true"),
            NOTHING,
            vec![tagged(QUARANTINE_TAG, "no"), tagged("Bailiff:Quarantined", "true")],
        ),
        Step::DeleteUserPolicy { .. } | Step::DeleteRolePolicy { .. } => {
            (written(), NOTHING, vec![rewritten()])
        }
        Step::PutUserPolicy { .. } | Step::PutRolePolicy { .. } => (NOTHING, written(), vec![rewritten()]),
        Step::DetachUserPolicy { .. } | Step::DetachRolePolicy { .. } | Step::DetachGroupPolicy { .. } => {
            (attached(), NOTHING, vec![])
        }
        Step::AttachUserPolicy { .. } | Step::AttachRolePolicy { .. } | Step::AttachGroupPolicy { .. } => {
            (NOTHING, attached(), vec![])
        }
        Step::CreatePolicyVersion { .. } => {
            (text("v1", TEXT), text("v2", NARROW), vec![text("v2", TEXT), text("v2", "{}"), text("v1", "{}")])
        }
        Step::SetDefaultPolicyVersion { replaces_version: Some(_), .. } => (
            text("v2", TEXT),
            text("v1", NARROW),
            vec![text("v2", NARROW), text("v3", TEXT), text("v3", "{}")],
        ),
        Step::SetDefaultPolicyVersion { replaces_version: None, .. } => {
            (text("v2", NARROW), text("v1", TEXT), vec![text("v2", TEXT), text("v3", "{}")])
        }
        Step::DeleteLoginProfile { .. } => (password(), NOTHING, vec![]),
        Step::PutUserPermissionsBoundary { replaces: None, .. }
        | Step::PutRolePermissionsBoundary { replaces: None, .. } => {
            (NOTHING, bound(BOUNDARY), vec![bound(PRIOR)])
        }
        Step::PutUserPermissionsBoundary { replaces: Some(_), .. }
        | Step::PutRolePermissionsBoundary { replaces: Some(_), .. } => {
            (bound(PRIOR), bound(BOUNDARY), vec![NOTHING, bound(POLICY)])
        }
        Step::DeleteUserPermissionsBoundary { .. } | Step::DeleteRolePermissionsBoundary { .. } => {
            (bound(BOUNDARY), NOTHING, vec![bound(PRIOR)])
        }
        Step::UpdateAccountPasswordPolicy { replaces: None, .. } => {
            (NOTHING, passwords(STRICT), vec![passwords(WEAK), changed()])
        }
        Step::UpdateAccountPasswordPolicy { replaces: Some(_), .. } => {
            (passwords(WEAK), passwords(STRICT), vec![NOTHING, changed()])
        }
        Step::DeleteAccountPasswordPolicy { .. } => {
            (passwords(STRICT), NOTHING, vec![passwords(WEAK), changed()])
        }
    }
}

#[test]
fn a_step_knows_what_lies_before_it_and_after_it() {
    for step in every_step() {
        let (before, after, changed) = worlds(&step);
        assert_eq!(step.state(&before.live(&step)), StepState::Pending, "{step}");
        assert_eq!(step.state(&after.live(&step)), StepState::Done, "{step}");
        for world in changed {
            let state = step.state(&world.live(&step));
            assert!(matches!(state, StepState::Changed(_) | StepState::Gone(_)), "{step}");
        }
    }
}

#[test]
fn carrying_a_step_out_makes_it_done_and_its_inverse_pending() {
    for step in every_step() {
        let mut live = worlds(&step).0.live(&step);
        apply(&step, &mut live);
        assert_eq!(step.state(&live), StepState::Done, "{step}");
        if let Inverse::Step(inverse) = step.inverse() {
            assert_eq!(inverse.state(&live), StepState::Pending, "{inverse}");
            apply(&inverse, &mut live);
            assert_eq!(step.state(&live), StepState::Pending, "{step}");
        }
    }
}

#[test]
fn what_could_not_be_read_is_unknown_and_never_done() {
    for step in every_step() {
        let unread = throttled(Read::GetUser);
        let live: Resource = match step.resource() {
            ResourceIdentity::User(_) => User {
                access_keys: Fact::Unknown(unread.clone()),
                inline_policies: Fact::Unknown(unread.clone()),
                attached_policies: Fact::Unknown(unread.clone()),
                login_profile: Fact::Unknown(unread.clone()),
                ssh_public_keys: Fact::Unknown(unread.clone()),
                service_specific_credentials: Fact::Unknown(unread.clone()),
                signing_certificates: Fact::Unknown(unread.clone()),
                boundary: Fact::Unknown(unread.clone()),
                tags: Fact::Unknown(unread.clone()),
                ..alice()
            }
            .into(),
            ResourceIdentity::Role(_) => Role {
                inline_policies: Fact::Unknown(unread.clone()),
                attached_policies: Fact::Unknown(unread.clone()),
                boundary: Fact::Unknown(unread.clone()),
                tags: Fact::Unknown(unread.clone()),
                trust: Fact::Unknown(unread.clone()),
                max_session_duration: Fact::Unknown(unread.clone()),
                ..deployer()
            }
            .into(),
            ResourceIdentity::Group(_) => {
                Group { attached_policies: Fact::Unknown(unread.clone()), ..developers() }.into()
            }
            ResourceIdentity::Policy(_) => {
                ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy(TEXT) }.into()
            }
            ResourceIdentity::Account(_) => {
                Account { password_policy: Fact::Unknown(unread.clone()), ..account() }.into()
            }
            other => panic!("{other}"),
        };
        assert_eq!(step.state(&live), StepState::Unknown(unread), "{step}");
    }
}

#[test]
fn what_a_step_says_it_needs_is_all_it_looks_at() {
    for step in every_step() {
        let (before, ..) = worlds(&step);
        let known = before.live(&step);
        let state = step.state(&match known {
            Resource::Entity(Entity::User(user)) => {
                let unread = User {
                    boundary: user.boundary.clone(),
                    tags: user.tags.clone(),
                    ..User::unread(user.identity.clone())
                };
                Resource::from(match step.needs() {
                    Some(Need::AccessKeys | Need::AccessKeyLastUse) => {
                        User { access_keys: user.access_keys, ..unread }
                    }
                    Some(Need::InlinePolicies) => User { inline_policies: user.inline_policies, ..unread },
                    Some(Need::AttachedPolicies) => {
                        User { attached_policies: user.attached_policies, ..unread }
                    }
                    Some(Need::SshPublicKeys) => User { ssh_public_keys: user.ssh_public_keys, ..unread },
                    Some(Need::ServiceSpecificCredentials) => {
                        User { service_specific_credentials: user.service_specific_credentials, ..unread }
                    }
                    Some(Need::SigningCertificates) => {
                        User { signing_certificates: user.signing_certificates, ..unread }
                    }
                    Some(Need::LoginProfile) => User { login_profile: user.login_profile, ..unread },
                    _ => unread,
                })
            }
            Resource::Entity(Entity::Role(role)) => {
                let unread = Role {
                    boundary: role.boundary.clone(),
                    tags: role.tags.clone(),
                    ..Role::unread(role.identity.clone())
                };
                Resource::from(match step.needs() {
                    Some(Need::InlinePolicies) => Role { inline_policies: role.inline_policies, ..unread },
                    Some(Need::AttachedPolicies) => {
                        Role { attached_policies: role.attached_policies, ..unread }
                    }
                    Some(Need::Trust) => Role { trust: role.trust, ..unread },
                    Some(Need::SessionDuration) => {
                        Role { max_session_duration: role.max_session_duration, ..unread }
                    }
                    _ => unread,
                })
            }
            Resource::Group(group) => {
                assert_eq!(step.needs(), Some(Need::AttachedPolicies));
                let unread = Group::unread(group.identity.clone());
                Group { attached_policies: group.attached_policies, ..unread }.into()
            }
            Resource::Policy(policy) => {
                assert_eq!(step.needs(), Some(Need::PolicyText));
                let unread = ManagedPolicy::unread(policy.identity.clone());
                // Which version is in force comes with the policy itself.
                ManagedPolicy { document: policy.document, default_version: policy.default_version, ..unread }
                    .into()
            }
            Resource::Account(account) => {
                assert_eq!(step.needs(), Some(Need::PasswordPolicy));
                let unread = Account::unread(account.identity.clone());
                Account { password_policy: account.password_policy, ..unread }.into()
            }
            other => panic!("{}", other.identity()),
        });
        assert_eq!(state, StepState::Pending, "{step}");
    }
}

#[test]
fn a_step_never_runs_on_the_other_kind_of_principal() {
    for step in every_step() {
        let other: Resource = match step.resource() {
            ResourceIdentity::User(_) => deployer().into(),
            _ => alice().into(),
        };
        assert!(matches!(step.state(&other), StepState::Changed(_)), "{step}");
    }
}

#[test]
fn a_trust_policy_is_known_by_what_it_says() {
    let step = Step::UpdateAssumeRolePolicy {
        role: deployer().identity,
        document: trust("111122223333"),
        replaces: trust("*"),
    };
    let state =
        |text: &str| step.state(&Role { trust: Fact::Known(PolicyDocument::new(text)), ..deployer() }.into());
    // IAM writes accounts and lists in its own way, and gives back what it wrote.
    assert_eq!(
        state(
            r#"{ "Statement": { "Action": ["sts:AssumeRole"], "Effect": "Allow",
                 "Principal": { "AWS": ["arn:aws:iam::111122223333:root"] } } }"#
        ),
        StepState::Done
    );
    for other in ["", "{", r#"{"Version":"2012-10-17","Statement":[]}"#, trust("111122223334").as_str()] {
        assert!(matches!(state(other), StepState::Changed(_)), "{other}");
    }
}

#[test]
fn a_key_without_an_id_is_not_taken_for_the_one_meant() {
    let live = Resource::from(alice().with_keys([key('A', days(1)).nameless()]));
    let step = alice().deactivate('A');
    assert_eq!(step.state(&live), StepState::Gone("access key …AAAA".to_owned()));
}

#[test]
fn the_inverse_of_the_inverse_is_the_step_itself() {
    let mut irreversible = Vec::new();
    for step in every_step() {
        match step.inverse() {
            Inverse::Step(inverse) => {
                assert_ne!(*inverse, step);
                assert_eq!(inverse.resource(), step.resource());
                assert_eq!(inverse.inverse(), Inverse::Step(Box::new(step)));
            }
            Inverse::Impossible(why) => {
                assert!(!why.is_empty());
                irreversible.push(step.write());
            }
        }
    }
    assert_eq!(irreversible, [Write::DeleteAccessKey, Write::DeleteLoginProfile]);
}

#[test]
fn every_step_says_itself_without_a_whole_key_id_or_a_policys_text() {
    let said: Vec<String> = every_step().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    deactivate access key …AAAA of user alice
    activate access key …AAAA of user alice
    delete access key …AAAA of user alice
    delete inline policy s3 from user alice
    put inline policy s3 on user alice
    detach team from user alice
    attach team to user alice
    delete the console password of user alice
    set permissions boundary boundary on user alice
    set permissions boundary boundary on user alice
    remove permissions boundary boundary from user alice
    set tag bailiff:quarantined on user alice
    remove tag bailiff:quarantined from user alice
    set tag bailiff:quarantined on role deployer
    remove tag bailiff:quarantined from role deployer
    delete inline policy s3 from role deployer
    put inline policy s3 on role deployer
    detach team from role deployer
    attach team to role deployer
    set permissions boundary boundary on role deployer
    set permissions boundary boundary on role deployer
    remove permissions boundary boundary from role deployer
    set the trust policy of role deployer
    set the maximum session duration of role deployer to 3600 s
    deactivate SSH public key …AAAA of user alice
    deactivate service-specific credential …AAAA of user alice
    deactivate signing certificate …AAAA of user alice
    activate SSH public key …AAAA of user alice
    detach team from group developers
    attach team to group developers
    put a narrower version of policy team in the place of v1
    put version v1 of policy team in force
    put version v1 of policy team in force
    set the password policy of account 111122223333: MinimumPasswordLength 14, RequireSymbols true, RequireNumbers true, RequireUppercaseCharacters true, RequireLowercaseCharacters true, AllowUsersToChangePassword false, MaxPasswordAge 90, PasswordReusePrevention 24, HardExpiry false
    set the password policy of account 111122223333: MinimumPasswordLength 14, RequireSymbols true, MaxPasswordAge 90, PasswordReusePrevention 24
    delete the password policy of account 111122223333
    ");
}

#[test]
fn every_step_comes_back_from_json_as_it_went() {
    for step in every_step() {
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(serde_json::from_str::<Step>(&json).unwrap(), step, "{json}");
    }
}

#[test]
fn the_shape_of_a_step_in_json_is_fixed() {
    // A journal holds it for years: what is written today must be read by every version to come.
    let steps = every_step();
    let shapes: Vec<String> = steps
        .iter()
        .map(|step| {
            let mut json = serde_json::to_value(step).unwrap();
            for whom in ["user", "role", "group", "policy", "account"] {
                if let Some(identity) = json.get_mut(whom).filter(|identity| identity.get("arn").is_some()) {
                    *identity = Value::from("…");
                }
            }
            json.to_string()
        })
        .collect();
    insta::assert_snapshot!(shapes.join("\n"), @r#"
    {"do":"DeactivateAccessKey","user":"…","key":"AKIAEXAMPLEAAAAAAAAA"}
    {"do":"ActivateAccessKey","user":"…","key":"AKIAEXAMPLEAAAAAAAAA"}
    {"do":"DeleteAccessKey","user":"…","key":"AKIAEXAMPLEAAAAAAAAA","switchedOffUnder":"20260801t090000-0123456789ab","since":"2026-08-14T09:00:00Z"}
    {"do":"DeleteUserPolicy","user":"…","policy":"s3","document":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}
    {"do":"PutUserPolicy","user":"…","policy":"s3","document":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}
    {"do":"DetachUserPolicy","user":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"AttachUserPolicy","user":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"DeleteLoginProfile","user":"…"}
    {"do":"PutUserPermissionsBoundary","user":"…","boundary":"arn:aws:iam::111122223333:policy/boundary","replaces":null}
    {"do":"PutUserPermissionsBoundary","user":"…","boundary":"arn:aws:iam::111122223333:policy/boundary","replaces":"arn:aws:iam::111122223333:policy/prior"}
    {"do":"DeleteUserPermissionsBoundary","user":"…","boundary":"arn:aws:iam::111122223333:policy/boundary"}
    {"do":"TagUser","user":"…","tag":"bailiff:quarantined","value":"true"}
    {"do":"UntagUser","user":"…","tag":"bailiff:quarantined","value":"true"}
    {"do":"TagRole","role":"…","tag":"bailiff:quarantined","value":"true"}
    {"do":"UntagRole","role":"…","tag":"bailiff:quarantined","value":"true"}
    {"do":"DeleteRolePolicy","role":"…","policy":"s3","document":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}
    {"do":"PutRolePolicy","role":"…","policy":"s3","document":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}
    {"do":"DetachRolePolicy","role":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"AttachRolePolicy","role":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"PutRolePermissionsBoundary","role":"…","boundary":"arn:aws:iam::111122223333:policy/boundary","replaces":null}
    {"do":"PutRolePermissionsBoundary","role":"…","boundary":"arn:aws:iam::111122223333:policy/boundary","replaces":"arn:aws:iam::111122223333:policy/prior"}
    {"do":"DeleteRolePermissionsBoundary","role":"…","boundary":"arn:aws:iam::111122223333:policy/boundary"}
    {"do":"UpdateAssumeRolePolicy","role":"…","document":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sts:AssumeRole\"}]}","replaces":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}"}
    {"do":"UpdateRoleMaxSessionDuration","role":"…","seconds":3600,"replaces":43200}
    {"do":"DeactivateCredential","user":"…","kind":"sshPublicKey","credential":"ACCAEXAMPLEAAAAAAAAAA"}
    {"do":"DeactivateCredential","user":"…","kind":"serviceSpecificCredential","credential":"ACCAEXAMPLEAAAAAAAAAA"}
    {"do":"DeactivateCredential","user":"…","kind":"signingCertificate","credential":"ACCAEXAMPLEAAAAAAAAAA"}
    {"do":"ActivateCredential","user":"…","kind":"sshPublicKey","credential":"ACCAEXAMPLEAAAAAAAAAA"}
    {"do":"DetachGroupPolicy","group":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"AttachGroupPolicy","group":"…","policy":"arn:aws:iam::111122223333:policy/team"}
    {"do":"CreatePolicyVersion","policy":"…","document":"{\"Statement\":[{\"Sid\":\"Read\"}]}","replaces":"v1","prior":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}
    {"do":"SetDefaultPolicyVersion","policy":"…","version":"v1","document":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","replaces":"{\"Statement\":[{\"Sid\":\"Read\"}]}"}
    {"do":"SetDefaultPolicyVersion","policy":"…","version":"v1","document":"{\"Statement\":[{\"Sid\":\"Read\"}]}","replaces":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","replacesVersion":"v2"}
    {"do":"UpdateAccountPasswordPolicy","account":"…","policy":{"minimumPasswordLength":14,"requireSymbols":true,"requireNumbers":true,"requireUppercaseCharacters":true,"requireLowercaseCharacters":true,"allowUsersToChangePassword":false,"maxPasswordAge":90,"passwordReusePrevention":24,"hardExpiry":false},"replaces":null}
    {"do":"UpdateAccountPasswordPolicy","account":"…","policy":{"minimumPasswordLength":14,"requireSymbols":true,"requireNumbers":true,"requireUppercaseCharacters":true,"requireLowercaseCharacters":true,"allowUsersToChangePassword":false,"maxPasswordAge":90,"passwordReusePrevention":24,"hardExpiry":false},"replaces":{"minimumPasswordLength":8,"requireSymbols":false,"requireNumbers":true,"requireUppercaseCharacters":true,"requireLowercaseCharacters":true,"allowUsersToChangePassword":false,"maxPasswordAge":null,"passwordReusePrevention":null,"hardExpiry":false}}
    {"do":"DeleteAccountPasswordPolicy","account":"…","policy":{"minimumPasswordLength":14,"requireSymbols":true,"requireNumbers":true,"requireUppercaseCharacters":true,"requireLowercaseCharacters":true,"allowUsersToChangePassword":false,"maxPasswordAge":90,"passwordReusePrevention":24,"hardExpiry":false}}
    "#);
    insta::assert_json_snapshot!(steps[0], @r#"
    {
      "do": "DeactivateAccessKey",
      "user": {
        "account": "111122223333",
        "name": "alice",
        "uniqueId": "AIDAEXAMPLEEXAMPLE001",
        "arn": "arn:aws:iam::111122223333:user/alice"
      },
      "key": "AKIAEXAMPLEAAAAAAAAA"
    }
    "#);
    insta::assert_json_snapshot!(steps[18], @r#"
    {
      "do": "AttachRolePolicy",
      "role": {
        "account": "111122223333",
        "name": "deployer",
        "uniqueId": "AROAEXAMPLEEXAMPLE001",
        "arn": "arn:aws:iam::111122223333:role/deployer"
      },
      "policy": "arn:aws:iam::111122223333:policy/team"
    }
    "#);
}

#[test]
fn a_step_with_a_field_it_does_not_know_is_refused() {
    let mut json = serde_json::to_value(alice().deactivate('A')).unwrap();
    json["force"] = Value::from(true);
    assert!(serde_json::from_value::<Step>(json).is_err());
    let unknown = serde_json::json!({ "do": "DeleteUser", "user": alice().identity });
    assert!(serde_json::from_value::<Step>(unknown).is_err());
}

#[test]
fn what_a_step_puts_on_somebody_is_the_policy_or_boundary_and_never_what_it_takes() {
    for step in every_step() {
        let puts_on = match &step {
            Step::AttachUserPolicy { .. }
            | Step::AttachRolePolicy { .. }
            | Step::AttachGroupPolicy { .. } => Some(arn(POLICY)),
            Step::PutUserPermissionsBoundary { .. } | Step::PutRolePermissionsBoundary { .. } => {
                Some(arn(BOUNDARY))
            }
            _ => None,
        };
        assert_eq!(step.puts_on(), puts_on.as_ref(), "{step}");
    }
}

#[test]
fn keys_and_other_credentials_are_switched_and_nothing_else_is() {
    for step in every_step() {
        let said = step.to_string();
        let switches = said.starts_with("activate ") || said.starts_with("deactivate ");
        assert_eq!(step.switches_credential(), switches, "{said}");
    }
}
