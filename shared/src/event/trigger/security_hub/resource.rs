use super::super::Suspect;
use super::super::suspect::{long_term_key, unique_id};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId, Arn};

/// What a finding is about, as far as it is IAM's.
pub(super) struct Resource {
    pub(super) about: Suspect,
    pub(super) key: Option<AccessKeyId>,
    /// Whether the finding says that it did what was seen, rather than had it done to it.
    pub(super) is_actor: bool,
    /// Whether it is the account's root user, to which nothing can be done.
    pub(super) is_root: bool,
}

/// All that a finding names of IAM. One that cannot be read takes none of the others with it; where it is the only one,
/// it is an error.
pub(super) fn all<'a>(
    resources: &Field<'a>,
    read: impl Fn(&Field<'a>) -> Result<Option<Resource>, EventError>,
) -> Result<Vec<Resource>, EventError> {
    resources.value("an array")?;
    let mut readable = Vec::new();
    let mut unreadable = None;
    for resource in resources.list(|resource| Ok(read(resource)))?.unwrap_or_default() {
        match resource {
            Ok(resource) => readable.extend(resource),
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    unreadable.filter(|_| readable.is_empty()).map_or(Ok(readable), Err)
}

impl Resource {
    /// A resource of the AWS Security Finding Format, in a finding about the account. Nothing where it is of another service,
    /// of a session, or another account's key.
    pub(super) fn read(resource: &Field<'_>, account: &AccountId) -> Result<Option<Self>, EventError> {
        let kind = resource.get("Type")?.filled_text()?;
        let id = resource.get("Id")?;
        let alone = |about| Some(Self::new(about, None));
        let found = match kind {
            "AwsIamUser" | "AwsIamRole" | "AwsIamGroup" | "AwsIamPolicy" => alone(named(kind, &id, &id)?),
            "AwsIamAccessKey" => {
                let details = resource.get("Details")?.under("AwsIamAccessKey")?;
                of_key(&details, &id, account, resource.get("Partition")?.text_if_any()?)?
            }
            "AwsAccount" => {
                // `AWS::::Account:111122223333`.
                let account = id.filled_text()?.rsplit(':').next();
                of_account(account, resource.get("Partition")?.text_if_any()?)
            }
            _ => None,
        };
        let role = resource.get("ResourceRole")?.text_if_any()?;
        Ok(found.map(|found| found.told_as(kind, role, account)))
    }

    /// A resource in OCSF, whose `uid` is AWS Config's id of it, and whose `uid_alt` is its ARN.
    pub(super) fn read_ocsf(resource: &Field<'_>, account: &AccountId) -> Result<Option<Self>, EventError> {
        let kind = resource.get("type")?.filled_text()?;
        let (id, arn) = (resource.get("uid")?, resource.get("uid_alt")?);
        let alone = |about| Some(Self::new(about, None));
        let found = match kind {
            "AWS::IAM::User" | "AWS::IAM::Role" | "AWS::IAM::Group" | "AWS::IAM::Policy" => {
                alone(named(kind, &arn, &id)?)
            }
            "AWS::IAM::AccessKey" => {
                let partition = resource.get("cloud_partition")?.text_if_any()?;
                of_key(&resource.get("data")?, &id, account, partition)?
            }
            "AWS::::Account" => {
                of_account(id.text_if_any()?, resource.get("cloud_partition")?.text_if_any()?)
            }
            _ => None,
        };
        let role = resource.get("role")?.text_if_any()?;
        Ok(found.map(|found| found.told_as(kind, role, account)))
    }

    fn new(about: Suspect, key: Option<AccessKeyId>) -> Self {
        Self { about, key, is_actor: false, is_root: false }
    }

    /// The same with its part in what was seen. The account itself goes by the ARN of its root user too, which is seen where
    /// a user is told of.
    fn told_as(self, kind: &str, role: Option<&str>, account: &AccountId) -> Self {
        let is_roots = matches!(&self.about, Suspect::Arn(arn) if arn.service() == "iam"
            && arn.resource() == "root" && arn.account().as_ref() == Some(account));
        let is_user = kind.ends_with("User") || kind.ends_with("AccessKey");
        Self { is_actor: is_actor(role), is_root: is_roots && is_user, ..self }
    }
}

fn is_actor(role: Option<&str>) -> bool {
    role.is_some_and(|role| role.eq_ignore_ascii_case("actor"))
}

/// By ARN, else by the id that IAM gives, else by name: products other than AWS's write any of them.
fn named(kind: &str, arn: &Field<'_>, id: &Field<'_>) -> Result<Suspect, EventError> {
    let given = [arn.text_if_any()?, id.text_if_any()?];
    let given = || given.into_iter().flatten();
    if let Some(arn) = given().find_map(|text| Arn::parse(text).ok()) {
        return Ok(Suspect::Arn(role_of_session(&arn).unwrap_or(arn)));
    }
    let by_id = |prefix| given().find_map(|text| unique_id(Some(text), prefix)).map(Suspect::UniqueId);
    let name = given().next();
    let about = match kind.rsplit_once("Iam").or(kind.rsplit_once("::")).map(|(_, kind)| kind) {
        Some("User") => by_id("AIDA").or_else(|| Suspect::of_user(name, None)),
        Some("Role") => by_id("AROA").or_else(|| Suspect::of_role(name, None)),
        Some("Group") => by_id("AGPA"),
        _ => by_id("ANPA"),
    };
    about.map_or_else(|| id.identifier(Arn::parse).map(Suspect::Arn), Ok)
}

/// Whoever wrote the ARN of a session meant its role, in the account that it names.
fn role_of_session(arn: &Arn) -> Option<Arn> {
    let role = arn.resource().strip_prefix("assumed-role/")?.split('/').next()?;
    let account = arn.account().filter(|_| arn.service() == "sts")?;
    Arn::parse(&format!("arn:{}:iam::{account}:role/{role}", arn.partition_name())).ok()
}

fn of_account(id: Option<&str>, partition: Option<&str>) -> Option<Resource> {
    let account = id.and_then(|id| AccountId::parse(id).ok())?;
    Suspect::of_account(partition.unwrap_or("aws"), &account).map(|about| Resource::new(about, None))
}

/// An access key. Its id may be `AWS::IAM::AccessKey:AKIA…`, the ARN of its user, or end in `null`; who has it stands in
/// the details, the role of a session within its session. A name alone may be anybody's: the key has one holder.
fn of_key(
    details: &Field<'_>,
    id: &Field<'_>,
    account: &AccountId,
    partition: Option<&str>,
) -> Result<Option<Resource>, EventError> {
    let id = id.filled_text()?;
    let text = |key: &str| details.under(key)?.text_if_any();
    if text("AccountId")?.is_some_and(|owner| owner != account.as_str()) {
        return Ok(None);
    }
    let issuer = details.deep(&["SessionContext", "SessionIssuer"])?;
    let named = id.rsplit([':', '/']).next().and_then(long_term_key);
    let key = text("AccessKeyId")?.and_then(long_term_key).or(named);
    let name = text("PrincipalName")?.or(text("UserName")?);
    let principal = text("PrincipalId")?;
    let by_id = || unique_id(principal, "AIDA").and_then(|_| Suspect::of_user(name, principal));
    let about = match text("PrincipalType")? {
        Some("AssumedRole" | "Role") => {
            Suspect::of_role(name.or(issuer.under("UserName")?.text_if_any()?), principal)
        }
        Some("Root") => Suspect::of_account(partition.unwrap_or("aws"), account),
        Some("IAMUser" | "User") if key.is_some() => by_id(),
        Some("IAMUser" | "User") => Suspect::of_user(name, principal),
        // Who has a key of its own is a user, and nobody else has.
        _ if key.is_some() => by_id(),
        // Of a session no more is told than a name that may be anybody's.
        _ => Suspect::of_user(None, principal).or_else(|| Suspect::of_role(None, principal)),
    };
    let arn = || Arn::parse(id).ok().filter(|arn| arn.service() == "iam").map(Suspect::Arn);
    let about = about.or_else(|| key.clone().map(Suspect::HolderOf)).or_else(arn);
    Ok(about.map(|about| Resource::new(about, key)))
}
