use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};
use shared::identifier::{AccountId, Arn, OrganizationId};
use shared::organization::{Asked, Finding, OrganizationPolicies, Protection, check};

use super::folder::Folder;
use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json as write_json};
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, WRONG, count};

/// Asks whether an organisation's policies are in force for an account
///
/// It puts requests to the policies, as an administrator of the account, as its root
/// user and as somebody outside, and says who can do what they must not, and whom
/// the policies keep from what they must be able to do. It compares no texts, so that
/// policies of your own count as well as those of organization/policies.
///
/// The folder holds what `aws organizations describe-policy` prints, or policies
/// alone, in files that end in .json: all that are attached to the account, to the
/// organisational units above it and to the root, each of these in a folder of its
/// own. docs/organization.md has a script that fetches them.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Check {
    /// The folder of policies
    #[arg(long, value_name = "DIR")]
    policies: PathBuf,
    /// The account that they are to protect
    #[arg(long, value_name = "ID")]
    account_id: AccountId,
    /// The name of Bailiff's stack there
    #[arg(long, visible_alias = "stack", value_name = "NAME", default_value = "bailiff")]
    stack_name: String,
    /// The Region that the stack is in
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    region: String,
    /// The role that makes users and keys, to ask whether it still can
    #[arg(long, value_name = "ARN")]
    pipeline: Option<Arn>,
    /// The organisation, to ask whether what stays inside goes through
    #[arg(long, value_name = "o-…")]
    organization_id: Option<OrganizationId>,
    /// The account's partition
    #[arg(long, default_value = "aws", value_parser = ["aws", "aws-cn", "aws-us-gov"])]
    partition: String,
    /// A protection that you do without; may be given several times
    #[arg(long, value_name = "PROTECTION")]
    leave_out: Vec<Protection>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What was found, and of what.
struct Answer<'c> {
    asked: &'c Check,
    policies: usize,
    /// Whether it is the account that no policy reaches.
    is_management_account: bool,
    findings: Vec<Finding>,
}

impl Check {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let Folder { levels, management_accounts } = Folder::read(&self.policies)?;
        let is_management_account = management_accounts.contains(&self.account_id);
        let policies = levels.iter().map(Vec::len).sum();
        let in_force = if is_management_account { Vec::new() } else { levels };
        let in_force = OrganizationPolicies::new(self.account_id.clone(), &in_force);
        let of = Asked {
            account: self.account_id.clone(),
            partition: self.partition.clone(),
            region: self.region.clone(),
            stack: self.stack_name.clone(),
            pipeline: self.pipeline.clone(),
            organization: self.organization_id.clone(),
        };
        let protections = Protection::ALL.iter().filter(|protection| !self.leave_out.contains(protection));
        let findings = check(&in_force, &of, protections);
        let answer = Answer { asked: self, policies, is_management_account, findings };
        match self.format {
            Format::Json => write_json(out, &answer.document())?,
            Format::Text => answer.text(&mut Page::new(out))?,
        }
        let all = answer.findings.iter().all(Finding::holds);
        Ok(if all { Exit::Done } else { Exit::Broken })
    }
}

impl Answer<'_> {
    fn document(&self) -> Value {
        let protection = |finding: &Finding| {
            json!({
                "protection": finding.protection.id(),
                "inForce": finding.open.is_empty(),
                "open": finding.open,
                "butFor": finding.but_for,
                "inTheWay": finding.in_the_way,
            })
        };
        json!({
            "account": self.asked.account_id,
            "managementAccount": self.is_management_account,
            "policies": self.policies,
            "protections": self.findings.iter().map(protection).collect::<Vec<_>>(),
            "leftOut": self.asked.leave_out.iter().map(|protection| protection.id()).collect::<Vec<_>>(),
        })
    }

    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let policies = count(self.policies as u64, "policy", "policies");
        page.flow(
            0,
            2,
            &[(PLAIN, &format!("{policies} for account ")), (NAMED, self.asked.account_id.as_str())],
        )?;
        if self.is_management_account {
            let nowhere = "it is the organisation's management account, which no such policy reaches";
            page.flow(0, 2, &[(CAREFUL, "! "), (PLAIN, nowhere)])?;
        }
        page.gap()?;
        for finding in &self.findings {
            let state = match (finding.open.is_empty(), finding.in_the_way.is_empty()) {
                (true, true) => (GOOD, "in force"),
                (true, false) => (CAREFUL, "in force, and in the way"),
                (false, _) => (WRONG, "not in force"),
            };
            page.flow(2, 4, &[(NAMED, &format!("{:<23}", finding.protection.id())), state])?;
            if finding.open.is_empty() && !finding.but_for.is_empty() {
                let but_for: Vec<&str> = finding.but_for.iter().map(String::as_str).collect();
                page.flow(4, 6, &[(FAINT, &format!("but for {}", but_for.join(", ")))])?;
            }
            for said in finding.open.iter().chain(&finding.in_the_way) {
                page.flow(4, 6, &[(PLAIN, said)])?;
            }
        }
        for left_out in &self.asked.leave_out {
            page.flow(2, 4, &[(NAMED, &format!("{:<23}", left_out.id())), (FAINT, "left out")])?;
        }
        Ok(())
    }
}
