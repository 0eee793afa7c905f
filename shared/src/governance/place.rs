use std::collections::BTreeMap;

use super::node::{Key, Kind, Node};
use super::problem::{Problem, Problems};
use super::suggestion::did_you_mean;

/// A value of the file and the way to it. Each method takes the value as one kind of thing, or reports why it is
/// not and gives `None`.
pub(super) struct Place<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
}

impl<'a> Place<'a> {
    pub(super) fn top(node: &'a Node) -> Self {
        Self { node, path: String::new() }
    }

    /// Something wrong with this value.
    pub(super) fn problem(&self, what: impl AsRef<str>, advice: impl AsRef<str>) -> Problem {
        Problem::new(&self.path, self.node.line, what, advice)
    }

    fn wrong_kind(&self, advice: &str) -> Problem {
        self.problem(format!("this is {}", self.node.description()), advice)
    }

    /// The path of something below.
    pub(super) fn below(&self, name: &str) -> String {
        // A hostile key of a megabyte makes no path.
        let name: String = name.chars().take(64).collect();
        if self.path.is_empty() { name } else { format!("{}.{name}", self.path) }
    }

    /// The entries of a mapping whose keys are not known beforehand; a repeated key is a problem.
    pub(super) fn entries(&self, problems: &mut Problems) -> Option<Vec<(&'a Key, Place<'a>)>> {
        let Kind::Map(entries) = &self.node.kind else {
            problems.push(self.wrong_kind("write a mapping of keys with values (`key: value`) here"));
            return None;
        };
        let mut seen: BTreeMap<&str, &Key> = BTreeMap::new();
        let mut places = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let path = self.below(&key.text);
            if let Some(first) = seen.get(key.text.as_str()) {
                let first_line = first.line.map(|line| format!(", first in line {line}")).unwrap_or_default();
                problems.push(Problem::new(
                    &path,
                    key.line,
                    format!("the key is written twice{first_line}"),
                    "keep one of the two",
                ));
            } else {
                seen.insert(&key.text, key);
                places.push((key, Place { node, path }));
            }
        }
        Some(places)
    }

    /// The fields of a mapping; a key not among `names` is a problem.
    pub(super) fn fields(&self, names: &[&str], problems: &mut Problems) -> Option<Fields<'a>> {
        let mut fields = Fields { path: self.path.clone(), line: self.node.line, places: BTreeMap::new() };
        for (key, place) in self.entries(problems)? {
            if names.contains(&key.text.as_str()) {
                fields.places.insert(&key.text, place);
            } else {
                let accepted = if names.is_empty() {
                    "take it out: no key is known here".to_owned()
                } else {
                    format!("the keys known here are {}", names.join(", "))
                };
                let suggestion = did_you_mean(&key.text, names.iter().copied());
                let problem = Problem::new(
                    &place.path,
                    key.line,
                    format!("the key is not known{suggestion}"),
                    accepted,
                );
                problems.push(problem);
            }
        }
        Some(fields)
    }

    /// The items of a list.
    pub(super) fn items(&self, problems: &mut Problems) -> Option<Vec<Place<'a>>> {
        let Kind::List(items) = &self.node.kind else {
            problems.push(self.wrong_kind("write a list here (`- …`), or take the key out"));
            return None;
        };
        let at = |(index, node)| Place { node, path: format!("{}[{index}]", self.path) };
        Some(items.iter().enumerate().map(at).collect())
    }

    /// A text that says something.
    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        const MOST: usize = 1_000;
        let Kind::Text(text) = &self.node.kind else {
            // A number may have lost leading zeros, a date its zone: only what was quoted is what was written.
            problems.push(self.wrong_kind("write a text, in quotes (`\"…\"`)"));
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            problems.push(self.problem("the text is empty", "fill it in"));
            None
        } else if text.len() > MOST {
            problems.push(self.problem(
                format!("the text holds {} bytes", text.len()),
                format!("cut it to {MOST}, and link to the rest"),
            ));
            None
        } else {
            Some(text)
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        let Kind::Boolean(value) = self.node.kind else {
            problems.push(self.wrong_kind("write `true` or `false`"));
            return None;
        };
        Some(value)
    }
}

/// The known fields of a mapping.
pub(super) struct Fields<'a> {
    path: String,
    line: Option<u64>,
    places: BTreeMap<&'a str, Place<'a>>,
}

impl<'a> Fields<'a> {
    /// A field that may be left out.
    pub(super) fn optional(&self, name: &str) -> Option<&Place<'a>> {
        self.places.get(name)
    }

    /// A field that must be there.
    pub(super) fn required(&self, name: &str, problems: &mut Problems) -> Option<&Place<'a>> {
        let place = self.places.get(name);
        if place.is_none() {
            let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
            problems.push(Problem::new(&path, self.line, "the field is missing", format!("add `{name}: …`")));
        }
        place
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        self.required(name, problems)?.text(problems)
    }

    /// Something wrong with the mapping as a whole.
    pub(super) fn problem(&self, what: &str, advice: &str) -> Problem {
        Problem::new(&self.path, self.line, what, advice)
    }
}
