use shared::remedy::chain::Head;

use crate::error::CliError;
use crate::input::Input;

/// Heads of the chain that were kept where nobody who writes the table can reach them.
#[derive(Debug, clap::Args)]
pub(super) struct Kept {
    /// A head of the chain, SEQ:HASH, as log lines and notices name it; more than once for more
    #[arg(long = "head", value_name = "SEQ:HASH")]
    heads: Vec<Head>,
    /// A file that names heads, such as log lines or notices, whatever else it holds; `-` for standard input
    #[arg(long = "heads", value_name = "FILE")]
    texts: Option<Input>,
}

impl Kept {
    /// All that were given.
    pub(super) fn heads(&self, journal: &Input) -> Result<Vec<Head>, CliError> {
        let mut heads = self.heads.clone();
        if let Some(file) = &self.texts {
            Input::check_stdin([journal, file])?;
            let found = Head::all_in(&file.read("file of heads")?);
            if found.is_empty() {
                return Err(CliError::NoHeads { name: file.to_string() });
            }
            heads.extend(found);
        }
        Ok(heads)
    }
}
