use super::in_force::policy_in_force;
use super::{KnowAdministrators, PortError, ReadIam};
use crate::facts::{AttachedPolicy, Entity, Fact, InlinePolicy, Resource};
use crate::governance::Governance;
use crate::identifier::Arn;
use crate::policy::analysis::{Circumstances, Permissions, makes_admin};
use crate::policy::{Policy, PolicyDocument, PolicyKind};
use crate::threat::Grade;

/// The one that allows all but IAM and the organisation.
const POWER: &str = "PowerUserAccess";

/// How much is at stake with somebody: whom governance lists under `approvals.platinum` and who is or can become an
/// administrator count 3, who has AWS's `PowerUserAccess` 2, everybody else 1. Their own policies are read now, those that
/// the customer manages only where nothing else settles it; of powers that come by groups and by other roles, what the
/// last sweep saw counts. The `quarantine` gives nobody anything.
pub(super) async fn stake_in<P: KnowAdministrators + ReadIam>(
    ports: &P,
    live: &Resource,
    governance: &Governance,
    quarantine: &Arn,
) -> Result<Grade, PortError> {
    let seen = tier_of(live, governance);
    if seen == Grade::Three
        || ports.is_administrator(live.identity().unique_id()).await?
        || is_admin_by_managed(ports, live, quarantine).await
    {
        return Ok(Grade::Three);
    }
    Ok(seen)
}

/// Whether a policy of the customer's that is attached makes an administrator. What cannot be read weighs nothing more.
async fn is_admin_by_managed<P: ReadIam>(ports: &P, live: &Resource, quarantine: &Arn) -> bool {
    let Some((attached, _)) = policies(live) else { return false };
    for policy in attached.list().unwrap_or_default() {
        if policy.arn.is_aws_managed() || policy.arn == *quarantine {
            continue;
        }
        let document = policy_in_force(ports, &policy.arn).await;
        if document.ok().flatten().is_some_and(|document| makes_admin_by(&document)) {
            return true;
        }
    }
    false
}

type Policies<'a> = (&'a Fact<Vec<AttachedPolicy>>, &'a Fact<Vec<InlinePolicy>>);

fn policies(live: &Resource) -> Option<Policies<'_>> {
    match live {
        Resource::Entity(Entity::User(user)) => Some((&user.attached_policies, &user.inline_policies)),
        Resource::Entity(Entity::Role(role)) => Some((&role.attached_policies, &role.inline_policies)),
        _ => None,
    }
}

/// What one look tells.
fn tier_of(live: &Resource, governance: &Governance) -> Grade {
    if governance.is_platinum(live.identity().arn()) {
        return Grade::Three;
    }
    let Some((attached, inline)) = policies(live) else { return Grade::One };
    let has = |is_one: fn(&Arn) -> bool| {
        attached.list().is_ok_and(|attached| attached.iter().any(|policy| is_one(&policy.arn)))
    };
    if has(makes_admin) || is_admin_inline(inline) {
        Grade::Three
    } else if has(|policy| policy.is_aws_managed() && policy.name() == POWER) {
        Grade::Two
    } else {
        Grade::One
    }
}

fn is_admin_inline(inline: &Fact<Vec<InlinePolicy>>) -> bool {
    inline.list().is_ok_and(|inline| inline.iter().any(|policy| makes_admin_by(&policy.document)))
}

