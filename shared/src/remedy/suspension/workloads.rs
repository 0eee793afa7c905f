//! What lives by a role, and stops when it is suspended: the instance profiles it is in, and whom its trust policy lets in.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::{Fact, Role};
use crate::identifier::{AccountId, Arn};
use crate::policy::{Effect, Policy, PolicyKind, PrincipalEntry, Statement};

/// The service as which EC2 takes a role on for an instance (IAM User Guide, "Use an IAM role to grant permissions to
/// applications running on Amazon EC2 instances").
const EC2: &str = "ec2.amazonaws.com";
/// By which addresses clusters of EKS identify their pods (Amazon EKS User Guide, "IAM roles for service accounts").
const OF_EKS: &str = "oidc.eks.";
/// So many of a kind are named.
const NAMED: usize = 20;

/// Who works under a role, as far as IAM tells. What they are called on the other side, such as the functions that have
/// the role, IAM does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workloads {
    /// The instance profiles it is in: by these, EC2 instances run as it.
    pub instance_profiles: Fact<Vec<Arn>>,
    /// Whom its trust policy lets in.
    pub assumers: Fact<BTreeSet<Assumer>>,
}

/// Who may assume a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Assumer {
    /// A service of AWS's, by its principal.
    Service { name: String },
    /// Whoever has a token of an OIDC provider, for these subjects; for any where there is none.
    Token { provider: String, subjects: Vec<String> },
    /// Whoever has an assertion of a SAML provider.
    Assertion { provider: String },
    /// A user, role or session.
    Principal { arn: Arn },
    /// Whoever in an account its administrators let.
    Account { account: AccountId, own: bool },
    /// Everybody, or all but some.
    Anybody,
}

impl Workloads {
    /// Those of a role.
    pub fn of(role: &Role) -> Self {
        let assumers = match &role.trust {
            Fact::Unknown(unread) => Fact::Unknown(unread.clone()),
            Fact::Absent => Fact::Absent,
            // One that is no policy lets nobody in that could be named.
            Fact::Known(trust) => match Policy::parse_document(trust, PolicyKind::Trust) {
                Ok(policy) => Fact::Known(assumers(&policy, &role.identity.account)),
                Err(_) => Fact::Known(BTreeSet::new()),
            },
        };
        let some = |mut profiles: Vec<Arn>| {
            profiles.sort();
            profiles
        };
        Self { instance_profiles: role.instance_profiles.clone().map(some), assumers }
    }

    /// In words, one for each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.instances().into_iter().collect();
        match self.assumers.known() {
            Err(unread) => lines.push(format!("who may assume it could not be read: {unread}")),
            Ok(assumers) => {
                let others = assumers.into_iter().flatten().filter(|assumer| !assumer.is_ec2());
                let others: Vec<String> = others.map(ToString::to_string).collect();
                lines.extend(others.iter().take(NAMED).cloned());
                if let Some(more) = others.len().checked_sub(NAMED).filter(|more| *more > 0) {
                    lines.push(format!("and {more} more that its trust policy lets in"));
                }
            }
        }
        lines
    }

    fn instances(&self) -> Option<String> {
        let trusted = match self.assumers.known() {
            Ok(assumers) => assumers.into_iter().flatten().any(Assumer::is_ec2),
            Err(_) => true,
        };
        Some(match self.instance_profiles.list() {
            Err(unread) => format!("the instance profiles it is in could not be read: {unread}"),
            Ok([]) if trusted => "EC2 instances may have it, and it is in no instance profile".to_owned(),
            Ok([]) => return None,
            Ok(profiles) => {
                let named: Vec<&str> = profiles.iter().take(NAMED).map(Arn::name).collect();
                let more = profiles.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("EC2 instances with the instance profile {}{more}", named.join(", "))
            }
        })
    }
}

impl Assumer {
    fn is_ec2(&self) -> bool {
        matches!(self, Self::Service { name } if name == EC2)
    }
}

