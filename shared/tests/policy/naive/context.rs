//! The context keys of a request: those given, and those that follow from the request itself.

use serde_json::Value;

use super::requester::Requester;
use super::{Refused, refuse};

/// Key and values; a key with no values is as good as absent.
#[derive(Debug, Clone, Default)]
pub(super) struct Context(Vec<(String, Vec<String>)>);

impl Context {
    /// The keys that the caller gave.
    pub(super) fn read(given: Option<&Value>) -> Result<Self, Refused> {
        let mut context = Self::default();
        match given {
            None | Some(Value::Null) => {}
            Some(Value::Object(keys)) => {
                for (key, value) in keys {
                    let values = if value.is_null() { Vec::new() } else { values(value)? };
                    context.0.push((key.to_lowercase(), values));
                }
            }
            Some(_) => return refuse("context: not an object"),
        }
        Ok(context)
    }

    /// Adds a key unless the caller gave it, in whatever letter case.
    fn fill(&mut self, key: &str, value: Option<impl Into<String>>) {
        let key = key.to_lowercase();
        if let Some(value) = value
            && !self.0.iter().any(|(given, _)| *given == key)
        {
            self.0.push((key, vec![value.into()]));
        }
    }

    /// Adds what follows from the request.
    pub(super) fn fill_in(&mut self, requester: &Requester, resource_account: Option<&str>) {
        self.fill("aws:PrincipalArn", requester.principal_arn());
        let account = match requester {
            Requester::Anonymous => Some("anonymous"),
            other => other.account(),
        };
        self.fill("aws:PrincipalAccount", account);
        self.fill("aws:PrincipalType", requester.principal_type());
        if let Requester::User { name, .. } = requester {
            self.fill("aws:username", Some(name.as_str()));
        }
        if let Requester::Service(name) = requester {
            self.fill("aws:PrincipalServiceName", Some(name.as_str()));
        }
        self.fill(
            "aws:PrincipalIsAWSService",
            match requester {
                Requester::Anonymous => None,
                Requester::Service(_) => Some("true"),
                _ => Some("false"),
            },
        );
        self.fill("aws:ResourceAccount", resource_account);
    }

    /// The values of a key, none when it is absent.
    pub(super) fn values(&self, key: &str) -> Vec<String> {
        let key = key.to_lowercase();
        self.0.iter().filter(|(name, _)| *name == key).flat_map(|(_, values)| values.clone()).collect()
    }
}

/// A string or list of strings; numbers and booleans are taken as their JSON text.
pub(super) fn values(value: &Value) -> Result<Vec<String>, Refused> {
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        single => Ok(vec![text(single)?]),
    }
}

fn text(value: &Value) -> Result<String, Refused> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        other => refuse(format!("{other} is no string, number or boolean")),
    }
}
