use super::{KnowAdministrators, PortError};
use crate::facts::{Entity, Fact, InlinePolicy, Resource};
use crate::governance::Governance;
use crate::identifier::Arn;
use crate::policy::analysis::{Circumstances, Permissions, makes_admin};
use crate::policy::{Policy, PolicyKind};
use crate::threat::Grade;

/// The one that allows all but IAM and the organisation.
const POWER: &str = "PowerUserAccess";

/// How much is at stake with somebody: whom governance lists under `approvals.platinum` and who is or can become an
/// administrator count 3, who has AWS's `PowerUserAccess` 2, everybody else 1. Their own policies are read now; of powers
/// that come by groups and by other roles, what the last sweep saw counts.
pub(super) async fn stake_in<P: KnowAdministrators>(
    ports: &P,
    live: &Resource,
    governance: &Governance,
) -> Result<Grade, PortError> {
    let seen = tier_of(live, governance);
    if seen < Grade::Three && ports.is_administrator(live.identity().unique_id()).await? {
        return Ok(Grade::Three);
    }
    Ok(seen)
}

/// What one look tells.
fn tier_of(live: &Resource, governance: &Governance) -> Grade {
    if governance.is_platinum(live.identity().arn()) {
        return Grade::Three;
    }
    let (attached, inline) = match live {
        Resource::Entity(Entity::User(user)) => (&user.attached_policies, &user.inline_policies),
        Resource::Entity(Entity::Role(role)) => (&role.attached_policies, &role.inline_policies),
        _ => return Grade::One,
    };
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
    let is_admin = |policy: &InlinePolicy| {
        Policy::parse_document(&policy.document, PolicyKind::Identity)
            .is_ok_and(|policy| Permissions::of(&policy).can_become_admin(&Circumstances::unknown()))
    };
    inline.list().is_ok_and(|inline| inline.iter().any(is_admin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, attached, deployer, inline, throttled};
    use crate::facts::{Read, User};
    use crate::identifier::UniqueId;

    struct Swept(bool);

    impl KnowAdministrators for Swept {
        async fn is_administrator(&self, _: &UniqueId) -> Result<bool, PortError> {
            Ok(self.0)
        }
    }

    #[test]
    fn powers_that_come_by_groups_count_as_the_last_sweep_saw_them() {
        let stake = |strong| {
            let governance = Governance::parse("version: 1\n").unwrap();
            u8::from(
                pollster::block_on(stake_in(&Swept(strong), &Resource::from(alice()), &governance)).unwrap(),
            )
        };
        assert_eq!((stake(false), stake(true)), (1, 3));
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
        let allows = |action: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
            )
        };
        assert_eq!(tier(with(&allows("*"))), 3);
        assert_eq!(tier(with(&allows("iam:AttachUserPolicy"))), 3);
        assert_eq!(tier(with(&allows("s3:GetObject"))), 1);
        assert_eq!(tier(with("not a policy")), 1);
    }

    #[test]
    fn what_could_not_be_read_weighs_nothing_more() {
        let unread = Fact::Unknown(throttled(Read::ListAttachedUserPolicies));
        assert_eq!(tier(User { attached_policies: unread, ..alice() }), 1);
    }
}
