//! Every read that fails, in every way: nothing that needed it is written, nothing is called compliant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Compliance, Decision, Judged};
use shared::facts::{Need, Read};
use shared::identifier::Arn;
use shared::remedy::{Cause, Remediator, Status, StepResult, Write};
use shared::rules::{Meta, RULES, ResourceType};
use sim::{Chances, Fault, Local, Operation, PageSizes, Times};

use crate::fixture::*;
use crate::worlds::*;

const FAULTS: [Fault; 4] = [Fault::Throttled, Fault::Denied, Fault::Failed, Fault::LostAnswer];

/// Every read that some rule makes, or that a sweep makes for it.
fn reads() -> BTreeSet<Read> {
    let with_remediator = RULES.iter().filter(|rule| rule.meta.remediator.is_some());
    with_remediator.flat_map(|rule| needed_by(&rule.meta)).collect()
}

/// What a rule's finding and its remediation cannot do without.
fn needed_by(rule: &Meta) -> BTreeSet<Read> {
    needed_of(rule, &rule.applies_to.iter().copied().collect())
}

/// What a rule must read of resources of these kinds.
fn needed_of(rule: &Meta, kinds: &BTreeSet<ResourceType>) -> BTreeSet<Read> {
    let needs: Vec<Need> = rule.needs.iter().chain(rule.plan_needs).copied().collect();
    let live = kinds.iter().flat_map(|kind| needs.iter().flat_map(|need| need.live_reads(*kind)));
    let bulk = rule.needs.iter().flat_map(|need| need.account_reads());
    let found = kinds.iter().filter_map(|kind| kind.found_by());
    live.chain(bulk).copied().chain(found).chain([Read::GetAccountAuthorizationDetails]).collect()
}

/// What a suspension switches off, but for the deny itself.
const CREDENTIALS: [Need; 5] = [
    Need::AccessKeys,
    Need::LoginProfile,
    Need::SshPublicKeys,
    Need::ServiceSpecificCredentials,
    Need::SigningCertificates,
];

/// Whether it tells of nothing but credentials of whom the rule suspends for a threat: the deny waits for none of them.
fn holds_up_no_deny(rule: &Meta, read: Read) -> bool {
    let reads = |need: &Need| {
        let live = need.live_reads(ResourceType::User).iter().chain(need.account_reads());
        live.copied().collect::<Vec<_>>()
    };
    let tells = |need: &&Need| reads(need).contains(&read);
    let mut needs = rule.needs.iter().chain(rule.plan_needs).filter(tells);
    rule.answers_threats()
        && rule.remediator == Some(Remediator::SuspendPrincipal)
        && needs.clone().next().is_some()
        && needs.all(|need| CREDENTIALS.contains(need))
}

fn calm_end() -> Vec<String> {
    let local = local(something_of_everything(), all_rules("enforce", ""));
    let before = local.world.account();
    sweep(&local);
    changes(&before, &local)
}

