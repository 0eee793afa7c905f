use std::fmt::Write as _;

use super::{Framework, ItemCoverage, Setting};

/// A framework's section of `docs/coverage.md`.
pub fn section(framework: Framework) -> String {
    let coverage = framework.coverage();
    let mut section = format!(
        "## `{}`\n\n{}: {}.\n\n| Item | What must be so | Status | By what |\n|---|---|---|---|\n",
        framework.as_str(),
        coverage.title,
        coverage.summary
    );
    for item in &coverage.items {
        // Writing to a `String` cannot fail.
        let _ =
            writeln!(section, "| {} | {} | {} | {} |", item.id, item.title, item.status.as_str(), by(item));
    }
    section
}

/// The rules that cover it, and what else is to be said.
fn by(item: &ItemCoverage) -> String {
    let rules: Vec<String> = item.rules.iter().map(|id| format!("[`{id}`](rules/{id}.md)")).collect();
    let mut by: Vec<String> = Vec::new();
    if !rules.is_empty() {
        by.push(rules.join(", "));
    }
    by.extend(item.settings.iter().map(Setting::to_string));
    by.extend(item.note().into_iter().chain(item.person.map(str::to_owned)));
    by.join("<br>")
}

impl ItemCoverage {
    /// Its note, with what it is about.
    pub fn note(&self) -> Option<String> {
        let open = if self.status == super::Status::PartlyCovered { "Left open: " } else { "" };
        self.note.map(|note| format!("{open}{note}"))
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value {
            Some(value) => write!(f, "Needs `{}: {value}`, which is not the default.", self.parameter),
            None => write!(f, "Needs `{}`, which by default names nothing.", self.parameter),
        }
    }
}
