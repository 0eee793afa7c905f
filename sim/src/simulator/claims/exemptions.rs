use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use shared::facts::KeyStatus;
use shared::governance::Governance;

use crate::account_file::{AccessKey, AccountFile, User};
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::NO_LIMITS;
use crate::simulator::stage::Stage;

const INLINE: &str = "user-inline-policy";
const ATTACHED: &str = "user-attached-policy";
const KEY_AGE: &str = "access-key-age";
/// Days that a key may live, and the days since its last use for which it is spared.
const MOST_DAYS: i64 = 90;
const SPARED_DAYS: i64 = 1;

/// An exemption as it is written into the file.
struct Record {
    rule: &'static str,
    subject: String,
    from: Date,
    to: Date,
    rotate_every: Option<i64>,
}

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("exemptions", seed);
    let size = Size { users: if dice.chance(30) { 30 } else { 4 }, roles: 0, groups: 0, policies: 2 };
    let mut account = accounts::account(&mut dice, size);
    for user in &mut account.users {
        // What whoever has the user could write into it: it counts for nothing.
        if dice.chance(300) {
            user.tags.insert("bailiff:exempt".to_owned(), "true".to_owned());
        }
    }
    let records = records(&mut dice, &account);
    let mut text = "version: 1\nrules:\n".to_owned();
    for rule in [INLINE, ATTACHED, KEY_AGE] {
        let _ = writeln!(text, "  {rule}: {{ enabled: true, mode: enforce }}");
    }
    text.push_str(NO_LIMITS);
    let spoilt = !records.is_empty() && dice.chance(200);
    write(&mut text, &records, spoilt.then(|| dice.below(FLAWS.len())));
    let off: Vec<_> = shared::rules::RULES
        .iter()
        .map(|rule| rule.meta.id)
        .filter(|id| ![INLINE, ATTACHED, KEY_AGE].contains(&id.as_str()))
        .collect();
    let governance = match Governance::parse(&text) {
        Ok(governance) if !spoilt => governance.without(&off),
        Ok(_) => {
            let violation = Some(format!("this file was taken:\n{text}"));
            return Ran { violation, ..Ran::default() };
        }
        Err(errors) => {
            // All of it is refused, so it suppresses nothing, and enforces nothing either.
            let mut ran = Ran::default();
            ran.tally.refused_files = 1;
            ran.violation = (!spoilt).then(|| format!("this file was refused: {errors}\n{text}"));
            return ran;
        }
    };
    let mut stage = Stage::new(account, governance, dice, traced);
    let mut violation = None;
    for days in [0, 3, 9] {
        stage.advance(24 * days);
        let before = stage.local.world.account();
        let at = stage.now();
        stage.sweep();
        let after = stage.local.world.account();
        for (user, now) in before.users.iter().zip(&after.users) {
            stage.tally.met +=
                records.iter().filter(|record| record.holds(at) && record.is_of(user)).count() as u64;
            if let Some(wrong) = wrong(&records, user, now, at) {
                violation.get_or_insert(format!("{wrong} at {at}, under\n{text}"));
            }
        }
    }
    Ran { tally: stage.counted(), violation, trace: stage.local.world.take_trace() }
}

impl Record {
    fn holds(&self, at: Timestamp) -> bool {
        let day = at.to_zoned(TimeZone::UTC).date();
        self.from <= day && day <= self.to
    }

    fn is_of(&self, user: &User) -> bool {
        let key =
            |key: &AccessKey| key.id.as_ref().is_some_and(|id| self.subject == key_subject(id.as_str()));
        self.subject == user_subject(user) || user.access_keys.iter().any(key)
    }
}

fn user_subject(user: &User) -> String {
    format!("principal: arn:aws:iam::{}:user{}{}", accounts::ACCOUNT, user.path, user.name)
}

fn key_subject(id: &str) -> String {
    format!("accessKey: {id}")
}

/// What a sweep did to a user that it should not have, or should have and did not: worked out from the dates alone.
fn wrong(records: &[Record], before: &User, after: &User, at: Timestamp) -> Option<String> {
    let exempt = |rule: &str, subject: &str| {
        records.iter().find(|record| record.rule == rule && record.subject == subject && record.holds(at))
    };
    let whole = user_subject(before);
    for (rule, had, has) in [
        (INLINE, before.inline_policies.len(), after.inline_policies.len()),
        (ATTACHED, attached(before), attached(after)),
    ] {
        let should = if exempt(rule, &whole).is_some() { had } else { 0 };
        if has != should {
            return Some(format!("{rule}: {} had {had} and has {has} instead of {should}", before.name));
        }
    }
    for (key, now) in before.access_keys.iter().zip(&after.access_keys) {
        let days = |since: Timestamp| at.duration_since(since).as_hours() / 24;
        let age = key.created.map(days)?;
        let id = key.id.as_ref()?;
        // Who is exempt as a whole is so with every key, whatever is said of one.
        let exemption = exempt(KEY_AGE, &whole).or_else(|| exempt(KEY_AGE, &key_subject(id.as_str())));
        let most = match exemption {
            None => MOST_DAYS,
            Some(record) => record.rotate_every.unwrap_or(i64::MAX),
        };
        let in_use = key.last_used.as_ref().is_some_and(|used| days(used.at) < SPARED_DAYS);
        let should = if age >= most && !in_use { KeyStatus::Inactive } else { key.status };
        if now.status != should {
            return Some(format!(
                "{KEY_AGE}: {id} of {} was {:?}, {age} days old, and is {:?}",
                before.name, key.status, now.status
            ));
        }
    }
    None
}

