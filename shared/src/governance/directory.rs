//! Who has left: by what a user is matched to a person, and what makes a list of people incredible.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::node::Kind;
use super::place::Place;
use super::principal_pattern::{EXAMPLE, exact_principal};
use super::problem::Problems;
use crate::directory::{EmployeeId, Matcher};
use crate::identifier::{Arn, PARTITIONS};

/// How a directory or HR system is listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// By what a user is matched to a person. All of them are asked.
    pub match_by: Vec<Matcher>,
    /// Users whose people may newly have left by one list.
    pub max_leavers: u32,
    /// The same in percent of the users whose people are known.
    pub max_leavers_share: u32,
    /// Hours after which a list is stale.
    pub max_age_hours: u32,
    /// Percent of the last good list that the next must name at least.
    pub minimum_share_of_last: u32,
    /// Whether somebody who is not on a list has left.
    pub absent_means_left: bool,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            match_by: Vec::new(),
            max_leavers: 20,
            max_leavers_share: 5,
            max_age_hours: 48,
            minimum_share_of_last: 90,
            absent_means_left: false,
        }
    }
}

const FIELDS: [&str; 6] =
    ["matchBy", "maxLeavers", "maxLeaversShare", "maxAgeHours", "minimumShareOfLast", "absentMeansLeft"];
const MATCHERS: [&str; 3] = ["tag", "email", "table"];
const TABLE: [&str; 2] = ["principal", "employee"];

/// The longest key of a tag (IAM API, `Tag`).
const LONGEST_KEY: usize = 128;

/// A number's key, what it means, its least and its most, and where it is kept.
type Number = (&'static str, &'static str, u32, u32, fn(&mut Directory) -> &mut u32);

const NUMBERS: [Number; 4] = [
    ("maxLeavers", "Users whose people may newly have left by one list.", 0, 100_000, |it| {
        &mut it.max_leavers
    }),
    (
        "maxLeaversShare",
        "The same in percent of the users whose people are known; two are never too many, unless it is 0.",
        0,
        100,
        |it| &mut it.max_leavers_share,
    ),
    ("maxAgeHours", "Hours after which a list is stale.", 1, 8_760, |it| &mut it.max_age_hours),
    ("minimumShareOfLast", "Percent of the last good list that the next must name at least.", 0, 100, |it| {
        &mut it.minimum_share_of_last
    }),
];

/// Reads `directory`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Directory> {
    let fields = place.fields(&FIELDS, problems)?;
    let mut directory = Directory::default();
    for (key, _, least, most, of) in NUMBERS {
        if let Some(place) = fields.optional(key)
            && let Some(number) = read_number(place, least, most, problems)
        {
            *of(&mut directory) = number;
        }
    }
    if let Some(place) = fields.optional("absentMeansLeft") {
        directory.absent_means_left = place.boolean(problems).unwrap_or_default();
    }
    let list = fields.required("matchBy", problems)?;
    let items = list.items(problems)?;
    if items.is_empty() {
        problems.push(list.problem("nobody would be matched", "write `- tag: employee_id`, or another way"));
    }
    for item in items {
        directory.match_by.extend(read_matcher(&item, problems));
    }
    Some(directory)
}

fn read_number(place: &Place<'_>, least: u32, most: u32, problems: &mut Problems) -> Option<u32> {
    let number = match &place.node.kind {
        Kind::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let advice = format!("write a whole number from {least} to {most}");
        problems.push(place.problem("this is out of place", advice));
    }
    number
}

fn read_matcher(place: &Place<'_>, problems: &mut Problems) -> Option<Matcher> {
    let fields = place.fields(&MATCHERS, problems)?;
    let mut named = MATCHERS.iter().filter_map(|name| Some((*name, fields.optional(name)?)));
    let (Some((name, value)), None) = (named.next(), named.next()) else {
        let advice = "write one of `tag: KEY`, `email: KEY` and `table: […]` in each entry";
        problems.push(fields.problem("this is not one way to match", advice));
        return None;
    };
    if name == "table" {
        return read_table(value, problems).map(Matcher::Table);
    }
    let key = value.text(problems)?;
    if key.chars().count() > LONGEST_KEY {
        problems.push(value.problem("no tag has so long a key", "write the key of the tag"));
        return None;
    }
    let key = key.to_owned();
    Some(if name == "tag" { Matcher::Tag(key) } else { Matcher::Email(key) })
}

