use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, KeyStatus, Span, User};
use crate::identifier::UniqueId;

/// When keys were created, and who had no SSH public key, as seen in earlier sweeps.
///
/// The credential report gives no creation date, and asking for each user's keys costs a call a user. But a key's
/// creation never changes, and the report's line of a user changes whenever one of its keys is made, deleted or
/// switched. So what was seen once under a line holds for as long as the line stays the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeyMemory {
    users: BTreeMap<UniqueId, Remembered>,
    /// When a user was last seen to have no SSH public key, on or off.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    without_ssh_keys: BTreeMap<UniqueId, Timestamp>,
    /// Who was seen to have one since it was read.
    #[serde(skip)]
    with_ssh_keys: BTreeSet<UniqueId>,
    /// How much it has learnt and forgotten since it was read.
    #[serde(skip)]
    changes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    /// The report's line, as far as it tells one set of keys from another.
    line: String,
    /// Creation of the active keys, oldest first.
    active: Vec<Timestamp>,
    /// Creation of the inactive ones.
    inactive: Vec<Timestamp>,
}

impl KeyMemory {
    /// Narrows the creation of a user's keys to what was seen under the same line.
    pub fn recall(&self, user: &mut User, line: &str) {
        let Some(remembered) = self.users.get(&user.identity.unique_id) else { return };
        let Fact::Known(keys) = &mut user.access_keys else { return };
        let count = |status| keys.iter().filter(|key| key.status == status).count();
        let same = remembered.line == line
            && remembered.active.len() == count(KeyStatus::Active)
            && remembered.inactive.len() == count(KeyStatus::Inactive);
        if !same {
            return;
        }
        for key in keys {
            let seen = match key.status {
                KeyStatus::Active => &remembered.active,
                KeyStatus::Inactive => &remembered.inactive,
            };
            // Which of several is which the report does not say; the bounds hold for each.
            if let (Some(oldest), Some(newest)) = (seen.first(), seen.last()) {
                key.created = Span::between(*oldest, (*newest).min(key.created.latest).max(*oldest));
            }
        }
    }

    /// Remembers the creation of keys that were asked for, under the line they were seen with.
    pub fn learn(&mut self, user: &User, line: &str) {
        let Fact::Known(keys) = &user.access_keys else { return };
        if keys.iter().any(|key| key.created.earliest != key.created.latest) {
            return;
        }
        let of = |status| {
            let mut created: Vec<Timestamp> =
                keys.iter().filter(|key| key.status == status).map(|key| key.created.latest).collect();
            created.sort_unstable();
            created
        };
        let seen = Remembered {
            line: line.to_owned(),
            active: of(KeyStatus::Active),
            inactive: of(KeyStatus::Inactive),
        };
        if self.users.get(&user.identity.unique_id) != Some(&seen) {
            self.users.insert(user.identity.unique_id.clone(), seen);
            self.changes += 1;
        }
    }

    /// Tells a user when it was last seen to have no SSH public key: whatever it has by now is younger than that.
    pub fn recall_ssh_keys(&self, user: &mut User) {
        user.no_ssh_public_key_at = self.without_ssh_keys.get(&user.identity.unique_id).copied();
    }

    /// Remembers whether a user whose SSH public keys were just listed has none.
    pub fn learn_ssh_keys(&mut self, user: &User, at: Timestamp) {
        let id = &user.identity.unique_id;
        match user.ssh_public_keys.list() {
            Err(_) => {}
            Ok([]) => {
                self.without_ssh_keys.insert(id.clone(), at);
                self.changes += 1;
            }
            Ok(_) => {
                self.changes += usize::from(self.without_ssh_keys.remove(id).is_some());
                self.with_ssh_keys.insert(id.clone());
            }
        }
    }

    /// How much it has learnt and forgotten since it was read.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Forgets users that are gone.
    pub fn retain(&mut self, mut there: impl FnMut(&UniqueId) -> bool) {
        let before = self.users.len() + self.without_ssh_keys.len();
        self.users.retain(|user, _| there(user));
        self.without_ssh_keys.retain(|user, _| there(user));
        self.changes += before - self.users.len() - self.without_ssh_keys.len();
    }

