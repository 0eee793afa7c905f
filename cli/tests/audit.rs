//! `bailiff audit` on the journal of a simulated deployment, as `aws dynamodb scan` gives its table.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[path = "support/table.rs"]
mod table;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use shared::engine::{Deployment, RestoreRequest};
use shared::governance::Governance;
use shared::identifier::{AccountId, Arn};
use shared::remedy::Entry;
use shared::remedy::chain::{Head, layout};
use sim::{AccountFile, Local, World};

use table::scan;

fn bailiff(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bailiff"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// The exit code, what was answered, and what was complained of.
fn audit(arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let output = bailiff(&[&["audit"], arguments].concat(), stdin);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn verify(scan: &Value) -> (i32, String) {
    let (code, told, _) = audit(&["verify", "-"], &scan.to_string());
    (code, told.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A day of a deployment: a key switched off, policies taken off and one put back, and plans of rules that only watch.
fn a_day() -> World {
    let account = json!({
        "account": "111122223333", "now": "2026-11-22T09:00:00Z",
        "users": [
            {"name": "ann", "created": "2024-01-01T00:00:00Z",
             "inlinePolicies": [{"name": "debug"}, {"name": "=calc"}],
             "accessKeys": [{"id": "AKIAIOSFODNN7EXAMPLE", "created": "2025-01-01T00:00:00Z",
                "lastUsed": {"at": "2025-02-01T00:00:00Z"}}]},
            {"name": "ben", "attachedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
        ]
    });
    let governance =
        "version: 1\nrules:\n  user-inline-policy: {mode: enforce}\n  access-key-unused: {mode: enforce}\n";
    let deployment = Deployment {
        account: AccountId::parse("111122223333").unwrap(),
        stack: "bailiff".to_owned(),
        quarantine_policy: Arn::parse("arn:aws:iam::111122223333:policy/bailiff-quarantine").unwrap(),
    };
    let world = World::new(AccountFile::parse(&account.to_string()).unwrap());
    let local = Local::new(world, Governance::parse(governance).unwrap(), deployment);
    local.deliver(&json!({
        "version": "0", "id": "sweep", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "111122223333", "time": "2026-11-22T09:00:00Z", "region": "us-east-1", "resources": [],
        "detail": {}
    }));
    let removal = local.world.entries().into_iter().find(is_removal).unwrap();
    local
        .restore(&RestoreRequest {
            journal_id: removal.id,
            requested_by: "sam".to_owned(),
            reason: "=it broke the night build".to_owned(),
            reactivate_keys: false,
        })
        .unwrap();
    local.world
}

fn is_removal(entry: &Entry) -> bool {
    entry.cause.to_string() == "rule user-inline-policy"
}

fn items(scan: &mut Value) -> &mut Vec<Value> {
    scan["Items"].as_array_mut().unwrap()
}

fn place(scan: &Value, pk: &str, sk: &str) -> usize {
    let here = |item: &Value| item["pk"]["S"] == pk && item["sk"]["S"] == sk;
    scan["Items"].as_array().unwrap().iter().position(here).unwrap()
}

/// The key of the removal's entry, and the number of its newest record.
fn removal(scan: &Value) -> (String, u64) {
    let here = |item: &&Value| item["rule"]["S"] == "user-inline-policy" && item["status"]["S"] == "verified";
    let item = scan["Items"].as_array().unwrap().iter().find(here).unwrap();
    (item["pk"]["S"].as_str().unwrap().to_owned(), item["record"]["N"].as_str().unwrap().parse().unwrap())
}

fn lines(scan: &Value) -> String {
    audit(&["export", "-", "--format", "records"], &scan.to_string()).1
}

#[test]
fn a_table_as_bailiff_left_it_is_whole() {
    let world = a_day();
    let (code, told) = verify(&scan(&world));
    assert_eq!(code, 0, "{told}");
    let (records, entries) = (world.chain().0.len(), world.entries().len());
    assert!(told.starts_with(&format!("✓ whole: {records} records of {entries} entries")), "{told}");
    assert!(told.contains("every entry is what its newest record says"), "{told}");
    assert!(told.contains("no head kept elsewhere was given"), "{told}");
}

/// Something done to a table.
type Change<'a> = Box<dyn Fn(&mut Value) + 'a>;

#[test]
fn any_one_change_of_the_table_is_found_and_named() {
    let right = scan(&a_day());
    let (entry, newest) = removal(&right);
    let id = entry.strip_prefix("entry#").unwrap();
    let at = |pk: &str, sk: &str| place(&right, pk, sk);
    let (of_entry, third, head) = (at(&entry, "entry"), at("chain", &layout::record(3)), at("chain", "head"));
    let cases: Vec<(Change<'_>, String)> = vec![
        (Box::new(|scan| scan["Items"][third]["body"]["S"] = json!("{}")), "record 3 was changed".to_owned()),
        (Box::new(|scan| scan["Items"][third]["at"] = json!({})), "record 3 (of entry".to_owned()),
        (Box::new(|scan| drop(items(scan).remove(third))), "record 3 is missing".to_owned()),
        (Box::new(|scan| drop(items(scan).remove(head))), "the chain has no head".to_owned()),
        (Box::new(|scan| scan["Items"][head]["seq"]["N"] = json!("2")), "the head says 2:".to_owned()),
        (
            Box::new(|scan| scan["Items"][of_entry]["body"]["S"] = json!("{}")),
            format!("entry {id} differs from its newest record, {newest}"),
        ),
        (
            Box::new(|scan| scan["Items"][of_entry]["status"]["S"] = json!("open")),
            format!("entry {id} differs from its newest record, {newest}"),
        ),
        (
            Box::new(|scan| drop(items(scan).remove(of_entry))),
            format!("entry {id} is gone; its newest record is {newest}"),
        ),
        (
            Box::new(|scan| {
                let mut forged = scan["Items"][of_entry].clone();
                forged["pk"]["S"] = json!("entry#plan-0123456789ab");
                items(scan).push(forged);
            }),
            "entry plan-0123456789ab was not written by Bailiff: no record tells of it".to_owned(),
        ),
        (
            Box::new(|scan| {
                let fourth = place(scan, "chain", &layout::record(4));
                let (one, other) = (scan["Items"][third]["sk"].clone(), scan["Items"][fourth]["sk"].clone());
                scan["Items"][third]["sk"] = other;
                scan["Items"][fourth]["sk"] = one;
            }),
            "record 3 (of entry".to_owned(),
        ),
    ];
    for (change, named) in cases {
        let mut scan = right.clone();
        change(&mut scan);
        let (code, told) = verify(&scan);
        assert_eq!(code, 1, "{named}: {told}");
        assert!(told.starts_with(&format!("✗ broken: {named}")), "{named}: {told}");
    }
}

/// Cut off, with the head set back: whole by itself, and a lie by what a log or a notice says.
#[test]
fn an_end_that_was_cut_off_is_found_by_a_head_of_the_log() {
    let world = a_day();
    let (chain, head) = world.chain();
    let cut = chain.len() - 3;
    let mut lines: Vec<String> =
        chain[..cut].iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    lines.push(json!({"head": chain[cut - 1].head()}).to_string());
    let short = lines.join("\n");
    assert_eq!(audit(&["verify", "-"], &short).0, 0);
    let head = head.unwrap().to_string();
    let (code, told, _) = audit(&["verify", "-", "--head", &head], &short);
    assert_eq!(code, 1, "{told}");
    let earlier = chain[2].head().to_string();
    assert_eq!(audit(&["verify", "-", "--head", &earlier], &short).0, 0);
    let log = std::env::temp_dir().join(format!("bailiff-heads-{}", std::process::id()));
    let text =
        format!("{{\"decision\":\"remediated\",\"head\":\"{earlier}\"}}\n2026-11-22 … Chain:  {head}\n");
    std::fs::write(&log, text).unwrap();
    let (code, told, _) =
        audit(&["verify", "-", "--heads", log.to_str().unwrap(), "--format", "json"], &short);
    std::fs::remove_file(&log).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["whole"]), (1, &json!(false)));
    assert!(told["broken"].as_str().unwrap().contains("the end was cut off"), "{told}");
}

#[test]
fn the_records_are_all_that_is_needed_to_verify_the_chain_elsewhere() {
    let scan = scan(&a_day());
    let lines = lines(&scan);
    let (code, told, _) = audit(&["verify", "-"], &lines);
    assert_eq!(code, 0);
    assert!(told.contains("only the chain was verified"), "{told}");
    let mut each: Vec<&str> = lines.lines().collect();
    each.swap(1, 2);
    let (code, told, _) = audit(&["verify", "-"], &each.join("\n"));
    assert!((code, told.contains("is out of order: record 2 must come")) == (1, true), "{told}");
    each.swap(1, 2);
    each.pop();
    assert_eq!(audit(&["verify", "-"], &each.join("\n")).0, 1);
}

/// An export to S3 has an item a line, in no order.
#[test]
fn an_export_to_s3_is_read_too() {
    let scan = scan(&a_day());
    let lines: Vec<String> = scan["Items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|item| json!({"Item": item}).to_string())
        .collect();
    let (code, told, _) = audit(&["verify", "-", "--format", "json"], &lines.join("\n"));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["whole"], &told["entriesVerified"]), (0, &json!(true), &json!(true)));
}

#[test]
fn after_a_record_that_somebody_looked_into_the_rest_is_verified() {
    let world = a_day();
    let third = world.chain().0[2].head();
    let mut scan = scan(&world);
    let at = place(&scan, "chain", &layout::record(3));
    scan["Items"][at]["at"]["S"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(verify(&scan).0, 1);
    let (code, told, _) = audit(&["verify", "-", "--after", &third.to_string()], &scan.to_string());
    assert_eq!(code, 0, "{told}");
}

#[test]
fn evidence_is_a_row_for_each_act_with_what_it_found_and_made() {
    let world = a_day();
    let (code, rows, complaint) = audit(&["export", "-"], &scan(&world).to_string());
    assert_eq!((code, complaint.as_str()), (0, ""));
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), world.entries().len());
    assert!(rows.iter().all(|row| row["vouched"] == true));
    let of_rule = |rule: &str| rows.iter().find(|row| row["rule"] == rule).unwrap();
    let removal = of_rule("user-inline-policy");
    assert_eq!(removal["status"], "verified");
    assert_eq!(removal["steps"][0]["result"], "verified");
    assert!(removal["steps"][0]["detail"]["document"].is_string(), "{removal}");
    let undo = rows.iter().find(|row| row["cause"] == "undo").unwrap();
    assert_eq!((&undo["undoes"], &removal["undoneBy"]), (&removal["entry"], &undo["entry"]));
    assert_eq!((&undo["requestedBy"], &undo["why"]), (&json!("sam"), &json!("=it broke the night build")));
    assert!(removal["firstRecord"].as_u64() < removal["lastRecord"].as_u64());
    let key = of_rule("access-key-unused");
    assert_eq!(key["steps"][0]["step"], "deactivate access key …MPLE of user ann");
    assert!(!rows.iter().any(|row| row.to_string().contains("AKIAIOSFODNN7EXAMPLE")));
}

#[test]
fn a_table_of_evidence_holds_no_formula() {
    let world = a_day();
    let (code, table, _) = audit(&["export", "-", "--format", "csv"], &scan(&world).to_string());
    assert_eq!(code, 0);
    assert!(
        table.starts_with("entry,opened,closed,status,mode,function,cause,rule,why,requested by,ticket,")
    );
    assert_eq!(table.lines().count(), world.entries().len() + 1);
    assert!(table.contains(",'=it broke the night build,sam,"), "{table}");
    assert!(!table.contains(",="), "{table}");
}

#[test]
fn acts_are_chosen_by_the_day_they_were_opened() {
    let scan = scan(&a_day()).to_string();
    let count = |arguments: &[&str]| {
        let (code, rows, complaint) = audit(&[&["export", "-"], arguments].concat(), &scan);
        assert_eq!(code, 0, "{complaint}");
        rows.lines().count()
    };
    let all = count(&[]);
    assert_eq!(count(&["--since", "2026-11-22", "--until", "2026-11-22"]), all);
    assert_eq!(count(&["--since", "2026-11-23"]) + count(&["--until", "2026-11-21"]), 0);
    assert_eq!(count(&["--since", "2026-11-22T09:00:00Z"]), all);
}

#[test]
fn evidence_of_a_broken_chain_says_what_is_not_vouched_for() {
    let world = a_day();
    let mut scan = scan(&world);
    let (entry, _) = removal(&scan);
    let id = entry.strip_prefix("entry#").unwrap();
    let last = world.chain().0.len() as u64;
    let at = place(&scan, "chain", &layout::record(last - 1));
    scan["Items"][at]["at"]["S"] = json!("2020-01-01T00:00:00Z");
    let (code, rows, complaint) = audit(&["export", "-"], &scan.to_string());
    assert_eq!(code, 1);
    assert!(complaint.contains(&format!("the journal is broken: record {}", last - 1)), "{complaint}");
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), world.entries().len());
    // That it was undone is the newest of all records.
    for row in &rows {
        let newest = row["lastRecord"].as_u64().unwrap();
        assert_eq!(row["vouched"], newest < last - 1, "{row}");
        assert!(row["entry"] != id || row["vouched"] == false);
    }
}

