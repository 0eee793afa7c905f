use jiff::SignedDuration;

use crate::facts::{AccessKey, Read, Unread, User, WhyUnread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An access key made together with a console user.
    ///
    /// ## What it checks
    ///
    /// Active access keys that were created within `setupMinutes` (5 by default) of their user's creation, where the
    /// user has a console password. A key that a user makes for itself later, or that takes the first one's place in a
    /// rotation, is fine.
    ///
    /// The benchmark's own procedure finds keys never used of users with a password, whenever they were made, for want
    /// of dates in the credential report. Here the dates decide. The report bounds a key's creation; where these bounds
    /// leave it open, the user's keys are listed once and their dates are remembered.
    ///
    /// ## Why it matters
    ///
    /// A key that comes with every new user is one that mostly nobody asked for, that somebody other than its user has
    /// seen, and that lies about until it is found.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: `access-key-unused` deactivates those that nobody uses. For one that is in use, its user makes
    /// another with `aws iam create-access-key`, takes that into use, and switches the first off with
    /// `aws iam update-access-key --access-key-id … --status Inactive`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN.
    ///
    /// ## References
    ///
    /// CIS AWS Foundations 3.0 1.11 and 5.0 1.10, for which AWS has no check.
    UserKeyMadeAtCreation {
        id: "user-key-made-at-creation",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.11", "CIS-5.0:1.10"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [AccessKeys, LoginProfile],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Minutes from a user's creation within which a key counts as made together with it.
    "setupMinutes" => setup_minutes: Count = 5,
}

impl Rule for UserKeyMadeAtCreation {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Vec<AccessKey>> {
        let setup = SignedDuration::from_mins(params.setup_minutes.get().into());
        let created = || match user.created.known() {
            Err(unread) => Err(unread.clone()),
            Ok(None) => {
                Err(Unread::new(Read::GetUser, WhyUnread::Failed, "the user's creation is not known"))
            }
            Ok(Some(created)) => Ok(*created),
        };
        let keys = || match user.access_keys.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(keys) => Verdict::of_each(keys, |key| {
                if !key.is_active() {
                    return Ok(false);
                }
                let (created, made) = (created()?, key.created);
                if made.latest.duration_since(created) <= setup {
                    Ok(true)
                } else if made.earliest.duration_since(created) > setup {
                    Ok(false)
                } else {
                    Err(Unread::new(
                        Read::ListAccessKeys,
                        WhyUnread::NotRead,
                        "the key's creation is not known",
                    ))
                }
            }),
        };
        match user.login_profile.known() {
            Ok(None) => Verdict::Compliant,
            Ok(Some(_)) => keys(),
            // Without such a key it does not matter whether there is a password.
            Err(unread) => match keys() {
                Verdict::Compliant => Verdict::Compliant,
                Verdict::NonCompliant(_) | Verdict::Unknown(_) => Verdict::Unknown(unread.clone()),
            },
        }
    }

    fn annotate(keys: &Vec<AccessKey>, params: &Params) -> String {
        let labels: Vec<String> = keys.iter().map(AccessKey::label).collect();
        format!(
            "{} was created within {} minutes of the user, who has a console password",
            labels.join(", "),
            params.setup_minutes
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Fact;
    use crate::facts::fixture::{alice, context, days, key, throttled};
    use crate::rules::Parameters;

    fn judge(user: &User) -> Verdict<Vec<AccessKey>> {
        UserKeyMadeAtCreation::evaluate(user, &Params::default(), &context())
    }

    /// A key made so many seconds after its user, who is a thousand days old.
    fn after(seconds: i64) -> AccessKey {
        key('A', days(1000) - SignedDuration::from_secs(seconds))
    }

    fn console_user() -> User {
        alice().with_password(days(1000))
    }

    #[test]
    fn a_key_of_the_first_five_minutes_is_found_and_none_of_a_second_later() {
        for seconds in [0, 1, 299, 300] {
            let found = Verdict::NonCompliant(vec![after(seconds)]);
            assert_eq!(judge(&console_user().with_keys([after(seconds)])), found, "{seconds}");
        }
        assert_eq!(judge(&console_user().with_keys([after(301)])), Verdict::Compliant);
        let params = Params::read(&json!({ "setupMinutes": "60" })).unwrap();
        let user = console_user().with_keys([after(301)]);
        assert!(matches!(
            UserKeyMadeAtCreation::evaluate(&user, &params, &context()),
            Verdict::NonCompliant(_)
        ));
    }

    #[test]
    fn whether_the_key_is_used_does_not_matter_but_it_must_be_active() {
        assert!(matches!(
            judge(&console_user().with_keys([after(0).used(days(1))])),
            Verdict::NonCompliant(_)
        ));
        assert_eq!(judge(&console_user().with_keys([after(0).inactive()])), Verdict::Compliant);
    }

    #[test]
    fn a_user_without_a_password_may_come_with_a_key() {
        assert_eq!(judge(&alice().with_keys([after(0)])), Verdict::Compliant);
    }

    #[test]
    fn bounds_settle_it_where_they_lie_on_one_side() {
        let between = |from, to| {
            let key = after(0).created_between(
                days(1000) - SignedDuration::from_secs(from),
                days(1000) - SignedDuration::from_secs(to),
            );
            judge(&console_user().with_keys([key]))
        };
        assert!(matches!(between(0, 300), Verdict::NonCompliant(_)));
        assert_eq!(between(301, 10_000), Verdict::Compliant);
        // What the report tells of most: some time since the user was created.
        match between(0, 301) {
            Verdict::Unknown(unread) => {
                assert_eq!((unread.read, unread.why), (Read::ListAccessKeys, WhyUnread::NotRead));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_could_not_be_read_is_unknown_unless_the_rest_settles_it() {
        let unread = throttled(Read::GetLoginProfile);
        let hidden = |user: User| User { login_profile: Fact::Unknown(unread.clone()), ..user };
        assert_eq!(judge(&hidden(alice())), Verdict::Compliant);
        assert_eq!(judge(&hidden(alice().with_keys([after(400)]))), Verdict::Compliant);
        assert_eq!(judge(&hidden(alice().with_keys([after(0)]))), Verdict::Unknown(unread.clone()));
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..console_user() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::GetUser);
        let user = User { created: Fact::Unknown(unread.clone()), ..console_user().with_keys([after(0)]) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let user = User { created: Fact::Absent, ..console_user() };
        assert_eq!(judge(&user), Verdict::Compliant);
    }

    #[test]
    fn says_which_key_and_of_whom() {
        let said = UserKeyMadeAtCreation::annotate(&vec![after(0)], &Params::default());
        assert_eq!(said, "key …AAAA was created within 5 minutes of the user, who has a console password");
    }
}
