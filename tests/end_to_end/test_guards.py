"""Who is never changed, whoever asks: rules and operators alike."""

import pytest

from . import configuration, journal, notices, orders, principals
from .account import A_SERVICE, load
from .eventually import eventually
from .governance_file import enforcing, exemption, in_mode
from .test_modes import writes
from .test_sweeps import swept

BREAK_GLASS = "arn:aws:iam::{}:user/emergency/one"
SERVICE_LINKED = {"name": "AWSServiceRoleForConfig", "path": "/aws-service-role/config.amazonaws.com/", "trust": A_SERVICE}


@pytest.fixture(scope="module")
def guarded(shared_bailiff, emulator, shared_account):
    """A stack in an account of principals that nobody may touch, and ann; nothing ever changes there."""
    stack = shared_bailiff(in_mode("audit", breakGlass=[
        {"principal": BREAK_GLASS.format(shared_account), "reason": "sealed in the safe"}], protected=[
        {"principal": f"arn:aws:iam::{shared_account}:role/ci/*", "reason": "deploys everything else"}]))
    people = load(emulator, principals.of(
        {"name": "ann"}, {"name": "one", "path": "/emergency/"}, roles=(
            SERVICE_LINKED, {"name": "AWSReservedSSO_Admin_0123456789abcdef", "path": "/aws-reserved/sso.amazonaws.com/"},
            {"name": "AWSControlTowerExecution"}, {"name": "OrganizationAccountAccessRole"},
            {"name": "deploy-production", "path": "/ci/"})), shared_account)
    return stack, people, notices.listen(stack)


@pytest.mark.parametrize(("arn", "why"), [
    ("arn:aws:iam::{}:role/bailiff-restore", "it belongs to this deployment"),
    ("arn:aws:iam::{}:role/bailiff-suspend-principal", "it belongs to this deployment"),
    ("arn:aws:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", "it is a service-linked role"),
    ("arn:aws:iam::{}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef", "it is reserved by AWS"),
    ("arn:aws:iam::{}:role/AWSControlTowerExecution", "it is AWS Control Tower's"),
    ("arn:aws:iam::{}:role/OrganizationAccountAccessRole", "it is the organisation's way into this account"),
    (BREAK_GLASS, "by the governance file, break-glass: sealed in the safe"),
    ("arn:aws:iam::{}:role/ci/deploy-production", "by the governance file, deploys everything else"),
])
def test_an_order_to_suspend_a_protected_principal_is_refused(guarded, emulator, shared_account, arn, why):
    stack, people, listener = guarded
    answer = orders.suspend(stack, arn.format(shared_account))
    assert answer.payload["status"] == "refused", answer.payload
    assert why in answer.payload["refusal"]
    [entry] = [entry for entry in journal.entries(stack) if entry["id"] == answer.payload["journalId"]]
    assert (entry["refusal"]["guard"], entry["outcomes"]) == ("protected", [])
    assert writes(emulator, shared_account) == [] and people.dump() == people.file
    [notice] = eventually(
        lambda: [notice for notice in listener.notices() if entry["id"] in notice["Message"]], "the refusal is told")
    assert notice["MessageAttributes"]["status"]["Value"] == "refused"


@pytest.mark.parametrize(("order", "complaint"), [
    ({"principal": "arn:aws:iam::{}:root"}, "not a user's or role's ARN"),
    ({"principal": "arn:aws:iam::{}:group/staff"}, "not a user's or role's ARN"),
    ({"principal": "ann"}, "`ann` is not"),
    ({"principal": "arn:aws:iam::{}:user/nobody"}, "there is no arn:aws:iam::{}:user/nobody in this account"),
    ({"principal": "arn:aws:iam::{}:user/other/path/ann"}, "user/ann is what lives here by that name"),
    ({"principal": "arn:aws:iam::999999999999:user/ann"}, "user/ann is what lives here by that name"),
    ({"reason": ""}, "`reason` is empty"),
    ({"requestedBy": "\t"}, "`requestedBy` is empty"),
    ({"dryRun": True}, "unknown field `dryRun`"),
])
def test_an_order_that_cannot_be_carried_out_is_told_why(guarded, emulator, shared_account, order, complaint):
    stack, people, _ = guarded
    before = len(journal.entries(stack))
    order = {"principal": "arn:aws:iam::{}:user/ann"} | order
    order["principal"] = order["principal"].format(shared_account)
    answer = orders.suspend(stack, **order)
    assert answer.payload["errorType"] == "Permanent", answer.payload
    assert complaint.format(shared_account) in answer.payload["errorMessage"]
    assert len(journal.entries(stack)) == before and writes(emulator, shared_account) == []
    assert people.dump() == people.file


def test_a_break_glass_user_is_reported_by_every_rule_and_changed_by_none(bailiff, load_account, invoke, config, emulator, account):
    rules = ("user-inline-policy", "access-key-age", "access-key-unused", "console-user-without-mfa", "user-unused")
    stack = bailiff(enforcing(*rules, breakGlass=[
        {"principal": f"arn:aws:iam::{account}:user/one", "reason": "sealed in the safe"}]))
    people = load_account(principals.of(principals.unused("one", loginProfile={"created": principals.LONG_AGO})))
    invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "one"))
    for rule in rules[1:]:
        swept(invoke, stack, f"bailiff-{rule}")
    entries = journal.settled(stack)
    assert {entry["cause"]["rule"]: entry["refusal"]["guard"] for entry in entries} == dict.fromkeys(rules, "protected")
    assert {result["ComplianceType"] for rule in rules for result in config.results(account, f"bailiff-{rule}").values()} == {
        "NON_COMPLIANT"}
    assert writes(emulator, account) == [] and people.dump() == people.file


def test_an_exemption_made_after_the_finding_was_sent_still_counts(
    bailiff, load_account, invoke, emulator, account, tmp_path,
):
    """The evaluator did not know of it: its file is the old one until its next deployment."""
    letting_be = exemption("user-inline-policy", f"arn:aws:iam::{account}:user/ann")
    exempt = enforcing("user-inline-policy", exemptions=[letting_be])
    stack, people = bailiff(exempt), load_account(principals.of(principals.with_inline_policy("ann")))
    old = tmp_path / "old.yaml"
    old.write_text(enforcing("user-inline-policy"))
    stack.configure("evaluate-changes", BAILIFF_GOVERNANCE=str(old))
    assert invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ann")).payload["findings"] == 1
    [entry] = journal.settled(stack)
    assert entry["refusal"] == {"guard": "exempt", "ticket": "SEC-7", "until": letting_be["expires"]}
    assert writes(emulator, account) == [] and people.dump() == people.file


def test_an_exempt_user_is_compliant_and_config_shows_until_when(bailiff, load_account, invoke, config, account):
    letting_be = exemption("user-inline-policy", f"arn:aws:iam::{account}:user/ann")
    exempt = enforcing("user-inline-policy", exemptions=[letting_be])
    stack, people = bailiff(exempt), load_account(principals.of(principals.with_inline_policy("ann")))
    answer = invoke(stack, "bailiff-user-inline-policy", configuration.changed(people, "ann")).payload
    assert (answer["exempt"], answer["findings"]) == (1, 0)
    [result] = config.results(account, "bailiff-user-inline-policy").values()
    assert (result["ComplianceType"], result["Annotation"]) == (
        "COMPLIANT", f"exempt until {letting_be['expires']} under SEC-7: inline policies: own")
