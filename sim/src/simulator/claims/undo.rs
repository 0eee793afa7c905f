use serde_json::Value;

use crate::account_file::AccountFile;
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("undo", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let rules = some_rules(&mut dice);
    let rulebook = Rulebook::only(&rules, "enforce", NO_LIMITS);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    let before = stage.local.world.account();

    // A third of what is undone came about in bad weather.
    if stage.dice.chance(330) {
        let sweep = stage.sweep_event();
        stage.evaluate(&sweep);
        stage.begin_storm(Storm { lost: 0, ..Storm::AS_CLAIMED });
        stage.work_off();
        stage.sweep();
        stage.end_storm();
        stage.advance(25);
    }
    stage.sweep();
    if stage.dice.chance(300)
        && let Some(somebody) = stage.somebody()
    {
        let _ = stage.order(somebody.arn());
    }
    let done = stage.local.world.account();
    let mut violation = None;
    let entries = stage.local.world.entries();
    for entry in entries.iter().rev().filter(|entry| entry.written().next().is_some()) {
        // A removed password alone leaves nothing to undo.
        if !shared::remedy::undo(entry).plan.steps.is_empty()
            && let Err(error) = stage.undo(&entry.id)
        {
            violation.get_or_insert(format!("{} is not undone: {error}", entry.id));
        }
    }
    let after = stage.local.world.account();
    if violation.is_none() && bytes(&before) != bytes(&after) {
        violation = Some(format!("after the undo: {}", before.differences(&after).join("; ")));
    }
    let mut tally = stage.counted();
    tally.met += u64::from(
        before.users != done.users || before.roles != done.roles || before.policies != done.policies,
    );
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// The account as text, without what cannot come back: passwords, which AWS never shows, and the versions of policies
/// that are kept and not in force, of which an undo leaves one more.
fn bytes(account: &AccountFile) -> String {
    let mut file = serde_json::to_value(AccountFile { now: jiff::Timestamp::MIN, ..account.clone() })
        .unwrap_or_default();
    let mut take = |list: &str, field: &str| {
        for record in file.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            record.as_object_mut().map(|record| record.remove(field));
        }
    };
    take("users", "loginProfile");
    take("policies", "otherVersions");
    file.to_string()
}
