"""IAM's quotas that decide which way Bailiff suspends a principal.

Ten managed policies on a user or role, 2,048 characters of inline policy on a
user and 10,240 on a role (white space not counted), two access keys. ministack
has none of them.
"""

from ministack.services import iam

MANAGED_POLICIES = 10
INLINE_CHARACTERS = {"UserName": 2048, "RoleName": 10240}
ACCESS_KEYS = 2


def install(handlers: dict) -> None:
    for action, key, store in (
        ("AttachUserPolicy", "UserName", iam._users),
        ("AttachRolePolicy", "RoleName", iam._roles),
    ):
        handlers[action] = within(handlers[action], managed_policies(key, store))
    for action, key, policies in (
        ("PutUserPolicy", "UserName", lambda name: iam._user_inline_policies.get(name) or {}),
        ("PutRolePolicy", "RoleName", lambda name: (iam._roles.get(name) or {}).get("InlinePolicies") or {}),
    ):
        handlers[action] = within(handlers[action], inline_characters(key, policies))
    handlers["CreateAccessKey"] = within(handlers["CreateAccessKey"], access_keys)


def within(inner, exceeded):
    def handler(parameters):
        message = exceeded(parameters)
        if message:
            return iam._error(409, "LimitExceeded", message)
        return inner(parameters)
    return handler


def managed_policies(key, store):
    def exceeded(parameters):
        attached = (store.get(iam._p(parameters, key)) or {}).get("AttachedPolicies", [])
        if iam._p(parameters, "PolicyArn") not in attached and len(attached) >= MANAGED_POLICIES:
            return f"Cannot exceed quota for PoliciesPer{key.removesuffix('Name')}: {MANAGED_POLICIES}"
        return None
    return exceeded


def inline_characters(key, policies):
    def exceeded(parameters):
        name = iam._p(parameters, key)
        documents = policies(name) | {iam._p(parameters, "PolicyName"): iam._p(parameters, "PolicyDocument")}
        total = sum(len("".join(str(document).split())) for document in documents.values())
        if total > INLINE_CHARACTERS[key]:
            kind = key.removesuffix("Name").lower()
            return f"Maximum policy size of {INLINE_CHARACTERS[key]} bytes exceeded for {kind} {name}"
        return None
    return exceeded


def access_keys(parameters):
    name = iam._p(parameters, "UserName")
    held = sum(1 for record in iam._access_keys.values() if record["UserName"] == name)
    if held >= ACCESS_KEYS:
        return f"Cannot exceed quota for AccessKeysPerUser: {ACCESS_KEYS}"
    return None
