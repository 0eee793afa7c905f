//! Users, roles, groups and policies for tests, in few words: everything about them is known, and there is nothing, until a test
//! says otherwise.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::option;
use proptest::prelude::*;

use super::{
    AccessKey, Account, AccountIdentity, AccountSummary, AttachedPolicy, Fact, FederationProtocol, Group,
    GroupIdentity, IdentityProvider, IdentityProviderIdentity, InlinePolicy, KeyCount, KeyStatus, LastUse,
    LoginProfile, ManagedPolicy, OtherCredential, OtherCredentialKind, PasswordPolicy, PolicyIdentity,
    PolicyUsage, Privileges, Read, Role, RoleIdentity, RootUser, ServerCertificate,
    ServerCertificateIdentity, Span, Unread, User, UserIdentity, WhyUnread,
};
use crate::identifier::{
    AccessKeyId, AccountId, Arn, CredentialId, GroupName, OrganizationId, PolicyName, PolicyVersionId,
    RoleName, ServerCertificateName, UniqueId, UserName,
};
use crate::policy::PolicyDocument;
use crate::policy::account::Certainty;
use crate::policy::analysis::Tier;
use crate::remedy::Step;
use crate::rules::Context;
use crate::threat::{Grade, Risk, Sign, Source, Threat};

const ACCOUNT: &str = "111122223333";
/// The managed deny-all policy of the deployment under test.
pub(crate) const QUARANTINE: &str = "arn:aws:iam::111122223333:policy/bailiff-quarantine";

/// The moment at which every test judges.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

/// What rules may draw on at that moment.
pub(crate) fn context() -> Context {
    Context {
        quarantine_policy: arn(QUARANTINE),
        organization: Some(OrganizationId::parse("o-ours000000").unwrap()),
        trusted: Arc::new([AccountId::parse("777788889999").unwrap()].into()),
        used_up: std::collections::BTreeSet::new(),
        at: now(),
    }
}

/// So many days of 24 hours.
pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// So many days and one second.
pub(crate) fn just_over(whole: i64) -> SignedDuration {
    days(whole) + SignedDuration::from_secs(1)
}

/// The moment so long ago; a negative time lies ahead.
pub(crate) fn ago(age: SignedDuration) -> Timestamp {
    now() - age
}

/// Any ARN.
pub(crate) fn arn(text: &str) -> Arn {
    Arn::parse(text).unwrap()
}

/// A read that AWS throttled.
pub(crate) fn throttled(read: Read) -> Unread {
    Unread::new(read, WhyUnread::Throttled, "")
}

/// A policy that allows something.
pub(crate) const ALLOWS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
/// A policy that only denies.
pub(crate) const DENIES: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

/// Alice, a user of a thousand days with no credential and no policy.
pub(crate) fn alice() -> User {
    User {
        identity: UserIdentity {
            account: AccountId::parse(ACCOUNT).unwrap(),
            name: UserName::parse("alice").unwrap(),
            unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap(),
            arn: arn("arn:aws:iam::111122223333:user/alice"),
        },
        created: Fact::Known(ago(days(1000))),
        tags: Fact::Absent,
        boundary: Fact::Absent,
        inline_policies: Fact::Absent,
        attached_policies: Fact::Absent,
        groups: Fact::Absent,
        login_profile: Fact::Absent,
        password_last_changed: Fact::Absent,
        password_last_used: Fact::Absent,
        mfa_devices: Fact::Absent,
        access_keys: Fact::Absent,
        switched_off_keys: Fact::Absent,
        threats: Fact::Absent,
        departure: Fact::Absent,
        policy_texts: Fact::Absent,
        ssh_public_keys: Fact::Absent,
        no_ssh_public_key_at: None,
        service_specific_credentials: Fact::Absent,
        signing_certificates: Fact::Absent,
        privileges: Fact::Absent,
    }
}

/// Something that was seen just now, of middling risk.
pub(crate) fn threat(sign: Sign, source: Source) -> Threat {
    Threat {
        id: format!("{sign:?}"),
        source,
        sign,
        at: now(),
        heard: now(),
        key: None,
        by: None,
        said: String::new(),
        risk: Risk::of(sign, source, Grade::One),
    }
}

