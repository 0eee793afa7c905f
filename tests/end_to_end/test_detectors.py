"""What each detector tells, up to the write in IAM that the rule about it promises, and to no other."""

import pytest

from . import principals
from .account import key_id_of, load, unique_id_of
from .governance_file import enforcing
from .sample_events import sample
from .test_threats import ADMINISTRATOR, tell, writes_of, wrote

A_STRANGER = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999988887777"},'
    '"Action":"sts:AssumeRole"}]}')
IN_USE = {"created": principals.LATELY, "lastUsed": {"at": principals.LATELY}}
LONG_UNUSED = {"created": principals.LONG_AGO, "lastUsed": {"at": principals.LONG_AGO}}
OLD = {"created": principals.LONG_AGO, "lastUsed": {"at": principals.LATELY}}
NOOR = {"user": "noor.rahimi", "id": "AIDAQ2XH7WMR6CKO4TJFX", "key": "AKIAQ2XH7WMRNOOROLD1"}
RULES = {
    rule: {"mode": "enforce"}
    for rule in ("access-key-exposed", "access-key-age", "access-key-unused", "role-trust-external")} | {
    # What Macie and Security Hub see of an administrator comes to 6.
    "principal-threatened": {"mode": "enforce", "parameters": {"suspendFromRisk": 6}}}


def user(name: str, key: dict, **more) -> dict:
    return {"name": name, "created": principals.LONG_AGO, "accessKeys": [key]} | more


PEOPLE = principals.of(
    user("seen-by-guardduty", IN_USE, attachedPolicies=[ADMINISTRATOR]), user("told-by-config", OLD),
    user("told-by-security-hub", OLD), user("told-by-the-analyzer", LONG_UNUSED), user("told-by-trusted-advisor", IN_USE),
    user("told-by-health", IN_USE), user("bystander", OLD), roles=(
        {"name": "seen-by-macie", "attachedPolicies": [ADMINISTRATOR]},
        {"name": "seen-by-security-hub", "attachedPolicies": [ADMINISTRATOR]},
        {"name": "opened", "trust": A_STRANGER}, {"name": "open-and-not-told-of", "trust": A_STRANGER}))


@pytest.fixture(scope="module")
def stack(shared_bailiff):
    return shared_bailiff(enforcing(rules=RULES))


@pytest.fixture(scope="module")
def people(stack, emulator, shared_account):
    return load(emulator, PEOPLE, shared_account)


def as_a_user(name: str, *written: str) -> dict[str, str]:
    """In the places of what is written of Noor."""
    found = {"user": name, "id": unique_id_of("users", name), "key": key_id_of(name, 0)}
    return {NOOR[what]: found[what] for what in written}


def as_a_role(name: str, of: str, unique_id: str | None = None) -> dict[str, str]:
    return {of: name} | ({unique_id: unique_id_of("roles", name)} if unique_id else {})


SUSPENDS_A_USER = ["iam:AttachUserPolicy", "iam:TagUser", "iam:UpdateAccessKey"]
# The inline policy is against sessions that it has given out already.
SUSPENDS_A_ROLE = ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:TagRole"]
KEY_OFF = ["iam:UpdateAccessKey"]


@pytest.mark.parametrize("name, others, whom, writes", [
    ("guardduty-user", as_a_user("seen-by-guardduty", "user", "id", "key"), "seen-by-guardduty", SUSPENDS_A_USER),
    ("macie-bucket-opened", as_a_role("seen-by-macie", "depot-operations", "AROAQ2XH7WMR3OPSWX2KD"), "seen-by-macie",
     SUSPENDS_A_ROLE),
    ("security-hub-bait-taken", as_a_role("seen-by-security-hub", "parcel-tracker", "AROAQ2XH7WMR4VJHC6XSG"),
     "seen-by-security-hub", SUSPENDS_A_ROLE),
    ("security-hub-control-failed", as_a_user("told-by-security-hub", "user"), "told-by-security-hub", KEY_OFF),
    ("access-analyzer-unused-key", {"svc-edi-archive": "told-by-the-analyzer"}, "told-by-the-analyzer", KEY_OFF),
    ("access-analyzer-external", as_a_role("opened", "parcel-tracker"), "opened", ["iam:UpdateAssumeRolePolicy"]),
    ("config-rule-of-aws", as_a_user("told-by-config", "id"), "told-by-config", KEY_OFF),
    ("trusted-advisor-exposed", as_a_user("told-by-trusted-advisor", "user", "key"), "told-by-trusted-advisor", KEY_OFF),
    ("health-key-compromised", as_a_user("told-by-health", "key"), "told-by-health", KEY_OFF),
])
def test_what_a_detector_tells_ends_in_iam(name, others, whom, writes, stack, people, emulator):
    event = sample(name, stack.account, others)
    if name == "guardduty-user":
        event["detail"]["severity"] = 8
    before, last = people.dump(), emulator.last_call()
    tell(stack, event)
    assert writes_of(emulator.calls(stack.account, since=last)) == writes
    after = people.dump()
    changed = {
        one["name"] for kind in ("users", "roles") for old, one in zip(before[kind], after[kind], strict=True) if one != old}
    assert changed == {whom}
    assert wrote(stack) == []
    # Told again, it leads to nothing more.
    last = emulator.last_call()
    tell(stack, event)
    assert writes_of(emulator.calls(stack.account, since=last)) == []
