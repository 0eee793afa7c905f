use std::fmt;

use jiff::SignedDuration;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A rule's parameters, with AWS's managed rule's names where it stands for one.
pub trait Parameters: DeserializeOwned + Serialize + Default + Send + Sync + 'static {
    /// Every accepted name.
    const NAMES: &'static [&'static str];

    /// Reads parameters strictly: an unknown name is an error with a suggestion, a missing one its default.
    fn read(value: &Value) -> Result<Self, ParametersError> {
        let object = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(object) => object,
            other => return Err(ParametersError::NotAnObject(kind(other))),
        };
        for name in object.keys() {
            if !Self::NAMES.contains(&name.as_str()) {
                return Err(ParametersError::UnknownName {
                    name: name.chars().take(64).collect(),
                    suggestion: crate::governance::did_you_mean(name, Self::NAMES.iter().copied()),
                    accepted: if Self::NAMES.is_empty() {
                        "this rule takes none".to_owned()
                    } else {
                        format!("it takes {}", Self::NAMES.join(", "))
                    },
                });
            }
        }
        serde_json::from_value(value.clone()).map_err(|error| ParametersError::BadValue(error.to_string()))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Parameters that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// Something else than names and values.
    #[error("parameters are names with values, not {0}")]
    NotAnObject(&'static str),
    /// A name the rule does not know.
    #[error("there is no parameter `{name}`{suggestion}; {accepted}")]
    UnknownName {
        /// The name.
        name: String,
        /// ` (did you mean …?)`, or nothing.
        suggestion: String,
        /// The names it takes.
        accepted: String,
    },
    /// A value out of range or of the wrong type.
    #[error("{0}")]
    BadValue(String),
}

/// A number of whole days, 0 to 3,650. AWS Config hands parameters over as strings, so `"90"` is taken too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Days(u16);

impl Days {
    /// The most days a parameter may say: ten years.
    const MOST: u16 = 3_650;

    /// For defaults.
    pub(crate) const fn of(days: u16) -> Self {
        assert!(days <= Self::MOST);
        Self(days)
    }

    /// As a length of time; a day is 24 hours.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.0))
    }

    /// Refuses zero: a threshold of zero days would hit everything at once.
    pub(crate) fn threshold<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = Self::deserialize(deserializer)?;
        if days.0 == 0 {
            return Err(D::Error::custom(
                "a threshold of 0 days would hit everything at once; give at least 1",
            ));
        }
        Ok(days)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} day{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number
            .and_then(|days| u16::try_from(days).ok())
            .filter(|days| *days <= Self::MOST)
            .map(Self)
            .ok_or_else(|| {
                D::Error::custom(format!("`{value}` is not a number of days from 0 to {}", Self::MOST))
            })
    }
}

/// The parameters of a rule that takes none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct NoParameters {}

impl Parameters for NoParameters {
    const NAMES: &'static [&'static str] = &[];
}
