use crate::facts::User;
use crate::identifier::Arn;
use crate::policy::glob::{self, Case};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user without an accepted permissions boundary.
    ///
    /// ## What it checks
    ///
    /// Users without a permissions boundary, and those whose boundary is none of `acceptedBoundaries`: ARNs in which
    /// `*` stands for any characters and `?` for any one, as in policies. Where that names none, which is the default,
    /// any boundary will do. The deployment's own quarantine policy is accepted always: it bounds whoever has it to
    /// nothing.
    ///
    /// ## Why it matters
    ///
    /// A boundary is the limit that stays when somebody is given one policy too many. Where people may create users
    /// for others, it is what keeps them from making one that can do more than they.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a boundary that is too narrow stops the user's work. Whoever answers for the user sets it with
    /// `aws iam put-user-permissions-boundary --user-name … --permissions-boundary arn:aws:iam::…:policy/…`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN. Break-glass users, who must not be bounded, need one.
    ///
    /// ## References
    ///
    /// The sample rule `IAM_USER_PERMISSION_BOUNDARY_CHECK` of AWS's open collection of Config rules; IAM User Guide,
    /// "Permissions boundaries for IAM entities".
    UserWithoutBoundary {
        id: "user-without-boundary",
        severity: Low,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [Boundary],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// ARNs of the boundaries that will do, with wildcards; none stands for any boundary.
    "acceptedBoundaries" => accepted_boundaries: Names = [],
}

impl Rule for UserWithoutBoundary {
    type Subject = User;
    type Params = Params;
    /// The boundary it has instead, if it has one.
    type Finding = Option<Arn>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Option<Arn>> {
        let accepted = &params.accepted_boundaries;
        let will_do = |boundary: &Arn| {
            accepted.is_empty()
                || *boundary == context.quarantine_policy
                || accepted.iter().any(|pattern| glob::matches(pattern, boundary.as_str(), Case::Counts))
        };
        match user.boundary.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(boundary)) if will_do(boundary) => Verdict::Compliant,
            Ok(boundary) => Verdict::NonCompliant(boundary.cloned()),
        }
    }

    fn annotate(boundary: &Option<Arn>, _: &Params) -> String {
        match boundary {
            None => "it has no permissions boundary".to_owned(),
            Some(boundary) => format!("its permissions boundary {boundary} is not an accepted one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    const TEAM: &str = "arn:aws:iam::111122223333:policy/boundary/team";

    fn judge(user: &User, accepted: &serde_json::Value) -> Verdict<Option<Arn>> {
        let params = Params::read(&json!({ "acceptedBoundaries": accepted })).unwrap();
        UserWithoutBoundary::evaluate(user, &params, &context())
    }

    #[test]
    fn any_boundary_will_do_where_none_is_named() {
        assert_eq!(judge(&alice(), &json!([])), Verdict::NonCompliant(None));
        assert_eq!(judge(&alice().with_boundary(TEAM), &json!([])), Verdict::Compliant);
    }

    #[test]
    fn only_those_named_will_do_and_the_quarantine() {
        let accepted = json!("arn:aws:iam::*:policy/boundary/*");
        assert_eq!(judge(&alice(), &accepted), Verdict::NonCompliant(None));
        assert_eq!(judge(&alice().with_boundary(TEAM), &accepted), Verdict::Compliant);
        assert_eq!(judge(&alice().with_boundary(QUARANTINE), &accepted), Verdict::Compliant);
        let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
        let verdict = judge(&alice().with_boundary(administrator), &accepted);
        assert_eq!(verdict, Verdict::NonCompliant(Some(arn(administrator))));
    }

    #[test]
    fn a_boundary_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetUser);
        let user = User { boundary: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user, &json!([])), Verdict::Unknown(unread));
    }

    #[test]
    fn says_which_it_has() {
        let say =
            |boundary: Option<&str>| UserWithoutBoundary::annotate(&boundary.map(arn), &Params::default());
        assert_eq!(say(None), "it has no permissions boundary");
        assert_eq!(say(Some(TEAM)), format!("its permissions boundary {TEAM} is not an accepted one"));
    }
}
