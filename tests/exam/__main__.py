"""`python -m exam`: the exam of Bailiff in both worlds, or of another tool by its command."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from end_to_end.binaries import REPOSITORY

from . import scenario as scenarios
from .bailiff.emulated import Emulated
from .bailiff.simulated import Simulated
from .command import Command
from .naive import Naive
from .result import ERROR, FAIL, examine_all, table, write

WORLDS = {"simulated": Simulated, "emulator": Emulated, "naive": Naive}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/exam/run", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="these alone")
    parser.add_argument("--world", choices=WORLDS, action="append", help="where; both of Bailiff's without it")
    parser.add_argument("--tool", metavar="COMMAND", help="another tool: its adapter, as README.md says")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "target" / "exam.json")
    asked = parser.parse_args()
    chosen = [scenarios.read(name) for name in asked.scenario or scenarios.names()]
    adapters = [lambda: Command(asked.tool)] if asked.tool else [WORLDS[name] for name in asked.world or ("simulated", "emulator")]
    results = []
    for adapter in adapters:
        with closing(adapter()) as sitting:
            results += examine_all(sitting, chosen)
    write(results, asked.out)
    print(table(results))
    print(f"\nwritten to {asked.out}")
    return int(any(result.verdict in (FAIL, ERROR) for result in results))


if __name__ == "__main__":
    sys.exit(main())
