use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use shared::facts::{AttachedPolicy, Read, Unread};
use shared::identifier::Arn;
use shared::policy::PolicyDocument;

use super::{AT_ONCE, Iam, senseless};
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
        let answer = self.client.get_policy().policy_arn(policy.as_str()).send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(Read::GetPolicy))?;
        let version = answer
            .policy
            .and_then(|policy| policy.default_version_id)
            .ok_or_else(|| senseless(Read::GetPolicy, "the answer names no default version"))?;
        let request = self.client.get_policy_version().policy_arn(policy.as_str()).version_id(version);
        let answer = request.send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(Read::GetPolicyVersion))?;
        let encoded = answer
            .policy_version
            .and_then(|version| version.document)
            .ok_or_else(|| senseless(Read::GetPolicyVersion, "the answer holds no text"))?;
        let text = PolicyDocument::from_percent_encoded(&encoded);
        Ok((policy.clone(), text.map_err(|error| senseless(Read::GetPolicyVersion, error))?))
    }
}
