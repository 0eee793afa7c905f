//! The least change to a policy: statements taken out, and all else left as it is written.

use serde_json::Value;

use super::{ActionPattern, Effect, Policy, PolicyDocument, PolicyKind, ResourcePattern, Statement};

/// The document without some statements, everything else as it was written, or `None` where that would not be a policy
/// that allows less: nothing would be left, a statement is not there, or it denies.
pub fn without_statements(document: &PolicyDocument, statements: &[usize]) -> Option<PolicyDocument> {
    // Whatever is written twice has been refused, so nothing gets lost on the way through a map.
    let policy = Policy::parse_document(document, PolicyKind::Identity).ok()?;
    let allows = |index: &usize| policy.statements.get(*index).is_some_and(|it| it.effect == Effect::Allow);
    if statements.is_empty() || !statements.iter().all(allows) {
        return None;
    }
    let mut json: Value = serde_json::from_str(document.as_str()).ok()?;
    let all = json.get_mut("Statement")?.as_array_mut()?;
    let mut index = 0;
    all.retain(|_| {
        index += 1;
        !statements.contains(&(index - 1))
    });
    if all.is_empty() {
        return None;
    }
    let rest = PolicyDocument::new(json.to_string());
    is_no_wider(&rest, document).then_some(rest)
}

/// Whether a policy surely allows no more than another: each Deny of the other one stands in it, and so does each of its
/// Allows in the other one, unless that allows everything. What may be no wider for another reason is not found out.
pub fn is_no_wider(new: &PolicyDocument, old: &PolicyDocument) -> bool {
    let read = |document| Policy::parse_document(document, PolicyKind::Identity);
    let (Ok(new), Ok(old)) = (read(new), read(old)) else { return false };
    let of = |policy: &Policy, effect| {
        policy.statements.iter().filter(|statement| statement.effect == effect).cloned().collect::<Vec<_>>()
    };
    // An id says nothing, so it may differ; the language's version says what `${…}` means.
    new.version == old.version
        && (old.statements.iter().any(allows_everything)
            || of(&new, Effect::Allow).iter().all(|statement| old.statements.contains(statement)))
        && of(&old, Effect::Deny).iter().all(|statement| new.statements.contains(statement))
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
        let rest = without_statements(&policy(&[READ, ALL, DENY]), &[1]).unwrap();
        assert!(rest.same_meaning(&policy(&[READ, DENY])));
        assert_eq!(
            rest.as_str(),
            r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:Get*"],"Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::secret/*"}]}"#
        );
    }

    #[test]
    fn a_deny_stays_and_a_policy_never_becomes_empty() {
        assert_eq!(without_statements(&policy(&[READ, DENY]), &[1]), None);
        assert_eq!(without_statements(&policy(&[READ, DENY]), &[0, 1]), None);
        assert_eq!(without_statements(&policy(&[ALL]), &[0]), None);
        assert_eq!(without_statements(&policy(&[READ, ALL]), &[0, 1]), None);
        assert_eq!(without_statements(&policy(&[READ, ALL]), &[2]), None);
        assert_eq!(without_statements(&policy(&[READ, ALL]), &[]), None);
        let lone = PolicyDocument::new(format!(r#"{{"Statement":{ALL}}}"#));
        assert_eq!(without_statements(&lone, &[0]), None);
        assert_eq!(without_statements(&PolicyDocument::new("{}"), &[0]), None);
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
        assert_eq!(without_statements(&PolicyDocument::new(twice), &[0]), None);
    }

    proptest! {
        #[test]
        fn whatever_is_taken_out_the_rest_is_no_wider_and_reads_the_same(
            kinds in proptest::collection::vec(0..3_usize, 1..8),
            out in proptest::collection::vec(0..9_usize, 0..4),
        ) {
            let statements: Vec<&str> = kinds.iter().map(|kind| [READ, ALL, DENY][*kind]).collect();
            let old = policy(&statements);
            if let Some(rest) = without_statements(&old, &out) {
                prop_assert!(is_no_wider(&rest, &old));
                let kept: Vec<&str> = statements
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| !out.contains(index))
                    .map(|(_, statement)| *statement)
                    .collect();
                prop_assert!(rest.same_meaning(&policy(&kept)));
                prop_assert!(out.iter().all(|index| kinds[*index] != 2));
            }
        }
    }
}
