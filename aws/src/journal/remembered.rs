use std::collections::BTreeSet;

use futures_util::future::{OptionFuture, join3};
use shared::facts::{Departure, Entity, Fact, Need, Resource, ResourceIdentity, SwitchedOffKeys};
use shared::threat::Threats;

use super::Table;

/// What the table tells of a user or a role, as far as it is needed.
#[derive(Default)]
pub(crate) struct Remembered {
    switched_off_keys: Option<Fact<SwitchedOffKeys>>,
    threats: Option<Fact<Threats>>,
    departure: Option<Fact<Departure>>,
}

impl Table {
    /// Reads what is needed and kept of it. A read that fails leaves its fact unknown.
    pub(crate) async fn remembered_of(&self, of: &ResourceIdentity, needs: &BTreeSet<Need>) -> Remembered {
        let (ResourceIdentity::User(_) | ResourceIdentity::Role(_)) = of else {
            return Remembered::default();
        };
        let unique_id = of.unique_id();
        let is_user = matches!(of, ResourceIdentity::User(_));
        let of_users = |need| is_user && needs.contains(&need);
        // Boxed: what a request takes until it is answered is large, and most are needed by few.
        let switched_off =
            of_users(Need::SwitchedOffKeys).then(|| Box::pin(self.switched_off_keys_of(unique_id)));
        let threats = needs.contains(&Need::Threats).then(|| Box::pin(self.threats_fact(unique_id)));
        let departure = of_users(Need::Departure).then(|| Box::pin(self.departure_of(unique_id)));
        let (switched_off_keys, threats, departure) = join3(
            OptionFuture::from(switched_off),
            OptionFuture::from(threats),
            OptionFuture::from(departure),
        )
        .await;
        Remembered { switched_off_keys, threats, departure }
    }
}

impl Remembered {
    /// Enters what was read among the facts of the resource.
    pub(crate) fn enter(self, resource: &mut Resource) {
        let Self { switched_off_keys, threats, departure } = self;
        match resource {
            Resource::Entity(Entity::User(user)) => {
                put(&mut user.switched_off_keys, switched_off_keys);
                put(&mut user.threats, threats);
                put(&mut user.departure, departure);
            }
            Resource::Entity(Entity::Role(role)) => put(&mut role.threats, threats),
            _ => {}
        }
    }
}

fn put<T>(fact: &mut Fact<T>, read: Option<Fact<T>>) {
    if let Some(read) = read {
        *fact = read;
    }
}
