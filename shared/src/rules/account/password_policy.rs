use crate::facts::{Account, PasswordPolicy};
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

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
    /// The policy is set to what it demands already and what it should, in each option whichever is more: a live policy
    /// that asks for 20 characters keeps asking for them. IAM resets every option that a request leaves out, so all nine
    /// are in it. Where nobody has set a policy, the eight characters and the kinds of them that AWS demands by itself are
    /// kept; that a password is not the account's name or e-mail address, which AWS demands too, no policy of one's own can
    /// say. The journal holds the prior policy; the undo sets it again, all of it, or deletes the policy where there was
    /// none. Passwords that were changed meanwhile stay changed.
    ///
    /// Most options are about the next password that somebody chooses. These bite at once, so see whom they hit before
    /// you enforce this rule, and give time first:
    ///
    /// - `MaxPasswordAge` counts for passwords that are there. On the day it is set or shortened, users whose password is
    ///   older must choose a new one at their next sign-in. The notice says so, for people to be told.
    /// - `HardExpiry` locks out everybody whose password has expired, until an administrator gives them a new one. It is
    ///   switched on only where this rule's parameter demands it. Where it is on by somebody else's hand, an age would lock
    ///   out the owners of all older passwords, perhaps the last administrator's: then all the rest is set, and the age is
    ///   left to people.
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
        steps: [UpdateAccountPasswordPolicy],
        remediator: HardenAccount,
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

    fn plan(account: &Account, _: &Shortfall, params: &Params, _: &Context) -> Proposal {
        let replaces = match account.password_policy.known() {
            Err(unread) => return Proposal { unknown: vec![unread.clone()], ..Proposal::default() },
            Ok(policy) => policy.copied(),
        };
        let before = replaces.unwrap_or(PasswordPolicy::IN_PLACE_OF_NONE);
        let mut policy = before.stricter(&params.wanted());
        let mut left = Vec::new();
        if let Some(days) = policy.max_password_age
            && (policy.max_password_age, policy.hard_expiry) != (before.max_password_age, before.hard_expiry)
        {
            left.push(if !policy.hard_expiry {
                format!(
                    "tell users whose password is older than {days} days: they must choose a new one at their next \
                     sign-in"
                )
            } else if params.hard_expiry.is_set() {
                format!(
                    "see to users whose password is older than {days} days: they are locked out of the console until \
                     an administrator gives them a new one"
                )
            } else {
                policy.max_password_age = before.max_password_age;
                format!(
                    "MaxPasswordAge: the policy has HardExpiry, so that users whose password is older than {days} \
                     days would be locked out of the console at once; have them change it, then set the age, or take \
                     HardExpiry off"
                )
            });
        }
        let step = Step::UpdateAccountPasswordPolicy { account: account.identity.clone(), policy, replaces };
        let steps = if replaces == Some(policy) { Vec::new() } else { vec![step] };
        Proposal { steps, left, ..Proposal::default() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{account, any_password_policy, context, throttled};
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

    fn plan(policy: Fact<PasswordPolicy>, params: &Value) -> Proposal {
        let account = Account { password_policy: policy, ..account() };
        let params = Params::read(params).unwrap();
        PasswordPolicyWeak::plan(&account, &Shortfall::NotSet, &params, &context())
    }

    fn set(policy: PasswordPolicy, replaces: Option<PasswordPolicy>) -> Vec<Step> {
        vec![Step::UpdateAccountPasswordPolicy { account: account().identity, policy, replaces }]
    }

    #[test]
    fn what_is_set_is_the_stricter_of_both_in_each_option() {
        let live = PasswordPolicy {
            minimum_password_length: 20,
            allow_users_to_change_password: true,
            max_password_age: Some(30),
            ..PasswordPolicy::default()
        };
        let proposal = plan(Fact::Known(live), &json!(null));
        let policy = PasswordPolicy {
            minimum_password_length: 20,
            allow_users_to_change_password: true,
            max_password_age: Some(30),
            ..enough()
        };
        // The age is as it was, so nobody's password expires by it.
        assert_eq!(proposal, Proposal { steps: set(policy, Some(live)), ..Proposal::default() });
        assert_eq!(judge(Fact::Known(policy), &json!(null)), Verdict::Compliant);
    }

    proptest! {
        #[test]
        fn whatever_is_set_nothing_is_given_up_nobody_is_locked_out_unasked_and_the_rest_is_mended(
            live in any_password_policy(),
            hard in any::<bool>(),
        ) {
            let proposal = plan(Fact::Known(live), &json!({ "HardExpiry": hard }));
            let set = match proposal.steps[..] {
                [] => live,
                [Step::UpdateAccountPasswordPolicy { policy, replaces, .. }] => {
                    prop_assert_eq!(replaces, Some(live));
                    policy
                }
                ref other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            prop_assert!(set.shortfalls(&live).is_empty());
            let expires_as_before = (set.max_password_age, set.hard_expiry) == (live.max_password_age, live.hard_expiry);
            prop_assert!(expires_as_before || !proposal.left.is_empty());
            prop_assert!(expires_as_before || !set.hard_expiry || hard);
            match judge(Fact::Known(set), &json!({ "HardExpiry": hard })) {
                Verdict::Compliant => {}
                verdict => {
                    prop_assert!(live.hard_expiry && !hard);
                    prop_assert_eq!(verdict, short(&["MaxPasswordAge"]));
                }
            }
        }
    }

    #[test]
    fn where_nobody_has_set_a_policy_nothing_of_awss_own_is_given_up() {
        assert_eq!(plan(Fact::Absent, &json!(null)).steps, set(enough(), None));
        let nothing = json!({
            "MinimumPasswordLength": 6, "RequireUppercaseCharacters": false, "RequireLowercaseCharacters": false,
            "RequireSymbols": false, "RequireNumbers": false, "PasswordReusePrevention": 0, "MaxPasswordAge": 0
        });
        let proposal = plan(Fact::Absent, &nothing);
        let steps = set(PasswordPolicy::IN_PLACE_OF_NONE, None);
        assert_eq!(proposal, Proposal { steps, ..Proposal::default() });
    }

    #[test]
    fn whose_password_expires_by_it_is_left_to_people_to_tell() {
        for live in [
            Fact::Absent,
            Fact::Known(PasswordPolicy { max_password_age: None, ..enough() }),
            Fact::Known(PasswordPolicy { max_password_age: Some(365), ..enough() }),
        ] {
            let proposal = plan(live, &json!(null));
            assert!(proposal.left[0].starts_with("tell users whose password is older than 90 days"));
            assert!(matches!(
                proposal.steps[..],
                [Step::UpdateAccountPasswordPolicy { policy, .. }] if policy == enough()
            ));
        }
    }

    #[test]
    fn an_age_that_would_lock_users_out_at_once_is_left_to_people_and_the_rest_is_set() {
        let aged = |days, policy| PasswordPolicy { max_password_age: days, hard_expiry: true, ..policy };
        for days in [None, Some(365)] {
            let live = aged(days, PasswordPolicy::default());
            let proposal = plan(Fact::Known(live), &json!(null));
            assert_eq!(proposal.steps, set(aged(days, enough()), Some(live)));
            assert!(proposal.left[0].starts_with("MaxPasswordAge: the policy has HardExpiry"));
            // Nothing is left to set: all that remains is a person's.
            let rest = plan(Fact::Known(aged(days, enough())), &json!(null));
            assert_eq!(rest, Proposal { left: proposal.left, ..Proposal::default() });
        }
        let live = aged(Some(90), PasswordPolicy::default());
        let proposal = plan(Fact::Known(live), &json!(null));
        assert_eq!(
            proposal,
            Proposal { steps: set(aged(Some(90), enough()), Some(live)), ..Proposal::default() }
        );
    }

    #[test]
    fn users_are_locked_out_only_where_the_parameter_demands_it() {
        let hard = PasswordPolicy { hard_expiry: true, ..enough() };
        for live in [Fact::Absent, Fact::Known(PasswordPolicy::default()), Fact::Known(enough())] {
            let proposal = plan(live.clone(), &json!({ "HardExpiry": true }));
            assert_eq!(proposal.steps, set(hard, live.known().unwrap().copied()));
            assert!(proposal.left[0].starts_with("see to users whose password is older than 90 days"));
            let without = plan(live, &json!(null)).steps;
            assert!(without.iter().all(|step| matches!(
                step,
                Step::UpdateAccountPasswordPolicy { policy, .. } if !policy.hard_expiry
            )));
        }
    }

    #[test]
    fn nothing_is_set_while_the_policy_cannot_be_read() {
        let unread = throttled(Read::GetAccountPasswordPolicy);
        let proposal = plan(Fact::Unknown(unread.clone()), &json!(null));
        assert_eq!(proposal, Proposal { unknown: vec![unread], ..Proposal::default() });
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
