//! Warnings and approvals as a state machine, explored by a model checker: whoever is warned, answers, mends, breaks and
//! puts back, in whatever order, and whatever notice is lost.
//!
//! What it explores is the code that the engine decides by: `ripe`, `Warnings`, `ApprovalRequest`. What must hold is
//! said in words of its own, by what the people of the model have been told and have said.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Approval, ApprovalRequest, Consent, Matter, Say};
use shared::facts::UserIdentity;
use shared::governance::Governance;
use shared::identifier::AccessKeyId;
use shared::remedy::{
    Approver, JournalId, Plan, Remediator, Ripe, Step, Warning, WarningSchedule, Warnings, ripe,
};
use shared::rules::RuleId;
use stateright::{Checker, Expectation, Model, Property};

use crate::fixture::*;

/// In days.
const FINAL_AFTER: u32 = 2;
const ACT_AFTER: u32 = 1;
const VALID_FOR: u32 = 3;
const NEEDED: u8 = 2;
/// The model ends with this day.
const LAST_DAY: u32 = 12;
const TRANSITIONS: usize = 2_700_000;

const PEOPLE: [&str; 5] = [
    "arn:aws:iam::111122223333:user/security/ada",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Security_1/grace@example.com",
    // One person, who calls the session whatever they like.
    "arn:aws:sts::111122223333:assumed-role/Admin/one",
    "arn:aws:sts::111122223333:assumed-role/Admin/two",
    // Whom nobody has named.
    "arn:aws:iam::111122223333:user/mallory",
];

struct Stages {
    governance: Governance,
    schedule: WarningSchedule,
    /// What would mend it: one key goes, or another; with their fingerprints.
    plans: [(Plan, String); 2],
    people: [Approver; PEOPLE.len()],
}

/// What the model knows, and what its people know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    day: u32,
    /// Whether the rule is broken, and which of two plans would mend it.
    broken: bool,
    plan: u8,
    warnings: Warnings,
    /// Warnings on their way.
    under_way: Vec<(Warning, u32, u8)>,
    request: Option<ApprovalRequest>,
    acts: u8,
    heard: Heard,
    wrong: Option<&'static str>,
}

