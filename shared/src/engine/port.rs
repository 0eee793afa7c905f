//! What the engine needs of the world. `aws` implements these on the SDK, `sim` in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Decision, Evaluation, Finding, Obstacles};
use crate::clocks;
use crate::directory::LastFile;
use crate::event::{ConfigurationItem, ItemSummary, ResultToken};
use crate::facts::{
    Account, AccountIdentity, AllSwitchedOffKeys, AwsManagedPolicy, Departure, Departures, Fact, KeyMemory,
    Need, OtherCredential, Read, Resource, ResourceIdentity, SwitchedOff, Unread, User, WhyUnread,
};
use crate::identifier::{AccessKeyId, Arn, GroupName, IdentifierError, RoleName, UniqueId, UserName};
use crate::remedy::chain::Doubt;
use crate::remedy::{Entry, JournalId, Remediator, Step};
use crate::rules::{ResourceType, RuleId};
use crate::threat::{Sign, Threat, Threats};

/// The name by which IAM finds a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ResourceName {
    /// A user.
    User(UserName),
    /// A role.
    Role(RoleName),
    /// A group.
    Group(GroupName),
    /// A policy that the customer manages; IAM asks for its ARN.
    Policy(Arn),
    /// The account itself, which need not be found.
    Account(AccountIdentity),
    /// What is only ever listed: a server certificate or an identity provider.
    Listed(Arn),
}

impl ResourceName {
    /// The user or role an ARN names.
    pub fn of_principal(arn: &Arn) -> Result<Self, IdentifierError> {
        if arn.resource().starts_with("role/") {
            RoleName::parse(arn.name()).map(Self::Role)
        } else {
            UserName::parse(arn.name()).map(Self::User)
        }
    }

    /// The name of a known resource.
    pub fn of(resource: &ResourceIdentity) -> Self {
        match resource {
            ResourceIdentity::User(user) => Self::User(user.name.clone()),
            ResourceIdentity::Role(role) => Self::Role(role.name.clone()),
            ResourceIdentity::Group(group) => Self::Group(group.name.clone()),
            ResourceIdentity::Policy(policy) => Self::Policy(policy.arn.clone()),
            ResourceIdentity::Account(account) => Self::Account(account.clone()),
            ResourceIdentity::ServerCertificate(_)
            | ResourceIdentity::SamlProvider(_)
            | ResourceIdentity::OidcProvider(_) => Self::Listed(resource.arn().clone()),
        }
    }
}

/// Reads of single resources.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ReadIam {
    /// The resource itself by `GetUser`, `GetRole`, `GetGroup` or `GetPolicy`, other facts unread; `None` where there
    /// is none.
    async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread>;

    /// Reads the needed facts of a resource that was found. A read that fails leaves its fact unknown.
    async fn refresh(&self, resource: &mut Resource, needs: &BTreeSet<Need>);

    /// The resource with the needed facts. Whoever can reads them at the same time: a name is all it takes.
    async fn read(&self, name: &ResourceName, needs: &BTreeSet<Need>) -> Result<Option<Resource>, Unread> {
        let mut found = self.find(name).await?;
        if let Some(resource) = &mut found {
            self.refresh(resource, needs).await;
        }
        Ok(found)
    }
}

