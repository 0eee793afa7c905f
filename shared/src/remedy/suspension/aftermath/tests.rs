use super::*;
use crate::facts::fixture::{
    QUARANTINE, alice, arn, attached, context, days, deployer, inline, key, many_attached, now, throttled,
};
use crate::facts::{Read, User};
use crate::governance::Mode;
use crate::remedy::{JournalId, Remediator, SCHEMA, StepOutcome, suspend_role, suspend_user};
use crate::rules::Proposal;

fn planned(live: impl Into<Resource>, proposal: Proposal) -> Entry {
    let live = live.into();
    let plan = Plan::new(live.identity(), proposal.steps, proposal.left).unwrap();
    let cause = Cause::Order { requested_by: "ann".to_owned(), reason: "leaked".to_owned(), threat: None };
    Entry {
        schema: SCHEMA,
        id: JournalId::of_act(&cause, &plan, now()),
        cause,
        remediator: Remediator::SuspendPrincipal,
        mode: Mode::Enforce,
        aftermath: Aftermath::of(&plan, &live, &arn(QUARANTINE)),
        plan,
        status: Status::Planned,
        refusal: None,
        outcomes: Vec::new(),
        attempting: None,
        unread: Vec::new(),
        opened: now(),
        updated: None,
        closed: None,
        undone_by: None,
        lost: Vec::new(),
        known_keys: Vec::new(),
        made_by_another: Vec::new(),
    }
}

fn done(mut entry: Entry) -> Entry {
    entry.outcomes = (0..entry.plan.steps.len())
        .map(|index| StepOutcome { index, at: now(), result: StepResult::Verified })
        .collect();
    entry.status = Status::Verified;
    entry.closed = Some(now());
    entry
}

fn of_user(user: User) -> Entry {
    let proposal = suspend_user(&user, &context());
    planned(user, proposal)
}

fn of_role(role: Role) -> Entry {
    let proposal = suspend_role(&role, &context());
    planned(role, proposal)
}

fn mallory() -> User {
    alice().with_keys([key('A', days(9))]).with_password(days(9))
}

fn role_with_sessions_of(seconds: Fact<u32>) -> Role {
    Role { max_session_duration: seconds, ..deployer() }
}

fn after(hours: i64) -> String {
    (now() + SignedDuration::from_hours(hours)).to_string()
}

#[test]
fn sessions_of_a_role_live_as_long_as_it_lets_them_and_those_of_the_console_for_twelve_hours() {
    let told = old_sessions(&done(of_role(role_with_sessions_of(Fact::Known(7_200)))));
    assert!(told[0].contains(&format!(
        "sessions of the role from before {}: until {} at most",
        now(),
        after(2)
    )));
    assert!(told[1].contains(&format!("console sessions from before {}: until {}", now(), after(12))));
    assert!(told[2].contains(&after(1)) && told[2].contains("those roles' own"), "{told:?}");
}

#[test]
fn a_length_that_could_not_be_read_counts_as_the_longest_there_is_and_says_so() {
    let unread = Fact::Unknown(throttled(Read::GetRole));
    let told = old_sessions(&done(of_role(role_with_sessions_of(unread))));
    assert!(told[0].contains(&after(12)) && told[0].contains("could not be read"), "{told:?}");
    let known = old_sessions(&done(of_role(role_with_sessions_of(Fact::Known(43_200)))));
    assert!(known[0].contains(&after(12)) && !known[0].contains("could not be read"), "{known:?}");
}

#[test]
fn sessions_of_a_user_live_for_36_hours_at_most() {
    let told = old_sessions(&done(of_user(mallory())));
    assert!(told[0].contains("GetFederationToken") && told[0].contains(&after(36)), "{told:?}");
    assert!(told[1].contains("console sessions") && told[1].contains(&after(12)), "{told:?}");
    assert!(told[2].contains("other roles") && told[2].contains(&after(12)), "{told:?}");
    assert!(told[3].contains("the quarantine refuses"), "{told:?}");
}

