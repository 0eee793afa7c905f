use std::collections::BTreeMap;

use super::{AttachedPolicy, Fact, Group, Read, Role, Unread, User, WhyUnread};
use crate::identifier::Arn;
use crate::policy::{Effect, Policy, PolicyDocument, PolicyKind, PrincipalEntry};

/// Which managed policies take effect on somebody, and through what: gathered while the account is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyUsage {
    held: BTreeMap<Arn, Holders>,
    /// Of a holder whose policies could not be read: it may hold any.
    unread: [Option<Unread>; 3],
}

/// What a managed policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A user.
    User,
    /// A group with members.
    Group,
    /// A role that somebody is trusted with.
    Role,
}

impl Holder {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::User, Self::Group, Self::Role];

    fn index(self) -> usize {
        match self {
            Self::User => 0,
            Self::Group => 1,
            Self::Role => 2,
        }
    }
}

/// Whether each kind of holder is there; one that may not count is an unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Holders([Holding; 3]);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Holding {
    #[default]
    None,
    Perhaps(Unread),
    Surely,
}

impl PolicyUsage {
    /// Notes what a user holds.
    pub fn note_user(&mut self, user: &User) {
        self.note(Holder::User, &user.attached_policies, &Holding::Surely);
    }

    /// Notes what a group with its members holds.
    pub fn note_group(&mut self, group: &Group) {
        let counts = match group.members.known() {
            Ok(members) if members.is_none_or(std::collections::BTreeSet::is_empty) => Holding::None,
            Ok(_) => Holding::Surely,
            Err(unread) => Holding::Perhaps(unread.clone()),
        };
        self.note(Holder::Group, &group.attached_policies, &counts);
    }

    /// Notes what a role holds.
    pub fn note_role(&mut self, role: &Role) {
        let counts = match role.trust.known().map(|trust| trust.map(trusts_somebody)) {
            Ok(None | Some(Some(false))) => Holding::None,
            Ok(Some(Some(true))) => Holding::Surely,
            Ok(Some(None)) => Holding::Perhaps(Unread::new(
                Read::GetAccountAuthorizationDetails,
                WhyUnread::Failed,
                format!("the trust policy of role {} is not one", role.identity.name),
            )),
            Err(unread) => Holding::Perhaps(unread.clone()),
        };
        self.note(Holder::Role, &role.attached_policies, &counts);
    }

    /// Whether the policy is in use through one of these kinds of holders. AWS's own policies are one and the same in
    /// every partition.
    pub fn is_used(&self, policy: &Arn, through: &[Holder]) -> Result<bool, Unread> {
        let same = |held: &Arn| {
            held == policy
                || held.is_aws_managed() && policy.is_aws_managed() && held.resource() == policy.resource()
        };
        let mut unread = None;
        for holder in through {
            let at = holder.index();
            for holders in self.held.iter().filter(|(held, _)| same(held)).map(|(_, holders)| holders) {
                match holders.0.get(at) {
                    Some(Holding::Surely) => return Ok(true),
                    Some(Holding::Perhaps(why)) => unread = Some(why.clone()),
                    Some(Holding::None) | None => {}
                }
            }
            if let Some(Some(why)) = self.unread.get(at) {
                unread = Some(why.clone());
            }
        }
        unread.map_or(Ok(false), Err)
    }

    fn note(&mut self, holder: Holder, attached: &Fact<Vec<AttachedPolicy>>, counts: &Holding) {
        let at = holder.index();
        match attached.list() {
            Err(unread) => {
                if let Some(slot) = self.unread.get_mut(at)
                    && *counts != Holding::None
                {
                    *slot = Some(unread.clone());
                }
            }
            Ok(policies) => {
                for policy in policies {
                    let holders = self.held.entry(policy.arn.clone()).or_default();
                    if let Some(holding) = holders.0.get_mut(at)
                        && *holding != Holding::Surely
                        && *counts != Holding::None
                    {
                        *holding = counts.clone();
                    }
                }
            }
        }
    }
}

/// Whether a trust policy lets anybody in who exists; `None` where it is no trust policy. A principal that was deleted
/// leaves its unique id behind, which nobody has.
fn trusts_somebody(trust: &PolicyDocument) -> Option<bool> {
    let policy = Policy::parse_document(trust, PolicyKind::Trust).ok()?;
    let exists = |entry: &PrincipalEntry| !matches!(entry, PrincipalEntry::UniqueId(_));
    Some(policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement
                .principal
                .as_ref()
                .is_some_and(|principal| principal.negated || principal.entries.iter().any(exists))
    }))
}
