use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::facts::{ResourceIdentity, ResourceType, RoleIdentity, is_aws_quarantine};
use crate::identifier::AccountId;

/// Who is never changed, whatever the governance file says: checked when a plan is made and again before each
/// step of it.
#[derive(Debug, Clone)]
pub struct Protected {
    /// The account this deployment governs; nobody elsewhere is ever changed.
    pub account: AccountId,
    /// The deployment's stack: roles named `<stack>-…` are its own.
    pub stack: String,
    /// Break-glass and other principals the governance file lists: ARN patterns in which `*` stands for any
    /// characters, with a reason each.
    pub listed: Vec<(String, String)>,
}

/// Why a principal or a policy is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectedReason {
    /// The account's root.
    Root,
    /// It lives in another account than the one this deployment governs.
    OtherAccount,
    /// A role or policy of this deployment: changing it would lock Bailiff out, or the suspended in.
    OwnDeployment,
    /// A service-linked role, which belongs to an AWS service.
    ServiceLinked,
    /// Under `/aws-reserved/`: Identity Center and other AWS-managed roles.
    AwsReserved,
    /// AWS Control Tower's.
    ControlTower,
    /// CloudFormation StackSets' administration or execution role.
    StackSet,
    /// The role by which the organisation's management account gets in.
    OrganizationAccess,
    /// Listed in the governance file, for the reason given.
    Listed(String),
    /// A quarantine policy that AWS attached to contain an exposed key.
    AwsQuarantinePolicy,
    /// A policy or group, and somebody who must not be changed has it or belongs to it.
    Holder {
        /// Who.
        holder: Box<ResourceIdentity>,
        /// Why nobody takes anything from it.
        because: Box<ProtectedReason>,
    },
}

impl fmt::Display for ProtectedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("it is the account's root"),
            Self::OtherAccount => f.write_str("it lives in an account this deployment does not govern"),
            Self::OwnDeployment => f.write_str("it belongs to this deployment"),
            Self::ServiceLinked => f.write_str("it is a service-linked role"),
            Self::AwsReserved => f.write_str("it is reserved by AWS (`/aws-reserved/`)"),
            Self::ControlTower => f.write_str("it is AWS Control Tower's"),
            Self::StackSet => f.write_str("it is a CloudFormation StackSets role"),
            Self::OrganizationAccess => f.write_str("it is the organisation's way into this account"),
            Self::Listed(reason) => write!(f, "by the governance file, {reason}"),
            Self::AwsQuarantinePolicy => f.write_str("AWS attached that policy to contain an exposed key"),
            Self::Holder { holder, because } => write!(f, "{holder} lives by it, and of {holder}: {because}"),
        }
    }
}

/// Roles that one and the same name or path tells in every account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolesCalled {
    /// Those of a path.
    Under(&'static str),
    /// Those whose names begin so.
    Beginning(&'static str),
    /// The one of this name.
    Named(&'static str),
}

impl RolesCalled {
    fn include(self, role: &RoleIdentity) -> bool {
        match self {
            Self::Under(path) => {
                role.arn.resource().strip_prefix("role").is_some_and(|rest| rest.starts_with(path))
            }
            Self::Beginning(prefix) => role.name.as_str().starts_with(prefix),
            Self::Named(name) => role.name.as_str() == name,
        }
    }
}

impl fmt::Display for RolesCalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Under(path) => write!(f, "roles under {path}"),
            Self::Beginning(prefix) => write!(f, "roles named {prefix}*"),
            Self::Named(name) => write!(f, "the role {name}"),
        }
    }
}

/// By which AWS and the organisation work in an account: never changed, whoever made them.
pub static ROLES_OF_OTHERS: [(RolesCalled, ProtectedReason); 7] = [
    (RolesCalled::Under("/aws-service-role/"), ProtectedReason::ServiceLinked),
    (RolesCalled::Under("/aws-reserved/"), ProtectedReason::AwsReserved),
    (RolesCalled::Beginning("AWSControlTower"), ProtectedReason::ControlTower),
    (RolesCalled::Beginning("aws-controltower-"), ProtectedReason::ControlTower),
    (RolesCalled::Beginning("AWSCloudFormationStackSet"), ProtectedReason::StackSet),
    (RolesCalled::Beginning("stacksets-exec-"), ProtectedReason::StackSet),
    (RolesCalled::Named("OrganizationAccountAccessRole"), ProtectedReason::OrganizationAccess),
];