impl fmt::Display for Assumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { name } => match workload_of(name) {
                Some(workload) => write!(f, "{workload} ({name})"),
                None => write!(f, "the service {name}"),
            },
            Self::Token { provider, subjects } => {
                if provider.starts_with(OF_EKS) {
                    write!(f, "pods of the EKS cluster behind {provider}")?;
                } else {
                    write!(f, "whoever has a token of {provider}")?;
                }
                let named: Vec<&str> = subjects.iter().take(NAMED).map(String::as_str).collect();
                if named.is_empty() { Ok(()) } else { write!(f, ": {}", named.join(", ")) }
            }
            Self::Assertion { provider } => write!(f, "people who sign in by {provider}"),
            Self::Principal { arn } => write!(f, "{arn}"),
            Self::Account { account, own: true } => {
                write!(f, "whoever in this account ({account}) may assume it")
            }
            Self::Account { account, own: false } => write!(f, "principals of the account {account}"),
            Self::Anybody => f.write_str("anybody whom its conditions let in"),
        }
    }
}

/// What works under a role as this service, where that is not the service itself.
///
/// Sources: AWS Lambda Developer Guide, "Lambda execution role"; Amazon ECS Developer Guide, "Amazon ECS task IAM role";
/// Amazon EKS User Guide, "EKS Pod Identity"; IAM Roles Anywhere User Guide, "Trust policy".
fn workload_of(service: &str) -> Option<&'static str> {
    Some(match service {
        EC2 => "EC2 instances",
        "lambda.amazonaws.com" | "edgelambda.amazonaws.com" => "Lambda functions",
        "ecs-tasks.amazonaws.com" => "ECS tasks",
        "pods.eks.amazonaws.com" => "EKS pods",
        "rolesanywhere.amazonaws.com" => "machines outside AWS, by IAM Roles Anywhere",
        _ => return None,
    })
}

/// Whom the statements that allow let in; what statements that deny keep out is named all the same.
fn assumers(policy: &Policy, own: &AccountId) -> BTreeSet<Assumer> {
    let allows = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allows.flat_map(|statement| let_in(statement, own)).collect()
}

fn let_in<'a>(statement: &'a Statement, own: &'a AccountId) -> Box<dyn Iterator<Item = Assumer> + 'a> {
    match &statement.principal {
        None => Box::new(std::iter::empty()),
        Some(principal) if principal.negated => Box::new(std::iter::once(Assumer::Anybody)),
        Some(principal) => {
            Box::new(principal.entries.iter().filter_map(|entry| assumer(entry, statement, own)))
        }
    }
}

fn assumer(entry: &PrincipalEntry, statement: &Statement, own: &AccountId) -> Option<Assumer> {
    Some(match entry {
        PrincipalEntry::Everyone => Assumer::Anybody,
        PrincipalEntry::Account(account) => {
            Assumer::Account { account: account.clone(), own: account == own }
        }
        PrincipalEntry::Aws(arn) => Assumer::Principal { arn: arn.clone() },
        PrincipalEntry::Service(name) => Assumer::Service { name: name.clone() },
        PrincipalEntry::Federated(provider) => {
            if let Some((_, name)) = provider.split_once(":saml-provider/") {
                Assumer::Assertion { provider: name.to_owned() }
            } else {
                let issuer =
                    provider.split_once(":oidc-provider/").map_or(provider.as_str(), |(_, issuer)| issuer);
                Assumer::Token { provider: issuer.to_owned(), subjects: subjects(statement, issuer) }
            }
        }
        // Nobody has either.
        PrincipalEntry::UniqueId(_) | PrincipalEntry::CanonicalUser(_) => return None,
    })
}

