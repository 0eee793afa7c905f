//! Taking somebody out of a trust policy, and nothing else.
//!
//! What is taken is a principal of a statement that allows, or the statement as a whole. So the new policy lets in nobody
//! whom the old one did not, whatever its conditions say, and everybody else as before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::without_parts::remove_at;
use super::{Effect, Element, Malformed, Policy, PolicyDocument, PolicyKind, PrincipalEntry, Statement};

/// Lets nobody in. IAM takes no trust policy without a statement, nor one with other actions than these.
const NOBODY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"BailiffNobody","Effect":"Deny","Principal":"*","Action":["#,
    r#""sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity"]}]}"#
);

/// Takes out whom the places name, as findings of a trust report name them: `Statement[0].Principal.AWS[1]`, or
/// `Statement[0].Principal` and `Statement[0].NotPrincipal` for the whole statement. `None` where none of them names
/// anybody who could be taken out, as a condition does not.
///
/// Unique ids of deleted principals go with them, out of statements that deny too: nobody has them, and IAM takes no
/// policy that names one.
///
/// A policy that IAM would refuse is an error: what it says may not be what we read.
pub fn without(document: &PolicyDocument, places: &[&str]) -> Result<Option<PolicyDocument>, Malformed> {
    let old = Policy::parse_document(document, PolicyKind::Trust)?;
    let mut taken = Taken::default();
    for part in places.iter().filter_map(|place| Part::parse(place)).filter(|part| part.lets_in(&old)) {
        taken.add(part);
    }
    if taken.is_empty() {
        return Ok(None);
    }
    taken.add_deleted(&old);
    let json = serde_json::from_str::<Value>(document.as_str()).ok();
    let new = json.and_then(|mut json| taken.take_from(&mut json)).map(PolicyDocument::new);
    Ok(new.filter(|new| is_narrower(new, document)))
}

/// Whether a trust policy is another one with principals or statements that allow taken out, perhaps with what it denies
/// to nobody, and nothing else changed, or lets nobody in.
pub fn is_narrower(new: &PolicyDocument, old: &PolicyDocument) -> bool {
    if new.as_str() == NOBODY {
        return true;
    }
    let read = |document| Policy::parse_document(document, PolicyKind::Trust);
    let (Ok(new), Ok(old)) = (read(new), read(old)) else { return false };
    if new.version != old.version || new.id != old.id || new.statements.is_empty() {
        return false;
    }
    let mut kept = new.statements.iter().peekable();
    for statement in &old.statements {
        let is_kept = kept.next_if(|kept| is_part(kept, statement)).is_some();
        if !is_kept && statement.effect == Effect::Deny && !means_nobody(statement) {
            return false;
        }
    }
    kept.next().is_none()
}

/// Whether two trust policies are one to IAM: the same statements in the same order, whatever their spacing, the order of
/// their lists and the spelling of accounts. Texts that are no policies say the same only if they are the same.
pub fn says_the_same(one: &PolicyDocument, other: &PolicyDocument) -> bool {
    let read = |document| Policy::parse_document(document, PolicyKind::Trust).map(in_order);
    one == other || matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
}

fn in_order(mut policy: Policy) -> Policy {
    for statement in &mut policy.statements {
        if let Some(principal) = &mut statement.principal {
            principal.entries.sort_by_cached_key(|entry| (entry.key(), entry.to_string()));
        }
        statement.action.entries.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        for condition in &mut statement.conditions {
            condition.values.sort();
        }
        statement.conditions.sort_by_cached_key(|it| (it.operator.to_string(), it.key.clone()));
    }
    policy
}

/// Whether whom a statement means was deleted: unique ids are left, and nobody has them.
fn means_nobody(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated && !principal.entries.is_empty() && principal.entries.iter().all(is_deleted)
    })
}

fn is_deleted(entry: &PrincipalEntry) -> bool {
    matches!(entry, PrincipalEntry::UniqueId(_))
}

