use super::tagged::{is_one_of, tagged};
use crate::facts::User;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user for which no permitted reason is given.
    ///
    /// ## What it checks
    ///
    /// Users without a tag, under one of the keys in `purposeTagKeys`, whose value is one of `permittedPurposes`. Letter
    /// case counts in the key, as it does to AWS, and not in the value. By default the key is `iam-purpose`, and the
    /// five reasons are those that AWS still gives for long-term credentials:
    ///
    /// - `break-glass`: the way in when single sign-on is down
    /// - `workload-without-role`: a program that can hold keys and nothing else, and that neither a role nor IAM Roles
    ///   Anywhere reaches
    /// - `service-specific-credential`: access to CodeCommit or Amazon Keyspaces by their own kind of credential
    /// - `third-party-client`: a client of a vendor who cannot assume a role
    /// - `no-identity-provider`: a person in an account for which there is neither IAM Identity Center nor another
    ///   identity provider
    ///
    /// Without any key nobody is found. Without any reason every value that says something will do.
    ///
    /// ## Why it matters
    ///
    /// A user is the one kind of principal whose credentials do not end by themselves. Each is an exception, and an
    /// exception that cannot say what it is for is one that nobody will ever end.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know what a user is for. They say so with
    /// `aws iam tag-user --user-name … --tags Key=iam-purpose,Value=third-party-client`, or in the template that made
    /// the user; or they give its work to a role and delete it. Whoever may tag users can give any reason, so let
    /// `iam:TagUser` be theirs who grant the exception.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN; the tag is the better way.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Use cases for IAM users". Next to CIS AWS Foundations 3.0 1.21 and 5.0 1.20 (users are managed
    /// centrally), which ask for more than a tag can tell.
    UserWithoutPurpose {
        id: "user-without-purpose",
        severity: Low,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [Tags],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of the tag that says what a user is for; any one of them will do.
    "purposeTagKeys" => purpose_tag_keys: Names = ["iam-purpose"],
    /// What it may say.
    "permittedPurposes" => permitted_purposes: Names = [
        "break-glass",
        "workload-without-role",
        "service-specific-credential",
        "third-party-client",
        "no-identity-provider"
    ],
}

impl Rule for UserWithoutPurpose {
    type Subject = User;
    type Params = Params;
    /// What the tag says instead, if it says anything.
    type Finding = Option<String>;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Option<String>> {
        if params.purpose_tag_keys.is_empty() {
            return Verdict::Compliant;
        }
        match tagged(user, &params.purpose_tag_keys) {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(None) => Verdict::NonCompliant(None),
            Ok(Some(purpose))
                if params.permitted_purposes.is_empty() || is_one_of(&params.permitted_purposes, purpose) =>
            {
                Verdict::Compliant
            }
            Ok(Some(purpose)) => Verdict::NonCompliant(Some(purpose.chars().take(64).collect())),
        }
    }

    fn annotate(purpose: &Option<String>, params: &Params) -> String {
        let keys: Vec<&str> = params.purpose_tag_keys.iter().collect();
        match purpose {
            None => format!("no tag says what it is for: {}", keys.join(" or ")),
            Some(purpose) => format!("its tag says it is for `{purpose}`, which is not permitted"),
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

    fn judge(user: &User) -> Verdict<Option<String>> {
        UserWithoutPurpose::evaluate(user, &Params::default(), &context())
    }

    fn judge_with(user: &User, params: &serde_json::Value) -> Verdict<Option<String>> {
        UserWithoutPurpose::evaluate(user, &Params::read(params).unwrap(), &context())
    }

    #[test]
    fn each_of_the_five_reasons_is_permitted_and_no_other() {
        assert_eq!(Params::default().permitted_purposes.iter().count(), 5);
        for purpose in Params::default().permitted_purposes.iter() {
            assert_eq!(judge(&alice().with_tag("iam-purpose", purpose)), Verdict::Compliant);
            let shouted = purpose.to_uppercase();
            assert_eq!(judge(&alice().with_tag("iam-purpose", &shouted)), Verdict::Compliant);
        }
        for wrong in ["break glass", "third-party-clients", "administration"] {
            let finding = Verdict::NonCompliant(Some(wrong.to_owned()));
            assert_eq!(judge(&alice().with_tag("iam-purpose", wrong)), finding);
        }
    }

    #[test]
    fn a_user_without_the_tag_or_with_nothing_in_it_is_found() {
        assert_eq!(judge(&alice()), Verdict::NonCompliant(None));
        assert_eq!(judge(&alice().with_tag("iam-purpose", " ")), Verdict::NonCompliant(None));
        assert_eq!(judge(&alice().with_tag("IAM-Purpose", "break-glass")), Verdict::NonCompliant(None));
    }

    #[test]
    fn without_a_key_nobody_is_found_and_without_a_reason_any_will_do() {
        assert_eq!(judge_with(&alice(), &json!({ "purposeTagKeys": [] })), Verdict::Compliant);
        let any = json!({ "permittedPurposes": [] });
        assert_eq!(judge_with(&alice().with_tag("iam-purpose", "fun"), &any), Verdict::Compliant);
        assert_eq!(judge_with(&alice(), &any), Verdict::NonCompliant(None));
    }

    #[test]
    fn tags_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::GetUser);
        assert_eq!(judge(&User { tags: Fact::Unknown(unread.clone()), ..alice() }), Verdict::Unknown(unread));
    }

    #[test]
    fn says_what_is_missing_or_wrong() {
        let say = |purpose: Option<&str>| {
            UserWithoutPurpose::annotate(&purpose.map(str::to_owned), &Params::default())
        };
        assert_eq!(say(None), "no tag says what it is for: iam-purpose");
        assert_eq!(say(Some("fun")), "its tag says it is for `fun`, which is not permitted");
    }
}
