"""The mutants that cargo-mutants would try, one build each."""

import json
import subprocess
from dataclasses import dataclass

CONFIGURATIONS = {"rules": ".cargo/mutants.toml", "engine": ".cargo/mutants-engine.toml"}


@dataclass(frozen=True)
class Span:
    """From a character to the one before another, as offsets into a file."""

    start: int
    end: int

    def holds(self, other):
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    function: Span
    changed: Span
    replacement: str


def listed(tree, part):
    parts = CONFIGURATIONS if part == "all" else {part: CONFIGURATIONS[part]}
    found = []
    for configuration in parts.values():
        listing = subprocess.run(
            ["cargo", "mutants", "-p", "shared", "--config", configuration, "--list", "--json"],
            cwd=tree, check=True, stdout=subprocess.PIPE,
        )
        found += json.loads(listing.stdout)
    texts = {}
    return [_read(tree, texts, one) for one in found if one["function"]]


def _read(tree, texts, one):
    file = one["file"]
    if file not in texts:
        lines = (tree / file).read_text().splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        texts[file] = starts
    starts = texts[file]

    def span(of):
        return Span(*(starts[of[end]["line"] - 1] + of[end]["column"] - 1 for end in ("start", "end")))

    return Mutant(one["name"], file, span(one["function"]["span"]), span(one["span"]), one["replacement"])
