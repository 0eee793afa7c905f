use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Options, Spanned};

use super::plain_sight;
use super::problem::Problem;

/// A value of the YAML file with the line it stands on.
///
/// The file is read into this before it is understood: a derived reader would stop at the first problem, and
/// would not tell where it was.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) line: Option<u64>,
    /// Where it stands in the text, in bytes.
    place: Option<(u64, u64)>,
}

/// What a value is. A mapping keeps its keys in order, repeated ones included.
#[derive(Debug)]
pub(super) enum Kind {
    Nothing,
    Boolean(bool),
    Number(Number),
    /// A number in another spelling than plain decimal digits, as it is written: `0o17`, `9_0`, `1e2`. Not everyone
    /// who reads the file reads the same number.
    OddNumber {
        number: Number,
        written: String,
    },
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A mapping's key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) line: Option<u64>,
}

/// What to do about what is no YAML.
const LAYOUT: &str = "check the indentation, made of spaces and not tabs, and the quotes around it";

/// The largest file taken. The whole of a governance file is read at every start of every function.
const MOST_BYTES: usize = 1024 * 1024;

impl Node {
    /// Reads YAML, but none of its traps: no anchors, aliases, merge keys or tags, `yes` and `no` are texts, and
    /// nothing invisible.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        if text.len() > MOST_BYTES {
            return Err(Problem::new(
                "",
                None,
                format!("the file holds {} bytes, and at most {MOST_BYTES} are read", text.len()),
                "take out what is over, such as exemptions that have expired",
            ));
        }
        let unreadable = plain_sight::check(text)?;
        let mut node: Self =
            serde_saphyr::from_str_with_options(text, options()).map_err(|error| not_yaml(&error))?;
        node.keep_odd_spellings(text);
        match unreadable {
            None => Ok(node),
            // Whatever the reader makes of it: it was not looked at as a whole.
            Some(line) => Err(Problem::new("", Some(line), "this is not YAML that Bailiff reads", LAYOUT)),
        }
    }

    /// Keeps numbers that are not written in plain decimal digits as they are written. The depth of the tree is
    /// limited by the reader.
    fn keep_odd_spellings(&mut self, text: &str) {
        match &mut self.kind {
            Kind::Number(number) => {
                let written = self.place.and_then(|(start, length)| {
                    let start = usize::try_from(start).ok()?;
                    text.get(start..start.checked_add(usize::try_from(length).ok()?)?)
                });
                let written = written.unwrap_or_default();
                if !is_plain(written) {
                    self.kind = Kind::OddNumber { number: number.clone(), written: written.to_owned() };
                }
            }
            Kind::List(items) => items.iter_mut().for_each(|item| item.keep_odd_spellings(text)),
            Kind::Map(entries) => entries.iter_mut().for_each(|(_, node)| node.keep_odd_spellings(text)),
            Kind::Nothing | Kind::Boolean(_) | Kind::OddNumber { .. } | Kind::Text(_) => {}
        }
    }

    /// What it is, for people, with its article.
    pub(super) fn description(&self) -> &'static str {
        match self.kind {
            Kind::Nothing => "empty",
            Kind::Boolean(_) => "true or false",
            Kind::Number(_) | Kind::OddNumber { .. } => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// A mapping that no file holds.
    pub(super) fn map<'k>(entries: impl Iterator<Item = (&'k str, Kind)>) -> Self {
        let entry = |(key, kind): (&str, Kind)| {
            (Key { text: key.to_owned(), line: None }, Self { kind, line: None, place: None })
        };
        Self { kind: Kind::Map(entries.map(entry).collect()), line: None, place: None }
    }

    /// The value of a mapping's key.
    pub(super) fn field_mut(&mut self, name: &str) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Map(entries) => {
                entries.iter_mut().find(|(key, _)| key.text == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Takes a key and its value out of a mapping.
    pub(super) fn take_field(&mut self, name: &str) -> Option<Self> {
        let Kind::Map(entries) = &mut self.kind else { return None };
        let at = entries.iter().position(|(key, _)| key.text == name)?;
        Some(entries.remove(at).1)
    }

    /// Whether both say the same, wherever they stand. The depth of the tree is limited by the reader.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Nothing, Kind::Nothing) => true,
            (Kind::Boolean(one), Kind::Boolean(another)) => one == another,
            (Kind::Number(one), Kind::Number(another)) => one == another,
            (Kind::OddNumber { written: one, .. }, Kind::OddNumber { written: another, .. }) => {
                one == another
            }
            // Blanks around a text say nothing.
            (Kind::Text(one), Kind::Text(another)) => one.trim() == another.trim(),
            (Kind::List(one), Kind::List(another)) => {
                one.len() == another.len() && one.iter().zip(another).all(|(a, b)| a.says_the_same(b))
            }
            (Kind::Map(one), Kind::Map(another)) => {
                one.len() == another.len()
                    && one
                        .iter()
                        .zip(another)
                        .all(|((key, a), (other, b))| key.text == other.text && a.says_the_same(b))
            }
            _ => false,
        }
    }

    /// The same as JSON; of a repeated key the last value, which is reported elsewhere.
    pub(super) fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Nothing => Value::Null,
            Kind::Boolean(value) => Value::Bool(*value),
            Kind::Number(value) | Kind::OddNumber { number: value, .. } => Value::Number(value.clone()),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect())
            }
        }
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_depth: 16,
            flow_nesting_limit: 16,
            max_documents: 1,
            max_nodes: 50_000,
            max_events: 150_000,
        },
        // Reported with both lines when the mapping is read.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn not_yaml(error: &Error) -> Problem {
    const WRITE_OUT: &str = "write every entry out; a text that starts with `&` or `*` goes in quotes";
    let line = error.location().map(|location| location.line()).filter(|line| *line > 0);
    let (what, advice) = match error {
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Anchors { .. } => ("there is an anchor (`&…`), and none are read", WRITE_OUT),
            BudgetBreach::Aliases { .. } => ("there is an alias (`*…`), and none are read", WRITE_OUT),
            BudgetBreach::Documents { .. } => ("there is a second document (`---`)", "keep one"),
            BudgetBreach::Depth { .. } => ("it is nested too deeply", "lay it out as the default file is"),
            _ => ("it holds more than is read", "take out exemptions that have expired"),
        },
        Error::UnknownAnchor { .. } => ("there is an alias (`*…`), and none are read", WRITE_OUT),
        Error::MergeKeyNotAllowed { .. } => ("there is a merge key (`<<`), and none are read", WRITE_OUT),
        other => {
            return Problem::new("", line, format!("this is not YAML that Bailiff reads: {other}"), LAYOUT);
        }
    };
    Problem::new("", line, what, advice)
}

