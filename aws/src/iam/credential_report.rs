use std::time::Duration;

use shared::facts::{Read, Unread, WhyUnread};

use super::{Iam, senseless};
use crate::failure::Failure;

/// Waits between askings, in milliseconds; some thirty seconds together. A report of a large account takes a
/// while to make.
const WAITS: [u64; 8] = [500, 1_000, 2_000, 4_000, 5_000, 5_000, 6_000, 7_000];

/// Where the report stands.
enum Standing {
    Ready(Vec<u8>),
    InProgress,
    Missing,
}

impl Iam {
    /// The credential report as CSV; made first where there is none or it is more than four hours old.
    pub(super) async fn fetch_credential_report(&self) -> Result<Vec<u8>, Unread> {
        let mut asked = false;
        for wait in WAITS {
            match self.report_standing().await? {
                Standing::Ready(csv) => return Ok(csv),
                Standing::InProgress => {}
                // Asked for a second time only where the first asking came to nothing.
                Standing::Missing if asked => {}
                Standing::Missing => {
                    let answer = self.client.generate_credential_report().send().await;
                    answer.map_err(|error| Failure::of(&error).unread(Read::GenerateCredentialReport))?;
                    asked = true;
                }
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        match self.report_standing().await? {
            Standing::Ready(csv) => Ok(csv),
            Standing::InProgress | Standing::Missing => {
                let why = "the credential report was not ready within half a minute";
                Err(Unread::new(Read::GetCredentialReport, WhyUnread::Throttled, why))
            }
        }
    }

    async fn report_standing(&self) -> Result<Standing, Unread> {
        const READ: Read = Read::GetCredentialReport;
        match self.client.get_credential_report().send().await {
            Ok(answer) => match answer.content {
                Some(csv) => Ok(Standing::Ready(csv.into_inner())),
                None => Err(senseless(READ, "the answer holds no report")),
            },
            Err(error) => {
                let failure = Failure::of(&error);
                // Both the codes of the API and their names in its model are in use.
                match failure.code.as_deref() {
                    Some(
                        "ReportNotPresent"
                        | "ReportExpired"
                        | "CredentialReportNotPresentException"
                        | "CredentialReportExpiredException",
                    ) => Ok(Standing::Missing),
                    Some("ReportInProgress" | "CredentialReportNotReadyException") => {
                        Ok(Standing::InProgress)
                    }
                    _ => Err(failure.unread(READ)),
                }
            }
        }
    }
}
