use super::{Journal, PortError, Witnessed};
use crate::remedy::chain::Doubt;
use crate::remedy::{Entry, Refusal};

/// Why an open entry is not finished, where the journal's chain does not vouch for it. One that an earlier version
/// opened has no record; it is finished all the same, for no step of it does more than take away.
pub(super) async fn doubted<P: Journal>(ports: &P, open: &Entry) -> Result<Option<Refusal>, PortError> {
    Ok(match ports.witnessed(&open.id).await? {
        None | Some(Witnessed { vouched: Ok(()) | Err(Doubt::BeforeChain { .. }), .. }) => None,
        Some(Witnessed { vouched: Err(doubt), .. }) => Some(doubt.into()),
    })
}
