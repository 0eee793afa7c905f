use super::*;
use crate::facts::fixture::{
    QUARANTINE, alice, arn, attached, context, credential_id, days, deployer, inline, key, key_id,
    many_attached, other, throttled,
};
use crate::facts::{Entity, OtherCredential, OtherCredentialKind, Read, Resource};
use crate::remedy::QUARANTINE_TAG;
use crate::remedy::Write::{AttachRolePolicy, PutRolePermissionsBoundary, PutRolePolicy, TagRole};
use crate::remedy::apply::apply;
use crate::remedy::mark::mark;

const PRIOR: &str = "arn:aws:iam::111122223333:policy/team-boundary";

/// What is taken from it. That it is marked after, the tests of the mark tell.
fn suspend(user: &User) -> Proposal {
    strip(user, &context())
}

/// An inline policy that takes so much room.
fn filler(size: usize) -> InlinePolicy {
    inline("filler", "x".repeat(size))
}

/// A user whose ten attachments leave no room for another.
fn full() -> User {
    alice().with_attached(many_attached(10))
}

fn full_role() -> Role {
    Role { attached_policies: Fact::Known(many_attached(10)), ..deployer() }
}

fn with_inline(role: Role, policies: impl IntoIterator<Item = InlinePolicy>) -> Role {
    Role { inline_policies: Fact::Known(policies.into_iter().collect()), ..role }
}

/// The one step that denies everything, by its first words.
fn deny(proposal: &Proposal) -> String {
    proposal.steps.first().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_user_is_denied_everything_first_then_loses_keys_and_password() {
    let user = alice()
        .with_keys([key('A', days(9)), key('B', days(9)).inactive(), key('C', days(9))])
        .with_password(days(9));
    let identity = || user.identity.clone();
    let steps = vec![
        Step::AttachUserPolicy { user: identity(), policy: arn(QUARANTINE) },
        Step::DeactivateAccessKey { user: identity(), key: key_id('A') },
        Step::DeactivateAccessKey { user: identity(), key: key_id('C') },
        Step::DeleteLoginProfile { user: identity() },
    ];
    assert_eq!(suspend(&user), Proposal { steps, ..Proposal::default() });
}

#[test]
fn credentials_of_other_kinds_are_switched_off_too() {
    let expired = OtherCredential {
        expires: Some(context().at),
        ..other(OtherCredentialKind::ServiceSpecificCredential, 'E', days(9))
    };
    let others = OtherCredentialKind::ALL
        .into_iter()
        .flat_map(|kind| [other(kind, 'A', days(9)), other(kind, 'B', days(9)).inactive()]);
    let user = alice().with_password(days(9)).with_others(others.chain([expired]));
    let steps = suspend(&user).steps;
    let off = |kind| Step::DeactivateCredential {
        user: user.identity.clone(),
        kind,
        credential: credential_id('A'),
    };
    assert_eq!(steps[1..4], OtherCredentialKind::ALL.map(off));
    assert_eq!(steps.len(), 5);
    let unread = throttled(Read::ListSshPublicKeys);
    let user = User { ssh_public_keys: Fact::Unknown(unread.clone()), ..user };
    let proposal = suspend(&user);
    assert_eq!((proposal.steps.len(), proposal.unknown), (4, vec![unread]));
}

#[test]
fn a_user_without_credentials_is_denied_all_the_same() {
    assert_eq!(suspend(&alice()).steps.len(), 1);
}

#[test]
fn the_managed_policy_is_used_while_there_is_room_for_it() {
    for count in [0, 1, 9] {
        let user = alice().with_attached(many_attached(count)).with_inline([filler(2_048)]);
        assert_eq!(deny(&suspend(&user)), "attach bailiff-quarantine to user alice", "{count}");
    }
}

#[test]
fn with_ten_attached_the_deny_is_written_inline() {
    let proposal = suspend(&full());
    let [Step::PutUserPolicy { policy, document, .. }] = proposal.steps.as_slice() else {
        panic!("{proposal:?}")
    };
    assert_eq!(policy.as_str(), QUARANTINE_INLINE_POLICY);
    let document: Value = serde_json::from_str(document.as_str()).unwrap();
    insta::assert_json_snapshot!(document, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "BailiffQuarantine",
          "Effect": "Deny",
          "Action": "*",
          "Resource": "*"
        }
      ]
    }
    "#);
    // An account may have had its quota raised, and more than ten attached.
    assert_eq!(suspend(&alice().with_attached(many_attached(20))), proposal);
}

