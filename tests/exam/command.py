"""Another tool's adapter, in any language: a command that reads a scenario and answers with its ending."""

import json
import shlex
import subprocess

from .ending import Ending, NotApplicable
from .scenario import ELSEWHERE, NOW, Scenario

LONGEST = 300


class Command:
    def __init__(self, command: str):
        self.tool, self.version, self.world = command, "", "its own"
        self._command = shlex.split(command)

    def close(self) -> None:
        pass

    def sit(self, scenario: Scenario) -> Ending:
        told = {
            "id": scenario.id, "policy": scenario.policy, "when": scenario.when, "now": NOW.isoformat(),
            "given": scenario.said["given"], "account": scenario.account(),
            # Keys go by labels in a scenario, and by these ids in the account.
            "keys": {label: identifier for identifier, label in scenario.labels().items()}}
        if "elsewhere" in scenario.said["given"]:
            told |= {"elsewhere": scenario.account(elsewhere=True), "elsewhereIs": ELSEWHERE}
        run = subprocess.run(
            self._command, input=json.dumps(told, ensure_ascii=False), capture_output=True, text=True, timeout=LONGEST)
        if run.returncode:
            raise RuntimeError(f"it ended with {run.returncode}: {run.stderr[-2000:]}")
        answer = json.loads(run.stdout)
        if "notApplicable" in answer:
            raise NotApplicable(answer["notApplicable"])
        self.tool, self.version = answer.get("tool", self.tool), answer.get("version", self.version)
        self.world = answer.get("world", self.world)
        return Ending.of_json(answer)
