use serde_json::Value;

use super::effective::{ControlPolicy, ControlType};
use crate::identifier::{AccountId, OrganizationId};
use crate::policy::{Malformed, Policy};

/// What the policies of `organization/policies` leave open: the parameters of `organization/template.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The partition, such as `aws`.
    pub partition: String,
    /// The name of Bailiff's stack: its roles are `<stack>-…`, its quarantine policy is `<stack>-quarantine`.
    pub stack: String,
    /// ARN patterns of those who change Bailiff, AWS Config and CloudTrail.
    pub deployers: Vec<String>,
    /// ARN patterns of those who give orders, and may lift a quarantine by hand.
    pub responders: Vec<String>,
    /// ARN patterns of those who make users, keys and passwords.
    pub pipelines: Vec<String>,
    /// The organisation.
    pub organization: OrganizationId,
    /// Accounts outside it with which data is exchanged.
    pub trusted_accounts: Vec<AccountId>,
    /// ARN patterns of resources outside it that everybody may reach.
    pub outside_resources: Vec<String>,
    /// Address ranges from which users come.
    pub networks: Vec<String>,
    /// VPCs from whose endpoints users come.
    pub vpcs: Vec<String>,
}

/// A policy of `organization/policies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedPolicy {
    /// The name of its file, without the ending.
    pub name: &'static str,
    /// Its type.
    pub control: ControlType,
    /// Its text, in which `${…}` stands for a setting.
    pub text: &'static str,
}

macro_rules! packed {
    ($($name:literal $control:ident),* $(,)?) => {
        &[$(PackedPolicy {
            name: $name,
            control: ControlType::$control,
            text: include_str!(concat!("../../../organization/policies/", $name, ".json")),
        }),*]
    };
}

/// Every policy of `organization/policies`, in the order in which documents show them.
pub fn pack() -> &'static [PackedPolicy] {
    packed![
        "protect-quarantine" ServiceControl,
        "protect-bailiff" ServiceControl,
        "protect-account" ServiceControl,
        "resource-perimeter" ServiceControl,
        "network-perimeter" ServiceControl,
        "identity-perimeter" ResourceControl,
    ]
}

/// The settings that are lists: as a member of a list, each is put in as several members.
pub(super) const LISTS: [&str; 7] =
    ["Deployers", "Responders", "Pipelines", "TrustedAccounts", "OutsideResources", "Networks", "Vpcs"];

impl Settings {
    fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(match name {
            "Deployers" => self.deployers.clone(),
            "Responders" => self.responders.clone(),
            "Pipelines" => self.pipelines.clone(),
            "TrustedAccounts" => or_none(self.trusted_accounts.iter().map(ToString::to_string).collect()),
            "OutsideResources" => self.outside_resources.clone(),
            "Networks" => self.networks.clone(),
            "Vpcs" => or_none(self.vpcs.clone()),
            _ => return None,
        })
    }

    fn fill_text(&self, text: &str) -> String {
        text.replace("${AWS::Partition}", &self.partition)
            .replace("${StackName}", &self.stack)
            .replace("${OrganizationId}", self.organization.as_str())
    }

    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(members) => {
                let filled = members.iter().flat_map(|member| match member.as_str().and_then(placeholder) {
                    Some(list) => self.list(list).into_iter().flatten().map(Value::String).collect(),
                    None => vec![self.fill(member)],
                });
                Value::Array(filled.collect())
            }
            Value::Object(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.clone(), self.fill(value))).collect())
            }
            other => other.clone(),
        }
    }
}

/// AWS wants a value, and no account and no VPC has this one.
fn or_none(list: Vec<String>) -> Vec<String> {
    if list.is_empty() { vec!["none".to_owned()] } else { list }
}

/// The list for which a text as a whole stands.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    LISTS.contains(&name).then_some(name)
}

impl PackedPolicy {
    /// The document with the settings put in, as AWS takes it.
    pub fn document(&self, settings: &Settings) -> Result<Value, serde_json::Error> {
        Ok(settings.fill(&serde_json::from_str(self.text)?))
    }

    /// The policy with the settings put in. Settings that are no ARN patterns, addresses and so on make one that AWS
    /// would refuse or that matches nobody; whoever takes them from people looks at them first.
    pub fn policy(&self, settings: &Settings) -> Result<ControlPolicy, Malformed> {
        let text = match self.document(settings) {
            Ok(document) => document.to_string(),
            // Then it is no JSON, and reading it says where.
            Err(_) => self.text.to_owned(),
        };
        let policy = Policy::parse(&text, self.control.policy_kind())?;
        Ok(ControlPolicy { name: self.name.to_owned(), control: self.control, policy })
    }
}