/// Bulk reads of the whole account.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ReadAccount: ReadIam {
    /// A page of the users, roles, groups and policies of these kinds with all that one bulk read tells of them;
    /// `marker` is the page before's.
    async fn resources(
        &self,
        kinds: &BTreeSet<ResourceType>,
        marker: Option<&str>,
    ) -> Result<Page<Resource>, Unread>;

    /// A page of the policies of AWS that the account uses, with their texts. That it gives more is no harm.
    async fn aws_managed_policies(&self, marker: Option<&str>) -> Result<Page<AwsManagedPolicy>, Unread>;

    /// All server certificates, SAML providers or OIDC providers, with their tags where these are needed. Tags that
    /// cannot be read are unknown.
    async fn others(&self, kind: ResourceType, needs: &BTreeSet<Need>) -> Result<Vec<Resource>, Unread>;

    /// Reads the needed facts of the account itself, apart from those that follow from its listing or its credential
    /// report. A read that fails leaves its fact unknown. `None` where there is no account to judge: an account file
    /// may tell of principals alone.
    async fn account(&self, account: Account, needs: &BTreeSet<Need>) -> Option<Account>;

    /// How long a session of each role may last, in seconds: all that the listing of roles tells and
    /// [`Self::resources`] does not.
    async fn session_durations(&self) -> Result<BTreeMap<UniqueId, u32>, Unread>;

    /// The service-specific credentials of every user who has any.
    async fn all_service_specific_credentials(
        &self,
    ) -> Result<BTreeMap<UserName, Vec<OtherCredential>>, Unread>;

    /// The credential report's CSV; made first where there is none.
    async fn credential_report(&self) -> Fact<Vec<u8>>;
}

/// What sweeps remember of keys, so that they need not ask again. It only saves calls: without it a sweep comes
/// to the same verdicts.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait RememberKeys {
    /// What earlier sweeps have seen.
    async fn remembered(&self) -> Result<KeyMemory, PortError>;

    /// Keeps it for the next.
    async fn remember(&self, memory: &KeyMemory) -> Result<(), PortError>;
}

/// The access keys that Bailiff switched off: a sweep finds those that have been off for long.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait KeepSwitchedOffKeys {
    /// Remembers it; what was remembered of this key before no longer counts.
    async fn put_switched_off(
        &self,
        user: &UniqueId,
        key: &AccessKeyId,
        switched_off: &SwitchedOff,
    ) -> Result<(), PortError>;
}

/// The same, of every user at once.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ListSwitchedOffKeys {
    /// All that are remembered.
    async fn switched_off(&self) -> Result<AllSwitchedOffKeys, PortError>;
}

/// What is counted of a principal's calls within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountedCall {
    /// Those that AWS refused.
    Refused,
    /// Those of one sign that people would be paged with, of whoever called or of whom it was done to.
    Paged {
        /// What they are a sign of.
        sign: Sign,
        /// Whether the principal called, and was not whom it was done to.
        by_it: bool,
    },
}

/// How often a principal called within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// So often; no more are counted than matter.
    pub calls: u32,
    /// Whether it was judged for them to the end.
    pub judged: bool,
}

/// Writes down what was reported of a principal.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ReportThreat {
    /// Writes a threat down; whether it was new, or is told of a later time than before, or of the same as graver: a finding
    /// that goes on keeps its id. Told again, it is the same.
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError>;
}

/// What threats were reported of principals.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait KeepThreats: ReportThreat {
    /// Counts a call of a principal, by its id: told twice it is one. How many there were within that hour.
    async fn count_call(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        call: &str,
        at: Timestamp,
    ) -> Result<Counted, PortError>;

    /// Remembers that the principal was judged to the end for the calls of that hour.
    async fn judged_for(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        at: Timestamp,
    ) -> Result<(), PortError>;

    /// What was reported of one principal, the earliest first.
    async fn threats_of(&self, principal: &UniqueId) -> Result<Threats, PortError>;
}

/// The same, of everybody at once.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ListThreats {
    /// All that are kept, each principal's earliest first.
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError>;
}

/// Remembers from one sweep to the next who is an administrator or can become one: by groups, other roles and policies
/// that a look at one principal does not show.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait RememberAdministrators {
    /// All that a sweep found, in the place of what the one before did.
    async fn remember_administrators(&self, administrators: &BTreeSet<UniqueId>) -> Result<(), PortError>;

    /// What the one before did; nobody where none has told.
    async fn remembered_administrators(&self) -> Result<BTreeSet<UniqueId>, PortError>;
}

/// Knows whom the last sweep found to be an administrator.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait KnowAdministrators {
    /// Whether this is one. Where no sweep has told, nobody is.
    async fn is_administrator(&self, principal: &UniqueId) -> Result<bool, PortError>;
}

