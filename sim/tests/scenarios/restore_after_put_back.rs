//! Undo of a suspension that somebody took off and the watch put back: two entries, and the principal as it was before.

use serde_json::json;
use shared::facts::KeyStatus;
use shared::identifier::Arn;
use shared::remedy::{Entry, Refusal, Status};
use sim::account_file::InlinePolicy;
use sim::{AccountFile, Local};

use crate::fixture::*;
use crate::threats::{ADA, approve, undo_by, with_approvers};
use crate::worlds::{arns, inline_of};

const DEV: &str = "arn:aws:iam::111122223333:policy/DevBoundary";
const BOTH: [&str; 2] = ["user", "role"];

fn dev() -> Arn {
    DEV.parse().unwrap()
}

/// By what there is room to deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Attached,
    Inline,
    Boundary,
}

const ROOMS: [Room; 3] = [Room::Attached, Room::Inline, Room::Boundary];

/// Mallory, a user or a role, with a boundary of her own and room only there.
fn mallory(kind: &str, room: Room) -> AccountFile {
    let attached = arns(if room == Room::Attached { 2 } else { 10 });
    let size = if kind == "user" { 2_040 } else { 10_200 };
    let inline = if room == Room::Boundary { vec![inline_of("big", size)] } else { Vec::new() };
    let mut principal =
        json!({"name": "mallory", "attachedPolicies": attached, "inlinePolicies": inline, "boundary": DEV});
    if kind == "user" {
        principal["accessKeys"] = json!([key("MAL1", 90, Some(0)), key("MAL2", 9, Some(0))]);
    }
    account(json!({format!("{kind}s"): [principal]}))
}

/// What both kinds have.
struct Parts<'a> {
    attached: &'a mut std::collections::BTreeSet<Arn>,
    inline: &'a mut Vec<InlinePolicy>,
    boundary: &'a mut Option<Arn>,
    tags: &'a mut std::collections::BTreeMap<String, String>,
}

