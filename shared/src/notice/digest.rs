//! Several notices at once.

use std::fmt::Write as _;

use super::Notice;
use super::bounds::line;
use super::text::Mail;

/// The most characters of a notice's line.
const LINE: usize = 280;

/// A digest as a mail: what is told, each with why it is told to them.
pub fn digest_mail<'a>(told: impl Iterator<Item = (&'a Notice, &'a str)>) -> Mail {
    let (mut text, mut count) = (String::new(), 0_usize);
    for (notice, because) in told {
        count += 1;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", notice.short_because(because));
    }
    Mail::new(&format!("Bailiff: digest of {}", notices(count)), text)
}

/// A digest in lines, one a notice.
pub fn digest_lines<'a>(told: impl Iterator<Item = (&'a Notice, &'a str)>) -> String {
    let lines: Vec<String> = told
        .map(|(notice, _)| {
            let headline: String = line(&notice.headline()).chars().take(LINE).collect();
            format!("- {headline}, entry {}\n", notice.entry)
        })
        .collect();
    format!("Digest of {}:\n{}", notices(lines.len()), lines.concat())
}

fn notices(count: usize) -> String {
    if count == 1 { "1 notice".to_owned() } else { format!("{count} notices") }
}
