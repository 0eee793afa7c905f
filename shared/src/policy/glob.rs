//! IAM's wildcards: `*` stands for any run of characters, `?` for any one.

use std::collections::BTreeSet;

/// Whether letter case counts. Actions and service prefixes ignore it, everything else does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `iam:PassRole` and `IAM:passrole` are the same.
    Ignored,
    /// `a` is not `A`.
    Counts,
}

impl Case {
    fn same(self, a: Unit, b: Unit) -> bool {
        let lower = |unit: Unit| if (65..=90).contains(&unit) { unit + 32 } else { unit };
        a == b || (self == Self::Ignored && lower(a) == lower(b))
    }
}

/// Whether a pattern matches a text.
///
/// Goes back to the last `*` only, hence at most pattern length times text length, whatever the pattern. A `?` stands
/// for a character, not for a byte of one.
pub fn matches(pattern: &str, text: &str, case: Case) -> bool {
    matches_tokens(&Literal(pattern), text, case)
}

/// A byte where a pattern meets a text, a character where it meets another pattern.
type Unit = u32;

/// A pattern as the matcher sees it: bytes, of which some are wildcards.
trait Tokens {
    fn len(&self) -> usize;
    fn token(&self, at: usize) -> Option<Token>;
}

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Unit(Unit),
}

struct Literal<'a>(&'a str);

impl Tokens for Literal<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn token(&self, at: usize) -> Option<Token> {
        self.0.as_bytes().get(at).map(|byte| match byte {
            b'*' => Token::Any,
            b'?' => Token::One,
            byte => Token::Unit(Unit::from(*byte)),
        })
    }
}

/// A pattern of which a part is literal text even where it holds `*` or `?`: what a policy variable was replaced by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// UTF-8, in which `ANY` and `ONE` stand for wildcards.
    bytes: Vec<u8>,
}

/// Bytes that UTF-8 never has.
const ANY: u8 = 0xff;
const ONE: u8 = 0xfe;

impl Filled {
    /// An empty one, with room for some bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Adds text in which wildcards are wildcards.
    pub fn push_pattern(&mut self, text: &str) {
        self.bytes.extend(text.bytes().map(|byte| match byte {
            b'*' => ANY,
            b'?' => ONE,
            byte => byte,
        }));
    }