#[test]
fn inline_is_used_up_to_the_last_character_and_white_space_is_free() {
    let room = 2_048 - DENY_ALL.len();
    let spaced = inline("spaced", format!("{}{}", "x".repeat(room), " \n\t".repeat(100)));
    for policy in [filler(room), spaced] {
        let user = full().with_inline([policy]);
        assert_eq!(deny(&suspend(&user)), "put inline policy BailiffQuarantine on user alice");
    }
    let user = full().with_inline([filler(room), inline("b", "x")]);
    assert_eq!(deny(&suspend(&user)), "set permissions boundary bailiff-quarantine on user alice");
}

#[test]
fn with_attachments_and_inline_full_the_boundary_is_replaced_and_kept_for_the_undo() {
    for (user, replaces) in [(full(), None), (full().with_boundary(PRIOR), Some(arn(PRIOR)))] {
        let user = user.with_inline([filler(2_047)]).with_keys([key('A', days(9))]);
        let identity = user.identity.clone();
        let step = Step::PutUserPermissionsBoundary { user: identity, boundary: arn(QUARANTINE), replaces };
        assert_eq!(suspend(&user).steps, [step, user.deactivate('A')]);
    }
}

#[test]
fn what_met_a_quota_a_moment_ago_gives_way_to_the_next_means() {
    for (used_up, user_is, role_is) in [
        (vec![], "attach", "attach"),
        (vec![Write::AttachUserPolicy, AttachRolePolicy], "put inline", "put inline"),
        (
            vec![Write::AttachUserPolicy, AttachRolePolicy, Write::PutUserPolicy, PutRolePolicy],
            "set permissions boundary",
            "set permissions boundary",
        ),
    ] {
        let context = Context { used_up: used_up.into_iter().collect(), ..context() };
        let (of_user, of_role) =
            (deny(&strip(&alice(), &context)), deny(&suspend_role(&deployer(), &context)));
        assert!(of_user.starts_with(user_is) && of_role.starts_with(role_is), "{of_user}; {of_role}");
    }
}

#[test]
fn another_text_under_our_inline_name_is_not_overwritten() {
    let user = full().with_inline([inline(QUARANTINE_INLINE_POLICY, "{}")]);
    assert_eq!(deny(&suspend(&user)), "set permissions boundary bailiff-quarantine on user alice");
}

#[test]
fn a_deny_in_force_by_any_means_is_not_made_again() {
    let stale = || alice().with_keys([key('A', days(9))]);
    let quarantined = [
        stale().with_attached([attached(QUARANTINE)]),
        stale().with_attached([many_attached(9), vec![attached(QUARANTINE)]].concat()),
        stale().with_inline([inline(QUARANTINE_INLINE_POLICY, DENY_ALL)]),
        stale().with_boundary(QUARANTINE),
    ];
    for user in quarantined {
        assert_eq!(suspend(&user).steps, [user.deactivate('A')]);
    }
}

