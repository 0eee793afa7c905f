use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::actor::{Actor, Cap};
use super::details::{AccountDetails, ManagedId, ManagedPolicy};
use super::document::Document;
use super::graph::is_free;
use super::principal::{Kind, Principal, PrincipalId};
use super::search::Node;
use crate::policy::PrincipalEntry;
use crate::policy::analysis::{Boundary, ByVerb, Circumstances, NamedPolicy, Permissions, Tier};

/// The account, to be asked who is what.
pub(super) struct World<'a> {
    details: &'a AccountDetails,
    /// A policy that allows everything, as whoever may write policies can write one.
    pub(super) everything: &'a Document,
    /// The ARN of AWS's policy `AdministratorAccess`, which every account has.
    pub(super) administrator_access: &'a str,
    admins: RefCell<HashMap<Asked, bool>>,
    tiers: RefCell<HashMap<Asked, Tier>>,
    /// The ARNs that trust policies name.
    named: HashSet<&'a str>,
    /// Whether some trust policy names everybody, or sessions of a role.
    some_name_anybody: bool,
}

impl<'a> World<'a> {
    pub(super) fn new(details: &'a AccountDetails) -> Self {
        let mut world = Self {
            details,
            everything: &details.everything,
            administrator_access: &details.everything.name,
            admins: RefCell::default(),
            tiers: RefCell::default(),
            named: HashSet::new(),
            some_name_anybody: false,
        };
        let trusts = details.principals.iter().filter_map(|principal| principal.trust.as_ref());
        for principal in trusts.flat_map(|trust| &trust.statements).filter_map(|it| it.principal.as_ref()) {
            world.some_name_anybody |= principal.negated;
            for entry in &principal.entries {
                match entry {
                    PrincipalEntry::Everyone => world.some_name_anybody = true,
                    PrincipalEntry::Aws(arn) if arn.service() == "sts" => world.some_name_anybody = true,
                    PrincipalEntry::Aws(arn) => {
                        world.named.insert(arn.as_str());
                    }
                    _ => {}
                }
            }
        }
        world
    }

    /// Whether some role may trust a principal without a word in its own policies.
    pub(super) fn is_named(&self, principal: &Principal) -> bool {
        self.some_name_anybody || self.named.contains(principal.arn.as_str())
    }

