"""What no AWS call can set: dates, unique ids, last use, MFA devices.

A seed names things that exist already (the account loader made them through
IAM) and overwrites some of their fields:

    {"account": "111122223333",
     "users":         {NAME:   {UserId, CreateDate, PasswordLastUsed}},
     "roles":         {NAME:   {RoleId, CreateDate, RoleLastUsed: {LastUsedDate, Region}}},
     "groups":        {NAME:   {GroupId, CreateDate}},
     "policies":      {ARN:    {PolicyId, CreateDate}},
     "loginProfiles": {USER:   {CreateDate}},
     "accessKeys":    {KEY ID: {UserName, SecretAccessKey, Status, CreateDate, LastUsed: {…} or null, StatusChanged}},
     "mfaDevices":    {SERIAL: {User, EnableDate}},
     "otherCredentials": {ID: {UserName, Kind, Status, CreateDate, ServiceName, ExpirationDate}},
     "credentialReport": null}                                 none has ever been made

Access keys, MFA devices and other credentials are the exception: they are made
here if they do not exist, since neither a key's id nor a hardware device's serial
number can be chosen over the API, and an account may hold a third key from before
the limit.
Times are RFC 3339 in UTC with whole seconds, the only shape IAM's lists use.
"""

import re

from ministack.core.responses import set_request_account_id
from ministack.services import iam

from . import neighbours

from . import other_credentials

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TIMES = {"CreateDate", "StatusChanged", "PasswordLastUsed", "EnableDate", "LastUsedDate", "ExpirationDate"}

KINDS = {
    "users": (iam._users, {"UserId", "CreateDate", "PasswordLastUsed"}),
    "roles": (iam._roles, {"RoleId", "CreateDate", "RoleLastUsed"}),
    "groups": (iam._groups, {"GroupId", "CreateDate"}),
    "policies": (iam._policies, {"PolicyId", "CreateDate"}),
    "loginProfiles": (iam._login_profiles, {"CreateDate"}),
    "accessKeys": (iam._access_keys, {"UserName", "SecretAccessKey", "Status", "CreateDate", "LastUsed", "StatusChanged"}),
}


def apply(seed: dict) -> dict:
    set_request_account_id(seed["account"])
    for kind, things in seed.items():
        if kind == "account":
            continue
        if kind in ("analyzers", "securityContact", "recordedCalls"):
            neighbours.seed(seed["account"], kind, things)
            continue
        if kind == "credentialReport":
            iam._credential_reports.pop("report", None)
            continue
        if kind == "mfaDevices":
            for serial, device in things.items():
                add_mfa_device(serial, device)
            continue
        if kind == "otherCredentials":
            for record in things.values():
                require_times(record)
            other_credentials.seed(things)
            continue
        store, fields = KINDS[kind]
        for key, changes in things.items():
            unknown = set(changes) - fields
            if unknown:
                raise ValueError(f"{kind} have no {sorted(unknown)}")
            require_times(changes)
            if kind == "accessKeys" and key not in store:
                add_access_key(key, changes)
            elif key not in store:
                raise ValueError(f"no {key} among {kind}")
            store[key].update(changes)
    return {}


def add_access_key(key: str, changes: dict) -> None:
    missing = {"UserName", "SecretAccessKey", "Status", "CreateDate"} - set(changes)
    if missing or changes["UserName"] not in iam._users:
        raise ValueError(f"access key {key} lacks {sorted(missing) or 'its user'}")
    iam._access_keys[key] = {"AccessKeyId": key}


def add_mfa_device(serial: str, device: dict) -> None:
    require_times(device)
    if device["User"] not in iam._users:
        raise ValueError(f"no user {device['User']}")
    iam._mfa_devices[serial] = {
        "SerialNumber": serial, "Path": "/", "CreateDate": device["EnableDate"], "User": device["User"],
        "EnableDate": device["EnableDate"], "Base32StringSeed": "A" * 32, "Tags": [],
    }


def require_times(changes: dict) -> None:
    for field, value in changes.items():
        if isinstance(value, dict):
            require_times(value)
        elif field in TIMES and value is not None and not TIME.fullmatch(value):
            raise ValueError(f"{field} is no time: {value}")


def read(account: str) -> dict:
    """What the account dumper cannot read over IAM in one call a user."""
    set_request_account_id(account)
    return {
        "passwordLastUsed": {name: user.get("PasswordLastUsed") for name, user in iam._users.items()},
        "lastUsed": {key: record.get("LastUsed") for key, record in iam._access_keys.items()},
    }


def forget_access_keys(account: str) -> dict:
    """Key ids are unique in all of AWS: the next account to hold the same file's keys must be the only one."""
    set_request_account_id(account)
    for key in list(iam._access_keys):
        del iam._access_keys[key]
    return {}