/// What somebody of a tier is known to be, for certain.
pub(crate) fn privileged(tier: Tier) -> Privileges {
    Privileges {
        tier,
        admin: tier == Tier::Platinum,
        certainty: Certainty::Is,
        path: Vec::new(),
        depends_on: Vec::new(),
        errors: Vec::new(),
    }
}

/// A role with no policy.
pub(crate) fn deployer() -> Role {
    Role {
        identity: RoleIdentity {
            account: AccountId::parse(ACCOUNT).unwrap(),
            name: RoleName::parse("deployer").unwrap(),
            unique_id: UniqueId::parse("AROAEXAMPLEEXAMPLE001").unwrap(),
            arn: arn("arn:aws:iam::111122223333:role/deployer"),
        },
        created: Fact::Known(ago(days(1000))),
        tags: Fact::Absent,
        trust: Fact::Absent,
        max_session_duration: Fact::Known(3_600),
        last_used: Fact::Absent,
        services: Fact::Absent,
        boundary: Fact::Absent,
        inline_policies: Fact::Absent,
        attached_policies: Fact::Absent,
        instance_profiles: Fact::Absent,
        threats: Fact::Absent,
        privileges: Fact::Absent,
    }
}

/// An account of no user, whose root user has a password, an MFA device and no key, and was never used.
pub(crate) fn account() -> Account {
    account_in("aws")
}

/// The same in another partition.
pub(crate) fn account_in(partition: &str) -> Account {
    Account {
        identity: AccountIdentity::new(&AccountId::parse(ACCOUNT).unwrap(), partition).unwrap(),
        summary: Fact::Known(AccountSummary {
            root_has_access_key: false,
            root_has_mfa: true,
            root_has_password: Some(true),
            users: 0,
        }),
        root: Fact::Known(RootUser {
            password_last_used: Fact::Absent,
            keys_last_used: vec![Fact::Absent, Fact::Absent],
        }),
        root_virtual_mfa_devices: Fact::Absent,
        password_policy: Fact::Known(PasswordPolicy::IN_PLACE_OF_NONE),
        active_keys: Fact::Known(KeyCount { counted: 0, more: false }),
        policy_usage: Fact::Known(PolicyUsage::default()),
        analyzers: Fact::Absent,
        security_contact: Fact::Known(()),
    }
}

/// A server certificate without tags, good for a hundred days.
pub(crate) fn certificate() -> ServerCertificate {
    ServerCertificate {
        identity: ServerCertificateIdentity::new(
            AccountId::parse(ACCOUNT).unwrap(),
            ServerCertificateName::parse("shop").unwrap(),
            arn("arn:aws:iam::111122223333:server-certificate/shop"),
        ),
        expires: Fact::Known(ago(-days(100))),
        tags: Fact::Absent,
    }
}

/// An identity provider without tags.
pub(crate) fn provider(protocol: FederationProtocol) -> IdentityProvider {
    let arn = match protocol {
        FederationProtocol::Saml => arn("arn:aws:iam::111122223333:saml-provider/office"),
        FederationProtocol::Oidc => {
            arn("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com")
        }
    };
    let identity = IdentityProviderIdentity::new(AccountId::parse(ACCOUNT).unwrap(), arn);
    IdentityProvider { tags: Fact::Absent, ..IdentityProvider::unread(identity, protocol) }
}

impl Account {
    pub(crate) fn summed_up(mut self, change: impl FnOnce(&mut AccountSummary)) -> Self {
        if let Fact::Known(summary) = &mut self.summary {
            change(summary);
        }
        self
    }
}

impl User {
    pub(crate) fn with_keys(self, keys: impl IntoIterator<Item = AccessKey>) -> Self {
        Self { access_keys: Fact::Known(keys.into_iter().collect()), ..self }
    }

    pub(crate) fn with_inline(self, policies: impl IntoIterator<Item = InlinePolicy>) -> Self {
        Self { inline_policies: Fact::Known(policies.into_iter().collect()), ..self }
    }

