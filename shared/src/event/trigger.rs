//! What tells of threats: the events of AWS's detectors and of CloudTrail, on `EventBridge`.

mod access_analyzer;
mod cloud_trail;
mod compliance_change;
mod envelope;
mod guard_duty;
mod health;
mod macie;
mod ours;
mod said;
#[cfg(test)]
mod samples;
mod security_hub;
mod suspect;
mod trusted_advisor;

use jiff::Timestamp;
use serde_json::Value;

use super::error::EventError;
use super::field::Field;
use super::word;
use crate::identifier::{AccessKeyId, AccountId, Arn, RoleName, UniqueId, UserName};
use crate::threat::{Grade, Risk, Sign, Source, Threat};
use envelope::Envelope;
use security_hub::Told;

pub use cloud_trail::PutBack;
pub use ours::Ours;
pub(crate) use said::said;

/// An event, and what it hints at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The id under which its source knows it: the same when it is told again.
    pub id: String,
    /// Who tells.
    pub source: Source,
    /// When it happened; of a finding, when it was last seen.
    pub at: Timestamp,
    /// The account it is about.
    pub account: AccountId,
    /// Its Region.
    pub region: String,
    /// What it hints at; nothing where `ignored` says why.
    pub hints: Vec<Hint>,
    /// Why it leads to nothing, if it does: a sample, archived, refused by AWS.
    pub ignored: Option<String>,
}

/// What an event hints at. Nothing of it is believed: the live state decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A sign of a threat, about a principal of the account.
    Threat {
        /// What was seen.
        sign: Sign,
        /// Whom it speaks against.
        about: Suspect,
        /// The access key it is about, if it is about one.
        key: Option<AccessKeyId>,
        /// Who did it, where that is somebody else.
        by: Option<String>,
        /// How bad the detector finds it, where a detector grades.
        severity: Option<Grade>,
        /// What was seen, in one line fit to be shown.
        said: String,
    },
    /// A user or role was made, or given a way in. It counts where the maker is in quarantine.
    Made {
        /// Who was made.
        about: Suspect,
        /// Who made it.
        by: Suspect,
        /// What was seen, in one line fit to be shown.
        said: String,
    },
    /// The tag of whoever is in quarantine was set or taken off by somebody else than Bailiff. AWS says yes whether or not it
    /// was there, so anybody may be named: whether it counts the live state of whom it is on tells.
    Mark {
        /// Whose tag it is.
        of: Suspect,
        /// What was done to it.
        touch: MarkTouch,
        /// What it hints at where it counts.
        then: Box<Hint>,
    },
    /// A permissions boundary was put or deleted by somebody else than Bailiff, which suspends by one where nothing else has
    /// room. Which one was there before the event does not say: the live state of whom it is on tells.
    Boundary {
        /// Whose boundary it is.
        of: Suspect,
        /// What it hints at where the one before denied everything.
        then: Box<Hint>,
        /// What it hints at where not.
        otherwise: Option<Box<Hint>>,
    },
    /// Somebody was given a policy of the customer's own, or put into a group. What that comes to the event does not say:
    /// it counts where what was given makes an administrator as it is now.
    Granted {
        /// The policy or group.
        what: Suspect,
        /// What it hints at where it counts.
        then: Box<Hint>,
    },
    /// Something about it changed: every rule about it is judged at once.
    Changed {
        /// What changed.
        about: Suspect,
    },
    /// Another's rule finds it broken: ours that stands for that one is judged at once.
    Broken {
        /// The identifier of an AWS managed Config rule, such as `ACCESS_KEYS_ROTATED`, or a control of Security Hub,
        /// such as `SecurityHub:IAM.3`.
        standard: String,
        /// What it is about.
        about: Suspect,
    },
    /// Something that no change to a principal mends: people are told.
    Page {
        /// What was seen.
        sign: Sign,
        /// What was seen, in one line fit to be shown.
        said: String,
    },
}

/// What somebody does to the tag of whoever is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkTouch {
    /// It is set: it counts on whoever is in no quarantine, whom people then cannot change any more.
    Set,
    /// It is taken off: it counts on whoever is in quarantine.
    TakenOff,
}