fn by_hand(local: &Local, change: impl FnOnce(Parts<'_>)) {
    local.world.edit(|file| on_parts(file, change));
}

fn on_parts(file: &mut AccountFile, change: impl FnOnce(Parts<'_>)) {
    let AccountFile { users, roles, .. } = file;
    if let Some(user) = users.first_mut() {
        change(Parts {
            attached: &mut user.attached_policies,
            inline: &mut user.inline_policies,
            boundary: &mut user.boundary,
            tags: &mut user.tags,
        });
    } else if let Some(role) = roles.first_mut() {
        change(Parts {
            attached: &mut role.attached_policies,
            inline: &mut role.inline_policies,
            boundary: &mut role.boundary,
            tags: &mut role.tags,
        });
    }
}

/// Takes off what denies everything.
#[expect(clippy::needless_pass_by_value, reason = "what is changed by hand is handed over so")]
fn lift(parts: Parts<'_>) {
    parts.attached.remove(&quarantine());
    parts.inline.retain(|policy| policy.name.as_str() != "BailiffQuarantine");
    parts.boundary.take_if(|boundary| *boundary == quarantine());
}

/// Suspended by order, changed by somebody else, and put back by the watch.
struct PutBack {
    local: Local,
    before: AccountFile,
    first: Entry,
    second: Entry,
}

fn put_back(kind: &str, room: Room, attack: impl FnOnce(Parts<'_>)) -> PutBack {
    let local = local(mallory(kind, room), with_approvers(&["principal-threatened"]));
    let before = local.world.account();
    suspend(&local, &format!("{kind}/mallory")).unwrap();
    by_hand(&local, attack);
    local.world.advance(jiff::SignedDuration::from_mins(5));
    sweep(&local);
    let entries = written(&local);
    let [first, second] = &entries[..] else { panic!("{kind} {room:?}: {entries:#?}") };
    assert_eq!((first.status, second.status), (Status::Verified, Status::Verified));
    PutBack { first: first.clone(), second: second.clone(), before, local }
}

/// Undone, with a second person's word where one is asked for.
fn undone(local: &Local, entry: &Entry) -> Entry {
    let given = || undo_by(local, "sam", entry, false).unwrap().entry().unwrap().clone();
    let undo = given();
    if undo.status != Status::Planned {
        return undo;
    }
    approve(local, ADA, &undo).unwrap();
    given()
}

fn refused(undo: &Entry) -> &str {
    match &undo.refusal {
        Some(Refusal::StateChanged { what }) => what,
        other => panic!("{other:?}"),
    }
}

/// Undoes both, the one that was asked for first and whatever it says comes before.
fn undo_both(PutBack { local, first, second, .. }: &PutBack, newest_first: bool, case: &str) {
    let dev_is_back = || {
        let mut free_without_it = false;
        by_hand(local, |parts| {
            let denied = parts.attached.contains(&quarantine())
                || parts.inline.iter().any(|policy| policy.name.as_str() == "BailiffQuarantine");
            free_without_it =
                !denied && *parts.boundary != Some(dev()) && *parts.boundary != Some(quarantine());
        });
        assert!(!free_without_it, "{case}: more powers than before the suspension");
    };
    let order = if newest_first { [second, first] } else { [first, second] };
    let mut again = Vec::new();
    for entry in order {
        let undo = undone(local, entry);
        dev_is_back();
        if undo.status != Status::Verified {
            let what = refused(&undo);
            if what.contains("nothing else to undo") {
                continue;
            }
            assert!(newest_first && what.contains(&format!("undo {} first", first.id)), "{case}: {what}");
            again.push(entry);
        }
    }
    for entry in again {
        let undo = undone(local, entry);
        assert!(
            undo.status == Status::Verified || refused(&undo).contains("nothing else to undo"),
            "{case}: {undo:#?}"
        );
        dev_is_back();
    }
}

#[test]
fn whoever_was_put_back_is_as_before_once_both_entries_are_undone_in_either_order() {
    for kind in BOTH {
        for room in ROOMS {
            for newest_first in [true, false] {
                let case = format!("{kind}, {room:?}, newest first: {newest_first}");
                let all = put_back(kind, room, lift);
                undo_both(&all, newest_first, &case);
                assert_eq!(changes(&all.before, &all.local), Vec::<String>::new(), "{case}");
            }
        }
    }
}

#[test]
fn nor_does_it_matter_what_else_somebody_took_off_or_switched_on_meanwhile() {
    for kind in BOTH {
        for room in ROOMS {
            for newest_first in [true, false] {
                let case = format!("{kind}, {room:?}, newest first: {newest_first}");
                let local = put_back(kind, room, |parts| {
                    parts.tags.clear();
                    parts.inline.retain(|policy| policy.name.as_str() != "BailiffRevokeOlderSessions");
                    lift(parts);
                });
                undo_both(&local, newest_first, &case);
                assert_eq!(changes(&local.before, &local.local), Vec::<String>::new(), "{case}");
            }
        }
    }
}

#[test]
fn a_key_that_was_switched_on_meanwhile_keeps_no_undo_from_the_rest() {
    for room in ROOMS {
        for newest_first in [true, false] {
            let case = format!("{room:?}, newest first: {newest_first}");
            let local = local(mallory("user", room), with_approvers(&["principal-threatened"]));
            let before = local.world.account();
            suspend(&local, "user/mallory").unwrap();
            local.world.edit(|file| {
                on_parts(file, lift);
                file.users[0].access_keys[0].status = KeyStatus::Active;
            });
            sweep(&local);
            let entries = written(&local);
            assert_eq!(entries.len(), 2, "{case}: {entries:#?}");
            let all = PutBack { before, first: entries[0].clone(), second: entries[1].clone(), local };
            undo_both(&all, newest_first, &case);
            assert_eq!(changes(&all.before, &all.local), Vec::<String>::new(), "{case}");
        }
    }
}

#[test]
fn who_fills_the_room_or_makes_some_decides_nothing() {
    let to_inline = |parts: Parts<'_>| {
        parts.attached.remove(&quarantine());
        parts.attached.extend(arns(10).iter().map(|arn| arn.parse().unwrap()));
    };
    let to_attached = |parts: Parts<'_>| {
        parts.boundary.take();
        parts.attached.pop_last();
        parts.attached.pop_last();
    };
    for kind in BOTH {
        for newest_first in [true, false] {
            let case = format!("{kind}, newest first: {newest_first}");
            let all = put_back(kind, Room::Attached, to_inline);
            undo_both(&all, newest_first, &case);
            let mut expected = all.before.clone();
            on_parts(&mut expected, to_inline);
            assert_eq!(changes(&expected, &all.local), Vec::<String>::new(), "{case}");

            let all = put_back(kind, Room::Boundary, to_attached);
            undo_both(&all, newest_first, &case);
            let mut expected = all.before.clone();
            on_parts(&mut expected, |parts| {
                parts.attached.pop_last();
                parts.attached.pop_last();
                assert_eq!(*parts.boundary, Some(dev()));
            });
            assert_eq!(changes(&expected, &all.local), Vec::<String>::new(), "{case}");
        }
    }
}

#[test]
fn a_boundary_that_somebody_put_in_the_place_of_the_quarantine_never_comes_back() {
    for kind in BOTH {
        for newest_first in [true, false] {
            let case = format!("{kind}, newest first: {newest_first}");
            let all = put_back(kind, Room::Boundary, |parts| {
                *parts.boundary = Some("arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap());
            });
            undo_both(&all, newest_first, &case);
            assert_eq!(changes(&all.before, &all.local), Vec::<String>::new(), "{case}");
        }
    }
}

#[test]
fn a_boundary_that_people_gave_back_by_hand_lets_the_later_entry_be_undone_first() {
    let all = put_back("user", Room::Boundary, |parts| {
        parts.boundary.take();
        parts.attached.pop_last();
    });
    let undo = undone(&all.local, &all.second);
    assert!(refused(&undo).contains(&format!("undo {} first", all.first.id)), "{undo:#?}");
    by_hand(&all.local, |parts| *parts.boundary = Some(dev()));
    assert_eq!(undone(&all.local, &all.second).status, Status::Verified);
    assert_eq!(undone(&all.local, &all.first).status, Status::Verified);
    assert_eq!(all.local.world.account().users[0].boundary, Some(dev()));
}

#[test]
fn a_boundary_that_somebody_set_by_hand_is_not_overruled() {
    let all = put_back("user", Room::Boundary, |parts| {
        *parts.boundary = Some("arn:aws:iam::111122223333:policy/stricter".parse().unwrap());
        parts.attached.pop_last();
    });
    let contained = all.local.world.account();
    assert!(refused(&undone(&all.local, &all.second)).contains("first"));
    assert!(refused(&undone(&all.local, &all.first)).contains("another one now"));
    assert_eq!(changes(&contained, &all.local), Vec::<String>::new());
    by_hand(&all.local, |parts| *parts.boundary = None);
    assert_eq!(undone(&all.local, &all.first).status, Status::Verified);
    assert_eq!(undone(&all.local, &all.second).status, Status::Verified);
    assert_eq!(all.local.world.account().users[0].boundary, Some(dev()));
}

#[test]
fn one_that_people_lifted_by_hand_with_its_boundary_stands_in_no_later_one_s_way() {
    for kind in BOTH {
        let local = local(mallory(kind, Room::Boundary), with_approvers(&["principal-threatened"]));
        suspend(&local, &format!("{kind}/mallory")).unwrap();
        local.world.advance(jiff::SignedDuration::from_hours(24 * 30));
        by_hand(&local, |parts| {
            *parts.boundary = Some(dev());
            parts.tags.clear();
        });
        let lifted = local.world.account();
        let again = suspend(&local, &format!("{kind}/mallory")).unwrap().entry().unwrap().clone();
        assert_eq!(undone(&local, &again).status, Status::Verified, "{kind}");
        assert_eq!(changes(&lifted, &local), Vec::<String>::new(), "{kind}");
    }
}
