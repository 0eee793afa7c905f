"""Each function does all that its role grants, and is refused everything else."""

import json

import pytest

from . import privileges
from .governance_file import in_mode
from .queues import REMEDIATORS
from .refusals import refusal

# Granted for the day when SQS, Lambda or the log ask for them on a function's behalf; nobody records that here.
UNSEEN = privileges.BY_THE_EVENT_SOURCE | privileges.BY_THE_LOGGER
FUNCTIONS = ("evaluate-changes", "evaluate-account", *REMEDIATORS, "restore", "deliver-notices", "receive-directory-change")
IAM_USER = {"UserName": "ann"}
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


@pytest.fixture(scope="module")
def acting_as(shared_bailiff, emulator, shared_account):
    """`acting_as(binary)`: a maker of clients in a session of the function's role, in a stack where ann lives."""
    stack, account = shared_bailiff(in_mode("audit")), shared_account
    iam = emulator.client("iam", account)
    iam.create_user(UserName="ann")
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=DENY.replace('"Resource":"*"', '"Principal":"*"').replace(
        '"Action":"*"', '"Action":"sts:AssumeRole"'))
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}

    def acting_as(binary: str):
        role = stack.role(binary)
        # Who may take the role changes for the test; what the role may do does not.
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
        token = emulator.client("sts", account).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="somebody")["Credentials"]
        return lambda service: emulator.client_with(
            service, token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])

    acting_as.stack = stack
    return acting_as


