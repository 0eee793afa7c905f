"""What stands next to IAM and ministack has not: IAM Access Analyzer, the account's alternate contacts, CloudTrail.

An account has what was seeded under `analyzers`, `securityContact` and
`recordedCalls` (CloudTrail's records, the newest last), and nothing otherwise,
as a new account of AWS's.
"""

import json
import re

from ministack.core.responses import get_account_id

from . import authorisation

# Service, method and path, as a request is signed and sent, and its action.
OPERATIONS = {
    ("access-analyzer", "GET", "/analyzer"): "access-analyzer:ListAnalyzers",
    ("account", "POST", "/getAlternateContact"): "account:GetAlternateContact",
    ("cloudtrail", "POST", ""): "cloudtrail:LookupEvents",
}
CREDENTIAL = re.compile(r"Credential=([^/,]+)/[^/,]+/[^/,]+/([^/,]+)/aws4_request")

_held: dict[str, dict] = {}


def seed(account: str, kind: str, value) -> None:
    _held.setdefault(account, {})[kind] = value


def action_of(method: str, path: str, headers: dict) -> str | None:
    signed = CREDENTIAL.search(headers.get("authorization", ""))
    return OPERATIONS.get((signed.group(2), method, path.rstrip("/"))) if signed else None


def answer(action: str, headers: dict, body: bytes):
    """What the account has; `None` where the caller may not ask."""
    account = get_account_id()
    resource = f"arn:aws:account::{account}:account" if action.startswith("account:") else "*"
    key = CREDENTIAL.search(headers["authorization"]).group(1)
    if not authorisation.ask({"accessKeyId": key, "action": action, "resource": resource})["allowed"]:
        return None
    held = _held.get(account, {})
    if action == "access-analyzer:ListAnalyzers":
        return result(200, {"analyzers": held.get("analyzers", [])})
    if action == "cloudtrail:LookupEvents":
        return looked_up(held.get("recordedCalls", []), headers, json.loads(body))
    contact = held.get("securityContact")
    if contact is None:
        return result(404, {"message": "No contact of the inputted alternate contact type found."},
                      "ResourceNotFoundException")
    return result(200, {"AlternateContact": contact})


def looked_up(records: list[dict], headers: dict, request: dict):
    """One attribute, newest first, 50 at most, in the Region where IAM is: as AWS has it."""
    [attribute] = request["LookupAttributes"]
    home = "/us-east-1/cloudtrail/aws4_request" in headers["authorization"]
    target = headers.get("x-amz-target", "")
    if attribute["AttributeKey"] != "EventName" or not 1 <= request.get("MaxResults", 50) <= 50 or not home:
        return result(400, {"__type": "InvalidLookupAttributesException", "message": str(request)})
    if target != "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents":
        return result(400, {"__type": "UnknownOperationException", "message": target})
    found = [record for record in reversed(records) if record["eventName"] == attribute["AttributeValue"]]
    start = int(request.get("NextToken", "0"))
    end = start + request.get("MaxResults", 50)
    events = [{"EventName": record["eventName"], "CloudTrailEvent": json.dumps(record)} for record in found[start:end]]
    return result(200, {"Events": events} | ({"NextToken": str(end)} if end < len(found) else {}))


def result(status: int, body: dict, error: str | None = None):
    headers = {"Content-Type": "application/json"}
    if error:
        headers["x-amzn-errortype"] = error
    return status, headers, json.dumps(body).encode()
