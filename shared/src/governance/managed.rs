//! What other automation makes, and would make again: there Bailiff proposes, and does not fight.

use serde::Serialize;
use serde_json::{Value, json};

use super::place::Place;
use super::principal_pattern::{self, pattern};
use super::problem::Problems;
use crate::facts::{Fact, Resource};
use crate::remedy::matches;

/// The tag that CloudFormation puts on what a stack makes. Nobody can set a tag that begins with `aws:` by hand.
const STACK: &str = "aws:cloudformation:stack-name";

/// Who makes what.
#[derive(Debug, Clone)]
pub struct Managed {
    /// Whether what a CloudFormation stack makes is let be.
    cloud_formation: bool,
    automations: Vec<Automation>,
}

impl Default for Managed {
    fn default() -> Self {
        Self { cloud_formation: true, automations: Vec::new() }
    }
}

/// An automation that is known, and what it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Automation {
    /// ARNs of what it makes; `*` stands for any characters.
    pub resource: String,
    /// What it is called, and where a change is made.
    pub by: String,
    /// Why it is not Bailiff's to change.
    pub reason: String,
}

impl Managed {
    /// Whether what a CloudFormation stack makes is let be.
    pub fn cloud_formation(&self) -> bool {
        self.cloud_formation
    }

    /// Other automation, and what it makes.
    pub fn automations(&self) -> &[Automation] {
        &self.automations
    }

    /// Which of the listed automations manages the resource, in words, if one does.
    pub fn by_automation(&self, live: &Resource) -> Option<String> {
        let arn = live.identity().arn().to_string();
        let listed = self.automations.iter().find(|automation| matches(&automation.resource, &arn));
        listed.map(|Automation { by, reason, .. }| format!("{by} ({reason})"))
    }

    /// The CloudFormation stack that made the resource, in words, if one did and what stacks make is let be.
    pub fn by_stack(&self, live: &Resource) -> Option<String> {
        let stack = match live.tags() {
            Some(Fact::Known(tags)) => tags.get(STACK),
            _ => None,
        };
        stack.filter(|_| self.cloud_formation).map(|stack| format!("the CloudFormation stack {stack}"))
    }
}

const FIELDS: [&str; 2] = ["cloudFormation", "automations"];
const AUTOMATION: [&str; 3] = ["resource", "by", "reason"];

/// Reads `managed`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Managed {
    let mut managed = Managed::default();
    let Some(fields) = place.fields(&FIELDS, problems) else { return managed };
    if let Some(place) = fields.optional("cloudFormation") {
        managed.cloud_formation = place.boolean(problems).unwrap_or(true);
    }
    for place in fields.optional("automations").and_then(|list| list.items(problems)).unwrap_or_default() {
        managed.automations.extend(read_automation(&place, problems));
    }
    managed
}

fn read_automation(place: &Place<'_>, problems: &mut Problems) -> Option<Automation> {
    let fields = place.fields(&AUTOMATION, problems)?;
    let [by, reason] = ["by", "reason"].map(|name| fields.text(name, problems).map(str::to_owned));
    let place = fields.required("resource", problems)?;
    let resource = place.text(problems)?;
    let is_policy_or_group = [":policy/", ":group/"]
        .iter()
        .any(|kind| resource.starts_with("arn:") && resource.contains(":iam::") && resource.contains(kind));
    if !is_policy_or_group && let Err(what) = pattern(resource) {
        problems.push(
            place.problem(what, format!("{}; `*` stands for any characters", principal_pattern::EXAMPLE)),
        );
        return None;
    }
    Some(Automation { resource: resource.to_owned(), by: by?, reason: reason? })
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let text = |meaning: &str| json!({ "description": meaning, "type": "string" });
    json!({
        "description": "What other automation makes: rules propose there, and change nothing.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "cloudFormation": {
                "description": "Whether what a CloudFormation stack makes is let be, its credentials and threats apart.",
                "type": "boolean",
                "default": true,
            },
            "automations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": AUTOMATION,
                    "properties": {
                        "resource": text("ARNs of what it makes; `*` stands for any characters."),
                        "by": text("What it is called, and where a change is made."),
                        "reason": text("Why it is not Bailiff's to change."),
                    },
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::facts::User;
    use crate::facts::fixture::alice;
    use crate::governance::Governance;

    fn by(text: &str, user: User) -> Option<String> {
        let governance = Governance::parse(&format!("version: 1\nmanaged: {text}\n"));
        let governance = governance.unwrap_or_else(|errors| panic!("{errors}"));
        let live = user.into();
        governance.managed().by_automation(&live).or_else(|| governance.managed().by_stack(&live))
    }

    fn tagged(key: &str) -> User {
        User { tags: Fact::Known(BTreeMap::from([(key.to_owned(), "payments".to_owned())])), ..alice() }
    }

    #[test]
    fn what_a_listed_automation_makes_is_its_own() {
        let rotation = "{ automations: [{ resource: 'arn:aws:iam::111122223333:user/al*', by: key rotation, reason: r }] }";
        assert_eq!(by(rotation, alice()), Some("key rotation (r)".to_owned()));
        assert_eq!(by(rotation.replace("al*", "bob").as_str(), alice()), None);
    }

    #[test]
    fn a_stack_is_known_by_a_tag_that_nobody_sets_by_hand_unless_told_otherwise() {
        let stack = Some("the CloudFormation stack payments".to_owned());
        assert_eq!(by("{ cloudFormation: true }", tagged(STACK)), stack);
        assert_eq!(by("{ cloudFormation: false }", tagged(STACK)), None);
        assert_eq!(by("{}", tagged(STACK)), Some("the CloudFormation stack payments".to_owned()));
        assert_eq!(by("{ cloudFormation: true }", tagged("cloudformation:stack-name")), None);
        assert_eq!(by("{ cloudFormation: true }", tagged("terraform")), None);
    }

    #[test]
    fn what_is_no_automation_is_refused() {
        for (wrong, why) in [
            ("{ terraform: true }", "terraform"),
            ("{ cloudFormation: yes please }", "cloudFormation"),
            ("{ automations: [{ by: b, reason: r }] }", "resource"),
            ("{ automations: [{ resource: 'nobody', by: b, reason: r }] }", "automations[0].resource"),
            ("{ automations: [{ resource: 'arn:aws:iam::111122223333:user/a', reason: r }] }", "by"),
        ] {
            let said = Governance::parse(&format!("version: 1\nmanaged: {wrong}\n")).unwrap_err().to_string();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn beside_users_and_roles_an_automation_makes_policies_and_groups_of_iam_alone() {
        let read = |resource: &str| {
            Governance::parse(&format!(
                "version: 1\nmanaged: {{ automations: [{{ resource: '{resource}', by: b, reason: r }}] }}\n"
            ))
        };
        for right in ["arn:aws:iam::111122223333:policy/team/*", "arn:aws:iam::111122223333:group/ops"] {
            assert!(read(right).is_ok(), "{right}");
        }
        for wrong in [
            "arn:aws:s3:::bucket/*",
            "arn:aws:iam::111122223333:saml-provider/*",
            "arn:aws:ecs:eu-west-1:111122223333:policy/*",
            "aws:iam::111122223333:policy/*",
            "x:iam::y:instance-profile/z",
        ] {
            let said = read(wrong).err().map(|errors| errors.to_string()).unwrap_or_default();
            assert!(said.contains("automations[0].resource"), "{wrong}: {said}");
        }
    }
}
