"""Suspending: by a rule or by an operator's order, with whatever means the quotas leave, and all of it undone."""

import json

import pytest

from . import configuration, journal, orders, principals
from .governance_file import enforcing, in_mode
from .refusals import refusal
from .test_sweeps import session_of, swept

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}'
TEN_POLICIES = [f"arn:aws:iam::111122223333:policy/p{number}" for number in range(10)]
BOUNDARY = "arn:aws:iam::111122223333:policy/staff-boundary"
QUARANTINE = "arn:aws:iam::111122223333:policy/bailiff-quarantine"


def filled(characters: int) -> dict:
    """An inline policy of so many characters, white space not counted."""
    empty = '{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"none:null","Resource":"*"}]}'
    return {"name": "large", "document": empty.replace('"Sid":""', f'"Sid":"{"x" * (characters - len(empty))}"')}


def test_an_unused_users_own_key_is_refused_and_works_again_after_the_undo(bailiff, load_account, invoke):
    stack, people = bailiff(enforcing("user-unused")), load_account(principals.of(
        principals.unused("ann", loginProfile={"created": principals.LONG_AGO})))
    own = people.client_of("iam", "ann")
    own.list_users()
    swept(invoke, stack, "bailiff-user-unused")
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    assert refusal(own.list_users) == "InvalidClientTokenId"
    answer = orders.restored(stack, entry["id"])
    own.list_users()
    # A password cannot come back, and that is said.
    assert "password" in answer["lost"][0]
    assert people.dump()["users"][0] == people.file["users"][0] | {"loginProfile": None}


def test_an_ordered_suspension_denies_everything_to_keys_and_sessions_alike(bailiff, load_account, emulator, account):
    stack, people = bailiff(in_mode("audit")), load_account(principals.of(principals.unused("ann")))
    own = people.client_of("iam", "ann")
    session = session_of(people, people.client_of("sts", "ann"))
    session("iam").list_users()
    answer = orders.suspend(stack, f"arn:aws:iam::{account}:user/ann")
    assert answer.payload["status"] == "verified", answer.payload
    assert refusal(own.list_users) == "InvalidClientTokenId"
    # The session needs no key any more; the denial reaches it all the same.
    assert refusal(session("iam").list_users) in ("AccessDenied", "InvalidClientTokenId")
    key = people.keys["ann"][0].id
    emulator.client("iam", account).update_access_key(UserName="ann", AccessKeyId=key, Status="Active")
    assert refusal(own.list_users) == "AccessDenied"


def test_a_suspended_roles_sessions_old_and_new_are_denied_everything(bailiff, load_account, emulator, account):
    role = {"name": "deployer", "path": "/ci/", "trust": TRUST,
            "inlinePolicies": [{"name": "all", "document": principals.ALLOW_ALL}]}
    stack, people = bailiff(in_mode("audit")), load_account(principals.of(roles=(role,)))
    arn = f"arn:aws:iam::{account}:role/ci/deployer"
    old = assumed(emulator, account, arn)
    old("iam").list_users()
    answer = orders.suspend(stack, arn)
    assert [step["result"] for step in answer.payload["steps"]] == ["verified"] * 3, answer.payload
    for service, call in (("iam", "list_users"), ("sqs", "list_queues"), ("dynamodb", "list_tables")):
        assert "AccessDenied" in refusal(getattr(old(service), call))
    assert refusal(assumed(emulator, account, arn)("iam").list_users) == "AccessDenied"
    # Should somebody take the deny-all off, sessions of before stay revoked, and new ones work.
    iam = emulator.client("iam", account)
    iam.detach_role_policy(RoleName="deployer", PolicyArn=QUARANTINE.replace("111122223333", account))
    assert refusal(old("iam").list_users) == "AccessDenied"
    iam.attach_role_policy(RoleName="deployer", PolicyArn=QUARANTINE.replace("111122223333", account))
    orders.restored(stack, answer.payload["journalId"])
    old("iam").list_users()
    assert people.dump() == people.file


def assumed(emulator, account: str, arn: str):
    token = emulator.client("sts", account).assume_role(RoleArn=arn, RoleSessionName="somebody")["Credentials"]
    return lambda service: emulator.client_with(
        service, token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])


USERS = {
    "managed": {},
    "inline": {"attachedPolicies": TEN_POLICIES},
    "boundary": {"attachedPolicies": TEN_POLICIES, "inlinePolicies": [filled(2000)]},
    "another boundary": {"attachedPolicies": TEN_POLICIES, "inlinePolicies": [filled(2000)], "boundary": BOUNDARY},
}
STEPS = {
    "managed": "Attach{}Policy bailiff-quarantine",
    "inline": "Put{}Policy BailiffQuarantine",
    "boundary": "Put{}PermissionsBoundary bailiff-quarantine",
    "another boundary": "Put{}PermissionsBoundary bailiff-quarantine",
}


