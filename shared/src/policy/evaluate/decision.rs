use std::borrow::Cow;

use super::answer::{Answer, Decider, Decision, Slot};
use super::exception;
use super::policies::Policies;
use super::principal::Naming;
use super::request::Request;
use super::statement;
use crate::policy::{Effect, Policy, Statement};

/// Decides a request as AWS does.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Answer {
    if exception::needs_no_permission(request) {
        return Answer { decision: Decision::Allowed, by: Vec::new() };
    }
    let mut say = Say::new(request, policies);
    say.hear();
    if !say.denies.is_empty() {
        return Answer { decision: Decision::ExplicitlyDenied, by: say.denies };
    }
    let granted = say.grant();
    if say.lacking.is_empty() {
        return Answer { decision: Decision::Allowed, by: granted };
    }
    Answer { decision: Decision::ImplicitlyDenied, by: say.lacking }
}

/// What all policies say about one request.
struct Say<'r, 'p> {
    request: &'r Request<'r>,
    policies: &'p Policies<'p>,
    denies: Vec<Decider>,
    identity: Vec<Decider>,
    /// What allows in the resource's policy, with how it names the principal.
    resource: Vec<(Decider, Naming)>,
    boundary_allows: bool,
    session_allows: bool,
    /// What had to allow the request and did not.
    lacking: Vec<Decider>,
}

impl<'r, 'p> Say<'r, 'p> {
    fn new(request: &'r Request<'r>, policies: &'p Policies<'p>) -> Self {
        Self {
            request,
            policies,
            denies: Vec::new(),
            identity: Vec::new(),
            resource: Vec::new(),
            boundary_allows: policies.boundaries.is_empty(),
            session_allows: policies.session.is_empty()
                && exception::needs_no_session_policy(&request.principal),
            lacking: Vec::new(),
        }
    }

    /// Asks every policy, and every limit that applies whatever the principal and the resource say.
    fn hear(&mut self) {
        let (request, policies) = (self.request, self.policies);
        if exception::heeds_resource_control(&request.principal) {
            for (level, of_level) in policies.resource_control.iter().enumerate() {
                // Each level has `RCPFullAWSAccess`, which cannot be detached: these policies can only deny.
                self.ask(Slot::ResourceControl(level), of_level, |_, _| ());
            }
        }
        if exception::heeds_service_control(&request.principal) {
            for (level, of_level) in policies.service_control.iter().enumerate() {
                let slot = Slot::ServiceControl(level);
                let mut allows = false;
                self.ask(slot, of_level, |_, _| allows = true);
                self.require(slot, allows);
            }
        }
        let mut allows = policies.endpoint.is_empty();
        self.ask(Slot::Endpoint, &policies.endpoint, |_, _| allows = true);
        self.require(Slot::Endpoint, allows);

        let (mut identity, mut resource) = (Vec::new(), Vec::new());
        let (mut boundary, mut session) = (self.boundary_allows, self.session_allows);
        self.ask(Slot::Boundary, &policies.boundaries, |_, _| boundary = true);
        self.ask(Slot::Session, &policies.session, |_, _| session = true);
        self.ask(Slot::Identity, &policies.identity, |decider, _| identity.push(decider));
        self.ask(Slot::Resource, &policies.resource, |decider, naming| resource.push((decider, naming)));
        (self.boundary_allows, self.session_allows) = (boundary, session);
        (self.identity, self.resource) = (identity, resource);
    }

    fn require(&mut self, slot: Slot, allows: bool) {
        if !allows {
            self.lacking.push(Decider::Slot(slot));
        }
    }

    /// Asks policies of one place: notes their denies, and hands on what allows.
    fn ask(&mut self, slot: Slot, policies: &[Cow<'_, Policy>], mut allow: impl FnMut(Decider, Naming)) {
        let one_alone = matches!(slot, Slot::Resource | Slot::Session) && policies.len() == 1;
        for (index, policy) in policies.iter().enumerate() {
            for (statement_index, statement) in policy.statements.iter().enumerate() {
                let Some(naming) = self.naming(slot, statement) else { continue };
                if !statement::is_about(statement, policy.version, self.request) {
                    continue;
                }
                let policy = (!one_alone).then_some(index);
                let decider = Decider::Statement { slot, policy, statement: statement_index };
                match statement.effect {
                    Effect::Allow => allow(decider, naming),
                    Effect::Deny => self.denies.push(decider),
                }
            }
        }
    }

    /// How a statement names the principal, if it is about the principal at all.
    fn naming(&self, slot: Slot, statement: &Statement) -> Option<Naming> {
        let Some(element) = &statement.principal else {
            // A policy that belongs to the principal goes without; any other speaks to nobody.
            let goes_without = !matches!(slot, Slot::Resource | Slot::Endpoint | Slot::ResourceControl(_));
            return goes_without.then_some(Naming::Itself);
        };
        // Source: IAM User Guide, "Permissions boundaries for IAM entities": whom `NotPrincipal` lists is denied all the
        // same if it has a permissions boundary.
        let denies_whoever_has_a_boundary =
            slot == Slot::Resource && element.negated && statement.effect == Effect::Deny;
        if denies_whoever_has_a_boundary && !self.policies.boundaries.is_empty() {
            return Some(Naming::Itself);
        }
        self.request.principal.named_by(element, statement.effect)
    }

    /// Sets what the principal's side and the resource's side allow against each other. Gives the statements that allow
    /// the request, and notes what is lacking.
    fn grant(&mut self) -> Vec<Decider> {
        let request = self.request;
        if exception::is_refused(request) {
            self.lacking.push(Decider::Aws);
        }
        if !request.principal.has_identity() {
            self.require(Slot::Resource, !self.resource.is_empty());
            return self.resource.iter().map(|(decider, _)| *decider).collect();
        }
        let is_root = exception::needs_no_identity_policy(&request.principal);
        let within_limits = is_root || (self.boundary_allows && self.session_allows);
        let identity_allows = is_root || !self.identity.is_empty();
        if request.owner() == request.principal.account() {
            // Within an account a resource can open itself past an implicit deny elsewhere, depending on whom it names.
            let outright = |naming: Naming| match naming {
                Naming::Itself => true,
                Naming::Role => within_limits,
                Naming::Account => false,
            };
            let opens = self.resource.iter().any(|(_, naming)| outright(*naming));
            let resource_agrees = !self.resource.is_empty() || !exception::resource_must_allow(request);
            if opens || (resource_agrees && identity_allows && within_limits) {
                let by_identity = identity_allows && within_limits;
                let by_resource =
                    |naming: Naming| outright(naming) || exception::resource_must_allow(request);
                return self.granted(by_identity, by_resource);
            }
            self.require(Slot::Resource, resource_agrees);
        } else {
            self.require(Slot::Resource, !self.resource.is_empty());
        }
        self.require(Slot::Identity, identity_allows);
        self.require(Slot::Boundary, is_root || self.boundary_allows);
        self.require(Slot::Session, is_root || self.session_allows);
        self.granted(true, |_| true)
    }

    fn granted(&self, by_identity: bool, by_resource: impl Fn(Naming) -> bool) -> Vec<Decider> {
        let identity = self.identity.iter().filter(|_| by_identity);
        let resource = self.resource.iter().filter(|(_, naming)| by_resource(*naming));
        identity.chain(resource.map(|(decider, _)| decider)).copied().collect()
    }
}
