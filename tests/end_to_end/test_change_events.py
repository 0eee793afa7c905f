"""A change event in: the evaluation in Config, the change in IAM, the journal entry, the notice."""

import json

from . import configuration, journal, notices, principals, queues
from .binaries import REPOSITORY
from .eventually import eventually
from .governance_file import enforcing
from .scenario import read
from .two_worlds import deliver

RULE = "bailiff-user-inline-policy"


def test_an_event_ends_in_config_in_iam_in_the_journal_and_in_a_notice(bailiff, load_account, config, account):
    scenario = read("inline-policy")
    stack, people = bailiff(scenario.governance), load_account(scenario.account)
    listener = notices.listen(stack)
    written = scenario.account["users"][0]["inlinePolicies"][0]["document"].replace("111122223333", account)
    event = json.loads(scenario.events[0].read_text())

    answer = deliver(event, "111122223333", stack, config)
    assert answer.payload == {
        "compliant": 0, "nonCompliant": 1, "exempt": 0, "notApplicable": 0, "unknown": 0, "findings": 1, "reported": 1}
    [entry] = journal.settled(stack)

    [result] = config.results(account, RULE).values()
    assert result["Annotation"] == "inline policies: scanner-debug"
    assert result["OrderingTimestamp"] == 1795162180.541
    assert people.dump()["users"][0]["inlinePolicies"] == []
    assert (entry["status"], entry["cause"]) == (
        "verified", {"kind": "rule", "rule": "user-inline-policy", "annotation": "inline policies: scanner-debug"})
    [step] = entry["plan"]["steps"]
    assert step["document"] == written

    [notice] = eventually(listener.notices, "the notice is out")
    assert notice["Subject"].startswith("Bailiff: user mara.lindqvist: changed and verified")
    assert entry["id"] in notice["Message"] and "delete inline policy scanner-debug" in notice["Message"]
    assert notice["MessageAttributes"]["rule"]["Value"] == "user-inline-policy"
    [begun] = listener.begun()
    assert begun["Subject"].startswith("Bailiff: user mara.lindqvist: a change begins") and entry["id"] in begun["Message"]
    [finding] = eventually(listener.findings, "the finding is on the bus")
    assert (finding["detail-type"], finding["detail"]["annotation"]) == (
        "Bailiff Finding", "inline policies: scanner-debug")
    # What the policy says is nobody's business but the journal's.
    assert "scanner-*" not in notice["Message"] + json.dumps(finding) + answer.log + stack.log("remove-user-policies")

    deliver(json.loads(scenario.events[1].read_text()), "111122223333", stack, config)
    assert config.results(account, RULE)[("AWS::IAM::User", "AIDAQ2XH7WMR4TKV5JLCE")]["ComplianceType"] == "COMPLIANT"
    queues.worked_off(stack)
    assert len(journal.entries(stack)) == 1 and len(listener.notices()) == 1


def test_judging_a_change_takes_one_call_of_config_and_none_of_iam(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    assert [call["action"] for call in stack.calls("evaluate-changes")] == ["sqs:SendMessage", "events:PutEvents"]
    assert [call["action"] for call in config.calls(account)] == ["PutEvaluations"]


def test_an_event_that_came_twice_is_one_finding_and_one_action(bailiff, load_account, invoke, account, emulator):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    event = configuration.changed(people, "ann")
    for _ in range(2):
        assert invoke(stack, RULE, event).payload["findings"] == 1
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    assert len(emulator.calls(account, action="iam:DeleteUserPolicy")) == 1


def test_an_old_event_does_not_overwrite_a_newer_verdict(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of({"name": "ann"}))
    invoke(stack, RULE, configuration.changed(people, "ann"))
    old = {"userPolicyList": [{"policyName": "gone", "policyDocument": "%7B%7D"}]}
    item = configuration.item_of(people, "ann", "2020-01-01T00:00:00.000Z")
    item["configuration"] |= old
    event = configuration.changed(people, "ann", **item)
    assert invoke(stack, RULE, event).payload["nonCompliant"] == 1
    assert journal.settled(stack) == []
    [result] = config.results(account, RULE).values()
    assert result["ComplianceType"] == "COMPLIANT"


def test_an_event_that_says_nothing_costs_one_call(bailiff, config, account):
    stack = bailiff(enforcing("user-inline-policy"))
    event = json.loads((REPOSITORY / "events/evaluate-changes/user-not-recorded.json").read_text())
    assert deliver(event, "111122223333", stack, config).error is None
    assert [call["action"] for call in config.calls(account)] == ["PutEvaluations"]
    assert stack.calls("evaluate-changes") == []


def test_an_item_too_large_to_send_is_fetched_as_it_was_captured(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann", "small", "large")))
    captured = "2026-11-20T10:15:14.210Z"
    for seconds, policies in ((1795169714.210, ["small", "large"]), (1795166114.0, [])):
        config.record(account, history_item(people, "ann", seconds, policies))
    answer = invoke(stack, RULE, configuration.oversized(people, "ann", captured))
    assert (answer.error, answer.payload["nonCompliant"]) == (None, 1), answer.payload
    [entry] = journal.settled(stack)
    assert sorted(journal.steps(entry)) == ["DeleteUserPolicy large", "DeleteUserPolicy small"]
    [call] = [call for call in config.calls(account) if call["action"] == "GetResourceConfigHistory"]
    assert call["request"]["resourceId"] == people.unique_id("ann")


def test_an_item_that_history_does_not_have_yet_is_asked_for_again_later(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(principals.of(
        principals.with_inline_policy("ann")))
    answer = invoke(stack, RULE, configuration.oversized(people, "ann", "2026-11-20T10:15:14.210Z"))
    assert answer.payload["errorType"] == "Retryable" and "history" in answer.payload["errorMessage"]
    assert config.calls(account, "PutEvaluations") == []


def history_item(people, user: str, captured: float, policies: list[str]) -> dict:
    """As GetResourceConfigHistory answers: configuration is a string, times are numbers, `arn` is lower-case."""
    item = configuration.item_of(people, user)
    item["configuration"]["userPolicyList"] = [
        policy for policy in item["configuration"]["userPolicyList"] if policy["policyName"] in policies]
    return {
        "version": "1.3", "accountId": item["awsAccountId"], "configurationItemCaptureTime": captured,
        "configurationItemStatus": "OK", "configurationStateId": str(item["configurationStateId"]),
        "arn": item["ARN"], "resourceType": item["resourceType"], "resourceId": item["resourceId"],
        "resourceName": user, "awsRegion": "global", "availabilityZone": "Not Applicable", "tags": {},
        "configuration": json.dumps(item["configuration"]), "supplementaryConfiguration": {}}
