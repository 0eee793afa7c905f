//! Who is worth asking whether it can become a principal, without asking everybody.

use std::collections::HashMap;

use super::action::Action;
use super::document::Document;
use super::edge::BECOMING;
use super::principal::{Kind, Principal};
use super::search::Node;
use super::trust;
use crate::policy::{Effect, PrincipalEntry};

/// The nodes by what could make them others.
pub(super) struct Candidates<'n> {
    /// The policies that allow becoming somebody of a kind, and who has them.
    holders: HashMap<Kind, Vec<(&'n Document, Vec<usize>)>>,
    by_arn: HashMap<&'n str, Vec<usize>>,
    /// Who makes use of resources that have roles already.
    users_of_resources: Vec<usize>,
    everybody: Vec<usize>,
}

impl<'n> Candidates<'n> {
    pub(super) fn of(nodes: &'n [Node<'_>]) -> Self {
        let mut candidates = Self {
            holders: HashMap::new(),
            by_arn: HashMap::new(),
            users_of_resources: Vec::new(),
            everybody: Vec::new(),
        };
        let mut holders: HashMap<*const Document, (&Document, Vec<usize>)> = HashMap::new();
        let mut order = Vec::new();
        for node in nodes.iter().filter(|node| !node.is_admin && node.is_live) {
            candidates.everybody.push(node.at);
            candidates.by_arn.entry(node.actor.principal.arn.as_str()).or_default().push(node.at);
            if node.routes.iter().any(|route| !route.passes()) {
                candidates.users_of_resources.push(node.at);
            }
            for document in node.actor.identity.iter().filter(|it| it.allows.has_any(BECOMING)) {
                let key = std::ptr::from_ref(*document);
                let (_, nodes) = holders.entry(key).or_insert_with(|| {
                    order.push(key);
                    (document, Vec::new())
                });
                nodes.push(node.at);
            }
        }
        for (document, nodes) in order.iter().filter_map(|key| holders.remove(key)) {
            for kind in [Kind::User, Kind::Group, Kind::Role] {
                if document.allows.has_any(on(kind)) || (kind == Kind::Role && provides(document)) {
                    candidates.holders.entry(kind).or_default().push((document, nodes.clone()));
                }
            }
        }
        candidates
    }

    /// Those who may be able to become a principal; the same one perhaps several times.
    pub(super) fn for_principal(&self, principal: &Principal) -> Vec<usize> {
        let mut found = Vec::new();
        if principal.is_service_linked {
            return found;
        }
        let has_provider = trust::trusted_saml_providers(principal).next().is_some();
        for (document, holders) in self.holders.get(&principal.kind).into_iter().flatten() {
            let is_about_it = |action: &Action| {
                document.allows.has(*action)
                    && document.about(*action).any(|(speaking, statement)| {
                        // Nobody has to become itself.
                        let has = principal.place.and_then(|it| speaking.reach.has(it, Some(usize::MAX)));
                        statement.effect == Effect::Allow && has != Some(false)
                    })
            };
            if on(principal.kind).iter().any(is_about_it) || (has_provider && provides(document)) {
                found.extend(holders);
            }
        }
        if principal.kind == Kind::Role {
            if !principal.services.is_empty() {
                found.extend(&self.users_of_resources);
            }
            self.named_by(principal, &mut found);
        }
        found
    }

    fn named_by(&self, role: &Principal, found: &mut Vec<usize>) {
        let statements = role.trust.iter().flat_map(|trust| &trust.statements);
        let allowing = statements.filter(|statement| statement.effect == Effect::Allow);
        for principal in allowing.filter_map(|statement| statement.principal.as_ref()) {
            if principal.negated {
                return found.extend(&self.everybody);
            }
            for entry in &principal.entries {
                match entry {
                    PrincipalEntry::Everyone => return found.extend(&self.everybody),
                    PrincipalEntry::Aws(arn) if arn.service() == "sts" => {
                        return found.extend(&self.everybody);
                    }
                    PrincipalEntry::Aws(arn) => {
                        found.extend(self.by_arn.get(arn.as_str()).into_iter().flatten());
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The actions on a principal of a kind that make somebody it.
fn on(kind: Kind) -> &'static [Action] {
    match kind {
        Kind::User => &[Action::CreateAccessKey, Action::CreateLoginProfile, Action::UpdateLoginProfile],
        Kind::Group => &[Action::AddUserToGroup],
        Kind::Role => &[Action::AssumeRole, Action::PassRole, Action::UpdateAssumeRolePolicy],
        Kind::Member => &[],
    }
}

/// Whether a policy lets its holder be an identity provider.
fn provides(document: &Document) -> bool {
    document.allows.has(Action::UpdateSamlProvider)
}
