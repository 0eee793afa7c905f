"""What a function's role grants, against what the function did.

"No more and no fewer" needs both directions: nothing used that is not granted
(the emulator refuses it, and the record shows the refusal) and, over all
scenarios together, nothing granted that is never used.
"""

import json
from urllib.parse import unquote

from .config_service import ConfigService
from .stack import Stack

# Lambda makes these calls on the function's behalf, under its role but outside its code.
BY_THE_EVENT_SOURCE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
# Lambda hands a failed invocation to its destination in the role's name; only the evaluators, which also send
# findings, are seen to use the action.
# Nor are calls of S3.
BY_THE_DESTINATION = {
    "restore": {"sqs:SendMessage"}, "deliver-notices": {"sqs:SendMessage"}, "receive-directory-change": {"s3:GetObject"}}
BY_THE_LOGGER = {"logs:CreateLogStream", "logs:PutLogEvents"}
DENIALS = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException")


def granted(stack: Stack, binary: str) -> set[str]:
    """The actions its role allows, as deployed."""
    iam, role = stack.client("iam"), stack.role(binary)
    actions = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        actions |= allowed(json.loads(unquote(document)) if isinstance(document, str) else document)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    if attached:
        raise AssertionError(f"{role} is not written out in the template: {attached}")
    return actions


def allowed(document: dict) -> set[str]:
    statements = document["Statement"]
    found = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] == "Allow":
            actions = statement["Action"]
            found.update([actions] if isinstance(actions, str) else actions)
    return found


def used(stack: Stack, config: ConfigService, binary: str) -> set[str]:
    """The actions it called with success, on the emulator and on the Config stand-in."""
    calls = {action for call in stack.calls(binary) if call["status"] < 400 for action in actions_of(call)}
    role = stack.role(binary)
    reports = config.calls(stack.account)
    return calls | {f"config:{call['action']}" for call in reports if call["role"] == role and not call["error"]}


def actions_of(call: dict) -> set[str]:
    """The permissions a call takes: a transaction has none of its own, but those of its parts."""
    if call["action"] not in {"dynamodb:TransactGetItems", "dynamodb:TransactWriteItems"}:
        return {call["action"]}
    return {f"dynamodb:{part}Item" for item in call["parameters"]["TransactItems"] for part in item}


def refused(stack: Stack, config: ConfigService, binary: str) -> set[str]:
    """The actions it tried and may not; faults that a test injected left out."""
    calls = {
        call["action"] for call in stack.calls(binary) if call["error"] in DENIALS and not call["injected"]}
    role = stack.role(binary)
    return calls | {
        f"config:{call['action']}" for call in config.calls(stack.account)
        if call["role"] == role and call["error"] == "AccessDeniedException"}
