"""Scheduled rules: what a sweep finds, puts right and reports."""

import pytest

from . import configuration, journal, principals
from .emulator.process import ROOT_SECRET, SESSION
from .governance_file import enforcing, in_mode
from .refusals import refusal
from .scenario import read

AGE = "bailiff-access-key-age"


def swept(invoke, stack, rule: str):
    answer = invoke(stack, rule, configuration.scheduled(stack.account))
    assert answer.error is None, answer.payload
    return answer.payload


def test_a_deactivated_key_is_refused_and_its_fresh_neighbour_works(bailiff, load_account, invoke):
    scenario = read("key-age")
    stack, people = bailiff(scenario.governance), load_account(scenario.account)
    stale, fresh = (people.client_of("sts", "svc-invoices", key) for key in (0, 1))
    stale.get_caller_identity()
    swept(invoke, stack, AGE)
    journal.settled(stack)
    assert refusal(stale.get_caller_identity) == "InvalidClientTokenId"
    assert fresh.get_caller_identity()["Arn"].endswith(":user/svc-invoices")


@pytest.mark.parametrize(("name", "rule", "user", "off", "on"), [
    ("key-unused", "bailiff-access-key-unused", "svc-archive", 0, 1),
    ("second-key", "bailiff-user-second-active-key", "svc-rotated", 0, 1),
])
def test_only_the_quiet_key_of_two_is_refused(bailiff, load_account, invoke, name, rule, user, off, on):
    scenario = read(name)
    stack, people = bailiff(scenario.governance), load_account(scenario.account)
    swept(invoke, stack, rule)
    journal.settled(stack)
    assert refusal(people.client_of("sts", user, off).get_caller_identity) == "InvalidClientTokenId"
    people.client_of("sts", user, on).get_caller_identity()


def test_a_user_without_mfa_keeps_working_with_a_key_and_loses_sessions_without_mfa(bailiff, load_account, invoke):
    stack, people = bailiff(enforcing("console-user-without-mfa")), load_account(principals.of(
        {"name": "ann", "loginProfile": {}, "accessKeys": [{}],
         "inlinePolicies": [{"name": "all", "document": principals.ALLOW_ALL}]}))
    own = people.client_of("sts", "ann")
    session = session_of(people, own)
    session("iam").list_users()
    swept(invoke, stack, "bailiff-console-user-without-mfa")
    [entry] = journal.settled(stack)
    assert journal.steps(entry) == ["PutUserPolicy BailiffRequireMfa"]
    people.client_of("iam", "ann").list_users()
    assert refusal(session("iam").list_users) == "AccessDenied"
    session("iam").list_virtual_mfa_devices()


def session_of(people, sts):
    """What GetSessionToken gives without MFA, as a maker of clients."""
    token = sts.get_session_token()["Credentials"]
    return lambda service: people.emulator.client_with(
        service, token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])


def test_the_next_sweep_reports_what_was_put_right_and_asks_for_no_key_twice(bailiff, load_account, invoke, config, account):
    stack, people = bailiff(enforcing("access-key-age")), load_account(principals.of(
        principals.with_old_key("ann"), *(
            # Older than the limit is the user, not the key: only a look at the key tells.
            {"name": name, "created": principals.LONG_AGO, "accessKeys": [
                {"created": "2026-10-01T08:00:00Z", "statusChanged": principals.LATELY}]} for name in ("ben", "cy"))))
    assert swept(invoke, stack, AGE)["nonCompliant"] == 1
    journal.settled(stack)
    looked = len(stack.calls("evaluate-account", action="iam:ListAccessKeys"))
    assert looked >= 2
    assert swept(invoke, stack, AGE)["nonCompliant"] in (0, 1)  # The report may be the one of before.
    assert len(stack.calls("evaluate-account", action="iam:ListAccessKeys")) - looked <= 1


def test_what_is_gone_is_cleared_under_its_own_type(bailiff, load_account, invoke, config, account, emulator):
    stack, people = bailiff(in_mode("audit", AGE.removeprefix("bailiff-"))), load_account(principals.of(
        principals.with_old_key("ann"), {"name": "ben"}))
    left_over = {"ComplianceResourceType": "AWS::IAM::Role", "ComplianceResourceId": "AROAOLDRULEOLDRULE22",
                 "ComplianceType": "COMPLIANT", "OrderingTimestamp": 1_700_000_000}
    root = SESSION.client(
        "config", endpoint_url=config.endpoint, aws_access_key_id=account, aws_secret_access_key=ROOT_SECRET)
    root.put_evaluations(Evaluations=[left_over], ResultToken=config.issue_token(account, AGE))
    swept(invoke, stack, AGE)
    gone = people.unique_id("ann")
    principals.delete(emulator.client("iam", account), "ann")
    # Pages of one, so that clearing begins only once all of them are read.
    config.page_size(account, 1)
    emulator.page_size(account, 1)
    swept(invoke, stack, AGE)
    results = {key: result["ComplianceType"] for key, result in config.results(account, AGE).items()}
    assert results == {
        ("AWS::IAM::User", gone): "NOT_APPLICABLE",
        ("AWS::IAM::User", people.unique_id("ben")): "COMPLIANT",
        ("AWS::IAM::Role", "AROAOLDRULEOLDRULE22"): "NOT_APPLICABLE"}


def test_every_user_is_judged_however_small_the_pages(bailiff, load_account, invoke, config, account, emulator):
    users = [principals.with_old_key(f"user-{number}") for number in range(7)]
    stack, people = bailiff(enforcing("access-key-age")), load_account(principals.of(*users))
    emulator.page_size(account, 2)
    assert swept(invoke, stack, AGE)["nonCompliant"] == 7
    pages = stack.calls("evaluate-account", action="iam:GetAccountAuthorizationDetails")
    assert len(pages) >= 4
    assert [entry["status"] for entry in journal.settled(stack)] == ["verified"] * 7
    assert {user["accessKeys"][0]["status"] for user in people.dump()["users"]} == {"Inactive"}
    assert len(config.results(account, AGE)) == 7


def test_more_than_a_hundred_evaluations_go_in_chunks(bailiff, load_account, invoke, config, account):
    stack = bailiff(in_mode("audit"))
    load_account(principals.of(*({"name": f"user-{number}"} for number in range(101))))
    assert swept(invoke, stack, AGE)["reported"] == 101
    sizes = [len(call["request"]["Evaluations"]) for call in config.calls(account, "PutEvaluations")]
    assert sizes == [100, 1]


def test_a_user_younger_than_the_credential_report_is_asked_for(bailiff, load_account, invoke, account, emulator):
    stack, people = bailiff(in_mode("audit", "console-user-without-mfa")), load_account(principals.of({"name": "ben"}))
    rule = "bailiff-console-user-without-mfa"
    swept(invoke, stack, rule)
    iam = emulator.client("iam", account)
    iam.create_user(UserName="new")
    iam.create_login_profile(UserName="new", Password="Correct-horse-1")
    assert swept(invoke, stack, rule) == {
        "compliant": 1, "nonCompliant": 1, "exempt": 0, "notApplicable": 0, "unknown": 0, "findings": 1, "reported": 2}
    asked = {call["action"] for call in stack.calls("evaluate-account")}
    assert {"iam:GetLoginProfile", "iam:ListMFADevices"} <= asked
