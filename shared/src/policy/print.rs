use serde_json::{Map, Value, json};

use super::{Element, Policy, PrincipalEntry, Statement};

impl Policy {
    /// The policy as JSON, from which it reads back the same. Lists stay lists, even of one.
    pub fn to_json(&self) -> Value {
        let mut policy = Map::new();
        policy.insert("Version".to_owned(), json!(self.version.as_str()));
        if let Some(id) = &self.id {
            policy.insert("Id".to_owned(), json!(id));
        }
        policy.insert("Statement".to_owned(), self.statements.iter().map(statement).collect());
        Value::Object(policy)
    }
}

fn statement(statement: &Statement) -> Value {
    let mut printed = Map::new();
    if let Some(sid) = &statement.sid {
        printed.insert("Sid".to_owned(), json!(sid));
    }
    printed.insert("Effect".to_owned(), json!(statement.effect.as_str()));
    if let Some(principal) = &statement.principal {
        printed.insert(name("Principal", principal), principals(&principal.entries));
    }
    let actions = statement.action.entries.iter().map(|action| json!(action.as_str())).collect();
    printed.insert(name("Action", &statement.action), actions);
    if let Some(resource) = &statement.resource {
        let resources = resource.entries.iter().map(|resource| json!(resource.as_str())).collect();
        printed.insert(name("Resource", resource), resources);
    }
    if !statement.conditions.is_empty() {
        printed.insert("Condition".to_owned(), conditions(statement));
    }
    Value::Object(printed)
}

fn name<T>(element: &str, of: &Element<T>) -> String {
    format!("{}{element}", if of.negated { "Not" } else { "" })
}

fn principals(entries: &[PrincipalEntry]) -> Value {
    if entries == [PrincipalEntry::Everyone] {
        return json!("*");
    }
    let mut kinds = Map::new();
    for entry in entries {
        let kind = kinds.entry(entry.key()).or_insert_with(|| json!([]));
        if let Value::Array(list) = kind {
            list.push(json!(entry.to_string()));
        }
    }
    Value::Object(kinds)
}

fn conditions(statement: &Statement) -> Value {
    let mut operators = Map::new();
    for condition in &statement.conditions {
        let operator = operators.entry(condition.operator.to_string()).or_insert_with(|| json!({}));
        if let Value::Object(keys) = operator {
            keys.insert(condition.key.clone(), json!(condition.values));
        }
    }
    Value::Object(operators)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{Effect, PolicyKind};

    fn round_trip(text: &str, kind: PolicyKind) {
        let policy = Policy::parse(text, kind).unwrap();
        assert_eq!(Policy::parse(&policy.to_json().to_string(), kind).unwrap(), policy, "{text}");
    }

    #[test]
    fn printing_and_reading_gives_the_same_policy() {
        round_trip(
            r#"{"Id":"x","Statement":{"Sid":"A1","Effect":"Deny","NotAction":"iam:*","NotResource":["*"],
                "Condition":{"stringequals":{"aws:x":["a",true,1.5]},"ForAllValues:StringLikeIfExists":{"aws:y":[]}}}}"#,
            PolicyKind::Identity,
        );
        round_trip(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
                "Principal":{"AWS":["*","111122223333"],"Service":"ec2.amazonaws.com","Federated":"x"}},
                {"Effect":"Deny","Action":"sts:*","NotPrincipal":"*"},{"Effect":"Deny","Action":[],"Principal":{}}]}"#,
            PolicyKind::Trust,
        );
    }

    proptest! {
        #[test]
        fn reading_what_was_printed_changes_nothing(
            sid in proptest::option::of("[A-Za-z0-9]{0,4}"),
            deny in any::<bool>(),
            negated in any::<(bool, bool)>(),
            actions in proptest::collection::vec("(\\*|[a-z]{1,3}:[A-Za-z*?]{1,6})", 0..4),
            resources in proptest::collection::vec("(\\*|arn:[ -~]{0,12})", 0..4),
            keys in proptest::collection::btree_map("[a-z]{1,3}:\\PC{1,6}", proptest::collection::vec("\\PC{0,6}", 0..3), 0..3),
        ) {
            let action = if negated.0 { "NotAction" } else { "Action" };
            let resource = if negated.1 { "NotResource" } else { "Resource" };
            let effect = if deny { Effect::Deny } else { Effect::Allow };
            let mut statement = json!({ "Effect": effect.as_str(), action: actions, resource: resources,
                "Condition": { "StringLike": keys } });
            if let Some(sid) = sid {
                statement["Sid"] = json!(sid);
            }
            let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
            prop_assert_eq!(Policy::parse(&policy.to_json().to_string(), PolicyKind::Identity).unwrap(), policy);
        }
    }
}
