//! The pages under `docs/rules`, one a rule and an index, made of the rules' declarations.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use super::{Entry, Form, Parameter, RULES};
use crate::facts::{Need, Read};

/// Said on top of every page.
const GENERATED: &str =
    "<!-- Generated from the rules' declarations in shared/src/rules; change them there. -->";

/// A rule's page.
pub fn page(rule: &Entry) -> String {
    let meta = &rule.meta;
    let mut page = format!("{GENERATED}\n\n# `{}`\n\n", meta.id);
    let (summary, sections) = meta.documentation.split_once("\n\n").unwrap_or((meta.documentation, ""));
    line_to(&mut page, summary.trim());
    page.push_str("\n| | |\n|---|---|\n");
    let stands_for: Vec<String> = meta.stands_for.iter().map(|name| format!("`{name}`")).collect();
    let rows = [
        ("Severity", meta.severity.to_string()),
        ("Judges", list(meta.applies_to.iter().map(|kind| format!("`{}`", kind.as_str())))),
        ("Judged on", list(meta.triggers)),
        ("AWS Config managed rule it stands for", list(stands_for)),
        ("Controls", list(meta.controls.iter().map(|control| spelt_out(control)))),
        ("When to take it up", format!("{}; effort {}, benefit {}", meta.phase, meta.effort, meta.benefit)),
        ("Put right by", put_right_by(rule)),
    ];
    for (name, value) in rows {
        line_to(&mut page, &format!("| {name} | {value} |"));
    }
    page.push('\n');
    for line in sections.lines() {
        // A doc comment's lines begin with a space.
        line_to(&mut page, line.strip_prefix(' ').unwrap_or(line));
    }
    page.push_str("\n## Parameters\n\n");
    page.push_str(&parameters(rule.parameters));
    page.push_str("\n## What it reads\n\n");
    page.push_str(&reads(rule));
    page.push_str("\n## What it may change\n\n");
    if meta.steps.is_empty() {
        page.push_str("Nothing.\n");
    }
    for step in meta.steps {
        line_to(&mut page, &format!("- `{}`", step.action()));
    }
    page
}

/// The index of all rules.
pub fn index() -> String {
    let mut page = format!(
        "{GENERATED}\n\n# Rules\n\n\
         A `change` is a configuration item of AWS Config, a `sweep` a scheduled look at the whole account.\n\n\
         | Rule | Severity | What it finds | Controls | Judged on | Put right by |\n|---|---|---|---|---|---|\n"
    );
    for rule in RULES {
        let meta = &rule.meta;
        line_to(
            &mut page,
            &format!(
                "| [`{id}`]({id}.md) | {} | {} | {} | {} | {} |",
                meta.severity,
                meta.title(),
                list(meta.controls.iter().map(|control| spelt_out(control))),
                list(meta.triggers),
                put_right_by(rule),
                id = meta.id,
            ),
        );
    }
    page
}

fn put_right_by(rule: &Entry) -> String {
    rule.meta.remediator.map_or_else(|| "a person".to_owned(), |remediator| format!("`{remediator}`"))
}

fn parameters(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return "It takes none.\n".to_owned();
    }
    let mut table = "A day has 24 hours; exactly at a limit is still within it.\n\n\
                     | Parameter | Default | May be | Meaning |\n|---|---|---|---|\n"
        .to_owned();
    for parameter in parameters {
        let Parameter { name, meaning, form, .. } = parameter;
        let (default, may_be) = (parameter.default_value(), may_be(form));
        line_to(&mut table, &format!("| `{name}` | `{default}` | {may_be} | {} |", meaning.trim()));
    }
    table
}

/// What a parameter may be.
pub fn may_be(form: &Form) -> String {
    match form {
        Form::Days { least, most } => format!("{least} to {most} days"),
        Form::Count { most } => format!("0 to {most}"),
        Form::Flag => "`true` or `false`".to_owned(),
        Form::OneOf { words } => list(words.iter().map(|word| format!("`{word}`"))),
        Form::Names => "a list of texts".to_owned(),
    }
}

fn reads(rule: &Entry) -> String {
    let meta = &rule.meta;
    let first: Vec<Read> = meta.applies_to.iter().filter_map(|kind| kind.found_by()).collect();
    if first.is_empty() {
        let mut table = "| Facts | Read by |\n|---|---|\n".to_owned();
        for need in meta.needs {
            line_to(&mut table, &format!("| {need} | {} |", actions(need.account_reads())));
        }
        return table;
    }
    let first = actions(&first);
    let one = match meta.applies_to {
        [kind] => kind.noun(),
        _ => "principal",
    };
    let mut table = format!(
        "Beside {first}, with which every reading of one {one} begins.\n\n\
         | Facts | For | Of the whole account | Of one {one} |\n|---|---|---|---|\n"
    );
    let verdict = meta.needs.iter().map(|need| ("the verdict", need));
    let plan = meta.plan_needs.iter().map(|need| ("the plan", need));
    for (purpose, need) in verdict.chain(plan) {
        // Plans are made of the live principal alone.
        let account = if purpose == "the plan" { &[] } else { need.account_reads() };
        line_to(
            &mut table,
            &format!("| {need} | {purpose} | {} | {} |", actions(account), actions(&live_reads(rule, *need))),
        );
    }
    table
}

