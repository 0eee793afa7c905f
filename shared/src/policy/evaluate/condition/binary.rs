/// Whether two texts are base64 for the same bytes, with padding or without.
pub(super) fn same(a: &str, b: &str) -> bool {
    match (Sextets::new(a), Sextets::new(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// What base64 writes, six bits a character; bits past the last whole byte mean nothing.
#[derive(Clone, Copy)]
struct Sextets<'a>(&'a [u8]);

impl<'a> Sextets<'a> {
    fn new(text: &'a str) -> Option<Self> {
        let digits = text.trim_end_matches('=').as_bytes();
        let complete = digits.len() % 4 != 1 && text.len() - digits.len() <= 2;
        (complete && digits.iter().all(|digit| sextet(*digit).is_some())).then_some(Self(digits))
    }

    fn value(self, index: usize) -> u8 {
        let value = self.0.get(index).copied().and_then(sextet).unwrap_or(0);
        match self.0.len() % 4 {
            2 if index + 1 == self.0.len() => value & 0b11_0000,
            3 if index + 1 == self.0.len() => value & 0b11_1100,
            _ => value,
        }
    }
}

impl PartialEq for Sextets<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && (0..self.0.len()).all(|index| self.value(index) == other.value(index))
    }
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
