//! Which known paths to administrator are open in this account, given who and what there is in it.

use serde::Serialize;

use super::action::Action;
use super::certainty::Certainty;
use super::creation;
use super::graph::{CHANGING, is_free};
use super::principal::Kind;
use super::route::named_paths;
use super::search::{Node, Search};
use super::step::Step;
use super::takeover::{shortcut_of, take_over};
use super::target::Target;
use super::trust;
use crate::policy::Place;
use crate::policy::analysis::{self, Category, Need, Path, ResourceKind};

/// A known path to administrator that is open to a principal and leads to one in this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenEscalation {
    /// The path's id; `chain` for a way that no catalogue names.
    pub id: &'static str,
    /// The actions that it takes.
    pub actions: Vec<String>,
    /// The statements that allow them, named as in [`Step::statements`](super::Step).
    pub statements: Vec<String>,
    /// How sure it is that it leads there.
    pub certainty: Certainty,
}

/// The paths open to a node on its way. Where no catalogue names its first step, the way itself counts as one.
pub(super) fn escalations<'a>(search: &Search<'_, 'a>, node: &Node<'a>, way: &[Step]) -> Vec<OpenEscalation> {
    let opening = Opening { search, node };
    let open: Vec<OpenEscalation> = named_paths(&node.actor).filter_map(|path| opening.open(path)).collect();
    if !open.is_empty() || way.is_empty() {
        return open;
    }
    let mut actions: Vec<String> = Vec::new();
    for action in way.iter().flat_map(|step| step.by.split(" + ")) {
        if !actions.iter().any(|known| known == action) {
            actions.push(action.to_owned());
        }
    }
    let own = node.actor.principal.arn.as_str();
    let statements = way.iter().filter(|step| step.from == own).flat_map(|step| step.statements.clone());
    vec![OpenEscalation {
        id: CHAIN,
        actions,
        statements: statements.collect(),
        certainty: way.iter().map(|step| step.certainty).min().unwrap_or(Certainty::Possible),
    }]
}

/// What a way is called whose first step is on no known path.
const CHAIN: &str = "chain";

struct Opening<'s, 'w, 'a> {
    search: &'s Search<'w, 'a>,
    node: &'s Node<'a>,
}

/// What opens a path, so far.
struct Found {
    certainty: Certainty,
    statements: Vec<String>,
}

impl<'a> Opening<'_, '_, 'a> {
    fn open(&self, path: &'static Path) -> Option<OpenEscalation> {
        let found = match path.category {
            Category::NewPassRole | Category::ExistingResource => self.through_service(path),
            Category::SelfEscalation | Category::BoundaryRemoval => self.by_itself(path),
            Category::PrincipalAccess if has(path, Action::CreateRole) => self.by_creation(path),
            Category::PrincipalAccess => self.through_principal(path),
        }?;
        Some(OpenEscalation {
            id: path.id,
            actions: path.needs.iter().map(|need| need.action.to_owned()).collect(),
            statements: found.statements,
            certainty: found.certainty,
        })
    }

    fn through_service(&self, path: &Path) -> Option<Found> {
        let route = self.node.routes.iter().find(|route| std::ptr::eq(route.path, path))?;
        let services = route.services();
        let through = services.flat_map(|service| self.search.behind(service)).filter_map(|role| {
            let (service, certainty) = route.through(&self.node.actor, role)?;
            Some((certainty, role, service))
        });
        let (certainty, role, service) = first_surest(through, |it| it.0)?;
        let statements = route.step(&self.node.actor, role, service, certainty).statements;
        Some(Found { certainty, statements })
    }

    /// What adds to its own permissions, or sheds its boundary.
    fn by_itself(&self, path: &Path) -> Option<Found> {
        let (world, actor) = (self.search.world(), &self.node.actor);
        let own = actor.principal;
        if has(path, Action::AddUserToGroup) {
            let joined =
                self.search.arriving(Kind::Group).filter(|group| self.search.joins(self.node, group));
            return self.on_one_of(path, joined.map(Target::principal));
        }
        if has(path, Action::SetDefaultPolicyVersion) {
            let takeover = shortcut_of(world, actor, actor)?;
            let step = takeover.steps.first().filter(|it| it.by == Action::SetDefaultPolicyVersion.name())?;
            return Some(Found { certainty: takeover.certainty, statements: step.statements.clone() });
        }
        let groups = || world.groups_of(own);
        let kind = path.needs.iter().find_map(kind_of)?;
        let found = if kind == ResourceKind::GROUP {
            self.on_one_of(path, groups().map(Target::principal))
        } else if kind == ResourceKind::POLICY {
            let boundary = own.boundary.as_ref().and_then(|boundary| boundary.managed);
            let attached = std::iter::once(own).chain(groups()).flat_map(|holder| &holder.attached);
            let managed = attached.copied().chain(boundary).filter_map(|id| world.managed(id));
            let managed = managed.filter(|managed| !managed.arn.is_aws_managed());
            self.on_one_of(path, managed.map(|managed| Target::named(managed.arn.as_str())))
        } else {
            let bounded = own.boundary.is_some() || path.category != Category::BoundaryRemoval;
            let fits = bounded && kind_is(kind, own.kind) && !own.is_reserved;
            self.on_one_of(path, fits.then(|| Target::principal(own)).into_iter())
        }?;
        // Whether it comes to anything, and how surely, boundary and denies decide.
        let gains = if is_free(actor) && path.category == Category::SelfEscalation {
            Some(Certainty::Is)
        } else {
            self.search.gain(self.node)
        };
        Some(Found { certainty: found.certainty.min(gains?), ..found })
    }

