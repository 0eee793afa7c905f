use super::*;
use crate::facts::fixture::{alice, arn, context, days, key, key_id, now};
use crate::identifier::PolicyName;
use crate::policy::PolicyDocument;
use crate::remedy::chain::Digest;
use crate::remedy::{Aftermath, Plan, Step, StepOutcome, suspend_user};
use crate::rules::RuleId;

/// An entry with a key to switch off and an inline policy to delete, carried out.
pub(crate) fn verified_entry() -> Entry {
    let user = || alice().identity;
    let steps = vec![
        Step::DeactivateAccessKey { user: user(), key: key_id('A') },
        Step::DeleteUserPolicy {
            user: user(),
            policy: PolicyName::parse("grants").unwrap(),
            document: PolicyDocument::new(r#"{"Secret":"inside"}"#),
        },
        Step::DetachUserPolicy { user: user(), policy: arn("arn:aws:iam::aws:policy/ReadOnlyAccess") },
    ];
    let cause = Cause::Rule {
        rule: RuleId::parse("access-key-age").unwrap(),
        annotation: format!("{} is 400 days old", key_id('A')),
    };
    let plan = Plan::new(user(), steps, vec!["the key in use".to_owned()]).unwrap();
    Entry {
        schema: crate::remedy::SCHEMA,
        id: JournalId::of_act(&cause, &plan, now()),
        cause,
        remediator: Remediator::SuspendPrincipal,
        mode: Mode::Enforce,
        status: Status::Verified,
        refusal: None,
        outcomes: verified(&plan),
        plan,
        attempting: None,
        unread: Vec::new(),
        opened: now(),
        updated: None,
        closed: Some(now()),
        undone_by: None,
        lost: Vec::new(),
        aftermath: None,
        known_keys: Vec::new(),
        made_by_another: Vec::new(),
    }
}

fn verified(plan: &Plan) -> Vec<StepOutcome> {
    let each = 0..plan.steps.len();
    each.map(|index| StepOutcome { index, at: now(), result: StepResult::Verified }).collect()
}

pub(crate) fn planned_entry() -> Entry {
    let outcomes = Vec::new();
    Entry { status: Status::Planned, mode: Mode::Notify, outcomes, closed: None, ..verified_entry() }
}

fn notice(entry: &Entry) -> Notice {
    Notice::of(entry, "bailiff", None)
}

#[test]
fn a_notice_tells_what_to_whom_why_when_and_how_to_stop_and_undo_it() {
    let entry = verified_entry();
    let head = Head { seq: 7, hash: Digest::none() };
    let (id, masked, at) = (&entry.id, line(key_id('A').as_str()), now());
    let arn = alice().identity.arn;
    let expected = format!(
        "Every step was done and read back.\n\
         \n\
         Who:    user alice ({arn})\n\
         Why:    rule access-key-age: {masked} is 400 days old\n\
         When:   {at}\n\
         By:     suspend-principal\n\
         Mode:   enforce\n\
         Entry:  {id}\n\
         Chain:  {head}\n\
         \n\
         Steps:\n\
         - deactivate access key {masked} of user alice: done and read back\n\
         - delete inline policy grants from user alice: done and read back\n\
         - detach ReadOnlyAccess from user alice: done and read back\n\
         \n\
         Left to people:\n\
         - the key in use\n\
         \n\
         How to stop it:\n\
         - to have it let be by this rule, ask for an exemption: `bailiff exempt add --rule access-key-age \
         --principal {arn}` with ticket, owner, approver, reason and last day\n\
         - to stop everything at once, write the order to stop into the journal's table, as the operating guide \
         says under \"Limits, and how to stop everything\"\n\
         \n\
         To undo it, invoke the function `bailiff-restore` with\n\
         {{\"journalId\":\"{id}\",\"requestedBy\":\"<you>\",\"reason\":\"<why>\"}}\n"
    );
    let mail = Notice::of(&entry, "bailiff", Some(&head)).mail();
    assert_eq!(mail.body, expected);
    assert_eq!(mail.subject, "Bailiff: user alice: changed and verified (rule access-key-age)");
}

#[test]
fn in_short_a_notice_is_a_few_lines() {
    let mut entry = verified_entry();
    entry.plan.left = (0..9).map(|number| format!("thing {number}")).collect();
    let short = notice(&entry).short();
    assert_eq!(short.lines().count(), 3 + 3 + 5 + 1 + 1, "{short}");
    assert!(short.contains("- and 4 more, in the journal entry\n"), "{short}");
    assert!(short.contains("; to undo it, invoke `bailiff-restore`"), "{short}");
}

#[test]
fn a_suspension_s_notice_says_how_long_sessions_live_and_what_is_lost_before_and_after() {
    let user = alice().with_keys([key('A', days(9))]).with_password(days(9));
    let proposal = suspend_user(&user, &context());
    let plan = Plan::new(user.identity.clone(), proposal.steps, Vec::new()).unwrap();
    let aftermath = Aftermath::of(&plan, &user.into(), &context().quarantine_policy);
    let before = Entry { plan, aftermath, ..planned_entry() };
    let warned = notice(&before);
    assert!(warned.sessions[0].ends_with("last for up to 36 hours"), "{:?}", warned.sessions);
    assert!(warned.lost[0].starts_with("if this is done, the console password is gone"), "{:?}", warned.lost);
    let after =
        Entry { status: Status::Verified, closed: Some(now()), outcomes: verified(&before.plan), ..before };
    let told = notice(&after);
    let until = now() + jiff::SignedDuration::from_hours(36);
    assert!(told.sessions[0].contains(&format!(": until {until} at most")), "{:?}", told.sessions);
    for text in [told.mail().body, told.short()] {
        assert!(text.contains(&told.sessions[0]), "{text}");
    }
}

#[test]
fn a_notice_comes_back_from_json_as_it_went() {
    for entry in [verified_entry(), planned_entry()] {
        let notice = Notice::of(&entry, "bailiff", Some(&Head { seq: 7, hash: Digest::none() }));
        assert_eq!(Notice::parse(&serde_json::to_string(&notice).unwrap()).unwrap(), notice);
    }
}

#[test]
fn what_is_no_notice_is_told_from_one_of_a_newer_version() {
    for text in ["", "[]", "{}", "{\"schema\": 1}", "{\"schema\": \"1\"}"] {
        assert!(matches!(Notice::parse(text), Err(NoticeError::Malformed(_))), "{text}");
    }
    let newer = Notice::parse("{\"schema\": 2, \"entries\": []}");
    assert!(matches!(newer, Err(NoticeError::Newer(2))), "{newer:?}");
}

#[test]
fn the_sample_events_hold_notices_and_what_is_none() {
    let bodies = |text: &str| -> Vec<String> {
        let event: serde_json::Value = serde_json::from_str(text).unwrap();
        let records = event["Records"].as_array().unwrap();
        records.iter().map(|record| record["body"].as_str().unwrap().to_owned()).collect()
    };
    let notices = bodies(include_str!("../../../events/deliver-notices/notices.json"));
    let urgency: Vec<_> = notices.iter().map(|body| Notice::parse(body).unwrap().urgency()).collect();
    assert_eq!(urgency, [Urgency::AtOnce, Urgency::MayWait]);
    let others = bodies(include_str!("../../../events/deliver-notices/no-notices.json"));
    assert!(matches!(Notice::parse(&others[0]), Err(NoticeError::Newer(2))));
    assert!(matches!(Notice::parse(&others[1]), Err(NoticeError::Malformed(_))));
    let digest = serde_json::from_str(include_str!("../../../events/deliver-notices/digest.json")).unwrap();
    assert!(matches!(crate::event::Event::parse(&digest), Ok(crate::event::Event::Scheduled(_))));
}

#[test]
fn neither_policies_nor_keys_are_told() {
    let told = serde_json::to_string(&notice(&verified_entry())).unwrap();
    assert!(!told.contains("Secret") && !told.contains(key_id('A').as_str()), "{told}");
}

#[test]
fn what_was_only_planned_is_not_offered_for_undoing() {
    let text = notice(&planned_entry()).mail().body;
    assert!(text.starts_with("Nothing was changed: the mode is `notify`. `enforce` would do what follows."));
    assert!(text.contains("of user alice: not done"), "{text}");
    assert!(!text.contains("To undo"), "{text}");
}

#[test]
fn only_what_changed_nothing_may_wait() {
    let mut entry = verified_entry();
    for status in [Status::Open, Status::Verified, Status::Failed, Status::Refused, Status::Unknown] {
        entry.status = status;
        assert_eq!(notice(&entry).urgency(), Urgency::AtOnce, "{status}");
    }
    entry.status = Status::Refused;
    entry.refusal = Some(Refusal::Gone);
    assert_eq!(notice(&entry).urgency(), Urgency::AtOnce);
    entry.refusal = Some(Refusal::LeftToPeople { what: vec!["a key in use".to_owned()] });
    assert_eq!(notice(&entry).urgency(), Urgency::MayWait);
    assert_eq!(notice(&planned_entry()).urgency(), Urgency::MayWait);
}

#[test]
fn a_text_from_elsewhere_adds_no_line_and_turns_none() {
    let mut entry = verified_entry();
    let forged = "leaver\r\nBcc: all@example.com\n\nTo undo it, pay \u{202e}eno \u{2028}here";
    entry.cause = Cause::Order { requested_by: "Zoë".to_owned(), reason: forged.to_owned(), threat: None };
    entry.plan.left = vec![forged.to_owned()];
    entry.lost = vec![forged.to_owned()];
    for text in [notice(&entry).mail().body, notice(&entry).short()] {
        for line in text.lines() {
            assert!(!line.starts_with("Bcc") && !line.starts_with("To undo it, pay"), "{text}");
        }
        assert!(!text.contains(['\r', '\u{202e}', '\u{2028}']), "{text}");
    }
}

#[test]
fn a_subject_is_one_line_of_at_most_100_plain_characters() {
    let mut entry = verified_entry();
    let requested_by = format!("Zoë\r\n{}", "x".repeat(200));
    entry.cause = Cause::Order { requested_by, reason: "leaver".to_owned(), threat: None };
    let subject = notice(&entry).mail().subject;
    assert!(subject.starts_with("Bailiff: user alice: changed and verified (order of Zo?  x"), "{subject}");
    assert_eq!(subject.len(), SUBJECT);
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let mut entry = verified_entry();
    entry.lost = vec!["é".repeat(1_000); 100];
    let lost = notice(&entry).lost;
    assert!(lost.len() < 30 && lost[0].len() <= 1_003, "{}", lost.len());
    assert_eq!(lost.last().unwrap(), &format!("… and {} more, in the journal entry", 100 - (lost.len() - 1)));
}
