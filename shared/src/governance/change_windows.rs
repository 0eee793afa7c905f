use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
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
pub struct Window {
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

    fn of_day(self) -> i64 {
        i64::from(self.0) * 60 + i64::from(self.1)
    }

    fn of_week(self, day: Weekday) -> i64 {
        i64::from(day.to_monday_zero_offset()) * DAY + self.of_day()
    }

    fn of(time: Time) -> Self {
        Self(time.hour(), time.minute())
    }
}

/// How far ahead an opening is looked for. A year of holidays is a mistake that the next reader shall see.
const LOOKS_AHEAD_DAYS: i64 = 366;

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0, self.1)
    }
}

/// As people read it: its days and its hours.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = DAYS.iter().filter(|(_, day)| self.days.contains(day)).map(|(name, _)| *name);
        let days: Vec<&str> = named.collect();
        write!(f, "{} {} to {}", days.join(", "), self.from, self.to)
    }
}

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Minutes of a week.
const WEEK: i64 = 7 * DAY;

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

    /// The time zone by whose clock they are.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Each window, and how long rules may act around it without a break: the least of its days, holidays apart. A window
    /// that ends where the next begins is one with it.
    pub fn windows(&self) -> impl Iterator<Item = (&Window, SignedDuration)> {
        self.open.iter().map(|window| (window, self.stretch(window)))
    }

    /// Days on which none is open.
    pub fn closed(&self) -> impl Iterator<Item = Date> {
        self.closed.iter().copied()
    }

    fn stretch(&self, window: &Window) -> SignedDuration {
        let around = |day: &Weekday| {
            let from = window.from.of_week(*day);
            let open = |minute: &i64| self.is_open_every_week(*minute);
            let after = (from..from + WEEK).take_while(open).count();
            let before = (1..WEEK).map(|minutes| from - minutes).take_while(open).count();
            (after + before).min(usize::try_from(WEEK).unwrap_or(usize::MAX))
        };
        let least = window.days.iter().map(around).min().unwrap_or_default();
        SignedDuration::from_mins(i64::try_from(least).unwrap_or(i64::MAX / 60))
    }

    /// Whether they are open at this minute of a week, of which Monday's midnight is the first.
    fn is_open_every_week(&self, minute: i64) -> bool {
        let minute = minute.rem_euclid(WEEK);
        self.open.iter().any(|window| {
            let (from, to) = (window.from.of_day(), window.to.of_day());
            let of_day = |day: &Weekday| minute - i64::from(day.to_monday_zero_offset()) * DAY;
            window.days.iter().any(|day| (from..to).contains(&of_day(day)))
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
    fn each_window_is_told_with_how_long_rules_may_act_around_it() {
        let told = |windows: &ChangeWindows| {
            let told = windows.windows().map(|(window, open)| format!("{window}: {}", open.as_mins()));
            told.collect::<Vec<_>>()
        };
        let office = windows(OFFICE).unwrap();
        assert_eq!(
            told(&office),
            ["monday, tuesday, wednesday, thursday 09:00 to 16:00: 420", "friday 09:00 to 12:00: 180"]
        );
        assert_eq!(office.zone(), "Europe/Berlin");
        assert_eq!(
            office.closed().map(|day| day.to_string()).collect::<Vec<_>>(),
            ["2026-12-24", "2026-12-25"]
        );
        let night = r#"
changeWindows:
  timeZone: UTC
  open:
    - { days: [sunday, saturday], from: "22:00", to: "24:00" }
    - { days: [monday], from: "00:00", to: "02:30" }
"#;
        // Past midnight, and past the end of the week; Saturday's ends with its day.
        assert_eq!(
            told(&windows(night).unwrap()),
            ["saturday, sunday 22:00 to 24:00: 120", "monday 00:00 to 02:30: 270"]
        );
        let always = r#"
changeWindows:
  timeZone: UTC
  open: [{ days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], from: "00:00", to: "24:00" }]
"#;
        let [(_, open)] = windows(always).unwrap().windows().collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!(open.as_mins(), 7 * 24 * 60);
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