@pytest.mark.parametrize("means", USERS)
def test_a_user_is_denied_by_the_means_that_quotas_leave_and_put_back_exactly(
    bailiff, load_account, account, emulator, means,
):
    stack, people = bailiff(in_mode("audit")), load_account(principals.of({"name": "ann", "accessKeys": [{}]} | USERS[means]))
    sts = people.client_of("sts", "ann")
    answer = orders.suspend(stack, f"arn:aws:iam::{account}:user/ann")
    assert answer.payload["status"] == "verified", answer.payload
    [entry] = journal.entries(stack)
    assert journal.steps(entry)[0] == STEPS[means].format("User")
    key = people.keys["ann"][0].id
    iam = emulator.client("iam", account)
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Active")
    assert refusal(people.client_of("iam", "ann").list_users) == "AccessDenied"
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    undo = orders.restored(stack, entry["id"])
    assert people.dump() == people.file
    sts.get_caller_identity()
    if means == "managed":
        undone_and_done_again(stack, people, undo)


ROLES = {
    "managed": {},
    "inline": {"attachedPolicies": TEN_POLICIES},
    "boundary": {"attachedPolicies": TEN_POLICIES, "inlinePolicies": [filled(10_150)]},
    "another boundary": {"attachedPolicies": TEN_POLICIES, "inlinePolicies": [filled(10_150)], "boundary": BOUNDARY},
}


@pytest.mark.parametrize("means", ROLES)
def test_a_role_is_denied_by_the_means_that_quotas_leave_and_put_back_exactly(
    bailiff, load_account, account, emulator, means,
):
    stack, people = bailiff(in_mode("audit")), load_account(principals.of(
        roles=({"name": "deployer", "trust": TRUST} | ROLES[means],)))
    arn = f"arn:aws:iam::{account}:role/deployer"
    old = assumed(emulator, account, arn)
    answer = orders.suspend(stack, arn)
    assert answer.payload["status"] == "verified", answer.payload
    [entry] = journal.entries(stack)
    assert journal.steps(entry)[0] == STEPS[means].format("Role")
    assert refusal(old("iam").list_users) == "AccessDenied"
    undo = orders.restored(stack, entry["id"])
    assert people.dump() == people.file
    # Where there is no room to revoke older sessions: `restore` writes no such policy.
    if means == "boundary":
        undone_and_done_again(stack, people, undo)


def undone_and_done_again(stack, people, undo: dict) -> None:
    """An undo is undone like any entry: everything is denied and marked once more."""
    suspended = orders.restored(stack, undo["journalId"])
    assert people.dump() != people.file
    orders.restored(stack, suspended["journalId"])
    assert people.dump() == people.file


def test_a_second_order_finds_nothing_left_to_do(bailiff, load_account, account, emulator):
    stack, people = bailiff(in_mode("audit")), load_account(principals.of(principals.unused("ann")))
    arn = f"arn:aws:iam::{account}:user/ann"
    orders.suspend(stack, arn)
    answer = orders.suspend(stack, arn)
    assert answer.payload["status"] == "nothing-to-do", answer.payload
    assert len(emulator.calls(account, action="iam:AttachUserPolicy")) == 1


def test_a_quarantine_is_no_violation_to_be_removed(bailiff, load_account, invoke, account, config):
    stack, people = bailiff(enforcing("user-attached-policy", "user-inline-policy")), load_account(principals.of(
        {"name": "ann"}, {"name": "ben", "attachedPolicies": TEN_POLICIES}))
    orders.suspend(stack, f"arn:aws:iam::{account}:user/ann")
    orders.suspend(stack, f"arn:aws:iam::{account}:user/ben")
    for rule in ("bailiff-user-attached-policy", "bailiff-user-inline-policy"):
        assert invoke(stack, rule, configuration.changed(people, "ann")).payload["compliant"] == 1
    assert invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ben")).payload["compliant"] == 1
    journal.settled(stack)
    assert people.dump()["users"][0]["attachedPolicies"] == [QUARANTINE]
    assert json.loads(people.dump()["users"][1]["inlinePolicies"][0]["document"])["Statement"][0]["Effect"] == "Deny"


def test_a_suspension_switches_every_other_credential_off_and_the_undo_on_again(bailiff, load_account, account):
    others = [
        {"kind": "sshPublicKey", "id": "APKAQ2XH7WMRONESSH001", "created": principals.LONG_AGO},
        {"kind": "serviceSpecificCredential", "id": "ACCAQ2XH7WMRONEGIT001", "created": principals.LONG_AGO,
         "service": "codecommit.amazonaws.com"},
        {"kind": "signingCertificate", "id": "TACEQ2XH7WMRONECERTIFICATE", "created": principals.LONG_AGO},
    ]
    stack, people = bailiff(in_mode("audit")), load_account(principals.of({"name": "ann", "otherCredentials": others}))
    answer = orders.suspend(stack, f"arn:aws:iam::{account}:user/ann")
    assert answer.error is None and answer.payload["status"] == "verified", answer.payload
    [ann] = people.dump()["users"]
    assert {other["status"] for other in ann["otherCredentials"]} == {"Inactive"}
    orders.restored(stack, journal.settled(stack)[-1]["id"])
    assert people.dump() == people.file
