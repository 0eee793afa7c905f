use crate::facts::User;
use crate::identifier::GroupName;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user in groups that must be kept apart.
    ///
    /// ## What it checks
    ///
    /// The groups of each user: whether two of them are in one entry of `conflictingGroups`. An entry names a duty and the
    /// groups that share it out, such as `audit:[iam-admins;auditors]`; nobody may be in two of them. Without an entry,
    /// which is the default, every user is fine.
    ///
    /// ## Why it matters
    ///
    /// Who grants access and who checks what was granted must be two people, or nobody checks.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: which of the two jobs the user has only people know. They take the user out of the other group
    /// with `aws iam remove-user-from-group --group-name … --user-name …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-5, separation of duties. No rule of AWS Config checks this.
    GroupSeparationOfDuties {
        id: "group-separation-of-duties",
        severity: Medium,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-5"],
        journey: (Refinement, effort: Medium, benefit: High),
        needs: [Groups],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Groups of which nobody may be in two, as `duty:[group;group]`.
    "conflictingGroups" => conflicting_groups: Lists = [],
}

/// Groups of one user that a duty keeps apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    duty: String,
    groups: Vec<String>,
}

impl Rule for GroupSeparationOfDuties {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<Conflict>;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Vec<Conflict>> {
        if params.conflicting_groups.is_empty() {
            return Verdict::Compliant;
        }
        let groups = match user.groups.list() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(groups) => groups,
        };
        let of = |duty: &str| {
            let apart = params.conflicting_groups.get(duty).unwrap_or_default();
            let both = groups.iter().map(GroupName::as_str).filter(|group| apart.contains(group));
            both.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut conflicts: Vec<Conflict> = params
            .conflicting_groups
            .names()
            .map(|duty| Conflict { duty: duty.to_owned(), groups: of(duty) })
            .filter(|conflict| conflict.groups.len() > 1)
            .collect();
        conflicts.dedup();
        if conflicts.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(conflicts) }
    }

    fn annotate(conflicts: &Vec<Conflict>, _: &Params) -> String {
        let said: Vec<String> = conflicts
            .iter()
            .map(|conflict| format!("{} (kept apart for {})", conflict.groups.join(" and "), conflict.duty))
            .collect();
        format!("it is in {}", said.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn params() -> Params {
        Params::read(&json!({ "conflictingGroups": "audit:[iam-admins;auditors;billing], release:[developers;release]" }))
            .unwrap()
    }

    fn judge(user: &User) -> Verdict<Vec<Conflict>> {
        GroupSeparationOfDuties::evaluate(user, &params(), &context())
    }

    fn member_of(groups: &[&str]) -> User {
        let groups = groups.iter().map(|group| GroupName::parse(group).unwrap()).collect();
        User { groups: Fact::Known(groups), ..alice() }
    }

    #[test]
    fn nobody_may_be_in_two_groups_of_one_duty() {
        let conflict = |duty: &str, groups: &[&str]| Conflict {
            duty: duty.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        assert_eq!(judge(&alice()), Verdict::Compliant);
        assert_eq!(judge(&member_of(&["iam-admins", "developers", "ops"])), Verdict::Compliant);
        assert_eq!(
            judge(&member_of(&["auditors", "iam-admins"])),
            Verdict::NonCompliant(vec![conflict("audit", &["auditors", "iam-admins"])])
        );
        assert_eq!(
            judge(&member_of(&["auditors", "billing", "developers", "release"])),
            Verdict::NonCompliant(vec![
                conflict("audit", &["auditors", "billing"]),
                conflict("release", &["developers", "release"])
            ])
        );
    }

    #[test]
    fn without_a_duty_every_user_is_fine() {
        let user = member_of(&["auditors", "iam-admins"]);
        let verdict = GroupSeparationOfDuties::evaluate(&user, &Params::default(), &context());
        assert_eq!(verdict, Verdict::Compliant);
    }

    #[test]
    fn groups_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        assert_eq!(
            judge(&User { groups: Fact::Unknown(unread.clone()), ..alice() }),
            Verdict::Unknown(unread)
        );
    }

    #[test]
    fn says_which_groups_and_why() {
        let Verdict::NonCompliant(found) = judge(&member_of(&["auditors", "iam-admins"])) else {
            panic!("fine")
        };
        assert_eq!(
            GroupSeparationOfDuties::annotate(&found, &params()),
            "it is in auditors and iam-admins (kept apart for audit)"
        );
    }
}
