use super::arn_parts::arn_parts;
use crate::policy::{Effect, Element, PrincipalEntry};

/// Who makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal<'a> {
    kind: PrincipalType,
    /// The ARN, or the name of a service or identity provider.
    text: &'a str,
    partition: &'a str,
    account: Option<&'a str>,
    /// A user's name, and a role's, also of a role session; without the path.
    name: &'a str,
}

/// What kind of principal makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    /// Nobody signed the request.
    Anonymous,
    /// An account's root user.
    Root,
    /// An IAM user.
    User,
    /// A role, in whatever session.
    Role,
    /// One session of a role.
    RoleSession,
    /// A session that `sts:GetFederationToken` gave.
    FederatedUser,
    /// An AWS service acting on its own.
    Service,
    /// Somebody an identity provider vouches for, who asks for a role.
    Provider,
}

/// How a policy names the principal that it is about; a later one is the closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// By its account, which may then hand on what it was given.
    Account,
    /// By the role of which it is a session.
    Role,
    /// By itself, or together with everybody.
    Itself,
}

/// Identity providers that trust policies name without an ARN.
///
/// Source: IAM User Guide, "AWS JSON policy elements: Principal", web identity session principals.
const WELL_KNOWN_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

impl<'a> Principal<'a> {
    /// A principal that signs nothing.
    pub const ANONYMOUS: Principal<'static> =
        Principal { kind: PrincipalType::Anonymous, text: "", partition: "aws", account: None, name: "" };

