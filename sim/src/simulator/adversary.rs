//! An attacker who has the credentials of a principal that is being suspended and of a second administrator, and undoes
//! whatever can be undone, twice a second.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::facts::{KeyStatus, RoleIdentity, UserIdentity};
use shared::identifier::{
    AccessKeyId, AccountId, Arn, GroupName, OrganizationId, PolicyName, UniqueId, UserName,
};
use shared::organization::{OrganizationPolicies, Settings, pack};
use shared::policy::PolicyDocument;
use shared::remedy::{QUARANTINE_TAG, Step};

use super::accounts::ACCOUNT;
use super::dice::Dice;
use super::stage::{account_id, quarantine};
use crate::world::{Attempt, Caller, Credential, Meddler, Moment, Went};

const POLL: SignedDuration = SignedDuration::from_millis(500);
/// Denied calls that are handed on as events: more of them tell nothing new.
const DENIALS_TOLD: usize = 40;
/// What the attacker would do with the credential.
const WANTED: &str = "s3:GetObject";
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A group of administrators.
pub(crate) const ADMINISTRATORS: &str = "administrators";
/// An account that the attacker has elsewhere.
const OUTSIDE: &str = "999988887777";

/// A call that the attacker made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) at: Timestamp,
    pub(crate) call: &'static str,
    pub(crate) went: Went,
    pub(crate) event: Value,
    /// What it undid, if it was done.
    pub(crate) undid: Option<Undoes>,
    /// How many notices people had had by then.
    pub(crate) notices_before: usize,
    /// How many pages.
    pub(crate) pages_before: usize,
}

impl Made {
    /// CloudTrail's id of it.
    pub(crate) fn id(&self) -> &str {
        self.event.pointer("/detail/eventID").and_then(Value::as_str).unwrap_or_default()
    }
}

/// What of a suspension a call undoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undoes {
    /// What denies whoever is suspended.
    Deny,
    /// What the quarantine policy says.
    Policy,
    /// That a credential is off or gone: it is on again, or there is a new one.
    Credential,
    /// The mark by which the organisation's policies know whom they keep as they are.
    Mark,
}

/// Who is suspended.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    User(UserIdentity),
    Role(RoleIdentity),
}

impl Target {
    fn name(&self) -> &str {
        match self {
            Self::User(user) => user.name.as_str(),
            Self::Role(role) => role.name.as_str(),
        }
    }

    pub(crate) fn unique_id(&self) -> &UniqueId {
        match self {
            Self::User(user) => &user.unique_id,
            Self::Role(role) => &role.unique_id,
        }
    }

    pub(crate) fn arn(&self) -> &Arn {
        match self {
            Self::User(user) => &user.arn,
            Self::Role(role) => &role.arn,
        }
    }
}

pub(crate) struct Adversary {
    target: Target,
    second: UserIdentity,
    organization: Option<OrganizationPolicies>,
    next: Timestamp,
    until: Timestamp,
    dice: Dice,
    /// Fills the quotas that a quarantine needs, as fast as it can.
    pub(crate) fills: bool,
    denials: usize,
    pub(crate) made: Vec<Made>,
    /// At each look, whether the suspended principal's session was good for anything.
    pub(crate) looks: Vec<(Timestamp, bool)>,
}

impl Adversary {
    /// Comes at that time and gives up at the other.
    pub(crate) fn new(
        target: Target,
        second: UserIdentity,
        organization: Option<OrganizationPolicies>,
        (from, until): (Timestamp, Timestamp),
        mut dice: Dice,
    ) -> Self {
        let fills = dice.chance(150);
        let (made, looks) = (Vec::new(), Vec::new());
        Self { target, second, organization, next: from, until, dice, fills, denials: 0, made, looks }
    }

