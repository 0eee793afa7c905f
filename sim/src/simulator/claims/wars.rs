use std::collections::BTreeMap;

use crate::account_file::AccountFile;
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;
use crate::world::Moment;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("wars", seed);
    let size = if dice.chance(20) {
        Size::any(&mut dice)
    } else {
        Size { users: 2, roles: 1, groups: 1, policies: 1 }
    };
    let account = accounts::account(&mut dice, size);
    let rules = some_rules(&mut dice);
    let budget = usize::try_from(dice.between(0, 4)).unwrap_or_default();
    let rest = format!(
        "limits: {{ actsPerSweep: 1000000, actsPerHour: 1000000, actsPerDay: 1000000, sharePerDay: 100, \
         actsPerResourceAndDay: {budget} }}\n"
    );
    let rulebook = Rulebook::only(&rules, "enforce", &rest);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    let wanted = stage.local.world.account();
    // Infrastructure code that knows one state: as soon as a change shows, or only between deliveries.
    if stage.dice.chance(500) {
        stage.local.world.let_meddle(Some(at_once(wanted.clone())));
    }
    let days = stage.dice.between(1, 3);
    for _ in 0..days {
        for _ in 0..=stage.dice.below(6) {
            stage.storm = Storm { duplicates: 300, together: 300, ..Storm::CALM };
            let mut events = stage.change_events(300);
            if stage.dice.chance(500) {
                events.push(stage.sweep_event());
            }
            stage.deliver(events);
            put_back(&mut stage, &wanted);
            let hours = stage.dice.between(0, 5);
            stage.advance(hours);
        }
    }
    let mut fought: BTreeMap<String, usize> = BTreeMap::new();
    for act in oracle::acts(&stage).values() {
        let day = act.opened.strftime("%Y-%m-%d");
        *fought.entry(format!("{} on {day}", act.plan.resource)).or_default() += 1;
    }
    let mut tally = stage.counted();
    tally.met += fought.values().filter(|times| **times == budget).count() as u64;
    let violation = fought.iter().find(|(_, times)| **times > budget);
    let violation =
        violation.map(|(which, times)| format!("{which}: fought {times} times, where {budget} are allowed"));
    let violation = violation
        .or_else(|| (budget == 0 && !stage.tried_writes().is_empty()).then(|| "it wrote".to_owned()));
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// Puts everything back as it was, between two deliveries.
fn put_back(stage: &mut Stage, wanted: &AccountFile) {
    stage.tally.other_actors += 1;
    stage.local.world.note(|| "everything is put back".to_owned());
    stage.local.world.edit(|account| *account = AccountFile { now: account.now, ..wanted.clone() });
}

/// The same, before the next call after any write.
fn at_once(wanted: AccountFile) -> crate::world::Meddler {
    let mut seen = 0;
    Box::new(move |moment: &mut Moment<'_>| {
        let writes = moment.writes().len();
        if writes > seen {
            seen = writes;
            moment.note(|| "it is put back at once".to_owned());
            moment.edit(|account| *account = AccountFile { now: account.now, ..wanted.clone() });
        }
    })
}
