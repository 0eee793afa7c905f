"""Bailiff on the simulated account: `sim/examples/exam`, led line by line."""

import json
import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from end_to_end.account import complete
from end_to_end.binaries import REPOSITORY

from ..change import changed
from ..ending import Claim, Ending, Write
from ..scenario import ACCOUNT, NOW, Scenario
from . import intent, testimony
from .catalogue import QUARANTINE, deny_all, every_rule, remediators, version
from .play import World, play

FAULTS = {"throttled": "throttled", "denied": "denied", "failed": "failed", "answer lost": "lost-answer"}
# Just before the first read of the principal, and of the second, by which a guard looks again just before the act.
MOMENTS = {"before it looks": 0, "before it acts": 1}
ITS_OWN = {"its switch": "dynamodb:GetItem", "its journal": "dynamodb:PutItem"}
FIRST_READ = {"users": "iam:GetUser", "roles": "iam:GetRole"}


class Simulated:
    tool, world = "bailiff", "simulated account"

    def __init__(self):
        self.version = version()
        self._led = subprocess.Popen(
            [path()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def close(self) -> None:
        self._led.stdin.close()
        self._led.wait(timeout=10)

    def sit(self, scenario: Scenario) -> Ending:
        return play(scenario, Room(scenario, self.ask))

    def ask(self, **command) -> dict:
        self._led.stdin.write(json.dumps(command) + "\n")
        self._led.stdin.flush()
        answer = json.loads(self._led.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{command['do']}: {answer['error']}")
        return answer


def path() -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    built = target / "debug" / "examples" / "exam"
    if not built.exists():
        raise AssertionError(f"{built} is missing; run: cargo build --package sim --example exam")
    return built


class Room(World):
    def __init__(self, scenario: Scenario, ask):
        self.scenario, self.ask = scenario, ask
        self.remediators = remediators()
        self._before = scenario.account()
        self._begin()

    def _begin(self) -> None:
        self.ask(
            do="begin", account=self._before, governance=intent.governance(self.scenario, NOW, every_rule()))

    def now(self) -> datetime:
        return datetime.fromisoformat(self.ask(do="look")["now"])

    def state(self) -> dict:
        return complete(self.ask(do="look")["account"])

    def deliver(self, event: dict) -> list[Claim]:
        return rejections(self.ask(do="deliver", event=event))

    def message(self, remediator: str, group: str, body: str) -> list[Claim]:
        return rejections(self.ask(do="message", to=remediator, group=group, body=body))

    def order(self, function: str, payload: dict) -> dict:
        if function == "restore":
            return self.ask(do="restore", request=payload)
        return self.ask(do="suspend", order=payload)

    def answer(self, by: str, answer: dict) -> str | None:
        return self.ask(do="answer", by=by, answer=answer).get("refused")

    def someone(self, change: dict) -> None:
        self.ask(do="edit", account=changed(self.scenario, self.state(), change))

    def meanwhile(self, said: dict) -> None:
        when = {"call": FIRST_READ[said.get("about", "users")], "after": MOMENTS[said["at"]]}
        if "stop" in said:
            order = {"since": "2026-11-22T09:00:00Z", "by": "sam", "reason": said["stop"]}
            self.ask(do="stopBefore", order=order, **when)
        else:
            account = changed(self.scenario, self.state(), said["someone"])
            self.ask(do="editBefore", account=account, **when)

    def fault(self, said: dict) -> None:
        if said["fails"] == "does not take":
            # As if it took for ever.
            self.ask(do="lag", seconds=86_400)
            return
        call = ITS_OWN.get(said["call"], said["call"])
        self.ask(
            do="fail", call=call, fault=FAULTS[said["fails"]], after=said.get("after", 0), times=said.get("times"))

    def heal(self) -> None:
        self.ask(do="heal")

    def stop(self, reason: str | None) -> None:
        order = reason and {"since": "2026-11-22T09:00:00Z", "by": "sam", "reason": reason}
        self.ask(do="stop", order=order or None)

    def dies(self, said: dict) -> None:
        """Right after so many writes, which are counted in a rehearsal."""
        rehearsal = Room(self.scenario, self.ask)
        play(Scenario(self.scenario.id, self.scenario.said | {"given": {}, "when": self.scenario.when[:1]}), rehearsal)
        writes = [number for number, call in enumerate(self.ask(do="look")["calls"], 1) if call["writes"]]
        self._begin()
        self.ask(do="die", after=writes[said["after-writes"] - 1])

    def govern(self, mode: str) -> None:
        self.ask(do="govern", governance=intent.governance(self.scenario, NOW, every_rule(), mode))

    def pass_(self, time: timedelta) -> None:
        self.ask(do="pass", seconds=int(time.total_seconds()))

    def entries(self) -> list[dict]:
        return self.ask(do="look")["entries"]

    def ending(self, claims: list[Claim]) -> Ending:
        seen = self.ask(do="look")
        resources = testimony.resources(self._before)
        reported = [each["evaluation"] for each in seen["reported"]]
        claims = claims + [testimony.of_entry(entry) for entry in seen["entries"]] + [
            claim for each in reported
            if (claim := testimony.of_evaluation(
                each["resourceId"], each["compliance"], each.get("annotation") or "", resources))]
        about = {entry["id"]: testimony.about_resource(entry["plan"]["resource"]) for entry in seen["entries"]}
        return Ending(
            complete(seen["account"] | {"now": self._before["now"]}),
            [Write(call["action"], call["on"]) for call in seen["calls"] if call["writes"]],
            claims, told=[about[entry] for entry in seen["notices"]],
            documents={QUARANTINE.format(ACCOUNT): deny_all()})


def rejections(answer: dict) -> list[Claim]:
    refused = [answer["refused"]] if answer.get("refused") else []
    return [Claim("events", "rejected", why) for why in refused + [letter["why"] for letter in answer["deadLetters"]]]
