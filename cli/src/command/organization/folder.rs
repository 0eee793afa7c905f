use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use shared::identifier::AccountId;
use shared::organization::{ControlPolicy, PolicyFile};

use crate::error::CliError;
use crate::input::Input;

/// A folder of policies: each folder in it is a level of the organisation, and so are the files beside these.
pub(super) struct Folder {
    pub(super) levels: Vec<Vec<ControlPolicy>>,
    /// The management accounts that the files name; one, unless they are of several organisations.
    pub(super) management_accounts: Vec<AccountId>,
}

impl Folder {
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            entries(path)?.into_iter().partition(|entry| entry.is_dir());
        let mut read = Self { levels: Vec::new(), management_accounts: Vec::new() };
        read.level(&files)?;
        for folder in folders {
            read.level(&entries(&folder)?)?;
        }
        if read.levels.is_empty() {
            return Err(CliError::NoPolicies { name: path.display().to_string() });
        }
        Ok(read)
    }

    fn level(&mut self, files: &[PathBuf]) -> Result<(), CliError> {
        let mut level = Vec::new();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "json")) {
            let text = Input::Path(file.clone()).read_json("policy")?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let refused = |source| CliError::ControlPolicy { name: file.display().to_string(), source };
            let PolicyFile { policy, management_account } =
                PolicyFile::read(&name, &text).map_err(refused)?;
            self.management_accounts.extend(management_account);
            level.push(policy);
        }
        if !level.is_empty() {
            self.levels.push(level);
        }
        Ok(())
    }
}

/// What is in a folder, by name, so that every run reads it alike.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        entries.sort_unstable();
        Ok(entries)
    };
    read().map_err(|source| CliError::Unreadable {
        kind: "folder of policies",
        name: folder.display().to_string(),
        source,
    })
}
