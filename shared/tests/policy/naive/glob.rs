//! Patterns with `*` and `?`, by trying everything.

/// One position of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Exactly this character.
    Is(char),
    /// Any one character: `?`.
    One,
    /// Any characters, also none: `*`.
    Many,
}

/// A pattern as written, without variables.
pub(super) fn pattern(text: &str) -> Vec<Piece> {
    text.chars()
        .map(|char| match char {
            '*' => Piece::Many,
            '?' => Piece::One,
            other => Piece::Is(other),
        })
        .collect()
}

/// Whether the whole text is of the pattern.
pub(super) fn matches(pattern: &[Piece], text: &str) -> bool {
    from_here(pattern, &text.chars().collect::<Vec<_>>())
}

fn from_here(pattern: &[Piece], text: &[char]) -> bool {
    let Some((piece, pattern_after)) = pattern.split_first() else {
        return text.is_empty();
    };
    let after_one = |wanted: Option<char>| {
        text.split_first().is_some_and(|(first, text_after)| {
            wanted.is_none_or(|wanted| wanted == *first) && from_here(pattern_after, text_after)
        })
    };
    match piece {
        Piece::Is(char) => after_one(Some(*char)),
        Piece::One => after_one(None),
        Piece::Many => (0..=text.len()).any(|skipped| from_here(pattern_after, &text[skipped..])),
    }
}
