"""Whom a notice reaches, by which channel, and what becomes of one that reaches nobody."""

import json
from collections import Counter

import pytest

from . import configuration, journal, notices, principals, queues
from .account import NOTHING
from .eventually import eventually
from .governance_file import NO_LIMITS, enforcing, in_mode
from .queues import waiting
from .test_roles import WRITTEN, role_changed

RULE = "bailiff-user-inline-policy"
COURIER = "deliver-notices"
BEGINS = ": a change begins "
BY_COURIER = f"*/bailiff-{COURIER}"
SETTINGS = {
    "from": "bailiff@example.com", "domains": ["example.com"], "ownerTags": ["owner"],
    "owners": [{"principal": "arn:aws:iam::*:user/payments/*", "contact": "slack"}],
    "fallback": "security@example.com"}
SCHEDULED = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
    "time": "2026-11-22T07:00:00Z", "region": "us-east-1", "resources": [], "detail": {}}


@pytest.fixture
def violated(bailiff, load_account, invoke):
    """`violated(…)`: a stack in which ann broke the rule, and its entry."""
    def violated(mode="enforce", settings=SETTINGS, configure=None, **ann):
        stack = bailiff(in_mode(mode, "user-inline-policy", **({"notices": settings} if settings else {})))
        stack.hasten()
        stack.client("ses").verify_domain_identity(Domain="example.com")
        if configure:
            stack.configure(COURIER, **configure)
        people = load_account(principals.of(principals.with_inline_policy("ann", **ann)))
        invoke(stack, RULE, configuration.changed(people, "ann"))
        [entry] = journal.settled(stack)
        return stack, entry

    return violated


def mails(stack) -> list[dict]:
    """Every mail that SES took of what has ended, as {to, subject, text}."""
    return [mail for mail in all_mails(stack) if BEGINS not in mail["subject"]]


def all_mails(stack) -> list[dict]:
    """The same, and of what begins."""
    sent = [call["parameters"] for call in stack.calls(COURIER, action="ses:SendEmail") if call["status"] < 400]
    return [
        {"to": mail["Destination"]["ToAddresses"], "from": mail["FromEmailAddress"],
         "subject": mail["Content"]["Simple"]["Subject"]["Data"],
         "text": mail["Content"]["Simple"]["Body"]["Text"]["Data"]} for mail in sent]


def delivered(stack) -> None:
    queue = stack.resources["DeliverNoticesQueue"]
    eventually(lambda: not waiting(stack, queue), f"the notices are delivered; {stack.log(COURIER)}")


def the_mail(stack) -> dict:
    [mail] = eventually(lambda: mails(stack), "somebody is told")
    delivered(stack)
    assert len(mails(stack)) == 1
    return mail


def test_the_owner_that_a_tag_names_is_told_what_was_done_and_how_to_undo_it(violated):
    stack, entry = violated(tags={"owner": "ann.lead@example.com"})
    mail = the_mail(stack)
    assert (mail["to"], mail["from"]) == (["ann.lead@example.com"], "bailiff@example.com")
    assert mail["subject"] == "Bailiff: user ann: changed and verified (rule user-inline-policy)"
    for said in (
        "delete inline policy own from user ann: done and read back", f'"journalId":"{entry["id"]}"', "bailiff-restore",
        "How to stop it:", "You are told because the tag `owner` of user ann names you."):
        assert said in mail["text"], mail["text"]
    # And before that, of what begins.
    [begun] = [mail for mail in all_mails(stack) if BEGINS in mail["subject"]]
    assert begun["to"] == mail["to"] and "delete inline policy own from user ann: about to be done" in begun["text"]
    assert Counter(call["action"] for call in stack.calls(COURIER)) == dict.fromkeys(
        ("iam:GetUser", "dynamodb:GetItem", "ses:SendEmail", "dynamodb:PutItem"), 2)


@pytest.mark.parametrize("tag", ["eve@evil.com", "ann@example.com+eve@evil.com", "payments team"])
def test_a_tag_that_names_nobody_here_leaves_it_to_the_fallback(violated, tag):
    stack, _ = violated(tags={"owner": tag})
    mail = the_mail(stack)
    assert mail["to"] == ["security@example.com"]
    assert "nobody is known to own it" in mail["text"] and tag not in mail["text"]


