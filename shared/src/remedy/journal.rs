use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Aftermath, KnownKey, Plan, Refusal, Remediator, Step, denies_everything, plan::hexadecimal};
use crate::facts::Unread;
use crate::governance::Mode;
use crate::rules::{Meta, RuleId, find};

/// Version of the journal's shape; an entry of a newer one is refused, never guessed at.
///
/// | version | what came with it |
/// |---|---|
/// | 1 | entries |
/// | 2 | the chain: an entry has a record of its opening and of every change since |
pub const SCHEMA: u32 = 2;

/// From this version on an entry is chained from its opening on. One of an earlier version is finished where a worker
/// left it open, and is not undone.
pub const CHAINED_SINCE: u32 = 2;

/// Names a journal entry: letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JournalId(String);

impl JournalId {
    /// For a plan of which only one entry is kept for the same `salt`, however often it is made.
    pub fn of_plan(salt: &str, plan: &Plan) -> Self {
        Self(format!("plan-{}", digest(salt, plan)))
    }

    /// For a plan that is carried out now; the time keeps it apart from the same plan on another day.
    pub fn of_act(cause: &Cause, plan: &Plan, at: Timestamp) -> Self {
        let time = at.strftime("%Y%m%dt%H%M%S").to_string();
        Self(format!("{time}-{}", digest(&format!("{cause} {at}"), plan)))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digest(salt: &str, plan: &Plan) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(plan.fingerprint().as_bytes());
    hexadecimal(hash.finalize().get(..6).unwrap_or_default())
}

impl TryFrom<String> for JournalId {
    type Error = JournalIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if well_formed {
            Ok(Self(text))
        } else {
            Err(JournalIdError { text: text.chars().take(64).collect() })
        }
    }
}

impl From<JournalId> for String {
    fn from(id: JournalId) -> Self {
        id.0
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no journal id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a journal id; they look like `20261122t090000-1a2b3c4d5e6f`")]
pub struct JournalIdError {
    text: String,
}

/// What set a remediation off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Cause {
    /// A rule found broken.
    Rule { rule: RuleId, annotation: String },
    /// A person's order, and which threat it answers, where it says so.
    Order {
        requested_by: String,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        threat: Option<String>,
    },
    /// The undoing of an earlier entry.
    Undo { of: JournalId, requested_by: String, reason: String },
}

impl Cause {
    /// Whether it answers what somebody saw: by a rule about threats, or by an order that names one. A rule that is not
    /// known here may have been one.
    pub fn answers_threat(&self) -> bool {
        match self {
            Self::Rule { rule, .. } => find(*rule).is_none_or(|entry| entry.meta.answers_threats()),
            Self::Order { threat, .. } => threat.is_some(),
            Self::Undo { .. } => false,
        }
    }

    /// Whether it answers that a key is known to somebody else.
    pub fn is_about_known_keys(&self) -> bool {
        let keys =
            |meta: &Meta| meta.answers_threats() && meta.remediator == Some(Remediator::DeactivateAccessKeys);
        matches!(self, Self::Rule { rule, .. } if find(*rule).is_some_and(|entry| keys(&entry.meta)))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { rule, .. } => write!(f, "rule {rule}"),
            Self::Order { requested_by, .. } => write!(f, "order of {requested_by}"),
            Self::Undo { of, requested_by, .. } => write!(f, "undo of {of} by {requested_by}"),
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Planned and not to be carried out: the mode is `audit` or `notify`.
    Planned,
    /// Written down and being carried out.
    Open,
    /// Every step took, and was read back.
    Verified,
    /// A step was refused by AWS.
    Failed,
    /// A guard refused.
    Refused,
    /// Whether a step took could not be read, or it has not shown so far.
    Unknown,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        })
    }
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum StepResult {
    /// Done and read back.
    Verified,
    /// The state was there already; nothing was written and nothing will be undone.
    AlreadyDone,
    /// A guard refused it.
    Refused { refusal: Refusal },
    /// AWS refused the write; perhaps because a quota is used up.
    Failed {
        why: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_quota: bool,
    },
    /// Written, or maybe written; the reading back told nothing, or shows it undone so far.
    Unknown { why: String },
}

