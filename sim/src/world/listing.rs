//! IAM's reads of the whole account.

use jiff::SignedDuration;
use shared::engine::{Clock, Page, ReadAccount};
use shared::facts::{Fact, Read, Unread, User};

use super::World;
use super::credential_report;
use super::iam;
use super::state::State;

/// IAM makes a new report only when the last one is older.
const REPORT_LASTS: SignedDuration = SignedDuration::from_hours(4);

impl ReadAccount for World {
    async fn users(&self, marker: Option<&str>) -> Result<Page<User>, Unread> {
        self.read(Read::GetAccountAuthorizationDetails, marker.unwrap_or_default(), |state| {
            let now = state.now;
            let users = state.iam.users.values().filter_map(|versions| versions.seen(now));
            let Page { items, next } = state.pages.page(users, marker);
            Ok(Page { items: items.into_iter().map(iam::User::detailed).collect(), next })
        })
        .await
    }

    async fn credential_report(&self) -> Fact<Vec<u8>> {
        loop {
            let made =
                self.read(Read::GenerateCredentialReport, "", |state| Ok(state.generate_report())).await;
            match made {
                Ok(true) => break,
                Ok(false) => self.sleep(SignedDuration::from_secs(1)).await,
                Err(unread) => return Fact::Unknown(unread),
            }
        }
        let fetch = |state: &mut State| {
            let report = state.report.as_ref().map(|(_, csv)| csv.clone());
            report.ok_or_else(|| "ReportNotPresent: there is no credential report".to_owned())
        };
        match self.read(Read::GetCredentialReport, "", fetch).await {
            Ok(csv) => Fact::Known(csv),
            Err(unread) => Fact::Unknown(unread),
        }
    }
}

impl State {
    /// Whether a report is there; starts one where it is not.
    fn generate_report(&mut self) -> bool {
        let now = self.now;
        let fresh = self.report.as_ref().is_some_and(|(made, _)| now.duration_since(*made) < REPORT_LASTS);
        if !fresh {
            self.report = Some((now, credential_report::write(&self.iam, now)));
        }
        fresh
    }
}
