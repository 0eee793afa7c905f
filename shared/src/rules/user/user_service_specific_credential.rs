use super::other_credentials::{deactivate, is_older, labels};
use super::tagged::is_one_of;
use crate::facts::{OtherCredential, User};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A long-term API key or password for one service.
    ///
    /// ## What it checks
    ///
    /// Active service-specific credentials: the Git passwords of CodeCommit, the passwords of Amazon Keyspaces, and the
    /// long-term API keys of Amazon Bedrock and CloudWatch Logs. One for a service in `permittedServices`, such as
    /// `codecommit.amazonaws.com`, is fine until it is older than `maxCredentialAge` (90 days by default); one for any
    /// other service is found at once. By default no service is permitted. Letter case does not count. A credential past
    /// its own expiry is none.
    ///
    /// A sweep lists those of all users at once, in pages. Where a partition does not take `AllUsers` yet, each user is
    /// asked for: 5,000 calls for 5,000 users, some five minutes of what IAM takes before it throttles.
    ///
    /// ## Why it matters
    ///
    /// Such a credential is as good as an access key to its service, works without a signature and without MFA, and
    /// shows neither in the credential report nor in a last use. A leaked Bedrock key is somebody else's model at your
    /// cost. Each of these services takes temporary credentials too.
    ///
    /// ## What is done about it
    ///
    /// The credential is switched off, not deleted, and can be switched on again as it was. IAM does not tell whether it
    /// was in use: ask its owner before this rule is enforced, and give the work a role.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Well-Architected SEC02-BP02 (use temporary credentials); IAM User Guide, "Service-specific credentials" and
    /// "API keys for Amazon Bedrock". AWS has no check for it.
    UserServiceSpecificCredential {
        id: "user-service-specific-credential",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["WellArchitected:SEC02-BP02"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [ServiceSpecificCredentials],
        plan_needs: [],
        steps: [UpdateServiceSpecificCredential],
        remediator: DeactivateOtherCredentials,
    }
}

declare_parameters! {
    /// Services for which users may have such a credential.
    "permittedServices" => permitted_services: Names = [],
    /// The oldest such a credential may be.
    "maxCredentialAge" => max_credential_age: Threshold = 90,
}

impl Rule for UserServiceSpecificCredential {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<OtherCredential>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<OtherCredential>> {
        let limit = params.max_credential_age.duration();
        let is_permitted = |live: &OtherCredential| {
            live.service.as_ref().is_some_and(|service| is_one_of(&params.permitted_services, service))
        };
        match user.service_specific_credentials.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(list) => Verdict::of_each(list, |live| {
                if !live.is_usable(context.at) {
                    Ok(false)
                } else if is_permitted(live) {
                    is_older(live, limit, context.at)
                } else {
                    Ok(true)
                }
            }),
        }
    }

    fn annotate(found: &Vec<OtherCredential>, params: &Params) -> String {
        if params.permitted_services.is_empty() {
            labels(found)
        } else {
            format!("not permitted, or older than {}: {}", params.max_credential_age, labels(found))
        }
    }

    fn plan(user: &User, found: &Vec<OtherCredential>, _: &Params, _: &Context) -> Proposal {
        deactivate(user, found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{ago, alice, context, credential_id, days, just_over, other, throttled};
    use crate::facts::{Fact, OtherCredentialKind, Read};
    use crate::remedy::Step;
    use crate::rules::Parameters;

    const KIND: OtherCredentialKind = OtherCredentialKind::ServiceSpecificCredential;

    fn bedrock(letter: char) -> OtherCredential {
        other(KIND, letter, days(1)).of("bedrock.amazonaws.com")
    }

    fn judge(user: &User) -> Verdict<Vec<OtherCredential>> {
        UserServiceSpecificCredential::evaluate(user, &Params::default(), &context())
    }

    #[test]
    fn every_active_one_is_found_however_new() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        let user = alice().with_others([bedrock('A'), bedrock('B').inactive()]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![bedrock('A')]));
        let of_no_service = other(KIND, 'A', days(1));
        let user = alice().with_others([of_no_service.clone()]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![of_no_service]));
    }

    #[test]
    fn one_past_its_expiry_is_none() {
        let expires = |age| OtherCredential { expires: Some(ago(age)), ..bedrock('A') };
        assert_eq!(judge(&alice().with_others([expires(days(0))])), Verdict::Compliant);
        let in_a_day = expires(-days(1));
        let user = alice().with_others([in_a_day.clone()]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![in_a_day]));
    }

    #[test]
    fn one_for_a_permitted_service_is_fine_until_it_is_too_old() {
        let params = Params::read(&json!({ "permittedServices": "CodeCommit.amazonaws.com" })).unwrap();
        let judge = |live: OtherCredential| {
            let user = alice().with_others([live]);
            UserServiceSpecificCredential::evaluate(&user, &params, &context())
        };
        let git = |age| other(KIND, 'A', age).of("codecommit.amazonaws.com");
        assert_eq!(judge(git(days(90))), Verdict::Compliant);
        assert_eq!(judge(git(just_over(90))), Verdict::NonCompliant(vec![git(just_over(90))]));
        assert_eq!(judge(git(just_over(90)).inactive()), Verdict::Compliant);
        assert_eq!(judge(bedrock('B')), Verdict::NonCompliant(vec![bedrock('B')]));
    }

    #[test]
    fn what_could_not_be_listed_is_unknown() {
        let unread = throttled(Read::ListServiceSpecificCredentials);
        let user = User { service_specific_credentials: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn just_those_found_are_switched_off() {
        let user = alice().with_others([bedrock('A'), bedrock('B')]);
        let proposal =
            UserServiceSpecificCredential::plan(&user, &vec![bedrock('B')], &Params::default(), &context());
        let step =
            Step::DeactivateCredential { user: alice().identity, kind: KIND, credential: credential_id('B') };
        assert_eq!(proposal, Proposal { steps: vec![step], ..Proposal::default() });
    }

    #[test]
    fn says_which_and_for_what() {
        let say = |params: &Params| UserServiceSpecificCredential::annotate(&vec![bedrock('A')], params);
        let which = "service-specific credential …AAAA for bedrock.amazonaws.com";
        assert_eq!(say(&Params::default()), which);
        let params = Params::read(&json!({ "permittedServices": "x" })).unwrap();
        assert_eq!(say(&params), format!("not permitted, or older than 90 days: {which}"));
    }
}
