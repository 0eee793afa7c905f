"""Governance files, as short as a test's point."""

import yaml


def enforcing(*rules: str, parameters: dict | None = None, **sections) -> str:
    return in_mode("enforce", *rules, parameters=parameters, **sections)


def in_mode(mode: str, *rules: str, parameters: dict | None = None, **sections) -> str:
    """These rules in a mode; `parameters` are every rule's, `sections` the file's others."""
    setting = {"mode": mode} | ({"parameters": parameters} if parameters else {})
    return yaml.safe_dump({"version": 1, "rules": {rule: dict(setting) for rule in rules}} | sections, sort_keys=False)
