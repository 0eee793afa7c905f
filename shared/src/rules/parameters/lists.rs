use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Form, Names, ParameterType};

/// Named lists, each as AWS's rule `IAM_POLICY_BLACKLISTED_CHECK` writes them: `users:[alice;bob]`. IAM's names hold
/// none of these signs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists(Vec<(String, Vec<String>)>);

impl Lists {
    /// For defaults.
    pub(crate) fn of(_none: [&str; 0]) -> Self {
        Self::default()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the lists, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// What is in a list; `None` where there is no such list. What is written in two lists of a name is one.
    pub fn get(&self, name: &str) -> Option<Vec<&str>> {
        let mut found = self.0.iter().filter(|(listed, _)| listed == name).peekable();
        found.peek()?;
        Some(found.flat_map(|(_, items)| items).map(String::as_str).collect())
    }

    fn read(text: &str) -> Option<(String, Vec<String>)> {
        let (name, items) = text.split_once(":[")?;
        let items = items.strip_suffix(']')?;
        if name.trim().is_empty() || items.contains(['[', ']']) {
            return None;
        }
        let items = items.split(';').map(str::trim).filter(|item| !item.is_empty());
        Some((name.trim().to_owned(), items.map(str::to_owned).collect()))
    }
}

impl ParameterType for Lists {
    const FORM: Form = Form::Names;
}

impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, items)) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name}:[{}]", items.join(";"))?;
        }
        Ok(())
    }
}

impl Serialize for Lists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(name, items)| format!("{name}:[{}]", items.join(";"))))
    }
}

impl<'de> Deserialize<'de> for Lists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Names::deserialize(deserializer)?;
        let read = |text: &str| {
            Self::read(text).ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                serde::de::Error::custom(format!("`{shown}` is not a list such as `users:[alice;bob]`"))
            })
        };
        Ok(Self(texts.iter().map(read).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> Result<Lists, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn lists_are_read_as_aws_writes_them_and_come_back_so() {
        let lists = read(json!("users:[alice; bob], groups:[ops],roles:[]")).unwrap();
        assert_eq!(lists.get("users").unwrap(), ["alice", "bob"]);
        assert_eq!(lists.get("groups").unwrap(), ["ops"]);
        assert_eq!(lists.get("roles").unwrap(), [""; 0]);
        assert_eq!(lists.get("policies"), None);
        assert_eq!(
            serde_json::to_value(&lists).unwrap(),
            json!(["users:[alice;bob]", "groups:[ops]", "roles:[]"])
        );
        assert_eq!(read(serde_json::to_value(&lists).unwrap()).unwrap(), lists);
        assert_eq!(read(json!(["users:[a]", "users:[b]"])).unwrap().get("users").unwrap(), ["a", "b"]);
        assert_eq!(lists.to_string(), "users:[alice;bob], groups:[ops], roles:[]");
    }

    #[test]
    fn names_with_the_signs_that_iam_allows_are_whole() {
        let lists = read(json!(["ops+on=call@x,y:[a+b;c=d,e]"])).unwrap();
        assert_eq!(lists.names().collect::<Vec<_>>(), ["ops+on=call@x,y"]);
        assert_eq!(lists.get("ops+on=call@x,y").unwrap(), ["a+b", "c=d,e"]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for wrong in ["users", "users:alice", "users:[alice", ":[alice]", "users:[a]:[b]", "users:[[a]]"] {
            assert!(read(json!([wrong])).is_err(), "{wrong}");
        }
        let error = read(json!(["alice"])).unwrap_err().to_string();
        assert!(error.contains("`alice` is not a list such as `users:[alice;bob]`"), "{error}");
    }
}
