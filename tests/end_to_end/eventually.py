"""Waiting for what happens in its own time, without sleeping longer than it takes."""

import time
from typing import Callable, TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], what: str, within: float = 20) -> T:
    """The first truthy value of `look`; a failure that says what did not happen."""
    deadline = time.monotonic() + within
    pause = 0.01
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}; last seen: {seen!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
