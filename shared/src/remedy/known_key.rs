//! Access keys that somebody else may know, and other credentials that somebody else may have made: no undo switches them on
//! unasked, however long ago they were reported.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Cause, Entry};
use crate::facts::{AttachedPolicy, Unread, User};
use crate::identifier::AccessKeyId;
use crate::threat::{Sign, Threat};

/// An access key that somebody else may know, as far as was known when an entry was opened: reports are not kept for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownKey {
    /// The key.
    pub key: AccessKeyId,
    /// Who says so, as half a sentence.
    pub why: String,
}

/// Why somebody else may know keys of a user, or hold other credentials of it.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    /// Any of the keys.
    all: Vec<String>,
    /// One of them.
    these: BTreeMap<AccessKeyId, BTreeSet<String>>,
    /// Any of the other credentials: who reports that one was made does not say which.
    others: BTreeSet<String>,
}

impl KnownKeys {
    /// By what an entry answered, or the act that it goes back to, and what was known when they, or one of the others, were
    /// opened.
    pub(crate) fn of_entries(entry: &Entry, root: Option<&Entry>, others: &[Entry]) -> Self {
        let mut known = Self::default();
        if let Some(Cause::Rule { rule, annotation }) = [Some(entry), root]
            .into_iter()
            .flatten()
            .map(|it| &it.cause)
            .find(|cause| cause.is_about_known_keys())
        {
            known.all.push(format!("it was switched off by {rule}: {annotation}"));
        }
        let all = [entry].into_iter().chain(root).chain(others);
        for KnownKey { key, why } in all.flat_map(|entry| &entry.known_keys) {
            known.note(key, why.clone());
        }
        known.others.extend(
            [entry].into_iter().chain(root).chain(others).flat_map(|it| &it.made_by_another).cloned(),
        );
        known
    }

    /// What is known of a user's keys when something is about to be done to it: what could not be read is not.
    pub(crate) fn at_opening(cause: &Cause, user: &User) -> Vec<KnownKey> {
        let mut known = Self::default();
        // Each for itself, and neither stands in the way of what is to be done.
        let _ = known.look_at_policies(user);
        let _ = known.look_at_reports(user);
        let keys = user.access_keys.list().unwrap_or_default();
        let keys: Vec<&AccessKeyId> = keys.iter().filter_map(|key| key.known_id().ok()).collect();
        if let Cause::Order { requested_by, threat: Some(threat), .. } = cause {
            for key in keys.iter().filter(|key| names(threat, key)) {
                known.note(key, format!("{requested_by} ordered, over a threat: {threat}"));
            }
        }
        keys.into_iter().filter_map(|key| Some(KnownKey { key: key.clone(), why: known.why(key)? })).collect()
    }

    /// Why others may hold credentials of a user beside its keys, when something is about to be done to it: what could not be
    /// read is not.
    pub(crate) fn others_at_opening(user: &User) -> Vec<String> {
        let mut known = Self::default();
        let _ = known.look_at_reports(user);
        known.others.into_iter().collect()
    }

    /// By what is known of the user now.
    pub(crate) fn look(&mut self, user: &User) -> Result<(), Unread> {
        self.look_at_policies(user)?;
        self.look_at_reports(user)
    }

    /// AWS, where it quarantines a user, does not say for which key.
    fn look_at_policies(&mut self, user: &User) -> Result<(), Unread> {
        let attached = user.attached_policies.list().map_err(Clone::clone)?;
        if attached.iter().any(AttachedPolicy::is_aws_quarantine) {
            self.all
                .push("AWS quarantined its user, as it does over a key that it found in public".to_owned());
        }
        Ok(())
    }

