//! Rules about what was seen of a principal, or done to it. What was seen is a fact like others: written down when it
//! was reported, and held against the live state here.

pub(super) mod access_key_exposed;
pub(super) mod access_key_made_by_another;
pub(super) mod principal_threatened;
pub(super) mod user_quarantined_by_aws;

use crate::facts::{AccessKey, Unread, User};
use crate::identifier::AccessKeyId;
use crate::remedy::{Step, matches};
use crate::rules::{Names, Proposal};
use crate::threat::Threat;

/// Keys that a report names, each with what is said of it.
type Reported = Vec<(AccessKeyId, String)>;

/// The user's keys that can be used, by their ids.
fn active_keys(user: &User) -> Result<Vec<(&AccessKeyId, &AccessKey)>, Unread> {
    let keys = user.access_keys.list().map_err(Clone::clone)?;
    keys.iter().filter(|key| key.is_active()).map(|key| Ok((key.known_id()?, key))).collect()
}

/// Switches the reported keys off, and no other.
fn switch_off(user: &User, keys: &Reported) -> Proposal {
    let off = |(key, _): &(AccessKeyId, String)| Step::DeactivateAccessKey {
        user: user.identity.clone(),
        key: key.clone(),
    };
    Proposal { steps: keys.iter().map(off).collect(), ..Proposal::default() }
}

/// Whether it is the ordinary work of whoever did it.
fn is_expected(actor: &str, expected: &Names) -> bool {
    expected.iter().any(|pattern| matches(pattern, actor))
}

/// What was seen, by whom and when.
fn told(threat: &Threat) -> String {
    let Threat { sign, source, at, said, .. } = threat;
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    format!("{sign} ({source}, {}{said})", at.strftime("%Y-%m-%d %H:%M UTC"))
}

/// The same, with how grave it is.
fn told_with_risk(threat: &Threat) -> String {
    format!("{}, {}", told(threat), threat.risk)
}
