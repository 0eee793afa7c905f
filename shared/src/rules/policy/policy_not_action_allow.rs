use super::found::{Found, say};
use super::{narrowing, text};
use crate::facts::ManagedPolicy;
use crate::policy::{ActionPattern, Effect, Place, Policy};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A customer managed policy that allows all actions but a list.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether a statement allows with `NotAction`. One that leaves
    /// out everything (`"NotAction": "*"`) allows nothing, and is fine, as is `NotAction` in a Deny. A policy that bounds
    /// somebody and is attached to nobody grants nothing, and is left out.
    ///
    /// ## Why it matters
    ///
    /// The list grows old, and what it leaves open grows: every service that AWS starts is allowed on its first day.
    ///
    /// ## What is done about it
    ///
    /// The statement is taken out: a new version of the policy without it is put in force, and all else stays as it is
    /// written. Where that cannot be done, because nothing would be allowed any more, several statements do it
    /// together, or there are five versions already and IAM keeps no more, the latest earlier version is put in force
    /// again, if it keeps the rule and surely allows no more than the one in force. Either way that one is kept, its
    /// text in the journal too, and an undo puts it back in force. No version is ever deleted, and nothing is taken
    /// from a policy that somebody protected has. Left to people is all else, and a policy that bounds somebody. By
    /// hand it is
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "IAM JSON policy elements: `NotAction`"; NIST SP 800-53 AC-6, least privilege. AWS Config's rule
    /// `IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS` sees a part of it; see `policy-service-full-access`.
    PolicyNotActionAllow {
        id: "policy-not-action-allow",
        severity: Medium,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [PolicyVersions, Holders],
        steps: [CreatePolicyVersion, SetDefaultPolicyVersion],
        remediator: RestrictPolicy,
    }
}

impl Rule for PolicyNotActionAllow {
    type Subject = ManagedPolicy;
    type Params = NoParameters;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, _: &NoParameters, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(policy, true, all_but)
    }

    fn annotate(found: &Vec<Found>, _: &NoParameters) -> String {
        say(found)
    }

    fn plan(policy: &ManagedPolicy, found: &Vec<Found>, _: &NoParameters, _: &Context) -> Proposal {
        narrowing::plan(policy, found, all_but)
    }
}

fn all_but(text: &Policy) -> Vec<Found> {
    let statements = text.statements.iter().enumerate().filter(|(_, statement)| {
        statement.effect == Effect::Allow
            && statement.action.negated
            && !statement.action.entries.iter().any(ActionPattern::is_everything)
    });
    statements
        .map(|(index, _)| {
            let at = Place::statement(index).key("NotAction");
            Found::at(&[index], at.as_str(), "allows every action that is not listed")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        PolicyNotActionAllow::evaluate(policy, &NoParameters {}, &context())
    }

    fn all_but(effect: &str, list: &str) -> ManagedPolicy {
        policy_of(&format!(r#"{{"Effect":"{effect}","NotAction":{list},"Resource":"*"}}"#))
    }

    #[test]
    fn an_allow_of_all_but_a_list_counts() {
        for list in ["\"iam:*\"", "[\"iam:*\",\"organizations:*\"]", "[]"] {
            assert!(matches!(judge(&all_but("Allow", list)), Verdict::NonCompliant(_)), "{list}");
        }
    }

    #[test]
    fn a_deny_of_all_but_a_list_and_an_allow_of_nothing_are_fine() {
        assert_eq!(judge(&all_but("Deny", "\"iam:*\"")), Verdict::Compliant);
        assert_eq!(judge(&all_but("Allow", "\"*\"")), Verdict::Compliant);
        assert_eq!(
            judge(&policy_of(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)),
            Verdict::Compliant
        );
    }

    #[test]
    fn a_boundary_grants_nothing() {
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..all_but("Allow", "\"iam:*\"")
        };
        assert_eq!(judge(&boundary), Verdict::Compliant);
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_where() {
        let Verdict::NonCompliant(found) = judge(&all_but("Allow", "\"iam:*\"")) else { panic!("fine") };
        assert_eq!(
            PolicyNotActionAllow::annotate(&found, &NoParameters {}),
            "Statement[0].NotAction allows every action that is not listed"
        );
    }
}
