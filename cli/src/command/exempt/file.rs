use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shared::governance::{EditError, Governance};

use super::difference::difference;
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::page::{GOOD, PLAIN, Page};

/// The governance file that is edited.
#[derive(Debug, clap::Args)]
pub(super) struct GovernanceFile {
    /// The governance file
    #[arg(
        long = "governance",
        value_name = "FILE",
        default_value = "governance/governance.yaml",
        value_parser = a_file
    )]
    path: PathBuf,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A path, and not what every other command reads standard input by.
fn a_file(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        return Err(
            "this edits the file where it is, and standard input cannot be edited; give its path".to_owned()
        );
    }
    Ok(PathBuf::from(text))
}

impl GovernanceFile {
    /// What the file says.
    pub(super) fn governance(&self) -> Result<Governance, CliError> {
        crate::local::governance(Some(&Input::Path(self.path.clone())))
    }

    /// Shows an edit and writes it, as a whole or not at all.
    pub(super) fn edit(
        &self,
        out: &mut dyn Write,
        done: &str,
        edit: impl FnOnce(&str) -> Result<String, EditError>,
    ) -> Result<Exit, CliError> {
        let name = self.path.display().to_string();
        let text = Input::Path(self.path.clone()).read("governance file")?;
        let edited = edit(&text).map_err(|source| CliError::Edit { name: name.clone(), source })?;
        let shown: String = difference(&name, &text, &edited)
            .chars()
            // Text out of files must not be able to steer a terminal.
            .map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c })
            .collect();
        write!(out, "{shown}")?;
        if self.dry_run {
            Page::new(out).flow(0, 0, &[(PLAIN, "nothing was written")])?;
            return Ok(Exit::Done);
        }
        replace(&self.path, &text, &edited)
            .map_err(|source| CliError::Unwritten { name: name.clone(), source })?;
        let said = format!("{done} in {name}; deploy it for it to take effect");
        Page::new(out).flow(0, 2, &[(GOOD, "✓ "), (PLAIN, &said)])?;
        Ok(Exit::Done)
    }
}

/// Puts the new text in the file's place in one step: whoever reads it meanwhile reads the one or the other, and a disk
/// that is full costs nothing. A link stays a link; the file keeps its mode.
fn replace(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = directory.join(format!(".{name}.{}.new", std::process::id()));
    let result = written(&beside, &path, after).and_then(|()| {
        // Somebody else's edit of these moments is not lost.
        if fs::read(&path)? != before.as_bytes() {
            return Err(io::Error::other("somebody has changed it meanwhile; try again"));
        }
        fs::rename(&beside, &path)
    });
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

fn written(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_lost() {
        let directory = std::env::temp_dir().join(format!("bailiff-exempt-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("governance.yaml");
        fs::write(&path, "theirs").unwrap();
        assert!(replace(&path, "before", "after").unwrap_err().to_string().contains("meanwhile"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        replace(&path, "theirs", "after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside it");
        fs::remove_dir_all(&directory).unwrap();
    }
}