    pub(super) fn managed(&self, id: ManagedId) -> Option<&'a ManagedPolicy> {
        self.details.managed(id)
    }

    pub(super) fn each_managed(&self) -> impl Iterator<Item = &'a ManagedPolicy> {
        self.details.managed.iter()
    }

    pub(super) fn document(&self, id: super::document::DocumentId) -> Option<&'a Document> {
        self.details.documents.get(id)
    }

    pub(super) fn principals(&self) -> &'a [Principal] {
        &self.details.principals
    }

    pub(super) fn principal(&self, id: PrincipalId) -> Option<&'a Principal> {
        self.details.principal(id)
    }

    /// The policies that a user, group or role has itself.
    pub(super) fn documents_of(&self, principal: &'a Principal) -> impl Iterator<Item = &'a Document> {
        let details = self.details;
        principal.policies.iter().filter_map(move |id| details.documents.get(*id))
    }

    /// The groups a user is in.
    pub(super) fn groups_of(&self, principal: &'a Principal) -> impl Iterator<Item = &'a Principal> {
        let details = self.details;
        principal.groups.iter().filter_map(move |id| details.principal(*id))
    }

    /// A principal as it is.
    pub(super) fn actor(&self, principal: &'a Principal) -> Actor<'a> {
        let groups = self.groups_of(principal).flat_map(|group| self.documents_of(group));
        let boundary = match &principal.boundary {
            None => Cap::None,
            Some(boundary) => match boundary.document.and_then(|id| self.document(id)) {
                Some(document) => Cap::Known(document),
                None => Cap::Unknown,
            },
        };
        let mut identity: Vec<&'a Document> = self.documents_of(principal).chain(groups).collect();
        // A policy that comes both ways speaks once.
        let mut seen = Vec::new();
        identity.retain(|document| {
            let new = !seen.contains(&std::ptr::from_ref(*document));
            seen.push(std::ptr::from_ref(*document));
            new
        });
        Actor { principal, identity, boundary }
    }

    /// Whether something of a principal or of its groups could not be read.
    pub(super) fn is_unread(&self, node: &Node<'a>) -> bool {
        node.becomes.is_some_and(|principal| {
            let groups = self.groups_of(principal);
            std::iter::once(principal).chain(groups).any(|it| !it.errors.is_empty())
        })
    }

    /// The groups whose policies make their members administrators.
    pub(super) fn admin_groups(&self) -> impl Iterator<Item = &'a Principal> {
        let groups = self.details.principals.iter().filter(|principal| principal.kind == Kind::Group);
        groups.filter(|group| self.is_admin(&self.actor(group)))
    }

    /// Whether an actor is administrator. Asked once for each set of policies.
    pub(super) fn is_admin(&self, actor: &Actor<'a>) -> bool {
        let has_everything = actor.identity.iter().any(|document| std::ptr::eq(*document, self.everything));
        if has_everything
            && matches!(actor.boundary, Cap::None)
            && !actor.identity.iter().any(|document| document.denies)
        {
            return true;
        }
        let key = asked(actor);
        if let Some(is_admin) = self.admins.borrow().get(&key) {
            return *is_admin;
        }
        let is_admin = permissions(actor).is_admin(&known_of(actor));
        self.admins.borrow_mut().insert(key, is_admin);
        is_admin
    }

    /// What is at stake with what an actor may do, not counting what it could make of it.
    pub(super) fn tier(&self, actor: &Actor<'a>) -> Tier {
        if is_free(actor) {
            // Nothing is taken away, so each policy adds what it has.
            let each =
                actor.identity.iter().map(|document| self.tier_of(std::slice::from_ref(document), actor));
            return each.max().unwrap_or(Tier::None);
        }
        self.tier_of(&actor.identity, actor)
    }

    fn tier_of(&self, identity: &[&'a Document], actor: &Actor<'a>) -> Tier {
        let part = Actor { identity: identity.to_vec(), ..actor.clone() };
        let key = asked(&part);
        if let Some(tier) = self.tiers.borrow().get(&key) {
            return *tier;
        }
        let tier = permissions(&part).tier_of_actions(&known_of(&part), &ByVerb);
        self.tiers.borrow_mut().insert(key, tier);
        tier
    }
}

/// Which policies an actor has, and whose they are where they ask for that.
type Asked = (Vec<*const Document>, Option<*const Principal>);

fn asked(actor: &Actor<'_>) -> Asked {
    (policy_set(actor), asks_who(actor).then(|| std::ptr::from_ref(actor.principal)))
}

/// What is known of the requests of an actor, as far as its policies ask.
fn known_of<'a>(actor: &Actor<'a>) -> Circumstances<'a> {
    let unknown = Circumstances::unknown();
    if asks_who(actor) { actor.at_large(unknown) } else { unknown }
}

fn asks_who(actor: &Actor<'_>) -> bool {
    actor.every_document().any(|document| document.asks_who)
}

fn policy_set(actor: &Actor<'_>) -> Vec<*const Document> {
    let mut set: Vec<*const Document> =
        actor.identity.iter().map(|document| std::ptr::from_ref(*document)).collect();
    set.sort_unstable();
    match actor.boundary {
        Cap::None => {}
        Cap::Known(boundary) => set.extend([std::ptr::null(), std::ptr::from_ref(boundary)]),
        Cap::Unknown => set.push(std::ptr::null()),
    }
    set
}

/// An actor's policies, for the analysis of any principal's.
pub(super) fn permissions<'a>(actor: &Actor<'a>) -> Permissions<'a> {
    let named = |document: &'a Document| NamedPolicy {
        name: document.name.as_str().into(),
        policy: &document.policy,
    };
    Permissions {
        identity: actor.identity.iter().map(|document| named(document)).collect(),
        boundary: match actor.boundary {
            Cap::None => Boundary::Absent,
            Cap::Known(boundary) => Boundary::Known(named(boundary)),
            Cap::Unknown => Boundary::Unknown,
        },
    }
}

/// What stands in the ARN of any member of a group, whoever it is.
pub(super) const MEMBER: &str = "user/<member>";

impl Principal {
    /// Any member of a group. No user has such a name, so what names certain users does not name it.
    pub(super) fn member_of(group: &Self, id: PrincipalId) -> Option<Self> {
        let (head, _) = group.arn.as_str().split_once(":group/")?;
        let arn = crate::identifier::Arn::parse(&format!("{head}:{MEMBER}")).ok()?;
        Some(Self { groups: vec![id], ..Self::new(Kind::Member, arn) })
    }
}