/// A step with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepOutcome {
    /// Its place in the plan, from 0.
    pub index: usize,
    /// When it ended.
    pub at: Timestamp,
    /// What came of it.
    #[serde(flatten)]
    pub result: StepResult,
}

impl StepOutcome {
    /// When AWS refused it, if it did.
    pub fn refused_at(&self) -> Option<Timestamp> {
        matches!(self.result, StepResult::Failed { .. }).then_some(self.at)
    }
}

/// A journal entry: why, what, on whom, with the exact prior state inside the plan's steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// [`SCHEMA`] at the time of writing.
    pub schema: u32,
    /// Its name.
    pub id: JournalId,
    /// What set it off.
    pub cause: Cause,
    /// The function that carries it out.
    pub remediator: Remediator,
    /// The rule's mode then.
    pub mode: Mode,
    /// What is to be done; each step holds what its undo needs.
    pub plan: Plan,
    /// Where it stands.
    pub status: Status,
    /// The guard that refused, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Step by step.
    #[serde(default)]
    pub outcomes: Vec<StepOutcome>,
    /// The step, by its place in the plan, that was about to be written when the entry was last updated: it may have
    /// been. No step that was never attempted counts as ours, whatever the live state shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempting: Option<usize>,
    /// What could not be read when it was planned: done in full, it is less than was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// When it was written down, before anything was done.
    pub opened: Timestamp,
    /// When its progress was last written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The entry that undid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<JournalId>,
    /// What cannot come back, said at the time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// What of whom it suspends, or whose suspension it lifts, lives on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aftermath: Option<Aftermath>,
    /// Access keys of whom it is about that somebody else may know, as far as was known when it was opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_keys: Vec<KnownKey>,
    /// Why others may hold credentials of whom it is about beside its access keys, as far as was known then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_by_another: Vec<String>,
}

impl Entry {
    /// Steps that were written, or may have been: those an undo is about.
    pub fn written(&self) -> impl Iterator<Item = &Step> {
        let ended = self.outcomes.iter().filter_map(|outcome| match outcome.result {
            StepResult::Verified | StepResult::Unknown { .. } => Some(outcome.index),
            StepResult::AlreadyDone | StepResult::Refused { .. } | StepResult::Failed { .. } => None,
        });
        ended.chain(self.attempted()).filter_map(|index| self.plan.steps.get(index))
    }

    /// The step that was to deny everything, and that AWS refused because a quota is used up.
    pub fn deny_over_quota(&self) -> Option<&Step> {
        let met =
            |outcome: &&StepOutcome| matches!(outcome.result, StepResult::Failed { by_quota: true, .. });
        let steps = self.outcomes.iter().filter(met).filter_map(|outcome| self.plan.steps.get(outcome.index));
        steps.into_iter().find(|step| denies_everything(step))
    }

    /// Whether it is a first deny, which a suspension follows.
    pub fn denies_first(&self) -> bool {
        !self.plan.steps.is_empty() && self.plan.steps.iter().all(Step::denies_first)
    }

    /// Whether it ended with some of its changes made, or maybe made.
    pub fn has_acted(&self) -> bool {
        self.is_closed() && self.written().next().is_some()
    }

    /// The same, and not with all of them read back.
    pub fn is_partial(&self) -> bool {
        self.has_acted() && self.status != Status::Verified
    }

    /// The step that was attempted and of which no outcome is known.
    pub fn attempted(&self) -> Option<usize> {
        self.attempting.filter(|index| self.is_outstanding(*index))
    }

    /// Steps, by their places in the plan, of which no outcome is known.
    pub fn outstanding(&self) -> Vec<usize> {
        (0..self.plan.steps.len()).filter(|index| self.is_outstanding(*index)).collect()
    }

    fn is_outstanding(&self, index: usize) -> bool {
        self.outcomes.iter().all(|outcome| outcome.index != index)
    }

    /// When somebody was last seen at it.
    pub fn touched(&self) -> Timestamp {
        self.updated.unwrap_or(self.opened)
    }

    /// When it was last written down but for its having been undone. Whoever writes it again says which writing they had
    /// read, so that nobody writes over what they have not.
    pub fn written_at(&self) -> Timestamp {
        self.closed.unwrap_or_else(|| self.touched())
    }

