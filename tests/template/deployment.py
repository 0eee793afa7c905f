"""Reading template.yaml: its source, what SAM makes of it, and views in the terms of the checks."""

import copy
import json
from functools import cache
from pathlib import Path

import boto3
import cfnlint.api
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
# Any Region will do; SAM only wants to know the partition.
REGION = "us-east-1"

EVALUATORS = {"evaluate-changes", "evaluate-account"}
COURIER = "deliver-notices"
# Whoever hears of what nobody in AWS knows.
RECEIVERS = {"receive-directory-change"}
# Whoever hears what AWS's detectors and CloudTrail tell.
DETECTORS = {"detect-threats"}
PROGRAMS = {folder.name for folder in (ROOT / "functions").iterdir()}
# Whoever is asked by people.
ASKED = {"restore", "approve-plan"}
REMEDIATORS = PROGRAMS - EVALUATORS - ASKED - RECEIVERS - DETECTORS - {COURIER}


@cache
def _source():
    return yaml_parse(TEMPLATE.read_text())


def source():
    """A copy that a test may break."""
    return copy.deepcopy(_source())


def transformed(template):
    """The CloudFormation template that SAM makes. Unlike cfn-lint, SAM refuses two resources of one name."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        for key in ("CodeUri", "ContentUri"):
            uri = resource.get("Properties", {}).get(key)
            if isinstance(uri, str):
                # SAM takes only what is uploaded already.
                resource["Properties"][key] = f"s3://artifacts/{uri}"
    session = boto3.Session(region_name=REGION)
    return Translator({}, Parser(), boto_session=session).translate(template, {})


def lint(text):
    """What cfn-lint finds, as `rule: message`."""
    return [f"{match.rule.id}: {match.message}" for match in cfnlint.api.lint(text, regions=[REGION])]


def lint_template(template):
    return lint(json.dumps(template))


def of_type(template, kind):
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def properties(template, name):
    return template["Resources"][name]["Properties"]


def functions(template):
    """The program each function runs, to the function's logical id."""
    return {
        Path(r["Properties"]["CodeUri"]).name: name
        for name, r in of_type(template, "AWS::Serverless::Function").items()
    }


def setting(template, function, key):
    """A function's property, or the one that it has from Globals."""
    return properties(template, function).get(key, template["Globals"]["Function"].get(key))


def environment(template, function):
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    return {**shared, **properties(template, function)["Environment"]["Variables"]}


def target(value):
    """The logical id that a `!Ref` or `!GetAtt` points at; anything else as it is."""
    if isinstance(value, dict):
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
        if "Fn::Sub" in value:
            return value["Fn::Sub"]
    return value


def listed(value):
    return value if isinstance(value, list) else [value]


def role(template, function):
    return target(properties(template, function)["Role"])


def where_it_holds(value):
    """What is there under a condition, as it is where the condition holds; anything else as it is."""
    return value["Fn::If"][1] if isinstance(value, dict) and "Fn::If" in value else value


def statements(template, function):
    """Every statement of the function's role."""
    for policy in properties(template, role(template, function))["Policies"]:
        yield from where_it_holds(policy)["PolicyDocument"]["Statement"]


def allowed(template, function):
    """Every (action, resource, statement) that the function's role allows."""
    for statement in statements(template, function):
        if statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield action, target(resource), statement


def is_iam(action):
    return action.startswith("iam:")


def is_iam_write(action):
    reads = ("iam:Get", "iam:List", "iam:Generate", "iam:Simulate")
    return (is_iam(action) or action.startswith("*")) and not action.startswith(reads)


def event_sources(template):
    """Every (function, properties of the SQS event source) there is."""
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                yield name, event["Properties"]


def rule_targets(template):
    """Every (rule, target) of the rules on the event bus."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for at in rule["Properties"]["Targets"]:
            yield name, where_it_holds(at)


def rule_names(template):
    """The name of every rule on the event bus that waits for events, those that functions declare too."""
    for name, _ in rule_targets(template):
        yield properties(template, name)["Name"]["Fn::Sub"]
    for function in of_type(template, "AWS::Serverless::Function").values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "EventBridgeRule":
                yield event["Properties"]["RuleName"]["Fn::Sub"]


def dead_letters_of(template, queue):
    """The queue that a queue's messages end in, or None."""
    return target(properties(template, queue).get("RedrivePolicy", {}).get("deadLetterTargetArn"))