fn read_table(place: &Place<'_>, problems: &mut Problems) -> Option<BTreeMap<Arn, EmployeeId>> {
    let mut table = BTreeMap::new();
    for line in place.items(problems)? {
        let Some(fields) = line.fields(&TABLE, problems) else { continue };
        let (principal, employee) =
            (fields.required("principal", problems), fields.required("employee", problems));
        let (Some(principal), Some(employee)) = (principal, employee) else { continue };
        let arn = principal.text(problems).and_then(|text| match exact_principal(text) {
            Ok(arn) if arn.resource().starts_with("user/") => Some(arn),
            Ok(_) => {
                problems.push(principal.problem("this is a role, and people have users", EXAMPLE));
                None
            }
            Err(what) => {
                problems.push(principal.problem(what, EXAMPLE));
                None
            }
        });
        let employee = employee.text(problems).and_then(|text| match EmployeeId::parse(text) {
            Ok(id) => Some(id),
            Err(error) => {
                problems.push(employee.problem(error.to_string(), "write it as the directory does"));
                None
            }
        });
        if let (Some(arn), Some(employee)) = (arn, employee)
            && table.insert(arn, employee).is_some()
        {
            problems.push(principal.problem("the user stands here twice", "keep one of the two"));
        }
    }
    Some(table)
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let mut defaults = Directory::default();
    let mut properties = Map::new();
    let key = |meaning: &str| json!({ "description": meaning, "type": "string", "minLength": 1, "maxLength": LONGEST_KEY });
    properties.insert(
        "matchBy".to_owned(),
        json!({
            "description": "By what a user is matched to a person. All are asked; who matches two people is left to people.",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    "tag": key("The key of the tag that holds the employee's id, to the letter."),
                    "email": key("The key of the tag that holds the work address, in any case."),
                    "table": {
                        "description": "Users and their people.",
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": TABLE,
                            "properties": {
                                "principal": {
                                    "description": "The exact ARN of an IAM user.",
                                    "type": "string",
                                    "pattern": format!(
                                        "^arn:({}):iam::[0-9]{{12}}:user/[^*?\\s]+$",
                                        PARTITIONS.join("|")
                                    ),
                                },
                                "employee": { "description": "The employee's id.", "type": "string", "minLength": 1 },
                            },
                        },
                    },
                },
            },
        }),
    );
    for (key, meaning, least, most, of) in NUMBERS {
        let default = *of(&mut defaults);
        properties.insert(
            key.to_owned(),
            json!({
                "description": meaning, "type": "integer", "minimum": least, "maximum": most, "default": default,
            }),
        );
    }
    properties.insert(
        "absentMeansLeft".to_owned(),
        json!({
            "description": "Whether somebody who is not on a list has left.",
            "type": "boolean",
            "default": false,
        }),
    );
    json!({
        "description": "How a directory or HR system is listened to: whose users leavers have.",
        "type": "object",
        "additionalProperties": false,
        "required": ["matchBy"],
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Governance;

    fn directory(text: &str) -> Result<Option<Directory>, String> {
        Governance::parse(&format!("version: 1\n{text}"))
            .map(|governance| governance.directory().cloned())
            .map_err(|errors| errors.to_string())
    }

    #[test]
    fn nobody_is_listened_to_unless_it_is_said_by_what_users_are_matched() {
        assert_eq!(directory(""), Ok(None));
        let named = directory("directory: { matchBy: [{tag: employee_id}, {email: mail}], maxLeavers: 3 }");
        let match_by = vec![Matcher::Tag("employee_id".to_owned()), Matcher::Email("mail".to_owned())];
        assert_eq!(named, Ok(Some(Directory { match_by, max_leavers: 3, ..Directory::default() })));
    }

    #[test]
    fn the_table_names_users_and_their_people() {
        let table = "directory: { matchBy: [{table: [{principal: 'arn:aws:iam::111122223333:user/a', employee: E1}]}] }";
        let matchers = directory(table).unwrap().unwrap().match_by;
        assert!(matches!(matchers.as_slice(), [Matcher::Table(table)] if table.len() == 1));
    }

    #[test]
    fn what_would_match_nobody_or_anybody_is_refused() {
        for (wrong, why) in [
            ("directory: {}", "matchBy"),
            ("directory: { matchBy: [] }", "nobody would be matched"),
            ("directory: { matchBy: [{}] }", "not one way"),
            ("directory: { matchBy: [{tag: a, email: b}] }", "not one way"),
            ("directory: { matchBy: [{tags: a}] }", "tags"),
            ("directory: { matchBy: [{tag: ''}] }", "empty"),
            (
                "directory: { matchBy: [{table: [{principal: 'arn:aws:iam::111122223333:role/a', employee: E1}]}] }",
                "role",
            ),
            (
                "directory: { matchBy: [{table: [{principal: 'arn:aws:iam::111122223333:user/*', employee: E1}]}] }",
                "user/*",
            ),
            (
                "directory: { matchBy: [{table: [{principal: 'arn:aws:iam::111122223333:user/a', employee: E1}, \
                 {principal: 'arn:aws:iam::111122223333:user/a', employee: E2}]}] }",
                "twice",
            ),
            ("directory: { matchBy: [{tag: a}], maxAgeHours: 0 }", "from 1"),
            ("directory: { matchBy: [{tag: a}], maxLeaversShare: 101 }", "to 100"),
            ("directory: { matchBy: [{tag: a}], absentMeansLeft: 'yes' }", "absentMeansLeft"),
        ] {
            let said = directory(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
