"""What stands next to IAM and ministack has not: IAM Access Analyzer, and the account's alternate contacts.

An account has what was seeded under `analyzers` and `securityContact`, and
nothing otherwise, as a new account of AWS's.
"""

import json
import re

from ministack.core.responses import get_account_id

from . import authorisation

# Service, method and path, as a request is signed and sent, and its action.
OPERATIONS = {
    ("access-analyzer", "GET", "/analyzer"): "access-analyzer:ListAnalyzers",
    ("account", "POST", "/getAlternateContact"): "account:GetAlternateContact",
}
CREDENTIAL = re.compile(r"Credential=([^/,]+)/[^/,]+/[^/,]+/([^/,]+)/aws4_request")

_held: dict[str, dict] = {}


def seed(account: str, kind: str, value) -> None:
    _held.setdefault(account, {})[kind] = value


def action_of(method: str, path: str, headers: dict) -> str | None:
    signed = CREDENTIAL.search(headers.get("authorization", ""))
    return OPERATIONS.get((signed.group(2), method, path.rstrip("/"))) if signed else None


def answer(action: str, headers: dict):
    """What the account has; `None` where the caller may not ask."""
    account = get_account_id()
    resource = f"arn:aws:account::{account}:account" if action.startswith("account:") else "*"
    key = CREDENTIAL.search(headers["authorization"]).group(1)
    if not authorisation.ask({"accessKeyId": key, "action": action, "resource": resource})["allowed"]:
        return None
    held = _held.get(account, {})
    if action == "access-analyzer:ListAnalyzers":
        return result(200, {"analyzers": held.get("analyzers", [])})
    contact = held.get("securityContact")
    if contact is None:
        return result(404, {"message": "No contact of the inputted alternate contact type found."},
                      "ResourceNotFoundException")
    return result(200, {"AlternateContact": contact})


def result(status: int, body: dict, error: str | None = None):
    headers = {"Content-Type": "application/json"}
    if error:
        headers["x-amzn-errortype"] = error
    return status, headers, json.dumps(body).encode()
