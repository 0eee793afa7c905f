use shared::remedy::{Status, Step};

use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, putting_right};
use crate::simulator::stage::Stage;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("dry run", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    // One rule: what one does may leave another nothing to do.
    let rules: Vec<_> = putting_right().collect();
    let rule: Vec<_> = dice.one(&rules).copied().into_iter().collect();
    let mode = dice.pick(&["audit", "notify"]);
    let rehearsed = Rulebook::only(&rule, mode, NO_LIMITS);
    let real = Rulebook::only(&rule, "enforce", NO_LIMITS);
    let mut dry = Stage::new(account.clone(), rehearsed.governance, dice.clone(), traced);
    let mut real = Stage::new(account, real.governance, dice, traced);
    let before = dry.local.world.account();
    dry.sweep();
    real.sweep();

    let planned: Vec<Step> = dry
        .local
        .world
        .entries()
        .into_iter()
        .filter(|entry| entry.status == Status::Planned)
        .flat_map(|entry| entry.plan.steps)
        .collect();
    let done: Vec<Step> = real.local.world.writes().into_iter().map(|write| write.step).collect();
    let after = dry.local.world.account();
    let violation =
        if !dry.tried_writes().is_empty() || before.users != after.users || before.roles != after.roles {
            Some("the dry run wrote".to_owned())
        } else if planned == done {
            None
        } else {
            Some(format!("planned {planned:?}, done {done:?}"))
        };
    let mut tally = real.counted();
    tally.add(&dry.counted());
    tally.met += planned.len() as u64;
    let mut trace = dry.local.world.take_trace();
    trace.extend(real.local.world.take_trace());
    Ran { tally, violation, trace }
}
