"""`bailiff audit` on the journal's table."""

import json
import subprocess

from . import binaries
from .stack import Stack


def table(stack: Stack) -> str:
    return stack.environment("restore")["BAILIFF_TABLE"]


def items(stack: Stack) -> list[dict]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=table(stack), ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def verify(stack: Stack, *arguments: str) -> tuple[int, dict]:
    """The exit code and the answer, on what `aws dynamodb scan --output json` prints."""
    scan = json.dumps({"Items": items(stack), "Count": 0, "ConsumedCapacity": None})
    command = [binaries.command_line(), "audit", "verify", "-", "--format", "json", *arguments]
    done = subprocess.run(command, input=scan, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def entry(stack: Stack, journal_id: str) -> dict:
    [item] = [item for item in items(stack) if item["pk"]["S"] == f"entry#{journal_id}"]
    return item


def put(stack: Stack, item: dict) -> None:
    """What somebody does who may write the table."""
    stack.client("dynamodb").put_item(TableName=table(stack), Item=item)


def delete(stack: Stack, item: dict) -> None:
    stack.client("dynamodb").delete_item(TableName=table(stack), Key={"pk": item["pk"], "sk": item["sk"]})