    /// Splits it into parts of at most so many users, for stores with a limit to an item.
    pub fn parts(&self, most: usize) -> Vec<Self> {
        let users: Vec<_> = self.users.iter().collect();
        let without: Vec<_> = self.without_ssh_keys.iter().collect();
        let users = users.chunks(most.max(1)).map(|chunk| Self {
            users: chunk.iter().map(|(user, seen)| ((*user).clone(), (*seen).clone())).collect(),
            without_ssh_keys: BTreeMap::new(),
            with_ssh_keys: BTreeSet::new(),
            changes: self.changes,
        });
        let without = without.chunks(most.max(1)).map(|chunk| Self {
            users: BTreeMap::new(),
            without_ssh_keys: chunk.iter().map(|(user, at)| ((*user).clone(), **at)).collect(),
            with_ssh_keys: BTreeSet::new(),
            changes: self.changes,
        });
        users.chain(without).collect()
    }

    /// Takes in what is written down by now. What this one has seen stands: others, at work at the same time, know other
    /// users, or other things of them.
    pub fn take_in(&mut self, written: Self) {
        for (user, seen) in written.users {
            self.users.entry(user).or_insert(seen);
        }
        for (user, at) in written.without_ssh_keys {
            if self.with_ssh_keys.contains(&user) {
                continue;
            }
            self.without_ssh_keys.entry(user).or_insert(at);
        }
    }

