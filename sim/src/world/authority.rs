//! What credentials are good for in the simulated account: decided by the policies as requests find them at that moment,
//! which with lag is later than they were written.

use std::borrow::Cow;

use jiff::Timestamp;
use shared::facts::{Fact, KeyStatus, OtherCredentialKind};
use shared::identifier::{AccessKeyId, Arn, CredentialId, RoleName, UserName};
use shared::policy::evaluate::{Context, Decision, Policies, Principal, Request, Values, evaluate};
use shared::policy::{Policy, PolicyDocument, PolicyKind};

use super::World;
use super::aws_managed::well_known;
use super::iam::{Role, User};
use super::state::State;

/// A credential that is in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user's long-term access key.
    AccessKey(AccessKeyId),
    /// A user's console password: it makes sessions.
    Password(UserName),
    /// A session of a user, of the console or by `GetSessionToken`.
    UserSession {
        /// Whose.
        user: UserName,
        /// When it began.
        issued: Timestamp,
    },
    /// A session by `GetFederationToken`, with a session policy that allows everything.
    FederationToken {
        /// Who made it.
        user: UserName,
        /// When it began.
        issued: Timestamp,
    },
    /// An SSH key, a certificate, or a service-specific credential, long-term API keys among them.
    Other {
        /// Whose.
        user: UserName,
        /// Of which kind.
        kind: OtherCredentialKind,
        /// Its id.
        id: CredentialId,
    },
    /// A session of a role.
    RoleSession {
        /// The role.
        role: RoleName,
        /// When it began.
        issued: Timestamp,
    },
}

/// What the deployment's quarantine policy says (`QuarantinePolicy` in `template.yaml`).
const QUARANTINE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

impl World {
    /// Whether whoever has the credential is let do that now, by the account's own policies.
    pub fn admits(&self, credential: &Credential, action: &str) -> bool {
        self.state.borrow().admits(credential, action)
    }
}

impl State {
    pub(super) fn admits(&self, credential: &Credential, action: &str) -> bool {
        match credential {
            Credential::AccessKey(key) => {
                let owner = self.iam.key_owners.get(key).and_then(|owner| self.user(owner.as_str()));
                owner.is_some_and(|owner| {
                    let active = |live: &super::iam::Key| live.id == *key && live.status == KeyStatus::Active;
                    owner.keys.iter().any(active) && self.lets_user(owner, None, action, "*", &[])
                })
            }
            Credential::Password(user) => self.user(user.as_str()).is_some_and(|user| {
                user.password.is_some() && self.lets_user(user, Some(self.now), action, "*", &[])
            }),
            Credential::UserSession { user, issued } => self
                .user(user.as_str())
                .is_some_and(|user| self.lets_user(user, Some(*issued), action, "*", &[])),
            Credential::FederationToken { user, issued } => {
                self.user(user.as_str()).is_some_and(|user| self.lets_federated(user, *issued, action))
            }
            Credential::Other { user, kind, id } => self.user(user.as_str()).is_some_and(|user| {
                let usable = user.other_credentials.iter().any(|live| {
                    live.kind == *kind && live.id == Fact::Known(id.clone()) && live.is_usable(self.now)
                });
                usable && self.lets_user(user, None, action, "*", &[])
            }),
            Credential::RoleSession { role, issued } => self
                .role(role.as_str())
                .is_some_and(|role| self.lets_role(role, Some(*issued), action, "*", &[])),
        }
    }

    /// Whether the user's policies let it through.
    pub(super) fn lets_user(
        &self,
        user: &User,
        issued: Option<Timestamp>,
        action: &str,
        resource: &str,
        more: &[(&str, String)],
    ) -> bool {
        let Some(principal) = Principal::parse(user.identity.arn.as_str()) else { return false };
        let policies = self.policies_of_user(user);
        is_allowed(principal, action, resource, issued, more, &policies)
    }

