"""IAM's own condition keys, which ministack does not fill in.

Bailiff's roles may attach one policy only, by `iam:PolicyARN`, and set one
boundary only, by `iam:PermissionsBoundary`; without the keys every such
condition would deny.
"""

from ministack.core import iam_actions
from ministack.services import iam


def install() -> None:
    inner = iam_actions.request_tag_context

    # ministack imports this name anew at every request.
    def request_context(service, action, body, parameters):
        context = inner(service, action, body, parameters)
        if service == "iam":
            context = {**context, **iam_context(parameters)}
        return context

    iam_actions.request_tag_context = request_context


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
