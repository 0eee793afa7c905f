"""Events that no function can make anything of: told what is wrong where, and kept."""

import json
from pathlib import Path

import pytest
import yaml

from . import configuration, journal, principals, queues
from .binaries import REPOSITORY
from .governance_file import enforcing

MALFORMED = REPOSITORY / "events" / "malformed"
COMPLAINTS = yaml.safe_load((Path(__file__).parent / "malformed.yaml").read_text())
EVALUATORS = ("evaluate-changes", "evaluate-account")


@pytest.fixture(scope="module")
def deployed(shared_bailiff):
    """A stack that none of its events leaves a trace in."""
    return shared_bailiff(enforcing("user-inline-policy"))


@pytest.mark.parametrize("binary", EVALUATORS)
def test_a_malformed_event_ends_among_the_failed_invocations_and_its_field_is_named(deployed, config, binary):
    stack = deployed
    events = {path.stem: json.loads(path.read_text()) for path in sorted(MALFORMED.glob("*.json"))}
    assert events.keys() == COMPLAINTS.keys()
    for event in events.values():
        stack.client("lambda").invoke(
            FunctionName=stack.function(binary), InvocationType="Event", Payload=json.dumps(event).encode())
    dead = [json.loads(message["Body"]) for message in queues.received(
        stack, stack.resources["FailedInvocations"], len(events), within=60)]
    told = {
        name: record["responsePayload"] for name, event in events.items() for record in dead
        if record["requestPayload"] == event}
    assert told.keys() == events.keys()
    for name, answer in told.items():
        assert answer["errorType"] == "Permanent", (name, answer)
        assert answer["errorMessage"].startswith(COMPLAINTS[name]), (name, answer)
        assert "sample-result-token" not in answer["errorMessage"]
    assert stack.calls(binary) == [] and config.calls(stack.account) == []
    # A name that is made to look like a log line stays within its own.
    assert all(line.startswith(("{", "START", "END", "REPORT")) for line in stack.log(binary).splitlines())


def test_an_event_at_the_wrong_function_is_told_where_it_belongs(bailiff, load_account, invoke, account):
    stack, people = bailiff(enforcing()), load_account(principals.of({"name": "ann"}))
    # The rules' functions, crossed.
    change, age = stack.rules["bailiff-user-inline-policy"], stack.rules["bailiff-access-key-age"]
    change.function_arn, age.function_arn = age.function_arn, change.function_arn
    answer = invoke(stack, change.name, configuration.changed(people, "ann")).payload
    assert (answer["errorType"], "evaluate-changes" in answer["errorMessage"]) == ("Permanent", True), answer
    answer = invoke(stack, age.name, configuration.scheduled(account)).payload
    assert (answer["errorType"], "evaluate-account" in answer["errorMessage"]) == ("Permanent", True), answer


@pytest.mark.parametrize(("parameters", "complaint"), [
    ({"ruleId": "access-key-agee"}, "did you mean"),
    ({"ruleId": "access-key-age", "maxAccessKeyAge": "ninety"}, "maxAccessKeyAge"),
    ({"ruleId": "access-key-age", "maxKeyAge": "90"}, "maxKeyAge"),
])
def test_rule_parameters_that_mean_nothing_are_told_by_name(deployed, invoke, parameters, complaint):
    event = configuration.scheduled(deployed.account)
    answer = invoke(deployed, "bailiff-access-key-age", event, parameters=parameters).payload
    assert answer["errorType"] == "Permanent" and complaint in answer["errorMessage"], answer
    assert "ruleParameters" in answer["errorMessage"]
    assert deployed.calls("evaluate-account") == []


@pytest.mark.parametrize(("text", "complaint"), [
    ("version: 1\nrules:\n  user-inline-polcy:\n    mode: enforce\n", "user-inline-policy"),
    ("version: 1\nrules: [\n", "line"),
    ("", "version"),
    (None, "cannot be read"),
])
def test_under_a_governance_file_that_cannot_be_read_nothing_is_judged_or_changed(
    bailiff, load_account, invoke, config, emulator, account, text, complaint,
):
    stack, people = bailiff(text if text is not None else "version: 1\n"), load_account(principals.of(principals.with_inline_policy("ann")))
    if text is None:
        for binary in stack.functions:
            stack.configure(binary, BAILIFF_GOVERNANCE="/nonexistent/governance.yaml")
    finding = {
        "schema": 1, "id": "0" * 32, "rule": "user-inline-policy", "annotation": "inline policies: own",
        "seen": "2026-11-22T09:00:00Z", "resource": {
            "type": "user", "account": account, "name": "ann", "uniqueId": people.unique_id("ann"),
            "arn": f"arn:aws:iam::{account}:user/ann"}}
    answers = [
        invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ann")).payload,
        invoke(stack, "bailiff-access-key-age", configuration.scheduled(account)).payload,
        stack.invoke("restore", {"journalId": "plan-0", "requestedBy": "me", "reason": "why"}).payload,
        stack.invoke("remove-user-policies", {"Records": [{
            "messageId": "1", "body": json.dumps(finding), "attributes": {"MessageGroupId": "ann"}}]}).payload,
    ]
    for answer in answers:
        assert answer["errorType"] == "Permanent", answer
        assert answer["errorMessage"].startswith("nothing is judged or changed: the governance file"), answer
        assert complaint in answer["errorMessage"], answer
    assert emulator.calls(account) == [] and config.calls(account) == []
    assert journal.entries(stack) == [] and people.dump() == people.file
