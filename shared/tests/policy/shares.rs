//! Whether the generated cases are worth comparing answers on: every outcome and every rule is common, and every
//! element decides some case.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::generate;
use crate::naive::{self, Decision, Kind};

const CASES: usize = 20_000;

struct Surveyed {
    case: Value,
    /// None if refused.
    answer: Option<(Kind, Decision)>,
    faulty: bool,
}

static SURVEY: LazyLock<Vec<Surveyed>> = LazyLock::new(|| {
    let survey = |seed| {
        let case = generate::case(seed);
        let found = naive::answer(&case).ok();
        let faulty = found.as_ref().is_none_or(|(_, faults)| !faults.is_empty());
        let answer = found.map(|(decision, _)| (naive::kind(&case).unwrap(), decision));
        Surveyed { case, answer, faulty }
    };
    (0..CASES as u64).map(survey).collect()
});

/// How many of a thousand cases have such an answer.
fn of_a_thousand(such: impl Fn(Option<(Kind, Decision)>) -> bool) -> usize {
    SURVEY.iter().filter(|surveyed| such(surveyed.answer)).count() * 1000 / CASES
}

#[test]
fn every_decision_is_common_and_a_refusal_is_not_rare() {
    for decision in [Decision::Allowed, Decision::ExplicitlyDenied, Decision::ImplicitlyDenied] {
        let share = of_a_thousand(|answer| answer.is_some_and(|(_, decided)| decided == decision));
        assert!(share >= 150, "{decision}: {share} of a thousand");
    }
    let refused = of_a_thousand(|answer| answer.is_none());
    assert!((20..=100).contains(&refused), "refused: {refused} of a thousand");
}

#[test]
fn every_rule_is_common_and_decides_both_ways() {
    for (kind, least) in [
        (Kind::SameAccount, 250),
        (Kind::CrossAccount, 100),
        (Kind::Kms, 80),
        (Kind::Trust, 80),
        (Kind::WithoutIdentity, 50),
        (Kind::OwnRoot, 15),
    ] {
        let share = of_a_thousand(|answer| answer.is_some_and(|(found, _)| found == kind));
        assert!(share >= least, "{kind:?}: {share} of a thousand");
        for decision in [Decision::Allowed, Decision::ExplicitlyDenied, Decision::ImplicitlyDenied] {
            let such = of_a_thousand(|answer| answer == Some((kind, decision)));
            assert!(such * 40 >= share, "{kind:?}, {decision}: {such} of {share}");
        }
    }
}

#[test]
fn only_what_was_made_faulty_is_refused_or_found_at_fault() {
    for (seed, surveyed) in (0..).zip(SURVEY.iter()) {
        assert_eq!(surveyed.faulty, generate::is_faulty(seed), "seed {seed}\n{:#}", surveyed.case);
    }
    let answered = SURVEY.iter().filter(|surveyed| surveyed.faulty && surveyed.answer.is_some()).count();
    assert!(answered * 1000 / CASES >= 3, "{answered} answered with a fault");
}

/// Every element that decides some case, with how many: without it (or without its `Not`, `IfExists` or set operator),
/// the answer is another.
fn deciding_elements(surveyed: &[Surveyed]) -> BTreeMap<String, usize> {
    let mut deciding = BTreeMap::new();
    for Surveyed { case, answer, .. } in surveyed {
        let Some((_, decision)) = answer else { continue };
        for (element, without) in simpler(case) {
            if naive::decide(&without).is_ok_and(|other| other != *decision) {
                *deciding.entry(element).or_default() += 1;
            }
        }
    }
    deciding
}

/// The case with one element less, in every way that is of interest, each with the name of the element.
fn simpler(case: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in case.as_object().unwrap() {
        let mut put = |element: String, new: Option<Value>| {
            let mut simpler = case.clone();
            let members = simpler.as_object_mut().unwrap();
            match new {
                Some(new) => members.insert(name.clone(), new),
                None => members.remove(name),
            };
            found.push((element, simpler));
        };
        match name.as_str() {
            "principal" | "action" | "resource" => {}
            "context" | "resourceAccount" => put(name.clone(), None),
            _ => {
                put(name.clone(), None);
                simpler_within(value, &mut |element, new| put(element, Some(new)));
            }
        }
    }
    found
}

/// As `simpler`, for what lies within a slot.
fn simpler_within(value: &Value, put: &mut dyn FnMut(String, Value)) {
    match value {
        Value::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                simpler_within(item, &mut |element, new| {
                    let mut list = list.clone();
                    list[at] = new;
                    put(element, Value::Array(list));
                });
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let mut renamed = |element: &str, new: Option<String>| {
                    let mut members = members.clone();
                    let member = members.remove(name).unwrap();
                    if let Some(new) = new {
                        members.insert(new, member);
                    }
                    put(element.to_owned(), Value::Object(members));
                };
                let lower = name.to_lowercase();
                let (set, base) = lower.split_once(':').unwrap_or(("", &lower));
                if OPERATORS.contains(&base.trim_end_matches("ifexists")) {
                    renamed(base.trim_end_matches("ifexists"), None);
                    if base.ends_with("ifexists") {
                        renamed("IfExists", Some(lower.trim_end_matches("ifexists").to_owned()));
                    }
                    if !set.is_empty() {
                        renamed(set, Some(base.to_owned()));
                    }
                } else if name == "Version" {
                    renamed("Version", None);
                } else if let Some(positive) = name.strip_prefix("Not") {
                    renamed(name, Some(positive.to_owned()));
                }
                simpler_within(member, &mut |element, new| {
                    let mut members = members.clone();
                    members.insert(name.clone(), new);
                    put(element, Value::Object(members));
                });
            }
        }
        _ => {}
    }
}

const OPERATORS: [&str; 27] = [
    "stringequals",
    "stringnotequals",
    "stringequalsignorecase",
    "stringnotequalsignorecase",
    "stringlike",
    "stringnotlike",
    "numericequals",
    "numericnotequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "dateequals",
    "datenotequals",
    "datelessthan",
    "datelessthanequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "bool",
    "binaryequals",
    "ipaddress",
    "notipaddress",
    "arnequals",
    "arnlike",
    "arnnotequals",
    "arnnotlike",
    "null",
];

#[test]
fn every_element_decides_some_case() {
    let deciding = deciding_elements(&SURVEY[..3_000]);
    let elements = [
        "identityPolicies",
        "permissionBoundaries",
        "sessionPolicy",
        "resourcePolicy",
        "endpointPolicies",
        "serviceControlPolicies",
        "resourceControlPolicies",
        "context",
        "resourceAccount",
        "NotAction",
        "NotResource",
        "NotPrincipal",
        "Version",
        "IfExists",
        "foranyvalue",
        "forallvalues",
    ];
    for element in elements.into_iter().chain(OPERATORS) {
        let count = deciding.get(element).copied().unwrap_or_default();
        assert!(count >= 2, "{element} decides {count} cases: {deciding:#?}");
    }
}
