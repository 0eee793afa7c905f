use std::io::Write;

use shared::remedy::Write as IamWrite;
use shared::rules::{Entry, RuleId};

use super::rules::{defaults, put_right_by, triggers, word};
use crate::error::CliError;
use crate::exit::Exit;
use crate::page::{FAINT, NAMED, PLAIN, Page, STRONG};

/// Shows a rule's page
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The rule's id, such as `access-key-age`
    rule: String,
}

impl Explain {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let id = RuleId::parse(&self.rule)?;
        if let Some(entry) = shared::rules::find(id) {
            show(&mut Page::new(out), entry)?;
        }
        Ok(Exit::Done)
    }
}

fn show(page: &mut Page<'_>, entry: &Entry) -> Result<(), CliError> {
    let meta = &entry.meta;
    page.flow(0, 0, &[(NAMED, meta.id.as_str())])?;
    for paragraph in paragraphs(meta.documentation) {
        match paragraph.strip_prefix("## ") {
            Some(heading) => page.heading(heading)?,
            None => page.flow(0, 0, &[(PLAIN, &paragraph)])?,
        }
    }
    page.heading("In short")?;
    let writes: Vec<&str> = meta.steps.iter().map(|write: &IamWrite| write.action()).collect();
    let facts = [
        ("severity", word(meta.severity)),
        ("judged on", triggers(entry)),
        ("put right by", put_right_by(meta).to_owned()),
        ("may call", writes.join(", ")),
        ("controls", meta.controls.join(", ")),
        ("stands for", meta.stands_for.join(", ")),
        ("effort, benefit", format!("{}, {}", word(meta.effort), word(meta.benefit))),
        ("parameters", parameters(entry)),
    ];
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        page.flow(0, 17, &[(FAINT, &format!("{name:<17}")), (PLAIN, fact)])?;
    }
    page.gap()?;
    page.flow(0, 0, &[(STRONG, "In the governance file")])?;
    page.gap()?;
    page.flow(2, 2, &[(PLAIN, "rules:")])?;
    page.flow(4, 4, &[(NAMED, meta.id.as_str()), (PLAIN, ":")])?;
    page.flow(6, 6, &[(PLAIN, "mode: audit"), (FAINT, "        # or notify, or enforce")])?;
    Ok(())
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

fn parameters(entry: &Entry) -> String {
    let defaults = defaults(entry);
    let named: Vec<String> =
        defaults.as_object().into_iter().flatten().map(|(name, value)| format!("{name} = {value}")).collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn lines_of_a_paragraph_belong_together() {
        assert_eq!(paragraphs(" One\n two.\n\n ## Head\n\n Three.\n"), ["One two.", "## Head", "Three."]);
    }
}
