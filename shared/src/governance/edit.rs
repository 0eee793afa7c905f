//! Edits of the governance file's exemptions. The file is a person's: what an edit is not about stays as it is, byte
//! for byte, comments too.
//!
//! The text is changed at one place, which the YAML parser's own positions tell, and read again: unless it then says just
//! what it said before and the one thing more, the edit is refused. So a layout that was not thought of costs an error
//! message and never a file.

mod layout;
mod scalar;

use std::ops::Range;

use super::node::{Kind, Node};
use super::problem::GovernanceErrors;
use super::{Exemption, Governance};
use layout::{Layout, List};
use scalar::{quoted, scalar};

/// An exemption that is to be written into the file, each field as a person gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Exemption`")]
pub struct ExemptionDraft {
    pub rule: String,
    /// `principal`, `accessKey` or `resource`.
    pub subject_field: &'static str,
    pub subject: String,
    pub ticket: String,
    pub owner: String,
    pub approver: String,
    pub reason: String,
    pub process: Option<String>,
    pub criticality: Option<String>,
    pub rotate_every: Option<u16>,
    pub created: String,
    pub expires: String,
}

/// A field's value.
enum Value {
    Text(String),
    Days(u16),
}

impl ExemptionDraft {
    /// What is written, in the order in which people read it. Blanks around a text say nothing, and the file's reader
    /// drops them.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let text = |name, value: &str| (name, Value::Text(value.trim().to_owned()));
        let mut fields = vec![
            text("rule", &self.rule),
            text(self.subject_field, &self.subject),
            text("ticket", &self.ticket),
            text("owner", &self.owner),
            text("approver", &self.approver),
            text("reason", &self.reason),
        ];
        fields.extend(self.process.as_ref().map(|process| text("process", process)));
        fields.extend(self.criticality.as_ref().map(|criticality| text("criticality", criticality)));
        fields.extend(self.rotate_every.map(|days| ("rotateEvery", Value::Days(days))));
        fields.push(text("created", &self.created));
        fields.push(text("expires", &self.expires));
        fields
    }
}

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is refused as it is.
    #[error("the file is refused as it is; put that right first:\n{0}")]
    Before(GovernanceErrors),
    /// The file would be refused with the edit.
    #[error("with this the file would be refused:\n{0}")]
    After(GovernanceErrors),
    /// Where to write it cannot be told.
    #[error("{0}")]
    Layout(&'static str),
}

/// What no edit can be made in.
const NO_PLACE: EditError = EditError::Layout(
    "the list of exemptions is laid out in a way that is not edited; write it by hand, and let `bailiff exempt check` \
     look at it",
);

/// The text with one exemption more, at the end of the list.
pub fn add_exemption(text: &str, draft: &ExemptionDraft) -> Result<String, EditError> {
    Governance::parse(text).map_err(EditError::Before)?;
    let layout = Layout::of(text).ok_or(NO_PLACE)?;
    let fields = draft.fields();
    let edited = match &layout.exemptions {
        None => appended(text, &layout, &fields),
        Some(list) => inserted(text, list, &fields),
    };
    let edited = edited.ok_or(NO_PLACE)?;
    Governance::parse(&edited).map_err(EditError::After)?;
    let mut wanted = items(text)?;
    wanted.push(Node::map(fields.into_iter().map(|(name, value)| {
        let kind = match value {
            Value::Text(text) => Kind::Text(text),
            Value::Days(days) => Kind::Number(days.into()),
        };
        (name, kind)
    })));
    verified(text, edited, &wanted)
}

/// The text with another end of the exemptions at these places.
pub fn end_exemptions(text: &str, places: &[usize], expires: &str) -> Result<String, EditError> {
    Governance::parse(text).map_err(EditError::Before)?;
    let layout = Layout::of(text).ok_or(NO_PLACE)?;
    let list = layout.exemptions.ok_or(NO_PLACE)?;
    let mut edited = text.to_owned();
    let mut wanted = items(text)?;
    // From the last, so that those before it stay where they are.
    let mut ordered = places.to_vec();
    ordered.sort_unstable();
    ordered.dedup();
    for place in ordered.into_iter().rev() {
        let range = list.items.get(place).and_then(|item| item.expires.clone()).ok_or(NO_PLACE)?;
        edited = spliced(&edited, range, &scalar(expires)).ok_or(NO_PLACE)?;
        wanted.get_mut(place).and_then(|item| item.field_mut("expires")).ok_or(NO_PLACE)?.kind =
            Kind::Text(expires.trim().to_owned());
    }
    Governance::parse(&edited).map_err(EditError::After)?;
    verified(text, edited, &wanted)
}

