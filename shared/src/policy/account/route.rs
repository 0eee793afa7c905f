//! Ways through a service that runs somebody's code as a role.

use super::action::Action;
use super::actor::Actor;
use super::certainty::Certainty;
use super::principal::Principal;
use super::step::Step;
use super::target::Target;
use super::{creation, service, trust};

/// One of them, as far as an actor's policies allow it, whichever the role.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// The actions it takes.
    pub(super) actions: Vec<&'static str>,
    /// The statements that allow them.
    pub(super) statements: Vec<String>,
}

impl Route {
    /// Whether a role is handed over. Otherwise something that has the role already is made use of.
    fn passes(&self) -> bool {
        self.actions.contains(&Action::PassRole.name())
    }

    /// The services as which the code may run.
    fn services(&self) -> impl Iterator<Item = &'static str> {
        let prefixes = self.actions.iter().filter_map(|action| action.split_once(':'));
        let prefix = prefixes.map(|(prefix, _)| prefix).find(|prefix| !service::runs_as(prefix).is_empty());
        let passes = self.passes();
        service::runs_as(prefix.unwrap_or_default()).iter().copied().filter(move |runs_as| {
            // Systems Manager reaches instances, and runs automations as a role that is passed.
            prefix != Some("ssm") || passes == (*runs_as == "ssm.amazonaws.com")
        })
    }

    /// The service through which it leads to a role, and how surely.
    pub(super) fn through(&self, actor: &Actor<'_>, role: &Principal) -> Option<(&'static str, Certainty)> {
        let through = self.services().filter_map(|service| {
            trust::trusts_service(role, service)?;
            let on_instance = service == EC2;
            if self.passes() {
                if on_instance && role.instance_profiles.is_empty() && !may_make_profile(actor) {
                    return None;
                }
                let target = Target::principal(role).with("iam:PassedToService", service);
                Some((service, actor.may(Action::PassRole, &target)?))
            } else if on_instance && role.instance_profiles.is_empty() {
                // No instance can have the role.
                None
            } else {
                Some((service, Certainty::Possible))
            }
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
        let mut step = Step::new(actor, role.arn.as_str(), &self.actions.join(" + "), certainty);
        if self.passes() {
            step.cite(actor, Action::PassRole, &Target::principal(role));
        } else {
            let what = if service == EC2 { "an instance with the role" } else { "a resource with the role" };
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

fn may_make_profile(actor: &Actor<'_>) -> bool {
    let actions = [Action::CreateInstanceProfile, Action::AddRoleToInstanceProfile];
    creation::names(actor, &actions, "instance-profile/")
        .any(|name| actions.iter().all(|action| actor.may(*action, &Target::named(&name)).is_some()))
}

const EC2: &str = "ec2.amazonaws.com";
