//! What somebody may do to a chain, and that it shows.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::verify::UPGRADE;
use super::*;
use crate::remedy::SCHEMA;

fn now() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

fn body(entry: u64, step: u64) -> String {
    format!(
        r#"{{"schema":{SCHEMA},"id":"20261122t090000-{entry:012x}","outcomes":[{step}],"why":"ä \" \\"}}"#
    )
}

/// So many records of a third as many entries.
fn chain(records: u64) -> Vec<Record> {
    let mut chain: Vec<Record> = Vec::new();
    for number in 0..records {
        let head = chain.last().map(Record::head);
        let at = now() + SignedDuration::from_secs(number.cast_signed());
        chain.push(Record::after(head.as_ref(), at, body(number / 3, number % 3)));
    }
    chain
}

fn links(chain: &[Record]) -> Vec<Link> {
    chain.iter().map(Link::of).collect()
}

/// Verified as a file of records with the head it had.
fn held(chain: &[Record], head: &Head) -> Result<Whole, Break> {
    verify(&links(chain), None, Some(head), &[], None)
}

fn head_of(chain: &[Record]) -> Head {
    chain.last().unwrap().head()
}

fn hash_anew(record: &mut Record) {
    record.hash = record.digest();
}

/// Hashes all records anew from one on, as somebody would who knows how.
fn chain_anew(chain: &mut [Record], from: usize) {
    for index in from..chain.len() {
        chain[index].previous =
            index.checked_sub(1).map_or_else(Digest::none, |before| chain[before].hash.clone());
        hash_anew(&mut chain[index]);
    }
}

#[test]
fn a_chain_as_it_was_written_is_whole() {
    for records in 0..20 {
        let chain = chain(records);
        let head = chain.last().map(Record::head);
        let kept: Vec<Head> = chain.iter().map(Record::head).collect();
        let whole = verify(&links(&chain), None, head.as_ref(), &kept, None).unwrap();
        assert_eq!((whole.records, whole.entries), (chain.len(), chain.len().div_ceil(3)));
        assert_eq!(whole.head, head);
    }
}

#[test]
fn a_record_is_hashed_as_the_guide_says() {
    let [record] = &chain(1)[..] else { panic!() };
    let zeros = "0".repeat(64);
    let text = format!("bailiff journal record 1\n1\n2026-11-22T09:00:00Z\n{zeros}\n{}", body(0, 0));
    assert_eq!(record.hash, Digest::of(text));
    assert_eq!(record.hash.as_str(), "31131dbd797368efe8576ccefdb0f66d92c74cfedf18228613daa60e762bbc88");
}

/// Every bit of every byte of the file, one at a time: read back it is another text of the same records, or it shows.
#[test]
fn every_bit_of_a_file_of_records_counts() {
    let chain = chain(7);
    let head = head_of(&chain);
    let lines: Vec<String> = chain.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let (mut unreadable, mut same, mut found) = (0_u32, 0_u32, 0_u32);
    for (index, line) in lines.iter().enumerate() {
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut bytes = line.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let Ok(record) = serde_json::from_slice::<Record>(&bytes) else {
                    unreadable += 1;
                    continue;
                };
                if record == chain[index] {
                    same += 1;
                    continue;
                }
                let mut changed = chain.clone();
                changed[index] = record;
                assert!(held(&changed, &head).is_err(), "line {index} byte {at} bit {bit}");
                found += 1;
            }
        }
    }
    // A digit of an escape may be written in upper case, and says the same.
    assert!(same < 10, "{same}");
    assert!(unreadable > 5_000 && found > 5_000, "{unreadable} unreadable, {found} found");
}

#[test]
fn every_deletion_of_any_records_is_found() {
    let chain = chain(12);
    let (links, head) = (links(&chain), head_of(&chain));
    for kept in 0..(1_u32 << chain.len()) - 1 {
        let left = links.iter().enumerate().filter(|(index, _)| kept & (1 << index) != 0);
        let left: Vec<Link> = left.map(|(_, link)| link.clone()).collect();
        assert!(verify(&left, None, Some(&head), &[], None).is_err(), "{kept:b}");
    }
}

#[test]
fn every_other_order_of_the_records_is_found() {
    fn permute(chain: &mut Vec<Link>, from: usize, each: &mut impl FnMut(&[Link])) {
        if from == chain.len() {
            return each(chain);
        }
        for index in from..chain.len() {
            chain.swap(from, index);
            permute(chain, from + 1, each);
            chain.swap(from, index);
        }
    }
    let right = links(&chain(7));
    let head = head_of(&chain(7));
    let (mut orders, mut whole) = (0, 0);
    permute(&mut right.clone(), 0, &mut |order| {
        orders += 1;
        if verify(order, None, Some(&head), &[], None).is_ok() {
            assert_eq!(order, right);
            whole += 1;
        }
    });
    assert_eq!((orders, whole), (5_040, 1));
}

