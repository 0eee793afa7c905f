use std::cell::Cell;
use std::rc::Rc;

use jiff::SignedDuration;
use shared::engine::Stop;

use crate::call::{Call, Calls, Operation};
use crate::fault::Fault;
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, NO_SHARED_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;
use crate::world::{Moment, OrganizationTable};

/// What was read of the switch is as good as new for two seconds. Calls of others that come between are no more than that.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(4);

/// How the account's switch is named in calls.
const SWITCH: &str = "switch";
/// And the organisation's.
const SHARED_SWITCH: &str = "organization-switch";

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("switch", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let rules = some_rules(&mut dice);
    let rulebook = Rulebook::only(&rules, "enforce", NO_LIMITS);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    if stage.dice.chance(300) {
        stage.begin_storm(Storm::AS_CLAIMED);
    } else {
        stage.storm = Storm { together: 300, ..Storm::CALM };
    }
    // Found in calm, so that there is something to stop.
    let sweep = stage.sweep_event();
    stage.local.world.heal();
    stage.evaluate(&sweep);
    let thrown = Rc::new(Cell::new(None));
    let after = stage.local.world.calls().total() + stage.dice.below(60);
    let unreadable = stage.dice.chance(500);
    let organization = stage.dice.chance(500).then(OrganizationTable::default);
    if let Some(table) = &organization {
        stage.local.world.join(table);
        stage.local.governance = Rulebook::only(&rules, "enforce", NO_SHARED_LIMITS).governance;
    }
    // Of two, either.
    let organization = organization.filter(|_| stage.dice.chance(700));
    let switch = if organization.is_some() { SHARED_SWITCH } else { SWITCH };
    let slow = if stage.dice.chance(500) { stage.dice.below(8) as u64 * 40 } else { 0 };
    let slowness = Slowness { dice: stage.dice.fork(), in_thousand: slow };
    stage.local.world.let_meddle(Some(throw(after, unreadable, organization, slowness, Rc::clone(&thrown))));
    stage.work_off();
    stage.sweep();
    if stage.dice.chance(300)
        && let Some(somebody) = stage.somebody()
    {
        let _ = stage.order(somebody.arn());
    }
    let mut tally = stage.counted();
    let violation = thrown.get().and_then(|thrown| {
        tally.met += 1;
        begun_after(&stage, switch, thrown)
    });
    let violation = violation.or_else(|| long_after_a_look(&stage, switch));
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// Calls that take seconds, so many in a thousand.
struct Slowness {
    dice: Dice,
    in_thousand: u64,
}

/// Throws the account's switch before a call, or the organisation's where that is given; or makes it unreadable.
fn throw(
    after: usize,
    unreadable: bool,
    organization: Option<OrganizationTable>,
    mut slowness: Slowness,
    thrown: Rc<Cell<Option<usize>>>,
) -> crate::world::Meddler {
    Box::new(move |moment: &mut Moment<'_>| {
        if !moment.is_shared() && slowness.dice.chance(slowness.in_thousand) {
            moment.advance(SignedDuration::from_secs(slowness.dice.between(1, 12)));
        }
        if moment.calls() < after || thrown.get().is_some() {
            return;
        }
        thrown.set(Some(moment.calls()));
        let switch = if organization.is_some() { SHARED_SWITCH } else { SWITCH };
        moment.note(|| format!("the {switch} is {}", if unreadable { "unreadable" } else { "thrown" }));
        if unreadable {
            moment.break_down(Operation::GetItem, switch, Fault::Denied);
            return;
        }
        let stop = Some(Stop {
            since: moment.now(),
            by: "sam".to_owned(),
            reason: "a test".to_owned(),
            undo_too: false,
            tripped: None,
        });
        match &organization {
            Some(table) => table.set_stop(stop),
            None => moment.set_stop(stop),
        }
    })
}

/// A write that began after the switch was thrown: its function looked at the switch only then, or not at all, or had
/// written something since it looked.
fn begun_after(stage: &Stage, switch: &str, thrown: usize) -> Option<String> {
    let calls = stage.local.world.calls();
    let mut late = stage.tried_writes().into_iter().filter(|at| {
        *at >= thrown && last_look(&calls, *at, switch).is_none_or(|(looked, _)| looked >= thrown)
    });
    let at = late.next()?;
    let what = said(&calls, at)?;
    Some(format!("{what}, and the {switch} was thrown before call {thrown}"))
}

/// A write whose function had looked at the switch too long ago, thrown or not.
fn long_after_a_look(stage: &Stage, switch: &str) -> Option<String> {
    let calls = stage.local.world.calls();
    stage.tried_writes().into_iter().find_map(|at| {
        let (looked, _) = last_look(&calls, at, switch)?;
        // However long it took itself, or the look at the other switch that is made at the same time: nobody is told what
        // becomes of a switch while it is being read.
        let after = calls.0.iter().skip(looked + 1).find(|call| !is_a_look(call))?;
        let age = calls.0.get(at)?.at.duration_since(after.at);
        let what = said(&calls, at)?;
        (age > GOOD_FOR)
            .then(|| format!("{what}, and the {switch} was looked at {age:?} before, by call {looked}"))
    })
}

/// The last look at the switch of the function that makes a call, since it last wrote something.
fn last_look<'c>(calls: &'c Calls, at: usize, switch: &str) -> Option<(usize, &'c Call)> {
    let function = calls.0.get(at)?.function;
    let before = calls.0.iter().take(at).enumerate().rev().filter(|(_, call)| call.function == function);
    before
        .take_while(|(_, call)| !matches!(call.operation, Operation::Write(_)))
        .find(|(_, call)| is_a_look(call) && call.target == switch)
}

fn is_a_look(call: &Call) -> bool {
    call.operation == Operation::GetItem && [SWITCH, SHARED_SWITCH].contains(&call.target.as_str())
}

fn said(calls: &Calls, at: usize) -> Option<String> {
    let write = calls.0.get(at)?;
    Some(format!("{} of {} was call {at}", write.operation.action(), write.target))
}
