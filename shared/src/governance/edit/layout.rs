//! Where in the text the exemptions stand.

use std::ops::Range;

use serde_saphyr::granit_parser::{self, Event, Parser, Span, StructureStyle};

/// What an edit has to know of a file's text. Places are bytes.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The column of the file's keys, where they stand on lines of their own.
    pub(super) indent: Option<usize>,
    pub(super) exemptions: Option<List>,
}

/// The list of exemptions.
#[derive(Debug)]
pub(super) struct List {
    /// The column of its key.
    pub(super) indent: usize,
    /// From its beginning to its end; of a list in lines only the beginning means anything.
    pub(super) range: Range<usize>,
    /// Whether it is written in brackets.
    pub(super) is_flow: bool,
    pub(super) items: Vec<Item>,
}

/// An exemption.
#[derive(Debug)]
pub(super) struct Item {
    /// From its first character to the last of its last value.
    pub(super) range: Range<usize>,
    /// The value of its `expires`.
    pub(super) expires: Option<Range<usize>>,
}

/// A mapping or list that has begun and not ended; a mapping with the key whose value comes next.
enum Open {
    Map(Option<String>),
    List,
}

impl Layout {
    /// `None` where the text is no YAML.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut layout = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let options = granit_parser::options! { emit_comments: false };
        for scanned in Parser::new_from_str_with_options(text, options) {
            let (event, span) = scanned.ok()?;
            match event {
                Event::Scalar(value, ..) => {
                    if let Some(Open::Map(key @ None)) = open.last_mut() {
                        *key = Some(value.into_owned());
                        if open.len() == 1 && layout.indent.is_none() {
                            layout.indent = column(text, span.byte_range()?.start);
                        }
                        continue;
                    }
                    layout.meets(&open, &span, None)?;
                    ended(&mut open);
                }
                Event::SequenceStart(style, ..) => {
                    layout.meets(&open, &span, Some(style))?;
                    open.push(Open::List);
                }
                Event::MappingStart(style, ..) => {
                    layout.meets(&open, &span, Some(style))?;
                    open.push(Open::Map(None));
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    layout.leaves(&open, &span)?;
                    ended(&mut open);
                }
                _ => {}
            }
        }
        Some(layout)
    }

    /// A value begins.
    fn meets(&mut self, open: &[Open], span: &Span, style: Option<StructureStyle>) -> Option<()> {
        let range = span.byte_range()?;
        match open {
            [Open::Map(Some(key))] if key == "exemptions" => {
                self.exemptions = Some(List {
                    indent: self.indent?,
                    range,
                    is_flow: style == Some(StructureStyle::Flow),
                    items: Vec::new(),
                });
            }
            [Open::Map(Some(key)), Open::List] if key == "exemptions" => {
                self.exemptions.as_mut()?.items.push(Item { range, expires: None });
            }
            [Open::Map(Some(key)), Open::List, Open::Map(Some(field)), ..] if key == "exemptions" => {
                let item = self.exemptions.as_mut()?.items.last_mut()?;
                item.range.end = item.range.end.max(range.end);
                if open.len() == 3 && field == "expires" {
                    item.expires = Some(range);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// A list or mapping has ended. Only of one in brackets the end is something that is written.
    fn leaves(&mut self, open: &[Open], span: &Span) -> Option<()> {
        let range = span.byte_range()?;
        if range.is_empty() {
            return Some(());
        }
        match open {
            [Open::Map(Some(key))] if key == "exemptions" => {
                let list = self.exemptions.as_mut()?;
                if list.is_flow {
                    list.range.end = range.end;
                }
            }
            [Open::Map(Some(key)), Open::List, ..] if key == "exemptions" => {
                let item = self.exemptions.as_mut()?.items.last_mut()?;
                item.range.end = item.range.end.max(range.end);
            }
            _ => {}
        }
        Some(())
    }
}

/// A value has ended: in a mapping, a key comes next.
fn ended(open: &mut [Open]) {
    if let Some(Open::Map(key)) = open.last_mut() {
        *key = None;
    }
}

/// The column of what begins its line; `None` where something stands before it.
fn column(text: &str, place: usize) -> Option<usize> {
    let line = text.get(..place)?.rsplit('\n').next()?;
    line.bytes().all(|byte| byte == b' ').then_some(line.len())
}
