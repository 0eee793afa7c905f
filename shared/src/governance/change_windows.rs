use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::place::{Fields, Place};
use super::problem::Problems;
use super::suggestion::did_you_mean;

/// When rules may act. What a person orders or undoes waits for no window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeWindows {
    zone: TimeZone,
    open: Vec<Window>,
    closed: BTreeSet<Date>,
}

/// Some hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    days: Vec<Weekday>,
    from: Minute,
    /// The first minute after it.
    to: Minute,
}

/// A minute of the day, from 0; the end of the day is one more than its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Minute(i8, i8);

impl Minute {
    const END_OF_DAY: Self = Self(24, 0);

    fn of(time: Time) -> Self {
        Self(time.hour(), time.minute())
    }
}

/// How far ahead an opening is looked for. A year of holidays is a mistake that the next reader shall see.
const LOOKS_AHEAD_DAYS: i64 = 366;

impl ChangeWindows {
    /// Whether rules may act now.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let here = at.to_zoned(self.zone.clone());
        let minute = Minute::of(here.time());
        self.windows_of(here.date()).any(|window| (window.from..window.to).contains(&minute))
    }

    /// When they next may, if they do within a year.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let today = at.to_zoned(self.zone.clone()).date();
        (0..LOOKS_AHEAD_DAYS).find_map(|days| {
            let day = today.checked_add(days.days()).ok()?;
            let openings = self.windows_of(day).filter_map(|window| {
                // An hour that the clock skips opens when the clock has skipped it.
                Some(day.at(window.from.0, window.from.1, 0, 0).to_zoned(self.zone.clone()).ok()?.timestamp())
            });
            openings.filter(|opening| *opening > at).min()
        })
    }

    fn windows_of(&self, day: Date) -> impl Iterator<Item = &Window> {
        let is_closed = self.closed.contains(&day);
        self.open.iter().filter(move |window| !is_closed && window.days.contains(&day.weekday()))
    }
}

const FIELDS: [&str; 3] = ["timeZone", "open", "closed"];
const WINDOW_FIELDS: [&str; 3] = ["days", "from", "to"];
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads `changeWindows`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Option<ChangeWindows> {
    let fields = place.fields(&FIELDS, problems)?;
    let zone = fields.required("timeZone", problems).and_then(|place| read_zone(place, problems));
    let open = fields.required("open", problems).and_then(|place| read_windows(place, problems));
    let closed = match fields.optional("closed") {
        Some(place) => place.items(problems).map(|items| {
            items.iter().filter_map(|item| read_date(item, problems)).collect::<BTreeSet<Date>>()
        }),
        None => Some(BTreeSet::new()),
    };
    Some(ChangeWindows { zone: zone?, open: open?, closed: closed? })
}

fn read_zone(place: &Place<'_>, problems: &mut Problems) -> Option<TimeZone> {
    let text = place.text(problems)?;
    let zone = TimeZone::get(text).ok();
    if zone.is_none() {
        problems.push(place.problem(
            format!("`{text}` is not a time zone that is known"),
            "write one of the IANA database, such as `Europe/Berlin`, or `UTC`",
        ));
    }
    zone
}

fn read_windows(place: &Place<'_>, problems: &mut Problems) -> Option<Vec<Window>> {
    let items = place.items(problems)?;
    if items.is_empty() {
        problems.push(place.problem(
            "no window is open, so no rule would ever act",
            "write one, or set the rules to `notify`",
        ));
        return None;
    }
    items.iter().map(|item| read_window(item, problems)).collect()
}

fn read_window(place: &Place<'_>, problems: &mut Problems) -> Option<Window> {
    let fields = place.fields(&WINDOW_FIELDS, problems)?;
    let days = fields.required("days", problems).and_then(|place| read_days(place, problems));
    let from = read_minute(&fields, "from", problems);
    let to = read_minute(&fields, "to", problems);
    let window = Window { days: days?, from: from?, to: to? };
    if window.to <= window.from {
        problems.push(place.problem(
            "the window ends before it begins",
            "write two windows for one that goes past midnight: one to `24:00`, one from `00:00` of the next day",
        ));
        return None;
    }
    Some(window)
}

fn read_days(place: &Place<'_>, problems: &mut Problems) -> Option<Vec<Weekday>> {
    let items = place.items(problems)?;
    if items.is_empty() {
        problems.push(place.problem("the window has no day", "name its days, such as `[monday, tuesday]`"));
        return None;
    }
    let mut days = Vec::new();
    for item in items {
        let text = item.text(problems)?;
        let Some((_, day)) = DAYS.iter().find(|(name, _)| *name == text) else {
            let names = DAYS.map(|(name, _)| name);
            let suggestion = did_you_mean(text, names);
            problems.push(item.problem(
                format!("`{text}` is not a day of the week{suggestion}"),
                format!("write some of {}", names.join(", ")),
            ));
            return None;
        };
        days.push(*day);
    }
    Some(days)
}

