"""Faults hit the action and the caller they were meant for, and nobody else."""

import threading
import time

from ..eventually import eventually

UPDATE = ["iam", "update_access_key", {"UserName": "ann", "AccessKeyId": "KEY", "Status": "Inactive"}]


def prepared(stack):
    iam = stack.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    return key, {"calls": [[*UPDATE[:2], UPDATE[2] | {"AccessKeyId": key}]]}


def status(stack):
    return stack.client("iam").list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["Status"]


def test_throttles_so_many_times_and_then_no_more(sample_stack, emulator, account):
    _, order = prepared(sample_stack)
    emulator.fault(account, "iam:UpdateAccessKey", "throttle", caller="*/bailiff-remediator", times=2)
    errors = [sample_stack.invoke("remediator", order).payload["results"][0].get("error") for _ in range(3)]
    assert errors == ["Throttling", "Throttling", None]
    assert status(sample_stack) == "Inactive"
    calls = sample_stack.calls("remediator", action="iam:UpdateAccessKey")
    assert [(call["injected"], call["error"]) for call in calls] == [
        ("throttle", "Throttling"), ("throttle", "Throttling"), (None, None)]


def test_leaves_other_callers_alone(sample_stack, emulator, account):
    emulator.fault(account, "iam:ListUsers", "server-error", caller="*/bailiff-remediator", times=None)
    assert "result" in sample_stack.invoke("evaluator", {"calls": [["iam", "list_users", {}]]}).payload["results"][0]
    assert emulator.faults(account)[0]["fired"] == 0


def test_refuses_access_in_the_services_own_words(sample_stack, emulator, account):
    emulator.fault(account, "iam:ListUsers", "access-denied")
    emulator.fault(account, "dynamodb:GetItem", "access-denied")
    refused = sample_stack.invoke("evaluator", {"calls": [["iam", "list_users", {}]]}).payload["results"][0]
    assert refused["error"] == "AccessDenied"
    get = ["dynamodb", "get_item", {
        "TableName": sample_stack.resources["Table"], "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}]
    refused, allowed = sample_stack.invoke("remediator", {"calls": [get, get]}).payload["results"]
    assert refused["error"] == "AccessDeniedException"
    assert "result" in allowed


def test_a_change_can_be_made_while_its_maker_is_told_that_it_failed(sample_stack, emulator, account):
    _, order = prepared(sample_stack)
    emulator.fault(account, "iam:UpdateAccessKey", "commit-then-error")
    assert sample_stack.invoke("remediator", order).payload["results"][0]["error"] == "ServiceFailure"
    assert status(sample_stack) == "Inactive"


def test_the_world_can_change_between_a_read_and_a_write(sample_stack, emulator, account):
    key, order = prepared(sample_stack)
    fault = emulator.fault(account, "iam:UpdateAccessKey", "hold", caller="*/bailiff-remediator")
    answers = []
    caller = threading.Thread(target=lambda: answers.append(sample_stack.invoke("remediator", order)))
    caller.start()
    eventually(lambda: emulator.faults(account)[0]["fired"], "the write is on hold")
    time.sleep(0.1)
    assert status(sample_stack) == "Active" and not answers
    sample_stack.client("iam").delete_access_key(UserName="ann", AccessKeyId=key)
    emulator.release(fault)
    caller.join(timeout=20)
    assert answers[0].payload["results"][0]["error"] == "NoSuchEntity"


def test_an_answer_can_come_late_with_its_change_already_made(sample_stack, emulator, account):
    _, order = prepared(sample_stack)
    emulator.fault(account, "iam:UpdateAccessKey", "commit-then-hang", seconds=1)
    answers = []
    caller = threading.Thread(target=lambda: answers.append(sample_stack.invoke("remediator", order)))
    caller.start()
    eventually(lambda: status(sample_stack) == "Inactive", "the change is made")
    assert not answers
    caller.join(timeout=20)
    assert answers[0].payload["results"] == [{"result": {}}]


def test_answers_any_error_from_the_wanted_call_on(sample_stack, emulator, account):
    emulator.fault(account, "iam:ListUsers", "error", code="ExpiredToken", status=403, after=1, times=None)
    listing = ["iam", "list_users", {}]
    results = sample_stack.invoke("evaluator", {"calls": [listing] * 3}).payload["results"]
    assert [result.get("error") for result in results] == [None, "ExpiredToken", "ExpiredToken"]


def test_what_does_not_take_is_answered_as_if_it_had(sample_stack, emulator, account):
    _, order = prepared(sample_stack)
    emulator.fault(account, "iam:UpdateAccessKey", "not-taken")
    assert "error" not in sample_stack.invoke("remediator", order).payload["results"][0]
    assert status(sample_stack) == "Active"
