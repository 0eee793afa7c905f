"""The table, and what became of the targets."""

from measurement import Summary

MIB = 1 << 20
# Of Cloud Custodian's figures, even of its best.
MOST_TIME, MOST_MEMORY = 1 / 20, 1 / 3
# Reporting a verdict and sending a finding; all else would be a read.
TOLD_ONLY = {"config:PutEvaluations", "events:PutEvents", "sqs:SendMessage"}


def table(summaries: list[Summary]) -> str:
    rows = [("", "answer", "from-to", "ready", "CPU", "memory")]
    rows += [(
        each.function.name, milliseconds(each.to_response),
        f"{each.fastest * 1000:.0f}-{each.slowest * 1000:.0f} ms", milliseconds(each.to_ready),
        milliseconds(each.cpu), f"{each.memory / MIB:.1f} MiB") for each in summaries]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        row[0].ljust(widths[0]) + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:]))
        for row in rows)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def calls(each: Summary) -> str:
    ways = [", ".join(f"{count} {name}" for name, count in way) for way in sorted(each.calls)]
    return f"{each.function.name} called {' or '.join(ways)}"


def ratios(ours: Summary, theirs: Summary) -> tuple[float, float]:
    return ours.to_response / theirs.to_response, ours.memory / theirs.memory


def comparison(ours: Summary, theirs: Summary) -> str:
    time, memory = ratios(ours, theirs)
    return (f"{ours.function.name} to {theirs.function.name}: "
            f"1/{1 / time:.1f} of the time, 1/{1 / memory:.1f} of the memory")


def reads(ours: Summary) -> list[str]:
    """Calls by which a function asks for what the event should have told it."""
    made = {name for way in ours.calls for name, _ in way}
    return [f"{name} was called" for name in sorted(made - TOLD_ONLY)]


def missed(ours: Summary, theirs: Summary) -> list[str]:
    time, memory = ratios(ours, theirs)
    return [
        f"{what} is 1/{1 / ratio:.1f} of {theirs.function.name}'s, should be at most 1/{1 / most:.0f}"
        for what, ratio, most in (("time", time, MOST_TIME), ("memory", memory, MOST_MEMORY)) if ratio > most]