fn read_minute(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Minute> {
    let place = fields.required(name, problems)?;
    let text = place.text(problems)?;
    if text == "24:00" && name == "to" {
        return Some(Minute::END_OF_DAY);
    }
    let time = (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten();
    if time.is_none() {
        problems.push(place.problem(
            format!("`{text}` is not a time of day"),
            "write hours and minutes in quotes, such as `\"09:00\"`",
        ));
    }
    time.map(Minute::of)
}

fn read_date(place: &Place<'_>, problems: &mut Problems) -> Option<Date> {
    let text = place.text(problems)?;
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    if date.is_none() {
        problems.push(place.problem(format!("`{text}` is not a date"), "write it as `2026-12-24`"));
    }
    date
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let time = json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" });
    json!({
        "description": "When rules may act. Without it they may at any time.",
        "type": "object",
        "additionalProperties": false,
        "required": ["timeZone", "open"],
        "properties": {
            "timeZone": { "description": "Of the IANA database.", "type": "string", "examples": ["Europe/Berlin"] },
            "open": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": WINDOW_FIELDS,
                    "properties": {
                        "days": {
                            "type": "array", "minItems": 1, "items": { "enum": DAYS.map(|(name, _)| name) },
                        },
                        "from": time,
                        "to": time,
                    },
                },
            },
            "closed": {
                "description": "Days on which no rule acts: holidays, freezes.",
                "type": "array",
                "items": { "type": "string", "format": "date" },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::governance::Governance;

    const OFFICE: &str = r#"
changeWindows:
  timeZone: Europe/Berlin
  open:
    - { days: [monday, tuesday, wednesday, thursday], from: "09:00", to: "16:00" }
    - { days: [friday], from: "09:00", to: "12:00" }
  closed: ["2026-12-24", "2026-12-25"]
"#;

    fn windows(text: &str) -> Result<ChangeWindows, String> {
        Governance::parse(&format!("version: 1{text}"))
            .map(|governance| governance.change_windows().unwrap().clone())
            .map_err(|errors| errors.to_string())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_open_by_its_own_clock_from_its_first_to_before_its_last_minute() {
        let office = windows(OFFICE).unwrap();
        for (time, open) in [
            // Berlin is an hour ahead of UTC in winter and two in summer.
            ("2026-11-23T07:59:59Z", false),
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T14:59:59Z", true),
            ("2026-11-23T15:00:00Z", false),
            ("2026-07-20T07:00:00Z", true),
            ("2026-07-20T06:59:59Z", false),
            ("2026-11-27T11:00:00Z", false),
            ("2026-11-28T10:00:00Z", false),
            ("2026-12-24T10:00:00Z", false),
        ] {
            assert_eq!(office.is_open(at(time)), open, "{time}");
        }
    }

    #[test]
    fn the_next_opening_is_past_the_weekend_and_the_holidays() {
        let office = windows(OFFICE).unwrap();
        for (time, next) in [
            ("2026-11-23T07:00:00Z", "2026-11-23T08:00:00Z"),
            ("2026-11-27T11:00:00Z", "2026-11-30T08:00:00Z"),
            ("2026-12-23T20:00:00Z", "2026-12-28T08:00:00Z"),
            ("2026-03-27T12:00:00Z", "2026-03-30T07:00:00Z"),
        ] {
            assert_eq!(office.next_opening(at(time)), Some(at(next)), "{time}");
        }
    }

    #[test]
    fn a_day_may_be_open_to_its_end_and_an_hour_that_the_clock_skips_opens_after_it() {
        let night = r#"
changeWindows:
  timeZone: Europe/Berlin
  open: [{ days: [sunday], from: "02:30", to: "24:00" }]
"#;
        let night = windows(night).unwrap();
        assert!(night.is_open(at("2026-11-22T22:59:59Z")) && !night.is_open(at("2026-11-22T23:00:00Z")));
        // On that night the clock goes from two to three.
        let opening = night.next_opening(at("2026-03-29T00:00:00Z")).unwrap();
        assert!(opening <= at("2026-03-29T01:30:00Z") && opening >= at("2026-03-29T01:00:00Z"), "{opening}");
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for (from, to, why) in [
            ("Europe/Berlin", "Europe/Bärlin", "not a time zone"),
            ("friday", "fryday", "did you mean `friday`"),
            ("\"09:00\"", "\"9:00\"", "not a time of day"),
            ("\"09:00\"", "\"24:00\"", "not a time of day"),
            ("\"09:00\"", "\"17:00\"", "ends before it begins"),
            ("2026-12-24", "24.12.2026", "not a date"),
            ("[friday]", "[]", "no day"),
            ("timeZone:", "zone:", "not known"),
            ("closed", "closing", "did you mean `closed`"),
        ] {
            let said = windows(&OFFICE.replacen(from, to, 1)).unwrap_err();
            assert!(said.contains(why), "{to}: {said}");
        }
    }

    proptest! {
        #[test]
        fn the_next_opening_is_open_and_nothing_before_it_is(hours in 0..20_000_i64) {
            let office = windows(OFFICE).unwrap();
            let from = at("2026-01-01T00:30:00Z") + jiff::SignedDuration::from_hours(hours);
            let opening = office.next_opening(from).unwrap();
            prop_assert!(office.is_open(opening));
            // Half an hour at a time, from where it is closed.
            let mut time = from;
            while time < opening && !office.is_open(from) {
                prop_assert!(!office.is_open(time), "{time} of {from}");
                time += jiff::SignedDuration::from_mins(30);
            }
        }
    }
}