WRITES = {
    "iam:UpdateAccessKey": ("update_access_key", IAM_USER | {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}),
    "iam:UpdateSSHPublicKey": ("update_ssh_public_key", IAM_USER | {
        "SSHPublicKeyId": "APKAIOSFODNN7EXAMPLE", "Status": "Inactive"}),
    "iam:UpdateServiceSpecificCredential": ("update_service_specific_credential", IAM_USER | {
        "ServiceSpecificCredentialId": "ACCAIOSFODNN7EXAMPLE", "Status": "Inactive"}),
    "iam:UpdateSigningCertificate": ("update_signing_certificate", IAM_USER | {
        "CertificateId": "TA7SMP42TDN5Z26OBPJE7EXAMPLE", "Status": "Inactive"}),
    "iam:DeleteUserPolicy": ("delete_user_policy", IAM_USER | {"PolicyName": "own"}),
    "iam:DetachUserPolicy": ("detach_user_policy", IAM_USER | {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    "iam:AttachUserPolicy": ("attach_user_policy", IAM_USER | {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    "iam:PutUserPolicy": ("put_user_policy", IAM_USER | {"PolicyName": "own", "PolicyDocument": DENY}),
    "iam:DeleteLoginProfile": ("delete_login_profile", IAM_USER),
    "iam:PutUserPermissionsBoundary": ("put_user_permissions_boundary", IAM_USER | {
        "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    "iam:DeleteUserPermissionsBoundary": ("delete_user_permissions_boundary", IAM_USER),
    "iam:AttachRolePolicy": ("attach_role_policy", {
        "RoleName": "deployer", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    "iam:DetachRolePolicy": ("detach_role_policy", {
        "RoleName": "deployer", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    "iam:PutRolePolicy": ("put_role_policy", {"RoleName": "deployer", "PolicyName": "own", "PolicyDocument": DENY}),
    "iam:DeleteRolePolicy": ("delete_role_policy", {"RoleName": "deployer", "PolicyName": "own"}),
    "iam:PutRolePermissionsBoundary": ("put_role_permissions_boundary", {
        "RoleName": "deployer", "PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    "iam:DeleteRolePermissionsBoundary": ("delete_role_permissions_boundary", {"RoleName": "deployer"}),
    "iam:TagUser": ("tag_user", IAM_USER | {"Tags": [{"Key": "team", "Value": "admins"}]}),
    "iam:UntagUser": ("untag_user", IAM_USER | {"TagKeys": ["team"]}),
    "iam:TagRole": ("tag_role", {"RoleName": "deployer", "Tags": [{"Key": "team", "Value": "admins"}]}),
    "iam:UntagRole": ("untag_role", {"RoleName": "deployer", "TagKeys": ["team"]}),
    "iam:CreateUser": ("create_user", {"UserName": "eve"}),
    "iam:CreateAccessKey": ("create_access_key", IAM_USER),
    "iam:CreateLoginProfile": ("create_login_profile", IAM_USER | {"Password": "Correct-horse-1"}),
    "iam:UpdateAssumeRolePolicy": ("update_assume_role_policy", {"RoleName": "deployer", "PolicyDocument": DENY}),
    "iam:UpdateRole": ("update_role", {"RoleName": "deployer", "MaxSessionDuration": 3600}),
    "iam:CreatePolicyVersion": ("create_policy_version", {
        "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "PolicyDocument": DENY, "SetAsDefault": True}),
    "iam:UpdateAccountPasswordPolicy": ("update_account_password_policy", {"MinimumPasswordLength": 6}),
    "iam:DeleteAccountPasswordPolicy": ("delete_account_password_policy", {}),
    "iam:AddUserToGroup": ("add_user_to_group", IAM_USER | {"GroupName": "admins"}),
    "iam:DeleteUser": ("delete_user", IAM_USER),
    "iam:ListUsers": ("list_users", {}),
}
# Bound to the quarantine policy or its tag by a condition: with any other they are refused although granted.
BOUND = {
    "suspend-principal": {"iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:PutUserPermissionsBoundary",
                          "iam:PutRolePermissionsBoundary", "iam:TagUser", "iam:TagRole"},
    "restore": {"iam:DetachRolePolicy", "iam:TagUser", "iam:UntagUser", "iam:TagRole", "iam:UntagRole"},
}


@pytest.mark.parametrize("binary", FUNCTIONS)
def test_a_function_that_tries_what_it_is_not_granted_is_refused(acting_as, binary):
    iam = acting_as(binary)("iam")
    granted = privileges.granted(acting_as.stack, binary) - BOUND.get(binary, set())
    tried = {action: call for action, call in WRITES.items() if action not in granted}
    assert len(tried) >= 10
    assert {action: refusal(getattr(iam, method), **arguments) for action, (method, arguments) in tried.items()} == (
        dict.fromkeys(tried, "AccessDenied"))


@pytest.mark.parametrize("binary", ["suspend-principal", "restore"])
def test_bailiffs_own_roles_are_out_of_its_reach(acting_as, binary):
    iam, stack = acting_as(binary)("iam"), acting_as.stack
    quarantine = stack.environment(binary)["BAILIFF_QUARANTINE_POLICY"]
    for role in map(stack.role, FUNCTIONS):
        for method, arguments in (
            ("attach_role_policy", {"PolicyArn": quarantine}), ("detach_role_policy", {"PolicyArn": quarantine}),
            ("put_role_policy", {"PolicyName": "own", "PolicyDocument": DENY}),
            ("delete_role_policy", {"PolicyName": role.removeprefix("bailiff-")}),
            ("put_role_permissions_boundary", {"PermissionsBoundary": quarantine}),
        ):
            assert refusal(getattr(iam, method), RoleName=role, **arguments) == "AccessDenied"


def test_a_change_can_ask_only_those_who_put_right_what_changes(acting_as):
    stack = acting_as.stack
    sqs = acting_as("evaluate-changes")("sqs")
    message = {"MessageBody": "{}", "MessageGroupId": "a", "MessageDeduplicationId": "a"}
    for queue in ("DeactivateAccessKeysQueue", "SuspendPrincipalQueue"):
        assert "AccessDenied" in refusal(sqs.send_message, QueueUrl=stack.resources[queue], **message)


def test_an_evaluator_reaches_no_item_of_the_journal_but_what_sweeps_remember(acting_as):
    stack = acting_as.stack
    table = stack.resources["Journal"]
    dynamodb = acting_as("evaluate-account")("dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "keys"}, "sk": {"S": "part#9"}})
    for pk in ("entry#one", f"principal#{stack.account}#AIDAEXAMPLEEXAMPLE000", "keys#", "key", "open"):
        item = {"pk": {"S": pk}, "sk": {"S": "entry"}}
        assert refusal(dynamodb.put_item, TableName=table, Item=item) == "AccessDeniedException"
        assert refusal(dynamodb.get_item, TableName=table, Key=item) == "AccessDeniedException"
        put = {"Put": {"TableName": table, "Item": item}}
        assert refusal(dynamodb.transact_write_items, TransactItems=[put]) == "AccessDeniedException"


@pytest.mark.parametrize("binary", [*REMEDIATORS, "restore"])
def test_a_remediator_reaches_entries_and_principals_of_its_own_account_alone(acting_as, binary):
    stack = acting_as.stack
    table = stack.resources["Journal"]
    dynamodb = acting_as(binary)("dynamodb")
    dynamodb.get_item(TableName=table, Key={"pk": {"S": "entry#none"}, "sk": {"S": "entry"}})
    for pk in ("keys", "principal#444455556666#AIDAEXAMPLEEXAMPLE000"):
        item = {"pk": {"S": pk}, "sk": {"S": "part#0"}}
        assert refusal(dynamodb.put_item, TableName=table, Item=item) == "AccessDeniedException"
        entry = {"pk": {"S": "entry#one"}, "sk": {"S": "entry"}}
        together = [{"Put": {"TableName": table, "Item": each}} for each in (entry, item)]
        assert refusal(dynamodb.transact_write_items, TransactItems=together) == "AccessDeniedException"


def test_who_delivers_notices_reaches_no_item_of_the_journal_but_what_was_told(acting_as):
    stack = acting_as.stack
    table = stack.resources["Journal"]
    dynamodb = acting_as("deliver-notices")("dynamodb")
    for pk in ("digest", "told#one#verified"):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": "ann@example.com"}})
    for pk in ("entry#one", "chain", "switch", "keys", f"principal#{stack.account}#AIDAEXAMPLEEXAMPLE000", "digests"):
        item = {"pk": {"S": pk}, "sk": {"S": "entry"}}
        assert refusal(dynamodb.put_item, TableName=table, Item=item) == "AccessDeniedException"
        assert refusal(dynamodb.get_item, TableName=table, Key=item) == "AccessDeniedException"


def test_a_remediator_reaches_no_queue_but_its_own_dead_letters(acting_as):
    stack = acting_as.stack
    for name in REMEDIATORS:
        sqs = acting_as(name)("sqs")
        for other in set(REMEDIATORS) - {name}:
            camel = "".join(word.capitalize() for word in other.split("-"))
            for queue in (f"{camel}Queue", f"{camel}DeadLetters"):
                assert "AccessDenied" in refusal(
                    sqs.send_message, QueueUrl=stack.resources[queue], MessageBody="{}", MessageGroupId="a",
                    MessageDeduplicationId="a")
        # A remediator that could write findings could set itself to work.
        camel = "".join(word.capitalize() for word in name.split("-"))
        assert "AccessDenied" in refusal(
            sqs.send_message, QueueUrl=stack.resources[f"{camel}Queue"], MessageBody="{}", MessageGroupId="a",
            MessageDeduplicationId="a")


@pytest.mark.parametrize("binary", FUNCTIONS)
def test_nobody_deletes_from_the_journal(acting_as, binary):
    table = acting_as.stack.environment("restore")["BAILIFF_TABLE"]
    dynamodb = acting_as(binary)("dynamodb")
    key = {"pk": {"S": "entry#1"}, "sk": {"S": "entry"}}
    assert "AccessDenied" in refusal(dynamodb.delete_item, TableName=table, Key=key)
    assert "AccessDenied" in refusal(dynamodb.scan, TableName=table)
    if binary == "evaluate-changes":
        assert "AccessDenied" in refusal(dynamodb.get_item, TableName=table, Key=key)


@pytest.mark.whole_run
def test_over_all_scenarios_no_function_was_refused_anything(usage):
    assert usage.stacks > 80
    assert usage.refused == set()


@pytest.mark.whole_run
@pytest.mark.parametrize("binary", FUNCTIONS)
def test_over_all_scenarios_a_function_used_all_that_it_is_granted(usage, binary):
    unseen = UNSEEN | privileges.BY_THE_DESTINATION.get(binary, set())
    assert usage.granted[binary] - usage.used[binary] - unseen == set()
    assert usage.used[binary] - usage.allowed[binary] == set()
