use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Grade, Source};

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// An access key was found in public.
    KeyExposed,
    /// A detector of AWS finds that it behaves as an attacker would; how badly stands beside it.
    Detected,
    /// Its access key was made by somebody else.
    KeyMadeByAnother,
    /// It made an access key for somebody else.
    MadeKeyForAnother,
    /// Its console password was made or changed by somebody else.
    PasswordMadeByAnother,
    /// It made or changed a console password of somebody else.
    MadePasswordForAnother,
    /// It made another, or itself, an administrator.
    GrantedAdmin,
    /// It let somebody outside assume a role.
    OpenedTrust,
    /// It took a permissions boundary off.
    RemovedBoundary,
    /// It put another version of a policy in force.
    SwitchedPolicyVersion,
    /// It took an MFA device from somebody, or gave somebody one of its own.
    TamperedWithMfa,
    /// It made an identity provider, a trust anchor or a profile, by which others can come in.
    OpenedFederation,
    /// It made a session that outlives its credentials, though it has no business to.
    MadeLongSession,
    /// It called what AWS refused, again and again.
    DeniedAgainAndAgain,
    /// Somebody tried a key that is switched off.
    TriedDisabledKey,
    /// The root user did what nobody but the root user can do.
    RootTask,
    /// The root user did what others could have done.
    RootUsed,
    /// Somebody assumed the root user of a member account.
    AssumedRoot,
    /// The account was about to leave its organisation.
    LeftOrganization,
    /// It stopped, deleted or narrowed what records or watches: CloudTrail, Config, `EventBridge`, `GuardDuty`.
    BlindedWatch,
    /// It changed something of Bailiff's own stack.
    TouchedBailiff,
    /// It was made, or given a way in, by somebody in quarantine.
    MadeBySuspended,
    /// It took off what Bailiff had put on a suspended principal.
    LiftedQuarantine,
    /// It put the tag of whoever is in quarantine on somebody who is in none.
    SetQuarantineTag,
    /// A person ordered its suspension.
    SuspendedByOrder,
    /// It called IAM with parameters so large that CloudTrail left them out.
    HidParameters,
    /// It changed which of the organisation's policies hold where.
    LoosenedOrganization,
}

impl Sign {
    /// How much the thing lies open by it, from 0 to 3.
    pub fn exposure(self) -> Grade {
        match self {
            Self::KeyExposed
            | Self::OpenedTrust
            | Self::OpenedFederation
            | Self::MadeBySuspended
            | Self::SuspendedByOrder => Grade::Three,
            Self::GrantedAdmin
            | Self::KeyMadeByAnother
            | Self::MadeKeyForAnother
            | Self::PasswordMadeByAnother
            | Self::MadePasswordForAnother
            | Self::AssumedRoot
            | Self::BlindedWatch
            | Self::TouchedBailiff
            | Self::MadeLongSession
            | Self::LiftedQuarantine
            | Self::HidParameters
            | Self::LoosenedOrganization => Grade::Two,
            Self::Detected
            | Self::RemovedBoundary
            | Self::SwitchedPolicyVersion
            | Self::TamperedWithMfa
            | Self::RootUsed
            | Self::SetQuarantineTag
            | Self::LeftOrganization => Grade::One,
            Self::DeniedAgainAndAgain | Self::TriedDisabledKey | Self::RootTask => Grade::None,
        }
    }

    /// How far from everyday work it is, from 0 to 3. What a detector found has a severity of its own.
    pub fn anomaly(self) -> Grade {
        match self {
            Self::KeyExposed
            | Self::BlindedWatch
            | Self::TouchedBailiff
            | Self::LeftOrganization
            | Self::AssumedRoot
            | Self::MadeBySuspended
            | Self::SuspendedByOrder
            | Self::HidParameters => Grade::Three,
            Self::Detected
            | Self::KeyMadeByAnother
            | Self::MadeKeyForAnother
            | Self::PasswordMadeByAnother
            | Self::MadePasswordForAnother
            | Self::OpenedTrust
            | Self::OpenedFederation
            | Self::GrantedAdmin
            | Self::TamperedWithMfa
            | Self::RootUsed
            | Self::LiftedQuarantine
            | Self::SetQuarantineTag
            | Self::MadeLongSession
            | Self::LoosenedOrganization => Grade::Two,
            Self::RemovedBoundary
            | Self::SwitchedPolicyVersion
            | Self::DeniedAgainAndAgain
            | Self::TriedDisabledKey
            | Self::RootTask => Grade::One,
        }
    }

    /// What counts as one with it: who makes accounts for new people makes keys and passwords alike.
    #[must_use]
    pub fn kind(self) -> Self {
        match self {
            Self::MadePasswordForAnother => Self::MadeKeyForAnother,
            other => other,
        }
    }

    /// How sure it is that this is no ordinary work, as a percentage, seen by this source.
    pub fn confidence(self, source: Source) -> u8 {
        match (self, source) {
            // AWS read the key in public itself; a person answers for an order.
            (Self::KeyExposed, Source::Health) | (_, Source::Order) => 100,
            (Self::KeyExposed, _) => 95,
            // Events come late, so most of what somebody in quarantine made is from before, and may be their work: people
            // look, and nobody is suspended by default.
            (Self::MadeBySuspended, _) => 55,
            (_, Source::GuardDuty) => 90,
            // CloudTrail tells exactly what was done, and nothing of why.
            (_, Source::CloudTrail) => 75,
            (_, Source::Macie | Source::SecurityHub) => 70,
            (_, Source::AccessAnalyzer | Source::Config | Source::Health | Source::TrustedAdvisor) => 60,
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyExposed => "an access key was found in public",
            Self::Detected => "it behaves as an attacker would",
            Self::KeyMadeByAnother => "its access key was made by somebody else",
            Self::MadeKeyForAnother => "it made an access key for somebody else",
            Self::PasswordMadeByAnother => "its console password was set by somebody else",
            Self::MadePasswordForAnother => "it set the console password of somebody else",
            Self::GrantedAdmin => "it made somebody an administrator",
            Self::OpenedTrust => "it let somebody outside assume a role",
            Self::RemovedBoundary => "it took a permissions boundary off",
            Self::SwitchedPolicyVersion => "it put another version of a policy in force",
            Self::TamperedWithMfa => "it changed the MFA devices of somebody else",
            Self::OpenedFederation => "it opened a way in from outside the account",
            Self::MadeLongSession => "it made a session that outlives its credentials",
            Self::DeniedAgainAndAgain => "AWS refused its calls again and again",
            Self::TriedDisabledKey => "somebody tried an access key that is switched off",
            Self::RootTask => "the root user did what only it can do",
            Self::RootUsed => "the root user did what others could have done",
            Self::AssumedRoot => "the root user of a member account was assumed",
            Self::LeftOrganization => "the account was about to leave its organisation",
            Self::BlindedWatch => "it changed what records or watches the account",
            Self::TouchedBailiff => "it changed something of Bailiff's own",
            Self::MadeBySuspended => "somebody in quarantine made it, or gave it a way in",
            Self::LiftedQuarantine => "it took a quarantine off",
            Self::SuspendedByOrder => "a person ordered its suspension",
            Self::SetQuarantineTag => "it set the tag of whoever is in quarantine, which is Bailiff's to set",
            Self::HidParameters => "it called IAM with parameters too large for CloudTrail to show",
            Self::LoosenedOrganization => "it changed the organisation's policies, or whom they bind",
        })
    }
}