/// Who is meant by what is no name.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait FindHolder {
    /// The user whose access key this is; `None` where there is no such key in the account.
    async fn holder_of(&self, key: &AccessKeyId) -> Result<Option<UserName>, Unread>;

    /// Whoever has this unique id; `None` where nobody in the account has it. Somebody `made_by` then is waited for where the
    /// account was last listed before; without a time the last listing serves.
    async fn bearer_of(
        &self,
        unique_id: &UniqueId,
        made_by: Option<Timestamp>,
    ) -> Result<Option<ResourceName>, Unread>;
}

/// What the directory said of people, by their users.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ListDepartures {
    /// All that is kept.
    async fn departures(&self) -> Result<Departures, PortError>;
}

/// The same, and what is kept of the lists themselves. Every write is conditional.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait KeepDepartures: ListDepartures {
    /// Keeps it as the next revision, if what is kept is still the one that it was made from.
    async fn put_departure(&self, user: &UniqueId, departure: &Departure) -> Result<(), PortError>;

    /// The last lists.
    async fn last_file(&self) -> Result<LastFile, PortError>;

    /// Keeps it, unless a later run has.
    async fn put_last_file(&self, last: &LastFile, at: Timestamp) -> Result<(), PortError>;
}

/// The users of the account with their tags.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ListUsers {
    /// A page of them; `marker` is the page before's.
    async fn users(&self, marker: Option<&str>) -> Result<Page<User>, Unread>;
}

/// The full list of people, where it was left.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ReadDirectoryFile {
    /// The newest version of it.
    async fn directory_file(&self) -> Result<FetchedFile, FetchError>;
}

/// A list as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Where it was, and which version of it.
    pub source: String,
}

/// Why no list was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The deployment names none.
    #[error(
        "the deployment names no list; give the stack `DirectoryBucket` and `DirectoryKey`, or take the schedule away"
    )]
    NotNamed,
    /// It is not there.
    #[error("{source_name} is not there; see why nothing was exported")]
    Missing {
        /// Where it should be.
        source_name: String,
    },
    /// It is larger than is read.
    #[error("{source_name} holds {bytes} bytes, and at most {most} are read; see whether it is the list")]
    TooLarge {
        /// Where it is.
        source_name: String,
        /// How large it is, as far as was read.
        bytes: u64,
        /// How large it may be.
        most: u64,
    },
    /// It could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// People who look at once.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait PagePeople {
    /// Tells them, in words.
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError>;
}

/// A page of a listing. An empty page need not be the last.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next begins, if there is one.
    pub next: Option<String>,
}

/// AWS Config, as a rule's function uses it.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ConfigService {
    /// Reports at most 100 evaluations; gives back those Config did not take.
    async fn put_evaluations(
        &self,
        token: &ResultToken,
        evaluations: &[Evaluation],
    ) -> Result<Vec<Evaluation>, PortError>;

    /// The item an oversized notification sums up, as it was captured.
    async fn item_at(&self, summary: &ItemSummary) -> Result<Option<ConfigurationItem>, PortError>;

    /// A page of what the rule has reported so far, compliant and not.
    async fn reported(&self, rule_name: &str, next: Option<&str>) -> Result<Page<Reported>, PortError>;
}

/// A resource a rule has reported on before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// Config's resource type.
    pub resource_type: String,
    /// Config's resource id.
    pub resource_id: String,
}

/// Where findings go.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait SendFindings {
    /// Puts the finding on the remediator's queue, grouped by the principal's unique id.
    async fn send(&self, finding: &Finding, to: Remediator) -> Result<(), PortError>;
}

/// Where others hear of findings.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait AnnounceFindings {
    /// Puts a copy on the event bus, for whoever listens.
    async fn announce(&self, finding: &Finding) -> Result<(), PortError>;
}

/// The only way to change anything.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait WriteIam {
    /// Makes the step's one API call.
    async fn apply(&self, step: &Step) -> Result<(), WriteError>;
}

