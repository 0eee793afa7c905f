use std::io::Write;

use jiff::Timestamp;
use shared::governance::{EditError, Exemption, Governance, end_exemptions};

use super::file::GovernanceFile;
use crate::error::CliError;
use crate::exit::{CODES, Exit};

/// Ends exemptions before their time
///
/// Their `expires` is written anew and they stay in the file, so that everybody can see later that they stood, and until
/// when. From the next deployment on what they let be is found again.
#[derive(Debug, clap::Args)]
#[command(after_help = CODES)]
pub(super) struct Expire {
    /// A ticket, for all that stand under it, or one place in the list, as `exemptions[2]` or `2`
    exemption: String,
    /// The last day (UTC), as 2027-01-31, or when to end, as 2027-01-31T18:00:00Z; without it now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    file: GovernanceFile,
}

impl Expire {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let now = Timestamp::now();
        let on = self.on.clone().unwrap_or_else(|| now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let governance = self.file.governance()?;
        let named = Exemption::named(governance.exemptions(), &self.exemption);
        if named.is_empty() {
            return Err(CliError::NoExemption { name: self.exemption.clone(), what: "there is none" });
        }
        let standing: Vec<usize> =
            named.into_iter().filter(|one| !one.has_lapsed(now)).map(|one| one.index).collect();
        if standing.is_empty() {
            return Err(CliError::NoExemption {
                name: self.exemption.clone(),
                what: "it has lapsed already",
            });
        }
        self.file.edit(out, "ended", |text| {
            let edited = end_exemptions(text, &standing, &on)?;
            never_later(&governance, &edited)?;
            Ok(edited)
        })
    }
}

/// To end is not to prolong.
fn never_later(before: &Governance, edited: &str) -> Result<(), EditError> {
    let after = Governance::parse(edited).map_err(EditError::After)?;
    let later = before.exemptions().iter().zip(after.exemptions()).any(|(was, is)| was.expires < is.expires);
    if later {
        return Err(EditError::Layout(
            "that is later than it ends now; whoever prolongs an exemption writes its `expires` by hand, and says who \
             approved that",
        ));
    }
    Ok(())
}