    /// Adds text that stands for itself.
    pub fn push_literal(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Whether it matches a text.
    pub fn matches(&self, text: &str, case: Case) -> bool {
        matches_tokens(self, text, case)
    }
}

impl Tokens for Filled {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn token(&self, at: usize) -> Option<Token> {
        self.bytes.get(at).map(|byte| match *byte {
            ANY => Token::Any,
            ONE => Token::One,
            byte => Token::Unit(Unit::from(byte)),
        })
    }
}

fn matches_tokens(pattern: &impl Tokens, text: &str, case: Case) -> bool {
    let bytes = text.as_bytes();
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and from where in the text it is tried next.
    let mut star: Option<(usize, usize)> = None;
    while t < bytes.len() {
        let step = match pattern.token(p) {
            Some(Token::Any) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(Token::One) => Some(char_length(bytes, t)),
            Some(Token::Unit(unit)) => {
                bytes.get(t).is_some_and(|b| case.same(unit, Unit::from(*b))).then_some(1)
            }
            None => None,
        };
        if let Some(length) = step {
            p += 1;
            t += length;
        } else if let Some((at, from)) = star {
            let next = from + char_length(bytes, from);
            star = Some((at, next));
            p = at + 1;
            t = next;
        } else {
            return false;
        }
    }
    (p..pattern.len()).all(|at| pattern.token(at) == Some(Token::Any))
}

/// How many bytes the character at a boundary takes.
fn char_length(bytes: &[u8], at: usize) -> usize {
    let continuation = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    1 + bytes.iter().skip(at + 1).take_while(continuation).count()
}

/// Whether the wide pattern matches every text that the narrow one matches. Exact where the wide one has no `?`;
/// with one it may miss that `?*` matches all of `*a`, and says no.
pub fn covers(wide: &str, narrow: &str, case: Case) -> bool {
    let (wide, narrow) = (tokens(wide), tokens(narrow));
    let (mut w, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(have) = narrow.get(n) {
        let fits = match (wide.get(w), have) {
            (Some(Token::Any), _) => {
                star = Some((w, n));
                w += 1;
                continue;
            }
            (Some(Token::One), Token::One | Token::Unit(_)) => true,
            (Some(Token::Unit(a)), Token::Unit(b)) => case.same(*a, *b),
            _ => false,
        };
        if fits {
            w += 1;
            n += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            w = at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    wide.iter().skip(w).all(|token| *token == Token::Any)
}

/// Whether some text is matched by both patterns.
pub fn overlap(a: &str, b: &str, case: Case) -> bool {
    // Most pairs that are asked about differ before their first wildcard; the table below is dear.
    let wild = |byte: u8| byte == b'*' || byte == b'?';
    let before_wildcards = a.bytes().zip(b.bytes()).take_while(|(x, y)| !wild(*x) && !wild(*y));
    if before_wildcards.into_iter().any(|(x, y)| !case.same(Unit::from(x), Unit::from(y))) {
        return false;
    }
    let (a, b) = (tokens(a), tokens(b));
    // Row by row over `a`: which prefixes of `b` can meet the prefix of `a` read so far.
    let mut meets = vec![false; b.len() + 1];
    let mut next = meets.clone();
    for row in 0..=a.len() {
        let from_a = row.checked_sub(1).and_then(|at| a.get(at)).copied();
        for column in 0..=b.len() {
            let from_b = column.checked_sub(1).and_then(|at| b.get(at)).copied();
            let above = meets.get(column).copied().unwrap_or(false);
            let left = column.checked_sub(1).and_then(|at| next.get(at)).copied().unwrap_or(false);
            let before = column.checked_sub(1).and_then(|at| meets.get(at)).copied().unwrap_or(false);
            let met = match (from_a, from_b) {
                (None, None) => true,
                (None, Some(token)) => token == Token::Any && left,
                (Some(token), None) => token == Token::Any && above,
                (Some(one), Some(other)) => match (one, other) {
                    (Token::Any, _) | (_, Token::Any) => above || left,
                    (Token::Unit(x), Token::Unit(y)) => before && case.same(x, y),
                    _ => before,
                },
            };
            if let Some(cell) = next.get_mut(column) {
                *cell = met;
            }
        }
        std::mem::swap(&mut meets, &mut next);
    }
    meets.last().copied().unwrap_or(false)
}

/// What a pattern has left after it has matched a beginning: the patterns that match what may follow it, in all as many
/// texts as it matches itself. None where it matches nothing that begins so.
pub fn after(pattern: &str, beginning: &str) -> Vec<String> {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut reached = BTreeSet::from([0]);
    for char in beginning.chars() {
        let mut next = BTreeSet::new();
        for from in reached {
            for (at, have) in pattern.iter().enumerate().skip(from) {
                match have {
                    '*' => {
                        next.insert(at);
                    }
                    have => {
                        if *have == '?' || *have == char {
                            next.insert(at + 1);
                        }
                        break;
                    }
                }
            }
        }
        reached = next;
    }
    reached.into_iter().map(|at| pattern.iter().skip(at).collect()).collect()
}

/// A pattern's elements, runs of wildcards with their `?` in front and one `*`: `*?` and `?*` mean the same, and
/// this way walking from left to right decides.
fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut star = false;
    for char in pattern.chars() {
        match char {
            '*' => star = true,
            '?' => tokens.push(Token::One),
            char => {
                if std::mem::take(&mut star) {
                    tokens.push(Token::Any);
                }
                tokens.push(Token::Unit(Unit::from(char)));
            }
        }
    }
    if star {
        tokens.push(Token::Any);
    }
    tokens
}

/// Whether a pattern is `*` alone, however often it is written.
pub fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition itself.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', rest)), None) => naive(rest, text),
            (Some(('*', rest)), Some((_, tail))) => naive(rest, text) || naive(pattern, tail),
            (Some(_), None) => false,
            (Some(('?', rest)), Some((_, tail))) => naive(rest, tail),
            (Some((a, rest)), Some((b, tail))) => a == b && naive(rest, tail),
        }
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn wildcards_stand_anywhere_and_repeatedly() {
        for (pattern, text, expected) in [
            ("iam:P?ssRole", "iam:PassRole", true),
            ("iam:P?ssRole", "iam:PssRole", false),
            ("s3:**", "s3:GetObject", true),
            ("*:*", "iam:PassRole", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3", false),
            ("?", "é", true),
            ("??", "é", false),
            ("*é", "caf\u{e9}", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text, Case::Counts), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn case_is_ignored_only_where_asked() {
        assert!(matches("IAM:pass*", "iam:PassRole", Case::Ignored));
        assert!(!matches("IAM:pass*", "iam:PassRole", Case::Counts));
    }

    #[test]
    fn what_a_variable_held_is_no_wildcard() {
        let mut filled = Filled::default();
        filled.push_pattern("home/");
        filled.push_literal("*");
        filled.push_pattern("/*");
        assert!(filled.matches("home/*/x", Case::Counts));
        assert!(!filled.matches("home/bob/x", Case::Counts));
    }

    #[test]
    fn a_hostile_pattern_ends_in_our_lifetime() {
        let pattern = format!("{}b", "*a".repeat(3_000));
        let text = "a".repeat(6_000);
        assert!(!matches(&pattern, &text, Case::Counts));
    }

    proptest! {
        #[test]
        fn matching_is_its_definition(pattern in "[ab?*]{0,8}", text in "[abé]{0,8}") {
            prop_assert_eq!(matches(&pattern, &text, Case::Counts), naive(&chars(&pattern), &chars(&text)));
        }

        #[test]
        fn what_is_covered_is_matched(wide in "[abé?*]{0,6}", narrow in "[abé?*]{0,6}", text in "[abcé]{0,7}") {
            if covers(&wide, &narrow, Case::Counts) && matches(&narrow, &text, Case::Counts) {
                prop_assert!(matches(&wide, &text, Case::Counts));
            }
        }

        #[test]
        fn what_is_not_covered_has_a_text_that_shows_it(wide in "[ab*]{0,5}", narrow in "[ab?*]{0,5}") {
            // `z` stands for a letter neither names; a run of them longer than the wide pattern for a star.
            let witness = |fill: &str| narrow.replace('?', "z").replace('*', fill);
            let all = ["", "z", "zzzzzzzz"].iter().all(|fill| matches(&wide, &witness(fill), Case::Counts));
            if !covers(&wide, &narrow, Case::Counts) {
                prop_assert!(!all, "{wide} does match all of {narrow}");
            }
        }

        #[test]
        fn patterns_overlap_where_a_text_matches_both(a in "[abé?*]{0,5}", b in "[abé?*]{0,5}", text in "[abzé]{0,7}") {
            if matches(&a, &text, Case::Counts) && matches(&b, &text, Case::Counts) {
                prop_assert!(overlap(&a, &b, Case::Counts));
            }
        }

        #[test]
        fn what_follows_a_beginning_is_all_that_a_pattern_has_left(
            pattern in "[abé?*]{0,6}", beginning in "[abé]{0,3}", text in "[abé]{0,5}",
        ) {
            let whole = matches(&pattern, &format!("{beginning}{text}"), Case::Counts);
            let rest = after(&pattern, &beginning).iter().any(|rest| matches(rest, &text, Case::Counts));
            prop_assert_eq!(whole, rest);
        }

        #[test]
        fn overlap_goes_both_ways(a in "[ab?*]{0,6}", b in "[ab?*]{0,6}") {
            prop_assert_eq!(overlap(&a, &b, Case::Counts), overlap(&b, &a, Case::Counts));
            if covers(&a, &b, Case::Counts) {
                prop_assert!(overlap(&a, &b, Case::Counts));
            }
        }
    }
}
