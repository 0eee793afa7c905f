"""What stops Bailiff: limits that workers at once do not overrun, and a switch that anybody with the table can throw.

The same over an organisation: two accounts, and in a third the table that they share, with its own policy.
"""

import json
from concurrent.futures import ThreadPoolExecutor

from . import audit, configuration, journal, notices, orders, principals
from .eventually import eventually
from .governance_file import NO_LIMITS, enforcing
from .test_modes import writes

RULE = "bailiff-user-inline-policy"
NAMES = [f"user-{number}" for number in range(8)]
PEOPLE = principals.of(*(principals.with_inline_policy(name) for name in NAMES))
SWITCH = {"pk": {"S": "switch"}, "sk": {"S": "stop"}}


def limited(**limits) -> str:
    return enforcing("user-inline-policy", limits=NO_LIMITS | limits)


def in_organization(**limits: int) -> str:
    return limited(organization=limits)


def with_policies(people) -> list[str]:
    return [user["name"] for user in people.dump()["users"] if user["inlinePolicies"]]


def asked(invoke, stack, people, names=NAMES) -> None:
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: invoke(stack, RULE, configuration.changed(people, name)), names))


def thrown(stack, **more) -> None:
    """As docs/operating.md says."""
    order = {"since": "2026-11-22T09:00:00Z", "by": "sam", "reason": "the night build is broken"} | more
    audit.put(stack, SWITCH | {"body": {"S": json.dumps(order)}})


def test_workers_at_once_do_not_overrun_a_limit_and_only_a_person_lets_them_go_on(
        bailiff, load_account, invoke, emulator, account):
    stack = bailiff(limited(actsPerDay=3))
    people = load_account(principals.of(*(principals.with_inline_policy(name) for name in NAMES)))
    listener = notices.listen(stack)
    asked(invoke, stack, people)
    entries = journal.settled(stack)
    assert len(entries) == len(NAMES)
    refusals = [entry["refusal"]["guard"] for entry in entries if entry["status"] == "refused"]
    done = [entry for entry in entries if entry["status"] == "verified"]
    # Whoever was counted and had not written yet when the limit tripped is stopped as well.
    assert len(done) == len(writes(emulator, account)) <= 3
    assert refusals.count("limit-reached") == 1 and refusals.count("stopped") == len(refusals) - 1
    assert len(with_policies(people)) == len(NAMES) - len(done)
    page = eventually(
        lambda: [n for n in listener.notices() if "everything is stopped" in n["Message"]], "people are paged")
    assert len(page) == 1
    assert '"tripped":1' in stack.log("remove-user-policies").replace(" ", "")

    # It stays so until the order is taken away; the day's count stays, too.
    left = with_policies(people)
    asked(invoke, stack, people, left[:1])
    journal.settled(stack)
    assert with_policies(people) == left
    audit.delete(stack, SWITCH)
    asked(invoke, stack, people, left[:1])
    journal.settled(stack)
    assert with_policies(people) == left
    assert audit.verify(stack)[0] == 0


def test_the_switch_stops_rules_and_orders_and_an_undo_only_if_it_says_so(
        bailiff, load_account, invoke, emulator, account):
    stack = bailiff(limited())
    people = load_account(principals.of(*(principals.with_inline_policy(name) for name in NAMES[:2])))
    asked(invoke, stack, people, NAMES[:1])
    [first] = journal.settled(stack)
    assert first["status"] == "verified"

    thrown(stack, undoToo=True)
    before = len(writes(emulator, account))
    asked(invoke, stack, people, NAMES[1:2])
    assert orders.suspend(stack, configuration.arn(people, NAMES[1])).payload["status"] == "refused"
    answer = orders.restore(stack, first["id"]).payload
    assert answer["status"] == "refused" and "by sam: the night build is broken" in answer["refusal"], answer
    journal.settled(stack)
    assert len(writes(emulator, account)) == before
    assert with_policies(people) == NAMES[1:2]

    # An order that cannot be read stands all the same.
    audit.put(stack, SWITCH | {"body": {"S": "stop!"}})
    asked(invoke, stack, people, NAMES[1:2])
    journal.settled(stack)
    assert len(writes(emulator, account)) == before

    audit.delete(stack, SWITCH)
    thrown(stack)
    assert orders.restored(stack, first["id"])["status"] == "verified"
    assert with_policies(people) == NAMES[:2]


