"""From a detector's event to the first deny written: Bailiff's own time, and its calls. See ../README.md.

Exits with 0 if the promise is kept, 1 if it is missed, 2 if nothing could be measured.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(1, str(ROOT / "tests"))

import report  # noqa: E402
from attack import Attack  # noqa: E402
from end_to_end.emulator.process import Emulator  # noqa: E402

# Milliseconds of Bailiff's own, from starting the detector's process to sending the deny; AWS's time left out.
MOST_OF_OUR_OWN = 50
# AWS calls before the deny, where the stack denies first.
MOST_CALLS = 3


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=15, help="each on a user of its own (15)")
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        emulator = Emulator(Path(directory) / "emulator").start()
        try:
            attack = Attack(emulator, Path(directory), users=2 * runs + 2)
            # One that does not count fills the page cache.
            answers = [attack.answered(user) for user in range(runs + 1)][1:]
            firsts = [attack.denied_first(user) for user in range(runs + 1, 2 * runs + 2)][1:]
        except (AssertionError, RuntimeError) as wrong:
            print(wrong, file=sys.stderr)
            return 2
        finally:
            emulator.stop()
    load = os.getloadavg()[0]
    print(f"Median of {runs} runs, each of fresh processes; load {load:.1f} on {os.cpu_count()} cores.")
    kept = [
        is_kept("A suspension", answers, None),
        is_kept("A stack that denies first (`DenyFirst=true`)", firsts, MOST_CALLS),
    ]
    return 0 if all(kept) else 1


def is_kept(what: str, answers: list[list], most_calls: int | None) -> bool:
    print(f"\n{what}\n\n{report.table(answers)}\n")
    ours = median(sum(function.own for function in answer) for answer in answers) * 1000
    kept = ours <= MOST_OF_OUR_OWN
    print(f"{'kept' if kept else 'MISSED'}: {ours:.0f} ms of Bailiff's own before the deny; at most {MOST_OF_OUR_OWN}.")
    # The deny itself is none of the calls before it.
    calls = max(sum(len(function.calls) for function in answer) for answer in answers) - 1
    if most_calls is None:
        return kept
    few = calls <= most_calls
    print(f"{'kept' if few else 'MISSED'}: {calls} AWS calls before it; at most {most_calls}.")
    return kept and few


sys.exit(main())
