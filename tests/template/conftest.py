import pytest

from . import deployment


@pytest.fixture
def template():
    return deployment.source()