/// What people have been told and have said, since the last act.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Heard {
    /// Of each plan.
    first: [Option<u32>; 2],
    /// Of the last final warning: when it was handed on, and when somebody read it.
    last: [Option<(u32, Option<u32>)>; 2],
    /// Who has agreed to which plan, asked on which day.
    agreed: BTreeSet<(usize, u8, u32)>,
    refused: BTreeSet<(u8, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Action {
    Days(u32),
    Sweep,
    Deliver(usize),
    Lose(usize),
    Answer(usize, bool),
    Mend,
    Break,
    AnotherPlan,
}

static START: LazyLock<Timestamp> = LazyLock::new(|| NOW.parse().unwrap());

/// What leads to an act, where nothing comes between.
const ACTS: [Action; 11] = [
    Action::Sweep,
    Action::Deliver(0),
    Action::Days(FINAL_AFTER),
    Action::Sweep,
    Action::Deliver(0),
    Action::Days(ACT_AFTER),
    Action::Sweep,
    Action::Answer(0, true),
    Action::Answer(1, true),
    Action::Sweep,
    Action::Break,
];

fn at(day: u32) -> Timestamp {
    *START + SignedDuration::from_hours(24 * i64::from(day))
}

/// No two warnings are handed on at the same moment.
fn at_of(day: u32, plan: u8) -> Timestamp {
    at(day) + SignedDuration::from_secs(i64::from(plan))
}

impl Stages {
    fn new() -> Self {
        let approvers =
            format!("['{}', '{}', 'arn:aws:sts::111122223333:assumed-role/Admin/*']", PEOPLE[0], PEOPLE[1]);
        let text = format!(
            "version: 1\nrules:\n  access-key-age:\n    mode: enforce\n    approvals: {NEEDED}\n    warnings: {{ \
             finalAfterDays: {FINAL_AFTER}, actAfterDays: {ACT_AFTER} }}\napprovals: {{ approvers: {approvers}, \
             validDays: {VALID_FOR} }}\n"
        );
        let governance = governance(&text);
        let schedule = governance.rule(rule()).warnings.unwrap();
        let user = serde_json::from_value(serde_json::json!({
            "account": ACCOUNT, "name": "bob", "uniqueId": "AIDAEXAMPLEEXAMPLE001",
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/bob")
        }));
        let user: UserIdentity = user.unwrap();
        let plan = |last| {
            let key = AccessKeyId::parse(&key_id(last)).unwrap();
            let step = Step::DeactivateAccessKey { user: user.clone(), key };
            let plan = Plan::new(user.clone(), vec![step], Vec::new()).unwrap();
            let fingerprint = plan.fingerprint();
            (plan, fingerprint)
        };
        let plans = ["OLD1", "OLD2"].map(plan);
        Self { governance, schedule, plans, people: PEOPLE.map(|who| Approver::of(who).unwrap()) }
    }

    fn sweep(&self, state: &mut State) {
        if !state.broken {
            return;
        }
        let ((plan, fingerprint), now) = (&self.plans[usize::from(state.plan)], at(state.day));
        let targets: Vec<String> = plan.steps.iter().map(Step::target).collect();
        if let Some(seen) = state.warnings.clone().after_look(&targets, &self.schedule, now) {
            state.warnings = seen;
        }
        match ripe(&state.warnings, &self.schedule, &plan.steps, now) {
            Ripe::Wait(_) => {}
            Ripe::Warn(warning, _) => {
                let handed_on = at_of(state.day, state.plan);
                let said = (handed_on, self.schedule.acts_from(warning, handed_on));
                state.warnings =
                    state.warnings.clone().after_warning(warning, &targets, said, None, &targets);
                state.under_way.push((warning, state.day, state.plan));
                let plan = usize::from(state.plan);
                if warning == Warning::Final {
                    state.heard.last[plan] = Some((state.day, None));
                } else {
                    state.heard.first[plan] = None;
                    state.heard.last[plan] = None;
                }
                // What is not planned any more is forgotten.
                state.heard.first[1 - plan] = None;
                state.heard.last[1 - plan] = None;
            }
            Ripe::Act(_) => self.ask_or_act(state, plan, fingerprint, &targets),
        }
    }

    fn ask_or_act(&self, state: &mut State, plan: &Plan, fingerprint: &str, targets: &[String]) {
        let now = at(state.day);
        let approvals = self.governance.approvals();
        let needed = self.governance.approvals_needed(rule(), plan, &BTreeSet::new());
        match ApprovalRequest::consent(state.request.as_ref(), fingerprint, needed, approvals, now) {
            Consent::Waits { .. } | Consent::Refused { .. } => {}
            Consent::Ask => {
                let refusals =
                    state.request.as_ref().map(|asked| asked.standing_refusals(now)).unwrap_or_default();
                state.request = Some(ApprovalRequest {
                    version: 1,
                    entry: JournalId::of_plan("the model", plan),
                    about: Matter::Rule(rule()),
                    resource: plan.resource.clone(),
                    remediator: Remediator::DeactivateAccessKeys,
                    plan: fingerprint.to_owned(),
                    asked: now,
                    expires: now + approvals.valid_for(),
                    approvals: Vec::new(),
                    refused: None,
                    refusals,
                    used: None,
                });
            }
            Consent::Given => {
                state.wrong = state.wrong.or(Self::why_not(state));
                state.request = state.request.take().map(|request| request.after_use(now));
                state.warnings = state.warnings.clone().after_act(targets);
                state.heard = Heard::default();
                state.broken = false;
                state.acts += 1;
            }
        }
    }

    /// Why nobody should act now, by what people have heard and said.
    fn why_not(state: &State) -> Option<&'static str> {
        let Heard { first, last, agreed, refused } = &state.heard;
        let plan = usize::from(state.plan);
        let Some((handed_on, Some(read))) = &last[plan] else {
            return Some("the final warning was not delivered");
        };
        if read + ACT_AFTER > state.day {
            return Some("too soon after the final warning");
        }
        if first[plan].is_none_or(|first| first + FINAL_AFTER > *handed_on) {
            return Some("too soon after the first warning, or without one");
        }
        let asked = state
            .request
            .as_ref()
            .map_or(0, |request| u32::try_from(request.asked.duration_since(at(0)).as_hours() / 24).unwrap());
        if state.request.as_ref().is_some_and(|request| request.used.is_some()) {
            return Some("the approval was used before");
        }
        if asked + VALID_FOR <= state.day {
            return Some("the approval has expired");
        }
        if refused.iter().any(|(plan, _)| *plan == state.plan) {
            return Some("somebody refused it");
        }
        // The two sessions of one role are one.
        let person = |who: &usize| if *who == 3 { 2 } else { *who };
        let people: BTreeSet<usize> = agreed
            .iter()
            .filter(|(who, plan, day)| *who < 4 && (*plan, *day) == (state.plan, asked))
            .map(|(who, ..)| person(who))
            .collect();
        (people.len() < usize::from(NEEDED)).then_some("too few people agreed to this plan")
    }

    fn answer(&self, state: &mut State, who: usize, approve: bool) {
        let Some(request) = state.request.clone() else { return };
        let by = self.people[who].clone();
        let now = at(state.day);
        // What `approve-plan` looks at before.
        let stands = now < request.expires && request.used.is_none();
        if !self.governance.approvals().may_approve(&by.arn) || !stands {
            return;
        }
        let asked = u32::try_from(request.asked.duration_since(at(0)).as_hours() / 24).unwrap();
        let plan = u8::from(request.plan != self.plans[0].1);
        let say = if approve { Say::Approve } else { Say::Refuse };
        let approval = Approval { by, at: now, reason: "the model".to_owned() };
        if let Ok(request) = request.after_answer(say, approval) {
            state.request = Some(request);
            if approve {
                state.heard.agreed.insert((who, plan, asked));
            } else {
                state.heard.refused.insert((plan, asked));
            }
        }
    }
}

