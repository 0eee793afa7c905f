"""Governance files, as short as a test's point."""

from datetime import datetime, timedelta, timezone

import yaml

# For tests that are about something else. One line, so that it can stand under any file.
NO_LIMITS = {
    "actsPerSweep": 10**6, "actsPerHour": 10**6, "actsPerDay": 10**6, "sharePerDay": 100, "actsPerResourceAndDay": 10**6}


def enforcing(*rules: str, parameters: dict | None = None, **sections) -> str:
    return in_mode("enforce", *rules, parameters=parameters, **sections)


def in_mode(mode: str, *rules: str, parameters: dict | None = None, **sections) -> str:
    """These rules in a mode; `parameters` are every rule's, `sections` the file's others."""
    setting = {"mode": mode} | ({"parameters": parameters} if parameters else {})
    rules = {rule: dict(setting) for rule in rules}
    return yaml.safe_dump({"version": 1, "limits": NO_LIMITS, "rules": rules} | sections, sort_keys=False)


def exemption(rule: str, principal: str) -> dict:
    """One that stands, from yesterday for a month."""
    today = datetime.now(timezone.utc)
    return {
        "rule": rule, "principal": principal, "ticket": "SEC-7", "owner": "staff@example.com",
        "approver": "ciso@example.com", "reason": "until the group exists",
        "created": f"{today - timedelta(days=1):%Y-%m-%d}", "expires": f"{today + timedelta(days=30):%Y-%m-%d}"}
