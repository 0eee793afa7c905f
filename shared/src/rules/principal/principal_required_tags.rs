use crate::facts::Entity;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user or role without a required tag.
    ///
    /// ## What it checks
    ///
    /// Users and roles that lack one of the tags in `requiredTagKeys`, or have it with an empty value. The keys' letter
    /// case counts, as it does to AWS. Without any key, which is the default, every principal is fine. Roles that
    /// belong to an AWS service, and those that IAM Identity Center made, are not judged: nobody can tag them.
    ///
    /// ## Why it matters
    ///
    /// When a key leaks at night, the first question is whose it is. An owner in a tag is the quickest answer.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know what the tag must say. They set it with `aws iam tag-user` or
    /// `aws iam tag-role`, or in the template that made the principal.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the principal's ARN.
    ///
    /// ## References
    ///
    /// Security Hub IAM.24 (roles) and IAM.25 (users), whose parameter name is accepted.
    PrincipalRequiredTags {
        id: "principal-required-tags",
        severity: Low,
        applies_to: [User, Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["SecurityHub:IAM.24", "SecurityHub:IAM.25"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [Tags],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of the tags that every user and role must have, at most six in Security Hub.
    "requiredTagKeys" => required_tag_keys: Names = [],
}

impl Rule for PrincipalRequiredTags {
    type Subject = Entity;
    type Params = Params;
    type Finding = Vec<String>;

    fn evaluate(entity: &Entity, params: &Params, _: &Context) -> Verdict<Vec<String>> {
        if params.required_tag_keys.is_empty() || entity.is_made_by_aws() {
            return Verdict::Compliant;
        }
        let tags = match entity.tags().known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(tags) => tags,
        };
        let is_set =
            |key: &str| tags.and_then(|tags| tags.get(key)).is_some_and(|value| !value.trim().is_empty());
        let missing: Vec<String> =
            params.required_tag_keys.iter().filter(|key| !is_set(key)).map(str::to_owned).collect();
        if missing.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(missing) }
    }

    fn annotate(missing: &Vec<String>, _: &Params) -> String {
        format!("tags missing or empty: {}", missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, arn, context, deployer, throttled};
    use crate::facts::{Fact, Read, Role, RoleIdentity, User};
    use crate::rules::Parameters;

    fn judge(entity: impl Into<Entity>) -> Verdict<Vec<String>> {
        let params = Params::read(&json!({ "requiredTagKeys": "owner,cost-centre" })).unwrap();
        PrincipalRequiredTags::evaluate(&entity.into(), &params, &context())
    }

    fn tagged(tags: &[(&str, &str)]) -> User {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        User { tags: Fact::Known(tags.collect()), ..alice() }
    }

    #[test]
    fn every_required_tag_must_be_there_and_say_something() {
        assert_eq!(judge(tagged(&[("owner", "ann"), ("cost-centre", "7"), ("x", "")])), Verdict::Compliant);
        let missing =
            |keys: &[&str]| Verdict::NonCompliant(keys.iter().map(|key| (*key).to_owned()).collect());
        assert_eq!(judge(tagged(&[("owner", "ann"), ("cost-centre", " ")])), missing(&["cost-centre"]));
        assert_eq!(judge(tagged(&[("Owner", "ann")])), missing(&["owner", "cost-centre"]));
        assert_eq!(judge(alice()), missing(&["owner", "cost-centre"]));
        assert_eq!(judge(deployer()), missing(&["owner", "cost-centre"]));
    }

    #[test]
    fn without_a_required_key_everybody_is_fine() {
        let verdict = PrincipalRequiredTags::evaluate(&alice().into(), &Params::default(), &context());
        assert_eq!(verdict, Verdict::Compliant);
    }

    #[test]
    fn tags_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::GetUser);
        assert_eq!(judge(User { tags: Fact::Unknown(unread.clone()), ..alice() }), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        for path in ["aws-service-role/ecs.amazonaws.com", "aws-reserved/sso.amazonaws.com/eu-west-1"] {
            let arn = arn(&format!("arn:aws:iam::111122223333:role/{path}/deployer"));
            let role = Role { identity: RoleIdentity { arn, ..deployer().identity }, ..deployer() };
            assert_eq!(judge(role), Verdict::Compliant, "{path}");
        }
    }

    #[test]
    fn says_which() {
        let said = PrincipalRequiredTags::annotate(&vec!["owner".into(), "team".into()], &Params::default());
        assert_eq!(said, "tags missing or empty: owner, team");
    }
}
