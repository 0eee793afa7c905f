"""Lets time pass in the journal: whatever it tells of happened so many days earlier, and its chain is whole again."""

import hashlib
import re
from datetime import datetime, timedelta

from . import audit
from .stack import Stack

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def shift(stack: Stack, days: int) -> None:
    """What somebody could do who may write the table and knows how; nothing else could look so."""
    items = audit.items(stack)
    moved = {"S": lambda text: MOMENT.sub(lambda moment: earlier(moment[0], days), text)}
    for item in items:
        for name, value in item.items():
            [(kind, content)] = value.items()
            item[name] = {kind: moved.get(kind, str)(content)} if name not in ("pk", "sk") else value
    chain(items)
    for item in items:
        audit.put(stack, item)


def earlier(moment: str, days: int) -> str:
    return (datetime.fromisoformat(moment) - timedelta(days=days)).isoformat()


def chain(items: list[dict]) -> None:
    records = [item for item in items if item["sk"]["S"].startswith("record#")]
    previous = None
    for record in sorted(records, key=lambda item: item["sk"]["S"]):
        previous = record["previous"]["S"] if previous is None else previous
        seq = int(record["sk"]["S"].removeprefix("record#"))
        fields = (record["version"]["N"], seq, record["at"]["S"], previous, record["body"]["S"])
        text = "bailiff journal record {}\n{}\n{}\n{}\n{}".format(*fields)
        record["previous"], previous = {"S": previous}, hashlib.sha256(text.encode()).hexdigest()
        record["hash"] = {"S": previous}
    for head in (item for item in items if item["sk"]["S"] == "head"):
        head["hash"] = {"S": previous}
