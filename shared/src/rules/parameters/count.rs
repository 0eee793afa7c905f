use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Form, ParameterType};

/// A whole number, 0 to 1,000,000, of what its name says. AWS Config hands parameters over as strings, so `"14"` is
/// taken too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Count(u32);

impl Count {
    /// The greatest.
    pub const MOST: u32 = 1_000_000;

    /// For defaults.
    pub(crate) const fn of(count: u32) -> Self {
        assert!(count <= Self::MOST);
        Self(count)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ParameterType for Count {
    const FORM: Form = Form::Count { most: Self::MOST };
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            // Rust reads a plus sign too, and nothing else beside digits.
            Value::String(text) if !text.contains('+') => text.trim().parse().ok(),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count <= Self::MOST)
            .map(Self)
            .ok_or_else(|| {
                let shown: String = value.to_string().chars().take(64).collect();
                serde::de::Error::custom(format!("`{shown}` is not a number from 0 to {}", Self::MOST))
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_and_as_config_hands_them_over() {
        for (value, count) in
            [(json!(0), 0), (json!("14"), 14), (json!(" 24 "), 24), (json!(1_000_000), 1_000_000)]
        {
            assert_eq!(serde_json::from_value::<Count>(value.clone()).unwrap().get(), count, "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for value in
            [json!(-1), json!(1.5), json!("+1"), json!(""), json!(null), json!(1_000_001), json!([1])]
        {
            assert!(serde_json::from_value::<Count>(value.clone()).is_err(), "{value}");
        }
    }
}