#[test]
fn a_look_alike_of_the_deny_is_not_taken_for_it() {
    let users = [
        alice().with_attached([attached("arn:aws:iam::111122223333:policy/team/bailiff-quarantine")]),
        alice().with_attached([attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")]),
        alice().with_inline([inline(QUARANTINE_INLINE_POLICY, DENY_ALL.replace("Deny", "Allow"))]),
        alice().with_inline([inline(REQUIRE_MFA_POLICY, DENY_ALL)]),
        alice().with_boundary(PRIOR),
    ];
    for user in users {
        assert_eq!(deny(&suspend(&user)), "attach bailiff-quarantine to user alice");
    }
}

#[test]
fn the_next_means_stands_in_for_one_that_is_unknown_and_what_is_unknown_is_said() {
    let armed = || full().with_inline([filler(2_047)]).with_keys([key('A', days(9))]).with_password(days(9));
    let reads = [Read::ListAttachedUserPolicies, Read::GetUserPolicy, Read::GetUser];
    let users = [
        User { attached_policies: Fact::Unknown(throttled(reads[0])), ..armed() },
        User { inline_policies: Fact::Unknown(throttled(reads[1])), ..armed() },
        User { boundary: Fact::Unknown(throttled(reads[2])), ..armed() },
    ];
    for (user, read) in users.iter().zip(reads) {
        let proposal = suspend(user);
        assert_eq!(proposal.unknown, [throttled(read)]);
        let steps: Vec<String> = proposal.steps.iter().map(ToString::to_string).collect();
        let key = "deactivate access key …AAAA of user alice";
        if read == Read::GetUser {
            // No means is left, so the password stays.
            assert_eq!(
                (&steps[..], &proposal.left[..]),
                (&[key.to_owned()][..], &["its console password".to_owned()][..])
            );
        } else {
            assert_eq!(
                steps,
                [
                    "set permissions boundary bailiff-quarantine on user alice",
                    key,
                    "delete the console password of user alice"
                ]
            );
        }
    }
}

#[test]
fn unknown_credentials_are_named_beside_the_deny() {
    let user = User {
        access_keys: Fact::Unknown(throttled(Read::ListAccessKeys)),
        login_profile: Fact::Unknown(throttled(Read::GetLoginProfile)),
        ..alice()
    };
    let proposal = suspend(&user);
    assert_eq!(proposal.steps.len(), 1);
    assert_eq!(proposal.unknown, [throttled(Read::ListAccessKeys), throttled(Read::GetLoginProfile)]);

    let user = alice().with_keys([key('A', days(9)).nameless(), key('B', days(9))]);
    let proposal = suspend(&user);
    assert_eq!(proposal.steps.get(1), Some(&user.deactivate('B')));
    assert_eq!(proposal.unknown.len(), 1);
}

#[test]
fn a_deny_of_everything_is_not_taken_for_the_demand_of_mfa() {
    let denied = alice().with_inline([inline(QUARANTINE_INLINE_POLICY, DENY_ALL)]);
    assert_eq!(require_mfa(&denied).steps, require_mfa(&alice()).steps);
    assert_eq!(require_mfa(&alice()).steps.len(), 1);
    let demanded = alice().with_inline([inline(REQUIRE_MFA_POLICY, REQUIRE_MFA)]);
    assert_eq!(require_mfa(&demanded).steps, []);
    assert!(
        require_mfa(&demanded).left[0].starts_with("its console sessions without MFA are denied already")
    );
}

#[test]
fn a_suspended_user_has_nothing_left_to_take() {
    let armed = |user: User| user.with_keys([key('A', days(9))]).with_password(days(9));
    for user in [alice(), full(), full().with_inline([filler(2_047)]).with_boundary(PRIOR)] {
        let mut live = Resource::from(armed(user));
        let Resource::Entity(Entity::User(user)) = live.clone() else { unreachable!() };
        for step in suspend(&user).steps {
            apply(&step, &mut live);
        }
        let Resource::Entity(Entity::User(user)) = live else { unreachable!() };
        assert_eq!(suspend(&user), Proposal::default());
    }
}

#[test]
fn a_role_is_denied_everything_first_then_its_older_sessions() {
    let role = deployer();
    let proposal = suspend_role(&role, &context());
    let [
        Step::AttachRolePolicy { policy, .. },
        Step::PutRolePolicy { policy: revoke, document, .. },
        Step::TagRole { .. },
    ] = proposal.steps.as_slice()
    else {
        panic!("{proposal:?}")
    };
    assert_eq!(policy.as_str(), QUARANTINE);
    assert_eq!(revoke.as_str(), REVOKE_SESSIONS_POLICY);
    let document: Value = serde_json::from_str(document.as_str()).unwrap();
    insta::assert_json_snapshot!(document, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "BailiffRevokeOlderSessions",
          "Effect": "Deny",
          "Action": "*",
          "Resource": "*",
          "Condition": {
            "DateLessThan": {
              "aws:TokenIssueTime": "2026-11-22T09:00:00Z"
            }
          }
        }
      ]
    }
    "#);
    assert_eq!((proposal.left, proposal.unknown), (Vec::new(), Vec::new()));
}