/// Whether a statement is another one, of which principals may be taken out: any if it allows, and if it denies those who
/// were deleted.
fn is_part(new: &Statement, old: &Statement) -> bool {
    if new == old {
        return true;
    }
    let (Some(kept), Some(before)) = (&new.principal, &old.principal) else { return false };
    let fewer = !kept.negated
        && !before.negated
        && !kept.entries.is_empty()
        && kept.entries.iter().all(|entry| before.entries.contains(entry));
    let gone_alone = || before.entries.iter().filter(|entry| !kept.entries.contains(entry)).all(is_deleted);
    let same_but_for_them = Statement { principal: old.principal.clone(), ..new.clone() } == *old;
    fewer && same_but_for_them && (old.effect == Effect::Allow || gone_alone())
}

/// What a place names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Statement(usize),
    Principal { statement: usize, kind: String, index: usize },
}

impl Part {
    fn parse(place: &str) -> Option<Self> {
        let (statement, rest) = place.strip_prefix("Statement[")?.split_once(']')?;
        let statement = statement.parse().ok()?;
        if matches!(rest, ".Principal" | ".NotPrincipal") {
            return Some(Self::Statement(statement));
        }
        let (kind, index) = rest.strip_prefix(".Principal.")?.strip_suffix(']')?.split_once('[')?;
        Some(Self::Principal { statement, kind: kind.to_owned(), index: index.parse().ok()? })
    }

    /// Whether taking it out takes access away: a statement that denies does the opposite.
    fn lets_in(&self, policy: &Policy) -> bool {
        let (Self::Statement(statement) | Self::Principal { statement, .. }) = self;
        policy.statements.get(*statement).is_some_and(|statement| {
            statement.effect == Effect::Allow
                && match self {
                    Self::Statement(_) => true,
                    Self::Principal { kind, index, .. } => {
                        statement.principal.as_ref().is_some_and(|it| count(it, kind) > *index)
                    }
                }
        })
    }
}

fn count(principal: &Element<PrincipalEntry>, kind: &str) -> usize {
    if principal.negated { 0 } else { principal.entries.iter().filter(|entry| entry.key() == kind).count() }
}

/// What is taken out, by statement.
#[derive(Debug, Default)]
struct Taken {
    statements: BTreeSet<usize>,
    principals: BTreeMap<(usize, String), BTreeSet<usize>>,
}

impl Taken {
    fn add(&mut self, part: Part) {
        match part {
            Part::Statement(statement) => {
                self.statements.insert(statement);
            }
            Part::Principal { statement, kind, index } => {
                self.principals.entry((statement, kind)).or_default().insert(index);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.principals.is_empty()
    }

    fn add_deleted(&mut self, policy: &Policy) {
        for (statement, says) in policy.statements.iter().enumerate() {
            let Some(principal) = &says.principal else { continue };
            let named = principal.entries.iter().filter(|entry| entry.key() == "AWS").enumerate();
            for (index, _) in named.filter(|(_, entry)| is_deleted(entry)) {
                if !principal.negated {
                    self.add(Part::Principal { statement, kind: "AWS".to_owned(), index });
                }
            }
        }
    }

    /// The policy without them, its keys in their order.
    fn take_from(mut self, policy: &mut Value) -> Option<String> {
        let statements = policy.get_mut("Statement")?;
        if !statements.is_array() {
            *statements = Value::Array(vec![statements.take()]);
        }
        let statements = statements.as_array_mut()?;
        for ((statement, kind), indices) in &self.principals {
            if !take_principals(statements.get_mut(*statement)?, kind, indices)? {
                self.statements.insert(*statement);
            }
        }
        remove_at(statements, &self.statements);
        if statements.is_empty() { Some(NOBODY.to_owned()) } else { Some(policy.to_string()) }
    }
}

/// Takes principals of a kind out of a statement; whether any principal is left.
fn take_principals(statement: &mut Value, kind: &str, indices: &BTreeSet<usize>) -> Option<bool> {
    let kinds = statement.get_mut("Principal")?.as_object_mut()?;
    let entries = kinds.get_mut(kind)?;
    let none_left = match entries {
        Value::Array(list) => {
            remove_at(list, indices);
            list.is_empty()
        }
        _ => indices.contains(&0),
    };
    if none_left {
        kinds.shift_remove(kind);
    }
    Some(!kinds.is_empty())
}

#[cfg(test)]
mod tests;