    /// As somebody who comes in before each call, having polled since the last one as often as it does.
    pub(crate) fn meddler(of: &Rc<RefCell<Self>>) -> Meddler {
        let of = Rc::clone(of);
        Box::new(move |moment: &mut Moment<'_>| of.borrow_mut().catch_up(moment))
    }

    /// Polls until now.
    pub(crate) fn catch_up(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now();
        while self.next <= now && self.next <= self.until {
            let at = self.next;
            moment.set_now(at);
            self.poll(moment, at);
            self.next = at.saturating_add(POLL).unwrap_or(Timestamp::MAX);
        }
        moment.set_now(now);
    }

    /// Whether the suspended principal's session, as old as the attack, is good for anything.
    pub(crate) fn is_alive(&self, moment: &Moment<'_>) -> bool {
        let issued = self.session_began();
        let session = match &self.target {
            Target::User(user) => Credential::UserSession { user: user.name.clone(), issued },
            Target::Role(role) => Credential::RoleSession { role: role.name.clone(), issued },
        };
        moment.admits(&session, WANTED)
    }

    fn session_began(&self) -> Timestamp {
        let first = self.looks.first().map_or(self.next, |(at, _)| *at);
        first.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(first)
    }

    fn poll(&mut self, moment: &mut Moment<'_>, at: Timestamp) {
        let alive = self.is_alive(moment);
        self.looks.push((at, alive));
        for (attempt, undoes) in self.attempts(moment, alive) {
            // With its own credential first, as long as it is good for that.
            for by in [self.own(), Caller::User(self.second.name.clone())] {
                let went = moment.attempt(&by, &attempt, self.organization.as_ref());
                moment.note(|| format!("the attacker as {by:?}: {}: {went:?}", attempt.call()));
                let denied = went == Went::Denied;
                self.denials += usize::from(denied);
                let told = !denied || self.denials <= DENIALS_TOLD;
                if told {
                    let key = made_key(moment, &attempt, &went);
                    let event = self.event(at, &by, &attempt, &went, key);
                    let done = went == Went::Done;
                    let undid = undoes.filter(|_| done);
                    let (notices_before, pages_before) = (moment.notices(), moment.paged());
                    self.made.push(Made {
                        at,
                        call: attempt.call(),
                        went: went.clone(),
                        event,
                        undid,
                        notices_before,
                        pages_before,
                    });
                }
                if !denied {
                    break;
                }
            }
        }
    }

    fn own(&self) -> Caller {
        match &self.target {
            Target::User(user) => Caller::User(user.name.clone()),
            Target::Role(role) => Caller::Role(role.name.clone()),
        }
    }

    /// All that there is to undo, each with what of the suspension it undoes.
    fn attempts(&mut self, moment: &Moment<'_>, alive: bool) -> Vec<(Attempt, Option<Undoes>)> {
        let mut attempts = match self.target.clone() {
            Target::User(user) => self.against_user(moment, &user),
            Target::Role(role) => self.against_role(moment, &role),
        };
        // Where nobody keeps its text, a quarantine policy that says something else is attached for nothing: Bailiff does
        // not read it.
        if self.organization.is_some() && !alive && self.dice.chance(50) {
            attempts.push((Attempt::RewriteQuarantine, Some(Undoes::Policy)));
        }
        if self.dice.chance(20) {
            attempts.push((Attempt::DeleteQuarantine, Some(Undoes::Policy)));
        }
        if self.dice.chance(30)
            && let Ok(name) = UserName::parse(&format!("backdoor-{}", self.dice.below(100)))
        {
            attempts.push((Attempt::CreateUser(name), None));
        }
        attempts
    }

    fn against_user(&mut self, moment: &Moment<'_>, user: &UserIdentity) -> Vec<(Attempt, Option<Undoes>)> {
        let Some(live) = moment.latest_user(&user.name) else { return Vec::new() };
        let mut attempts = Vec::new();
        let mut step = |step, undoes| attempts.push((Attempt::Step(step), undoes));
        let deny = Some(Undoes::Deny);
        let user = || user.clone();
        if let Some(value) = live.tags.get(QUARANTINE_TAG).cloned() {
            step(Step::UntagUser { user: user(), tag: QUARANTINE_TAG.to_owned(), value }, Some(Undoes::Mark));
        }
        if live.attached_policies.contains(&quarantine()) {
            step(Step::DetachUserPolicy { user: user(), policy: quarantine() }, deny);
        } else if self.fills && live.attached_policies.len() < 10 {
            for number in live.attached_policies.len()..10 {
                if let Ok(policy) = Arn::parse(&format!("arn:aws:iam::aws:policy/Filler{number}")) {
                    step(Step::AttachUserPolicy { user: user(), policy }, None);
                }
            }
        }
        for inline in live.inline_policies.iter().filter(|inline| is_ours(&inline.name)) {
            let (policy, document) = (inline.name.clone(), inline.document.clone());
            if self.dice.chance(500) {
                step(Step::DeleteUserPolicy { user: user(), policy, document }, deny);
            } else {
                let document = PolicyDocument::new(ALLOW_ALL);
                step(Step::PutUserPolicy { user: user(), policy, document }, deny);
            }
        }
        if live.boundary == Some(quarantine()) {
            if self.dice.chance(500) {
                let boundary = quarantine();
                step(Step::DeleteUserPermissionsBoundary { user: user(), boundary }, deny);
            } else if let Some(boundary) = self.other_boundary() {
                let replaces = Some(quarantine());
                step(Step::PutUserPermissionsBoundary { user: user(), boundary, replaces }, deny);
            }
        }
        let off = |status| status == KeyStatus::Inactive;
        for key in live.access_keys.iter().filter(|key| off(key.status)).filter_map(|key| key.id.clone()) {
            step(Step::ActivateAccessKey { user: user(), key }, Some(Undoes::Credential));
        }
        for other in live.other_credentials.iter().filter(|other| off(other.status)) {
            if let Some(credential) = other.id.clone() {
                let undoes = Some(Undoes::Credential);
                step(Step::ActivateCredential { user: user(), kind: other.kind, credential }, undoes);
            }
        }
        if live.login_profile.is_none() {
            attempts.push((Attempt::CreateLoginProfile(user().name), Some(Undoes::Credential)));
        }
        if live.access_keys.len() < 2 {
            attempts.push((Attempt::CreateAccessKey(user().name), Some(Undoes::Credential)));
        }
        if live.groups.is_empty()
            && self.dice.chance(50)
            && let Ok(group) = GroupName::parse(ADMINISTRATORS)
        {
            attempts.push((Attempt::AddUserToGroup(user().name, group), None));
        }
        if self.dice.chance(20) {
            attempts.push((Attempt::DeleteUser(user().name), None));
        }
        attempts
    }

    fn against_role(&mut self, moment: &Moment<'_>, role: &RoleIdentity) -> Vec<(Attempt, Option<Undoes>)> {
        let Some(live) = moment.latest_role(&role.name) else { return Vec::new() };
        let mut attempts = Vec::new();
        let mut step = |step, undoes| attempts.push((Attempt::Step(step), undoes));
        let deny = Some(Undoes::Deny);
        let role = || role.clone();
        if let Some(value) = live.tags.get(QUARANTINE_TAG).cloned() {
            step(Step::UntagRole { role: role(), tag: QUARANTINE_TAG.to_owned(), value }, Some(Undoes::Mark));
        }
        if live.attached_policies.contains(&quarantine()) {
            step(Step::DetachRolePolicy { role: role(), policy: quarantine() }, deny);
        }
        for inline in live.inline_policies.into_iter().filter(|inline| is_ours(&inline.name)) {
            let (policy, document) = (inline.name, inline.document);
            if self.dice.chance(500) {
                step(Step::DeleteRolePolicy { role: role(), policy, document }, deny);
            } else {
                let document = PolicyDocument::new(ALLOW_ALL);
                step(Step::PutRolePolicy { role: role(), policy, document }, deny);
            }
        }
        if live.boundary == Some(quarantine()) {
            if self.dice.chance(500) {
                step(Step::DeleteRolePermissionsBoundary { role: role(), boundary: quarantine() }, deny);
            } else if let Some(boundary) = self.other_boundary() {
                let replaces = Some(quarantine());
                step(Step::PutRolePermissionsBoundary { role: role(), boundary, replaces }, deny);
            }
        }
        if !live.trust.as_str().contains(OUTSIDE) && self.dice.chance(50) {
            let document = PolicyDocument::new(format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{ACCOUNT}","{OUTSIDE}"]}},"Action":"sts:AssumeRole"}}]}}"#
            ));
            step(Step::UpdateAssumeRolePolicy { role: role(), document, replaces: live.trust }, None);
        }
        if self.dice.chance(20) {
            attempts.push((Attempt::DeleteRole(role().name), None));
        }
        attempts
    }