/// In a table the key gives a record its place: two that change places take each other's number.
#[test]
fn records_that_change_places_and_numbers_are_found() {
    let right = chain(12);
    for one in 0..right.len() {
        for other in one + 1..right.len() {
            for hashed_anew in [false, true] {
                let mut chain = right.clone();
                chain.swap(one, other);
                for index in [one, other] {
                    chain[index].seq = right[index].seq;
                    if hashed_anew {
                        hash_anew(&mut chain[index]);
                    }
                }
                assert!(held(&chain, &head_of(&right)).is_err(), "{one} {other}");
            }
        }
    }
}

#[test]
fn a_record_that_is_there_twice_is_found_and_so_is_one_from_elsewhere() {
    let right = chain(9);
    let stranger = Record::after(Some(&head_of(&chain(3))), now(), body(77, 0));
    for record in right.iter().chain([&stranger]) {
        for place in 0..=right.len() {
            let mut chain = right.clone();
            chain.insert(place, record.clone());
            assert!(held(&chain, &head_of(&right)).is_err(), "{} at {place}", record.seq);
        }
    }
}

#[test]
fn a_record_changed_and_hashed_anew_is_found_by_the_one_after_or_the_head() {
    let right = chain(9);
    for index in 0..right.len() {
        let mut chain = right.clone();
        chain[index].body = body(88, 0);
        hash_anew(&mut chain[index]);
        match held(&chain, &head_of(&right)).unwrap_err() {
            Break::Unlinked { seq, .. } => assert_eq!(seq, right[index].seq + 1),
            Break::ForgedHead { .. } => assert_eq!(index, right.len() - 1),
            other => panic!("{other}"),
        }
    }
}

/// What no chain shows by itself: a new end, all of it hashed anew and the head set to it. A head kept elsewhere does.
#[test]
fn a_new_end_is_found_by_any_head_of_it_that_was_kept_elsewhere() {
    let right = chain(9);
    for from in 0..right.len() {
        let cut_off = right[..from].to_vec();
        let mut replaced = right.clone();
        replaced[from].body = body(99, 0);
        chain_anew(&mut replaced, from);
        for chain in [cut_off, replaced] {
            let head = chain.last().map(Record::head);
            assert!(verify(&links(&chain), None, head.as_ref(), &[], None).is_ok());
            for kept in &right {
                let seen = verify(&links(&chain), None, head.as_ref(), &[kept.head()], None);
                let lost = kept.seq > from as u64;
                assert_eq!(matches!(seen, Err(Break::NotInChain { .. })), lost, "{from} {}", kept.seq);
            }
        }
    }
}

#[test]
fn the_first_break_is_the_one_that_is_named() {
    let right = chain(9);
    let head = head_of(&right);
    let named = |change: &dyn Fn(&mut Vec<Record>)| {
        let mut chain = right.clone();
        change(&mut chain);
        held(&chain, &head).unwrap_err().to_string()
    };
    let of = "20261122t090000-000000000001";
    let changed = named(&|chain| {
        chain[4].body = chain[4].body.replace("outcomes", "outcomez");
        chain[7].at.push('x');
    });
    assert_eq!(
        changed,
        format!("record 5 (of entry {of}) was changed: its content does not have the hash it carries")
    );
    assert_eq!(
        named(&|chain| drop(chain.drain(2..4))),
        format!("records 3 to 4 are missing, before one of entry {of}")
    );
    assert_eq!(
        named(&|chain| chain.swap(3, 4)),
        format!("record 5 (of entry {of}) is out of order: record 4 must come before it")
    );
    assert_eq!(
        named(&|chain| chain.insert(4, chain[3].clone())),
        format!("record 4 (of entry {of}) is there twice")
    );
    let version = named(&|chain| chain[2].version = 2);
    assert!(version.starts_with("record 3 has version 2, this version checks 1"), "{version}");
    let cut = named(&|chain| chain.truncate(8));
    assert!(cut.starts_with(&format!("the head says {head} and the newest record is 8:")), "{cut}");
}