/// A write that did not surely succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The function's role may not.
    #[error("access denied: the function's role lacks `{action}` on it ({message})")]
    Denied {
        /// The missing action.
        action: &'static str,
        /// What AWS said.
        message: String,
    },
    /// A quota is used up, by whoever it is: in a moment it may not be.
    #[error("AWS refused: {0}")]
    QuotaUsedUp(String),
    /// AWS refused for another reason, such as a protected entity.
    #[error("AWS refused: {0}")]
    Refused(String),
    /// No answer, or a failure on AWS's side: it may have been done all the same.
    #[error("no certain answer: {0}")]
    Uncertain(String),
}

/// The journal, and what of it must hold across workers. Every write is conditional, and every write of an entry appends
/// a record of it to the journal's chain, both or neither.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Journal {
    /// Writes a new entry. An open one takes the principal: only one entry of a principal is open at a time.
    async fn open(&self, entry: &Entry) -> Result<Opened, PortError>;

    /// Writes an entry's progress; closing it frees the principal. It is an error where somebody has written it since
    /// `since`, when whoever writes it now had read or written it: [`Entry::written_at`] of then.
    async fn update(&self, entry: &Entry, since: Timestamp) -> Result<(), PortError>;

    /// The open entry of a principal, if it has one: a worker died over it, or is at it.
    async fn unfinished(&self, principal: &UniqueId) -> Result<Option<Entry>, PortError>;

    /// Remembers that this version cannot read what is open on a principal: people were told, and no sweep of this
    /// version hands it over again.
    async fn set_aside(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError>;

    /// Takes an entry that is closed off the list of what is open, if it is on it still: a version from before there was
    /// such a list closed it.
    async fn take_off_list(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError>;

    /// Remembers that an entry has ended and nobody could be told how: sweeps list it until somebody was.
    async fn put_untold(&self, ended: &Entry) -> Result<(), PortError>;

    /// Whether that is remembered of an entry.
    async fn is_untold(&self, entry: &JournalId) -> Result<bool, PortError>;

    /// Remembers that people were told of it after all.
    async fn told(&self, entry: &JournalId) -> Result<(), PortError>;

    /// An entry.
    async fn entry(&self, id: &JournalId) -> Result<Option<Entry>, PortError>;

    /// An entry, with whether the journal's chain vouches for it.
    async fn witnessed(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError>;

    /// All that may stand against an act on the principal, of the rule or of a person's order, at one moment.
    async fn obstacles(&self, principal: &UniqueId, rule: Option<RuleId>) -> Result<Obstacles, PortError>;

    /// Remembers that a person has undone what was done to the principal. One that [outlasts](Hold::outlasts) it is left
    /// standing.
    async fn put_hold(&self, principal: &UniqueId, hold: &Hold) -> Result<(), PortError>;

    /// The last hold of a principal, whether or not it stands still.
    async fn hold(&self, principal: &UniqueId) -> Result<Option<Hold>, PortError>;

    /// Puts another hold, or one that is over, in the place of this one; where this one is there no more, nothing.
    async fn replace_hold(&self, principal: &UniqueId, standing: &Hold, by: &Hold) -> Result<(), PortError>;

    /// Remembers that something was done about a threat to whoever was denied everything already; once for each entry, what
    /// is written last counts.
    async fn put_contained(
        &self,
        principal: &UniqueId,
        contained: &AlreadyContained,
    ) -> Result<(), PortError>;

    /// All that is remembered of that, the earliest first.
    async fn contained(&self, principal: &UniqueId) -> Result<Vec<AlreadyContained>, PortError>;

    /// Remembers that AWS refused what the rule would have done to the principal. One that
    /// [outlasts](FailedAct::outlasts) it is left standing.
    async fn put_failure(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        failure: &FailedAct,
    ) -> Result<(), PortError>;
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The entry.
    pub entry: Entry,
    /// Whether the journal's chain vouches for it.
    pub vouched: Result<(), Doubt>,
}

/// What came of opening an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once a remediation")]
pub enum Opened {
    /// It was written.
    New,
    /// An entry of this id is there already: the same plan, made before.
    Known,
    /// Another entry of the principal is open: a worker died, or is at it.
    Busy(Entry),
}

/// A person's undo that every rule must respect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The undoing entry.
    pub restored_by: JournalId,
    /// The rules let the principal be until then.
    pub until: Timestamp,
    /// The hold of another undo that stood when this one began, and comes back if this one does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Hold>>,
}

impl Hold {
    /// Time to mend the cause or to exempt it.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// Whether it stands at a moment. One that would for longer than any does was written by a clock that was ahead.
    pub fn stands(&self, at: Timestamp) -> bool {
        clocks::lasts_at(at, self.until, Self::LASTS)
    }

    /// Whether it is left where it is when another is to be kept now.
    pub fn outlasts(&self, other: &Self, now: Timestamp) -> bool {
        clocks::outlasts(self.until, other.until, Self::LASTS, now)
    }
}

/// What was done about a threat to whoever was denied everything already: it stands on a denial that another entry made, and
/// the undo of that waits for a second person. Or the entry by which somebody lost a permissions boundary to the
/// quarantine, which the undo of later ones must know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlreadyContained {
    /// The entry that found it denied.
    pub entry: JournalId,
    /// When, at last.
    pub at: Timestamp,
    /// The undo that took a denial off in the knowledge of it. Where that is undone itself, it counts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<JournalId>,
    /// The boundary whose place the quarantine took; of what stands on a denial, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Arn>,
}

