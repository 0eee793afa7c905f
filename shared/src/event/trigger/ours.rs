use std::collections::BTreeSet;

use crate::identifier::{AccountId, Arn};

/// What belongs to this deployment, so that its own calls are not taken for an attack, and attacks on it are seen.
#[derive(Debug, Clone)]
pub struct Ours {
    /// The account it governs.
    pub account: AccountId,
    /// Its stack's name: what the stack made is named `<stack>-…`.
    pub stack: String,
    /// The names of its functions' roles. A list, not a pattern: whoever may make a role would else name one so that
    /// its calls are overlooked.
    pub roles: BTreeSet<String>,
    /// Its managed deny-all policy.
    pub quarantine_policy: Arn,
    /// Whether an inline policy of this name is one by which it suspends.
    pub is_quarantine_name: fn(&str) -> bool,
}

impl Ours {
    /// Whether a name is one that the stack gives.
    pub(super) fn is_of_the_stack(&self, name: &str) -> bool {
        name.strip_prefix(self.stack.as_str()).is_some_and(|rest| rest.starts_with('-'))
    }

    /// Whether it is the stack, or the one that forwards to it from `us-east-1`, by name.
    pub(super) fn is_a_stack(&self, name: &str) -> bool {
        name.strip_prefix(self.stack.as_str()).is_some_and(|rest| rest.is_empty() || rest == "-forward")
    }

    /// Whether a name, ARN or address names something of the stack.
    pub(super) fn names_the_stack(&self, text: &str) -> bool {
        text.split(['/', ':']).any(|part| self.is_of_the_stack(part))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::event::trigger) fn ours() -> Ours {
        let account = AccountId::parse("111122223333").unwrap();
        Ours {
            account,
            stack: "bailiff".to_owned(),
            roles: ["bailiff-suspend-principal", "bailiff-restore"].map(str::to_owned).into(),
            quarantine_policy: Arn::parse("arn:aws:iam::111122223333:policy/bailiff-quarantine").unwrap(),
            is_quarantine_name: crate::remedy::is_quarantine_name,
        }
    }

    #[test]
    fn what_the_stack_made_is_known_by_name_arn_and_address() {
        for name in [
            "bailiff-restore",
            "arn:aws:lambda:eu-west-1:111122223333:function:bailiff-restore",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/bailiff-restrict-policy.fifo",
            "/aws/lambda/bailiff-restore",
        ] {
            assert!(ours().names_the_stack(name), "{name}");
        }
        for other in
            ["bailiff", "bailiffs-own", "my-bailiff-restore", "arn:aws:iam::111122223333:role/tracker"]
        {
            assert!(!ours().names_the_stack(other), "{other}");
        }
    }
}