#[test]
fn a_break_says_from_which_record_on_nothing_is_vouched_for() {
    let right = chain(9);
    let head = head_of(&right);
    let from = |change: &dyn Fn(&mut Vec<Record>)| {
        let mut chain = right.clone();
        change(&mut chain);
        held(&chain, &head).unwrap_err().seq()
    };
    assert_eq!(from(&|chain| chain[4].body.push(' ')), Some(5));
    assert_eq!(from(&|chain| drop(chain.drain(2..4))), Some(3));
    assert_eq!(from(&|chain| chain.swap(3, 4)), Some(5));
    assert_eq!(from(&|chain| chain.insert(4, chain[3].clone())), Some(4));
    assert_eq!(from(&|chain| chain[2].version = 2), Some(3));
    let replaced = |chain: &mut Vec<Record>| {
        chain[5].body = body(99, 0);
        hash_anew(&mut chain[5]);
    };
    assert_eq!(from(&replaced), Some(7), "the first that does not follow from the one before it");
    assert_eq!(from(&|chain| chain.truncate(8)), None, "all that is there is whole");
    let gone = verify(&links(&right), None, Some(&head), &[], Some(&stored(&right)[1..])).unwrap_err();
    assert!(gone.seq().is_none() && gone.to_string().ends_with("is gone; its newest record is 3"), "{gone}");
}

#[test]
fn where_a_kept_head_is_not_in_the_chain_what_stands_in_its_place_is_said() {
    let right = chain(9);
    let mut replaced = right.clone();
    replaced[4].body = body(99, 0);
    chain_anew(&mut replaced, 4);
    let against = |chain: &[Record]| {
        let head = chain.last().map(Record::head);
        verify(&links(chain), None, head.as_ref(), &[right[6].head()], None).unwrap_err()
    };
    let found = against(&replaced);
    assert_eq!(found.seq(), Some(7));
    let place = format!("record 7 has the hash {}; all from some record on was replaced", replaced[6].hash);
    assert!(found.to_string().ends_with(&place), "{found}");
    let cut_off = against(&right[..4]);
    assert_eq!(cut_off.seq(), Some(7));
    let place = format!("the newest record is {}; the end was cut off", right[3].head());
    assert!(cut_off.to_string().ends_with(&place), "{cut_off}");
    assert!(against(&[]).to_string().ends_with("the newest record is none; the end was cut off"));
}

#[test]
fn without_a_head_the_end_may_be_missing() {
    let chain = chain(3);
    assert_eq!(verify(&links(&chain), None, None, &[], None), Err(Break::NoHead { last: 3 }));
    let forged = Head { seq: 3, hash: Digest::none() };
    assert!(matches!(held(&chain, &forged), Err(Break::ForgedHead { .. })));
    assert!(matches!(held(&[], &forged), Err(Break::ForgedHead { last: None, .. })));
}

#[test]
fn a_walk_begins_after_a_record_that_somebody_vouches_for() {
    let mut chain = chain(9);
    let (fifth, head) = (chain[4].head(), head_of(&chain));
    chain[2].body = body(66, 0);
    let after = |after: &Head, chain: &[Record]| verify(&links(chain), Some(after), Some(&head), &[], None);
    assert_eq!(after(&fifth, &chain).unwrap().records, 4);
    assert_eq!(after(&fifth, &chain[5..]).unwrap().records, 4);
    assert_eq!(after(&head, &chain).unwrap().records, 0);
    let wrong = Head { hash: Digest::none(), ..fifth.clone() };
    assert!(matches!(after(&wrong, &chain), Err(Break::Unlinked { seq: 6, .. })));
    assert!(matches!(after(&fifth, &chain[6..]), Err(Break::Missing { first: 6, last: 6, .. })));
    // A head kept of that very record is held against it too.
    let seen = verify(&links(&chain), Some(&fifth), Some(&head), &[wrong], None);
    assert!(matches!(seen, Err(Break::NotInChain { .. })));
}

fn stored(chain: &[Record]) -> Vec<StoredEntry> {
    let newest: std::collections::BTreeMap<String, &Record> =
        chain.iter().map(|record| (record.subject().unwrap().id.to_string(), record)).collect();
    let entry = |(id, record): (String, &Record)| StoredEntry {
        id,
        schema: Some(SCHEMA),
        record: Some(record.seq),
        body: Digest::of(&record.body),
        agrees: true,
        opened: Some(now()),
    };
    newest.into_iter().map(entry).collect()
}

