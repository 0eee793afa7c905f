"""A fresh process to a finished AWS Config event: Bailiff against Cloud Custodian. See ../README.md.

Exits with 0 if Bailiff reaches its targets, 1 if it misses one, 2 if nothing could be compared.
"""

import argparse
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(1, str(ROOT / "tests"))

import bailiff  # noqa: E402
import custodian  # noqa: E402
import report  # noqa: E402
from aws_stand_in import AwsStandIn  # noqa: E402
from measurement import WrongAnswer, run, summary  # noqa: E402

EVENT = ROOT / "events" / "evaluate-changes" / "user-inline-policy-percent-encoded.json"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=15, help="of each function (15)")
    runs = options.parse_args().runs

    event = json.loads(EVENT.read_text())
    resource = json.loads(event["invokingEvent"])["configurationItem"]["resourceId"]
    python = custodian.install(TARGET / "bench-venv")
    functions = [
        custodian.deploy(python, TARGET / "bench" / variant.folder, variant) for variant in custodian.VARIANTS]
    binary = TARGET / "release" / "evaluate-changes"
    if binary.exists():
        functions.insert(0, bailiff.deploy(binary, ROOT / "governance" / "governance.yaml"))

    try:
        summaries = measure(functions, event, resource, runs)
    except (WrongAnswer, RuntimeError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    load = os.getloadavg()[0]
    print(f"Median of {runs} runs each, in turn; load {load:.1f} on {os.cpu_count()} cores.\n")
    print(report.table(summaries))
    print("\n" + "\n".join(map(report.calls, summaries)))
    if not binary.exists():
        print("\nNothing to compare: run `cargo build --release --package evaluate-changes` first.", file=sys.stderr)
        return 2
    ours, *theirs = summaries
    print("\n" + "\n".join(report.comparison(ours, each) for each in theirs))
    missed = report.reads(ours) + [each for other in theirs for each in report.missed(ours, other)]
    print("\n" + ("\n".join(f"MISSED: {each}" for each in missed) or "Time, memory and reads: all targets reached."))
    return 1 if missed else 0


def measure(functions, event, resource, runs):
    with AwsStandIn() as aws:
        # One run that does not count fills the page cache for each, and the bytecode where it is kept.
        for function in functions:
            run(function, event, resource, aws)
        taken = {function.name: [] for function in functions}
        # In turn, so that a busy spell of the machine falls on all of them.
        for _ in range(runs):
            for function in functions:
                taken[function.name].append(run(function, event, resource, aws))
    return [summary(function, taken[function.name]) for function in functions]


sys.exit(main())