    fn lets_federated(&self, user: &User, issued: Timestamp, action: &str) -> bool {
        let arn = format!("arn:aws:sts::{}:federated-user/night-shift", self.iam.account);
        let Some(principal) = Principal::parse(&arn) else { return false };
        let mut policies = self.policies_of_user(user);
        policies.session = parsed(&PolicyDocument::new(ALLOW_ALL)).into_iter().collect();
        is_allowed(principal, action, "*", Some(issued), &[], &policies)
    }

    /// Whether the role's policies let a session of it through.
    pub(super) fn lets_role(
        &self,
        role: &Role,
        issued: Option<Timestamp>,
        action: &str,
        resource: &str,
        more: &[(&str, String)],
    ) -> bool {
        let arn = format!("arn:aws:sts::{}:assumed-role/{}/session", self.iam.account, role.identity.name);
        let Some(principal) = Principal::parse(&arn) else { return false };
        let inline = role.inline.values().filter_map(parsed);
        let attached = role.attached.iter().filter_map(|policy| self.text_in_force(policy));
        let policies = Policies {
            identity: inline.chain(attached).collect(),
            boundaries: role.boundary.iter().filter_map(|policy| self.text_in_force(policy)).collect(),
            ..Policies::default()
        };
        is_allowed(principal, action, resource, issued, more, &policies)
    }

    fn policies_of_user(&self, user: &User) -> Policies<'static> {
        let groups = self.iam.groups.iter().filter_map(|group| group.seen(self.now));
        let groups: Vec<_> = groups.filter(|group| user.groups.contains(&group.name)).collect();
        let of_groups = groups.iter().flat_map(|group| &group.attached_policies);
        let inline = user.inline.values().filter_map(parsed);
        let of_groups_inline = groups
            .iter()
            .flat_map(|group| &group.inline_policies)
            .filter_map(|policy| parsed(&policy.document));
        let attached = user.attached.iter().chain(of_groups).filter_map(|policy| self.text_in_force(policy));
        Policies {
            identity: inline.chain(of_groups_inline).chain(attached).collect(),
            boundaries: user.boundary.iter().filter_map(|policy| self.text_in_force(policy)).collect(),
            ..Policies::default()
        }
    }

    /// What a managed policy says now. One of AWS's that nobody knows allows nothing.
    fn text_in_force(&self, policy: &Arn) -> Option<Cow<'static, Policy>> {
        let listed =
            self.iam.places.contains_key(policy).then(|| self.iam.text_of(policy, self.now)).flatten();
        let told = self.iam.aws_managed_policies.iter().find(|told| told.arn == *policy);
        let is_quarantine = policy.name() == format!("{}-quarantine", self.stack);
        let text = listed
            .or_else(|| told.map(|told| told.document.clone()))
            .or_else(|| if policy.is_aws_managed() { well_known(policy) } else { None })
            .or_else(|| is_quarantine.then(|| PolicyDocument::new(QUARANTINE)))?;
        parsed(&text)
    }
}

fn parsed(document: &PolicyDocument) -> Option<Cow<'static, Policy>> {
    Policy::parse_document(document, PolicyKind::Identity).ok().map(Cow::Owned)
}

fn is_allowed(
    principal: Principal<'_>,
    action: &str,
    resource: &str,
    issued: Option<Timestamp>,
    more: &[(&str, String)],
    policies: &Policies<'_>,
) -> bool {
    let request =
        Request { principal, action, resource, resource_account: None, context: context(issued, more) };
    evaluate(&request, policies).decision == Decision::Allowed
}

/// The keys of a request.
pub(super) fn context<'a>(issued: Option<Timestamp>, more: &'a [(&'a str, String)]) -> Context<'a> {
    let values = more.iter().map(|(key, value)| {
        let value = Cow::Borrowed(value.as_str());
        let many = *key == "aws:TagKeys";
        (Cow::Borrowed(*key), if many { Values::Many(vec![value]) } else { Values::One(value) })
    });
    let issued =
        issued.map(|at| (Cow::Borrowed("aws:TokenIssueTime"), Values::One(Cow::Owned(at.to_string()))));
    Context::new(values.chain(issued).collect()).unwrap_or_default()
}
