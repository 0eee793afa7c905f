use super::tagged::{is_one_of, tagged};
use crate::facts::{AccessKey, Unread, User};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user with the credentials of a person and of a program.
    ///
    /// ## What it checks
    ///
    /// Users with both a console password and an active access key. Where a tag, under one of the keys in
    /// `identityTagKeys`, says what is behind the user, more is asked: one whose tag is one of `personValues` may have
    /// no active access key at all, and one whose tag is one of `machineValues` no console password. Letter case does
    /// not count in the values.
    ///
    /// ## Why it matters
    ///
    /// A person who has keys to do what the console does keeps them on a laptop for years; a program with a password is
    /// one that a person signs in as, and no log tells the two apart. Temporary credentials take the place of either.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: which of the two is in whose hands, only people know. For a person they run
    /// `aws iam update-access-key --user-name … --access-key-id … --status Inactive`, and `aws login` or IAM Identity
    /// Center gives the command line what it needs; for a program, `aws iam delete-login-profile --user-name …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Well-Architected SEC02-BP02 (use temporary credentials); IAM User Guide, "Security best practices in IAM".
    UserMixedCredentials {
        id: "user-mixed-credentials",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["WellArchitected:SEC02-BP02"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [Tags, AccessKeys, LoginProfile],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of the tag that says whether a person or a program is behind a user.
    "identityTagKeys" => identity_tag_keys: Names = ["identity-type"],
    /// What it says of a person.
    "personValues" => person_values: Names = ["person", "human"],
    /// What it says of a program.
    "machineValues" => machine_values: Names = ["machine", "service"],
}

/// What a user must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mixed {
    /// A key, being a person.
    Person,
    /// A password, being a program.
    Machine,
    /// Both, being nobody knows what.
    Untold,
}

impl Rule for UserMixedCredentials {
    type Subject = User;
    type Params = Params;
    type Finding = Mixed;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Mixed> {
        let password = user.login_profile.known().map(|profile| profile.is_some());
        let key = user.access_keys.list().map(|keys| keys.iter().any(AccessKey::is_active));
        let broken = |is: bool, finding| if is { Verdict::NonCompliant(finding) } else { Verdict::Compliant };
        let told = |fact: Result<bool, &Unread>, finding| match fact {
            Ok(is) => broken(is, finding),
            Err(unread) => Verdict::Unknown(unread.clone()),
        };
        match (behind(user, params), password, key) {
            // With neither there is nothing to be wrong, with both there is whatever the tag says.
            (_, Ok(false), Ok(false)) => Verdict::Compliant,
            (Ok(Some(finding)), Ok(true), Ok(true)) => Verdict::NonCompliant(finding),
            (_, Ok(true), Ok(true)) => Verdict::NonCompliant(Mixed::Untold),
            (Ok(Some(Mixed::Person)), _, key) => told(key, Mixed::Person),
            (Ok(Some(Mixed::Machine)), password, _) => told(password, Mixed::Machine),
            (Ok(_), Ok(false), _) | (Ok(_), _, Ok(false)) => Verdict::Compliant,
            (Err(unread), ..) | (_, Err(unread), _) | (_, _, Err(unread)) => Verdict::Unknown(unread.clone()),
        }
    }

    fn annotate(mixed: &Mixed, _: &Params) -> String {
        match mixed {
            Mixed::Person => "an active access key, though its tag says that it is a person",
            Mixed::Machine => "a console password, though its tag says that it is a program",
            Mixed::Untold => "both a console password and an active access key",
        }
        .to_owned()
    }
}