impl AlreadyContained {
    /// So many of each kind are remembered of one principal, the latest.
    const MOST: usize = 20;

    /// That an entry found it denied.
    pub(super) fn by(entry: &Entry, at: Timestamp) -> Self {
        Self { entry: entry.id.clone(), at, lifted_by: None, boundary: None }
    }

    /// All that are remembered once this one is, too.
    #[must_use]
    pub fn after(&self, mut all: Vec<Self>) -> Vec<Self> {
        // Written again since it was read, it was found denied once more.
        if all.iter().any(|kept| kept.entry == self.entry && kept.at > self.at) {
            return all;
        }
        all.retain(|kept| kept.entry != self.entry);
        all.push(self.clone());
        all.sort_by_key(|kept| kept.at);
        let of_kind = |boundary| all.iter().filter(|kept| kept.boundary.is_some() == boundary).count();
        let mut older = [false, true].map(|boundary| of_kind(boundary).saturating_sub(Self::MOST));
        all.retain(|kept| {
            let [denials, boundaries] = &mut older;
            let older = if kept.boundary.is_some() { boundaries } else { denials };
            let is_kept = *older == 0;
            *older = older.saturating_sub(1);
            is_kept
        });
        all
    }
}

/// An act that AWS refused, and that is not tried again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedAct {
    /// The entry that tells of it.
    pub entry: JournalId,
    /// The fingerprint of its plan: another plan may well go better.
    pub plan: String,
    /// It is not tried again until then.
    pub until: Timestamp,
}

impl FailedAct {
    /// Mending a permission takes a person.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(24);

    /// Whether it stands at a moment. One that would for longer than any does was written by a clock that was ahead.
    pub fn stands(&self, at: Timestamp) -> bool {
        clocks::lasts_at(at, self.until, Self::LASTS)
    }

    /// Whether it is left where it is when another is to be kept now.
    pub fn outlasts(&self, other: &Self, now: Timestamp) -> bool {
        clocks::outlasts(self.until, other.until, Self::LASTS, now)
    }
}

/// Where people are told.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Notify {
    /// Tells of an entry that has ended: carried out, refused, or planned in `notify` mode. Its end is written down
    /// right after, so an entry may be told of twice where a worker died. Of an open one it tells that its act begins.
    async fn notify(&self, entry: &Entry) -> Result<(), PortError>;
}

/// Time. Only waiting for IAM to settle needs more than the moment a pipeline was started at.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Clock {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, time: SignedDuration);
}

