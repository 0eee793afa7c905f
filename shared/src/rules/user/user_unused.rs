use super::disuse::{key_is_quiet, password_is_quiet};
use crate::facts::{OtherCredentialKind, Read, Unread, User, WhyUnread};
use crate::remedy::suspend_user;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user none of whose credentials is used.
    ///
    /// ## What it checks
    ///
    /// Users who have a console password or an active access key, and used none of them for
    /// `maxCredentialUsageAge` (90 days by default). A credential never used counts from its creation, as does a
    /// password given anew after an earlier one was used, and a user is let be for `newUserGracePeriod` (14 days
    /// by default). One credential in use keeps the user; one whose use cannot be read makes the verdict unknown.
    ///
    /// A key that was switched off is none of these credentials, yet it tells of its user as it did before: used
    /// within those days, or created within them and never used, it keeps the user, and where its use cannot be
    /// read the verdict is unknown. So deactivating a key, for its age or in a rotation, gets nobody suspended.
    ///
    /// ## Why it matters
    ///
    /// People leave, projects end, and their users stay behind with all their powers.
    ///
    /// ## What is done about it
    ///
    /// The user is suspended: everything is denied first, then its keys are deactivated and its console password is
    /// removed. All but the password can be undone.
    ///
    /// IAM does not tell when an SSH public key, a service-specific credential (CodeCommit, Keyspaces, Bedrock) or a
    /// signing certificate was used. A user with an active one is found all the same, as AWS's managed rule finds
    /// it, and left to people.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN. A key that is exempt from any rule about keys keeps its
    /// user too, under the same ticket and for the same time. Break-glass users belong under `protected` instead.
    ///
    /// ## References
    ///
    /// Beyond what AWS Config's `IAM_USER_UNUSED_CREDENTIALS_CHECK` finds credential by credential, as
    /// `access-key-unused` and `console-password-unused` do; CIS AWS Foundations 3.0 1.12 and 5.0 1.11 (45 days);
    /// Security Hub IAM.8 and IAM.22 (45 days).
    UserUnused {
        id: "user-unused",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.12", "CIS-5.0:1.11", "SecurityHub:IAM.8", "SecurityHub:IAM.22"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [AccessKeys, AccessKeyLastUse, LoginProfile],
        plan_needs: [
            Tags,
            InlinePolicies,
            AttachedPolicies,
            SshPublicKeys,
            ServiceSpecificCredentials,
            SigningCertificates
        ],
        steps: [
            AttachUserPolicy,
            PutUserPolicy,
            PutUserPermissionsBoundary,
            UpdateAccessKey,
            DeleteLoginProfile,
            TagUser
        ],
        remediator: SuspendPrincipal,
    }
}

declare_parameters! {
    /// The longest all of a user's credentials may lie unused.
    "maxCredentialUsageAge" => max_credential_usage_age: Threshold = 90,
    /// A user is let be for at least this long after its creation.
    "newUserGracePeriod" => new_user_grace_period: Days = 14,
}

impl Rule for UserUnused {
    type Subject = User;
    type Params = Params;
    type Finding = usize;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<usize> {
        let created_unread = match user.created.known() {
            Ok(Some(created))
                if context.at.duration_since(*created) <= params.new_user_grace_period.duration() =>
            {
                return Verdict::Compliant;
            }
            Ok(Some(_)) => None,
            Ok(None) => {
                Some(Unread::new(Read::GetUser, WhyUnread::Failed, "the user's creation is not known"))
            }
            Err(unread) => Some(unread.clone()),
        };
        let limit = params.max_credential_usage_age.duration();
        // One credential in use settles it, whatever is unknown of the others.
        let mut unread = None;
        let mut unread_of_inactive = None;
        let mut quiet = 0;
        match user.access_keys.list() {
            Err(reason) => unread = Some(reason.clone()),
            Ok(keys) => {
                for key in keys {
                    match (key_is_quiet(key, limit, context.at), key.is_active()) {
                        (Ok(false), _) => return Verdict::Compliant,
                        (Ok(true), true) => quiet += 1,
                        (Ok(true), false) => {}
                        (Err(reason), true) => unread = Some(reason),
                        (Err(reason), false) => unread_of_inactive = Some(reason),
                    }
                }
            }
        }
        match user.login_profile.known() {
            Err(reason) => unread = Some(reason.clone()),
            Ok(None) => {}
            Ok(Some(profile)) => {
                match password_is_quiet(profile, &user.password_last_used, limit, context.at) {
                    Ok(true) => quiet += 1,
                    Ok(false) => return Verdict::Compliant,
                    Err(reason) => unread = Some(reason),
                }
            }
        }
        // Inactive keys alone are nothing that could lie unused.
        if unread.is_none() && quiet == 0 {
            return Verdict::Compliant;
        }
        match unread.or(created_unread).or(unread_of_inactive) {
            Some(reason) => Verdict::Unknown(reason),
            None => Verdict::NonCompliant(quiet),
        }
    }

