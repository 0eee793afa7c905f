"""Undo by journal id: exactly as it was, or not at all."""

import pytest

from . import configuration, journal, orders, principals, queues
from .account import NOTHING
from .governance_file import enforcing, in_mode

RULE = "bailiff-user-inline-policy"
TEXTS = {
    "spacing": '{ "Version" :\t"2012-10-17",\r\n\n  "Statement": [ {"Effect":"Allow" ,"Action":"none:null","Resource":"*"} ]  }\n',
    "unicode": '{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"none:null","Resource":"arn:aws:s3:::Größe/é/ß/¥"}]}',
    "escapes": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:null","Resource":"arn:aws:s3:::a\\u00e9\\"\\\\/b"}]}',
    "percent": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:null","Resource":"arn:aws:s3:::Q4%20final/%2B%/100%25"}]}',
    "plus": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:null","Resource":"arn:aws:s3:::zpl+pdf + &=?#"}]}',
    "order of keys": '{"Statement":{"Resource":"*","Action":["none:null"],"Effect":"Allow"},"Version":"2012-10-17"}',
}


def remedied(stack, invoke, people, user: str, rule: str = RULE) -> dict:
    """The user's violation put right, and the entry of it."""
    answer = invoke(stack, rule, configuration.changed(people, user))
    assert answer.error is None, answer.payload
    entry = journal.settled(stack)[-1]
    assert entry["status"] == "verified", entry
    return entry


def test_policies_come_back_byte_for_byte(bailiff, load_account, invoke):
    policies = [{"name": f"p-{name.replace(' ', '-')}", "document": text} for name, text in TEXTS.items()]
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        {"name": "ann", "inlinePolicies": policies}))
    entry = remedied(stack, invoke, people, "ann")
    assert {step["policy"]: step["document"] for step in entry["plan"]["steps"]} == {
        policy["name"]: policy["document"] for policy in policies}
    assert people.dump()["users"][0]["inlinePolicies"] == []
    answer = orders.restored(stack, entry["id"])
    assert people.dump() == people.file
    undo = next(one for one in journal.entries(stack) if one["id"] == answer["journalId"])
    assert undo["cause"] == {
        "kind": "undo", "of": entry["id"], "requestedBy": orders.OPERATOR, "reason": "it was needed after all"}
    original = next(one for one in journal.entries(stack) if one["id"] == entry["id"])
    assert original["undoneBy"] == undo["id"]


def test_attachments_come_back(bailiff, load_account, invoke):
    stack, people = bailiff(enforcing("user-attached-policy")), load_account(principals.of(
        {"name": "ann", "attachedPolicies": [
            "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/app/own"]}))
    entry = remedied(stack, invoke, people, "ann", "bailiff-user-attached-policy")
    assert people.dump()["users"][0]["attachedPolicies"] == []
    orders.restored(stack, entry["id"])
    assert people.dump() == people.file


