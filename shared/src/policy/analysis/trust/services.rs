mod sending;

use super::caller::Caller;
use super::condition_key::ConditionKey;
use super::demand::Demand;
use super::demands::Demands;
use super::expected::Expected;
use super::ways::{Way, Who};
use super::{Trust, TrustReport, finding};
use crate::identifier::AccountId;
use crate::policy::analysis::Finding;
pub(super) use sending::tells_source;

const ROLES_ANYWHERE: &str = "rolesanywhere";

/// Judges the ways in for services.
pub(super) fn judge<'a>(
    trust: &Trust<'a>,
    ways: &[Way<'a>],
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    for way in ways {
        let Who::Service(principal) = way.who else { continue };
        let name = service_name(principal);
        let tells = principal == "*" || tells_source(&name);
        let Some(demands) = trust.demands(way, &Caller::Service { name: principal, tells }) else { continue };
        if name == ROLES_ANYWHERE {
            roles_anywhere(way, &demands, report, findings);
        } else if tells && !demands.binding().any(names_source) {
            report.service_confused_deputy = true;
            let message = format!(
                "`{principal}` tells for whose resource it acts, but is not asked; require `aws:SourceArn`, \
                 `aws:SourceAccount` or `aws:SourceOrgID`"
            );
            findings.push(finding("role-trust-service-source", &way.at, message));
        }
    }
}

fn roles_anywhere(
    way: &Way<'_>,
    demands: &Demands<'_>,
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    let by_certificate = demands.binding().any(names_certificate);
    if !by_certificate && !demands.binding().any(names_source) {
        report.service_confused_deputy = true;
    }
    if !by_certificate && !demands.binding().any(names_trust_anchor) {
        let message = "every certificate of every trust anchor gets in; require fields of the certificate \
                       (`aws:PrincipalTag/x509…`) or the trust anchor (`aws:SourceArn`)";
        findings.push(finding("role-trust-roles-anywhere", &way.at, message));
    }
}

/// Whether a service must say for whom it acts, be it anybody.
pub(super) fn ask_for_source(demands: &Demands<'_>) -> bool {
    demands.binding().any(|demand| {
        matches!(
            demand.key,
            ConditionKey::SourceAccount | ConditionKey::SourceArn | ConditionKey::SourceOrganization
        )
    })
}

/// Whether services act for somebody in particular, be it the owner of one bucket.
pub(super) fn are_confined(demands: &Demands<'_>) -> bool {
    let one_resource = |demand: &Demand<'_>| {
        demand.key == ConditionKey::SourceArn && demand.expected.iter().all(Expected::is_literal)
    };
    demands.binding().any(|demand| names_source(demand) || one_resource(demand))
}

/// Whether a demand confines a service to resources of named accounts or organisations. An ARN without an account,
/// such as a bucket's, does not: whoever makes the bucket next has it too.
///
/// Source: IAM User Guide, "Cross-service confused deputy prevention".
fn names_source(demand: &Demand<'_>) -> bool {
    let names = |value: &Expected<'_>| match demand.key {
        ConditionKey::SourceAccount => value.is_literal() && AccountId::parse(value.text()).is_ok(),
        ConditionKey::SourceArn => value.arn_account().is_some(),
        ConditionKey::SourceOrganization => value.organization().is_some(),
        _ => false,
    };
    !demand.expected.is_empty() && demand.expected.iter().all(names)
}

/// Source: IAM Roles Anywhere User Guide, "Trust policy" of the trust model: the certificate's fields come as session
/// tags, the subject's common name as source identity.
fn names_certificate(demand: &Demand<'_>) -> bool {
    let name = demand.name.to_ascii_lowercase();
    let field = name.starts_with("aws:principaltag/x509")
        || name.starts_with("aws:requesttag/x509")
        || name == "sts:sourceidentity";
    field && !demand.expected.is_empty() && demand.expected.iter().all(|value| !value.head().is_empty())
}

fn names_trust_anchor(demand: &Demand<'_>) -> bool {
    let names = |value: &Expected<'_>| {
        let anchor = value.text().split_once(":trust-anchor/").map(|(_, anchor)| anchor);
        value.arn_account().is_some() && anchor.is_some_and(|anchor| !anchor.starts_with(['*', '?']))
    };
    demand.key == ConditionKey::SourceArn && !demand.expected.is_empty() && demand.expected.iter().all(names)
}

/// A service's name without domain and Region: `logs` of `logs.eu-west-1.amazonaws.com`, `pods.eks` of
/// `pods.eks.amazonaws.com`.
fn service_name(principal: &str) -> String {
    let lower = principal.to_ascii_lowercase();
    let name = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"]
        .iter()
        .find_map(|domain| lower.strip_suffix(domain))
        .unwrap_or(&lower);
    match name.rsplit_once('.') {
        Some((service, last)) if is_region(last) => service.to_owned(),
        _ => name.to_owned(),
    }
}

fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.clone().count() >= 3
        && parts.next().is_some_and(|area| area.len() == 2)
        && parts.next_back().is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_and_region_are_no_part_of_a_services_name() {
        for (principal, expected) in [
            ("ec2.amazonaws.com", "ec2"),
            ("EC2.amazonaws.com.cn", "ec2"),
            ("logs.us-gov-west-1.amazonaws.com", "logs"),
            ("amplify.me-south-1.amazonaws.com", "amplify"),
            ("pods.eks.amazonaws.com", "pods.eks"),
            ("vpc-flow-logs.amazonaws.com", "vpc-flow-logs"),
            ("*", "*"),
        ] {
            assert_eq!(service_name(principal), expected);
        }
    }
}
