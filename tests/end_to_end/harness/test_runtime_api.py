"""The Runtime API measures a fresh process and tells what went wrong."""

import sys

import pytest

from .. import runtime_api
from ..conftest import SAMPLES

STAND_IN = [sys.executable, SAMPLES / "stand_in.py"]


def test_measures_a_process_from_start_to_answer():
    run = runtime_api.run(STAND_IN, {"sleep": 0.2})
    assert run.response["results"] == []
    assert 0 < run.to_ready < run.to_response - 0.2
    assert 5_000_000 < run.memory < 200_000_000
    assert 0 < run.cpu < 5


def test_hands_on_an_error():
    run = runtime_api.run(STAND_IN, {"raise": "no"})
    assert run.error == {"errorType": "RuntimeError", "errorMessage": "no"}


def test_says_so_when_a_process_ends_without_an_answer():
    with pytest.raises(RuntimeError, match=r"ended with 3 without an answer:\n+last words"):
        runtime_api.run([sys.executable, "-c", "print('last words'); raise SystemExit(3)"], {})


def test_gives_up_on_a_process_that_hangs():
    with pytest.raises(RuntimeError, match="did not answer in time"):
        runtime_api.run(STAND_IN, {"sleep": 30}, timeout=1)