/// The exemptions of a file, as they are written.
fn items(text: &str) -> Result<Vec<Node>, EditError> {
    let mut node = Node::read(text).map_err(|problem| EditError::Before(problem.into()))?;
    Ok(match node.field_mut("exemptions").map(|list| std::mem::replace(&mut list.kind, Kind::Nothing)) {
        Some(Kind::List(items)) => items,
        _ => Vec::new(),
    })
}

/// The edited text, if it says what the text says, these exemptions, and nothing else.
fn verified(text: &str, edited: String, wanted: &[Node]) -> Result<String, EditError> {
    let read = |text| Node::read(text).map_err(|problem| EditError::After(problem.into()));
    let (mut before, mut after) = (read(text)?, read(&edited)?);
    let now = after.take_field("exemptions").map(|list| list.kind);
    before.take_field("exemptions");
    let exemptions_fit = match now {
        Some(Kind::List(items)) => {
            items.len() == wanted.len() && items.iter().zip(wanted).all(|(a, b)| a.says_the_same(b))
        }
        _ => false,
    };
    if exemptions_fit && before.says_the_same(&after) { Ok(edited) } else { Err(NO_PLACE) }
}

fn spliced(text: &str, range: Range<usize>, instead: &str) -> Option<String> {
    Some(format!("{}{instead}{}", text.get(..range.start)?, text.get(range.end..)?))
}

/// A section of its own behind everything else.
fn appended(text: &str, layout: &Layout, fields: &[(&str, Value)]) -> Option<String> {
    let end = line_end(text);
    let indent = " ".repeat(layout.indent?);
    let mut edited = text.to_owned();
    if !edited.ends_with('\n') {
        edited += end;
    }
    if !edited.ends_with("\n\n") && !edited.ends_with("\n\r\n") {
        edited += end;
    }
    edited += &format!("{indent}exemptions:{end}");
    edited += &block(&format!("{indent}  "), fields, end);
    Some(edited)
}

/// One item more in the list that is there.
fn inserted(text: &str, list: &List, fields: &[(&str, Value)]) -> Option<String> {
    let end = line_end(text);
    let Some(last) = list.items.last() else {
        let inside = text.get(list.range.start + 1..list.range.end.checked_sub(1)?)?;
        if inside.bytes().all(|byte| byte == b' ') {
            // `[]` makes way for lines; what stands behind it stays behind the key.
            let emptied = spliced(text, list.range.clone(), "")?;
            let at = next_line(&emptied, list.range.start);
            return Some(lines_at(&emptied, at, &block(&" ".repeat(list.indent + 2), fields, end), end));
        }
        return spliced(text, list.range.end - 1..list.range.end - 1, &flow(fields));
    };
    if list.is_flow {
        return spliced(text, last.range.end..last.range.end, &format!(", {}", flow(fields)));
    }
    let before = text.get(..last.range.start)?.trim_end_matches([' ', '\t', '\r', '\n']).strip_suffix('-')?;
    let indent = before.rsplit('\n').next()?;
    if !indent.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let at = next_line(text, last.range.end);
    Some(lines_at(text, at, &block(indent, fields, end), end))
}

/// The text with lines put in at the beginning of a line, or at its end.
fn lines_at(text: &str, at: usize, lines: &str, end: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let gap = if before.ends_with('\n') { "" } else { end };
    format!("{before}{gap}{lines}{after}")
}

/// The beginning of the line behind a place; the place itself where it begins one.
fn next_line(text: &str, place: usize) -> usize {
    let (before, after) = text.split_at_checked(place).unwrap_or((text, ""));
    if before.ends_with('\n') {
        return place;
    }
    after.find('\n').map_or(text.len(), |line_feed| place + line_feed + 1)
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// An item of a list, a field a line.
fn block(indent: &str, fields: &[(&str, Value)], end: &str) -> String {
    let mut lines = String::new();
    for (index, (name, value)) in fields.iter().enumerate() {
        let mark = if index == 0 { "- " } else { "  " };
        let value = match value {
            Value::Text(text) => scalar(text),
            Value::Days(days) => days.to_string(),
        };
        lines += &format!("{indent}{mark}{name}: {value}{end}");
    }
    lines
}

/// An item of a list in brackets.
fn flow(fields: &[(&str, Value)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| match value {
            Value::Text(text) => format!("{name}: {}", quoted(text)),
            Value::Days(days) => format!("{name}: {days}"),
        })
        .collect();
    format!("{{{}}}", fields.join(", "))
}

impl Exemption {
    /// Which exemptions an operator means: the one at a place (`0`, or `exemptions[0]`), or all under a ticket.
    pub fn named<'a>(exemptions: &'a [Self], name: &str) -> Vec<&'a Self> {
        let under: Vec<&Self> = exemptions.iter().filter(|one| one.ticket == name).collect();
        if !under.is_empty() {
            return under;
        }
        let place = name.strip_prefix("exemptions[").and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        place.parse().ok().and_then(|place: usize| exemptions.get(place)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
