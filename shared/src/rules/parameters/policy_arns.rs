use serde::{Deserialize, Deserializer, Serialize};

use super::{Form, Names, ParameterType};
use crate::identifier::Arn;

/// ARNs of managed policies. That of one of AWS's own stands for the same policy in every partition, because AWS's
/// rules and everybody's examples are written for `aws`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PolicyArns(Vec<Arn>);

impl PolicyArns {
    /// For defaults.
    pub(crate) fn of<const N: usize>(arns: [&str; N]) -> Self {
        Self(arns.iter().filter_map(|arn| Arn::parse(arn).ok()).collect())
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &Arn> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the policy is one of them.
    pub fn contains(&self, policy: &Arn) -> bool {
        self.0.iter().any(|listed| is_same_policy(listed, policy))
    }
}

/// Whether two ARNs name the same policy, in whichever partition where it is AWS's own.
pub(crate) fn is_same_policy(one: &Arn, other: &Arn) -> bool {
    one == other || (one.is_aws_managed() && other.is_aws_managed() && one.resource() == other.resource())
}

impl ParameterType for PolicyArns {
    const FORM: Form = Form::Names;
}

impl<'de> Deserialize<'de> for PolicyArns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let arns = Names::deserialize(deserializer)?;
        let read = |text: &str| {
            let arn = Arn::parse(text).ok();
            let policy = arn.filter(|arn| arn.service() == "iam" && arn.resource().starts_with("policy/"));
            policy.ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                serde::de::Error::custom(format!(
                    "`{shown}` is not the ARN of a policy, such as `arn:aws:iam::aws:policy/AWSCloudShellFullAccess`"
                ))
            })
        };
        Ok(Self(arns.iter().map(read).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::arn;

    #[test]
    fn an_aws_policy_is_the_same_in_every_partition_and_a_customers_is_not() {
        let listed = PolicyArns::of([
            "arn:aws:iam::aws:policy/AWSCloudShellFullAccess",
            "arn:aws:iam::111122223333:policy/team",
        ]);
        for policy in [
            "arn:aws:iam::aws:policy/AWSCloudShellFullAccess",
            "arn:aws-cn:iam::aws:policy/AWSCloudShellFullAccess",
            "arn:aws-us-gov:iam::aws:policy/AWSCloudShellFullAccess",
            "arn:aws:iam::111122223333:policy/team",
        ] {
            assert!(listed.contains(&arn(policy)), "{policy}");
        }
        for policy in [
            "arn:aws:iam::111122223333:policy/AWSCloudShellFullAccess",
            "arn:aws:iam::aws:policy/team",
            "arn:aws-cn:iam::111122223333:policy/team",
            "arn:aws:iam::aws:policy/service-role/AWSCloudShellFullAccess",
        ] {
            assert!(!listed.contains(&arn(policy)), "{policy}");
        }
    }

    #[test]
    fn they_come_as_a_list_or_with_commas_and_must_be_of_policies() {
        let read = |value| serde_json::from_value::<PolicyArns>(value);
        let both = "arn:aws:iam::aws:policy/A, arn:aws:iam::111122223333:policy/b";
        assert_eq!(read(json!(both)).unwrap().iter().count(), 2);
        assert_eq!(
            serde_json::to_value(read(json!(both)).unwrap()).unwrap()[1],
            "arn:aws:iam::111122223333:policy/b"
        );
        assert!(read(json!([])).unwrap().is_empty());
        for wrong in ["AdministratorAccess", "arn:aws:iam::111122223333:user/a", "arn:aws:s3:::policy/x"] {
            let error = read(json!([wrong])).unwrap_err().to_string();
            assert!(error.contains("is not the ARN of a policy"), "{error}");
        }
    }
}
