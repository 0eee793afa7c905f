"""Condition keys that ministack does not fill in.

Bailiff's roles may attach one policy only, by `iam:PolicyARN`, set one boundary
only, by `iam:PermissionsBoundary`, and touch a few items of the journal only, by
`dynamodb:LeadingKeys`; without the keys such a condition would deny everything,
or nothing.
"""

import json
import re

from ministack.core import iam_actions
from ministack.services import iam

from .shared_tables import table_named


def install() -> None:
    inner = iam_actions.request_tag_context

    # ministack imports this name anew at every request.
    def request_context(service, action, body, parameters):
        context = inner(service, action, body, parameters)
        if service == "iam":
            context = {**context, **iam_context(parameters)}
        if service == "dynamodb":
            context = {**context, **dynamodb_context(body)}
        return context

    iam_actions.request_tag_context = request_context
    about = iam_actions.extract_resource_arn

    # Of these ministack asks for the policy, or for everything.
    def resource_arn(service, method, path, headers, body, parameters, region, account, *more):
        named = named_resource(parameters, account) if service == "iam" else None
        if path.endswith("/outbound-emails"):
            named = sending_identity(body, region, account)
        return named or about(service, method, path, headers, body, parameters, region, account, *more)

    iam_actions.extract_resource_arn = resource_arn


def named_resource(parameters: dict, account: str) -> str | None:
    """What AWS asks for where a group is given or loses a policy, and where something else is named than a principal."""
    group, certificate = iam._p(parameters, "GroupName"), iam._p(parameters, "ServerCertificateName")
    if group and iam._p(parameters, "PolicyArn"):
        return f"arn:aws:iam::{account}:group/{group}"
    if certificate:
        return f"arn:aws:iam::{account}:server-certificate/{certificate}"
    for key in ("Arn", "SAMLProviderArn", "OpenIDConnectProviderArn"):
        if iam._p(parameters, key):
            return iam._p(parameters, key)
    return None


def sending_identity(body: bytes, region: str, account: str) -> str:
    """Who a mail is sent as: here every domain is a verified identity."""
    domain = json.loads(body)["FromEmailAddress"].rpartition("@")[2]
    return f"arn:aws:ses:{region}:{account}:identity/{domain}"


def iam_context(parameters: dict) -> dict:
    context = {}
    policy = iam._p(parameters, "PolicyArn")
    if policy:
        context["iam:PolicyARN"] = policy
    boundary = iam._p(parameters, "PermissionsBoundary") or standing_boundary(parameters)
    if boundary:
        context["iam:PermissionsBoundary"] = boundary
    return context


def standing_boundary(parameters: dict) -> str | None:
    """Where the request names no boundary, the key is the one the principal already has."""
    for key, store in (("UserName", iam._users), ("RoleName", iam._roles)):
        name = iam._p(parameters, key)
        if name in store:
            return store[name].get("PermissionsBoundary")
    return None


def dynamodb_context(body: bytes) -> dict:
    """The partition keys that a request reads or writes; of a batch or a transaction, those of all its items together.

    AWS does not document whether each item of a transaction is held against its own key or against all of them. All of
    them is the stricter reading.
    """
    request = json.loads(body or b"{}")
    items = [item for entry in request.get("TransactItems", []) for item in entry.values()]
    items += [
        {"TableName": table, "Key": key}
        for table, asked in request.get("RequestItems", {}).items() for key in asked.get("Keys", [])]
    keys = [key for key in map(partition_key, items or [request]) if key is not None]
    return {"dynamodb:LeadingKeys": keys} if keys else {}


def partition_key(request: dict) -> str | None:
    table = table_named(request.get("TableName", ""))
    item = request.get("Item") or request.get("Key") or {}
    queried = re.match(r"(\w+) = (:\w+)", request.get("KeyConditionExpression", ""))
    if queried:
        item = {queried.group(1): request["ExpressionAttributeValues"][queried.group(2)]}
    if table is None or table["pk_name"] not in item:
        return None
    [value] = item[table["pk_name"]].values()
    return value
