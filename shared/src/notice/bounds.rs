use crate::governance::is_hidden;
use crate::masked::Masked;

/// The most bytes of one text in a notice.
const LINE: usize = 1_000;

/// The most bytes that all lists of a notice take together. With everything in it a quote that is escaped twice, text and
/// JSON still fit into one message of SNS (SNS API, `Publish`: 256 KB).
const LISTS: usize = 20_000;

/// A text from elsewhere as one line: key ids masked, nothing that breaks or turns a line, not too long.
pub(super) fn line(text: &str) -> String {
    line_of(text, LINE)
}

/// The same, of about so many bytes.
pub(super) fn line_of(text: &str, most: usize) -> String {
    let shown = Masked(text).to_string();
    let mut line = String::new();
    for character in shown.chars() {
        if line.len() + character.len_utf8() > most {
            line.push('…');
            break;
        }
        line.push(if character.is_control() || is_hidden(character) { ' ' } else { character });
    }
    line
}

/// What room there is for lists.
pub(super) struct Room {
    left: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: LISTS }
    }
}

impl Room {
    /// Takes items while there is room; says how many are left out, if some are.
    pub(super) fn fill<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        size: impl Fn(&T) -> usize,
    ) -> (Vec<T>, Option<String>) {
        let (mut taken, mut left_out) = (Vec::new(), 0_usize);
        for item in items {
            match self.left.checked_sub(size(&item)) {
                Some(left) if left_out == 0 => {
                    self.left = left;
                    taken.push(item);
                }
                _ => left_out += 1,
            }
        }
        (taken, (left_out > 0).then(|| format!("… and {left_out} more, in the journal entry")))
    }

    /// The texts as lines, as many as there is room for.
    pub(super) fn lines(&mut self, texts: &[String]) -> Vec<String> {
        let (mut lines, left_out) = self.fill(texts.iter().map(|text| line(text)), String::len);
        lines.extend(left_out);
        lines
    }
}
