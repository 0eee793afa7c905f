mod count;
mod exceptions;
mod flag;
mod lists;
mod policy_arns;
mod usage_type;

use std::fmt;

use jiff::SignedDuration;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use count::Count;
pub use exceptions::Exceptions;
pub use flag::Flag;
pub use lists::Lists;
pub use policy_arns::PolicyArns;
pub(crate) use policy_arns::is_same_policy;
pub use usage_type::UsageType;

/// A rule's parameters, with AWS's managed rule's names where it stands for one.
pub trait Parameters: DeserializeOwned + Serialize + Default + Send + Sync + 'static {
    /// Every accepted name.
    const NAMES: &'static [&'static str];
    /// What each means and may be, for documents.
    const DECLARED: &'static [Parameter];

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
        // Each by itself first, because serde does not say whose value it refuses.
        for (name, value) in object {
            let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
            serde_json::from_value::<Self>(alone)
                .map_err(|error| ParametersError::BadValue { name: name.clone(), why: error.to_string() })?;
        }
        serde_json::from_value(value.clone()).map_err(|error| ParametersError::BadValue {
            name: Self::NAMES.join(", "),
            why: error.to_string(),
        })
    }
}

/// What is said of a parameter beside its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means, from its doc comment.
    pub meaning: &'static str,
    /// What it says where nobody says otherwise, as JSON.
    pub default: &'static str,
    /// What it may say.
    pub form: Form,
}

impl Parameter {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or_default()
    }
}

/// What a parameter may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "camelCase")]
pub enum Form {
    /// Whole days of 24 hours.
    Days {
        /// The fewest.
        least: u16,
        /// The most.
        most: u16,
    },
    /// A whole number.
    Count {
        /// The greatest; the smallest is 0.
        most: u32,
    },
    /// `true` or `false`.
    Flag,
    /// One of some words.
    OneOf {
        /// The words.
        words: &'static [&'static str],
    },
    /// Texts: a list, or one text with commas between them, as AWS Config hands lists over.
    Names,
}

/// The type of a parameter.
pub(crate) trait ParameterType {
    /// What it may say.
    const FORM: Form;
}

/// Declares a rule's parameters: the name in the governance file and in AWS's managed rule, the field, its type
/// ([`Days`], [`Threshold`], [`Count`], [`Flag`], [`Names`], [`Lists`], [`Exceptions`], [`PolicyArns`], [`UsageType`]),
/// and its default.
macro_rules! declare_parameters {
    ($($(#[doc = $meaning:literal])+ $name:literal => $field:ident: $type:ident = $default:tt),+ $(,)?) => {
        /// Parameters of the rule.
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Params {
            $($(#[doc = $meaning])+ #[serde(rename = $name)] pub(crate) $field: $crate::rules::$type),+
        }

        impl Default for Params {
            fn default() -> Self {
                Self { $($field: $crate::rules::$type::of($default)),+ }
            }
        }

        impl $crate::rules::Parameters for Params {
            const NAMES: &'static [&'static str] = &[$($name),+];
            const DECLARED: &'static [$crate::rules::Parameter] = &[$($crate::rules::Parameter {
                name: $name,
                meaning: concat!($($meaning),+),
                default: stringify!($default),
                form: <$crate::rules::$type as $crate::rules::ParameterType>::FORM,
            }),+];
        }
    };
}
pub(crate) use declare_parameters;

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
    #[error("parameter `{name}`: {why}")]
    BadValue {
        /// The parameter.
        name: String,
        /// What is wrong with its value.
        why: String,
    },
}

/// A number of whole days, 0 to 3,650. AWS Config hands parameters over as strings, so `"90"` is taken too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Days(u16);

impl Days {
    /// The most days a parameter may say: ten years.
    pub const MOST: u16 = 3_650;
    /// The fewest: none.
    pub const LEAST: u16 = 0;

    /// For defaults.
    pub(crate) const fn of(days: u16) -> Self {
        assert!(days <= Self::MOST);
        Self(days)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// How many they are.
    pub fn get(self) -> u32 {
        self.0.into()
    }

    /// As a length of time; a day is 24 hours.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.0))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} day{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from(deserializer, Self::LEAST)
    }
}

