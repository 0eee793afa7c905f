"""The emulator lets a role of another account at a table where both its own policy and the table's allow it."""

import json

import pytest

from .. import shared_table
from ..refusals import refusal

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}


@pytest.fixture
def table(emulator, other_account):
    return shared_table.deploy(emulator, other_account)


@pytest.fixture
def as_role(emulator, account):
    """`as_role(name, document)`: DynamoDB as a role of this test's account with such a policy."""
    iam, sts = emulator.client("iam", account), emulator.client("sts", account)
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}

    def as_role(name: str, document: dict):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
        token = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{name}", RoleSessionName="somebody")["Credentials"]
        return emulator.client_with(
            "dynamodb", token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])

    return as_role


def item(pk: str, sk: str = "count") -> dict:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def counted(table, pk: str) -> list[dict]:
    return [{"Update": {
        "TableName": table.arn, "Key": item(pk), "UpdateExpression": "ADD acts :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}}]


def test_a_role_of_the_stack_reads_and_throws_the_switch_and_counts(table, as_role):
    bailiff = as_role("bailiff-restrict-policy", ALL)
    assert "Item" not in bailiff.get_item(TableName=table.arn, Key=shared_table.SWITCH)
    bailiff.transact_write_items(TransactItems=counted(table, "count#day#1"))
    assert table.counts() == {"count#day#1": 1}
    table.throw()
    assert "Item" in bailiff.get_item(TableName=table.arn, Key=shared_table.SWITCH)
    assert "AccessDenied" in refusal(bailiff.delete_item, TableName=table.arn, Key=shared_table.SWITCH)
    assert "AccessDenied" in refusal(bailiff.get_item, TableName=table.arn, Key=item("count#day#1"))
    assert "AccessDenied" in refusal(bailiff.transact_write_items, TransactItems=counted(table, "switch"))
    assert "AccessDenied" in refusal(bailiff.scan, TableName=table.arn)


def test_others_are_not_admitted_and_neither_is_one_whose_own_policy_does_not_say_so(table, as_role):
    for role, document in (
        ("somebody", ALL),
        ("bailiff-harden-account", ALL | {"Statement": [ALL["Statement"][0] | {"Action": "dynamodb:PutItem"}]}),
    ):
        dynamodb = as_role(role, document)
        assert "AccessDenied" in refusal(dynamodb.get_item, TableName=table.arn, Key=shared_table.SWITCH), role
