"""Warnings before an act, people's approval, and the deletion of what has been off for long."""

import json

import pytest

from . import audit, configuration, journal, orders, past, principals, queues
from .governance_file import enforcing, in_mode

RULE = "bailiff-access-key-age"
ADA = "arn:aws:iam::111122223333:user/security/ada"
GRACE = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Security_0123456789abcdef/grace@example.com"
APPROVERS = {"approvers": [ADA, GRACE.replace("grace@example.com", "*")]}
OLD_KEY = {"deleteAfter": 30}


def staged(rule: str, **stages) -> str:
    """One rule that acts, with these stages."""
    return enforcing(rules={rule: {"mode": "enforce"} | stages}, approvals=APPROVERS)


def signed(by: str, answer: dict | str) -> dict:
    """What Lambda hands a function whose URL was asked, signed: what its documentation shows, version 2.0."""
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "abcdefghij.lambda-url.us-east-1.on.aws"},
        "requestContext": {
            "accountId": "111122223333", "apiId": "abcdefghij",
            "authentication": None,
            "authorizer": {"iam": {
                "accessKey": "ASIAEXAMPLEEXAMPLE00", "accountId": "111122223333", "callerId": "AIDAEXAMPLEEXAMPLE00",
                "cognitoIdentity": None, "principalOrgId": "o-example000", "userArn": by,
                "userId": "AIDAEXAMPLEEXAMPLE00"}},
            "domainName": "abcdefghij.lambda-url.us-east-1.on.aws", "domainPrefix": "abcdefghij",
            "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl"},
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:09:00:00 +0000", "timeEpoch": 1795338000000},
        "body": answer if isinstance(answer, str) else json.dumps(answer), "isBase64Encoded": False}


def answered(stack, by: str, answer: dict | str) -> tuple[int, dict]:
    said = stack.invoke("approve-plan", signed(by, answer))
    assert said.error is None, said.payload
    return said.payload["statusCode"], json.loads(said.payload["body"])


def agreed(stack, undo: dict) -> dict:
    """The answer of an undo that waits for a second person, after one has approved it."""
    answer = orders.restore(stack, **undo)
    assert answer.error is None and answer.payload["status"] == "planned", answer.payload
    assert answered(stack, ADA, asked(stack))[0] == 200
    return orders.restored(stack, **undo)


def asked(stack) -> dict:
    """What a notice says to answer to the question that was asked last."""
    entry = [one for one in journal.settled(stack) if one.get("refusal", {}).get("guard") == "awaits-approval"][-1]
    return {"journalId": entry["id"], "plan": entry["refusal"]["plan"], "answer": "approve", "reason": "looked at it"}


def statuses(people) -> list[str]:
    return [key["status"] for key in people.dump()["users"][0]["accessKeys"]]


def swept(stack, invoke, rule: str) -> None:
    answer = invoke(stack, rule, configuration.scheduled(stack.account))
    assert answer.error is None, answer.payload
    queues.worked_off(stack)


def test_a_plan_waits_until_as_many_have_signed_as_it_needs(bailiff, load_account, invoke):
    stack = bailiff(staged("access-key-age", approvals=2))
    people = load_account(principals.of(principals.with_old_key("ann")))
    swept(stack, invoke, RULE)
    question = asked(stack)
    assert answered(stack, ADA, question) == (200, {
        "entry": question["journalId"], "approved": 1, "needed": 2, "refused": False,
        "until": next(e for e in journal.entries(stack) if e["id"] == question["journalId"])["refusal"]["expires"]})
    queues.worked_off(stack)
    assert statuses(people) == ["Active"]
    status, said = answered(stack, ADA, question)
    assert (status, "somebody else must" in said["error"]) == (400, True)
    assert answered(stack, GRACE, question)[1]["approved"] == 2
    entry = journal.settled(stack)[-1]
    assert (entry["status"], statuses(people)) == ("verified", ["Inactive"])
    status, said = answered(stack, GRACE, question)
    assert (status, "asks no more" in said["error"]) == (400, True), "it serves once"


