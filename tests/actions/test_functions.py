"""The list of all AWS actions is for the command line. A function judges nothing by it, and must not carry it."""

import pytest

from end_to_end import binaries

PROGRAMS = sorted(folder.parent.name for folder in binaries.REPOSITORY.glob("functions/*/Cargo.toml"))
LIST = (binaries.REPOSITORY / "data" / "actions" / "aws.txt").read_bytes()


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_function_carries_the_list_of_actions(program):
    assert LIST[-1000:] not in binaries.path(program).read_bytes()
