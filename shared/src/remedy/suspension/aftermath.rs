//! What a suspension does not end: how long sessions that began before it can live, and what holds them down meanwhile.
//!
//! No AWS call ends a session. Its credentials are valid until they expire; what they may do is decided at each request
//! (IAM User Guide, "Disabling permissions for temporary security credentials").

use std::fmt;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};

use super::{REVOKE_SESSIONS_POLICY, Workloads, denial};
use crate::facts::{Entity, Fact, Resource, Role};
use crate::identifier::Arn;
use crate::remedy::{Cause, Entry, Plan, Status, Step, StepResult};

/// The longest that a session of any role can last, in seconds: 12 hours (IAM API, `UpdateRole`, `MaxSessionDuration`).
const OF_ANY_ROLE: u32 = 43_200;
/// The longest that a session lasts which a role began with its own session, in seconds: an hour (STS API,
/// `AssumeRole`, "Role chaining").
const CHAINED: u32 = 3_600;
/// The longest that a session of `GetFederationToken` or `GetSessionToken` can last, in seconds: 36 hours (STS API, both
/// calls, `DurationSeconds`).
const OF_A_USER: u32 = 129_600;
/// The longest that a console session lasts, in seconds: 12 hours, whoever signs in (AWS Management Console FAQs) and as
/// whatever role, whose own limit does not count there (STS API, `AssumeRole`; IAM User Guide, "Enable custom identity
/// broker access to the AWS console", `SessionDuration`).
const IN_THE_CONSOLE: u32 = 43_200;

/// What of a suspended principal lives on, as far as its plan and the facts tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Aftermath {
    /// Sessions that may have begun before.
    pub sessions: Vec<OldSessions>,
    /// Whether everything is denied to the principal.
    pub denial: Denial,
    /// Who works under the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workloads: Option<Workloads>,
    /// When the suspension ended that an undo lifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
}

/// Whether everything is denied to a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denial {
    /// It was before.
    InForce,
    /// The plan has a step that does it.
    Planned,
    /// Nothing that could be read shows it, and no step does it.
    Unclear,
}

/// Sessions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OldSessions {
    /// Which.
    pub kind: SessionKind,
    /// The longest that one lasts, in seconds.
    pub seconds: u32,
    /// Whether that is AWS's own maximum, in the place of what could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionKind {
    /// Somebody assumed the role.
    OfTheRole,
    /// By `GetFederationToken` or `GetSessionToken` of the user.
    OfTheUser,
    /// In the console.
    Console,
    /// The principal assumed another role: the session is that role's.
    OfOtherRoles,
}

impl SessionKind {
    /// Whether a deny on the principal reaches them.
    fn is_reached(self) -> bool {
        self != Self::OfOtherRoles
    }
}

impl fmt::Display for SessionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OfTheRole => "sessions of the role",
            Self::OfTheUser => "sessions by GetSessionToken and GetFederationToken",
            Self::Console => "console sessions",
            Self::OfOtherRoles => "its sessions of other roles",
        })
    }
}

impl Aftermath {
    /// Of a plan that suspends somebody; `None` of a plan for something else, or one that does nothing.
    pub fn of(plan: &Plan, live: &Resource, quarantine: &Arn) -> Option<Self> {
        let Resource::Entity(entity) = live else { return None };
        if plan.steps.is_empty() {
            return None;
        }
        let longest = |kind, seconds| OldSessions { kind, seconds, assumed: false };
        let sessions = match entity {
            Entity::User(_) => vec![
                longest(SessionKind::OfTheUser, OF_A_USER),
                longest(SessionKind::Console, IN_THE_CONSOLE),
                longest(SessionKind::OfOtherRoles, OF_ANY_ROLE),
            ],
            Entity::Role(role) => vec![
                of_the_role(role),
                longest(SessionKind::Console, IN_THE_CONSOLE),
                longest(SessionKind::OfOtherRoles, CHAINED),
            ],
        };
        let workloads = match entity {
            Entity::User(_) => None,
            Entity::Role(role) => Some(Workloads::of(role)),
        };
        Some(Self { sessions, denial: denial(entity, quarantine), workloads, suspended_at: None })
    }

    /// The same, for the undo of the suspension that this entry was; `None` where it was something else.
    #[must_use]
    pub fn lifted(entry: &Entry) -> Option<Self> {
        // Who undoes an undo suspends again, without a look at what lives.
        if matches!(entry.cause, Cause::Undo { .. }) {
            return None;
        }
        let suspended_at = Some(entry.closed.unwrap_or(entry.opened));
        entry.aftermath.clone().map(|aftermath| Self { suspended_at, ..aftermath })
    }

    /// What is told before anything is done.
    fn foretold(&self) -> Vec<String> {
        let told =
            |old: &OldSessions| format!("{} last for up to {}{}", old.kind, hours(old.seconds), old.note());
        let mut lines: Vec<String> = self.sessions.iter().map(told).collect();
        lines.push(
            "once everything is denied, all of these are refused at each request but those of other roles; nothing \
             ends a session before its time"
                .to_owned(),
        );
        lines
    }

