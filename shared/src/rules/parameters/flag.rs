use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Form, ParameterType};

/// Yes or no. AWS Config hands parameters over as strings, so `"true"` is taken too; anything but `true` and `false`, in
/// any letter case, is refused, where AWS's own rules read it as no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Flag(bool);

impl Flag {
    /// For defaults.
    pub(crate) const fn of(flag: bool) -> Self {
        Self(flag)
    }

    /// Whether it is yes.
    pub fn is_set(self) -> bool {
        self.0
    }
}

impl ParameterType for Flag {
    const FORM: Form = Form::Flag;
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("expected `true` or `false`");
        match Value::deserialize(deserializer)? {
            Value::Bool(flag) => Ok(Self(flag)),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(Self(true)),
                "false" => Ok(Self(false)),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yes_and_no_are_read_as_they_are_and_as_config_hands_them_over() {
        for (value, flag) in [
            (json!(true), true),
            (json!(false), false),
            (json!("true"), true),
            (json!(" False "), false),
            (json!("TRUE"), true),
        ] {
            assert_eq!(serde_json::from_value::<Flag>(value.clone()).unwrap().is_set(), flag, "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for value in [json!(1), json!("yes"), json!(""), json!(null), json!([true])] {
            assert!(serde_json::from_value::<Flag>(value.clone()).is_err(), "{value}");
        }
    }
}
