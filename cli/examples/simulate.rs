//! How many requests a second `bailiff simulate` answers on one core, each with a policy of one statement: parsed,
//! judged and printed, against parsing the same lines into `serde_json::Value`. No two lines are the same.
//!
//! Run with `cargo run --release --package cli --example simulate`.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::policy::evaluate::answer_line;

const LINES: u32 = 100_000;
const RUNS: usize = 7;
/// Requests a second that must be reached.
const PROMISE: f64 = 200_000.0;

fn main() -> ExitCode {
    let lines: Vec<String> = (0..LINES).map(line).collect();
    let bytes: usize = lines.iter().map(String::len).sum::<usize>() / lines.len();
    let (mut parsing, mut answering) = (Vec::new(), Vec::new());
    let mut allowed = 0;
    let expected = lines.len() - lines.len() / 200;
    // In turn, so that a busy spell of the machine falls on both.
    for _ in 0..RUNS {
        parsing.push(timed(|| {
            for line in &lines {
                black_box(serde_json::from_str::<Value>(black_box(line)).ok());
            }
        }));
        let mut out = String::new();
        answering.push(timed(|| {
            for line in &lines {
                answer_line(black_box(line.as_bytes()), &mut out);
                out.push('\n');
            }
        }));
        allowed = out.lines().filter(|answer| answer.starts_with(r#"{"decision":"Allowed""#)).count();
    }
    let (parsing, answering) = (median(parsing), median(answering));
    let a_second = |time: Duration| f64::from(LINES) / time.as_secs_f64();
    println!("{LINES} requests of {bytes} bytes, {allowed} of them allowed; medians of {RUNS} runs");
    println!("serde_json into Value  {:>9.0} a second", a_second(parsing));
    println!("simulate               {:>9.0} a second", a_second(answering));
    println!("simulate takes {:.2} times as long", answering.as_secs_f64() / parsing.as_secs_f64());
    // One in two hundred asks for what its policy does not allow.
    if allowed != expected {
        println!("wrong answers: {expected} had to be allowed");
        return ExitCode::from(2);
    }
    ExitCode::from(u8::from(a_second(answering) < PROMISE))
}

fn line(number: u32) -> String {
    let action = if number.is_multiple_of(200) { "s3:PutObject" } else { "s3:GetObject" };
    json!({
        "principal": format!("arn:aws:iam::111122223333:user/team-{}/person-{number}", number % 7),
        "action": action,
        "resource": format!("arn:aws:s3:::reports-{}/person-{number}/2026/q3.pdf", number % 97),
        "context": { "aws:SourceIp": format!("203.0.113.{}", number % 256), "aws:SecureTransport": "true" },
        "identityPolicies": [{
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": format!("Read{number}"),
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": "arn:aws:s3:::reports-*/${aws:username}/*",
                "Condition": {
                    "Bool": { "aws:SecureTransport": "true" },
                    "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }
                }
            }]
        }]
    })
    .to_string()
}

/// How long work keeps a core busy: other processes on a busy machine do not count, if the kernel tells them apart.
fn timed(work: impl FnOnce()) -> Duration {
    let (start, busy) = (Instant::now(), busy());
    work();
    match (busy, self::busy()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    }
}

/// How long this thread has been on a core, from Linux.
fn busy() -> Option<Duration> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(times.split(' ').next()?.parse().ok()?))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
