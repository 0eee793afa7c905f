"""The template of organisation policies is one that CloudFormation accepts, and carries the files' policies."""

import json
import re
from fnmatch import fnmatchcase

import pytest
from samtranslator.yaml_helper import yaml_parse

from .deployment import ROOT, functions, lint, listed, of_type, properties, statements, target
from .test_operating_guide import arns
from .test_state import wrong_table

TEMPLATE = ROOT / "organization/template.yaml"
TABLE = ROOT / "organization/table.yaml"
POLICIES = ROOT / "organization/policies"
PARAMETERS = {
    "AWS::Partition": "aws",
    "StackName": "bailiff",
    "Deployers": "arn:aws:iam::*:role/deployer,arn:aws:iam::*:role/stacksets-exec-*",
    "Responders": "arn:aws:iam::*:role/incident-response",
    "Pipelines": "arn:aws:iam::*:role/identity-pipeline",
    "OrganizationId": "o-a1b2c3d4e5",
    "TrustedAccounts": "none",
    "OutsideResources": "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
    "Networks": "203.0.113.0/24",
    "Vpcs": "none",
}


def resolved(value):
    """What CloudFormation makes of the functions that the template uses."""
    if isinstance(value, list):
        return [resolved(member) for member in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name}:
            return PARAMETERS[name]
        case {"Fn::Sub": text}:
            return filled(text)
        case {"Fn::Split": [separator, text]}:
            return resolved(text).split(separator)
    return {key: resolved(member) for key, member in value.items()}


def filled(text):
    return re.sub(r"\$\{([A-Za-z:]+)\}", lambda match: PARAMETERS[match[1]], text)


def expected(value):
    """A policy's file with the parameters put in, lists member by member."""
    if isinstance(value, list):
        return [part for member in value for part in members(member)]
    if isinstance(value, dict):
        return {key: expected(member) for key, member in value.items()}
    return filled(value)


def members(member):
    if isinstance(member, str) and re.fullmatch(r"\$\{[A-Za-z]+\}", member):
        return PARAMETERS[member[2:-1]].split(",")
    return [expected(member)]


def policies():
    return of_type(yaml_parse(TEMPLATE.read_text()), "AWS::Organizations::Policy").values()


def test_template_is_clean():
    assert lint(TEMPLATE.read_text()) == []


def test_it_carries_exactly_the_policies_of_the_files():
    made = {policy["Properties"]["Name"]["Fn::Sub"]: resolved(policy["Properties"]["Content"]) for policy in policies()}
    files = {f"${{AWS::StackName}}-{file.stem}": expected(json.loads(file.read_text())) for file in POLICIES.iterdir()}
    assert made == files


def test_perimeters_are_off_until_somebody_switches_them_on():
    parameters = yaml_parse(TEMPLATE.read_text())["Parameters"]
    on = {name for name, parameter in parameters.items() if parameter.get("Default") == "true"}
    assert on == {"ProtectQuarantine", "ProtectBailiff", "ProtectAccount"}


@pytest.mark.parametrize("name", ["Deployers", "Responders", "Pipelines"])
def test_a_list_of_arns_takes_arns_alone(name):
    pattern = yaml_parse(TEMPLATE.read_text())["Parameters"][name]["AllowedPattern"]
    assert re.fullmatch(pattern, PARAMETERS[name])
    for wrong in ("", "deployer", "arn:aws:iam::*:role/a, arn:aws:iam::*:role/b", "arn:aws:iam::*:role/a,"):
        assert not re.fullmatch(pattern, wrong), wrong


def test_what_the_accounts_template_makes_is_protected(template):
    statements = [s for file in POLICIES.glob("protect-*.json") for s in expected(json.loads(file.read_text()))["Statement"]]
    patterns = {pattern for s in statements for pattern in listed(s["Resource"])} - {"*"}
    unprotected = [arn for arn in arns(template) if not any(fnmatchcase(arn, pattern) for pattern in patterns)]
    assert unprotected == []


@pytest.fixture
def table():
    return yaml_parse(TABLE.read_text())


def policy(table):
    return properties(table, "Table")["ResourcePolicy"]["PolicyDocument"]["Statement"]


def test_the_tables_template_is_clean():
    assert lint(TABLE.read_text()) == []


def test_the_shared_table_outlives_the_stack_and_mistakes(table):
    # Another account reaches no table under the key that DynamoDB keeps in the owner's.
    assert wrong_table(table, "Table") == ["not encrypted with a key of the account"]
    # Or whoever may write the switch could have it end by itself.
    assert "TimeToLiveSpecification" not in properties(table, "Table")


def test_the_shared_table_admits_only_the_stacks_roles_in_the_organisation(table):
    name = target(properties(table, "Table")["TableName"])
    for statement in policy(table):
        assert target(statement["Resource"]).endswith(f":table/{name}")
        assert statement["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}
        [roles] = statement["Condition"]["ArnLike"].values()
        assert target(roles) == "arn:${AWS::Partition}:iam::*:role/${StackName}-*"


def test_the_shared_table_admits_what_the_functions_are_granted_on_it_and_no_more(table, template):
    def grants(found):
        return {
            (action, json.dumps({k: v for k, v in s["Condition"].items() if "LeadingKeys" in json.dumps(v)}))
            for s in found
            for action in listed(s["Action"])
        }

    of_functions = [
        s
        for function in functions(template).values()
        for s in statements(template, function)
        if target(s["Resource"]) == "OrganizationTable"
    ]
    assert grants(of_functions) == grants(policy(table))


def test_the_shared_tables_name_is_one_that_others_are_kept_from(table):
    name = filled(target(properties(table, "Table")["TableName"]))
    protect = expected(json.loads((POLICIES / "protect-bailiff.json").read_text()))["Statement"]
    for action in ("dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:PutResourcePolicy"):
        denied = [r for s in protect if action in s["Action"] for r in listed(s["Resource"])]
        assert any(fnmatchcase(f"arn:aws:dynamodb:us-east-1:111122223333:table/{name}", r) for r in denied), action
