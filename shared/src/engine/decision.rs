use jiff::Timestamp;
use serde::Serialize;

use super::{Answered, Heard, LeftOpen, Matter, OpenEntry, Summary};
use crate::facts::{ResourceIdentity, Unread};
use crate::governance::{Contact, Exemption};
use crate::remedy::{Approver, Entry, ProtectedReason, Refusal, Remediator};
use crate::rules::RuleId;
use crate::threat::{Source, Threat};

/// Something decided, for the log and for people. Serialised it holds no secret: key ids are masked, policy
/// texts left out.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Decision {
    /// A rule judged a resource. Without the exemptions at these places of the governance file more would be found.
    Judged { rule: RuleId, resource: ResourceIdentity, judged: Judged, exemptions: Vec<usize> },
    /// A finding was sent to a remediator.
    Sent { rule: RuleId, resource: ResourceIdentity, to: Remediator },
    /// The copy of a finding could not be put on the bus; the finding itself was sent.
    NotAnnounced { rule: RuleId, resource: ResourceIdentity, why: String },
    /// A remediator came to an outcome.
    Remediated { outcome: Box<Outcome> },
    /// A notice could not be sent; the entry stands.
    NotNotified { entry: String, why: String },
    /// Somebody was told of an entry, or of an exemption's end.
    Told { key: String, to: Contact, because: String },
    /// Somebody is told of an entry in the next digest.
    PutOff { key: String, to: Contact },
    /// Somebody could not be told of an entry, or of an exemption's end; the fallback is, in their place.
    NotTold { key: String, to: Contact, why: String },
    /// Who puts back what Bailiff changed again and again, or why that is not known.
    PutBack { key: String, resource: ResourceIdentity, by: Vec<String> },
    /// What only saves work could not be read or kept, as what a sweep learnt of keys: it is done again.
    NotRemembered { why: String },
    /// The exemptions that are about to lapse, and those that have lapsed of late, once a sweep.
    Exemptions { lapsing: Vec<Exemption>, lapsed: Vec<Exemption>, at: Timestamp },
    /// A limit was reached, and everything stopped until a person has looked.
    Tripped { limit: String, most: u32, rule: RuleId, resource: ResourceIdentity },
    /// A person answered to a plan that waits for approval.
    Answered { by: Approver, about: Matter, resource: ResourceIdentity, reason: String, answered: Answered },
    /// A threat was reported; it is new, or was written down before.
    Threatened { resource: ResourceIdentity, threat: Threat, new: bool },
    /// People are not paged with this, for the same caller has had them paged often within the hour: so many such calls were
    /// counted in it, and so many pages were sent.
    NotPaged { threat: Threat, calls: u32, paged: u32 },
    /// Nobody is denied everything for an event before they were looked at; whoever looks goes on.
    NotFirst { source: Source, id: String, why: String },
    /// An event leads to nothing.
    Ignored { source: Source, id: String, why: String },
    /// A directory was heard: by an event of one person, or by the list of all.
    Heard { heard: Heard, source: String, by_list: bool },
    /// A full list of people was not believed: none of it counts, and people were told.
    ListRefused { source: String, why: String },
    /// What a sweep found that workers had left open, and the oldest of it.
    LeftOpen { left: LeftOpen, oldest: Option<OpenEntry> },
    /// What the journal lists as open could not be read.
    NotListed { why: String },
    /// A sweep has come to its end, and whether everything is stopped, or cannot be told not to be.
    Swept { stopped: Option<String> },
    /// An evaluator is done.
    Evaluated { summary: Summary },
}

/// A rule's verdict with all that governance adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Judged {
    /// It keeps the rule.
    Compliant,
    /// It breaks the rule.
    NonCompliant { annotation: String },
    /// It breaks the rule and an exemption stands.
    Exempt { annotation: String, ticket: String, until: String },
    /// The rule is not about it, is off, or it is gone.
    NotApplicable { why: String },
    /// A fact is unknown.
    Unknown { unread: Unread },
}

/// What came of a finding or an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
#[expect(clippy::large_enum_variant, reason = "made once a remediation")]
pub enum Outcome {
    /// Nothing had to be done.
    NothingToDo { rule: Option<RuleId>, resource: ResourceIdentity, why: String },
    /// An entry tells: planned, carried out, refused or unknown.
    Journaled { entry: Entry, novelty: Novelty },
}

/// What is new about a journal entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Novelty {
    /// All of it: it was written down just now.
    Fresh,
    /// Its end: a worker that died had left it open, and it was finished or given up just now.
    Resumed,
    /// Nothing: the journal had it already.
    Repeated,
}

impl Novelty {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Resumed => "resumed",
            Self::Repeated => "repeated",
        }
    }
}

impl Outcome {
    /// The entry, where there is one.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Journaled { entry, .. } => Some(entry),
            Self::NothingToDo { .. } => None,
        }
    }

    /// The guard that refused, if one did.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.entry().and_then(|entry| entry.refusal.as_ref())
    }

    /// Why the principal is protected, if that is why nothing was done.
    pub fn protected(&self) -> Option<&ProtectedReason> {
        match self.refusal() {
            Some(Refusal::Protected { reason }) => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_one_word_in_the_log_and_in_json() {
        for (novelty, word) in
            [(Novelty::Fresh, "fresh"), (Novelty::Resumed, "resumed"), (Novelty::Repeated, "repeated")]
        {
            assert_eq!(novelty.as_str(), word);
            assert_eq!(serde_json::to_string(&novelty).unwrap(), format!("\"{word}\""));
        }
    }
}
