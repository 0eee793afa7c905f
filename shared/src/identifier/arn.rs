use std::fmt;

use super::{AccountId, IdentifierError, serde_as_string};

/// A group of AWS Regions under one ARN prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// Commercial Regions, `aws`.
    Aws,
    /// China, `aws-cn`.
    AwsCn,
    /// GovCloud, `aws-us-gov`.
    AwsUsGov,
    /// A partition Bailiff does not know by name: isolated and sovereign clouds.
    Other,
}

/// The names of AWS's partitions (`partitions.json` of the AWS SDKs).
pub(crate) const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Byte offsets of the five colons that divide the six parts.
    colons: [usize; 5],
}

impl Arn {
    /// Reads an ARN of six parts with a partition, a service and a resource.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let error = || IdentifierError::new(text, "an ARN such as `arn:aws:iam::111122223333:user/…`");
        let mut positions = text.match_indices(':').map(|(at, _)| at);
        let mut colons = [0; 5];
        for colon in &mut colons {
            *colon = positions.next().ok_or_else(error)?;
        }
        let arn = Self { text: text.to_owned(), colons };
        let complete = arn.part(0) == "arn"
            && !arn.part(1).is_empty()
            && !arn.part(2).is_empty()
            && !arn.resource().is_empty()
            && text.len() <= 2048
            && !text.contains(char::is_whitespace);
        if complete { Ok(arn) } else { Err(error()) }
    }

    /// The ARN as AWS writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition's own text, such as `aws-cn`.
    pub fn partition_name(&self) -> &str {
        self.part(1)
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        match self.part(1) {
            "aws" => Partition::Aws,
            "aws-cn" => Partition::AwsCn,
            "aws-us-gov" => Partition::AwsUsGov,
            _ => Partition::Other,
        }
    }

    /// The service, such as `iam`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The Region, empty where the service has none.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account, where the ARN names one; AWS managed policies have `aws` in its place.
    pub fn account(&self) -> Option<AccountId> {
        AccountId::parse(self.part(4)).ok()
    }

    /// Whether AWS itself owns the resource, as it does managed policies such as `arn:aws:iam::aws:policy/…`.
    pub fn is_aws_managed(&self) -> bool {
        self.part(4) == "aws"
    }

    /// All after the fifth colon, such as `user/team/alice`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// The resource's last segment: the name of a user, role, group or policy.
    pub fn name(&self) -> &str {
        self.resource().rsplit('/').next().unwrap_or_default()
    }

    fn part(&self, index: usize) -> &str {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.colons.get(before).map_or(self.text.len(), |colon| colon + 1),
        };
        let end = self.colons.get(index).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arn({})", self.text)
    }
}

serde_as_string!(Arn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_user_with_a_path() {
        let arn = Arn::parse("arn:aws-cn:iam::111122223333:user/team/a/alice").unwrap();
        assert_eq!(arn.partition(), Partition::AwsCn);
        assert_eq!(arn.service(), "iam");
        assert_eq!(arn.account().unwrap().as_str(), "111122223333");
        assert_eq!(arn.resource(), "user/team/a/alice");
        assert_eq!(arn.name(), "alice");
    }

    #[test]
    fn a_resource_may_hold_colons() {
        let arn = Arn::parse("arn:aws:sns:us-east-1:111122223333:topic:sub").unwrap();
        assert_eq!(arn.resource(), "topic:sub");
    }

    #[test]
    fn aws_managed_policies_have_no_account() {
        let arn = Arn::parse("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
        assert!(arn.is_aws_managed());
        assert_eq!(arn.account(), None);
    }

    #[test]
    fn what_is_not_an_arn_is_refused() {
        for wrong in [
            "",
            "alice",
            "arn:aws:iam::111122223333",
            "arn::iam::1:user/a",
            "arn:aws:iam::1:",
            "x:aws:iam::1:u",
        ] {
            assert!(Arn::parse(wrong).is_err(), "{wrong}");
        }
    }
}
