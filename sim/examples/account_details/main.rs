//! How long the analysis of a big account takes, and how much memory.
//!
//! `cargo run --release --package sim --example account_details`; `benches/README.md` has the figures to reach.
//! With `--write FILE` it writes the account and ends.

mod generate;

use std::error::Error;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::Duration;

use generate::Size;
use shared::policy::account::analyze_account;

const SIZE: Size = Size { users: 5_000, groups: 200, roles: 1_000, policies: 1_500, administrators: 25 };
const SEED: u64 = 3;
const ROUNDS: usize = 5;
const MOST_TIME: Duration = Duration::from_secs(1);
const MOST_MEMORY: u64 = 150 << 20;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure(),
        ["--write", file] => {
            fs::write(file, generate::account(SIZE, SEED))?;
            Ok(ExitCode::SUCCESS)
        }
        ["--analyze", file] => analyze(file),
        _ => Err("expected nothing, or `--write FILE`".into()),
    }
}

/// Writes the account and analyses it in processes of their own, so that what wrote it takes no part.
fn measure() -> Result<ExitCode, Box<dyn Error>> {
    let file = std::env::temp_dir().join(format!("bailiff-account-details-{}.json", std::process::id()));
    fs::write(&file, generate::account(SIZE, SEED))?;
    println!(
        "{} users, {} groups, {} roles, {} policies, {} KiB:",
        SIZE.users,
        SIZE.groups,
        SIZE.roles,
        SIZE.policies,
        fs::metadata(&file)?.len() >> 10
    );
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        let child = Command::new(std::env::current_exe()?).arg("--analyze").arg(&file).output().inspect_err(
            |_| {
                let _ = fs::remove_file(&file);
            },
        )?;
        print!("{}", String::from_utf8_lossy(&child.stdout));
        if child.status.code() == Some(2) || child.status.code().is_none() {
            return Ok(ExitCode::from(2));
        }
        runs.push(child.status.success());
    }
    fs::remove_file(&file)?;
    // A busy machine may spoil some.
    let kept = runs.iter().filter(|kept| **kept).count();
    println!("at most {MOST_TIME:?} and {} MiB: {kept} of {ROUNDS} runs", MOST_MEMORY >> 20);
    Ok(if kept * 2 > ROUNDS { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn analyze(file: &str) -> Result<ExitCode, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let reports = analyze_account(&text)?;
    let mut written = 0;
    for report in &reports {
        written += serde_json::to_string(report)?.len();
    }
    let Some(time) = on_core() else { return Ok(ExitCode::from(2)) };
    let admins = reports.iter().filter(|report| report.admin).count();
    let ways = reports.iter().filter(|report| !report.path.is_empty()).count();
    if reports.len() != SIZE.users + SIZE.groups + SIZE.roles || admins == 0 || ways == 0 {
        println!(
            "  {} reports, {admins} administrators, {ways} ways: not what the account holds",
            reports.len()
        );
        return Ok(ExitCode::from(2));
    }
    let Some(memory) = peak() else { return Ok(ExitCode::from(2)) };
    println!(
        "  {} ms, {} MiB: {admins} administrators, {ways} others with a way to one, {written} bytes",
        time.as_millis(),
        memory >> 20
    );
    Ok(if time <= MOST_TIME && memory <= MOST_MEMORY { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How long the process has been on a core: that of others on the machine does not count.
fn on_core() -> Option<Duration> {
    let schedule = fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(Duration::from_nanos(schedule.split_whitespace().next()?.parse().ok()?))
}

/// The most memory the process has had, as the kernel counts it.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}
