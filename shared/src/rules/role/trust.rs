//! What the rules about trust policies share. One analysis says whom a policy lets in; each rule takes from its report
//! what it is about.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::{Read, Role, Unread, WhyUnread};
use crate::identifier::{AccountId, OrganizationId};
use crate::policy::analysis::{Finding, TrustContext, TrustReport};
use crate::policy::{Json, Policy, PolicyDocument, PolicyKind};
use crate::rules::{Context, Verdict};

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

/// The findings that count on a role's trust policy. Nobody but AWS changes the roles it made, so they are not judged.
pub(super) fn judge_where(
    role: &Role,
    context: &Context,
    trusted: &Arc<BTreeSet<AccountId>>,
    counts: impl Fn(&Finding) -> bool,
) -> Verdict<Vec<Finding>> {
    if role.is_made_by_aws() {
        return Verdict::Compliant;
    }
    let document = match role.trust.known() {
        Err(unread) => return Verdict::Unknown(unread.clone()),
        // Nobody gets in.
        Ok(None) => return Verdict::Compliant,
        Ok(Some(document)) => document,
    };
    let policy = match read(document) {
        Ok(policy) => policy,
        Err(unread) => return Verdict::Unknown(unread),
    };
    let organization = context.organization.clone().or_else(|| OrganizationId::parse(NO_ORGANIZATION).ok());
    let account = Some(role.identity.account.clone());
    let report =
        TrustReport::of(&policy, &TrustContext { account, organization, trusted: Arc::clone(trusted) });
    let findings: Vec<Finding> = report.findings.into_iter().filter(counts).collect();
    if findings.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(findings) }
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
    use crate::facts::fixture::{arn, deployer, throttled};
    use crate::facts::{Fact, RoleIdentity};
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
