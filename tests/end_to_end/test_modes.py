"""How far a rule may go: audit writes the plan down, notify tells of it, enforce carries that very plan out."""

from pathlib import Path

from . import configuration, journal, notices, principals
from .eventually import eventually
from .governance_file import enforcing, in_mode
from .test_sweeps import swept

WRITES = ("iam:Put", "iam:Delete", "iam:Attach", "iam:Detach", "iam:Update", "iam:Create", "iam:Add", "iam:Remove")
RULES = ("user-inline-policy", "user-attached-policy", "access-key-age", "user-unused")
PEOPLE = principals.of(
    principals.with_inline_policy("ann", "one", "two", attachedPolicies=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    principals.unused("ben", loginProfile={"created": principals.LONG_AGO}))


def everything_asked(invoke, stack, people) -> None:
    for rule in RULES[:2]:
        invoke(stack, f"bailiff-{rule}", configuration.changed(people, "ann"))
    for rule in RULES[2:]:
        swept(invoke, stack, f"bailiff-{rule}")


def writes(emulator, account) -> list[str]:
    return [call["action"] for call in emulator.calls(account) if call["action"].startswith(WRITES)]


def govern(stack, text: str) -> None:
    """Deploy another governance file: new processes, as a new layer makes them."""
    Path(stack.environment("restore")["BAILIFF_GOVERNANCE"]).write_text(text)
    for binary in stack.functions:
        stack.configure(binary, REVISION="2")


def test_the_plan_of_audit_is_the_plan_that_enforce_carries_out(bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(in_mode("audit", *RULES)), load_account(PEOPLE)
    everything_asked(invoke, stack, people)
    planned = journal.settled(stack)
    assert {entry["status"] for entry in planned} == {"planned"} and len(planned) == 4
    assert writes(emulator, account) == []
    assert people.dump() == people.file

    govern(stack, enforcing("user-inline-policy", "user-attached-policy", "user-unused"))
    for rule in RULES[:2]:
        invoke(stack, f"bailiff-{rule}", configuration.changed(people, "ann"))
    swept(invoke, stack, "bailiff-user-unused")
    carried_out = [entry for entry in journal.settled(stack) if entry["mode"] == "enforce"]
    assert {entry["status"] for entry in carried_out} == {"verified"} and len(carried_out) == 3
    for entry in carried_out:
        [plan] = [one["plan"] for one in planned if one["cause"] == entry["cause"]]
        assert entry["plan"] == plan
    assert sorted(writes(emulator, account)) == sorted([
        "iam:DeleteUserPolicy", "iam:DeleteUserPolicy", "iam:DetachUserPolicy", "iam:AttachUserPolicy",
        "iam:UpdateAccessKey", "iam:DeleteLoginProfile"])


def test_audit_tells_nobody_and_notify_tells_once(bailiff, load_account, invoke, emulator, account):
    modes = in_mode("notify", "user-inline-policy").rstrip() + "\n  user-attached-policy:\n    mode: audit\n"
    stack, people = bailiff(modes), load_account(PEOPLE)
    listener = notices.listen(stack)
    for _ in range(2):
        for rule in RULES[:2]:
            invoke(stack, f"bailiff-{rule}", configuration.changed(people, "ann"))
    assert {entry["mode"]: entry["status"] for entry in journal.settled(stack)} == {"notify": "planned", "audit": "planned"}
    [notice] = eventually(listener.notices, "the notice is out")
    assert "Nothing was changed: the mode is `notify`" in notice["Message"]
    assert "delete inline policy one from user ann" in notice["Message"]
    assert notice["MessageAttributes"]["status"]["Value"] == "planned"
    assert writes(emulator, account) == []


def test_a_rule_that_is_off_judges_and_changes_nothing(bailiff, load_account, invoke, config, account):
    stack, people = bailiff("version: 1\nrules:\n  user-inline-policy:\n    enabled: false\n"), load_account(PEOPLE)
    answer = invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ann")).payload
    assert (answer["notApplicable"], answer["findings"]) == (1, 0)
    [result] = config.results(account, "bailiff-user-inline-policy").values()
    assert (result["ComplianceType"], result["Annotation"]) == (
        "NOT_APPLICABLE", "the governance file has this rule off")


def test_a_rule_switched_off_after_its_finding_was_sent_is_not_enforced(bailiff, load_account, invoke, tmp_path):
    """The remediator's own governance file decides, not the one that its finding was made under."""
    stack, people = bailiff(enforcing("user-inline-policy")), load_account(PEOPLE)
    off = tmp_path / "off.yaml"
    off.write_text("version: 1\nrules:\n  user-inline-policy:\n    enabled: false\n")
    stack.configure("remove-user-policies", BAILIFF_GOVERNANCE=str(off))
    assert invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ann")).payload["findings"] == 1
    assert journal.settled(stack) == []
    assert "the governance file has this rule off" in stack.log("remove-user-policies")
    assert people.dump() == people.file
