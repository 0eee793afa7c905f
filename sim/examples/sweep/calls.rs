//! API calls of sweeps, one day after the other.

use std::collections::BTreeMap;
use std::error::Error;

use jiff::SignedDuration;
use shared::facts::KeyStatus;
use sim::account_file::LastUse;
use sim::{Calls, Local};

use crate::account::{FINDINGS, Size};
use crate::schedule;

/// The most reads of IAM that a sweep may make once keys are remembered.
const MOST: usize = 40;
/// Keys people rotate in a day where 450 last 90 days each.
const ROTATED_IN_A_DAY: usize = 5;

/// Prints the calls of three sweeps; whether those after the first keep to the limit.
pub(crate) fn print(bailiff: &Local, size: Size) -> Result<bool, Box<dyn Error>> {
    println!(
        "API calls of a sweep by all rules: {} users, {} keys, {} roles, {} policies",
        size.users, size.keys, size.roles, size.policies
    );
    let first = sweep(bailiff, "first")?;
    let second = sweep(bailiff, "second, a day later")?;
    rotate(bailiff, ROTATED_IN_A_DAY);
    let third = sweep(bailiff, &format!("third, {ROTATED_IN_A_DAY} keys rotated"))?;
    let kept = second.max(third) <= MOST;
    println!(
        "  at most {MOST} reads once the keys' creation is remembered: {}; the first has to ask ({first})",
        if kept { "kept" } else { "MISSED" }
    );
    Ok(kept)
}

/// One sweep, and how many calls `evaluate-account` made for it.
fn sweep(bailiff: &Local, which: &str) -> Result<usize, Box<dyn Error>> {
    bailiff.world.forget_calls();
    let delivered = bailiff.deliver(&schedule::event(which, bailiff.world.now()));
    let calls = bailiff.world.calls();
    let mine = Calls(calls.0.into_iter().filter(|call| call.function == "evaluate-account").collect());
    let mut counts = BTreeMap::new();
    for action in mine.actions() {
        *counts.entry(action).or_insert(0) += 1;
    }
    let findings = delivered.evaluated?.findings;
    // Calls count for nothing if they did not find what is there to find; most rules find something of everybody.
    if findings < FINDINGS {
        return Err(format!("{which}: {findings} findings, and {FINDINGS} keys and users are stale").into());
    }
    println!(
        "  {which}: {} calls, {} of them reads of IAM, for {findings} findings",
        mine.total(),
        mine.iam_reads()
    );
    for (action, count) in counts {
        println!("    {count:5} {action}");
    }
    bailiff.world.advance(SignedDuration::from_hours(24));
    Ok(mine.iam_reads())
}

/// Makes people replace some keys by new ones, which all but one of them use at once.
fn rotate(bailiff: &Local, keys: usize) {
    let now = bailiff.world.now();
    bailiff.world.edit(|account| {
        let active = account.users.iter_mut().flat_map(|user| &mut user.access_keys);
        for (n, key) in active.filter(|key| key.status == KeyStatus::Active).take(keys).enumerate() {
            key.id = None;
            key.created = Some(now);
            key.last_used = key.last_used.take().filter(|_| n > 0).map(|used| LastUse { at: now, ..used });
        }
    });
}
