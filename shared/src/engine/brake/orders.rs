use futures_util::future::{join, join3};
use jiff::Timestamp;

use super::{Brakes, SharedBrake as _, Stop, Switch, Switches, Tripped};
use crate::engine::{Journal, Obstacles, PortError};
use crate::identifier::UniqueId;
use crate::remedy::{Cause, Refusal};
use crate::rules::RuleId;

/// The orders to stop that stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Orders {
    pub(in crate::engine) account: Option<Stop>,
    pub(in crate::engine) organization: Option<Stop>,
}

/// Looks at the account's switch and at the organisation's, at the same time. That one of them cannot be read stops
/// everything.
pub(in crate::engine) async fn orders<P: Brakes>(ports: &P) -> Result<Orders, PortError> {
    both(ports, ports.organization()).await
}

/// The same for whoever only says that everything is stopped.
pub(in crate::engine) async fn standing_orders<P: Switches>(ports: &P) -> Result<Orders, PortError> {
    both(ports, ports.organization_switch()).await
}

async fn both(own: &impl Switch, shared: Option<impl Switch>) -> Result<Orders, PortError> {
    let Some(shared) = shared else {
        return Ok(Orders { account: own.stopped().await?, organization: None });
    };
    let (account, organization) = join(own.stopped(), shared.stopped()).await;
    Ok(Orders { account: account?, organization: organization? })
}

/// What may stand against an act, the organisation's order to stop included: looked for at the same time. So is, where a
/// share over the organisation hangs on it, how many users and roles there are at a moment: not to know is an error, and never
/// no limit.
pub(in crate::engine) async fn obstacles<P: Brakes + Journal>(
    ports: &P,
    principal: &UniqueId,
    rule: Option<RuleId>,
    counted_at: Option<Timestamp>,
) -> Result<Obstacles, PortError> {
    let Some(shared) = ports.organization() else { return ports.obstacles(principal, rule).await };
    let population = async {
        match counted_at {
            Some(at) => shared.principals(at).await,
            None => Ok(None),
        }
    };
    let (obstacles, stop, population) =
        join3(ports.obstacles(principal, rule), shared.stopped(), population).await;
    Ok(Obstacles { organization_stop: stop?, organization_principals: population?, ..obstacles? })
}

impl Orders {
    /// Why nothing is done for this cause, if nothing is.
    pub(in crate::engine) fn against(self, cause: &Cause) -> Option<Refusal> {
        let stands = |stop: &Stop| stop.undo_too || !matches!(cause, Cause::Undo { .. });
        self.standing().find(stands).map(Refusal::from)
    }

    /// Those that stand, the account's first; told apart, for each is taken away in another table.
    pub(in crate::engine) fn standing(self) -> impl Iterator<Item = Stop> {
        let everywhere = |stop: Stop| Stop { by: format!("{} in the whole organisation", stop.by), ..stop };
        self.account.into_iter().chain(self.organization.map(everywhere))
    }

    /// The limit that this very act was too many for: the worker that stopped everything over it may have died before it
    /// told anybody. With it, since when everything is stopped.
    pub(in crate::engine) fn tripped_by(
        &self,
        rule: RuleId,
        resource: &UniqueId,
    ) -> Option<(Timestamp, Tripped)> {
        let standing = self.account.iter().chain(&self.organization);
        let mut tripped = standing.filter_map(|stop| Some((stop.since, stop.tripped.clone()?)));
        tripped.find(|(_, tripped)| tripped.rule == rule && tripped.resource == *resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::JournalId;

    fn stop(by: &str, undo_too: bool) -> Stop {
        let since = "2026-11-22T09:00:00Z".parse().unwrap();
        Stop { since, by: by.to_owned(), reason: "a test".to_owned(), undo_too, tripped: None }
    }

    fn by(orders: &Orders, cause: &Cause) -> Option<String> {
        match orders.clone().against(cause) {
            Some(Refusal::Stopped { by, .. }) => Some(by),
            _ => None,
        }
    }

    #[test]
    fn either_order_stops_and_each_says_whether_it_stops_an_undo() {
        let (requested_by, reason) = ("sam".to_owned(), "a test".to_owned());
        let order = Cause::Order { requested_by: requested_by.clone(), reason: reason.clone(), threat: None };
        let of = JournalId::try_from("20261122t090000-1a2b3c4d5e6f".to_owned()).unwrap();
        let undo = Cause::Undo { of, requested_by, reason };
        let everywhere = Some("joe in the whole organisation".to_owned());
        let here = Some("ann".to_owned());
        for (account, organization, of_order, of_undo) in [
            (None, None, None, None),
            (Some(false), None, here.clone(), None),
            (None, Some(false), everywhere.clone(), None),
            (Some(false), Some(true), here.clone(), everywhere.clone()),
            (Some(true), Some(false), here.clone(), here),
            (None, Some(true), everywhere.clone(), everywhere),
        ] {
            let orders = Orders {
                account: account.map(|undo_too| stop("ann", undo_too)),
                organization: organization.map(|undo_too| stop("joe", undo_too)),
            };
            assert_eq!((by(&orders, &order), by(&orders, &undo)), (of_order, of_undo), "{orders:?}");
        }
    }
}
