use serde::{Deserialize, Deserializer, Serialize};

use super::{Form, Lists, ParameterType};
use crate::facts::ResourceIdentity;

/// Users, groups and roles that a rule lets be, as AWS's rule `IAM_POLICY_BLACKLISTED_CHECK` takes them:
/// `users:[alice;bob], groups:[ops], roles:[deployer]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Exceptions(Lists);

const KINDS: [&str; 3] = ["users", "groups", "roles"];

impl Exceptions {
    /// For defaults.
    pub(crate) fn of(none: [&str; 0]) -> Self {
        Self(Lists::of(none))
    }

    /// Whether it is one of them, by its name.
    pub fn has(&self, resource: &ResourceIdentity) -> bool {
        let kind = match resource {
            ResourceIdentity::User(_) => "users",
            ResourceIdentity::Group(_) => "groups",
            ResourceIdentity::Role(_) => "roles",
            _ => return false,
        };
        self.0.get(kind).is_some_and(|names| names.contains(&resource.name()))
    }
}

impl ParameterType for Exceptions {
    const FORM: Form = Form::Names;
}

impl<'de> Deserialize<'de> for Exceptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lists = Lists::deserialize(deserializer)?;
        if let Some(name) = lists.names().find(|name| !KINDS.contains(name)) {
            let shown: String = name.chars().take(64).collect();
            return Err(serde::de::Error::custom(format!("`{shown}` is none of {}", KINDS.join(", "))));
        }
        Ok(Self(lists))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Resource;
    use crate::facts::fixture::{ALLOWS, alice, customer_policy, deployer, developers};

    #[test]
    fn each_is_named_under_its_own_kind() {
        let read = |text| serde_json::from_value::<Exceptions>(json!(text)).unwrap();
        let user = Resource::from(alice()).identity();
        let role = Resource::from(deployer()).identity();
        let group = Resource::from(developers()).identity();
        let all = read("users:[bob;alice], groups:[developers], roles:[deployer]");
        assert!([&user, &role, &group].into_iter().all(|resource| all.has(resource)));
        let crossed = read("users:[deployer;Alice], groups:[alice], roles:[developers]");
        assert!(![&user, &role, &group].into_iter().any(|resource| crossed.has(resource)));
        assert!(!all.has(&Resource::from(customer_policy(ALLOWS)).identity()));
    }

    #[test]
    fn another_kind_is_refused() {
        let error = serde_json::from_value::<Exceptions>(json!("user:[alice]")).unwrap_err().to_string();
        assert_eq!(error, "`user` is none of users, groups, roles");
    }
}
