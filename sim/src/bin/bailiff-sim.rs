//! Runs claims about Bailiff over worlds made up by seeds, and says how many of them broke one.

use std::cell::Cell;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use serde::Serialize;
use sim::simulator::{Claim, Tally};

/// A world is made of small strings and dropped whole, which the system's allocator is slow at.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulates Bailiff in accounts made up by seeds, with everything that can go wrong, and checks what is claimed of it.
#[derive(Parser)]
struct Arguments {
    /// A claim, by name; several by repeating it.
    #[arg(long, value_parser = claim, required_unless_present = "all")]
    claim: Vec<Claim>,
    /// Every claim.
    #[arg(long, conflicts_with = "claim")]
    all: bool,
    /// How many worlds, one a seed; one where nothing is said.
    #[arg(long, conflicts_with = "short")]
    worlds: Option<u64>,
    /// As many worlds as a short run has: 100 thousand of `protected`, `undo` and `dry-run`, a thousand where they are dear,
    /// else 10 thousand.
    #[arg(long)]
    short: bool,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads. A world is in one alone.
    #[arg(long, default_value_t = 1)]
    jobs: u64,
    /// Prints every call of every world: meant for one.
    #[arg(long)]
    trace: bool,
}

/// What came of a claim, as one line of JSON.
#[derive(Serialize)]
struct Line {
    claim: String,
    worlds: u64,
    seed: u64,
    violations: u64,
    seconds: f64,
    counts: Tally,
}

/// A violation, each told as it is found; of many the first are enough.
const TOLD: u64 = 20;

thread_local! {
    /// The world that a thread is in.
    static AT_WORK: Cell<Option<(Claim, u64)>> = const { Cell::new(None) };
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let told = std::panic::take_hook();
    // A panic ends a release build at once; whose it was must be known.
    std::panic::set_hook(Box::new(move |panic| {
        if let Some((claim, seed)) = AT_WORK.get() {
            eprintln!("bailiff-sim --claim {claim} --seed {seed} --trace: it panicked");
        }
        told(panic);
    }));
    let claims = if arguments.all { Claim::ALL.to_vec() } else { arguments.claim.clone() };
    let mut violations = 0;
    for claim in claims {
        let worlds = if arguments.short { claim.short() } else { arguments.worlds.unwrap_or(1) };
        let line = run(claim, worlds, &arguments);
        violations += line.violations;
        println!("{}", serde_json::to_string(&line).unwrap_or_default());
    }
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(claim: Claim, worlds: u64, arguments: &Arguments) -> Line {
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let violations = AtomicU64::new(0);
    let work = || {
        let mut tally = Tally::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= worlds {
                return tally;
            }
            let seed = arguments.seed.wrapping_add(number);
            AT_WORK.set(Some((claim, seed)));
            let ran = claim.run(seed, arguments.trace);
            tally.add(&ran.tally);
            for line in &ran.trace {
                eprintln!("{line}");
            }
            if let Some(violation) = ran.violation
                && violations.fetch_add(1, Ordering::Relaxed) < TOLD
            {
                eprintln!("bailiff-sim --claim {claim} --seed {seed} --trace: {violation}");
            }
        }
    };
    let mut counts = Tally::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(tally) => counts.add(&tally),
                Err(_) => {
                    violations.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    Line {
        claim: claim.to_string(),
        worlds,
        seed: arguments.seed,
        violations: violations.into_inner(),
        seconds: (began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        counts,
    }
}

fn claim(name: &str) -> Result<Claim, String> {
    let names: Vec<&str> = Claim::ALL.iter().map(|claim| claim.as_str()).collect();
    Claim::parse(name).ok_or_else(|| format!("there is no such claim; there are {}", names.join(", ")))
}
