use proptest::prelude::*;

use super::super::Action;
use super::{actions, bundled};
use crate::policy::ActionPattern;

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
    let pattern = ActionPattern::parse(pattern).unwrap();
    bundled().matching(&pattern).map(Action::to_string).collect()
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
        ("nothing:*", 0),
    ] {
        let matched = matched(pattern);
        assert_eq!(matched, one_by_one(pattern), "{pattern}");
        assert!(matched.len() >= at_least, "{pattern}: {}", matched.len());
    }
}

#[test]
fn stars_alone_match_all() {
    let all = actions().count();
    assert_eq!(matched("*").len(), all);
    assert_eq!(matched("**").len(), all);
}

proptest! {
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