#[test]
fn an_entry_must_be_what_its_newest_record_says() {
    let chain = chain(9);
    let head = head_of(&chain);
    let right = stored(&chain);
    let seen = |entries: &[StoredEntry]| verify(&links(&chain), None, Some(&head), &[], Some(entries));
    assert_eq!(seen(&right).unwrap().before_chain, 0);
    let changes: [fn(&mut StoredEntry); 5] = [
        |entry| entry.body = Digest::of("another"),
        |entry| entry.agrees = false,
        |entry| entry.record = None,
        // An earlier state of it, put back.
        |entry| entry.record = entry.record.map(|seq| seq - 1),
        |entry| {
            entry.schema = Some(1);
            entry.record = None;
        },
    ];
    for index in 0..right.len() {
        for change in changes {
            let mut entries = right.clone();
            change(&mut entries[index]);
            let differs = Break::EntryDiffers { entry: right[index].id.clone(), seq: 3 * (index as u64 + 1) };
            assert_eq!(seen(&entries), Err(differs));
        }
        let mut entries = right.clone();
        let gone = entries.remove(index);
        assert!(matches!(seen(&entries), Err(Break::EntryGone { entry, .. }) if entry == gone.id));
    }
    let mut entries = right;
    let id = "plan-0".to_owned();
    entries.push(StoredEntry { id: id.clone(), record: None, ..entries[0].clone() });
    let unrecorded = Break::EntryUnrecorded { entry: id, why: Unrecorded::NoRecord };
    assert_eq!(seen(&entries), Err(unrecorded));
    entries.last_mut().unwrap().schema = Some(1);
    assert_eq!(seen(&entries).unwrap().before_chain, 1);
}

#[test]
fn what_no_record_tells_of_is_from_before_the_chain_or_was_put_there() {
    let chain = chain(3);
    let head = head_of(&chain);
    let early = StoredEntry {
        id: "20250101t000000-000000000000".to_owned(),
        schema: Some(1),
        record: None,
        body: Digest::of("early"),
        agrees: true,
        opened: Some(now() - SignedDuration::from_hours(1)),
    };
    let seen = |entry: StoredEntry| {
        let entries = [stored(&chain), vec![entry]].concat();
        match verify(&links(&chain), None, Some(&head), &[], Some(&entries)) {
            Ok(whole) => Ok(whole.before_chain),
            Err(Break::EntryUnrecorded { why, .. }) => Err(why),
            Err(other) => panic!("{other}"),
        }
    };
    let opened = |opened: Timestamp| StoredEntry { opened: Some(opened), ..early.clone() };
    assert_eq!(seen(early.clone()), Ok(1));
    // An upgrade takes its time, and until it is over the version before it opens entries too.
    assert_eq!(seen(opened(now() + UPGRADE)), Ok(1));
    let late = now() + UPGRADE + SignedDuration::from_secs(1);
    assert_eq!(seen(opened(late)), Err(Unrecorded::TooYoung { opened: late, begins: now() }));
    assert_eq!(seen(StoredEntry { schema: None, ..early.clone() }), Err(Unrecorded::NoSchema));
    assert_eq!(seen(StoredEntry { schema: Some(2), ..early.clone() }), Err(Unrecorded::NoRecord));
    assert_eq!(seen(StoredEntry { record: Some(1), ..early.clone() }), Err(Unrecorded::NoRecord));
    assert_eq!(seen(StoredEntry { opened: None, ..early.clone() }), Err(Unrecorded::NoEntry));
    assert_eq!(seen(StoredEntry { agrees: false, ..early.clone() }), Err(Unrecorded::Disagrees));
    // Without a chain nothing says when it would have begun.
    let alone = verify(&[], None, None, &[], Some(&[opened(late)]));
    assert_eq!(alone.unwrap().before_chain, 1);
}

#[test]
fn an_entry_is_vouched_for_by_its_record_and_what_follows() {
    let chain = chain(4);
    let (record, next) = (&chain[2], Following::Record(chain[3].clone()));
    let vouched = |record: &Record, following: &Following| {
        vouch(&chain[2].body, SCHEMA, Some(3), Some(record), following)
    };
    assert_eq!(vouched(record, &next), Ok(()));
    assert_eq!(vouched(record, &Following::Head(record.head())), Ok(()));
    let unlinked = Err(Doubt::Unlinked { seq: 3 });
    assert_eq!(vouched(record, &Following::Nothing), unlinked);
    assert_eq!(vouched(record, &Following::Head(chain[1].head())), unlinked);
    assert_eq!(vouched(record, &Following::Record(chain[1].clone())), unlinked);
    let mut loose = chain[3].clone();
    loose.at.push(' ');
    assert_eq!(vouched(record, &Following::Record(loose)), unlinked);
    let mut changed = record.clone();
    changed.at.push(' ');
    assert_eq!(vouched(&changed, &next), Err(Doubt::Changed { seq: 3 }));
    // Hashed anew it is intact, and nothing holds it in its place.
    hash_anew(&mut changed);
    assert_eq!(vouched(&changed, &next), unlinked);
    assert_eq!(vouched(&chain[1], &next), Err(Doubt::Changed { seq: 3 }));
    assert_eq!(vouch("{}", SCHEMA, Some(3), Some(record), &next), Err(Doubt::Differs { seq: 3 }));
    assert_eq!(vouch("{}", SCHEMA, Some(3), None, &next), Err(Doubt::NoRecord { seq: 3 }));
    assert_eq!(vouch("{}", SCHEMA, None, None, &next), Err(Doubt::Unrecorded));
    assert_eq!(vouch(&record.body, 1, Some(3), Some(record), &next), Err(Doubt::BeforeChain { schema: 1 }));
}

