use super::action::{Action, ActionSet};
use super::certainty::Certainty;
use super::document::{Document, Speaking};
use super::principal::{Kind, Principal};
use super::target::{Target, maybe};
use crate::policy::analysis::{
    ActionSet as PathActions, Circumstances, Holds, Known, is_implied, resource_tag, variables,
};
use crate::policy::glob::{self, Case};
use crate::policy::{Condition, Effect, Statement, Version};

/// A principal with the policies that speak for it: those it has, or those it could come to have.
#[derive(Debug, Clone)]
pub(super) struct Actor<'a> {
    pub(super) principal: &'a Principal,
    /// Its own, its groups' and its attached policies.
    pub(super) identity: Vec<&'a Document>,
    pub(super) boundary: Cap<'a>,
}

/// What caps an actor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cap<'a> {
    /// Nothing does.
    None,
    /// A permissions boundary.
    Known(&'a Document),
    /// A permissions boundary of which nothing is known: what it does not forbid is possible.
    Unknown,
}

/// A statement that decided, by its policy and position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cited<'a> {
    pub(super) document: &'a Document,
    pub(super) index: usize,
}

impl<'a> Actor<'a> {
    /// What it may be allowed at all, on whatever resource.
    pub(super) fn reach(&self) -> ActionSet {
        let identity =
            self.identity.iter().fold(ActionSet::default(), |reach, document| reach.union(document.allows));
        match self.boundary {
            Cap::Known(boundary) => identity.intersection(boundary.allows),
            Cap::None | Cap::Unknown => identity,
        }
    }

    /// What it may be allowed at all of the actions of known paths to administrator.
    pub(super) fn paths(&self) -> PathActions {
        let named = |paths: PathActions, document: &&Document| paths.union(document.on_paths);
        let identity = self.identity.iter().fold(PathActions::default(), named);
        match self.boundary {
            Cap::Known(boundary) => identity.intersection(boundary.on_paths),
            Cap::None | Cap::Unknown => identity,
        }
    }