    /// With managed policies that allow something.
    pub(crate) fn with_attached(self, policies: impl IntoIterator<Item = AttachedPolicy>) -> Self {
        let policies: Vec<AttachedPolicy> = policies.into_iter().collect();
        let texts = policies.iter().map(|policy| (policy.arn.clone(), PolicyDocument::new(ALLOWS)));
        let policy_texts = Fact::Known(texts.collect());
        Self { attached_policies: Fact::Known(policies), policy_texts, ..self }
    }

    /// With a console password of that age, never used.
    pub(crate) fn with_password(self, age: SignedDuration) -> Self {
        let profile = LoginProfile { created: Span::exactly(ago(age)), reset_required: Some(false) };
        Self { login_profile: Fact::Known(profile), password_last_changed: Fact::Known(ago(age)), ..self }
    }

    pub(crate) fn password_used(self, age: SignedDuration) -> Self {
        Self { password_last_used: Fact::Known(ago(age)), ..self }
    }

    pub(crate) fn with_tag(self, key: &str, value: &str) -> Self {
        let mut tags = self.tags.known().unwrap().cloned().unwrap_or_default();
        tags.insert(key.to_owned(), value.to_owned());
        Self { tags: Fact::Known(tags), ..self }
    }

    pub(crate) fn with_groups<const N: usize>(self, groups: [&str; N]) -> Self {
        Self { groups: Fact::Known(groups.map(|name| GroupName::parse(name).unwrap()).to_vec()), ..self }
    }

    /// The user under another name and path, such as `/team/`.
    pub(crate) fn named(self, path: &str, name: &str) -> Self {
        let arn = arn(&format!("arn:aws:iam::{ACCOUNT}:user{path}{name}"));
        let identity = UserIdentity { name: UserName::parse(name).unwrap(), arn, ..self.identity };
        Self { identity, ..self }
    }

    /// With such credentials, each in the place of its kind.
    pub(crate) fn with_others(mut self, others: impl IntoIterator<Item = OtherCredential>) -> Self {
        for other in others {
            let fact = self.other_credentials_mut(other.kind);
            let mut list = fact.list().unwrap().to_vec();
            list.push(other);
            *fact = Fact::Known(list);
        }
        self
    }

    pub(crate) fn with_boundary(self, boundary: &str) -> Self {
        Self { boundary: Fact::Known(arn(boundary)), ..self }
    }

    pub(crate) fn deactivate(&self, letter: char) -> Step {
        Step::DeactivateAccessKey { user: self.identity.clone(), key: key_id(letter) }
    }
}

/// The id of the key that goes by the letter.
pub(crate) fn key_id(letter: char) -> AccessKeyId {
    AccessKeyId::parse(&format!("AKIAEXAMPLE{}", letter.to_string().repeat(9))).unwrap()
}

/// An active key of that age, never used.
pub(crate) fn key(letter: char, age: SignedDuration) -> AccessKey {
    AccessKey {
        id: Fact::Known(key_id(letter)),
        status: KeyStatus::Active,
        created: Span::exactly(ago(age)),
        last_used: Fact::Absent,
    }
}

impl AccessKey {
    pub(crate) fn used(self, age: SignedDuration) -> Self {
        self.used_with("s3", age)
    }

    pub(crate) fn used_with(self, service: &str, age: SignedDuration) -> Self {
        let last_use = LastUse { at: ago(age), service: service.to_owned(), region: "us-east-1".to_owned() };
        Self { last_used: Fact::Known(last_use), ..self }
    }

    pub(crate) fn use_unknown(self) -> Self {
        Self { last_used: Fact::Unknown(throttled(Read::GetAccessKeyLastUsed)), ..self }
    }

    pub(crate) fn inactive(self) -> Self {
        Self { status: KeyStatus::Inactive, ..self }
    }

    /// As the credential report gives it: without an id.
    pub(crate) fn nameless(self) -> Self {
        Self { id: Fact::not_read(Read::ListAccessKeys), ..self }
    }

    /// As the credential report gives it: created between the two.
    pub(crate) fn created_between(self, age: SignedDuration, another: SignedDuration) -> Self {
        Self { created: Span::between(ago(age), ago(another)), ..self }
    }
}

/// The id of the credential that goes by the letter.
pub(crate) fn credential_id(letter: char) -> CredentialId {
    CredentialId::parse(&format!("ACCAEXAMPLE{}", letter.to_string().repeat(10))).unwrap()
}