impl Days {
    /// Reads a number of days, not fewer than so many.
    fn from<'de, D: Deserializer<'de>>(deserializer: D, least: u16) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            // Rust reads a plus sign too, and nothing else beside digits.
            Value::String(text) if !text.contains('+') => text.trim().parse().ok(),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number
            .and_then(|days| u16::try_from(days).ok())
            .filter(|days| *days <= Self::MOST)
            .map(Self)
            .ok_or_else(|| {
                let shown: String = value.to_string().chars().take(64).collect();
                let most = Self::MOST;
                D::Error::custom(format!("`{shown}` is not a number of days from {least} to {most}"))
            })
    }
}

/// A limit past which something breaks a rule: [`Days`], but never 0, which would hit everything at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Threshold(Days);

impl Threshold {
    /// The fewest days.
    pub const LEAST: u16 = 1;

    /// For defaults.
    pub(crate) const fn of(days: u16) -> Self {
        assert!(days >= Self::LEAST);
        Self(Days::of(days))
    }

    /// As a length of time.
    pub fn duration(self) -> SignedDuration {
        self.0.duration()
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = Days::from(deserializer, Self::LEAST)?;
        if days.is_zero() {
            Err(D::Error::custom("a threshold of 0 days would hit everything at once; give at least 1"))
        } else {
            Ok(Self(days))
        }
    }
}

impl ParameterType for Days {
    const FORM: Form = Form::Days { least: Self::LEAST, most: Self::MOST };
}

impl ParameterType for Threshold {
    const FORM: Form = Form::Days { least: Self::LEAST, most: Days::MOST };
}

/// A list of texts, in which blanks around each do not count. AWS Config hands lists over as one text with commas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Names(Vec<String>);

impl Names {
    /// The most texts of a parameter, and the most characters of each.
    const MOST: usize = 500;

    /// For defaults.
    pub(crate) fn of<const N: usize>(names: [&str; N]) -> Self {
        Self(names.map(str::to_owned).to_vec())
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ParameterType for Names {
    const FORM: Form = Form::Names;
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom("expected a list of texts, or one text with commas between them");
        let texts: Vec<String> = match Value::deserialize(deserializer)? {
            Value::String(text) => text.split(',').map(str::to_owned).collect(),
            Value::Array(list) => {
                let texts = list.into_iter().map(|item| match item {
                    Value::String(text) => Ok(text),
                    _ => Err(wrong()),
                });
                texts.collect::<Result<_, _>>()?
            }
            _ => return Err(wrong()),
        };
        let mut names: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
        names.retain(|name| !name.is_empty());
        if names.len() > Self::MOST || names.iter().any(|name| name.len() > Self::MOST) {
            return Err(D::Error::custom(format!(
                "at most {} texts of at most {} characters",
                Self::MOST,
                Self::MOST
            )));
        }
        Ok(Self(names))
    }
}

/// The parameters of a rule that takes none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct NoParameters {}

impl Parameters for NoParameters {
    const NAMES: &'static [&'static str] = &[];
    const DECLARED: &'static [Parameter] = &[];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::RULES;

    declare_parameters! {
        /// A limit,
        /// of two lines.
        "maxAge" => max_age: Threshold = 90,
        /// A time in which nothing counts.
        "gracePeriod" => grace_period: Days = 7,
    }

    fn read(value: &Value) -> Result<(Threshold, Days), String> {
        Params::read(value)
            .map(|params| (params.max_age, params.grace_period))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let defaults = Ok((Threshold::of(90), Days::of(7)));
        assert_eq!(read(&Value::Null), defaults);
        assert_eq!(read(&json!({})), defaults);
        assert_eq!(read(&json!({ "maxAge": 30 })), Ok((Threshold::of(30), Days::of(7))));
    }

    #[test]
    fn strings_are_taken_as_aws_config_hands_them_over() {
        let read = read(&json!({ "maxAge": "30", "gracePeriod": " 0 " }));
        assert_eq!(read, Ok((Threshold::of(30), Days::of(0))));
    }

    #[test]
    fn the_first_and_the_last_day_of_the_range_are_taken() {
        assert!(read(&json!({ "maxAge": 1, "gracePeriod": 0 })).is_ok());
        assert!(read(&json!({ "maxAge": 3650, "gracePeriod": 3650 })).is_ok());
    }

