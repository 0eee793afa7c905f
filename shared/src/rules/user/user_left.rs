use crate::facts::{Departure, User};
use crate::remedy::{is_suspended, suspend_user};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A user whose person has left.
    ///
    /// ## What it checks
    ///
    /// Users whose person has left by what a directory or HR system said: in an event to `receive-directory-change`, or in
    /// the full list that it reads. `directory` in the governance file says by which tag, address or table a user is
    /// matched to a person. A date that lies ahead waits, and somebody who is hired again is found no longer. Whoever is
    /// suspended already keeps the rule: nothing is left that the user could do.
    ///
    /// ## Why it matters
    ///
    /// Nobody who has left should be able to sign in for another minute, and access keys know no last day: they go on
    /// working until somebody thinks of them.
    ///
    /// ## What is done about it
    ///
    /// The user is suspended: everything is denied first, then its keys and other credentials are deactivated and its
    /// console password is removed. All but the password can be undone with `restore`, and is not undone by itself when
    /// the person comes back.
    ///
    /// Whose user it is must be beyond doubt. Who matches two people, or whose tags no longer say what they said when the
    /// user was matched, is left to people.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN. Break-glass users belong under `breakGlass` instead.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 PS-4 (personnel termination) and AC-2(3); ISO/IEC 27001:2022 Annex A 5.18. AWS has no rule for it.
    UserLeft {
        id: "user-left",
        severity: Critical,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:PS-4", "NIST-800-53:AC-2(3)"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [
            Departure,
            Tags,
            AccessKeys,
            LoginProfile,
            InlinePolicies,
            AttachedPolicies,
            SshPublicKeys,
            ServiceSpecificCredentials,
            SigningCertificates
        ],
        plan_needs: [],
        steps: [
            AttachUserPolicy,
            PutUserPolicy,
            PutUserPermissionsBoundary,
            UpdateAccessKey,
            UpdateSshPublicKey,
            UpdateServiceSpecificCredential,
            UpdateSigningCertificate,
            DeleteLoginProfile,
            TagUser
        ],
        remediator: SuspendPrincipal,
    }
}

/// Who has left, and what of it is in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    departure: Departure,
    doubt: Option<String>,
}

impl Rule for UserLeft {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Left;

    fn evaluate(user: &User, _: &NoParameters, context: &Context) -> Verdict<Left> {
        let departure = match user.departure.known() {
            Ok(Some(departure)) if departure.is_gone(context.at) => departure,
            Ok(_) => return Verdict::Compliant,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        match is_suspended(user, context) {
            Ok(true) => return Verdict::Compliant,
            Ok(false) => {}
            Err(unread) => return Verdict::Unknown(unread),
        }
        match doubt(user, departure) {
            Ok(doubt) => Verdict::NonCompliant(Left { departure: departure.clone(), doubt }),
            Err(unread) => Verdict::Unknown(unread),
        }
    }

    fn annotate(Left { departure, doubt }: &Left, _: &NoParameters) -> String {
        let since = departure.leaves.map(|leaves| leaves.strftime("%Y-%m-%d %H:%M UTC").to_string());
        let left = format!(
            "{} has left since {}, by {}",
            departure.who(),
            since.unwrap_or_default(),
            departure.source
        );
        doubt.as_ref().map_or(left.clone(), |doubt| format!("{left}; but {doubt}"))
    }

    fn plan(user: &User, left: &Left, params: &NoParameters, context: &Context) -> Proposal {
        match left.doubt {
            None => suspend_user(user, context),
            Some(_) => Proposal {
                left: vec![format!(
                    "whether it is to be suspended: {}. Mend its tags or the table of `directory.matchBy`, or order the \
                     suspension",
                    Self::annotate(left, params)
                )],
                ..Proposal::default()
            },
        }
    }
}

/// Why the departure may be somebody else's. Tags can be changed by whoever may tag the user, its person among them: one
/// that says something else by now is no reason to act, nor to look away.
fn doubt(user: &User, departure: &Departure) -> Result<Option<String>, crate::facts::Unread> {
    if departure.employees.len() != 1 {
        return Ok(Some("the user matches more than one person".to_owned()));
    }
    let tags = user.tags.known().map_err(Clone::clone)?;
    let changed = departure
        .tags
        .iter()
        .find(|(key, value)| tags.and_then(|tags| tags.get(*key)) != Some(*value))
        .map(|(key, _)| format!("its tag {key} no longer says what it did when the user was matched"));
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;
    use crate::directory::EmployeeId;
    use crate::facts::fixture::{QUARANTINE, ago, alice, attached, context, days, just_over, key, throttled};
    use crate::facts::{Fact, Read};

    fn tags(employee: &str) -> BTreeMap<String, String> {
        [("employee_id".to_owned(), employee.to_owned())].into()
    }

    fn departure(leaves: Option<Timestamp>, returns: Option<Timestamp>) -> Departure {
        Departure {
            employees: [EmployeeId::parse("E1").unwrap()].into(),
            tags: tags("E1"),
            leaves,
            returns,
            said: ago(days(9)),
            by_list: false,
            source: "event 1".to_owned(),
            received: ago(days(9)),
            ..Departure::default()
        }
    }

    fn user(departure: Departure) -> User {
        User {
            departure: Fact::Known(departure),
            tags: Fact::Known(tags("E1")),
            ..alice().with_keys([key('A', days(9))])
        }
    }

    fn judge(user: &User) -> Verdict<Left> {
        UserLeft::evaluate(user, &NoParameters::default(), &context())
    }

    fn gone() -> Departure {
        departure(Some(ago(days(0))), None)
    }

    #[test]
    fn a_user_is_found_from_the_second_on_in_which_its_person_leaves() {
        assert!(matches!(judge(&user(gone())), Verdict::NonCompliant(Left { doubt: None, .. })));
        let tomorrow = departure(Some(ago(-just_over(0))), None);
        assert_eq!(judge(&user(tomorrow)), Verdict::Compliant);
        assert_eq!(judge(&user(departure(None, None))), Verdict::Compliant);
        assert_eq!(judge(&alice()), Verdict::Compliant);
    }

    #[test]
    fn who_is_hired_again_is_found_until_the_day_and_not_after() {
        let back = |at| user(departure(Some(ago(days(30))), Some(at)));
        assert!(matches!(judge(&back(ago(-days(1)))), Verdict::NonCompliant(_)));
        assert_eq!(judge(&back(ago(days(0)))), Verdict::Compliant);
    }

    #[test]
    fn what_is_not_known_makes_nobody_a_leaver_nor_compliant() {
        let unread = throttled(Read::Departures);
        let unknown = User { departure: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread));
        let unread = throttled(Read::GetUser);
        let untagged = User { tags: Fact::Unknown(unread.clone()), ..user(gone()) };
        assert_eq!(judge(&untagged), Verdict::Unknown(unread));
    }