#[test]
fn heads_are_found_in_whatever_text_holds_them() {
    let chain = chain(2);
    let (first, second) = (chain[0].head(), chain[1].head());
    let text = format!(
        "{{\"decision\":\"remediated\",\"head\":\"{first}\"}}\nJournal: {second}\n2026-11-22T09:00:00Z x:{} 3:{}",
        first.hash,
        first.hash.as_str().split_at(1).1
    );
    assert_eq!(Head::all_in(&text), [first.clone(), second]);
    assert_eq!(first.to_string().parse(), Ok(first.clone()));
    for wrong in ["", "1", ":", "1:", &format!("+1:{}", first.hash), &format!("-1:{}", first.hash)] {
        assert_eq!(wrong.parse::<Head>(), Err(HeadError), "{wrong}");
    }
}

#[test]
fn records_have_their_place_in_the_table_by_their_number() {
    for seq in [1, 9, 10, 999_999_999_999] {
        assert_eq!(layout::seq_of(&layout::record(seq)), Some(seq));
    }
    assert!(layout::record(9) < layout::record(10));
    for wrong in ["record#1", "record#", "head", "record#0000000000001", "record#+00000000001"] {
        assert_eq!(layout::seq_of(wrong), None, "{wrong}");
    }
}

/// One thing that somebody may do to a file of records.
#[derive(Debug, Clone)]
enum Tampering {
    Delete(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Copy(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, String),
    ChangeBody(prop::sample::Index, String),
    ChangeTime(prop::sample::Index, String),
    Renumber(prop::sample::Index, u64),
    Graft(prop::sample::Index, prop::sample::Index),
    HashAnew(prop::sample::Index),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    use prop::sample::Index;
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Tampering::Delete),
        (index(), index()).prop_map(|(one, other)| Tampering::Swap(one, other)),
        (index(), index()).prop_map(|(from, to)| Tampering::Copy(from, to)),
        (index(), ".{0,20}").prop_map(|(at, body)| Tampering::Insert(at, body)),
        (index(), ".{0,20}").prop_map(|(at, body)| Tampering::ChangeBody(at, body)),
        (index(), ".{0,20}").prop_map(|(at, time)| Tampering::ChangeTime(at, time)),
        (index(), 0..40_u64).prop_map(|(at, seq)| Tampering::Renumber(at, seq)),
        (index(), index()).prop_map(|(at, from)| Tampering::Graft(at, from)),
        index().prop_map(Tampering::HashAnew),
    ]
}

fn tamper(chain: &mut Vec<Record>, how: &Tampering) {
    if chain.is_empty() {
        return;
    }
    let length = chain.len();
    match how {
        Tampering::Delete(at) => drop(chain.remove(at.index(length))),
        Tampering::Swap(one, other) => chain.swap(one.index(length), other.index(length)),
        Tampering::Copy(from, to) => chain.insert(to.index(length + 1), chain[from.index(length)].clone()),
        Tampering::Insert(at, body) => {
            let at = at.index(length);
            let record = Record::after(Some(&chain[at].head()), now(), body.clone());
            chain.insert(at + 1, record);
        }
        Tampering::ChangeBody(at, body) => chain[at.index(length)].body.clone_from(body),
        Tampering::ChangeTime(at, time) => chain[at.index(length)].at.clone_from(time),
        Tampering::Renumber(at, seq) => chain[at.index(length)].seq = *seq,
        Tampering::Graft(at, from) => {
            let hash = chain[from.index(length)].hash.clone();
            chain[at.index(length)].previous = hash;
        }
        Tampering::HashAnew(at) => hash_anew(&mut chain[at.index(length)]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever several such things come to: the same records, or found. The head is the one that was written.
    #[test]
    fn tampering_of_any_kind_is_found(length in 1..20_u64, how in prop::collection::vec(tampering(), 1..6)) {
        let right = chain(length);
        let mut chain = right.clone();
        for how in &how {
            tamper(&mut chain, how);
        }
        prop_assert_eq!(held(&chain, &head_of(&right)).is_ok(), chain == right);
    }
}
