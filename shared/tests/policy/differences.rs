//! The naive evaluator against another one, on generated cases.

use std::fmt;

use serde_json::Value;

use crate::generate;
use crate::naive;

/// A case on which the two do not agree.
pub(crate) struct Difference {
    /// `generate::case` of it makes the case as it was found.
    pub(crate) seed: u64,
    /// The case, of the first few differences without everything that does not matter for them.
    pub(crate) case: Value,
    naive: String,
    other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, case, naive, other } = self;
        write!(f, "seed {seed}\n{case:#}\nnaive: {naive}\nother: {other}")
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

/// Differences are made smaller up to this one: it takes some hundred evaluations each.
const MADE_SMALLER: usize = 20;

/// Asks both about the cases of that many seeds, from the one given on. The other one gets a case as one line of JSON,
/// and answers a line with `decision` (and `by`, which is not looked at; and `faults`, if IAM would refuse a policy) or
/// with `error`. Whatever else it answers is a difference.
pub(crate) fn differences(cases: u64, seed: u64, other: impl Fn(&str) -> String) -> Vec<Difference> {
    let mut found = Vec::new();
    for at in 0..cases {
        let seed = seed.wrapping_add(at);
        let mut case = generate::case(seed);
        if !differ(&case, &other) {
            continue;
        }
        if found.len() < MADE_SMALLER {
            case = smaller(case, &|case| differ(case, &other));
        }
        let naive = match naive::answer(&case) {
            Ok((decision, faults)) => format!("{decision} {faults:?}"),
            Err(refused) => refused.to_string(),
        };
        let other = other(&case.to_string());
        found.push(Difference { seed, case, naive, other });
    }
    found
}

fn differ(case: &Value, other: &impl Fn(&str) -> String) -> bool {
    let answer: Value = serde_json::from_str(&other(&case.to_string())).unwrap_or_default();
    match naive::answer(case) {
        Ok((decision, faults)) => {
            answer.get("error").is_some()
                || answer.get("faults").is_some() == faults.is_empty()
                || answer.get("decision").and_then(Value::as_str) != Some(decision.to_string().as_str())
        }
        Err(_) => answer.get("error").is_none() || answer.get("decision").is_some(),
    }
}

/// The case without all that can be taken from it, one member or item after another, while the two still differ.
fn smaller(mut case: Value, differ: &impl Fn(&Value) -> bool) -> Value {
    let mut at = 0;
    while let Some(path) = paths(&case).get(at) {
        let without = without(&case, path);
        if differ(&without) {
            case = without;
        } else {
            at += 1;
        }
    }
    case
}

/// The JSON pointers of everything within, what is outermost first.
fn paths(value: &Value) -> Vec<String> {
    let steps: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let own = steps.iter().map(|(step, _)| format!("/{step}"));
    let within = steps
        .iter()
        .flat_map(|(step, value)| paths(value).into_iter().map(move |path| format!("/{step}{path}")));
    own.chain(within).collect()
}

fn without(value: &Value, path: &str) -> Value {
    let mut value = value.clone();
    let (parent, step) = path.rsplit_once('/').expect("a path has a slash");
    match value.pointer_mut(parent).expect("a path of the value") {
        Value::Object(members) => {
            members.shift_remove(&step.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(list) => {
            list.remove(step.parse().expect("a place in the list"));
        }
        _ => {}
    }
    value
}

/// An evaluator made of the naive one, with its answers changed.
fn naive_but(change: impl Fn(&Value, String) -> String) -> impl Fn(&str) -> String {
    move |line| {
        let case: Value = serde_json::from_str(line).unwrap();
        let answer = match naive::answer(&case) {
            Ok((decision, faults)) => match faults.as_slice() {
                [] => format!(r#"{{"decision":"{decision}","by":[]}}"#),
                faults => format!(r#"{{"decision":"{decision}","by":[],"faults":{faults:?}}}"#),
            },
            Err(refused) => format!(r#"{{"error":{:?}}}"#, refused.0),
        };
        change(&case, answer)
    }
}

#[test]
fn one_that_agrees_has_no_differences() {
    let found = differences(500, 1, naive_but(|_, answer| answer));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn one_that_accepts_everything_or_nothing_differs_where_the_naive_one_does_not() {
    let refused = (0..500).filter(|seed| naive::decide(&generate::case(*seed)).is_err()).count();
    let accepting = naive_but(|_, answer| answer.replace("error", "decision"));
    let refusing = naive_but(|_, _| r#"{"error":"no"}"#.to_owned());
    assert_eq!(differences(500, 0, accepting).len(), refused);
    assert_eq!(differences(500, 0, refusing).len(), 500 - refused);
}

#[test]
fn an_answer_that_cannot_be_read_is_a_difference() {
    for nonsense in ["", "Allowed", r#"{"decision":"Maybe"}"#, r#"{"error":"no","decision":"Allowed"}"#] {
        assert_eq!(differences(20, 7, naive_but(|_, _| nonsense.to_owned())).len(), 20, "{nonsense}");
    }
}

#[test]
fn a_difference_is_shown_with_its_seed_and_no_more_than_it_needs() {
    let lenient = |case: &Value, answer: String| {
        if case.get("permissionBoundaries").is_some() {
            answer.replace("ImplicitlyDenied", "Allowed")
        } else {
            answer
        }
    };
    let found = differences(500, 0, naive_but(lenient));
    let first = found.first().unwrap();
    let members: Vec<&String> = first.case.as_object().unwrap().keys().collect();
    assert_eq!(members, ["principal", "action", "resource", "permissionBoundaries"]);
    let shown = first.to_string();
    assert!(shown.starts_with(&format!("seed {}\n", first.seed)), "{shown}");
    assert!(shown.contains("naive: ImplicitlyDenied []\nother: {\"decision\":\"Allowed\""), "{shown}");
    let whole = generate::case(first.seed);
    assert!(differ(&whole, &naive_but(lenient)));
}