def test_without_an_owner_the_accounts_contact_for_security_is_told(violated, emulator, account):
    emulator.seed(account, securityContact={"EmailAddress": "soc@example.com"})
    stack, _ = violated()
    assert the_mail(stack)["to"] == ["soc@example.com"]


def test_a_chat_gets_an_event_with_the_message_that_its_webhook_takes(violated, load_account, invoke):
    stack, _ = violated(mode="audit", configure={"BAILIFF_CHATS": "slack"})
    listener = notices.listen(stack)
    people = load_account(principals.of(principals.with_inline_policy("deploy", path="/payments/")))
    # What a notice says comes from everywhere, quotes and line breaks and all.
    message = {"Records": [{"messageId": "1", "body": json.dumps(a_notice(stack, people, "deploy"))}]}
    assert stack.invoke(COURIER, message).payload == {"batchItemFailures": []}
    [event] = eventually(
        lambda: [event for event in listener.findings() if event["detail-type"] == "Bailiff Notice"], "it is on the bus")
    rule = stack.template["Resources"]["SlackNotices"]["Properties"]
    assert event["detail"]["chat"] in rule["EventPattern"]["detail"]["chat"]
    [target] = rule["Targets"]
    # EventBridge passes on what the path names.
    taken = event
    for part in target["InputPath"].removeprefix("$.").split("."):
        taken = taken[part]
    assert taken.keys() == {"text", "mrkdwn", "unfurl_links"}
    assert 'a "quoted" \\ line with &lt;!channel&gt;' in taken["text"] and taken["text"].count("\n") >= 3
    assert mails(stack) == []


def a_notice(stack, people, name: str) -> dict:
    user = next(user for user in people.dump()["users"] if user["name"] == name)
    arn = configuration.arn(people, name, user["path"])
    iam_user = stack.client("iam").get_user(UserName=name)["User"]
    return {
        "schema": 1, "stack": "bailiff", "entry": "20261122t090000-1a2b3c4d5e6f",
        "resource": {"type": "user", "account": people.account, "name": name, "uniqueId": iam_user["UserId"], "arn": arn},
        "cause": {"kind": "rule", "rule": "user-inline-policy", "annotation": 'a "quoted" \\ line with <!channel>'},
        "remediator": "remove-user-policies", "mode": "enforce", "status": "failed", "summary": "A step failed.",
        "at": "2026-11-22T09:00:00Z"}


def test_a_chat_without_a_webhook_is_no_way_to_lose_a_notice(violated, load_account):
    stack, _ = violated(mode="audit")
    people = load_account(principals.of(principals.with_inline_policy("deploy", path="/payments/")))
    message = {"Records": [{"messageId": "1", "body": json.dumps(a_notice(stack, people, "deploy"))}]}
    assert stack.invoke(COURIER, message).payload == {"batchItemFailures": []}
    [mail] = mails(stack)
    assert mail["to"] == ["security@example.com"] and "was given no webhook of slack" in mail["text"]


def test_a_notice_that_comes_twice_is_told_once(violated):
    stack, entry = violated(tags={"owner": "ann.lead@example.com"})
    the_mail(stack)
    notice = {"schema": 1, "stack": "bailiff", "entry": entry["id"], "resource": entry["plan"]["resource"],
              "cause": entry["cause"], "remediator": entry["remediator"], "mode": "enforce", "status": "verified",
              "summary": "Every step was done and read back.", "at": entry["closed"]}
    for _ in range(2):
        stack.client("sqs").send_message(
            QueueUrl=stack.resources["DeliverNoticesQueue"], MessageBody=json.dumps(notice))
    eventually(lambda: len(stack.calls(COURIER, action="dynamodb:GetItem")) == 4, "both are looked at")
    delivered(stack)
    assert len(mails(stack)) == 1


def test_who_cannot_be_mailed_is_told_by_way_of_the_fallback(violated, emulator, account):
    emulator.fault(account, "ses:SendEmail", "error", code="MessageRejected", status=400, caller=BY_COURIER)
    stack, _ = violated(tags={"owner": "ann.lead@example.com"})
    the_mail(stack)
    [mail] = [mail for mail in all_mails(stack) if mail["to"] == ["security@example.com"]]
    assert "ann.lead@example.com could not be told: ses:SendEmail failed: MessageRejected" in mail["text"]