    #[test]
    fn what_is_not_a_number_of_days_is_refused_with_the_name_of_the_parameter() {
        let wrong = [
            json!(-1),
            json!("-1"),
            json!(3651),
            json!("3651"),
            json!(u64::MAX),
            json!("99999999999999999999"),
            json!(1e300),
            json!(90.0),
            json!(90.5),
            json!("90.0"),
            json!("0x5A"),
            json!("0o17"),
            json!("9_0"),
            json!("+90"),
            json!("ninety"),
            json!("90 days"),
            json!(""),
            json!("٩٠"),
            json!(true),
            json!(null),
            json!([90]),
            json!({ "days": 90 }),
        ];
        for value in wrong {
            for (name, least) in [("maxAge", 1), ("gracePeriod", 0)] {
                let error = read(&json!({ name: value })).unwrap_err();
                assert!(error.starts_with(&format!("parameter `{name}`: `")), "{value}: {error}");
                let said = format!("is not a number of days from {least} to 3650");
                assert!(error.contains(&said), "{value}: {error}");
            }
        }
    }

    #[test]
    fn a_threshold_of_zero_is_refused_and_a_grace_period_of_zero_is_not() {
        for zero in [json!(0), json!("0"), json!("00")] {
            let error = read(&json!({ "maxAge": zero })).unwrap_err();
            assert_eq!(
                error,
                "parameter `maxAge`: a threshold of 0 days would hit everything at once; give at least 1"
            );
            assert!(read(&json!({ "gracePeriod": zero })).is_ok());
        }
    }

    #[test]
    fn a_hostile_value_is_not_echoed_whole() {
        let error = read(&json!({ "maxAge": "9".repeat(1 << 20) })).unwrap_err();
        assert!(error.len() < 200, "{} bytes", error.len());
        let error = read(&json!({ "9".repeat(1 << 20): 1 })).unwrap_err();
        assert!(error.len() < 200, "{} bytes", error.len());
    }

    #[test]
    fn an_unknown_name_is_refused_with_a_suggestion() {
        insta::assert_snapshot!(read(&json!({ "maxage": 30 })).unwrap_err(), @"there is no parameter `maxage` (did you mean `maxAge`?); it takes maxAge, gracePeriod");
        insta::assert_snapshot!(read(&json!({ "gracePeriods": 30, "maxAge": 30 })).unwrap_err(), @"there is no parameter `gracePeriods` (did you mean `gracePeriod`?); it takes maxAge, gracePeriod");
        insta::assert_snapshot!(read(&json!({ "zebra": 30 })).unwrap_err(), @"there is no parameter `zebra`; it takes maxAge, gracePeriod");
        let none = NoParameters::read(&json!({ "maxAge": 30 })).unwrap_err();
        insta::assert_snapshot!(none, @"there is no parameter `maxAge`; this rule takes none");
    }

    #[test]
    fn what_is_not_names_with_values_is_refused() {
        for value in [json!([]), json!("maxAge=30"), json!(30), json!(false)] {
            let error = read(&value).unwrap_err();
            assert!(error.starts_with("parameters are names with values, not a "), "{value}: {error}");
        }
    }

    #[test]
    fn names_come_as_a_list_or_with_commas() {
        let read = |value| serde_json::from_value::<Names>(value);
        let names = Names::of(["a", "b c"]);
        assert_eq!(read(json!(["a", " b c "])).unwrap(), names);
        assert_eq!(read(json!(" a,b c ,")).unwrap(), names);
        assert!(read(json!("")).unwrap().is_empty());
        for wrong in
            [json!(1), json!([1]), json!({}), json!(null), json!(["x".repeat(501)]), json!(",a".repeat(501))]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_declaration_says_what_the_parameters_say_by_themselves() {
        for rule in RULES {
            let defaults = rule.bind(&Value::Null).unwrap().parameters();
            let declared: Map<String, Value> = rule
                .parameters
                .iter()
                .map(|parameter| (parameter.name.to_owned(), parameter.default_value()))
                .collect();
            assert_eq!(defaults, Value::Object(declared), "{}", rule.meta.id);
            let names: Vec<&str> = rule.parameters.iter().map(|parameter| parameter.name).collect();
            assert_eq!(names, rule.parameter_names, "{}", rule.meta.id);
        }
    }

    #[test]
    fn every_parameter_of_every_rule_is_taken_within_its_range_and_refused_outside() {
        for rule in RULES {
            for parameter in rule.parameters {
                let Form::Days { least, most } = parameter.form else { continue };
                let bind =
                    |days: i64| rule.bind(&json!({ parameter.name: days })).map(|bound| bound.parameters());
                for days in [least, most] {
                    assert_eq!(bind(days.into()).unwrap()[parameter.name], json!(days));
                }
                for days in [i64::from(least) - 1, i64::from(most) + 1] {
                    assert!(bind(days).is_err(), "{} {}: {days}", rule.meta.id, parameter.name);
                }
            }
        }
    }
}
