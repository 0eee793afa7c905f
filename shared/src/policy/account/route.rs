//! Ways through a service that runs somebody's code as a role.

use std::cell::RefCell;
use std::collections::HashMap;

use super::action::Action;
use super::actor::Actor;
use super::certainty::Certainty;
use super::creation;
use super::principal::Principal;
use super::service::{EC2, resources_run_as};
use super::step::Step;
use super::target::Target;
use crate::policy::analysis::ActionSet as PathActions;
use crate::policy::analysis::{
    self, Asked, Category, Circumstances, Grant, Holds, INDEX, Need, Path, Permissions,
};
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
    let asking = Asking {
        actor,
        permissions: super::world::permissions(actor),
        // What one makes oneself bears the tags one gives it.
        making: actor.at_large(Circumstances::direct().free("aws:ResourceTag/*")),
        using: actor.at_large(
            ["ec2:ResourceTag/*", "ecs:ResourceTag/*", "ssm:ResourceTag/*"]
                .into_iter()
                .fold(Circumstances::direct(), Circumstances::without),
        ),
        answers: RefCell::default(),
    };
    let mut routes: Vec<Route> = candidates.filter_map(|path| asking.open(path)).collect();
    routes.sort_by_key(|route| route.path.needs.len());
    routes
}

/// How sure an action is to be allowed on something, and by which statements.
type Allowed = Option<(Certainty, Vec<String>)>;

/// An actor's policies, to be asked for many paths that need the same actions.
struct Asking<'a, 'p> {
    actor: &'p Actor<'a>,
    permissions: Permissions<'p>,
    /// A request that makes something.
    making: Circumstances<'p>,
    /// A request for something that is there. Which tags what has a strong role bears is not known, and that it bears
    /// just those that a condition asks for is not assumed.
    using: Circumstances<'p>,
    answers: RefCell<HashMap<(&'static str, Category), Allowed>>,
}

impl Asking<'_, '_> {
    fn open(&self, path: &'static Path) -> Option<Route> {
        let mut route = Route { path, certainty: Certainty::Is, statements: Vec::new() };
        for need in path.needs.iter().filter(|need| need.action != Action::PassRole.name()) {
            let (certainty, statements) = self.allowed(need, path.category)?;
            route.certainty = route.certainty.min(certainty);
            for statement in statements {
                if !route.statements.contains(&statement) {
                    route.statements.push(statement);
                }
            }
        }
        Some(route)
    }

    fn allowed(&self, need: &'static Need, category: Category) -> Allowed {
        if let Some(known) = self.answers.borrow().get(&(need.action, category)) {
            return known.clone();
        }
        let circumstances = if category == Category::NewPassRole { &self.making } else { &self.using };
        let granted = self.granted(need, circumstances);
        let sure = granted.iter().any(|grant| {
            let held = |condition| circumstances.holds(condition, grant.version) == Holds::Always;
            grant.conditions.iter().all(held)
        });
        let sure = sure && !is_denied_perhaps(self.actor, need.action, circumstances);
        let certainty = if sure { Certainty::Is } else { Certainty::Possible };
        let name = |grant: &Grant<'_>| {
            let name = self.permissions.identity.get(grant.at.policy).map_or("", |named| &named.name);
            format!("{name}#{}", Place::statement(grant.at.statement))
        };
        let answer = (!granted.is_empty()).then(|| (certainty, granted.iter().map(name).collect()));
        self.answers.borrow_mut().insert((need.action, category), answer.clone());
        answer
    }

    fn granted(&self, need: &Need, circumstances: &Circumstances<'_>) -> Vec<Grant<'_>> {
        let grants = self.permissions.grants(need.action);
        let some = grants.on(&Asked::Some, circumstances);
        let analysis::Target::Every(kind) = need.on else { return some };
        // What the resource is called that has a strong role, the file does not tell: any that is named may be it. But
        // where AWS's own policies name some, these are what AWS's services make for themselves.
        let every = grants.on(&Asked::Every(kind), circumstances);
        let named = some.into_iter().filter(|grant| {
            let is_of_aws =
                self.actor.identity.get(grant.at.policy).is_some_and(|document| document.is_of_aws());
            let may_be = grant.resources.is_none_or(|resources| {
                resources.negated || resources.entries.iter().any(|entry| kind.may_be(entry.as_str()))
            });
            every.iter().any(|other| other.at == grant.at) || (may_be && !is_of_aws)
        });
        named.collect()
    }
}

impl Route {
    /// Whether a role is handed over. Otherwise something that has the role already is made use of.
    pub(super) fn passes(&self) -> bool {
        self.path.category == Category::NewPassRole
    }

    /// The services as which code may run.
    pub(super) fn services(&self) -> impl Iterator<Item = &'static str> {
        let existing = self.path.needs.iter().find_map(|need| resources_run_as(need.action));
        self.path.passed_to.iter().copied().chain(existing.filter(|_| !self.passes()))
    }

    /// The service through which it leads to a role, and how surely.
    pub(super) fn through(&self, actor: &Actor<'_>, role: &Principal) -> Option<(&'static str, Certainty)> {
        if role.services.is_empty() || actor.principal.account != role.account {
            return None;
        }
        if !self.passes() {
            let service = self.path.needs.iter().find_map(|need| resources_run_as(need.action))?;
            let has_role =
                role.services.contains(&service) && (service != EC2 || !role.instance_profiles.is_empty());
            return has_role.then_some((service, Certainty::Possible));
        }
        let through = self.path.passed_to.iter().filter_map(|service| {
            if !role.services.contains(service)
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
        if step.certainty == Certainty::Possible && step.depends_on.is_empty() {
            // It is not the passing that is open but what is done with the role.
            let others = self.path.needs.iter().map(|need| need.action).filter(|action| *action != PASS_ROLE);
            let others: Vec<&str> = others.collect();
            step.depend_on([format!("conditions of the statements about {}", others.join(" and "))]);
        }
        step
    }
}

const PASS_ROLE: &str = "iam:PassRole";

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
