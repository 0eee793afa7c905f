use std::borrow::Cow;

use crate::identifier::{AccountId, Arn, OrganizationId};
use crate::policy::evaluate::{Context, Principal, Request, Values};

/// Of which account, and of which deployment, is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The account.
    pub account: AccountId,
    /// Its partition, such as `aws`.
    pub partition: String,
    /// The Region that Bailiff's stack is in.
    pub region: String,
    /// The name of Bailiff's stack.
    pub stack: String,
    /// The role that makes users and keys, which must not be kept from it. Without it nobody asks whether it is.
    pub pipeline: Option<Arn>,
    /// The organisation. Without it nobody asks whether what stays inside is let through.
    pub organization: Option<OrganizationId>,
}

impl Asked {
    /// The ARN of something global of the account's.
    pub(super) fn iam(&self, rest: &str) -> String {
        format!("arn:{}:iam::{}:{rest}", self.partition, self.account)
    }

    /// The ARN of something in a Region of the account's.
    pub(super) fn regional(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{rest}", self.partition, self.region, self.account)
    }

    /// One of Bailiff's roles.
    pub(super) fn role(&self, function: &str) -> String {
        self.iam(&format!("role/{}-{function}", self.stack))
    }

    /// The quarantine policy.
    pub(super) fn quarantine(&self) -> String {
        self.iam(&format!("policy/{}-quarantine", self.stack))
    }

    /// An account outside the organisation.
    pub(super) fn elsewhere(&self) -> &'static str {
        if self.account.as_str() == "999988887777" { "777766665555" } else { "999988887777" }
    }
}

/// An organisation that nobody is in.
pub(super) const OTHER_ORGANIZATION: &str = "o-elsewhere00";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// An administrator of the account: a user, a role's session, and the root user, each.
    Administrators,
    /// A user who administers the account.
    User,
    /// The root user.
    Root,
    /// One of Bailiff's functions.
    Bailiff(&'static str),
    /// Somebody in particular: an ARN or a service's name.
    Named(String),
    /// Nobody signed the request.
    Anybody,
}

impl Who {
    /// The principals to put to the evaluator; nothing for one that signs nothing.
    pub(super) fn principals(&self, of: &Asked) -> Vec<String> {
        let user = || of.iam("user/administrator");
        let session =
            |role: &str| format!("arn:{}:sts::{}:assumed-role/{role}/session", of.partition, of.account);
        match self {
            Self::Administrators => vec![user(), session("administrator"), of.iam("root")],
            Self::User => vec![user()],
            Self::Root => vec![of.iam("root")],
            Self::Bailiff(function) => vec![session(&format!("{}-{function}", of.stack))],
            Self::Named(name) => vec![name.clone()],
            Self::Anybody => vec![String::new()],
        }
    }
}

/// A request to put to an organisation's policies, in words too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) who: Who,
    /// What whoever asks could do, as in `can …`.
    pub(super) what: &'static str,
    pub(super) action: &'static str,
    pub(super) resource: String,
    pub(super) context: Vec<(&'static str, String)>,
    /// What keys begin with that the request surely lacks.
    pub(super) lacking: &'static [&'static str],
}

/// Keys that follow from who asks for what, so that whoever asks cannot choose them.
const FOLLOWING: [&str; 8] = [
    "aws:AssumedRoot",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalType",
    "aws:ResourceAccount",
    "aws:username",
];

impl Question {
    pub(super) fn new(who: Who, what: &'static str, action: &'static str, resource: String) -> Self {
        Self { who, what, action, resource, context: Vec::new(), lacking: &[] }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.push((key, value.into()));
        self
    }

    pub(super) fn lacking(mut self, keys: &'static [&'static str]) -> Self {
        self.lacking = keys;
        self
    }

    /// Whether the question says what a key's value is. Of any other, such as the network that the request comes from
    /// or whether there was MFA, whoever asks can bring about the value that they need.
    pub(super) fn settles(&self, key: &str) -> bool {
        let begins_with =
            |start: &&str| key.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
        FOLLOWING.iter().any(|following| following.eq_ignore_ascii_case(key))
            || self.context.iter().any(|(given, _)| given.eq_ignore_ascii_case(key))
            || self.lacking.iter().any(begins_with)
    }

    /// The same as asked by somebody else.
    pub(super) fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// As a request of one principal. What the resource's ARN does not tell, such as a bucket's account, `owner` does.
    pub(super) fn request<'q>(&'q self, principal: Principal<'q>, owner: Option<&'q str>) -> Request<'q> {
        let pairs = self.context.iter().map(|(key, value)| {
            let value = Cow::Borrowed(value.as_str());
            // Keys with several values are lists also where there is one.
            let values = if *key == "aws:TagKeys" { Values::Many(vec![value]) } else { Values::One(value) };
            (Cow::Borrowed(*key), values)
        });
        Request {
            principal,
            action: self.action,
            resource: &self.resource,
            resource_account: owner,
            // No question names a key twice.
            context: Context::new(pairs.collect()).unwrap_or_default(),
        }
    }
}
