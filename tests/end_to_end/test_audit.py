"""The journal as evidence: whole as the functions leave it, and whoever touches it shows."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from . import audit, configuration, journal, notices, orders, principals, queues
from .account import NOTHING
from .eventually import eventually
from .governance_file import enforcing
from .test_modes import writes

RULE = "bailiff-user-inline-policy"
ADMINISTRATOR = NOTHING.replace("none:null", "*")


@pytest.fixture
def remedied(bailiff, load_account, invoke):
    """A stack in which ann's policy was taken off, and the entry of it."""
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    listener = notices.listen(stack)
    invoke(stack, RULE, configuration.changed(people, "ann"))
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified", entry
    return stack, people, entry, listener


def test_what_the_functions_wrote_is_whole_and_holds_the_heads_of_logs_and_notices(remedied):
    stack, _, entry, listener = remedied
    orders.restored(stack, entry["id"])
    code, told = audit.verify(stack)
    # Opening, attempt, outcome and end of the removal and of its undo, and that the removal was undone.
    assert (code, told["records"], told["entries"], told["entriesVerified"]) == (0, 9, 2, True), told
    logged = [json.loads(line)["head"] for function in ("remove-user-policies", "restore")
              for line in stack.log(function).splitlines() if '"head":' in line]
    assert logged[-1] == told["head"] and len(logged) == 2
    noticed = [json.loads(notice["Message"])["chain"] for notice in eventually(listener.notices, "people are told")]
    assert noticed
    code, told = audit.verify(stack, *(argument for head in logged + noticed for argument in ("--head", head)))
    assert (code, told["heads"]) == (0, len(logged + noticed)), told


def changed(item: dict, **to: str) -> dict:
    body = json.loads(item["body"]["S"])
    [step] = body["plan"]["steps"]
    step.update(to)
    return item | {"body": {"S": json.dumps(body)}}


def refused(stack, journal_id: str, why: str) -> None:
    answer = orders.restore(stack, journal_id).payload
    assert answer["status"] == "refused" and why in answer["refusal"], answer


def test_an_entry_whose_prior_state_was_changed_is_named_and_not_undone(remedied, emulator, account):
    stack, people, entry, _ = remedied
    before = len(writes(emulator, account))
    audit.put(stack, changed(audit.entry(stack, entry["id"]), document=ADMINISTRATOR))
    code, told = audit.verify(stack)
    assert (code, told["broken"]) == (1, f"entry {entry['id']} differs from its newest record, 4"), told
    refused(stack, entry["id"], "the journal is not believed: it is not what record 4 of the journal's chain says")
    assert len(writes(emulator, account)) == before
    assert people.dump()["users"][0]["inlinePolicies"] == []


def test_a_forged_closed_entry_is_named_and_not_undone(remedied, emulator, account):
    stack, people, entry, _ = remedied
    before = len(writes(emulator, account))
    forged = changed(audit.entry(stack, entry["id"]), document=ADMINISTRATOR, policy="mine")
    name = "20261122t080000-000000000000"
    body = json.loads(forged["body"]["S"]) | {"id": name}
    del forged["record"]
    audit.put(stack, forged | {"pk": {"S": f"entry#{name}"}, "body": {"S": json.dumps(body)}})
    code, told = audit.verify(stack)
    assert (code, told["broken"]) == (1, f"entry {name} was not written by Bailiff: no record tells of it"), told
    refused(stack, name, "no record of the journal's chain tells of it")
    # Nor where it names another's record.
    audit.put(stack, audit.entry(stack, name) | {"record": {"N": "4"}})
    refused(stack, name, "it is not what record 4 of the journal's chain says it was")
    assert len(writes(emulator, account)) == before
    assert people.dump()["users"][0]["inlinePolicies"] == []


def records(stack) -> list[dict]:
    found = [item for item in audit.items(stack) if item["sk"]["S"].startswith("record#")]
    return sorted(found, key=lambda item: item["sk"]["S"])


