mod check;
mod folder;

use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Says what an organisation's policies keep an account's administrators from
///
/// docs/organization.md says what each protection is, and how to have it.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Organization {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Check(check::Check),
}

impl Organization {
    pub(super) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        match &self.what {
            What::Check(check) => check.run(out),
        }
    }
}
