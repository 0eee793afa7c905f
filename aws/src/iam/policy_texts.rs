use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use shared::facts::{AttachedPolicy, PolicyVersion, Read, Unread};
use shared::identifier::{Arn, PolicyVersionId};
use shared::policy::PolicyDocument;

use super::pages::listed;
use super::{AT_ONCE, Iam, fact, senseless};
use crate::failure::Failure;

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
        let text = self.policy_version(policy, &version).await?;
        Ok((version, text))
    }

    /// The text of a version.
    async fn policy_version(
        &self,
        policy: &Arn,
        version: &PolicyVersionId,
    ) -> Result<PolicyDocument, Unread> {
        let request =
            self.client.get_policy_version().policy_arn(policy.as_str()).version_id(version.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(Read::GetPolicyVersion))?;
        let encoded = answer
            .policy_version
            .and_then(|version| version.document)
            .ok_or_else(|| senseless(Read::GetPolicyVersion, "the answer holds no text"))?;
        PolicyDocument::from_percent_encoded(&encoded)
            .map_err(|error| senseless(Read::GetPolicyVersion, error))
    }

    /// The versions that are not in force, with their texts: at most four. A text that cannot be read is unknown.
    pub(super) async fn other_policy_versions(&self, policy: &Arn) -> Result<Vec<PolicyVersion>, Unread> {
        let versions = listed!(
            Read::ListPolicyVersions,
            self.client.list_policy_versions().policy_arn(policy.as_str()),
            |answer| answer.versions.unwrap_or_default()
        )
        .await?;
        let mut others = Vec::new();
        for version in versions.iter().filter(|version| !version.is_default_version) {
            let id = PolicyVersionId::parse(version.version_id.as_deref().unwrap_or_default())
                .map_err(|error| senseless(Read::ListPolicyVersions, error))?;
            let document = fact(self.policy_version(policy, &id).await);
            others.push(PolicyVersion { id, document });
        }
        Ok(others)
    }
}