#[test]
fn entries_from_before_the_chain_are_counted_and_not_vouched_for() {
    let world = a_day();
    let mut earlier: Value = serde_json::to_value(&world.entries()[0]).unwrap();
    earlier["schema"] = json!(1);
    earlier["id"] = json!("20250101t000000-000000000000");
    world.plant(&serde_json::from_value(earlier).unwrap()).unwrap();
    let scan = scan(&world);
    let (code, told) = verify(&scan);
    assert_eq!(code, 0, "{told}");
    assert!(
        told.contains("1 entry is from before there was a chain: nothing vouches for what they say"),
        "{told}"
    );
    let (_, rows, _) = audit(&["export", "-"], &scan.to_string());
    assert_eq!(rows.lines().filter(|row| row.ends_with("\"vouched\":false}")).count(), 1);
}

/// An entry as an earlier version would have written it, and as anybody can who may write the table.
fn from_before(scan: &Value, opened: &str) -> Value {
    let (entry, _) = removal(scan);
    let mut item = scan["Items"][place(scan, &entry, "entry")].clone();
    let id = "20250101t000000-000000000000";
    let mut body: Value = serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap();
    (body["schema"], body["id"], body["opened"]) = (json!(1), json!(id), json!(opened));
    item["pk"]["S"] = json!(format!("entry#{id}"));
    item["body"]["S"] = json!(body.to_string());
    (item["schema"]["N"], item["opened"]["S"]) = (json!("1"), json!(opened));
    item.as_object_mut().unwrap().remove("record");
    item
}

