//! Who keeps putting something back is named, by what CloudTrail recorded; that nobody can be named changes nothing.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::Decision;
use shared::remedy::{Refusal, Status};
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;

const SETTINGS: &str = "limits: { actsPerSweep: 1000000, actsPerHour: 1000000, actsPerDay: 1000000, sharePerDay: 100, \
                        actsPerResourceAndDay: 2 }\nnotices:\n  from: bailiff@example.com\n  domains: [example.com]\n  \
                        fallback: security@example.com\n";

/// A record as CloudTrail has it: somebody writes Ada's policy.
fn written_by(role: &str, session: &str, agent: &str, at: &str) -> Value {
    json!({
        "eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy", "eventTime": at,
        "recipientAccountId": ACCOUNT, "userAgent": agent, "sourceIPAddress": "203.0.113.9", "readOnly": false,
        "requestParameters": {"userName": "ada", "policyName": "p"},
        "userIdentity": {
            "type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{session}"), "accountId": ACCOUNT,
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLE", "userName": role,
                "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}")
            }}
        }
    })
}

/// Ada's policy is taken off as often as may be, and is there again.
fn war(recorded: &[Value]) -> Local {
    let account = || users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account(), only(&[INLINE], "enforce", SETTINGS));
    for record in recorded {
        local.world.record_call("PutUserPolicy", record.clone());
    }
    for _ in 0..3 {
        local.world.edit(|file| file.users[0].inline_policies = account().users[0].inline_policies.clone());
        local.world.advance(SignedDuration::from_mins(10));
        local.deliver(&change(&local.world, "ada", INLINE));
    }
    let last = local.world.entries().pop().unwrap();
    assert!(matches!(last.refusal, Some(Refusal::ChangedTooOften { times: 2 })), "{last:#?}");
    local
}

/// What the notice of the refusal says, and what the log does.
fn told(local: &Local) -> (String, Vec<String>) {
    local.world.take_decisions();
    assert_eq!(local.deliver_notices(), []);
    let heard = local.world.heard();
    let mut bodies = heard
        .iter()
        .map(|heard| &heard.body)
        .filter(|body| body.contains("put it back") || body.contains("Who puts it back"));
    let body = bodies.next().unwrap_or_else(|| panic!("{heard:#?}")).clone();
    assert_eq!(bodies.count(), 0, "only what was changed too often is asked about");
    let named = local.world.take_decisions().into_iter().find_map(|decision| match decision {
        Decision::PutBack { by, .. } => Some(by),
        _ => None,
    });
    (body, named.unwrap())
}

#[test]
fn whoever_puts_it_back_is_named_with_how_often_when_and_by_what() {
    let terraform = "HashiCorp Terraform/1.9.0";
    let local = war(&[
        written_by("deploy", "run-1", terraform, "2026-11-22T09:05:00Z"),
        written_by("deploy", "run-2", terraform, "2026-11-22T09:15:00Z"),
        written_by("admin", "sam", "aws-cli/2.31", "2026-11-22T09:01:00Z"),
        written_by("bailiff-restore", "x", "bailiff", "2026-11-22T09:02:00Z"),
    ]);
    let (body, named) = told(&local);
    assert_eq!(named.len(), 2, "{named:?}");
    assert_eq!(
        named[0],
        format!(
            "arn:aws:iam::{ACCOUNT}:role/deploy, session run-2: 2 times within a day, last at 2026-11-22T09:15:00Z by \
             iam:PutUserPolicy; it seems managed by Terraform: change it there"
        )
    );
    assert!(
        named[1].starts_with(&format!("arn:aws:iam::{ACCOUNT}:role/admin, session sam: once")),
        "{named:?}"
    );
    assert!(body.contains("Who puts it back:") && named.iter().all(|who| body.contains(who)), "{body}");
}

#[test]
fn where_nobody_is_found_the_notice_says_why_and_is_told_all_the_same() {
    let (body, named) = told(&war(&[]));
    assert!(named[0].contains("could not be found out") && named[0].contains("15 minutes"), "{named:?}");
    assert!(body.contains(&named[0]), "{body}");
    let hostile = [json!({}), json!([]), json!("x"), json!({"userIdentity": 7, "eventTime": "never"})];
    assert_eq!(told(&war(&hostile)).1, named);
    for (fault, said) in
        [(Fault::Denied, "denied"), (Fault::Throttled, "throttled"), (Fault::Failed, "failed")]
    {
        let local = war(&[]);
        local.world.fail(Operation::LookupEvents, fault, Times::Always);
        let (body, named) = told(&local);
        assert!(named[0].contains("could not be found out") && named[0].contains(said), "{named:?}");
        assert!(body.contains("could not be found out"), "{body}");
    }
}

