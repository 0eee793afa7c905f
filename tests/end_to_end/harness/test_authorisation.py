"""The emulator refuses what AWS refuses."""

import json

import pytest
from botocore.exceptions import ClientError

ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DENY_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def refusal(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def administrator(emulator, account):
    """A user who may do everything, and their key."""
    iam = emulator.client("iam", account)
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    return iam.create_access_key(UserName="ann")["AccessKey"]


def test_refuses_a_wrong_signature(emulator, administrator):
    wrong = emulator.client_with("iam", administrator["AccessKeyId"], "x" * 40)
    assert refusal(wrong.list_users) == "SignatureDoesNotMatch"


def test_refuses_an_inactive_key_and_takes_it_back_once_active(emulator, account, administrator):
    iam = emulator.client("iam", account)
    own = emulator.client_with("iam", administrator["AccessKeyId"], administrator["SecretAccessKey"])
    own.list_users()
    iam.update_access_key(UserName="ann", AccessKeyId=administrator["AccessKeyId"], Status="Inactive")
    assert refusal(own.list_users) == "InvalidClientTokenId"
    iam.update_access_key(UserName="ann", AccessKeyId=administrator["AccessKeyId"], Status="Active")
    own.list_users()


@pytest.mark.parametrize("way", ["managed", "inline", "boundary"])
def test_a_deny_in_any_kind_of_policy_wins(emulator, account, administrator, way):
    iam = emulator.client("iam", account)
    own = emulator.client_with("sqs", administrator["AccessKeyId"], administrator["SecretAccessKey"])
    own.list_queues()
    arn = iam.create_policy(PolicyName="quarantine", PolicyDocument=json.dumps(DENY_ALL))["Policy"]["Arn"]
    if way == "managed":
        iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    elif way == "inline":
        iam.put_user_policy(UserName="ann", PolicyName="quarantine", PolicyDocument=json.dumps(DENY_ALL))
    else:
        iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    assert "AccessDenied" in refusal(own.list_queues)


def test_a_session_from_before_a_moment_can_be_revoked(emulator, account):
    iam, sts = emulator.client("iam", account), emulator.client("sts", account)
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName="deployer", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    credentials = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="old")["Credentials"]
    session = emulator.client_with(
        "iam", credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    session.list_users()
    revoke = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}}}]}
    iam.put_role_policy(RoleName="deployer", PolicyName="revoke", PolicyDocument=json.dumps(revoke))
    assert refusal(session.list_users) == "AccessDenied"


def test_an_assumed_role_may_do_what_its_role_may_and_no_more(emulator, account):
    iam, sts = emulator.client("iam", account), emulator.client("sts", account)
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="reading", PolicyDocument=json.dumps(reading))
    credentials = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me")["Credentials"]
    own = emulator.client_with(
        "iam", credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    own.list_users()
    assert refusal(own.list_roles) == "AccessDenied"


@pytest.mark.parametrize(("service", "method", "arguments", "action"), [
    ("dynamodb", "get_item", {"TableName": "t", "Key": {"pk": {"S": "a"}}}, "dynamodb:GetItem"),
    ("sqs", "list_queues", {}, "sqs:ListQueues"),
    ("sns", "list_topics", {}, "sns:ListTopics"),
    ("events", "list_event_buses", {}, "events:ListEventBuses"),
    ("lambda", "list_functions", {}, "lambda:ListFunctions"),
])
def test_checks_every_service_that_bailiff_calls(emulator, account, service, method, arguments, action):
    iam = emulator.client("iam", account)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    own = emulator.client_with(service, key["AccessKeyId"], key["SecretAccessKey"])
    assert refusal(getattr(own, method), **arguments) in {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
    [call] = emulator.calls(account)
    assert (call["action"], call["status"] // 100) == (action, 4)
    assert call["caller"] == f"arn:aws:iam::{account}:user/nobody"