    /// One that denies less than the quarantine: AWS's own that bounds nothing, or any other.
    fn other_boundary(&mut self) -> Option<Arn> {
        let name = self.dice.pick(&["AdministratorAccess", "PowerUserAccess", "IAMReadOnlyAccess"]);
        Arn::parse(&format!("arn:aws:iam::aws:policy/{name}")).ok()
    }

    /// The call as CloudTrail tells of it.
    fn event(
        &self,
        at: Timestamp,
        by: &Caller,
        attempt: &Attempt,
        went: &Went,
        key: Option<AccessKeyId>,
    ) -> Value {
        let number = self.made.len();
        let identity = match by {
            Caller::User(name) => {
                let id = match &self.target {
                    Target::User(user) if user.name == *name => &user.unique_id,
                    _ => &self.second.unique_id,
                };
                json!({"type": "IAMUser", "principalId": id, "accountId": ACCOUNT, "userName": name,
                    "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}")})
            }
            Caller::Role(name) => {
                let Target::Role(role) = &self.target else { return Value::Null };
                json!({"type": "AssumedRole", "principalId": format!("{}:session", role.unique_id),
                    "accountId": ACCOUNT, "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"),
                    "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": role.unique_id,
                        "accountId": ACCOUNT, "arn": role.arn, "userName": name}}})
            }
        };
        let on = self.target.name();
        let owner = match &self.target {
            Target::User(_) => "userName",
            Target::Role(_) => "roleName",
        };
        let (mut parameters, mut answer) = (json!({owner: on}), Value::Null);
        match attempt {
            Attempt::Step(Step::DetachUserPolicy { policy, .. } | Step::DetachRolePolicy { policy, .. }) => {
                parameters = json!({owner: on, "policyArn": policy});
            }
            Attempt::Step(Step::DeleteUserPolicy { policy, .. } | Step::DeleteRolePolicy { policy, .. }) => {
                parameters = json!({owner: on, "policyName": policy});
            }
            Attempt::Step(
                Step::PutUserPolicy { policy, document, .. } | Step::PutRolePolicy { policy, document, .. },
            ) => {
                parameters = json!({owner: on, "policyName": policy, "policyDocument": document});
            }
            Attempt::Step(
                Step::PutUserPermissionsBoundary { boundary, .. }
                | Step::PutRolePermissionsBoundary { boundary, .. },
            ) => {
                parameters = json!({owner: on, "permissionsBoundary": boundary});
            }
            Attempt::Step(Step::ActivateAccessKey { key, .. }) => {
                parameters = json!({owner: on, "accessKeyId": key, "status": "Active"});
            }
            Attempt::Step(Step::UntagUser { tag, .. } | Step::UntagRole { tag, .. }) => {
                parameters = json!({owner: on, "tagKeys": [tag]});
            }
            Attempt::Step(Step::UpdateAssumeRolePolicy { document, .. }) => {
                parameters = json!({owner: on, "policyDocument": document});
            }
            Attempt::AddUserToGroup(user, group) => {
                parameters = json!({"userName": user, "groupName": group});
            }
            Attempt::CreateUser(name) => {
                parameters = json!({"userName": name});
                answer = json!({"user": {"userName": name}});
            }
            Attempt::RewriteQuarantine => {
                parameters = json!({"policyArn": quarantine(), "setAsDefault": true, "policyDocument": "{}"});
            }
            Attempt::DeleteQuarantine => parameters = json!({"policyArn": quarantine()}),
            Attempt::Step(Step::ActivateCredential { credential, .. }) => {
                parameters = json!({owner: on, "sSHPublicKeyId": credential, "status": "Active"});
            }
            Attempt::CreateAccessKey(user) => {
                if let Some(key) = key {
                    answer = json!({"accessKey": {"userName": user, "accessKeyId": key, "status": "Active"}});
                }
            }
            Attempt::Step(_)
            | Attempt::CreateLoginProfile(_)
            | Attempt::DeleteUser(_)
            | Attempt::DeleteRole(_) => {}
        }
        let mut detail = json!({
            "eventVersion": "1.11", "eventID": format!("call-{number}"), "eventTime": at.to_string(),
            "eventSource": "iam.amazonaws.com", "eventName": attempt.call(), "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli", "userIdentity": identity,
            "requestParameters": parameters, "responseElements": answer, "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT,
        });
        let error = match went {
            Went::Done => None,
            Went::Denied => Some("AccessDenied"),
            Went::Refused => Some("LimitExceededException"),
        };
        if let (Some(error), Some(detail)) = (error, detail.as_object_mut()) {
            detail.insert("errorCode".to_owned(), json!(error));
        }
        json!({
            "version": "0", "id": format!("event-{number}"), "source": "aws.iam",
            "detail-type": "AWS API Call via CloudTrail", "account": ACCOUNT, "time": at.to_string(),
            "region": "us-east-1", "resources": [], "detail": detail,
        })
    }
}

