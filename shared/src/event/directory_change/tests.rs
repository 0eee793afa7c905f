use serde_json::json;

use super::*;
use crate::directory::Status;

macro_rules! sample {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            "../../../../events/receive-directory-change/",
            $name,
            ".json"
        )))
        .unwrap()
    };
}

fn change(payload: &Value) -> DirectoryChange {
    match DirectoryEvent::parse(payload).unwrap() {
        DirectoryEvent::Change(change) => change,
        DirectoryEvent::Scheduled(_) => panic!("a schedule"),
    }
}

/// Status, when, and address.
fn said(payload: &Value) -> (Status, String, Option<String>) {
    let DirectoryChange { statement, .. } = change(payload);
    assert!(["E1042", "E2001"].contains(&statement.employee.as_str()));
    (statement.status, statement.effective_at.to_string(), statement.email.map(|email| email.to_string()))
}

fn refused(payload: &Value) -> String {
    DirectoryEvent::parse(payload).unwrap_err().to_string()
}

fn with(pointer: &str, value: Value) -> Value {
    let mut event = sample!("leaver");
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

#[test]
fn each_word_of_our_own_shape_is_read() {
    let ada = Some("ada@example.com".to_owned());
    let at = |text: &str| text.to_owned();
    assert_eq!(said(&sample!("leaver")), (Status::Leaver, at("2026-11-22T08:00:00Z"), ada));
    assert_eq!(said(&sample!("mover")), (Status::Mover, at("2026-11-01T00:00:00Z"), None));
    assert_eq!(said(&sample!("rehire")), (Status::Rehire, at("2026-11-22T08:30:00Z"), None));
    let grace = Some("grace@example.com".to_owned());
    assert_eq!(said(&sample!("joiner")), (Status::Joiner, at("2026-12-01T00:00:00Z"), grace));
    assert_eq!(change(&sample!("leaver")).said.to_string(), "2026-11-22T08:30:00Z");
}

#[test]
fn whoever_leaves_on_a_date_is_there_on_it_wherever_that_is() {
    assert_eq!(said(&sample!("leaver-on-a-date")).1, "2026-12-01T12:00:00Z");
}

#[test]
fn an_account_that_scim_calls_inactive_has_left_from_when_it_was_said() {
    let ada = Some("ada@example.com".to_owned());
    let left = (Status::Leaver, "2026-11-22T08:30:00Z".to_owned(), ada.clone());
    assert_eq!(said(&sample!("scim-inactive")), left);
    assert_eq!(said(&sample!("scim-inactive-as-text")), left);
    assert_eq!(said(&sample!("scim-active")).0, Status::Active);
    let mut without = sample!("scim-active");
    without["detail"].as_object_mut().unwrap().remove("active");
    assert_eq!(refused(&without), "`detail.active` is absent; expected a boolean");
    let mut number = sample!("scim-active");
    number["detail"][super::scim::ENTERPRISE] = json!({"employeeNumber": 1042});
    assert!(
        refused(&number).contains("employeeNumber` is a number; expected a string"),
        "{}",
        refused(&number)
    );
}

#[test]
fn a_worker_of_workday_leaves_after_its_last_day() {
    let ada = Some("ada@example.com".to_owned());
    let left = |when: &str| (Status::Leaver, when.to_owned(), ada.clone());
    assert_eq!(said(&sample!("workday-terminated")), left("2026-11-21T12:00:00Z"));
    assert_eq!(said(&sample!("workday-to-leave")), left("2027-01-01T12:00:00Z"));
    let mut undated = sample!("workday-terminated");
    undated["detail"]["Worker_Data"]["Employment_Data"]["Worker_Status_Data"]["Termination_Date"] =
        Value::Null;
    assert!(refused(&undated).ends_with("Worker_Status_Data.Termination_Date` is null; expected a string"));
}

#[test]
fn a_worker_of_workday_who_was_hired_again_once_is_not_hired_again_with_every_word() {
    let hired = |date: Value| {
        let mut worker = sample!("workday-rehired");
        worker["detail"]["Worker_Data"]["Employment_Data"]["Worker_Status_Data"]["Hire_Date"] = date;
        let (status, from, _) = said(&worker);
        (status, from)
    };
    let from = |day: &str| format!("{day}T00:00:00Z");
    // It was said on November 22.
    assert_eq!(hired(json!("2019-03-01")), (Status::Joiner, from("2019-03-01")));
    assert_eq!(hired(json!("2026-11-22")), (Status::Joiner, from("2026-11-22")));
    assert_eq!(hired(json!("2026-12-01")), (Status::Rehire, from("2026-12-01")));
    assert_eq!(hired(Value::Null), (Status::Active, "2026-11-22T08:30:00Z".to_owned()));
}

#[test]
fn a_worker_of_workday_who_has_given_notice_leaves_on_a_last_day_that_lies_ahead() {
    let ends = |keys: &[(&str, Value)]| {
        let mut worker = sample!("workday-notice-given");
        let state = &mut worker["detail"]["Worker_Data"]["Employment_Data"]["Worker_Status_Data"];
        for (key, value) in keys {
            state[*key] = value.clone();
        }
        let (status, from, _) = said(&worker);
        (status, from)
    };
    let at = |day: &str, hour: &str| format!("2026-{day}T{hour}:00:00Z");
    assert_eq!(ends(&[]), (Status::Leaver, "2027-01-01T12:00:00Z".to_owned()));
    // It was said on November 22 at half past eight: the last day was the 21st where it is still that.
    let last = |day: &str| ends(&[("Termination_Date", json!(day))]);
    assert_eq!(last("2026-11-21"), (Status::Leaver, at("11-22", "12")));
    let active = (Status::Active, "2026-11-22T08:30:00Z".to_owned());
    assert_eq!(last("2026-11-20"), active, "whoever is active after it was hired again");
    for none in [Value::Null, json!(""), json!(" ")] {
        assert_eq!(ends(&[("Termination_Date", none)]), active);
    }
    // Of a beginning and an end that lie ahead the last one tells what is to be.
    let hired = |day: &str| {
        let keys =
            [("Rehire", json!("1")), ("Hire_Date", json!(day)), ("Termination_Date", json!("2026-11-30"))];
        ends(&keys)
    };
    assert_eq!(hired("2026-11-16"), (Status::Leaver, at("12-01", "12")));
    assert_eq!(hired("2026-11-25"), (Status::Leaver, at("12-01", "12")));
    assert_eq!(hired("2026-12-01"), (Status::Rehire, at("12-01", "00")));
}

#[test]
fn one_address_of_workday_may_stand_outside_a_list() {
    let mut worker = sample!("workday-terminated");
    let addresses =
        &mut worker["detail"]["Worker_Data"]["Personal_Data"]["Contact_Data"]["Email_Address_Data"];
    *addresses = addresses[0].take();
    assert_eq!(said(&worker).2.as_deref(), Some("ada@example.com"));
}

#[test]
fn the_schedule_is_told_from_a_change() {
    assert!(matches!(DirectoryEvent::parse(&sample!("reconcile")), Ok(DirectoryEvent::Scheduled(_))));
}

#[test]
fn what_cannot_be_understood_is_named_by_its_field() {
    for (pointer, value, why) in [
        ("/detail/employee", json!(1042), "`detail.employee` is a number; expected a string"),
        ("/detail/employee", json!(" E1"), "`detail.employee` cannot be used: ` E1` is not"),
        ("/detail/status", json!("gone"), "`detail.status` is `gone`; expected `joiner`"),
        ("/detail/effectiveAt", json!(null), "`detail.effectiveAt` is null"),
        ("/detail/effectiveAt", json!("2026-11-31"), "`detail.effectiveAt` is `2026-11-31`"),
        ("/detail/effectiveAt", json!("tomorrow"), "`detail.effectiveAt` is `tomorrow`"),
        ("/detail/effectiveAt", json!("2026-11-30T18:00:00"), "`detail.effectiveAt`"),
        ("/detail", json!([]), "`detail` is an array"),
        ("/detail/email", json!(["a@example.com"]), "`detail.email` is an array"),
        ("/source", json!("hr"), "`source` is `hr` and `detail-type` is `Directory Change`"),
        ("/detail-type", json!("Directory"), "`detail-type` is `Directory`"),
        ("/account", json!("1"), "`account`"),
        ("/time", json!(null), "`time` is null"),
    ] {
        let said = refused(&with(pointer, value));
        assert!(said.contains(why), "{pointer}: {said}");
    }
    let mut unknown = sample!("leaver");
    unknown["detail"]["effectiveDate"] = json!("2026-12-31");
    assert!(refused(&unknown).starts_with("`detail.effectiveDate` is not known here"));
}

#[test]
fn an_address_that_cannot_be_used_loses_nothing_but_itself() {
    let change = change(&with("/detail/email", json!("ad\u{430}@example.com")));
    assert_eq!((change.statement.email, change.statement.unusable_email), (None, true));
}
