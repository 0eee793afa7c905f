use shared::remedy::chain::Digest;

use super::*;
use crate::samples::{open_entry, verified_entry};

#[test]
fn a_notice_tells_what_to_whom_why_when_and_how_to_undo_it() {
    let entry = verified_entry();
    let id = &entry.id;
    let head = Head { seq: 7, hash: Digest::none() };
    let expected = format!(
        "Every step was done and read back.\n\
         \n\
         Who:    user ann (arn:aws:iam::111122223333:user/ann)\n\
         Why:    rule access-key-age: …MPLE is 400 days old\n\
         When:   2026-11-22T09:00:00Z\n\
         By:     deactivate-access-keys\n\
         Mode:   enforce\n\
         Entry:  {id}\n\
         Chain:  {head}\n\
         \n\
         Steps:\n\
         - deactivate access key …MPLE of user ann: done and read back\n\
         - delete inline policy grants from user ann: done and read back\n\
         \n\
         Left to people:\n\
         - the key in use\n\
         \n\
         To undo it, invoke the function `bailiff-restore` with\n\
         {{\"journalId\":\"{id}\",\"requestedBy\":\"<you>\",\"reason\":\"<why>\"}}\n"
    );
    assert_eq!(body(&entry, "bailiff", Some(&head)), expected);
}

#[test]
fn neither_policies_nor_keys_are_told() {
    let text = body(&verified_entry(), "bailiff", None);
    assert!(!text.contains("Secret") && !text.contains("AKIAIOSFODNN7EXAMPLE"), "{text}");
}

#[test]
fn what_was_only_planned_is_not_offered_for_undoing() {
    let mut entry = open_entry();
    entry.status = Status::Planned;
    entry.mode = Mode::Notify;
    let text = body(&entry, "bailiff", None);
    assert!(text.starts_with("Nothing was changed: the mode is `notify`. `enforce` would do what follows."));
    assert!(text.contains("deactivate access key …MPLE of user ann: not done"), "{text}");
    assert!(!text.contains("To undo"), "{text}");
}

#[test]
fn a_subject_is_one_line_of_at_most_100_plain_characters() {
    let mut entry = verified_entry();
    entry.cause =
        Cause::Order { requested_by: format!("Zoë\n{}", "x".repeat(200)), reason: "leaver".to_owned() };
    let subject = subject(&entry);
    assert!(subject.starts_with("Bailiff: user ann: changed and verified (order of Zo??x"), "{subject}");
    assert_eq!(subject.len(), 100);
}

#[test]
fn a_body_that_is_too_long_is_cut_between_characters() {
    let mut entry = verified_entry();
    entry.lost = vec!["é".repeat(200 * 1024)];
    let text = body(&entry, "bailiff", None);
    assert!(text.len() < 256 * 1024);
    assert!(text.ends_with("… cut; the journal entry has it all.\n"));
}
