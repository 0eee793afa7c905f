//! How long the full analysis of policies takes, against reading the same text as JSON. `benches/README.md` says how
//! to run it.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value;
use shared::policy::analysis::{Permissions, analyze_identity};
use shared::policy::{Policy, PolicyKind};

/// What the analysis may take, in times of reading the JSON.
const PROMISED_RATIO: f64 = 3.0;
/// What the slowest document may take.
const PROMISED_SLOWEST: Duration = Duration::from_millis(5);
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: policy_analysis FILE, one {{\"name\":…, \"document\":…}} a line");
        return ExitCode::from(2);
    };
    let documents = match std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| read(&text))
    {
        Ok(documents) => documents,
        Err(error) => {
            eprintln!("cannot read {path}: {error}");
            return ExitCode::from(2);
        }
    };
    let bytes: usize = documents.iter().map(|(_, text)| text.len()).sum();
    let (mut json, mut parsing, mut analysis) = (Vec::new(), Vec::new(), Vec::new());
    let mut slowest = vec![Duration::MAX; documents.len()];
    let mut refused = Vec::new();
    for _ in 0..ROUNDS {
        json.push(timed(|| {
            for (_, text) in &documents {
                let _ = black_box(serde_json::from_str::<Value>(black_box(text)));
            }
        }));
        parsing.push(timed(|| {
            for (_, text) in &documents {
                let _ = black_box(Policy::parse(black_box(text), PolicyKind::Identity));
            }
        }));
        refused.clear();
        let mut whole = Duration::ZERO;
        for ((name, text), slowest) in documents.iter().zip(&mut slowest) {
            let mut understood = true;
            let took = timed(|| understood = analyse(text));
            whole += took;
            *slowest = took.min(*slowest);
            if !understood {
                refused.push(name);
            }
        }
        analysis.push(whole);
    }
    let (json, parsing, analysis) = (median(json), median(parsing), median(analysis));
    let ratio = analysis.as_secs_f64() / json.as_secs_f64();
    let worst = slowest.iter().zip(&documents).max_by_key(|(took, _)| **took);
    println!("{} documents, {bytes} bytes, {} refused", documents.len(), refused.len());
    println!(
        "JSON {json:?}, policies {parsing:?}, full analysis and report {analysis:?}: {ratio:.2} times the JSON"
    );
    let mut kept = ratio <= PROMISED_RATIO && refused.is_empty();
    if let Some((took, (name, _))) = worst {
        println!("slowest: {name}, {took:?}");
        kept &= *took <= PROMISED_SLOWEST;
    }
    ExitCode::from(u8::from(!kept))
}

fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut documents = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let name = value.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        let document = value.get("document").ok_or("a line without `document`")?;
        documents.push((name, document.as_str().map_or_else(|| document.to_string(), str::to_owned)));
    }
    Ok(documents)
}

/// Whether the text is a policy. Its report is written as the command line would.
fn analyse(text: &str) -> bool {
    let Ok(policy) = Policy::parse(black_box(text), PolicyKind::Identity) else { return false };
    let report = analyze_identity(&Permissions::of(&policy));
    black_box(serde_json::to_string(&report)).is_ok()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
