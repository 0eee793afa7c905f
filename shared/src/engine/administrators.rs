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
    unknown: BTreeSet<UniqueId>,
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
            Fact::Unknown(_) => {
                self.unknown.insert(resource.identity().unique_id().clone());
            }
        }
    }

    /// Remembers them. Of whom it is not known now, what the sweep before found stands; how many they are.
    pub(super) async fn remember<P: RememberAdministrators>(mut self, ports: &P) -> Result<usize, PortError> {
        if !self.unknown.is_empty() {
            let before = ports.remembered_administrators().await?;
            self.found.extend(before.intersection(&self.unknown).cloned());
        }
        let (found, unknown) = (self.found, self.unknown.len());
        ports.remember_administrators(&found.into_iter().take(MOST).collect()).await?;
        Ok(unknown)
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
    use crate::facts::fixture::{alice, deployer, developers, privileged, throttled};
    use crate::facts::{Read, Role, User};
    use crate::policy::analysis::Tier;

    #[derive(Default)]
    struct Kept(RefCell<BTreeSet<UniqueId>>);

    impl RememberAdministrators for Kept {
        async fn remember_administrators(&self, found: &BTreeSet<UniqueId>) -> Result<(), PortError> {
            *self.0.borrow_mut() = found.clone();
            Ok(())
        }

        async fn remembered_administrators(&self) -> Result<BTreeSet<UniqueId>, PortError> {
            Ok(self.0.borrow().clone())
        }
    }

    fn with(privileges: Fact<Privileges>) -> Resource {
        User { privileges, ..alice() }.into()
    }

    /// Who is remembered after a sweep over these, and of how many it is not known, where these were before.
    fn after(before: &[&str], resources: &[Resource]) -> (Vec<String>, usize) {
        let mut administrators = Administrators::default();
        for resource in resources {
            administrators.note(resource);
        }
        let ports = Kept(RefCell::new(before.iter().map(|id| UniqueId::parse(id).unwrap()).collect()));
        let unknown = pollster::block_on(administrators.remember(&ports)).unwrap();
        (ports.0.into_inner().iter().map(ToString::to_string).collect(), unknown)
    }

    fn kept(resources: &[Resource]) -> usize {
        after(&[], resources).0.len()
    }

    fn privileges(tier: Tier, depends_on: &[&str]) -> Fact<Privileges> {
        let depends_on = depends_on.iter().map(|on| (*on).to_owned()).collect();
        Fact::Known(Privileges { depends_on, ..privileged(tier) })
    }

    #[test]
    fn who_can_become_an_administrator_is_remembered_and_nobody_else() {
        assert_eq!(kept(&[with(privileges(Tier::Platinum, &[]))]), 1);
        assert_eq!(kept(&[with(privileges(Tier::Gold, &[]))]), 0);
        assert_eq!(kept(&[with(privileges(Tier::Platinum, &["a tag"]))]), 0);
        assert_eq!(kept(&[with(Fact::Absent)]), 0);
    }

    #[test]
    fn roles_are_administrators_as_users_are_and_nothing_else_is() {
        let role = |privileges| Resource::from(Role { privileges, ..deployer() });
        let platinum = || privileges(Tier::Platinum, &[]);
        let both = [&alice().identity.unique_id, &deployer().identity.unique_id].map(ToString::to_string);
        let (found, unknown) = after(&[], &[with(platinum()), role(platinum()), developers().into()]);
        assert_eq!((found.as_slice(), unknown), (both.as_slice(), 0));
        assert_eq!(kept(&[role(privileges(Tier::Gold, &[]))]), 0);
        // Of whom it is not known, what the sweep before found stands.
        let unread = role(Fact::Unknown(throttled(Read::GetAccountAuthorizationDetails)));
        assert_eq!(after(&[&both[1]], &[unread]), (vec![both[1].clone()], 1));
    }

    #[test]
    fn of_whom_it_is_not_known_what_the_sweep_before_found_stands_and_of_nobody_else() {
        const UNKNOWN: &str = "AIDAEXAMPLEEXAMPLE002";
        let unknown = || {
            let mut user = User {
                privileges: Fact::Unknown(throttled(Read::GetAccountAuthorizationDetails)),
                ..alice()
            };
            user.identity.unique_id = UniqueId::parse(UNKNOWN).unwrap();
            Resource::from(user)
        };
        let alice_s = alice().identity.unique_id.to_string();
        let platinum = || with(privileges(Tier::Platinum, &[]));
        // One is known by now, one was known before, and one is no administrator any more.
        let gone = "AIDAEXAMPLEEXAMPLE009";
        assert_eq!(
            after(&[UNKNOWN, gone], &[platinum(), unknown()]),
            (vec![alice_s.clone(), UNKNOWN.to_owned()], 1)
        );
        assert_eq!(after(&[gone], &[platinum(), unknown()]), (vec![alice_s.clone()], 1));
        assert_eq!(after(&[&alice_s], &[with(Fact::Absent), unknown()]), (vec![], 1));
    }
}
