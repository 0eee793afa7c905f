use jiff::{SignedDuration, Timestamp};

use super::super::Governance;
use super::{ExemptSubject, Exemption};
use crate::identifier::AccountId;
use crate::masked::Masked;

/// Which of the times it is at which people are told that an exemption lapses. Each begins where the one before ends, so
/// that a day on which nobody was told is made up for by the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reminder {
    /// It lapses within [`Exemption::NOTICE_DAYS`].
    Early,
    /// It lapses within [`Reminder::WEEK`].
    Week,
    /// It lapses within [`Reminder::DAY`].
    Day,
    /// It has lapsed, no longer ago than [`Exemption::NOTICE_DAYS`]. What is older is known, or nobody's any more.
    Lapsed,
}

impl Reminder {
    /// How many days before the end people are told once more.
    pub const WEEK: u16 = 7;
    /// How many days before the end they are told for the last time.
    pub const DAY: u16 = 1;

    /// The one for which it is time, if it is.
    pub fn due(exemption: &Exemption, at: Timestamp) -> Option<Self> {
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        if exemption.has_lapsed(at) {
            let ago = at.duration_since(exemption.expires);
            return (ago <= days(Exemption::NOTICE_DAYS)).then_some(Self::Lapsed);
        }
        let left = exemption.expires.duration_since(at);
        let all = [(Self::DAY, Self::Day), (Self::WEEK, Self::Week), (Exemption::NOTICE_DAYS, Self::Early)];
        all.into_iter().find(|(most, _)| left <= days(*most)).map(|(_, reminder)| reminder)
    }

    /// By which it is remembered that somebody was told of this exemption at this time. Not its place in the file, which
    /// others take; one that is prolonged has another end, and is another.
    pub fn key(self, exemption: &Exemption) -> String {
        let subject = match &exemption.subject {
            ExemptSubject::Principal(arn) | ExemptSubject::Resource(arn) => arn.as_str(),
            ExemptSubject::AccessKey(key) => key.as_str(),
        };
        let when = match self {
            Self::Early => format!("within-{}-days", Exemption::NOTICE_DAYS),
            Self::Week => format!("within-{}-days", Self::WEEK),
            Self::Day => format!("within-{}-days", Self::DAY),
            Self::Lapsed => "lapsed".to_owned(),
        };
        format!("exemption#{}#{subject}#{}#{when}", exemption.rule, exemption.expires)
    }

    /// The same for logs and people, with no more of a key id than its last four characters.
    pub fn name(self, exemption: &Exemption) -> String {
        Masked(&self.key(exemption)).to_string()
    }
}