    /// Takes in a part.
    pub fn extend(&mut self, part: Self) {
        self.users.extend(part.users);
        self.without_ssh_keys.extend(part.without_ssh_keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    use crate::facts::fixture::other;
    use crate::facts::{AccessKey, OtherCredential, OtherCredentialKind, Read, UserIdentity};
    use crate::identifier::{AccountId, Arn, UserName};

    fn day(n: i64) -> Timestamp {
        Timestamp::from_second(n * 86_400).unwrap()
    }

    fn user(keys: &[(KeyStatus, Span)]) -> User {
        let mut user = User::unread(UserIdentity {
            account: AccountId::parse("111122223333").unwrap(),
            name: UserName::parse("ada").unwrap(),
            unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap(),
            arn: Arn::parse("arn:aws:iam::111122223333:user/ada").unwrap(),
        });
        user.access_keys = Fact::Known(
            keys.iter()
                .map(|(status, created)| AccessKey {
                    id: Fact::not_read(Read::ListAccessKeys),
                    status: *status,
                    created: *created,
                    last_used: Fact::Absent,
                })
                .collect(),
        );
        user
    }

    fn recalled(seen: &[(KeyStatus, Span)], line: &str, report: &[(KeyStatus, Span)]) -> Vec<Span> {
        let mut memory = KeyMemory::default();
        memory.learn(&user(seen), "line");
        let mut user = user(report);
        memory.recall(&mut user, line);
        user.access_keys.list().unwrap().iter().map(|key| key.created).collect()
    }

    const OPEN: (i64, i64) = (0, 500);

    fn open() -> Span {
        Span::between(day(OPEN.0), day(OPEN.1))
    }

    #[test]
    fn a_single_key_is_known_to_the_second_again() {
        let seen = [(KeyStatus::Active, Span::exactly(day(100)))];
        assert_eq!(recalled(&seen, "line", &[(KeyStatus::Active, open())]), [Span::exactly(day(100))]);
    }

    #[test]
    fn another_line_recalls_nothing() {
        let seen = [(KeyStatus::Active, Span::exactly(day(100)))];
        assert_eq!(recalled(&seen, "other", &[(KeyStatus::Active, open())]), [open()]);
    }

    #[test]
    fn two_active_keys_bound_each_other() {
        let seen =
            [(KeyStatus::Active, Span::exactly(day(100))), (KeyStatus::Active, Span::exactly(day(300)))];
        let report = [(KeyStatus::Active, open()), (KeyStatus::Active, open())];
        assert_eq!(recalled(&seen, "line", &report), [Span::between(day(100), day(300)); 2]);
    }

    #[test]
    fn keys_are_told_apart_by_their_status() {
        let seen =
            [(KeyStatus::Inactive, Span::exactly(day(100))), (KeyStatus::Active, Span::exactly(day(300)))];
        let report = [(KeyStatus::Active, open()), (KeyStatus::Inactive, open())];
        assert_eq!(recalled(&seen, "line", &report), [Span::exactly(day(300)), Span::exactly(day(100))]);
    }

    #[test]
    fn bounds_are_not_worth_remembering() {
        assert_eq!(
            recalled(&[(KeyStatus::Active, open())], "line", &[(KeyStatus::Active, open())]),
            [open()]
        );
    }

    #[test]
    fn that_a_user_has_no_ssh_key_is_remembered_until_it_has_one() {
        let listed = |keys: Vec<OtherCredential>| User { ssh_public_keys: Fact::Known(keys), ..user(&[]) };
        let recalled = |memory: &KeyMemory| {
            let mut user = user(&[]);
            memory.recall_ssh_keys(&mut user);
            user.no_ssh_public_key_at
        };
        let mut memory = KeyMemory::default();
        assert_eq!(recalled(&memory), None);
        memory.learn_ssh_keys(&listed(Vec::new()), day(7));
        memory.learn_ssh_keys(&user(&[]), day(8));
        assert_eq!((recalled(&memory), memory.changes()), (Some(day(7)), 1));
        let key = other(OtherCredentialKind::SshPublicKey, 'A', SignedDuration::ZERO).inactive();
        memory.learn_ssh_keys(&listed(vec![key]), day(9));
        assert_eq!(recalled(&memory), None);
    }

    #[test]
    fn what_others_wrote_is_taken_in_and_takes_nothing_away() {
        let at = |n| [(KeyStatus::Active, Span::exactly(day(n)))];
        let none = User { ssh_public_keys: Fact::Known(Vec::new()), ..user(&[]) };
        let (mut ours, mut theirs) = (KeyMemory::default(), KeyMemory::default());
        ours.learn(&user(&at(2)), "line");
        theirs.learn(&user(&at(1)), "line");
        theirs.learn_ssh_keys(&none, day(7));
        ours.take_in(theirs);
        let mut recalled = user(&[(KeyStatus::Active, open())]);
        ours.recall(&mut recalled, "line");
        ours.recall_ssh_keys(&mut recalled);
        assert_eq!(recalled.access_keys, user(&at(2)).access_keys);
        assert_eq!((recalled.no_ssh_public_key_at, ours.changes()), (Some(day(7)), 1));
    }

    #[test]
    fn what_is_no_longer_so_is_not_taken_in_again() {
        let listed = |keys: Vec<OtherCredential>| User { ssh_public_keys: Fact::Known(keys), ..user(&[]) };
        let mut written = KeyMemory::default();
        written.learn_ssh_keys(&listed(Vec::new()), day(7));
        let mut ours = written.clone();
        let key = other(OtherCredentialKind::SshPublicKey, 'A', SignedDuration::ZERO);
        ours.learn_ssh_keys(&listed(vec![key]), day(9));
        ours.take_in(written);
        assert_eq!(ours.without_ssh_keys.len(), 0);
    }

    #[test]
    fn parts_make_up_the_whole() {
        let mut memory = KeyMemory::default();
        memory.learn(&user(&[(KeyStatus::Active, Span::exactly(day(1)))]), "line");
        let none = User { ssh_public_keys: Fact::Known(Vec::new()), ..user(&[]) };
        memory.learn_ssh_keys(&none, day(7));
        let mut again = KeyMemory::default();
        for part in memory.parts(1) {
            again.extend(part);
        }
        assert_eq!(again.users, memory.users);
        assert_eq!(again.without_ssh_keys, memory.without_ssh_keys);
    }
}
