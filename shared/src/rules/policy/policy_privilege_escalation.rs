use super::found::{Found, say};
use super::{narrowing, text};
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::{Category, Circumstances, Escalation, Permissions};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that lets somebody become an administrator.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy, by itself: whether it opens one of the known ways to
    /// administrator, such as `iam:CreatePolicyVersion`, `iam:AttachUserPolicy` on every user, or `iam:PassRole` with a
    /// service that runs code as a role. Resources, denies and conditions count as far as they hold somebody back. Ways
    /// that lead on only where there is something to use, such as a function with a strong role, count with
    /// `possibleToo` (false by default). A policy that makes an administrator outright is `policy-admin`'s. One that
    /// bounds somebody and is attached to nobody grants nothing, and is left out.
    ///
    /// ## Why it matters
    ///
    /// It is administrator access that no list of administrators shows.
    ///
    /// ## What is done about it
    ///
    /// The action that the finding names is taken out, or the whole statement where it names none or that would not end
    /// it: a new version of the policy without it is put in force, and all else stays as it is written. Where that
    /// cannot be done, because nothing would be allowed any more, several statements do it together, or there are five
    /// versions already and IAM keeps no more, the latest earlier version is put in force again, if it keeps the rule
    /// and surely allows no more than the one in force. Either way that one is kept, its text in the journal too, and
    /// an undo puts it back in force. No version is ever deleted, and nothing is taken from a policy that somebody
    /// protected has. Left to people is all else, and a policy that bounds somebody. By hand it is
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    /// `bailiff analyze --policy FILE` shows whether that does it.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// The catalogues of such ways that `shared/src/policy/analysis/escalation/paths` names; NIST SP 800-53 AC-6, least
    /// privilege. No rule of AWS Config checks this.
    PolicyPrivilegeEscalation {
        id: "policy-privilege-escalation",
        severity: High,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6"],
        journey: (Hygiene, effort: High, benefit: High),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [PolicyVersions, Holders],
        steps: [CreatePolicyVersion, SetDefaultPolicyVersion],
        remediator: RestrictPolicy,
    }
}

declare_parameters! {
    /// Whether ways count that lead on only where the account has something to use.
    "possibleToo" => possible_too: Flag = false,
}

impl Rule for PolicyPrivilegeEscalation {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, params: &Params, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(policy, true, |text| ways(text, &text::of_account(policy), params.possible_too.is_set()))
    }

    fn annotate(found: &Vec<Found>, _: &Params) -> String {
        say(found)
    }

    fn plan(policy: &ManagedPolicy, found: &Vec<Found>, params: &Params, _: &Context) -> Proposal {
        narrowing::plan(policy, found, |text| {
            ways(text, &text::of_account(policy), params.possible_too.is_set())
        })
    }
}

/// The ways that a policy opens by itself. A way that holds another open one is not told again.
fn ways(text: &Policy, known: &Circumstances<'_>, possible_too: bool) -> Vec<Found> {
    let permissions = Permissions::of(text);
    if permissions.is_admin(known) {
        return Vec::new();
    }
    let is_certain = |escalation: &Escalation| {
        escalation.path.category != Category::BoundaryRemoval && escalation.path.depends_on.is_none()
    };
    let mut open = permissions.escalations(known);
    open.retain(|escalation| possible_too || is_certain(escalation));
    let least = open.iter().filter(|escalation| {
        !open.iter().any(|other| escalation.extends(other) && (is_certain(other) || !is_certain(escalation)))
    });
    least.map(|escalation| told(text, escalation, is_certain(escalation))).collect()
}

fn told(text: &Policy, escalation: &Escalation, certain: bool) -> Found {
    let mut statements: Vec<usize> = escalation.statements.iter().map(|at| at.statement).collect();
    statements.dedup();
    let actions: Vec<&str> = escalation.path.needs.iter().map(|need| need.action).collect();
    let place = statements.first().and_then(|index| {
        let statement = text.statements.get(*index)?;
        let action = actions.iter().find(|action| statement.action.is_met(|entry| entry.matches(action)))?;
        Some(statement.place_of(*index, action))
    });
    let leads = if certain { "leads" } else { "may lead" };
    let said = format!("{leads} to administrator by {}", actions.join(" + "));
    Found::at(&statements, place.unwrap_or_default().as_str(), said)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge_with(policy: &ManagedPolicy, params: &Value) -> Verdict<Vec<Found>> {
        PolicyPrivilegeEscalation::evaluate(policy, &Params::read(params).unwrap(), &context())
    }

    fn judge(statements: &str) -> Verdict<Vec<Found>> {
        judge_with(&policy_of(statements), &Value::Null)
    }

    fn allow(actions: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}"#)
    }

    #[test]
    fn a_way_that_needs_nothing_else_counts() {
        for actions in [
            "\"iam:CreatePolicyVersion\"",
            "\"iam:Put*\"",
            "[\"iam:PassRole\",\"lambda:CreateFunction\",\"lambda:InvokeFunction\"]",
        ] {
            assert!(matches!(judge(&allow(actions, "*")), Verdict::NonCompliant(_)), "{actions}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_fine() {
        for actions in ["\"iam:Get*\"", "\"iam:PassRole\"", "\"s3:*\""] {
            assert_eq!(judge(&allow(actions, "*")), Verdict::Compliant, "{actions}");
        }
        let denied = format!(
            "{},{}",
            allow("\"iam:CreatePolicyVersion\"", "*"),
            r#"{"Effect":"Deny","Action":"iam:CreatePolicyVersion","Resource":"*"}"#
        );
        assert_eq!(judge(&denied), Verdict::Compliant);
    }

    #[test]
    fn what_hangs_on_what_there_is_counts_only_where_asked_for() {
        let update = policy_of(&allow("\"lambda:UpdateFunctionCode\"", "*"));
        assert_eq!(judge_with(&update, &Value::Null), Verdict::Compliant);
        assert!(matches!(judge_with(&update, &json!({ "possibleToo": true })), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_resource_of_another_account_leads_nowhere() {
        let of =
            |account: &str| allow("\"iam:CreatePolicyVersion\"", &format!("arn:aws:iam::{account}:policy/*"));
        assert!(matches!(judge(&of("111122223333")), Verdict::NonCompliant(_)));
        assert_eq!(judge(&of("444455556666")), Verdict::Compliant);
    }

    #[test]
    fn an_administrator_is_another_rules_and_a_boundary_nobodys() {
        assert_eq!(judge(&allow("\"*\"", "*")), Verdict::Compliant);
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..policy_of(&allow("\"iam:*\"", "*"))
        };
        assert_eq!(judge_with(&boundary, &Value::Null), Verdict::Compliant);
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge_with(&policy, &Value::Null), Verdict::Unknown(unread));
    }

    #[test]
    fn says_the_actions_and_where_and_knows_the_statements() {
        let statements = format!(
            "{},{}",
            allow("\"iam:PassRole\"", "*"),
            allow("[\"lambda:CreateFunction\",\"lambda:InvokeFunction\"]", "*")
        );
        let Verdict::NonCompliant(found) = judge(&statements) else { panic!("fine") };
        assert_eq!(found[0].statements, [0, 1]);
        assert_eq!(
            PolicyPrivilegeEscalation::annotate(&found[..1].to_vec(), &Params::default()),
            "Statement[0].Action[0] leads to administrator by iam:PassRole + lambda:CreateFunction"
        );
    }
}