#[test]
fn the_second_is_never_before_the_moment() {
    let mut entry = done(of_role(deployer()));
    entry.closed = Some(now() + SignedDuration::from_millis(1));
    let second = now() + SignedDuration::from_secs(1);
    assert!(old_sessions(&entry)[0].contains(&format!("before {second}: ")), "{:?}", old_sessions(&entry));
}

#[test]
fn before_it_is_done_it_is_told_how_long_they_would_live() {
    let told = old_sessions(&of_role(deployer()));
    assert_eq!(told[0], "sessions of the role last for up to 1 hour");
    assert!(told.last().unwrap().starts_with("once everything is denied"), "{told:?}");
}

#[test]
fn whose_deny_failed_is_never_said_to_be_held() {
    let mut entry = done(of_user(mallory()));
    entry.outcomes[0].result = StepResult::Failed { why: "AccessDenied".to_owned(), by_quota: false };
    entry.status = Status::Failed;
    let told = old_sessions(&entry);
    assert!(told[0].ends_with("nothing denies them anything"), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("quarantine refuses")), "{told:?}");
}

#[test]
fn a_deny_that_was_on_before_holds_them_too() {
    let quarantined = mallory().with_attached([attached(QUARANTINE)]);
    let told = old_sessions(&done(of_user(quarantined)));
    assert!(told.iter().any(|line| line.contains("quarantine refuses")), "{told:?}");
}

#[test]
fn where_no_policy_could_be_read_nothing_is_said_to_hold_them() {
    let unread = || throttled(Read::ListUserPolicies);
    let user = User {
        attached_policies: Fact::Unknown(unread()),
        inline_policies: Fact::Unknown(unread()),
        boundary: Fact::Unknown(unread()),
        ..mallory()
    };
    let told = old_sessions(&done(of_user(user)));
    assert!(told[0].ends_with("nothing denies them anything"), "{told:?}");
}

#[test]
fn the_deny_counts_by_whatever_means_it_is_put() {
    let managed = deployer();
    let by_inline = Role { attached_policies: Fact::Known(many_attached(10)), ..deployer() };
    let by_boundary = Role {
        inline_policies: Fact::Known(vec![inline("filler", "x".repeat(10_200))]),
        ..by_inline.clone()
    };
    for role in [managed, by_inline, by_boundary] {
        let entry = done(of_role(role));
        assert!(denies(&entry.plan.steps[0]), "{}", entry.plan.steps[0]);
        assert!(old_sessions(&entry).iter().any(|line| line.contains("quarantine refuses")));
        let mut undenied = entry;
        undenied.outcomes.remove(0);
        assert!(!old_sessions(&undenied).iter().any(|line| line.contains("quarantine refuses")));
    }
}

#[test]
fn nothing_is_told_of_what_was_not_done() {
    let mut entry = of_user(mallory());
    entry.status = Status::Refused;
    assert!(old_sessions(&entry).is_empty());
    let nothing = Plan::new(alice().identity, Vec::new(), vec!["one thing".to_owned()]).unwrap();
    assert_eq!(Aftermath::of(&nothing, &alice().into(), &arn(QUARANTINE)), None);
}

#[test]
fn its_undo_names_the_sessions_that_have_their_powers_back_and_no_others() {
    let suspension = done(of_user(mallory()));
    let undo_after = |hours: i64| {
        let mut undo = done(of_user(mallory()));
        undo.cause = Cause::Undo {
            of: suspension.id.clone(),
            requested_by: "ann".to_owned(),
            reason: "drill".to_owned(),
        };
        undo.aftermath = Aftermath::lifted(&suspension);
        undo.closed = Some(now() + SignedDuration::from_hours(hours));
        undo
    };
    let soon = old_sessions(&undo_after(1));
    assert_eq!(soon.len(), 2, "{soon:?}");
    assert!(soon[0].contains(&after(36)) && soon[0].contains("have their powers back"), "{soon:?}");
    assert_eq!(old_sessions(&undo_after(13)).len(), 1);
    assert!(old_sessions(&undo_after(36)).is_empty());
    assert_eq!(Aftermath::lifted(&undo_after(1)), None);
}

#[test]
fn it_comes_back_from_json_as_it_went() {
    let entry = of_role(deployer());
    let json = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry);
}
