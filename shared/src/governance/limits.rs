mod organization;

pub use organization::{OrganizationLimits, SharedLimits};
use serde_json::{Map, Value, json};

use super::node::Kind;
use super::place::Place;
use super::problem::Problems;

/// How much the rules may do before everything stops and a person looks. An act is one plan carried out on one
/// resource, however many calls it takes. What a person orders or undoes is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Acts on the findings of one sweep.
    pub per_sweep: u32,
    /// Acts in one hour of the clock, UTC.
    pub per_hour: u32,
    /// Acts on one day, UTC.
    pub per_day: u32,
    /// The same as shares of the account's users and roles, in percent.
    pub share_per_sweep: u32,
    /// The same of one hour.
    pub share_per_hour: u32,
    /// The same of one day.
    pub share_per_day: u32,
    /// Acts on one resource on one day. Whoever puts back what was changed so often is not fought but reported.
    pub per_resource_and_day: u32,
    /// Acts in all accounts of the organisation together.
    pub organization: OrganizationLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_sweep: 25,
            per_hour: 25,
            per_day: 100,
            share_per_sweep: NO_SHARE,
            share_per_hour: NO_SHARE,
            share_per_day: DEFAULT_SHARE_PER_DAY,
            per_resource_and_day: 3,
            organization: OrganizationLimits::default(),
        }
    }
}

impl Limits {
    /// Those of 0, by their keys: whatever a rule would do is one act too many.
    pub fn of_nothing(&self) -> Vec<String> {
        let mut limits = *self;
        let own = FIELDS.into_iter().filter(|(.., of)| *of(&mut limits) == 0).map(|(key, ..)| key.to_owned());
        let mut none: Vec<String> = own.collect();
        none.extend(self.organization.of_nothing().map(|key| format!("{ORGANIZATION}.{key}")));
        none
    }
}

/// Acts that no share forbids: a tenth of a small account would be nobody.
const SHARE_AT_LEAST: u32 = 5;
/// The percentage that is no limit.
const NO_SHARE: u32 = 100;
/// The share of one day where none is named, of an account and of all that share a table.
const DEFAULT_SHARE_PER_DAY: u32 = 10;
/// The most that any count may say.
const MOST: u32 = 1_000_000;

/// A limit's key, what it means, its most, and where it is kept.
type Field = (&'static str, &'static str, u32, fn(&mut Limits) -> &mut u32);

const FIELDS: [Field; 7] = [
    ("actsPerSweep", "Acts on the findings of one sweep.", MOST, |it| &mut it.per_sweep),
    ("actsPerHour", "Acts in one hour of the clock, UTC.", MOST, |it| &mut it.per_hour),
    ("actsPerDay", "Acts on one day, UTC.", MOST, |it| &mut it.per_day),
    (
        "sharePerSweep",
        "Acts on the findings of one sweep, in percent of the account's users and roles, as `sharePerDay`.",
        NO_SHARE,
        |it| &mut it.share_per_sweep,
    ),
    (
        "sharePerHour",
        "Acts in one hour, in percent of the account's users and roles, as `sharePerDay`.",
        NO_SHARE,
        |it| &mut it.share_per_hour,
    ),
    (
        "sharePerDay",
        "Acts on one day, in percent of the account's users and roles; five are never too many, and 100 is no limit.",
        NO_SHARE,
        |it| &mut it.share_per_day,
    ),
    ("actsPerResourceAndDay", "Acts on one resource on one day, UTC.", MOST, |it| {
        &mut it.per_resource_and_day
    }),
];

/// The mapping within `limits`.
const ORGANIZATION: &str = "organization";

/// How many acts so many percent come to, of so many users and roles; of an unknown number, as few as of none.
pub(crate) fn share_of(percent: u32, principals: Option<u64>) -> u32 {
    let share = principals.unwrap_or_default().saturating_mul(u64::from(percent)) / 100;
    match percent {
        // A share of nothing is meant: nothing may be done.
        0 => 0,
        // Several rules may act on one principal, so all of them is no limit that anybody means.
        NO_SHARE.. => u32::MAX,
        _ => u32::try_from(share).unwrap_or(u32::MAX).max(SHARE_AT_LEAST),
    }
}