    /// Reads the ARN of a user, role, role session, federated user, root user or identity provider, or the name of a
    /// service or of a well-known provider; `None` for anything else.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with("arn:") {
            return Self::parse_arn(text);
        }
        let host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !text.contains('.') || !text.bytes().all(host) {
            return None;
        }
        let kind = if WELL_KNOWN_PROVIDERS.contains(&text) {
            PrincipalType::Provider
        } else {
            PrincipalType::Service
        };
        Some(Self { kind, text, partition: "aws", account: None, name: "" })
    }

    fn parse_arn(text: &'a str) -> Option<Self> {
        let [_, partition, service, region, account, resource] = arn_parts(text)?;
        let (resource_type, path) = resource.split_once('/').unwrap_or((resource, ""));
        let last = path.rsplit('/').next().unwrap_or_default();
        let (kind, name) = match (service, resource_type) {
            ("iam", "root") if resource == "root" => (PrincipalType::Root, ""),
            ("iam", "user") => (PrincipalType::User, last),
            ("iam", "role") => (PrincipalType::Role, last),
            ("iam", "saml-provider" | "oidc-provider") => (PrincipalType::Provider, last),
            ("sts", "assumed-role") => match path.split_once('/') {
                Some((role, session)) if !session.is_empty() => (PrincipalType::RoleSession, role),
                _ => return None,
            },
            ("sts", "federated-user") => (PrincipalType::FederatedUser, last),
            _ => return None,
        };
        let complete = !partition.is_empty()
            && region.is_empty()
            && is_account(account)
            && (kind == PrincipalType::Root || !name.is_empty());
        complete.then_some(Self { kind, text, partition, account: Some(account), name })
    }

    /// What kind it is.
    pub fn kind(&self) -> PrincipalType {
        self.kind
    }

    /// The ARN, or the name of a service or provider; nothing for anonymous requests.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Its account; services, well-known providers and anonymous requests have none.
    pub fn account(&self) -> Option<&'a str> {
        self.account
    }

    pub(super) fn partition(&self) -> &'a str {
        self.partition
    }

    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Whether policies of an account speak for it: not so for services, providers and anonymous requests, to which
    /// only resources can open.
    pub(super) fn has_identity(&self) -> bool {
        !matches!(self.kind, PrincipalType::Anonymous | PrincipalType::Service | PrincipalType::Provider)
    }

    /// Whether it is a role that a service made for itself. A session's ARN has lost the path that tells; there the name
    /// does, which begins alike for all of them.
    ///
    /// Source: IAM User Guide, "Create a service-linked role".
    pub(super) fn is_service_linked(&self) -> bool {
        match self.kind {
            PrincipalType::Role => self.text.contains(":role/aws-service-role/"),
            PrincipalType::RoleSession => self.name.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// How an element names it, if the statement is about it at all. Of several entries the closest counts.
    pub(super) fn named_by(&self, element: &Element<PrincipalEntry>, effect: Effect) -> Option<Naming> {
        let named = element.entries.iter().filter_map(|entry| self.named_by_entry(entry)).max();
        if !element.negated {
            return named;
        }
        let left_out =
            named.is_some_and(|naming| effect == Effect::Allow || self.is_spared(naming, &element.entries));
        (!left_out).then_some(Naming::Itself)
    }

    /// Whether a denial of all but a list spares it, which the list names so. An account stands for all its principals,
    /// and a role for all its sessions, unless the list names some of them too: then it stands there only because they
    /// would share the denial of what they are of.
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: `NotPrincipal`", whose examples spare one user, or one session,
    /// and list account and role with it.
    fn is_spared(&self, naming: Naming, entries: &[PrincipalEntry]) -> bool {
        let lists_one = |such: &dyn Fn(&Principal<'_>) -> bool| {
            entries.iter().any(|entry| match entry {
                PrincipalEntry::Aws(arn) => Principal::parse(arn.as_str())
                    .is_some_and(|listed| listed.account == self.account && such(&listed)),
                _ => false,
            })
        };
        match (naming, self.kind) {
            (Naming::Itself, _) | (Naming::Role, PrincipalType::Role) => true,
            (Naming::Role, _) => {
                !lists_one(&|listed| listed.kind == PrincipalType::RoleSession && listed.name == self.name)
            }
            (Naming::Account, _) => !lists_one(&|_| true),
        }
    }

    fn named_by_entry(&self, entry: &PrincipalEntry) -> Option<Naming> {
        let itself = |is: bool| is.then_some(Naming::Itself);
        match entry {
            PrincipalEntry::Everyone => Some(Naming::Itself),
            PrincipalEntry::Account(account) => match self.kind {
                PrincipalType::Root => itself(self.account == Some(account.as_str())),
                _ => {
                    (self.has_identity() && self.account == Some(account.as_str())).then_some(Naming::Account)
                }
            },
            PrincipalEntry::Aws(arn) => self.named_by_arn(arn.as_str()),
            PrincipalEntry::Service(name) => {
                itself(self.kind == PrincipalType::Service && (name == "*" || name == self.text))
            }
            PrincipalEntry::Federated(name) => {
                itself(self.kind == PrincipalType::Provider && (name == "*" || name == self.text))
            }
            // A request tells neither: nobody has a deleted principal's id, and a canonical user id is an account's.
            PrincipalEntry::UniqueId(_) | PrincipalEntry::CanonicalUser(_) => None,
        }
    }

    fn named_by_arn(&self, arn: &str) -> Option<Naming> {
        match self.kind {
            PrincipalType::User | PrincipalType::FederatedUser => {
                (arn == self.text).then_some(Naming::Itself)
            }
            PrincipalType::Role => (arn == self.text).then_some(Naming::Role),
            PrincipalType::RoleSession if arn == self.text => Some(Naming::Itself),
            PrincipalType::RoleSession => self.is_session_of(arn).then_some(Naming::Role),
            _ => None,
        }
    }

    /// Whether an ARN is of the role of which this is a session. Its path does not count, which a session's ARN lacks:
    /// an account has only one role of a name.
    fn is_session_of(&self, role: &str) -> bool {
        let path = role
            .strip_prefix("arn:")
            .and_then(|rest| rest.strip_prefix(self.partition))
            .and_then(|rest| rest.strip_prefix(":iam::"))
            .and_then(|rest| rest.strip_prefix(self.account?))
            .and_then(|rest| rest.strip_prefix(":role/"));
        path.is_some_and(|path| path.rsplit('/').next() == Some(self.name))
    }
}

/// Whether a text is an account id.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
