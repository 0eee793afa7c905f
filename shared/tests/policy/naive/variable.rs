//! `${key}`, `${key, 'default'}` and the three escapes.

use super::context::Context;
use super::glob::Piece;

/// Where a piece of policy text is read: the version decides whether variables mean anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) context: &'a Context,
    pub(super) variables: bool,
}

impl Reading<'_> {
    /// The text with `*` and `?` as wildcards, or nothing if a variable has no single value and no default.
    pub(super) fn pattern(&self, text: &str) -> Option<Vec<Piece>> {
        self.pieces(text, true)
    }

    /// The text with `*` and `?` as themselves.
    pub(super) fn literal(&self, text: &str) -> Option<String> {
        let pieces = self.pieces(text, false)?;
        Some(
            pieces
                .iter()
                .filter_map(|piece| if let Piece::Is(char) = piece { Some(*char) } else { None })
                .collect(),
        )
    }

    fn pieces(&self, text: &str, wildcards: bool) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut rest: Vec<char> = text.chars().collect();
        while !rest.is_empty() {
            let end = rest.iter().position(|char| *char == '}');
            if let (true, ['$', '{', ..], Some(end)) = (self.variables, rest.as_slice(), end) {
                let inside: String = rest[2..end].iter().collect();
                pieces.extend(self.value_of(&inside)?.chars().map(Piece::Is));
                rest.drain(..=end);
                continue;
            }
            pieces.push(match rest.remove(0) {
                '*' if wildcards => Piece::Many,
                '?' if wildcards => Piece::One,
                char => Piece::Is(char),
            });
        }
        Some(pieces)
    }

    /// What stands in place of `${inside}`.
    fn value_of(&self, inside: &str) -> Option<String> {
        if ["*", "?", "$"].contains(&inside) {
            return Some(inside.to_owned());
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, unquoted(default.trim())),
            None => (inside, None),
        };
        match self.context.values(key.trim()).as_slice() {
            [single] => Some(single.clone()),
            _ => default,
        }
    }
}

fn unquoted(text: &str) -> Option<String> {
    Some(text.strip_prefix('\'')?.strip_suffix('\'')?.to_owned())
}
