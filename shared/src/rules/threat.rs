//! Rules about what was seen of a principal, or done to it. What was seen is a fact like others: written down when it
//! was reported, and held against the live state here.

pub(super) mod access_key_exposed;
pub(super) mod access_key_made_by_another;
pub(super) mod principal_threatened;
pub(super) mod user_quarantined_by_aws;

use crate::facts::{AccessKey, Fact, Read, Unread, WhyUnread};
use crate::identifier::AccessKeyId;
use crate::remedy::matches;
use crate::rules::Names;
use crate::threat::Threat;

/// The id of a key, without which it cannot be told from another.
fn id_of(key: &AccessKey) -> Result<&AccessKeyId, Unread> {
    match &key.id {
        Fact::Known(id) => Ok(id),
        Fact::Unknown(unread) => Err(unread.clone()),
        Fact::Absent => {
            Err(Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's id is not known"))
        }
    }
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