#[test]
fn sessions_are_revoked_to_the_whole_second_that_follows() {
    for (at, revoked) in [
        ("2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z"),
        ("2026-11-22T09:00:00.000000001Z", "2026-11-22T09:00:01Z"),
        ("2026-11-22T23:59:59.999Z", "2026-11-23T00:00:00Z"),
    ] {
        let context = Context { at: at.parse().unwrap(), ..context() };
        let proposal = suspend_role(&deployer(), &context);
        let Some(Step::PutRolePolicy { document, .. }) = proposal.steps.get(1) else {
            panic!("{proposal:?}")
        };
        assert_eq!(revoked_until(document), Some(revoked.parse().unwrap()), "{at}");
    }
}

#[test]
fn a_role_has_ten_thousand_characters_of_inline_room_for_both_policies() {
    let suspend = |role| suspend_role(&role, &context());
    let revocation = revocation("2026-11-22T09:00:00Z").len();
    let both = 10_240 - DENY_ALL.len() - revocation;
    let steps = |proposal: &Proposal| proposal.steps.iter().map(Step::write).collect::<Vec<_>>();
    let proposal = suspend(with_inline(full_role(), [filler(both)]));
    assert_eq!(steps(&proposal), [PutRolePolicy, PutRolePolicy, TagRole]);

    let proposal = suspend(with_inline(full_role(), [filler(both + 1)]));
    assert_eq!(steps(&proposal), [PutRolePolicy, TagRole]);
    assert_eq!(
        proposal.left,
        ["no room for an inline policy that revokes older sessions; the deny-all covers them"]
    );

    let proposal = suspend(with_inline(deployer(), [filler(10_240 - revocation)]));
    assert_eq!(steps(&proposal), [AttachRolePolicy, PutRolePolicy, TagRole]);

    let full = Role { boundary: Fact::Known(arn(PRIOR)), ..with_inline(full_role(), [filler(10_239)]) };
    let proposal = suspend(full);
    assert_eq!(steps(&proposal), [PutRolePermissionsBoundary, TagRole]);
    let Some(Step::PutRolePermissionsBoundary { replaces, .. }) = proposal.steps.first() else { panic!() };
    assert_eq!(*replaces, Some(arn(PRIOR)));
}

#[test]
fn a_revocation_that_is_there_is_recognised_by_its_text() {
    let role = |document: &str| with_inline(deployer(), [inline(REVOKE_SESSIONS_POLICY, document)]);
    let ours = revocation("2026-11-20T08:00:00Z");
    let proposal = suspend_role(&role(&ours), &context());
    assert_eq!(proposal.steps.len(), 2);
    assert_eq!(proposal.left, ["sessions issued before 2026-11-20T08:00:00Z were revoked already"]);
    for borrowed in ["{}", "{", &ours.replace("Deny", "Allow"), &revocation("tomorrow")] {
        let proposal = suspend_role(&role(borrowed), &context());
        assert_eq!(proposal.steps.len(), 2);
        assert_eq!(
            proposal.left,
            ["an inline policy named BailiffRevokeOlderSessions with another text is in the way"]
        );
    }
}

