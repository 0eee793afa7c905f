use std::fmt;

use crate::identifier::{AccountId, Arn};

/// An entry of a `Principal` or `NotPrincipal` element.
///
/// Source: IAM User Guide, "AWS JSON policy elements: Principal".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PrincipalEntry {
    /// `"*"`, and `*` under `AWS`: everybody, with credentials or without.
    Everyone,
    /// An account: twelve digits, or the ARN of its root. In a policy that allows, the account may hand it on.
    Account(AccountId),
    /// A user, role, role session or federated user.
    Aws(Arn),
    /// The unique id (`AIDA…`, `AROA…`) that IAM leaves behind where the principal was deleted. Nobody has it.
    UniqueId(String),
    /// A service, such as `lambda.amazonaws.com`; `*` is every service.
    Service(String),
    /// An identity provider: its ARN, or the name of a well-known one; `*` is every provider.
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
}

impl PrincipalEntry {
    /// Reads an entry under a key of the element, such as `AWS`; `None` where the key or the entry is nothing IAM
    /// takes.
    pub fn parse(key: &str, text: &str) -> Option<Self> {
        match key {
            "AWS" => Self::parse_aws(text),
            "Service" if !text.is_empty() => Some(Self::Service(text.to_owned())),
            "Federated" if !text.is_empty() => Some(Self::Federated(text.to_owned())),
            "CanonicalUser" if !text.is_empty() => Some(Self::CanonicalUser(text.to_owned())),
            _ => None,
        }
    }

    fn parse_aws(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everyone);
        }
        if let Ok(account) = AccountId::parse(text) {
            return Some(Self::Account(account));
        }
        if text.len() >= 16
            && text.starts_with('A')
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return Some(Self::UniqueId(text.to_owned()));
        }
        let arn = Arn::parse(text).ok()?;
        let account = arn.account()?;
        match (arn.service(), arn.resource()) {
            ("iam", "root") => Some(Self::Account(account)),
            // IAM takes a whole ARN or none: it has no wildcards here.
            ("iam" | "sts", resource) if !resource.contains(['*', '?']) => Some(Self::Aws(arn)),
            _ => None,
        }
    }

    /// The key it stands under.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Everyone | Self::Account(_) | Self::Aws(_) | Self::UniqueId(_) => "AWS",
            Self::Service(_) => "Service",
            Self::Federated(_) => "Federated",
            Self::CanonicalUser(_) => "CanonicalUser",
        }
    }

    /// The account it belongs to, where it tells.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(account.clone()),
            Self::Aws(arn) => arn.account(),
            Self::Federated(provider) => Arn::parse(provider).ok().and_then(|arn| arn.account()),
            Self::Everyone | Self::UniqueId(_) | Self::Service(_) | Self::CanonicalUser(_) => None,
        }
    }
}

impl fmt::Display for PrincipalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(account) => write!(f, "{account}"),
            Self::Aws(arn) => write!(f, "{arn}"),
            Self::UniqueId(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_under_aws_is_told_apart() {
        let parse = |text| PrincipalEntry::parse("AWS", text);
        assert_eq!(parse("*"), Some(PrincipalEntry::Everyone));
        let account = PrincipalEntry::Account(AccountId::parse("111122223333").unwrap());
        assert_eq!(parse("111122223333"), Some(account.clone()));
        assert_eq!(parse("arn:aws:iam::111122223333:root"), Some(account));
        assert_eq!(
            parse("AROAEXAMPLE1EXAMPLE12"),
            Some(PrincipalEntry::UniqueId("AROAEXAMPLE1EXAMPLE12".into()))
        );
        for arn in [
            "arn:aws:iam::111122223333:user/p/a",
            "arn:aws-cn:iam::111122223333:role/R",
            "arn:aws:sts::111122223333:assumed-role/R/s",
            "arn:aws:sts::111122223333:federated-user/bob",
        ] {
            assert!(matches!(parse(arn), Some(PrincipalEntry::Aws(_))), "{arn}");
        }
        for wrong in [
            "",
            "alice",
            "arn:aws:iam::*:root",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:s3:::b",
            "11112222333",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn other_keys_take_names_as_they_are() {
        let service = PrincipalEntry::parse("Service", "ec2.amazonaws.com").unwrap();
        assert_eq!((service.key(), service.to_string().as_str()), ("Service", "ec2.amazonaws.com"));
        assert_eq!(PrincipalEntry::parse("User", "x"), None);
        assert_eq!(PrincipalEntry::parse("Service", ""), None);
    }
}
