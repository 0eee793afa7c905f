"""The table that the accounts of an organisation share: `organization/table.yaml`, in an account of its own."""

import json
from dataclasses import dataclass

from samtranslator.yaml_helper import yaml_parse

from .binaries import REPOSITORY
from .emulator import ORGANIZATION
from .emulator.process import Emulator

TEMPLATE = REPOSITORY / "organization/table.yaml"
SWITCH = {"pk": {"S": "switch"}, "sk": {"S": "stop"}}


@dataclass
class SharedTable:
    emulator: Emulator
    account: str
    arn: str

    def client(self):
        return self.emulator.client("dynamodb", self.account)

    def throw(self, **more) -> None:
        """As docs/operating.md says."""
        order = {"since": "2026-11-22T09:00:00Z", "by": "sam", "reason": "the night build is broken"} | more
        self.client().put_item(TableName=self.arn, Item=SWITCH | {"body": {"S": json.dumps(order)}})

    def rearm(self) -> None:
        self.client().delete_item(TableName=self.arn, Key=SWITCH)

    def order(self) -> dict | None:
        item = self.client().get_item(TableName=self.arn, Key=SWITCH).get("Item")
        return json.loads(item["body"]["S"]) if item else None

    def counts(self) -> dict[str, int]:
        items = self.client().scan(TableName=self.arn)["Items"]
        return {i["pk"]["S"]: int(i["acts"]["N"]) for i in items if i["pk"]["S"].startswith("count#")}


def deploy(emulator: Emulator, account: str) -> SharedTable:
    cloudformation = emulator.client("cloudformation", account)
    cloudformation.create_stack(
        StackName="bailiff-table", TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": "OrganizationId", "ParameterValue": ORGANIZATION}])
    [stack] = cloudformation.describe_stacks(StackName="bailiff-table")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    [arn] = [output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "Table"]
    # The emulator's CloudFormation makes a table and leaves its policy out.
    dynamodb = emulator.client("dynamodb", account)
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy(arn)))
    return SharedTable(emulator, account, arn)


def policy(arn: str) -> dict:
    """The table's own, with the parameters put in."""
    table = yaml_parse(TEMPLATE.read_text())["Resources"]["Table"]["Properties"]

    def resolved(value):
        match value:
            case {"Ref": "OrganizationId"}:
                return ORGANIZATION
            case {"Fn::Sub": text} if ":table/" in text:
                return arn
            case {"Fn::Sub": text}:
                return text.replace("${AWS::Partition}", "aws").replace("${StackName}", "bailiff")
            case dict():
                return {key: resolved(member) for key, member in value.items()}
            case list():
                return [resolved(member) for member in value]
        return value

    return resolved(table["ResourcePolicy"]["PolicyDocument"])
