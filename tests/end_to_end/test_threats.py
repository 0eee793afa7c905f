"""What detectors and CloudTrail tell, through the template's own queue, functions and roles, to the principal."""

import json
from datetime import datetime, timezone

from . import journal, orders, principals, queues
from .eventually import eventually
from .governance_file import enforcing
from .refusals import refusal
from .test_stages import APPROVERS, agreed

DETECTOR = "detect-threats"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# What a detector may ask of IAM at all: it reads.
WRITES = ("Create", "Put", "Attach", "Detach", "Delete", "Update", "Add", "Remove", "Set", "Tag", "Untag")


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(account: str, source: str, detail_type: str, detail: dict) -> dict:
    return {
        "version": "0", "id": "7a1f6f0a-3f0b-4b0e-8a86-1d2c64b1f1aa", "source": source, "detail-type": detail_type,
        "account": account, "time": now(), "region": "us-east-1", "resources": [], "detail": detail}


def exposed(account: str, *keys: str) -> dict:
    return event(account, "aws.health", "AWS Health Event", {
        "eventArn": "arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/1", "service": "RISK",
        "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED", "eventTypeCategory": "issue", "statusCode": "open",
        "eventRegion": "us-east-1", "startTime": "Sun, 22 Nov 2026 08:50:00 GMT",
        "lastUpdatedTime": "Sun, 22 Nov 2026 08:55:00 GMT",
        "eventDescription": [{"language": "en_US", "latestDescription": "found in public"}],
        "affectedEntities": [{"entityValue": key, "status": "IMPAIRED"} for key in keys], "affectedAccount": account})


def call(account: str, by: dict, name: str, number: int, parameters: dict, answer: dict | None = None) -> dict:
    return event(account, "aws.iam", "AWS API Call via CloudTrail", {
        "eventVersion": "1.11", "eventID": f"00000000-0000-4000-8000-{number:012d}", "eventTime": now(),
        "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli", "requestParameters": parameters,
        "responseElements": answer, "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True,
        "recipientAccountId": account,
        "userIdentity": {
            "type": "IAMUser", "principalId": by["UserId"], "arn": by["Arn"], "accountId": account,
            "userName": by["UserName"], "accessKeyId": "AKIAEXAMPLEEXAMPLE01"}})


def tell(stack, *events) -> None:
    """As EventBridge does it: each event on the queue, and it is worked off."""
    sqs, queue = stack.client("sqs"), stack.resources["DetectThreatsQueue"]
    for body in events:
        sqs.send_message(QueueUrl=queue, MessageBody=body if isinstance(body, str) else json.dumps(body))
    eventually(lambda: queues.waiting(stack, queue) == 0, "the events are worked off", within=60)
    queues.worked_off(stack)


def writes_of(calls: list[dict]) -> list[str]:
    actions = [call["action"] for call in calls if call["action"].startswith("iam:")]
    return sorted(action for action in actions if action.removeprefix("iam:").startswith(WRITES))


def wrote(stack) -> list[str]:
    """What the detector did of it itself."""
    return writes_of(stack.calls(DETECTOR))


def test_an_exposed_key_is_refused_at_once_and_no_other(bailiff, load_account, account):
    stack, people = bailiff(enforcing("access-key-exposed", approvals=APPROVERS)), load_account(principals.of(
        principals.unused("ann"), principals.unused("ben")))
    ann, ben = people.client_of("iam", "ann"), people.client_of("iam", "ben")
    ann.list_users()
    tell(stack, exposed(account, people.keys["ann"][0].id))
    entry = journal.closed(stack, "verified")
    assert (entry["cause"]["rule"], entry["plan"]["resource"]["name"]) == ("access-key-exposed", "ann")
    assert refusal(ann.list_users) == "InvalidClientTokenId"
    ben.list_users()
    assert wrote(stack) == []
    # Told again, it leads to nothing more; undone by two who mean that very key, it works again.
    tell(stack, exposed(account, people.keys["ann"][0].id))
    assert [each["id"] for each in journal.entries(stack) if each["cause"]["rule"] == "access-key-exposed"] == [
        entry["id"]]
    assert "reactivateKeys" in str(orders.restore(stack, entry["id"]).payload)
    agreed(stack, {"journal_id": entry["id"], "reactivateKeys": True})
    ann.list_users()


def test_an_attack_is_contained_step_by_step_and_lifted(bailiff, load_account, emulator, account):
    stack = bailiff(enforcing("access-key-made-by-another", "principal-threatened", approvals=APPROVERS))
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}]}
    people = load_account(principals.of(principals.unused("mallory"), principals.unused("svc")))
    own, iam = people.client_of("iam", "mallory"), emulator.client("iam", account)
    mallory = iam.get_user(UserName="mallory")["User"]
    made = own.create_access_key(UserName="svc")["AccessKey"]["AccessKeyId"]
    tell(stack, call(account, mallory, "CreateAccessKey", 1, {"userName": "svc"}, {
        "accessKey": {"userName": "svc", "accessKeyId": made, "status": "Active"}}))
    states = {key["AccessKeyId"]: key["Status"] for key in iam.list_access_keys(UserName="svc")["AccessKeyMetadata"]}
    assert states == {made: "Inactive", people.keys["svc"][0].id: "Active"}
    own.attach_user_policy(UserName="svc", PolicyArn=ADMINISTRATOR)
    tell(stack, call(account, mallory, "AttachUserPolicy", 2, {"userName": "svc", "policyArn": ADMINISTRATOR}),
         call(account, mallory, "UpdateAssumeRolePolicy", 3, {
             "roleName": "deployer", "policyDocument": json.dumps(trust)}))
    assert refusal(own.list_users) == "InvalidClientTokenId"
    [suspension] = [entry for entry in journal.entries(stack) if entry["plan"]["resource"]["name"] == "mallory"
                    and entry["status"] == "verified"]
    assert "risk" in suspension["cause"]["annotation"]
    assert iam.list_user_tags(UserName="mallory")["Tags"] == [{"Key": "bailiff:quarantined", "Value": "true"}]
    agreed(stack, {"journal_id": suspension["id"]})
    own.list_users()


