use super::glob::{self, Case};
use super::{Operator, Place, PrincipalEntry};

/// A policy as IAM reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which version of the language it is written in.
    pub version: Version,
    /// Its own id, which means nothing to IAM.
    pub id: Option<String>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Whether it takes permissions away and gives none.
    pub fn only_denies(&self) -> bool {
        !self.statements.is_empty()
            && self.statements.iter().all(|statement| statement.effect == Effect::Deny)
    }
}

/// A version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Version {
    /// `2008-10-17`, also where none is named: `${…}` is plain text.
    #[default]
    V2008,
    /// `2012-10-17`: policy variables are replaced.
    V2012,
}

impl Version {
    /// The version as a policy names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }

    /// Whether `${…}` in resources and condition values stands for something in the request.
    pub fn has_variables(self) -> bool {
        self == Self::V2012
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; policies that belong to a principal have none.
    pub principal: Option<Element<PrincipalEntry>>,
    /// `Action` or `NotAction`.
    pub action: Element<ActionPattern>,
    /// `Resource` or `NotResource`; trust policies have none.
    pub resource: Option<Element<ResourcePattern>>,
    /// Its conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// Where it speaks of an action, given its own position.
    pub fn place_of(&self, index: usize, action: &str) -> Place {
        let place = Place::statement(index);
        if self.action.negated {
            return place.key("NotAction");
        }
        match self.action.entries.iter().position(|entry| entry.matches(action)) {
            Some(position) => place.key("Action").index(position),
            None => place,
        }
    }
}

/// What a statement does where it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Effect {
    /// The effect as a policy names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A list in a statement, or, as its `Not…` form, all that is not in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<T> {
    /// Whether it is the `Not…` form.
    pub negated: bool,
    /// The list; a lone value is a list of one.
    pub entries: Vec<T>,
}

impl<T> Element<T> {
    /// Whether the element is met, given which entries are.
    pub fn is_met(&self, met: impl FnMut(&T) -> bool) -> bool {
        self.entries.iter().any(met) != self.negated
    }
}

/// An action, possibly with wildcards, such as `s3:Get*`. Letter case does not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActionPattern(String);

impl ActionPattern {
    /// Takes `*` or `service:name`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_*?".contains(&byte);
        let complete = match text.split_once(':') {
            None => glob::is_everything(text),
            Some((service, name)) => {
                let part = |part: &str| !part.is_empty() && part.bytes().all(legal);
                part(service) && part(name)
            }
        };
        complete.then(|| Self(text.to_owned()))
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service's part; `*` where the pattern is a lone `*`.
    pub fn service(&self) -> &str {
        self.0.split_once(':').map_or("*", |(service, _)| service)
    }

    /// The part after the service; `*` where the pattern is a lone `*`.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or("*", |(_, name)| name)
    }

    /// Whether it matches an action such as `s3:GetObject`.
    pub fn matches(&self, action: &str) -> bool {
        glob::matches(&self.0, action, Case::Ignored)
    }

    /// Whether it matches every action of every service: `*`, `**`, `*:*`.
    pub fn is_everything(&self) -> bool {
        glob::is_everything(self.service()) && glob::is_everything(self.name())
    }
}

/// A resource, possibly with wildcards and variables. Letter case counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourcePattern(String);

impl ResourcePattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a lone `*`.
    pub fn is_everything(&self) -> bool {
        glob::is_everything(&self.0)
    }
}

/// One key of one operator in a statement's `Condition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key as it is written; letter case does not count.
    pub key: String,
    /// The values; one of them must do. Numbers and booleans as their JSON text.
    pub values: Vec<String>,
}

impl Condition {
    /// Whether it is about a key, given in any letter case.
    pub fn is_about(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }

    /// Where it stands in a statement.
    pub fn place(&self, statement: usize) -> Place {
        Place::statement(statement).key("Condition").key(&self.operator.to_string()).key(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_star_or_a_service_and_a_name() {
        for right in [
            "*",
            "**",
            "*:*",
            "s3:*",
            "s3:**",
            "IAM:p?ssrole",
            "execute-api:Invoke",
            "a4b:X",
            "ec2*:Describe*",
        ] {
            assert!(ActionPattern::parse(right).is_some(), "{right}");
        }
        for wrong in ["", "s3", "s3:", ":x", "s3:a:b", "s3: Get", "s3:Gét", "s*", "?", "s3/Get:x"] {
            assert!(ActionPattern::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn everything_has_several_spellings() {
        let everything = |text| ActionPattern::parse(text).unwrap().is_everything();
        assert!(["*", "**", "*:*", "**:**"].into_iter().all(everything));
        assert!(!["s3:*", "*:Get*", "?:*"].into_iter().any(everything));
    }

    #[test]
    fn the_not_form_is_met_by_all_that_is_not_listed() {
        let list = |negated, entries: &[i32]| Element { negated, entries: entries.to_vec() };
        assert!(list(false, &[1, 2]).is_met(|entry| *entry == 2));
        assert!(!list(true, &[1, 2]).is_met(|entry| *entry == 2));
        assert!(list(true, &[]).is_met(|_| true));
        assert!(!list(false, &[]).is_met(|_| true));
    }
}
