//! Small accounts, as `aws iam get-account-authorization-details` would print them.

use serde_json::{Value, json};

use crate::policy::account::{PrincipalReport, analyze_account};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An account in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixture {
    users: Vec<Value>,
    groups: Vec<Value>,
    roles: Vec<Value>,
    policies: Vec<Value>,
}

/// `user/alice` as an ARN of the account.
pub(super) fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

/// A policy of these statements.
pub(super) fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A statement that allows actions on a resource.
pub(super) fn allow(actions: &str, resource: &str) -> Value {
    let actions: Vec<&str> = actions.split(' ').collect();
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

/// A statement that denies actions on a resource.
pub(super) fn deny(actions: &str, resource: &str) -> Value {
    let actions: Vec<&str> = actions.split(' ').collect();
    json!({"Effect": "Deny", "Action": actions, "Resource": resource})
}

/// A statement under a condition.
pub(super) fn when(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

pub(super) fn everything() -> Value {
    allow("*", "*")
}

/// A trust policy for a principal, such as `{"AWS": "*"}`.
pub(super) fn trust(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
}

/// A trust policy for the whole account.
pub(super) fn trust_account() -> Value {
    trust(&json!({"AWS": arn("root")}))
}

pub(super) fn trust_service(service: &str) -> Value {
    trust(&json!({"Service": service}))
}

fn inline(statements: &Value) -> Value {
    let empty = statements.as_array().is_some_and(Vec::is_empty);
    if empty { json!([]) } else { json!([{"PolicyName": "own", "PolicyDocument": document(statements)}]) }
}

impl Fixture {
    /// A user with an inline policy.
    pub(super) fn user(mut self, name: &str, statements: &Value) -> Self {
        self.users.push(json!({
            "Path": "/", "UserName": name, "UserId": format!("AIDA{name}"), "Arn": arn(&format!("user/{name}")),
            "UserPolicyList": inline(statements), "GroupList": [], "AttachedManagedPolicies": [],
        }));
        self
    }

    /// A group with an inline policy.
    pub(super) fn group(mut self, name: &str, statements: &Value) -> Self {
        self.groups.push(json!({
            "Path": "/", "GroupName": name, "Arn": arn(&format!("group/{name}")),
            "GroupPolicyList": inline(statements), "AttachedManagedPolicies": [],
        }));
        self
    }

    /// A role with an inline policy.
    pub(super) fn role(mut self, name: &str, trust: &Value, statements: &Value) -> Self {
        self.roles.push(json!({
            "RoleName": name, "Arn": arn(&format!("role/{name}")),
            "AssumeRolePolicyDocument": document(trust), "InstanceProfileList": [],
            "RolePolicyList": inline(statements), "AttachedManagedPolicies": [],
        }));
        self
    }

    /// A managed policy whose versions are these; the first is the default.
    pub(super) fn policy(mut self, name: &str, versions: &[Value]) -> Self {
        let arn = if name.starts_with("arn:") { name.to_owned() } else { arn(&format!("policy/{name}")) };
        let versions: Vec<Value> = versions
            .iter()
            .enumerate()
            .map(|(index, statements)| {
                json!({"VersionId": format!("v{}", 9 - index), "IsDefaultVersion": index == 0, "Document": document(statements)})
            })
            .collect();
        self.policies.push(json!({"Arn": arn, "DefaultVersionId": "v9", "PolicyVersionList": versions}));
        self
    }

    /// Attaches a managed policy to the principal that was added last.
    pub(super) fn attached(self, list: &str, name: &str) -> Self {
        let arn = if name.starts_with("arn:") { name.to_owned() } else { arn(&format!("policy/{name}")) };
        self.last(list, |it| {
            it["AttachedManagedPolicies"]
                .as_array_mut()
                .unwrap()
                .push(json!({"PolicyName": "x", "PolicyArn": arn}));
        })
    }

    /// Puts the user that was added last in a group.
    pub(super) fn in_group(self, group: &str) -> Self {
        self.last("users", |it| it["GroupList"].as_array_mut().unwrap().push(json!(group)))
    }

    /// Gives the principal that was added last a boundary, and adds that policy.
    pub(super) fn bounded(self, list: &str, name: &str, statements: &Value) -> Self {
        let arn = arn(&format!("policy/{name}"));
        self.policy(name, std::slice::from_ref(statements)).last(list, |it| {
            it["PermissionsBoundary"] =
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
        })
    }

    /// Puts the role that was added last in an instance profile.
    pub(super) fn on_instances(self) -> Self {
        let profile = json!([{"InstanceProfileName": "p", "Arn": arn("instance-profile/p"), "Roles": []}]);
        self.with("roles", "InstanceProfileList", profile)
    }

    /// Sets an element of the principal that was added last.
    pub(super) fn with(self, list: &str, element: &str, value: Value) -> Self {
        self.last(list, |it| it[element] = value)
    }

    fn last(mut self, list: &str, change: impl FnOnce(&mut Value)) -> Self {
        let list = match list {
            "users" => &mut self.users,
            "groups" => &mut self.groups,
            _ => &mut self.roles,
        };
        change(list.last_mut().unwrap());
        self
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "UserDetailList": self.users, "GroupDetailList": self.groups, "RoleDetailList": self.roles,
            "Policies": self.policies, "IsTruncated": false,
        })
    }

    pub(super) fn reports(&self) -> Vec<PrincipalReport> {
        analyze_account(&self.json().to_string()).unwrap()
    }

    /// The report on one principal, such as `user/alice`.
    pub(super) fn report(&self, resource: &str) -> PrincipalReport {
        let arn = arn(resource);
        self.reports().into_iter().find(|report| report.arn == arn).unwrap()
    }

    /// The way of a principal to administrator, a step `by to`, with a `?` where it is but possible.
    pub(super) fn way(&self, resource: &str) -> Vec<String> {
        let report = self.report(resource);
        assert!(!report.admin || report.path.is_empty(), "{report:?}");
        let name = |arn: &str| arn.rsplit(':').next().unwrap().to_owned();
        let step = |step: &super::super::Step| {
            let certainty = match step.certainty {
                super::super::Certainty::Is => "",
                super::super::Certainty::Possible => "?",
            };
            format!("{}{certainty} {}", step.by, name(&step.to))
        };
        report.path.iter().map(step).collect()
    }
}
