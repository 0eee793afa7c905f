//! Expired, forged, partial and wildcard exemptions never suppress; valid ones always do.
//!
//! For a million files: `PROPTEST_CASES=1000000 cargo test --release -p shared --lib relief::tests::claim`.

use proptest::collection::vec;
use proptest::prelude::*;

use super::oracle::{self, Credential, DAY, Flaw, Person, Record, Second, Wanted, Whom};
use super::*;
use crate::facts::fixture::developers;
use crate::facts::{KeyStatus, LastUse, OtherCredential, Span, User};

const RULES: [&str; 5] =
    ["access-key-age", "access-key-unused", "user-ssh-key-age", "user-inline-policy", "group-empty"];
const PEOPLE: [&str; 3] = ["alice", "team/alice", "bob"];
const FLAWS: [Flaw; 37] = [
    Flaw::Without("rule"),
    Flaw::Without("subject"),
    Flaw::Without("ticket"),
    Flaw::Without("owner"),
    Flaw::Without("approver"),
    Flaw::Without("reason"),
    Flaw::Without("created"),
    Flaw::Without("expires"),
    Flaw::Says("rule", "\"*\""),
    Flaw::Says("rule", "\"access-key-*\""),
    Flaw::Says("rule", "user-inline-polic\u{443}"),
    Flaw::Says("subject", "principal: \"*\""),
    Flaw::Says("subject", "principal: \"arn:aws:iam::111122223333:user/*\""),
    Flaw::Says("subject", "principal: \"arn:aws:iam::*:user/alice\""),
    Flaw::Says("subject", "principal: \"arn:aws:iam::111122223333:user/alic?\""),
    Flaw::Says("subject", "principal: \"arn:aws:iam::111122223333:user/\u{430}lice\""),
    Flaw::Says("subject", "principal: alice"),
    Flaw::Says("subject", "accessKey: \"AKIA*\""),
    Flaw::Says("subject", "accessKey: \"AKIAEXAMPLEAAAAAAAA\u{391}\""),
    Flaw::Says("subject", "resource: \"arn:aws:iam::111122223333:group/*\""),
    Flaw::Says("ticket", "\"\""),
    Flaw::Says("ticket", "1234"),
    Flaw::Says("ticket", "true"),
    Flaw::Says("owner", "[ann]"),
    Flaw::Says("approver", "Ann"),
    Flaw::Says("approver", "\" \""),
    Flaw::Says("created", "yesterday"),
    Flaw::Says("expires", "never"),
    Flaw::Says("expires", "31.01.2027"),
    Flaw::Says("expires", "\u{ff12}027-01-31"),
    Flaw::Adds("approved: true"),
    Flaw::Adds("ticket: SEC-8"),
    Flaw::Adds("accessKey: AKIAEXAMPLEZZZZZZZZZ\n    principal: arn:aws:iam::111122223333:user/alice"),
    Flaw::Adds("rotateEvery: 0"),
    Flaw::Adds("criticality: extreme"),
    Flaw::TooLong,
    Flaw::Empty,
];

fn second_of(at: Timestamp) -> Second {
    at.as_second()
}

fn time(second: Second) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Moments around limits, to the second, before now.
fn past(limits: &'static [i64]) -> impl Strategy<Value = Second> {
    prop_oneof![
        2 => (prop::sample::select(limits), -1..=1_i64).prop_map(|(days, second)| days * DAY + second),
        1 => 0..500 * DAY,
    ]
    .prop_map(|before| second_of(now()) - before)
}

fn credential(letter: char) -> impl Strategy<Value = Credential> {
    (any::<bool>(), past(&[90, 120, 180, 365]), past(&[0, 90]))
        .prop_map(move |(idle, made, used)| Credential { letter, active: !idle, made, used })
}

fn person() -> impl Strategy<Value = Person> {
    let credentials = || {
        ([credential('A'), credential('B'), credential('C')], 0..=3_usize)
            .prop_map(|(all, some)| all.into_iter().take(some).collect::<Vec<_>>())
    };
    (prop::sample::select(&PEOPLE[..]), credentials(), credentials(), any::<bool>()).prop_map(
        |(path_and_name, keys, ssh_keys, has_inline_policy)| Person {
            path_and_name,
            keys,
            ssh_keys,
            has_inline_policy,
        },
    )
}

