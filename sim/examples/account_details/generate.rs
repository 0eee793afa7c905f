//! An account of any size, in the form in which `aws iam get-account-authorization-details` prints it.

use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

/// How many policies have hundreds of actions.
const LONG: usize = 30;

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) groups: usize,
    pub(crate) roles: usize,
    pub(crate) policies: usize,
    pub(crate) administrators: usize,
}

/// `SplitMix64`: the same seed, the same account.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default() % bound.max(1)
    }

    fn in_hundred(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several; the first where there is none.
    fn pick<'a, T: ?Sized>(&mut self, first: &'a T, others: &[&'a T]) -> &'a T {
        self.below(others.len() + 1).checked_sub(1).and_then(|at| others.get(at)).copied().unwrap_or(first)
    }
}

const TEAM: &str = "web";
const TEAMS: &[&str] = &["data", "pay", "search", "mobile", "risk", "infra", "growth"];
const SERVICE: &str = "lambda.amazonaws.com";
const SERVICES: &[&str] = &[
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "codebuild.amazonaws.com",
    "glue.amazonaws.com",
    "states.amazonaws.com",
];
/// What people and programs are given: mostly reads and writes of a few services.
const READING: &[&str] = &["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"];
const USUAL: &[&[&str]] = &[
    &["s3:*"],
    &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
    &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    &["ec2:Describe*", "elasticloadbalancing:Describe*", "autoscaling:Describe*"],
    &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sns:Publish"],
    &["kms:Decrypt", "kms:GenerateDataKey"],
    &["cloudwatch:Get*", "cloudwatch:List*", "cloudwatch:PutMetricData"],
    &["iam:Get*", "iam:List*"],
    &["lambda:InvokeFunction", "lambda:GetFunction"],
    &["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    &["secretsmanager:GetSecretValue"],
];
/// What a few of them are given, and on what: `{team}` is theirs.
const STRONG: &[(&[&str], &str)] = &[
    (&["codebuild:CreateProject", "codebuild:StartBuild"], "arn:aws:codebuild:*:*:project/{team}-*"),
    (&["ec2:RunInstances", "ssm:SendCommand", "ssm:StartSession"], "arn:aws:ec2:*:*:instance/*"),
    (&["cloudformation:CreateStack", "cloudformation:UpdateStack"], "*"),
    (&["iam:CreateAccessKey", "iam:UpdateLoginProfile"], "arn:aws:iam::111122223333:user/{team}/*"),
    (&["iam:AttachRolePolicy", "iam:PutRolePolicy"], "arn:aws:iam::111122223333:role/{team}-*"),
];
const DEPLOYING: (&[&str], &str) =
    (&["lambda:CreateFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode"], "*");

fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn everything() -> Value {
    document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})])
}

/// Actions of a long policy.
fn reads() -> Vec<String> {
    let services = ["ec2", "s3", "rds", "iam", "kms", "sqs", "sns", "glue", "ecs", "eks", "logs", "states"];
    let verbs = ["Get", "List", "Describe", "BatchGet", "Search"];
    let each = services.iter().flat_map(|service| verbs.iter().map(move |verb| format!("{service}:{verb}")));
    each.flat_map(|head| (0..8).map(move |thing| format!("{head}Thing{thing}*"))).collect()
}

