use std::io::Write;

use jiff::Timestamp;
use shared::governance::{Criticality, ExemptionDraft, add_exemption};

use super::file::GovernanceFile;
use crate::error::CliError;
use crate::exit::{CODES, Exit};
use crate::free_text::free_text;

/// Adds an exemption to the governance file
///
/// Behind the last, and nothing else of the file changes, comments included. Unless the file is sound before and after,
/// nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = CODES)]
pub(super) struct Add {
    /// The rule
    #[arg(long)]
    rule: String,
    #[command(flatten)]
    subject: Subject,
    /// Where it was agreed
    #[arg(long, allow_hyphen_values = true, value_parser = free_text)]
    ticket: String,
    /// Who answers for it
    #[arg(long, allow_hyphen_values = true, value_parser = free_text)]
    owner: String,
    /// Who agreed to it: somebody else
    #[arg(long, allow_hyphen_values = true, value_parser = free_text)]
    approver: String,
    /// Why
    #[arg(long, allow_hyphen_values = true, value_parser = free_text)]
    reason: String,
    /// Its last day (UTC), as 2027-01-31, or when it ends, as 2027-01-31T18:00:00Z; within a year
    #[arg(long, value_name = "DAY")]
    expires: String,
    /// The day on which it was agreed to; without it today (UTC)
    #[arg(long, value_name = "DAY")]
    created: Option<String>,
    /// The business process that needs it
    #[arg(long, allow_hyphen_values = true, value_parser = free_text)]
    process: Option<String>,
    /// How much hangs on that process
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Criticality::ALL.map(Criticality::as_str)))]
    criticality: Option<String>,
    /// After how many days a credential has to be replaced all the same
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    rotate_every: Option<u16>,
    #[command(flatten)]
    file: GovernanceFile,
}

/// Who or what is exempt.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// The user or role, by its whole ARN
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// One access key, by its id
    #[arg(long, value_name = "ID")]
    access_key: Option<String>,
    /// What is no user or role, by its whole ARN
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
}

impl Add {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let (subject_field, subject) = match &self.subject {
            Subject { principal: Some(arn), .. } => ("principal", arn),
            Subject { access_key: Some(id), .. } => ("accessKey", id),
            // The parser of arguments sees to it that there is one of them.
            Subject { resource, .. } => ("resource", &resource.clone().unwrap_or_default()),
        };
        let today = || Timestamp::now().strftime("%Y-%m-%d").to_string();
        let draft = ExemptionDraft {
            rule: self.rule.clone(),
            subject_field,
            subject: subject.clone(),
            ticket: self.ticket.clone(),
            owner: self.owner.clone(),
            approver: self.approver.clone(),
            reason: self.reason.clone(),
            process: self.process.clone(),
            criticality: self.criticality.clone(),
            rotate_every: self.rotate_every,
            created: self.created.clone().unwrap_or_else(today),
            expires: self.expires.clone(),
        };
        self.file.edit(out, "added", |text| add_exemption(text, &draft))
    }
}
