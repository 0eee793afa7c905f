"""The emulator as a test sees it: started, spoken to, stopped by its own pid."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "us-east-1"
# ministack takes a 12-digit access key id for that account's root; the secret is fixed.
ROOT_SECRET = "test"
TESTS = Path(__file__).resolve().parents[2]
# One session for all clients: a session of its own would read botocore's service models again for each.
SESSION = boto3.session.Session(region_name=REGION)
# No retries: a test that injects a fault counts calls.
ONE_TRY = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


class Emulator:
    def __init__(self, directory: Path):
        self.directory = directory
        self.calls_file = directory / "calls.jsonl"
        self.log_file = directory / "emulator.log"
        self.port = None
        self._process = None
        self._clients = {}

    def start(self) -> "Emulator":
        directory = self.directory
        (directory / "tmp").mkdir(parents=True)
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(TESTS),
            # What the emulator unpacks goes away with the test run's own directory.
            "TMPDIR": str(directory / "tmp"),
            "HOME": str(directory / "tmp"),
            "LANG": "C.UTF-8",
        }
        with self.log_file.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "end_to_end.emulator.serve", str(directory)],
                env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=directory,
                start_new_session=True)
        deadline = time.monotonic() + 60
        while not (directory / "port").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the emulator did not start:\n{self.log_file.read_text()}")
            time.sleep(0.02)
        self.port = int((directory / "port").read_text())
        return self

    def stop(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, account: str):
        """A client with the rights of the account's root."""
        key = (service, account)
        if key not in self._clients:
            self._clients[key] = self.client_with(service, account, ROOT_SECRET)
        return self._clients[key]

    def client_with(self, service: str, access_key_id: str, secret: str, token: str | None = None):
        """A client with credentials of one's own: a user's key, an assumed role's session."""
        return SESSION.client(
            service, endpoint_url=self.endpoint, config=ONE_TRY, aws_access_key_id=access_key_id,
            aws_secret_access_key=secret, aws_session_token=token)

    def calls(self, account: str, since: int = 0, **wanted) -> list[dict]:
        """The recorded calls in an account, those by its root left out.

        `wanted` narrows by any field: `role=…`, `action=…`, `status=…`.
        """
        root = f"arn:aws:iam::{account}:root"
        found = []
        for line in self.calls_file.read_text().splitlines():
            call = json.loads(line)
            if call["account"] != account or call["caller"] == root or call["number"] <= since:
                continue
            if all(call[field] == value for field, value in wanted.items()):
                found.append(call)
        return found

    def last_call(self) -> int:
        """The number of the newest call: pass it to `calls(since=…)`."""
        lines = self.calls_file.read_text().splitlines()
        return json.loads(lines[-1])["number"] if lines else 0

    def seed(self, account: str, **things) -> None:
        """Set what IAM cannot be asked to set. See `seeding`."""
        self.ask("POST", "seed", {"account": account, **things})

    def forget_access_keys(self, account: str) -> None:
        self.ask("DELETE", f"keys?account={account}")

    def unseen(self, account: str) -> dict:
        """Dates of last use, all at once."""
        return self.ask("GET", f"seed?account={account}")

    def fault(self, account: str, action: str, kind: str, **settings) -> int:
        """Inject a fault into the calls to come. See `faults`."""
        wanted = {"account": account, "action": action, "kind": kind, **settings}
        return self.ask("POST", "faults", wanted)["id"]

    def faults(self, account: str) -> list[dict]:
        return self.ask("GET", f"faults?account={account}")

    def clear_faults(self, account: str) -> None:
        self.ask("DELETE", f"faults?account={account}")

    def release(self, fault: int) -> None:
        self.ask("POST", "release", {"id": fault})

    def page_size(self, account: str, items: int | None) -> None:
        self.ask("POST", "page-size", {"account": account, "items": items})

    def authorise(self, access_key_id: str, action: str, resource: str) -> dict:
        return self.ask("POST", "authorise", {"accessKeyId": access_key_id, "action": action, "resource": resource})

    def ask(self, method: str, route: str, body: dict | None = None):
        request = urllib.request.Request(
            f"{self.endpoint}/_bailiff/{route}", method=method,
            data=json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None
