"""The service control policy that the operator's guide offers keeps others from what the template makes."""

import json
import re
from fnmatch import fnmatchcase

from .deployment import ROOT, functions, lint_template, listed, of_type, properties, role, target

GUIDE = (ROOT / "docs/operating.md").read_text()
PROTECTED = (ROOT / "shared/src/remedy/protected.rs").read_text()
# The most characters of a service control policy that every organisation may have.
MOST = 5120
# What makes somebody act with a function's rights, or stops it.
COMMANDS = (
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:PutResourcePolicy",
    "dynamodb:UpdateItem",
    "iam:AttachRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "lambda:AddPermission",
    "lambda:CreateFunctionUrlConfig",
    "lambda:DeleteFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "sqs:AddPermission",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
)


def policies():
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL) if '"Statement"' in text]


def offered():
    """The statements of the service control policy, by their ids."""
    [policy] = [policy for policy in policies() if policy["Statement"][0].get("Sid", "").startswith("OnlyTheDeployer")]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def denies(statement, action=None, resource=None):
    return all(
        wanted is None or any(fnmatchcase(wanted, pattern) for pattern in listed(statement[key]))
        for key, wanted in (("Action", action), ("Resource", resource))
    )


def arns(template):
    """What the template makes and somebody could command it by, in a stack of the name that the guide uses."""
    for function in functions(template).values():
        yield f"arn:aws:lambda:us-east-1:111122223333:function:{named(properties(template, function)['FunctionName'])}"
        owner = properties(template, role(template, function))["RoleName"]
        yield f"arn:aws:iam::111122223333:role/{named(owner)}"
    for queue in of_type(template, "AWS::SQS::Queue").values():
        yield f"arn:aws:sqs:us-east-1:111122223333:{named(queue['Properties']['QueueName'])}"
    for policy in of_type(template, "AWS::IAM::ManagedPolicy").values():
        yield f"arn:aws:iam::111122223333:policy/{named(policy['Properties']['ManagedPolicyName'])}"
    for table in of_type(template, "AWS::DynamoDB::Table"):
        yield f"arn:aws:dynamodb:us-east-1:111122223333:table/bailiff-{table}-1A2B3C4D5E6F7"
    yield "arn:aws:cloudformation:us-east-1:111122223333:stack/bailiff/6e3f2b10-0000-0000-0000-000000000000"


def named(name):
    return target(name).replace("${AWS::StackName}", "bailiff")


def test_aws_would_take_the_policies():
    wrapped = {
        f"Policy{index}": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
        for index, policy in enumerate(policies())
    }
    assert lint_template({"AWSTemplateFormatVersion": "2010-09-09", "Resources": wrapped}) == []
    assert all(len(json.dumps(policy, separators=(",", ":"))) <= MOST for policy in policies())


def test_the_policy_covers_everything_that_the_template_makes(template):
    statements = offered()
    for arn in arns(template):
        assert denies(statements["OnlyTheDeployerChangesBailiff"], resource=arn), arn
        if ":function:" in arn:
            assert denies(statements["OnlyIncidentResponseGivesOrders"], "lambda:InvokeFunction", arn), arn


def test_the_policy_covers_every_way_to_command_it():
    statements = offered()
    for action in COMMANDS:
        assert denies(statements["OnlyTheDeployerChangesBailiff"], action), action


def test_the_policy_keeps_everybody_from_names_that_are_protected():
    statements = offered()
    called = r'\(RolesCalled::%s\("([^"]+)"\)'
    prefixes = re.findall(called % "(?:Beginning|Named)", PROTECTED)
    assert len(prefixes) >= 5, f"protected.rs reads otherwise than this test expects: {prefixes}"
    reserved = [path.removeprefix("/") for path in re.findall(called % "Under", PROTECTED)]
    assert len(reserved) == 2, f"protected.rs reads otherwise than this test expects: {reserved}"
    hiding = [f"{path}{name}" for name in [*prefixes, "bailiff-"] for path in ("", "team/")]
    for name in hiding + [f"{path}anything" for path in reserved]:
        arn = f"arn:aws:iam::111122223333:role/{name}"
        assert denies(statements["NobodyHidesBehindAProtectedName"], "iam:CreateRole", arn), arn


def test_bailiff_itself_and_its_deployer_are_let_through(template):
    statements = offered()
    spared = statements["OnlyTheDeployerChangesBailiff"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    for arn in arns(template):
        if ":role/" in arn:
            assert any(fnmatchcase(arn, pattern) for pattern in spared), arn