    /// Whether nothing more will be done under it.
    pub fn is_closed(&self) -> bool {
        self.status != Status::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Read;
    use crate::facts::fixture::{alice, arn, days, key_id, now, throttled};
    use crate::identifier::PolicyName;
    use crate::policy::PolicyDocument;
    use crate::remedy::{ProtectedReason, Warning, undo};

    fn cause() -> Cause {
        let rule = RuleId::parse("user-unused").unwrap();
        Cause::Rule { rule, annotation: "none of its 3 credentials used".to_owned() }
    }

    fn plan() -> Plan {
        let user = || alice().identity;
        let steps = vec![
            Step::PutUserPolicy {
                user: user(),
                policy: PolicyName::parse("BailiffQuarantine").unwrap(),
                document: PolicyDocument::new("{ \"Version\": \"2012-10-17\" }"),
            },
            Step::DeactivateAccessKey { user: user(), key: key_id('A') },
            Step::DeactivateAccessKey { user: user(), key: key_id('B') },
            Step::DetachUserPolicy { user: user(), policy: arn("arn:aws:iam::aws:policy/ReadOnlyAccess") },
            Step::DeleteLoginProfile { user: user() },
        ];
        Plan::new(user(), steps, vec!["one thing".to_owned()]).unwrap()
    }

    fn entry() -> Entry {
        let outcome = |index, result| StepOutcome { index, at: now(), result };
        let refusal = Refusal::UnknownFact { unread: throttled(Read::ListAttachedUserPolicies) };
        Entry {
            schema: SCHEMA,
            id: JournalId::of_act(&cause(), &plan(), now()),
            cause: cause(),
            remediator: Remediator::SuspendPrincipal,
            mode: Mode::Enforce,
            plan: plan(),
            status: Status::Failed,
            refusal: Some(Refusal::Exempt { ticket: "SEC-1".to_owned(), until: "2027-01-01".to_owned() }),
            outcomes: vec![
                outcome(0, StepResult::Verified),
                outcome(1, StepResult::AlreadyDone),
                outcome(2, StepResult::Unknown { why: "read back throttled".to_owned() }),
                outcome(3, StepResult::Refused { refusal }),
                outcome(4, StepResult::Failed { why: "AccessDenied".to_owned(), by_quota: false }),
            ],
            attempting: None,
            unread: Vec::new(),
            opened: now(),
            updated: None,
            closed: Some(now() + days(1)),
            undone_by: Some(JournalId::try_from("20261123t090000-0123456789ab".to_owned()).unwrap()),
            lost: vec!["the console password".to_owned()],
            aftermath: None,
            known_keys: Vec::new(),
            made_by_another: Vec::new(),
        }
    }

    #[test]
    fn an_entry_comes_back_from_json_as_it_went() {
        let json = serde_json::to_string(&entry()).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry());
    }

