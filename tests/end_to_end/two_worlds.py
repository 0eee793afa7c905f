"""A scenario on the real functions in the emulator, and on the simulated account by the command line."""

import json
import subprocess
from pathlib import Path

from . import binaries, journal, queues
from .account import Loaded, comparable, renumbered
from .config_service import ConfigService
from .scenario import Ending, Scenario, in_order, told
from .stack import Invocation, Stack


def on_the_emulator(scenario: Scenario, stack: Stack, people: Loaded, config: ConfigService) -> Ending:
    for path in scenario.events:
        answer = deliver(json.loads(path.read_text()), scenario.account["account"], stack, config)
        assert answer.error is None, f"{path.name}: {answer.payload}"
        queues.worked_off(stack)
    reported = {}
    for rule in stack.rules:
        results = config.results(stack.account, rule)
        if results:
            reported[rule] = {resource: result["ComplianceType"] for (_, resource), result in results.items()}
    told_by_it = {"entries": journal.entries(stack), "reported": reported}
    told_by_it = renumbered(told_by_it, stack.account, scenario.account["account"])
    entries = in_order([told(entry) for entry in told_by_it["entries"]])
    return Ending(people.dump(), told_by_it["reported"], entries)


def deliver(event: dict, account: str, stack: Stack, config: ConfigService) -> Invocation:
    """A whole event of a file, to the function that gets its like, under a token that Config accepts."""
    event = renumbered(event, account, stack.account)
    if "resultToken" not in event:
        return stack.invoke("evaluate-account", event)
    declared = stack.rules[event["configRuleName"]]
    binary = next(name for name, function in stack.functions.items() if declared.function_arn.endswith(f":{function}"))
    token = config.issue_token(stack.account, declared.name)
    try:
        return stack.invoke(binary, event | {"resultToken": token})
    finally:
        config.close_token(stack.account, token)


def on_the_simulated_account(scenario: Scenario, directory: Path) -> Ending:
    account, governance = directory / "account.json", directory / "governance.yaml"
    account.write_text(json.dumps(scenario.account, ensure_ascii=False))
    governance.write_text(scenario.governance)
    run = subprocess.run(
        [binaries.command_line(), "replay", *map(str, scenario.events), "--account", str(account), "--governance",
         str(governance), "--format", "json"],
        capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, f"{run.stdout[-2000:]}\n{run.stderr}"
    told_by_it = json.loads(run.stdout)
    reported, entries = {}, {}
    for delivery in told_by_it["deliveries"]:
        assert delivery["error"] is None and not delivery["deadLetters"], delivery
        for each in delivery["evaluations"]:
            evaluation = each["evaluation"]
            reported.setdefault(each["rule"], {})[evaluation["resourceId"]] = evaluation["compliance"]
        # An entry is shown again when it was written on.
        entries.update((entry["id"], entry) for entry in delivery["entries"])
    ended = comparable(told_by_it["account"] | {"now": scenario.account["now"]})
    return Ending(ended, reported, in_order([told(entry) for entry in entries.values()]))
