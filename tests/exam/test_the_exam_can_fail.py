"""A remediator with one of the usual mistakes fails where it should, and nowhere else that it passes without it."""

import sys

import pytest

from . import scenario as scenarios
from .command import Command
from .ending import Claim, Ending, Write
from .naive import ASLEEP_TOO, ERROR_IS_NEVER, EVERY_KEY, NO_LOOK_BACK, Naive
from .result import ERROR, FAIL, NOT_APPLICABLE, PASS, examine
from .verdict import complaints

FAILS = {
    EVERY_KEY: {"key-stale-beside-fresh"},
    NO_LOOK_BACK: {"write-denied"},
    ERROR_IS_NEVER: {"key-last-use-throttled"},
    ASLEEP_TOO: {"key-inactive-already"},
}
SIMPLE = {"key-stale-beside-fresh", "key-new-and-never-used", "key-last-use-throttled", "key-inactive-already", "write-denied"}


@pytest.mark.parametrize("mistake", [None, *FAILS])
def test_a_mistake_is_found_by_the_scenarios_that_are_about_it(emulated, mistake):
    with emulated.desk() as desk:
        adapter = Naive(mistake, desk.emulator)
        results = {name: examine(adapter, scenarios.read(name)) for name in SIMPLE}
    wanted = FAILS.get(mistake, set())
    told = {name: result.evidence for name, result in results.items()}
    assert {name for name, result in results.items() if result.verdict == FAIL} == wanted, told
    assert {name for name, result in results.items() if result.verdict == PASS} == SIMPLE - wanted, told


def test_whoever_does_nothing_fails_what_asks_for_an_act():
    scenario = scenarios.read("key-stale-beside-fresh")
    assert complaints(scenario, Ending(scenario.account())) == [
        "users/ada/keys/STALE/status is Active, not Inactive", "it never says of users/ada that it is done"]


def test_whoever_says_more_than_is_so_fails():
    scenario = scenarios.read("write-denied")
    [complaint, *_] = complaints(scenario, Ending(
        scenario.account(), [Write("iam:UpdateAccessKey", "ada")],
        [Claim("users/ada", "failed", "iam:UpdateAccessKey is denied"), Claim("users/ada", "done")], ["users/ada"]))
    assert complaint.startswith("it says `done` of users/ada, and must not")


def test_a_change_that_nobody_asked_for_fails_wherever_it_is():
    scenario = scenarios.read("finding-forged")
    account = scenario.account()
    account["users"][0]["tags"] = {"seen": "by the tool"}
    assert complaints(scenario, Ending(account)) == ["users/bob/tags/seen is by the tool, not gone"]


def test_an_adapter_that_breaks_is_an_error_and_no_pass():
    class Broken:
        tool, version, world = "broken", "0", "nowhere"

        def sit(self, scenario):
            raise OSError("no such tool")

    result = examine(Broken(), scenarios.read("write-denied"))
    assert result.verdict == ERROR and "no such tool" in result.evidence[-1]


def test_whoever_does_nothing_and_says_nothing_fails_five_scenarios_of_six():
    every = [scenarios.read(name) for name in scenarios.names()]
    passed = [scenario.id for scenario in every if not complaints(scenario, Ending(scenario.account()))]
    assert len(passed) * 6 <= len(every), passed


ANOTHER_TOOL = """
import json, sys
told = json.load(sys.stdin)
if "no-old-keys" not in told["policy"]["want"]:
    print(json.dumps({"notApplicable": "it knows keys alone"}))
else:
    [user] = told["account"]["users"]
    for key in user["accessKeys"]:
        if key["id"] == told["keys"]["STALE"]:
            key["status"] = "Inactive"
    print(json.dumps({
        "tool": "another", "version": "1.2", "world": "its own account", "account": told["account"],
        "writes": [{"action": "iam:UpdateAccessKey", "on": "ada"}], "claims": [{"about": "users/ada", "says": "done"}]}))
"""


def test_another_tool_sits_by_its_command(tmp_path):
    adapter = tmp_path / "adapter.py"
    adapter.write_text(ANOTHER_TOOL)
    command = Command(f"{sys.executable} {adapter}")
    verdicts = {name: examine(command, scenarios.read(name)) for name in (
        "key-stale-beside-fresh", "undo-given-twice", "key-third-of-its-user")}
    assert {name: result.verdict for name, result in verdicts.items()} == {
        "key-stale-beside-fresh": PASS, "undo-given-twice": NOT_APPLICABLE, "key-third-of-its-user": ERROR}
    first = verdicts["key-stale-beside-fresh"]
    assert (first.tool, first.version, first.world) == ("another", "1.2", "its own account")
    assert verdicts["undo-given-twice"].evidence == ["it knows keys alone"]