fn rule() -> RuleId {
    RuleId::parse(KEY_AGE).unwrap()
}

impl Model for Stages {
    type State = State;
    type Action = Action;

    /// At first, and once the rule has acted: how it acts again is too far from the beginning.
    fn init_states(&self) -> Vec<State> {
        let first = State {
            day: 0,
            broken: true,
            plan: 0,
            warnings: Warnings::default(),
            under_way: Vec::new(),
            request: None,
            acts: 0,
            heard: Heard::default(),
            wrong: None,
        };
        let mut acted = first.clone();
        for action in ACTS {
            acted = self.next_state(&acted, action).unwrap();
        }
        assert_eq!(acted.acts, 1);
        vec![first, acted]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Days(1), Action::Days(4), Action::Sweep, Action::AnotherPlan]);
        actions.push(if state.broken { Action::Mend } else { Action::Break });
        for index in 0..state.under_way.len() {
            actions.extend([Action::Deliver(index), Action::Lose(index)]);
        }
        if state.request.is_some() {
            actions.extend((0..PEOPLE.len()).map(|who| Action::Answer(who, true)));
            actions.push(Action::Answer(1, false));
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        match action {
            Action::Days(days) => state.day += days,
            Action::Sweep => self.sweep(&mut state),
            Action::Deliver(index) => {
                let (warning, handed_on, plan) = state.under_way.remove(index);
                if let Some(delivered) =
                    state.warnings.clone().after_delivery(at_of(handed_on, plan), at(state.day))
                {
                    state.warnings = delivered;
                    let plan = usize::from(plan);
                    match (warning, &mut state.heard.last[plan]) {
                        (Warning::First, _) => state.heard.first[plan] = Some(state.day),
                        (Warning::Final, Some((last, read))) if *last == handed_on => *read = Some(state.day),
                        (Warning::Final, _) => {}
                    }
                }
            }
            Action::Lose(index) => {
                state.under_way.remove(index);
            }
            Action::Answer(who, approve) => self.answer(&mut state, who, approve),
            Action::Mend => state.broken = false,
            Action::Break => state.broken = true,
            Action::AnotherPlan => state.plan = 1 - state.plan,
        }
        // Versions only tell changes apart.
        state.warnings.version = 0;
        if let Some(request) = &mut state.request {
            request.version = 0;
        }
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no act without two delivered warnings and two people", |_, state: &State| {
                state.wrong.is_none()
            }),
            Property::sometimes("it acts", |_, state: &State| state.acts > 0),
            Property::sometimes("it acts again", |_, state: &State| state.acts > 1),
            Property::sometimes("somebody refuses", |_, state: &State| !state.heard.refused.is_empty()),
            Property::sometimes("a final warning is given again", |_, state: &State| {
                state.under_way.iter().filter(|(warning, ..)| *warning == Warning::Final).count() > 1
            }),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.day <= LAST_DAY && state.acts < 3 && state.under_way.len() < 3
    }
}

/// So many transitions are followed, unless `MODEL_STATES` says otherwise.
pub(crate) fn transitions(by_default: usize) -> usize {
    std::env::var("MODEL_STATES").ok().and_then(|states| states.parse().ok()).unwrap_or(by_default)
}

/// That the first property holds wherever the checker came, and that it came to where each of the others does.
pub(crate) fn assert_all<M>(checked: &impl Checker<M>, least: usize)
where
    M: Model<State: Debug + Clone + PartialEq, Action: Debug + Clone + PartialEq>,
{
    let (states, transitions) = (checked.unique_state_count(), checked.state_count());
    println!("{states} distinct states, {transitions} transitions");
    for property in checked.model().properties() {
        match property.expectation {
            Expectation::Always => checked.assert_no_discovery(property.name),
            Expectation::Sometimes => drop(checked.assert_any_discovery(property.name)),
            Expectation::Eventually => unreachable!("{}", property.name),
        }
    }
    assert!(states >= least, "{states} distinct states");
}

#[test]
fn a_model_checker_finds_no_way_to_act_unwarned_or_unapproved() {
    let checker = Stages::new().checker().target_state_count(transitions(TRANSITIONS));
    assert_all(&checker.spawn_bfs().join(), 1_000_000);
}
