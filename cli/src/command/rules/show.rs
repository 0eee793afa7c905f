use std::fmt::Display;
use std::io::Write;

use shared::rules::Entry;
use shared::rules::page::{may_be, page as markdown};

use super::{Described, entry, put_right_by, told, triggers, word};
use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Layout, json};
use crate::page::{FAINT, NAMED, PLAIN, Page, STRONG};

/// Shows a rule's page
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The rule's id, such as `access-key-age`
    rule: String,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
}

impl Show {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        show(&self.rule, self.format, out)
    }
}

/// Shows the page of the rule with this id.
pub(in crate::command) fn show(rule: &str, format: Layout, out: &mut dyn Write) -> Result<Exit, CliError> {
    let Some(entry) = entry(rule)? else { return Ok(Exit::Done) };
    match format {
        Layout::Text => text(&mut Page::new(out), entry)?,
        Layout::Json => json(out, &Described::from(entry))?,
        Layout::Markdown => write!(out, "{}", markdown(entry))?,
    }
    Ok(Exit::Done)
}

fn text(page: &mut Page<'_>, entry: &Entry) -> Result<(), CliError> {
    let meta = &entry.meta;
    page.flow(0, 0, &[(NAMED, meta.id.as_str())])?;
    for paragraph in paragraphs(meta.documentation) {
        match paragraph.strip_prefix("## ") {
            Some(heading) => page.heading(heading)?,
            None => page.flow(0, 0, &[(PLAIN, &paragraph)])?,
        }
    }
    page.heading("In short")?;
    let facts = [
        ("severity", word(meta.severity)),
        ("judges", list(meta.applies_to.iter().map(|kind| kind.as_str()))),
        ("judged on", triggers(entry)),
        ("put right by", put_right_by(meta).to_owned()),
        ("may call", list(meta.steps.iter().map(|write| write.action()))),
        ("needs", list(meta.needs)),
        ("for its plan", list(meta.plan_needs)),
        ("controls", list(meta.controls)),
        ("stands for", list(meta.stands_for)),
        ("effort, benefit", format!("{}, {}", word(meta.effort), word(meta.benefit))),
    ];
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        page.flow(0, 17, &[(FAINT, &format!("{name:<17}")), (PLAIN, fact)])?;
    }
    if !entry.parameters.is_empty() {
        page.heading("Parameters")?;
    }
    for parameter in entry.parameters {
        let default = format!(" = {}", told(&parameter.default_value()));
        page.flow(0, 2, &[(NAMED, parameter.name), (PLAIN, &default)])?;
        let meaning = format!("{} It may be {}.", parameter.meaning.trim(), may_be(&parameter.form));
        page.flow(2, 2, &[(FAINT, &meaning)])?;
    }
    page.gap()?;
    page.flow(0, 0, &[(STRONG, "In the governance file")])?;
    page.gap()?;
    page.flow(2, 2, &[(PLAIN, "rules:")])?;
    page.flow(4, 4, &[(NAMED, meta.id.as_str()), (PLAIN, ":")])?;
    page.flow(6, 6, &[(PLAIN, "mode: audit"), (FAINT, "        # or notify, or enforce")])?;
    Ok(())
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// The page's paragraphs, each on one line.
fn paragraphs(documentation: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut fresh = true;
    for line in documentation.lines().map(str::trim) {
        match paragraphs.last_mut() {
            _ if line.is_empty() => fresh = true,
            Some(paragraph) if !fresh => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            _ => {
                paragraphs.push(line.to_owned());
                fresh = false;
            }
        }
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn lines_of_a_paragraph_belong_together() {
        assert_eq!(paragraphs(" One\n two.\n\n ## Head\n\n Three.\n"), ["One two.", "## Head", "Three."]);
    }
}
