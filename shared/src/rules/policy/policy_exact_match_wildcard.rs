use super::found::{Found, say};
use super::text;
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::analyze_policy;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A customer managed policy with a wildcard that is none.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether a condition compares with `StringEquals`,
    /// `StringNotEquals` or one of their kind and has a `*` or `?` in a value. These operators take it letter by letter;
    /// `StringLike` and `ArnLike` would not. `${*}` and `${?}`, which stand for themselves, are fine.
    ///
    /// ## Why it matters
    ///
    /// The condition means something else than it says: an Allow allows nobody, and a Deny of all but some denies
    /// everybody, or nobody.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: to make the wildcard one would widen an Allow. A person corrects the operator with
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "IAM JSON policy elements: Condition operators"; NIST SP 800-53 AC-3, access enforcement. No rule of
    /// AWS Config checks this.
    PolicyExactMatchWildcard {
        id: "policy-exact-match-wildcard",
        severity: Medium,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [PolicyText],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for PolicyExactMatchWildcard {
    type Subject = ManagedPolicy;
    type Params = NoParameters;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, _: &NoParameters, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(policy, false, literal_wildcards)
    }

    fn annotate(found: &Vec<Found>, _: &NoParameters) -> String {
        say(found)
    }
}

fn literal_wildcards(text: &Policy) -> Vec<Found> {
    let findings = analyze_policy(text).findings.into_iter();
    findings.filter(|finding| finding.rule == "policy-exact-match-wildcard").map(Found::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        PolicyExactMatchWildcard::evaluate(policy, &NoParameters {}, &context())
    }

    fn with(effect: &str, condition: &str) -> ManagedPolicy {
        policy_of(&format!(
            r#"{{"Effect":"{effect}","Action":"iam:CreateAccessKey","Resource":"*","Condition":{condition}}}"#
        ))
    }

    #[test]
    fn a_star_under_an_operator_that_takes_it_literally_counts() {
        for (effect, condition) in [
            ("Deny", r#"{"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/"}}"#),
            ("Allow", r#"{"StringEquals":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/x","a*"]}}"#),
            ("Allow", r#"{"ForAnyValue:StringEqualsIgnoreCase":{"aws:TagKeys":"team-?"}}"#),
        ] {
            assert!(matches!(judge(&with(effect, condition)), Verdict::NonCompliant(_)), "{condition}");
        }
    }

    #[test]
    fn a_star_that_is_one_and_a_text_without_are_fine() {
        for condition in [
            r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#,
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#,
            r#"{"StringEquals":{"aws:PrincipalTag/team":"${*}"}}"#,
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
        ] {
            assert_eq!(judge(&with("Allow", condition)), Verdict::Compliant, "{condition}");
        }
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_which_value_and_what_to_use() {
        let policy = with("Deny", r#"{"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/"}}"#);
        let Verdict::NonCompliant(found) = judge(&policy) else { panic!("fine") };
        assert_eq!(
            PolicyExactMatchWildcard::annotate(&found, &NoParameters {}),
            "Statement[0].Condition.StringNotEquals.aws:PrincipalArn[0] `StringNotEquals` takes \
             `arn:aws:iam::*:role/` letter by letter, stars included; use StringNotLike"
        );
    }
}