/// Decimal digits without a leading zero, and perhaps a minus sign before them.
fn is_plain(written: &str) -> bool {
    let digits = written.strip_prefix('-').unwrap_or(written);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

fn line_of<T>(spanned: &Spanned<T>) -> Option<u64> {
    Some(spanned.referenced.line()).filter(|line| *line > 0)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        let span = spanned.referenced.span();
        let place = span.byte_offset().zip(span.byte_len());
        Ok(Self { line: line_of(&spanned), place, kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self { line: line_of(&spanned), text: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Nothing)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Number::from_f64(value).map_or(Kind::Nothing, Kind::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Kind::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_values_say_the_same_only_where_they_agree_in_kind_and_all_they_hold() {
        let values = [
            "~",
            "true",
            "false",
            "17",
            "18",
            "0o17",
            "0o18",
            "one",
            "two",
            "[]",
            "[one]",
            "[one, two]",
            "[one, one]",
            "{}",
            "{a: one}",
            "{a: two}",
            "{b: one}",
            "{a: one, b: two}",
        ];
        for (at, one) in values.iter().enumerate() {
            for (other_at, other) in values.iter().enumerate() {
                let said = Node::read(one).unwrap().says_the_same(&Node::read(other).unwrap());
                assert_eq!(said, at == other_at, "{one} {other}");
            }
        }
    }

    #[test]
    fn what_of_yaml_is_not_read_is_named() {
        let nested = (0..20).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
        for (text, what) in [
            ("version: &one 1\n", "there is an anchor"),
            ("version: *one\n", "there is an alias"),
            ("version: 1\n---\nversion: 1\n", "there is a second document"),
            (&nested, "it is nested too deeply"),
            (&format!("version: [{}]\n", "a,".repeat(60_000)), "it holds more than is read"),
        ] {
            let problem = Node::read(text).unwrap_err();
            assert!(problem.what.starts_with(what), "{what}: {problem}");
        }
    }
}
