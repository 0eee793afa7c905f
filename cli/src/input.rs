use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::CliError;

/// The most that is read of a file. The largest of accounts, with every version of every policy, stays below; what
/// goes on for ever ends here.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Where a file's content comes from: a path, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    Path(PathBuf),
}

impl FromStr for Input {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Stdin } else { Self::Path(PathBuf::from(text)) })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Input {
    /// Its text; `kind` says what it was to be.
    pub(crate) fn read(&self, kind: &'static str) -> Result<String, CliError> {
        let name = || self.to_string();
        let bytes = match self {
            Self::Stdin => start_of(io::stdin().lock()),
            Self::Path(path) => File::open(path).and_then(start_of),
        };
        let bytes = bytes.map_err(|source| CliError::Unreadable { kind, name: name(), source })?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(CliError::TooLarge { kind, name: name(), most: MOST_BYTES });
        }
        String::from_utf8(bytes).map_err(|_| CliError::NotUtf8 { kind, name: name() })
    }

    /// The same of a JSON file, without the byte order mark that some programs put before it (RFC 8259, section 8.1).
    pub(crate) fn read_json(&self, kind: &'static str) -> Result<String, CliError> {
        let mut text = self.read(kind)?;
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        Ok(text)
    }

    /// Opens it, to be read bit by bit.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin().lock()),
            Self::Path(path) => Box::new(File::open(path)?),
        })
    }

    /// Refuses more than one wish for standard input.
    pub(crate) fn check_stdin<'a>(inputs: impl IntoIterator<Item = &'a Self>) -> Result<(), CliError> {
        match inputs.into_iter().filter(|input| **input == Self::Stdin).count() {
            0 | 1 => Ok(()),
            more => Err(CliError::StdinTwice(more)),
        }
    }
}

/// As much as is taken, and one byte more where there is more.
fn start_of(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
