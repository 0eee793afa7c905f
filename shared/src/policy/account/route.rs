//! Ways through a service that runs somebody's code as a role.

use super::action::Action;
use super::actor::Actor;
use super::certainty::Certainty;
use super::principal::Principal;
use super::service::{EC2, resources_run_as};
use super::step::Step;
use super::target::Target;
use super::{creation, trust};
use crate::policy::analysis::ActionSet as PathActions;
use crate::policy::analysis::{Asked, Category, Circumstances, Holds, INDEX, Path, Permissions};
use crate::policy::{Effect, Place};

/// One of them, as far as an actor's policies allow it, whichever the role.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) path: &'static Path,
    /// How sure it is that the actions are allowed, but for passing the role.
    certainty: Certainty,
    /// The statements that allow them.
    pub(super) statements: Vec<String>,
}

/// The paths all of whose actions some policy of an actor's names. No other is open to it.
pub(super) fn named_paths(actor: &Actor<'_>) -> impl Iterator<Item = &'static Path> {
    let named = actor.paths();
    INDEX.paths.iter().filter(move |(_, needs)| needs.is_within(named)).map(|(path, _)| *path)
}

/// Every route that is open to an actor; those of fewer actions first.
pub(super) fn routes_of(actor: &Actor<'_>) -> Vec<Route> {
    if actor.paths() == PathActions::default() {
        return Vec::new();
    }
    let mut candidates = named_paths(actor)
        .filter(|path| matches!(path.category, Category::NewPassRole | Category::ExistingResource))
        .peekable();
    if candidates.peek().is_none() {
        return Vec::new();
    }
    let permissions = super::world::permissions(actor);
    let circumstances = actor.circumstances_at_large();
    let mut routes: Vec<Route> =
        candidates.filter_map(|path| Route::open(path, actor, &permissions, &circumstances)).collect();
    routes.sort_by_key(|route| route.path.needs.len());
    routes
}

impl Route {
    fn open(
        path: &'static Path,
        actor: &Actor<'_>,
        permissions: &Permissions<'_>,
        circumstances: &Circumstances<'_>,
    ) -> Option<Self> {
        let mut route = Self { path, certainty: Certainty::Is, statements: Vec::new() };
        for need in path.needs.iter().filter(|need| need.action != Action::PassRole.name()) {
            // What the resources are called that have a role, the file does not tell.
            let granted = permissions.grants(need.action).on(&Asked::Some, circumstances);
            if granted.is_empty() {
                return None;
            }
            let sure = granted.iter().any(|grant| {
                let held = |condition| circumstances.holds(condition, grant.version) == Holds::Always;
                grant.conditions.iter().all(held)
            });
            if !sure || is_denied_perhaps(actor, need.action, circumstances) {
                route.certainty = Certainty::Possible;
            }
            for grant in granted {
                let name = permissions.identity.get(grant.at.policy).map_or("", |named| &named.name);
                let statement = format!("{name}#{}", Place::statement(grant.at.statement));
                if !route.statements.contains(&statement) {
                    route.statements.push(statement);
                }
            }
        }
        Some(route)
    }

    /// Whether a role is handed over. Otherwise something that has the role already is made use of.
    pub(super) fn passes(&self) -> bool {
        self.path.category == Category::NewPassRole
    }

    /// The service through which it leads to a role, and how surely.
    pub(super) fn through(&self, actor: &Actor<'_>, role: &Principal) -> Option<(&'static str, Certainty)> {
        if actor.principal.account != role.account {
            return None;
        }
        if !self.passes() {
            let service = self.path.needs.iter().find_map(|need| resources_run_as(need.action))?;
            let has_role = trust::trusts_service(role, service)
                && (service != EC2 || !role.instance_profiles.is_empty());
            return has_role.then_some((service, Certainty::Possible));
        }
        let through = self.path.passed_to.iter().filter_map(|service| {
            if !trust::trusts_service(role, service)
                || (*service == EC2 && role.instance_profiles.is_empty() && !may_make_profile(actor))
            {
                return None;
            }
            let target = Target::principal(role).with("iam:PassedToService", service);
            Some((*service, actor.may(Action::PassRole, &target)?.min(self.certainty)))
        });
        through.max_by_key(|(_, certainty)| *certainty)
    }

    pub(super) fn step(
        &self,
        actor: &Actor<'_>,
        role: &Principal,
        service: &str,
        certainty: Certainty,
    ) -> Step {
        let actions: Vec<&str> = self.path.needs.iter().map(|need| need.action).collect();
        let mut step = Step::new(actor, role.arn.as_str(), &actions.join(" + "), certainty);
        if self.passes() {
            let target = Target::principal(role).with("iam:PassedToService", service);
            step.cite(actor, Action::PassRole, &target);
        } else {
            let what = self.path.depends_on.unwrap_or("a resource with the role");
            step.depend_on([what.to_owned()]);
        }
        for statement in &self.statements {
            if !step.statements.contains(statement) {
                step.statements.push(statement.clone());
            }
        }
        step
    }
}

/// Whether a Deny that a request may escape speaks of an action.
fn is_denied_perhaps(actor: &Actor<'_>, action: &str, circumstances: &Circumstances<'_>) -> bool {
    let denying = actor.every_document().filter(|document| document.denies);
    denying.flat_map(|document| document.policy.statements.iter().map(move |it| (document, it))).any(
        |(document, statement)| {
            statement.effect == Effect::Deny
                && statement.action.is_met(|pattern| pattern.matches(action))
                && !statement.conditions.is_empty()
                && circumstances.may_hold(&statement.conditions, document.policy.version)
        },
    )
}

fn may_make_profile(actor: &Actor<'_>) -> bool {
    let actions = [Action::CreateInstanceProfile, Action::AddRoleToInstanceProfile];
    actor.reach().has(Action::CreateInstanceProfile)
        && creation::names(actor, &actions, "instance-profile/")
            .any(|name| actions.iter().all(|action| actor.may(*action, &Target::named(&name)).is_some()))
}
