use std::io::Write;

use serde::Serialize;
use shared::facts::ResourceIdentity;
use shared::governance::Governance;
use shared::remedy::{self, ProtectedReason, ROLES_OF_OTHERS};
use sim::World;

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json};
use crate::input::Input;
use crate::local;
use crate::page::{FAINT, NAMED, PLAIN, Page, STRONG};

/// Lists whom Bailiff never changes: in every account, by the governance file, and of an account
///
/// They are judged and reported all the same. Nothing is taken out of a policy that one of them has, either, nor off a
/// group that one of them is in.
#[derive(Debug, clap::Args)]
pub(crate) struct Protected {
    /// The governance file; without one, that which ships with Bailiff
    #[arg(long, value_name = "FILE")]
    governance: Option<Input>,
    /// An account, to list who in it that is; `-` for standard input
    #[arg(long, value_name = "FILE")]
    account: Option<Input>,
    /// The stack's name
    #[arg(long, visible_alias = "stack-name", value_name = "NAME", default_value = local::STACK)]
    stack: String,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Whom Bailiff never changes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NeverChanged {
    in_every_account: Vec<Told>,
    by_the_governance_file: Vec<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of_the_account: Option<Vec<Told>>,
}

#[derive(Debug, Serialize)]
struct Told {
    who: String,
    reason: String,
}

impl Protected {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        Input::check_stdin(self.account.iter().chain(&self.governance))?;
        let governance = local::governance(self.governance.as_ref())?;
        let never_changed = NeverChanged {
            in_every_account: self.in_every_account(),
            by_the_governance_file: governance
                .protected()
                .into_iter()
                .map(|(who, reason)| Told { who, reason })
                .collect(),
            of_the_account: self.of_the_account(&governance)?,
        };
        match self.format {
            Format::Json => json(out, &never_changed)?,
            Format::Text => never_changed.show(&mut Page::new(out))?,
        }
        Ok(Exit::Done)
    }

    fn in_every_account(&self) -> Vec<Told> {
        let told = |who: String, reason: &ProtectedReason| Told { who, reason: reason.to_string() };
        let mut all = vec![
            told("the root user".to_owned(), &ProtectedReason::Root),
            told("users and roles of other accounts".to_owned(), &ProtectedReason::OtherAccount),
            told(format!("roles and policies named {}-*", self.stack), &ProtectedReason::OwnDeployment),
        ];
        all.extend(ROLES_OF_OTHERS.iter().map(|(roles, reason)| told(roles.to_string(), reason)));
        all
    }

    fn of_the_account(&self, governance: &Governance) -> Result<Option<Vec<Told>>, CliError> {
        let Some(input) = &self.account else { return Ok(None) };
        let account = local::account(input)?;
        let protected = remedy::Protected {
            account: account.account.clone(),
            stack: self.stack.clone(),
            listed: governance.protected(),
        };
        let mut principals = World::new(account).principals();
        principals.sort_by(|one, other| one.arn().as_str().cmp(other.arn().as_str()));
        let told = |principal: &ResourceIdentity| {
            let reason = protected.reason(principal)?.to_string();
            Some(Told { who: principal.arn().to_string(), reason })
        };
        Ok(Some(principals.iter().filter_map(told).collect()))
    }
}

impl NeverChanged {
    fn show(&self, page: &mut Page<'_>) -> Result<(), CliError> {
        part(page, "In every account", &self.in_every_account)?;
        page.gap()?;
        part(page, "By the governance file", &self.by_the_governance_file)?;
        if let Some(of_the_account) = &self.of_the_account {
            page.gap()?;
            part(page, "Of the account", of_the_account)?;
        }
        Ok(())
    }
}

fn part(page: &mut Page<'_>, title: &str, all: &[Told]) -> Result<(), CliError> {
    page.flow(0, 0, &[(STRONG, title)])?;
    if all.is_empty() {
        page.flow(2, 2, &[(FAINT, "nobody")])?;
    }
    for Told { who, reason } in all {
        page.flow(2, 4, &[(NAMED, who), (PLAIN, ": "), (PLAIN, reason)])?;
    }
    Ok(())
}