def test_whoever_takes_the_quarantine_of_an_order_off_has_it_put_back_until_an_undo(bailiff, load_account, emulator, account):
    stack = bailiff(enforcing("principal-threatened", approvals=APPROVERS))
    people = load_account(principals.of(principals.unused("ann"), principals.unused("svc")))
    iam, own = emulator.client("iam", account), people.client_of("iam", "ann")
    ann, svc = (iam.get_user(UserName=name)["User"] for name in ("ann", "svc"))

    def quarantine() -> list[str]:
        return [policy["PolicyArn"] for policy in iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]]

    suspended = orders.suspend(stack, ann["Arn"]).payload
    assert suspended["status"] == "verified", suspended
    [deny] = quarantine()

    def lift(number: int) -> None:
        iam.detach_user_policy(UserName="ann", PolicyArn=deny)
        tell(stack, call(account, svc, "DetachUserPolicy", number, {"userName": "ann", "policyArn": deny}))

    lift(41)
    assert quarantine() == [deny]
    back = next(entry for entry in journal.entries(stack) if entry["cause"].get("rule") == "principal-threatened"
                and entry["plan"]["resource"]["name"] == "ann")
    assert back["status"] == "verified" and "ordered its suspension" in back["cause"]["annotation"], back
    agreed(stack, {"journal_id": back["id"]})
    assert quarantine() == []
    tell(stack, call(account, svc, "DetachUserPolicy", 42, {"userName": "ann", "policyArn": deny}))
    assert quarantine() == []
    assert refusal(own.list_users) is not None, "the key went off with the order, and its undo was not asked for"


def test_events_about_what_is_in_order_change_nothing(bailiff, load_account, emulator, account):
    stack = bailiff(enforcing("access-key-exposed", "access-key-made-by-another", "principal-threatened"))
    people = load_account(principals.of(principals.unused("ann")))
    key = people.keys["ann"][0].id
    ann = emulator.client("iam", account).get_user(UserName="ann")["User"]
    somebody = ann | {"UserId": "AIDASOMEBODYELSE00001"}
    tell(
        stack, exposed(account, "AKIANOBODYHASTHISKEY"),
        # An old key, said to have been made a moment ago.
        call(account, somebody, "CreateAccessKey", 1, {"userName": "ann"}, {
            "accessKey": {"userName": "ann", "accessKeyId": key, "status": "Active"}}),
        # Another who once had the name.
        call(account, somebody, "AttachUserPolicy", 2, {"userName": "gone", "policyArn": ADMINISTRATOR}),
        # Another account's.
        exposed("999988887777", key))
    assert [entry for entry in journal.entries(stack) if entry["status"] == "verified"] == []
    assert people.dump() == people.file


def test_refused_calls_are_one_threat_an_hour_and_none_counts_twice(bailiff, load_account, emulator, account):
    stack = bailiff(enforcing("principal-threatened"))
    load_account(principals.of(principals.unused("ann")))
    ann = emulator.client("iam", account).get_user(UserName="ann")["User"]

    def denied(number: int) -> dict:
        told = call(account, ann, "DeleteUser", number, {"userName": "ben"})
        told["detail"] |= {"errorCode": "AccessDenied", "errorMessage": "no"}
        return told

    def threats() -> list[dict]:
        items = stack.client("dynamodb").query(
            TableName=stack.resources["Journal"], KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "threat"}})["Items"]
        return [json.loads(item["body"]["S"]) for item in items]

    tell(stack, *(denied(number) for number in [*range(15), *range(15)]))
    assert threats() == []
    tell(stack, *(denied(number) for number in range(15, 60)))
    assert [threat["sign"] for threat in threats()] == ["denied-again-and-again"]


def test_what_is_no_event_lies_with_the_dead_letters(bailiff, load_account, account):
    stack = bailiff(enforcing("access-key-exposed"))
    stack.hasten()
    people = load_account(principals.of(principals.unused("ann")))
    sqs, queue = stack.client("sqs"), stack.resources["DetectThreatsQueue"]
    for body in ("not JSON", "{}", json.dumps(event(account, "aws.health", "AWS Health Event", {"service": 7}))):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    dead = stack.resources["DetectThreatsDeadLetters"]
    eventually(lambda: queues.waiting(stack, dead) == 3, "three events are given up", within=60)
    # Whatever stands before it, a good event is followed.
    tell(stack, exposed(account, people.keys["ann"][0].id))
    assert refusal(people.client_of("iam", "ann").list_users) == "InvalidClientTokenId"
