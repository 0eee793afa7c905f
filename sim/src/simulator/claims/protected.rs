use shared::engine::Stop;
use shared::facts::ResourceIdentity;
use shared::governance::Mode;
use shared::identifier::{AccessKeyId, Arn, UniqueId};
use shared::remedy::{Cause, Entry, JournalId, Plan, Remediator, SCHEMA, Status, Step};
use shared::rules::RuleId;

use crate::account_file::{AccountFile, derive};
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::actors;
use crate::simulator::dice::Dice;
use crate::simulator::oracle::{self, untouchable};
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, putting_right};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("protected", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let (rulebook, patterns) = hostile(&mut dice, &account);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    stage.actors = Some(act);
    let meddles = stage.dice.pick(&[0, 0, 5, 30_i64]).unsigned_abs();
    let (meddler, made_again) = actors::between_calls(stage.dice.fork(), meddles);
    stage.local.world.let_meddle(Some(meddler));

    for _ in 0..=usize::from(stage.dice.chance(250)) {
        if stage.dice.chance(500) {
            let sweep = stage.sweep_event();
            stage.evaluate(&sweep);
        }
        let storm = stage.dice.chance(600);
        stage.begin_storm(if storm { Storm { poison: 100, ..Storm::AS_CLAIMED } } else { Storm::CALM });
        stage.work_off();
        let mut events = stage.change_events(300);
        events.push(stage.sweep_event());
        stage.deliver(events);
        let hours = stage.dice.between(0, 30);
        stage.advance(hours);
    }
    let mut violation = oracle::of_another(&stage, &made_again.borrow());
    for write in stage.local.world.writes() {
        let Some(hit) = &write.hit else { continue };
        if let Some(why) = untouchable(&hit.arn, &patterns) {
            violation.get_or_insert(format!("`{}` of {}: {why}", write.step, write.function));
        }
        // An undo gives back; what takes from those who live by a policy is for this function alone.
        if write.function == Remediator::RestrictPolicy.as_str() {
            for holder in &hit.holders {
                if let Some(why) = untouchable(holder, &patterns) {
                    violation.get_or_insert(format!("`{}`, by which {holder} lives: {why}", write.step));
                }
            }
        }
    }
    let mut tally = stage.counted();
    let account = stage.local.world.account();
    tally.met += crate::simulator::stage::principals(&account)
        .iter()
        .filter(|principal| untouchable(principal.arn(), &patterns).is_some())
        .count() as u64;
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// A governance file as nobody should write it, and whom it names as protected.
fn hostile(dice: &mut Dice, account: &AccountFile) -> (Rulebook, Vec<String>) {
    use std::fmt::Write as _;
    let mut rules: Vec<(RuleId, &str)> = Vec::new();
    let often = dice.pick(&[100, 200, 400, 1_000_i64]).unsigned_abs();
    for rule in putting_right() {
        if dice.chance(often) {
            rules.push((rule, dice.pick(&["enforce", "enforce", "enforce", "notify", "audit"])));
        }
    }
    let mut rest = match dice.below(5) {
        0 => "limits: { actsPerSweep: 0, actsPerHour: 1000000, sharePerDay: 100 }\n".to_owned(),
        1 => "limits: { actsPerResourceAndDay: 1, sharePerDay: 1 }\n".to_owned(),
        2 => String::new(),
        _ => NO_LIMITS.to_owned(),
    };
    if dice.chance(100) {
        rest.push_str(
            "changeWindows:\n  timeZone: UTC\n  open: [{ days: [sunday, monday], from: '08:00', to: '20:00' }]\n",
        );
    }
    let id = &account.account;
    let patterns = [
        format!("arn:aws:iam::{id}:user/emergency/*"),
        format!("arn:aws:iam::{id}:role/emergency/*"),
        format!("arn:aws:iam::{id}:user/user-0"),
        format!("arn:aws:iam::{id}:user/*-1"),
        format!("arn:aws:iam::{id}:role/role-*"),
        format!("arn:aws:iam::{id}:*"),
        format!("arn:aws:iam::{id}:user/nobody-*"),
        format!("arn:aws:iam::{id}:user/*e*/*s*r-*"),
    ];
    let mut listed = Vec::new();
    for section in ["protected", "breakGlass"] {
        let mut named = dice.some(&patterns, 150);
        named.retain(|pattern| !listed.contains(pattern));
        if !named.is_empty() {
            let _ = writeln!(rest, "{section}:");
        }
        for pattern in named {
            let _ = writeln!(rest, "  - principal: \"{pattern}\"\n    reason: in the safe");
            listed.push(pattern);
        }
    }
    (Rulebook::with(&rules, &rest), listed)
}

/// Whatever people do between two deliveries, wise or not.
fn act(stage: &mut Stage) {
    if !stage.dice.chance(150) {
        return;
    }
    stage.tally.other_actors += 1;
    match stage.dice.below(8) {
        0 => {
            if let Some(somebody) = stage.somebody() {
                let _ = stage.order(somebody.arn());
            }
        }
        1 => {
            let entries = stage.local.world.entries();
            if let Some(entry) = stage.dice.one(&entries) {
                let _ = stage.undo(&entry.id);
            }
        }
        2 => forge(stage),
        3 => {
            let stops = stage.local.world.stop_order().is_none() && stage.dice.chance(300);
            let since = stage.now();
            let stop = stops.then(|| Stop {
                since,
                by: "sam".to_owned(),
                reason: "a test".to_owned(),
                undo_too: false,
                tripped: None,
            });
            stage.local.world.set_stop(stop);
        }
        4 => {
            let (number, seed) = (stage.dice.below(6), stage.dice.seed());
            let path = stage.dice.pick(&["/", "/emergency/", "/team/"]);
            stage.local.world.note(|| format!("number {number} is made again under {path}"));
            stage.local.world.edit(|account| {
                actors::again(account, number, seed);
                if let Some(user) = account.users.get_mut(number) {
                    path.clone_into(&mut user.path);
                }
            });
        }
        5 => {
            let jump = stage.dice.pick(&[-7, -1, 24 * 400, 24 * 3_653_i64]);
            stage.tally.clock_jumps += 1;
            stage.local.world.note(|| format!("the clock jumps by {jump} hours"));
            stage.advance(jump);
        }
        _ => actors::anything(stage),
    }
}

/// Somebody who may write the journal puts an open entry into it, about somebody protected as likely as not.
fn forge(stage: &mut Stage) {
    let Some(ResourceIdentity::User(user)) = stage.somebody() else { return };
    let account = stage.local.world.account();
    let of = account.users.iter().find(|there| there.name == user.name);
    let Some(key) = of.and_then(|of| of.access_keys.first()).and_then(|key| key.id.clone()) else { return };
    let mut whom = user.clone();
    match stage.dice.below(3) {
        // The name of one, the ARN of another.
        0 => {
            if let Ok(arn) = Arn::parse(&format!("arn:aws:iam::{}:user/nobody", account.account)) {
                whom.arn = arn;
            }
        }
        1 => whom.unique_id = UniqueId::parse(&derive("AIDA", "nobody", 21)).unwrap_or(whom.unique_id),
        _ => {}
    }
    let key = if stage.dice.chance(100) {
        AccessKeyId::parse(&derive("AKIA", "nobody", 20)).unwrap_or(key)
    } else {
        key
    };
    let step = Step::DeactivateAccessKey { user: whom.clone(), key };
    let resource = ResourceIdentity::User(whom);
    let Ok(plan) = Plan::new(resource, vec![step], Vec::new()) else { return };
    let cause =
        Cause::Order { requested_by: "mallory".to_owned(), reason: "a forgery".to_owned(), threat: None };
    let now = stage.now();
    let entry = Entry {
        schema: SCHEMA,
        id: JournalId::of_act(&cause, &plan, now),
        cause,
        remediator: stage.dice.one(Remediator::ALL).copied().unwrap_or(Remediator::SuspendPrincipal),
        mode: Mode::Enforce,
        plan,
        status: Status::Open,
        refusal: None,
        outcomes: Vec::new(),
        attempting: stage.dice.chance(500).then_some(0),
        unread: Vec::new(),
        opened: now,
        updated: None,
        closed: None,
        undone_by: None,
        lost: Vec::new(),
        aftermath: None,
        known_keys: Vec::new(),
        made_by_another: Vec::new(),
    };
    stage.local.world.note(|| format!("forged: {entry:?}"));
    let _ = stage.local.world.plant(&entry);
}
