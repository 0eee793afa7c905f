//! AWS Config, as far as a rule's function sees it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::engine::{Compliance, ConfigService, Evaluation, Page, PortError, PortErrorKind, Reported};
use shared::event::{ConfigurationItem, ItemSummary, ResultToken};
use shared::identifier::{Arn, GroupName, PolicyName};
use shared::policy::PolicyDocument;

use super::World;
use super::iam::{Role, User};
use super::state::State;
use crate::call::Operation;

/// The most evaluations in one call (AWS Config API, `PutEvaluations`).
const MOST: usize = 100;

#[derive(Default)]
pub(super) struct Config {
    /// Tokens in force, with the rule each was given to.
    tokens: BTreeMap<String, String>,
    /// By rule, resource type and id.
    held: BTreeMap<(String, String, String), Evaluation>,
    /// Resources whose evaluations come back as failed, and how often yet.
    rejected: BTreeMap<String, u32>,
    history: Vec<ConfigurationItem>,
}

/// What AWS Config holds of a resource under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedEvaluation {
    /// The Config rule's name.
    pub rule_name: String,
    /// The evaluation that stands.
    pub evaluation: Evaluation,
}

impl World {
    /// What AWS Config holds, by rule and resource.
    pub fn evaluations(&self) -> Vec<ReportedEvaluation> {
        let state = self.state.borrow();
        let held = state.config.held.iter();
        held.map(|((rule_name, _, _), evaluation)| ReportedEvaluation {
            rule_name: rule_name.clone(),
            evaluation: evaluation.clone(),
        })
        .collect()
    }

    /// Puts an evaluation into AWS Config, as if it had been reported long ago.
    pub fn remember_evaluation(&self, rule_name: &str, evaluation: Evaluation) {
        self.state.borrow_mut().config.hold(rule_name, evaluation);
    }

    /// Puts an item into AWS Config's history.
    pub fn remember_item(&self, item: ConfigurationItem) {
        self.state.borrow_mut().config.history.push(item);
    }

    /// Has AWS Config give back a resource's evaluations as failed, so many times.
    pub fn reject_evaluations_of(&self, resource_id: &str, times: u32) {
        self.state.borrow_mut().config.rejected.insert(resource_id.to_owned(), times);
    }

    /// Gives out a token for a rule.
    pub(crate) fn issue_token(&self, token: &str, rule_name: &str) {
        self.state.borrow_mut().config.tokens.insert(token.to_owned(), rule_name.to_owned());
    }

    /// Takes a token back: its invocation is over.
    pub(crate) fn retire_token(&self, token: &str) {
        self.state.borrow_mut().config.tokens.remove(token);
    }
}

impl ConfigService for World {
    async fn put_evaluations(
        &self,
        token: &ResultToken,
        evaluations: &[Evaluation],
    ) -> Result<Vec<Evaluation>, PortError> {
        self.port_call(Operation::PutEvaluations, &format!("{} evaluations", evaluations.len()), |state| {
            state
                .config
                .take(token, evaluations)
                .map_err(|message| refused(Operation::PutEvaluations, message))
        })
        .await
    }

    async fn item_at(&self, summary: &ItemSummary) -> Result<Option<ConfigurationItem>, PortError> {
        self.port_call(Operation::GetResourceConfigHistory, &summary.resource_id, |state| {
            let kept = state.config.history.iter().find(|item| {
                item.resource_type == summary.resource_type
                    && item.resource_id == summary.resource_id
                    && item.captured_at == summary.captured_at
            });
            Ok(kept.cloned().or_else(|| state.recorded(summary)))
        })
        .await
    }

    async fn reported(&self, rule_name: &str, next: Option<&str>) -> Result<Page<Reported>, PortError> {
        self.port_call(Operation::GetComplianceDetails, rule_name, |state| {
            let of_rule = state.config.held.iter().filter(|((rule, _, _), evaluation)| {
                rule == rule_name && evaluation.compliance != Compliance::NotApplicable
            });
            let reported = of_rule.map(|((_, resource_type, resource_id), _)| Reported {
                resource_type: resource_type.clone(),
                resource_id: resource_id.clone(),
            });
            Ok(state.pages.page(reported, next))
        })
        .await
    }
}

