"""One change told by CloudTrail and by AWS Config, through the real functions and queues: one action follows."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from . import configuration, journal, principals, queues
from .account import load
from .governance_file import enforcing
from .test_threats import call, tell, writes_of

RULE = "bailiff-user-inline-policy"
NAMES = ("trail-first", "config-first", "at-once")


@pytest.fixture(scope="module")
def stack(shared_bailiff):
    return shared_bailiff(enforcing("user-inline-policy"))


@pytest.fixture(scope="module")
def people(stack, emulator, shared_account):
    return load(emulator, principals.of(
        {"name": "sam"}, *({"name": name, "created": principals.LONG_AGO} for name in NAMES)), shared_account)


@pytest.mark.parametrize("name", NAMES)
def test_a_change_that_both_tell_of_is_put_right_once(name, stack, people, emulator, invoke):
    iam = stack.client("iam")
    written = {"UserName": name, "PolicyName": "debug", "PolicyDocument": principals.ALLOW_ALL}
    iam.put_user_policy(**written)
    by_config = configuration.changed(people, name)
    sam = iam.get_user(UserName="sam")["User"]
    by_the_trail = call(stack.account, sam, "PutUserPolicy", 1 + NAMES.index(name), {
        "userName": name, "policyName": "debug", "policyDocument": principals.ALLOW_ALL})
    paths = [lambda: tell(stack, by_the_trail), lambda: invoke(stack, RULE, by_config)]
    last = emulator.last_call()
    if name == "at-once":
        with ThreadPoolExecutor() as both:
            for told in [both.submit(path) for path in paths]:
                told.result()
    else:
        for path in paths if name == "trail-first" else reversed(paths):
            path()
            queues.worked_off(stack)
    entries = [entry for entry in journal.settled(stack) if entry["plan"]["resource"]["name"] == name]
    assert [(entry["status"], entry["cause"]["rule"]) for entry in entries] == [("verified", "user-inline-policy")]
    assert writes_of(emulator.calls(stack.account, since=last)) == ["iam:DeleteUserPolicy"]
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []
