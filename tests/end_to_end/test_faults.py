"""AWS slow, failing or refusing: tried again, then unknown or failed by name; never half a truth."""

import json

import pytest

from . import audit, configuration, journal, notices, orders, principals, queues
from .eventually import eventually
from .governance_file import enforcing
from .test_abandoned import sweep
from .test_sweeps import swept

RULE = "bailiff-user-inline-policy"
REMEDIATOR = "remove-user-policies"
BY_REMEDIATOR = "*/bailiff-remove-user-policies"


@pytest.fixture
def ann(bailiff, load_account):
    """A stack that enforces, and a user who breaks the rule."""
    return bailiff(enforcing("user-inline-policy")), load_account(principals.of(principals.with_inline_policy("ann")))


def violated(invoke, stack, people) -> None:
    assert invoke(stack, RULE, configuration.changed(people, "ann")).payload["findings"] == 1


@pytest.mark.parametrize("action", ["iam:GetUser", "iam:ListUserPolicies", "iam:DeleteUserPolicy", "dynamodb:TransactWriteItems"])
@pytest.mark.parametrize("kind", ["throttle", "server-error"])
def test_what_fails_once_is_tried_again(ann, invoke, emulator, account, action, kind):
    stack, people = ann
    emulator.fault(account, action, kind, caller=BY_REMEDIATOR)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    assert people.dump()["users"][0]["inlinePolicies"] == []
    assert emulator.faults(account)[0]["fired"] == 1


def test_two_throttles_are_survived(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "iam:DeleteUserPolicy", "throttle", times=2)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    statuses = [call["error"] for call in emulator.calls(account, action="iam:DeleteUserPolicy")]
    assert statuses == ["Throttling", "Throttling", None]


def test_a_read_throttled_for_good_is_unknown_comes_back_and_ends_among_the_dead(ann, invoke, emulator, account):
    stack, people = ann
    queues.give_up_after(stack, REMEDIATOR, 2)
    stack.hasten()
    emulator.fault(account, "iam:ListUserPolicies", "throttle", caller=BY_REMEDIATOR, times=None)
    violated(invoke, stack, people)
    [message] = queues.received(stack, queues.dead_letters_url(stack, REMEDIATOR), 1, within=90)
    assert "inline policies: own" in message["Body"]
    [entry] = journal.entries(stack)
    assert (entry["status"], entry["outcomes"]) == ("unknown", [])
    assert entry["refusal"]["unread"] == {"read": "ListUserPolicies", "why": "throttled"} | {
        key: value for key, value in entry["refusal"]["unread"].items() if key == "detail"}
    assert emulator.calls(account, action="iam:DeleteUserPolicy") == [] and people.dump() == people.file
    # Delivered twice, and each time tried more than once.
    assert len(emulator.calls(account, action="iam:ListUserPolicies")) >= 4


def test_a_read_that_is_denied_is_unknown_and_nothing_is_written(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "iam:ListUserPolicies", "access-denied", caller=BY_REMEDIATOR, times=None)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert (entry["status"], entry["refusal"]["guard"]) == ("unknown", "unknown-fact")
    assert entry["refusal"]["unread"]["why"] == "denied"
    assert "iam:ListUserPolicies" in stack.log(REMEDIATOR)
    assert len(emulator.calls(account, action="iam:ListUserPolicies")) == 1
    assert people.dump() == people.file


def test_a_write_that_is_denied_is_failed_and_the_missing_action_is_named(ann, invoke, emulator, account):
    stack, people = ann
    listener = notices.listen(stack)
    emulator.fault(account, "iam:DeleteUserPolicy", "access-denied", times=None)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert (entry["status"], journal.results(entry)) == ("failed", ["failed"])
    assert "lacks `iam:DeleteUserPolicy`" in entry["outcomes"][0]["why"]
    assert entry["closed"] and people.dump() == people.file
    [notice] = eventually(listener.notices, "the failure is told")
    assert notice["MessageAttributes"]["status"]["Value"] == "failed" and "iam:DeleteUserPolicy" in notice["Message"]
    # What the alarm counts.
    assert '"failed":1' in stack.log(REMEDIATOR)


def test_a_write_that_was_made_and_denied_by_its_answer_is_verified(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "iam:DeleteUserPolicy", "commit-then-error")
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert (entry["status"], journal.results(entry)) == ("verified", ["verified"])
    assert people.dump()["users"][0]["inlinePolicies"] == []


def test_an_entry_whose_closing_was_made_and_denied_by_its_answer_is_closed_once(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "dynamodb:TransactWriteItems", "commit-then-error", times=2)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified"
    assert len(emulator.calls(account, action="iam:DeleteUserPolicy")) == 1


def test_a_rule_that_can_tell_nobody_changes_nothing_until_it_can(ann, invoke, emulator, account):
    stack, people = ann
    # Whoever takes the entry over takes its worker for dead after half a minute.
    stack.hasten(35)
    listener = notices.listen(stack)
    emulator.fault(account, "sns:Publish", "access-denied", times=None)
    violated(invoke, stack, people)
    eventually(lambda: '"untold":1' in stack.log(REMEDIATOR), "the failure is counted")
    [entry] = journal.entries(stack)
    assert entry["status"] == "open" and people.dump() == people.file
    emulator.clear_faults(account)
    queues.worked_off(stack, within=150)
    [entry] = journal.entries(stack)
    assert entry["status"] == "verified" and people.dump()["users"][0]["inlinePolicies"] == []
    assert len(listener.begun()) == 1


def test_how_an_order_ended_is_told_by_the_sweep_where_nobody_could_be_told_then(ann, emulator, account):
    stack, people = ann
    listener = notices.listen(stack)
    emulator.fault(account, "sns:Publish", "access-denied", times=None)
    answer = orders.suspend(stack, configuration.arn(people, "ann"))
    assert answer.error is None and answer.payload["status"] == "verified", answer.payload
    [entry] = journal.entries(stack)
    emulator.clear_faults(account)
    [untold] = [item for item in audit.items(stack) if item["sk"]["S"] == f"untold#{entry['id']}"]
    # Of what has just ended a sweep hands nothing over.
    long_ago = json.loads(untold["body"]["S"]) | {"opened": "2026-01-01T09:00:00Z"}
    audit.put(stack, untold | {"body": {"S": json.dumps(long_ago)}})
    for _ in range(2):
        sweep(stack)
    told = [notice for notice in listener.notices() if entry["id"] in notice["Message"]]
    assert [notice["MessageAttributes"]["status"]["Value"] for notice in told] == ["verified"]


def test_a_copy_that_cannot_be_announced_does_not_stop_the_finding(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "events:PutEvents", "access-denied", times=None)
    violated(invoke, stack, people)
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified" and "not-announced" in stack.log("evaluate-changes")


def test_a_finding_that_cannot_be_sent_fails_the_invocation_and_config_is_told_nothing(ann, invoke, config, emulator, account):
    stack, people = ann
    emulator.fault(account, "sqs:SendMessage", "access-denied", caller="*/bailiff-evaluate-changes", times=None)
    answer = invoke(stack, RULE, configuration.changed(people, "ann")).payload
    assert answer["errorType"] == "Permanent" and "sqs:SendMessage was denied" in answer["errorMessage"], answer
    # NON_COMPLIANT without a finding on its way would look handled.
    assert config.calls(account, "PutEvaluations") == []


def test_a_journal_that_cannot_be_written_stops_the_write_to_iam(ann, invoke, emulator, account):
    stack, people = ann
    emulator.fault(account, "dynamodb:TransactWriteItems", "access-denied", times=None)
    violated(invoke, stack, people)
    [message] = queues.received(stack, queues.dead_letters_url(stack, REMEDIATOR), 1)
    assert "was denied" in queues.reason(message)
    assert emulator.calls(account, action="iam:DeleteUserPolicy") == [] and people.dump() == people.file


def test_evaluations_that_config_does_not_take_are_sent_again(ann, invoke, config, account):
    stack, people = ann
    config.fail_evaluations(account, people.unique_id("ann"), times=2)
    violated(invoke, stack, people)
    assert len(config.calls(account, "PutEvaluations")) == 3
    assert len(config.results(account, RULE)) == 1


def test_evaluations_that_config_never_takes_fail_the_invocation(ann, invoke, config, account):
    stack, people = ann
    config.fail_evaluations(account, people.unique_id("ann"), times=99)
    answer = invoke(stack, RULE, configuration.changed(people, "ann")).payload
    assert answer["errorType"] == "Retryable" and "did not take 1 of 1 evaluations" in answer["errorMessage"], answer


def test_a_throttled_config_is_asked_again(ann, invoke, config, account):
    stack, people = ann
    config.throttle(account, times=2)
    violated(invoke, stack, people)
    assert [call["error"] for call in config.calls(account)] == ["ThrottlingException", "ThrottlingException", None]


def test_a_sweep_without_the_credential_report_calls_nobody_compliant(bailiff, load_account, invoke, config, emulator, account):
    stack = bailiff(enforcing("access-key-age"))
    people = load_account(principals.of(principals.with_old_key("ann"), {"name": "ben"}))
    emulator.fault(account, "iam:GetCredentialReport", "access-denied", times=None)
    answer = swept(invoke, stack, "bailiff-access-key-age")
    assert (answer["unknown"], answer["compliant"], answer["findings"]) == (2, 0, 0), answer
    assert config.results(account, "bailiff-access-key-age") == {}
    assert people.dump() == people.file


def test_a_sweep_cut_off_in_the_middle_clears_nothing(bailiff, load_account, invoke, config, emulator, account):
    rule = "bailiff-access-key-age"
    stack = bailiff(enforcing())
    load_account(principals.of(*({"name": f"user-{number}"} for number in range(4))))
    swept(invoke, stack, rule)
    standing = config.results(account, rule)
    emulator.page_size(account, 1)
    emulator.fault(account, "iam:GetAccountAuthorizationDetails", "access-denied", after=2, times=None)
    answer = invoke(stack, rule, configuration.scheduled(account)).payload
    assert answer["errorType"] == "Permanent" and "iam:GetAccountAuthorizationDetails" in answer["errorMessage"], answer
    assert {key: result["ComplianceType"] for key, result in config.results(account, rule).items()} == {
        key: result["ComplianceType"] for key, result in standing.items()}