/// Whom an event speaks of. It may be wrong, old or forged: who it is is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspect {
    /// A user.
    User {
        /// Its name.
        name: UserName,
        /// Its unique id, where the event has it: nobody else of the name is meant.
        unique_id: Option<UniqueId>,
    },
    /// A role, or a session of it.
    Role {
        /// Its name.
        name: RoleName,
        /// Its unique id, where the event has it.
        unique_id: Option<UniqueId>,
    },
    /// Whoever has the access key.
    HolderOf(AccessKeyId),
    /// A resource by its ARN: a user, role, group, policy or identity provider; the account by that of its root user.
    /// Where an event has but a name, the path is missing from it.
    Arn(Arn),
    /// A user, role, group or policy of which nothing but its unique id is told.
    UniqueId(UniqueId),
}

/// What [`Trigger::parse`] takes.
const EXPECTED: &str = "an event of CloudTrail, GuardDuty, Macie, IAM Access Analyzer, Security Hub, AWS Health, \
                        Trusted Advisor or AWS Config's rules";

impl Trigger {
    /// Why it leads to nothing for whoever governs an account, if it does.
    pub(crate) fn leads_to_nothing(&self, governed: &AccountId) -> Option<String> {
        if self.account == *governed {
            return self.ignored.clone();
        }
        Some(format!("it is about account {}, and this deployment governs {governed}", self.account))
    }

    /// What is written down of a sign, of somebody of this tier.
    pub(crate) fn report(&self, sign: Sign, said: String, tier: Grade, heard: Timestamp) -> Threat {
        let risk = Risk::of(sign, self.source, tier);
        // Nothing is seen before it happens: what is dated ahead would else be answered for ever.
        let at = self.at.min(heard);
        let (id, source) = (self.id.clone(), self.source);
        Threat { id, source, sign, at, heard, key: None, by: None, said, risk }
    }

    /// Reads an event of `EventBridge`. One event may hold several findings, or be about several keys.
    pub fn parse(payload: &Value, ours: &Ours) -> Result<Vec<Self>, EventError> {
        let event = Field::at("", payload);
        let (source, detail_type) = (event.get("source")?, event.get("detail-type")?);
        let envelope = || Envelope::read(&event);
        let alone = |trigger| vec![trigger];
        match (source.text().unwrap_or_default(), detail_type.text().unwrap_or_default()) {
            // Whoever may put events cannot put any under a source of AWS's.
            (source, detail_type)
                if source.starts_with("aws.") && cloud_trail::TOLD.contains(&detail_type) =>
            {
                cloud_trail::read(&envelope()?, ours).map(alone)
            }
            ("aws.access-analyzer", detail_type)
                if let Some(kind) = access_analyzer::Kind::of(detail_type) =>
            {
                access_analyzer::read(&envelope()?, kind).map(alone)
            }
            ("aws.config", "Config Rules Compliance Change") => {
                compliance_change::read(&envelope()?).map(alone)
            }
            ("aws.guardduty", "GuardDuty Finding") => guard_duty::read(&envelope()?).map(alone),
            ("aws.health", "AWS Health Event") => health::read(&envelope()?),
            ("aws.macie", "Macie Finding") => macie::read(&envelope()?).map(alone),
            ("aws.macie", "Macie Alert") => macie::read_classic(&envelope()?).map(alone),
            ("aws.securityhub", "Security Hub Findings - Imported") => {
                security_hub::read(&envelope()?, Told::ByItself)
            }
            ("aws.securityhub", "Security Hub Findings - Custom Action") => {
                security_hub::read(&envelope()?, Told::BySomebody)
            }
            ("aws.securityhub", "Findings Imported V2") => security_hub::read_ocsf(&envelope()?),
            ("aws.trustedadvisor", "Trusted Advisor Check Item Refresh Notification") => {
                trusted_advisor::read(&envelope()?).map(alone)
            }
            _ => Err(EventError::UnsupportedEvent {
                source_name: word(&source),
                detail_type: word(&detail_type),
                expected: EXPECTED,
            }),
        }
    }
}
