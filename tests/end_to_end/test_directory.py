"""A directory's word: who has left is suspended by it, in the template's own functions; half a list suspends nobody."""

import json
import re
from datetime import date, datetime, timedelta, timezone

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
SAMPLES = queues.REPOSITORY / "events/receive-directory-change"
SCHEDULED = json.loads((SAMPLES / "reconcile.json").read_text())


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


def moved(text: str) -> str:
    """With all days as if the samples' November 22 were yesterday."""
    by = datetime.now(timezone.utc).date() - timedelta(days=1) - date(2026, 11, 22)
    return re.sub(r"\b20\d\d-\d\d-\d\d", lambda day: str(date.fromisoformat(day[0]) + by), text)


def sample(name: str) -> dict:
    """As if it were said now."""
    return json.loads(moved((SAMPLES / f"{name}.json").read_text())) | {"time": moment()}


def hear(stack, event: dict) -> dict:
    answer = stack.invoke(RECEIVER, event | {"account": stack.account})
    assert answer.error is None, answer.payload
    return answer.payload


def pages(listener) -> list[dict]:
    """Those about people, without the notices of what was done."""
    return [page for page in listener.notices() if "person" in page["Subject"]]


ADA = {"tags": {"employee_id": "E1042"}}
AT_ONCE, LATER, STAYS = "at once", "later", "stays"


@pytest.mark.parametrize("name, becomes, leaves", [
    ("leaver", AT_ONCE, "2026-11-22T08:00:00Z"),
    ("leaver-on-a-date", LATER, "2026-12-01T12:00:00Z"),
    ("scim-inactive", AT_ONCE, None),
    ("scim-inactive-as-text", AT_ONCE, None),
    ("workday-terminated", AT_ONCE, "2026-11-21T12:00:00Z"),
    ("workday-to-leave", LATER, "2027-01-01T12:00:00Z"),
    ("workday-notice-given", LATER, "2027-01-01T12:00:00Z"),
    ("joiner", STAYS, None),
    ("mover", STAYS, None),
    ("rehire", STAYS, None),
    ("scim-active", STAYS, None),
    ("workday-rehired", STAYS, None)])
def test_each_sample_comes_to_what_it_says(bailiff, load_account, name, becomes, leaves):
    stack, people = people_of(
        bailiff, load_account, principals.unused("ada", **ADA), employed("beth", "E2001"), employed("grace", "E2"))
    listener, event = notices.listen(stack), sample(name)
    heard = hear(stack, event)
    assert (heard["matched"], heard["left"], heard["waiting"]) == (1, int(becomes == AT_ONCE), int(becomes == LATER))
    if becomes == AT_ONCE:
        assert journal.closed(stack, "verified")["plan"]["resource"]["name"] == "ada"
    assert quarantined(people) == (["ada"] if becomes == AT_ONCE else [])
    told = departures(stack)
    if becomes == STAYS:
        assert told == []
    else:
        [departure] = told
        assert departure["employees"] == ["E1042"] and departure["source"] == f"event {event['id']}"
        assert departure["leaves"] == (moved(leaves) if leaves else event["time"])
    if name == "mover":
        [page] = eventually(lambda: pages(listener), "people are paged")
        assert f"E1042, whose user is arn:aws:iam::{stack.account}:user/ada, took another place" in page["Message"]
    else:
        assert pages(listener) == []


@pytest.mark.parametrize("name", ["rehire", "scim-active", "workday-rehired"])
def test_who_was_gone_and_is_back_is_told_of_and_stays_suspended(bailiff, load_account, name):
    stack, people = people_of(bailiff, load_account, principals.unused("ada", **ADA), employed("grace", "E2"))
    listener = notices.listen(stack)
    gone = sample("leaver") | {"id": "gone", "time": moment(minutes=1)}
    gone["detail"] |= {"effectiveAt": moved("2026-11-10")}
    hear(stack, gone)
    journal.closed(stack, "verified")
    event = sample(name)
    assert hear(stack, event)["back"] == 1
    [page] = eventually(lambda: pages(listener), "people are paged")
    assert page["Subject"] == "Bailiff: user ada: its person is back"
    assert f"has not left or is back, by event {event['id']}" in page["Message"] and "-restore with the id" in page["Message"]
    assert departures(stack) == [] and quarantined(people) == ["ada"]
    # Heard again it is not told again.
    assert hear(stack, event)["back"] == 0 and len(pages(listener)) == 1


def test_an_event_finds_its_user_by_address_too(bailiff, load_account):
    stack, people = people_of(
        bailiff, load_account, principals.unused("ada", tags={"email": "ada@example.com"}), employed("grace", "E2"))
    hear(stack, sample("leaver"))
    assert journal.closed(stack, "verified")["plan"]["resource"]["name"] == "ada"
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
        return hear(self._stack, SCHEDULED)


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


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl"])
def test_each_sample_of_a_list_is_read_and_finds_users_by_tag_address_and_table(exporting, account, name):
    table = {"table": [{"principal": f"arn:aws:iam::{account}:user/edsger", "employee": "E1044"}]}
    stack, people, export = exporting(
        principals.unused("ada", **ADA), principals.unused("grace", tags={"email": "grace@example.com"}),
        principals.unused("edsger"), governance=enforcing("user-left", directory={
            "matchBy": [*DIRECTORY["matchBy"], table]}))
    text = moved((SAMPLES / name).read_text())
    export.put(re.sub(r'"generatedAt": "[^"]*"', f'"generatedAt": "{moment()}"', text))
    heard = export.read()
    assert (heard["people"], heard["matched"], heard["left"], heard["waiting"]) == (3, 3, 1, 1)
    assert journal.closed(stack, "verified")["plan"]["resource"]["name"] == "ada"
    assert quarantined(people) == ["ada"]
    leaves = {one["employees"][0]: one["leaves"] for one in departures(stack)}
    assert leaves == {"E1042": moved("2026-11-21T12:00:00Z"), "E1044": moved("2027-01-01T12:00:00Z")}


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
