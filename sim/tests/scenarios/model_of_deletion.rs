//! The life of a key after the act, as a state machine, explored by a model checker: Bailiff switches it off, people use it,
//! try it, switch it, undo that it was switched off, agree to its deletion and refuse it; workers die, reads fail, the
//! table is forged; in whatever order. `model.rs` ends where this begins.
//!
//! What it explores is the code that the engine decides by: the rule itself, what is remembered and forgotten of a key, what
//! a deletion stands on, `undo`, `ApprovalRequest`. What must hold is said in words of its own, by what has happened.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::engine::{Approval, ApprovalRequest, Consent, Matter, Say, forgotten, remembered, why_unfounded};
use shared::facts::{
    AccessKey, Entity, Fact, KeyStatus, LastUse, Read, Resource, Span, SwitchedOff, Unread, User,
    UserIdentity, WhyUnread,
};
use shared::governance::{Governance, Mode};
use shared::identifier::AccessKeyId;
use shared::remedy::{
    Approver, Cause, Entry, JournalId, Plan, Remediator, SCHEMA, Status, Step, StepOutcome, StepResult, undo,
};
use shared::rules::{BoundRule, Context, RuleId, Verdict, find};
use shared::threat::{Confidence, Grade, Risk, Sign, Source, Threat};
use stateright::{Checker, Model, Property};

use crate::fixture::*;
use crate::model::{assert_all, transitions};
use crate::plans::DISABLED;

/// In days.
const DELETE_AFTER: u32 = 2;
const VALID_FOR: u32 = 3;
const NEEDED: usize = 2;
/// The model ends with this day.
const LAST_DAY: u32 = 7;
const TRANSITIONS: usize = 2_300_000;
/// As often Bailiff switches the key off.
const ACTS: usize = 2;

const PEOPLE: [&str; 5] = [
    "arn:aws:iam::111122223333:user/security/ada",
    // One person, who calls the session whatever they like.
    "arn:aws:sts::111122223333:assumed-role/Admin/one",
    "arn:aws:sts::111122223333:assumed-role/Admin/two",
    // Whose key it is: an approver, too.
    "arn:aws:iam::111122223333:user/security/bob",
    // Whom nobody has named.
    "arn:aws:iam::111122223333:user/mallory",
];
const BOB: usize = 3;

struct Deletions {
    governance: Governance,
    rule: Box<dyn BoundRule>,
    context: Context,
    user: UserIdentity,
    key: AccessKeyId,
    people: [Approver; PEOPLE.len()],
}

/// What Bailiff keeps and IAM tells, and what has truly happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    day: u32,
    key: Key,
    /// The journal's entries of Bailiff's switching it off, the oldest first.
    acts: Vec<Act>,
    /// What the table remembers of the key: by which act, at what time, and whether that was undone.
    remembered: Option<(usize, Timestamp, bool)>,
    /// Whether somebody has forged that.
    forged: bool,
    used: Option<u32>,
    tried: Option<u32>,
    request: Option<ApprovalRequest>,
    /// What which act switched off people are asked about.
    asked_about: usize,
    /// Who has agreed, asked on which day, to the deletion of what which act switched off.
    agreed: BTreeSet<(usize, u32, usize)>,
    refused: BTreeSet<(u32, usize)>,
    /// Whether the word of two kept a key from nobody's deletion: a complaint came after it.
    complained: bool,
    wrong: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    On,
    Off,
    Deleted,
}

/// Bailiff switched it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Act {
    day: u32,
    /// Whether it was read back.
    known: bool,
    undone: Undone,
}

/// What became of the undo of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Undone {
    No,
    /// The key was switched on, and the worker died before it wrote that down.
    Unsaid,
    Yes,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Action {
    Day,
    /// Bailiff switches the key off, and reads that back or dies.
    SwitchOff {
        known: bool,
    },
    /// Somebody asks for the undo of the last act; the worker ends it or dies.
    Undo {
        ends: bool,
    },
    /// Somebody else switches the key.
    SwitchByHand,
    Use,
    Try,
    /// A sweep, which cannot read something, where that is named.
    Sweep(Option<Read>),
    Answer(usize, bool),
    /// Whoever can write to the table has it remember an act, as it was or as if it had been long ago.
    Forge {
        act: usize,
        long_ago: bool,
    },
}

