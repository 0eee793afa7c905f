"""One emulator and one Config stand-in for the whole run; an account of its own for each test."""

import itertools
from pathlib import Path

import pytest

from . import binaries, package, shared_table, stack
from .account import load, unique_id_of
from .config_rule import invoke_rule
from .config_service import ConfigService
from .emulator.process import Emulator
from .usage import Usage

SAMPLES = Path(__file__).parent / "samples"
_accounts = itertools.count(200_000_000_001)


def pytest_configure(config):
    config.addinivalue_line("markers", "whole_run: speaks of all scenarios together, hence runs after them")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.get_closest_marker("whole_run") is not None)
    here = Path(__file__).parent
    collected = {item.path for item in items}
    part = config.option.keyword or any("::" in argument for argument in config.args)
    if part or not collected.issuperset(here.glob("test_*.py")):
        for item in items:
            if item.get_closest_marker("whole_run"):
                item.add_marker(pytest.mark.skip(reason="speaks of all scenarios; these are some"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    emulator = Emulator(tmp_path_factory.mktemp("emulator")).start()
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def config(emulator):
    service = ConfigService(emulator).start()
    yield service
    service.stop()


def new_account(emulator):
    """An AWS account that nobody has used; its faults and access keys end with the generator."""
    number = f"{next(_accounts):012d}"
    yield number
    emulator.clear_faults(number)
    emulator.page_size(number, None)
    emulator.forget_access_keys(number)


@pytest.fixture
def account(emulator):
    """An account for this test alone."""
    yield from new_account(emulator)


@pytest.fixture
def other_account(emulator):
    """Another."""
    yield from new_account(emulator)


@pytest.fixture(scope="module")
def shared_account(emulator):
    """An account for those tests of a file that change nothing in it."""
    yield from new_account(emulator)


@pytest.fixture
def load_account(emulator, account):
    """`load_account(file)`: an account file's principals in this test's account."""
    return lambda file: load(emulator, file, account)


def deployer(emulator, config, account, directory):
    """`deploy(template, package_of, governance)`: a stack in the account, gone at the end.

    Layers do not reach /opt in functions that run natively, so the governance
    file is also put on disk and the functions are told where.
    """
    stacks = []

    def deploy(template, package_of, governance: str = "", parameters=None, **environment) -> stack.Stack:
        content = directory / "layer"
        content.mkdir(exist_ok=True)
        (content / "governance.yaml").write_text(governance)
        environment = {
            "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.endpoint,
            "BAILIFF_GOVERNANCE": str(content / "governance.yaml"),
        } | environment
        deployed = stack.deploy(
            emulator, account, template, package_of, package.of_files(content), environment, parameters=parameters)
        stacks.append(deployed)
        return deployed

    yield deploy
    for deployed in stacks:
        deployed.delete()


@pytest.fixture
def deploy(emulator, config, account, tmp_path):
    yield from deployer(emulator, config, account, tmp_path)


@pytest.fixture
def other_deploy(emulator, config, other_account, tmp_path_factory):
    yield from deployer(emulator, config, other_account, tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def shared_deploy(emulator, config, shared_account, tmp_path_factory):
    yield from deployer(emulator, config, shared_account, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def usage():
    return Usage()


def bailiff_with(deploy, config, usage):
    stacks = []

    def bailiff(governance: str, parameters=None, **environment) -> stack.Stack:
        deployed = deploy(
            binaries.TEMPLATE, binaries.packaged, governance=governance, parameters=parameters, **environment)
        stacks.append(deployed)
        return deployed

    yield bailiff
    for deployed in stacks:
        usage.add(deployed, config)


@pytest.fixture
def bailiff(deploy, config, usage):
    """`bailiff(governance)`: template.yaml with the functions as built, under that governance file."""
    yield from bailiff_with(deploy, config, usage)


@pytest.fixture
def other_bailiff(other_deploy, config, usage):
    """The same in the other account."""
    yield from bailiff_with(other_deploy, config, usage)


@pytest.fixture
def organization_table(emulator):
    """The table that accounts share, in an account of its own."""
    for number in new_account(emulator):
        yield shared_table.deploy(emulator, number)


@pytest.fixture
def members(emulator, bailiff, account, other_bailiff, other_account, organization_table):
    """`members(governance, file)`: two accounts that share the table, each a stack and the people of that file."""
    def of_account(file: dict, number: str) -> dict:
        # No unique id is ever given twice.
        users = [user | {"id": unique_id_of("users", f"{number}/{user['name']}")} for user in file["users"]]
        return file | {"users": users}

    def members(governance: str, file: dict):
        given = {"OrganizationTable": organization_table.arn}
        return [
            (deploy(governance, parameters=given), load(emulator, of_account(file, number), number))
            for deploy, number in ((bailiff, account), (other_bailiff, other_account))]

    return members


@pytest.fixture(scope="module")
def shared_bailiff(shared_deploy, config, usage):
    """The same in the file's shared account."""
    yield from bailiff_with(shared_deploy, config, usage)


@pytest.fixture
def sample_stack(deploy):
    """The harness's own sample stack, its functions a script that obeys its event."""
    script = package.of_python(SAMPLES / "stand_in.py")
    return deploy(SAMPLES / "template.yaml", lambda binary: script)


@pytest.fixture
def invoke(config):
    """`invoke(stack, rule, invoking_event, …)`: Config invokes a rule's function."""
    return lambda stack, rule, invoking_event, **more: invoke_rule(config, stack, rule, invoking_event, **more)
