"""Every scenario file, on the real functions in the emulator and on the simulated account: one and the same ending.

A scenario is a directory; adding one is all it takes.
"""

import pytest

from . import scenario as scenarios
from .two_worlds import on_the_emulator, on_the_simulated_account


@pytest.fixture(params=scenarios.names())
def scenario(request):
    return scenarios.read(request.param)


def test_in_the_emulator(scenario, bailiff, load_account, config, account):
    stack = bailiff(scenario.governance_today().replace(scenario.account["account"], account))
    people = load_account(scenario.account)
    assert_ended(on_the_emulator(scenario, stack, people, config), scenario.ending())


def test_on_the_simulated_account(scenario, tmp_path):
    assert_ended(on_the_simulated_account(scenario, tmp_path), scenario.ending())


def assert_ended(ended, expected) -> None:
    # One by one, for a failure that can be read.
    assert ended.journal == expected.journal
    assert ended.config == expected.config
    assert ended.account == expected.account
