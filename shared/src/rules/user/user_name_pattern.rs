use crate::facts::User;
use crate::policy::glob::{self, Case};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A user whose name is not of the agreed form.
    ///
    /// ## What it checks
    ///
    /// Users whose name matches none of the patterns in `namePatterns`, in which `*` stands for any characters and `?`
    /// for any one, as in policies, and letter case counts. The path is no part of the name. Without any pattern, which
    /// is the default, every name is fine.
    ///
    /// ## Why it matters
    ///
    /// A name is what a log line shows. One that says whose user it is, and whether a person or a program is behind it,
    /// saves the search when minutes count.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a user's name is part of its ARN, which policies elsewhere may name. Whoever answers for the
    /// user looks for these, then renames it with `aws iam update-user --user-name … --new-user-name …`, or in the
    /// template that made it.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN, or a pattern for the name.
    ///
    /// ## References
    ///
    /// The sample rule `IAM_USER_MATCHES_REGEX_PATTERN` of AWS's open collection of Config rules asks the same with a
    /// regular expression.
    UserNamePattern {
        id: "user-name-pattern",
        severity: Low,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-4"],
        journey: (Refinement, effort: Medium, benefit: Low),
        needs: [],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Patterns of which a user's name must match at least one, such as `svc-*`.
    "namePatterns" => name_patterns: Names = [],
}

impl Rule for UserNamePattern {
    type Subject = User;
    type Params = Params;
    type Finding = ();

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<()> {
        let name = user.identity.name.as_str();
        let patterns = &params.name_patterns;
        if patterns.is_empty() || patterns.iter().any(|pattern| glob::matches(pattern, name, Case::Counts)) {
            Verdict::Compliant
        } else {
            Verdict::NonCompliant(())
        }
    }

    fn annotate((): &(), params: &Params) -> String {
        let patterns: Vec<&str> = params.name_patterns.iter().collect();
        format!("its name is not like {}", patterns.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context};
    use crate::rules::Parameters;

    fn judge(name: &str, patterns: &serde_json::Value) -> Verdict<()> {
        let params = Params::read(&json!({ "namePatterns": patterns })).unwrap();
        UserNamePattern::evaluate(&alice().named("/team/", name), &params, &context())
    }

    #[test]
    fn a_name_matches_one_of_the_patterns_from_end_to_end() {
        let patterns = json!("svc-*,?.*@example.com");
        for fine in ["svc-", "svc-backup", "a.lovelace@example.com"] {
            assert_eq!(judge(fine, &patterns), Verdict::Compliant, "{fine}");
        }
        for wrong in ["my-svc-backup", "Svc-backup", "ada@example.com", "a.lovelace@example.com.attacker"] {
            assert_eq!(judge(wrong, &patterns), Verdict::NonCompliant(()), "{wrong}");
        }
    }

    #[test]
    fn the_path_is_no_part_of_the_name() {
        assert_eq!(judge("alice", &json!("team/*,*/alice")), Verdict::NonCompliant(()));
        assert_eq!(judge("alice", &json!("alice")), Verdict::Compliant);
    }

    #[test]
    fn without_a_pattern_every_name_is_fine() {
        assert_eq!(judge("xXx", &json!([])), Verdict::Compliant);
    }

    #[test]
    fn says_what_it_should_be_like() {
        let params = Params::read(&json!({ "namePatterns": "svc-*,p-*" })).unwrap();
        assert_eq!(UserNamePattern::annotate(&(), &params), "its name is not like svc-* or p-*");
    }
}
