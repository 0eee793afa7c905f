//! The least change to a policy: actions or statements taken out, and all else left as it is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{ActionPattern, Effect, Element, Policy, PolicyDocument, PolicyKind, ResourcePattern, Statement};

/// What can be taken out of a policy. Numbers count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A statement.
    Statement(usize),
    /// An entry of a statement's `Action`; with its last one the statement goes.
    Action(usize, usize),
}

/// The document without some parts, everything else as it was written, or `None` where that would not be a policy that
/// allows less and still something: no Allow would be left, a part is not there, or it denies.
pub fn without_parts(document: &PolicyDocument, parts: &[Part]) -> Option<PolicyDocument> {
    // Whatever is written twice has been refused, so nothing gets lost on the way through a map.
    let policy = Policy::parse_document(document, PolicyKind::Identity).ok()?;
    let mut actions: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut statements = BTreeSet::new();
    for part in parts {
        let (Part::Statement(index) | Part::Action(index, _)) = *part;
        let statement = policy.statements.get(index).filter(|it| it.effect == Effect::Allow)?;
        match part {
            Part::Statement(_) => _ = statements.insert(index),
            Part::Action(_, entry) => {
                let of = &statement.action;
                of.entries.get(*entry).filter(|_| !of.negated)?;
                let out = actions.entry(index).or_default();
                out.insert(*entry);
                if out.len() == of.entries.len() {
                    statements.insert(index);
                }
            }
        }
    }
    let allows_still = policy
        .statements
        .iter()
        .enumerate()
        .any(|(index, statement)| statement.effect == Effect::Allow && !statements.contains(&index));
    if parts.is_empty() || !allows_still {
        return None;
    }
    let mut json: Value = serde_json::from_str(document.as_str()).ok()?;
    let written = json.get_mut("Statement")?;
    for (index, out) in actions.iter().filter(|(index, _)| !statements.contains(index)) {
        // A lone statement need not stand in a list.
        let statement = if written.is_array() { written.get_mut(index)? } else { &mut *written };
        remove_at(statement.get_mut("Action")?.as_array_mut()?, out);
    }
    if !statements.is_empty() {
        remove_at(written.as_array_mut()?, &statements);
    }
    let rest = PolicyDocument::new(json.to_string());
    is_no_wider(&rest, document).then_some(rest)
}

/// Takes out of a list what stands at these places.
pub(super) fn remove_at(list: &mut Vec<Value>, out: &BTreeSet<usize>) {
    let mut index = 0;
    list.retain(|_| {
        index += 1;
        !out.contains(&(index - 1))
    });
}

/// Whether a policy surely allows no more than another: each Deny of the other one stands in it, and so does each of its
/// Allows in the other one, perhaps with more actions, unless that allows everything. What may be no wider for another
/// reason is not found out.
pub fn is_no_wider(new: &PolicyDocument, old: &PolicyDocument) -> bool {
    let read = |document| Policy::parse_document(document, PolicyKind::Identity);
    let (Ok(new), Ok(old)) = (read(new), read(old)) else { return false };
    let of = |policy: &Policy, effect| {
        policy.statements.iter().filter(|statement| statement.effect == effect).cloned().collect::<Vec<_>>()
    };
    // An id says nothing, so it may differ; the language's version says what `${…}` means.
    new.version == old.version
        && (old.statements.iter().any(allows_everything)
            || of(&new, Effect::Allow).iter().all(|new| old.statements.iter().any(|old| is_part(new, old))))
        && of(&old, Effect::Deny).iter().all(|statement| new.statements.contains(statement))
}

/// Whether a statement is another one, or the same about fewer of the listed actions.
fn is_part(new: &Statement, old: &Statement) -> bool {
    let Element { negated, entries } = &new.action;
    let fewer = !negated && !old.action.negated && entries.iter().all(|it| old.action.entries.contains(it));
    // Compared field by field through a copy, so that a new field cannot be forgotten.
    new == old || fewer && Statement { action: old.action.clone(), ..new.clone() } == *old
}