def test_records_that_are_changed_deleted_or_put_elsewhere_are_named(remedied):
    stack, _, entry, _ = remedied
    first, second, third, fourth = records(stack)
    head = next(item for item in audit.items(stack) if item["sk"]["S"] == "head")
    of = f" (of entry {entry['id']})"
    cases = [
        ([second | {"at": {"S": "2020-01-01T00:00:00Z"}}], [], f"record 2{of} was changed"),
        ([], [third], "record 3 is missing"),
        ([second | {"sk": third["sk"]}, third | {"sk": second["sk"]}], [], f"record 2{of} was changed"),
        ([], [head], "the chain has no head"),
        ([head | {"seq": {"N": "2"}, "hash": second["hash"]}], [], "the head says 2:"),
        ([head | {"seq": {"N": "3"}, "hash": third["hash"]}], [fourth], f"entry {entry['id']} differs from its newest"),
    ]
    for put, deleted, named in cases:
        for item in put:
            audit.put(stack, item)
        for item in deleted:
            audit.delete(stack, item)
        code, told = audit.verify(stack)
        assert code == 1 and told["broken"].startswith(named), (named, told)
        for item in (first, second, third, fourth, head):
            audit.put(stack, item)
        assert audit.verify(stack)[0] == 0


def test_where_the_head_was_set_back_nothing_is_changed_any_more(remedied, invoke, emulator, account):
    stack, people, entry, _ = remedied
    second = records(stack)[1]
    head = next(item for item in audit.items(stack) if item["sk"]["S"] == "head")
    audit.put(stack, head | {"seq": {"N": "2"}, "hash": second["hash"]})
    answer = orders.suspend(stack, f"arn:aws:iam::{account}:user/ann").payload
    assert answer["errorType"] == "Permanent" and "the journal's chain is broken" in answer["errorMessage"], answer
    assert emulator.calls(account, action="iam:AttachUserPolicy") == []


def test_an_open_entry_of_an_earlier_version_is_finished_after_the_upgrade_and_not_undone(
        bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann", "first", "second")))
    fault = emulator.fault(account, "iam:DeleteUserPolicy", "hold", caller="*/bailiff-remove-user-policies")
    invoke(stack, RULE, configuration.changed(people, "ann"))
    eventually(lambda: emulator.faults(account)[0]["fired"], "the remediator stands still")
    # What it had written, as a version before the chain would have, whose worker died long ago.
    [open_entry] = journal.entries(stack)
    item = audit.entry(stack, open_entry["id"])
    emulator.release(fault)
    queues.worked_off(stack)
    for one in audit.items(stack):
        audit.delete(stack, one)
    iam = emulator.client("iam", account)
    iam.put_user_policy(UserName="ann", PolicyName="first", PolicyDocument=NOTHING)
    iam.put_user_policy(UserName="ann", PolicyName="second", PolicyDocument=NOTHING)
    ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = open_entry | {"schema": 1, "opened": ago, "updated": ago}
    body["plan"]["steps"] = [step | {"document": NOTHING} for step in body["plan"]["steps"]]
    del item["record"], item["touched"]
    audit.put(stack, item | {"body": {"S": json.dumps(body)}, "schema": {"N": "1"}, "opened": {"S": ago}})
    principal = f"principal#{account}#{people.unique_id('ann')}"
    audit.put(stack, {"pk": {"S": principal}, "sk": {"S": "open"}, "entry": {"S": open_entry["id"]}})
    code, told = audit.verify(stack)
    assert (code, told["beforeChain"]) == (0, 1), told
    invoke(stack, RULE, configuration.changed(people, "ann"))
    [finished] = journal.settled(stack)
    assert (finished["id"], finished["status"], finished["schema"]) == (open_entry["id"], "verified", 1), finished
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []
    assert audit.verify(stack)[0] == 0
    refused(stack, finished["id"], "it was opened by a version that did not chain the journal (schema 1)")
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []


def test_the_records_of_workers_who_append_at_once_are_one_chain(bailiff, load_account, invoke, account):
    watched, ordered = [f"user-{number}" for number in range(6)], [f"leaver-{number}" for number in range(6)]
    stack = bailiff(enforcing("user-inline-policy"))
    people = load_account(principals.of(*(principals.with_inline_policy(name) for name in watched + ordered)))
    with ThreadPoolExecutor(max_workers=6) as people_of_the_incident:
        orders_given = [people_of_the_incident.submit(orders.suspend, stack, f"arn:aws:iam::{account}:user/{name}")
                        for name in ordered]
        for name in watched:
            invoke(stack, RULE, configuration.changed(people, name))
        answers = [given.result().payload for given in orders_given]
    assert {answer.get("status") for answer in answers} == {"verified"}, answers
    entries = journal.settled(stack)
    assert len(entries) == 12 and {entry["status"] for entry in entries} == {"verified"}
    code, told = audit.verify(stack)
    assert (code, told["entries"]) == (0, 12), told
