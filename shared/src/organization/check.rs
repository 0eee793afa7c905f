use super::effective::OrganizationPolicies;
use super::protection::Protection;
use super::question::{Asked, Question};
use crate::policy::evaluate::{Principal, PrincipalType};

/// What an organisation's policies hold of one protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The protection.
    pub protection: Protection,
    /// Who can do what all the same.
    pub open: Vec<String>,
    /// Who is kept, by which policy, from what they must be able to do.
    pub in_the_way: Vec<String>,
}

impl Finding {
    /// Whether the protection is in force, and in nobody's way who needs what it refuses others.
    pub fn holds(&self) -> bool {
        self.open.is_empty() && self.in_the_way.is_empty()
    }
}

/// Asks of each protection whether the policies hold it.
///
/// It asks as a user, as a role and as the root user who may do everything in the account, each by a name that no
/// policy has a reason to know; whoever a policy leaves out by name can do all the same what it refuses others. A
/// statement that denies only under circumstances of which the request does not tell, such as from another network or
/// without MFA, is no protection: an administrator who wants to finds the right ones.
pub fn check<'p>(
    policies: &OrganizationPolicies,
    of: &Asked,
    protections: impl IntoIterator<Item = &'p Protection>,
) -> Vec<Finding> {
    let finding = |protection: &Protection| {
        let questions = protection.questions(of);
        Finding {
            protection: *protection,
            open: questions.refused.iter().flat_map(|question| ask(policies, of, question, false)).collect(),
            in_the_way: questions
                .let_through
                .iter()
                .flat_map(|question| ask(policies, of, question, true))
                .collect(),
        }
    };
    protections.into_iter().map(finding).collect()
}

/// What is wrong with the answers to a question, given what they should be: of those who can do it all the same one
/// sentence together, of those who are kept from it one each, with the statements that do.
fn ask(policies: &OrganizationPolicies, of: &Asked, question: &Question, pass: bool) -> Vec<String> {
    let policies = policies.whatever_else(|key| question.settles(key));
    let owner = question.context.iter().find(|(key, _)| *key == "aws:ResourceAccount");
    let owner = owner.map(|(_, account)| account.as_str());
    let Question { what, action, .. } = question;
    let (mut open, mut in_the_way) = (Vec::new(), Vec::new());
    for name in question.who.principals(of) {
        let principal = if name.is_empty() { Some(Principal::ANONYMOUS) } else { Principal::parse(&name) };
        // Who cannot be asked for is not taken to be refused.
        let denial = principal.and_then(|principal| policies.denial(&question.request(principal, owner)));
        match denial {
            None => open.push(called(&name)),
            Some(denial) => in_the_way.push(format!("{} cannot {what} ({action}): {denial}", called(&name))),
        }
    }
    match (pass, open.as_slice()) {
        (true, _) => in_the_way,
        (false, []) => Vec::new(),
        (false, [only]) => vec![format!("{only} can {what} ({action})")],
        (false, [first @ .., last]) => vec![format!("{} and {last} can {what} ({action})", first.join(", "))],
    }
}

/// A principal in few words.
fn called(name: &str) -> String {
    let Some(principal) = Principal::parse(name) else { return "anybody".to_owned() };
    let administers = name.ends_with(":user/administrator") || name.contains(":assumed-role/administrator/");
    match principal.kind() {
        PrincipalType::Root => "the root user".to_owned(),
        PrincipalType::User if administers => "an administrator's user".to_owned(),
        PrincipalType::RoleSession if administers => "an administrator's role".to_owned(),
        _ => name.to_owned(),
    }
}