impl Protected {
    /// Why the resource must not be changed, if it must not.
    pub fn reason(&self, resource: &ResourceIdentity) -> Option<ProtectedReason> {
        let arn = resource.arn();
        // The account goes by the ARN of its root user, and is not that user.
        if arn.resource() == "root" && resource.kind() != ResourceType::Account {
            return Some(ProtectedReason::Root);
        }
        if *resource.account() != self.account || arn.account().as_ref() != Some(&self.account) {
            return Some(ProtectedReason::OtherAccount);
        }
        let reason = match resource {
            ResourceIdentity::Role(role) => self.role_reason(role),
            // The quarantine policy: whoever could change it would let everybody out.
            ResourceIdentity::Policy(policy) if self.is_own(policy.name.as_str()) => {
                Some(ProtectedReason::OwnDeployment)
            }
            _ => None,
        };
        if reason.is_some() {
            return reason;
        }
        self.listed
            .iter()
            .find(|(pattern, _)| matches(pattern, arn.as_str()))
            .map(|(_, reason)| ProtectedReason::Listed(reason.clone()))
    }

    /// Why the step must not run, if it must not: its resource, or the very policy it would take off.
    pub fn step_reason(&self, step: &Step) -> Option<ProtectedReason> {
        match step {
            Step::DetachUserPolicy { policy, .. } | Step::DetachRolePolicy { policy, .. }
                if is_aws_quarantine(policy) =>
            {
                Some(ProtectedReason::AwsQuarantinePolicy)
            }
            _ => self.reason(&step.resource()),
        }
    }

    /// Why a policy or group must not be changed that these have or belong to, if it must not: what is taken out of it
    /// is taken from each of them.
    pub fn holder_reason(&self, holders: &BTreeSet<ResourceIdentity>) -> Option<ProtectedReason> {
        holders.iter().find_map(|holder| {
            let because = Box::new(self.reason(holder)?);
            Some(ProtectedReason::Holder { holder: Box::new(holder.clone()), because })
        })
    }

    fn is_own(&self, name: &str) -> bool {
        !self.stack.is_empty()
            && name.strip_prefix(self.stack.as_str()).is_some_and(|rest| rest.starts_with('-'))
    }

    fn role_reason(&self, role: &RoleIdentity) -> Option<ProtectedReason> {
        if self.is_own(role.name.as_str()) {
            return Some(ProtectedReason::OwnDeployment);
        }
        ROLES_OF_OTHERS.iter().find(|(roles, _)| roles.include(role)).map(|(_, reason)| reason.clone())
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters, none included. Linear in the
/// product of both lengths at worst; never recursive.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(at_text) {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                retry = Some((at_pattern + 1, at_text));
                at_pattern += 1;
            }
            Some(wanted) if wanted == byte => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    at_pattern = after_star;
                    at_text = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(at_pattern..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Arn, RoleName, UniqueId, UserName};

    const ACCOUNT: &str = "111122223333";

    fn protected() -> Protected {
        Protected {
            account: AccountId::parse(ACCOUNT).unwrap(),
            stack: "bailiff".to_owned(),
            listed: vec![(
                "arn:aws:iam::111122223333:user/break-glass/*".to_owned(),
                "break-glass".to_owned(),
            )],
        }
    }

    fn role(path_and_name: &str) -> ResourceIdentity {
        let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/{path_and_name}")).unwrap();
        ResourceIdentity::Role(RoleIdentity {
            account: AccountId::parse(ACCOUNT).unwrap(),
            name: RoleName::parse(arn.name()).unwrap(),
            unique_id: UniqueId::parse("AROAEXAMPLEEXAMPLE000").unwrap(),
            arn,
        })
    }

    fn user(account: &str, path_and_name: &str) -> ResourceIdentity {
        let arn = Arn::parse(&format!("arn:aws:iam::{account}:user/{path_and_name}")).unwrap();
        ResourceIdentity::User(crate::facts::UserIdentity {
            account: AccountId::parse(account).unwrap(),
            name: UserName::parse(arn.name()).unwrap(),
            unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE000").unwrap(),
            arn,
        })
    }

