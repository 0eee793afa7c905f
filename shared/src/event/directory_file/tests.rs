use proptest::prelude::*;

use super::*;
use crate::directory::Status;

const CSV: &str = include_str!("../../../../events/receive-directory-change/list.csv");
const JSON: &str = include_str!("../../../../events/receive-directory-change/list.jsonl");

fn refused(text: &str) -> String {
    DirectoryFile::parse(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn csv_and_json_say_the_same() {
    let csv = DirectoryFile::parse(CSV.as_bytes()).unwrap();
    assert_eq!(csv, DirectoryFile::parse(JSON.as_bytes()).unwrap());
    assert_eq!(csv.count(), 3);
    let of = |id: &str| &csv.people[&EmployeeId::parse(id).unwrap()];
    assert_eq!(of("E1042").status, Status::Leaver);
    assert_eq!(of("E1042").effective_at.to_string(), "2026-11-21T12:00:00Z");
    assert_eq!((of("E1043").status, of("E1043").effective_at), (Status::Active, csv.generated_at));
}

#[test]
fn line_ends_and_marks_of_windows_are_no_fault() {
    let windows = format!("\u{feff}{}", CSV.replace('\n', "\r\n"));
    assert_eq!(DirectoryFile::parse(windows.as_bytes()), DirectoryFile::parse(CSV.as_bytes()));
    let windows = JSON.replace('\n', "\r\n");
    assert_eq!(DirectoryFile::parse(windows.as_bytes()), DirectoryFile::parse(JSON.as_bytes()));
}

#[test]
fn a_list_cut_off_at_any_byte_is_refused() {
    let quoted = CSV.replace("edsger@example.com", "\"edsger@example.com\"");
    for list in [CSV, JSON, quoted.as_str()] {
        assert!(DirectoryFile::parse(list.as_bytes()).is_ok());
        for end in 0..list.len() {
            assert!(DirectoryFile::parse(&list.as_bytes()[..end]).is_err(), "cut off at {end}");
        }
    }
}

#[test]
fn a_list_that_says_nothing_is_refused() {
    assert_eq!(DirectoryFile::parse(b""), Err(DirectoryFileError::Empty));
    assert_eq!(DirectoryFile::parse(b" \r\n\n"), Err(DirectoryFileError::Empty));
    let nobody = "{\"generatedAt\": \"2026-11-22T03:00:00Z\", \"count\": 0}\n";
    assert_eq!(DirectoryFile::parse(nobody.as_bytes()), Err(DirectoryFileError::Nobody));
    let header_alone = format!("{nobody}employee,status,effectiveAt,email\n");
    assert_eq!(DirectoryFile::parse(header_alone.as_bytes()), Err(DirectoryFileError::Nobody));
}

#[test]
fn one_line_that_cannot_be_read_refuses_the_list_and_is_named() {
    for (from, to, why) in [
        ("E1043,active", "E1043,retired", "`line 4.status` is `retired`; expected"),
        ("E1044,leaver,2026-12-31", "E1044,leaver,", "`line 5.effectiveAt` is absent"),
        ("E1044,leaver,2026-12-31", "E1044,leaver,31.12.2026", "`line 5.effectiveAt` is `31.12.2026`"),
        ("E1043,", ",", "`line 4.employee` is absent"),
        ("E1043,active,,", "E1043,active,", "line 4 is not CSV"),
        ("E1044", "E1042", "line 5 names the employee of line 3 once more"),
        ("\"count\": 3", "\"count\": 5", "says 5 people and 3 follow"),
        ("\"count\": 3", "\"count\": -3", "first line must be such as"),
        ("\"generatedAt\"", "\"generated\"", "`line 1.generated` is not known here"),
        ("employee,", "Employee,", "`line 3.Employee` is not known here"),
        ("email\n", "employee\n", "names `employee` twice"),
        ("edsger@example.com", "\"edsger@\nexample.com\"", "a line end inside"),
    ] {
        let said = refused(&CSV.replacen(from, to, 1));
        assert!(said.contains(why), "{to}: {said}");
    }
    let said = refused(&JSON.replacen("\"active\"", "active", 1));
    assert!(said.contains("line 3 is not JSON"), "{said}");
    assert_eq!(DirectoryFile::parse(b"{}\n\xff\n"), Err(DirectoryFileError::NotUtf8 { byte: 3 }));
}

proptest! {
    #[test]
    fn whatever_it_is_it_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = DirectoryFile::parse(&bytes);
    }

    #[test]
    fn a_list_with_lines_taken_out_or_doubled_is_refused(at in 0_usize..3, times in prop_oneof![Just(0_usize), 2_usize..4]) {
        for list in [CSV, JSON] {
            let lines: Vec<&str> = list.lines().collect();
            let people = lines.len() - 3;
            let mut damaged = String::new();
            for (index, line) in lines.iter().enumerate() {
                let times = if index == people + at { times } else { 1 };
                damaged.push_str(&format!("{line}\n").repeat(times));
            }
            prop_assert!(DirectoryFile::parse(damaged.as_bytes()).is_err());
        }
    }
}
