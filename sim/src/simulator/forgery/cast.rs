use std::fmt::Write as _;

use serde_json::{Value, json};
use shared::identifier::{AccessKeyId, Arn, UniqueId};

use crate::account_file::{AccountFile, derive};
use crate::simulator::accounts::{ACCOUNT, NOW, ago, read};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook};
use crate::simulator::stage::Stage;

/// How it stands with somebody, and with that, which events may lead to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lot {
    /// In order, with live credentials: no event that does not count may touch it.
    Open,
    /// The same, and there are reports of it, none of them grave enough.
    OftenReported,
    /// Contained already: whatever is said of it is answered.
    Shut,
    /// Protected by the governance file or by what it is: nothing may be written, whatever is said.
    Guarded,
    /// An active key of it lies in public.
    Exposed,
    /// Somebody else made it a key.
    GivenAKey,
    /// It behaves as an attacker would.
    Attacking,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonKind {
    User,
    Role,
}

/// A user or role that events are about.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) lot: Lot,
    pub(crate) kind: PersonKind,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) id: UniqueId,
    /// All but the last are active, unless it is contained.
    pub(crate) keys: Vec<AccessKeyId>,
}

impl Person {
    /// What its ARN ends with.
    pub(crate) fn resource(&self) -> String {
        let kind = match self.kind {
            PersonKind::User => "user",
            PersonKind::Role => "role",
        };
        format!("{kind}{}{}", self.path, self.name)
    }
}

/// Everybody in a world of forged events.
pub(crate) struct Cast {
    pub(crate) people: Vec<Person>,
}

/// When the sample events say that a key was made for somebody.
const MADE: &str = "2026-11-20T09:14:03Z";

impl Cast {
    /// Some of each lot.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        let mut people = Vec::new();
        let users = [
            (Lot::Open, 2),
            (Lot::OftenReported, 1),
            (Lot::Shut, 2),
            (Lot::Guarded, 2),
            (Lot::Exposed, 1),
            (Lot::GivenAKey, 1),
            (Lot::Attacking, 1),
        ];
        for (lot, count) in users {
            for number in 0..count {
                people.push(user(dice, lot, number));
            }
        }
        for (lot, number) in
            [(Lot::Open, 0), (Lot::Open, 1), (Lot::Shut, 0), (Lot::Guarded, 0), (Lot::Attacking, 0)]
        {
            people.push(role(dice, lot, number));
        }
        Self { people }
    }

    /// Those of a lot and kind.
    pub(crate) fn of_lot(&self, lot: Lot, kind: PersonKind) -> Vec<&Person> {
        self.people.iter().filter(|person| person.lot == lot && person.kind == kind).collect()
    }

    /// One of those.
    pub(crate) fn one(&self, dice: &mut Dice, lot: Lot, kind: PersonKind) -> &Person {
        let of = self.of_lot(lot, kind);
        let one = dice.one(&of).copied().or(self.people.first());
        one.unwrap_or_else(|| unreachable!("there is always somebody"))
    }

    /// The account in which they live; who is contained was suspended by Bailiff's own hand.
    pub(crate) fn account(&self, dice: &mut Dice) -> AccountFile {
        let of = |kind| self.people.iter().filter(move |person| person.kind == kind);
        let users: Vec<Value> = of(PersonKind::User).map(|person| user_in_file(dice, person)).collect();
        let roles: Vec<Value> = of(PersonKind::Role).map(role_in_file).collect();
        let account = read(json!({"account": ACCOUNT, "now": NOW, "users": users, "roles": roles}));
        let before = Rulebook::only(&[], "enforce", NO_LIMITS);
        let mut before = Stage::new(account, before.governance, dice.fork(), false);
        for person in self.people.iter().filter(|person| person.lot == Lot::Shut) {
            if let Ok(arn) = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:{}", person.resource())) {
                let _ = before.order(&arn);
            }
        }
        before.local.world.account()
    }

    /// Whom the governance file protects.
    pub(crate) fn protected(&self) -> String {
        let mut text = "protected:\n".to_owned();
        for person in self.people.iter().filter(|person| person.lot == Lot::Guarded) {
            if !person.name.starts_with("bailiff-") {
                let (resource, reason) = (person.resource(), "in the safe");
                let principal = format!("arn:aws:iam::{ACCOUNT}:{resource}");
                let _ = writeln!(text, "  - principal: \"{principal}\"\n    reason: {reason}");
            }
        }
        text
    }
}

fn user(dice: &mut Dice, lot: Lot, number: usize) -> Person {
    let ending = dice.pick(&["", ".b", "+c", "=d", "@e.example", "-f", "_G"]);
    let name = format!("{}-{number}{ending}", format!("{lot:?}").to_lowercase());
    let keys = ["first", "second", "old"].map(|key| derive("AKIA", &format!("{name} {key}"), 20));
    let keys = keys.iter().filter_map(|key| AccessKeyId::parse(key).ok()).collect();
    let path = dice.pick(&["/", "/", "/staff/", "/a/b/"]).to_owned();
    Person { lot, kind: PersonKind::User, path, id: id("AIDA", &name), name, keys }
}

fn role(dice: &mut Dice, lot: Lot, number: usize) -> Person {
    let own = lot == Lot::Guarded && dice.chance(500);
    let name = if own {
        "bailiff-helper-7".to_owned()
    } else {
        format!("{}-{number}", format!("{lot:?}").to_lowercase())
    };
    let path = if own { "/" } else { dice.pick(&["/", "/ci/"]) }.to_owned();
    Person { lot, kind: PersonKind::Role, path, id: id("AROA", &name), name, keys: Vec::new() }
}

fn id(prefix: &str, name: &str) -> UniqueId {
    UniqueId::parse(&derive(prefix, name, 21)).unwrap_or_else(|error| unreachable!("{error}"))
}

fn user_in_file(dice: &mut Dice, person: &Person) -> Value {
    // Within the five minutes by which clocks may differ.
    let made: jiff::Timestamp = MADE.parse().unwrap_or_default();
    let made = made.saturating_add(jiff::SignedDuration::from_secs(dice.between(-200, 200))).unwrap_or(made);
    let keys: Vec<Value> = person
        .keys
        .iter()
        .enumerate()
        // IAM lets a user have two; those in one account file may be any number, and the third is off.
        .map(|(number, key)| {
            let created = match (person.lot, number) {
                (Lot::GivenAKey, 0) => made.to_string(),
                _ => ago(20),
            };
            let active = number + 1 < person.keys.len();
            json!({
                "id": key, "status": if active { "Active" } else { "Inactive" }, "created": created,
                "lastUsed": {"at": ago(0)},
            })
        })
        .collect();
    let password = matches!(person.lot, Lot::Attacking | Lot::Open);
    json!({
        "name": person.name, "path": person.path, "id": person.id, "created": ago(500), "accessKeys": keys,
        "loginProfile": password.then(|| json!({"created": ago(20)})),
        "passwordLastUsed": password.then(|| ago(0)),
        "mfaDevices": ["m"],
    })
}

fn role_in_file(person: &Person) -> Value {
    json!({
        "name": person.name, "path": person.path, "id": person.id, "created": ago(500),
        "trust": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
        "lastUsed": {"at": ago(0), "region": "eu-west-1"},
    })
}
