use std::borrow::Cow;

use super::arn_parts::arn_parts;
use super::context::{Context, Values};
use super::principal::{Principal, PrincipalType, is_account};

/// What somebody asks of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// For what, such as `s3:GetObject`, in any letter case.
    pub action: &'a str,
    /// Of which resource: an ARN, or `*` where the action knows no resources.
    pub resource: &'a str,
    /// The account that owns the resource, where its ARN does not tell.
    pub resource_account: Option<&'a str>,
    /// What else conditions may ask about.
    pub context: Context<'a>,
}

/// The values of a context key in a request.
pub(super) enum Found<'r> {
    Given(&'r Values<'r>),
    Filled(Cow<'r, str>),
}

impl Found<'_> {
    pub(super) fn as_slice(&self) -> &[Cow<'_, str>] {
        match self {
            Self::Given(values) => values.as_slice(),
            Self::Filled(value) => std::slice::from_ref(value),
        }
    }
}

impl<'a> Request<'a> {
    /// The account that owns the resource: as given, else as its ARN tells, else the principal's own.
    pub fn owner(&self) -> Option<&'a str> {
        let told = || arn_parts(self.resource).map(|[.., account, _]| account);
        self.resource_account
            .or_else(|| told().filter(|account| is_account(account)))
            .or(self.principal.account())
    }

    /// The values of a context key, if the request has any: those given, else what follows from the request itself.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", with which requests have which key.
    pub(super) fn values(&self, key: &str) -> Option<Found<'_>> {
        let found = match self.context.get(key) {
            Some(values) => Found::Given(values),
            None => Found::Filled(self.follows(key)?),
        };
        (!found.as_slice().is_empty()).then_some(found)
    }

    fn follows(&self, key: &str) -> Option<Cow<'_, str>> {
        let (service, name) = key.split_once(':')?;
        if !service.eq_ignore_ascii_case("aws") {
            return None;
        }
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let principal = &self.principal;
        if is("PrincipalArn") {
            self.principal_arn()
        } else if is("PrincipalAccount") {
            match principal.kind() {
                PrincipalType::Anonymous => Some(Cow::Borrowed("anonymous")),
                _ => principal.account().filter(|_| principal.has_identity()).map(Cow::Borrowed),
            }
        } else if is("PrincipalType") {
            self.principal_type().map(Cow::Borrowed)
        } else if is("PrincipalIsAWSService") {
            let truth = if principal.kind() == PrincipalType::Service { "true" } else { "false" };
            (principal.kind() != PrincipalType::Anonymous).then_some(Cow::Borrowed(truth))
        } else if is("PrincipalServiceName") {
            (principal.kind() == PrincipalType::Service).then(|| Cow::Borrowed(principal.as_str()))
        } else if is("username") {
            (principal.kind() == PrincipalType::User).then(|| Cow::Borrowed(principal.name()))
        } else if is("ResourceAccount") {
            self.owner().map(Cow::Borrowed)
        } else {
            None
        }
    }

    /// A role session goes by its role's ARN; the role's path is not known.
    fn principal_arn(&self) -> Option<Cow<'_, str>> {
        let principal = &self.principal;
        match principal.kind() {
            PrincipalType::RoleSession => {
                let (partition, account, name) =
                    (principal.partition(), principal.account()?, principal.name());
                Some(Cow::Owned(format!("arn:{partition}:iam::{account}:role/{name}")))
            }
            _ => principal.has_identity().then(|| Cow::Borrowed(principal.as_str())),
        }
    }

    fn principal_type(&self) -> Option<&'static str> {
        match self.principal.kind() {
            PrincipalType::Anonymous => Some("Anonymous"),
            PrincipalType::Root => Some("Account"),
            PrincipalType::User => Some("User"),
            PrincipalType::Role | PrincipalType::RoleSession => Some("AssumedRole"),
            PrincipalType::FederatedUser => Some("FederatedUser"),
            PrincipalType::Service | PrincipalType::Provider => None,
        }
    }
}
