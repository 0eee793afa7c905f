mod add;
mod check;
mod difference;
mod expire;
mod file;
mod list;

use jiff::Timestamp;
use shared::governance::Exemption;

use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::local;
use crate::out::Out;
use crate::report::Exempted;

/// Lists, checks, adds and ends exemptions
///
/// They stand in the governance file and nowhere else: no tag exempts anybody. What is written takes effect with the next
/// deployment of that file.
#[derive(Debug, clap::Args)]
pub(crate) struct Exempt {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    List(list::List),
    Check(check::Check),
    Add(Box<add::Add>),
    Expire(expire::Expire),
}

impl Exempt {
    pub(super) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        match &self.what {
            What::List(list) => list.run(out),
            What::Check(check) => check.run(out),
            What::Add(add) => add.run(out),
            What::Expire(expire) => expire.run(out),
        }
    }
}

/// Which exemptions are looked at, and as of when.
#[derive(Debug, clap::Args)]
struct Look {
    /// The governance file; `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "governance/governance.yaml")]
    governance: Input,
    /// An account, to tell what each exemption lets be there, and which name nobody
    #[arg(long, value_name = "FILE")]
    account: Option<Input>,
    /// As of when; without it now, or the account's own time
    #[arg(long, value_name = "TIME", conflicts_with = "account")]
    at: Option<Timestamp>,
    /// How many days before it lapses an exemption is pointed out
    #[arg(long, value_name = "DAYS", default_value_t = Exemption::NOTICE_DAYS)]
    notice: u16,
}

impl Look {
    fn exemptions(&self) -> Result<Vec<Exempted>, CliError> {
        Input::check_stdin([&self.governance].into_iter().chain(&self.account))?;
        let governance = local::governance(Some(&self.governance))?;
        match &self.account {
            None => Ok(Exempted::all(&governance, self.at.unwrap_or_else(Timestamp::now), self.notice, None)),
            Some(account) => {
                let local = local::deploy(local::account(account)?, governance)?;
                Ok(super::scan::sweep(&local, self.notice)?.exemptions)
            }
        }
    }
}
