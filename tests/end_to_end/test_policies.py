"""What a customer managed policy says, and what a group has: narrowed by a function of its own, and put back."""

import json

from . import journal, orders
from .binaries import REPOSITORY
from .scenario import read
from .two_worlds import deliver

SWEEP = REPOSITORY / "events" / "evaluate-account" / "reconcile.json"


def test_a_narrowed_policy_and_what_was_detached_come_back(bailiff, load_account, config):
    scenario = read("policy-narrowed")
    stack, people = bailiff(scenario.governance), load_account(scenario.account)
    answer = deliver(json.loads(SWEEP.read_text()), scenario.account["account"], stack, config)
    assert answer.error is None, answer.payload
    done = [entry for entry in journal.settled(stack) if entry["status"] == "verified"]
    assert len(done) == 5, done
    undone = {}
    for entry in done:
        answer = orders.restore(stack, entry["id"])
        assert answer.payload["status"] == "verified", journal.entries(stack)[-1]
        undone[entry["plan"]["resource"]["name"]] = answer.payload["journalId"]
    now, before = people.dump(), people.file
    for kind in ("users", "groups", "roles"):
        assert now[kind] == before[kind]
    documents = {policy["name"]: policy["document"] for policy in before["policies"]}
    assert {policy["name"]: policy["document"] for policy in now["policies"]} == documents

    # An undo of the undo takes again, so that it too looks up who has the policy.
    orders.restored(stack, undone["taken-over"])
    [again] = [policy for policy in people.dump()["policies"] if policy["name"] == "taken-over"]
    assert again["defaultVersion"] == "v1"
