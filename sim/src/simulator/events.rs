//! Events as AWS Config sends them.

use serde_json::{Value, json};
use shared::policy::PolicyDocument;

use super::accounts::ACCOUNT;
use super::stage::Stage;
use crate::account_file::{AccountFile, InlinePolicy, Role, User};

const OF_USERS: [&str; 2] = ["user-inline-policy", "user-attached-policy"];
const OF_ROLES: [&str; 3] = ["role-trust-public", "role-trust-external", "role-trust-oidc-subject"];

impl Stage {
    /// What AWS Config would tell if everything had just changed: some of it.
    pub(crate) fn change_events(&mut self, thousandths: u64) -> Vec<Value> {
        let account = self.local.world.account();
        let mut events = Vec::new();
        for user in &account.users {
            for rule in self.dice.some(&OF_USERS, thousandths) {
                events.push(self.changed(rule, "User", &user_item(&account, user)));
            }
        }
        for role in &account.roles {
            for rule in self.dice.some(&OF_ROLES, thousandths) {
                events.push(self.changed(rule, "Role", &role_item(&account, role)));
            }
        }
        events
    }

    /// AWS Config's schedule for a rule.
    pub(crate) fn scheduled(&self, rule: &str) -> Value {
        let message = json!({
            "messageType": "ScheduledNotification", "awsAccountId": ACCOUNT,
            "notificationCreationTime": self.now().to_string(), "recordVersion": "1.0"
        });
        invocation(rule, &message)
    }

    fn changed(&self, rule: &str, kind: &str, configuration: &Value) -> Value {
        let now = self.now();
        let field = |name: &str| configuration.get(name).cloned().unwrap_or_default();
        let prefix = kind.to_lowercase();
        let message = json!({
            "messageType": "ConfigurationItemChangeNotification",
            "notificationCreationTime": now.to_string(), "recordVersion": "1.3",
            "configurationItem": {
                "configurationItemCaptureTime": now.to_string(),
                "configurationStateId": now.as_millisecond().to_string(),
                "awsAccountId": ACCOUNT, "configurationItemStatus": "OK",
                "resourceType": format!("AWS::IAM::{kind}"), "resourceId": field(&format!("{prefix}Id")),
                "resourceName": field(&format!("{prefix}Name")), "ARN": field("arn"),
                "awsRegion": "global", "relatedEvents": [], "relationships": [],
                "configuration": configuration,
            }
        });
        invocation(rule, &message)
    }
}

fn user_item(account: &AccountFile, user: &User) -> Value {
    json!({
        "path": user.path, "userName": user.name, "userId": user.id,
        "arn": format!("arn:aws:iam::{}:user{}{}", account.account, user.path, user.name),
        "createDate": user.created, "userPolicyList": inline(&user.inline_policies), "groupList": user.groups,
        "attachedManagedPolicies": attached(&user.attached_policies), "permissionsBoundary": null, "tags": []
    })
}

fn role_item(account: &AccountFile, role: &Role) -> Value {
    json!({
        "path": role.path, "roleName": role.name, "roleId": role.id,
        "arn": format!("arn:aws:iam::{}:role{}{}", account.account, role.path, role.name),
        "createDate": role.created, "assumeRolePolicyDocument": role.trust.to_percent_encoded(),
        "rolePolicyList": inline(&role.inline_policies),
        "attachedManagedPolicies": attached(&role.attached_policies), "permissionsBoundary": null, "tags": []
    })
}

fn inline(policies: &[InlinePolicy]) -> Vec<Value> {
    let encoded = |document: &PolicyDocument| document.to_percent_encoded();
    policies
        .iter()
        .map(|policy| json!({"policyName": policy.name, "policyDocument": encoded(&policy.document)}))
        .collect()
}

fn attached<'a>(policies: impl IntoIterator<Item = &'a shared::identifier::Arn>) -> Vec<Value> {
    policies.into_iter().map(|arn| json!({"policyName": arn.name(), "policyArn": arn})).collect()
}

fn invocation(rule: &str, message: &Value) -> Value {
    json!({
        "version": "1.0", "invokingEvent": message.to_string(),
        "ruleParameters": json!({"ruleId": rule}).to_string(), "resultToken": "token",
        "configRuleName": format!("bailiff-{rule}"), "accountId": ACCOUNT, "eventLeftScope": false
    })
}