fn makes_admin_by(document: &PolicyDocument) -> bool {
    Policy::parse_document(document, PolicyKind::Identity)
        .is_ok_and(|policy| Permissions::of(&policy).can_become_admin(&Circumstances::unknown()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::collections::BTreeSet;

    use crate::engine::ResourceName;
    use crate::facts::fixture::{alice, arn, attached, customer_policy, deployer, inline, throttled};
    use crate::facts::{Need, Read, Unread, User};
    use crate::identifier::UniqueId;

    /// What the last sweep saw, and what every policy says.
    struct Account {
        strong: bool,
        says: Result<String, Unread>,
        read: Cell<u32>,
    }

    impl KnowAdministrators for Account {
        async fn is_administrator(&self, _: &UniqueId) -> Result<bool, PortError> {
            Ok(self.strong)
        }
    }

    impl ReadIam for Account {
        async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread> {
            assert!(matches!(name, ResourceName::Policy(_)), "{name:?}");
            self.read.set(self.read.get() + 1);
            self.says.clone().map(|text| Some(customer_policy(&text).into()))
        }

        async fn refresh(&self, _: &mut Resource, _: &BTreeSet<Need>) {}
    }

    const QUARANTINE: &str = "arn:aws:iam::111122223333:policy/bailiff-quarantine";

    /// The tier, and how many policies were read for it.
    fn stake(live: User, strong: bool, says: Result<String, Unread>) -> (u8, u32) {
        let account = Account { strong, says, read: Cell::new(0) };
        let (live, governance) = (live.into(), Governance::parse("version: 1\n").unwrap());
        let stake = pollster::block_on(stake_in(&account, &live, &governance, &arn(QUARANTINE)));
        (stake.unwrap().into(), account.read.get())
    }

    fn allows(action: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
        )
    }

    #[test]
    fn powers_that_come_by_groups_count_as_the_last_sweep_saw_them() {
        assert_eq!(stake(alice(), false, Ok(allows("*"))), (1, 0));
        assert_eq!(stake(alice(), true, Ok(allows("*"))), (3, 0));
    }

    #[test]
    fn policies_of_the_customer_s_own_are_read_where_nothing_else_settles_it() {
        let own = "arn:aws:iam::111122223333:policy/own";
        let with = |policies: &[&str]| alice().with_attached(policies.iter().map(|policy| attached(policy)));
        assert_eq!(stake(with(&[own]), false, Ok(allows("*"))), (3, 1));
        assert_eq!(stake(with(&[own]), false, Ok(allows("iam:AttachUserPolicy"))), (3, 1));
        assert_eq!(stake(with(&[own]), false, Ok(allows("s3:GetObject"))), (1, 1));
        assert_eq!(stake(with(&[own]), false, Err(throttled(Read::GetPolicy))), (1, 1));
        assert_eq!(stake(with(&[own]), true, Ok(allows("*"))), (3, 0), "the sweep has seen it");
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert_eq!(stake(with(&[own, admin]), false, Ok(allows("*"))), (3, 0));
        let power = "arn:aws:iam::aws:policy/PowerUserAccess";
        assert_eq!(stake(with(&[QUARANTINE, power]), false, Ok(allows("*"))), (2, 0));
    }

    #[test]
    fn whom_governance_calls_platinum_weighs_most_whatever_they_may_do() {
        let file = "version: 1\napprovals:\n  approvers: ['arn:aws:iam::111122223333:user/security/*']\n  \
                    platinum: [{ principal: 'arn:aws:iam::111122223333:user/alice', reason: r }]\n";
        let governance = Governance::parse(file).unwrap();
        assert_eq!(tier_of(&alice().into(), &governance), Grade::Three);
        assert_eq!(tier_of(&deployer().into(), &governance), Grade::One);
    }

    fn tier(live: impl Into<Resource>) -> u8 {
        tier_of(&live.into(), &Governance::parse("version: 1\n").unwrap()).into()
    }

    #[test]
    fn an_administrator_s_powers_weigh_most() {
        let with = |policy: &str| alice().with_attached([attached(policy)]);
        assert_eq!(tier(alice()), 1);
        assert_eq!(tier(deployer()), 1);
        assert_eq!(tier(with("arn:aws:iam::aws:policy/PowerUserAccess")), 2);
        assert_eq!(tier(with("arn:aws:iam::aws:policy/AdministratorAccess")), 3);
        // Anybody may give a policy of their own that name.
        assert_eq!(tier(with("arn:aws:iam::111122223333:policy/AdministratorAccess")), 1);
    }

    #[test]
    fn inline_policies_are_read_for_what_they_allow() {
        let with = |text: &str| User { inline_policies: Fact::Known(vec![inline("p", text)]), ..alice() };
        assert_eq!(tier(with(&allows("*"))), 3);
        assert_eq!(tier(with(&allows("iam:AttachUserPolicy"))), 3);
        assert_eq!(tier(with(&allows("s3:GetObject"))), 1);
        assert_eq!(tier(with("not a policy")), 1);
    }

    #[test]
    fn only_the_policy_that_aws_manages_makes_a_power_user() {
        let tier = |policy: &str| {
            stake(alice().with_attached([attached(policy)]), false, Ok(allows("s3:GetObject"))).0
        };
        assert_eq!(tier("arn:aws:iam::aws:policy/PowerUserAccess"), 2);
        assert_eq!(tier("arn:aws:iam::aws:policy/ReadOnlyAccess"), 1);
        assert_eq!(tier("arn:aws:iam::111122223333:policy/PowerUserAccess"), 1);
    }

    #[test]
    fn what_could_not_be_read_weighs_nothing_more() {
        let unread = Fact::Unknown(throttled(Read::ListAttachedUserPolicies));
        assert_eq!(tier(User { attached_policies: unread, ..alice() }), 1);
    }
}