    fn by_creation(&self, path: &Path) -> Option<Found> {
        let actions: Vec<Action> = path.needs.iter().filter_map(|need| Action::named(need.action)).collect();
        let names = creation::names(&self.node.actor, &actions, "role/");
        let found = names.filter_map(|name| {
            self.on_one_of(path, std::iter::once(Target::named(&name).without("iam:PermissionsBoundary")))
        });
        first_surest(found, |found| found.certainty)
    }

    /// Taking over another principal, perhaps after changing what it may do.
    fn through_principal(&self, path: &Path) -> Option<Found> {
        let needs = path.needs.iter().map(|need| Some((Action::named(need.action)?, kind_of(need))));
        let needs: Vec<(Action, Option<ResourceKind>)> = needs.collect::<Option<_>>()?;
        let is_of_roles = needs.iter().any(|(_, kind)| *kind == Some(ResourceKind::ROLE));
        let kind = if is_of_roles { Kind::Role } else { Kind::User };
        let changes = needs.iter().any(|(action, _)| CHANGING.contains(action));
        let own = self.node.actor.principal.place;
        let others = self.search.nodes_of(kind).filter(|other| {
            (changes || self.search.arrives(other.at))
                && other.becomes.is_some_and(|it| {
                    it.place != own
                        && !it.is_service_linked
                        && (!it.is_reserved || self.search.arrives(other.at))
                })
        });
        first_surest(others.filter_map(|other| self.takes_over(other, &needs)), |found| found.certainty)
    }

    fn takes_over(&self, other: &Node<'a>, needs: &[(Action, Option<ResourceKind>)]) -> Option<Found> {
        let (world, actor, principal) = (self.search.world(), &self.node.actor, other.becomes?);
        let target = Target::principal(principal);
        let mut found = Found { certainty: Certainty::Is, statements: Vec::new() };
        let unbinds = needs.iter().any(|(action, _)| *action == Action::DeleteRolePermissionsBoundary);
        if unbinds && principal.boundary.is_none() {
            return None;
        }
        for (action, kind) in needs {
            let certainty = if *action == Action::AssumeRole {
                trust::may_name(actor, self.node.reach, principal)
                    .then(|| trust::may_assume(actor, principal))??
            } else if *kind == Some(ResourceKind::POLICY) {
                let attached = principal.attached.iter().filter_map(|id| world.managed(*id));
                let own = attached.filter(|managed| !managed.arn.is_aws_managed());
                own.filter_map(|it| actor.may(*action, &Target::named(it.arn.as_str()))).max()?
            } else {
                actor.may(*action, &self.request(*action, target))?
            };
            found.certainty = found.certainty.min(certainty);
        }
        if !self.search.arrives(other.at) && (unbinds || !is_free(&other.actor)) {
            let takeover = take_over(world, actor, &other.actor).filter(|it| it.is_admin)?;
            found.certainty = found.certainty.min(takeover.certainty);
        }
        for (action, _) in needs {
            self.cite(&mut found, *action, &target);
        }
        Some(found)
    }

    /// All of a path's actions on one target.
    fn on_one_of<'t>(&self, path: &Path, targets: impl Iterator<Item = Target<'t>>) -> Option<Found> {
        let found = targets.filter_map(|target| {
            let mut found = Found { certainty: Certainty::Is, statements: Vec::new() };
            for need in path.needs {
                let action = Action::named(need.action)?;
                let target = self.request(action, target);
                found.certainty = found.certainty.min(self.node.actor.may(action, &target)?);
                self.cite(&mut found, action, &target);
            }
            Some(found)
        });
        first_surest(found, |found| found.certainty)
    }

    /// What a request would ask for, to be worth making.
    fn request<'t>(&'t self, action: Action, target: Target<'t>) -> Target<'t> {
        let administrator_access = self.search.world().administrator_access;
        match action {
            Action::AttachUserPolicy | Action::AttachGroupPolicy | Action::AttachRolePolicy => {
                target.with("iam:PolicyARN", administrator_access)
            }
            Action::PutUserPermissionsBoundary | Action::PutRolePermissionsBoundary => {
                target.with("iam:PermissionsBoundary", administrator_access)
            }
            _ => target,
        }
    }

    fn cite(&self, found: &mut Found, action: Action, target: &Target<'_>) {
        for cited in self.node.actor.citing(action, target) {
            let statement = format!("{}#{}", cited.document.name, Place::statement(cited.index));
            if !found.statements.contains(&statement) {
                found.statements.push(statement);
            }
        }
    }
}

fn has(path: &Path, action: Action) -> bool {
    path.needs.iter().any(|need| need.action == action.name())
}

fn kind_of(need: &Need) -> Option<ResourceKind> {
    match need.on {
        analysis::Target::Any => None,
        analysis::Target::Every(kind) | analysis::Target::Own(kind) | analysis::Target::Same(kind) => {
            Some(kind)
        }
    }
}

fn kind_is(kind: ResourceKind, of: Kind) -> bool {
    match of {
        Kind::User | Kind::Member => kind == ResourceKind::USER,
        Kind::Role => kind == ResourceKind::ROLE,
        Kind::Group => false,
    }
}

/// The first that is sure, else the first of those that are possible.
pub(super) fn first_surest<T>(
    candidates: impl Iterator<Item = T>,
    certainty: impl Fn(&T) -> Certainty,
) -> Option<T> {
    let mut best = None;
    for candidate in candidates {
        if certainty(&candidate) == Certainty::Is {
            return Some(candidate);
        }
        best = best.or(Some(candidate));
    }
    best
}
