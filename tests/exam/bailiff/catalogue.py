"""What the `bailiff` command says of itself: its rules, and who puts each right."""

import json
import subprocess
from functools import cache

from end_to_end import binaries, template

# The policy that the template deploys.
QUARANTINE = "arn:aws:iam::{}:policy/bailiff-quarantine"


@cache
def deny_all() -> str:
    policy = template.read(binaries.TEMPLATE)["Resources"]["QuarantinePolicy"]
    return json.dumps(policy["Properties"]["PolicyDocument"], default=str)


@cache
def rules() -> list[dict]:
    return json.loads(said("rules", "--format", "json"))


def every_rule() -> list[str]:
    return [rule["id"] for rule in rules()]


def remediators() -> dict[str, str | None]:
    return {rule["id"]: rule.get("remediator") for rule in rules()}


@cache
def version() -> str:
    return said("--version").split()[-1]


def said(*arguments: str) -> str:
    return subprocess.run(
        [binaries.command_line(), *arguments], capture_output=True, text=True, check=True, timeout=60).stdout
