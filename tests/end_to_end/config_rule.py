"""AWS Config's part in starting a rule function: the envelope, the token, the call."""

import json

from .config_service import ConfigService
from .stack import Invocation, Stack

RECORDER_ROLE = "arn:aws:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


def envelope(
    account: str, rule: str, invoking_event: dict | str, token: str, parameters: dict | None,
    event_left_scope: bool = False, **more,
) -> dict:
    """What Config sends. JSON inside JSON strings, as in the real thing; None leaves the parameters out."""
    event = {
        "version": "1.0",
        "invokingEvent": invoking_event if isinstance(invoking_event, str) else json.dumps(invoking_event),
        "resultToken": token,
        "eventLeftScope": event_left_scope,
        "executionRoleArn": RECORDER_ROLE.format(account),
        "configRuleArn": f"arn:aws:config:us-east-1:{account}:config-rule/config-rule-bailiff",
        "configRuleName": rule,
        "configRuleId": "config-rule-bailiff",
        "accountId": account,
        "evaluationMode": "DETECTIVE",
    }
    if parameters is not None:
        event["ruleParameters"] = json.dumps(parameters)
    return event | more


def invoke_rule(
    config: ConfigService, stack: Stack, rule: str, invoking_event: dict | str, parameters: dict | None = None,
    event_left_scope: bool = False, **more,
) -> Invocation:
    """Invoke a rule of the template as Config does, and wait for its answer.

    The function and the parameters are the template's own unless given. The
    token ends with the invocation.
    """
    declared = stack.rules[rule]
    token = config.issue_token(stack.account, rule)
    event = envelope(
        stack.account, rule, invoking_event, token, declared.parameters if parameters is None else parameters,
        event_left_scope, **more)
    binary = next(
        name for name, function in stack.functions.items() if declared.function_arn.endswith(f":function:{function}"))
    try:
        return stack.invoke(binary, event)
    finally:
        config.close_token(stack.account, token)
