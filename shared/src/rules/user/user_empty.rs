use crate::facts::{Fact, OtherCredentialKind, Read, Unread, User, WhyUnread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user with no credential, no policy and no group.
    ///
    /// ## What it checks
    ///
    /// Users who have none of these: a console password, an access key, an SSH public key, a service-specific
    /// credential, a signing certificate, an inline policy, an attached policy, a group. A user is let be for
    /// `newUserGracePeriod` (14 days by default), in which whoever made it may be about to give it something. A
    /// credential that is switched off is one all the same; the credential report does not show a signing certificate
    /// that is.
    ///
    /// No bulk read tells of SSH public keys. They are asked for, with one call, of those users alone who have nothing
    /// else.
    ///
    /// ## Why it matters
    ///
    /// Nobody can sign in as such a user, and it can do nothing. But it is a name that is trusted somewhere, perhaps,
    /// and waits for somebody to make a key for it; and it stands in the way of whoever counts the users.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: what is deleted does not come back with its unique id, and policies that name it elsewhere
    /// name nobody from then on. A person who has looked for these runs `aws iam delete-user --user-name …`, which IAM
    /// refuses where there is something left after all; an MFA device goes first, with
    /// `aws iam deactivate-mfa-device`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-2, which asks that accounts be taken away when they are no longer required.
    UserEmpty {
        id: "user-empty",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [
            Groups,
            InlinePolicies,
            AttachedPolicies,
            AccessKeys,
            LoginProfile,
            SigningCertificates,
            SshPublicKeys,
            ServiceSpecificCredentials
        ],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// A user is let be for at least this long after its creation.
    "newUserGracePeriod" => new_user_grace_period: Days = 14,
}

impl Rule for UserEmpty {
    type Subject = User;
    type Params = Params;
    type Finding = ();

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<()> {
        let grace = params.new_user_grace_period.duration();
        let mut unread = None;
        let mut note = |reason: &Unread| {
            unread.get_or_insert_with(|| reason.clone());
        };
        match user.created.known() {
            Ok(Some(created)) if context.at.duration_since(*created) <= grace => return Verdict::Compliant,
            Ok(Some(_)) => {}
            Ok(None) => {
                note(&Unread::new(Read::GetUser, WhyUnread::Failed, "the user's creation is not known"));
            }
            Err(reason) => note(reason),
        }
        let [ssh, service, certificates] =
            OtherCredentialKind::ALL.map(|kind| has(user.other_credentials(kind)));
        let having = [
            has(&user.groups),
            has(&user.inline_policies),
            has(&user.attached_policies),
            has(&user.access_keys),
            user.login_profile.known().map(|profile| profile.is_some()),
            certificates,
            ssh,
            service,
        ];
        // One thing it surely has settles it, whatever is unknown of the others.
        for has in having {
            match has {
                Ok(true) => return Verdict::Compliant,
                Ok(false) => {}
                Err(reason) => note(reason),
            }
        }
        unread.map_or(Verdict::NonCompliant(()), Verdict::Unknown)
    }

    fn annotate((): &(), _: &Params) -> String {
        "it has no credential, no policy and no group".to_owned()
    }
}

fn has<T>(fact: &Fact<Vec<T>>) -> Result<bool, &Unread> {
    fact.list().map(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{
        ago, alice, attached, context, days, inline, just_over, key, other, throttled,
    };

    fn judge(user: &User) -> Verdict<()> {
        UserEmpty::evaluate(user, &Params::default(), &context())
    }

    fn with_one_thing() -> Vec<User> {
        let others =
            OtherCredentialKind::ALL.map(|kind| alice().with_others([other(kind, 'A', days(1)).inactive()]));
        others
            .into_iter()
            .chain([
                alice().with_groups(["ops"]),
                alice().with_inline([inline("s3", "{}")]),
                alice().with_attached([attached("arn:aws:iam::aws:policy/ReadOnlyAccess")]),
                alice().with_keys([key('A', days(1)).inactive()]),
                alice().with_password(days(1)),
            ])
            .collect()
    }

    #[test]
    fn a_user_with_nothing_is_found_and_one_with_anything_is_not() {
        assert_eq!(judge(&alice()), Verdict::NonCompliant(()));
        let listed = alice().with_groups([]).with_inline([]).with_attached([]).with_keys([]);
        assert_eq!(judge(&listed), Verdict::NonCompliant(()));
        for user in with_one_thing() {
            assert_eq!(judge(&user), Verdict::Compliant, "{user:?}");
        }
    }

    #[test]
    fn a_new_user_is_let_be_for_fourteen_days() {
        let born = |age| User { created: Fact::Known(ago(age)), ..alice() };
        assert_eq!(judge(&born(days(14))), Verdict::Compliant);
        assert_eq!(judge(&born(just_over(14))), Verdict::NonCompliant(()));
        assert_eq!(judge(&born(-days(1))), Verdict::Compliant);
    }

    #[test]
    fn one_thing_settles_it_and_nothing_else_does() {
        let unread = throttled(Read::ListSshPublicKeys);
        let hide = |user: User| User { ssh_public_keys: Fact::Unknown(unread.clone()), ..user };
        assert_eq!(judge(&hide(alice())), Verdict::Unknown(unread.clone()));
        for user in with_one_thing().into_iter().filter(|user| user.ssh_public_keys == Fact::Absent) {
            assert_eq!(judge(&hide(user)), Verdict::Compliant);
        }
        let nothing_known = User::unread(alice().identity);
        assert!(matches!(judge(&nothing_known), Verdict::Unknown(_)));
        let known = nothing_known.with_keys([key('A', days(1))]);
        assert_eq!(judge(&known), Verdict::Compliant);
    }

    #[test]
    fn a_user_of_unknown_age_is_never_found() {
        let unread = throttled(Read::GetUser);
        let unborn = User { created: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&unborn), Verdict::Unknown(unread));
        assert!(matches!(judge(&User { created: Fact::Absent, ..alice() }), Verdict::Unknown(_)));
    }
}
