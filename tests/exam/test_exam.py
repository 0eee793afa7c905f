"""Bailiff sits its own exam, in both worlds."""

import re

import pytest

from . import scenario as scenarios
from .result import NOT_APPLICABLE, PASS

WORLDS = ("simulated account", "emulator")


@pytest.mark.parametrize("name", scenarios.names())
@pytest.mark.parametrize("world", WORLDS)
def test_bailiff_passes(results, world, name):
    result = results[world, name]
    assert result.verdict in (PASS, NOT_APPLICABLE), "\n".join([result.title, *result.evidence])


def test_what_does_not_apply_says_why_and_applies_in_the_other_world(results):
    for name in scenarios.names():
        beside = [results[world, name] for world in WORLDS]
        assert [result for result in beside if result.verdict == PASS], f"{name} is put to nobody"
        assert all(result.evidence for result in beside if result.verdict == NOT_APPLICABLE)


def test_there_are_scenarios_enough_and_each_says_why():
    every = [scenarios.read(name) for name in scenarios.names()]
    assert len(every) >= 100
    reasons = [re.sub(r"\s+", " ", scenario.said["why"]) for scenario in every]
    assert len(set(reasons)) == len(reasons)
