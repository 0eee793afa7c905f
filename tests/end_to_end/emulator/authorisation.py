"""Who an access key id is, and whether their policies allow an action.

For the AWS Config stand-in: it is a server of its own, and a function must not
be able to report to it under a role that lacks `config:PutEvaluations`.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import set_request_account_id
from ministack.services import sts


def caller_of(access_key_id: str, account: str) -> str:
    """The caller's ARN, or an empty string for a key that nobody holds.

    A deactivated key still names its user: a refused call is recorded under the
    one who made it.
    """
    if access_key_id:
        session = sts._sessions.get(access_key_id)
        if session:
            return session["Arn"]
        from ministack.services import iam

        record = iam._access_keys.get_scoped(account, None, access_key_id)
        if record:
            user = iam._users.get_scoped(account, None, record["UserName"]) or {}
            return user.get("Arn", "")
    credential = iam_evaluator.resolve_credential(access_key_id, account)
    return getattr(credential, "principal_arn", "")


def account_of(access_key_id: str) -> str:
    session = sts._sessions.get(access_key_id)
    if session:
        return session["Arn"].split(":")[4]
    return iam_evaluator.find_iam_access_key_account(access_key_id) or access_key_id


def ask(question: dict) -> dict:
    key = question["accessKeyId"]
    account = account_of(key)
    set_request_account_id(account)
    caller = caller_of(key, account)
    principal = iam_evaluator.resolve_principal(key, account)
    if isinstance(principal, iam_evaluator.AuthError):
        return {"account": account, "caller": caller, "allowed": False}
    if principal.policies is None:  # The account's root.
        return {"account": account, "caller": caller, "allowed": True}
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=question["action"],
        resource_arn=question["resource"],
        region=question.get("region", "us-east-1"),
        service_context={},
        principal_keys=principal.keys,
    )
    result = iam_evaluator.evaluate(context, principal.policies, *principal.limits)
    return {"account": account, "caller": caller, "allowed": result.decision == "Allow"}
