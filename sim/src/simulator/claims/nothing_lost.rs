use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("nothing lost", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let rules = some_rules(&mut dice);
    let rulebook = Rulebook::only(&rules, "enforce", NO_LIMITS);
    let mut stage = Stage::new(account.clone(), rulebook.governance, dice.fork(), traced);

    for _ in 0..=stage.dice.below(2) {
        // As often as not it breaks only when everything is found: else most of it would be lost before.
        if stage.dice.chance(500) {
            let sweep = stage.sweep_event();
            stage.evaluate(&sweep);
        }
        stage.begin_storm(Storm::AS_CLAIMED);
        stage.work_off();
        let mut events = stage.change_events(500);
        for rule in stage.dice.some(&rules, 100) {
            events.push(stage.scheduled(rule.as_str()));
        }
        events.push(stage.sweep_event());
        stage.deliver(events);
        let hours = stage.dice.between(0, 8);
        stage.advance(hours);
        stage.end_storm();
    }
    stage.local.world.note(|| "the weather clears".to_owned());

    // What AWS refused is not tried again for a day.
    stage.advance(25);
    stage.redrive();
    stage.sweep();
    stage.advance(5);
    let last = stage.now();
    stage.sweep();

    let violation = oracle::left_to_do(&stage, last, &rules)
        .or_else(|| oracle::still_broken(&stage, &rules, last))
        .or_else(|| oracle::done_twice(&stage))
        .or_else(|| oracle::unwanted(&account, &stage, &rules))
        .or_else(|| oracle::unwritten(&stage))
        .or_else(|| oracle::left_open(&stage))
        .or_else(|| oracle::broken_chain(&stage));
    Ran { tally: stage.counted(), violation, trace: stage.local.world.take_trace() }
}
