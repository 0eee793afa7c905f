mod export;
pub(super) mod journal_file;
mod kept;
mod moment;
pub(super) mod verify;

use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Verifies the journal of a deployment, and exports it for auditors
///
/// Works on the journal's table as DynamoDB gives it, without any right in the
/// account but reading that table:
///
///   aws dynamodb scan --consistent-read --output json --table-name TABLE \
///     | bailiff audit verify -
///
/// docs/audit.md says what is found, what is not, and what to do then.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Verify(verify::Verify),
    Export(export::Export),
}

impl Audit {
    pub(super) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        match &self.what {
            What::Verify(verify) => verify.run(out),
            What::Export(export) => export.run(out),
        }
    }
}
