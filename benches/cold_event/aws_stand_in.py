"""Every AWS endpoint that either contestant calls, on one local port, answering at once and counting.

It answers just enough for both to finish. What a call costs here is the
client's own work: its start, its serialising, its connection.
"""

import contextlib
import hashlib
import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ACCOUNT = "111122223333"
REQUEST_ID = "00000000-0000-4000-8000-000000000002"
SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


class AwsStandIn:
    """Used as a context manager; `calls` and `evaluations` hold what came in since `forget`."""

    def __init__(self):
        self.calls, self.evaluations = Counter(), []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def forget(self):
        self.calls, self.evaluations = Counter(), []

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, service: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body for one call of the JSON protocols or the older query one."""
        operation = target.rpartition(".")[2] or parse_qs(body.decode()).get("Action", ["?"])[0]
        self.calls[f"{service}:{operation}"] += 1
        if operation == "PutEvaluations":
            self.evaluations += json.loads(body)["Evaluations"]
        if operation in IN_JSON:
            return 200, "application/x-amz-json-1.1", json.dumps(IN_JSON[operation](json.loads(body))).encode()
        if operation in IN_XML:
            return 200, "text/xml", in_xml(operation)
        return 501, "text/plain", f"the stand-in has no answer for {service}:{operation}".encode()


def sent(message: dict) -> dict:
    return {"MessageId": REQUEST_ID, "MD5OfMessageBody": hashlib.md5(message["MessageBody"].encode()).hexdigest()}


def sent_each(batch: dict) -> dict:
    return {"Successful": [{"Id": entry["Id"]} | sent(entry) for entry in batch["Entries"]], "Failed": []}


def put_events(request: dict) -> dict:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": REQUEST_ID} for _ in request["Entries"]]}


IN_JSON = {
    "PutEvaluations": lambda _: {"FailedEvaluations": []},
    "PutEvents": put_events,
    "SendMessage": sent,
    "SendMessageBatch": sent_each,
}

IN_XML = {
    "GetCallerIdentity": (
        "https://sts.amazonaws.com/doc/2011-06-15/",
        f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/measured/measured</Arn><UserId>AROAMEASURED:measured</UserId>"
        f"<Account>{ACCOUNT}</Account>",
    ),
    "ListUserPolicies": (
        "https://iam.amazonaws.com/doc/2010-05-08/",
        "<PolicyNames><member>scanner-debug</member></PolicyNames><IsTruncated>false</IsTruncated>",
    ),
}


def in_xml(operation: str) -> bytes:
    namespace, result = IN_XML[operation]
    return (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{result}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def handler_of(stand_in: AwsStandIn):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # The answer leaves in one piece: a second small write could wait 40 ms for the first one's acknowledgement.
        wbufsize = -1

        def handle(self):
            # A process ended right after its answer may leave a connection unread.
            with contextlib.suppress(ConnectionResetError):
                super().handle()

        def log_message(self, *arguments):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            signed_for = SERVICE.search(self.headers.get("Authorization", ""))
            status, kind, answer = stand_in.answer(
                signed_for[1] if signed_for else "?", self.headers.get("X-Amz-Target", ""), body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("x-amzn-RequestId", REQUEST_ID)
            self.end_headers()
            self.wfile.write(answer)

    return Handler