    /// Its policies and its boundary.
    pub(super) fn every_document(&self) -> impl Iterator<Item = &'a Document> {
        let boundary = match self.boundary {
            Cap::Known(boundary) => Some(boundary),
            Cap::None | Cap::Unknown => None,
        };
        self.identity.iter().copied().chain(boundary)
    }

    /// Whether it may do something to something, as far as the policies tell.
    pub(super) fn may(&self, action: Action, target: &Target<'_>) -> Option<Certainty> {
        let allowed = self.allowed(action, target)?;
        let undenied = self.undenied(action, target)?;
        if undenied == Certainty::Possible && !self.escapes_denies(action, target) {
            return None;
        }
        Some(allowed.min(undenied))
    }

    /// Whether some Allow can be made use of without meeting all that a Deny asks for.
    fn escapes_denies(&self, action: Action, target: &Target<'_>) -> bool {
        let about = |effect: Effect| {
            let documents = self.every_document();
            documents.flat_map(move |document| {
                let statements = document.about(action).filter(move |(_, it)| it.effect == effect);
                statements.map(move |(speaking, it)| (speaking, it, document.policy.version))
            })
        };
        let denies: Vec<_> = about(Effect::Deny).collect();
        let takes = |given: &[Condition]| {
            denies.iter().any(|(speaking, deny, version)| {
                self.reached(speaking, deny, *version, target) == Holds::Always
                    && deny.conditions.iter().all(|condition| {
                        is_implied(condition, given)
                            || self.holds(condition, *version, target) == Holds::Always
                    })
            })
        };
        self.identity.iter().any(|document| {
            let version = document.policy.version;
            let allows = document.about(action).filter(|(_, it)| it.effect == Effect::Allow);
            allows.into_iter().any(|(speaking, it)| {
                self.applies(speaking, it, version, target) != Holds::Never && !takes(&it.conditions)
            })
        })
    }

    /// Whether it may do something that its own policies need not allow, since those of the resource name it.
    pub(super) fn may_if_named(
        &self,
        action: Action,
        target: &Target<'_>,
        boundary_counts: bool,
    ) -> Option<Certainty> {
        let within = if boundary_counts { self.within_boundary(action, target)? } else { Certainty::Is };
        Some(within.min(self.undenied(action, target)?))
    }

    fn allowed(&self, action: Action, target: &Target<'_>) -> Option<Certainty> {
        let identity = self.identity.iter().filter(|document| document.allows.has(action));
        let allowed =
            identity.filter_map(|document| self.strongest(document, Effect::Allow, action, target)).max()?;
        Some(allowed.min(self.within_boundary(action, target)?))
    }

    fn within_boundary(&self, action: Action, target: &Target<'_>) -> Option<Certainty> {
        match self.boundary {
            Cap::None => Some(Certainty::Is),
            Cap::Unknown => Some(Certainty::Possible),
            Cap::Known(boundary) => self.strongest(boundary, Effect::Allow, action, target),
        }
    }

    /// How far no Deny stands against it.
    fn undenied(&self, action: Action, target: &Target<'_>) -> Option<Certainty> {
        let denied = self
            .every_document()
            .filter(|document| document.denies)
            .filter_map(|document| self.strongest(document, Effect::Deny, action, target))
            .max();
        match denied {
            None => Some(Certainty::Is),
            Some(Certainty::Possible) => Some(Certainty::Possible),
            Some(Certainty::Is) => None,
        }
    }

    fn strongest(
        &self,
        document: &Document,
        effect: Effect,
        action: Action,
        target: &Target<'_>,
    ) -> Option<Certainty> {
        let statements = document.about(action).filter(|(_, statement)| statement.effect == effect);
        let version = document.policy.version;
        statements.filter_map(|(speaking, it)| self.applies(speaking, it, version, target).into()).max()
    }

    /// The statements that allow something, those that do for certain first.
    pub(super) fn citing(&self, action: Action, target: &Target<'_>) -> Vec<Cited<'a>> {
        let mut cited = Vec::new();
        for document in self.identity.iter().copied() {
            for (speaking, it) in document.about(action).filter(|(_, it)| it.effect == Effect::Allow) {
                if let Some(certainty) = self.applies(speaking, it, document.policy.version, target).into() {
                    let cited_here = Cited { document, index: speaking.index };
                    cited.push((std::cmp::Reverse::<Certainty>(certainty), cited_here));
                }
            }
        }
        cited.sort_by_key(|(certainty, _)| *certainty);
        cited.into_iter().map(|(_, cited)| cited).collect()
    }

    /// The condition keys on which it hangs whether it may do something.
    pub(super) fn open_keys(&self, action: Action, target: &Target<'_>) -> Vec<String> {
        let mut keys = Vec::new();
        for document in self.every_document() {
            for (speaking, statement) in document.about(action) {
                let version = document.policy.version;
                if self.applies(speaking, statement, version, target) == Holds::Perhaps {
                    keys.extend(self.perhaps(&statement.conditions, version, target));
                }
            }
        }
        keys
    }

    /// Those of the conditions of which the account does not tell whether they hold.
    pub(super) fn perhaps(
        &self,
        conditions: &[Condition],
        version: Version,
        target: &Target<'_>,
    ) -> Vec<String> {
        let open =
            conditions.iter().filter(|condition| self.holds(condition, version, target) == Holds::Perhaps);
        open.map(|condition| condition.key.clone()).collect()
    }

    fn applies(
        &self,
        speaking: &Speaking,
        statement: &Statement,
        version: Version,
        target: &Target<'_>,
    ) -> Holds {
        match self.reached(speaking, statement, version, target) {
            Holds::Never => Holds::Never,
            reached => both(reached, self.hold(&statement.conditions, version, target)),
        }
    }

    /// Whether a statement is about a target.
    fn reached(
        &self,
        speaking: &Speaking,
        statement: &Statement,
        version: Version,
        target: &Target<'_>,
    ) -> Holds {
        match target.place().and_then(|place| speaking.reach.has(place, self.principal.place)) {
            Some(reached) => reached.into(),
            None => self.reaches(statement, version, target),
        }
    }

    /// Whether conditions hold.
    pub(super) fn hold(&self, conditions: &[Condition], version: Version, target: &Target<'_>) -> Holds {
        conditions.iter().map(|it| self.holds(it, version, target)).fold(Holds::Always, both)
    }

    fn holds(&self, condition: &Condition, version: Version, target: &Target<'_>) -> Holds {
        let in_values = condition.values.iter().flat_map(|value| variables(value, version));
        let keys = in_values.chain(std::iter::once(condition.key.as_str()));
        let held = self.circumstances(keys, target).holds(condition, version);
        if held != Holds::Perhaps && self.sets_tag(condition, target) { Holds::Perhaps } else { held }
    }

    /// Whether it can give the target the tag that a condition asks for, or another in its place.
    fn sets_tag(&self, condition: &Condition, target: &Target<'_>) -> bool {
        let (Some(tag), Some(action)) = (resource_tag(&condition.key), target.tagging()) else {
            return false;
        };
        let key = format!("aws:RequestTag/{tag}");
        self.identity.iter().any(|document| document.allows.has(action))
            && condition
                .values
                .iter()
                .any(|value| self.may(action, &target.tagged(tag, &key, value)).is_some())
    }

    fn reaches(&self, statement: &Statement, version: Version, target: &Target<'_>) -> Holds {
        let Some(resources) = &statement.resource else { return Holds::Always };
        let mut listed = Holds::Never;
        for entry in &resources.entries {
            match self.matches(entry.as_str(), version, target) {
                Holds::Always => {
                    listed = Holds::Always;
                    break;
                }
                Holds::Perhaps => listed = Holds::Perhaps,
                Holds::Never => {}
            }
        }
        match (resources.negated, listed) {
            (false, listed) => listed,
            (true, Holds::Always) => Holds::Never,
            (true, Holds::Never) => Holds::Always,
            (true, Holds::Perhaps) => Holds::Perhaps,
        }
    }

    fn matches(&self, pattern: &str, version: Version, target: &Target<'_>) -> Holds {
        if !version.has_variables() || !pattern.contains("${") {
            return glob::matches(pattern, target.arn, Case::Counts).into();
        }
        let mut circumstances = self.circumstances(variables(pattern, version), target);
        if self.principal.kind == Kind::Member {
            // Whoever it is, `user/${aws:username}` is that one.
            circumstances = circumstances.with("aws:username", self.principal.arn.name());
        }
        if let Some(filled) = circumstances.fill(pattern, version, None) {
            return filled.matches(target.arn, Case::Counts).into();
        }
        let unknown = variables(pattern, version).any(|key| circumstances.known(key).is_none());
        if unknown && glob::matches(&with_stars(pattern), target.arn, Case::Counts) {
            Holds::Perhaps
        } else {
            Holds::Never
        }
    }

    /// What is known of any request by this actor, besides what is known already.
    pub(super) fn at_large(&self, mut circumstances: Circumstances<'a>) -> Circumstances<'a> {
        let keys =
            ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username", "aws:userid"];
        for key in keys {
            circumstances = match self.known(key) {
                Some(Known::Value(value)) => circumstances.with(key, value),
                Some(Known::Absent) => circumstances.without(key),
                Some(Known::Free) | None => circumstances,
            };
        }
        if self.principal.kind == Kind::User {
            circumstances = circumstances.without("aws:PrincipalTag/*");
        }
        for (tag, value) in &self.principal.tags {
            circumstances = circumstances.with(format!("aws:PrincipalTag/{tag}"), value.as_str());
        }
        circumstances
    }

    /// What is known of some keys of a request by this actor.
    fn circumstances<'k>(
        &'k self,
        keys: impl Iterator<Item = &'k str>,
        target: &'k Target<'_>,
    ) -> Circumstances<'k> {
        let mut circumstances = Circumstances::direct().without("iam:RoleTemplateARN");
        if !target.is_principal() {
            // What one makes oneself bears the tags one gives it, and what policies bear, the file does not tell.
            circumstances = circumstances.free("aws:ResourceTag/*").free("iam:ResourceTag/*");
        }
        for key in keys {
            match target.known(key).or_else(|| self.known(key)) {
                Some(Known::Value(value)) => circumstances = circumstances.with(key, value),
                Some(Known::Absent) => circumstances = circumstances.without(key),
                Some(Known::Free) | None => {}
            }
        }
        circumstances
    }

    /// What is known of a key that says who asks.
    fn known(&self, key: &str) -> Option<Known<'a>> {
        let principal = self.principal;
        let is_user = principal.kind != Kind::Role;
        let arn = principal.arn.as_str();
        let value = |text: &'a str| Some(Known::Value(text.into()));
        match key.to_ascii_lowercase().as_str() {
            "aws:principalarn" | "aws:username" if matches!(principal.kind, Kind::Member | Kind::Group) => {
                None
            }
            "aws:principalarn" => value(arn),
            "aws:principalaccount" => value(arn.split(':').nth(4)?),
            "aws:principaltype" => value(if is_user { "User" } else { "AssumedRole" }),
            "aws:username" => Some(maybe(is_user.then(|| principal.arn.name()))),
            "aws:userid" => value(principal.unique_id.as_deref().filter(|_| is_user)?),
            "aws:principalisawsservice" | "aws:viaawsservice" => value("false"),
            "aws:securetransport" => value("true"),
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" | "aws:principalservicename" => {
                Some(Known::Absent)
            }
            lower => {
                let tag = lower.strip_prefix("aws:principaltag/")?;
                let held = principal.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag));
                match held {
                    Some((_, text)) => value(text),
                    // A role's session may bring tags of its own, and a group's member has whatever tags it has.
                    None => (principal.kind == Kind::User).then_some(Known::Absent),
                }
            }
        }
    }
}

impl From<Holds> for Option<Certainty> {
    fn from(holds: Holds) -> Self {
        match holds {
            Holds::Always => Some(Certainty::Is),
            Holds::Perhaps => Some(Certainty::Possible),
            Holds::Never => None,
        }
    }
}

pub(super) fn both(one: Holds, other: Holds) -> Holds {
    match (one, other) {
        (Holds::Never, _) | (_, Holds::Never) => Holds::Never,
        (Holds::Always, Holds::Always) => Holds::Always,
        _ => Holds::Perhaps,
    }
}

/// A pattern in which each variable may be anything.
fn with_stars(pattern: &str) -> String {
    let mut wide = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        wide.push_str(before);
        wide.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    wide.push_str(rest);
    wide
}
