use jiff::SignedDuration;

use crate::facts::{Read, Unread, User, WhyUnread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A console password still as it was given out.
    ///
    /// ## What it checks
    ///
    /// Users whose console password was never changed since it was created, or must be changed at the next sign-in,
    /// and who have had it for longer than `maxInitialPasswordAge` (7 days by default): it is the one that whoever made
    /// the user chose.
    ///
    /// The credential report tells when a password was last set, and IAM itself when it was created and whether it must
    /// be changed. Where the password came with the user, the report settles the verdict. Of others with a password
    /// older than the limit, one call each asks for the rest: 5,000 calls a sweep where 5,000 users have one. The report
    /// is up to four hours old, and a change later than that is seen with the next. A password that an administrator
    /// set anew without asking for a change looks like one the user changed.
    ///
    /// ## Why it matters
    ///
    /// An initial password was sent to somebody, in a mail or a chat, and is known to whoever sent it. As long as it is
    /// in force it opens the console to both, and to whoever reads that mail.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a password taken away cannot be given back. Its user signs in and changes it; or whoever
    /// answers for the user removes it with `aws iam delete-login-profile --user-name …`, or has it changed at the next
    /// sign-in with `aws iam update-login-profile --user-name … --password-reset-required`, which this rule gives
    /// `maxInitialPasswordAge` too.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 IA-5, which asks that default authenticators be changed before first use; IAM API,
    /// `LoginProfile`; IAM User Guide, "Getting credential reports".
    UserDefaultPassword {
        id: "user-default-password",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-5"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [LoginProfile],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// The longest a password may stay as it was given out.
    "maxInitialPasswordAge" => max_initial_password_age: Threshold = 7,
}

/// How it is known to be the password that was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Initial {
    /// It was set once.
    NeverChanged,
    /// It was set by somebody who wants it changed.
    ResetRequired,
}

/// Two dates of one call may differ by this: each is cut to the second by another part of IAM.
const SAME_CALL: SignedDuration = SignedDuration::from_secs(5);

impl Rule for UserDefaultPassword {
    type Subject = User;
    type Params = Params;
    type Finding = Initial;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Initial> {
        let limit = params.max_initial_password_age.duration();
        let profile = match user.login_profile.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(None) => return Verdict::Compliant,
            Ok(Some(profile)) => profile,
        };
        if profile.created.older_than(limit, context.at) == Some(false) {
            return Verdict::Compliant;
        }
        let changed = match user.password_last_changed.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(Some(changed)) => *changed,
            Ok(None) => {
                let why = "the credential report tells no date of the password";
                return Verdict::Unknown(Unread::new(Read::GetCredentialReport, WhyUnread::Failed, why));
            }
        };
        if context.at.duration_since(changed) <= limit {
            return Verdict::Compliant;
        }
        let after = |created| changed.duration_since(created) > SAME_CALL;
        if !after(profile.created.earliest) {
            return Verdict::NonCompliant(Initial::NeverChanged);
        }
        match (profile.reset_required, after(profile.created.latest)) {
            (Some(true), _) => Verdict::NonCompliant(Initial::ResetRequired),
            (Some(false), true) => Verdict::Compliant,
            (None, _) | (Some(false), false) => Verdict::Unknown(Unread::new(
                Read::GetLoginProfile,
                WhyUnread::NotRead,
                "the password's creation is not known",
            )),
        }
    }

    fn annotate(initial: &Initial, params: &Params) -> String {
        let what = match initial {
            Initial::NeverChanged => "was never changed since it was created",
            Initial::ResetRequired => "must be changed at the next sign-in and still is not",
        };
        format!("its console password {what}, more than {} ago", params.max_initial_password_age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, alice, context, days, just_over, throttled};
    use crate::facts::{Fact, LoginProfile, Span};

    fn judge(user: &User) -> Verdict<Initial> {
        UserDefaultPassword::evaluate(user, &Params::default(), &context())
    }

    fn changed(user: User, age: SignedDuration) -> User {
        User { password_last_changed: Fact::Known(ago(age)), ..user }
    }

    fn profile(user: User, created: Span, reset_required: Option<bool>) -> User {
        User { login_profile: Fact::Known(LoginProfile { created, reset_required }), ..user }
    }

    #[test]
    fn a_password_never_changed_is_found_after_seven_days_and_not_a_second_before() {
        assert_eq!(judge(&alice().with_password(days(7))), Verdict::Compliant);
        let found = Verdict::NonCompliant(Initial::NeverChanged);
        assert_eq!(judge(&alice().with_password(just_over(7))), found);
        // The report's date may be off by the seconds a call takes.
        let secs = SignedDuration::from_secs;
        assert_eq!(judge(&changed(alice().with_password(days(30)), days(30) - secs(5))), found);
        assert_eq!(judge(&changed(alice().with_password(days(30)), days(30) - secs(6))), Verdict::Compliant);
    }

    #[test]
    fn a_password_that_must_be_changed_is_one_given_out() {
        let user = |age| profile(changed(alice(), age), Span::exactly(ago(days(900))), Some(true));
        assert_eq!(judge(&user(days(7))), Verdict::Compliant);
        assert_eq!(judge(&user(just_over(7))), Verdict::NonCompliant(Initial::ResetRequired));
    }

    #[test]
    fn a_password_its_user_changed_is_fine_and_so_is_none() {
        assert_eq!(judge(&changed(alice().with_password(days(900)), days(400))), Verdict::Compliant);
        assert_eq!(judge(&alice()), Verdict::Compliant);
    }

    #[test]
    fn what_the_report_leaves_open_is_asked_for() {
        let reported =
            |born, set| judge(&profile(changed(alice(), set), Span::between(ago(born), ago(set)), None));
        assert_eq!(reported(days(900), days(900)), Verdict::NonCompliant(Initial::NeverChanged));
        assert_eq!(reported(days(900), days(7)), Verdict::Compliant);
        match reported(days(900), days(30)) {
            Verdict::Unknown(unread) => {
                assert_eq!((unread.read, unread.why), (Read::GetLoginProfile, WhyUnread::NotRead));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_could_not_be_read_is_unknown_unless_the_password_is_new() {
        let unread = throttled(Read::GetLoginProfile);
        let user = User { login_profile: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::GetCredentialReport);
        let hidden =
            |age| User { password_last_changed: Fact::Unknown(unread.clone()), ..alice().with_password(age) };
        assert_eq!(judge(&hidden(days(30))), Verdict::Unknown(unread.clone()));
        assert_eq!(judge(&hidden(days(7))), Verdict::Compliant);
        let dateless = User { password_last_changed: Fact::Absent, ..alice().with_password(days(30)) };
        assert!(matches!(judge(&dateless), Verdict::Unknown(_)));
    }

    #[test]
    fn says_how_it_is_known() {
        let say = |initial| UserDefaultPassword::annotate(&initial, &Params::default());
        assert_eq!(
            say(Initial::NeverChanged),
            "its console password was never changed since it was created, more than 7 days ago"
        );
        assert_eq!(
            say(Initial::ResetRequired),
            "its console password must be changed at the next sign-in and still is not, more than 7 days ago"
        );
    }
}
