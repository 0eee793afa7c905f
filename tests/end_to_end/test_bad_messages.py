"""Messages on a remediator's queue that are no findings, beside those that are."""

import json

import pytest

from . import journal, principals, queues
from .eventually import eventually
from .governance_file import enforcing

REMEDIATOR = "remove-user-policies"


def finding(account: str, name: str, unique_id: str, **more) -> dict:
    return {
        "schema": 1, "id": unique_id.lower(), "rule": "user-inline-policy", "annotation": "inline policies: own",
        "seen": "2026-11-22T09:00:00Z", "resource": {
            "type": "user", "account": account, "name": name, "uniqueId": unique_id,
            "arn": f"arn:aws:iam::{account}:user/{name}"}} | more


def test_poison_is_buried_with_the_reason_and_the_good_ones_beside_it_are_handled(bailiff, load_account, account):
    stack = bailiff(enforcing("user-inline-policy"))
    people = load_account(principals.of(*(principals.with_inline_policy(name) for name in ("ann", "ben"))))
    good = {name: finding(account, name, people.unique_id(name)) for name in ("ann", "ben")}
    poison = {
        "no json": ("{", "the message is not a finding: EOF"),
        "no finding": ('{"hello": "world"}', "the message is not a finding: unknown field `hello`"),
        "newer": (json.dumps(good["ann"] | {"schema": 2}), "its schema is 2, this version reads 1"),
        "another's": (json.dumps(good["ann"] | {"rule": "access-key-age"}),
                      "access-key-age is put right by deactivate-access-keys, not by remove-user-policies"),
        "no rule": (json.dumps(good["ann"] | {"rule": "user-inline"}), "the message is not a finding"),
    }
    # One group with the good one, so that the good one must come after the poison.
    for name, (body, _) in poison.items():
        queues.send(stack, REMEDIATOR, body, good["ann"]["resource"]["uniqueId"], name)
    for name, body in good.items():
        queues.send(stack, REMEDIATOR, json.dumps(body), body["resource"]["uniqueId"], name)
    dead = queues.received(stack, queues.dead_letters_url(stack, REMEDIATOR), len(poison))
    reasons = {message["Body"]: queues.reason(message) for message in dead}
    for body, complaint in poison.values():
        assert complaint in reasons[body], reasons
    assert {message["MessageAttributes"]["function"]["StringValue"] for message in dead} == {REMEDIATOR}
    assert {entry["status"] for entry in journal.settled(stack)} == {"verified"}
    assert [user["inlinePolicies"] for user in people.dump()["users"]] == [[], []]


@pytest.mark.parametrize("remediator", queues.REMEDIATORS)
def test_every_remediator_buries_what_it_cannot_read(bailiff, remediator):
    stack = bailiff(enforcing("user-inline-policy"))
    queues.send(stack, remediator, "{", "group", "copy")
    [message] = queues.received(stack, queues.dead_letters_url(stack, remediator), 1)
    assert "the message is not a finding" in queues.reason(message)


def test_a_second_copy_of_a_finding_finds_nothing_left_to_do(bailiff, load_account, emulator, account):
    """As after the five minutes in which the queue itself knows a duplicate."""
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    body = json.dumps(finding(account, "ann", people.unique_id("ann")))
    for copy in ("first", "second"):
        queues.send(stack, REMEDIATOR, body, people.unique_id("ann"), copy)
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    assert len(emulator.calls(account, action="iam:DeleteUserPolicy")) == 1
    eventually(lambda: "it keeps the rule now" in stack.log(REMEDIATOR), "the second copy is answered")


@pytest.mark.parametrize(("change", "guard"), [
    ({"account": "999999999999", "arn": "arn:aws:iam::999999999999:user/ann"}, "protected"),
    ({"uniqueId": "AIDASOMEBODYELSE2345"}, "replaced"),
])
def test_a_finding_that_lies_about_its_principal_is_refused(bailiff, load_account, emulator, account, change, guard):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    lie = finding(account, "ann", people.unique_id("ann"))
    lie["resource"] |= change
    queues.send(stack, REMEDIATOR, json.dumps(lie), "group", "one")
    [entry] = journal.settled(stack)
    assert (entry["status"], entry["refusal"]["guard"]) == ("refused", guard)
    assert people.dump() == people.file
    assert emulator.calls(account, action="iam:DeleteUserPolicy") == []
