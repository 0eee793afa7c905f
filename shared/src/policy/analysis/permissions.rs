use std::borrow::Cow;
use std::fmt;

use super::{Asked, Circumstances};
use crate::policy::{Condition, Effect, Element, Place, Policy, ResourcePattern, Statement, Version};

/// All the policies that speak for one principal.
#[derive(Debug, Clone)]
pub struct Permissions<'a> {
    /// Its own, its groups' and its attached policies: what any of them allows is allowed.
    pub identity: Vec<NamedPolicy<'a>>,
    /// What caps them.
    pub boundary: Boundary<'a>,
}

/// A policy and what to call it in a message.
#[derive(Debug, Clone)]
pub struct NamedPolicy<'a> {
    /// Its name or ARN.
    pub name: Cow<'a, str>,
    /// What it says.
    pub policy: &'a Policy,
}

/// A principal's permissions boundary: it allows nothing, but what it does not allow is not allowed.
#[derive(Debug, Clone, Default)]
pub enum Boundary<'a> {
    /// The principal has none.
    #[default]
    Absent,
    /// It has this one.
    Known(NamedPolicy<'a>),
    /// It has one that could not be read: everything found here is possible, not certain.
    Unknown,
}

impl<'a> Boundary<'a> {
    /// The boundary's policy, where it has one that is known.
    pub fn known(&self) -> Option<&NamedPolicy<'a>> {
        match self {
            Self::Known(named) => Some(named),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// A statement of one of several policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// Which policy, counted from 0.
    pub policy: usize,
    /// Which of its statements, counted from 0.
    pub statement: usize,
}

impl<'a> Permissions<'a> {
    /// Those of a single policy, without a boundary.
    pub fn of(policy: &'a Policy) -> Self {
        Self { identity: vec![NamedPolicy { name: Cow::Borrowed(""), policy }], boundary: Boundary::Absent }
    }

    /// Every statement that speaks of an action, to be asked about resources.
    ///
    /// Patterns are held against the action itself, so what no catalogue knows yet is judged as well.
    pub fn grants(&self, action: &str) -> Grants<'_> {
        let mut identity = Side::default();
        for (index, named) in self.identity.iter().enumerate() {
            identity.read(index, named.policy, action);
        }
        let boundary = self.boundary.known().map(|named| {
            let mut side = Side::default();
            side.read(0, named.policy, action);
            side
        });
        let service = action.split_once(':').map_or("*", |(service, _)| service).to_ascii_lowercase();
        Grants { service, identity, boundary }
    }

    /// A statement as a message names it: `Statement[1]`, and `policy#Statement[1]` where there are several policies.
    pub fn name_of(&self, at: StatementRef) -> String {
        let place = Place::statement(at.statement);
        match self.identity.get(at.policy) {
            Some(named) if self.identity.len() > 1 => format!("{}#{place}", named.name),
            _ => place.as_str().to_owned(),
        }
    }

    /// Every statement of the identity policies.
    pub fn statements(&self) -> impl Iterator<Item = (StatementRef, &'a Policy, &'a Statement)> {
        self.identity.iter().enumerate().flat_map(|(policy, named)| {
            let statements = named.policy.statements.iter().enumerate();
            statements.map(move |(statement, it)| (StatementRef { policy, statement }, named.policy, it))
        })
    }
}

/// The statements that speak of one action, allowing and denying.
#[derive(Debug, Clone)]
pub struct Grants<'a> {
    /// The action's.
    service: String,
    identity: Side<'a>,
    boundary: Option<Side<'a>>,
}

/// One statement, as far as it concerns an action.
#[derive(Clone, Copy)]
pub struct Grant<'a> {
    /// Where it stands. In a boundary the policy is 0.
    pub at: StatementRef,
    /// On which resources.
    pub resources: Option<&'a Element<ResourcePattern>>,
    /// Under which conditions.
    pub conditions: &'a [Condition],
    /// Which version of the language its policy is written in.
    pub version: Version,
}

impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.at.policy, self.at.statement)
    }
}

impl<'a> Grant<'a> {
    pub(super) fn new(at: StatementRef, policy: &Policy, statement: &'a Statement) -> Self {
        Self {
            at,
            resources: statement.resource.as_ref(),
            conditions: &statement.conditions,
            version: policy.version,
        }
    }

    /// Whether, as an Allow, it can be made use of.
    pub fn may_apply(&self, asked: &Asked<'_>, circumstances: &Circumstances<'_>) -> bool {
        circumstances.may_hold(self.conditions, self.version) && asked.is_reached(self, circumstances)
    }

    /// Whether, as a Deny, it leaves nothing of what is asked for: it has no condition that a request could escape,
    /// and names every resource asked for.
    pub fn must_apply(
        &self,
        asked: &Asked<'_>,
        circumstances: &Circumstances<'_>,
        given: &[Condition],
    ) -> bool {
        circumstances.must_hold(self.conditions, self.version, given) && asked.is_taken(self, circumstances)
    }
}