@pytest.mark.parametrize(("by", "change", "complaint"), [
    ("arn:aws:iam::111122223333:user/mallory", {}, "is none of `approvals.approvers`"),
    ("arn:aws:iam::111122223333:root", {}, "is no user and no role's session"),
    (ADA, {"plan": "0" * 64}, "is about another one"),
    (ADA, {"journalId": "20261122t090000-1a2b3c4d5e6f"}, "there is no journal entry"),
    (ADA, {"reason": " "}, "`reason` is empty"),
    (ADA, {"answer": "yes"}, "unknown variant `yes`"),
    (ADA, {"force": True}, "unknown field `force`"),
])
def test_an_answer_that_does_not_count_is_told_why(bailiff, load_account, invoke, by, change, complaint):
    stack = bailiff(staged("access-key-age", approvals=1))
    people = load_account(principals.of(principals.with_old_key("ann")))
    swept(stack, invoke, RULE)
    status, said = answered(stack, by, asked(stack) | change)
    assert (status, complaint in said["error"]) == (400, True), said
    queues.worked_off(stack)
    assert statuses(people) == ["Active"]


def test_who_does_not_come_by_the_url_is_nobody(bailiff, load_account, invoke):
    stack = bailiff(staged("access-key-age", approvals=1))
    people = load_account(principals.of(principals.with_old_key("ann")))
    swept(stack, invoke, RULE)
    direct = stack.invoke("approve-plan", asked(stack) | {"by": ADA})
    assert direct.payload["errorType"] == "Permanent"
    assert "signed with AWS's signature" in direct.payload["errorMessage"]
    assert statuses(people) == ["Active"]


def test_people_are_warned_twice_and_have_their_time(bailiff, load_account, invoke):
    stack = bailiff(staged("access-key-age", warnings={"finalAfterDays": 7, "actAfterDays": 3}))
    people = load_account(principals.of(principals.with_old_key("ann")))

    def warned() -> list[str]:
        return [entry["refusal"]["warning"] for entry in journal.settled(stack) if "refusal" in entry]

    swept(stack, invoke, RULE)
    assert warned() == ["first"]
    past.shift(stack, 6)
    swept(stack, invoke, RULE)
    assert warned() == ["first"]
    past.shift(stack, 1)
    swept(stack, invoke, RULE)
    assert warned() == ["first", "final"]
    past.shift(stack, 3)
    assert statuses(people) == ["Active"]
    swept(stack, invoke, RULE)
    assert statuses(people) == ["Inactive"]


def long_off(bailiff, load_account, invoke):
    """A key that was switched off forty days ago, and what is asked about it."""
    stack = bailiff(in_mode("enforce", "access-key-age", approvals=APPROVERS, rules={
        "access-key-age": {"mode": "enforce"},
        "access-key-disabled": {"mode": "enforce", "parameters": OLD_KEY}}))
    people = load_account(principals.of(principals.with_old_key("ann")))
    swept(stack, invoke, RULE)
    assert statuses(people) == ["Inactive"]
    past.shift(stack, 40)
    # Forty days later it is a new one.
    stack.emulator.seed(stack.account, credentialReport=None)
    assert audit.verify(stack)[0] == 0
    swept(stack, invoke, "bailiff-access-key-disabled")
    return stack, people, asked(stack)


def test_what_has_been_off_for_long_is_deleted_by_two_peoples_word(bailiff, load_account, invoke):
    stack, people, question = long_off(bailiff, load_account, invoke)
    answered(stack, ADA, question)
    queues.worked_off(stack)
    assert statuses(people) == ["Inactive"]
    answered(stack, GRACE, question)
    entry = journal.settled(stack)[-1]
    assert (entry["status"], entry["remediator"]) == ("verified", "delete-access-keys"), entry
    assert people.dump()["users"][0].get("accessKeys", []) == []
    assert "IAM makes no key twice" in orders.restore(stack, entry["id"]).payload["errorMessage"]


def test_what_the_journal_does_not_vouch_for_is_not_deleted(bailiff, load_account, invoke):
    stack, people, question = long_off(bailiff, load_account, invoke)
    off = next(one for one in journal.entries(stack) if one["status"] == "verified")
    item = audit.entry(stack, off["id"])
    audit.put(stack, item | {"body": {"S": item["body"]["S"].replace("access key", "access  key") + " "}})
    answered(stack, ADA, question)
    answered(stack, GRACE, question)
    entry = journal.settled(stack)[-1]
    assert (entry["status"], entry["refusal"]["guard"]) == ("refused", "not-credible"), entry
    assert statuses(people) == ["Inactive"]