static START: LazyLock<Timestamp> = LazyLock::new(|| NOW.parse().unwrap());

fn at(day: u32) -> Timestamp {
    *START + SignedDuration::from_hours(24 * i64::from(day))
}

/// When what was begun at that time was read back.
fn read_back(begun: Timestamp) -> Timestamp {
    begun + SignedDuration::from_secs(1)
}

fn day_of(time: Timestamp) -> u32 {
    u32::try_from(time.duration_since(at(0)).as_hours() / 24).unwrap()
}

fn rule() -> RuleId {
    RuleId::parse(DISABLED).unwrap()
}

impl Deletions {
    fn new() -> Self {
        let governance = governance(&format!(
            "version: 1\nrules:\n  {DISABLED}:\n    mode: enforce\n    parameters: {{ deleteAfter: {DELETE_AFTER} \
             }}\napprovals: {{ approvers: ['arn:aws:iam::111122223333:user/security/*', \
             'arn:aws:sts::111122223333:assumed-role/Admin/*'], validDays: {VALID_FOR} }}\n"
        ));
        let parameters = json!({ "deleteAfter": DELETE_AFTER });
        let user = json!({
            "account": ACCOUNT, "name": "bob", "uniqueId": "AIDAEXAMPLEEXAMPLE001", "arn": PEOPLE[BOB]
        });
        Self {
            governance,
            rule: find(rule()).unwrap().bind(&parameters).unwrap(),
            context: Context {
                quarantine_policy: quarantine(),
                organization: None,
                trusted: std::sync::Arc::default(),
                at: at(0),
            },
            user: serde_json::from_value(user).unwrap(),
            key: AccessKeyId::parse(&key_id("OLD1")).unwrap(),
            people: PEOPLE.map(|who| Approver::of(who).unwrap()),
        }
    }

    /// The journal's entry of an act.
    fn entry(&self, number: usize, act: Act) -> Entry {
        let step = Step::DeactivateAccessKey { user: self.user.clone(), key: self.key.clone() };
        let rule = RuleId::parse(KEY_AGE).unwrap();
        let result = if act.known {
            StepResult::Verified
        } else {
            StepResult::Unknown { why: "a worker died over it".to_owned() }
        };
        Entry {
            schema: SCHEMA,
            id: JournalId::try_from(format!("act-{number}")).unwrap(),
            cause: Cause::Rule { rule, annotation: String::new() },
            remediator: Remediator::DeactivateAccessKeys,
            mode: Mode::Enforce,
            plan: Plan::new(self.user.clone(), vec![step], Vec::new()).unwrap(),
            status: if act.known { Status::Verified } else { Status::Unknown },
            refusal: None,
            outcomes: vec![StepOutcome { index: 0, at: read_back(at(act.day)), result }],
            attempting: None,
            unread: Vec::new(),
            opened: at(act.day),
            updated: None,
            closed: None,
            undone_by: (act.undone == Undone::Yes).then(|| JournalId::try_from("undo".to_owned()).unwrap()),
            lost: Vec::new(),
            known_keys: Vec::new(),
            aftermath: None,
        }
    }

    /// The table keeps the later of two.
    fn remember(&self, state: &mut State, act: usize, told: Option<(AccessKeyId, SwitchedOff)>) {
        let Some((key, told)) = told else { return };
        assert_eq!(key, self.key);
        if state.remembered.is_none_or(|(_, kept, _)| kept <= told.at) {
            state.remembered = Some((act, told.at, told.undone));
            state.forged = false;
        }
    }

    fn switch_off(&self, state: &mut State, known: bool) {
        let (number, act) = (state.acts.len(), Act { day: state.day, known, undone: Undone::No });
        let entry = self.entry(number, act);
        self.remember(state, number, forgotten(&entry, &entry.plan.steps[0], at(state.day)));
        for told in remembered(&entry).collect::<Vec<_>>() {
            self.remember(state, number, Some(told));
        }
        state.acts.push(act);
        state.key = Key::Off;
        // No two things happen at the same moment.
        state.day += 1;
    }

