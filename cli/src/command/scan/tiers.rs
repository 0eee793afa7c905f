use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use shared::engine::Standing;
use shared::facts::{Fact, Privileges, ResourceIdentity};
use shared::policy::analysis::Tier;

use crate::page::{FAINT, PLAIN, Page, count};

/// The tiers from the highest.
const TIERS: [Tier; 5] = [Tier::Platinum, Tier::Gold, Tier::Silver, Tier::Bronze, Tier::None];

/// How powerful each user and role of an account is.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Tiers(Vec<Power>);

#[derive(Debug, Serialize)]
struct Power {
    arn: String,
    #[serde(flatten)]
    told: Told,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Told {
    Privileges(Privileges),
    #[serde(rename_all = "camelCase")]
    Nothing {
        /// Why nobody can tell.
        unknown: String,
    },
}

impl Tiers {
    /// What was found of users and roles; groups do nothing themselves.
    pub(super) fn of(standings: Vec<Standing>) -> Self {
        let mut powers: Vec<Power> = standings
            .into_iter()
            .filter(|standing| {
                matches!(standing.resource, ResourceIdentity::User(_) | ResourceIdentity::Role(_))
            })
            .filter_map(|Standing { resource, privileges }| {
                let told = match privileges {
                    Fact::Known(privileges) => Told::Privileges(privileges),
                    Fact::Unknown(unread) => Told::Nothing { unknown: unread.to_string() },
                    Fact::Absent => return None,
                };
                Some(Power { arn: resource.arn().to_string(), told })
            })
            .collect();
        powers.sort_by(|a, b| a.arn.cmp(&b.arn));
        Self(powers)
    }

    /// Says how many there are of each.
    pub(super) fn show(&self, page: &mut Page<'_>) -> io::Result<()> {
        let (mut of_tier, mut more, mut unknown) = (BTreeMap::<Tier, u64>::new(), 0, 0);
        for Power { told, .. } in &self.0 {
            match told {
                Told::Privileges(privileges) => {
                    *of_tier.entry(privileges.tier).or_default() += 1;
                    more += u64::from(!privileges.is_platinum() && !privileges.errors.is_empty());
                }
                Told::Nothing { .. } => unknown += 1,
            }
        }
        let each = TIERS.iter().filter_map(|tier| Some(format!("{} {tier}", of_tier.get(tier)?)));
        let mut said: Vec<String> = each.collect();
        if unknown > 0 {
            said.push(format!("{unknown} unknown"));
        }
        if said.is_empty() {
            return Ok(());
        }
        let mut said = said.join(", ");
        if more > 0 {
            let who = count(more, "may be more, for it", "may be more, for they");
            said = format!("{said}; {who} could not be read whole");
        }
        page.flow(0, 2, &[(FAINT, "users and roles by tier: "), (PLAIN, &said)])
    }
}
