use super::condition_key::ConditionKey;
use super::demand::Demand;
use super::expected::Expected;
use super::network;
use crate::identifier::{AccountId, Arn};
use crate::policy::{Comparison, Element, Operator, PrincipalEntry, Quantifier};

/// Whom the policy is asked about, and all that is known of its requests.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller<'a> {
    /// A principal of an account and an organisation that the policy does not name, anywhere but in the networks it
    /// names, who does whatever is in a caller's power.
    Stranger,
    /// A principal of whom nothing is known but that no `NotPrincipal` of a statement that denies lists it.
    Somebody,
    /// A principal of an account: this one, or any.
    Member { account: &'a AccountId, arn: Option<&'a Arn> },
    /// An AWS service, and whether it tells for whom it acts.
    Service { name: &'a str, tells: bool },
    /// Somebody with a token of an OIDC issuer.
    Token { provider: &'a str, issuer: &'a str },
    /// Somebody with a SAML assertion.
    Saml { provider: &'a str },
}

/// Whether a condition holds for a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Whatever the caller does.
    Always,
    /// Whatever the caller does, it does not.
    Never,
    /// It hangs on the caller, or is not known.
    Perhaps,
}

impl Holds {
    fn from(truth: bool) -> Self {
        if truth { Self::Always } else { Self::Never }
    }

    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Perhaps => Self::Perhaps,
        }
    }
}

/// Whether a request of the caller has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    Never,
    Perhaps,
}

impl Caller<'_> {
    /// Whether a demand holds for the caller, given whether another one makes sure of its key.
    pub(super) fn holds(&self, demand: &Demand<'_>, guarded: bool) -> Holds {
        let Operator { quantifier, comparison, if_exists } = demand.operator;
        let presence = self.presence(demand.key);
        if comparison == Comparison::Null {
            let wants = |text| demand.expected.iter().any(|value| value.text().eq_ignore_ascii_case(text));
            return match presence {
                _ if wants("true") && wants("false") => Holds::Always,
                Presence::Always => Holds::from(wants("false")),
                Presence::Never => Holds::from(wants("true")),
                Presence::Perhaps => Holds::Perhaps,
            };
        }
        let without = Holds::from(match quantifier {
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => if_exists,
            None => if_exists || comparison.is_negated(),
        });
        let meets = self.meets(demand);
        let with = if comparison.is_negated() { meets.not() } else { meets };
        let lenient = if_exists || quantifier == Some(Quantifier::ForAllValues);
        match presence {
            Presence::Never => without,
            _ if guarded => with,
            // That the request must have the key is for the policy to say.
            Presence::Always if !lenient => with,
            _ if with == without => with,
            _ => Holds::Perhaps,
        }
    }

    fn is_principal(&self) -> bool {
        matches!(self, Self::Stranger | Self::Somebody | Self::Member { .. })
    }

    fn presence(&self, key: ConditionKey<'_>) -> Presence {
        use ConditionKey as Key;
        match key {
            Key::IsAwsService | Key::ViaAwsService => Presence::Always,
            Key::PrincipalAccount | Key::PrincipalArn | Key::UserId if self.is_principal() => {
                Presence::Always
            }
            Key::PrincipalOrganization | Key::FederatedProvider if self.is_principal() => Presence::Perhaps,
            Key::PrincipalAccount | Key::PrincipalArn | Key::UserId | Key::PrincipalOrganization => {
                Presence::Never
            }
            Key::ServiceName if matches!(self, Self::Service { .. }) => Presence::Always,
            Key::SourceAccount | Key::SourceArn => match self {
                Self::Service { tells: true, .. } => Presence::Always,
                Self::Service { .. } => Presence::Perhaps,
                _ => Presence::Never,
            },
            Key::SourceOrganization if matches!(self, Self::Service { .. }) => Presence::Perhaps,
            Key::ServiceName | Key::SourceOrganization => Presence::Never,
            Key::Saml if !matches!(self, Self::Saml { .. }) => Presence::Never,
            Key::Token { issuer, .. } if !self.has_token_of(issuer) => Presence::Never,
            _ => Presence::Perhaps,
        }
    }

    fn has_token_of(&self, issuer: &str) -> bool {
        matches!(self, Self::Token { issuer: own, .. } if own.eq_ignore_ascii_case(issuer))
    }

    /// Whether the caller's value of a key is one of those expected.
    fn meets(&self, demand: &Demand<'_>) -> Holds {
        let mut best = Holds::Never;
        for expected in &demand.expected {
            match self.meets_one(demand, expected) {
                Holds::Always => return Holds::Always,
                Holds::Perhaps => best = Holds::Perhaps,
                Holds::Never => {}
            }
        }
        best
    }

    fn meets_one(&self, demand: &Demand<'_>, expected: &Expected<'_>) -> Holds {
        use ConditionKey as Key;
        if expected.is_impossible() {
            return Holds::Never;
        }
        let truth =
            |own: bool| Holds::from(expected.text().eq_ignore_ascii_case(if own { "true" } else { "false" }));
        match demand.key {
            Key::IsAwsService => return truth(matches!(self, Self::Service { .. })),
            // A service that passes a request on can be somebody else's tool.
            Key::ViaAwsService => {
                return if truth(false) == Holds::Always { Holds::Always } else { Holds::Perhaps };
            }
            Key::PrincipalAccount | Key::PrincipalArn if expected.is_everything() => return Holds::Always,
            _ => {}
        }
        match *self {
            Self::Stranger if !stranger_may_be(demand, expected) => Holds::Never,
            Self::Member { account, arn } => member_meets(account, arn, demand, expected),
            Self::Service { name, .. } if demand.key == Key::ServiceName => {
                Holds::from(expected.matches(name))
            }
            _ => Holds::Perhaps,
        }
    }

    /// Whether a `Principal` or `NotPrincipal` element is sure to mean the caller.
    pub(super) fn is_surely_among(&self, principal: &Element<PrincipalEntry>) -> bool {
        if principal.negated {
            !principal.entries.iter().any(|entry| self.may_be(entry))
        } else {
            principal.entries.iter().any(|entry| self.is(entry))
        }
    }

    fn is(&self, entry: &PrincipalEntry) -> bool {
        match (entry, self) {
            (PrincipalEntry::Everyone, _) => true,
            (PrincipalEntry::Account(named), Self::Member { account, .. }) => named == *account,
            (PrincipalEntry::Aws(named), Self::Member { arn: Some(arn), .. }) => named == *arn,
            (PrincipalEntry::Service(named), Self::Service { name, .. }) => named == "*" || named == name,
            (PrincipalEntry::Federated(named), Self::Token { provider, .. } | Self::Saml { provider }) => {
                named == "*" || named == provider
            }
            _ => false,
        }
    }

    fn may_be(&self, entry: &PrincipalEntry) -> bool {
        match (entry, self) {
            (PrincipalEntry::Aws(named), Self::Member { account, arn: None }) => {
                named.account().as_ref() == Some(*account)
            }
            _ => self.is(entry),
        }
    }
}