/// What the tag says is behind the user.
fn behind<'u>(user: &'u User, params: &Params) -> Result<Option<Mixed>, &'u Unread> {
    Ok(tagged(user, &params.identity_tag_keys)?.and_then(|says| {
        if is_one_of(&params.person_values, says) {
            Some(Mixed::Person)
        } else if is_one_of(&params.machine_values, says) {
            Some(Mixed::Machine)
        } else {
            None
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, key, throttled};
    use crate::facts::{Fact, Read};

    fn judge(user: &User) -> Verdict<Mixed> {
        UserMixedCredentials::evaluate(user, &Params::default(), &context())
    }

    fn with_key(user: User) -> User {
        user.with_keys([key('A', days(1))])
    }

    fn person() -> User {
        alice().with_tag("identity-type", "Human")
    }

    fn machine() -> User {
        alice().with_tag("identity-type", "service")
    }

    #[test]
    fn without_a_tag_only_both_together_are_found() {
        for user in [alice(), alice().with_tag("identity-type", "robot")] {
            assert_eq!(judge(&user), Verdict::Compliant);
            assert_eq!(judge(&user.clone().with_password(days(1))), Verdict::Compliant);
            assert_eq!(judge(&with_key(user.clone())), Verdict::Compliant);
            assert_eq!(judge(&with_key(user.with_password(days(1)))), Verdict::NonCompliant(Mixed::Untold));
        }
    }

    #[test]
    fn a_person_may_have_no_key_and_a_program_no_password() {
        assert_eq!(judge(&person().with_password(days(1))), Verdict::Compliant);
        assert_eq!(judge(&with_key(person())), Verdict::NonCompliant(Mixed::Person));
        assert_eq!(judge(&with_key(machine())), Verdict::Compliant);
        assert_eq!(judge(&machine().with_password(days(1))), Verdict::NonCompliant(Mixed::Machine));
        let both = |user: User| with_key(user.with_password(days(1)));
        assert_eq!(judge(&both(person())), Verdict::NonCompliant(Mixed::Person));
        assert_eq!(judge(&both(machine())), Verdict::NonCompliant(Mixed::Machine));
    }

    #[test]
    fn a_key_that_is_switched_off_does_not_count() {
        let off = [key('A', days(1)).inactive()];
        assert_eq!(judge(&person().with_keys(off.clone())), Verdict::Compliant);
        assert_eq!(judge(&alice().with_password(days(1)).with_keys(off)), Verdict::Compliant);
    }

    /// Of every user and everything that may be hidden of it: what is said in spite of it, is said of it in full sight.
    #[test]
    fn what_is_not_known_never_turns_a_verdict_nor_hides_a_sure_one() {
        let hide = |user: &User, mask: u8| {
            let mut user = user.clone();
            if mask & 1 != 0 {
                user.tags = Fact::Unknown(throttled(Read::GetUser));
            }
            if mask & 2 != 0 {
                user.login_profile = Fact::Unknown(throttled(Read::GetLoginProfile));
                user.password_last_changed = Fact::Absent;
            }
            if mask & 4 != 0 {
                user.access_keys = Fact::Unknown(throttled(Read::ListAccessKeys));
            }
            user
        };
        let kinds = || [alice(), person(), machine()].into_iter();
        let all: Vec<User> = kinds()
            .flat_map(|user| [user.clone(), with_key(user)])
            .flat_map(|user| [user.clone(), user.with_password(days(1))])
            .collect();
        let outcome = |user: &User| match judge(user) {
            Verdict::Compliant => Some(false),
            Verdict::NonCompliant(_) => Some(true),
            Verdict::Unknown(_) => None,
        };
        for mask in 0..8 {
            for user in &all {
                let seen = hide(user, mask);
                let possible: Vec<_> =
                    all.iter().filter(|other| hide(other, mask) == seen).map(outcome).collect();
                let settled = possible.iter().all(|each| *each == possible[0]);
                assert_eq!(outcome(&seen), if settled { possible[0] } else { None }, "{mask} {seen:?}");
            }
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let say = |mixed| UserMixedCredentials::annotate(&mixed, &Params::default());
        assert_eq!(say(Mixed::Untold), "both a console password and an active access key");
        assert_eq!(say(Mixed::Person), "an active access key, though its tag says that it is a person");
        assert_eq!(say(Mixed::Machine), "a console password, though its tag says that it is a program");
    }
}
