//! What the rules about trust policies share. One analysis says whom a policy lets in; each rule takes from its report
//! what it is about.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::{Fact, Read, Role, Unread, WhyUnread};
use crate::identifier::{AccountId, OrganizationId};
use crate::policy::analysis::{Finding, TrustContext, TrustReport};
use crate::policy::{Json, Policy, PolicyDocument, PolicyKind, restrict};
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Verdict};

/// An organisation that is nobody's. Where the governance file names none, each that a policy names is a stranger's.
const NO_ORGANIZATION: &str = "o-0000000000";

/// What is said of a role's trust policy under the id of a rule.
pub(super) fn judge(role: &Role, context: &Context, rule: &str) -> Verdict<Vec<Finding>> {
    judge_trusting(role, context, &context.trusted, rule)
}

/// The same, with other accounts trusted than the governance file says.
pub(super) fn judge_trusting(
    role: &Role,
    context: &Context,
    trusted: &Arc<BTreeSet<AccountId>>,
    rule: &str,
) -> Verdict<Vec<Finding>> {
    judge_where(role, context, trusted, |finding| finding.rule == rule)
}

/// The findings that count on a role's trust policy.
pub(super) fn judge_where(
    role: &Role,
    context: &Context,
    trusted: &Arc<BTreeSet<AccountId>>,
    counts: impl Fn(&Finding) -> bool,
) -> Verdict<Vec<Finding>> {
    judge_by(role, context, trusted, |report| report.findings.into_iter().filter(counts).collect())
}

/// What is found in the report on a role's trust policy. Nobody but AWS changes the roles it made, so they are not judged.
pub(super) fn judge_by(
    role: &Role,
    context: &Context,
    trusted: &Arc<BTreeSet<AccountId>>,
    found: impl FnOnce(TrustReport) -> Vec<Finding>,
) -> Verdict<Vec<Finding>> {
    if role.is_made_by_aws() {
        return Verdict::Compliant;
    }
    let organization = context.organization.clone().or_else(|| OrganizationId::parse(NO_ORGANIZATION).ok());
    match report(role, organization, trusted) {
        Err(unread) => Verdict::Unknown(unread),
        Ok(report) => {
            let findings = found(report);
            if findings.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(findings) }
        }
    }
}

/// What a rule finds on a role's trust policy even if every organisation that it names is the own one.
pub(super) fn of_whatever_organization(role: &Role, context: &Context, rule: &str) -> Vec<Finding> {
    let report = report(role, None, &context.trusted).unwrap_or_default();
    report.findings.into_iter().filter(|finding| finding.rule == rule).collect()
}

/// The trust policy, where there is one that can be read.
pub(super) fn policy(role: &Role) -> Option<Policy> {
    role.trust.known().ok().flatten().and_then(|document| read(document).ok())
}

fn report(
    role: &Role,
    organization: Option<OrganizationId>,
    trusted: &Arc<BTreeSet<AccountId>>,
) -> Result<TrustReport, Unread> {
    // Without a trust policy nobody gets in.
    let Some(document) = role.trust.known().map_err(Clone::clone)? else { return Ok(TrustReport::default()) };
    let account = Some(role.identity.account.clone());
    let context = TrustContext { account, organization, trusted: Arc::clone(trusted) };
    Ok(TrustReport::of(&read(document)?, &context))
}

/// Reads a trust policy as far as it is clear what it says; what IAM holds and we cannot read is unknown.
fn read(document: &PolicyDocument) -> Result<Policy, Unread> {
    let unread = |why: String| {
        Unread::new(Read::GetRole, WhyUnread::Failed, format!("its trust policy cannot be read: {why}"))
    };
    let json = Json::parse(document.as_str()).map_err(|error| unread(error.to_string()))?;
    match Policy::read_unless_unclear(&json, PolicyKind::Trust) {
        Ok((policy, _)) => Ok(policy),
        Err(malformed) => Err(unread(malformed.to_string())),
    }
}

