use crate::facts::{Entity, Fact, InlinePolicy, Resource};
use crate::governance::Governance;
use crate::identifier::Arn;
use crate::policy::analysis::{Circumstances, Permissions, makes_admin};
use crate::policy::{Policy, PolicyKind};
use crate::threat::Grade;

/// The one that allows all but IAM and the organisation.
const POWER: &str = "PowerUserAccess";

/// How much is at stake with somebody, as far as one look tells: whom governance lists under `approvals.platinum` and
/// who is or can become an administrator by their own policies count 3, who has AWS's `PowerUserAccess` 2, everybody
/// else 1. Powers that come by groups and by other roles only a sweep sees.
pub(super) fn tier_of(live: &Resource, governance: &Governance) -> Grade {
    if governance.is_platinum(live.identity().arn()) {
        return Grade::Three;
    }
    let (attached, inline) = match live {
        Resource::Entity(Entity::User(user)) => (&user.attached_policies, &user.inline_policies),
        Resource::Entity(Entity::Role(role)) => (&role.attached_policies, &role.inline_policies),
        // What is done to the account itself is done to all of it.
        Resource::Account(_) => return Grade::Three,
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
