use super::super::Suspect;
use super::super::suspect::long_term_key;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId, Arn};

/// What a finding is about, as far as it is IAM's.
pub(super) struct Resource {
    pub(super) about: Suspect,
    pub(super) key: Option<AccessKeyId>,
}

impl Resource {
    /// Nothing where it is of another service, or of a session.
    pub(super) fn read(resource: &Field<'_>) -> Result<Option<Self>, EventError> {
        let kind = resource.get("Type")?.filled_text()?;
        let id = resource.get("Id")?;
        let alone = |about| Some(Self { about, key: None });
        Ok(match kind {
            "AwsIamUser" | "AwsIamRole" | "AwsIamGroup" | "AwsIamPolicy" => {
                alone(Suspect::Arn(id.identifier(Arn::parse)?))
            }
            "AwsIamAccessKey" => of_key(resource, &id)?,
            "AwsAccount" => {
                // `AWS::::Account:111122223333`.
                let account = id.filled_text()?.rsplit(':').next().and_then(|id| AccountId::parse(id).ok());
                let partition = resource.get("Partition")?.text_if_any()?.unwrap_or("aws");
                account.and_then(|account| Suspect::of_account(partition, &account)).and_then(alone)
            }
            _ => None,
        })
    }
}

/// An access key. Its id may be `AWS::IAM::AccessKey:AKIA…`, the ARN of its user, or end in `null`; who has it stands in
/// the details.
fn of_key(resource: &Field<'_>, id: &Field<'_>) -> Result<Option<Resource>, EventError> {
    let id = id.filled_text()?;
    let details = resource.get("Details")?.under("AwsIamAccessKey")?;
    let text = |key: &str| details.under(key)?.text_if_any();
    let named = id.rsplit(':').next().and_then(long_term_key);
    let key = text("AccessKeyId")?.and_then(long_term_key).or(named);
    let name = text("PrincipalName")?.or(text("UserName")?);
    let principal = text("PrincipalId")?;
    let about = match text("PrincipalType")? {
        Some("AssumedRole" | "Role") => Suspect::of_role(name, principal),
        Some("Root") => None,
        Some("IAMUser" | "User") => Suspect::of_user(name, principal),
        // Who has a key of its own is a user, and nobody else has.
        _ if key.is_some() => Suspect::of_user(name, principal),
        // Of a session no more is told than a name that may be anybody's.
        _ => Suspect::of_user(None, principal).or_else(|| Suspect::of_role(None, principal)),
    };
    let arn = || Arn::parse(id).ok().filter(|arn| arn.service() == "iam").map(Suspect::Arn);
    let about = about.or_else(|| key.clone().map(Suspect::HolderOf)).or_else(arn);
    Ok(about.map(|about| Resource { about, key }))
}
