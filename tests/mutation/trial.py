"""Runs the tests against each mutant: those that come by its function, the likeliest first, until one fails."""

import collections
import json
import os
import queue
import subprocess
import sys
import threading
import time

from .switched import environment

SETTINGS = {
    # libtest tells the time of each test as JSON to nightly compilers, and to whoever insists.
    "RUSTC_BOOTSTRAP": "1",
    "RUST_BACKTRACE": "0",
    # A function with thirty bodies has the variables of all.
    "RUST_MIN_STACK": str(256 * 1024 * 1024),
    "PROPTEST_CASES": "16",
    "PROPTEST_MAX_SHRINK_ITERS": "0",
    "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "true",
    "INSTA_UPDATE": "no",
    "INSTA_FORCE_PASS": "0",
}
JSON = ["-Zunstable-options", "--format=json", "--report-time"]


def counted(ends):
    return ", ".join(f"{count} {end}" for end, count in collections.Counter(ends).most_common()) or "none without"


def build(tree, target):
    built = subprocess.run(
        ["cargo", "test", "-p", "shared", "-p", "sim", "--lib", "--test", "scenarios", "--no-run", "--quiet",
         "--message-format", "json"],
        cwd=tree, check=True, stdout=subprocess.PIPE, env=environment(target),
    )
    messages = [json.loads(line) for line in built.stdout.decode().splitlines()]
    return [
        (one["executable"], one["manifest_path"].rpartition("/")[0])
        for one in messages
        if one.get("executable") and one["profile"]["test"]
    ]


class Tests:
    """Which test of which binary comes by which function, and how long it takes."""

    def __init__(self, tree, binaries, slowest):
        self.reaching = collections.defaultdict(set)
        self.seconds = {}
        for binary, folder in binaries:
            trace = tree / "reached"
            trace.unlink(missing_ok=True)
            ended = subprocess.run(
                [binary, *JSON], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=os.environ | SETTINGS | {"MUTANT_REACHED": str(trace)},
            )
            for line in ended.stdout.decode().splitlines():
                event = json.loads(line) if line.startswith("{") else {}
                if event.get("type") != "test":
                    continue
                if event["event"] == "failed":
                    print(f"not asked, because it fails without a mutant: {event['name']}", file=sys.stderr)
                elif event["event"] == "ok" and event["exec_time"] > slowest:
                    print(f"not asked, because it takes {event['exec_time']:.0f} s: {event['name']}", file=sys.stderr)
                elif event["event"] == "ok":
                    self.seconds[binary, folder, event["name"]] = event["exec_time"]
            for line in trace.read_text().splitlines() if trace.exists() else ():
                name, _, function = line.rpartition(" ")
                if (binary, folder, name) in self.seconds:
                    self.reaching[int(function)].add((binary, folder, name))


def run(tree, binaries, mutants, jobs, slowest):
    tests = Tests(tree, binaries, slowest)
    print(f"{len(tests.seconds)} tests, {sum(tests.seconds.values()):.0f} s", file=sys.stderr, flush=True)
    waiting = queue.SimpleQueue()
    for number, (mutant, function) in mutants.items():
        waiting.put((number, mutant, function))
    ends, told_last = {}, collections.defaultdict(list)

    def work():
        while True:
            try:
                number, mutant, function = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.monotonic()
            end, by = _try(tests, number, function, told_last[function])
            ends[mutant] = (end, {"by": by, "seconds": round(time.monotonic() - began, 1)})
            if end == "alive" or len(ends) % 100 == 0:
                print(f"{len(ends)} of {len(mutants)}: {end}: {mutant.name}", file=sys.stderr, flush=True)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return ends


def _try(tests, number, function, told_last):
    reaching = tests.reaching.get(function)
    if not reaching:
        return "reached by no test", None
    # What told of the function's last mutants, then the quickest, then the rest.
    order = sorted(reaching, key=lambda test: (test not in told_last, tests.seconds[test]))
    chunks, spent = [[]], 0.0
    for test in order:
        if spent > (0.5, 4.0, 20.0)[min(len(chunks), 3) - 1] and chunks[-1]:
            chunks.append([])
            spent = 0.0
        chunks[-1].append(test)
        spent += tests.seconds[test]
    for chunk in chunks:
        by_binary = collections.defaultdict(list)
        for test in chunk:
            by_binary[test[:2]].append(test)
        for (binary, folder), its in by_binary.items():
            limit = 30 + 10 * sum(tests.seconds[test] for test in its)
            end, name = _run(binary, folder, [test[2] for test in its], number, limit)
            if end:
                if name:
                    told_last[:] = [(binary, folder, name), *told_last[:4]]
                return end, name
    return "alive", None


def _run(binary, folder, names, number, limit):
    process = subprocess.Popen(
        [binary, *JSON, "--test-threads=1", "--exact", *names], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | SETTINGS | {"MUTANT": str(number)},
    )
    late = threading.Timer(limit, process.kill)
    late.start()
    started = None
    try:
        for line in process.stdout:
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("type") == "test" and event["event"] == "started":
                started = event["name"]
            if event.get("type") == "test" and event["event"] in ("failed", "timeout"):
                return "noticed", event["name"]
    finally:
        ended_by_itself = late.is_alive()
        late.cancel()
        process.kill()
        code = process.wait()
    if not ended_by_itself:
        return "never ends", started
    # A stack that is used up, or an abort, takes the whole binary with it.
    return ("noticed", started) if code and code != -9 else (None, None)
