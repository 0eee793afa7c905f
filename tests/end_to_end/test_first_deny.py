"""A stack that denies first: three calls after the event everything is denied, and the suspension after it is the same."""

import json
import uuid
from datetime import datetime, timezone

import pytest

from . import journal, principals, queues
from .account import unique_id_of
from .eventually import eventually
from .governance_file import enforcing
from .refusals import refusal
from .sample_events import sample
from .test_stages import APPROVERS, agreed
from .test_threats import tell, writes_of

RULES = {"principal-threatened": {"mode": "enforce", "parameters": {"suspendFromRisk": 6}}}
SUSPENDER = "suspend-principal"
NOOR = {"user": "noor.rahimi", "id": "AIDAQ2XH7WMR6CKO4TJFX"}
ROLE = {"role": "parcel-tracker", "id": "AROAQ2XH7WMR4VJHC6XSG"}
FIRST = "BailiffFirstDeny-"
# Who may do next to nothing.
CAROL = {"name": "carol", "created": principals.LONG_AGO,
         "accessKeys": [{"created": principals.LATELY, "lastUsed": {"at": principals.LATELY}}]}


@pytest.fixture
def denying(bailiff):
    return lambda **sections: bailiff(
        enforcing(rules=RULES, approvals=APPROVERS, **sections), parameters={"DenyFirst": "true"})


def found(account: str, name: str, unique_id: str | None = None, severity: float = 8) -> dict:
    """GuardDuty of a user, seen just now."""
    event = sample("guardduty-user", account, {NOOR["user"]: name, NOOR["id"]: unique_id or unique_id_of("users", name)})
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    event["detail"] |= {"severity": severity, "updatedAt": moment, "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller"}
    event["detail"]["service"] |= {"eventFirstSeen": moment, "eventLastSeen": moment}
    return event


