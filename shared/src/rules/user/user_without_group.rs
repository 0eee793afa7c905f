use super::tagged::is_one_of;
use crate::facts::User;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user who is a member of no group.
    ///
    /// ## What it checks
    ///
    /// Users who are a member of none of the groups in `groupNames`; where that names none, which is the default, of
    /// users who are a member of no group at all. Letter case does not count, because IAM takes no two groups whose
    /// names differ in it alone. Groups with a comma in their name, which AWS's managed rule cannot take, are written as
    /// items of a list in the governance file.
    ///
    /// ## Why it matters
    ///
    /// Groups are how permissions are given by job and taken away with it. A user outside them has either no
    /// permissions or some of its own.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: adding somebody to a group gives permissions, and only people know which. They do so with
    /// `aws iam add-user-to-group --group-name … --user-name …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_USER_GROUP_MEMBERSHIP_CHECK`, whose parameter name is accepted. Next to CIS AWS
    /// Foundations 3.0 1.15 and 5.0 1.14 (permissions through groups only), which `user-inline-policy` and
    /// `user-attached-policy` check.
    UserWithoutGroup {
        id: "user-without-group",
        severity: Low,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: ["IAM_USER_GROUP_MEMBERSHIP_CHECK"],
        controls: ["NIST-800-53:AC-6"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [Groups],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Groups of which every user must be in at least one; none stands for any.
    "groupNames" => group_names: Names = [],
}

impl Rule for UserWithoutGroup {
    type Subject = User;
    type Params = Params;
    type Finding = ();

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<()> {
        let wanted = &params.group_names;
        match user.groups.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(groups) if groups.iter().any(|name| wanted.is_empty() || is_one_of(wanted, name.as_str())) => {
                Verdict::Compliant
            }
            Ok(_) => Verdict::NonCompliant(()),
        }
    }

    fn annotate((): &(), params: &Params) -> String {
        let wanted: Vec<&str> = params.group_names.iter().collect();
        if wanted.is_empty() {
            "it is a member of no group".to_owned()
        } else {
            format!("it is a member of none of {}", wanted.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(user: &User, params: &serde_json::Value) -> Verdict<()> {
        UserWithoutGroup::evaluate(user, &Params::read(params).unwrap(), &context())
    }

    #[test]
    fn any_group_will_do_where_none_is_named() {
        assert_eq!(judge(&alice(), &json!({})), Verdict::NonCompliant(()));
        assert_eq!(judge(&alice().with_groups([]), &json!({ "groupNames": "" })), Verdict::NonCompliant(()));
        assert_eq!(judge(&alice().with_groups(["ops"]), &json!({})), Verdict::Compliant);
    }

    #[test]
    fn one_of_those_named_is_enough_and_no_other_is() {
        let params = json!({ "groupNames": "Developers,ops" });
        assert_eq!(judge(&alice().with_groups(["x", "ops"]), &params), Verdict::Compliant);
        assert_eq!(judge(&alice().with_groups(["developers"]), &params), Verdict::Compliant);
        assert_eq!(judge(&alice().with_groups(["x", "op"]), &params), Verdict::NonCompliant(()));
    }

    #[test]
    fn a_comma_may_be_part_of_a_name_in_a_list() {
        let user = alice().with_groups(["a,b"]);
        assert_eq!(judge(&user, &json!({ "groupNames": ["a,b"] })), Verdict::Compliant);
        assert_eq!(judge(&user, &json!({ "groupNames": "a,b" })), Verdict::NonCompliant(()));
    }

    #[test]
    fn groups_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let user = User { groups: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user, &json!({})), Verdict::Unknown(unread));
    }

    #[test]
    fn says_what_it_looked_for() {
        assert_eq!(UserWithoutGroup::annotate(&(), &Params::default()), "it is a member of no group");
        let params = Params::read(&json!({ "groupNames": "a,b" })).unwrap();
        assert_eq!(UserWithoutGroup::annotate(&(), &params), "it is a member of none of a, b");
    }
}
