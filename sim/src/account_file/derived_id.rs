//! Ids for what an account file leaves unnamed: the same for the same name, so that runs can be compared.

use crate::random::Random;

/// An id of IAM's shape: a prefix that says of what, then letters and digits.
pub(crate) fn derive(prefix: &str, name: &str, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut random = Random::of_text(&format!("{prefix} {name}"));
    let letters = std::iter::repeat_with(|| {
        let at = usize::try_from(random.below(32)).unwrap_or_default();
        char::from(ALPHABET.get(at).copied().unwrap_or(b'A'))
    });
    prefix.chars().chain(letters).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_the_name_and_differs_with_it() {
        assert_eq!(derive("AIDA", "ada", 21), derive("AIDA", "ada", 21));
        assert_ne!(derive("AIDA", "ada", 21), derive("AIDA", "bob", 21));
        assert_eq!(derive("AKIA", "ada 0", 20).len(), 20);
        assert!(derive("AKIA", "ada 0", 20).starts_with("AKIA"));
    }
}
