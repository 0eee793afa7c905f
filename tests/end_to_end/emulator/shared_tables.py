"""Tables of other accounts, named by their ARN and admitting whom their own policy admits.

ministack looks for a table in the caller's account alone. Here every account is in one organisation, and the principal
of a session is its role, as in AWS.
"""

import json

from ministack.core import iam_evaluator, responses
from ministack.services import dynamodb

from . import ORGANIZATION


def install() -> None:
    inner, resolve = dynamodb.handle_request, iam_evaluator._resolve_condition_key

    async def handle_request(method, path, headers, body, query_params):
        owners = {name.split(":")[4] for name in tables(body) if name.startswith("arn:")}
        if not owners:
            return await inner(method, path, headers, body, query_params)
        # All of one request are one account's.
        [owner] = owners
        before = responses._request_account_id.set(owner)
        try:
            return await inner(method, path, headers, body, query_params)
        finally:
            responses._request_account_id.reset(before)

    def resolve_condition_key(key, context):
        match key.lower():
            case "aws:principalorgid":
                return ORGANIZATION
            case "aws:principalarn":
                return role_of_session(context.principal_arn)
        return resolve(key, context)

    dynamodb.handle_request = handle_request
    dynamodb.table_policy_for_arn = table_policy
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["dynamodb"] = ("dynamodb", "table_policy_for_arn")
    iam_evaluator._resolve_condition_key = resolve_condition_key


def tables(body: bytes) -> list[str]:
    request = json.loads(body or b"{}")
    items = [item for entry in request.get("TransactItems", []) for item in entry.values()] or [request]
    return [item["TableName"] for item in items if isinstance(item.get("TableName"), str)]


def table_named(name: str) -> dict | None:
    """A table by its name in the caller's account, or by its ARN."""
    if not name.startswith("arn:"):
        return dynamodb._tables.get(name)
    _, _, _, region, owner, table = name.split(":", 5)
    return dynamodb._tables.get_scoped(owner, region, table.removeprefix("table/"))


def table_policy(arn: str) -> tuple:
    """The table's own policy, if it has one, and whose it is."""
    _, _, _, region, owner, _ = arn.split(":", 5)
    attached = dynamodb._resource_policies.get_scoped(owner, region, arn)
    return (attached["Policy"] if attached else None, owner)


def role_of_session(arn: str) -> str:
    """`arn:aws:sts::1:assumed-role/ROLE/SESSION` -> `arn:aws:iam::1:role/ROLE`."""
    if ":assumed-role/" not in arn:
        return arn
    account, role = arn.split(":")[4], arn.split("/")[1]
    return f"arn:aws:iam::{account}:role/{role}"
