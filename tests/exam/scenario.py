"""A scenario: who was there, what was wanted, what happened, and what a trustworthy remediator has made of it.

A file of `scenarios/`, as `scenario.schema.json` has it. It knows no tool. Times in it are ages (`200d` is two hundred
days ago), and keys go by a label, so that the same file can be put to a tool on any day, in any account.
"""

import base64
import copy
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import yaml

from end_to_end import account as account_file

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
SCHEMA = jsonschema.Draft202012Validator(json.loads((HERE / "scenario.schema.json").read_text()))
# The account and the one beside it. Documents in scenarios name them so; a world may give them other numbers.
ACCOUNT, ELSEWHERE = "111122223333", "444455556666"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=timezone.utc)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Scenario:
    id: str
    # The file as written, every default filled in.
    said: dict

    @property
    def title(self) -> str:
        return self.said["title"]

    @property
    def policy(self) -> dict:
        return self.said["policy"]

    @property
    def when(self) -> list:
        return self.said["when"]

    @property
    def then(self) -> dict:
        return self.said["then"]

    @property
    def faults(self) -> list[dict]:
        return self.said["given"].get("faults", [])

    @property
    def meanwhile(self) -> list[dict]:
        return self.said["given"].get("meanwhile", [])

    def account(self, elsewhere: bool = False) -> dict:
        """The account before, as an account file (cli/README.md); or the one beside it."""
        given = self.said["given"]
        if elsewhere:
            return expand(f"{self.id}/elsewhere", given.get("elsewhere", {}), ELSEWHERE)
        return expand(self.id, given, ACCOUNT)

    def labels(self) -> dict[str, str]:
        """Key ids by what the scenario calls them."""
        return {
            key_id(self.id, user, label): label
            for user, about in self.said["given"].get("users", {}).items() for label in (about or {}).get("keys", {})}


def names() -> list[str]:
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def read(name: str) -> Scenario:
    said = yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text())
    try:
        SCHEMA.validate(said)
    except jsonschema.ValidationError as error:
        raise ValueError(f"{name}: {error.json_path}: {error.message}") from None
    if said["id"] != name:
        raise ValueError(f"{name}: its id is {said['id']}")
    return Scenario(name, said)


def age(text: str) -> timedelta:
    number, unit = re.fullmatch(r"(-?\d+)([mhd])", text).groups()
    return timedelta(**{UNITS[unit]: int(number)})


def ago(text: str | None) -> str | None:
    return None if text in (None, "never") else account_file.moment(NOW - age(text))


def expand(scenario: str, given: dict, account: str) -> dict:
    kinds = {"users": user, "roles": role, "groups": holder, "policies": policy}
    file = {"account": account, "now": account_file.moment(NOW)}
    for kind, make in kinds.items():
        file[kind] = [
            # Of this scenario alone: what a tool remembers of another scenario's must not fit here.
            {"name": name, "id": unique_id(scenario, kind, name)} | make(scenario, name, about or {})
            for name, about in given.get(kind, {}).items()]
    if "passwordPolicy" in given:
        file["accountSettings"] = {"passwordPolicy": given["passwordPolicy"]}
    return account_file.complete(file)


def holder(scenario: str, name: str, about: dict) -> dict:
    return {
        "path": about.get("path", "/"), "attachedPolicies": about.get("attached", []),
        "inlinePolicies": [
            {"name": policy, "document": account_file.text(document)} for policy, document in about.get("inline", {}).items()]}


def principal(scenario: str, name: str, about: dict) -> dict:
    return holder(scenario, name, about) | {
        "created": ago(about.get("created", "500d")), "tags": about.get("tags", {}), "boundary": about.get("boundary")}


def user(scenario: str, name: str, about: dict) -> dict:
    password = about.get("password")
    return principal(scenario, name, about) | {
        "groups": about.get("groups", []),
        "mfaDevices": [f"arn:aws:iam::{ACCOUNT}:mfa/{name}"] if about.get("mfa") else [],
        "loginProfile": None if password is None else {"created": ago(password.get("created", "400d"))},
        "passwordLastUsed": ago((password or {}).get("lastUsed")),
        "accessKeys": [key(key_id(scenario, name, label), said) for label, said in about.get("keys", {}).items()]}


def key(identifier: str, about: dict) -> dict:
    used = ago(about.get("lastUsed"))
    return {
        "id": identifier, "status": about.get("status", "Active"), "created": ago(about["created"]),
        "statusChanged": ago(about.get("switched")),
        "lastUsed": used and {"at": used, "service": about.get("service", "s3"), "region": "eu-west-1"}}


def role(scenario: str, name: str, about: dict) -> dict:
    return principal(scenario, name, about) | {
        "trust": account_file.text(about["trust"]) if "trust" in about else account_file.A_SERVICE}


def policy(scenario: str, name: str, about: dict) -> dict:
    return {"path": about.get("path", "/"), "document": account_file.text(about["document"])}


def key_id(scenario: str, user: str, label: str) -> str:
    return "AKIA" + letters(f"key/{scenario}/{user}/{label}", 16)


def unique_id(scenario: str, kind: str, name: str) -> str:
    prefix = {"users": "AIDA", "roles": "AROA", "groups": "AGPA", "policies": "ANPA"}[kind]
    return prefix + letters(f"{kind}/{scenario}/{name}", 17)


def letters(of: str, length: int) -> str:
    return base64.b32encode(hashlib.sha256(of.encode()).digest()).decode().rstrip("=")[:length]


def flat(file: dict, labels: dict[str, str]) -> dict[str, object]:
    """An account file as paths and values: `users/ada/keys/STALE/status: Active`."""
    file = account_file.comparable(copy.deepcopy(file))
    found = {}
    for option, value in (file["accountSettings"]["passwordPolicy"] or {}).items():
        found[f"passwordPolicy/{option}"] = value
    for kind in ("users", "roles", "groups", "policies"):
        for thing in file[kind]:
            at = f"{kind}/{thing['name']}"
            found |= {f"{at}/inline/{policy['name']}": policy["document"] for policy in thing.get("inlinePolicies", [])}
            found |= {f"{at}/attached/{arn}": True for arn in thing.get("attachedPolicies", [])}
            found |= {f"{at}/groups/{name}": True for name in thing.get("groups", [])}
            found |= {f"{at}/tags/{name}": value for name, value in thing.get("tags", {}).items()}
            found |= {f"{at}/versions/{version['id']}": version["document"] for version in thing.get("otherVersions", [])}
            for one in thing.get("accessKeys", []):
                label = labels.get(one["id"], one["id"])
                found[f"{at}/keys/{label}/status"] = one["status"]
                found[f"{at}/keys/{label}/created"] = one["created"]
            # `lastUsed` is what the keys' users do, no part of what a tool may change.
            plain = {
                "id": "id", "path": "path", "boundary": "boundary", "trust": "trust", "document": "document",
                "maxSessionDuration": "maxSession", "defaultVersion": "defaultVersion"}
            found |= {f"{at}/{ours}": thing[theirs] for theirs, ours in plain.items() if thing.get(theirs) is not None}
            if thing.get("loginProfile"):
                found[f"{at}/password"] = "set"
            found |= {f"{at}/mfa/{serial.rsplit('/', 1)[-1]}": True for serial in thing.get("mfaDevices", [])}
    return found