    fn look_at_reports(&mut self, user: &User) -> Result<(), Unread> {
        for threat in user.threats.list().map_err(Clone::clone)? {
            let Threat { sign, source, at, by, .. } = threat;
            let by = by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
            match (sign, &threat.key) {
                // Who behaves as an attacker would with a key knows it.
                (Sign::KeyExposed | Sign::KeyMadeByAnother | Sign::Detected, Some(key)) => {
                    self.note(key, format!("{source} reported at {at}: {sign}{by}"));
                }
                (Sign::KeyMadeByAnother, None) => {
                    let what = "somebody else made a credential of its user, or switched one on";
                    self.others.insert(format!("{source} reported at {at}: {what}{by}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds that nobody can say.
    pub(crate) fn note_unread(&mut self, unread: &str) {
        self.all.push(format!("whether somebody else knows it could not be read: {unread}"));
        self.others.insert(format!("whether somebody else made it could not be read: {unread}"));
    }

    fn note(&mut self, key: &AccessKeyId, why: String) {
        self.these.entry(key.clone()).or_default().insert(why);
    }

    /// Whether all of them may be known.
    pub(crate) fn all_may_be(&self) -> bool {
        !self.all.is_empty()
    }

    /// Why somebody else may hold credentials beside the keys; `None` where nothing says so.
    pub(crate) fn why_others(&self) -> Option<String> {
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        (!others.is_empty()).then(|| others.join("; "))
    }

    /// Why somebody else may know this one; `None` where nothing says so.
    pub(crate) fn why(&self, key: &AccessKeyId) -> Option<String> {
        let these = self.these.get(key).into_iter().flatten();
        let all: Vec<&str> = self.all.iter().chain(these).map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// Whether an order names this key as the one its threat is about: in full, or by its last four characters, as notices and
/// `bailiff incident` write it.
fn names(threat: &str, key: &AccessKeyId) -> bool {
    let ending = format!("ending {}", key.last_four());
    [key.as_str(), &key.to_string(), &ending].into_iter().any(|name| threat.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;
    use crate::facts::fixture::{alice, attached, days, key, key_id, threat};
    use crate::threat::Source;

    fn ordered(threat: &str) -> Cause {
        Cause::Order {
            requested_by: "sam".to_owned(),
            reason: "to be sure".to_owned(),
            threat: Some(threat.to_owned()),
        }
    }

    fn known(cause: &Cause, user: &User) -> Vec<AccessKeyId> {
        KnownKeys::at_opening(cause, user).into_iter().map(|known| known.key).collect()
    }

    fn with_two_keys() -> User {
        alice().with_keys([key('A', days(9)), key('B', days(9))])
    }

    #[test]
    fn an_order_names_a_key_in_full_or_by_its_end() {
        let of = |threat: &str| known(&ordered(threat), &with_two_keys());
        assert_eq!(of(&format!("{} is public", key_id('A').as_str())), [key_id('A')]);
        assert_eq!(of("access key ending BBBB is known to others"), [key_id('B')]);
        assert_eq!(of("…BBBB was on a page"), [key_id('B')]);
        assert_eq!(of("GuardDuty finding AAAABBBB"), []);
    }

    #[test]
    fn what_was_reported_names_its_key_and_a_quarantine_of_aws_all() {
        let exposed = Threat { key: Some(key_id('B')), ..threat(Sign::KeyExposed, Source::Health) };
        let tried = Threat { key: Some(key_id('A')), ..threat(Sign::TriedDisabledKey, Source::CloudTrail) };
        let user = User { threats: Fact::Known(vec![exposed.clone(), tried]), ..with_two_keys() };
        assert_eq!(known(&ordered("x"), &user), [key_id('B')]);
        // Whoever uses it as an attacker would knows it.
        let detected = Threat { key: Some(key_id('A')), ..threat(Sign::Detected, Source::GuardDuty) };
        let user = User { threats: Fact::Known(vec![exposed, detected]), ..with_two_keys() };
        assert_eq!(known(&ordered("x"), &user), [key_id('A'), key_id('B')]);
        let policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
        let user = User { attached_policies: Fact::Known(vec![attached(policy)]), ..with_two_keys() };
        assert_eq!(known(&ordered("x"), &user), [key_id('A'), key_id('B')]);
    }

    #[test]
    fn a_credential_without_a_key_that_somebody_else_made_makes_the_others_doubtful_and_no_key() {
        let made = |key| Threat { key, ..threat(Sign::KeyMadeByAnother, Source::CloudTrail) };
        let with = |made| User { threats: Fact::Known(vec![made]), ..with_two_keys() };
        let user = with(made(None));
        assert_eq!(known(&ordered("x"), &user), []);
        assert_eq!(KnownKeys::others_at_opening(&user).len(), 1);
        assert!(KnownKeys::others_at_opening(&with(made(Some(key_id('A'))))).is_empty());
    }

    #[test]
    fn all_keys_may_be_known_where_what_says_so_names_none() {
        let exposed = Threat { key: Some(key_id('B')), ..threat(Sign::KeyExposed, Source::Health) };
        let one = User { threats: Fact::Known(vec![exposed]), ..with_two_keys() };
        let policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
        let quarantined = User { attached_policies: Fact::Known(vec![attached(policy)]), ..with_two_keys() };
        for (user, all) in [(with_two_keys(), false), (one, false), (quarantined, true)] {
            let mut known = KnownKeys::default();
            known.look(&user).unwrap();
            assert_eq!(known.all_may_be(), all);
        }
        let mut known = KnownKeys::default();
        known.note_unread("throttled");
        assert!(known.all_may_be());
    }
}
