"""What somebody else does to an account meanwhile, on an account file: worlds make it so, each in its way."""

import copy

from end_to_end import account as account_file

from .scenario import NOW, Scenario, age, key_id, unique_id


def changed(scenario: Scenario, file: dict, said: dict) -> dict:
    """The account file after a change of a scenario's `someone`."""
    file = copy.deepcopy(file)
    [(does, what)] = said.items()
    CHANGES[does](scenario, file, what)
    return file


def the(file: dict, kind: str, name: str) -> dict:
    return next(thing for thing in file[kind] if thing["name"] == name)


def switch_key(scenario, file, what):
    user, label = what["key"].split("/")
    wanted = key_id(scenario.id, user, label)
    next(key for key in the(file, "users", user)["accessKeys"] if key["id"] == wanted)["status"] = what["to"]


def use_key(scenario, file, what):
    user, label = what["key"].split("/")
    wanted = key_id(scenario.id, user, label)
    key = next(key for key in the(file, "users", user)["accessKeys"] if key["id"] == wanted)
    key["lastUsed"] = {"at": account_file.moment(NOW - age(what["ago"])), "service": "s3", "region": "eu-west-1"}


def put_inline(scenario, file, what):
    policies = the(file, "users", what["user"])["inlinePolicies"]
    policies[:] = [policy for policy in policies if policy["name"] != what["name"]]
    policies.append({"name": what["name"], "document": account_file.text(what["document"])})


def drop_inline(scenario, file, what):
    policies = the(file, "users", what["user"])["inlinePolicies"]
    policies[:] = [policy for policy in policies if policy["name"] != what["name"]]


def replace_user(scenario, file, name):
    # All as it was, but another one: what AWS tells apart by the unique id alone.
    the(file, "users", name)["id"] = unique_id(scenario.id, "users", f"{name}, the second of that name")


def delete_user(scenario, file, name):
    file["users"] = [user for user in file["users"] if user["name"] != name]


def move_user(scenario, file, what):
    the(file, "users", what["user"])["path"] = what["path"]


def tag_user(scenario, file, what):
    the(file, "users", what["user"])["tags"] |= what["tags"]


def set_trust(scenario, file, what):
    the(file, "roles", what["role"])["trust"] = account_file.text(what["document"])


CHANGES = {
    "switch-key": switch_key, "use-key": use_key, "put-inline": put_inline, "drop-inline": drop_inline,
    "replace-user": replace_user, "delete-user": delete_user, "move-user": move_user, "tag-user": tag_user,
    "set-trust": set_trust}
