use aws_sdk_iam::types::{PolicyDetail, UserDetail};
use shared::facts::{Fact, InlinePolicy, Read, Unread, User, UserIdentity};
use shared::identifier::{GroupName, PolicyName, UniqueId, UserName};
use shared::policy::PolicyDocument;

use super::attached_policies::attached;
use super::find::{boundary, moment, tags};
use super::{Iam, fact, senseless};

const READ: Read = Read::GetAccountAuthorizationDetails;

/// A user as the bulk read tells it. An empty list may be left out of the answer; what is there and senseless
/// leaves its own fact unknown, and an identity that is makes the whole page worthless.
pub(super) fn user(iam: &Iam, detail: UserDetail) -> Result<User, Unread> {
    let arn = iam.own_arn(&detail.arn.unwrap_or_default(), READ)?;
    let identity = UserIdentity {
        account: iam.account.clone(),
        name: UserName::parse(&detail.user_name.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        unique_id: UniqueId::parse(&detail.user_id.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        arn,
    };
    let mut user = User::unread(identity);
    user.created = detail.create_date.map_or_else(|| Fact::not_read(READ), |created| moment(&created, READ));
    user.tags = Fact::Known(tags(detail.tags.unwrap_or_default()));
    user.boundary = boundary(detail.permissions_boundary, READ);
    user.inline_policies =
        fact(detail.user_policy_list.unwrap_or_default().into_iter().map(inline).collect());
    user.attached_policies = fact(attached(detail.attached_managed_policies.unwrap_or_default(), READ));
    user.groups = fact(
        detail
            .group_list
            .unwrap_or_default()
            .iter()
            .map(|group| GroupName::parse(group).map_err(|error| senseless(READ, error)))
            .collect(),
    );
    Ok(user)
}

fn inline(policy: PolicyDetail) -> Result<InlinePolicy, Unread> {
    let name = PolicyName::parse(&policy.policy_name.unwrap_or_default());
    let encoded = policy.policy_document.ok_or_else(|| senseless(READ, "an inline policy has no text"))?;
    Ok(InlinePolicy {
        name: name.map_err(|error| senseless(READ, error))?,
        document: PolicyDocument::from_percent_encoded(&encoded).map_err(|error| senseless(READ, error))?,
    })
}