/// The account's text.
pub(crate) fn account(size: Size, seed: u64) -> String {
    let mut make = Maker { random: Random(seed), size };
    let policies: Vec<Value> = (0..size.policies).map(|index| make.managed(index)).collect();
    let groups: Vec<Value> = (0..size.groups).map(|index| make.group(index)).collect();
    let roles: Vec<Value> = (0..size.roles).map(|index| make.role(index)).collect();
    let users: Vec<Value> = (0..size.users).map(|index| make.user(index)).collect();
    json!({"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies})
        .to_string()
}

struct Maker {
    random: Random,
    size: Size,
}

impl Maker {
    fn statement(&mut self) -> Value {
        let team = self.random.pick(TEAM, TEAMS);
        let actions = self.random.pick(READING, USUAL);
        let resources: Vec<String> = match self.random.below(3) {
            0 => vec!["*".to_owned()],
            1 => vec![format!("arn:aws:s3:::{team}-*"), format!("arn:aws:s3:::{team}-*/*")],
            _ => vec![format!("arn:aws:dynamodb:*:{ACCOUNT}:table/{team}-{}", self.random.below(90))],
        };
        if self.random.in_hundred(15) {
            let regions = json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}});
            json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": regions})
        } else {
            json!({"Effect": "Allow", "Action": actions, "Resource": resources})
        }
    }

    fn strong_statement(&mut self, team: &str) -> Value {
        let (actions, resource) = self.random.pick(&DEPLOYING, &STRONG.iter().collect::<Vec<_>>());
        json!({"Effect": "Allow", "Action": actions, "Resource": resource.replace("{team}", team)})
    }

    fn statements(&mut self, strong: usize) -> Vec<Value> {
        let count = 1 + self.random.below(4);
        let mut statements: Vec<Value> = (0..count).map(|_| self.statement()).collect();
        let team = self.random.pick(TEAM, TEAMS);
        if self.random.in_hundred(strong) {
            statements.push(self.strong_statement(team));
        }
        if self.random.in_hundred(strong) {
            let role = arn(&format!("role/{team}-*"));
            statements.push(json!({"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": role}));
        }
        if self.random.in_hundred(12) {
            let role = arn(&format!("role/{team}-{}*", self.random.below(10)));
            statements.push(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [role]}));
        }
        if self.random.in_hundred(10) {
            let own = arn("user/*/${aws:username}");
            let actions = ["iam:ChangePassword", "iam:CreateAccessKey", "iam:DeleteAccessKey"];
            statements.push(json!({"Effect": "Allow", "Action": actions, "Resource": own}));
        }
        if self.random.in_hundred(10) {
            let actions = ["iam:CreateUser", "iam:DeleteAccountPasswordPolicy", "organizations:*"];
            statements.push(json!({"Effect": "Deny", "Action": actions, "Resource": "*"}));
        }
        statements
    }

    fn managed(&mut self, index: usize) -> Value {
        let mut versions = vec![json!({
            "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2026-01-01T00:00:00+00:00",
            "Document": document(&self.statements(4)),
        })];
        if self.random.in_hundred(30) {
            versions.push(json!({
                "VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2025-01-01T00:00:00+00:00",
                "Document": document(&self.statements(4)),
            }));
        }
        // As AWS's own are, some are long, and one allows everything.
        let fixed = match index {
            0 => Some(everything()),
            1..=LONG => Some(document(&[json!({"Effect": "Allow", "Action": reads(), "Resource": "*"})])),
            _ => None,
        };
        if let Some(document) = fixed {
            versions = vec![json!({"VersionId": "v2", "IsDefaultVersion": true, "Document": document})];
        }
        json!({
            "PolicyName": format!("policy-{index}"), "PolicyId": format!("ANPA{index:017}"), "Path": "/",
            "Arn": arn(&format!("policy/policy-{index}")), "DefaultVersionId": "v2", "AttachmentCount": 3,
            "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "PolicyVersionList": versions,
            "CreateDate": "2025-01-01T00:00:00+00:00", "UpdateDate": "2026-01-01T00:00:00+00:00",
        })
    }

    /// Policies of any but the administrators'.
    fn attached(&mut self, most: usize) -> Vec<Value> {
        (0..self.random.below(most + 1))
            .map(|_| {
                let name = format!("policy-{}", 1 + self.random.below(self.size.policies.saturating_sub(1)));
                json!({"PolicyName": name, "PolicyArn": arn(&format!("policy/{name}"))})
            })
            .collect()
    }

    fn inline(&mut self, chance: usize) -> Vec<Value> {
        if !self.random.in_hundred(chance) {
            return Vec::new();
        }
        vec![json!({"PolicyName": "inline", "PolicyDocument": document(&self.statements(3))})]
    }

    fn group(&mut self, index: usize) -> Value {
        let name = format!("group-{index}");
        let mut attached = self.attached(5);
        if index == 0 {
            attached = vec![json!({"PolicyName": "policy-0", "PolicyArn": arn("policy/policy-0")})];
        }
        json!({
            "Path": "/", "GroupName": name, "GroupId": format!("AGPA{index:017}"), "Arn": arn(&format!("group/{name}")),
            "CreateDate": "2025-01-01T00:00:00+00:00", "GroupPolicyList": self.inline(20),
            "AttachedManagedPolicies": attached,
        })
    }

    fn user(&mut self, index: usize) -> Value {
        let team = self.random.pick(TEAM, TEAMS);
        let name = format!("user-{index}");
        let first =
            if index < self.size.administrators { 0 } else { 1 + self.random.below(self.size.groups - 1) };
        let mut groups = vec![format!("group-{first}")];
        if self.random.in_hundred(40) {
            groups.push(format!("group-{}", 1 + self.random.below(self.size.groups - 1)));
        }
        let user = json!({
            "Path": format!("/{team}/"), "UserName": name, "UserId": format!("AIDA{index:017}"),
            "Arn": arn(&format!("user/{team}/{name}")), "CreateDate": "2025-01-01T00:00:00+00:00",
            "UserPolicyList": self.inline(30), "GroupList": groups, "AttachedManagedPolicies": self.attached(2),
            "Tags": [{"Key": "team", "Value": team}],
        });
        self.bounded(index, user)
    }

    fn role(&mut self, index: usize) -> Value {
        let team = self.random.pick(TEAM, TEAMS);
        let name = format!("{team}-{index}");
        let service = self.random.pick(SERVICE, SERVICES);
        let principal = match self.random.below(10) {
            0..=5 => json!({"Service": service}),
            6..=7 => json!({"AWS": arn("root")}),
            8 => json!({"AWS": [arn(&format!("role/{team}-{}", index / 2))]}),
            _ => json!({"Federated": arn("oidc-provider/token.actions.githubusercontent.com")}),
        };
        let action = if principal.get("Federated").is_some() {
            "sts:AssumeRoleWithWebIdentity"
        } else {
            "sts:AssumeRole"
        };
        let trust = json!({"Effect": "Allow", "Action": action, "Principal": principal});
        let mut attached = self.attached(4);
        if index < self.size.administrators {
            attached.push(json!({"PolicyName": "policy-0", "PolicyArn": arn("policy/policy-0")}));
        }
        let profile = arn(&format!("instance-profile/{name}"));
        let profiles = if service.starts_with("ec2") { json!([{"Arn": profile}]) } else { json!([]) };
        let role = json!({
            "Path": "/", "RoleName": name, "RoleId": format!("AROA{index:017}"), "Arn": arn(&format!("role/{name}")),
            "CreateDate": "2025-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": document(&[trust]),
            "InstanceProfileList": profiles, "RolePolicyList": self.inline(50),
            "AttachedManagedPolicies": attached, "Tags": [], "RoleLastUsed": {"Region": "eu-west-1"},
        });
        self.bounded(index, role)
    }

    /// The principal, with a boundary where it is one of a fifth.
    fn bounded(&mut self, index: usize, mut principal: Value) -> Value {
        if index >= self.size.administrators
            && self.random.in_hundred(20)
            && let Some(principal) = principal.as_object_mut()
        {
            let policy = arn(&format!("policy/policy-{}", LONG + 1 + self.random.below(50)));
            let boundary = json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": policy});
            principal.insert("PermissionsBoundary".to_owned(), boundary);
        }
        principal
    }
}