impl<'a> Grants<'a> {
    /// The allowing statements, whatever denies and boundary make of them.
    pub fn stated(&self) -> &[Grant<'a>] {
        &self.identity.allows
    }

    /// The statements that really allow it: on all that is asked for, under conditions that can be met, and neither
    /// denied for certain nor outside the boundary. A Deny with a condition or of fewer resources takes only that
    /// part away.
    pub fn on(&self, asked: &Asked<'_>, circumstances: &Circumstances<'_>) -> Vec<Grant<'a>> {
        let allowed = |grant: &&Grant<'a>| match asked {
            Asked::Some => {
                // Where any resource does, the narrowest that is named anywhere is tried.
                let caps = self.boundary.iter().flat_map(|side| &side.allows);
                grant
                    .parts()
                    .chain(caps.flat_map(Grant::parts))
                    .filter(|part| part.may_be_of(&self.service))
                    .any(|part| self.allow_by(grant, &part, circumstances))
            }
            asked => self.allow_by(grant, asked, circumstances),
        };
        self.identity.allows.iter().filter(allowed).copied().collect()
    }

    /// The conditions of all its statements.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &'a Condition> + Clone {
        let sides = std::iter::once(&self.identity).chain(&self.boundary);
        sides.flat_map(|side| side.allows.iter().chain(&side.denies)).flat_map(|grant| grant.conditions)
    }

    /// The accounts that its Allows name in resources.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &'a str> {
        let entries = named_by(&self.identity.allows);
        let accounts = entries.filter_map(|entry| entry.split(':').nth(4));
        accounts.filter(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The resources that its statements name, allowing and denying.
    pub(super) fn resources(&self) -> impl Iterator<Item = &'a str> {
        let sides = std::iter::once(&self.identity).chain(&self.boundary);
        sides.flat_map(|side| named_by(&side.allows).chain(named_by(&side.denies)))
    }

    /// Whether some Deny names it, wherever and whenever.
    pub(super) fn deny_some(&self) -> bool {
        !self.identity.denies.is_empty() || self.boundary.as_ref().is_some_and(|side| !side.denies.is_empty())
    }

    fn allow_by(&self, grant: &Grant<'a>, asked: &Asked<'_>, circumstances: &Circumstances<'_>) -> bool {
        if !grant.may_apply(asked, circumstances) {
            return false;
        }
        let Some(boundary) = &self.boundary else {
            return !self.identity.takes(asked, circumstances, grant.conditions);
        };
        boundary.allows.iter().any(|cap| {
            // Both must apply, so a Deny that applies where either does takes it back.
            let given = [grant.conditions, cap.conditions].concat();
            cap.may_apply(asked, circumstances)
                && !self.identity.takes(asked, circumstances, &given)
                && !boundary.takes(asked, circumstances, &given)
        })
    }

    /// Whether it is allowed; see [`Grants::on`].
    pub fn allow(&self, asked: &Asked<'_>, circumstances: &Circumstances<'_>) -> bool {
        !self.on(asked, circumstances).is_empty()
    }
}

impl<'a> Grant<'a> {
    /// What it allows, resource by resource, for a question that any resource answers.
    pub(super) fn parts(&self) -> impl Iterator<Item = Asked<'a>> + use<'a> {
        let listed = self.resources.filter(|resources| !resources.negated);
        let whole = listed.is_none().then_some(Asked::Some);
        let listed = listed.into_iter().flat_map(|resources| &resources.entries);
        whole.into_iter().chain(listed.map(|entry| Asked::Within(Cow::Borrowed(entry.as_str()))))
    }
}

fn named_by<'g, 'a: 'g>(grants: &'g [Grant<'a>]) -> impl Iterator<Item = &'a str> + use<'g, 'a> {
    let resources = grants.iter().filter_map(|grant| grant.resources);
    resources.flat_map(|resources| &resources.entries).map(ResourcePattern::as_str)
}

/// Identity policies or a boundary: each allows by itself.
#[derive(Debug, Clone, Default)]
struct Side<'a> {
    allows: Vec<Grant<'a>>,
    denies: Vec<Grant<'a>>,
}

impl<'a> Side<'a> {
    fn read(&mut self, index: usize, policy: &'a Policy, action: &str) {
        for (statement, it) in policy.statements.iter().enumerate() {
            if it.action.is_met(|pattern| pattern.matches(action)) {
                let grant = Grant::new(StatementRef { policy: index, statement }, policy, it);
                match it.effect {
                    Effect::Allow => self.allows.push(grant),
                    Effect::Deny => self.denies.push(grant),
                }
            }
        }
    }

    /// Whether one of its Denies leaves nothing of what is allowed under some conditions.
    fn takes(&self, asked: &Asked<'_>, circumstances: &Circumstances<'_>, given: &[Condition]) -> bool {
        self.denies.iter().any(|deny| deny.must_apply(asked, circumstances, given))
    }
}

#[cfg(test)]
mod tests;
