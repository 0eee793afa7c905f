//! Who asks for what, and what is known about it.

use serde_json::{Map, Value, json};

use super::condition;
use super::dice::Dice;

pub(super) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

pub(super) const SERVICES: [&str; 3] = ["lambda.amazonaws.com", "ec2.amazonaws.com", "logs.amazonaws.com"];

const PROVIDERS: [&str; 6] = [
    "arn:aws:iam::111122223333:saml-provider/corp",
    "arn:aws:iam::111122223333:oidc-provider/token.example.com",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "www.amazon.com",
    "graph.facebook.com",
];

pub(super) const ACTIONS: [&str; 23] = [
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "iam:GetUser",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "iam:GetRole",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:CreateGrant",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
    "ec2:DescribeInstances",
    "ec2:RunInstances",
    "iam:ListUsers",
];

/// The resources of an account; what has an account in its ARN has it in place of `@`.
const RESOURCES: [(&str, &[&str]); 14] = [
    ("arn:aws:s3:::bucket/home/alice/x", &ACTIONS_OF_S3),
    ("arn:aws:s3:::bucket/team-red/x", &ACTIONS_OF_S3),
    ("arn:aws:s3:::bucket/a%2Fb c+d", &ACTIONS_OF_S3),
    ("arn:aws:s3:::bucket/ü:*?$", &ACTIONS_OF_S3),
    ("arn:aws:s3:::bucket", &["s3:ListBucket", "s3:ListBucket", "S3:LISTBUCKET"]),
    ("arn:aws:sqs:eu-west-1:@:queue-red", &["sqs:SendMessage", "sqs:ReceiveMessage"]),
    ("arn:aws:iam::@:user/staff/alice", &["iam:GetUser", "iam:CreateAccessKey"]),
    ("arn:aws:iam::@:role/app/target", &["iam:PassRole", "iam:GetRole", "iam:passrole"]),
    ("arn:aws:kms:eu-west-1:@:key/1234", &ACTIONS_OF_KMS),
    ("arn:aws:kms:eu-west-1:@:key/1234", &ACTIONS_OF_KMS),
    ("arn:aws:iam::@:role/app/target", &ACTIONS_OF_TRUST),
    ("arn:aws:iam::@:role/app/target", &ACTIONS_OF_TRUST),
    (
        "arn:aws:iam::@:role/aws-reserved/sso.amazonaws.com/admin",
        &["iam:GetRole", "iam:TagRole", "iam:PassRole"],
    ),
    (
        "*",
        &[
            "ec2:DescribeInstances",
            "iam:ListUsers",
            "sts:GetCallerIdentity",
            "sts:GetSessionToken",
            "sts:AssumeRole",
        ],
    ),
];