    fn undo(&self, state: &mut State, ends: bool) {
        let number = state.acts.len() - 1;
        let original = self.entry(number, state.acts[number]);
        let plan = undo(&original).plan;
        let result =
            if ends { StepResult::Verified } else { StepResult::Unknown { why: "it died".to_owned() } };
        let undoing = Entry {
            cause: Cause::Undo {
                of: original.id.clone(),
                requested_by: "sam".to_owned(),
                reason: String::new(),
            },
            outcomes: vec![StepOutcome { index: 0, at: read_back(at(state.day)), result }],
            plan,
            ..original
        };
        self.remember(state, number, forgotten(&undoing, &undoing.plan.steps[0], at(state.day)));
        for told in remembered(&undoing).collect::<Vec<_>>() {
            self.remember(state, number, Some(told));
        }
        state.acts[number].undone = if ends { Undone::Yes } else { Undone::Unsaid };
        state.key = Key::On;
        state.day += 1;
    }

    /// Bob as he is read now.
    fn live(&self, state: &State, unread: Option<Read>) -> Resource {
        let or_unread = |read: Read| {
            let is_it = unread == Some(read);
            is_it.then(|| Unread::new(read, WhyUnread::Denied, "the model"))
        };
        let last_used = state.used.map_or(Fact::Absent, |day| {
            Fact::Known(LastUse { at: at(day), service: String::new(), region: String::new() })
        });
        let key = AccessKey {
            id: Fact::Known(self.key.clone()),
            status: if state.key == Key::On { KeyStatus::Active } else { KeyStatus::Inactive },
            created: Span::exactly(at(0) - SignedDuration::from_hours(24 * 200)),
            last_used: or_unread(Read::GetAccessKeyLastUsed).map_or(last_used, Fact::Unknown),
        };
        let remembered = state.remembered.map(|(act, at, undone)| {
            (self.key.clone(), SwitchedOff { entry: format!("act-{act}"), at, undone })
        });
        let threat = |day: u32| Threat {
            id: "f1".to_owned(),
            source: Source::CloudTrail,
            sign: Sign::TriedDisabledKey,
            at: at(day),
            heard: at(day),
            key: Some(self.key.clone()),
            by: None,
            said: String::new(),
            risk: Risk {
                tier: Grade::Three,
                exposure: Sign::TriedDisabledKey.exposure(),
                anomaly: Grade::Three,
                confidence: Confidence::of(100),
            },
        };
        let mut user = User::unread(self.user.clone());
        let keys = Fact::Known(if state.key == Key::Deleted { Vec::new() } else { vec![key] });
        user.access_keys = or_unread(Read::ListAccessKeys).map_or(keys, Fact::Unknown);
        user.switched_off_keys = or_unread(Read::SwitchedOffKeys)
            .map_or(Fact::Known(remembered.into_iter().collect()), Fact::Unknown);
        user.threats = or_unread(Read::Threats)
            .map_or(Fact::Known(state.tried.map(threat).into_iter().collect()), Fact::Unknown);
        Resource::Entity(Entity::User(Box::new(user)))
    }

