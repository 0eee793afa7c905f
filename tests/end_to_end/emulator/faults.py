"""Faults a test asks for, by action and caller.

A fault is {account, action, caller, kind, times, after, …}:

    action   glob, `iam:UpdateAccessKey`
    caller   glob on the caller's ARN, default `*`; `*/suspend-*` for a function
    resource glob on the ARN of what is called about, default `*`
    times    how often it fires, default 1; null for always
    after    how many matching calls pass first, default 0
    kind     throttle            the service's own throttling error, nothing done
             server-error        500, nothing done
             access-denied       as the service itself refuses
             error               `code` and `status` as given, nothing done
             commit-then-error   done, but the caller is told 500
             commit-then-hang    done, but the answer waits `seconds`
             not-taken           nothing done, but the caller is told that it was (a write
                                 of IAM's that answers nothing else)
             slow                the answer waits `seconds`, then comes
             hold                waits until the test releases it, then goes on: the
                                 moment in which a test changes the world between
                                 a function's read and its write
"""

import asyncio
import itertools
import json
from fnmatch import fnmatchcase

KINDS = {
    "throttle", "server-error", "access-denied", "error", "commit-then-error", "commit-then-hang", "not-taken", "slow",
    "hold",
}
DEFAULTS = {"caller": "*", "resource": "*", "times": 1, "after": 0, "seconds": 30}
QUERY_SERVICES = {"iam", "sns", "sts", "cloudformation"}
# Each service has its own word for "slow down"; everything else says ThrottlingException.
THROTTLING = {
    "iam": ("Throttling", 400),
    "sns": ("Throttled", 429),
    "sts": ("Throttling", 400),
    "dynamodb": ("ThrottlingException", 400),
    "sqs": ("RequestThrottled", 403),
}

_faults: dict[int, dict] = {}
_numbers = itertools.count(1)


def add(wanted: dict) -> int:
    fault = DEFAULTS | wanted
    unknown = set(fault) - {"account", "action", "kind", "code", "status", *DEFAULTS}
    if unknown:
        raise ValueError(f"unknown fault settings {sorted(unknown)}")
    if fault["kind"] not in KINDS:
        raise ValueError(f"unknown kind of fault {fault['kind']}")
    number = next(_numbers)
    fault |= {"id": number, "seen": 0, "fired": 0, "released": asyncio.Event()}
    fault["account"], fault["action"]  # Both are required.
    _faults[number] = fault
    return number


def listing(account: str) -> list[dict]:
    return [
        {key: value for key, value in fault.items() if key != "released"}
        for fault in _faults.values() if fault["account"] == account
    ]


def clear(account: str) -> dict:
    for number, fault in list(_faults.items()):
        if fault["account"] == account:
            fault["released"].set()
            del _faults[number]
    return {}


def release(number: int) -> dict:
    _faults[number]["released"].set()
    return {}


def due(call: dict) -> dict | None:
    for fault in _faults.values():
        if fault["account"] != call["account"] or not fnmatchcase(call["action"], fault["action"]):
            continue
        if not fnmatchcase(call["caller"], fault["caller"]):
            continue
        if not fnmatchcase(call["resource"] or "", fault["resource"]):
            continue
        fault["seen"] += 1
        if fault["seen"] <= fault["after"]:
            continue
        if fault["times"] is not None and fault["fired"] >= fault["times"]:
            continue
        fault["fired"] += 1
        return fault
    return None


async def inject(fault: dict, call: dict, forward, refuse_access):
    kind, service = fault["kind"], call["service"]
    if kind == "throttle":
        code, status = THROTTLING.get(service, ("ThrottlingException", 400))
        return error(service, code, "Rate exceeded", status)
    if kind == "server-error":
        return error(service, *internal_error(service))
    if kind == "access-denied":
        return refuse_access()
    if kind == "error":
        return error(service, fault["code"], "injected", fault["status"])
    if kind == "not-taken":
        action = call["action"].split(":", 1)[1]
        body = f"<{action}Response><ResponseMetadata><RequestId>injected</RequestId></ResponseMetadata></{action}Response>"
        return 200, {"Content-Type": "text/xml"}, body.encode()
    if kind == "hold":
        await fault["released"].wait()
        return await forward()
    if kind == "slow":
        await asyncio.sleep(fault["seconds"])
        return await forward()
    answer = await forward()
    if kind == "commit-then-error":
        return error(service, *internal_error(service))
    await asyncio.sleep(fault["seconds"])
    return answer


def internal_error(service: str) -> tuple[str, str, int]:
    code = "ServiceFailure" if service == "iam" else "InternalFailure"
    return code, "The request processing has failed because of an unknown error.", 500


def error(service: str, code: str, message: str, status: int):
    if service in QUERY_SERVICES:
        fault_type = "Sender" if status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{fault_type}</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>injected</RequestId></ErrorResponse>"
        )
        return status, {"Content-Type": "text/xml"}, body.encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
    if service == "sqs":
        headers["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