    fn annotate(quiet: &usize, params: &Params) -> String {
        let whose = match quiet {
            1 => "its only credential was not".to_owned(),
            _ => format!("none of its {quiet} credentials was"),
        };
        format!("{whose} used for more than {}", params.max_credential_usage_age)
    }

    fn plan(user: &User, _: &usize, _: &Params, context: &Context) -> Proposal {
        let mut unknown = Vec::new();
        for kind in OtherCredentialKind::ALL {
            match user.other_credentials(kind).list() {
                Err(unread) => unknown.push(unread.clone()),
                Ok(others) if others.iter().any(|other| other.is_usable(context.at)) => {
                    let left = format!("it has an active {kind}, whose use IAM does not tell");
                    return Proposal { left: vec![left], ..Proposal::default() };
                }
                Ok(_) => {}
            }
        }
        if unknown.is_empty() {
            suspend_user(user, context)
        } else {
            Proposal { unknown, ..Proposal::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{
        QUARANTINE, ago, alice, arn, context, days, just_over, key, other, throttled,
    };
    use crate::facts::{AccessKey, Fact, LoginProfile, OtherCredential, Span};
    use crate::remedy::{QUARANTINE_TAG, Step};
    use crate::rules::Parameters;

    fn judge_with(user: &User, params: &Params) -> Verdict<usize> {
        UserUnused::evaluate(user, params, &context())
    }

    fn judge(user: &User) -> Verdict<usize> {
        judge_with(user, &Params::default())
    }

    #[test]
    fn a_user_without_credentials_has_none_to_leave_unused() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        assert_eq!(judge(&alice().with_keys([key('A', days(900)).inactive()])), Verdict::Compliant);
        // The date of a password long gone says nothing.
        assert_eq!(judge(&alice().password_used(days(900))), Verdict::Compliant);
    }

    #[test]
    fn a_key_may_lie_unused_for_ninety_days_and_not_a_second_longer() {
        let with_key_used = |age| alice().with_keys([key('A', days(400)).used(age)]);
        assert_eq!(judge(&with_key_used(days(90))), Verdict::Compliant);
        assert_eq!(judge(&with_key_used(just_over(90))), Verdict::NonCompliant(1));
        let with_key_created = |age| alice().with_keys([key('A', age)]);
        assert_eq!(judge(&with_key_created(days(90))), Verdict::Compliant);
        assert_eq!(judge(&with_key_created(just_over(90))), Verdict::NonCompliant(1));
    }

    #[test]
    fn a_password_may_lie_unused_for_ninety_days_and_not_a_second_longer() {
        let with_password_used = |age| alice().with_password(days(400)).password_used(age);
        assert_eq!(judge(&with_password_used(days(90))), Verdict::Compliant);
        assert_eq!(judge(&with_password_used(just_over(90))), Verdict::NonCompliant(1));
        assert_eq!(judge(&alice().with_password(days(90))), Verdict::Compliant);
        assert_eq!(judge(&alice().with_password(just_over(90))), Verdict::NonCompliant(1));
    }

    #[test]
    fn a_new_password_is_not_judged_by_the_last_use_of_an_earlier_one() {
        let user = |age| alice().with_password(age).password_used(days(300));
        assert_eq!(judge(&user(days(1))), Verdict::Compliant);
        assert_eq!(judge(&user(days(90))), Verdict::Compliant);
        assert_eq!(judge(&user(just_over(90))), Verdict::NonCompliant(1));
    }

    #[test]
    fn one_credential_in_use_keeps_the_user() {
        let stale = || [key('A', days(400)).used(days(300)), key('B', days(400))];
        let user = alice().with_keys(stale()).with_password(days(400));
        assert_eq!(judge(&user), Verdict::NonCompliant(3));
        assert_eq!(judge(&user.clone().password_used(days(1))), Verdict::Compliant);
        let in_use = key('C', days(400)).used(days(1));
        assert_eq!(judge(&user.with_keys(stale().into_iter().chain([in_use]))), Verdict::Compliant);
    }

    #[test]
    fn a_key_that_was_switched_off_keeps_its_user_for_as_long_as_in_use() {
        let user = |inactive: AccessKey| {
            alice().with_keys([key('A', days(400)), inactive.inactive()]).with_password(days(400))
        };
        let used = |age| user(key('B', days(400)).used(age));
        assert_eq!(judge(&used(days(1))), Verdict::Compliant);
        assert_eq!(judge(&used(days(90))), Verdict::Compliant);
        assert_eq!(judge(&used(just_over(90))), Verdict::NonCompliant(2));
        // Never used, it counts from its creation, as it did before.
        assert_eq!(judge(&user(key('B', days(90)))), Verdict::Compliant);
        assert_eq!(judge(&user(key('B', just_over(90)))), Verdict::NonCompliant(2));
    }

    #[test]
    fn an_inactive_key_whose_use_could_not_be_read_may_be_what_keeps_the_user() {
        let unread = || key('B', days(400)).use_unknown().inactive();
        let throttled = throttled(Read::GetAccessKeyLastUsed);
        let stale = || key('A', days(400));
        assert_eq!(judge(&alice().with_keys([unread(), stale()])), Verdict::Unknown(throttled.clone()));
        let password = alice().with_keys([unread()]).with_password(days(400));
        assert_eq!(judge(&password), Verdict::Unknown(throttled));
        // Where another credential settles it, or none is left to lie unused, it does not matter.
        let in_use = key('C', days(400)).used(days(1));
        assert_eq!(judge(&alice().with_keys([unread(), stale(), in_use])), Verdict::Compliant);
        assert_eq!(judge(&alice().with_keys([unread()])), Verdict::Compliant);
    }

    #[test]
    fn a_new_user_is_let_be_for_fourteen_days_even_under_a_shorter_limit() {
        let params = Params::read(&json!({ "maxCredentialUsageAge": "1" })).unwrap();
        let user = |age| User {
            created: Fact::Known(ago(age)),
            ..alice().with_keys([key('A', age)]).with_password(age)
        };
        assert_eq!(judge_with(&user(days(14)), &params), Verdict::Compliant);
        assert_eq!(judge_with(&user(just_over(14)), &params), Verdict::NonCompliant(2));
        let params = Params::read(&json!({ "maxCredentialUsageAge": "1", "newUserGracePeriod": 0 })).unwrap();
        assert_eq!(judge_with(&user(just_over(1)), &params), Verdict::NonCompliant(2));
    }

    #[test]
    fn dates_in_the_future_are_recent() {
        assert_eq!(judge(&alice().with_keys([key('A', -days(1))])), Verdict::Compliant);
        assert_eq!(judge(&alice().with_keys([key('A', days(400)).used(-days(1))])), Verdict::Compliant);
        assert_eq!(judge(&alice().with_password(days(400)).password_used(-days(1))), Verdict::Compliant);
        let unborn = User { created: Fact::Known(ago(-days(1))), ..alice().with_keys([key('A', days(400))]) };
        assert_eq!(judge(&unborn), Verdict::Compliant);
    }

    #[test]
    fn a_credential_whose_use_could_not_be_read_makes_it_unknown() {
        let stale = || key('A', days(400));
        let cases: [(User, Read); 4] = [
            (alice().with_keys([stale(), key('B', days(400)).use_unknown()]), Read::GetAccessKeyLastUsed),
            (
                User {
                    access_keys: Fact::not_read(Read::ListAccessKeys),
                    ..alice().with_password(days(400))
                },
                Read::ListAccessKeys,
            ),
            (
                User { login_profile: Fact::not_read(Read::GetLoginProfile), ..alice().with_keys([stale()]) },
                Read::GetLoginProfile,
            ),
            (
                User {
                    password_last_used: Fact::not_read(Read::GetUser),
                    ..alice().with_keys([stale()]).with_password(days(400))
                },
                Read::GetUser,
            ),
        ];
        for (user, read) in cases {
            match judge(&user) {
                Verdict::Unknown(unread) => assert_eq!(unread.read, read),
                other => panic!("{read}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_credential_in_use_settles_what_is_unknown_of_the_others() {
        let in_use = || key('A', days(400)).used(days(1));
        let unread = alice().with_keys([key('B', days(400)).use_unknown(), in_use()]);
        assert_eq!(judge(&unread), Verdict::Compliant);
        let unread = User {
            created: Fact::not_read(Read::GetUser),
            login_profile: Fact::not_read(Read::GetLoginProfile),
            password_last_used: Fact::not_read(Read::GetUser),
            ..alice().with_keys([in_use()])
        };
        assert_eq!(judge(&unread), Verdict::Compliant);
        let unread = User {
            access_keys: Fact::not_read(Read::ListAccessKeys),
            ..alice().with_password(days(400)).password_used(days(1))
        };
        assert_eq!(judge(&unread), Verdict::Compliant);
        let new_password =
            User { password_last_used: Fact::not_read(Read::GetUser), ..alice().with_password(days(10)) };
        assert_eq!(judge(&new_password), Verdict::Compliant);
    }

    #[test]
    fn a_user_of_unknown_age_is_never_found() {
        let unread = throttled(Read::GetUser);
        let stale = alice().with_keys([key('A', days(400))]);
        let unknown = User { created: Fact::Unknown(unread.clone()), ..stale.clone() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread.clone()));
        assert!(matches!(judge(&User { created: Fact::Absent, ..stale }), Verdict::Unknown(_)));
        // Without credentials its age does not matter.
        assert_eq!(judge(&User { created: Fact::Unknown(unread), ..alice() }), Verdict::Compliant);
    }

    #[test]
    fn bounds_that_leave_a_creation_open_are_unknown_where_nothing_else_tells() {
        let key = || key('A', days(0)).created_between(days(1000), days(10));
        assert!(matches!(judge(&alice().with_keys([key()])), Verdict::Unknown(_)));
        assert_eq!(judge(&alice().with_keys([key().used(days(91))])), Verdict::NonCompliant(1));
        let password =
            LoginProfile { created: Span::between(ago(days(1000)), ago(days(10))), reset_required: None };
        let user = User { login_profile: Fact::Known(password), ..alice() };
        assert!(matches!(judge(&user), Verdict::Unknown(_)));
        assert!(matches!(judge(&user.clone().password_used(days(91))), Verdict::Unknown(_)));
        assert_eq!(judge(&user.password_used(days(90))), Verdict::Compliant);
    }

    #[test]
    fn the_user_is_suspended_deny_first() {
        let user = alice()
            .with_keys([key('A', days(400)), key('B', days(400)).inactive(), key('C', days(400))])
            .with_password(days(400));
        let identity = || user.identity.clone();
        assert_eq!(
            UserUnused::plan(&user, &3, &Params::default(), &context()).steps,
            [
                Step::AttachUserPolicy { user: identity(), policy: arn(QUARANTINE) },
                user.deactivate('A'),
                user.deactivate('C'),
                Step::DeleteLoginProfile { user: identity() },
                Step::TagUser { user: identity(), tag: QUARANTINE_TAG.to_owned(), value: "true".to_owned() },
            ]
        );
    }

    #[test]
    fn a_user_who_may_work_with_another_kind_of_credential_is_left_to_people() {
        let plan = |user: User| {
            let user = user.with_keys([key('A', days(400))]);
            assert_eq!(judge(&user), Verdict::NonCompliant(1));
            UserUnused::plan(&user, &1, &Params::default(), &context())
        };
        for kind in OtherCredentialKind::ALL {
            let inactive = || other(kind, 'A', days(1)).inactive();
            let active = plan(alice().with_others([inactive(), other(kind, 'B', days(1))]));
            assert!(active.steps.is_empty());
            assert_eq!(active.left, [format!("it has an active {kind}, whose use IAM does not tell")]);
            assert_eq!(plan(alice().with_others([inactive()])).steps.len(), 3);
            let expired = OtherCredential { expires: Some(context().at), ..other(kind, 'A', days(1)) };
            assert_eq!(plan(alice().with_others([expired])).steps.len(), 3);
            let unread = throttled(Read::ListSshPublicKeys);
            let mut user = alice();
            *user.other_credentials_mut(kind) = Fact::Unknown(unread.clone());
            assert_eq!(plan(user), Proposal { unknown: vec![unread], ..Proposal::default() });
        }
    }

    #[test]
    fn says_how_many_credentials() {
        let params = Params::read(&json!({ "maxCredentialUsageAge": 45 })).unwrap();
        assert_eq!(
            UserUnused::annotate(&1, &params),
            "its only credential was not used for more than 45 days"
        );
        assert_eq!(
            UserUnused::annotate(&3, &params),
            "none of its 3 credentials was used for more than 45 days"
        );
    }
}
