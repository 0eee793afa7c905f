"""A Lambda Runtime API of our own, to run one binary as a fresh process and measure it.

Lambda's custom runtimes know four routes. What is timed is what a cold start
costs a caller: from starting the process until its answer has arrived.
"""

import contextlib
import json
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "/2018-06-01/runtime"
REQUEST_ID = "00000000-0000-4000-8000-000000000001"
ARN = "arn:aws:lambda:us-east-1:111122223333:function:measured"


@dataclass
class Run:
    response: object
    error: object
    # By the monotonic clock, when the process was started.
    started: float
    # Seconds from starting the process to its first `next`, and to its answer.
    to_ready: float
    to_response: float
    # Largest resident set in bytes until the answer, and processor seconds.
    memory: int
    cpu: float
    output: str


def run(
    command: list[str | Path], event, environment: dict[str, str] | None = None, timeout: float = 60,
) -> Run:
    """Start `command` with nothing but Lambda's variables and `environment`, give it one event, and end it."""
    exchange = Exchange(json.dumps(event).encode(), timeout)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(exchange))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    variables = lambda_environment(f"127.0.0.1:{server.server_address[1]}") | (environment or {})
    output, writer = os.pipe()
    drained = Drain(output)
    try:
        started = time.monotonic()
        try:
            process = exchange.process = subprocess.Popen(
                [str(part) for part in command], env=variables, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
        finally:
            os.close(writer)
        finished = threading.Event()
        reaped = {}

        def reap():
            # wait4 tells this child's own processor time, unlike getrusage for all children.
            _, reaped["status"], reaped["usage"] = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(reaped["status"])
            finished.set()
            exchange.answered.set()

        threading.Thread(target=reap, daemon=True).start()
        in_time = exchange.answered.wait(timeout)
        if not finished.is_set():
            # It may have ended by itself in this very moment.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, 9)
        finished.wait()
        if not in_time or exchange.answered_at is None:
            why = "did not answer in time" if not in_time else f"ended with {process.returncode} without an answer"
            raise RuntimeError(f"{command[0]} {why}:\n{drained.text()}")
        return Run(
            response=exchange.response, error=exchange.error, started=started,
            to_ready=(exchange.ready_at or exchange.answered_at) - started,
            to_response=exchange.answered_at - started,
            memory=exchange.memory,
            cpu=reaped["usage"].ru_utime + reaped["usage"].ru_stime,
            output=drained.text())
    finally:
        server.shutdown()
        server.server_close()


def lambda_environment(address: str) -> dict[str, str]:
    return {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "measured",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/measured",
        "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDMEASURED",
        "AWS_SECRET_ACCESS_KEY": "measured",
        "_HANDLER": "bootstrap",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }


def largest_resident_set(pid: int) -> int:
    """Not wait4's figure: that one begins with the memory of the process which forked."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


class Exchange:
    """One event out, one answer in."""

    def __init__(self, event: bytes, timeout: float):
        self.event = event
        self.deadline_ms = int((time.time() + timeout) * 1000)
        self.ready_at = self.answered_at = None
        self.response = self.error = None
        self.process, self.memory = None, 0
        self.answered = threading.Event()
        self._handed_out = False

    def hand_out(self) -> bytes | None:
        if self._handed_out:
            return None
        self._handed_out = True
        self.ready_at = time.monotonic()
        return self.event

    def take(self, kind: str, body: bytes, at: float) -> None:
        self.answered_at = at
        self.memory = largest_resident_set(self.process.pid)
        parsed = json.loads(body) if body else None
        if kind == "response":
            self.response = parsed
        else:
            self.error = parsed


def handler_of(exchange: Exchange):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave in two writes; the second must not wait for the first one's acknowledgement.
        disable_nagle_algorithm = True

        def handle(self):
            # A process ended right after its answer may leave its connection unread.
            with contextlib.suppress(ConnectionResetError):
                super().handle()

        def log_message(self, *arguments):
            pass

        def do_GET(self):
            event = exchange.hand_out() if self.path == f"{VERSION}/invocation/next" else None
            if event is None:
                # The second `next` waits for an event that never comes; the process is about to be ended.
                exchange.answered.wait()
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(event)))
            self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(exchange.deadline_ms))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            body, at = self.body(), time.monotonic()
            # Before the 202, for which the process waits: afterwards it may be gone.
            exchange.take("response" if self.path.endswith("/response") else "error", body, at)
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            exchange.answered.set()

        def body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

    return Handler


class Drain:
    """Reads a pipe to its end, so that a talkative process never blocks on it."""

    def __init__(self, source: int):
        self._parts = []
        self._thread = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._thread.start()

    def _read(self, source: int) -> None:
        with os.fdopen(source, "rb") as stream:
            self._parts.extend(iter(lambda: stream.read1(65536), b""))

    def text(self) -> str:
        self._thread.join(timeout=5)
        return b"".join(self._parts).decode(errors="replace")
