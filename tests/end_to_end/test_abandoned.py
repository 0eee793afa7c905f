"""What a dead worker left open, and no message comes back for: the next sweep has it ended, through the functions' own
roles and queues."""

import json

from . import audit, configuration, journal, notices, principals, queues
from .eventually import eventually
from .governance_file import enforcing, in_mode

RULE = "bailiff-user-inline-policy"
OFF = {"rules": {"user-inline-policy": {"enabled": False}}}


def sweep(stack) -> None:
    event = {
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": stack.account, "time": "2026-11-22T07:00:00Z", "region": "us-east-1",
        "resources": [], "detail": {}}
    answer = stack.invoke("evaluate-account", event)
    assert answer.error is None, answer.payload
    queues.worked_off(stack)


def left_open(stack, entry: dict) -> dict:
    """The entry as its worker left it: open, its principal taken. Of the first version, for the chain knows nothing of it."""
    left = {key: value for key, value in entry.items() if key != "closed"}
    left |= {"id": "20260101t090000-0123456789ab", "schema": 1, "status": "open", "outcomes": [],
             "mode": "enforce", "opened": "2026-01-01T09:00:00Z"}
    resource = entry["plan"]["resource"]
    named = {"entry": left["id"], "resource": resource, "remediator": left["remediator"], "opened": left["opened"]}
    audit.put(stack, {
        "pk": {"S": f"entry#{left['id']}"}, "sk": {"S": "entry"}, "body": {"S": json.dumps(left)}, "schema": {"N": "1"},
        "status": {"S": "open"}})
    audit.put(stack, {"pk": {"S": f"principal#{stack.account}#{resource['uniqueId']}"}, "sk": {"S": "open"},
                      "entry": {"S": left["id"]}})
    audit.put(stack, {"pk": {"S": "open"}, "sk": {"S": resource["uniqueId"]}, "body": {"S": json.dumps(named)},
                      "entry": {"S": left["id"]}})
    return left


def listed(stack) -> list[dict]:
    return [item for item in audit.items(stack) if item["pk"]["S"] == "open"]


def test_an_entry_is_listed_while_it_is_open_and_no_longer(bailiff, load_account, invoke):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(principals.with_inline_policy("ann")))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    [entry] = journal.settled(stack)
    [item] = listed(stack)
    assert (item["entry"]["S"], "expires" in item) == (entry["id"], True)
    sweep(stack)
    assert '"abandoned":0' in stack.log("evaluate-account").replace(" ", "")


def test_what_was_left_open_is_ended_by_the_sweep_though_its_rule_is_off(bailiff, load_account, invoke):
    stack, people = bailiff(in_mode("notify", "user-inline-policy")), load_account(
        principals.of(principals.with_inline_policy("ann")))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    [planned] = journal.settled(stack)
    left = left_open(stack, planned)
    listener = notices.listen(stack)
    for path in {stack.environment(binary)["BAILIFF_GOVERNANCE"] for binary in ("evaluate-account", "remove-user-policies")}:
        with open(path, "w", encoding="utf-8") as file:
            file.write(in_mode("enforce", **OFF))
    for binary in ("evaluate-account", "remove-user-policies"):
        # A function reads the file when it starts.
        stack.configure(binary, RESTARTED="1")
    sweep(stack)
    [closed] = [entry for entry in journal.entries(stack) if entry["id"] == left["id"]]
    assert (closed["status"], closed["refusal"]["guard"]) == ("refused", "no-longer-wanted"), closed
    assert "has this rule off" in closed["refusal"]["why"]
    assert people.dump()["users"][0]["inlinePolicies"]
    told = eventually(lambda: [n for n in listener.notices() if left["id"] in n["Message"]], "people are told")
    assert len(told) == 1
    log = stack.log("evaluate-account").replace(" ", "")
    assert '"abandoned":1' in log and '"handedOver":1' in log
    sweep(stack)
    assert len([n for n in listener.notices() if left["id"] in n["Message"]]) == 1