    #[test]
    fn roles_that_others_live_by_are_protected() {
        let cases = [
            ("bailiff-RestoreRole-1AB2", ProtectedReason::OwnDeployment),
            ("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", ProtectedReason::ServiceLinked),
            (
                "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
                ProtectedReason::AwsReserved,
            ),
            ("AWSControlTowerExecution", ProtectedReason::ControlTower),
            ("service-role/AWSControlTowerStackSetRole", ProtectedReason::ControlTower),
            ("aws-controltower-AdministratorExecutionRole", ProtectedReason::ControlTower),
            ("AWSCloudFormationStackSetExecutionRole", ProtectedReason::StackSet),
            ("stacksets-exec-0123456789abcdef", ProtectedReason::StackSet),
            ("OrganizationAccountAccessRole", ProtectedReason::OrganizationAccess),
        ];
        for (name, reason) in cases {
            assert_eq!(protected().reason(&role(name)), Some(reason), "{name}");
        }
        for name in ["bailiffs-own", "deployer", "my-aws-service-role"] {
            assert_eq!(protected().reason(&role(name)), None, "{name}");
        }
    }

    #[test]
    fn the_quarantine_policy_is_protected_and_its_neighbour_is_not() {
        let policy = |name: &str| {
            let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:policy/{name}")).unwrap();
            ResourceIdentity::Policy(crate::facts::PolicyIdentity {
                account: AccountId::parse(ACCOUNT).unwrap(),
                name: crate::identifier::PolicyName::parse(arn.name()).unwrap(),
                unique_id: UniqueId::parse("ANPAEXAMPLEEXAMPLE000").unwrap(),
                arn,
            })
        };
        let reason = |name| protected().reason(&policy(name));
        assert_eq!(reason("bailiff-quarantine"), Some(ProtectedReason::OwnDeployment));
        assert_eq!(reason("bailiffs"), None);
    }

    #[test]
    fn the_root_user_is_protected_and_the_account_that_goes_by_its_arn_is_not() {
        let root = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:root")).unwrap();
        let ResourceIdentity::User(user) = user(ACCOUNT, "root") else { unreachable!() };
        let user = ResourceIdentity::User(crate::facts::UserIdentity { arn: root, ..user });
        assert_eq!(protected().reason(&user), Some(ProtectedReason::Root));
        let account = |number: &str| {
            let number = AccountId::parse(number).unwrap();
            ResourceIdentity::Account(crate::facts::AccountIdentity::new(&number, "aws").unwrap())
        };
        assert_eq!(protected().reason(&account(ACCOUNT)), None);
        assert_eq!(protected().reason(&account("444455556666")), Some(ProtectedReason::OtherAccount));
    }

    #[test]
    fn another_account_is_never_touched() {
        assert_eq!(protected().reason(&user("444455556666", "alice")), Some(ProtectedReason::OtherAccount));
    }

    #[test]
    fn a_listed_path_is_protected_and_its_neighbour_is_not() {
        assert!(matches!(
            protected().reason(&user(ACCOUNT, "break-glass/one")),
            Some(ProtectedReason::Listed(_))
        ));
        assert_eq!(protected().reason(&user(ACCOUNT, "break-glas/one")), None);
    }

    #[test]
    fn awss_own_quarantine_is_never_detached() {
        let ResourceIdentity::User(user) = user(ACCOUNT, "alice") else { unreachable!() };
        let policy = Arn::parse("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3").unwrap();
        let step = Step::DetachUserPolicy { user: user.clone(), policy };
        assert_eq!(protected().step_reason(&step), Some(ProtectedReason::AwsQuarantinePolicy));
        let look_alike =
            Arn::parse("arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantineV3").unwrap();
        assert_eq!(protected().step_reason(&Step::DetachUserPolicy { user, policy: look_alike }), None);
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*", "", true),
            ("", "a", false),
            ("**a**", "xxaxx", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("abc", "abc", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_account_has_to_be_ours_in_the_arn_and_beside_it() {
        let ResourceIdentity::User(ours) = user(ACCOUNT, "alice") else { unreachable!() };
        let ResourceIdentity::User(theirs) = user("444455556666", "alice") else { unreachable!() };
        let by_arn = crate::facts::UserIdentity { account: ours.account.clone(), ..theirs.clone() };
        let by_account = crate::facts::UserIdentity { account: theirs.account, ..ours };
        for half in [by_arn, by_account] {
            let half = ResourceIdentity::User(half);
            assert_eq!(protected().reason(&half), Some(ProtectedReason::OtherAccount), "{half:?}");
        }
    }
}
