use super::found::{Found, say};
use super::text;
use crate::facts::ManagedPolicy;
use crate::policy::{Policy, ResourcePattern, Version};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A customer managed policy in an old version of the policy language.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether its `Version` element says `2012-10-17`. One that
    /// says `2008-10-17`, or nothing, is in the old language.
    ///
    /// ## Why it matters
    ///
    /// In the old language `${aws:username}` and every other policy variable is plain text. A statement that should give
    /// each user its own folder gives nobody one, and a Deny with one denies nothing.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a variable that begins to work may allow more than anybody has seen this policy allow. A person
    /// looks at these, writes `"Version": "2012-10-17"`, and puts it in force with
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "IAM JSON policy elements: Version"; NIST SP 800-53 AC-3, access enforcement. No rule of AWS Config
    /// checks this.
    PolicyOldVersion {
        id: "policy-old-version",
        severity: Low,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [PolicyText],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for PolicyOldVersion {
    type Subject = ManagedPolicy;
    type Params = NoParameters;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, _: &NoParameters, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(
            policy,
            false,
            |text| if text.version == Version::V2012 { Vec::new() } else { vec![old(text)] },
        )
    }

    fn annotate(found: &Vec<Found>, _: &NoParameters) -> String {
        say(found)
    }
}

fn old(text: &Policy) -> Found {
    let in_resources = text.statements.iter().filter_map(|statement| statement.resource.as_ref());
    let in_resources = in_resources.flat_map(|resources| &resources.entries).map(ResourcePattern::as_str);
    let conditions = text.statements.iter().flat_map(|statement| &statement.conditions);
    let in_conditions = conditions.flat_map(|condition| &condition.values).map(String::as_str);
    let variables = in_resources.chain(in_conditions).filter(|value| value.contains("${")).count();
    let version = text.version.as_str();
    let said = match variables {
        0 => format!("is in the policy language of {version}"),
        _ => format!(
            "is in the policy language of {version}, in which its `${{…}}` stand for nothing ({variables})"
        ),
    };
    Found::at(&[], "", said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ALLOWS, context, customer_policy, throttled};
    use crate::facts::{Fact, Read};

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        PolicyOldVersion::evaluate(policy, &NoParameters {}, &context())
    }

    fn without_version(resource: &str) -> ManagedPolicy {
        customer_policy(&format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}}}"#
        ))
    }

    #[test]
    fn only_the_language_of_2012_is_fine() {
        assert_eq!(judge(&customer_policy(ALLOWS)), Verdict::Compliant);
        let old = ALLOWS.replace("2012-10-17", "2008-10-17");
        for policy in [customer_policy(&old), without_version("*")] {
            assert!(matches!(judge(&policy), Verdict::NonCompliant(_)));
        }
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_whether_variables_are_lost() {
        let said = |resource: &str| match judge(&without_version(resource)) {
            Verdict::NonCompliant(found) => PolicyOldVersion::annotate(&found, &NoParameters {}),
            other => panic!("{other:?}"),
        };
        assert_eq!(said("*"), "the policy is in the policy language of 2008-10-17");
        assert_eq!(
            said("arn:aws:s3:::home/${aws:username}/*"),
            "the policy is in the policy language of 2008-10-17, in which its `${…}` stand for nothing (1)"
        );
    }
}
