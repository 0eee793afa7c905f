"""A scenario's policy, in Bailiff's words: a governance file."""

from datetime import datetime, timedelta

import yaml

from end_to_end.governance_file import NO_LIMITS

from ..scenario import ACCOUNT, Scenario, age, key_id

# What is wanted: the rules that want it, the one of their parameters that a number of days goes to, and whether a change
# event sets them off; the sweep sets off all.
RULES = {
    "no-old-keys": (("access-key-age",), "maxAccessKeyAge", False),
    "no-unused-keys": (("access-key-unused",), "maxCredentialUsageAge", False),
    "one-active-key": (("user-second-active-key",), None, False),
    "no-inline-policies": (("user-inline-policy",), None, True),
    "no-attached-policies": (("user-attached-policy",), None, True),
    "no-console-without-mfa": (("console-user-without-mfa",), None, False),
    "no-unused-users": (("user-unused",), "maxCredentialUsageAge", False),
    "no-unused-roles": (("role-unused",), "maxRoleUsageAge", False),
    "no-strangers-in-roles": (("role-trust-external", "role-trust-public"), None, True),
    "no-administrator-policies": (("policy-admin",), None, False),
    "strong-passwords": (("password-policy",), None, False),
    # Of what the tool itself switched off.
    "no-keys-left-off": (("access-key-disabled",), "deleteAfter", False),
}

LIMITS = {"acts": "actsPerSweep", "perThing": "actsPerResourceAndDay"}


def rules(scenario: Scenario) -> list[str]:
    return [rule for wanted in scenario.policy["want"] for rule in RULES[wanted][0]]


def rules_of_a_change(scenario: Scenario) -> list[str]:
    return [rule for wanted in scenario.policy["want"] if RULES[wanted][2] for rule in RULES[wanted][0]]


def governance(scenario: Scenario, now: datetime, every_rule: list[str], mode: str | None = None) -> str:
    """`mode` is another than the scenario begins with. Every rule but those that are wanted is off: a scenario is about nothing else."""
    policy = scenario.policy
    wanted = {}
    for name, setting in policy["want"].items():
        found, parameter, _ = RULES[name]
        for rule in found:
            wanted[rule] = {"mode": {"act": "enforce", "look": "audit"}[mode or policy.get("mode", "act")]}
            if setting and parameter:
                wanted[rule]["parameters"] = {parameter: age(setting["days"]).days}
            # Nobody is warned of a deletion: two people are asked.
            if policy.get("warn") and rule != "access-key-disabled":
                days = {name: age(said).days for name, said in policy["warn"].items()}
                wanted[rule]["warnings"] = {"finalAfterDays": days["final"], "actAfterDays": days["act"]}
            if policy.get("approve", {}).get("people") and rule != "access-key-disabled":
                wanted[rule]["approvals"] = policy["approve"]["people"]
    limits = {LIMITS[name]: number for name, number in policy.get("limits", {}).items()}
    file = {
        "version": 1, "limits": NO_LIMITS | limits,
        "rules": {rule: {"enabled": False} for rule in every_rule if rule not in wanted} | wanted}
    for section, of in (("protected", "never"), ("breakGlass", "breakGlass")):
        if policy.get(of):
            file[section] = [{"principal": arn(about), "reason": "so it was agreed"} for about in policy[of]]
    if policy.get("approve"):
        file["approvals"] = {"approvers": [arn(about) for about in policy["approve"]["by"]]}
    if policy.get("trusted"):
        file["trustedAccounts"] = [{"account": number, "name": "our own"} for number in policy["trusted"]]
    if policy.get("exempt"):
        file["exemptions"] = [exemption(scenario, each, now) for each in policy["exempt"]]
    if policy.get("closed"):
        file["changeWindows"] = {
            "timeZone": "UTC", "open": [{"days": ["monday"], "from": "03:00", "to": "03:05"}],
            "closed": [f"{now + timedelta(days=days):%Y-%m-%d}" for days in range(-1, 3)]}
    text = yaml.safe_dump(file, sort_keys=False, allow_unicode=True)
    return text + {"unknown setting": "leave-alone: [ada]\n", "cut off": "exemptions:\n  - rule: [", None: ""}[policy.get("spoiled")]


def exemption(scenario: Scenario, said: dict, now: datetime) -> dict:
    made, ends = now - age(said.get("made", "30d")), now + age(said.get("ends", "30d"))
    kind, _, label = said["of"].partition("/keys/")
    subject = {"accessKey": key_id(scenario.id, kind.removeprefix("users/"), label)} if label else {"principal": arn(said["of"])}
    whole = {
        "rule": RULES[said["from"]][0][0], **subject, "ticket": "SEC-7", "owner": "staff@example.com",
        "approver": "ciso@example.com", "reason": "until the machine is replaced", "created": f"{made:%Y-%m-%d}",
        "expires": f"{ends:%Y-%m-%d}"}
    return {field: value for field, value in whole.items() if field != said.get("without")}


def arn(about: str) -> str:
    """`users/emergency/one` as an ARN, path and all."""
    if about == "itself":
        return f"arn:aws:iam::{ACCOUNT}:role/bailiff-suspend-principal"
    kind, _, name = about.partition("/")
    return f"arn:aws:iam::{ACCOUNT}:{kind.removesuffix('s')}/{name}"
