use std::collections::BTreeSet;

use super::effective::{Denial, OrganizationPolicies};
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
    /// Whom the policies leave out by name: ARN patterns.
    pub but_for: BTreeSet<String>,
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
        let mut finding = Finding {
            protection: *protection,
            open: Vec::new(),
            but_for: BTreeSet::new(),
            in_the_way: Vec::new(),
        };
        for question in &questions.refused {
            let answer = ask(policies, of, question);
            finding.but_for.extend(answer.denied.iter().flat_map(|(_, denial)| denial.but_for()));
            finding.open.extend(answer.open(question));
        }
        for question in &questions.let_through {
            finding.in_the_way.extend(ask(policies, of, question).in_the_way(question));
        }
        finding
    };
    protections.into_iter().map(finding).collect()
}

/// Who can do what a question is about, and who cannot.
struct Answer {
    able: Vec<String>,
    denied: Vec<(String, Denial)>,
}

fn ask(policies: &OrganizationPolicies, of: &Asked, question: &Question) -> Answer {
    let policies = policies.whatever_else(|key| question.settles(key));
    let owner = question.context.iter().find(|(key, _)| *key == "aws:ResourceAccount");
    let owner = owner.map(|(_, account)| account.as_str());
    let mut answer = Answer { able: Vec::new(), denied: Vec::new() };
    for name in question.who.principals(of) {
        let principal = if name.is_empty() { Some(Principal::ANONYMOUS) } else { Principal::parse(&name) };
        // Who cannot be asked for is not taken to be refused.
        match principal.and_then(|principal| policies.denial(&question.request(principal, owner))) {
            None => answer.able.push(called(&name)),
            Some(denial) => answer.denied.push((called(&name), denial)),
        }
    }
    answer
}

impl Answer {
    /// Those who can do it, in one sentence.
    fn open(&self, Question { what, action, .. }: &Question) -> Option<String> {
        let who = match self.able.as_slice() {
            [] => return None,
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        Some(format!("{who} can {what} ({action})"))
    }

    /// Those who cannot, each with the statements that keep them from it.
    fn in_the_way(&self, Question { what, action, .. }: &Question) -> Vec<String> {
        self.denied.iter().map(|(who, denial)| format!("{who} cannot {what} ({action}): {denial}")).collect()
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