    fn sweep(&self, state: &mut State, unread: Option<Read>) {
        let now = at(state.day);
        let context = Context { at: now, ..self.context.clone() };
        let Some(Verdict::NonCompliant((_, proposal))) = self.rule.plan(&self.live(state, unread), &context)
        else {
            return;
        };
        if !proposal.unknown.is_empty() || proposal.steps.is_empty() {
            let agreed = state.request.as_ref().is_some_and(|request| request.approvals.len() == NEEDED);
            state.complained |= agreed && unread.is_none();
            return;
        }
        let plan = Plan::new(self.user.clone(), proposal.steps, Vec::new()).unwrap();
        let fingerprint = plan.fingerprint();
        let approvals = self.governance.approvals();
        let needed = self.governance.approvals_needed(rule(), &plan, &BTreeSet::new());
        match ApprovalRequest::consent(state.request.as_ref(), &fingerprint, needed, approvals, now) {
            Consent::Waits { .. } | Consent::Refused { .. } => {}
            Consent::Ask => {
                state.asked_about = act_of(&plan.steps[0]);
                let refusals =
                    state.request.as_ref().map(|asked| asked.standing_refusals(now)).unwrap_or_default();
                state.request = Some(ApprovalRequest {
                    version: 0,
                    entry: JournalId::of_plan("the model", &plan),
                    about: Matter::Rule(rule()),
                    resource: plan.resource.clone(),
                    remediator: Remediator::DeleteAccessKeys,
                    plan: fingerprint,
                    asked: now,
                    expires: now + approvals.valid_for(),
                    approvals: Vec::new(),
                    refused: None,
                    refusals,
                    used: None,
                });
            }
            Consent::Given => self.delete(state, &plan.steps[0], unread),
        }
    }

    fn delete(&self, state: &mut State, step: &Step, unread: Option<Read>) {
        let now = at(state.day);
        // The approval is used up when the entry is opened, whatever comes of it.
        state.request = state.request.take().map(|request| request.after_use(now));
        let number = act_of(step);
        if why_unfounded(step, &self.entry(number, state.acts[number])).is_none() {
            state.wrong = state.wrong.or(why_not(state, unread));
            state.key = Key::Deleted;
        }
    }

    fn answer(&self, state: &mut State, who: usize, approve: bool) {
        let Some(request) = state.request.clone() else { return };
        let by = self.people[who].clone();
        let now = at(state.day);
        // What `approve-plan` looks at before.
        let stands = now < request.expires && request.used.is_none();
        if !self.governance.approvals().may_approve(&by.arn) || by.is(&request.resource) || !stands {
            return;
        }
        let (asked, act) = (day_of(request.asked), state.asked_about);
        let say = if approve { Say::Approve } else { Say::Refuse };
        if let Ok(request) =
            request.after_answer(say, Approval { by, at: now, reason: "the model".to_owned() })
        {
            state.request = Some(request);
            if approve {
                state.agreed.insert((who, asked, act));
            } else {
                state.refused.insert((asked, act));
            }
        }
    }
}

/// The act that a deletion names.
fn act_of(step: &Step) -> usize {
    let Step::DeleteAccessKey { switched_off_under, .. } = step else { panic!("{step}") };
    switched_off_under.strip_prefix("act-").unwrap().parse().unwrap()
}

/// Why nobody should delete the key now, by what has happened.
fn why_not(state: &State, unread: Option<Read>) -> Option<&'static str> {
    // Whoever can write to the table can have an earlier act counted, if the journal vouches for it. Two must agree all the same.
    let number = if state.forged { state.asked_about } else { state.acts.len().saturating_sub(1) };
    let Some(act) = state.acts.get(number) else { return Some("Bailiff never switched it off") };
    if unread.is_some() {
        return Some("something could not be read");
    }
    if state.key != Key::Off {
        return Some("it is on");
    }
    if !act.known {
        return Some("whether Bailiff switched it off last is not known");
    }
    if act.day + DELETE_AFTER > state.day {
        return Some("it was not off for long enough");
    }
    if act.undone == Undone::Yes || act.undone == Undone::Unsaid && !state.forged {
        return Some("somebody undid it");
    }
    if [state.used, state.tried].into_iter().flatten().any(|day| day > act.day) {
        return Some("somebody used or tried it since");
    }
    let asked = state.request.as_ref().map_or(0, |request| day_of(request.asked));
    if asked + VALID_FOR <= state.day {
        return Some("the approval has expired");
    }
    if state.refused.iter().any(|(asked, refused)| *refused == number && asked + 30 > state.day) {
        return Some("somebody refused it");
    }
    // The two sessions of one role are one; bob and mallory have no say.
    let person = |who: usize| if who == 2 { 1 } else { who };
    let people: BTreeSet<usize> = state
        .agreed
        .iter()
        .filter(|(who, day, of)| *who < BOB && (*day, *of) == (asked, number))
        .map(|(who, ..)| person(*who))
        .collect();
    (people.len() < NEEDED).then_some("too few people agreed to it")
}