fn rules_that_wrote(local: &Local) -> BTreeSet<&'static str> {
    written(local)
        .iter()
        .filter_map(|entry| match entry.cause {
            Cause::Rule { rule, .. } => Some(rule.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_read_that_fails_lets_nothing_that_needed_it_be_written() {
    let mut account = something_of_everything();
    // So that every plan that looks at inline policies has one to read.
    let own = || sim::account_file::InlinePolicy {
        name: "own".parse().unwrap(),
        document: shared::policy::PolicyDocument::new("{}"),
    };
    let users = account.users.iter_mut().map(|user| &mut user.inline_policies);
    let roles = account.roles.iter_mut().map(|role| &mut role.inline_policies);
    for policies in users.chain(roles).filter(|policies| policies.is_empty()) {
        policies.push(own());
    }
    // And that whoever has a policy must be looked up, whatever he is.
    for policy in &account.policies {
        let arn: Arn =
            format!("arn:aws:iam::{ACCOUNT}:policy{}{}", policy.path, policy.name).parse().unwrap();
        account.users[0].attached_policies.insert(arn.clone());
        account.roles[0].attached_policies.insert(arn.clone());
        account.groups[0].attached_policies.insert(arn);
    }
    for rule in acting_rules() {
        let id = rule.meta.id.as_str();
        // Of a rule about several kinds, those that break it here.
        let calm = local(account.clone(), enforce(&[id]));
        sweep(&calm);
        let kinds = written(&calm).iter().map(|entry| entry.plan.resource.kind()).collect();
        for (read, fault) in reads().into_iter().flat_map(|read| FAULTS.map(|fault| (read, fault))) {
            let local = local(account.clone(), enforce(&[id]));
            local.world.fail(Operation::Read(read), fault, Times::Always);
            sweep(&local);
            if holds_up_no_deny(&rule.meta, read) {
                // Whoever suspends says which list is missing; what only a sweep reads, it does without.
                let of_sweeps = !calm.world.calls().0.iter().any(|call| {
                    call.operation == Operation::Read(read) && call.function == "suspend-principal"
                });
                for entry in written(&local) {
                    let is_told = entry.unread.iter().any(|unread| unread.read == read);
                    assert_eq!(is_told, !of_sweeps, "{id} {read} {fault:?}: {entry:#?}");
                    assert_eq!(entry.status == Status::Unknown, is_told, "{id} {read} {fault:?}: {entry:#?}");
                }
            } else if needed_of(&rule.meta, &kinds).contains(&read) {
                assert_eq!(local.world.calls().iam_writes(), 0, "{id} wrote although {read} {fault:?}");
            } else {
                assert!(!written(&local).is_empty(), "{id} did not write although it can do without {read}");
            }
        }
    }
}

#[test]
fn what_does_not_need_the_failed_read_goes_on() {
    let local = local(something_of_everything(), all_rules("enforce", ""));
    local.world.fail(Operation::Read(Read::GetAccessKeyLastUsed), Fault::Denied, Times::Always);
    sweep(&local);
    let needs_it = |rule: &Meta| needed_by(rule).contains(&Read::GetAccessKeyLastUsed);
    let with_remediator = RULES.iter().filter(|rule| rule.meta.remediator.is_some());
    let others: BTreeSet<&str> =
        with_remediator.filter(|rule| !needs_it(&rule.meta)).map(|rule| rule.meta.id.as_str()).collect();
    // What the one finds is left to people, and no directory says anything for the other to find.
    let idle = BTreeSet::from(["console-password-unused", "user-left"]);
    assert_eq!(rules_that_wrote(&local), others.difference(&idle).copied().collect());
}

#[test]
fn a_failed_read_is_never_reported_as_compliant() {
    for rule in RULES {
        let id = rule.meta.id.as_str();
        let verdicts = |failing: Option<(Read, Fault)>| -> BTreeMap<String, Compliance> {
            let local = local(something_of_everything(), all_rules("audit", ""));
            if let Some((read, fault)) = failing {
                local.world.fail(Operation::Read(read), fault, Times::Always);
            }
            local.deliver(&schedule(&local.world, id));
            let held = local.world.evaluations().into_iter().map(|held| held.evaluation);
            held.map(|evaluation| (evaluation.resource_id, evaluation.compliance)).collect()
        };
        let truth = verdicts(None);
        for (read, fault) in reads().into_iter().flat_map(|read| FAULTS.map(|fault| (read, fault))) {
            for (user, compliance) in verdicts(Some((read, fault))) {
                assert_eq!(compliance, truth[&user], "{id} {read} {fault:?}");
            }
        }
    }
}

#[test]
fn an_unknown_is_counted_and_not_reported() {
    let local = local(something_of_everything(), all_rules("audit", ""));
    local.world.fail(Operation::Read(Read::GetCredentialReport), Fault::Denied, Times::Always);
    let delivery = local.deliver(&schedule(&local.world, NO_MFA));
    let summary = delivery.evaluated.unwrap();
    assert_eq!((summary.unknown, summary.compliant, summary.non_compliant, summary.reported), (13, 0, 0, 0));
    assert!(local.world.evaluations().is_empty());
    let judged =
        |decision: &Decision| matches!(decision, Decision::Judged { judged: Judged::Unknown { .. }, .. });
    assert_eq!(delivery.decisions.iter().filter(|decision| judged(decision)).count(), 13);
}

#[test]
fn a_listing_that_breaks_off_reports_nothing_as_gone() {
    let local = local(something_of_everything(), all_rules("audit", ""));
    local.world.set_page_sizes(PageSizes::Of(2));
    local.deliver(&schedule(&local.world, INLINE)).evaluated.unwrap();
    let before = local.world.evaluations();
    local.world.fail_later(
        Operation::Read(Read::GetAccountAuthorizationDetails),
        None,
        2,
        Fault::Throttled,
        Times::Always,
    );
    assert!(local.deliver(&schedule(&local.world, INLINE)).evaluated.is_err());
    assert!(
        local.world.evaluations().iter().all(|held| held.evaluation.compliance != Compliance::NotApplicable)
    );
    assert_eq!(before.len(), local.world.evaluations().len());
}

#[test]
fn a_second_page_that_fails_leaves_the_whole_list_unknown() {
    let policies: Vec<_> = (0..6).map(|number| json!({"name": format!("p{number}")})).collect();
    let local = local(users(json!([{"name": "ada", "inlinePolicies": policies}])), enforce(&[INLINE]));
    local.world.set_page_sizes(PageSizes::Of(4));
    local.world.fail_later(Operation::Read(Read::ListUserPolicies), None, 1, Fault::Denied, Times::Next(1));
    local.deliver(&change(&local.world, "ada", INLINE));
    assert_eq!(entry(&local).status, Status::Unknown);
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn odd_and_empty_pages_change_nothing_about_the_end() {
    let end = calm_end();
    for seed in 0..8 {
        let local = local(something_of_everything(), all_rules("enforce", ""));
        let before = local.world.account();
        local.world.set_page_sizes(PageSizes::Odd(seed));
        sweep(&local);
        assert_eq!(changes(&before, &local), end, "seed {seed}");
    }
}

#[test]
fn a_write_that_is_refused_or_denied_is_a_failure_and_is_not_tried_again_by_itself() {
    for fault in [Fault::Denied, Fault::Failed] {
        let local =
            local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
        local.world.fail(Operation::Write(Write::DeleteUserPolicy), fault, Times::Always);
        local.deliver(&change(&local.world, "ada", INLINE));
        let entry = entry(&local);
        assert_eq!(entry.status, Status::Failed);
        let StepResult::Failed { why, .. } = &entry.outcomes[0].result else { panic!() };
        assert!(fault == Fault::Failed || why.contains("iam:DeleteUserPolicy"), "{why}");
        assert_eq!((local.world.calls().iam_writes(), local.world.notices().len()), (1, 1));
    }
}

#[test]
fn a_write_that_was_done_without_an_answer_is_verified() {
    for write in [
        Write::DeleteUserPolicy,
        Write::DetachUserPolicy,
        Write::UpdateAccessKey,
        Write::AttachUserPolicy,
        Write::DeleteLoginProfile,
        Write::PutUserPolicy,
        Write::UpdateAccountPasswordPolicy,
    ] {
        let end = calm_end();
        let local = local(something_of_everything(), all_rules("enforce", ""));
        let before = local.world.account();
        local.world.fail(Operation::Write(write), Fault::LostAnswer, Times::Always);
        sweep(&local);
        assert_eq!(changes(&before, &local), end, "{write}");
        assert!(written(&local).iter().all(|entry| entry.status == Status::Verified), "{write}");
    }
}

#[test]
fn a_write_that_was_throttled_throughout_reads_back_undone() {
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
    local.world.fail(Operation::Write(Write::DeleteUserPolicy), Fault::Throttled, Times::Always);
    local.deliver(&change(&local.world, "ada", INLINE));
    let entry = entry(&local);
    assert_ne!(entry.status, Status::Verified);
    assert_eq!(local.world.account().users[0].inline_policies.len(), 1);
}

#[test]
fn a_reading_back_that_tells_nothing_is_unknown_and_can_be_undone() {
    let local = local(users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}])), enforce(&[INLINE]));
    let before = local.world.account();
    // Planning and the guard read well; what is read after the write does not.
    local.world.fail_later(Operation::Read(Read::ListUserPolicies), None, 2, Fault::Denied, Times::Always);
    local.deliver(&change(&local.world, "ada", INLINE));
    let entry = entry(&local);
    assert_eq!(entry.status, Status::Unknown);
    local.world.heal();
    restore(&local, &entry.id).unwrap();
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn a_journal_that_cannot_be_written_lets_nothing_be_changed() {
    for operation in [Operation::PutItem, Operation::GetItem] {
        for fault in [Fault::Throttled, Fault::Denied, Fault::Failed] {
            let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
            let local = local(account, enforce(&[INLINE]));
            local.world.fail(operation, fault, Times::Always);
            let delivery = local.deliver(&change(&local.world, "ada", INLINE));
            assert_eq!(local.world.calls().iam_writes(), 0, "{operation:?} {fault:?}");
            assert_eq!(delivery.dead_letters.len(), 1, "{operation:?} {fault:?}");
        }
    }
}

#[test]
fn a_journal_that_fails_after_the_write_is_caught_up_with_later() {
    for fault in [Fault::Throttled, Fault::LostAnswer] {
        let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
        let local = local(account, enforce(&[INLINE]));
        local.world.fail(Operation::UpdateItem, fault, Times::Next(2));
        let delivery = local.deliver(&change(&local.world, "ada", INLINE));
        assert!(delivery.dead_letters.is_empty());
        let entry = entry(&local);
        assert_eq!(entry.status, Status::Verified, "{fault:?}");
        assert_eq!(entry.written().count(), 2);
        assert_eq!(local.world.calls().iam_writes(), 2);
    }
}

#[test]
fn an_opening_whose_answer_was_lost_is_finished_by_the_next_try() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    local.world.fail(Operation::PutItem, Fault::LostAnswer, Times::Next(1));
    local.deliver(&change(&local.world, "ada", INLINE));
    assert_eq!(entry(&local).status, Status::Verified);
    assert!(local.world.account().users[0].inline_policies.is_empty());
}

