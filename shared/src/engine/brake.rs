//! What stops Bailiff: a switch that is read before every write, and counters that no number of workers overruns. An account
//! has its own; the accounts of an organisation may share a second one beside.

mod orders;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{EngineError, PortError};
use crate::facts::ResourceIdentity;
use crate::governance::{Governance, Limits, SharedLimits, share_of};
use crate::identifier::UniqueId;
use crate::remedy::Refusal;
use crate::rules::RuleId;

pub(super) use orders::{Orders, obstacles, orders, standing_orders};

/// A switch, for whoever only looks at it.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Switch {
    /// The order to stop, if one stands. That it cannot be read stops everything.
    async fn stopped(&self) -> Result<Option<Stop>, PortError>;
}

/// Every switch that stops an account, for whoever only looks at them.
pub trait Switches: Switch {
    /// What all accounts of the organisation share, where the deployment has been given it.
    fn organization_switch(&self) -> Option<impl Switch>;
}

/// A switch that Bailiff itself throws where a limit is reached. It holds across workers, and every write is conditional.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Brake: Switch {
    /// Stops everything; whether nobody had yet. An order that stands already is left standing.
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError>;
}

/// A brake whose counters are in a table of their own, beside the journal.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait SharedBrake: Brake {
    /// Counts one act on every counter, or on none where one is full: the first such.
    async fn count(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError>;

    /// How many users and roles the last sweeps of all accounts found, if one has counted them within
    /// [`POPULATION_COUNTS_FOR`].
    async fn principals(&self, at: Timestamp) -> Result<Option<u64>, PortError>;
}

/// The account's own, whose counters an act counts on with the write that opens its entry ([`Used`](super::Used)), and
/// those of its organisation.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Brakes: Brake {
    /// What all accounts of the organisation share, where the deployment has been given it.
    fn organization(&self) -> Option<impl SharedBrake>;

    /// The first of the account's own counters that is full. Nothing is counted.
    async fn full(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError>;
}

/// Tells the counters how many there are to take a share of.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait CountPrincipals {
    /// Remembers how many users and roles a sweep found, for the account and for its organisation where the deployment has
    /// been given the table.
    async fn remember_principals(&self, count: u64) -> Result<(), PortError>;
}

impl<S: Switch> Switch for &S {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        (**self).stopped().await
    }
}

impl<B: Brake> Brake for &B {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        (**self).stop(stop).await
    }
}

impl<B: SharedBrake> SharedBrake for &B {
    async fn count(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        (**self).count(counters).await
    }

    async fn principals(&self, at: Timestamp) -> Result<Option<u64>, PortError> {
        (**self).principals(at).await
    }
}

/// An order to stop. It stands until a person takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Since when.
    pub since: Timestamp,
    /// Who stopped it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Whether undoing stops as well. Where too much was done, it is the undoing that is wanted.
    #[serde(default)]
    pub undo_too: bool,
    /// The act that was one too many, where a limit stopped everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tripped: Option<Tripped>,
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tripped {
    /// Which.
    pub limit: String,
    /// What it is.
    pub most: u32,
    /// The rule that would have acted.
    pub rule: RuleId,
    /// On what.
    pub resource: UniqueId,
}

impl From<Stop> for Refusal {
    fn from(Stop { since, by, reason, .. }: Stop) -> Self {
        Self::Stopped { since, by, reason }
    }
}

/// A count of acts with the most it may come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Names the limit and the time or thing it counts for.
    pub name: String,
    /// What it is a limit of, for people.
    pub limit: &'static str,
    /// The most it may come to.
    pub most: u32,
    /// When nobody asks for it any more.
    pub expires: Timestamp,
    /// Whether only this resource is let be when it is full, and not everything stopped.
    pub of_one_resource: bool,
}

/// Whether the limits can be kept at all. Where those that are named over an organisation cannot be counted, neither can its
/// switch be read: nothing is done, for what nobody knows is not nothing. A default over an organisation stands only where
/// there is one.
pub(super) fn can_keep<P: Brakes>(ports: &P, governance: &Governance) -> Result<(), EngineError> {
    if governance.limits().organization.names_none() || ports.organization().is_some() {
        return Ok(());
    }
    Err(EngineError::Permanent(
        "nothing is enforced: the governance file has `limits.organization`, and this deployment knows no table of the \
         organisation; give the stack `OrganizationTable`, or take these limits out"
            .to_owned(),
    ))
}