    #[test]
    fn whose_user_it_is_must_be_beyond_doubt() {
        let mut two = gone();
        two.employees.insert(EmployeeId::parse("E2").unwrap());
        let moved = User { tags: Fact::Known(tags("E2")), ..user(gone()) };
        let untagged = User { tags: Fact::Absent, ..user(gone()) };
        for user in [user(two), moved, untagged] {
            let Verdict::NonCompliant(left) = judge(&user) else { panic!() };
            assert!(left.doubt.is_some());
            let proposal = UserLeft::plan(&user, &left, &NoParameters::default(), &context());
            assert_eq!((proposal.steps.len(), proposal.left.len(), proposal.unknown.len()), (0, 1, 0));
        }
    }

    #[test]
    fn who_is_suspended_already_keeps_the_rule_and_who_may_be_is_looked_at() {
        let suspended = user(gone()).with_attached([attached(QUARANTINE)]);
        let suspended = User { access_keys: Fact::Known(vec![key('A', days(9)).inactive()]), ..suspended };
        assert_eq!(judge(&suspended), Verdict::Compliant);
        let unread = throttled(Read::ListAccessKeys);
        let unknown = User { access_keys: Fact::Unknown(unread.clone()), ..suspended.clone() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread));
        let unread = throttled(Read::ListAttachedUserPolicies);
        let hidden = User { attached_policies: Fact::Unknown(unread.clone()), ..suspended };
        assert_eq!(judge(&hidden), Verdict::Unknown(unread));
        // What is seen to be open settles it.
        let open = User { attached_policies: Fact::Absent, ..unknown };
        assert!(matches!(judge(&open), Verdict::NonCompliant(_)));
    }

    #[test]
    fn everything_is_denied_and_every_credential_switched_off() {
        let user = user(gone());
        let Verdict::NonCompliant(left) = judge(&user) else { panic!() };
        let proposal = UserLeft::plan(&user, &left, &NoParameters::default(), &context());
        assert_eq!(proposal, suspend_user(&user, &context()));
        assert_eq!(proposal.steps.len(), 3);
        let said = UserLeft::annotate(&left, &NoParameters::default());
        assert_eq!(said, "E1 has left since 2026-11-22 09:00 UTC, by event 1");
    }
}
