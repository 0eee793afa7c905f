//! Judges worlds by what came through to IAM and by the account before and after, not by what the functions say of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::facts::{KeyStatus, OtherCredentialKind, Read};
use shared::governance::Mode;
use shared::identifier::Arn;
use shared::remedy::chain::{Digest, Link, StoredEntry, verify};
use shared::remedy::{Entry, Status, Step};
use shared::rules::RuleId;

use super::accounts::ACCOUNT;
use super::dice::Dice;
use super::rulebook::{NO_LIMITS, Rulebook};
use super::stage::Stage;
use crate::account_file::{AccessKey, AccountFile, OtherCredential, Role};
use crate::call::Operation;

/// What a Bailiff that has never seen this account would still do to it, if anything: so much was lost.
pub(crate) fn left_to_do(stage: &Stage, at: Timestamp, rules: &[RuleId]) -> Option<String> {
    let mut account = stage.local.world.snapshot();
    account.now = at;
    let rulebook = Rulebook::only(rules, "enforce", NO_LIMITS);
    let mut fresh = Stage::new(account, rulebook.governance, Dice::of("fresh", 0), false);
    fresh.sweep();
    let writes = fresh.local.world.writes();
    // What AWS refuses to anybody was not lost.
    let done = writes.iter().find(|write| write.refused.is_none())?;
    Some(format!("lost: a newcomer still does `{}`", done.step))
}

/// Somebody who still breaks one of the rules that take no analysis to check, worked out here from their documentation.
pub(crate) fn still_broken(stage: &Stage, rules: &[RuleId], at: Timestamp) -> Option<String> {
    let account = stage.local.world.account();
    let is_on = |id: &str| rules.iter().any(|rule| rule.as_str() == id);
    let days = |since: Option<Timestamp>| since.map_or(0, |since| at.duration_since(since).as_hours() / 24);
    for user in &account.users {
        let name = &user.name;
        if is_on("user-inline-policy")
            && user.inline_policies.iter().any(|policy| !policy.name.as_str().starts_with("Bailiff"))
        {
            return Some(format!("{name} still has an inline policy"));
        }
        let of_nobody = |policy: &&Arn| !policy.name().to_lowercase().contains("quarantine");
        if is_on("user-attached-policy") && user.attached_policies.iter().any(|policy| of_nobody(&policy)) {
            return Some(format!("{name} still has an attached policy"));
        }
        let old = |key: &&AccessKey| {
            let in_use = key.last_used.as_ref().is_some_and(|used| days(Some(used.at)) < 1);
            key.status == KeyStatus::Active && days(key.created) >= 90 && !in_use
        };
        if is_on("access-key-age") && user.access_keys.iter().any(|key| old(&key)) {
            return Some(format!("{name} still has an active key of more than 90 days"));
        }
        let ssh = |other: &&OtherCredential| {
            other.kind == OtherCredentialKind::SshPublicKey && other.status == KeyStatus::Active
        };
        if is_on("user-ssh-key-age")
            && user.other_credentials.iter().filter(ssh).any(|key| days(key.created) >= 90)
        {
            return Some(format!("{name} still has an active SSH key of more than 90 days"));
        }
    }
    let of_ours = |role: &&Role| {
        let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role{}{}", role.path, role.name)).ok();
        arn.is_some_and(|arn| untouchable(&arn, &[]).is_none())
    };
    let long = account.roles.iter().filter(of_ours).find(|role| role.max_session_duration > 7_200);
    let long = long.filter(|_| is_on("role-session-duration"))?;
    Some(format!("{} still has sessions of more than two hours", long.name))
}

/// A change that was made twice, where nobody put it back in between.
pub(crate) fn done_twice(stage: &Stage) -> Option<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let writes = stage.local.world.writes();
    let mut of_ours = writes.iter().filter(|write| write.refused.is_none());
    let twice = of_ours.find(|write| !taken.insert(format!("{:?}", write.step)))?;
    Some(format!("done twice: `{}`", twice.step))
}

/// A change that nobody would have made in calm, at the beginning or at the end: no rule by itself, nor all together
/// (what one does may give another its ground).
pub(crate) fn unwanted(before: &AccountFile, stage: &Stage, rules: &[RuleId]) -> Option<String> {
    let writes = stage.local.world.writes();
    if writes.is_empty() {
        return None;
    }
    let accounts = [before.now, stage.now()].map(|at| AccountFile { now: at, ..before.clone() });
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for account in &accounts {
        wanted.extend(planned(account.clone(), rules).iter().flatten().map(thing));
    }
    if writes.iter().any(|write| !wanted.contains(&thing(&write.step))) {
        for account in accounts {
            wanted.extend(done_in_calm(account, rules).iter().map(thing));
        }
    }
    // Whose other credential was switched off may be suspended for disuse by a finding that was under way: in which order
    // two queues are worked off is nobody's promise.
    let fed = |at: usize, step: &Step| {
        let before = writes.iter().take(at).map(|write| &write.step);
        let mut off = before.filter(|step| matches!(step, Step::DeactivateCredential { .. }));
        (step.denies() || step.takes_credential() || step.marks())
            && off.any(|off| off.resource() == step.resource())
    };
    let strange = |(at, step): &(usize, &Step)| !wanted.contains(&thing(step)) && !fed(*at, step);
    let (_, unwanted) = writes.iter().map(|write| &write.step).enumerate().find(strange)?;
    Some(format!("nobody wanted `{unwanted}`"))
}

fn done_in_calm(account: AccountFile, rules: &[RuleId]) -> Vec<Step> {
    let rulebook = Rulebook::only(rules, "enforce", NO_LIMITS);
    let mut calm = Stage::new(account, rulebook.governance, Dice::of("calm", 0), false);
    for _ in 0..3 {
        calm.sweep();
        calm.advance(5);
    }
    calm.local.world.writes().into_iter().map(|write| write.step).collect()
}