/// AWS's own quarantine is never taken off.
fn attached(user: &User) -> usize {
    user.attached_policies.iter().filter(|policy| !policy.name().contains("Quarantine")).count()
}

fn records(dice: &mut Dice, account: &AccountFile) -> Vec<Record> {
    let mut records = Vec::new();
    let mut there: BTreeSet<(&str, String)> = BTreeSet::new();
    for user in &account.users {
        let exact = user_subject(user);
        // One that is nearly right is for nobody here.
        let forged = [
            exact.replace("user/", "user/other/"),
            exact.replace("user-", "User-"),
            exact.replace(accounts::ACCOUNT, "999999999999"),
        ];
        for rule in [INLINE, ATTACHED, KEY_AGE] {
            let mut subject = exact.clone();
            if dice.chance(200) {
                subject = dice.one(&forged).cloned().unwrap_or(subject);
            }
            if dice.chance(300) {
                records.extend(record(dice, rule, subject, &mut there));
            }
        }
        for key in &user.access_keys {
            if let Some(id) = key.id.as_ref().filter(|_| dice.chance(300)) {
                records.extend(record(dice, KEY_AGE, key_subject(id.as_str()), &mut there));
            }
        }
    }
    records
}

fn record(
    dice: &mut Dice,
    rule: &'static str,
    subject: String,
    there: &mut BTreeSet<(&'static str, String)>,
) -> Option<Record> {
    if !there.insert((rule, subject.clone())) {
        return None;
    }
    let today: Date = accounts::NOW.parse::<Timestamp>().ok()?.to_zoned(TimeZone::UTC).date();
    let from = today.checked_add(dice.between(-200, 6).days()).ok()?;
    let to = from.checked_add(dice.pick(&[0, 1, 20, 150, 300, 360_i64]).days()).ok()?;
    let rotate_every = (subject.starts_with("accessKey") && dice.chance(300)).then(|| dice.pick(&[180, 300]));
    Some(Record { rule, subject, from, to, rotate_every })
}

/// What makes of an exemption none: the line that is put in the place of the one that begins the same way.
const FLAWS: [(&str, &str); 12] = [
    ("ticket", ""),
    ("approver", ""),
    ("approver", "approver: ann@example.com"),
    ("reason", "reason: ''"),
    ("created", "created: yesterday"),
    ("expires", "expires: never"),
    ("expires", "expires: 2036-01-01"),
    ("subject", "principal: '*'"),
    ("subject", "principal: arn:aws:iam::111122223333:user/*"),
    ("subject", "accessKey: 'AKIA*'"),
    ("ticket", "ticket: SEC-1\n    approved: true"),
    ("rule", "rule: '*'"),
];

fn write(text: &mut String, records: &[Record], flaw: Option<usize>) {
    if !records.is_empty() {
        text.push_str("exemptions:\n");
    }
    for (number, record) in records.iter().enumerate() {
        let flaw = flaw.filter(|_| number == 0).and_then(|flaw| FLAWS.get(flaw));
        let mut lines = vec![
            ("rule", format!("rule: {}", record.rule)),
            ("subject", record.subject.clone()),
            ("ticket", "ticket: SEC-1".to_owned()),
            ("owner", "owner: ann@example.com".to_owned()),
            ("approver", "approver: bob@example.com".to_owned()),
            ("reason", "reason: it cannot be helped".to_owned()),
            ("created", format!("created: {}", record.from)),
            ("expires", format!("expires: {}", record.to)),
        ];
        if let Some(days) = record.rotate_every {
            lines.push(("rotateEvery", format!("rotateEvery: {days}")));
        }
        let lines: Vec<String> = lines
            .into_iter()
            .map(|(name, line)| match flaw {
                Some((of, instead)) if *of == name => (*instead).to_owned(),
                _ => line,
            })
            .filter(|line| !line.is_empty())
            .collect();
        let _ = writeln!(text, "  - {}", lines.join("\n    "));
    }
}
