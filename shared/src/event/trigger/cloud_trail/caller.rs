use super::super::said::shortened;
use super::super::suspect::long_term_key;
use super::super::{Ours, Suspect};
use super::call::is_hidden;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId, Arn};

/// Who called, by CloudTrail's `userIdentity`.
///
/// Source: CloudTrail user guide, "CloudTrail userIdentity element".
pub(super) struct Caller {
    pub(super) kind: Kind,
    /// The principal of this account that stands behind it, if one does.
    pub(super) about: Option<Suspect>,
    /// The access key it called with, unless it was a session's.
    pub(super) key: Option<AccessKeyId>,
    /// Its ARN, or what else is told, fit to be shown.
    pub(super) shown: String,
    pub(super) partition: String,
    /// The role, for its sessions.
    role: Option<Arn>,
    /// Whether a service of AWS's called on somebody's behalf. The console, by which people sign in and make root's
    /// keys, is none of these.
    is_through_a_service: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A user, by name. A session that it made with `GetSessionToken` looks the same.
    User(String),
    /// A session of a role.
    Role,
    /// The root user, or who assumed it from the organisation.
    Root { is_assumed: bool },
    /// An AWS service, by itself or by its service-linked role.
    Service,
    /// Nobody of this account's IAM: a federated user, somebody of another account, of Identity Center.
    Other,
}

impl Caller {
    pub(super) fn read(identity: &Field<'_>, account: &AccountId) -> Result<Self, EventError> {
        let invoked_by = identity.get("invokedBy")?.text_if_any()?;
        let word = match (identity.get("type")?.text_if_any()?, invoked_by) {
            (Some(word), _) => word,
            // Of some of its own calls AWS tells no more than the service.
            (None, Some(_)) => "AWSService",
            // What was changed counts, whoever it was.
            (None, None) => "Unknown",
        };
        // Who types a password into the wrong field gets no name.
        let own_name = identity.get("userName")?.text_if_any()?.filter(|name| !is_hidden(name));
        let own_id = identity.get("principalId")?.text_if_any()?;
        let arn = identity.get("arn")?.text_if_any()?;
        let context = identity.get("sessionContext")?;
        let issuer = context.under("sessionIssuer")?;
        let issuer_name = issuer.under("userName")?.text_if_any()?;
        let issuer_id = issuer.under("principalId")?.text_if_any()?;
        let issuer_arn = issuer.under("arn")?.text_if_any()?;
        let key = identity.get("accessKeyId")?.text_if_any()?.and_then(long_term_key);
        let of = identity.get("accountId")?.text_if_any()?;
        let is_of_another = of.is_some_and(|of| of != account.as_str());
        let (kind, about) = match word {
            _ if is_of_another && word != "AWSService" => (Kind::Other, None),
            "IAMUser" => {
                let name = own_name.or_else(|| arn.and_then(last_part));
                let about = Suspect::of_user(name, own_id);
                let about = about.or_else(|| key.clone().map(Suspect::HolderOf));
                (Kind::User(name.unwrap_or_default().to_owned()), about)
            }
            "AssumedRole" | "Role" => {
                // `/aws-service-role/` is a path in which AWS alone makes roles.
                if issuer_arn.is_some_and(|arn| arn.contains(":role/aws-service-role/")) {
                    (Kind::Service, None)
                } else {
                    let name = issuer_name.or_else(|| issuer_arn.and_then(last_part));
                    let name = name.or_else(|| arn.and_then(role_of_session));
                    (Kind::Role, Suspect::of_role(name, issuer_id.or(own_id)))
                }
            }
            "Root" => {
                let assumed = context.under("assumedRoot")?;
                let is_assumed = assumed.raw().is_some_and(|value| value == true || value == "true");
                (Kind::Root { is_assumed }, None)
            }
            // The session of a user who made it with `GetFederationToken`. Root may too, and its name is the account's alias.
            "FederatedUser" if issuer.under("type")?.text_if_any()? == Some("Root") => (Kind::Other, None),
            "FederatedUser" => (Kind::Other, Suspect::of_user(issuer_name, issuer_id)),
            "AWSService" => (Kind::Service, None),
            _ => (Kind::Other, None),
        };
        let shown = arn.or(invoked_by).or(own_id).or(own_name).unwrap_or(word);
        let some_arn = [arn, issuer_arn].into_iter().flatten().find_map(|arn| Arn::parse(arn).ok());
        Ok(Self {
            kind,
            about,
            key,
            shown: shortened(shown),
            partition: some_arn.map_or("aws".to_owned(), |arn| arn.partition_name().to_owned()),
            role: issuer_arn.and_then(|arn| Arn::parse(arn).ok()),
            is_through_a_service: invoked_by.is_some_and(|by| by != "signin.amazonaws.com"),
        })
    }

    /// Who it is by ARN, for those who are told apart by it: of a session its role, as everywhere else.
    pub(super) fn principal(&self) -> String {
        self.role.as_ref().map_or_else(|| self.shown.clone(), ToString::to_string)
    }

    /// Whether a service of AWS's called on somebody's behalf.
    pub(super) fn is_through_a_service(&self) -> bool {
        self.is_through_a_service
    }

    pub(super) fn is_service(&self) -> bool {
        self.kind == Kind::Service
    }

    /// Whether it is the user of that name.
    pub(super) fn is_user(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::User(own) if own.eq_ignore_ascii_case(name))
    }

    /// Whether it is a function of this deployment, by its very role.
    pub(super) fn is_one_of(&self, ours: &Ours) -> bool {
        self.kind == Kind::Role
            && self.role.as_ref().is_some_and(|role| {
                let name = role.resource().strip_prefix("role/");
                role.service() == "iam"
                    && role.account().as_ref() == Some(&ours.account)
                    && name.is_some_and(|name| ours.roles.contains(name))
            })
    }
}

fn last_part(arn: &str) -> Option<&str> {
    arn.rsplit('/').next()
}

/// The role in `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`.
fn role_of_session(arn: &str) -> Option<&str> {
    arn.split_once(":assumed-role/")?.1.split('/').next()
}
