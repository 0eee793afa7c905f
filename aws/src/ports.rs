//! The ports of each kind of function. A function has no client but those its ports hold, so an evaluator cannot
//! so much as name a write.

#[macro_use]
mod delegation;

mod account;
mod approval;
mod change;
mod courier;
mod directory;
mod remedy;
mod threat;

use aws_types::SdkConfig;
use shared::identifier::AccountId;

use crate::environment::{Environment, EnvironmentError};
use crate::journal::OrganizationTable;

pub use account::AccountPorts;
pub use approval::ApprovalPorts;
pub use change::ChangePorts;
pub use courier::CourierPorts;
pub use directory::DirectoryPorts;
pub use remedy::RemedyPorts;
pub use threat::ThreatPorts;

/// What the accounts of the organisation share, where the environment names it.
fn organization_table(
    sdk: &SdkConfig,
    environment: &Environment,
    account: &AccountId,
) -> Result<Option<OrganizationTable>, EnvironmentError> {
    let table = environment.organization_table()?;
    Ok(table.map(|table| OrganizationTable::new(sdk, &table, account.clone())))
}
