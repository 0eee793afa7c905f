"""Both of Bailiff's worlds, and what other tools sit in, once for all scenarios."""

from contextlib import closing

import pytest

from . import scenario as scenarios
from .bailiff.emulated import Emulated
from .bailiff.simulated import Simulated
from .result import examine_all, write
from end_to_end.binaries import REPOSITORY


@pytest.fixture(scope="session")
def emulated():
    with closing(Emulated()) as adapter:
        yield adapter


@pytest.fixture(scope="session")
def results(emulated):
    """Everybody's, by world and scenario; they sit together, which is quicker than one by one."""
    every = [scenarios.read(name) for name in scenarios.names()]
    with closing(Simulated()) as simulated:
        found = examine_all(simulated, every) + examine_all(emulated, every)
    write(found, REPOSITORY / "target" / "exam.json")
    return {(result.world, result.scenario): result for result in found}
