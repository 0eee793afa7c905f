"""The mutation score of `shared`: see README.md in this folder."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import mutants, switched, trial

ROOT = Path(__file__).resolve().parents[2]


def copy(to):
    """A copy of the files that are committed, to be changed: never the tree that somebody works in."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in names.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.mutation", description=__doc__)
    parser.add_argument("--part", choices=["all", "rules", "engine"], default="all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant")
    parser.add_argument("--slowest", type=float, default=20.0, metavar="SECONDS",
                        help="tests that take longer are not asked")
    parser.add_argument("--again", action="store_true",
                        help="build the switches anew, but try only what the last run left alive")
    asked = parser.parse_args()

    work = ROOT / "target" / "mutation"
    result = work / f"result-{asked.part}.json"
    alive = None
    if asked.again:
        alive = {one["name"].partition(": ")[2] for one in json.loads(result.read_text()) if one["end"] == "alive"}

    tree = work / "tree"
    copy(tree)
    every = mutants.listed(tree, asked.part)[:: asked.every]
    if alive is not None:
        every = [mutant for mutant in every if mutant.name.partition(": ")[2] in alive]
    print(f"{len(every)} mutants to try", file=sys.stderr)
    tried, without = switched.write(tree, every, work / "target")
    print(f"{len(tried)} compile behind a switch; {trial.counted(without.values())}", file=sys.stderr)

    binaries = trial.build(tree, work / "target")
    ends = trial.run(tree, binaries, tried, asked.jobs, asked.slowest)
    rows = [{"name": mutant.name, "end": end, **more} for mutant, (end, more) in ends.items()]
    rows += [{"name": mutant.name, "end": why} for mutant, why in without.items()]
    result.write_text(json.dumps(rows, indent=1) + "\n")
    print(trial.counted(row["end"] for row in rows))
    for row in rows:
        if row["end"] in ("alive", "reached by no test"):
            print(f"{row['end']}: {row['name']}")
    print(f"all of it: {result.relative_to(ROOT)}", file=sys.stderr)


main()
