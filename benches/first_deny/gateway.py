"""What stands between a function and the emulator, and notes when each call came and when it was answered."""

import http.client
import json
import re
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


@dataclass(frozen=True)
class Call:
    action: str
    begun: float
    ended: float


class Gateway:
    """Used as a context manager; `calls` are in the order in which they came."""

    def __init__(self, port: int):
        self._answered, self._lock = [], threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self, port))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> list[Call]:
        with self._lock:
            return sorted(self._answered, key=lambda call: call.begun)

    def note(self, call: Call) -> None:
        with self._lock:
            self._answered.append(call)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def handler_of(gateway: Gateway, port: int):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # The answer leaves in one piece: a second small write could wait 40 ms for the first one's acknowledgement.
        wbufsize = -1

        def log_message(self, *arguments):
            pass

        def do_POST(self):
            begun = time.monotonic()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            onward = http.client.HTTPConnection("127.0.0.1", port)
            # As it was signed, the host included.
            onward.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                onward.putheader(name, value)
            onward.endheaders(body)
            answer = onward.getresponse()
            content = answer.read()
            onward.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection", "server", "date"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            # Before it is sent: what the caller does with it must not count as AWS's time.
            gateway.note(Call(self.action(body), begun, time.monotonic()))
            self.wfile.flush()

        def action(self, body: bytes) -> str:
            service = SERVICE.search(self.headers.get("Authorization", ""))
            target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            operation = target or parse_qs(body.decode()).get("Action", [self.path])[0]
            if operation == "TransactWriteItems":
                parts = [next(iter(item)) for item in json.loads(body)["TransactItems"]]
                operation += f" ({', '.join(parts)})"
            return f"{service[1] if service else '?'}:{operation}"

    return Handler
