//! Credentials other than passwords and access keys: which are too old, and switching them off.

use jiff::{SignedDuration, Timestamp};

use crate::facts::{Fact, OtherCredential, ResourceType, Unread, User, WhyUnread};
use crate::remedy::Step;
use crate::rules::{Proposal, Verdict};

/// Those that can be used and are older than the limit.
pub(super) fn too_old(
    credentials: &Fact<Vec<OtherCredential>>,
    limit: SignedDuration,
    at: Timestamp,
) -> Verdict<Vec<OtherCredential>> {
    match credentials.list() {
        Err(unread) => Verdict::Unknown(unread.clone()),
        Ok(list) => {
            Verdict::of_each(
                list,
                |live| if live.is_usable(at) { is_older(live, limit, at) } else { Ok(false) },
            )
        }
    }
}

/// Whether it is older than the limit; not known where the credential report's bounds leave it open.
pub(super) fn is_older(live: &OtherCredential, limit: SignedDuration, at: Timestamp) -> Result<bool, Unread> {
    live.created.older_than(limit, at).ok_or_else(|| {
        let read = live.kind.need().live_reads(ResourceType::User).first().copied();
        let read = read.unwrap_or(crate::facts::Read::GetCredentialReport);
        Unread::new(read, WhyUnread::NotRead, format!("the creation of the {} is not known", live.kind))
    })
}

/// Switches each off.
pub(super) fn deactivate(user: &User, found: &[OtherCredential]) -> Proposal {
    let mut proposal = Proposal::default();
    for live in found {
        match &live.id {
            Fact::Known(credential) => proposal.steps.push(Step::DeactivateCredential {
                user: user.identity.clone(),
                kind: live.kind,
                credential: credential.clone(),
            }),
            Fact::Unknown(unread) => proposal.unknown.push(unread.clone()),
            Fact::Absent => {}
        }
    }
    proposal
}

/// What they are, for people.
pub(super) fn labels(found: &[OtherCredential]) -> String {
    found.iter().map(OtherCredential::label).collect::<Vec<_>>().join(", ")
}
