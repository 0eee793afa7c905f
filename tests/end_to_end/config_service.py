"""A stand-in for AWS Config, because no emulator has its custom-rule side.

Speaks the JSON protocol of the SDK (`X-Amz-Target: StarlingDoveService.…`) on a
port of its own, and asks the emulator who the caller is and whether their
policies allow the action. Refuses what AWS refuses, since the SDK does not:
more than 100 evaluations, an annotation of 0 or 257 characters, a token that was
never issued or whose invocation is over, INSUFFICIENT_DATA.

A test scripts it (history items, throttles, evaluations that fail) and reads
back what every caller asked (`calls`) and where each resource stands (`results`).
"""

import json
import re
import secrets
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .emulator.process import REGION, Emulator

MOST_EVALUATIONS = 100
LARGEST_PAGE = 100
ACCESS_KEY = re.compile(r"Credential=([^/]+)/")
COMPLIANCE = {"COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"}
MEMBERS = {"ComplianceResourceType", "ComplianceResourceId", "ComplianceType", "Annotation", "OrderingTimestamp"}
# The other actions know no resources.
OF_A_RULE = {"GetComplianceDetailsByConfigRule"}
LENGTHS = {"ComplianceResourceType": (1, 256), "ComplianceResourceId": (1, 768), "Annotation": (1, 256)}


class Refusal(Exception):
    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class Token:
    rule: str
    open: bool = True


@dataclass
class Fault:
    action: str
    error: Refusal
    times: int
    # The call is carried out, only its answer is lost.
    after_commit: bool = False


@dataclass
class Ledger:
    """What Config holds for one account."""

    rules: set[str] = field(default_factory=set)
    tokens: dict[str, Token] = field(default_factory=dict)
    results: dict[tuple[str, str, str], dict] = field(default_factory=dict)
    history: list[dict] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # How often the evaluation of a resource is still to come back as failed.
    failing: dict[str, int] = field(default_factory=dict)
    calls: list[dict] = field(default_factory=list)
    page: int = LARGEST_PAGE