/// Something done to an entry before it is put there.
type Put<'a> = &'a dyn Fn(&mut Value);

#[test]
fn an_entry_that_anybody_put_there_is_not_taken_for_one_from_before_the_chain() {
    let right = scan(&a_day());
    let early = from_before(&right, "2026-11-01T09:00:00Z");
    let put = |change: &dyn Fn(&mut Value)| {
        let (mut scan, mut item) = (right.clone(), early.clone());
        change(&mut item);
        items(&mut scan).push(item);
        verify(&scan)
    };
    let (code, told) = put(&|_| {});
    assert!(code == 0 && told.contains("1 entry is from before there was a chain"), "{told}");
    assert!(told.contains("every other entry is what its newest record says"), "{told}");
    let cases: [(Put<'_>, &str); 10] = [
        (
            &|item| {
                *item =
                    json!({"pk": {"S": "entry#whatever"}, "sk": {"S": "entry"}, "body": {"S": "not json"}});
            },
            "entry whatever was not written by Bailiff: no record tells of it, and it has no sound `schema`",
        ),
        (&|item| item["schema"] = json!({"S": "2"}), "it has no sound `schema`"),
        (&|item| item["schema"] = json!({"N": "0"}), "it has no sound `schema`"),
        (&|item| item["schema"] = json!({"N": "1.5"}), "it has no sound `schema`"),
        (&|item| item["body"]["S"] = json!("not json"), "its JSON is no entry"),
        (&|item| item["body"]["S"] = json!(r#"{"schema": 1}"#), "its JSON is no entry"),
        (&|item| item["status"]["S"] = json!("open"), "its JSON disagrees with the attributes beside it"),
        (
            &|item| item["pk"]["S"] = json!("entry#another"),
            "its JSON disagrees with the attributes beside it",
        ),
        (
            &|item| *item = from_before(&right, "2026-11-23T09:00:00Z"),
            "it is not from before the chain: it was opened at 2026-11-23T09:00:00Z, the chain begins at",
        ),
        (&|item| item["schema"]["N"] = json!("2"), "was not written by Bailiff: no record tells of it"),
    ];
    for (change, named) in cases {
        let (code, told) = put(change);
        assert_eq!(code, 1, "{named}: {told}");
        assert!(told.starts_with("✗ broken: entry ") && told.contains(named), "{named}: {told}");
    }
}

/// Without its chain a journal is an earlier version's, if all that it holds says so.
#[test]
fn a_journal_without_a_chain_is_of_earlier_entries_only() {
    let right = scan(&a_day());
    let mut without = right.clone();
    items(&mut without).retain(|item| item["pk"]["S"] != "chain");
    for item in items(&mut without).iter_mut().filter(|item| item["sk"]["S"] == "entry") {
        item["schema"]["N"] = json!("1");
        item.as_object_mut().unwrap().remove("record");
    }
    let (code, told) = verify(&without);
    assert!(code == 1 && told.contains("its JSON disagrees with the attributes beside it"), "{told}");
    *items(&mut without) = vec![from_before(&right, "2026-11-23T09:00:00Z")];
    let (code, told) = verify(&without);
    assert!(code == 0 && told.contains("1 entry is from before there was a chain"), "{told}");
    assert!(!told.contains("newest record says"), "{told}");
}

/// Half a table would pass for a whole one, or what was cut off of it for deleted.
#[test]
fn a_scan_that_was_cut_off_is_bad_input_to_whoever_reads_one() {
    let whole = scan(&a_day());
    let token = |scan: &Value| {
        let mut page = scan.clone();
        page["NextToken"] = json!("eyJFeGNsdXNpdmVTdGFydEtleSI6IG51bGx9");
        page
    };
    let mut page = whole.clone();
    page["LastEvaluatedKey"] = json!({"pk": {"S": "chain"}, "sk": {"S": "head"}});
    let account = "tests/files/small-account.json";
    let principal = "arn:aws:iam::111122223333:user/warehouse/mara.lindqvist";
    let commands: [&[&str]; 4] = [
        &["audit", "verify", "-"],
        &["audit", "export", "-"],
        &["incident", "principal", principal, "--account", account, "--journal", "-"],
        &["explain", "--account", account, "--threats", "-"],
    ];
    for command in commands {
        for cut_off in [&token(&whole), &page] {
            let output = bailiff(command, &cut_off.to_string());
            let complained = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{command:?}: {complained}");
            let said = "`standard input` ends with a page that says more follow; add the other pages, or scan the table \
                        again without `--max-items`";
            assert!(complained.contains(said), "{command:?}: {complained}");
        }
    }
    // All pages of a table are the table, and an empty key is none.
    let (mut first, mut second) = (whole.clone(), whole.clone());
    items(&mut first).truncate(4);
    items(&mut second).drain(..4);
    second["LastEvaluatedKey"] = json!({});
    second["NextToken"] = json!(null);
    let (code, told, _) = audit(&["verify", "-"], &format!("{}\n{second}", token(&first)));
    assert_eq!(code, 0, "{told}");
}

#[test]
fn what_is_no_journal_is_bad_input() {
    for (given, complaint) in [
        ("", "it is empty"),
        ("{", "EOF while parsing"),
        ("[]", "document 1 is no object with a table's `Items`, no record and no head"),
        ("{}", "document 1 is no object with a table's `Items`, no record and no head"),
        (r#"{"Items": []}"#, "neither a record nor an entry"),
        (r#"{"seq": 1, "hash": "x"}"#, "64 digits of lower-case hexadecimal"),
    ] {
        for command in ["verify", "export"] {
            let (code, told, complained) = audit(&[command, "-"], given);
            assert_eq!((code, told.as_str()), (2, ""), "{given}: {complained}");
            assert!(complained.contains(complaint), "{given}: {complained}");
        }
    }
    let (code, _, complained) = audit(&["verify", "nowhere.json"], "");
    assert!(code == 2 && complained.contains("the journal `nowhere.json` cannot be read"), "{complained}");
    assert_eq!(audit(&["verify", "-", "--head", "17"], "{}").0, 2);
    assert_eq!(audit(&["verify", "-", "--heads", "-"], "{}").0, 2);
    let head = Head { seq: 1, hash: shared::remedy::chain::Digest::none() };
    let (code, told, _) = audit(&["verify", "-", "--head", &head.to_string()], r#"{"Items": []}"#);
    assert!(code == 1 && told.contains("the end was cut off"), "{told}");
}
