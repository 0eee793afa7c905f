"""Puts an adapter through scenarios; a verdict for each, for machines and for people."""

import json
import platform
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from .ending import Ending, NotApplicable
from .scenario import Scenario
from .verdict import complaints

PASS, FAIL, ERROR, NOT_APPLICABLE = VERDICTS = ("pass", "fail", "error", "not-applicable")


class Adapter(Protocol):
    """A tool in a world."""

    tool: str
    version: str
    world: str

    def sit(self, scenario: Scenario) -> Ending:
        """Play the scenario; raise `NotApplicable` with a reason where that cannot be done."""


@dataclass
class Result:
    tool: str
    version: str
    world: str
    scenario: str
    title: str
    verdict: str
    # What was wrong, or why it does not apply: in words.
    evidence: list[str] = field(default_factory=list)
    seconds: float = 0.0


def examine(adapter: Adapter, scenario: Scenario) -> Result:
    began = time.monotonic()
    try:
        evidence = complaints(scenario, adapter.sit(scenario))
        verdict = FAIL if evidence else PASS
    except NotApplicable as reason:
        verdict, evidence = NOT_APPLICABLE, [str(reason)]
    except Exception:  # noqa: BLE001 - whatever a tool does to its adapter is a verdict, not the end of the exam
        verdict, evidence = ERROR, traceback.format_exc().strip().splitlines()[-12:]
    return Result(
        adapter.tool, adapter.version, adapter.world, scenario.id, scenario.title, verdict, evidence,
        round(time.monotonic() - began, 2))


def examine_all(adapter: Adapter, scenarios: list[Scenario]) -> list[Result]:
    with ThreadPoolExecutor(getattr(adapter, "seats", 1)) as room:
        return list(room.map(lambda scenario: examine(adapter, scenario), scenarios))


def document(results: list[Result]) -> dict:
    worlds = sorted({(result.tool, result.version, result.world) for result in results})
    return {
        "schema": 1, "machine": f"{platform.system()} {platform.machine()}",
        "summary": [
            {"tool": tool, "version": version, "world": world} | counts(
                [result for result in results if (result.tool, result.version, result.world) == (tool, version, world)])
            for tool, version, world in worlds],
        "results": [asdict(result) for result in results]}


def counts(results: list[Result]) -> dict[str, int]:
    return {verdict: sum(result.verdict == verdict for result in results) for verdict in VERDICTS}


def write(results: list[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(results), indent=2, ensure_ascii=False) + "\n")


def table(results: list[Result]) -> str:
    """A line a scenario and a column a tool and world; then what did not pass, and why."""
    columns = sorted({(result.tool, result.world) for result in results})
    by_place = {(result.scenario, result.tool, result.world): result for result in results}
    names = sorted({result.scenario for result in results})
    width = max(map(len, names))
    marks = {PASS: "pass", FAIL: "FAIL", ERROR: "ERROR", NOT_APPLICABLE: "n/a", None: ""}
    heads = [f"{tool}, {world}" for tool, world in columns]
    lines = ["  ".join([" " * width, *heads])]
    for name in names:
        cells = [by_place.get((name, *column)) for column in columns]
        marked = [marks[cell and cell.verdict].ljust(len(head)) for cell, head in zip(cells, heads, strict=True)]
        lines.append("  ".join([name.ljust(width), *marked]).rstrip())
    lines.append("")
    for tool, world in columns:
        count = counts([result for result in results if (result.tool, result.world) == (tool, world)])
        lines.append(f"{tool}, {world}: " + ", ".join(f"{number} {verdict}" for verdict, number in count.items()))
    rest = [result for result in results if result.verdict != PASS]
    for result in rest:
        lines += ["", f"{result.scenario} ({result.tool}, {result.world}): {result.verdict}", *(f"  {line}" for line in result.evidence)]
    return "\n".join(lines)
