"""The Config stand-in refuses what AWS Config refuses."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ..emulator.process import ONE_TRY, ROOT_SECRET, SESSION

RULE = "bailiff-user-inline-policy"
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def evaluation(resource="AIDAEXAMPLE", compliance="NON_COMPLIANT", at=NOW, **more):
    return {"ComplianceResourceType": "AWS::IAM::User", "ComplianceResourceId": resource,
            "ComplianceType": compliance, "OrderingTimestamp": at} | more


@pytest.fixture
def client(config, account):
    """The account's root, whose client sends what the stand-in must refuse."""
    return SESSION.client(
        "config", endpoint_url=config.endpoint, aws_access_key_id=account, aws_secret_access_key=ROOT_SECRET,
        config=ONE_TRY.merge(Config(parameter_validation=False)))


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_takes_a_hundred_evaluations_a_call_and_no_more(config, client, account):
    token = config.issue_token(account, RULE)
    many = [evaluation(f"AIDA{number}") for number in range(101)]
    assert refusal(client.put_evaluations, Evaluations=many, ResultToken=token) == "ValidationException"
    assert client.put_evaluations(Evaluations=many[:100], ResultToken=token)["FailedEvaluations"] == []
    assert client.put_evaluations(Evaluations=many[100:], ResultToken=token)["FailedEvaluations"] == []
    assert client.put_evaluations(Evaluations=[], ResultToken=token)["FailedEvaluations"] == []
    assert len(config.results(account, RULE)) == 101
    assert [call["error"] for call in config.calls(account)] == ["ValidationException", None, None, None]


def test_refuses_a_token_that_was_never_issued_or_is_used_up(config, client, account):
    token = config.issue_token(account, RULE)
    config.close_token(account, token)
    for text in (token, "TESTMODE", ""):
        answer = refusal(client.put_evaluations, Evaluations=[evaluation()], ResultToken=text)
        assert answer == "InvalidResultTokenException"
    client.put_evaluations(Evaluations=[evaluation()], ResultToken="anything", TestMode=True)
    assert config.results(account, RULE) == {}


@pytest.mark.parametrize(("broken", "code"), [
    ({"Annotation": ""}, "ValidationException"),
    ({"Annotation": "x" * 257}, "ValidationException"),
    ({"ComplianceType": "INSUFFICIENT_DATA"}, "InvalidParameterValueException"),
    ({"ComplianceType": "FINE"}, "ValidationException"),
    ({"ComplianceResourceId": "x" * 769}, "ValidationException"),
    ({"ComplianceResourceId": ""}, "ValidationException"),
    ({"ComplianceResourceType": "x" * 257}, "ValidationException"),
    ({"OrderingTimestamp": None}, "ValidationException"),
])
def test_refuses_an_evaluation_that_breaks_a_limit(config, client, account, broken, code):
    token = config.issue_token(account, RULE)
    whole = evaluation() | broken
    sent = {member: value for member, value in whole.items() if value is not None}
    answer = refusal(client.put_evaluations, Evaluations=[sent], ResultToken=token)
    assert answer == code
    assert config.results(account, RULE) == {}


def test_an_older_evaluation_does_not_win(config, client, account):
    token = config.issue_token(account, RULE)
    client.put_evaluations(Evaluations=[evaluation()], ResultToken=token)
    older = evaluation(compliance="COMPLIANT", at=NOW - timedelta(seconds=1))
    client.put_evaluations(Evaluations=[older], ResultToken=token)
    standing = config.results(account, RULE)["AWS::IAM::User", "AIDAEXAMPLE"]
    assert standing["ComplianceType"] == "NON_COMPLIANT"


def test_fails_throttles_and_breaks_down_when_told(config, client, account):
    token = config.issue_token(account, RULE)
    config.fail_evaluations(account, "AIDA1")
    both = [evaluation("AIDA1"), evaluation("AIDA2")]
    failed = client.put_evaluations(Evaluations=both, ResultToken=token)["FailedEvaluations"]
    assert [each["ComplianceResourceId"] for each in failed] == ["AIDA1"]
    assert client.put_evaluations(Evaluations=failed, ResultToken=token)["FailedEvaluations"] == []
    config.throttle(account)
    assert refusal(client.put_evaluations, Evaluations=[], ResultToken=token) == "ThrottlingException"
    config.break_down(account, after_commit=True)
    assert refusal(client.put_evaluations, Evaluations=[evaluation("AIDA3")], ResultToken=token) == "InternalError"
    assert ("AWS::IAM::User", "AIDA3") in config.results(account, RULE)


def test_history_respects_the_later_time(config, client, account):
    def item(at, status):
        return {"resourceType": "AWS::IAM::User", "resourceId": "AIDA1", "resourceName": "ann",
                "configurationItemCaptureTime": at.timestamp(), "configurationItemStatus": status,
                "configuration": '{"userName":"ann"}'}

    config.record(account, item(NOW, "ResourceDiscovered"), item(NOW + timedelta(days=1), "OK"))
    wanted = {"resourceType": "AWS::IAM::User", "resourceId": "AIDA1", "limit": 1}
    [found] = client.get_resource_config_history(**wanted, laterTime=NOW)["configurationItems"]
    assert found["configurationItemStatus"] == "ResourceDiscovered"
    assert client.get_resource_config_history(
        **wanted, laterTime=NOW - timedelta(days=1))["configurationItems"] == []
    assert refusal(
        client.get_resource_config_history, resourceType="AWS::IAM::User", resourceId="AIDA9",
    ) == "ResourceNotDiscoveredException"


def test_compliance_details_come_in_pages(config, client, account):
    token = config.issue_token(account, RULE)
    client.put_evaluations(ResultToken=token, Evaluations=[
        *(evaluation(f"AIDA{number}") for number in range(5)), evaluation("AIDA9", "NOT_APPLICABLE")])
    config.page_size(account, 2)
    pages = list(client.get_paginator("get_compliance_details_by_config_rule").paginate(ConfigRuleName=RULE, Limit=100))
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 2, 1]
    assert refusal(
        client.get_compliance_details_by_config_rule, ConfigRuleName="other") == "NoSuchConfigRuleException"
    assert refusal(
        client.get_compliance_details_by_config_rule, ConfigRuleName=RULE, Limit=101) == "ValidationException"


def test_a_rule_function_is_invoked_with_a_token_for_that_invocation(config, sample_stack, invoke, account):
    report = {"calls": [["config", "put_evaluations", {"Evaluations": [], "ResultToken": "made up"}]]}
    answer = invoke(sample_stack, RULE, {"messageType": "ScheduledNotification"}, **report)
    assert answer.payload["results"][0]["error"] == "InvalidResultTokenException"
    [call] = config.calls(account, "PutEvaluations")
    assert call["role"] == "bailiff-evaluator"
    assert config.results(account, RULE) == {}


def test_a_role_without_the_action_cannot_report(config, sample_stack, account):
    token = config.issue_token(account, RULE)
    answer = sample_stack.invoke("remediator", {
        "calls": [["config", "put_evaluations", {"Evaluations": [], "ResultToken": token}]]})
    assert answer.payload["results"][0]["error"] == "AccessDeniedException"