/// The counters, of its account's own, that an act on a resource counts on.
pub(super) fn counters(
    limits: &Limits,
    at: Timestamp,
    sweep: Option<&str>,
    resource: &ResourceIdentity,
    principals: Option<u64>,
) -> Vec<Counter> {
    // Whichever is less: the count, or what the share comes to.
    let least = |name: String, (count, most): Named, (share, percent): Named| {
        let of_all = share_of(percent, principals);
        let (limit, most) = if of_all < most { (share, of_all) } else { (count, most) };
        counter(name, limit, most, at)
    };
    let resource = counter(
        format!("resource#{}#{}", resource.unique_id(), at.strftime("%Y-%m-%d")),
        "actsPerResourceAndDay",
        limits.per_resource_and_day,
        at,
    );
    let mut counters = vec![
        Counter { of_one_resource: true, ..resource },
        least(hour(at), ("actsPerHour", limits.per_hour), ("sharePerHour", limits.share_per_hour)),
        least(day(at), ("actsPerDay", limits.per_day), ("sharePerDay", limits.share_per_day)),
    ];
    counters.extend(sweep.map(|sweep| {
        let (count, share) = (("actsPerSweep", limits.per_sweep), ("sharePerSweep", limits.share_per_sweep));
        least(format!("sweep#{sweep}"), count, share)
    }));
    counters
}