def test_a_switch_that_cannot_be_read_stops_everything(bailiff, load_account, invoke, emulator, account):
    stack = bailiff(limited())
    people = load_account(principals.of(principals.with_inline_policy("ann")))
    # From the reading of the switch on: a table that fails lets nothing be done.
    emulator.fault(account, "dynamodb:GetItem", "access-denied", caller="*/bailiff-remove-user-policies", times=None)
    invoke(stack, RULE, configuration.changed(people, "ann"))
    eventually(lambda: emulator.faults(account)[0]["fired"], "the remediator is denied")
    assert writes(emulator, account) == []
    assert with_policies(people) == ["ann"]


def test_two_accounts_together_do_not_overrun_a_limit_of_the_organisation_and_one_of_them_tells(
        members, organization_table, invoke, emulator):
    both = members(in_organization(actsPerHour=3, actsPerDay=3), PEOPLE)
    listeners = [notices.listen(stack) for stack, _ in both]
    with ThreadPoolExecutor(len(both)) as pool:
        list(pool.map(lambda member: asked(invoke, *member), both))
    entries = [entry for stack, _ in both for entry in journal.settled(stack)]
    assert len(entries) == 2 * len(NAMES)
    refusals = [entry["refusal"]["guard"] for entry in entries if entry["status"] == "refused"]
    done = [entry for entry in entries if entry["status"] == "verified"]
    assert len(done) == sum(len(writes(emulator, stack.account)) for stack, _ in both) <= 3
    assert refusals.count("limit-reached") == 1 and refusals.count("stopped") == len(refusals) - 1
    assert max(organization_table.counts().values()) == 3
    [tripped] = [stack.account for stack, _ in both if '"tripped":1' in stack.log("remove-user-policies").replace(" ", "")]
    order = organization_table.order()
    assert tripped in order["reason"] and "user-inline-policy" in order["reason"], order
    assert "`organization.actsPer" in order["by"], order
    told = "everything is stopped in the whole organisation until"
    page = eventually(
        lambda: [n for listener in listeners for n in listener.notices() if told in n["Message"]], "people are paged")
    assert len(page) == 1
    # Neither account's own switch was thrown.
    assert not [item for stack, _ in both for item in audit.items(stack) if item["pk"] == SWITCH["pk"]]


def test_the_organisations_switch_stops_both_accounts_and_their_undo_if_it_says_so(members, organization_table, invoke, emulator):
    # So many percent of an unknown number are five acts: each function looks for how many there are.
    both = members(in_organization(sharePerDay=90), PEOPLE)
    (one, people), (other, others) = both
    asked(invoke, one, people, NAMES[:1])
    [first] = journal.settled(one)
    assert first["status"] == "verified"

    organization_table.throw(undoToo=True)
    before = [len(writes(emulator, stack.account)) for stack, _ in both]
    asked(invoke, one, people, NAMES[1:2])
    asked(invoke, other, others, NAMES[1:2])
    for stack, _ in both:
        journal.settled(stack)
    assert orders.suspend(other, configuration.arn(others, NAMES[1])).payload["status"] == "refused"
    answer = orders.restore(one, first["id"]).payload
    assert answer["status"] == "refused" and "by sam in the whole organisation" in answer["refusal"], answer
    assert [len(writes(emulator, stack.account)) for stack, _ in both] == before

    organization_table.rearm()
    organization_table.throw()
    assert orders.restored(one, first["id"])["status"] == "verified"
    organization_table.rearm()
    asked(invoke, other, others, NAMES[1:2])
    journal.settled(other)
    assert NAMES[1] not in with_policies(others)
    assert one.calls("remove-user-policies", action="dynamodb:Query")
    # What was refused is not among them.
    assert list(organization_table.counts().values()) == [2]


def test_a_switch_of_the_organisation_that_cannot_be_read_stops_everything(members, organization_table, invoke, emulator):
    [(stack, people), _] = members(in_organization(actsPerHour=1000), PEOPLE)
    emulator.fault(
        stack.account, "dynamodb:GetItem", "access-denied", caller="*/bailiff-remove-user-policies",
        resource=organization_table.arn, times=None)
    invoke(stack, RULE, configuration.changed(people, NAMES[0]))
    eventually(lambda: '"decision":"buried"' in stack.log("remove-user-policies").replace(" ", ""), "it says so")
    assert writes(emulator, stack.account) == []
    assert with_policies(people) == NAMES


def test_limits_of_the_organisation_without_its_table_let_nothing_be_done_and_say_so(
        bailiff, load_account, invoke, emulator, account):
    stack = bailiff(in_organization(actsPerHour=1000))
    people = load_account(principals.of(principals.with_inline_policy("ann")))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    eventually(lambda: "give the stack `OrganizationTable`" in stack.log("remove-user-policies"), "it says so")
    assert writes(emulator, account) == []
    assert with_policies(people) == ["ann"]
