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

/// For each principal that asks, what is wrong with the answer, given which it should be.
fn ask(policies: &OrganizationPolicies, of: &Asked, question: &Question, pass: bool) -> Vec<String> {
    let policies = policies.whatever_else(|key| question.settles(key));
    let owner = question
        .context
        .iter()
        .find(|(key, _)| *key == "aws:ResourceAccount")
        .map(|(_, value)| value.as_str());
    let mut wrong = Vec::new();
    for name in question.who.principals(of) {
        let principal = if name.is_empty() { Some(Principal::ANONYMOUS) } else { Principal::parse(&name) };
        // Who cannot be asked for is not taken to be refused.
        let denial = principal.and_then(|principal| policies.denial(&question.request(principal, owner)));
        let Question { what, action, .. } = question;
        match (denial, pass) {
            (None, false) => wrong.push(format!("{} can {what} ({action})", called(principal))),
            (Some(denial), true) => {
                wrong.push(format!("{} cannot {what} ({action}): {denial}", called(principal)));
            }
            (Some(_), false) | (None, true) => {}
        }
    }
    wrong
}

/// A principal in few words.
fn called(principal: Option<Principal<'_>>) -> String {
    let Some(principal) = principal else { return "whoever that is".to_owned() };
    match principal.kind() {
        PrincipalType::Anonymous => "anybody".to_owned(),
        PrincipalType::Root => "the root user".to_owned(),
        PrincipalType::User => "a user who may do everything".to_owned(),
        PrincipalType::RoleSession if principal.as_str().contains(":assumed-role/administrator/") => {
            "a role that may do everything".to_owned()
        }
        _ => principal.as_str().to_owned(),
    }
}