#[test]
fn a_queue_that_throttles_fails_the_event_which_is_tried_again() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    local.world.fail(Operation::SendMessage, Fault::Throttled, Times::Next(2));
    let delivery = local.deliver(&change(&local.world, "ada", INLINE));
    assert!(delivery.evaluated.is_ok());
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn a_stretch_of_bad_weather_delays_the_end_and_does_not_change_it() {
    let end = calm_end();
    for seed in 0..40 {
        let local = local(something_of_everything(), all_rules("enforce", ""));
        let before = local.world.account();
        let chances = Chances { throttled: 100, denied: 0, failed: 50, lost_answer: 50 };
        local.world.set_weather(seed, chances);
        let dead_letters = sweep(&local).dead_letters;
        local.world.heal();
        // What AWS refused is not tried again for a day.
        local.world.advance(SignedDuration::from_hours(25));
        // Somebody mends the cause and sends the dead letters back to their queues.
        for letter in dead_letters {
            let to =
                Remediator::ALL.iter().copied().find(|remediator| remediator.as_str() == letter.function);
            if let Some(to) = to {
                local.world.put_message(to, &letter.body, &letter.body);
            }
        }
        local.work_off();
        sweep(&local);
        assert_eq!(changes(&before, &local), end, "seed {seed}");
        let open: Vec<_> = local.world.entries().into_iter().filter(|entry| !entry.is_closed()).collect();
        assert_eq!(open, [], "seed {seed}");
    }
}

/// The first look is the one that judges; the second comes just before the write.
#[test]
fn what_cannot_be_read_just_before_a_write_is_tried_again_or_leaves_it_unwritten() {
    for (fault, status, writes) in
        [(Fault::Throttled, Status::Verified, 1), (Fault::Denied, Status::Unknown, 0)]
    {
        let list = json!([{"name": "u", "inlinePolicies": [{"name": "own"}]}]);
        let local = local(users(list), enforce(&[INLINE]));
        local.world.fail_later(Operation::Read(Read::GetUser), None, 1, fault, Times::Next(1));
        let delivery = local.deliver(&change(&local.world, "u", INLINE));
        assert!(delivery.dead_letters.is_empty(), "{fault:?}");
        assert_eq!(entry(&local).status, status, "{fault:?}");
        assert_eq!(local.world.calls().iam_writes(), writes, "{fault:?}");
    }
}
