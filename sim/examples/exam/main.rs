//! Bailiff in a simulated account, led line by line: a command on standard input, its answer on standard output, both
//! JSON. `tests/exam` puts its scenarios to it.

mod command;
mod room;

use std::error::Error;
use std::io::{BufRead, Write};

use serde_json::json;

use room::Room;

fn main() -> Result<(), Box<dyn Error>> {
    let mut room: Option<Room> = None;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer =
            Room::take(&mut room, &line?).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