impl Model for Deletions {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            day: 0,
            key: Key::On,
            acts: Vec::new(),
            remembered: None,
            forged: false,
            used: None,
            tried: None,
            request: None,
            asked_about: 0,
            agreed: BTreeSet::new(),
            refused: BTreeSet::new(),
            complained: false,
            wrong: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.key == Key::Deleted {
            return;
        }
        let blind = [Read::ListAccessKeys, Read::GetAccessKeyLastUsed, Read::SwitchedOffKeys, Read::Threats];
        actions.extend([Action::Day, Action::SwitchByHand, Action::Sweep(None)]);
        actions.extend(blind.map(|read| Action::Sweep(Some(read))));
        if state.key == Key::On {
            actions.push(Action::Use);
            if state.acts.len() < ACTS {
                actions.extend([true, false].map(|known| Action::SwitchOff { known }));
            }
        } else {
            actions.push(Action::Try);
            if state.acts.last().is_some_and(|act| act.undone != Undone::Yes) {
                actions.extend([true, false].map(|ends| Action::Undo { ends }));
            }
        }
        if state.request.is_some() {
            actions.extend((0..PEOPLE.len()).map(|who| Action::Answer(who, true)));
            actions.push(Action::Answer(1, false));
        }
        for act in 0..state.acts.len() {
            actions.extend([true, false].map(|long_ago| Action::Forge { act, long_ago }));
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        match action {
            Action::Day => state.day += 1,
            Action::SwitchOff { known } => self.switch_off(&mut state, known),
            Action::Undo { ends } => self.undo(&mut state, ends),
            Action::SwitchByHand => state.key = if state.key == Key::On { Key::Off } else { Key::On },
            Action::Use => state.used = Some(state.day),
            Action::Try => state.tried = Some(state.day),
            Action::Sweep(unread) => self.sweep(&mut state, unread),
            Action::Answer(who, approve) => self.answer(&mut state, who, approve),
            Action::Forge { act, long_ago } => {
                let day = if long_ago {
                    at(0) - SignedDuration::from_hours(24 * 100)
                } else {
                    at(state.acts[act].day)
                };
                state.remembered = Some((act, read_back(day), false));
                state.forged = true;
            }
        }
        if let Some(request) = &mut state.request {
            // It only tells changes apart.
            request.version = 0;
        }
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SOUND, |_, state: &State| state.wrong.is_none()),
            Property::sometimes("it is deleted", |_, state: &State| state.key == Key::Deleted),
            Property::sometimes(
                "it is deleted after it was switched off a second time",
                |_, state: &State| state.key == Key::Deleted && state.acts.len() > 1,
            ),
            Property::sometimes("it is used, and deleted long after", |_, state: &State| {
                state.key == Key::Deleted && state.used.is_some()
            }),
            Property::sometimes("two have agreed, and a complaint saves it", |_, state: &State| {
                state.complained
            }),
            Property::sometimes("two have agreed, and an undo saves it", |_, state: &State| {
                let agreed = state.request.as_ref().is_some_and(|request| request.approvals.len() == NEEDED);
                agreed && state.acts.last().is_some_and(|act| act.undone == Undone::Yes)
            }),
            Property::sometimes("a forged memory is not believed", |_, state: &State| {
                state.key == Key::Off && state.request.as_ref().is_some_and(|request| request.used.is_some())
            }),
            Property::sometimes("somebody refuses", |_, state: &State| !state.refused.is_empty()),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.day <= LAST_DAY
    }
}

const SOUND: &str =
    "no key is deleted but long after Bailiff switched it off, unused, untried, not undone, by two people";

#[test]
fn a_model_checker_finds_no_way_to_delete_a_key_that_somebody_may_need() {
    let checker = Deletions::new().checker().target_state_count(transitions(TRANSITIONS));
    assert_all(&checker.spawn_bfs().join(), 1_000_000);
}
