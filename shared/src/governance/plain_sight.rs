//! Nothing may be in force that a reviewer does not see: what a file holds besides its plain text.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle};

use super::problem::Problem;

/// What to do about what is not seen.
const SEEN: &str =
    "take it out, and save the file as plain UTF-8: what a reviewer sees must be what is in force";

/// Refuses a file in which a reviewer and the parser may read two things. Gives the line at which it is no YAML, if
/// it is none: to say so is for the reader, and what stands behind it was not looked at.
pub(super) fn check(text: &str) -> Result<Option<u64>, Problem> {
    hidden_character(text)?;
    carriage_return(text)?;
    let line = |line: usize| u64::try_from(line).ok();
    let options = granit_parser::options! { emit_comments: false };
    for scanned in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match scanned {
            Ok(scanned) => scanned,
            Err(error) => return Ok(line(error.marker().line())),
        };
        if let Some(tag) = span.tag_span() {
            return Err(Problem::new(
                "",
                line(tag.start.line()),
                format!("there is a tag (`{}`), and none are read", tag.slice(text).unwrap_or("!…")),
                "write the value alone, as it is meant",
            ));
        }
        if let Event::Scalar(value, ScalarStyle::DoubleQuoted, ..) = &event {
            let written = span.slice(text).unwrap_or_default();
            if let Some(what) = disguise(value, written) {
                return Err(Problem::new(
                    "",
                    line(span.start.line()),
                    what,
                    "write the characters themselves",
                ));
            }
        }
    }
    Ok(None)
}

/// Characters that make a reviewer see another text than the parser does: byte order marks, line breaks that
/// are none in most editors, marks that reverse the direction of text, and other control characters.
pub(crate) fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        '\u{feff}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

fn hidden_character(text: &str) -> Result<(), Problem> {
    let Some((position, character)) = text.char_indices().find(|(_, c)| is_hidden(*c)) else {
        return Ok(());
    };
    let name = if character == '\u{feff}' { " (a byte order mark)" } else { "" };
    let what = format!("there is a hidden character {}{name}", code(character));
    Err(Problem::new("", line_at(text, position), what, SEEN))
}

/// A carriage return by itself: to YAML the end of a line, and of a comment; to most who read the file nothing at
/// all, so that what stands behind it looks like the comment's rest.
fn carriage_return(text: &str) -> Result<(), Problem> {
    let bytes = text.as_bytes();
    let alone = |at: &usize| bytes.get(*at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n');
    match (0..bytes.len()).find(alone) {
        None => Ok(()),
        Some(position) => Err(Problem::new(
            "",
            line_at(text, position),
            "there is a carriage return without a line feed, which ends the line for some readers only",
            SEEN,
        )),
    }
}

/// What a quoted text makes by escapes that it could say openly, or must not say at all.
fn disguise(value: &str, written: &str) -> Option<String> {
    if let Some(hidden) = value.chars().find(|c| is_hidden(*c)) {
        return Some(format!("an escape stands for the hidden character {}", code(hidden)));
    }
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            continue;
        }
        let digits = match rest.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => continue,
        };
        let number: String = rest.by_ref().take(digits).collect();
        let plain = u32::from_str_radix(&number, 16).ok().and_then(char::from_u32);
        if let Some(plain) = plain.filter(|c| c.is_ascii_graphic() || *c == ' ') {
            return Some(format!("an escape stands for a plain `{plain}`, which no search finds"));
        }
    }
    None
}

fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

fn line_at(text: &str, position: usize) -> Option<u64> {
    let line = text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1;
    u64::try_from(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_character_is_never_written_as_an_escape_of_any_length() {
        for escape in ["\\x65", "\\u0065", "\\U00000065"] {
            let problem = check(&format!("mode: \"{escape}nforce\"\n")).unwrap_err();
            assert!(problem.what.contains("an escape stands for a plain `e`"), "{escape}: {problem}");
        }
        assert_eq!(check("mode: \"\\U000000e9\"\n"), Ok(None));
    }

    #[test]
    fn of_hidden_characters_a_byte_order_mark_is_called_by_its_name() {
        let what = |text: &str| check(text).unwrap_err().what;
        assert_eq!(what("\u{feff}version: 1\n"), "there is a hidden character U+FEFF (a byte order mark)");
        assert_eq!(what("version: 1 # \u{202e}\n"), "there is a hidden character U+202E");
    }
}