class ConfigService:
    def __init__(self, emulator: Emulator):
        self._emulator = emulator
        self._ledgers: dict[str, Ledger] = defaultdict(Ledger)
        self._lock = threading.Lock()
        self._operations = {
            "PutEvaluations": put_evaluations,
            "GetResourceConfigHistory": get_resource_config_history,
            "GetComplianceDetailsByConfigRule": get_compliance_details,
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def start(self) -> "ConfigService":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    # What a test tells it.

    def issue_token(self, account: str, rule: str) -> str:
        # As long as the real ones, so that nobody logs or stores them unnoticed.
        token = secrets.token_hex(1200)
        ledger = self._ledgers[account]
        ledger.rules.add(rule)
        ledger.tokens[token] = Token(rule)
        return token

    def close_token(self, account: str, token: str) -> None:
        """The invocation is over: the token is used up."""
        self._ledgers[account].tokens[token].open = False

    def record(self, account: str, *items: dict) -> None:
        """Configuration items for GetResourceConfigHistory, in the API's own shape; capture time in seconds."""
        self._ledgers[account].history.extend(items)

    def fail_evaluations(self, account: str, *resource_ids: str, times: int = 1) -> None:
        """The next `times` evaluations of these resources come back in FailedEvaluations."""
        self._ledgers[account].failing.update(dict.fromkeys(resource_ids, times))

    def throttle(self, account: str, action: str = "PutEvaluations", times: int = 1) -> None:
        self._ledgers[account].faults.append(Fault(action, Refusal("ThrottlingException", "Rate exceeded"), times))

    def break_down(
        self, account: str, action: str = "PutEvaluations", times: int = 1, after_commit: bool = False,
    ) -> None:
        error = Refusal("InternalError", "internal error", status=500)
        self._ledgers[account].faults.append(Fault(action, error, times, after_commit))

    def page_size(self, account: str, items: int) -> None:
        self._ledgers[account].page = items

    # What a test asks it.

    def calls(self, account: str, action: str | None = None) -> list[dict]:
        """Every call in order: {action, caller, role, request, error}."""
        return [call for call in self._ledgers[account].calls if action in (None, call["action"])]

    def results(self, account: str, rule: str) -> dict[tuple[str, str], dict]:
        """The standing evaluation of each (type, id) under a rule."""
        return {
            (kind, resource): result
            for (of_rule, kind, resource), result in self._ledgers[account].results.items() if of_rule == rule
        }

    # The wire.

    def serve(self, target: str, authorization: str, request: dict):
        action = target.removeprefix("StarlingDoveService.")
        key = ACCESS_KEY.search(authorization)
        if key is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
        who = self._emulator.authorise(key.group(1), f"config:{action}", "*")
        if action in OF_A_RULE:
            # Any rule of the account will do: the id in a rule's ARN is AWS's own invention.
            rule = f"arn:aws:config:{REGION}:{who['account']}:config-rule/config-rule-bailiff"
            who = self._emulator.authorise(key.group(1), f"config:{action}", rule)
        ledger = self._ledgers[who["account"]]
        caller = who["caller"]
        role = caller.split("/")[1] if ":assumed-role/" in caller else None
        call = {"action": action, "caller": caller, "role": role, "request": request, "error": None}
        with self._lock:
            ledger.calls.append(call)
            try:
                return self._answer(ledger, action, who, request)
            except Refusal as refusal:
                call["error"] = refusal.code
                raise

    def _answer(self, ledger: Ledger, action: str, who: dict, request: dict):
        operation = self._operations.get(action)
        if operation is None:
            raise Refusal("UnknownOperationException", f"the stand-in has no {action}")
        if not who["allowed"]:
            raise Refusal(
                "AccessDeniedException",
                f"User: {who['caller']} is not authorized to perform: config:{action} on resource: *")
        fault = next((fault for fault in ledger.faults if fault.action == action and fault.times > 0), None)
        if fault is None:
            return operation(ledger, request)
        fault.times -= 1
        if fault.after_commit:
            operation(ledger, request)
        raise fault.error

    def _handler(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    answer, status, code = service.serve(
                        self.headers.get("X-Amz-Target", ""), self.headers.get("Authorization", ""),
                        json.loads(body or b"{}")), 200, None
                except Refusal as refusal:
                    answer = {"__type": refusal.code, "message": refusal.message}
                    status, code = refusal.status, refusal.code
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                if code:
                    self.send_header("x-amzn-ErrorType", code)
                self.end_headers()
                self.wfile.write(content)

        return Handler


def put_evaluations(ledger: Ledger, request: dict) -> dict:
    evaluations = request.get("Evaluations") or []
    if len(evaluations) > MOST_EVALUATIONS:
        raise invalid("evaluations", f"Member must have length less than or equal to {MOST_EVALUATIONS}")
    for number, evaluation in enumerate(evaluations, start=1):
        check_evaluation(f"evaluations.{number}.member", evaluation)
    text = request.get("ResultToken")
    if text is None:
        raise invalid("resultToken", "Member must not be null")
    if request.get("TestMode"):
        return {"FailedEvaluations": []}
    token = ledger.tokens.get(text)
    if token is None or not token.open:
        raise Refusal("InvalidResultTokenException", "The Result Token provided is invalid.")
    failed = []
    for evaluation in evaluations:
        resource = evaluation["ComplianceResourceId"]
        if ledger.failing.get(resource, 0) > 0:
            ledger.failing[resource] -= 1
            failed.append(evaluation)
            continue
        key = (token.rule, evaluation["ComplianceResourceType"], resource)
        standing = ledger.results.get(key)
        # An older state of the world does not overwrite a newer one.
        if standing is None or standing["OrderingTimestamp"] <= evaluation["OrderingTimestamp"]:
            ledger.results[key] = evaluation | {"ResultRecordedTime": time.time()}
    return {"FailedEvaluations": failed}


def check_evaluation(where: str, evaluation: dict) -> None:
    unknown = set(evaluation) - MEMBERS
    if unknown:
        raise invalid(where, f"unknown members {sorted(unknown)}")
    for member in MEMBERS - {"Annotation"}:
        if evaluation.get(member) is None:
            raise invalid(f"{where}.{member}", "Member must not be null")
    for member, (shortest, longest) in LENGTHS.items():
        value = evaluation.get(member)
        if value is not None and not shortest <= len(value) <= longest:
            raise invalid(f"{where}.{member}", f"Member must have length between {shortest} and {longest}")
    if evaluation["ComplianceType"] == "INSUFFICIENT_DATA":
        raise Refusal("InvalidParameterValueException", "INSUFFICIENT_DATA cannot be reported.")
    if evaluation["ComplianceType"] not in COMPLIANCE:
        raise invalid(f"{where}.ComplianceType", f"Member must satisfy enum value set: {sorted(COMPLIANCE)}")
    timestamp = evaluation["OrderingTimestamp"]
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        raise Refusal("SerializationException", f"{where}.OrderingTimestamp is no timestamp")


def get_resource_config_history(ledger: Ledger, request: dict) -> dict:
    for member in ("resourceType", "resourceId"):
        if not request.get(member):
            raise invalid(member, "Member must not be null")
    later, earlier = request.get("laterTime", time.time()), request.get("earlierTime", 0)
    items = [
        item for item in ledger.history
        if (item["resourceType"], item["resourceId"]) == (request["resourceType"], request["resourceId"])
    ]
    if not items:
        raise Refusal(
            "ResourceNotDiscoveredException",
            f"Resource {request['resourceId']} of resourceType:{request['resourceType']} is unknown")
    items = [item for item in items if earlier <= item["configurationItemCaptureTime"] <= later]
    items.sort(key=lambda item: item["configurationItemCaptureTime"], reverse=request.get("chronologicalOrder") != "Forward")
    shown, token = page(items, request.get("limit") or 10, request.get("nextToken"))
    return {"configurationItems": shown} | ({"nextToken": token} if token else {})


def get_compliance_details(ledger: Ledger, request: dict) -> dict:
    rule = request.get("ConfigRuleName")
    if rule not in ledger.rules:
        raise Refusal("NoSuchConfigRuleException", f"The ConfigRule '{rule}' provided in the request is invalid.")
    limit = request.get("Limit") or 10
    if not 0 <= limit <= LARGEST_PAGE:
        raise invalid("limit", f"Member must have value less than or equal to {LARGEST_PAGE}")
    kinds = set(request.get("ComplianceTypes") or ["COMPLIANT", "NON_COMPLIANT"])
    results = [
        compliance_detail(rule, result) for (of_rule, _, _), result in sorted(ledger.results.items())
        if of_rule == rule and result["ComplianceType"] in kinds
    ]
    shown, token = page(results, min(limit, ledger.page), request.get("NextToken"))
    return {"EvaluationResults": shown} | ({"NextToken": token} if token else {})


def compliance_detail(rule: str, result: dict) -> dict:
    detail = {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule,
                "ResourceType": result["ComplianceResourceType"],
                "ResourceId": result["ComplianceResourceId"],
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": result["OrderingTimestamp"],
        },
        "ComplianceType": result["ComplianceType"],
        "ResultRecordedTime": result["ResultRecordedTime"],
        "ConfigRuleInvokedTime": result["OrderingTimestamp"],
    }
    return detail | ({"Annotation": result["Annotation"]} if "Annotation" in result else {})


def page(items: list, size: int, token: str | None) -> tuple[list, str | None]:
    start = int(token.removeprefix("page-")) if token else 0
    end = start + size
    return items[start:end], f"page-{end}" if end < len(items) else None


def invalid(where: str, why: str) -> Refusal:
    return Refusal("ValidationException", f"1 validation error detected: Value at '{where}' failed to satisfy constraint: {why}")
