use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::actors;
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;

/// The most sweeps that it may take.
const SWEEPS: u32 = 2;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("converges", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let rules = some_rules(&mut dice);
    let rulebook = Rulebook::only(&rules, "enforce", NO_LIMITS);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);

    // Time goes by, people change things, and no event of it ever comes.
    for _ in 0..stage.dice.below(5) {
        actors::anything(&mut stage);
        stage.tally.events_lost += 1;
        let hours = stage.dice.between(0, 30);
        stage.advance(hours);
    }
    let mut last = stage.now();
    for _ in 0..SWEEPS {
        // The credential report is made anew only after four hours.
        stage.advance(5);
        last = stage.now();
        stage.sweep();
    }
    let violation = oracle::left_to_do(&stage, last, &rules)
        .or_else(|| oracle::still_broken(&stage, &rules, last))
        .or_else(|| oracle::unwritten(&stage));
    Ran { tally: stage.counted(), violation, trace: stage.local.world.take_trace() }
}
