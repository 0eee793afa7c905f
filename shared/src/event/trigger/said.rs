use crate::event::error::printable;

/// Enough for a sentence of a detector, little enough for a line of a log.
const LONGEST: usize = 240;

/// Somebody else's words as one line that is fit to be shown.
pub(crate) fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    printable(&short)
}

/// The id of an event or finding, fit to be part of a key of the table, which `DynamoDB` limits to 1024 bytes. Of a long
/// one the end counts most: that is where ids of this kind differ.
pub(super) fn id_of(text: &str) -> String {
    const HEAD: usize = 80;
    const TAIL: usize = 119;
    let safe = printable(text.trim());
    let length = safe.chars().count();
    if length <= HEAD + TAIL {
        return safe;
    }
    let head = safe.chars().take(HEAD);
    head.chain(['…']).chain(safe.chars().skip(length - TAIL)).collect()
}

/// A name or word of an event, fit to be shown.
pub(super) fn shortened(text: &str) -> String {
    printable(&text.trim().chars().take(LONGEST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_that_forges_nothing() {
        assert_eq!(said(" a\n  b\u{1b}[0m\u{202e}c "), r"a b\u{1b}[0m\u{202e}c");
    }

    #[test]
    fn a_long_id_keeps_both_ends() {
        assert_eq!(id_of(" f-1\n"), "f-1");
        assert_eq!(id_of(&"a".repeat(199)), "a".repeat(199));
        let long = id_of(&format!("arn:{}:finding/f-1", "é".repeat(600)));
        assert!(long.starts_with("arn:é") && long.ends_with("é:finding/f-1"), "{long}");
        assert_eq!(long.chars().count(), 200);
        assert!(id_of(&"\u{1b}".repeat(600)).len() < 210);
    }

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        assert_eq!(said(&"é".repeat(241)), format!("{}…", "é".repeat(240)));
        assert_eq!(said(&"é".repeat(240)), "é".repeat(240));
    }
}