/// Takes out who was found and counts for certain. What is left is found again by `judge`, for a person to see to.
pub(super) fn plan(
    role: &Role,
    findings: &[Finding],
    judge: impl Fn(&Role) -> Verdict<Vec<Finding>>,
    is_certain: impl Fn(&Finding) -> bool,
) -> Proposal {
    let mut proposal = Proposal::default();
    let Fact::Known(document) = &role.trust else { return proposal };
    let certain = findings.iter().filter(|finding| is_certain(finding));
    let places: Vec<&str> = certain.map(|finding| finding.at.as_str()).collect();
    let new = match restrict::without(document, &places) {
        Ok(new) => new,
        Err(malformed) => {
            proposal.left.push(format!("its trust policy, which cannot be changed for certain: {malformed}"));
            return proposal;
        }
    };
    let mut after = role.clone();
    if let Some(document_after) = new {
        after.trust = Fact::Known(document_after.clone());
        proposal.steps.push(Step::UpdateAssumeRolePolicy {
            role: role.identity.clone(),
            document: document_after,
            replaces: document.clone(),
        });
    }
    match judge(&after) {
        Verdict::Compliant => {}
        Verdict::Unknown(unread) => proposal.unknown.push(unread),
        Verdict::NonCompliant(findings) => {
            proposal
                .left
                .extend(findings.iter().map(|finding| format!("{}: {}", finding.at, finding.message)));
        }
    }
    proposal
}

/// What was found, each with its place.
pub(super) fn annotate(findings: &[Finding]) -> String {
    let said: Vec<String> =
        findings.iter().map(|finding| format!("{}: {}", finding.at, finding.message)).collect();
    said.join("; ")
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::RoleIdentity;
    use crate::facts::fixture::{arn, deployer, throttled};
    use crate::rules::Rule;

    /// A role with one statement that lets somebody in.
    pub(in crate::rules::role) fn letting_in(principal: &Value, action: &str, condition: &Value) -> Role {
        let statement =
            json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition });
        trusting(&json!({ "Version": "2012-10-17", "Statement": [statement] }))
    }

    /// A role with a trust policy.
    pub(in crate::rules::role) fn trusting(policy: &Value) -> Role {
        Role { trust: Fact::Known(PolicyDocument::new(policy.to_string())), ..deployer() }
    }

    /// Where a verdict sees something; nowhere where it is compliant.
    pub(in crate::rules::role) fn places(verdict: Verdict<Vec<Finding>>) -> Vec<String> {
        match verdict {
            Verdict::Compliant => Vec::new(),
            Verdict::NonCompliant(findings) => findings.into_iter().map(|finding| finding.at).collect(),
            Verdict::Unknown(unread) => panic!("{unread}"),
        }
    }

    /// The trust policy that a rule plans, and what it leaves to people; `None` where it plans none.
    pub(in crate::rules::role) fn planned<R>(role: &Role, context: &Context) -> (Option<Value>, Vec<String>)
    where
        R: Rule<Subject = Role, Finding = Vec<Finding>>,
    {
        let params = R::Params::default();
        let Verdict::NonCompliant(findings) = R::evaluate(role, &params, context) else { panic!("{role:?}") };
        let proposal = R::plan(role, &findings, &params, context);
        assert_eq!(proposal.unknown, []);
        let document = proposal.steps.first().map(|step| match step {
            Step::UpdateAssumeRolePolicy { role: whose, document, replaces } => {
                assert_eq!((whose, &Fact::Known(replaces.clone())), (&role.identity, &role.trust));
                serde_json::from_str(document.as_str()).unwrap()
            }
            other => panic!("{other}"),
        });
        assert!(proposal.steps.len() < 2);
        (document, proposal.left)
    }

    /// What holds for every rule about trust: what cannot be read is unknown, and AWS's own roles are not judged.
    pub(in crate::rules::role) fn keeps_to_what_is_known<R>(broken: &Role)
    where
        R: Rule<Subject = Role, Finding = Vec<Finding>>,
    {
        let judge = |role: &Role| R::evaluate(role, &R::Params::default(), &crate::facts::fixture::context());
        assert!(matches!(judge(broken), Verdict::NonCompliant(_)));
        let unread = throttled(Read::GetRole);
        let unknown = Role { trust: Fact::Unknown(unread.clone()), ..broken.clone() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread));
        for text in ["", "{", "[]", r#"{"Version":"2012-10-17"}"#, r#"{"Statement":[{"Effect":"allow"}]}"#] {
            let role = Role { trust: Fact::Known(PolicyDocument::new(text)), ..broken.clone() };
            let Verdict::Unknown(unread) = judge(&role) else { panic!("{text}") };
            assert_eq!((unread.read, unread.why), (Read::GetRole, WhyUnread::Failed), "{text}");
        }
        for path in ["aws-service-role/ecs.amazonaws.com", "aws-reserved/sso.amazonaws.com/eu-west-1"] {
            let arn = arn(&format!("arn:aws:iam::111122223333:role/{path}/deployer"));
            let identity = RoleIdentity { arn, ..broken.identity.clone() };
            assert_eq!(judge(&Role { identity, ..broken.clone() }), Verdict::Compliant, "{path}");
        }
    }
}