/// Whether somebody of another account, another organisation and another network can have an expected value.
fn stranger_may_be(demand: &Demand<'_>, expected: &Expected<'_>) -> bool {
    use ConditionKey as Key;
    match demand.key {
        Key::PrincipalAccount => !expected.is_literal(),
        Key::PrincipalOrganization => expected.organization().is_none(),
        Key::PrincipalArn | Key::Workload => !names_account(demand, expected),
        Key::UserId => !names_unique_id(expected),
        Key::FederatedProvider => !expected.text().starts_with("arn:") || !names_account(demand, expected),
        Key::Network => {
            !expected.is_literal()
                && expected.arn_account().is_none()
                && !(expected.text().contains('/') && expected.organization().is_some())
        }
        Key::SourceIp => network::holds_strangers(expected.text()),
        _ => true,
    }
}

/// Whether only ARNs of one account match. `StringLike` lets a `*` run across colons into what the caller names
/// itself, so before the account it may stand in the partition alone.
fn names_account(demand: &Demand<'_>, expected: &Expected<'_>) -> bool {
    if expected.is_literal() {
        return true;
    }
    let crossing = matches!(demand.operator.comparison.positive(), Comparison::StringLike)
        && expected.text().split(':').skip(2).take(2).any(|part| part.contains(['*', '?']));
    expected.arn_account().is_some() && !crossing
}

/// Whether a user id begins with an account or a whole unique id, which nobody else ever has.
fn names_unique_id(expected: &Expected<'_>) -> bool {
    let id = expected.head().split(':').next().unwrap_or_default();
    let complete = expected.head().len() > id.len() || id.len() >= 16 || expected.is_literal();
    complete && !id.is_empty()
}

fn member_meets(
    account: &AccountId,
    arn: Option<&Arn>,
    demand: &Demand<'_>,
    expected: &Expected<'_>,
) -> Holds {
    match demand.key {
        ConditionKey::PrincipalAccount => Holds::from(expected.matches(account.as_str())),
        ConditionKey::PrincipalArn => match arn {
            Some(arn) if arn.service() == "iam" => Holds::from(expected.matches(arn.as_str())),
            _ if names_account(demand, expected) => match expected.arn_account() {
                Some(named) if named == *account => Holds::Perhaps,
                _ => Holds::Never,
            },
            _ if expected.overlaps(&format!("arn:*:iam::{account}:*"))
                || expected.overlaps(&format!("arn:*:sts::{account}:*")) =>
            {
                Holds::Perhaps
            }
            _ => Holds::Never,
        },
        _ => Holds::Perhaps,
    }
}
