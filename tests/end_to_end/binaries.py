"""The functions as they were built for release."""

import os
from functools import cache
from pathlib import Path

from . import package

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "template.yaml"


def path(binary: str) -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    built = target / "release" / binary
    if not built.exists():
        # Never skipped: an end-to-end test that did not run proves nothing.
        raise AssertionError(f"{built} is missing; run: cargo build --release --package {binary}")
    return built


def command_line() -> Path:
    """The `bailiff` command, as the tests of the workspace built it; `BAILIFF_BIN` names another."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    built = Path(os.environ.get("BAILIFF_BIN", target / "debug" / "bailiff"))
    if not built.exists():
        raise AssertionError(f"{built} is missing; run: cargo build --package cli")
    return built


@cache
def packaged(binary: str) -> bytes:
    """The deployment package; compressed once a run, however many stacks it goes into."""
    return package.of_binary(path(binary))