def put(stack, event: dict) -> None:
    """To every queue that the template's rule sends findings to: nobody but AWS may put one on the bus."""
    sqs, events = stack.client("sqs"), stack.client("events")
    targets = events.list_targets_by_rule(Rule=f"{stack.name}-detector-findings")["Targets"]
    # Each event has an id of its own, also of a finding told again: SQS drops what is the same to the letter.
    event = event | {"id": str(uuid.uuid4())}
    # Whoever denies first is told first: which of the two is faster is not what is tested.
    for at in sorted(targets, key=lambda at: at["Id"], reverse=True):
        queue = sqs.get_queue_url(QueueName=at["Arn"].rpartition(":")[2])["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event), **at.get("SqsParameters", {}))
    eventually(lambda: queues.waiting(stack, stack.resources["DetectThreatsQueue"]) == 0, "it was heard", within=60)
    queues.worked_off(stack)


def inline(stack, name: str) -> list[str]:
    return stack.client("iam").list_user_policies(UserName=name)["PolicyNames"]


def entries_of(stack, name: str) -> tuple[list[dict], list[dict]]:
    """Those that denied first, and the others that wrote."""
    of_user = [entry for entry in journal.entries(stack) if entry["plan"]["resource"]["name"] == name and entry["outcomes"]]
    first = [entry for entry in of_user if FIRST in json.dumps(entry["plan"])]
    return first, [entry for entry in of_user if entry not in first]


def lines(stack, decision: str) -> list[dict]:
    found = (json.loads(line) for line in stack.log(SUSPENDER).splitlines() if line.startswith("{"))
    return [line for line in found if line.get("decision") == decision]


def test_everything_is_denied_after_three_calls_and_the_rest_follows_and_all_is_undone(denying, load_account, account):
    stack, people = denying(), load_account(principals.of(principals.unused("mallory"), principals.unused("ben"), CAROL))
    own, ben = people.client_of("iam", "mallory"), people.client_of("iam", "ben")
    own.list_users()
    # A journal with anything in it tells where the next record goes in the same read.
    put(stack, found(account, "carol"))
    begun = len(stack.calls(SUSPENDER))
    put(stack, found(account, "mallory"))
    assert refusal(own.list_users) is not None
    ben.list_users()
    calls = [call["action"] for call in stack.calls(SUSPENDER)[begun:]]
    before = calls[:calls.index("iam:PutUserPolicy")]
    assert sorted(before) == ["dynamodb:BatchGetItem", "dynamodb:TransactWriteItems", "iam:GetUser"], before
    [first], [suspended] = entries_of(stack, "mallory")
    assert (first["status"], suspended["status"]) == ("verified", "verified")
    assert sum(name.startswith(FIRST) for name in inline(stack, "mallory")) == 1
    # Told again, it denies nobody again.
    written = writes_of(stack.calls(SUSPENDER))
    put(stack, found(account, "mallory"))
    assert writes_of(stack.calls(SUSPENDER)) == written
    assert any("reported before" in line["why"] for line in lines(stack, "not-first"))
    for entry in (suspended, first):
        agreed(stack, {"journal_id": entry["id"], "reactivateKeys": True})
    assert inline(stack, "mallory") == ["all"]
    own.list_users()


def test_a_role_is_denied_first_as_well(denying, load_account, account):
    stack = denying()
    load_account(principals.of(roles=({"name": "depot"},)))
    event = found(account, "nobody", "AIDAQ2XH7WMR6CKO4TJFX")
    event["detail"]["resource"]["accessKeyDetails"] |= {
        "userName": "depot", "userType": "AssumedRole", "principalId": f"{unique_id_of('roles', 'depot')}:session"}
    put(stack, event)
    policies = stack.client("iam").list_role_policies(RoleName="depot")["PolicyNames"]
    assert sum(name.startswith(FIRST) for name in policies) == 1, policies
    first, suspended = entries_of(stack, "depot")
    assert [entry["status"] for entry in first + suspended] == ["verified", "verified"]


def test_what_does_not_have_somebody_suspended_denies_nobody_first(denying, load_account, account):
    stack = denying()
    load_account(principals.of(CAROL))
    put(stack, found(account, "carol", severity=6))
    put(stack, found(account, "carol", unique_id_of("users", "another")))
    sample_finding = found(account, "carol")
    sample_finding["detail"]["service"]["additionalInfo"] = {"sample": True}
    put(stack, sample_finding)
    assert writes_of(stack.calls(SUSPENDER)) == []
    why = [line["why"] for line in lines(stack, "not-first")]
    assert len(why) == 2 and "by itself" in why[0] and "another by that name" in why[1], why


def test_nothing_is_denied_first_while_everything_is_stopped(denying, load_account, account):
    stack = denying()
    load_account(principals.of(principals.unused("mallory")))
    stop = {"since": "2026-11-22T09:00:00Z", "by": "ann", "reason": "a test", "undoToo": False}
    stack.client("dynamodb").put_item(TableName=stack.resources["Journal"], Item={
        "pk": {"S": "switch"}, "sk": {"S": "stop"}, "body": {"S": json.dumps(stop)}})
    put(stack, found(account, "mallory"))
    assert writes_of(stack.calls(SUSPENDER)) == []
    assert any("ann" in line["why"] for line in lines(stack, "not-first"))


def test_where_the_table_refuses_the_look_the_suspension_goes_on_all_the_same(denying, load_account, account, emulator):
    stack = denying()
    people = load_account(principals.of(principals.unused("mallory")))
    emulator.fault(account, "dynamodb:BatchGetItem", "access-denied", times=None)
    put(stack, found(account, "mallory"))
    first, [suspended] = entries_of(stack, "mallory")
    assert first == [] and suspended["status"] == "verified"
    assert refusal(people.client_of("iam", "mallory").list_users) is not None
    assert [line["why"] for line in lines(stack, "not-first")] != []


def test_a_stack_that_was_not_asked_to_sends_it_no_events(bailiff, load_account, account):
    stack = bailiff(enforcing(rules=RULES, approvals=APPROVERS))
    load_account(principals.of(principals.unused("mallory")))
    tell(stack, found(account, "mallory"))
    assert inline(stack, "mallory") == ["all"] and lines(stack, "not-first") == []
    targets = stack.client("events").list_targets_by_rule(Rule=f"{stack.name}-detector-findings")["Targets"]
    assert [at["Id"] for at in targets] == ["detect-threats"]
