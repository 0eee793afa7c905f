use serde_json::Value;

use super::EngineError;
use crate::event::ConfigRuleInvocation;
use crate::governance::Governance;
use crate::rules::{BoundRule, RULES, RuleId, Trigger};

/// Rules a Config rule's invocation asks for, each with parameters of its own where the invocation brings some.
pub(super) struct Asked {
    /// The rule.
    pub(super) id: RuleId,
    /// The rule under the invocation's parameters; without any, the governance file's apply.
    pub(super) rule: Option<Box<dyn BoundRule>>,
}

impl Asked {
    /// The rule under the parameters that apply.
    pub(super) fn rule<'a>(&'a self, governance: &'a Governance) -> &'a dyn BoundRule {
        self.rule.as_deref().unwrap_or_else(|| &*governance.rule(self.id).rule)
    }
}

/// Finds the rules: by the parameter `ruleId`, else by the Config rule's name, else all with this trigger.
pub(super) fn asked(
    invocation: &ConfigRuleInvocation,
    trigger: Trigger,
    governance: &Governance,
) -> Result<Vec<Asked>, EngineError> {
    let named = match invocation.parameters.rule_id() {
        Some(id) => Some(RuleId::parse(id).map_err(|error| {
            EngineError::Permanent(format!("`ruleParameters.ruleId` of `{}`: {error}", invocation.rule_name))
        })?),
        None => RULES
            .iter()
            .map(|entry| entry.meta.id)
            .find(|id| invocation.rule_name.to_ascii_lowercase().contains(id.as_str())),
    };
    let overrides: Vec<(&str, &str)> = invocation.parameters.others().collect();
    let Some(id) = named else {
        if let Some((name, _)) = overrides.first() {
            return Err(EngineError::Permanent(format!(
                "`ruleParameters.{name}` of `{}` has no rule it belongs to; give `ruleId` beside it",
                invocation.rule_name
            )));
        }
        return Ok(RULES
            .iter()
            .filter(|entry| entry.meta.triggers.contains(&trigger))
            .map(|entry| Asked { id: entry.meta.id, rule: None })
            .collect());
    };
    if overrides.is_empty() {
        return Ok(vec![Asked { id, rule: None }]);
    }
    let mut parameters = governance.rule(id).rule.parameters();
    if let Value::Object(object) = &mut parameters {
        object.extend(overrides.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
    }
    let entry = crate::rules::find(id).ok_or_else(|| EngineError::Permanent(format!("no rule {id}")))?;
    let rule = entry.bind(&parameters).map_err(|error| {
        EngineError::Permanent(format!("`ruleParameters` of `{}`: {error}", invocation.rule_name))
    })?;
    Ok(vec![Asked { id, rule: Some(rule) }])
}
