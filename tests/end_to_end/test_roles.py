"""Whom a role lets in, and for how long: cut down by functions that can do nothing else, and put back."""

import json
from urllib.parse import quote

from . import configuration, journal, orders, principals
from .governance_file import enforcing

# As a person writes it, with a principal too many.
WRITTEN = (
    '{ "Version" : "2012-10-17",\r\n\t"Statement":[ {"Effect":"Allow", "Action":"sts:AssumeRole",\n'
    '  "Principal":{"Service":["ec2.amazonaws.com"], "AWS":"*"}} ] }')
HALF_A_DAY = 43200


def role_changed(people, name: str) -> dict:
    """What AWS Config tells of a role as it stands."""
    [state] = [role for role in people.dump()["roles"] if role["name"] == name]
    arn = f"arn:aws:iam::{people.account}:role{state['path']}{name}"
    item = configuration.envelope(people.account, name, state["id"], configuration.now()) | {
        "resourceType": "AWS::IAM::Role", "ARN": arn, "configuration": {
            "path": state["path"], "roleName": name, "roleId": state["id"], "arn": arn,
            "createDate": state["created"], "assumeRolePolicyDocument": quote(state["trust"], safe=""),
            "rolePolicyList": [], "attachedManagedPolicies": [], "permissionsBoundary": None, "tags": []}}
    return configuration.notification("ConfigurationItemChangeNotification", {
        "configurationItemDiff": None, "configurationItem": item})


def test_strangers_are_taken_out_of_a_trust_policy_and_it_comes_back_byte_for_byte(
        bailiff, load_account, invoke, config, account):
    stack = bailiff(enforcing("role-trust-public"))
    people = load_account(principals.of(roles=({"name": "deployer", "trust": WRITTEN},)))
    answer = invoke(stack, "bailiff-role-trust-public", role_changed(people, "deployer"))
    assert answer.error is None, answer.payload
    entry = journal.settled(stack)[-1]
    assert (entry["remediator"], entry["status"]) == ("restrict-role-trust", "verified"), entry
    [step] = entry["plan"]["steps"]
    assert (step["do"], step["replaces"]) == ("UpdateAssumeRolePolicy", WRITTEN)
    [restricted] = people.dump()["roles"]
    assert json.loads(restricted["trust"])["Statement"][0]["Principal"] == {"Service": ["ec2.amazonaws.com"]}
    invoke(stack, "bailiff-role-trust-public", role_changed(people, "deployer"))
    results = config.results(account, "bailiff-role-trust-public")
    assert [result["ComplianceType"] for result in results.values()] == ["COMPLIANT"]
    orders.restored(stack, entry["id"])
    assert people.dump() == people.file


def test_a_role_that_was_open_to_strangers_alone_lets_nobody_in(bailiff, load_account, invoke, emulator, account):
    open_to_all = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}'
    stack = bailiff(enforcing("role-trust-public"))
    people = load_account(principals.of(roles=({"name": "deployer", "trust": open_to_all},)))
    answer = invoke(stack, "bailiff-role-trust-public", role_changed(people, "deployer"))
    assert answer.error is None, answer.payload
    assert journal.settled(stack)[-1]["status"] == "verified"
    [role] = people.dump()["roles"]
    assert [statement["Effect"] for statement in json.loads(role["trust"])["Statement"]] == ["Deny"]


def test_sessions_are_cut_to_the_limit_and_put_back(bailiff, load_account, invoke, account):
    # Bailiff's own roles are as short as they come.
    stack = bailiff(enforcing("role-session-duration"))
    people = load_account(principals.of(roles=(
        {"name": "deployer", "maxSessionDuration": HALF_A_DAY}, {"name": "reader", "maxSessionDuration": 7200})))
    answer = invoke(stack, "bailiff-role-session-duration", configuration.scheduled(account))
    assert answer.error is None, answer.payload
    entry = journal.settled(stack)[-1]
    assert (entry["remediator"], entry["status"]) == ("set-role-session-duration", "verified"), entry
    assert [role["maxSessionDuration"] for role in people.dump()["roles"]] == [7200, 7200]
    orders.restored(stack, entry["id"])
    assert people.dump() == people.file
