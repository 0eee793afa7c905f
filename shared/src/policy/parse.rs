use std::borrow::Cow;
use std::collections::HashSet;

use super::kind::Presence;
use super::malformed::{Fault, Malformed, Why};
use super::{
    ActionPattern, Condition, Effect, Element, Json, Operator, Place, Policy, PolicyDocument, PolicyKind,
    PrincipalEntry, ResourcePattern, Statement, Version,
};

impl Policy {
    /// Reads a policy, or says everything for which IAM would refuse it.
    ///
    /// What IAM takes and only warns of is taken: empty lists, actions that do not exist, values that an operator
    /// cannot compare.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, Malformed> {
        match Json::parse(text) {
            Ok(json) => Self::read(&json, kind),
            Err(error) => Err(Malformed::one(Place::policy(), Why::NotJson(error.to_string()))),
        }
    }

    /// Reads a policy from a document as IAM holds it.
    pub fn parse_document(document: &PolicyDocument, kind: PolicyKind) -> Result<Self, Malformed> {
        Self::parse(document.as_str(), kind)
    }

    /// Reads a policy that is an object already, or a text that holds one, percent-encoded or plain.
    pub fn read(json: &Json<'_>, kind: PolicyKind) -> Result<Self, Malformed> {
        let (policy, faults) = Self::read_unless_unclear(json, kind)?;
        if faults.is_empty() { Ok(policy) } else { Err(Malformed { faults }) }
    }

    /// Reads a policy for which IAM would refuse it, but only as far as it is clear what it says all the same; what
    /// IAM would refuse it for comes with it. See [`Why::leaves_meaning`].
    pub fn read_unless_unclear(json: &Json<'_>, kind: PolicyKind) -> Result<(Self, Vec<Fault>), Malformed> {
        match json {
            Json::Text(text) => match PolicyDocument::from_text(text) {
                Ok(document) => match Json::parse(document.as_str()) {
                    // A text in a text in a text is nobody's policy.
                    Ok(inner @ Json::Text(_)) => {
                        Err(Malformed::one(Place::policy(), wrong_type(&inner, "an object")))
                    }
                    Ok(inner) => Self::read_unless_unclear(&inner, kind),
                    Err(error) => Err(Malformed::one(Place::policy(), Why::NotJson(error.to_string()))),
                },
                Err(error) => Err(Malformed::one(Place::policy(), Why::NotADocument(error.to_string()))),
            },
            Json::Object(entries) => Reader { kind, faults: Vec::new() }.policy(entries),
            other => Err(Malformed::one(Place::policy(), wrong_type(other, "an object"))),
        }
    }
}

type Entries<'a> = [(Cow<'a, str>, Json<'a>)];

/// Collects faults while it reads; what it gives back counts only where it found none.
struct Reader {
    kind: PolicyKind,
    faults: Vec<Fault>,
}

fn wrong_type(found: &Json<'_>, expected: &'static str) -> Why {
    Why::WrongType { found: found.kind(), expected }
}

impl Reader {
    fn fault(&mut self, at: Place, why: Why) {
        self.faults.push(Fault { at, why });
    }

    fn policy(mut self, entries: &Entries<'_>) -> Result<(Policy, Vec<Fault>), Malformed> {
        let mut policy = Policy { version: Version::default(), id: None, statements: Vec::new() };
        let mut has_statements = false;
        self.twice(Place::policy, entries);
        for (key, value) in entries {
            match key.as_ref() {
                "Version" => policy.version = self.version(value),
                "Id" => match value.as_text() {
                    Some(id) => policy.id = Some(id.to_owned()),
                    None => self.fault(Place::policy().key("Id"), wrong_type(value, "a text")),
                },
                "Statement" => {
                    has_statements = true;
                    let statements = value.elements().iter().enumerate();
                    policy.statements =
                        statements.filter_map(|(index, json)| self.statement(index, json)).collect();
                }
                other => self.fault(Place::policy().key(other), Why::UnknownElement),
            }
        }
        if !has_statements {
            self.fault(Place::policy(), Why::Missing("Statement"));
        }
        self.sids(&policy.statements);
        if self.faults.iter().all(|fault| fault.why.leaves_meaning()) {
            Ok((policy, self.faults))
        } else {
            Err(Malformed { faults: self.faults })
        }
    }

