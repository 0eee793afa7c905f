use super::disuse::password_is_quiet;
use crate::facts::User;
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A console password nobody uses.
    ///
    /// ## What it checks
    ///
    /// Users whose console password was not used for `maxCredentialUsageAge` (90 days by default), whatever else they
    /// use. A password never used counts from its creation, as does one given anew after an earlier one was used.
    ///
    /// ## Why it matters
    ///
    /// A password that nobody misses is one that nobody notices in other hands.
    ///
    /// ## What is done about it
    ///
    /// A password taken away cannot be given back, so it is left to people unless `removePassword` (false by default) is
    /// set: whoever answers for the user removes it with `aws iam delete-login-profile --user-name …`, or the user signs
    /// in. With it set, the password is deleted; the user keeps everything else, and an administrator can give it a new
    /// one. A user none of whose credentials is used is suspended by `user-unused`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// The password half of AWS Config managed rule `IAM_USER_UNUSED_CREDENTIALS_CHECK`; CIS AWS Foundations 3.0 1.12
    /// and 5.0 1.11 (45 days); Security Hub IAM.8 and IAM.22 (45 days).
    ConsolePasswordUnused {
        id: "console-password-unused",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["IAM_USER_UNUSED_CREDENTIALS_CHECK"],
        controls: ["CIS-3.0:1.12", "CIS-5.0:1.11", "SecurityHub:IAM.8", "SecurityHub:IAM.22"],
        journey: (Foundation, effort: Low, benefit: Medium),
        needs: [LoginProfile],
        plan_needs: [],
        steps: [DeleteLoginProfile],
        remediator: RemoveConsoleAccess,
    }
}

declare_parameters! {
    /// The longest a console password may lie unused.
    "maxCredentialUsageAge" => max_credential_usage_age: Threshold = 90,
    /// Whether the password is deleted, which cannot be undone.
    "removePassword" => remove_password: Flag = false,
}

impl Rule for ConsolePasswordUnused {
    type Subject = User;
    type Params = Params;
    type Finding = ();

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<()> {
        let limit = params.max_credential_usage_age.duration();
        match user.login_profile.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(None) => Verdict::Compliant,
            Ok(Some(profile)) => {
                match password_is_quiet(profile, &user.password_last_used, limit, context.at) {
                    Err(unread) => Verdict::Unknown(unread),
                    Ok(false) => Verdict::Compliant,
                    Ok(true) => Verdict::NonCompliant(()),
                }
            }
        }
    }

    fn annotate((): &(), params: &Params) -> String {
        format!("its console password was not used for more than {}", params.max_credential_usage_age)
    }

    fn plan(user: &User, (): &(), params: &Params, _: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        if params.remove_password.is_set() {
            proposal.steps.push(Step::DeleteLoginProfile { user: user.identity.clone() });
        } else {
            proposal.left.push("the password: it cannot be given back, so delete it yourself".to_owned());
        }
        proposal
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, days, just_over, key, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(user: &User) -> Verdict<()> {
        ConsolePasswordUnused::evaluate(user, &Params::default(), &context())
    }

    #[test]
    fn a_password_may_lie_unused_for_ninety_days_and_not_a_second_longer() {
        let used = |age| judge(&alice().with_password(days(400)).password_used(age));
        assert_eq!(used(days(90)), Verdict::Compliant);
        assert_eq!(used(just_over(90)), Verdict::NonCompliant(()));
        let never_used = |age| judge(&alice().with_password(age));
        assert_eq!(never_used(days(90)), Verdict::Compliant);
        assert_eq!(never_used(just_over(90)), Verdict::NonCompliant(()));
    }

    #[test]
    fn a_key_in_use_excuses_no_password() {
        let user = alice().with_password(days(400)).with_keys([key('A', days(400)).used(days(1))]);
        assert_eq!(judge(&user), Verdict::NonCompliant(()));
    }

    #[test]
    fn without_a_password_there_is_none_to_lie_unused() {
        assert_eq!(judge(&alice().password_used(days(900))), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetUser);
        let user =
            User { password_last_used: Fact::Unknown(unread.clone()), ..alice().with_password(days(400)) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::GetLoginProfile);
        let user = User { login_profile: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn a_new_password_is_not_judged_by_the_last_use_of_an_earlier_one() {
        assert_eq!(judge(&alice().with_password(days(1)).password_used(days(300))), Verdict::Compliant);
    }

    #[test]
    fn the_password_is_deleted_only_where_the_governance_file_says_so() {
        let plan = |parameters| {
            let params = Params::read(&parameters).unwrap();
            ConsolePasswordUnused::plan(&alice(), &(), &params, &context())
        };
        let left = plan(json!({}));
        assert!(left.steps.is_empty() && left.left.len() == 1, "{left:?}");
        let removed = plan(json!({ "removePassword": "true" }));
        assert_eq!(removed.steps, [Step::DeleteLoginProfile { user: alice().identity }]);
    }

    #[test]
    fn says_for_how_long() {
        let said = ConsolePasswordUnused::annotate(&(), &Params::default());
        assert_eq!(said, "its console password was not used for more than 90 days");
    }
}
