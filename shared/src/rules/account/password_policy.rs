use crate::facts::{Account, PasswordPolicy};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A password policy that demands too little.
    ///
    /// ## What it checks
    ///
    /// Accounts whose password policy demands less than it should in one of the nine options of the IAM API:
    /// `MinimumPasswordLength` (14 by default), `RequireUppercaseCharacters` (true by default),
    /// `RequireLowercaseCharacters` (true by default), `RequireSymbols` (true by default), `RequireNumbers` (true by
    /// default), `PasswordReusePrevention` (24 by default), `MaxPasswordAge` (90 days by default),
    /// `AllowUsersToChangePassword` (false by default) and `HardExpiry` (false by default). `false`, and 0 where a number
    /// stands, demand nothing; a number greater than IAM takes stands for the greatest it takes. An account whose policy
    /// nobody has set breaks the rule, whatever the rule demands.
    ///
    /// ## Why it matters
    ///
    /// Users with a console password choose what the policy lets them choose, and short passwords are guessed from
    /// elsewhere.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself. A person sets the policy with `aws iam update-account-password-policy`. That call resets every
    /// option it does not name, so name those too in which the policy already asks for more. `MaxPasswordAge` counts for
    /// passwords that are there: users whose password is older must change it at their next sign-in, and with
    /// `HardExpiry` an administrator must let them in.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_PASSWORD_POLICY`, whose parameter names are accepted; it knows the first seven
    /// options, and reads anything but `true` in lower case as `false`, where this rule refuses what is neither. CIS AWS
    /// Foundations 3.0 1.8 and 1.9, 5.0 1.7 and 1.8; Security Hub IAM.7 and IAM.10 to IAM.17.
    PasswordPolicyWeak {
        id: "password-policy",
        severity: Medium,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["IAM_PASSWORD_POLICY"],
        controls: [
            "CIS-3.0:1.8", "CIS-3.0:1.9", "CIS-5.0:1.7", "CIS-5.0:1.8", "SecurityHub:IAM.7", "SecurityHub:IAM.10",
            "SecurityHub:IAM.11", "SecurityHub:IAM.12", "SecurityHub:IAM.13", "SecurityHub:IAM.14",
            "SecurityHub:IAM.15", "SecurityHub:IAM.16", "SecurityHub:IAM.17"
        ],
        journey: (Foundation, effort: Low, benefit: Medium),
        needs: [PasswordPolicy],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// The fewest characters.
    "MinimumPasswordLength" => minimum_password_length: Count = 14,
    /// Whether a letter from A to Z must be in a password.
    "RequireUppercaseCharacters" => require_uppercase_characters: Flag = true,
    /// Whether a letter from a to z must be in it.
    "RequireLowercaseCharacters" => require_lowercase_characters: Flag = true,
    /// Whether a symbol must be in it.
    "RequireSymbols" => require_symbols: Flag = true,
    /// Whether a digit must be in it.
    "RequireNumbers" => require_numbers: Flag = true,
    /// How many earlier passwords must not be used again; 0 for none.
    "PasswordReusePrevention" => password_reuse_prevention: Count = 24,
    /// The longest a password may be kept; 0 for ever.
    "MaxPasswordAge" => max_password_age: Days = 90,
    /// Whether users must be let change their own.
    "AllowUsersToChangePassword" => allow_users_to_change_password: Flag = false,
    /// Whether who lets it expire must need an administrator to get in again.
    "HardExpiry" => hard_expiry: Flag = false,
}

/// The most that IAM takes of each option (IAM API, `UpdateAccountPasswordPolicy`).
const LONGEST: u32 = 128;
const MOST_REMEMBERED: u32 = 24;
const OLDEST: u32 = 1_095;

impl Params {
    /// What is demanded, as a policy.
    fn wanted(&self) -> PasswordPolicy {
        let unless_zero = |number: u32| (number > 0).then_some(number);
        PasswordPolicy {
            minimum_password_length: self.minimum_password_length.get().min(LONGEST),
            require_symbols: self.require_symbols.is_set(),
            require_numbers: self.require_numbers.is_set(),
            require_uppercase_characters: self.require_uppercase_characters.is_set(),
            require_lowercase_characters: self.require_lowercase_characters.is_set(),
            allow_users_to_change_password: self.allow_users_to_change_password.is_set(),
            max_password_age: unless_zero(self.max_password_age.get().min(OLDEST)),
            password_reuse_prevention: unless_zero(self.password_reuse_prevention.get().min(MOST_REMEMBERED)),
            hard_expiry: self.hard_expiry.is_set(),
        }
    }
}

/// In what a policy falls short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// Nobody has set one.
    NotSet,
    /// In these options.
    In(Vec<&'static str>),
}

impl Rule for PasswordPolicyWeak {
    type Subject = Account;
    type Params = Params;
    type Finding = Shortfall;