/// Reads `limits`. One that is not named has its default.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Limits {
    let mut limits = Limits::default();
    let keys: Vec<_> = FIELDS.iter().map(|(key, ..)| *key).chain([ORGANIZATION]).collect();
    let Some(fields) = place.fields(&keys, problems) else { return limits };
    for (key, _, most, of) in FIELDS {
        if let Some(place) = fields.optional(key)
            && let Some(count) = read_count(place, most, problems)
        {
            *of(&mut limits) = count;
        }
    }
    if let Some(place) = fields.optional(ORGANIZATION) {
        limits.organization = organization::read(place, problems);
    }
    limits
}

fn read_count(place: &Place<'_>, most: u32, problems: &mut Problems) -> Option<u32> {
    let count = match &place.node.kind {
        Kind::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    let count = count.filter(|count| *count <= most);
    if count.is_none() {
        problems.push(place.problem(
            "this is not a limit",
            format!("write a whole number from 0 (nothing is done) to {most}"),
        ));
    }
    count
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let mut defaults = Limits::default();
    let mut properties: Map<String, Value> = FIELDS
        .into_iter()
        .map(|(key, meaning, most, of)| {
            let default = *of(&mut defaults);
            let described = json!({
                "description": meaning, "type": "integer", "minimum": 0, "maximum": most, "default": default,
            });
            (key.to_owned(), described)
        })
        .collect();
    properties.insert(ORGANIZATION.to_owned(), organization::schema());
    json!({
        "description": "How much the rules may do before everything stops until a person has looked.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Governance;

    fn limits(text: &str) -> Result<Limits, String> {
        Governance::parse(&format!("version: 1\n{text}"))
            .map(|governance| *governance.limits())
            .map_err(|errors| errors.to_string())
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        assert_eq!(limits(""), Ok(Limits::default()));
        let named =
            limits("limits: { actsPerHour: 3, sharePerDay: 0, sharePerHour: 7, sharePerSweep: 8 }").unwrap();
        let shares = Limits { share_per_day: 0, share_per_hour: 7, share_per_sweep: 8, ..Limits::default() };
        assert_eq!(named, Limits { per_hour: 3, ..shares });
    }

    #[test]
    fn limits_of_nothing_are_named() {
        assert_eq!(Limits::default().of_nothing(), Vec::<String>::new());
        let none =
            "limits: { actsPerDay: 0, sharePerSweep: 0, organization: { actsPerHour: 0, sharePerDay: 1 } }";
        let none = limits(none).unwrap().of_nothing();
        assert_eq!(none, ["actsPerDay", "sharePerSweep", "organization.actsPerHour"]);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for (wrong, why) in [
            ("limits: 5", "mapping"),
            ("limits: { actsPerHour: -1 }", "limits.actsPerHour"),
            ("limits: { actsPerHour: 1.5 }", "whole number"),
            ("limits: { actsPerHour: '5' }", "not a limit"),
            ("limits: { sharePerDay: 101 }", "to 100"),
            ("limits: { actsPerHuor: 5 }", "actsPerHour"),
            ("limits: { actsPerDay: 4294967297 }", "not a limit"),
            ("limits: { organization: 5 }", "mapping"),
            ("limits: { organization: { actsPerHour: -1 } }", "limits.organization.actsPerHour"),
            ("limits: { organization: { actsPerSweep: 5 } }", "actsPerSweep"),
            ("limits: { organization: { actsPerDay: 1000001 } }", "not a limit"),
            ("limits: { organization: { sharePerDay: 101 } }", "to 100"),
            ("limits: { organization: { sharePerHour: -1 } }", "limits.organization.sharePerHour"),
            ("limits: { organization: { sharePerSweep: 5 } }", "sharePerSweep"),
        ] {
            let said = limits(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_share_is_of_those_who_are_there_and_of_an_unknown_number_the_least() {
        let shares =
            [None, Some(0), Some(49), Some(59), Some(1_000), Some(u64::MAX)].map(|it| share_of(10, it));
        assert_eq!(shares, [5, 5, 5, 5, 100, u32::MAX]);
        assert_eq!(share_of(100, Some(1)), u32::MAX);
        assert_eq!(share_of(0, Some(1_000)), 0);
    }
}
