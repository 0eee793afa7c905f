//! Who can become whom, by one thing done.

use super::action::{Action, ActionSet};
use super::actor::Actor;
use super::certainty::Certainty;
use super::principal::{Kind, Principal};
use super::route::Route;
use super::step::{Deed, Step};
use super::target::Target;
use super::trust;

/// How an actor becomes a principal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge<'r> {
    pub(super) means: Means<'r>,
    pub(super) certainty: Certainty,
}

/// What it does for that.
#[derive(Debug, Clone, Copy)]
pub(super) enum Means<'r> {
    /// It assumes the role.
    Assume,
    /// It lets the role trust it, and assumes it.
    RewriteTrust,
    /// It makes credentials for the user.
    Credentials(Action),
    /// It makes itself the identity provider that the role trusts.
    Provider(&'r str),
    /// It has a service run its code as the role.
    Service(&'r Route, &'static str),
    /// It joins the group.
    Join,
}

/// The actions without one of which an actor becomes nobody by itself.
pub(super) const BECOMING: &[Action] = &[
    Action::AssumeRole,
    Action::PassRole,
    Action::UpdateAssumeRolePolicy,
    Action::UpdateSamlProvider,
    Action::CreateAccessKey,
    Action::CreateLoginProfile,
    Action::UpdateLoginProfile,
    Action::AddUserToGroup,
];

impl<'r> Edge<'r> {
    /// The surest way in which an actor becomes a principal; of equally sure ones that of the fewest steps.
    pub(super) fn between(
        actor: &Actor<'_>,
        reach: ActionSet,
        routes: &'r [Route],
        to: &'r Principal,
    ) -> Option<Self> {
        if std::ptr::eq(actor.principal, to) || actor.principal.arn == to.arn {
            return None;
        }
        // IAM's actions are about the account of whoever takes them.
        let is_local = actor.principal.account == to.account;
        let reach = if is_local { reach } else { reach.intersection(ActionSet::of(Action::AssumeRole)) };
        let mut best: Option<Self> = None;
        let mut consider = |means: Means<'r>, certainty: Option<Certainty>| {
            let Some(certainty) = certainty else { return false };
            let edge = Self { means, certainty };
            let rank = |edge: &Self| (edge.certainty, std::cmp::Reverse(edge.length()));
            if best.as_ref().is_none_or(|best| rank(&edge) > rank(best)) {
                best = Some(edge);
            }
            certainty == Certainty::Is
        };
        match to.kind {
            Kind::User => {
                let target = Target::principal(to);
                for action in
                    [Action::CreateAccessKey, Action::UpdateLoginProfile, Action::CreateLoginProfile]
                {
                    let may = reach.has(action).then(|| actor.may(action, &target)).flatten();
                    // Whether the user has a password is not told: one of the two will do, but which?
                    let most =
                        if action == Action::CreateAccessKey { Certainty::Is } else { Certainty::Possible };
                    if consider(Means::Credentials(action), may.map(|may| may.min(most))) {
                        break;
                    }
                }
            }
            Kind::Role if !to.is_service_linked => {
                let assuming =
                    trust::may_name(actor, reach, to).then(|| trust::may_assume(actor, to)).flatten();
                let _ = consider(Means::Assume, assuming)
                    || routes.iter().filter(|_| !to.services.is_empty()).any(|route| {
                        let through = route.through(actor, to);
                        through.is_some_and(|(service, certainty)| {
                            consider(Means::Service(route, service), Some(certainty))
                        })
                    })
                    || consider(Means::RewriteTrust, rewriting_trust(actor, reach, to))
                    || trust::trusted_saml_providers(to).any(|provider| {
                        let may = reach
                            .has(Action::UpdateSamlProvider)
                            .then(|| actor.may(Action::UpdateSamlProvider, &Target::named(provider)));
                        consider(Means::Provider(provider), may.flatten())
                    });
            }
            Kind::Group if matches!(actor.principal.kind, Kind::User | Kind::Member) => {
                let may = reach.has(Action::AddUserToGroup);
                let may = may.then(|| actor.may(Action::AddUserToGroup, &Target::principal(to)));
                consider(Means::Join, may.flatten());
            }
            Kind::Role | Kind::Group | Kind::Member => {}
        }
        best
    }

    /// How many steps it takes.
    pub(super) fn length(&self) -> usize {
        match self.means {
            Means::RewriteTrust | Means::Provider(_) => 2,
            Means::Assume | Means::Credentials(_) | Means::Service(..) | Means::Join => 1,
        }
    }

    /// The steps, in words.
    pub(super) fn steps(&self, actor: &Actor<'_>, to: &Principal) -> Vec<Step> {
        let target = Target::principal(to);
        let deed = |action, target| Deed { action, target, certainty: self.certainty, by_victim: false };
        match self.means {
            Means::Assume => vec![assuming(actor, to, self.certainty)],
            Means::RewriteTrust => {
                let action = Action::UpdateAssumeRolePolicy;
                let certainty = actor.may(action, &target).unwrap_or(self.certainty);
                let rewriting = Deed { action, target, certainty, by_victim: false };
                let certainty = trust::may_assume_if_trusted(actor, to).unwrap_or(self.certainty);
                let mut assuming = Step::new(actor, to.arn.as_str(), Action::AssumeRole.name(), certainty);
                if certainty == Certainty::Possible {
                    assuming.depend_on_statements(actor, Action::AssumeRole, &target);
                }
                vec![rewriting.step(actor, to.arn.as_str()), assuming]
            }
            Means::Provider(provider) => vec![
                deed(Action::UpdateSamlProvider, Target::named(provider)).step(actor, to.arn.as_str()),
                Step::new(actor, to.arn.as_str(), "sts:AssumeRoleWithSAML", Certainty::Is),
            ],
            Means::Credentials(action) => {
                let mut step = deed(action, target).step(actor, to.arn.as_str());
                match action {
                    Action::CreateLoginProfile => step.depend_on(["a user without a password".to_owned()]),
                    Action::UpdateLoginProfile => step.depend_on(["a user with a password".to_owned()]),
                    _ => {}
                }
                vec![step]
            }
            Means::Service(route, service) => vec![route.step(actor, to, service, self.certainty)],
            Means::Join => vec![deed(Action::AddUserToGroup, target).step(actor, to.arn.as_str())],
        }
    }
}

fn rewriting_trust(actor: &Actor<'_>, reach: ActionSet, role: &Principal) -> Option<Certainty> {
    if !reach.has(Action::UpdateAssumeRolePolicy) || role.is_reserved {
        return None;
    }
    let may = actor.may(Action::UpdateAssumeRolePolicy, &Target::principal(role))?;
    Some(may.min(trust::may_assume_if_trusted(actor, role)?))
}

fn assuming(actor: &Actor<'_>, role: &Principal, certainty: Certainty) -> Step {
    let mut step = Step::new(actor, role.arn.as_str(), Action::AssumeRole.name(), certainty);
    step.cite(actor, Action::AssumeRole, &Target::principal(role));
    step.statements.extend(
        trust::citing(actor, role).map(|index| format!("AssumeRolePolicyDocument#Statement[{index}]")),
    );
    if certainty == Certainty::Possible {
        step.depend_on(trust::open_keys(actor, role));
    }
    step
}