/// Where decisions are written down for people: a log line each, or the demo's lines.
pub trait Observe {
    /// A decision was made.
    fn decided(&self, decision: &Decision);
}

/// A port that did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} {kind}: {message}")]
pub struct PortError {
    /// The API operation, such as `config:PutEvaluations`.
    pub operation: &'static str,
    /// What kind of failure.
    pub kind: PortErrorKind,
    /// What was answered.
    pub message: String,
}

/// Kinds of failure callers treat differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortErrorKind {
    /// Throttled, timed out, or failed on AWS's side.
    Throttled,
    /// Somebody else was first: what it was based on is true no more.
    Overtaken,
    /// The role may not.
    Denied,
    /// Anything else.
    Failed,
}

impl PortError {
    /// What is not known of what it would have told.
    pub fn unread(&self, read: Read) -> Unread {
        let why = match self.kind {
            PortErrorKind::Throttled | PortErrorKind::Overtaken => WhyUnread::Throttled,
            PortErrorKind::Denied => WhyUnread::Denied,
            PortErrorKind::Failed => WhyUnread::Failed,
        };
        Unread::new(read, why, self.message.clone())
    }
}

impl PortErrorKind {
    /// Whether it may work later.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::Overtaken)
    }
}

impl fmt::Display for PortErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "was throttled or failed on AWS's side",
            Self::Overtaken => "came too late",
            Self::Denied => "was denied",
            Self::Failed => "failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        "2026-11-22T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
    }

    fn entry(name: &str) -> JournalId {
        JournalId::try_from(format!("20261122t090000-{name:0>12}")).unwrap()
    }

    #[test]
    fn of_two_holds_and_of_two_refused_acts_the_one_that_ends_later_is_left_standing() {
        let hold = |hours| Hold { restored_by: entry("1"), until: at(hours), before: None };
        assert!(hold(48).outlasts(&hold(24), at(0)));
        assert!(!hold(24).outlasts(&hold(48), at(0)));
        let failure = |hours| FailedAct { entry: entry("1"), plan: String::new(), until: at(hours) };
        assert!(failure(24).outlasts(&failure(12), at(0)));
        assert!(!failure(12).outlasts(&failure(24), at(0)));
    }

    #[test]
    fn what_found_a_denial_twice_is_remembered_once_as_of_the_later_time() {
        let found = |name: &str, hours| AlreadyContained {
            entry: entry(name),
            at: at(hours),
            lifted_by: None,
            boundary: None,
        };
        let kept = || vec![found("a", 1), found("b", 2)];
        assert_eq!(found("a", 3).after(kept()), [found("b", 2), found("a", 3)]);
        // One that was read before the other wrote.
        assert_eq!(found("a", 0).after(kept()), kept());
        assert_eq!(found("c", 0).after(kept()), [found("c", 0), found("a", 1), found("b", 2)]);
    }
    #[test]
    fn what_found_a_denial_however_often_drives_out_no_boundary_that_was_replaced() {
        let found = |number: usize, boundary: Option<&str>| AlreadyContained {
            entry: JournalId::try_from(format!("20261122t090000-{number:012x}")).unwrap(),
            at: at(i64::try_from(number).unwrap()),
            lifted_by: None,
            boundary: boundary.map(|boundary| boundary.parse().unwrap()),
        };
        let boundary = found(0, Some("arn:aws:iam::111122223333:policy/staff"));
        let all = (1..=30).fold(vec![boundary.clone()], |all, number| found(number, None).after(all));
        assert_eq!(all.len(), 1 + AlreadyContained::MOST);
        assert_eq!((&all[0], &all[1]), (&boundary, &found(11, None)));
        // What was written before boundaries were remembered.
        let older = r#"{"entry":"20261122t090000-000000000001","at":"2026-11-22T09:00:00Z"}"#;
        assert_eq!(serde_json::from_str::<AlreadyContained>(older).unwrap().boundary, None);
    }
}