#[test]
fn what_was_found_before_cloudtrail_fails_or_leaves_off_is_told_with_the_gap() {
    let record = written_by("deploy", "run", "Terraform", "2026-11-22T09:05:00Z");
    let many = war(&vec![record.clone(); 120]);
    let (_, named) = told(&many);
    assert!(named[0].contains("100 times"), "{named:?}");
    assert!(named[1].contains("only the newest 100 were looked at"), "{named:?}");

    let failing = war(&vec![record.clone(); 120]);
    failing.world.fail_later(Operation::LookupEvents, None, 1, Fault::Denied, Times::Always);
    let (_, named) = told(&failing);
    assert!(named[0].contains("50 times") && named[1].contains("there may be others"), "{named:?}");

    // Asked too often once, it is asked again.
    let throttled = war(&[record]);
    throttled.world.fail(Operation::LookupEvents, Fault::Throttled, Times::Next(1));
    let (_, named) = told(&throttled);
    assert!(named.len() == 1 && named[0].contains(": once"), "{named:?}");
}

#[test]
fn cloudtrail_is_asked_only_of_what_is_changed_too_often_and_not_more_than_twice_a_second() {
    let record = written_by("deploy", "run", "Terraform", "2026-11-22T09:05:00Z");
    let local = war(&vec![record; 70]);
    assert_eq!(local.world.calls().count("cloudtrail:LookupEvents"), 0, "no guard waits for it");
    let began = local.world.now();
    let (_, named) = told(&local);
    assert!(named[0].contains("70 times"), "{named:?}");
    assert_eq!(local.world.calls().count("cloudtrail:LookupEvents"), 2);
    assert!(local.world.now().duration_since(began) >= SignedDuration::from_millis(500));
}

#[test]
fn what_is_known_of_it_changes_nothing_of_what_is_done() {
    for recorded in [vec![], vec![written_by("deploy", "run", "Terraform", "2026-11-22T09:05:00Z")]] {
        let local = war(&recorded);
        told(&local);
        let done = local.world.entries().iter().filter(|entry| entry.status == Status::Verified).count();
        assert_eq!((done, local.world.calls().iam_writes()), (2, 2));
    }
}

#[test]
fn a_few_are_named_and_the_others_counted() {
    for (count, expected) in [(3, None), (5, Some("and 2 more"))] {
        let records: Vec<Value> = (0..count)
            .map(|number| written_by(&format!("deploy{number}"), "run", "x", "2026-11-22T09:05:00Z"))
            .collect();
        let (_, named) = told(&war(&records));
        assert_eq!(named.len(), 3 + usize::from(expected.is_some()), "{named:?}");
        assert_eq!(named.get(3).map(String::as_str), expected);
    }
}

#[test]
fn the_latest_call_of_one_is_told_in_whatever_order_cloudtrail_has_them() {
    for sessions in [["early", "late"], ["late", "early"]] {
        let at =
            |session: &str| if session == "late" { "2026-11-22T09:15:00Z" } else { "2026-11-22T09:05:00Z" };
        let (_, named) = told(&war(&sessions.map(|session| written_by("deploy", session, "x", at(session)))));
        assert!(named[0].contains("session late: 2 times") && named[0].contains("09:15:00Z"), "{named:?}");
    }
    // Of the same second, the newest.
    let same = ["first", "second"].map(|session| written_by("deploy", session, "x", "2026-11-22T09:05:00Z"));
    let (_, named) = told(&war(&same));
    assert!(named[0].contains("session second"), "{named:?}");
}

#[test]
fn cloudtrail_is_not_asked_again_where_it_may_not_be_asked() {
    for (fault, calls) in [(Fault::Denied, 1), (Fault::Throttled, 2)] {
        let local = war(&[]);
        local.world.fail(Operation::LookupEvents, fault, Times::Always);
        told(&local);
        assert_eq!(local.world.calls().count("cloudtrail:LookupEvents"), calls, "{fault:?}");
    }
}