const ACTIONS_OF_S3: [&str; 4] = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:getobject"];
const ACTIONS_OF_KMS: [&str; 4] = ["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "KMS:decrypt"];
const ACTIONS_OF_TRUST: [&str; 7] = [
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// The ARNs of an account's principals, with the account in place of `@`.
const PRINCIPALS: [&str; 10] = [
    "arn:aws:iam::@:user/staff/alice",
    "arn:aws:iam::@:user/bob",
    "arn:aws:iam::@:role/app/reader",
    "arn:aws:sts::@:assumed-role/reader/one",
    "arn:aws:sts::@:assumed-role/reader/two",
    "arn:aws:sts::@:federated-user/carol",
    "arn:aws:iam::@:root",
    "arn:aws:iam::@:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "arn:aws:iam::@:role/writer",
    "arn:aws:sts::@:assumed-role/AWSServiceRoleForX/one",
];

/// Everything about a request but its policies.
#[derive(Debug)]
pub(super) struct Scene {
    /// The principal's text; none for anonymous.
    pub(super) principal: Option<String>,
    /// The account of a user, role, session or root.
    pub(super) account: Option<&'static str>,
    pub(super) action: &'static str,
    pub(super) resource: String,
    resource_account: Option<&'static str>,
    given: Map<String, Value>,
}

impl Scene {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let (pattern, actions) = &RESOURCES[dice.below(RESOURCES.len())];
        let action = dice.pick(actions);
        let is_trust = actions.contains(&ACTIONS_OF_TRUST[0]) && *pattern != "*";
        let home = ACCOUNTS[usize::from(dice.percent(25))];
        let away = if home == ACCOUNTS[0] { ACCOUNTS[1] } else { ACCOUNTS[0] };
        let owner = if dice.percent(68) { home } else { away };
        let (principal, account) = principal(home, if is_trust { 24 } else { 14 }, dice);
        let says_account = pattern.contains('@');
        let resource_account = match dice.percent(if says_account { 8 } else { 60 }) {
            true if says_account && dice.percent(50) => Some(away),
            true => Some(owner),
            false => None,
        };
        Self {
            principal,
            account,
            action,
            resource: pattern.replace('@', owner),
            resource_account,
            given: condition::context(dice),
        }
    }

    /// The request without policies.
    pub(super) fn request(&self, dice: &mut Dice) -> Map<String, Value> {
        let mut request = Map::new();
        let principal = match &self.principal {
            Some(text) => json!(text),
            None => json!({ "type": "Anonymous" }),
        };
        request.insert("principal".to_owned(), principal);
        let action = if dice.percent(8) { dice.other_letters(self.action) } else { self.action.to_owned() };
        request.insert("action".to_owned(), json!(action));
        request.insert("resource".to_owned(), json!(self.resource));
        if let Some(account) = self.resource_account {
            request.insert("resourceAccount".to_owned(), json!(account));
        }
        if !self.given.is_empty() || dice.percent(50) {
            request.insert("context".to_owned(), Value::Object(self.given.clone()));
        }
        request
    }

    pub(super) fn is_session(&self) -> bool {
        self.principal.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:sts:"))
    }

    pub(super) fn is_trust(&self) -> bool {
        self.resource.contains(":role/") && self.action.starts_with("sts:")
    }

    /// In so many of a hundred the resource has a policy; more where without one there is nothing to decide.
    pub(super) fn resource_policies(&self) -> usize {
        if self.is_trust() || self.resource.contains(":key/") || self.account.is_none() {
            93
        } else if self.values("aws:ResourceAccount").first().map(String::as_str) != self.account {
            80
        } else {
            55
        }
    }

    /// The values that a key has in the request, as far as it pays to know.
    pub(super) fn values(&self, key: &str) -> Vec<String> {
        let given = self.given.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match (given, key) {
            (Some((_, Value::Array(list))), _) => list.iter().map(text).collect(),
            (Some((_, single)), _) => vec![text(single)],
            (None, "aws:PrincipalArn") => {
                let arn = self.principal.clone().filter(|_| self.account.is_some());
                let role =
                    |arn: &str| arn.replace(":sts:", ":iam:").replace("assumed-role/reader/", "role/reader~");
                arn.map(|arn| role(&arn).split('~').next().unwrap_or_default().to_owned())
                    .into_iter()
                    .collect()
            }
            (None, "aws:PrincipalAccount") => self.account.map(str::to_owned).into_iter().collect(),
            (None, "aws:ResourceAccount") => {
                let in_arn = self.resource.split(':').nth(4).filter(|account| !account.is_empty());
                let account = self.resource_account.or(in_arn).or(self.account);
                account.map(str::to_owned).into_iter().collect()
            }
            (None, _) => Vec::new(),
        }
    }

    /// An entry of the `AWS` list (or another) that names the one who asks, with its kind; everyone, if need be.
    pub(super) fn own_entry(&self, dice: &mut Dice) -> (&'static str, String) {
        let (Some(principal), account) = (&self.principal, self.account) else {
            return ("AWS", "*".to_owned());
        };
        let Some(account) = account else {
            let kind = if SERVICES.contains(&principal.as_str()) { "Service" } else { "Federated" };
            return (kind, if dice.percent(15) { "*".to_owned() } else { principal.clone() });
        };
        let entry = match dice.below(10) {
            0 => "*".to_owned(),
            1 => account.to_owned(),
            2 => format!("arn:aws:iam::{account}:root"),
            3..=5 if principal.contains("assumed-role") => {
                format!("arn:aws:iam::{account}:role/{}", dice.pick(&["app/reader", "reader"]))
            }
            _ => principal.clone(),
        };
        ("AWS", entry)
    }
}

/// How often each of the principals asks.
const OFTEN: [usize; 17] = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9];

/// Some principal of the account, or in so many of a hundred one of none.
fn principal(
    account: &'static str,
    without_account: usize,
    dice: &mut Dice,
) -> (Option<String>, Option<&'static str>) {
    if dice.percent(without_account) {
        return match dice.below(5) {
            0 => (None, None),
            1 | 2 => (Some(dice.pick(&SERVICES).to_owned()), None),
            _ => (Some(dice.pick(&PROVIDERS).to_owned()), None),
        };
    }
    let arn = PRINCIPALS[OFTEN[dice.below(OFTEN.len())]];
    (Some(arn.replace('@', account)), Some(account))
}

/// An entry of a `Principal` element, whoever it names, with its kind.
pub(super) fn some_entry(dice: &mut Dice) -> (&'static str, String) {
    let account = dice.pick(&["111122223333", "444455556666", "777788889999"]);
    match dice.below(12) {
        0 => ("Service", dice.pick(&SERVICES).to_owned()),
        1 => ("Federated", dice.pick(&PROVIDERS).to_owned()),
        2 => ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be".to_owned()),
        3 => ("AWS", dice.pick(&["AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123"]).to_owned()),
        4 => ("AWS", account.to_owned()),
        _ => ("AWS", PRINCIPALS[dice.below(PRINCIPALS.len())].replace('@', account)),
    }
}
