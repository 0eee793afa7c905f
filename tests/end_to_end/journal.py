"""The journal as Bailiff keeps it, read from its table."""

import json

from . import queues
from .eventually import eventually
from .stack import Stack


def entries(stack: Stack) -> list[dict]:
    """Every entry, in the order in which they were opened."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(
        TableName=stack.environment("restore")["BAILIFF_TABLE"], ConsistentRead=True)
    found = [json.loads(item["body"]["S"]) for page in pages for item in page["Items"] if item["sk"]["S"] == "entry"]
    return sorted(found, key=lambda entry: entry["opened"])


def settled(stack: Stack) -> list[dict]:
    """Every entry, once every finding that was sent is worked off."""
    queues.worked_off(stack)
    return entries(stack)


def closed(stack: Stack, status: str | None = None) -> dict:
    """The one entry, once it is closed; whatever becomes of its message."""
    def look():
        return [entry for entry in entries(stack) if entry["status"] not in ("open",) and status in (None, entry["status"])]

    [entry] = eventually(look, f"an entry is closed as {status or 'anything'}")
    return entry


def results(entry: dict) -> list[str]:
    return [outcome["result"] for outcome in entry["outcomes"]]


def steps(entry: dict) -> list[str]:
    """What a plan does, one line a step: `DeleteUserPolicy scanner-debug`."""
    return [" ".join([step["do"], *aims(step)]) for step in entry["plan"]["steps"]]


def aims(step: dict) -> list[str]:
    fields = ("policy", "key", "credential", "boundary", "version", "tag")
    return [named(step[field]) for field in fields if field in step and is_named(step[field])]


def is_named(aim: str | dict) -> bool:
    """Not so the account's one password policy."""
    return isinstance(aim, str) or "name" in aim


def named(aim: str | dict) -> str:
    """The name of a thing that is named, or identified in full."""
    return aim["name"] if isinstance(aim, dict) else aim.rsplit("/", 1)[-1]
