"""Account files for tests that need no more than a user or two."""

from .account import NOTHING

ACCOUNT = {"account": "111122223333", "now": "2026-11-22T09:00:00Z"}
ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
LONG_AGO, LATELY = "2024-01-10T08:00:00Z", "2026-11-21T08:00:00Z"


def of(*users: dict, roles: tuple = ()) -> dict:
    return ACCOUNT | {"users": list(users), "roles": list(roles)}


def with_inline_policy(name: str, *policies: str, **more) -> dict:
    inline = [{"name": policy, "document": NOTHING} for policy in policies or ("own",)]
    return {"name": name, "inlinePolicies": inline} | more


def with_old_key(name: str, **more) -> dict:
    return {"name": name, "created": LONG_AGO, "accessKeys": [{"created": LONG_AGO}]} | more


def unused(name: str, **more) -> dict:
    """Whoever has their key, and may do everything with it."""
    return with_old_key(name, inlinePolicies=[{"name": "all", "document": ALLOW_ALL}]) | more


def delete(iam, name: str) -> None:
    """A user with all that it has, as somebody at the console would."""
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def replace(iam, name: str, policy: str = "own") -> str:
    """Delete a user and create another of that name; the other's unique id."""
    delete(iam, name)
    unique_id = iam.create_user(UserName=name)["User"]["UserId"]
    iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=NOTHING)
    return unique_id