impl Governance {
    /// The exemptions of what is the account's whose end it is time to tell of, the first to end before the others.
    pub fn reminders_due(&self, account: &AccountId, at: Timestamp) -> Vec<(Exemption, Reminder)> {
        let (lapsing, lapsed) = self.lapsing_and_lapsed(account, at);
        let mut due: Vec<(Exemption, Reminder)> = lapsed
            .into_iter()
            .chain(lapsing)
            .filter_map(|exemption| Reminder::due(&exemption, at).map(|reminder| (exemption, reminder)))
            .collect();
        due.sort_by_key(|(exemption, _)| (exemption.expires, exemption.index));
        due
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::*;

    const ANN: &str = "principal: \"arn:aws:iam::111122223333:user/ann\"";

    fn governance(exemptions: &[(&str, &str, &str)]) -> Governance {
        let mut text = "version: 1\nexemptions:\n".to_owned();
        for (subject, created, expires) in exemptions {
            let _ = writeln!(
                text,
                "  - {{rule: access-key-age, {subject}, ticket: S, owner: o, approver: a, reason: r, created: {created}, \
                 expires: {expires}}}"
            );
        }
        Governance::parse(&text).unwrap()
    }

    fn due(governance: &Governance, at: &str) -> Vec<(usize, Reminder)> {
        let account = AccountId::parse("111122223333").unwrap();
        let due = governance.reminders_due(&account, at.parse().unwrap());
        due.into_iter().map(|(exemption, reminder)| (exemption.index, reminder)).collect()
    }

    /// What somebody hears who is told each time with what is due and has not been told before.
    fn told(governance: &Governance, times: &[&str]) -> Vec<Reminder> {
        let mut known = BTreeSet::new();
        let mut told = Vec::new();
        for at in times {
            for (index, reminder) in due(governance, at) {
                if known.insert(reminder.key(&governance.exemptions()[index])) {
                    told.push(reminder);
                }
            }
        }
        told
    }

    #[test]
    fn each_time_begins_fourteen_seven_and_one_day_before_the_end_and_at_it_to_the_second() {
        let governance = governance(&[(ANN, "2026-02-01", "2027-01-31")]);
        for (at, expected) in [
            ("2027-01-17T23:59:59Z", None),
            ("2027-01-18T00:00:00Z", Some(Reminder::Early)),
            ("2027-01-24T23:59:59Z", Some(Reminder::Early)),
            ("2027-01-25T00:00:00Z", Some(Reminder::Week)),
            ("2027-01-30T23:59:59Z", Some(Reminder::Week)),
            ("2027-01-31T00:00:00Z", Some(Reminder::Day)),
            ("2027-01-31T23:59:59Z", Some(Reminder::Day)),
            ("2027-02-01T00:00:00Z", Some(Reminder::Lapsed)),
            ("2027-02-15T00:00:00Z", Some(Reminder::Lapsed)),
            ("2027-02-15T00:00:01Z", None),
            ("2028-02-15T00:00:00Z", None),
        ] {
            let expected: Vec<_> = expected.map(|reminder| (0, reminder)).into_iter().collect();
            assert_eq!(due(&governance, at), expected, "{at}");
        }
    }

    #[test]
    fn told_daily_each_is_told_once() {
        let governance = governance(&[(ANN, "2026-02-01", "2027-01-31")]);
        let days: Vec<String> = (1..=31)
            .map(|day| format!("2027-01-{day:02}T07:00:00Z"))
            .chain((1..=28).map(|day| format!("2027-02-{day:02}T07:00:00Z")))
            .collect();
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        let all = [Reminder::Early, Reminder::Week, Reminder::Day, Reminder::Lapsed];
        assert_eq!(told(&governance, &days), all);
    }

    #[test]
    fn days_that_were_missed_are_made_up_for_by_the_latest_alone() {
        let governance = governance(&[(ANN, "2026-02-01", "2027-01-31")]);
        for (times, expected) in [
            (&["2027-01-28T07:00:00Z", "2027-01-29T07:00:00Z"][..], &[Reminder::Week][..]),
            (&["2027-01-31T07:00:00Z"], &[Reminder::Day]),
            (&["2027-01-20T07:00:00Z", "2027-02-03T07:00:00Z"], &[Reminder::Early, Reminder::Lapsed]),
        ] {
            assert_eq!(told(&governance, times), expected, "{times:?}");
        }
    }

    #[test]
    fn one_that_is_prolonged_is_told_of_anew_before_its_new_end() {
        let before = governance(&[(ANN, "2026-02-01", "2027-01-31")]);
        let after = governance(&[(ANN, "2026-02-01", "2027-02-01")]);
        let at = "2027-01-31T07:00:00Z";
        assert_eq!(
            (due(&before, at), due(&after, at)),
            (vec![(0, Reminder::Day)], vec![(0, Reminder::Week)])
        );
        let key = |governance: &Governance| Reminder::Week.key(&governance.exemptions()[0]);
        assert_ne!(key(&before), key(&after));
    }

    #[test]
    fn one_that_another_takes_over_from_and_one_that_has_not_begun_are_not_told_of() {
        let renewed = governance(&[(ANN, "2026-02-01", "2027-01-31"), (ANN, "2027-02-01", "2027-06-30")]);
        for at in ["2027-01-20T07:00:00Z", "2027-01-31T07:00:00Z", "2027-02-03T07:00:00Z"] {
            assert_eq!(due(&renewed, at), []);
        }
        let with_a_gap = governance(&[(ANN, "2026-02-01", "2027-01-31"), (ANN, "2027-02-02", "2027-06-30")]);
        assert_eq!(due(&with_a_gap, "2027-01-31T07:00:00Z"), [(0, Reminder::Day)]);
        let to_come = governance(&[(ANN, "2027-01-30", "2027-01-31")]);
        assert_eq!(due(&to_come, "2027-01-29T07:00:00Z"), []);
    }

    #[test]
    fn the_first_to_end_comes_first_wherever_it_stands() {
        let bob = "principal: \"arn:aws:iam::111122223333:user/bob\"";
        let governance = governance(&[(ANN, "2026-02-01", "2027-01-31"), (bob, "2026-02-01", "2027-01-20")]);
        let expected = [(1, Reminder::Lapsed), (0, Reminder::Early)];
        assert_eq!(due(&governance, "2027-01-21T07:00:00Z"), expected);
    }

    #[test]
    fn a_key_tells_exemptions_apart_by_all_that_identifies_them_and_a_name_shows_no_key_id() {
        let keys = |subject: &str, place: usize| {
            let bob = "principal: \"arn:aws:iam::111122223333:user/bob\"";
            let before = vec![(bob, "2026-02-01", "2027-01-31"); place];
            let governance = governance(&[&before[..], &[(subject, "2026-02-01", "2027-01-31")]].concat());
            let exemption = &governance.exemptions()[place];
            (Reminder::Day.key(exemption), Reminder::Day.name(exemption))
        };
        assert_eq!(keys(ANN, 0), keys(ANN, 1));
        let (one, name) = keys("accessKey: AKIAEXAMPLEKEY000001", 0);
        let (other, _) = keys("accessKey: AKIAEXAMPLEKEY990001", 0);
        assert_ne!(one, other, "of two keys that end alike each is itself");
        assert_eq!(name, "exemption#access-key-age#…0001#2027-02-01T00:00:00Z#within-1-days");
    }
}
