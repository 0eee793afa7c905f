use super::found::{Found, say};
use super::text;
use crate::facts::ManagedPolicy;
use crate::policy::analysis::{Circumstances, Permissions};
use crate::policy::glob::is_everything;
use crate::policy::{ActionPattern, Effect, Place, Policy};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that allows everything in a service.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy, attached or not: whether an Allow lists every action of a
    /// service (`s3:*`), of several (`ec2*:*`) or of all, whatever its resources and conditions; `ec2:Describe*` is
    /// fine. An Allow with `NotAction` allows everything in each service that it does not name, so it counts as well.
    /// With `onEveryResource` (false by default) only services count in which everything is allowed on every resource,
    /// less what the policy itself denies for certain. With `excludePermissionBoundaryPolicy` (false by default) a policy
    /// that bounds somebody and is attached to nobody is left out.
    ///
    /// ## Why it matters
    ///
    /// Nobody needs every action of a service, and next year's actions are allowed today.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know which actions are needed. They replace the text with
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS`, whose parameter name is accepted; Security
    /// Hub IAM.21.
    PolicyServiceFullAccess {
        id: "policy-service-full-access",
        severity: Low,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: ["IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS"],
        controls: ["SecurityHub:IAM.21"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Whether to leave out a policy that is a permissions boundary and attached to nobody.
    "excludePermissionBoundaryPolicy" => exclude_permission_boundary_policy: Flag = false,
    /// Whether only what is allowed on every resource counts.
    "onEveryResource" => on_every_resource: Flag = false,
}

impl Rule for PolicyServiceFullAccess {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, params: &Params, _: &Context) -> Verdict<Vec<Found>> {
        text::judge_unless(policy, params.exclude_permission_boundary_policy, |text| {
            if params.on_every_resource.is_set() {
                on_every_resource(text, &text::of_account(policy))
            } else {
                listed(text)
            }
        })
    }

    fn annotate(found: &Vec<Found>, _: &Params) -> String {
        say(found)
    }
}

/// Whether it is every action of the services that it names.
fn is_whole(pattern: &ActionPattern) -> bool {
    let name = pattern.name();
    is_everything(name.strip_prefix('?').unwrap_or(name))
}

fn listed(text: &Policy) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, statement) in text.statements.iter().enumerate().filter(|(_, it)| it.effect == Effect::Allow)
    {
        let place = Place::statement(index);
        if statement.action.negated {
            if !statement.action.entries.iter().any(ActionPattern::is_everything) {
                let at = place.key("NotAction");
                found.push(Found::at(
                    &[index],
                    at.as_str(),
                    "allows every action of each service that it does not name",
                ));
            }
            continue;
        }
        for (position, entry) in statement.action.entries.iter().enumerate().filter(|(_, it)| is_whole(it)) {
            let of = if is_everything(entry.service()) {
                "every service".to_owned()
            } else {
                entry.service().to_ascii_lowercase()
            };
            let at = place.key("Action").index(position);
            found.push(Found::at(&[index], at.as_str(), format!("allows every action of {of}")));
        }
    }
    found
}

fn on_every_resource(text: &Policy, known: &Circumstances<'_>) -> Vec<Found> {
    let full = Permissions::of(text).full_access(known);
    if full.is_empty() {
        return Vec::new();
    }
    let speaks = |found: &Found| found.statements.iter().any(|index| is_about(text, *index, &full));
    let found: Vec<Found> = listed(text).into_iter().filter(speaks).collect();
    if found.is_empty() {
        let said = format!("allows, in sum, every action of {}", full.join(", "));
        return vec![Found::at(&[], "", said)];
    }
    found
}

/// Whether a statement has to do with full access to one of the services.
fn is_about(text: &Policy, index: usize, services: &[String]) -> bool {
    text.statements.get(index).is_some_and(|statement| {
        let of = |service: &String| {
            service == "*" || statement.action.is_met(|entry| entry.matches(&format!("{service}:?*")))
        };
        services.iter().any(of)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge_with(policy: &ManagedPolicy, params: &Value) -> Verdict<Vec<Found>> {
        PolicyServiceFullAccess::evaluate(policy, &Params::read(params).unwrap(), &context())
    }

    fn breaks(statements: &str) -> bool {
        matches!(judge_with(&policy_of(statements), &Value::Null), Verdict::NonCompliant(_))
    }

    fn allow(action: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"{resource}"}}"#)
    }

    #[test]
    fn every_action_of_a_service_counts_whatever_the_resource() {
        for action in ["\"s3:*\"", "\"S3:**\"", "\"s3:?*\"", "\"*\"", "[\"ec2:Describe*\",\"ec2*:*\"]"] {
            assert!(breaks(&allow(action, "*")), "{action}");
        }
        assert!(breaks(&allow("\"s3:*\"", "arn:aws:s3:::depot/*")));
    }

    #[test]
    fn a_part_of_a_service_and_what_is_denied_do_not_count() {
        for action in ["\"ec2:Describe*\"", "\"s3:Get*\"", "[\"iam:PassRole\",\"s3:?\"]"] {
            assert!(!breaks(&allow(action, "*")), "{action}");
        }
        assert!(!breaks(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#));
    }

    #[test]
    fn an_allow_of_all_but_a_list_counts_unless_it_lists_everything() {
        let all_but = |list: &str| format!(r#"{{"Effect":"Allow","NotAction":{list},"Resource":"*"}}"#);
        assert!(breaks(&all_but("\"iam:*\"")));
        assert!(breaks(&all_but("[\"iam:CreateUser\"]")));
        assert!(!breaks(&all_but("\"*\"")));
        assert!(!breaks(r#"{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}"#));
    }

    #[test]
    fn where_every_resource_is_asked_for_a_part_of_them_is_fine() {
        let params = json!({ "onEveryResource": true });
        let judge = |statements: &str| judge_with(&policy_of(statements), &params);
        assert_eq!(judge(&allow("\"s3:*\"", "arn:aws:s3:::depot/*")), Verdict::Compliant);
        let denied = format!(
            "{},{}",
            allow("\"s3:*\"", "*"),
            r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}"#
        );
        assert_eq!(judge(&denied), Verdict::Compliant);
        assert!(matches!(judge(&allow("\"s3:*\"", "*")), Verdict::NonCompliant(_)));
        let not_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
        assert!(matches!(judge(not_iam), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_boundary_may_be_left_out() {
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..policy_of(&allow("\"s3:*\"", "*"))
        };
        assert!(matches!(judge_with(&boundary, &Value::Null), Verdict::NonCompliant(_)));
        assert_eq!(
            judge_with(&boundary, &json!({ "excludePermissionBoundaryPolicy": true })),
            Verdict::Compliant
        );
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge_with(&policy, &Value::Null), Verdict::Unknown(unread));
    }

    #[test]
    fn says_which_service_and_where() {
        let said = |statements: &str, params: &Value| match judge_with(&policy_of(statements), params) {
            Verdict::NonCompliant(found) => PolicyServiceFullAccess::annotate(&found, &Params::default()),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            said(&allow("[\"ec2:Describe*\",\"S3:*\"]", "*"), &Value::Null),
            "Statement[0].Action[1] allows every action of s3"
        );
        assert_eq!(
            said(&allow("[\"ec2:Describe*\",\"S3:*\"]", "*"), &json!({ "onEveryResource": true })),
            "Statement[0].Action[1] allows every action of s3"
        );
    }
}