/// Whether a statement allows every action on every resource, whatever else is so.
fn allows_everything(statement: &Statement) -> bool {
    let actions = &statement.action;
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && !actions.negated
        && actions.entries.iter().any(ActionPattern::is_everything)
        && statement.resource.as_ref().is_some_and(|resources| {
            !resources.negated && resources.entries.iter().any(ResourcePattern::is_everything)
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const READ: &str = r#"{ "Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*" }"#;
    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    const DENY: &str = r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::secret/*"}"#;

    fn policy(statements: &[&str]) -> PolicyDocument {
        PolicyDocument::new(format!(
            r#"{{"Version": "2012-10-17", "Id": "x", "Statement": [{}]}}"#,
            statements.join(",")
        ))
    }

    #[test]
    fn takes_out_the_one_statement_and_keeps_all_else_in_its_order() {
        let rest = without_parts(&policy(&[READ, ALL, DENY]), &[Part::Statement(1)]).unwrap();
        assert!(rest.same_meaning(&policy(&[READ, DENY])));
        assert_eq!(
            rest.as_str(),
            r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:Get*"],"Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::secret/*"}]}"#
        );
    }

    #[test]
    fn a_deny_stays_and_something_is_allowed_still() {
        let without = |statements: &[&str], out: &[usize]| {
            let parts: Vec<Part> = out.iter().map(|index| Part::Statement(*index)).collect();
            without_parts(&policy(statements), &parts)
        };
        assert_eq!(without(&[READ, DENY], &[1]), None);
        assert_eq!(without(&[READ, DENY], &[0, 1]), None);
        assert_eq!(without(&[ALL], &[0]), None);
        assert_eq!(without(&[ALL, DENY], &[0]), None, "nothing but a Deny would be left");
        assert_eq!(without(&[READ, ALL], &[0, 1]), None);
        assert_eq!(without(&[READ, ALL], &[2]), None);
        assert_eq!(without(&[READ, ALL], &[]), None);
        let lone = PolicyDocument::new(format!(r#"{{"Statement":{ALL}}}"#));
        assert_eq!(without_parts(&lone, &[Part::Statement(0)]), None);
        assert_eq!(without_parts(&PolicyDocument::new("{}"), &[Part::Statement(0)]), None);
    }

    #[test]
    fn takes_out_the_one_action_and_keeps_its_neighbours_as_they_are_written() {
        let app = r#"{"Sid":"App","Effect":"Allow","Action":["s3:*","IAM:CreateAccessKey","sqs:*"],"Resource":["*"]}"#;
        let rest = |statements: &str, parts: &[Part]| {
            let old = PolicyDocument::new(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#));
            without_parts(&old, parts).map(|rest| rest.as_str().to_owned())
        };
        let kept = r#"{"Sid":"App","Effect":"Allow","Action":["s3:*","sqs:*"],"Resource":["*"]}"#;
        let one = [Part::Action(0, 1)];
        for (old, new) in [(app.to_owned(), kept.to_owned()), (format!("[{app}]"), format!("[{kept}]"))] {
            let new = format!(r#"{{"Version":"2012-10-17","Statement":{new}}}"#);
            assert_eq!(rest(&old, &one), Some(new));
        }
        let every = [Part::Action(0, 0), Part::Action(0, 1), Part::Action(0, 2)];
        assert_eq!(rest(&format!("[{app}]"), &every), None);
        let all_out = rest(&format!("[{app},{READ}]"), &every).unwrap();
        assert!(!all_out.contains("App") && all_out.contains("Read"), "{all_out}");
        // A lone action is a list of one.
        assert!(!rest(&format!("[{ALL},{READ}]"), &[Part::Action(0, 0)]).unwrap().contains(r#""*","R"#));
        assert_eq!(rest(&format!("[{app}]"), &[Part::Action(0, 3)]), None);
        assert_eq!(rest(&format!("[{app},{DENY}]"), &[Part::Action(1, 0)]), None);
        let all_but = r#"{"Effect":"Allow","NotAction":["s3:*","sqs:*"],"Resource":"*"}"#;
        assert_eq!(rest(&format!("[{app},{all_but}]"), &[Part::Action(1, 0)]), None, "that would allow more");
    }

    #[test]
    fn what_adds_an_allow_or_drops_a_deny_is_wider() {
        let old = policy(&[READ, ALL, DENY]);
        for narrower in [policy(&[READ, DENY]), policy(&[DENY, READ, DENY]), policy(&[DENY]), old.clone()] {
            assert!(is_no_wider(&narrower, &old), "{}", narrower.as_str());
        }
        let other = r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Sid":"Other"}"#;
        for wider in [policy(&[READ, ALL]), PolicyDocument::new("{}")] {
            assert!(!is_no_wider(&wider, &old), "{}", wider.as_str());
        }
        assert!(!is_no_wider(&policy(&[other, DENY]), &policy(&[READ, DENY])));
        let in_old_language = PolicyDocument::new(old.as_str().replace("2012-10-17", "2008-10-17"));
        assert!(!is_no_wider(&in_old_language, &old));
    }

    #[test]
    fn fewer_of_the_same_actions_are_no_wider_and_any_other_difference_is() {
        let of = |actions: &str, rest: &str| {
            policy(&[&format!(r#"{{"Effect":"Allow",{actions},"Resource":"arn:aws:s3:::a/*"{rest}}}"#)])
        };
        let old = of(r#""Action":["s3:Get*","s3:Put*"]"#, "");
        assert!(is_no_wider(&of(r#""Action":"s3:Get*""#, ""), &old));
        for (actions, rest) in [
            (r#""Action":["s3:Get*","s3:List*"]"#, ""),
            (r#""NotAction":["s3:Get*"]"#, ""),
            (r#""Action":"s3:Get*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#),
        ] {
            assert!(!is_no_wider(&of(actions, rest), &old), "{actions}{rest}");
        }
        let all_but = of(r#""NotAction":["s3:Get*","s3:Put*"]"#, "");
        assert!(!is_no_wider(&of(r#""NotAction":["s3:Get*"]"#, ""), &all_but));
        assert!(!is_no_wider(&of(r#""Action":["s3:Get*"]"#, ""), &all_but));
    }

    #[test]
    fn nothing_is_wider_than_what_allows_everything_but_for_what_that_denies() {
        assert!(is_no_wider(&policy(&[READ]), &policy(&[ALL])));
        assert!(is_no_wider(&policy(&[READ, DENY]), &policy(&[DENY, ALL])));
        assert!(!is_no_wider(&policy(&[READ]), &policy(&[DENY, ALL])));
        for less in [
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#,
            r#"{"Effect":"Allow","NotAction":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","NotResource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}"#,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
        ] {
            assert!(!is_no_wider(&policy(&[READ]), &policy(&[less])), "{less}");
        }
    }

    #[test]
    fn what_is_said_twice_is_no_policy_to_change() {
        let twice = format!(r#"{{"Version":"2012-10-17","Statement":[{ALL},{READ}],"Statement":[{READ}]}}"#);
        assert_eq!(without_parts(&PolicyDocument::new(twice), &[Part::Statement(0)]), None);
    }

    const ACTIONS: [&str; 6] =
        ["*", "s3:*", "s3:Get*", "s3:GetObject", "iam:PassRole", "iam:CreateAccessKey"];

    /// A statement of an effect with these actions; of one, a lone value at times.
    fn statement(denies: bool, lone: bool, actions: &[&str]) -> Value {
        let effect = if denies { "Deny" } else { "Allow" };
        let list = if lone && actions.len() == 1 { Value::from(actions[0]) } else { Value::from(actions) };
        serde_json::json!({ "Sid": "s", "Effect": effect, "Action": list, "Resource": "*" })
    }

    /// Whether a policy allows an action, as its statements alone say.
    fn allows(document: &PolicyDocument, action: &str) -> bool {
        let policy = Policy::parse_document(document, PolicyKind::Identity).unwrap();
        let says = |effect| {
            let mut of = policy.statements.iter().filter(move |it| it.effect == effect);
            of.any(|it| it.action.is_met(|entry| entry.matches(action)))
        };
        says(Effect::Allow) && !says(Effect::Deny)
    }

    proptest! {
        #[test]
        fn whatever_is_taken_out_the_rest_is_no_wider_and_reads_the_same(
            kinds in proptest::collection::vec(
                (any::<bool>(), any::<bool>(), proptest::collection::vec(0..6_usize, 1..4)), 1..5),
            out in proptest::collection::vec((0..6_usize, proptest::option::of(0..4_usize)), 0..5),
        ) {
            let written: Vec<Vec<&str>> =
                kinds.iter().map(|(.., actions)| actions.iter().map(|index| ACTIONS[*index]).collect()).collect();
            let document = |kept: &dyn Fn(usize, usize) -> bool| {
                let statements: Vec<Value> = kinds
                    .iter()
                    .enumerate()
                    .filter_map(|(at, (denies, lone, _))| {
                        let entries = written[at].iter().enumerate();
                        let actions: Vec<&str> =
                            entries.filter(|(entry, _)| kept(at, *entry)).map(|(_, action)| *action).collect();
                        // A list that loses all but one stays a list.
                        let lone = *lone && written[at].len() == 1;
                        (!actions.is_empty()).then(|| statement(*denies, lone, &actions))
                    })
                    .collect();
                let json = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
                PolicyDocument::new(json.to_string())
            };
            let old = document(&|_, _| true);
            let parts: Vec<Part> = out
                .iter()
                .map(|(at, entry)| entry.map_or(Part::Statement(*at), |entry| Part::Action(*at, entry)))
                .collect();
            if let Some(rest) = without_parts(&old, &parts) {
                let kept = document(&|at, entry| {
                    !parts.contains(&Part::Statement(at)) && !parts.contains(&Part::Action(at, entry))
                });
                prop_assert!(rest.same_meaning(&kept), "{} {}", rest.as_str(), kept.as_str());
                prop_assert!(is_no_wider(&rest, &old));
                for action in ["s3:GetObject", "s3:PutObject", "iam:PassRole", "iam:CreateAccessKey", "ec2:Run"] {
                    prop_assert!(!allows(&rest, action) || allows(&old, action), "{action}");
                }
                prop_assert!(out.iter().all(|(at, _)| !kinds[*at].0));
            }
        }
    }
}
