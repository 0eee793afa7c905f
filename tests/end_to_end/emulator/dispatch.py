"""Around every AWS request: inject the faults a test asked for, write the call down.

The record is what lets a test say "no read at all" or "this function called
only what its role allows". One JSON line a request, written before the caller
sees the answer, so a test that has seen the effect also finds the line.
"""

import itertools
import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qsl

from ministack.core import iam_actions
from ministack.core.iam_actions import access_denied_response, extract_iam_action
from ministack.core.responses import get_account_id
from ministack.core.router import detect_service, extract_access_key_id, extract_region

from . import faults, neighbours
from .authorisation import caller_of

CODE_IN_XML = re.compile(rb"<Code>([^<]+)</Code>")
# Uploads would make the record as large as the functions themselves.
UNRECORDED_SERVICES = {"s3"}


def install(ministack, calls: Path) -> None:
    inner, inner_ses = ministack._dispatch_service_request, ministack._handle_ses_v2_request
    record = calls.open("a", encoding="utf-8")
    numbers = itertools.count(1)

    # The second version of SES is answered before anything is dispatched.
    async def dispatch_ses(method, path, headers, body, query_params, request_id):
        if not path.startswith("/v2/email"):
            return await inner_ses(method, path, headers, body, query_params, request_id)
        return await around(inner_ses, method, path, headers, body, query_params, request_id)

    async def dispatch(*request):
        return await around(inner, *request)

    async def around(inner, method, path, headers, body, query_params, request_id):
        call = describe(ministack, method, path, headers, body, query_params)
        neighbour = neighbours.action_of(method, path, headers)
        if neighbour:
            call |= {"service": neighbour.split(":")[0], "action": neighbour}

        async def forward():
            if neighbour:
                return neighbours.answer(neighbour, headers, body) or refuse_access()
            return await inner(method, path, headers, body, query_params, request_id)

        def refuse_access():
            return access_denied_response(
                call["service"], call["action"], call["caller"], request_id, headers=headers,
                resource_arn=call["resource"])

        fault = faults.due(call)
        if fault is None:
            answer = await forward()
        else:
            answer = await faults.inject(fault, call, forward, refuse_access)
        if call["service"] not in UNRECORDED_SERVICES:
            call |= {
                "number": next(numbers),
                "at": time.time(),
                "status": answer[0],
                "error": error_code(answer),
                "injected": fault["kind"] if fault else None,
            }
            record.write(json.dumps(call) + "\n")
            record.flush()
        return answer

    ministack._dispatch_service_request = dispatch
    ministack._handle_ses_v2_request = dispatch_ses


def describe(ministack, method, path, headers, body, query_params) -> dict:
    parameters = ministack._routing_params(method, path, headers, body, query_params)
    service = detect_service(method, path, headers, parameters)
    account = get_account_id()
    caller = caller_of(extract_access_key_id(headers, query_params) or "", account)
    action = extract_iam_action(service, method, path, headers, body, parameters) or f"{service}:Unknown"
    resource = iam_actions.extract_resource_arn(
        service, method, path, headers, body, parameters, extract_region(headers), account)
    return {
        "account": account,
        "caller": caller,
        "role": role_of(caller),
        "service": service,
        "action": action,
        "resource": resource,
        "parameters": {} if service in UNRECORDED_SERVICES else parameters_of(headers, body),
    }


def role_of(caller: str) -> str | None:
    """`arn:aws:sts::1:assumed-role/ROLE/SESSION` -> `ROLE`."""
    if ":assumed-role/" in caller:
        return caller.split("/")[1]
    return None


def parameters_of(headers: dict, body: bytes) -> dict:
    content_type = headers.get("content-type", "")
    try:
        if content_type.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "json" in content_type:
            parsed = json.loads(body or b"{}")
            return parsed if isinstance(parsed, dict) else {}
    except ValueError:
        pass
    return {}


def error_code(answer) -> str | None:
    status, headers, body = answer
    if status < 400 or not isinstance(body, bytes | bytearray):
        return None
    in_xml = CODE_IN_XML.search(body)
    if in_xml:
        return in_xml.group(1).decode()
    try:
        return str(json.loads(body).get("__type", status)).rsplit("#", 1)[-1]
    except ValueError:
        return str(status)