    /// What is told once it is done, as far as it was.
    fn told(&self, at: Timestamp, entry: &Entry) -> Vec<String> {
        let denied = match self.denial {
            Denial::InForce => true,
            Denial::Planned => is_done(entry, denies),
            Denial::Unclear => false,
        };
        let told = |old: &OldSessions| {
            let held = match (old.kind.is_reached(), denied) {
                (false, _) => "; they are those roles' own, and nothing here stops them",
                (true, true) => "",
                (true, false) => "; nothing denies them anything",
            };
            format!("{} from before {at}: until {} at most{}{held}", old.kind, old.ends(at), old.note())
        };
        let mut lines: Vec<String> = self.sessions.iter().map(told).collect();
        if denied {
            lines.push(
                "the quarantine refuses what they ask for, and what sessions begun since ask for, as long as it is on"
                    .to_owned(),
            );
        }
        if is_done(entry, revokes) {
            lines.push(format!("{REVOKE_SESSIONS_POLICY} refuses the old ones even without the quarantine"));
        }
        lines
    }

    /// What is told once it was lifted: which sessions of before have their powers back.
    fn told_of_lifting(&self, since: Timestamp, now: Timestamp) -> Vec<String> {
        let alive = |old: &&OldSessions| old.kind.is_reached() && old.ends(since) > now;
        let told = |old: &OldSessions| {
            format!(
                "{} from before {since}: until {} at most{}; they have their powers back, so suspend it again until then \
                 if others may have their credentials",
                old.kind,
                old.ends(since),
                old.note()
            )
        };
        self.sessions.iter().filter(alive).map(told).collect()
    }
}

impl OldSessions {
    /// When the last of those that began before is over.
    fn ends(&self, began_before: Timestamp) -> Timestamp {
        whole_second(began_before + SignedDuration::from_secs(self.seconds.into()))
    }

    fn note(&self) -> &'static str {
        if self.assumed { " (how long they last could not be read: this is AWS's maximum)" } else { "" }
    }
}

/// What of sessions is to be told of an entry: of a plan how long they would live, of a suspension until when they can, of
/// its undo which have their powers back. Nothing of an entry under which nothing was done.
pub fn old_sessions(entry: &Entry) -> Vec<String> {
    let Some(aftermath) = &entry.aftermath else { return Vec::new() };
    let at = entry.closed.unwrap_or_else(|| entry.touched());
    match (&entry.cause, entry.status) {
        (Cause::Undo { .. }, _) => match aftermath.suspended_at {
            Some(since) if is_done(entry, |_| true) => aftermath.told_of_lifting(since, whole_second(at)),
            _ => Vec::new(),
        },
        (_, Status::Planned) => aftermath.foretold(),
        _ if entry.outcomes.is_empty() && entry.attempted().is_none() => Vec::new(),
        _ => aftermath.told(whole_second(at), entry),
    }
}

/// Who works under a role that an entry suspends, would suspend, or gives its powers back; nothing of an entry under which
/// nothing was done.
pub fn workloads_of(entry: &Entry) -> Vec<String> {
    let untouched = entry.outcomes.is_empty() && entry.attempted().is_none();
    if untouched && entry.status != Status::Planned {
        return Vec::new();
    }
    let workloads = entry.aftermath.as_ref().and_then(|aftermath| aftermath.workloads.as_ref());
    workloads.map(Workloads::lines).unwrap_or_default()
}

/// Whether a step of this kind is in force: done under the entry, or before it.
fn is_done(entry: &Entry, kind: impl Fn(&Step) -> bool) -> bool {
    entry.outcomes.iter().any(|outcome| {
        matches!(outcome.result, StepResult::Verified | StepResult::AlreadyDone)
            && entry.plan.steps.get(outcome.index).is_some_and(&kind)
    })
}

/// Whether a step of a suspension denies everything to sessions by their age.
fn revokes(step: &Step) -> bool {
    matches!(step, Step::PutRolePolicy { policy, .. } if policy.as_str() == REVOKE_SESSIONS_POLICY)
}

/// Whether a step of a suspension is the one that denies everything.
pub(crate) fn denies(step: &Step) -> bool {
    step.denies() && !revokes(step)
}

fn of_the_role(role: &Role) -> OldSessions {
    let (seconds, assumed) = match role.max_session_duration {
        Fact::Known(seconds) => (seconds.min(OF_ANY_ROLE), false),
        Fact::Absent | Fact::Unknown(_) => (OF_ANY_ROLE, true),
    };
    OldSessions { kind: SessionKind::OfTheRole, seconds, assumed }
}

/// Whole seconds, never before the moment itself.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil)).unwrap_or(at)
}

/// Such as `1 hour`, `36 hours` or `90 minutes`.
fn hours(seconds: u32) -> String {
    match (seconds / 60, seconds / 3_600, seconds % 3_600) {
        (_, 1, 0) => "1 hour".to_owned(),
        (_, hours, 0) => format!("{hours} hours"),
        (minutes, _, _) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests;