    fn evaluate(account: &Account, params: &Params, _: &Context) -> Verdict<Shortfall> {
        let policy = match account.password_policy.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(None) => return Verdict::NonCompliant(Shortfall::NotSet),
            Ok(Some(policy)) => policy,
        };
        let shortfalls = policy.shortfalls(&params.wanted());
        if shortfalls.is_empty() {
            Verdict::Compliant
        } else {
            Verdict::NonCompliant(Shortfall::In(shortfalls))
        }
    }

    fn annotate(shortfall: &Shortfall, _: &Params) -> String {
        match shortfall {
            Shortfall::NotSet => "nobody has set a password policy".to_owned(),
            Shortfall::In(options) => {
                format!("the password policy demands too little in {}", options.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(policy: Fact<PasswordPolicy>, params: &Value) -> Verdict<Shortfall> {
        let params = Params::read(params).unwrap();
        let account = Account { password_policy: policy, ..account() };
        PasswordPolicyWeak::evaluate(&account, &params, &context())
    }

    fn enough() -> PasswordPolicy {
        PasswordPolicy {
            minimum_password_length: 14,
            max_password_age: Some(90),
            password_reuse_prevention: Some(24),
            ..PasswordPolicy::IN_PLACE_OF_NONE
        }
    }

    fn short(options: &[&'static str]) -> Verdict<Shortfall> {
        Verdict::NonCompliant(Shortfall::In(options.to_vec()))
    }

    #[test]
    fn exactly_what_is_demanded_is_enough_and_one_less_is_not() {
        type Case = (&'static str, fn(&mut PasswordPolicy));
        assert_eq!(judge(Fact::Known(enough()), &json!(null)), Verdict::Compliant);
        let cases: [Case; 9] = [
            ("MinimumPasswordLength", |policy| policy.minimum_password_length = 13),
            ("RequireSymbols", |policy| policy.require_symbols = false),
            ("RequireNumbers", |policy| policy.require_numbers = false),
            ("RequireUppercaseCharacters", |policy| policy.require_uppercase_characters = false),
            ("RequireLowercaseCharacters", |policy| policy.require_lowercase_characters = false),
            ("MaxPasswordAge", |policy| policy.max_password_age = Some(91)),
            ("MaxPasswordAge", |policy| policy.max_password_age = None),
            ("PasswordReusePrevention", |policy| policy.password_reuse_prevention = Some(23)),
            ("PasswordReusePrevention", |policy| policy.password_reuse_prevention = None),
        ];
        for (option, weaken) in cases {
            let mut policy = enough();
            weaken(&mut policy);
            assert_eq!(judge(Fact::Known(policy), &json!(null)), short(&[option]), "{option}");
        }
    }

    #[test]
    fn what_is_stricter_than_demanded_is_enough() {
        let strict = PasswordPolicy {
            minimum_password_length: 20,
            max_password_age: Some(30),
            hard_expiry: true,
            allow_users_to_change_password: true,
            ..enough()
        };
        assert_eq!(judge(Fact::Known(strict), &json!(null)), Verdict::Compliant);
    }

    #[test]
    fn a_policy_that_nobody_set_is_never_enough() {
        assert_eq!(judge(Fact::Absent, &json!(null)), Verdict::NonCompliant(Shortfall::NotSet));
        let nothing = json!({
            "MinimumPasswordLength": "0", "RequireUppercaseCharacters": "false",
            "RequireLowercaseCharacters": "false", "RequireSymbols": "false", "RequireNumbers": "false",
            "PasswordReusePrevention": "0", "MaxPasswordAge": "0"
        });
        assert_eq!(judge(Fact::Absent, &nothing), Verdict::NonCompliant(Shortfall::NotSet));
        assert_eq!(judge(Fact::Known(PasswordPolicy::default()), &nothing), Verdict::Compliant);
    }

    #[test]
    fn the_two_options_that_aws_does_not_check_can_be_demanded_too() {
        let demands = json!({ "AllowUsersToChangePassword": "true", "HardExpiry": true });
        let missing = short(&["AllowUsersToChangePassword", "HardExpiry"]);
        assert_eq!(judge(Fact::Known(enough()), &demands), missing);
    }

    #[test]
    fn what_iam_does_not_take_stands_for_the_most_it_takes() {
        let demands = json!({ "PasswordReusePrevention": 100, "MaxPasswordAge": 3650 });
        let policy = PasswordPolicy { max_password_age: Some(1_095), ..enough() };
        assert_eq!(judge(Fact::Known(policy), &demands), Verdict::Compliant);
    }

    #[test]
    fn a_policy_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountPasswordPolicy);
        assert_eq!(judge(Fact::Unknown(unread.clone()), &json!(null)), Verdict::Unknown(unread));
    }

    #[test]
    fn says_in_which_options() {
        let said = |shortfall| PasswordPolicyWeak::annotate(&shortfall, &Params::default());
        assert_eq!(said(Shortfall::NotSet), "nobody has set a password policy");
        assert_eq!(
            said(Shortfall::In(vec!["RequireSymbols", "MaxPasswordAge"])),
            "the password policy demands too little in RequireSymbols, MaxPasswordAge"
        );
    }
}