def test_an_undo_happens_once(bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    entry = remedied(stack, invoke, people, "ann")
    undo = orders.restored(stack, entry["id"])["journalId"]
    again = orders.restore(stack, entry["id"])
    assert again.payload == {
        "errorType": "Permanent", "errorMessage": f"entry `{entry['id']}` was undone already, by `{undo}`"}
    assert len(emulator.calls(account, action="iam:PutUserPolicy")) == 1


@pytest.fixture(scope="module")
def deployed(shared_bailiff):
    return shared_bailiff(enforcing())


@pytest.mark.parametrize(("asked", "complaint"), [
    ({"journalId": "20261122t090000-1a2b3c4d5e6f"}, "there is no journal entry `20261122t090000-1a2b3c4d5e6f`"),
    ({"journalId": "../../etc/passwd"}, "is not a journal id; they look like"),
    ({"journalId": None}, "invalid type: null"),
    ({"requestedBy": " "}, "`requestedBy` is empty"),
    ({"reason": ""}, "`reason` is empty"),
    ({"force": True}, "unknown field `force`"),
])
def test_a_request_that_cannot_be_met_is_told_why(deployed, emulator, asked, complaint):
    before = emulator.last_call()
    answer = orders.restore(deployed, "plan-0123456789ab", **asked)
    assert answer.payload["errorType"] == "Permanent" and complaint in answer.payload["errorMessage"], answer.payload
    assert [call["action"] for call in deployed.calls("restore", since=before)] in ([], ["dynamodb:GetItem"])


def test_a_plan_that_was_never_carried_out_has_nothing_to_undo(bailiff, load_account, invoke):
    stack, people = bailiff(in_mode("audit", "user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    [entry] = journal.settled(stack)
    answer = orders.restore(stack, entry["id"])
    assert "is planned and changed nothing" in answer.payload["errorMessage"], answer.payload
    assert people.dump() == people.file


def test_another_user_of_that_name_gets_nothing(bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    entry = remedied(stack, invoke, people, "ann")
    iam = emulator.client("iam", account)
    principals.delete(iam, "ann")
    iam.create_user(UserName="ann")
    answer = orders.restore(stack, entry["id"]).payload
    assert answer["status"] == "refused" and "it was replaced" in answer["refusal"], answer
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []


@pytest.mark.parametrize("again", ["another text", "the same text"])
def test_what_somebody_has_changed_since_is_not_overwritten(bailiff, load_account, invoke, emulator, account, again):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann", "first", "second")))
    entry = remedied(stack, invoke, people, "ann")
    text = NOTHING if again == "the same text" else NOTHING.replace("none:null", "s3:GetObject")
    iam = emulator.client("iam", account)
    iam.put_user_policy(UserName="ann", PolicyName="second", PolicyDocument=text)
    answer = orders.restore(stack, entry["id"]).payload
    assert answer["status"] == "refused" and "the state has changed" in answer["refusal"], answer
    # Not even what could have been put back: half an undo is worse than none.
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["second"]
    assert emulator.calls(account, action="iam:PutUserPolicy") == []


def test_a_user_that_is_gone_is_not_restored(bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    entry = remedied(stack, invoke, people, "ann")
    principals.delete(emulator.client("iam", account), "ann")
    answer = orders.restore(stack, entry["id"]).payload
    assert (answer["status"], answer["refusal"]) == ("refused", "it is gone")


def test_what_a_person_put_back_every_rule_lets_be(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("user-inline-policy", "user-attached-policy")), load_account(principals.of(
        principals.with_inline_policy("ann", attachedPolicies=["arn:aws:iam::aws:policy/ReadOnlyAccess"])))
    entry = remedied(stack, invoke, people, "ann")
    undo = orders.restored(stack, entry["id"])["journalId"]
    invoke(stack, RULE, configuration.changed(people, "ann"))
    queues.worked_off(stack)
    held = next(one for one in journal.entries(stack) if one["status"] == "refused")
    assert (held["refusal"]["guard"], held["refusal"]["by"]) == ("restored", undo)
    assert people.dump() == people.file
    # It is reported all the same, and what another rule finds does not lead to more.
    [result] = config.results(account, RULE).values()
    assert result["ComplianceType"] == "NON_COMPLIANT"
    invoke(stack, "bailiff-user-attached-policy", configuration.changed(people, "ann"))
    guards = [one["refusal"]["guard"] for one in journal.settled(stack) if one["status"] == "refused"]
    assert guards == ["restored", "restored"]
    assert people.dump() == people.file


def test_a_policy_that_exists_no_more_cannot_be_attached_and_that_is_said(bailiff, load_account, invoke, emulator, account):
    arn = f"arn:aws:iam::{account}:policy/own"
    stack, people = bailiff(enforcing("user-attached-policy")), load_account(principals.of(
        {"name": "ann", "attachedPolicies": ["arn:aws:iam::111122223333:policy/own"]}))
    entry = remedied(stack, invoke, people, "ann", "bailiff-user-attached-policy")
    emulator.client("iam", account).delete_policy(PolicyArn=arn)
    answer = orders.restore(stack, entry["id"]).payload
    assert answer["status"] == "failed", answer
    failed = journal.entries(stack)[-1]
    assert "does not exist" in failed["outcomes"][0]["why"]
