//! How fast users are judged, alone and within a whole sweep.

use std::error::Error;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::Value;
use shared::engine::{ReadIam, ResourceName};
use shared::facts::{Need, Resource};
use shared::rules::RULES;
use sim::Local;

use crate::account::Size;
use crate::schedule;

/// Judged so often over, so that the figure does not hang on one moment.
const ROUNDS: u32 = 20;

pub(crate) fn print(bailiff: &Local, size: Size) -> Result<(), Box<dyn Error>> {
    println!("Speed over {} users with {} keys, all {} rules, one core:", size.users, size.keys, RULES.len());
    let users = users(bailiff)?;
    let (judged, time) = judge(bailiff, &users)?;
    println!(
        "  rules alone: {} users a second ({judged} verdicts in {time:.0?})",
        per_second(judged / RULES.len(), time)
    );
    // The first one learns when keys were created.
    let _ = sweep(bailiff)?;
    let (swept, time) = sweep(bailiff)?;
    println!(
        "  a whole sweep, the simulated IAM's own work included: {} users a second",
        per_second(swept, time)
    );
    Ok(())
}

/// One sweep: how many users it judged, and the time it took.
fn sweep(bailiff: &Local) -> Result<(usize, Duration), Box<dyn Error>> {
    let event = schedule::event(&bailiff.world.now().to_string(), bailiff.world.now());
    let started = Instant::now();
    let delivered = bailiff.deliver(&event);
    let time = started.elapsed();
    delivered.evaluated?;
    bailiff.world.advance(SignedDuration::from_hours(24));
    Ok((bailiff.world.account().users.len(), time))
}

/// Every user with all facts known.
fn users(bailiff: &Local) -> Result<Vec<Resource>, Box<dyn Error>> {
    let needs = Need::ALL.iter().copied().collect();
    let mut users = Vec::new();
    for user in bailiff.world.account().users {
        let found = pollster::block_on(bailiff.world.find(&ResourceName::User(user.name)));
        if let Some(mut user) = found.map_err(|unread| unread.to_string())? {
            pollster::block_on(bailiff.world.refresh(&mut user, &needs));
            users.push(user);
        }
    }
    Ok(users)
}

fn judge(bailiff: &Local, users: &[Resource]) -> Result<(usize, Duration), Box<dyn Error>> {
    let rules: Vec<_> = RULES.iter().map(|entry| entry.bind(&Value::Null)).collect::<Result<_, _>>()?;
    let context = bailiff.deployment.context(&bailiff.governance, bailiff.world.now());
    let mut verdicts = 0;
    let started = Instant::now();
    for _ in 0..ROUNDS {
        for user in users {
            verdicts +=
                rules.iter().filter_map(|rule| rule.judge(std::hint::black_box(user), &context)).count();
        }
    }
    Ok((verdicts, started.elapsed()))
}

fn per_second(count: usize, time: Duration) -> String {
    let rate = u128::try_from(count).unwrap_or_default() * 1_000_000 / time.as_micros().max(1);
    rate.to_string()
}
