//! Others who change the account.

use shared::facts::KeyStatus;
use shared::identifier::UniqueId;

use super::accounts;
use super::stage::Stage;
use crate::account_file::{AccountFile, derive};

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
            let more = accounts::account(&mut dice, accounts::Size { users: 3, roles: 2, groups: 0, policies: 0 });
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