/// What a dry run plans, act by act.
pub(crate) fn planned(account: AccountFile, rules: &[RuleId]) -> Vec<Vec<Step>> {
    let rulebook = Rulebook::only(rules, "audit", NO_LIMITS);
    let mut dry = Stage::new(account, rulebook.governance, Dice::of("dry", 0), false);
    dry.sweep();
    let entries = dry.local.world.entries().into_iter();
    entries.filter(|entry| entry.status == Status::Planned).map(|entry| entry.plan.steps).collect()
}

/// What is changed, and how, the new text apart.
fn thing(step: &Step) -> String {
    let text = match step {
        Step::CreatePolicyVersion { policy, .. } | Step::SetDefaultPolicyVersion { policy, .. } => {
            return policy.arn.to_string();
        }
        Step::UpdateAssumeRolePolicy { role, .. } => role.arn.to_string(),
        other => other.to_string(),
    };
    format!("{} {} {text}", step.write(), step.resource().arn())
}

/// A write that was not written down first.
pub(crate) fn unwritten(stage: &Stage) -> Option<String> {
    let writes = stage.local.world.writes();
    let unwritten = writes.iter().find(|write| write.entry.is_none())?;
    Some(format!("no open entry of `{}` when it was written", unwritten.step))
}

/// A write that was planned for one and hit another who has come to bear the name. Writes go by name, so whoever is made
/// again after the function last looked who it is may be hit: no guard can tell.
pub(crate) fn of_another(stage: &Stage, made_again: &[usize]) -> Option<String> {
    let calls = stage.local.world.calls();
    for write in stage.local.world.writes() {
        let meant = write.step.resource();
        let Some(id) = write.hit.as_ref().and_then(|hit| hit.id.as_ref()) else { continue };
        if id == meant.unique_id() {
            continue;
        }
        let before = calls.0.iter().enumerate().take(write.call).rev();
        let looked = before
            .filter(|(_, call)| call.function == write.function && call.target == meant.name())
            .find(|(_, call)| matches!(call.operation, Operation::Read(Read::GetUser | Read::GetRole)))
            .map_or(0, |(at, _)| at);
        if !made_again.iter().any(|at| (looked..=write.call).contains(at)) {
            return Some(format!("`{}` was meant for {} and hit {id}", write.step, meant.unique_id()));
        }
    }
    None
}

/// An entry that nobody ever closed.
pub(crate) fn left_open(stage: &Stage) -> Option<String> {
    let entries = stage.local.world.entries();
    let open = entries.iter().find(|entry| !entry.is_closed())?;
    Some(format!("entry {} ({} on {}) is open for ever", open.id, open.cause, open.plan.resource))
}

/// What verifying the journal finds.
pub(crate) fn broken_chain(stage: &Stage) -> Option<String> {
    let (chain, head) = stage.local.world.chain();
    let links: Vec<Link> = chain.iter().map(Link::of).collect();
    let stored = stage.local.world.stored_entries().into_iter().filter_map(|(id, body, record)| {
        let Entry { schema, opened, .. } = serde_json::from_str(&body).ok()?;
        let (schema, opened) = (Some(schema), Some(opened));
        Some(StoredEntry { id: id.to_string(), schema, record, body: Digest::of(body), agrees: true, opened })
    });
    let stored: Vec<StoredEntry> = stored.collect();
    let broken = verify(&links, None, head.as_ref(), &[], Some(&stored)).err()?;
    Some(format!("the journal does not verify: {broken:?}"))
}

/// Acts, by entry, with the first moment of each: what was written under one entry is one.
pub(crate) fn acts(stage: &Stage) -> BTreeMap<String, Entry> {
    let entries = stage.local.world.entries();
    let mut acts = BTreeMap::new();
    for write in stage.local.world.writes() {
        let under = entries.iter().find(|entry| write.entry.as_ref() == Some(&entry.id));
        if let Some(entry) = under.filter(|entry| entry.mode == Mode::Enforce) {
            acts.insert(entry.id.to_string(), entry.clone());
        }
    }
    acts
}

/// Why nobody may change who has this ARN, by the documentation and the patterns of the governance file alone.
pub(crate) fn untouchable(arn: &Arn, patterns: &[String]) -> Option<String> {
    if arn.account().is_none_or(|account| account.as_str() != ACCOUNT) {
        return Some("it is in another account".to_owned());
    }
    if let Some(role) = arn.resource().strip_prefix("role/") {
        let name = role.rsplit('/').next().unwrap_or(role);
        let reserved = ["aws-service-role/", "aws-reserved/"].iter().any(|path| role.starts_with(path));
        let by_name = [
            "bailiff-",
            "AWSControlTower",
            "aws-controltower-",
            "AWSCloudFormationStackSet",
            "stacksets-exec-",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix));
        if reserved || by_name || name == "OrganizationAccountAccessRole" {
            return Some(format!("{role} is a role that nobody may change"));
        }
    }
    if arn.resource().starts_with("policy/bailiff-") {
        return Some("it is this deployment's own".to_owned());
    }
    let pattern = patterns.iter().find(|pattern| is_like(pattern, arn.as_str()))?;
    Some(format!("`{pattern}` protects {arn}"))
}

/// Whether the text is of the pattern, in which `*` stands for anything.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| text.get(at..).is_some_and(|text| is_like(rest, text)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_read_in_them() {
        for (pattern, text, like) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(is_like(pattern, text), like, "{pattern} {text}");
        }
    }
}