/// What a limit is called in the governance file, and what it says.
type Named = (&'static str, u32);

/// The same of one that need not be.
type Limit = (&'static str, Option<u32>);

/// The counters, of the organisation's, that an act counts on.
///
/// No transaction spans tables of two accounts, so an act counts on these first, and on its account's own in the write that
/// opens its entry. Whatever happens in between leaves a count here without an act, which only makes Bailiff do less; an act
/// without a count there is not. What an account's own limits refuse is to use nothing of all others' up, or one resource
/// that somebody keeps putting back would stop the organisation: whether one of those is full is looked at before.
pub(super) fn shared_counters(limits: &SharedLimits, at: Timestamp, principals: Option<u64>) -> Vec<Counter> {
    let SharedLimits { per_hour, per_day, share_per_hour, share_per_day } = *limits;
    // Whichever is less, as of an account's own; where there is neither, nothing is counted.
    let least = |name: String, (count, most): Limit, (share, percent): Limit| {
        let of_all = percent.map(|percent| share_of(percent, principals));
        let (limit, most) = match (most, of_all) {
            (Some(most), Some(of_all)) if of_all < most => (share, of_all),
            (Some(most), _) => (count, most),
            (None, of_all) => (share, of_all?),
        };
        Some(counter(name, limit, most, at))
    };
    let count = ("organization.actsPerHour", per_hour);
    let hour = least(hour(at), count, ("organization.sharePerHour", share_per_hour));
    let count = ("organization.actsPerDay", per_day);
    let day = least(day(at), count, ("organization.sharePerDay", share_per_day));
    hour.into_iter().chain(day).collect()
}

fn counter(name: String, limit: &'static str, most: u32, at: Timestamp) -> Counter {
    let expires = at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
    Counter { name, limit, most, expires, of_one_resource: false }
}

fn hour(at: Timestamp) -> String {
    format!("hour#{}", at.strftime("%Y-%m-%dT%H"))
}

fn day(at: Timestamp) -> String {
    format!("day#{}", at.strftime("%Y-%m-%d"))
}

/// A counter outlives its day, for whoever looks at it later.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 8);

/// An account that nobody has swept for so long counts no more for the organisation: it may have left.
pub const POPULATION_COUNTS_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::alice;

    fn names(at: &str, sweep: Option<&str>, principals: Option<u64>) -> Vec<(String, u32)> {
        let resource = ResourceIdentity::User(alice().identity);
        counters(&Limits::default(), at.parse().unwrap(), sweep, &resource, principals)
            .into_iter()
            .map(|counter| (counter.name, counter.most))
            .collect()
    }

    #[test]
    fn an_act_counts_for_its_resource_its_hour_its_day_and_its_sweep() {
        let counted = names("2026-11-22T23:59:59Z", Some("sweep 1"), Some(2_000));
        let expected = [
            ("resource#AIDAEXAMPLEEXAMPLE001#2026-11-22", 3),
            ("hour#2026-11-22T23", 25),
            ("day#2026-11-22", 100),
            ("sweep#sweep 1", 25),
        ];
        assert_eq!(counted, expected.map(|(name, most)| (name.to_owned(), most)));
        assert_eq!(names("2026-11-23T00:00:00Z", None, Some(2_000))[1].0, "hour#2026-11-23T00");
    }

    fn in_all_accounts(limits: SharedLimits, principals: Option<u64>) -> Vec<(String, &'static str, u32)> {
        let at = "2026-11-22T23:59:59Z".parse().unwrap();
        let counters = shared_counters(&limits, at, principals).into_iter();
        counters.map(|counter| (counter.name, counter.limit, counter.most)).collect()
    }

    const NO_LIMITS: SharedLimits =
        SharedLimits { per_hour: None, per_day: None, share_per_hour: None, share_per_day: None };

    #[test]
    fn an_act_counts_in_the_organisation_on_those_limits_that_are_some() {
        let counted =
            |per_hour, per_day| in_all_accounts(SharedLimits { per_hour, per_day, ..NO_LIMITS }, Some(10));
        assert_eq!(counted(None, None), []);
        let day = || ("day#2026-11-22".to_owned(), "organization.actsPerDay", 0);
        assert_eq!(counted(None, Some(0)), [day()]);
        let hour = ("hour#2026-11-22T23".to_owned(), "organization.actsPerHour", 7);
        assert_eq!(counted(Some(7), Some(0)), [hour, day()]);
    }

    #[test]
    fn the_organisations_hour_and_day_hold_the_share_or_the_count_whichever_is_less() {
        let shares = SharedLimits { share_per_hour: Some(1), share_per_day: Some(10), ..NO_LIMITS };
        let of = |limits, principals| {
            let counters = in_all_accounts(limits, principals).into_iter();
            counters.map(|(_, limit, most)| (limit, most)).collect::<Vec<_>>()
        };
        let both = |hour, day| [("organization.sharePerHour", hour), ("organization.sharePerDay", day)];
        assert_eq!(of(shares, Some(2_000)), both(20, 200));
        // Of an unknown population as few as of none.
        assert_eq!(of(shares, None), both(5, 5));
        assert_eq!(of(SharedLimits { share_per_hour: Some(0), ..shares }, Some(2_000)), both(0, 200));
        let counted = SharedLimits { per_hour: Some(20), per_day: Some(199), ..shares };
        let counts = [("organization.actsPerHour", 20), ("organization.actsPerDay", 199)];
        assert_eq!(of(counted, Some(2_000)), counts);
        assert_eq!(of(counted, Some(100)), both(5, 10));
        // More than can be counted is still a limit, and not none.
        assert_eq!(of(shares, Some(u64::MAX)), both(u32::MAX, u32::MAX));
    }

    #[test]
    fn a_share_is_kept_of_each_sweep_and_hour_too_where_it_is_named() {
        let resource = ResourceIdentity::User(alice().identity);
        let limits = Limits { share_per_sweep: 1, share_per_hour: 2, ..Limits::default() };
        let at = "2026-11-22T09:00:00Z".parse().unwrap();
        let of = |principals| {
            let counters = counters(&limits, at, Some("one"), &resource, Some(principals));
            counters.into_iter().map(|counter| (counter.limit, counter.most)).collect::<Vec<_>>()
        };
        let day = |limit, most| {
            [("actsPerResourceAndDay", 3), ("sharePerHour", 20), (limit, most), ("sharePerSweep", 10)]
        };
        assert_eq!(of(1_000), day("actsPerDay", 100));
        assert_eq!(of(100_000)[1..], [("actsPerHour", 25), ("actsPerDay", 100), ("actsPerSweep", 25)]);
    }

    #[test]
    fn the_day_holds_the_share_or_the_count_whichever_is_less() {
        let most = |principals| names("2026-11-22T09:00:00Z", None, principals)[2].1;
        assert_eq!([most(None), most(Some(300)), most(Some(1_000)), most(Some(9_000))], [5, 30, 100, 100]);
    }

    /// What all accounts share: stopped already, with a full counter and seven principals.
    struct Shared(Stop);

    impl Switch for Shared {
        async fn stopped(&self) -> Result<Option<Stop>, PortError> {
            Ok(Some(self.0.clone()))
        }
    }

    impl Brake for Shared {
        async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
            Ok(*stop != self.0)
        }
    }

    impl SharedBrake for Shared {
        async fn count(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
            Ok(counters.first().cloned())
        }

        async fn principals(&self, _: Timestamp) -> Result<Option<u64>, PortError> {
            Ok(Some(7))
        }
    }

    #[test]
    fn a_brake_that_is_lent_brakes_as_it_does_itself() {
        async fn asked(brake: impl SharedBrake, stop: &Stop) {
            let other = Stop { by: "joe".to_owned(), ..stop.clone() };
            let limits = SharedLimits { per_day: Some(0), ..NO_LIMITS };
            let counters = shared_counters(&limits, stop.since, None);
            assert_eq!(brake.stopped().await, Ok(Some(stop.clone())));
            assert_eq!((brake.stop(stop).await, brake.stop(&other).await), (Ok(false), Ok(true)));
            assert_eq!(brake.count(&counters).await, Ok(counters.first().cloned()));
            assert_eq!((brake.count(&[]).await, brake.principals(stop.since).await), (Ok(None), Ok(Some(7))));
        }
        let since = "2026-11-22T09:00:00Z".parse().unwrap();
        let (by, reason) = ("ann".to_owned(), "a test".to_owned());
        let stop = Stop { since, by, reason, undo_too: false, tripped: None };
        let shared = Shared(stop.clone());
        pollster::block_on(asked(&shared, &stop));
        pollster::block_on(asked(shared, &stop));
    }
}
