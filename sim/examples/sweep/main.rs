//! What a sweep of the whole account costs: API calls of the first and of later sweeps, and how fast the rules are.
//!
//! `cargo run --release --package sim --example sweep`; `benches/README.md` has the figures to reach.

mod account;
mod calls;
mod schedule;
mod throughput;

use std::error::Error;
use std::process::ExitCode;

use account::Size;
use shared::engine::Deployment;
use shared::governance::Governance;
use shared::identifier::{AccountId, Arn};
use sim::{Local, World};

const CALLS: Size = Size { users: 300, keys: 450, roles: 100, policies: 100 };
const THROUGHPUT: Size = Size { users: 5_000, keys: 7_500, roles: 1_000, policies: 1_000 };

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let kept = calls::print(&bailiff(CALLS)?, CALLS)?;
    println!();
    throughput::print(&bailiff(THROUGHPUT)?, THROUGHPUT)?;
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Bailiff in an account of this size, with the governance file as it is shipped: all rules on, in audit mode.
fn bailiff(size: Size) -> Result<Local, Box<dyn Error>> {
    let governance = Governance::parse(include_str!("../../../governance/governance.yaml"))?;
    let deployment = Deployment {
        account: AccountId::parse("111122223333")?,
        stack: "bailiff".to_owned(),
        quarantine_policy: Arn::parse("arn:aws:iam::111122223333:policy/bailiff-quarantine")?,
    };
    Ok(Local::new(World::new(account::account(size)?), governance, deployment))
}
