use shared::engine::Deployment;
use shared::governance::Governance;
use shared::identifier::Arn;
use sim::{AccountFile, Local, World};

use crate::error::CliError;
use crate::input::Input;

/// The governance file that ships with a deployment; every rule only watches.
const DEFAULT_GOVERNANCE: &str = include_str!("../../governance/governance.yaml");
/// The name the default deployment has.
pub(crate) const STACK: &str = "bailiff";

/// Reads an account file.
pub(crate) fn account(input: &Input) -> Result<AccountFile, CliError> {
    let text = input.read_json("account file")?;
    AccountFile::parse(&text).map_err(|source| CliError::Account { name: input.to_string(), source })
}

/// Reads a governance file; without one, the one that ships.
pub(crate) fn governance(input: Option<&Input>) -> Result<Governance, CliError> {
    let (name, text) = match input {
        Some(input) => (input.to_string(), input.read("governance file")?),
        None => ("governance/governance.yaml".to_owned(), DEFAULT_GOVERNANCE.to_owned()),
    };
    Governance::parse(&text).map_err(|source| CliError::Governance { name, source })
}

/// Bailiff, deployed into the account under its usual name.
pub(crate) fn deploy(account: AccountFile, governance: Governance) -> Result<Local, CliError> {
    deploy_as(account, governance, STACK)
}

/// The same under another name.
pub(crate) fn deploy_as(
    account: AccountFile,
    governance: Governance,
    stack: &str,
) -> Result<Local, CliError> {
    let quarantine = format!("arn:aws:iam::{}:policy/{stack}-quarantine", account.account);
    let quarantine_policy = Arn::parse(&quarantine).map_err(|error| CliError::Deployment {
        account: account.account.to_string(),
        why: error.to_string(),
    })?;
    let deployment =
        Deployment { account: account.account.clone(), stack: stack.to_owned(), quarantine_policy };
    Ok(Local::new(World::new(account), governance, deployment))
}