/// An active credential of that kind and age.
pub(crate) fn other(kind: OtherCredentialKind, letter: char, age: SignedDuration) -> OtherCredential {
    OtherCredential {
        kind,
        id: Fact::Known(credential_id(letter)),
        status: KeyStatus::Active,
        created: Span::exactly(ago(age)),
        service: None,
        expires: None,
    }
}

impl OtherCredential {
    pub(crate) fn inactive(self) -> Self {
        Self { status: KeyStatus::Inactive, ..self }
    }

    pub(crate) fn of(self, service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..self }
    }

    /// As the credential report gives it: without an id, created between the two.
    pub(crate) fn reported(self, age: SignedDuration, another: SignedDuration) -> Self {
        let id = Fact::not_read(Read::ListSigningCertificates);
        Self { id, created: Span::between(ago(age), ago(another)), ..self }
    }
}

/// An inline policy.
pub(crate) fn inline(name: &str, document: impl Into<String>) -> InlinePolicy {
    InlinePolicy { name: PolicyName::parse(name).unwrap(), document: PolicyDocument::new(document) }
}

/// An attached managed policy.
pub(crate) fn attached(policy: &str) -> AttachedPolicy {
    AttachedPolicy { arn: arn(policy) }
}

/// So many different managed policies of the account.
pub(crate) fn many_attached(count: usize) -> Vec<AttachedPolicy> {
    (0..count).map(|n| attached(&format!("arn:aws:iam::{ACCOUNT}:policy/team-{n}"))).collect()
}

/// A customer managed policy of a thousand days with that text, attached once and nobody's boundary.
pub(crate) fn customer_policy(text: &str) -> ManagedPolicy {
    ManagedPolicy {
        identity: PolicyIdentity {
            account: AccountId::parse(ACCOUNT).unwrap(),
            name: PolicyName::parse("team").unwrap(),
            unique_id: UniqueId::parse("ANPAEXAMPLEEXAMPLE001").unwrap(),
            arn: arn("arn:aws:iam::111122223333:policy/team"),
        },
        created: Fact::Known(ago(days(1000))),
        document: Fact::Known(PolicyDocument::new(text)),
        default_version: Fact::Known(PolicyVersionId::parse("v1").unwrap()),
        other_versions: Fact::Known(Vec::new()),
        attachments: Fact::Known(1),
        bounds: Fact::Known(0),
        holders: Fact::Known([].into()),
    }
}

/// A policy in the language's newest version with these statements.
pub(crate) fn policy_of(statements: &str) -> ManagedPolicy {
    customer_policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

/// A group of one member, with no policy.
pub(crate) fn developers() -> Group {
    Group {
        identity: GroupIdentity {
            account: AccountId::parse(ACCOUNT).unwrap(),
            name: GroupName::parse("developers").unwrap(),
            unique_id: UniqueId::parse("AGPAEXAMPLEEXAMPLE001").unwrap(),
            arn: arn("arn:aws:iam::111122223333:group/developers"),
        },
        created: Fact::Known(ago(days(1000))),
        inline_policies: Fact::Absent,
        attached_policies: Fact::Absent,
        members: Fact::Known([UserName::parse("alice").unwrap()].into()),
        privileges: Fact::not_read(Read::GetAccountAuthorizationDetails),
        holders: Fact::Known([alice().identity.into()].into()),
    }
}

/// Every policy that IAM takes.
pub(crate) fn any_password_policy() -> impl Strategy<Value = PasswordPolicy> {
    let flags = prop::array::uniform6(any::<bool>());
    (flags, 6..=128_u32, option::of(1..=1095_u32), option::of(1..=24_u32)).prop_map(
        |([symbols, numbers, upper, lower, change, hard], length, age, reuse)| PasswordPolicy {
            minimum_password_length: length,
            require_symbols: symbols,
            require_numbers: numbers,
            require_uppercase_characters: upper,
            require_lowercase_characters: lower,
            allow_users_to_change_password: change,
            max_password_age: age,
            password_reuse_prevention: reuse,
            hard_expiry: hard,
        },
    )
}
