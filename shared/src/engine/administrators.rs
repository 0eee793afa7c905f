use std::collections::BTreeSet;

use super::{PortError, RememberAdministrators};
use crate::facts::{Entity, Fact, Privileges, Resource};
use crate::identifier::UniqueId;

/// As many fit into one item of the table, which holds 400 KB, with room to spare: an id takes 21 characters and its
/// quotes (Amazon DynamoDB developer guide, quotas).
const MOST: usize = 12_000;

/// Who in a listed account is an administrator or can become one.
#[derive(Debug, Default)]
pub(super) struct Administrators {
    found: BTreeSet<UniqueId>,
    unknown: bool,
}

impl Administrators {
    /// Takes down what is known of a user or role.
    pub(super) fn note(&mut self, resource: &Resource) {
        let privileges = match resource {
            Resource::Entity(Entity::User(user)) => &user.privileges,
            Resource::Entity(Entity::Role(role)) => &role.privileges,
            _ => return,
        };
        match privileges {
            Fact::Known(privileges) if is_one(privileges) => {
                self.found.insert(resource.identity().unique_id().clone());
            }
            Fact::Known(_) | Fact::Absent => {}
            Fact::Unknown(_) => self.unknown = true,
        }
    }

    /// Remembers them; not where somebody's strength was not looked at, for what the sweep before found tells more.
    pub(super) async fn remember<P: RememberAdministrators>(self, ports: &P) -> Result<(), PortError> {
        if self.unknown {
            return Ok(());
        }
        ports.remember_administrators(&self.found.into_iter().take(MOST).collect()).await
    }
}

/// Whether it is one for all that can be known within the account.
fn is_one(privileges: &Privileges) -> bool {
    privileges.is_platinum() && privileges.hangs_on_the_organization_alone()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::facts::fixture::{alice, privileged, throttled};
    use crate::facts::{Read, User};
    use crate::policy::analysis::Tier;

    #[derive(Default)]
    struct Kept(RefCell<Option<BTreeSet<UniqueId>>>);

    impl RememberAdministrators for Kept {
        async fn remember_administrators(&self, found: &BTreeSet<UniqueId>) -> Result<(), PortError> {
            *self.0.borrow_mut() = Some(found.clone());
            Ok(())
        }
    }

    fn with(privileges: Fact<Privileges>) -> Resource {
        User { privileges, ..alice() }.into()
    }

    fn kept(resources: &[Resource]) -> Option<usize> {
        let mut administrators = Administrators::default();
        for resource in resources {
            administrators.note(resource);
        }
        let ports = Kept::default();
        pollster::block_on(administrators.remember(&ports)).unwrap();
        ports.0.into_inner().map(|found| found.len())
    }

    fn privileges(tier: Tier, depends_on: &[&str]) -> Fact<Privileges> {
        let depends_on = depends_on.iter().map(|on| (*on).to_owned()).collect();
        Fact::Known(Privileges { depends_on, ..privileged(tier) })
    }

    #[test]
    fn who_can_become_an_administrator_is_remembered_and_nobody_else() {
        assert_eq!(kept(&[with(privileges(Tier::Platinum, &[]))]), Some(1));
        assert_eq!(kept(&[with(privileges(Tier::Gold, &[]))]), Some(0));
        assert_eq!(kept(&[with(privileges(Tier::Platinum, &["a tag"]))]), Some(0));
        assert_eq!(kept(&[with(Fact::Absent)]), Some(0));
    }

    #[test]
    fn where_anybody_was_not_looked_at_the_last_sweep_s_stand() {
        let unknown = with(Fact::Unknown(throttled(Read::GetAccountAuthorizationDetails)));
        assert_eq!(kept(&[with(privileges(Tier::Platinum, &[])), unknown]), None);
    }
}
