"""A directory's word: who has left is suspended by it, in the template's own functions; half a list suspends nobody."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from . import journal, notices, principals, queues
from .eventually import eventually
from .governance_file import enforcing
from .refusals import refusal
from .test_sweeps import swept

RECEIVER = "receive-directory-change"
RULE = "bailiff-user-left"
DIRECTORY = {"matchBy": [{"tag": "employee_id"}, {"email": "email"}]}
GOVERNANCE = enforcing("user-left", directory=DIRECTORY)
SCHEDULED = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eab", "detail-type": "Scheduled Event", "source": "aws.events",
    "time": "2026-11-22T07:00:00Z", "region": "us-east-1", "resources": [], "detail": {}}


def moment(**ago) -> str:
    return (datetime.now(timezone.utc) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def employed(name: str, employee: str, **more) -> dict:
    return principals.unused(name, tags={"employee_id": employee}, **more)


def say(stack, detail: dict, detail_type: str = "Directory Change") -> None:
    """As a directory does it: an event on the bus."""
    [entry] = stack.client("events").put_events(Entries=[{
        "EventBusName": stack.environment(RECEIVER)["BAILIFF_BUS"], "Source": "directory", "DetailType": detail_type,
        "Detail": json.dumps(detail)}])["Entries"]
    assert "ErrorCode" not in entry


def kept(stack) -> list[dict]:
    """What is kept of people."""
    items = stack.client("dynamodb").query(
        TableName=stack.resources["Journal"], KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "left"}})["Items"]
    return [json.loads(item["body"]["S"]) for item in items]


def departures(stack) -> list[dict]:
    """Those of them who leave or have left. Of whoever stays it is kept that a list said so."""
    return [one for one in kept(stack) if "leaves" in one]


def quarantined(people) -> list[str]:
    return [user["name"] for user in people.dump()["users"] if any(
        policy.endswith("-quarantine") for policy in user["attachedPolicies"])]


def people_of(bailiff, load_account, *users, **stack):
    return bailiff(GOVERNANCE, **stack), load_account(principals.of(*users))


def test_a_leavers_own_key_is_refused_and_a_colleagues_works(bailiff, load_account):
    stack, people = people_of(bailiff, load_account, employed("ada", "E1"), employed("grace", "E2"))
    ada, grace = people.client_of("iam", "ada"), people.client_of("iam", "grace")
    ada.list_users()
    say(stack, {"employee": "E1", "status": "leaver", "effectiveAt": moment(minutes=5)})
    entry = journal.closed(stack, "verified")
    assert (entry["cause"]["rule"], entry["plan"]["resource"]["name"]) == ("user-left", "ada")
    assert refusal(ada.list_users) == "InvalidClientTokenId"
    grace.list_users()
    [departure] = kept(stack)
    assert departure["employees"] == ["E1"] and departure["source"].startswith("event ")
    # Of IAM it read what it must, in bulk, and wrote nothing.
    assert {call["action"] for call in stack.calls(RECEIVER) if call["action"].startswith("iam:")} == {
        "iam:GetAccountAuthorizationDetails"}


@pytest.mark.parametrize("sample", ["scim-inactive", "workday-terminated"])
def test_what_other_systems_say_is_understood(bailiff, load_account, sample):
    event = json.loads((queues.REPOSITORY / f"events/receive-directory-change/{sample}.json").read_text())
    stack, people = people_of(bailiff, load_account, employed("ada", "E1042"), employed("grace", "E2"))
    say(stack, event["detail"], event["detail-type"])
    journal.closed(stack, "verified")
    assert quarantined(people) == ["ada"]


def test_a_day_that_lies_ahead_waits_and_the_sweep_catches_what_no_event_told(bailiff, load_account, invoke):
    stack, people = people_of(bailiff, load_account, employed("ada", "E1"))
    say(stack, {"employee": "E1", "status": "leaver", "effectiveAt": moment(days=-1)})
    [departure] = eventually(lambda: kept(stack), "it is kept")
    swept(invoke, stack, RULE)
    assert journal.settled(stack) == [] and quarantined(people) == []
    # The day comes.
    key = {"pk": {"S": "left"}, "sk": {"S": stack.client("iam").get_user(UserName="ada")["User"]["UserId"]}}
    stack.client("dynamodb").update_item(
        TableName=stack.resources["Journal"], Key=key, UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": json.dumps(departure | {"leaves": moment(minutes=1)})}})
    swept(invoke, stack, RULE)
    assert [entry["status"] for entry in journal.settled(stack)] == ["verified"]
    assert quarantined(people) == ["ada"]


def test_what_nobody_understands_and_what_is_forged_changes_nobody(bailiff, load_account):
    stack, people = people_of(bailiff, load_account, employed("ada", "E1"))
    before = people.dump()
    say(stack, {"employee": "E9", "status": "leaver", "effectiveAt": moment(minutes=5), "email": "ada@example.com"})
    # A finding without a departure behind it.
    user = stack.client("iam").get_user(UserName="ada")["User"]
    finding = {
        "schema": 1, "id": "forged", "rule": "user-left", "annotation": "has left", "seen": moment(),
        "resource": {"type": "user", "account": stack.account, "name": "ada", "uniqueId": user["UserId"],
                     "arn": user["Arn"]}}
    queues.send(stack, "suspend-principal", json.dumps(finding), "one", "one")
    say(stack, {"employee": "E1", "status": "gone", "effectiveAt": moment(minutes=5)})
    eventually(lambda: "`detail.status` is `gone`" in stack.log(RECEIVER), "the event that is wrong is named")
    assert journal.settled(stack) == [] and people.dump() == before and kept(stack) == []
    answer = stack.invoke(RECEIVER, json.loads(
        (queues.REPOSITORY / "events/receive-directory-change/leaver.json").read_text()) | {"account": "999988887777"})
    assert "this deployment governs" in answer.payload["errorMessage"]


class Export:
    """The bucket in which an HR system leaves its list."""

    def __init__(self, stack, bucket: str):
        self._stack, self._bucket = stack, bucket

    def leave(self, lines: list[str], generated_at: str | None = None, count: int | None = None) -> None:
        head = json.dumps({"generatedAt": generated_at or moment(), "count": len(lines) if count is None else count})
        self.put("\n".join([head, "employee,status,effectiveAt,email", *lines]) + "\n")

    def put(self, text: str) -> None:
        self._stack.client("s3").put_object(Bucket=self._bucket, Key="hr/list-of-all.csv", Body=text)

    def read(self) -> dict:
        answer = self._stack.invoke(RECEIVER, SCHEDULED | {"account": self._stack.account})
        assert answer.error is None, answer.payload
        return answer.payload


def staff(count: int) -> list[str]:
    return [f"E{number},active,," for number in range(1, count + 1)]


@pytest.fixture
def exporting(bailiff, load_account, emulator, account):
    """`exporting(*users, governance=…)`: a stack that reads a list, its users, and where the list is left."""
    def exporting(*users, governance=GOVERNANCE):
        bucket = f"people-{account}"
        emulator.client("s3", account).create_bucket(Bucket=bucket)
        stack = bailiff(governance, parameters={"DirectoryBucket": bucket, "DirectoryKey": "hr/list-of-all.csv"})
        return stack, load_account(principals.of(*users)), Export(stack, bucket)

    return exporting


def test_a_list_takes_out_whom_it_names(exporting):
    stack, people, export = exporting(employed("ada", "E1"), employed("grace", "E2"), employed("edsger", "E3"))
    lines = staff(100)
    lines[0] = "E1,leaver,2026-01-31,"
    export.leave(lines)
    heard = export.read()
    assert (heard["people"], heard["matched"], heard["left"], heard["refused"]) == (100, 3, 1, False)
    assert [entry["status"] for entry in journal.settled(stack)] == ["verified"]
    assert quarantined(people) == ["ada"]
    [departure] = departures(stack)
    assert departure["source"].startswith(f"s3://people-{stack.account}/hr/list-of-all.csv ")


def test_a_mover_on_a_list_is_told_of_once_and_changes_nobody(exporting):
    stack, people, export = exporting(employed("ada", "E1"), employed("grace", "E2"))
    before = people.dump()
    listener = notices.listen(stack)
    lines = staff(100)
    lines[0] = "E1,mover,2026-01-31,"
    export.leave(lines)
    assert [export.read()["moved"] for _ in range(2)] == [1, 0]
    [page] = eventually(listener.notices, "people are paged")
    assert "E1, whose user is arn:aws:iam::" in page["Message"] and "2026-01-31" in page["Message"]
    assert journal.settled(stack) == [] and people.dump() == before


def test_a_list_with_two_in_five_missing_suspends_nobody_and_pages_people(exporting):
    absent = enforcing("user-left", directory=DIRECTORY | {"absentMeansLeft": True})
    stack, people, export = exporting(
        *(employed(f"user{number}", f"E{number * 1000}") for number in range(1, 11)), governance=absent)
    before = people.dump()
    listener = notices.listen(stack)
    export.leave(staff(10_000))
    assert export.read()["refused"] is False
    export.leave(staff(6_000))
    assert export.read()["refused"] is True
    [page] = eventually(listener.notices, "people are paged")
    assert page["Subject"] == "Bailiff: the list of people is not believed"
    assert "it names 6000 people and the last good one named 10000" in page["Message"]
    # One fault, one page; and of each other fault one.
    export.read()
    for faulty, said in (
        (lambda: export.put(""), "it is empty"),
        (lambda: export.leave(staff(10_000), count=9_999), "says 9999 people and 10000 follow"),
        (lambda: export.leave(staff(10_000), generated_at=moment(days=3)), "more than 48 hours"),
        (lambda: export.put('{"generatedAt": "2026-'), "cut off"),
    ):
        listener.forget()
        faulty()
        assert export.read()["refused"] is True
        [page] = eventually(listener.notices, said)
        assert said in page["Message"], page
    assert journal.settled(stack) == [] and people.dump() == before and departures(stack) == []
    log = stack.log(RECEIVER).replace(" ", "")
    # The good one and those that were refused.
    assert '"listsRefused":1' in log and log.count('"listsRead":1') > log.count('"listsRefused":1')
    # No page is taken for a notice.
    assert queues.waiting(stack, stack.resources["DeliverNoticesQueue"]) == 0
    assert queues.waiting(stack, stack.resources["DeliverNoticesDeadLetters"]) == 0


def test_a_list_that_is_not_there_is_paged(exporting):
    stack, _, export = exporting(employed("ada", "E1"))
    listener = notices.listen(stack)
    assert export.read()["refused"] is True
    [page] = eventually(listener.notices, "people are paged")
    assert "is not there" in page["Message"] or "s3:GetObject" in page["Message"], page
