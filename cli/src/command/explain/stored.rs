use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::event::{Hint, Suspect, Trigger};
use shared::facts::ResourceIdentity;
use shared::identifier::{Arn, UniqueId};
use shared::threat::{Source, Threat};
use sim::Local;

use crate::command::audit::journal_file::{self, Stored};
use crate::error::CliError;
use crate::input::Input;

/// Threats as the table has them, each with whom it is about.
pub(super) type StoredThreats = Vec<(UniqueId, Threat)>;

/// Users and roles, each with what is kept of it.
pub(super) type OfPrincipals = Vec<(ResourceIdentity, Vec<Threat>)>;

/// The threats in an export of the table.
pub(super) fn read(input: &Input) -> Result<StoredThreats, CliError> {
    let mut bodies = Vec::new();
    journal_file::read(input, |stored| {
        if let Stored::Threat { about, body } = stored {
            bodies.push((about, body));
        }
    })?;
    if bodies.is_empty() {
        return Err(CliError::NoThreats { name: input.to_string() });
    }
    let bad = |why: String| CliError::BadThreat { name: input.to_string(), why };
    bodies
        .into_iter()
        .map(|(about, body)| {
            let about = about.ok_or_else(|| bad("its key names nobody".to_owned()))?;
            let threat = serde_json::from_str(&body).map_err(|error| bad(error.to_string()))?;
            Ok((about, threat))
        })
        .collect()
}

/// Of whom there are threats: those whom the account file has, with theirs, and the unique ids of all others.
pub(super) fn principals(
    threats: &[(UniqueId, Threat)],
    local: &Local,
    only: Option<&Arn>,
) -> Result<(OfPrincipals, BTreeSet<UniqueId>), CliError> {
    let mut by_principal: BTreeMap<&UniqueId, Vec<Threat>> = BTreeMap::new();
    for (about, threat) in threats {
        by_principal.entry(about).or_default().push(threat.clone());
    }
    let (mut known, mut unknown) = (OfPrincipals::new(), BTreeSet::new());
    for (about, mut threats) in by_principal {
        threats.sort_by_key(|threat| threat.at);
        match local.world.principal_of(about) {
            Some(identity) => known.push((identity, threats)),
            None => drop(unknown.insert(about.clone())),
        }
    }
    if let Some(only) = only {
        known.retain(|(identity, _)| identity.arn() == only);
        if known.is_empty() {
            return Err(CliError::NoThreatsAbout { principal: only.to_string() });
        }
        unknown.clear();
    }
    known.sort_by(|(one, _), (other, _)| one.name().cmp(other.name()));
    Ok((known, unknown))
}

/// What makes the detector look at somebody, as a change of it does.
pub(super) fn look_at(identity: &ResourceIdentity, at: Timestamp) -> Trigger {
    Trigger {
        id: "explain".to_owned(),
        source: Source::CloudTrail,
        at,
        account: identity.account().clone(),
        region: "local".to_owned(),
        hints: vec![Hint::Changed { about: Suspect::Arn(identity.arn().clone()) }],
        ignored: None,
    }
}
