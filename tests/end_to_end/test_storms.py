"""A storm of triggers through the template's own queues: everybody handled once, and nothing lost."""

import json
import os
import random
from collections import Counter

from . import journal, principals, queues
from .eventually import eventually
from .governance_file import enforcing
from .test_threats import DETECTOR, exposed

# `BAILIFF_STORM_EVENTS=10000` makes it 500 people, and takes the better part of an hour on two cores.
EVENTS = int(os.environ.get("BAILIFF_STORM_EVENTS", "300"))
PEOPLE = min(500, EVENTS // 10)
REMEDIATOR = "deactivate-access-keys"


def burst(account: str, keys: dict[str, str]) -> list[str]:
    """As many events about each, told in several ways and again, in any order."""
    bodies = []
    for number in range(EVENTS):
        name = f"user-{number % PEOPLE}"
        told = exposed(account, keys[name])
        # A third is the same event once more, a third another event about the same key, a third came up anew.
        told["id"] = f"00000000-0000-4000-8000-{number:012d}"
        if number % 3 == 1:
            told["detail"]["eventArn"] += f"-{number}"
        elif number % 3 == 2:
            told["detail"]["eventTypeCode"] = "AWS_RISK_CREDENTIALS_COMPROMISED"
        bodies.append(json.dumps(told))
    random.Random(EVENTS).shuffle(bodies)
    return bodies


def send(stack, bodies: list[str]) -> None:
    sqs, queue = stack.client("sqs"), stack.resources["DetectThreatsQueue"]
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies[start:start + 10])]
        assert not sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed")


def test_in_a_storm_of_events_everybody_is_handled_once_and_nobody_is_lost(bailiff, load_account, emulator, account):
    stack = bailiff(enforcing("access-key-exposed"))
    names = [f"user-{number}" for number in range(PEOPLE)]
    people = load_account(principals.of(*(principals.unused(name) for name in names), principals.unused("bystander")))
    send(stack, burst(account, {name: people.keys[name][0].id for name in names}))
    events = stack.resources["DetectThreatsQueue"]
    eventually(lambda: queues.waiting(stack, events) == 0, "the events are worked off", within=60 + EVENTS)
    queues.worked_off(stack, within=60 + EVENTS)

    iam = emulator.client("iam", account)
    states = {name: [key["Status"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
              for name in [*names, "bystander"]}
    assert states == {name: ["Inactive"] for name in names} | {"bystander": ["Active"]}
    acts = Counter(entry["plan"]["resource"]["name"] for entry in journal.entries(stack)
                   if entry["cause"]["rule"] == "access-key-exposed" and entry["status"] == "verified")
    assert acts == Counter(names)
    written = [call for call in stack.calls(REMEDIATOR) if call["action"] == "iam:UpdateAccessKey"]
    assert len(written) == PEOPLE
    for lost in (stack.resources["DetectThreatsDeadLetters"], queues.dead_letters_url(stack, REMEDIATOR)):
        assert queues.waiting(stack, lost) == 0
    assert stack.calls(DETECTOR), "nobody heard anything"
