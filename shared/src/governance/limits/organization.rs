//! Limits over all accounts that share the organisation's table.

use serde_json::{Map, Value, json};

use super::{DEFAULT_SHARE_PER_DAY, MOST, NO_SHARE, read_count};
use crate::governance::place::Place;
use crate::governance::problem::Problems;

/// How much the rules may do in all accounts together that share the organisation's table, as the governance file names
/// it. What stands where one is not named is told by [`in_force`](Self::in_force).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrganizationLimits {
    /// Acts in one hour of the clock, UTC.
    pub per_hour: Option<u32>,
    /// Acts on one day, UTC.
    pub per_day: Option<u32>,
    /// Acts in one hour as a share of the users and roles of all these accounts, in percent.
    pub share_per_hour: Option<u32>,
    /// The same of one day.
    pub share_per_day: Option<u32>,
}

/// The limits over the organisation that a deployment keeps which has been given the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedLimits {
    /// Acts in one hour of the clock, UTC. A count has no default: how many accounts there are, nobody here knows.
    pub per_hour: Option<u32>,
    /// Acts on one day, UTC.
    pub per_day: Option<u32>,
    /// Acts in one hour, in percent; never 100, which is no limit.
    pub share_per_hour: Option<u32>,
    /// The same of one day.
    pub share_per_day: Option<u32>,
}

impl OrganizationLimits {
    /// Whether the governance file names none. One that it names asks for the table; a default does not.
    pub fn names_none(&self) -> bool {
        *self == Self::default()
    }

    /// The keys of those that are 0.
    pub(super) fn of_nothing(self) -> impl Iterator<Item = &'static str> {
        let mut limits = self;
        FIELDS.into_iter().filter(move |(.., of, _)| *of(&mut limits) == Some(0)).map(|(key, ..)| key)
    }

    /// What is kept where there is a table: what is named, and of what is not its default.
    pub fn in_force(&self) -> SharedLimits {
        let share = |named: Option<u32>, default| Some(named.unwrap_or(default)).filter(|it| *it < NO_SHARE);
        SharedLimits {
            per_hour: self.per_hour,
            per_day: self.per_day,
            share_per_hour: share(self.share_per_hour, NO_SHARE),
            share_per_day: share(self.share_per_day, DEFAULT_SHARE_PER_DAY),
        }
    }
}

impl SharedLimits {
    /// Whether any limit hangs on how many users and roles there are. A share of nothing does not.
    pub(crate) fn take_a_share(&self) -> bool {
        [self.share_per_hour, self.share_per_day].into_iter().flatten().any(|percent| percent > 0)
    }
}

/// A limit's key, what it means, its most, where it is kept, and the default of a share.
type Field = (&'static str, &'static str, u32, fn(&mut OrganizationLimits) -> &mut Option<u32>, Option<u32>);

const FIELDS: [Field; 4] = [
    ("actsPerHour", "Acts in all accounts in one hour of the clock, UTC.", MOST, |it| &mut it.per_hour, None),
    ("actsPerDay", "Acts in all accounts on one day, UTC.", MOST, |it| &mut it.per_day, None),
    (
        "sharePerHour",
        "Acts in all accounts in one hour, in percent of all their users and roles, as `sharePerDay`.",
        NO_SHARE,
        |it| &mut it.share_per_hour,
        Some(NO_SHARE),
    ),
    (
        "sharePerDay",
        "Acts in all accounts on one day, in percent of the users and roles that the last sweeps of all of them \
         counted; five are never too many, and 100 is no limit.",
        NO_SHARE,
        |it| &mut it.share_per_day,
        Some(DEFAULT_SHARE_PER_DAY),
    ),
];

/// Reads `limits.organization`. One that is not named is `None`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> OrganizationLimits {
    let mut limits = OrganizationLimits::default();
    let Some(fields) = place.fields(&FIELDS.map(|(key, ..)| key), problems) else { return limits };
    for (key, _, most, of, _) in FIELDS {
        *of(&mut limits) = fields.optional(key).and_then(|place| read_count(place, most, problems));
    }
    limits
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let properties: Map<String, Value> = FIELDS
        .into_iter()
        .map(|(key, meaning, most, _, default)| {
            let mut described =
                json!({ "description": meaning, "type": "integer", "minimum": 0, "maximum": most });
            if let (Some(default), Value::Object(described)) = (default, &mut described) {
                described.insert("default".to_owned(), default.into());
            }
            (key.to_owned(), described)
        })
        .collect();
    json!({
        "description": "The same over all accounts that share the organisation's table (`OrganizationTable` of the \
                        stack). Where one is named and there is no table, nothing is enforced; a count that is not named \
                        is none, and a default stands only where there is the table.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Governance;

    fn named(text: &str) -> OrganizationLimits {
        let text = format!("version: 1\nlimits: {{ {text} }}\n");
        Governance::parse(&text).unwrap().limits().organization
    }

    const BY_DEFAULT: SharedLimits =
        SharedLimits { per_hour: None, per_day: None, share_per_hour: None, share_per_day: Some(10) };

    #[test]
    fn what_is_named_is_told_from_what_is_the_default() {
        for nothing in ["actsPerHour: 3", "organization: {}"] {
            assert!(named(nothing).names_none(), "{nothing}");
            assert_eq!(named(nothing).in_force(), BY_DEFAULT, "{nothing}");
        }
        // The default itself is named where somebody wrote it, and so is what is no limit.
        for (percent, share_per_day) in [(10, Some(10)), (100, None)] {
            let share = named(&format!("organization: {{ sharePerDay: {percent} }}"));
            assert!(!share.names_none(), "{percent}");
            assert_eq!(share.in_force(), SharedLimits { share_per_day, ..BY_DEFAULT });
        }
        for (key, limits) in [
            ("actsPerHour", SharedLimits { per_hour: Some(0), ..BY_DEFAULT }),
            ("actsPerDay", SharedLimits { per_day: Some(0), ..BY_DEFAULT }),
            ("sharePerHour", SharedLimits { share_per_hour: Some(0), ..BY_DEFAULT }),
            ("sharePerDay", SharedLimits { share_per_day: Some(0), ..BY_DEFAULT }),
        ] {
            let organization = named(&format!("organization: {{ {key}: 0 }}"));
            assert!(!organization.names_none(), "{key}");
            assert_eq!(organization.in_force(), limits, "{key}");
        }
    }

    #[test]
    fn who_there_is_bears_on_a_share_that_is_neither_nothing_nor_everything() {
        let asks = |hour: u32, day: u32| {
            let named = named(&format!("organization: {{ sharePerHour: {hour}, sharePerDay: {day} }}"));
            named.in_force().take_a_share()
        };
        assert!(asks(100, 1) && asks(99, 100) && asks(0, 10));
        assert!(!asks(100, 100) && !asks(0, 100) && !asks(0, 0));
        assert!(BY_DEFAULT.take_a_share());
    }
}
