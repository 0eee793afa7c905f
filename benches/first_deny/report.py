"""What was measured, as a table."""

from collections import Counter
from statistics import median

from attack import Function


def table(answers: list[list[Function]]) -> str:
    lines = [f"{'':20} {'own time':>9} {'in all':>9} {'calls':>6} {'rounds':>7}"]
    for of_one in zip(*answers, strict=True):
        own, took = (median(getattr(run, field) for run in of_one) * 1000 for field in ("own", "took"))
        calls = median(len(run.calls) for run in of_one)
        rounds = median(rounds_of(run) for run in of_one)
        lines.append(f"{of_one[0].name:20} {own:6.0f} ms {took:6.0f} ms {calls:6.0f} {rounds:7.0f}")
    lines += ["", *(calls_of(function) for function in answers[-1])]
    return "\n".join(lines)


def rounds_of(function: Function) -> int:
    """Calls made at the same time are one round: what AWS's latency counts for."""
    rounds, until = 0, 0.0
    for call in function.calls:
        if call.begun >= until:
            rounds, until = rounds + 1, call.ended
        else:
            until = max(until, call.ended)
    return rounds


def calls_of(function: Function) -> str:
    counted = Counter(call.action for call in function.calls)
    return f"{function.name}: " + ", ".join(
        action if times == 1 else f"{action} × {times}" for action, times in counted.items())