fn whom() -> impl Strategy<Value = Whom> {
    let user = (
        prop::sample::select(&["111122223333", "111122223333", "999999999999"][..]),
        prop::sample::select(&["alice", "alice", "team/alice", "bob", "Alice", "alice2", "other/alice"][..]),
    );
    prop_oneof![
        4 => user.prop_map(|(account, name)| Whom::User(account, name)),
        3 => prop::sample::select(vec!['A', 'B', 'C', 'D']).prop_map(Whom::Key),
        1 => prop::sample::select(&["developers", "Developers"][..]).prop_map(Whom::Group),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let now = second_of(now());
    let begins = prop_oneof![past(&[0, 1, 30, 300]), (0..3_i64).prop_map(move |late| now + late)];
    let lasts = prop_oneof![1..3_i64, 1..365 * DAY];
    let flaw = prop_oneof![6 => Just(None), 1 => prop::sample::select(&FLAWS[..]).prop_map(Some)];
    let rotation = prop_oneof![3 => Just(None), 1 => prop::sample::select(vec![30, 120, 180]).prop_map(Some)];
    (whom(), any::<prop::sample::Index>(), begins, lasts, any::<bool>(), rotation, flaw).prop_map(
        |(whom, rule, begins, lasts, in_days, rotate_every, flaw)| {
            let rules: &[&'static str] = match whom {
                // Now and then one that is not about such things.
                Whom::User(..) => &RULES[..4],
                Whom::Key(_) => {
                    &["access-key-age", "access-key-unused", "access-key-age", "user-inline-policy"]
                }
                Whom::Group(_) => &["group-empty", "group-empty", "user-inline-policy"],
            };
            let rule = *rule.get(rules);
            // Rotation in other places is refused, and seldom asked for.
            let rotate_every = rotate_every.filter(|_| rule.ends_with("-age") || begins % 8 == 0);
            let (begins, ends) = if in_days {
                (begins.div_euclid(DAY) * DAY, ((begins + lasts).div_euclid(DAY) + 1) * DAY)
            } else {
                (begins, begins + lasts)
            };
            Record { rule, whom, begins, ends, in_days, rotate_every, flaw }
        },
    )
}

/// The record as lines of the file.
fn written(record: &Record) -> String {
    let (begins, ends) = match record.flaw {
        Some(Flaw::TooLong) => (record.begins, record.begins + 368 * DAY),
        Some(Flaw::Empty) => (record.begins, record.begins),
        _ => (record.begins, record.ends),
    };
    let (begins, ends) = (time(begins), time(ends));
    let in_days = record.in_days && !matches!(record.flaw, Some(Flaw::TooLong | Flaw::Empty));
    let (created, expires) = if in_days {
        let last = ends - jiff::SignedDuration::from_secs(1);
        (begins.strftime("%Y-%m-%d").to_string(), last.strftime("%Y-%m-%d").to_string())
    } else {
        (begins.to_string(), ends.to_string())
    };
    let subject = match record.whom {
        Whom::User(account, name) => format!("principal: arn:aws:iam::{account}:user/{name}"),
        Whom::Key(letter) => of_key(letter),
        Whom::Group(name) => format!("resource: arn:aws:iam::111122223333:group/{name}"),
    };
    let fields = [
        ("rule", record.rule),
        ("subject", &subject),
        ("ticket", "SEC-7"),
        ("owner", "ann"),
        ("approver", "bob"),
        ("reason", "it cannot be helped"),
        ("created", &created),
        ("expires", &expires),
    ];
    let mut lines: Vec<String> = Vec::new();
    for (name, value) in fields {
        let value = match record.flaw {
            Some(Flaw::Without(missing)) if missing == name => continue,
            Some(Flaw::Says(field, instead)) if field == name => instead,
            _ => value,
        };
        lines.push(if name == "subject" { value.to_owned() } else { format!("{name}: {value}") });
    }
    lines.extend(record.rotate_every.map(|days| format!("rotateEvery: {days}")));
    if let Some(Flaw::Adds(line)) = record.flaw {
        lines.push(line.to_owned());
    }
    format!("  - {}\n", lines.join("\n    "))
}

fn status(active: bool) -> KeyStatus {
    if active { KeyStatus::Active } else { KeyStatus::Inactive }
}

/// The person as facts.
fn user(person: &Person) -> User {
    let (path, name) = match person.path_and_name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), person.path_and_name),
    };
    let keys = person.keys.iter().map(|live| AccessKey {
        status: status(live.active),
        created: Span::exactly(time(live.made)),
        last_used: Fact::Known(LastUse {
            at: time(live.used),
            service: "s3".to_owned(),
            region: String::new(),
        }),
        ..key(live.letter, days(0))
    });
    let ssh_keys = person.ssh_keys.iter().map(|live| OtherCredential {
        status: status(live.active),
        created: Span::exactly(time(live.made)),
        ..other(OtherCredentialKind::SshPublicKey, live.letter, days(0))
    });
    let user = alice().named(&path, name).with_keys(keys).with_others(ssh_keys);
    if person.has_inline_policy { user.with_inline([inline("own", "{}")]) } else { user }
}

