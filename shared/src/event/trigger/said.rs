use crate::event::error::printable;

/// Enough for a sentence of a detector, little enough for a line of a log.
const LONGEST: usize = 240;

/// Somebody else's words as one line that is fit to be shown.
pub(super) fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    printable(&short)
}

/// A name or id of an event, fit to be a key and to be shown.
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
    fn what_is_long_is_cut_and_says_so() {
        assert_eq!(said(&"é".repeat(241)), format!("{}…", "é".repeat(240)));
        assert_eq!(said(&"é".repeat(240)), "é".repeat(240));
    }
}
