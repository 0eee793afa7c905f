//! Whose word a rule's plan waits for.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Mode;
use super::listed::{self, Listed};
use super::node::Kind;
use super::place::Place;
use super::problem::Problems;
use super::setting::RuleSetting;
use super::warnings::read_days;
use crate::facts::ResourceIdentity;
use crate::identifier::{Arn, PARTITIONS};
use crate::remedy::{Plan, Step, Write, matches};
use crate::rules::{RuleId, find};

/// Approvals are worth something as long as those who gave them remember why.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The most people a plan may wait for.
const MOST: u8 = 2;

/// Who approves plans, for how long, and of whom two people decide.
#[derive(Debug, Clone)]
pub struct Approvals {
    approvers: Vec<String>,
    valid_for: SignedDuration,
    platinum: Vec<Listed>,
}

impl Default for Approvals {
    fn default() -> Self {
        Self { approvers: Vec::new(), valid_for: VALID_FOR, platinum: Vec::new() }
    }
}

impl Approvals {
    /// Whether the caller's word counts.
    pub fn may_approve(&self, caller: &Arn) -> bool {
        self.approvers.iter().any(|pattern| matches(pattern, caller.as_str()))
    }

    /// Whose word counts: ARNs in which `*` stands for any characters.
    pub fn approvers(&self) -> &[String] {
        &self.approvers
    }

    /// Of whom two people decide.
    pub fn platinum(&self) -> &[Listed] {
        &self.platinum
    }

    /// Whether there is anybody whose word counts.
    pub fn has_approvers(&self) -> bool {
        !self.approvers.is_empty()
    }

    /// How long people may take.
    pub fn valid_for(&self) -> SignedDuration {
        self.valid_for
    }

    /// How many people must approve a plan of a rule that itself asks for so many. What deletes a credential, what is about
    /// a platinum principal and what takes from one, as its `holders` say, two must, whatever the rule.
    pub(super) fn needed(&self, of_rule: u8, plan: &Plan, holders: &BTreeSet<ResourceIdentity>) -> u8 {
        let deletes = plan.steps.iter().any(Step::deletes_credential);
        let takes = plan.steps.iter().any(Step::takes_from_holders);
        let of_platinum = self.is_platinum(plan.resource.arn())
            || takes && holders.iter().any(|holder| self.is_platinum(holder.arn()));
        if of_platinum || deletes { MOST } else { of_rule }
    }

    /// Whether it is listed.
    pub(super) fn is_platinum(&self, arn: &Arn) -> bool {
        self.platinum.iter().any(|listed| matches(&listed.principal, arn.as_str()))
    }

    /// That nobody may approve is a mistake where somebody must: such a rule would never act.
    pub(super) fn check<'s>(
        &self,
        top: &Place<'_>,
        settings: impl IntoIterator<Item = (&'s RuleId, &'s RuleSetting)>,
        problems: &mut Problems,
    ) {
        let asks = |(rule, setting): (&RuleId, &RuleSetting)| {
            let acts = setting.enabled && setting.mode == Mode::Enforce;
            setting.approvals > 0 || (acts && deletes_credentials(*rule))
        };
        let asks = !self.platinum.is_empty() || settings.into_iter().any(asks);
        if asks && self.approvers.is_empty() {
            problems.push(top.problem(
                "approvals are asked for, and nobody may give them",
                "name `approvals.approvers`, such as `arn:aws:iam::111122223333:user/security/*`",
            ));
        }
    }
}

fn deletes_credentials(rule: RuleId) -> bool {
    find(rule).is_some_and(|entry| entry.meta.steps.contains(&Write::DeleteAccessKey))
}

const FIELDS: [&str; 3] = ["approvers", "validDays", "platinum"];

/// Reads `approvals`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Approvals {
    let mut approvals = Approvals::default();
    let Some(fields) = place.fields(&FIELDS, problems) else { return approvals };
    if let Some(list) = fields.required("approvers", problems) {
        let items = list.items(problems).unwrap_or_default();
        approvals.approvers = items.iter().filter_map(|item| read_approver(item, problems)).collect();
    }
    if let Some(days) = fields.optional("validDays").and_then(|place| read_days(place, problems)) {
        approvals.valid_for = days;
    }
    if let Some(list) = fields.optional("platinum") {
        approvals.platinum = listed::read_principals(list, false, problems);
    }
    approvals
}

/// A caller's ARN, in whose last part `*` stands for any characters.
fn read_approver(place: &Place<'_>, problems: &mut Problems) -> Option<String> {
    let text = place.text(problems)?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_caller = match parts.as_slice() {
        ["arn", partition, service, "", account, resource] => {
            let kind = match *service {
                "iam" => "user/",
                "sts" => "assumed-role/",
                _ => "-",
            };
            PARTITIONS.contains(partition)
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource.strip_prefix(kind).is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    if !is_caller {
        problems.push(place.problem(
            format!("`{text}` is no user's ARN and no role session's"),
            "write `arn:aws:iam::111122223333:user/security/*`, or \
             `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Security_0123456789abcdef/*`",
        ));
    }
    is_caller.then(|| text.to_owned())
}

/// Reads a rule's `approvals`: how many people must approve each plan; only a rule that `acts` has plans.
pub(super) fn read_needed(place: &Place<'_>, acts: bool, problems: &mut Problems) -> Option<u8> {
    if !acts {
        problems.push(
            place.problem(
                "the rule does nothing by itself, so there is nothing to approve",
                "take the key out",
            ),
        );
        return None;
    }
    let needed = match &place.node.kind {
        Kind::Number(number) => number.as_u64().and_then(|number| u8::try_from(number).ok()),
        _ => None,
    };
    let needed = needed.filter(|needed| *needed <= MOST);
    if needed.is_none() {
        let advice = format!("write how many must approve: 0 to {MOST}");
        problems.push(place.problem("this is no number of people", advice));
    }
    needed
}

/// Of the JSON Schema.
pub(super) fn schema(principals: &Value) -> Value {
    json!({
        "description": "Who approves plans. A plan waits where its rule's `approvals` or `platinum` says so.",
        "type": "object",
        "additionalProperties": false,
        "required": ["approvers"],
        "properties": {
            "approvers": {
                "description": "Callers' ARNs, of users or of roles' sessions; `*` stands for any characters.",
                "type": "array",
                "items": { "type": "string", "pattern": "^arn:[a-z-]+:(iam::[0-9]{12}:user|sts::[0-9]{12}:assumed-role)/.+$" },
            },
            "validDays": {
                "description": "How long people may take; silence refuses the plan.",
                "type": "integer",
                "minimum": 1,
                "maximum": 180,
                "default": VALID_FOR.as_hours() / 24,
            },
            "platinum": principals,
        },
    })
}

/// Of the JSON Schema of a rule.
pub(super) fn needed_schema() -> Value {
    json!({
        "description": "How many people must approve each plan before the rule acts.",
        "type": "integer",
        "minimum": 0,
        "maximum": MOST,
        "default": 0,
    })
}

#[cfg(test)]
mod tests;
