"""What a sweep reads beside users, roles, groups and policies, and what the account demands of passwords."""

import json

import pytest

from . import configuration, journal, orders, principals
from .account import PASSWORDS_AS_DEMANDED
from .binaries import REPOSITORY
from .governance_file import enforcing, in_mode
from .two_worlds import deliver

SWEEP = REPOSITORY / "events" / "evaluate-account" / "reconcile.json"


def test_a_sweep_judges_the_account_its_providers_and_what_roles_use(bailiff, load_account, emulator, config, account):
    stack = bailiff(in_mode("audit", "role-unused-services", parameters={"judgedRoles": ["deployer"]}))
    load_account(principals.of(roles=({"name": "deployer"},)))
    iam = emulator.client("iam", account)
    iam.create_saml_provider(Name="office", SAMLMetadataDocument="<x/>" * 300)
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ThumbprintList=["0" * 40])
    iam.upload_server_certificate(ServerCertificateName="edge", CertificateBody="PEM", PrivateKey="PEM")
    iam.update_account_password_policy(MinimumPasswordLength=8)
    emulator.seed(account, securityContact={"Name": "Ann", "AlternateContactType": "SECURITY"})
    answer = deliver(json.loads(SWEEP.read_text()), "111122223333", stack, config)
    assert answer.error is None, answer.payload
    log = stack.log("evaluate-account")
    for rule in (
            "identity-provider-tags", "server-certificate-tags", "access-analyzer-off", "password-policy"):
        assert any(f'"rule":"{rule}"' in line and '"non-compliant"' in line for line in log.splitlines()), rule
    assert '"verdict":"unknown"' not in log


PASSWORDS = "bailiff-password-policy"
# One option stricter than the rule demands, one that it does not ask for, an age that it shortens, and two to a weaker end.
MIXED = {"minimumPasswordLength": 20, "allowUsersToChangePassword": True, "maxPasswordAge": 365, "requireNumbers": True}


def with_passwords(policy: dict | None) -> dict:
    return principals.of() | {"accountSettings": {"passwordPolicy": policy}}


@pytest.mark.parametrize("policy", [MIXED, None])
def test_a_password_policy_asks_for_more_and_comes_back_option_by_option(
        bailiff, load_account, invoke, config, account, policy):
    stack, people = bailiff(enforcing("password-policy")), load_account(with_passwords(policy))
    answer = invoke(stack, PASSWORDS, configuration.scheduled(account))
    assert answer.error is None, answer.payload
    [entry] = journal.settled(stack)
    assert (entry["remediator"], entry["status"]) == ("harden-account", "verified"), entry
    [step] = entry["plan"]["steps"]
    now = people.dump()["accountSettings"]["passwordPolicy"]
    assert step["replaces"] == people.file["accountSettings"]["passwordPolicy"] and step["policy"] == now
    assert now == PASSWORDS_AS_DEMANDED | {
        "minimumPasswordLength": 20 if policy else 14, "allowUsersToChangePassword": bool(policy), "hardExpiry": False}
    assert "tell users whose password is older than 90 days" in entry["plan"]["left"][0]
    invoke(stack, PASSWORDS, configuration.scheduled(account))
    results = config.results(account, PASSWORDS)
    assert [result["ComplianceType"] for result in results.values()] == ["COMPLIANT"]
    orders.restored(stack, entry["id"])
    assert people.dump() == people.file


def test_a_password_policy_that_cannot_be_read_again_is_not_set(bailiff, load_account, invoke, emulator, account):
    stack, people = bailiff(enforcing("password-policy")), load_account(with_passwords(MIXED))
    emulator.fault(
        account, "iam:GetAccountPasswordPolicy", "access-denied", caller="*/bailiff-harden-account", times=None)
    invoke(stack, PASSWORDS, configuration.scheduled(account))
    [entry] = journal.settled(stack)
    assert (entry["status"], entry["refusal"]["guard"]) == ("unknown", "unknown-fact"), entry
    assert people.dump() == people.file
    assert emulator.calls(account, action="iam:UpdateAccountPasswordPolicy") == []


def test_expiry_that_is_hard_already_keeps_the_age_for_people(bailiff, load_account, invoke, account):
    stack, people = bailiff(enforcing("password-policy")), load_account(with_passwords({"hardExpiry": True}))
    invoke(stack, PASSWORDS, configuration.scheduled(account))
    [entry] = journal.settled(stack)
    assert entry["status"] == "verified", entry
    assert people.dump()["accountSettings"]["passwordPolicy"] == PASSWORDS_AS_DEMANDED | {
        "allowUsersToChangePassword": False, "maxPasswordAge": None, "hardExpiry": True}
    assert entry["plan"]["left"][0].startswith("MaxPasswordAge: ")
