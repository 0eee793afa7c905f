"""The world changes between a function's look and its act."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from . import configuration, journal, orders, principals, queues
from .account import NOTHING
from .eventually import eventually
from .governance_file import enforcing
from .test_modes import writes

RULE = "bailiff-user-inline-policy"
BY_REMEDIATOR = "*/bailiff-remove-user-policies"
# Before it looks, and after it has planned and before it acts.
MOMENTS = {"before the look": "iam:GetUser", "before the act": "dynamodb:TransactWriteItems"}


@pytest.fixture
def held(bailiff, load_account, invoke, emulator, account):
    """`held(action)`: a finding is out and its remediator stands still just before that call."""
    def held(action: str):
        stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
            principals.with_inline_policy("ann")))
        fault = emulator.fault(account, action, "hold", caller=BY_REMEDIATOR)
        invoke(stack, RULE, configuration.changed(people, "ann"))
        eventually(lambda: emulator.faults(account)[0]["fired"], "the remediator stands still")
        return stack, people, lambda: emulator.release(fault)

    return held


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_user_replaced_by_another_of_its_name_is_not_touched(held, emulator, account, moment):
    stack, people, release = held(MOMENTS[moment])
    iam = emulator.client("iam", account)
    meant = people.unique_id("ann")
    found = principals.replace(iam, "ann")
    release()
    [entry] = journal.settled(stack)
    assert entry["status"] == "refused"
    assert entry["refusal"] == {"guard": "replaced", "expected": meant, "found": found}
    assert writes(emulator, account) == []
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["own"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_user_that_is_deleted_is_let_go(held, emulator, account, moment):
    stack, _, release = held(MOMENTS[moment])
    principals.delete(emulator.client("iam", account), "ann")
    release()
    entries = journal.settled(stack)
    if moment == "before the look":
        assert entries == [] and "it is gone" in stack.log("remove-user-policies")
    else:
        assert [(entry["status"], entry["refusal"]) for entry in entries] == [("refused", {"guard": "gone"})]
    assert writes(emulator, account) == []


def test_a_policy_whose_text_changed_after_the_plan_is_not_deleted(held, emulator, account):
    """The journal would hold another text than the one that is lost."""
    stack, _, release = held("dynamodb:TransactWriteItems")
    iam = emulator.client("iam", account)
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=NOTHING.replace("none:null", "s3:GetObject"))
    release()
    [entry] = journal.settled(stack)
    assert (entry["status"], entry["refusal"]["guard"]) == ("refused", "state-changed")
    assert writes(emulator, account) == []
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["own"]


def test_a_policy_that_somebody_deleted_after_the_plan_is_not_ours_to_undo(held, emulator, account):
    stack, people, release = held("dynamodb:TransactWriteItems")
    emulator.client("iam", account).delete_user_policy(UserName="ann", PolicyName="own")
    release()
    [entry] = journal.settled(stack)
    assert (entry["status"], journal.results(entry)) == ("verified", ["already-done"])
    answer = orders.restore(stack, entry["id"])
    assert "changed nothing that can be put back" in answer.payload["errorMessage"], answer.payload
    assert people.dump()["users"][0]["inlinePolicies"] == []


def test_while_one_is_at_work_on_a_principal_another_waits_its_turn(held, emulator, account):
    stack, _, release = held("iam:DeleteUserPolicy")
    [entry] = journal.entries(stack)
    assert entry["status"] == "open"
    other = stack.role("suspend-principal")
    with ThreadPoolExecutor() as elsewhere:
        # An operator's order for the same principal, to another function.
        ordered = elsewhere.submit(orders.suspend, stack, f"arn:aws:iam::{account}:user/ann")
        # Who has the principal takes two reads; a third is that it looks again.
        eventually(
            lambda: len(emulator.calls(account, role=other, action="dynamodb:GetItem")) > 2, "the order waits")
        assert emulator.calls(account, action="iam:AttachUserPolicy") == []
        release()
        answer = ordered.result()
    assert answer.payload["status"] == "verified", answer.payload
    queues.worked_off(stack)
    assert [entry["status"] for entry in journal.entries(stack)] == ["verified", "verified"]