#[test]
fn a_revocation_planned_later_does_the_same_and_no_other_text_or_role_does() {
    let put = |role: Role, policy: &str, document: &str| Step::PutRolePolicy {
        role: role.identity,
        policy: policy.parse().unwrap(),
        document: PolicyDocument::new(document.to_owned()),
    };
    let (before, after) = (revocation("2026-11-20T08:00:00Z"), revocation("2026-11-20T08:12:00Z"));
    let step = put(deployer(), REVOKE_SESSIONS_POLICY, &before);
    assert!(does_the_same(&step, &put(deployer(), REVOKE_SESSIONS_POLICY, &after)));
    let mut another = deployer();
    another.identity.unique_id = "AROAEXAMPLEEXAMPLE999".parse().unwrap();
    for other in [
        put(another, REVOKE_SESSIONS_POLICY, &after),
        put(deployer(), "other", &after),
        put(deployer(), REVOKE_SESSIONS_POLICY, &after.replace("Deny", "Allow")),
    ] {
        assert!(!does_the_same(&step, &other) && !does_the_same(&other, &step), "{other}");
    }
    let other = put(deployer(), "other", &before);
    assert!(does_the_same(&other, &other) && !does_the_same(&other, &put(deployer(), "other", &after)));
}

#[test]
fn what_is_unknown_of_a_role_is_said_and_another_means_denies() {
    let roles = [
        Role { attached_policies: Fact::not_read(Read::ListAttachedRolePolicies), ..deployer() },
        Role { inline_policies: Fact::not_read(Read::ListRolePolicies), ..deployer() },
        Role { boundary: Fact::not_read(Read::GetRole), ..deployer() },
    ];
    for role in roles {
        let proposal = suspend_role(&role, &context());
        assert_eq!(proposal.unknown.len(), 1);
        assert!(proposal.steps.first().is_some_and(Step::denies), "{proposal:?}");
    }
}

#[test]
fn a_suspended_role_has_nothing_left_to_take() {
    for role in [deployer(), full_role(), with_inline(full_role(), [filler(10_239)])] {
        let mut live = Resource::from(role.clone());
        for step in suspend_role(&role, &context()).steps {
            apply(&step, &mut live);
        }
        let Resource::Entity(Entity::Role(role)) = live else { unreachable!() };
        assert_eq!(suspend_role(&role, &context()).steps, []);
    }
}

const MARKED: &str = "set tag bailiff:quarantined on user alice";

