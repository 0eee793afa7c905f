use super::coverage::Whole;
use super::index::Survey;
use super::{Circumstances, Permissions};
use crate::identifier::Arn;

/// AWS's own policies that make an administrator, or somebody who can become one.
pub(super) const STRONG_POLICIES: &[&str] = &["AdministratorAccess", "IAMFullAccess"];

/// Whether it is one of AWS's own policies that make an administrator, or somebody who can become one.
pub(crate) fn makes_admin(policy: &Arn) -> bool {
    policy.is_aws_managed() && STRONG_POLICIES.contains(&policy.name())
}

/// The services that make up an account: who may do everything in all of them is its administrator, whatever else
/// there is. A list, because `*` can be written as a list of services, and leaving out one that nobody has heard of
/// takes nothing away; no catalogue of all services, because that is out of date the day after.
pub(super) const CORE: &[&str] = &[
    "acm",
    "apigateway",
    "autoscaling",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticloadbalancing",
    "events",
    "guardduty",
    "iam",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "securityhub",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
];

impl Permissions<'_> {
    /// Whether the principal is an administrator: it may do everything on everything in every service that counts,
    /// summed over statements and policies, less what denies take for certain, capped by the boundary.
    ///
    /// Whoever may not, but could come to it, is told by the escalations instead.
    pub fn is_admin(&self, known: &Circumstances<'_>) -> bool {
        self.is_admin_by(&self.survey(), known)
    }

    pub(super) fn is_admin_by(&self, survey: &Survey<'_>, known: &Circumstances<'_>) -> bool {
        let names = |service: &str| survey.whole.iter().any(|whole| whole.eq_ignore_ascii_case(service));
        (survey.any_service || CORE.iter().all(|service| names(service)))
            && CORE.iter().all(|service| self.has_full_access(service, known))
    }

    /// Whether an administrator is allowed literally every action.
    pub(super) fn may_do_everything(&self, known: &Circumstances<'_>) -> bool {
        Whole::of("*").is_allowed(self, &anything(known))
    }

    /// Whether whoever is given these is an administrator, or has all of IAM and makes itself one.
    pub fn makes_an_administrator(&self) -> bool {
        let known = Circumstances::unknown();
        self.is_admin(&known) || self.has_full_access("iam", &known)
    }

    /// Whether every action of a service is allowed on every resource of it.
    pub fn has_full_access(&self, service: &str, known: &Circumstances<'_>) -> bool {
        Whole::of(service).is_allowed(self, &anything(known))
    }
}

/// A request for any action, made by the principal itself.
fn anything<'a>(known: &Circumstances<'a>) -> Circumstances<'a> {
    Circumstances::direct().of_any_action().on_own_resources(known).and(known)
}

#[cfg(test)]
mod tests;
