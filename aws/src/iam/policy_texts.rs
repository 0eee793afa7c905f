use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use shared::facts::{AttachedPolicy, Read, Unread};
use shared::identifier::{Arn, PolicyVersionId};
use shared::policy::PolicyDocument;

use super::pages::listed;
use super::{AT_ONCE, Iam, senseless};
use crate::failure::Failure;
use crate::time::from_sdk;

impl Iam {
    /// The texts in force of the customer managed policies among these.
    pub(super) async fn policy_texts(
        &self,
        policies: &[AttachedPolicy],
    ) -> Result<BTreeMap<Arn, PolicyDocument>, Unread> {
        let customers = policies.iter().filter(|policy| !policy.arn.is_aws_managed());
        stream::iter(customers)
            .map(|policy| self.policy_text(&policy.arn))
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn policy_text(&self, policy: &Arn) -> Result<(Arn, PolicyDocument), Unread> {
        Ok((policy.clone(), self.policy_in_force(policy).await?.1))
    }

    /// Which version is in force, and its text.
    pub(super) async fn policy_in_force(
        &self,
        policy: &Arn,
    ) -> Result<(PolicyVersionId, PolicyDocument), Unread> {
        let answer = self.client.get_policy().policy_arn(policy.as_str()).send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(Read::GetPolicy))?;
        let version = answer
            .policy
            .and_then(|policy| policy.default_version_id)
            .ok_or_else(|| senseless(Read::GetPolicy, "the answer names no default version"))?;
        let version = PolicyVersionId::parse(&version).map_err(|error| senseless(Read::GetPolicy, error))?;
        let request =
            self.client.get_policy_version().policy_arn(policy.as_str()).version_id(version.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(Read::GetPolicyVersion))?;
        let encoded = answer
            .policy_version
            .and_then(|version| version.document)
            .ok_or_else(|| senseless(Read::GetPolicyVersion, "the answer holds no text"))?;
        let text = PolicyDocument::from_percent_encoded(&encoded);
        Ok((version, text.map_err(|error| senseless(Read::GetPolicyVersion, error))?))
    }

    /// When each version was made.
    pub(super) async fn policy_versions(&self, policy: &Arn) -> Result<Vec<Timestamp>, Unread> {
        let versions = listed!(
            Read::ListPolicyVersions,
            self.client.list_policy_versions().policy_arn(policy.as_str()),
            |answer| answer.versions.unwrap_or_default()
        )
        .await?;
        let made = versions.iter().map(|version| version.create_date.as_ref().and_then(from_sdk));
        made.collect::<Option<_>>()
            .ok_or_else(|| senseless(Read::ListPolicyVersions, "a version does not say when it was made"))
    }
}
