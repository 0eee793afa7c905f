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


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=15, help="each on a user of its own (15)")
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        emulator = Emulator(Path(directory) / "emulator").start()
        try:
            attack = Attack(emulator, Path(directory), users=runs + 1)
            # One that does not count fills the page cache.
            answers = [attack.answered(user) for user in range(runs + 1)][1:]
        except (AssertionError, RuntimeError) as wrong:
            print(wrong, file=sys.stderr)
            return 2
        finally:
            emulator.stop()
    load = os.getloadavg()[0]
    print(f"Median of {runs} runs, each of two fresh processes; load {load:.1f} on {os.cpu_count()} cores.\n")
    print(report.table(answers))
    ours = median(sum(function.own for function in answer) for answer in answers) * 1000
    kept = ours <= MOST_OF_OUR_OWN
    print(f"\n{'kept' if kept else 'MISSED'}: {ours:.0f} ms of Bailiff's own before the deny; at most {MOST_OF_OUR_OWN}.")
    return 0 if kept else 1


sys.exit(main())
