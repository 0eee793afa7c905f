use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::error::{EventError, kind, shown};
use super::time;
use crate::identifier::IdentifierError;

/// A place in an event, with its full path, so that every complaint names the field it is about.
///
/// Serde's derived readers would name a line and column inside a string inside a string, which helps nobody.
#[derive(Clone)]
pub(super) struct Field<'a> {
    path: String,
    /// `None` where the enclosing object lacks the key.
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    /// A value that stands at `path`.
    pub(super) fn at(path: impl Into<String>, value: &'a Value) -> Self {
        Self { path: path.into(), value: Some(value) }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    /// Absent or null, which most of AWS's fields use alike.
    pub(super) fn is_missing(&self) -> bool {
        self.value.is_none_or(Value::is_null)
    }

    /// The value, which must be there.
    pub(super) fn value(&self, expected: &'static str) -> Result<&'a Value, EventError> {
        match self.value {
            None => Err(self.missing("absent", expected)),
            Some(Value::Null) => Err(self.missing("null", expected)),
            Some(value) => Ok(value),
        }
    }

    /// The value, whatever it is.
    pub(super) fn raw(&self) -> Option<&'a Value> {
        self.value
    }

    /// A key of this object; the key may be absent, the object may not.
    pub(super) fn get(&self, key: &str) -> Result<Field<'a>, EventError> {
        let object = match self.value("an object")? {
            Value::Object(object) => object,
            other => return Err(self.wrong_type(other, "an object")),
        };
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Ok(Field { path, value: object.get(key) })
    }

    /// Refuses an object with a key that is not among these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), EventError> {
        let unknown = match self.value("an object")? {
            Value::Object(object) => object.keys().find(|key| !known.contains(&key.as_str())),
            other => return Err(self.wrong_type(other, "an object")),
        };
        let Some(key) = unknown else { return Ok(()) };
        let field = if self.path.is_empty() { shown(key) } else { format!("{}.{}", self.path, shown(key)) };
        Err(EventError::UnknownKey { field, known: known.join(", ") })
    }

    /// A key of this object, and missing where the object itself is.
    pub(super) fn under(&self, key: &str) -> Result<Field<'a>, EventError> {
        if self.is_missing() {
            return Ok(Field { path: format!("{}.{key}", self.path), value: None });
        }
        self.get(key)
    }

    /// What lies that deep, and missing where anything on the way is.
    pub(super) fn deep(&self, keys: &[&str]) -> Result<Field<'a>, EventError> {
        keys.iter().try_fold(self.clone(), |field, key| field.under(key))
    }

    /// Text, where there is any: missing and empty are alike.
    pub(super) fn text_if_any(&self) -> Result<Option<&'a str>, EventError> {
        Ok(self.optional(Self::text)?.map(str::trim).filter(|text| !text.is_empty()))
    }

    /// What `read` makes of the field, unless the field is missing.
    pub(super) fn optional<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, EventError>,
    ) -> Result<Option<T>, EventError> {
        if self.is_missing() { Ok(None) } else { read(self).map(Some) }
    }

    /// Each element of a list: `None` for an absent list, because then nothing is known, and an empty one for
    /// null, because that is how AWS Config writes a list without elements.
    pub(super) fn list<T>(
        &self,
        read: impl Fn(&Field<'a>) -> Result<T, EventError>,
    ) -> Result<Option<Vec<T>>, EventError> {
        match self.value {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Vec::new())),
            Some(Value::Array(items)) => {
                let element = |(index, item)| read(&Field::at(format!("{}[{index}]", self.path), item));
                items.iter().enumerate().map(element).collect::<Result<_, _>>().map(Some)
            }
            Some(other) => Err(self.wrong_type(other, "an array")),
        }
    }

    /// The texts of an object by their keys; `None` where it is missing.
    pub(super) fn texts(&self) -> Result<Option<Vec<(String, String)>>, EventError> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => {
                let text = |key: &String| {
                    let value = self.get(key)?;
                    Ok((key.clone(), value.optional(Self::text)?.unwrap_or_default().to_owned()))
                };
                object.keys().map(text).collect::<Result<_, _>>().map(Some)
            }
            Some(other) => Err(self.wrong_type(other, "an object")),
        }
    }

    /// Text, which may be empty.
    pub(super) fn text(&self) -> Result<&'a str, EventError> {
        match self.value("a string")? {
            Value::String(text) => Ok(text),
            other => Err(self.wrong_type(other, "a string")),
        }
    }

    /// Text with something in it.
    pub(super) fn filled_text(&self) -> Result<&'a str, EventError> {
        match self.text()? {
            blank if blank.trim().is_empty() => Err(self.missing("empty", "a string")),
            text => Ok(text),
        }
    }

    /// Text of one's own, for fields that nothing depends on.
    pub(super) fn optional_text(&self) -> Result<Option<String>, EventError> {
        Ok(self.optional(Self::text)?.filter(|text| !text.is_empty()).map(str::to_owned))
    }

    pub(super) fn boolean(&self) -> Result<bool, EventError> {
        match self.value("a boolean")? {
            Value::Bool(yes) => Ok(*yes),
            other => Err(self.wrong_type(other, "a boolean")),
        }
    }

    /// A count: a whole number that is not negative.
    pub(super) fn count(&self) -> Result<u64, EventError> {
        let value = self.value("a whole number")?;
        value.as_u64().ok_or_else(|| self.wrong_type(value, "a whole number that is not negative"))
    }

    pub(super) fn time(&self) -> Result<Timestamp, EventError> {
        let value = self.value("a time")?;
        match value {
            Value::String(_) | Value::Number(_) => time::read(value)
                .ok_or_else(|| EventError::BadTime { field: self.path.clone(), found: shown_scalar(value) }),
            other => Err(self.wrong_type(other, "a time")),
        }
    }

    /// An identifier, by the parser of its type.
    pub(super) fn identifier<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, IdentifierError>,
    ) -> Result<T, EventError> {
        parse(self.filled_text()?)
            .map_err(|reason| EventError::BadIdentifier { field: self.path.clone(), reason })
    }

    /// One of the words that AWS defines for this field.
    pub(super) fn word<T>(
        &self,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, EventError> {
        let text = self.filled_text()?;
        parse(text).ok_or_else(|| EventError::UnknownWord {
            field: self.path.clone(),
            found: shown(text),
            expected,
        })
    }

    /// The value of a field that carries JSON in a string. Local tools, and people who write events by hand, put
    /// the value itself there: it is taken as it is.
    pub(super) fn embedded(&self, expected: &'static str) -> Result<Cow<'a, Value>, EventError> {
        match self.value(expected)? {
            Value::String(text) if text.trim().is_empty() => Err(self.missing("empty", expected)),
            Value::String(text) => serde_json::from_str(text)
                .map(Cow::Owned)
                .map_err(|error| EventError::NotJson { field: self.path.clone(), reason: error.to_string() }),
            other => Ok(Cow::Borrowed(other)),
        }
    }

    fn missing(&self, found: &'static str, expected: &'static str) -> EventError {
        EventError::Missing { field: self.name(), found, expected }
    }

    pub(super) fn wrong_type(&self, found: &Value, expected: &'static str) -> EventError {
        EventError::WrongType { field: self.name(), found: kind(found), expected }
    }

    /// The path, or a word for the payload itself.
    fn name(&self) -> String {
        if self.path.is_empty() { "event".to_owned() } else { self.path.clone() }
    }
}

/// A string or number, as short text.
fn shown_scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| shown(&value.to_string()), shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn complaints_carry_the_whole_path() {
        let value = json!({"a": {"b": [{"c": 1}]}});
        let list = Field::at("", &value).get("a").unwrap().get("b").unwrap();
        let error = list.list(|item| item.get("c")?.text()).unwrap_err();
        assert_eq!(error.to_string(), "`a.b[0].c` is a number; expected a string");
    }

    #[test]
    fn absent_null_and_empty_are_told_apart() {
        let value = json!({"null": null, "blank": " "});
        let said = |key: &str| Field::at("", &value).get(key).unwrap().filled_text().unwrap_err().to_string();
        assert_eq!(said("absent"), "`absent` is absent; expected a string");
        assert_eq!(said("null"), "`null` is null; expected a string");
        assert_eq!(said("blank"), "`blank` is empty; expected a string");
    }

    #[test]
    fn a_null_list_is_empty_and_an_absent_one_unknown() {
        let value = json!({"null": null, "empty": []});
        let list = |key: &str| Field::at("", &value).get(key).unwrap().list(Field::text).unwrap();
        assert_eq!(list("null"), Some(vec![]));
        assert_eq!(list("empty"), Some(vec![]));
        assert_eq!(list("absent"), None);
    }

    #[test]
    fn json_too_deep_to_read_safely_is_an_error() {
        let value = Value::String("[".repeat(100_000));
        let error = Field::at("invokingEvent", &value).embedded("JSON").unwrap_err().to_string();
        assert!(error.contains("recursion limit exceeded at line 1 column 128"), "{error}");
    }
}
