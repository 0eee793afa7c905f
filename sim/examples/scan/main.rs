//! How long it takes to judge a big account by every rule and to tell every principal's tier, and how much memory.
//!
//! `cargo build --release --package cli && cargo run --release --package sim --example scan`; `benches/README.md` has
//! the figures to reach. With `--write DIRECTORY` it writes the account in both of its forms and ends.
#![expect(clippy::indexing_slicing, reason = "a JSON object answers null for what it does not hold")]

mod account;
mod child;
#[path = "../account_details/generate.rs"]
mod generate;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use child::Run;
use generate::Size;
use serde_json::Value;

const SIZE: Size = Size { users: 5_000, groups: 200, roles: 1_000, policies: 1_500, administrators: 25 };
const SEED: u64 = 3;
const ROUNDS: usize = 5;
const MOST_TIME: Duration = Duration::from_secs(2);
const MOST_MEMORY: u64 = 200 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let folder = std::env::temp_dir().join(format!("bailiff-scan-{}", std::process::id()));
            fs::create_dir_all(&folder)?;
            let kept = measure(&folder);
            fs::remove_dir_all(&folder)?;
            Ok(if kept? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        ["--write", folder] => {
            Files::write(Path::new(folder))?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err("expected nothing, or `--write DIRECTORY`".into()),
    }
}

/// The account in the two forms in which the command takes it.
struct Files {
    account: PathBuf,
    details: PathBuf,
    /// How many users have an inline policy: so many times is one rule broken.
    users_with_inline_policy: u64,
}

impl Files {
    fn write(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let files = Self {
            account: folder.join("account.json"),
            details: folder.join("details.json"),
            users_with_inline_policy: 0,
        };
        let text = generate::account(SIZE, SEED);
        fs::write(&files.details, &text)?;
        let account = account::of_details(&serde_json::from_str(&text)?);
        fs::write(&files.account, account.to_string())?;
        let users = account["users"].as_array().into_iter().flatten();
        let with_policy =
            users.filter(|user| user["inlinePolicies"].as_array().is_some_and(|all| !all.is_empty()));
        Ok(Self { users_with_inline_policy: with_policy.count() as u64, ..files })
    }
}

/// Runs the command on the account several times; whether more than half of the runs keep the promise.
fn measure(folder: &Path) -> Result<bool, Box<dyn Error>> {
    let bailiff = std::env::current_exe()?.with_file_name("../bailiff");
    if !bailiff.exists() {
        return Err("there is no `bailiff` in the release folder: cargo build --release --package cli".into());
    }
    let files = Files::write(folder)?;
    let kib = |path: &Path| Ok::<u64, std::io::Error>(fs::metadata(path)?.len() >> 10);
    println!(
        "{} users, {} groups, {} roles, {} policies, {} KiB as account file, {} KiB as account details:",
        SIZE.users,
        SIZE.groups,
        SIZE.roles,
        SIZE.policies,
        kib(&files.account)?,
        kib(&files.details)?
    );
    let analysis =
        child::run(Command::new(&bailiff).args(["analyze", "--account-details"]).arg(&files.details))?;
    let tiers = analyzed(&analysis)?;
    let mut kept = 0;
    for _ in 0..ROUNDS {
        let scan = child::run(
            Command::new(&bailiff).args(["scan", "--format", "json", "--account"]).arg(&files.account),
        )?;
        let verdicts = scanned(&scan, &files)?;
        agree(&scan, &analysis)?;
        println!("  {} ms, {} MiB: {verdicts}; {tiers}", scan.on_core.as_millis(), scan.peak >> 20);
        kept += usize::from(scan.on_core <= MOST_TIME && scan.peak <= MOST_MEMORY);
    }
    println!("at most {MOST_TIME:?} and {} MiB: {kept} of {ROUNDS} runs", MOST_MEMORY >> 20);
    // A busy machine may spoil some.
    Ok(kept * 2 > ROUNDS)
}

/// Holds a scan's answer against what the account holds.
fn scanned(run: &Run, files: &Files) -> Result<String, Box<dyn Error>> {
    let answer: Value = serde_json::from_slice(&run.output)?;
    let of = |what: &str| answer["summary"][what].as_u64().unwrap_or_default();
    let rules = answer["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let inline = rules.iter().find(|rule| rule["rule"] == "user-inline-policy");
    let broken = inline.and_then(|rule| rule["nonCompliant"].as_u64());
    if broken != Some(files.users_with_inline_policy) {
        return Err(format!(
            "{broken:?} users were found to have inline policies, not {}",
            files.users_with_inline_policy
        )
        .into());
    }
    let verdicts = of("compliant") + of("nonCompliant") + of("exempt") + of("unknown");
    Ok(format!("{verdicts} verdicts, {} violations of {} rules", of("nonCompliant"), rules.len()))
}

/// Holds the tiers of a scan against those of an analysis: the same account comes to the same either way.
fn agree(scan: &Run, analysis: &Run) -> Result<(), Box<dyn Error>> {
    let scan: Value = serde_json::from_slice(&scan.output)?;
    let scanned: BTreeMap<&str, &Value> = scan["tiers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|power| Some((power["arn"].as_str()?, &power["tier"])))
        .collect();
    if scanned.len() != SIZE.users + SIZE.roles {
        return Err(format!("the scan tells {} tiers of users and roles", scanned.len()).into());
    }
    for line in analysis.output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let report: Value = serde_json::from_slice(line)?;
        let arn = report["arn"].as_str().unwrap_or_default();
        if scanned.get(arn).is_some_and(|tier| **tier != report["tier"]) {
            return Err(format!("the scan and the analysis tell different tiers of {arn}").into());
        }
    }
    Ok(())
}

/// Holds an analysis against what the account holds.
fn analyzed(run: &Run) -> Result<String, Box<dyn Error>> {
    let lines = run.output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let reports = lines.map(serde_json::from_slice).collect::<Result<Vec<Value>, _>>()?;
    let admins = reports.iter().filter(|report| report["admin"] == true).count();
    let all = SIZE.users + SIZE.groups + SIZE.roles;
    if reports.len() != all
        || admins < SIZE.administrators
        || reports.iter().any(|report| !report["tier"].is_string())
    {
        return Err(format!(
            "{} tiers and {admins} administrators: not what the account holds",
            reports.len()
        )
        .into());
    }
    Ok(format!("{all} tiers, {admins} administrators"))
}
