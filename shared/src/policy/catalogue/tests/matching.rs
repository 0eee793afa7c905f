use proptest::prelude::*;

use super::super::Action;
use super::super::glob::Glob;
use super::{actions, bundled};

/// The plainest matcher there is, exponential as it may be.
fn plainly(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            plainly(rest, text) || matches!(text, [_, text @ ..] if plainly(pattern, text))
        }
        ([b'?', rest @ ..], [_, text @ ..]) => plainly(rest, text),
        ([wanted, rest @ ..], [byte, text @ ..]) => wanted.eq_ignore_ascii_case(byte) && plainly(rest, text),
        _ => false,
    }
}

fn matched(pattern: &str) -> Vec<String> {
    bundled().matching(pattern).map(Action::to_string).collect()
}

/// Each of all actions, held against the pattern in turn.
fn one_by_one(pattern: &str) -> Vec<String> {
    let (service, name) = pattern.split_once(':').unwrap();
    actions()
        .filter(|action| plainly(service.as_bytes(), action.service().as_bytes()))
        .filter(|action| plainly(name.as_bytes(), action.name().as_bytes()))
        .map(Action::to_string)
        .collect()
}

#[test]
fn a_pattern_covers_what_it_covers_one_by_one() {
    for (pattern, at_least) in [
        ("iam:PassRole", 1),
        ("iam:pass*", 1),
        ("IAM:*ROLE*", 20),
        ("s3:Get?bject", 1),
        ("s3:GetObject?", 0),
        ("s3:*", 100),
        ("s?:*", 100),
        ("S*:Get*", 400),
        ("*:*", 20_000),
        ("**:**", 20_000),
        ("*:Tag*Resource", 200),
        ("ec2:Describe*", 100),
        ("ec2:*s", 100),
        ("*api*:?????", 0),
        ("iam:", 0),
        (":PassRole", 0),
        ("nothing:*", 0),
        ("iam:Pass:Role", 0),
    ] {
        let matched = matched(pattern);
        assert_eq!(matched, one_by_one(pattern), "{pattern}");
        assert!(matched.len() >= at_least, "{pattern}: {}", matched.len());
    }
}

#[test]
fn without_a_colon_only_stars_match() {
    let all = actions().count();
    assert_eq!(matched("*").len(), all);
    assert_eq!(matched("**").len(), all);
    for pattern in ["", "?", "s3*", "*PassRole", "iam"] {
        assert!(matched(pattern).is_empty(), "{pattern}");
    }
}

#[test]
fn a_pattern_longer_than_any_name_matches_none() {
    let name = "a".repeat(127);
    assert!(Glob::new(&name).matches(&name));
    assert!(Glob::new(&"?".repeat(127)).matches(&name));
    assert!(!Glob::new(&"?".repeat(128)).matches(&name));
    assert!(Glob::new(&"*".repeat(10_000)).matches(&name));
    assert!(matched(&format!("iam:{}", "?".repeat(10_000))).is_empty());
    assert!(matched(&format!("iam:*{}", "ä*".repeat(10_000))).is_empty());
}

proptest! {
    #[test]
    fn a_glob_is_right_about_any_pattern(pattern in "[abAB*?]{0,10}", text in "[abAB]{0,10}") {
        prop_assert_eq!(Glob::new(&pattern).matches(&text), plainly(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn no_pattern_makes_it_panic(pattern in ".{0,200}") {
        prop_assert!(bundled().matching(&pattern).count() <= actions().count());
        let _ = bundled().action(&pattern);
    }

    /// Narrowing to the names that begin like the pattern loses none.
    #[test]
    fn a_name_with_parts_replaced_by_wildcards_still_matches(
        which in any::<prop::sample::Index>(),
        parts in prop::collection::vec((any::<prop::sample::Index>(), prop::bool::ANY), 0..5),
        upper in any::<bool>(),
    ) {
        let all: Vec<_> = actions().collect();
        let action = which.get(&all).to_string();
        let colon = action.find(':').unwrap();
        let mut pattern = action.clone().into_bytes();
        for (at, star) in parts {
            let at = at.index(pattern.len());
            if at != colon {
                pattern[at] = if star { b'*' } else { b'?' };
            }
        }
        let pattern = String::from_utf8(pattern).unwrap();
        let pattern = if upper { pattern.to_uppercase() } else { pattern };
        let matched = matched(&pattern);
        prop_assert!(matched.contains(&action), "{}", pattern);
        prop_assert_eq!(matched, one_by_one(&pattern));
    }
}