/// The key that a call made.
fn made_key(moment: &Moment<'_>, attempt: &Attempt, went: &Went) -> Option<AccessKeyId> {
    let Attempt::CreateAccessKey(user) = attempt else { return None };
    let live = moment.latest_user(user).filter(|_| *went == Went::Done)?;
    live.access_keys.into_iter().max_by_key(|key| key.created)?.id
}

fn is_ours(policy: &PolicyName) -> bool {
    policy.as_str().starts_with("Bailiff")
}

/// The policies of `organization/`, in force, as an organisation fills them in that has a pipeline for users and keys.
pub(crate) fn organization() -> OrganizationPolicies {
    let list = |text: &str| vec![text.to_owned()];
    let settings = Settings {
        partition: "aws".to_owned(),
        stack: super::stage::STACK.to_owned(),
        deployers: list("arn:aws:iam::*:role/deployer"),
        responders: list("arn:aws:iam::*:role/incident-response"),
        pipelines: list("arn:aws:iam::*:role/identity-pipeline"),
        organization: OrganizationId::parse("o-a1b2c3d4e5").unwrap_or_else(|error| unreachable!("{error}")),
        trusted_accounts: AccountId::parse("444455556666").into_iter().collect(),
        outside_resources: Vec::new(),
        networks: list("203.0.113.0/24"),
        vpcs: Vec::new(),
    };
    let policies = pack().iter().map(|policy| policy.policy(&settings));
    let policies: Result<Vec<_>, _> = policies.collect();
    let policies = policies.unwrap_or_else(|error| unreachable!("the organisation's policies: {error}"));
    OrganizationPolicies::new(account_id(), &[policies])
}
