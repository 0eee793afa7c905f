//! Others who change the account.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::SignedDuration;
use shared::facts::KeyStatus;
use shared::identifier::UniqueId;

use super::accounts;
use super::dice::Dice;
use super::stage::Stage;
use crate::account_file::{AccountFile, derive};
use crate::world::{Meddler, Moment};

/// Something that somebody does, of all that people and programs do.
pub(crate) fn anything(stage: &mut Stage) {
    let what = stage.dice.below(8);
    let mut dice = stage.dice.fork();
    stage.tally.other_actors += 1;
    stage.local.world.note(|| format!("another actor: {what}"));
    stage.local.world.edit(|account| match what {
        // A user puts a finding right alone.
        0 => each_some(&mut account.users, dice.below(4), |user| user.inline_policies.clear()),
        1 => each_some(&mut account.users, dice.below(4), |user| user.attached_policies.clear()),
        // Somebody makes new ones.
        2 | 3 => {
            let more =
                accounts::account(&mut dice, accounts::Size { users: 3, roles: 2, groups: 0, policies: 0 });
            take_in(account, more);
        }
        4 => {
            each_some(&mut account.users, dice.below(4), |user| {
                for key in &mut user.access_keys {
                    key.status = KeyStatus::Active;
                }
            });
        }
        // One is deleted and made again under the same name.
        5 => again(account, dice.below(6), dice.seed()),
        6 => each_some(&mut account.roles, dice.below(3), |role| role.inline_policies.clear()),
        _ => {
            let at = dice.below(account.users.len().max(1));
            if at < account.users.len() {
                account.users.remove(at);
            }
        }
    });
}

/// Those whose number leaves no rest.
fn each_some<T>(all: &mut [T], rest: usize, mut change: impl FnMut(&mut T)) {
    for (_, one) in all.iter_mut().enumerate().filter(|(number, _)| number % 4 == rest) {
        change(one);
    }
}

/// Users and roles of another account, where their names are free; keys that are there already are not made again.
fn take_in(account: &mut AccountFile, more: AccountFile) {
    for user in more.users {
        if account.users.iter().all(|there| there.name != user.name) {
            account.users.push(user);
        }
    }
    for role in more.roles {
        if account.roles.iter().all(|there| there.name != role.name) {
            account.roles.push(role);
        }
    }
    let groups: Vec<_> = account.groups.iter().map(|group| group.name.clone()).collect();
    for user in &mut account.users {
        user.groups.retain(|group| groups.contains(group));
    }
}

/// Somebody who now and then does something between two calls of a function, of all that leaves a principal where it is.
/// Says at which calls somebody was made again.
pub(crate) fn between_calls(mut dice: Dice, thousandths: u64) -> (Meddler, Rc<RefCell<Vec<usize>>>) {
    let made_again = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&made_again);
    let meddler = Box::new(move |moment: &mut Moment<'_>| {
        if !dice.chance(thousandths) {
            return;
        }
        let (what, number, seed) = (dice.below(6), dice.below(6), dice.seed());
        moment.note(|| format!("meanwhile: {what}"));
        match what {
            0 => {
                told.borrow_mut().push(moment.calls());
                moment.edit(|account| again(account, number, seed));
            }
            1 => moment.edit(|account| {
                each_some(&mut account.users, number % 4, |user| {
                    user.inline_policies.clear();
                    user.attached_policies.clear();
                });
            }),
            2 => moment.edit(|account| {
                each_some(&mut account.users, number % 4, |user| {
                    for key in &mut user.access_keys {
                        key.status = if seed % 2 == 0 { KeyStatus::Active } else { KeyStatus::Inactive };
                    }
                });
            }),
            3 => {
                let hours = dice.pick(&[-5, -1, 1, 30, 24 * 3_653_i64]);
                let now = moment.now();
                moment.set_now(now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now));
            }
            4 => moment.edit(|account| {
                each_some(&mut account.roles, number % 4, |role| role.max_session_duration = 43_200);
            }),
            _ => moment.edit(|account| {
                if number < account.users.len() {
                    account.users.remove(number);
                }
            }),
        }
    });
    (meddler, made_again)
}

/// Deletes a principal and makes another of the same name with all it had.
pub(crate) fn again(account: &mut AccountFile, number: usize, seed: u64) {
    let now = account.now;
    if let Some(user) = account.users.get_mut(number) {
        user.id = UniqueId::parse(&derive("AIDA", &format!("{} {seed}", user.name), 21)).ok();
        user.created = Some(now);
        for (at, key) in user.access_keys.iter_mut().enumerate() {
            let name = derive("AKIA", &format!("{} {at} {seed}", user.name), 20);
            key.id = shared::identifier::AccessKeyId::parse(&name).ok();
            key.created = Some(now);
            key.last_used = None;
            key.status_changed = None;
        }
    } else if let Some(role) = account.roles.get_mut(number) {
        role.id = UniqueId::parse(&derive("AROA", &format!("{} {seed}", role.name), 21)).ok();
        role.created = Some(now);
    }
}
