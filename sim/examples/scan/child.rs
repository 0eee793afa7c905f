//! A process, its answer, and what it took.

use std::error::Error;
use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What a process answered, and what it took.
pub(crate) struct Run {
    pub(crate) output: Vec<u8>,
    /// How long it was on a core: what others on the machine do does not count.
    pub(crate) on_core: Duration,
    /// The most memory it has had, as the kernel counts it.
    pub(crate) peak: u64,
}

/// Runs a command to its end. Its exit code does not matter: a scan that finds something has one of its own.
///
/// # Errors
///
/// If it cannot be run, says nothing, or the kernel does not tell what it took.
pub(crate) fn run(command: &mut Command) -> Result<Run, Box<dyn Error>> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let (mut output, mut peak) = (Vec::new(), 0);
    let read = read(&mut child, &mut output, &mut peak);
    // It has closed its output, or is stopped; either way nobody has waited for it yet, so the kernel still tells of it.
    let on_core = on_core(&child);
    if read.is_err() {
        child.kill()?;
    }
    child.wait()?;
    read?;
    if output.is_empty() || peak == 0 {
        return Err(format!("{command:?} said nothing").into());
    }
    Ok(Run { output, on_core: on_core?, peak })
}

/// Reads it to its end. An answer is longer than a pipe holds, so a process that has begun to write one is alive until
/// it is read, and can be looked at after each piece.
fn read(child: &mut Child, output: &mut Vec<u8>, peak: &mut u64) -> Result<(), Box<dyn Error>> {
    let status = format!("/proc/{}/status", child.id());
    let mut answer = child.stdout.take().ok_or("no output")?;
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = answer.read(&mut piece)?;
        // Once it is gone there is no such line, and the last look counts.
        if let Some(memory) = high_water_mark(&fs::read_to_string(&status)?) {
            *peak = memory;
        }
        match piece.get(..count) {
            None | Some([]) => return Ok(()),
            Some(read) => output.extend_from_slice(read),
        }
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}

fn on_core(child: &Child) -> Result<Duration, Box<dyn Error>> {
    let schedule = fs::read_to_string(format!("/proc/{}/schedstat", child.id()))?;
    let nanoseconds = schedule.split_whitespace().next().ok_or("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