/// What a verdict says of a person's keys and of nobody else's.
fn told(judged: &Judged, rule: &str, person: Option<&Person>) -> Wanted {
    match judged {
        Judged::Compliant => Wanted::Compliant,
        Judged::Exempt { .. } => Wanted::Exempt,
        Judged::NonCompliant { annotation } => {
            let keys =
                person.filter(|_| rule.starts_with("access-key")).into_iter().flat_map(|one| &one.keys);
            let named = keys.map(|key| key_id(key.letter).to_string());
            Wanted::Found(named.filter(|label| annotation.contains(label.as_str())).collect())
        }
        other => panic!("{rule}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_a_sound_exemption_suppresses_and_a_sound_one_always_does(
        records in vec(record(), 0..5),
        people in [person(), person()],
        offset in prop_oneof![Just(None), (any::<prop::sample::Index>(), -1..=1_i64).prop_map(Some)],
    ) {
        let mut text = "version: 1\nexemptions:\n".to_owned();
        if records.is_empty() {
            text = "version: 1\n".to_owned();
        }
        text.extend(records.iter().map(written));
        // Now, or about the moment at which one of them begins or ends.
        let moments: Vec<Second> = records.iter().flat_map(|record| [record.begins, record.ends]).collect();
        let at = match offset {
            Some((index, second)) if !moments.is_empty() => index.get(&moments) + second,
            _ => second_of(now()),
        };
        match Governance::parse(&text) {
            // Nothing at all is judged or suppressed by such a file.
            Err(refusal) => prop_assert!(!oracle::is_sound(&records), "{refusal}\n{text}"),
            Ok(governance) => {
                prop_assert!(oracle::is_sound(&records), "{text}");
                for rule in &RULES[..4] {
                    for person in &people {
                        let found = judged(&governance, rule, &user(person).into(), time(at));
                        let wanted = oracle::of_person(&records, rule, at, person);
                        prop_assert_eq!(told(&found.judged, rule, Some(person)), wanted, "{} {:?}\n{}", rule, person, text);
                    }
                }
                let mut group = developers();
                group.members = Fact::Absent;
                let found = judged(&governance, "group-empty", &Resource::Group(Box::new(group)), time(at));
                let wanted = oracle::of_group(&records, "developers", at);
                prop_assert_eq!(told(&found.judged, "group-empty", None), wanted, "{}", text);
            }
        }
    }
}

#[test]
fn the_generator_makes_files_of_every_kind() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut sound, mut spoilt, mut exempt) = (0, 0, 0);
    for _ in 0..600 {
        let records = vec(record(), 1..5).new_tree(&mut runner).unwrap().current();
        let person = person().new_tree(&mut runner).unwrap().current();
        if oracle::is_sound(&records) {
            sound += 1;
            let at = second_of(now());
            exempt += RULES[..4]
                .iter()
                .filter(|rule| oracle::of_person(&records, rule, at, &person) == Wanted::Exempt)
                .count();
        } else {
            spoilt += 1;
        }
    }
    assert!(sound > 100 && spoilt > 100 && exempt > 10, "{sound} {spoilt} {exempt}");
}
