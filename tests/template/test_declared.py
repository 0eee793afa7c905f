"""The template and the code say the same: every IAM action that the code can call is in the function's role and no
other is, every governance rule has its Config rule and no other exists, and each evaluator may ask those remediators
who put right what its rules find, and no other."""

import copy
import json
import os
import subprocess

import pytest

from .deployment import ROOT, allowed, event_sources, functions, is_iam, is_iam_write, target
from .test_config_rules import kind, rules


def bailiff(*arguments):
    program = os.environ.get("BAILIFF_BIN") or ROOT / "target/debug/bailiff"
    try:
        done = subprocess.run(
            [program, *arguments, "--format", "json"], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        # Not skipped: what this file proves must not be lost to a missing build.
        pytest.fail(f"`{program}` does not exist: build it with `cargo build`, or name it in BAILIFF_BIN")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def declared_permissions():
    return bailiff("permissions")["functions"]


@pytest.fixture(scope="module")
def declared_rules():
    return bailiff("rules")


def permission_drift(template, declared):
    programs = functions(template)
    drift = [f"{p}: in the code, not in the template" for p in sorted(declared.keys() - programs.keys())]
    drift += [f"{p}: in the template, not in the code" for p in sorted(programs.keys() - declared.keys())]
    for program in sorted(declared.keys() & programs.keys()):
        reads, writes = ({a for a in declared[program][key] if is_iam(a)} for key in ("reads", "writes"))
        role = {action for action, _, _ in allowed(template, programs[program]) if is_iam(action)}
        drift += [
            f"{program}: the code can call {a}, the role does not allow it" for a in sorted((reads | writes) - role)
        ]
        drift += [f"{program}: the role allows {a}, the code never calls it" for a in sorted(role - reads - writes)]
        drift += [f"{program}: {a} is declared a read" for a in sorted(reads) if is_iam_write(a)]
    return drift


def rule_drift(template, declared):
    deployed = rules(template)
    wanted = {rule["id"]: rule for rule in declared}
    drift = [f"{r}: a governance rule without a Config rule" for r in sorted(wanted.keys() - deployed.keys())]
    drift += [f"{r}: a Config rule without a governance rule" for r in sorted(deployed.keys() - wanted.keys())]
    for rule_id in sorted(wanted.keys() & deployed.keys()):
        # A rule with both triggers is asked by changes; the reconcile sweep does the rest.
        expected = "change" if "Change" in wanted[rule_id]["triggers"] else "scheduled"
        if kind(deployed[rule_id]) != expected:
            drift.append(f"{rule_id}: is {kind(deployed[rule_id])}, must be {expected}")
        types = deployed[rule_id].get("Scope", {}).get("ComplianceResourceTypes", [])
        if expected == "change" and sorted(types) != sorted(wanted[rule_id]["appliesTo"]):
            drift.append(f"{rule_id}: asked for {types}, applies to {wanted[rule_id]['appliesTo']}")
    return drift


def asking_drift(template, declared):
    """Evaluators that may ask other remediators than those of the rules they judge."""
    programs = functions(template)
    program_of = {function: program for program, function in programs.items()}
    queues = {target(source["Queue"]): program_of[function] for function, source in event_sources(template)}
    drift = []
    for program, trigger in (("evaluate-account", "Sweep"), ("evaluate-changes", "Change")):
        # Some rules leave it to people.
        needed = {rule["remediator"] for rule in declared if trigger in rule["triggers"]} - {None}
        may = {
            queues[resource]
            for action, resource, _ in allowed(template, programs[program])
            if action == "sqs:SendMessage" and resource in queues
        }
        drift += [f"{program}: cannot ask {r}, its rules need it" for r in sorted(needed - may)]
        drift += [f"{program}: may ask {r}, none of its rules needs it" for r in sorted(may - needed)]
    return drift


def report(drift):
    return "\n" + "\n".join(drift)


def test_each_role_allows_exactly_what_its_code_can_call(template, declared_permissions):
    drift = permission_drift(template, declared_permissions)
    assert not drift, report(drift)


def test_every_governance_rule_has_its_config_rule(template, declared_rules):
    drift = rule_drift(template, declared_rules)
    assert not drift, report(drift)


def test_evaluators_may_ask_the_remediators_of_their_rules_and_no_other(template, declared_rules):
    drift = asking_drift(template, declared_rules)
    assert not drift, report(drift)


def as_declared(template):
    """What a program would print that agrees with the template."""
    declared = {}
    for program, function in functions(template).items():
        actions = {action for action, _, _ in allowed(template, function) if is_iam(action)}
        writes = {action for action in actions if is_iam_write(action)}
        declared[program] = {"reads": sorted(actions - writes), "writes": sorted(writes)}
    return declared


def test_permission_drift_is_noticed_both_ways(template):
    declared = as_declared(template)
    assert permission_drift(template, declared) == []
    declared["restore"]["reads"].append("iam:ListRoles")
    declared["remove-user-policies"]["writes"].remove("iam:DetachUserPolicy")
    declared["deactivate-access-keys"] = {
        "reads": ["iam:GetUser", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:UpdateAccessKey"],
        "writes": [],
    }
    del declared["evaluate-changes"]
    assert permission_drift(template, declared) == [
        "evaluate-changes: in the template, not in the code",
        "deactivate-access-keys: iam:UpdateAccessKey is declared a read",
        "remove-user-policies: the role allows iam:DetachUserPolicy, the code never calls it",
        "restore: the code can call iam:ListRoles, the role does not allow it",
    ]


def test_rule_drift_is_noticed_both_ways(template):
    declared = [
        {
            "id": rule_id,
            "triggers": ["Change", "Sweep"] if kind(rule) == "change" else ["Sweep"],
            "appliesTo": rule.get("Scope", {}).get("ComplianceResourceTypes", ["AWS::IAM::User"]),
        }
        for rule_id, rule in rules(template).items()
    ]
    assert rule_drift(template, declared) == []
    by_id = {rule["id"]: rule for rule in declared}
    by_id["user-unused"]["triggers"] = ["Change"]
    by_id["user-inline-policy"]["appliesTo"] = ["AWS::IAM::Group", "AWS::IAM::User"]
    by_id["access-key-age"]["id"] = "access-key-old"
    assert rule_drift(template, declared) == [
        "access-key-old: a governance rule without a Config rule",
        "access-key-age: a Config rule without a governance rule",
        "user-inline-policy: asked for ['AWS::IAM::User'], applies to ['AWS::IAM::Group', 'AWS::IAM::User']",
        "user-unused: is scheduled, must be change",
        "user-unused: asked for [], applies to ['AWS::IAM::User']",
    ]


def test_asking_drift_is_noticed_both_ways(template, declared_rules):
    declared = copy.deepcopy(declared_rules)
    assert asking_drift(template, declared) == []
    for rule in declared:
        if rule["remediator"] == "remove-user-policies":
            rule["triggers"] = ["Sweep"]
        if rule["remediator"] == "deactivate-access-keys":
            rule["triggers"] = ["Change"]
    assert asking_drift(template, declared) == [
        "evaluate-account: may ask deactivate-access-keys, none of its rules needs it",
        "evaluate-changes: cannot ask deactivate-access-keys, its rules need it",
        "evaluate-changes: may ask remove-user-policies, none of its rules needs it",
    ]