    #[test]
    fn every_cause_status_and_refusal_comes_back_from_json_as_it_went() {
        let requested_by = || "arn:aws:iam::111122223333:role/admin".to_owned();
        let causes = [
            cause(),
            Cause::Order { requested_by: requested_by(), reason: "leaver".to_owned(), threat: None },
            Cause::Order {
                requested_by: requested_by(),
                reason: "intruder".to_owned(),
                threat: Some("GuardDuty 5ec1".to_owned()),
            },
            Cause::Undo { of: entry().id, requested_by: requested_by(), reason: "mistake".to_owned() },
        ];
        for cause in causes {
            let json = serde_json::to_string(&cause).unwrap();
            assert_eq!(serde_json::from_str::<Cause>(&json).unwrap(), cause, "{json}");
        }
        let statuses = [
            Status::Planned,
            Status::Open,
            Status::Verified,
            Status::Failed,
            Status::Refused,
            Status::Unknown,
        ];
        for status in statuses {
            let json = serde_json::to_value(status).unwrap();
            assert_eq!(json, serde_json::Value::from(status.to_string()));
            assert_eq!(serde_json::from_value::<Status>(json).unwrap(), status);
        }
        let refusals = [
            Refusal::Protected { reason: ProtectedReason::Root },
            Refusal::Protected { reason: ProtectedReason::Listed("break-glass".to_owned()) },
            Refusal::Managed { by: "a stack".to_owned() },
            Refusal::Exempt { ticket: "SEC-1".to_owned(), until: "2027-01-01".to_owned() },
            Refusal::Stopped { since: now(), by: "sam".to_owned(), reason: "freeze".to_owned() },
            Refusal::OutsideWindow { opens: Some(now()) },
            Refusal::LimitReached { limit: "actsPerHour".to_owned(), most: 3 },
            Refusal::ChangedTooOften { times: 3 },
            Refusal::Restored { by: entry().id, until: "2027-01-01".to_owned() },
            Refusal::Warned { warning: Warning::Final, acts_from: now() },
            Refusal::AwaitsApproval { needed: 2, plan: "0".repeat(64), expires: now() },
            Refusal::UnknownFact { unread: throttled(Read::GetUser) },
            Refusal::Replaced { expected: "AIDA1".to_owned(), found: "AIDA2".to_owned() },
            Refusal::Gone,
            Refusal::StateChanged { what: "a key".to_owned() },
            Refusal::OutsideRemit { step: "a step".to_owned(), remediator: Remediator::Restore },
            Refusal::NotCredible { what: "a policy".to_owned() },
            Refusal::NoLongerWanted { why: "it keeps the rule now".to_owned() },
            Refusal::NotDenied { deny: "a step".to_owned() },
            Refusal::LeftToPeople { what: vec!["a key".to_owned()] },
        ];
        for refusal in refusals {
            let json = serde_json::to_string(&refusal).unwrap();
            assert_eq!(serde_json::from_str::<Refusal>(&json).unwrap(), refusal, "{json}");
            assert!(json.starts_with(&format!(r#"{{"guard":"{}""#, refusal.guard())), "{json}");
        }
    }

    #[test]
    fn the_shape_of_an_entry_in_json_is_fixed() {
        let mut entry = entry();
        entry.plan.steps.truncate(2);
        insta::assert_json_snapshot!(entry, @r#"
        {
          "schema": 2,
          "id": "20261122t090000-94762d06ee92",
          "cause": {
            "kind": "rule",
            "rule": "user-unused",
            "annotation": "none of its 3 credentials used"
          },
          "remediator": "suspend-principal",
          "mode": "enforce",
          "plan": {
            "resource": {
              "type": "user",
              "account": "111122223333",
              "name": "alice",
              "uniqueId": "AIDAEXAMPLEEXAMPLE001",
              "arn": "arn:aws:iam::111122223333:user/alice"
            },
            "steps": [
              {
                "do": "PutUserPolicy",
                "user": {
                  "account": "111122223333",
                  "name": "alice",
                  "uniqueId": "AIDAEXAMPLEEXAMPLE001",
                  "arn": "arn:aws:iam::111122223333:user/alice"
                },
                "policy": "BailiffQuarantine",
                "document": "{ \"Version\": \"2012-10-17\" }"
              },
              {
                "do": "DeactivateAccessKey",
                "user": {
                  "account": "111122223333",
                  "name": "alice",
                  "uniqueId": "AIDAEXAMPLEEXAMPLE001",
                  "arn": "arn:aws:iam::111122223333:user/alice"
                },
                "key": "AKIAEXAMPLEAAAAAAAAA"
              }
            ],
            "left": [
              "one thing"
            ]
          },
          "status": "failed",
          "refusal": {
            "guard": "exempt",
            "ticket": "SEC-1",
            "until": "2027-01-01"
          },
          "outcomes": [
            {
              "index": 0,
              "at": "2026-11-22T09:00:00Z",
              "result": "verified"
            },
            {
              "index": 1,
              "at": "2026-11-22T09:00:00Z",
              "result": "already-done"
            },
            {
              "index": 2,
              "at": "2026-11-22T09:00:00Z",
              "result": "unknown",
              "why": "read back throttled"
            },
            {
              "index": 3,
              "at": "2026-11-22T09:00:00Z",
              "result": "refused",
              "refusal": {
                "guard": "unknown-fact",
                "unread": {
                  "read": "ListAttachedUserPolicies",
                  "why": "throttled"
                }
              }
            },
            {
              "index": 4,
              "at": "2026-11-22T09:00:00Z",
              "result": "failed",
              "why": "AccessDenied"
            }
          ],
          "opened": "2026-11-22T09:00:00Z",
          "closed": "2026-11-23T09:00:00Z",
          "undoneBy": "20261123t090000-0123456789ab",
          "lost": [
            "the console password"
          ]
        }
        "#);
    }

    #[test]
    fn only_what_was_or_may_have_been_written_is_undone_last_first() {
        let undo = undo(&entry());
        let steps: Vec<String> = undo.plan.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            steps,
            [
                "activate access key …BBBB of user alice",
                "delete inline policy BailiffQuarantine from user alice"
            ]
        );
        assert_eq!(undo.plan.resource, plan().resource);
        assert!(undo.lost.is_empty(), "the password was never deleted");
    }

    #[test]
    fn what_was_attempted_and_nothing_is_known_of_is_undone_first_and_with_less_certainty() {
        let mut entry = Entry { attempting: Some(2), ..entry() };
        // Its outcome is known: it is no attempt any more.
        assert_eq!(entry.attempted(), None);
        entry.outcomes.truncate(2);
        assert_eq!((entry.attempted(), entry.outstanding()), (Some(2), vec![2, 3, 4]));
        let undo = undo(&entry);
        let steps: Vec<String> = undo.plan.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            steps,
            [
                "activate access key …BBBB of user alice",
                "delete inline policy BailiffQuarantine from user alice"
            ]
        );
        assert_eq!(undo.uncertain, undo.plan.steps[..1]);
        assert_eq!(entry.written().count(), 2);
    }

    #[test]
    fn an_entry_of_before_there_were_attempts_is_read() {
        let mut json = serde_json::to_value(entry()).unwrap();
        let fields = json.as_object_mut().unwrap();
        assert!(["attempting", "unread", "updated"].iter().all(|field| !fields.contains_key(*field)));
        fields.insert("attempting".to_owned(), 3.into());
        let read: Entry = serde_json::from_value(json).unwrap();
        assert_eq!((read.attempting, read.touched()), (Some(3), now()));
    }

    #[test]
    fn what_cannot_come_back_is_said() {
        let outcomes = vec![StepOutcome { index: 4, at: now(), result: StepResult::Verified }];
        let undo = undo(&Entry { outcomes, ..entry() });
        assert_eq!(undo.plan.steps, []);
        assert_eq!(undo.lost.len(), 1);
    }

    #[test]
    fn an_id_tells_the_moment_and_the_plan_apart() {
        let act = |at| JournalId::of_act(&cause(), &plan(), at);
        assert!(act(now()).as_str().starts_with("20261122t090000-"));
        assert_eq!(act(now()), act(now()));
        assert_ne!(act(now()), act(now() + jiff::SignedDuration::from_millis(1)));
        let mut other = plan();
        other.steps.truncate(1);
        assert_ne!(act(now()), JournalId::of_act(&cause(), &other, now()));
        assert_eq!(JournalId::of_plan("salt", &plan()), JournalId::of_plan("salt", &plan()));
        assert_ne!(JournalId::of_plan("salt", &plan()), JournalId::of_plan("salt", &other));
        for id in [act(now()), JournalId::of_plan("salt", &plan())] {
            assert_eq!(JournalId::try_from(id.to_string()).unwrap(), id);
        }
    }

    #[test]
    fn an_entry_of_an_earlier_version_that_names_a_principal_is_read() {
        let json = serde_json::to_string(&plan()).unwrap();
        let earlier = json.replacen("\"resource\"", "\"principal\"", 1);
        assert_ne!(earlier, json);
        assert_eq!(serde_json::from_str::<Plan>(&earlier).unwrap(), plan());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for wrong in ["", "2026 1122", "A", "../x", "é", &"a".repeat(65)] {
            assert!(JournalId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_ended_short_of_its_plan_is_partial_only_where_something_may_have_been_written() {
        assert!(entry().is_partial());
        assert!(!Entry { status: Status::Verified, ..entry() }.is_partial());
        assert!(!Entry { outcomes: Vec::new(), ..entry() }.is_partial(), "nothing was written");
        assert!(!Entry { status: Status::Open, closed: None, ..entry() }.is_partial(), "it goes on");
    }
}
