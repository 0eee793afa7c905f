"""Pages on IAM's lists.

ministack answers every list whole. Here MaxItems and Marker work on all of
them, and a test can force pages of any size, so that a reader that stops after
the first page is caught over the wire.
"""

import re

from ministack.core.responses import get_account_id
from ministack.services import iam

LARGEST_PAGE = 1000
DEFAULT_PAGE = 100
MEMBER = re.compile(r"<(/?)member>")

_forced: dict[str, int] = {}


def force(account: str, items: int | None) -> dict:
    if items:
        _forced[account] = items
    else:
        _forced.pop(account, None)
    return {}


def size(parameters: dict) -> int:
    asked = int(iam._p(parameters, "MaxItems") or DEFAULT_PAGE)
    return min(asked, LARGEST_PAGE, _forced.get(get_account_id(), LARGEST_PAGE))


def page(items: list, parameters: dict) -> tuple[list, str | None]:
    """This request's items, and the marker of the next page if there is one."""
    start = int(iam._p(parameters, "Marker") or 0)
    end = start + size(parameters)
    return items[start:end], str(end) if end < len(items) else None


def install(handlers: dict) -> None:
    for action, handler in handlers.items():
        if action.startswith("List"):
            handlers[action] = paged(handler)


def paged(inner):
    def handler(parameters):
        whole = {key: value for key, value in parameters.items() if key not in ("MaxItems", "Marker")}
        status, headers, body = inner(whole)
        if status != 200:
            return status, headers, body
        text = body.decode()
        members, after = outermost_members(text)
        shown, marker = page(range(len(members)), parameters)
        if marker:
            after = after.replace(
                "<IsTruncated>false</IsTruncated>", f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>", 1)
        kept = "".join(before + (member if index in shown else "") for index, (before, member) in enumerate(members))
        return status, headers, (kept + after).encode()
    return handler


def outermost_members(text: str) -> tuple[list[tuple[str, str]], str]:
    """Split a list answer at its items, each with what stands before it; an item may itself hold lists.

    An answer may hold several lists, one after the other, as that of ListEntitiesForPolicy does.
    """
    members, depth, start, last = [], 0, 0, 0
    for tag in MEMBER.finditer(text):
        if tag.group(1):
            depth -= 1
            if depth == 0:
                members.append((text[last:start], text[start:tag.end()]))
                last = tag.end()
        else:
            if depth == 0:
                start = tag.start()
            depth += 1
    return members, text[last:]
