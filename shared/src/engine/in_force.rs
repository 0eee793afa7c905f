use super::{ReadIam, ResourceName};
use crate::facts::{Need, Resource, Unread};
use crate::identifier::Arn;
use crate::policy::PolicyDocument;

/// The text in force of a policy that the customer manages; nothing where it is gone.
pub(super) async fn policy_in_force<P: ReadIam>(
    ports: &P,
    policy: &Arn,
) -> Result<Option<PolicyDocument>, Unread> {
    let name = ResourceName::Policy(policy.clone());
    match ports.read(&name, &[Need::PolicyText].into()).await? {
        Some(Resource::Policy(policy)) => {
            policy.document.known().map(Option::<&_>::cloned).map_err(Clone::clone)
        }
        _ => Ok(None),
    }
}
