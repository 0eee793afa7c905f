use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::CliError;

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
        let read = match self {
            Self::Stdin => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).map(|_| text)
            }
            Self::Path(path) => std::fs::read_to_string(path),
        };
        read.map_err(|source| CliError::Unreadable { kind, name: self.to_string(), source })
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
