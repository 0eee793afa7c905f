"""Bailiff deployed into the emulator: the template's own roles, functions, queues, table, bus and topic.

Each stack lives in an AWS account of its own, so that tests share one emulator
and still never see one another.
"""

import json
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import template as templates
from .emulator.process import REGION, Emulator
from .eventually import eventually

# The emulator runs functions natively; what they are built for is this machine.
PARAMETERS = {"Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"}


@dataclass
class Rule:
    """An AWS Config rule of the template, for the stand-in to invoke."""

    name: str
    function_arn: str
    parameters: dict[str, str]
    message_types: list[str]


@dataclass
class Invocation:
    """What a function answered."""

    payload: object
    error: str | None
    log: str


@dataclass
class Stack:
    emulator: Emulator
    account: str
    name: str
    functions: dict[str, str]
    resources: dict[str, str]
    outputs: dict[str, str]
    rules: dict[str, Rule] = field(default_factory=dict)
    template: dict = field(default_factory=dict)
    # Of the template's parameters those that were given; what a role may do hangs on some.
    parameters: frozenset[str] = frozenset()

    def client(self, service: str):
        return self.emulator.client(service, self.account)

    def function(self, binary: str) -> str:
        """The deployed function's name."""
        return self.functions[binary]

    def environment(self, binary: str) -> dict[str, str]:
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.function(binary))
        return configuration["Environment"]["Variables"]

    def role(self, binary: str) -> str:
        """The name of the role that a function runs under."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.function(binary))
        return configuration["Role"].rsplit("/", 1)[-1]

    def invoke(self, binary: str, event) -> Invocation:
        answer = self.client("lambda").invoke(
            FunctionName=self.function(binary), Payload=json.dumps(event).encode(), LogType="Tail")
        payload = json.loads(answer["Payload"].read() or b"null")
        return Invocation(payload, answer.get("FunctionError"), self.log(binary))

    def log(self, binary: str) -> str:
        """What a function has written so far."""
        group = self.client("lambda").get_function_configuration(
            FunctionName=self.function(binary)).get("LoggingConfig", {}).get("LogGroup")
        logs = self.client("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            return "\n".join(event["message"] for page in pages for event in page["events"])
        except logs.exceptions.ResourceNotFoundException:
            return ""

    def calls(self, binary: str, since: int = 0, **wanted) -> list[dict]:
        """What a function asked of AWS under its own role."""
        return self.emulator.calls(self.account, since=since, role=self.role(binary), **wanted)

    def configure(self, binary: str, **variables: str) -> None:
        """Change a function's environment; its next invocation starts a new process."""
        environment = self.environment(binary) | variables
        self.client("lambda").update_function_configuration(
            FunctionName=self.function(binary), Environment={"Variables": environment})

    def hasten(self, seconds: int = 1) -> None:
        """A failed message comes back after `seconds`, instead of the minutes that the template rightly says."""
        sqs = self.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})

    def delete(self) -> None:
        # One by one first: deleting the stack alone would leave the functions' processes running.
        for name in self.functions.values():
            self.client("lambda").delete_function(FunctionName=name)
        self.client("cloudformation").delete_stack(StackName=self.name)


def deploy(
    emulator: Emulator, account: str, template: Path, package_of: Callable[[str], bytes], layer: bytes,
    environment: dict[str, str], name: str = "bailiff", parameters: dict[str, str] | None = None,
) -> Stack:
    """`package_of(binary)` is the zip of a function; `environment` is added to every function's own."""
    source = templates.read(template)
    bucket = Artifacts(emulator, account)
    parameters = {
        key: value for key, value in (PARAMETERS | (parameters or {})).items() if key in source.get("Parameters", {})}
    transformed = templates.transform(
        source,
        code_of=lambda binary: bucket.put(f"{binary}.zip", package_of(binary)),
        layer=bucket.put("layer.zip", layer),
        parameters=parameters, region=REGION)
    templates.add_environment(transformed.template, {"AWS_ENDPOINT_URL": emulator.endpoint} | environment)

    body = bucket.put("template.json", json.dumps(transformed.template).encode())
    formation = emulator.client("cloudformation", account)
    formation.create_stack(
        StackName=name, TemplateURL=f"https://s3.amazonaws.com/{body['Bucket']}/{body['Key']}",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
    deployed = eventually(lambda: settled(formation, name), "the stack is created", within=60)
    if deployed["StackStatus"] != "CREATE_COMPLETE":
        raise AssertionError(f"{deployed['StackStatus']}: {reasons(formation, name)}")
    resources = {
        summary["LogicalResourceId"]: summary["PhysicalResourceId"]
        for page in formation.get_paginator("list_stack_resources").paginate(StackName=name)
        for summary in page["StackResourceSummaries"]
    }
    outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed.get("Outputs", [])}
    return Stack(
        emulator=emulator, account=account, name=name,
        functions={binary: resources[logical_id] for binary, logical_id in transformed.functions.items()},
        resources=resources, outputs=outputs, rules=rules_of(transformed.rules, outputs),
        template=transformed.template, parameters=frozenset(parameters))


def rules_of(rules: dict[str, dict], outputs: dict[str, str]) -> dict[str, Rule]:
    found = {}
    for logical_id, properties in rules.items():
        name = outputs[templates.rule_name_output(logical_id)]
        parameters = properties.get("InputParameters", {})
        found[name] = Rule(
            name=name,
            function_arn=outputs[templates.rule_function_output(logical_id)],
            parameters=json.loads(parameters) if isinstance(parameters, str) else parameters,
            message_types=[detail["MessageType"] for detail in properties["Source"]["SourceDetails"]])
    return found


class Artifacts:
    """The bucket that packages are deployed from."""

    def __init__(self, emulator: Emulator, account: str):
        self._s3 = emulator.client("s3", account)
        self._bucket = f"artifacts-{account}"
        self._s3.create_bucket(Bucket=self._bucket)

    def put(self, key: str, content: bytes) -> dict[str, str]:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content)
        return {"Bucket": self._bucket, "Key": key}


def settled(formation, name: str) -> dict | None:
    stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack


def reasons(formation, name: str) -> list[str]:
    return [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in formation.describe_stack_events(StackName=name)["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED") and "ResourceStatusReason" in event
    ]