fn last(proposal: &Proposal) -> String {
    proposal.steps.last().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn the_mark_of_quarantine_comes_after_all_that_is_taken() {
    let user = alice().with_keys([key('A', days(9))]).with_password(days(9));
    let marked = suspend_user(&user, &context());
    let taken = suspend(&user);
    assert_eq!(marked.steps[..taken.steps.len()], taken.steps);
    assert_eq!((last(&marked).as_str(), marked.steps.len()), (MARKED, taken.steps.len() + 1));
    assert_eq!(last(&deny_role(&deployer(), &context())), "set tag bailiff:quarantined on role deployer");
}

#[test]
fn whoever_has_the_tag_already_is_not_marked_again_however_it_is_spelled_and_whatever_it_says() {
    for (tag, value) in [(QUARANTINE_TAG, "true"), (QUARANTINE_TAG, "by hand"), ("Bailiff:Quarantined", "")] {
        let user = alice().with_tag(tag, value).with_keys([key('A', days(9))]);
        assert_eq!(suspend_user(&user, &context()), suspend(&user), "{tag}={value}");
    }
}

#[test]
fn the_mark_alone_is_no_reason_to_act() {
    // As whoever was suspended before there was a mark, and whoever lost it since.
    let user = alice().with_attached([attached(QUARANTINE)]);
    assert_eq!(suspend_user(&user, &context()), Proposal::default());
    assert_eq!(is_suspended(&user, &context()), Ok(true));
    let crowded = (0..50).fold(user, |user, number| user.with_tag(&format!("tag-{number}"), ""));
    assert_eq!(is_suspended(&crowded, &context()), Ok(true));
}

#[test]
fn a_fiftieth_tag_is_set_and_for_a_fifty_first_there_is_no_room() {
    let with =
        |count: usize| (0..count).fold(alice(), |user, number| user.with_tag(&format!("tag-{number}"), ""));
    assert_eq!(last(&suspend_user(&with(49), &context())), MARKED);
    let full = suspend_user(&with(50), &context());
    assert_eq!(full.steps, suspend(&with(50)).steps);
    assert_eq!(
        full.left,
        [
            "it has 50 tags, so there is no room for `bailiff:quarantined`; policies of the organisation do not know it \
          as quarantined"
        ]
    );
}

#[test]
fn tags_that_could_not_be_read_keep_nothing_from_being_taken() {
    let user =
        User { tags: Fact::Unknown(throttled(Read::GetUser)), ..alice().with_keys([key('A', days(9))]) };
    let proposal = suspend_user(&user, &context());
    assert_eq!((proposal.steps, proposal.unknown), (suspend(&user).steps, Vec::new()));
    assert!(proposal.left[0].starts_with("its tags could not be read"), "{:?}", proposal.left);
}

#[test]
fn whatever_of_an_undo_lifts_a_denial_is_known_by_what_it_takes_off() {
    let takes_off = |step: &Step| takes_denial_off(step, &arn(QUARANTINE));
    let (user, role) = (|| alice().identity, || deployer().identity);
    let detach = |policy: &str| {
        [
            Step::DetachUserPolicy { user: user(), policy: arn(policy) },
            Step::DetachRolePolicy { role: role(), policy: arn(policy) },
        ]
    };
    let delete = |name: &str| {
        let (policy, document) = (|| PolicyName::parse(name).unwrap(), || PolicyDocument::new(DENY_ALL));
        [
            Step::DeleteUserPolicy { user: user(), policy: policy(), document: document() },
            Step::DeleteRolePolicy { role: role(), policy: policy(), document: document() },
        ]
    };
    let unbound = |boundary: &str| {
        [
            Step::DeleteUserPermissionsBoundary { user: user(), boundary: arn(boundary) },
            Step::DeleteRolePermissionsBoundary { role: role(), boundary: arn(boundary) },
        ]
    };
    let bound = |boundary: &str, replaces: Option<&str>| {
        let replaces = || replaces.map(arn);
        [
            Step::PutUserPermissionsBoundary { user: user(), boundary: arn(boundary), replaces: replaces() },
            Step::PutRolePermissionsBoundary { role: role(), boundary: arn(boundary), replaces: replaces() },
        ]
    };
    let lifting = [
        detach(QUARANTINE),
        delete(QUARANTINE_INLINE_POLICY),
        delete(REVOKE_SESSIONS_POLICY),
        unbound(QUARANTINE),
        bound(PRIOR, Some(QUARANTINE)),
        bound(PRIOR, None),
    ];
    for step in lifting.as_flattened() {
        assert!(takes_off(step), "{step}");
    }
    let others = [
        detach(PRIOR),
        delete("grants"),
        unbound(PRIOR),
        bound(QUARANTINE, Some(PRIOR)),
        bound(QUARANTINE, None),
    ];
    for step in others.as_flattened() {
        assert!(!takes_off(step), "{step}");
    }
}

#[test]
fn of_a_role_whose_sessions_were_revoked_people_are_told_only_where_it_is_denied_anew() {
    let mut live = Resource::from(deployer());
    for step in suspend_role(&deployer(), &context()).steps {
        apply(&step, &mut live);
    }
    let Resource::Entity(Entity::Role(role)) = live else { unreachable!() };
    assert_eq!(suspend_role(&role, &context()), Proposal::default());
    // Somebody has taken the deny-all off: sessions of since then are not revoked by the old text.
    let opened = Role { attached_policies: Fact::Known(Vec::new()), ..*role };
    let again = suspend_role(&opened, &context());
    assert_eq!(deny(&again), "attach bailiff-quarantine to role deployer");
    assert!(again.left[0].ends_with("were revoked already"), "{:?}", again.left);
}

#[test]
fn a_role_is_marked_as_a_user_is() {
    let mut proposal = Proposal::default();
    mark(&Resource::from(deployer()), &mut proposal);
    assert_eq!(last(&proposal), "set tag bailiff:quarantined on role deployer");
    let mut proposal = Proposal::default();
    mark(&Resource::from(alice()), &mut proposal);
    assert_eq!(last(&proposal), MARKED);
}