impl Config {
    fn take(&mut self, token: &ResultToken, evaluations: &[Evaluation]) -> Result<Vec<Evaluation>, String> {
        let Some(rule_name) = self.tokens.get(token.as_str()).cloned() else {
            return Err("InvalidResultTokenException: The resultToken provided is invalid".to_owned());
        };
        if evaluations.len() > MOST {
            return Err(format!(
                "ValidationException: Member must have length less than or equal to {MOST}, not {}",
                evaluations.len()
            ));
        }
        let out_of_shape = |evaluation: &&Evaluation| {
            !(1..=256).contains(&evaluation.resource_type.chars().count())
                || !(1..=768).contains(&evaluation.resource_id.chars().count())
                || evaluation
                    .annotation
                    .as_ref()
                    .is_some_and(|annotation| !(1..=256).contains(&annotation.as_str().chars().count()))
        };
        if let Some(evaluation) = evaluations.iter().find(out_of_shape) {
            return Err(format!("ValidationException: the evaluation of `{}`", evaluation.resource_id));
        }
        let mut failed = Vec::new();
        for evaluation in evaluations {
            match self.rejected.get_mut(&evaluation.resource_id) {
                Some(times) if *times > 0 => {
                    *times -= 1;
                    failed.push(evaluation.clone());
                }
                _ => self.hold(&rule_name, evaluation.clone()),
            }
        }
        Ok(failed)
    }

    /// Of two evaluations of a resource the one with the later ordering time stands, whichever came first.
    fn hold(&mut self, rule_name: &str, evaluation: Evaluation) {
        let key = (rule_name.to_owned(), evaluation.resource_type.clone(), evaluation.resource_id.clone());
        let older = self.held.get(&key).is_some_and(|held| evaluation.ordering < held.ordering);
        if !older {
            self.held.insert(key, evaluation);
        }
    }
}

impl State {
    /// What a recorder would have kept of the principal, in the shape of the history API.
    fn recorded(&self, summary: &ItemSummary) -> Option<ConfigurationItem> {
        let of_user = || {
            let mut users = self.iam.users.values().filter_map(|versions| versions.latest());
            users.find(|user| user.identity.unique_id.as_str() == summary.resource_id).map(user_configuration)
        };
        let of_role = || {
            let mut roles = self.iam.roles.values().filter_map(|versions| versions.latest());
            roles.find(|role| role.identity.unique_id.as_str() == summary.resource_id).map(role_configuration)
        };
        let configuration = match summary.resource_type.as_str() {
            "AWS::IAM::User" => of_user()?,
            "AWS::IAM::Role" => of_role()?,
            _ => return None,
        };
        ConfigurationItem::from_history(&json!({
            "version": "1.3",
            "accountId": self.iam.account.as_str(),
            "awsRegion": "global",
            "resourceType": summary.resource_type,
            "resourceId": summary.resource_id,
            "resourceName": summary.resource_name,
            "arn": configuration.get("arn"),
            "configurationItemStatus": "OK",
            "configurationItemCaptureTime": summary.captured_at.to_string(),
            "configurationStateId": summary.captured_at.as_millisecond().to_string(),
            "configuration": configuration.to_string(),
        }))
        .ok()
    }
}

/// A user as AWS Config writes it.
pub(super) fn user_configuration(user: &User) -> Value {
    json!({
        "path": user.path,
        "userName": user.identity.name.as_str(),
        "userId": user.identity.unique_id.as_str(),
        "arn": user.identity.arn.as_str(),
        "createDate": user.created.to_string(),
        "userPolicyList": inline(&user.inline),
        "groupList": user.groups.iter().map(GroupName::as_str).collect::<Vec<_>>(),
        "attachedManagedPolicies": attached(&user.attached),
        "permissionsBoundary": boundary(user.boundary.as_ref()),
        "tags": tags(&user.tags),
    })
}

fn role_configuration(role: &Role) -> Value {
    json!({
        "path": role.path,
        "roleName": role.identity.name.as_str(),
        "roleId": role.identity.unique_id.as_str(),
        "arn": role.identity.arn.as_str(),
        "createDate": role.created.to_string(),
        "assumeRolePolicyDocument": role.trust.to_percent_encoded(),
        "rolePolicyList": inline(&role.inline),
        "attachedManagedPolicies": attached(&role.attached),
        "permissionsBoundary": boundary(role.boundary.as_ref()),
        "tags": tags(&role.tags),
    })
}

fn inline(policies: &BTreeMap<PolicyName, PolicyDocument>) -> Vec<Value> {
    policies
        .iter()
        .map(|(name, document)| {
            json!({"policyName": name.as_str(), "policyDocument": document.to_percent_encoded()})
        })
        .collect()
}

fn attached(policies: &BTreeSet<Arn>) -> Vec<Value> {
    policies.iter().map(|arn| json!({"policyName": arn.name(), "policyArn": arn.as_str()})).collect()
}

fn boundary(boundary: Option<&Arn>) -> Value {
    boundary.map_or(
        Value::Null,
        |arn| json!({"permissionsBoundaryArn": arn.as_str(), "permissionsBoundaryType": "Policy"}),
    )
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn refused(operation: Operation, message: String) -> PortError {
    PortError { operation: operation.action(), kind: PortErrorKind::Failed, message }
}
