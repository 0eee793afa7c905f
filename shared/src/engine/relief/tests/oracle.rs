//! What an exemption is, said a second time and as plainly as can be: over the records that a file was written from, not
//! over the file. Nothing of the engine's or the governance file's own is used.

use crate::facts::fixture::key_id;

/// Seconds since 1970.
pub(super) type Second = i64;
pub(super) const DAY: Second = 86_400;

/// How a record is spoilt, if it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The line of this field is left out.
    Without(&'static str),
    /// The field says this instead.
    Says(&'static str, &'static str),
    /// A line more.
    Adds(&'static str),
    /// It ends a second after the longest time it may last.
    TooLong,
    /// It ends when it begins.
    Empty,
}

/// Who is exempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// The user of this path and name, in this account.
    User(&'static str, &'static str),
    /// The access key of this letter.
    Key(char),
    /// The group of this name.
    Group(&'static str),
}

/// An exemption as somebody may have written it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) rule: &'static str,
    pub(super) whom: Whom,
    pub(super) begins: Second,
    pub(super) ends: Second,
    /// Whether both are written as days.
    pub(super) in_days: bool,
    pub(super) rotate_every: Option<i64>,
    pub(super) flaw: Option<Flaw>,
}

/// A credential with an age.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credential {
    pub(super) letter: char,
    pub(super) active: bool,
    pub(super) made: Second,
    pub(super) used: Second,
}

/// Who is judged.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) path_and_name: &'static str,
    pub(super) keys: Vec<Credential>,
    pub(super) ssh_keys: Vec<Credential>,
    pub(super) has_inline_policy: bool,
}

/// What a verdict has to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Compliant,
    Exempt,
    /// Found, and of these keys.
    Found(Vec<String>),
}

/// Whether a file of these records may be read at all: one that is spoilt spoils it.
pub(super) fn is_sound(records: &[Record]) -> bool {
    for (index, one) in records.iter().enumerate() {
        if one.flaw.is_some() || !fits(one) {
            return false;
        }
        for other in records.iter().skip(index + 1) {
            let same = one.rule == other.rule && one.whom == other.whom;
            if same && one.begins < other.ends && other.begins < one.ends {
                return false;
            }
        }
    }
    true
}

/// Whether the rule judges such things, and what is asked for can be asked for there.
fn fits(record: &Record) -> bool {
    let judges = match record.whom {
        Whom::Key(_) => ["access-key-age", "access-key-unused"].contains(&record.rule),
        Whom::User(..) => record.rule != "group-empty",
        Whom::Group(_) => record.rule == "group-empty",
    };
    let rotates = ["access-key-age", "user-ssh-key-age"].contains(&record.rule);
    judges && (record.rotate_every.is_none() || rotates)
}

/// Whether some record exempts what belongs to the person, by itself or by its key, and of that age.
fn exempt(
    records: &[Record],
    rule: &str,
    at: Second,
    person: &Person,
    key: Option<char>,
    made: Second,
) -> bool {
    records.iter().any(|record| {
        let named = match record.whom {
            Whom::User(account, name) => account == "111122223333" && name == person.path_and_name,
            Whom::Key(letter) => key == Some(letter),
            Whom::Group(_) => false,
        };
        record.rule == rule
            && named
            && record.begins <= at
            && at < record.ends
            && record.rotate_every.is_none_or(|days| at - made <= days * DAY)
    })
}

/// The verdict on a person.
pub(super) fn of_person(records: &[Record], rule: &str, at: Second, person: &Person) -> Wanted {
    let limit = 90 * DAY;
    let mut bad = Vec::new();
    match rule {
        "access-key-age" => {
            for key in person.keys.iter().filter(|key| key.active && at - key.made > limit) {
                bad.push((Some(key.letter), key.made));
            }
        }
        "access-key-unused" => {
            for key in person.keys.iter().filter(|key| key.active && at - key.used > limit) {
                bad.push((Some(key.letter), key.made));
            }
        }
        "user-ssh-key-age" => {
            for key in person.ssh_keys.iter().filter(|key| key.active && at - key.made > limit) {
                bad.push((None, key.made));
            }
        }
        _ => {
            if person.has_inline_policy {
                bad.push((None, at));
            }
        }
    }
    if bad.is_empty() {
        return Wanted::Compliant;
    }
    bad.retain(|(key, made)| !exempt(records, rule, at, person, *key, *made));
    if bad.is_empty() {
        return Wanted::Exempt;
    }
    Wanted::Found(bad.iter().filter_map(|(key, _)| key.map(|letter| key_id(letter).to_string())).collect())
}

/// The verdict on a group that is empty.
pub(super) fn of_group(records: &[Record], name: &str, at: Second) -> Wanted {
    let stands =
        |record: &Record| record.whom == Whom::Group("developers") && record.begins <= at && at < record.ends;
    if name == "developers" && records.iter().any(stands) {
        Wanted::Exempt
    } else {
        Wanted::Found(Vec::new())
    }
}
