"""A storm of triggers through the template's own queues: everybody handled once, and nothing lost."""

import json
import os
import random
import time
from collections import Counter

import yaml

from . import journal, queues
from .governance_file import NO_LIMITS
from .principals import of
from .test_threats import DETECTOR, exposed

# `BAILIFF_STORM_EVENTS=10000` makes it 500 people, and takes half an hour on two cores.
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


def alone(rule: str) -> str:
    """That rule enforced and all others off: what is counted is the storm's."""
    everything = yaml.safe_load((queues.REPOSITORY / "governance" / "governance.yaml").read_text())["rules"]
    rules = {other: {"enabled": False} for other in everything} | {rule: {"mode": "enforce"}}
    return yaml.safe_dump({"version": 1, "limits": NO_LIMITS, "rules": rules}, sort_keys=False)


def worked_off(stack, *watched: str, patience: float = 120) -> None:
    """Wait until the queues are empty, for as long as they get emptier."""
    least, since = None, time.monotonic()
    while left := sum(queues.waiting(stack, queue) for queue in watched):
        if least is None or left < least:
            least, since = left, time.monotonic()
        assert time.monotonic() - since < patience, f"{left} messages wait, and no fewer for {patience} s"
        time.sleep(0.5)


def send(stack, bodies: list[str]) -> None:
    sqs, queue = stack.client("sqs"), stack.resources["DetectThreatsQueue"]
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies[start:start + 10])]
        assert not sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed")


def test_in_a_storm_of_events_everybody_is_handled_once_and_nobody_is_lost(bailiff, load_account, emulator, account):
    stack = bailiff(alone("access-key-exposed"))
    names = [f"user-{number}" for number in range(PEOPLE)]
    people = load_account(of(*({"name": name, "accessKeys": [{}]} for name in [*names, "bystander"])))
    send(stack, burst(account, {name: people.keys[name][0].id for name in names}))
    worked_off(stack, stack.resources["DetectThreatsQueue"])
    worked_off(stack, queues.url(stack, REMEDIATOR))

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