    fn version(&mut self, value: &Json<'_>) -> Version {
        match value.as_text() {
            Some("2012-10-17") => return Version::V2012,
            Some("2008-10-17") => return Version::V2008,
            _ => self.fault(Place::policy().key("Version"), Why::UnknownVersion),
        }
        Version::default()
    }

    fn twice(&mut self, at: impl Fn() -> Place, entries: &Entries<'_>) {
        // Statements have a handful of keys; a map would cost more than it saves. A hostile object of thousands is
        // worth one.
        let mut seen = HashSet::new();
        for (index, (key, _)) in entries.iter().enumerate() {
            let stands_before = if entries.len() > 16 {
                !seen.insert(key)
            } else {
                entries.iter().take(index).any(|(other, _)| other == key)
            };
            if stands_before {
                self.fault(at().key(key), Why::Duplicate);
            }
        }
    }

    fn sids(&mut self, statements: &[Statement]) {
        let mut seen = HashSet::new();
        for (index, statement) in statements.iter().enumerate() {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else { continue };
            if self.kind.sid_is_alphanumeric() && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                self.fault(Place::statement(index).key("Sid"), Why::SidCharacters);
            }
            if statements.len() > 1 && !seen.insert(sid) {
                self.fault(Place::statement(index).key("Sid"), Why::DuplicateSid);
            }
        }
    }

    fn statement(&mut self, index: usize, json: &Json<'_>) -> Option<Statement> {
        let at = || Place::statement(index);
        let Json::Object(entries) = json else {
            self.fault(at(), wrong_type(json, "an object"));
            return None;
        };
        self.twice(at, entries);
        let (mut sid, mut effect, mut conditions) = (None, None, Vec::new());
        let mut action = Found::new("Action");
        let mut resource = Found::new("Resource");
        let mut principal = Found::new("Principal");
        for (key, value) in entries {
            match key.as_ref() {
                "Sid" => match value.as_text() {
                    Some(text) => sid = Some(text.to_owned()),
                    None => self.fault(at().key("Sid"), wrong_type(value, "a text")),
                },
                "Effect" => match value.as_text() {
                    Some("Allow") => effect = Some(Effect::Allow),
                    Some("Deny") => effect = Some(Effect::Deny),
                    Some(_) => self.fault(at().key("Effect"), Why::UnknownEffect),
                    None => self.fault(at().key("Effect"), wrong_type(value, "a text")),
                },
                "Action" | "NotAction" => {
                    let entries = self.texts(index, key, value, |text| {
                        ActionPattern::parse(text).ok_or_else(|| Why::NotAnAction(text.to_owned()))
                    });
                    action.take(key, entries);
                }
                "Resource" | "NotResource" => {
                    let must_be_arn = self.kind.resource_is_arn();
                    let entries = self.texts(index, key, value, |text| resource_pattern(text, must_be_arn));
                    resource.take(key, entries);
                }
                "Principal" | "NotPrincipal" => {
                    let entries = self.principals(index, key, value);
                    principal.take(key, entries);
                }
                "Condition" => conditions = self.conditions(index, value),
                other => self.fault(at().key(other), Why::UnknownElement),
            }
        }
        if effect.is_none() && !entries.iter().any(|(key, _)| key == "Effect") {
            self.fault(at(), Why::Missing("Effect"));
        }
        let action = self.one_of(index, action, Presence::Required);
        let resource = self.one_of(index, resource, self.kind.resource());
        let principal = self.one_of(index, principal, self.kind.principal());
        Some(Statement { sid, effect: effect?, principal, action: action?, resource, conditions })
    }

    /// An element that may stand as itself or in its `Not…` form, and must or must not stand at all.
    fn one_of<T>(&mut self, index: usize, found: Found<T>, presence: Presence) -> Option<Element<T>> {
        let at = || Place::statement(index);
        match (found.element, presence) {
            (None, Presence::Required) => self.fault(at(), Why::Missing(found.name)),
            (Some(element), Presence::Forbidden) => {
                let not = if element.negated { "Not" } else { "" };
                self.fault(at().key(&format!("{not}{}", found.name)), Why::Prohibited(self.kind));
            }
            (Some(_), _) if found.both => self.fault(at(), Why::Both(found.name)),
            (element, _) => return element,
        }
        None
    }

    fn texts<T>(
        &mut self,
        index: usize,
        key: &str,
        value: &Json<'_>,
        read: impl Fn(&str) -> Result<T, Why>,
    ) -> Vec<T> {
        let elements = value.elements();
        let mut entries = Vec::with_capacity(elements.len());
        for (position, element) in elements.iter().enumerate() {
            let entry = match element.as_text() {
                Some(text) => read(text),
                None => Err(wrong_type(element, "a text")),
            };
            match entry {
                Ok(entry) => entries.push(entry),
                Err(why) => self.fault(Place::statement(index).key(key).index(position), why),
            }
        }
        entries
    }

    fn principals(&mut self, index: usize, key: &str, value: &Json<'_>) -> Vec<PrincipalEntry> {
        let at = || Place::statement(index).key(key);
        match value {
            Json::Text(text) if text == "*" => vec![PrincipalEntry::Everyone],
            Json::Text(text) => {
                let entry = PrincipalEntry::parse("AWS", text);
                self.fault(
                    at(),
                    match entry {
                        Some(_) => Why::BarePrincipal(text.to_string()),
                        None => Why::NotAPrincipal(text.to_string()),
                    },
                );
                entry.into_iter().collect()
            }
            Json::Object(kinds) => {
                self.twice(at, kinds);
                let mut entries = Vec::new();
                for (kind, value) in kinds {
                    if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_ref()) {
                        self.fault(at().key(kind), Why::UnknownPrincipalKind);
                        continue;
                    }
                    for (position, element) in value.elements().iter().enumerate() {
                        let entry = match element.as_text() {
                            Some(text) => PrincipalEntry::parse(kind, text)
                                .ok_or_else(|| Why::NotAPrincipal(text.to_owned())),
                            None => Err(wrong_type(element, "a text")),
                        };
                        match entry {
                            Ok(entry) => entries.push(entry),
                            Err(why) => self.fault(at().key(kind).index(position), why),
                        }
                    }
                }
                entries
            }
            other => {
                self.fault(at(), wrong_type(other, "`*` or an object"));
                Vec::new()
            }
        }
    }

    fn conditions(&mut self, index: usize, value: &Json<'_>) -> Vec<Condition> {
        let at = || Place::statement(index).key("Condition");
        let Json::Object(operators) = value else {
            self.fault(at(), wrong_type(value, "an object"));
            return Vec::new();
        };
        self.twice(at, operators);
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            let Some(operator) = Operator::parse(name) else {
                self.fault(at().key(name), Why::UnknownOperator);
                continue;
            };
            let Json::Object(keys) = keys else {
                self.fault(at().key(name), wrong_type(keys, "an object of condition keys"));
                continue;
            };
            self.twice(|| at().key(name), keys);
            for (key, value) in keys {
                if key.is_empty() {
                    self.fault(at().key(name), Why::EmptyConditionKey);
                }
                let values = self.values(value, || at().key(name).key(key));
                conditions.push(Condition { operator, key: key.clone().into_owned(), values });
            }
        }
        conditions
    }

    fn values(&mut self, value: &Json<'_>, at: impl Fn() -> Place) -> Vec<String> {
        let mut values = Vec::with_capacity(value.elements().len());
        for (position, element) in value.elements().iter().enumerate() {
            match element.scalar() {
                Some(text) => values.push(text.into_owned()),
                None => {
                    self.fault(at().index(position), wrong_type(element, "a text, a number or a boolean"));
                }
            }
        }
        values
    }
}

/// An element that was met while reading a statement.
struct Found<T> {
    name: &'static str,
    element: Option<Element<T>>,
    both: bool,
}

impl<T> Found<T> {
    fn new(name: &'static str) -> Self {
        Self { name, element: None, both: false }
    }

    fn take(&mut self, key: &str, entries: Vec<T>) {
        let negated = key.starts_with("Not");
        self.both |= self.element.as_ref().is_some_and(|before| before.negated != negated);
        self.element = Some(Element { negated, entries });
    }
}

fn resource_pattern(text: &str, must_be_arn: bool) -> Result<ResourcePattern, Why> {
    if !must_be_arn || text.starts_with("arn:") || super::glob::is_everything(text) {
        Ok(ResourcePattern::new(text))
    } else {
        Err(Why::NotAResource(text.to_owned()))
    }
}

#[cfg(test)]
mod tests;
