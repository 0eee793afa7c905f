"""A scenario: an account, a governance file, events, and what must come of them, in files that know no world.

    scenarios/NAME/account.json      as the simulated account and the emulator's loader read it
                   governance.yaml   absent: the one that ships, in which every rule only watches
                   NAME.json         events of its own, where events/ of the repository has none that fits
                   scenario.yaml     tells: …
                                     events: [events/evaluate-changes/….json, …]
                                     config: {RULE: {RESOURCE ID: COMPLIANCE}}   in the end
                                     journal: [{principal, status, steps, …}]    in any order
                                     changed: {users: {NAME: {FIELD: VALUE}}}    against account.json
                                              {accountSettings: {SETTING: {FIELD: VALUE}}}

What `changed` does not name must be as it was, to the byte.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

import yaml

from .account import comparable, complete, parse
from .binaries import REPOSITORY
from .governance_file import NO_LIMITS
from .journal import steps

SCENARIOS = Path(__file__).parent / "scenarios"
SHIPPED = REPOSITORY / "governance" / "governance.yaml"


@dataclass
class Scenario:
    name: str
    account: dict
    governance: str
    events: list[Path]
    expected: dict

    def ending(self) -> "Ending":
        """What both worlds must come to."""
        account = comparable(self.account)
        changed = dict(self.expected.get("changed", {}))
        for setting, value in changed.pop("accountSettings", {}).items():
            before = account["accountSettings"][setting]
            account["accountSettings"][setting] = before | value if before and value else value
        for kind, changes in changed.items():
            for name, fields in changes.items():
                [thing] = [thing for thing in account[kind] if thing["name"] == name]
                unknown = set(fields) - set(thing)
                assert not unknown, f"{self.name}: {name} has no {unknown}"
                for credentials in {"accessKeys", "otherCredentials"} & set(fields):
                    fields = fields | {credentials: switched(thing[credentials], fields[credentials])}
                thing.update(fields)
        return Ending(comparable(account), self.expected.get("config", {}), in_order(self.expected.get("journal", [])))


    def governance_today(self) -> str:
        """The governance file with the days of its exemptions as far from today as they are from the account's."""
        by = datetime.now(timezone.utc) - parse(self.account["now"])
        return re.sub(
            r"(created|expires): (\d{4}-\d\d-\d\d)$",
            lambda day: f"{day[1]}: {date.fromisoformat(day[2]) + by:%Y-%m-%d}", self.governance, flags=re.MULTILINE)


@dataclass
class Ending:
    account: dict
    config: dict[str, dict[str, str]]
    journal: list[dict]


def names() -> list[str]:
    return sorted(path.name for path in SCENARIOS.iterdir() if path.is_dir())


def read(name: str) -> Scenario:
    directory = SCENARIOS / name
    expected = yaml.safe_load((directory / "scenario.yaml").read_text())
    governance = directory / "governance.yaml"
    return Scenario(
        name=name,
        account=complete(json.loads((directory / "account.json").read_text())),
        governance=(governance if governance.exists() else SHIPPED).read_text() + f"limits: {json.dumps(NO_LIMITS)}\n",
        events=[REPOSITORY / path if path.startswith("events/") else directory / path for path in expected["events"]],
        expected=expected)


def switched(keys: list[dict], statuses: dict[str, str]) -> list[dict]:
    """Keys with some of their statuses changed: all that Bailiff ever does to one."""
    unknown = set(statuses) - {key["id"] for key in keys}
    assert not unknown, f"no keys {unknown}"
    return [key | {"status": statuses.get(key["id"], key["status"])} for key in keys]


def told(entry: dict) -> dict:
    """A journal entry without what differs between two runs of the same: ids, times, the text of errors."""
    resource = entry["plan"]["resource"]
    summary = {
        # The account goes by its number.
        "principal": resource.get("name", resource["account"]), "by": entry["remediator"], "mode": entry["mode"],
        "status": entry["status"], "steps": steps(entry)}
    if entry["cause"]["kind"] == "rule":
        summary["rule"] = entry["cause"]["rule"]
    if "refusal" in entry:
        summary["refusal"] = refusal(entry["refusal"])
    if entry["plan"].get("left"):
        summary["left"] = len(entry["plan"]["left"])
    if entry.get("lost"):
        summary["lost"] = len(entry["lost"])
    return summary


def refusal(refusal: dict) -> str:
    reason = refusal.get("reason", refusal.get("ticket"))
    if isinstance(reason, dict):
        [reason] = reason
    return f"{refusal['guard']} {reason}" if reason else refusal["guard"]


def in_order(entries: list[dict]) -> list[dict]:
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
