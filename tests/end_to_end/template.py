"""template.yaml, as CloudFormation would see it after SAM's transform.

The transform is SAM's own code, so what is deployed to the emulator is what
`sam deploy` would send, with three differences, all of them here:

* a function's code is a zip in the emulator's S3;
* AWS Config rules are left out, because no emulator takes them: they are handed
  back to the Config stand-in, their names resolved by the stack's own outputs;
* functions get some more environment: where the emulator and the stand-in are.
"""

import copy
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Callable

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# Says at every transform that nobody collects its metrics.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)

RULE = "AWS::Config::ConfigRule"
FUNCTION = "AWS::Lambda::Function"


@dataclass
class Transformed:
    template: dict
    # Logical id of each function by the name of its binary.
    functions: dict[str, str]
    # Properties of each Config rule by its logical id.
    rules: dict[str, dict]


@cache
def read(path: Path) -> dict:
    """Read once a run: parsing takes longer than the whole transform."""
    return yaml_parse(path.read_text())


def transform(
    source: dict, code_of: Callable[[str], dict], layer: dict | None, parameters: dict[str, str], region: str,
) -> Transformed:
    """`code_of(binary)` and `layer` say where code lies: {"Bucket": …, "Key": …}."""
    template = copy.deepcopy(source)
    functions = {}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = binary_of(logical_id, resource)
            functions[binary] = logical_id
            resource["Properties"]["CodeUri"] = code_of(binary)
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = layer
    session = boto3.session.Session(region_name=region)
    translated = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session).translate(
        template, parameter_values={"AWS::Region": region, **parameters})
    return Transformed(translated, functions, take_rules_out(translated))


def binary_of(logical_id: str, resource: dict) -> str:
    properties = resource.get("Metadata", {}).get("BuildProperties", {})
    return properties.get("Binary") or Path(resource["Properties"]["CodeUri"]).name


def take_rules_out(template: dict) -> dict[str, dict]:
    resources = template["Resources"]
    rules = {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == RULE}
    for name in rules:
        del resources[name]
    for resource in resources.values():
        waits_for = resource.get("DependsOn", [])
        if isinstance(waits_for, str):
            waits_for = [waits_for]
        resource.pop("DependsOn", None)
        left = [name for name in waits_for if name not in rules]
        if left:
            resource["DependsOn"] = left
    outputs = template.setdefault("Outputs", {})
    for logical_id, rule in rules.items():
        outputs[rule_name_output(logical_id)] = {"Value": rule["ConfigRuleName"]}
        outputs[rule_function_output(logical_id)] = {"Value": rule["Source"]["SourceIdentifier"]}
    return rules


def rule_name_output(logical_id: str) -> str:
    return f"RuleName{logical_id}"


def rule_function_output(logical_id: str) -> str:
    return f"RuleFunction{logical_id}"


def add_environment(template: dict, variables: dict[str, str]) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == FUNCTION:
            environment = resource["Properties"].setdefault("Environment", {}).setdefault("Variables", {})
            environment.update(variables)
