//! The `bailiff` command: judges an AWS account's identities and shows what would be done about them, on files
//! and on a simulated account. Nothing in here talks to AWS.

mod command;
mod demo;
mod error;
mod events;
mod exit;
mod format;
mod free_text;
mod input;
mod local;
mod out;
mod page;
mod report;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::out::Out;

fn main() -> ExitCode {
    let command = command::Bailiff::parse().command;
    let mut out = Out::stdout();
    let exit = command.run(&mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error.to_string());
            error.exit().into()
        }
    }
}

/// Says on standard error what went wrong; if even that cannot be written, the exit code still tells.
fn complain(what: &str) {
    let (bold, plain) = (page::WRONG.render(), page::WRONG.render_reset());
    let _ = writeln!(anstream::stderr(), "{bold}error:{plain} {what}");
}
