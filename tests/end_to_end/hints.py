"""What detect-threats' parser makes of each sample event, as the snapshot beside it says."""

import re
from dataclasses import dataclass, field

from .binaries import REPOSITORY

TRIGGERS = REPOSITORY / "shared" / "src" / "event" / "trigger"
[SNAPSHOT] = (TRIGGERS / "snapshots").glob("*when_somebody_looked_last.snap")
# As people read them.
SIGNS = dict(re.findall(
    r'Self::(\w+) => "(.*)",',
    (REPOSITORY / "shared/src/threat/sign.rs").read_text().split("impl fmt::Display for Sign")[1]))


@dataclass
class Trigger:
    source: str
    id: str
    # Each as `read` gives it.
    hints: list[dict] = field(default_factory=list)
    ignored: str | None = None


def of_samples(retell=lambda text: text) -> dict[str, list[Trigger]]:
    """Of each sample its triggers; `retell` changes the text as the sample itself was changed."""
    found, current = {}, []
    for line in retell(SNAPSHOT.read_text().split("---\n", 2)[2]).splitlines():
        depth, text = len(line) - len(line.lstrip(" ")), line.strip()
        if not depth:
            current = found.setdefault(text, [])
        elif depth == 4:
            source, _, rest = text.partition(" in ")
            current.append(Trigger(source, rest.split(": ", 1)[1]))
        elif text.startswith("ignored: "):
            current[-1].ignored = text.removeprefix("ignored: ")
        else:
            current[-1].hints.append(read(text))
    return found


def read(text: str):
    """Rust's `{:?}`: a struct is a dict whose kind is under `is`, what only wraps something is that."""
    value, rest = _value(text)
    assert rest == "", f"{rest!r} is left of {text!r}"
    return value


def _value(text: str):
    if quoted := re.match(r'"((?:[^"\\]|\\.)*)"', text):
        return re.sub(r"\\(.)", r"\1", quoted[1]), text[quoted.end():]
    name = re.match(r"[^\s,(){}]+", text)[0]
    rest = text[len(name):]
    if rest.startswith("("):
        value, rest = _value(rest[1:])
        return value, rest.removeprefix(")")
    if not rest.startswith(" { "):
        return (None if name == "None" else name), rest
    found, rest = {"is": name}, rest[3:]
    while not rest.startswith("}"):
        key, _, rest = rest.partition(": ")
        found[key], rest = _value(rest)
        rest = rest.removeprefix(",").removeprefix(" ")
    return found, rest[1:]