def test_a_notice_that_reaches_nobody_lies_with_the_dead_letters(violated, emulator, account):
    emulator.fault(
        account, "ses:SendEmail", "error", code="AccessDeniedException", status=403, caller=BY_COURIER, times=None)
    stack, entry = violated(tags={"owner": "ann.lead@example.com"})
    dead = queues.received(stack, stack.resources["DeliverNoticesDeadLetters"], 2, within=90)
    dead = [json.loads(letter["Body"]) for letter in dead]
    assert {(notice["entry"], notice["status"]) for notice in dead} == {(entry["id"], "open"), (entry["id"], "verified")}
    assert "nobody could be told: ses:SendEmail was denied" in stack.log(COURIER)
    assert mails(stack) == []


def test_what_changed_nothing_waits_for_the_digest_and_is_told_once(violated):
    stack, entry = violated(mode="notify", settings=SETTINGS | {"digest": "daily"}, tags={"owner": "ann.lead@example.com"})
    eventually(lambda: stack.calls(COURIER, action="dynamodb:PutItem"), "the notice is put off")
    delivered(stack)
    assert mails(stack) == []
    event = SCHEDULED | {"account": stack.account}
    assert stack.invoke(COURIER, event).payload == {"digests": 1, "notices": 1, "exemptions": 0}
    mail = the_mail(stack)
    assert (mail["to"], mail["subject"]) == (["ann.lead@example.com"], "Bailiff: digest of 1 notice")
    assert entry["id"] in mail["text"] and "planned, nothing changed" in mail["text"]
    assert stack.invoke(COURIER, event).payload == {"digests": 0, "notices": 0, "exemptions": 0}


def test_without_notices_in_the_governance_file_nobody_but_the_topic_is_told_and_it_is_said_once(violated):
    stack, _ = violated(settings=None, tags={"owner": "ann.lead@example.com"})
    eventually(lambda: "nobody-named" in stack.log(COURIER), "it is said")
    delivered(stack)
    assert stack.calls(COURIER) == []


def test_the_owner_of_a_role_is_told_too(bailiff, load_account, invoke):
    stack = bailiff(enforcing("role-trust-public", notices=SETTINGS))
    stack.client("ses").verify_domain_identity(Domain="example.com")
    owned = {"name": "deployer", "trust": WRITTEN, "tags": {"owner": "deploy@example.com"}}
    people = load_account(principals.of(roles=(owned,)))
    answer = invoke(stack, "bailiff-role-trust-public", role_changed(people, "deployer"))
    assert answer.error is None, answer.payload
    mail = the_mail(stack)
    assert mail["to"] == ["deploy@example.com"], mail
    assert "the tag `owner` of role deployer" in mail["text"]


def recorded(account: str, role: str, agent: str) -> dict:
    """CloudTrail's record of somebody who writes ann's policy."""
    return {
        "eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy", "eventTime": "2026-11-22T08:40:00Z",
        "recipientAccountId": account, "userAgent": agent, "readOnly": False,
        "requestParameters": {"userName": "ann", "policyName": "own"},
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:run-7", "accountId": account,
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/run-7",
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLE", "userName": role, "arn": f"arn:aws:iam::{account}:role/{role}"}}}}


def test_whoever_keeps_putting_something_back_is_named(bailiff, load_account, invoke, emulator, account):
    limits = NO_LIMITS | {"actsPerResourceAndDay": 1}
    stack = bailiff(enforcing("user-inline-policy", notices=SETTINGS, limits=limits))
    stack.hasten()
    stack.client("ses").verify_domain_identity(Domain="example.com")
    people = load_account(principals.of(principals.with_inline_policy("ann")))
    emulator.seed(account, recordedCalls=[
        recorded(account, "deploy", "HashiCorp Terraform/1.9"), recorded(account, "bailiff-restore", "bailiff")])
    invoke(stack, RULE, configuration.changed(people, "ann"))
    journal.settled(stack)
    stack.client("iam").put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=NOTHING)
    invoke(stack, RULE, configuration.changed(people, "ann"))
    last = journal.settled(stack)[-1]
    assert last["refusal"]["guard"] == "changed-too-often", last
    [mail] = eventually(
        lambda: [mail for mail in mails(stack) if "Who puts it back" in mail["text"]], "who it is is told")
    assert f"arn:aws:iam::{account}:role/deploy, session run-7: once within a day" in mail["text"]
    assert "managed by Terraform" in mail["text"] and "bailiff-restore" not in mail["text"]
    assert "put-back" in stack.log(COURIER)
    delivered(stack)
