//! Whether a credential has lain unused for longer than a limit.

use jiff::{SignedDuration, Timestamp};

use crate::facts::{AccessKey, Fact, LoginProfile, Read, Unread, WhyUnread};

/// A key never used counts from its creation.
pub(super) fn key_is_quiet(key: &AccessKey, limit: SignedDuration, at: Timestamp) -> Result<bool, Unread> {
    match key.last_used.known() {
        Err(unread) => Err(unread.clone()),
        Ok(Some(used)) => Ok(at.duration_since(used.at) > limit),
        Ok(None) => key.created.older_than(limit, at).ok_or_else(|| {
            Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
        }),
    }
}

/// A password counts from its creation even where a use is known: IAM keeps the last use of an earlier password,
/// so one given yesterday may show a use of last year (IAM API, `User`, `PasswordLastUsed`).
pub(super) fn password_is_quiet(
    profile: &LoginProfile,
    last_used: &Fact<Timestamp>,
    limit: SignedDuration,
    at: Timestamp,
) -> Result<bool, Unread> {
    let old = profile.created.older_than(limit, at);
    if old == Some(false) {
        return Ok(false);
    }
    match (last_used.known(), old) {
        (Err(unread), _) => Err(unread.clone()),
        (Ok(Some(used)), _) if at.duration_since(*used) <= limit => Ok(false),
        (Ok(_), Some(_)) => Ok(true),
        (Ok(_), None) => Err(Unread::new(
            Read::GetLoginProfile,
            WhyUnread::NotRead,
            "the password's creation is not known",
        )),
    }
}