fn live_reads(rule: &Entry, need: Need) -> BTreeSet<Read> {
    rule.meta.applies_to.iter().flat_map(|kind| need.live_reads(*kind)).copied().collect()
}

fn actions<'r>(reads: impl IntoIterator<Item = &'r Read>) -> String {
    list(reads.into_iter().map(|read| format!("`{}`", read.action())))
}

/// `CIS-5.0:1.13` as `CIS 5.0 1.13`, `NIST-800-53:AC-2` as `NIST 800-53 AC-2`.
fn spelt_out(control: &str) -> String {
    let (framework, number) = control.split_once(':').unwrap_or((control, ""));
    let framework = framework.replacen('-', " ", 1);
    let framework =
        framework.replace("SecurityHub", "Security Hub").replace("WellArchitected", "Well-Architected");
    format!("{framework} {number}")
}

/// The items with commas between them, or a dash where there are none.
fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "–".to_owned() } else { items.join(", ") }
}

fn line_to(page: &mut String, line: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(page, "{line}");
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    const REGENERATE: &str = "UPDATE=1 cargo test -p shared rule_pages";

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules")
    }

    /// Every file of the folder with what it must hold.
    fn pages() -> Vec<(String, String)> {
        let pages = RULES.iter().map(|rule| (format!("{}.md", rule.meta.id), page(rule)));
        pages.chain([("README.md".to_owned(), index())]).collect()
    }

    /// The lines in which two texts differ, without those they share at the top and at the bottom.
    fn difference(written: &str, generated: &str) -> String {
        let (written, generated): (Vec<&str>, Vec<&str>) =
            (written.lines().collect(), generated.lines().collect());
        let shared = written.len().min(generated.len());
        let top = (0..shared).take_while(|at| written[*at] == generated[*at]).count();
        let bottom = (0..shared - top)
            .take_while(|at| written[written.len() - 1 - at] == generated[generated.len() - 1 - at])
            .count();
        let removed = written[top..written.len() - bottom].iter().map(|line| format!("-{line}\n"));
        let added = generated[top..generated.len() - bottom].iter().map(|line| format!("+{line}\n"));
        format!(" @@ line {} @@\n{}", top + 1, removed.chain(added).collect::<String>())
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is about the files, and writes them when told to"
    )]
    fn rule_pages_are_what_the_declarations_say() {
        let folder = folder();
        let update = std::env::var_os("UPDATE").is_some();
        if update {
            std::fs::create_dir_all(&folder).unwrap();
        }
        let mut drift = String::new();
        for (name, generated) in pages() {
            let path = folder.join(&name);
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            if written == generated {
                continue;
            }
            if update {
                std::fs::write(&path, generated).unwrap();
            } else {
                drift += "docs/rules/";
                drift += &name;
                drift += &difference(&written, &generated);
            }
        }
        assert!(
            drift.is_empty(),
            "the rules' pages are not what the declarations say:\n{drift}\nrun: {REGENERATE}"
        );
    }

    #[test]
    fn no_page_is_left_of_a_rule_that_is_gone() {
        let pages = pages();
        for file in folder().read_dir().unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(pages.iter().any(|(page, _)| *page == name), "docs/rules/{name} is no rule's: delete it");
        }
    }

    #[test]
    fn a_difference_shows_the_lines_that_differ_and_no_others() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), " @@ line 2 @@\n-b\n+x\n+y\n");
        assert_eq!(difference("", "a\n"), " @@ line 1 @@\n+a\n");
        assert_eq!(difference("a\na\n", "a\n"), " @@ line 2 @@\n-a\n");
    }

    #[test]
    fn no_table_row_is_torn_by_what_stands_in_it() {
        for (name, page) in pages() {
            let mut columns = None;
            for line in page.lines() {
                let Some(row) = line.strip_prefix('|') else {
                    columns = None;
                    continue;
                };
                let count = row.matches('|').count();
                assert_eq!(*columns.get_or_insert(count), count, "{name}: {line}");
            }
        }
    }

    #[test]
    fn every_action_a_rule_needs_stands_on_its_page() {
        for rule in RULES {
            let page = page(rule);
            for need in rule.meta.needs.iter().chain(rule.meta.plan_needs) {
                for read in live_reads(rule, *need) {
                    assert!(page.contains(&format!("`{}`", read.action())), "{}: {read}", rule.meta.id);
                }
            }
            for step in rule.meta.steps {
                assert!(page.contains(&format!("- `{}`\n", step.action())), "{}: {step}", rule.meta.id);
            }
        }
    }
}
