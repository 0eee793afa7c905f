use std::io::{self, Write};

use anstyle::AnsiColor;
pub(crate) use anstyle::Style;

/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();
/// What need not be read.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is not.
pub(crate) const WRONG: Style = AnsiColor::Red.on_default().bold();
/// What was held back, or is not known.
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default();
/// Rules, and what else can be looked up.
pub(crate) const NAMED: Style = AnsiColor::Cyan.on_default();
/// Everything else.
pub(crate) const PLAIN: Style = Style::new();

/// Columns a line may take: fits beside an editor, and into a build's log.
const WIDTH: usize = 96;

/// A piece of text in one style.
pub(crate) type Span<'a> = (Style, &'a str);

/// Lines of text for people, wrapped at words.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    /// A page on this output.
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A heading with an empty line before and after it.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.flow(0, 0, &[(STRONG, text)])?;
        self.gap()
    }

    /// Spans one after the other, begun at column `first`, wrapped at words to column `hanging`.
    pub(crate) fn flow(&mut self, first: usize, hanging: usize, spans: &[Span<'_>]) -> io::Result<()> {
        let mut line = Line::new(first);
        for (style, text) in spans {
            for (index, word) in text.split(' ').enumerate() {
                line.gap += usize::from(index > 0);
                if word.is_empty() {
                    continue;
                }
                let length = word.chars().count();
                if !line.fresh && line.column + line.gap + length > WIDTH {
                    writeln!(self.out, "{}", line.end())?;
                    line = Line::new(hanging);
                }
                line.push(*style, word, length);
            }
        }
        writeln!(self.out, "{}", line.end())
    }
}

/// The line being put together.
struct Line {
    text: String,
    column: usize,
    /// Spaces due before the next word; dropped where the line ends.
    gap: usize,
    /// Whether it has no word yet.
    fresh: bool,
    style: Style,
}

impl Line {
    fn new(indent: usize) -> Self {
        Self { text: " ".repeat(indent), column: indent, gap: 0, fresh: true, style: PLAIN }
    }

    fn push(&mut self, style: Style, word: &str, length: usize) {
        if style != self.style {
            self.text.push_str(&self.style.render_reset().to_string());
        }
        self.text.push_str(&" ".repeat(self.gap));
        if style != self.style {
            self.text.push_str(&style.render().to_string());
        }
        // Text out of files and events must not be able to steer a terminal.
        self.text.extend(word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        self.column += self.gap + length;
        (self.gap, self.fresh, self.style) = (0, false, style);
    }

    fn end(&mut self) -> &str {
        self.text.push_str(&self.style.render_reset().to_string());
        self.style = PLAIN;
        &self.text
    }
}

/// `1 pass`, `2 passes`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(first: usize, hanging: usize, spans: &[Span<'_>]) -> String {
        let mut out = Vec::new();
        Page::new(&mut out).flow(first, hanging, spans).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn long_text_hangs_below_its_beginning() {
        let text = "word ".repeat(40);
        let page = rendered(2, 6, &[(PLAIN, text.trim())]);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "{page}");
        assert!(page.starts_with("  word"));
        assert!(page.lines().skip(1).all(|line| line.starts_with("      word")), "{page}");
        assert_eq!(page.split_whitespace().count(), 40);
    }

    #[test]
    fn a_word_longer_than_the_line_is_kept_whole() {
        let word = "x".repeat(200);
        assert_eq!(rendered(0, 4, &[(PLAIN, &word)]), format!("{word}\n"));
        assert_eq!(rendered(0, 4, &[(PLAIN, "a "), (PLAIN, &word)]), format!("a\n    {word}\n"));
    }

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(rendered(0, 0, &[(PLAIN, "a\u{1b}[2Jb\nc")]), "a\u{fffd}[2Jb\u{fffd}c\n");
    }

    #[test]
    fn a_style_never_runs_over_a_line_end() {
        let text = "word ".repeat(40);
        let page = rendered(0, 0, &[(WRONG, text.trim())]);
        for line in page.lines() {
            assert!(line.ends_with("\u{1b}[0m"), "{line:?}");
        }
    }
}
