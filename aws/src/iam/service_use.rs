use std::time::Duration;

use aws_sdk_iam::types::JobStatusType;
use shared::facts::{Fact, Read, ServiceUse, Unread, WhyUnread};
use shared::identifier::Arn;

use super::find::moment;
use super::pages::{IamPage, all};
use super::{Iam, senseless};
use crate::failure::Failure;

/// Waits between askings, in milliseconds; some thirty seconds together.
const WAITS: [u64; 8] = [500, 1_000, 2_000, 4_000, 5_000, 5_000, 6_000, 7_000];

impl Iam {
    /// The services that a role's policies let it use, with their last use by it: a job that IAM runs.
    pub(super) async fn service_use(&self, role: &Arn) -> Result<Vec<ServiceUse>, Unread> {
        const READ: Read = Read::GenerateServiceLastAccessedDetails;
        let job = self.client.generate_service_last_accessed_details().arn(role.as_str()).send().await;
        let job = job.map_err(|error| Failure::of(&error).unread(READ))?.job_id;
        let job = job.ok_or_else(|| senseless(READ, "the answer holds no job"))?;
        for wait in WAITS {
            if self.is_complete(&job).await? {
                return self.completed(&job).await;
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        let why = "the job was not complete within half a minute";
        Err(Unread::new(Read::GetServiceLastAccessedDetails, WhyUnread::Throttled, why))
    }

    async fn is_complete(&self, job: &str) -> Result<bool, Unread> {
        const READ: Read = Read::GetServiceLastAccessedDetails;
        let request = self.client.get_service_last_accessed_details().job_id(job).max_items(1);
        match request.send().await.map_err(|error| Failure::of(&error).unread(READ))?.job_status {
            JobStatusType::Completed => Ok(true),
            JobStatusType::InProgress => Ok(false),
            other => Err(senseless(READ, format!("the job is {other}"))),
        }
    }

    async fn completed(&self, job: &str) -> Result<Vec<ServiceUse>, Unread> {
        const READ: Read = Read::GetServiceLastAccessedDetails;
        let services = all(READ, async |marker| {
            let request = self.client.get_service_last_accessed_details().job_id(job).set_marker(marker);
            let page = request.send().await?;
            let items = page.services_last_accessed;
            Ok(IamPage { items, is_truncated: page.is_truncated, marker: page.marker })
        });
        let told = services.await?.into_iter().map(|service| {
            let at = match service.last_authenticated.map(|at| moment(&at, READ)) {
                None | Some(Fact::Absent) => None,
                Some(Fact::Known(at)) => Some(at),
                Some(Fact::Unknown(unread)) => return Err(unread),
            };
            Ok(ServiceUse { service: service.service_namespace, at })
        });
        told.collect()
    }
}
