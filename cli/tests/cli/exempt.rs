//! `bailiff exempt`, on a copy of a file.

use std::fs;

use super::*;

const EXEMPTING: &str = "cli/tests/files/exempting.yaml";
/// When the small account is looked at.
const AT: &str = "2026-11-20T12:30:00Z";

/// A governance file of its own, gone at the end.
struct Copy(PathBuf);

impl Copy {
    fn of(text: &str, name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bailiff-{}-{name}.yaml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// `exempt add` with all that it needs.
fn add(file: &Copy, more: &[&str]) -> Output {
    let day = today();
    let all = [
        &["exempt", "add", "--governance", file.path(), "--rule", "access-key-age", "--ticket", "SEC-9"][..],
        &["--owner", "ann@larkfield.example", "--approver", "ciso@larkfield.example", "--expires", &day],
        more,
    ];
    bailiff(&all.concat())
}

const KEY: [&str; 4] = ["--access-key", "AKIAIOSFODNN7EXAMPLE", "--reason", "it: is #1, \"really\""];

#[test]
fn a_scan_lists_every_exemption_with_what_it_lets_be() {
    let output = bailiff(&["scan", "--account", SMALL, "--governance", EXEMPTING, "--format", "json"]);
    let document = json(&output);
    let told: Vec<(&str, &str, usize)> = document["exemptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let let_be = one["letsBe"].as_array().map_or(0, Vec::len);
            (one["entry"].as_str().unwrap(), one["standing"].as_str().unwrap(), let_be)
        })
        .collect();
    assert_eq!(
        told,
        [("exemptions[0]", "lapsing", 1), ("exemptions[1]", "in-force", 0), ("exemptions[2]", "lapsed", 0)]
    );
    let first = &document["exemptions"][0];
    assert_eq!(first["letsBe"][0]["annotation"], "inline policies: scanner-debug");
    assert_eq!(
        (&first["approver"], &first["criticality"]),
        (&"ciso@larkfield.example".into(), &"high".into())
    );
    let page = bailiff(&["scan", "--account", SMALL, "--governance", EXEMPTING]);
    assert!(text(&page.stdout).contains("lets be: user mara.lindqvist"), "{}", text(&page.stdout));
}

#[test]
fn the_list_reads_as_reviewed() {
    let list = |more: &[&str]| bailiff(&[&["exempt", "list", "--governance", EXEMPTING][..], more].concat());
    insta::assert_snapshot!("exempt_list", succeeded(&list(&["--at", AT])));
    insta::assert_snapshot!(
        "exempt_list_markdown",
        succeeded(&list(&["--account", SMALL, "--format", "markdown"]))
    );
    let all = json(&list(&["--at", AT, "--format", "json"]));
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert!(all[0].get("letsBe").is_none(), "nobody was looked at");
}

#[test]
fn a_key_is_named_by_its_last_four_characters_alone() {
    for format in ["text", "json", "markdown"] {
        let demo = ["exempt", "list", "--governance", "cli/demo/governance.yaml", "--format", format];
        let output = bailiff(&demo);
        let page = succeeded(&output);
        assert!(page.contains("…M4IL") && !page.contains("AKIAQ2XH7EXAMPLEM4IL"), "{page}");
    }
}

#[test]
fn a_check_says_who_is_needed_and_its_exit_code_does() {
    let check =
        |more: &[&str]| bailiff(&[&["exempt", "check", "--governance", EXEMPTING][..], more].concat());
    let output = check(&["--at", AT]);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!("exempt_check", text(&output.stdout));
    // Long before, there is one that exempts nothing, and it is said on the day before it begins to be of no use.
    let output = check(&["--at", "2026-02-01T00:00:00Z"]);
    assert!(succeeded(&output).contains("with 3 exemptions, none of which needs anybody now"));
    let nobody = ["exempt", "check", "--governance", "cli/tests/files/nobody.yaml", "--account", SMALL];
    let output = bailiff(&nobody);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stdout).contains("it exempts nobody: there is no such user"),
        "{}",
        text(&output.stdout)
    );
    let refused = bailiff(&["exempt", "check", "--governance", "cli/tests/files/refused.yaml"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn what_is_added_stands_behind_the_last_and_all_else_is_as_it_was() {
    let before = file(EXEMPTING);
    let copy = Copy::of(&before, "add");
    let output = add(
        &copy,
        &[&KEY[..], &["--rotate-every", "180", "--criticality", "low", "--process", "audits"]].concat(),
    );
    let said = succeeded(&output);
    assert!(said.contains("deploy it for it to take effect"), "{said}");
    let day = today();
    let added = format!(
        "  - rule: access-key-age\n    accessKey: AKIAIOSFODNN7EXAMPLE\n    ticket: SEC-9\n    owner: \
         ann@larkfield.example\n    approver: ciso@larkfield.example\n    reason: \"it: is #1, \\\"really\\\"\"\n    \
         process: audits\n    criticality: low\n    rotateEvery: 180\n    created: {day}\n    expires: {day}\n"
    );
    assert_eq!(copy.text(), format!("{before}{added}"));
    assert_eq!(said.lines().filter(|line| line.starts_with('+')).count(), added.lines().count() + 1);
}

#[test]
fn the_default_file_takes_one_too() {
    let before = file("governance/governance.yaml");
    let copy = Copy::of(&before, "default");
    succeeded(&add(&copy, &KEY));
    assert!(copy.text().starts_with(&before), "comments and all");
    succeeded(&bailiff(&["check", copy.path()]));
}

#[test]
fn a_dry_run_and_a_refusal_write_nothing() {
    let before = file(EXEMPTING);
    let copy = Copy::of(&before, "dry");
    let output = add(&copy, &[&KEY[..], &["--dry-run"]].concat());
    assert!(succeeded(&output).contains("nothing was written"));
    for (wrong, why) in [
        (&["--principal", "arn:aws:iam::111122223333:user/*", "--reason", "all"][..], "takes no wildcards"),
        (&["--principal", "arn:aws:iam::111122223333:user/x", "--reason", " "], "the text is empty"),
        (
            &["--principal", "arn:aws:iam::111122223333:user/x", "--reason", "r", "--created", "2020-01-01"],
            "longer than a year",
        ),
        (
            &["--principal", "arn:aws:iam::111122223333:user/x", "--access-key", "A", "--reason", "r"],
            "cannot be used with",
        ),
        (&["--reason", "r"], "required arguments"),
        (
            &["--principal", "arn:aws:iam::111122223333:user/x", "--reason", "r", "--created", "2999-01-01"],
            "ends before it begins",
        ),
    ] {
        let output = add(&copy, wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(text(&output.stderr).contains(why), "{wrong:?}: {}", text(&output.stderr));
    }
    assert_eq!(copy.text(), before);
    let broken = Copy::of(&before.replace("version: 1", "version: 2"), "broken");
    let output = add(&broken, &KEY);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the file is refused as it is; put that right first"));
    assert_eq!(broken.text(), before.replace("version: 1", "version: 2"));
}

#[test]
fn a_text_may_begin_with_a_dash_and_a_number_that_is_none_is_named() {
    let copy = Copy::of(&file(EXEMPTING), "dash");
    let of = ["--access-key", "AKIAIOSFODNN7EXAMPLE", "--reason"];
    let complaint = |more: &[&str]| {
        let output = add(&copy, &[&of[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        text(&output.stderr).to_owned()
    };
    let said = complaint(&["why", "--rotate-every", "-5"]);
    assert!(said.contains("'-5' for '--rotate-every <DAYS>'"), "{said}");
    let said = complaint(&["--dry-run"]);
    assert!(
        said.contains("'--reason <REASON>': that is an option, and the text before it is missing"),
        "{said}"
    );
    assert_eq!(copy.text(), file(EXEMPTING));
    succeeded(&add(&copy, &[&of[..], &["- x"]].concat()));
    assert!(
        copy.text().contains("reason: \"- x\"") || copy.text().contains("reason: '- x'"),
        "{}",
        copy.text()
    );
}

#[test]
fn standard_input_cannot_be_edited() {
    for arguments in [
        &["exempt", "expire", "0", "--governance", "-"][..],
        &["exempt", "add", "--governance", "-", "--rule", "access-key-age", "--ticket", "t", "--owner", "a"],
    ] {
        let output = bailiff_given(arguments, "version: 1\n");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(
            said.contains("this edits the file where it is, and standard input cannot be edited"),
            "{said}"
        );
    }
}

#[test]
fn an_exemption_is_ended_and_stays_in_the_file() {
    // They stand today, whatever day it is.
    let (from, to) = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(48), "T12:00:00Z");
    let end =
        (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(480)).strftime("%Y-%m-%d").to_string()
            + to;
    let from = from.strftime("%Y-%m-%d").to_string();
    let before =
        file(EXEMPTING).replace("2026-03-01", &from).replace("2026-11-30", &end).replace("2027-02-28", &end);
    let before = before.replace("2026-11-10", &from);
    let copy = Copy::of(&before, "expire");
    let expire = |arguments: &[&str]| {
        bailiff(&[&["exempt", "expire", "--governance", copy.path()][..], arguments].concat())
    };
    for (wrong, why) in [
        ("SEC-8", "there is none"),
        ("exemptions[3]", "there is none"),
        ("SEC-3", "it has lapsed already"),
        ("exemptions[2]", "it has lapsed already"),
    ] {
        let output = expire(&[wrong]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(why), "{wrong}: {}", text(&output.stderr));
    }
    let later = expire(&["SEC-1", "--on", "2999-01-01"]);
    assert_eq!(later.status.code(), Some(2), "{}", text(&later.stderr));
    let day = today();
    let output = expire(&["SEC-1", "--on", &day]);
    succeeded(&output);
    let after = before.replacen(&format!("expires: {end} #"), &format!("expires: {day} #"), 1);
    assert_eq!(copy.text(), after);
    succeeded(&expire(&["1"]));
    let listed = json(&bailiff(&["exempt", "list", "--governance", copy.path(), "--format", "json"]));
    let standings: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["standing"].as_str().unwrap()).collect();
    assert_eq!(standings, ["lapsing", "lapsed", "lapsed"], "one holds to the end of today");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_the_file_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let copy = Copy::of(&file(EXEMPTING), "mode");
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let link = Copy(copy.0.with_extension("link"));
    let _ = fs::remove_file(&link.0);
    symlink(copy.path(), link.path()).unwrap();
    succeeded(&add(&link, &KEY));
    assert!(fs::symlink_metadata(&link.0).unwrap().is_symlink());
    assert_eq!(fs::metadata(&copy.0).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(copy.text().contains("SEC-9"));
}