/// The subjects that conditions on a provider's tokens name.
fn subjects(statement: &Statement, issuer: &str) -> Vec<String> {
    let subject = format!("{issuer}:sub");
    let named = statement
        .conditions
        .iter()
        .filter(|condition| condition.is_about(&subject) && !condition.operator.comparison.is_negated());
    named.flat_map(|condition| condition.values.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Read;
    use crate::facts::fixture::{arn, deployer, throttled};
    use crate::policy::PolicyDocument;

    fn trusting(statements: &str) -> Role {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Role { trust: Fact::Known(PolicyDocument::new(text)), ..deployer() }
    }

    fn allow(principal: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}"#)
    }

    fn lines(role: &Role) -> Vec<String> {
        Workloads::of(role).lines()
    }

    #[test]
    fn services_are_named_by_what_works_under_the_role() {
        let role = trusting(&allow(
            r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com","ecs-tasks.amazonaws.com",
                "pods.eks.amazonaws.com","rolesanywhere.amazonaws.com","glue.amazonaws.com"]}"#,
        ));
        let profiles =
            ["batch", "api"].map(|name| arn(&format!("arn:aws:iam::111122223333:instance-profile/{name}")));
        let role = Role { instance_profiles: Fact::Known(profiles.into()), ..role };
        assert_eq!(
            lines(&role),
            [
                "EC2 instances with the instance profile api, batch",
                "ECS tasks (ecs-tasks.amazonaws.com)",
                "the service glue.amazonaws.com",
                "Lambda functions (lambda.amazonaws.com)",
                "EKS pods (pods.eks.amazonaws.com)",
                "machines outside AWS, by IAM Roles Anywhere (rolesanywhere.amazonaws.com)",
            ]
        );
    }

    #[test]
    fn pods_are_named_by_cluster_and_service_account() {
        let cluster = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";
        let role = trusting(&format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
                "Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{cluster}"}},
                "Condition":{{"StringEquals":{{"{cluster}:sub":"system:serviceaccount:shop:cart"}},
                    "StringNotEquals":{{"{cluster}:sub":"system:serviceaccount:shop:other"}}}}}}"#
        ));
        assert_eq!(
            lines(&role)[0],
            format!("pods of the EKS cluster behind {cluster}: system:serviceaccount:shop:cart")
        );
    }

    #[test]
    fn people_other_accounts_and_single_principals_are_named() {
        let role = trusting(
            &[
                allow(r#"{"AWS":["111122223333","444455556666","arn:aws:iam::444455556666:role/ci"]}"#),
                allow(r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/office"}"#),
                allow(r#"{"Federated":"token.actions.githubusercontent.com"}"#),
                allow(r#""*""#),
            ]
            .join(","),
        );
        let all = lines(&role).join("\n");
        for said in [
            "this account (111122223333)",
            "principals of the account 444455556666",
            "arn:aws:iam::444455556666:role/ci",
            "sign in by office",
            "a token of token.actions.githubusercontent.com",
            "anybody",
        ] {
            assert!(all.contains(said), "{said}: {all}");
        }
    }

    #[test]
    fn whom_a_statement_denies_is_not_let_in() {
        let deny = allow(r#"{"Service":"lambda.amazonaws.com"}"#).replace("Allow", "Deny");
        assert!(lines(&trusting(&deny)).is_empty());
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let role = Role {
            trust: Fact::Unknown(throttled(Read::GetRole)),
            instance_profiles: Fact::Unknown(throttled(Read::ListInstanceProfilesForRole)),
            ..deployer()
        };
        let told = lines(&role);
        assert!(
            told[0].starts_with("the instance profiles it is in could not be read: iam:ListInstanceProf")
        );
        assert!(told[1].starts_with("who may assume it could not be read: iam:GetRole"));
    }

    #[test]
    fn more_than_can_be_shown_are_counted() {
        let profiles = (0..25).map(|n| arn(&format!("arn:aws:iam::111122223333:instance-profile/p{n:02}")));
        let role = Role { instance_profiles: Fact::Known(profiles.collect()), ..deployer() };
        assert!(lines(&role)[0].ends_with("p19 and 5 more"), "{:?}", lines(&role));
    }
}
