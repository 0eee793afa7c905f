"""Bailiff's account file, created in the emulator and read back from it.

The simulated account reads the same files, so that one scenario can be run on
both and its end states compared. Two things are translated on the way in and
back on the way out: the account number (each test has its own) and the clock (a
file says what its `now` is; functions run on the real one).
"""

import base64
import copy
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

from botocore.handlers import json_decode_policies

from .emulator.process import ROOT_SECRET, Emulator

TIMES = {"now", "created", "passwordLastUsed", "at", "statusChanged", "expires"}
# AWS takes no document without a statement, so "nothing" is an action that does not exist, and a service for trust.
NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:null","Resource":"*"}]}'
A_SERVICE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}')
AN_HOUR = 3600
HOLDER = {"path": "/", "inlinePolicies": [], "attachedPolicies": []}
PRINCIPAL = HOLDER | {"tags": {}, "boundary": None}
DEFAULTS = {
    "users": PRINCIPAL | {
        "groups": [], "loginProfile": None, "passwordLastUsed": None, "mfaDevices": [], "accessKeys": [],
        "otherCredentials": []},
    "roles": PRINCIPAL | {"trust": A_SERVICE, "maxSessionDuration": AN_HOUR},
    "groups": HOLDER,
    "policies": {"path": "/", "document": NOTHING, "defaultVersion": "v1", "otherVersions": []},
}
# What `UpdateAccountPasswordPolicy` makes of an empty request, and what the rule about it demands: a file that says
# nothing has an account with nothing against it.
PASSWORDS = {
    "minimumPasswordLength": 6, "requireSymbols": False, "requireNumbers": False, "requireUppercaseCharacters": False,
    "requireLowercaseCharacters": False, "allowUsersToChangePassword": False, "maxPasswordAge": None,
    "passwordReusePrevention": None, "hardExpiry": False}
PASSWORDS_AS_DEMANDED = {
    "minimumPasswordLength": 14, "requireSymbols": True, "requireNumbers": True, "requireUppercaseCharacters": True,
    "requireLowercaseCharacters": True, "maxPasswordAge": 90, "passwordReusePrevention": 24}
# As the account file names them, and as IAM does.
KIND = {
    "sshPublicKey": "SSHPublicKey", "serviceSpecificCredential": "ServiceSpecificCredential",
    "signingCertificate": "SigningCertificate"}
KEY = {"status": "Active", "lastUsed": None}
USE = {"service": "s3", "region": "eu-west-1"}
AGE = timedelta(days=365)


@dataclass
class Key:
    id: str
    secret: str


@dataclass
class Loaded:
    """An account in the emulator, and the way back to its file."""

    emulator: Emulator
    account: str
    # Complete and sorted: what `dump` gives back if nothing happened.
    file: dict
    clock: timedelta
    # In the file's order, for acting as a user.
    keys: dict[str, list[Key]]
    # Customer policies that are attached but not listed; they exist all the same.
    implied: set[str]

    def client_of(self, service: str, user: str, key: int = 0):
        """A client with a user's own access key."""
        credentials = self.keys[user][key]
        return self.emulator.client_with(service, credentials.id, credentials.secret)

    def dump(self, without: str = "bailiff-") -> dict:
        """The account now, in the file's shape, number and clock.

        What the file did not list is left out if it is named `without…`
        (Bailiff's own roles and policy) or was only made to be attached.
        """
        state = read(self.emulator, self.account)
        for kind in ("roles", "policies"):
            listed = {thing["name"] for thing in self.file[kind]}
            state[kind] = [
                thing for thing in state[kind]
                if thing["name"] in listed
                or not (thing["name"].startswith(without) or (kind == "policies" and thing["name"] in self.implied))]
        state = renumbered(state, self.account, self.file["account"])
        return comparable(shifted(state, -self.clock) | {"account": self.file["account"], "now": self.file["now"]})

    def unique_id(self, user: str) -> str:
        return self.emulator.client("iam", self.account).get_user(UserName=user)["User"]["UserId"]


def load(emulator: Emulator, file: dict, account: str) -> Loaded:
    """Deploy Bailiff first if the file attaches its quarantine policy to somebody."""
    file = complete(file)
    clock = datetime.now(timezone.utc).replace(microsecond=0) - parse(file["now"])
    wanted = shifted(renumbered(file, file["account"], account), clock)
    iam = emulator.client("iam", account)
    implied = imply_policies(iam, wanted)
    create(iam, wanted)
    keys = {
        user["name"]: [Key(key["id"], secret_of(key["id"])) for key in user["accessKeys"]] for user in wanted["users"]
    }
    emulator.seed(account, **what_iam_cannot_set(wanted))
    return Loaded(emulator, account, comparable(file), clock, keys, implied)


def complete(file: dict) -> dict:
    """The file with every default written out, ids among them; still a file that the simulated account reads.

    Give this one to both worlds, and they agree on all that the file left open.
    """
    file = copy.deepcopy(file)
    by_default = moment(parse(file["now"]) - AGE)
    for kind, defaults in DEFAULTS.items():
        file[kind] = [copy.deepcopy(defaults) | thing for thing in file.get(kind, [])]
        for thing in file[kind]:
            if thing.get("id") is None:
                thing["id"] = unique_id_of(kind, thing["name"])
            if kind in ("users", "roles") and thing.get("created") is None:
                thing["created"] = by_default
            for policy in thing.get("inlinePolicies", []):
                policy["document"] = text(policy.get("document", NOTHING))
            for version in thing.get("otherVersions", []):
                version["document"] = text(version.get("document", NOTHING))
            for field in ("document", "trust"):
                if field in thing:
                    thing[field] = text(thing[field])
    for user in file["users"]:
        born = {"created": user["created"]}
        user["accessKeys"] = [
            {"id": key_id_of(user["name"], number)} | born | KEY | {name: at for name, at in key.items() if at is not None}
            for number, key in enumerate(user["accessKeys"])
        ]
        for key in user["accessKeys"]:
            key["lastUsed"] = key["lastUsed"] and USE | key["lastUsed"]
        user["otherCredentials"] = [
            {"id": credential_id_of(other["kind"], user["name"], number), "status": "Active",
             "service": "codecommit.amazonaws.com" if other["kind"] == "serviceSpecificCredential" else None}
            | born | other
            for number, other in enumerate(user["otherCredentials"])
        ]
        if user["loginProfile"] is not None:
            user["loginProfile"] = born | user["loginProfile"]
    settings = {"passwordPolicy": PASSWORDS_AS_DEMANDED} | file.get("accountSettings", {})
    if settings["passwordPolicy"] is not None:
        settings["passwordPolicy"] = PASSWORDS | settings["passwordPolicy"]
    file["accountSettings"] = settings
    return file


def imply_policies(iam, wanted: dict) -> set[str]:
    """Create the customer policies that somebody has attached and the file does not list."""
    own = f"arn:aws:iam::{wanted['account']}:policy"
    listed = {f"{own}{policy['path']}{policy['name']}" for policy in wanted["policies"]}
    holders = [holder for kind in ("users", "roles", "groups") for holder in wanted[kind]]
    attached = {arn for holder in holders for arn in [*holder["attachedPolicies"], holder.get("boundary")] if arn}
    implied = set()
    for arn in sorted(attached - listed):
        if arn.startswith(own):
            path, _, name = arn.removeprefix(own).rpartition("/")
            try:
                iam.create_policy(PolicyName=name, Path=f"{path}/", PolicyDocument=NOTHING)
            except iam.exceptions.EntityAlreadyExistsException:
                continue  # The deployed stack's own.
            implied.add(name)
    return implied


def create(iam, wanted: dict) -> None:
    passwords = wanted["accountSettings"]["passwordPolicy"]
    if passwords is not None:
        # As IAM names its options; what is none is left out.
        iam.update_account_password_policy(**{
            option[0].upper() + option[1:]: value for option, value in passwords.items() if value is not None})
    for policy in wanted["policies"]:
        create_policy(iam, policy)
    for group in wanted["groups"]:
        iam.create_group(GroupName=group["name"], Path=group["path"])
        put_policies(iam, "group", group)
    for user in wanted["users"]:
        iam.create_user(UserName=user["name"], Path=user["path"], **tags_of(user), **boundary_of(user))
        put_policies(iam, "user", user)
        for group in user["groups"]:
            iam.add_user_to_group(UserName=user["name"], GroupName=group)
        if user["loginProfile"]:
            iam.create_login_profile(UserName=user["name"], Password="Correct-horse-1")
    for role in wanted["roles"]:
        iam.create_role(
            RoleName=role["name"], Path=role["path"], AssumeRolePolicyDocument=role["trust"],
            MaxSessionDuration=role["maxSessionDuration"], **tags_of(role), **boundary_of(role))
        put_policies(iam, "role", role)


def create_policy(iam, policy: dict) -> None:
    """With its versions in the order of their numbers, which IAM gives them."""
    versions = {policy["defaultVersion"]: policy["document"]}
    versions |= {version["id"]: version["document"] for version in policy["otherVersions"]}
    first, *others = [versions[f"v{number}"] for number in range(1, len(versions) + 1)]
    made = iam.create_policy(PolicyName=policy["name"], Path=policy["path"], PolicyDocument=first)
    arn = made["Policy"]["Arn"]
    for document in others:
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    if others:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=policy["defaultVersion"])


def put_policies(iam, kind: str, holder: dict) -> None:
    name = {f"{kind.capitalize()}Name": holder["name"]}
    for policy in holder["inlinePolicies"]:
        getattr(iam, f"put_{kind}_policy")(**name, PolicyName=policy["name"], PolicyDocument=policy["document"])
    for arn in holder["attachedPolicies"]:
        getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=arn)


def tags_of(principal: dict) -> dict:
    return {"Tags": [{"Key": key, "Value": value} for key, value in principal["tags"].items()]}


def boundary_of(principal: dict) -> dict:
    return {"PermissionsBoundary": principal["boundary"]} if principal["boundary"] else {}


def what_iam_cannot_set(wanted: dict) -> dict:
    """See `emulator.seeding`."""
    users, profiles, keys, devices, others = {}, {}, {}, {}, {}
    for user in wanted["users"]:
        name = user["name"]
        users[name] = {
            "UserId": user["id"], "CreateDate": user["created"], "PasswordLastUsed": user["passwordLastUsed"]}
        if user["loginProfile"]:
            profiles[name] = {"CreateDate": user["loginProfile"]["created"]}
        for serial in user["mfaDevices"]:
            devices[serial] = {"User": name, "EnableDate": user["created"]}
        for other in user["otherCredentials"]:
            record = {
                "UserName": name, "Kind": KIND[other["kind"]], "Status": other["status"], "CreateDate": other["created"],
                "ServiceName": other["service"], "ExpirationDate": other.get("expires")}
            others[other["id"]] = {field: value for field, value in record.items() if value is not None}
        for key in user["accessKeys"]:
            used = key["lastUsed"]
            keys[key["id"]] = {
                "UserName": name, "SecretAccessKey": secret_of(key["id"]), "Status": key["status"],
                "CreateDate": key["created"], "StatusChanged": key.get("statusChanged"),
                "LastUsed": used and {
                    "LastUsedDate": used["at"], "ServiceName": used["service"], "Region": used["region"]}}
    account = wanted["account"]
    return {
        "users": users, "loginProfiles": profiles, "accessKeys": keys, "mfaDevices": devices,
        "otherCredentials": others,
        "roles": {role["name"]: {"RoleId": role["id"], "CreateDate": role["created"]} for role in wanted["roles"]},
        "groups": {group["name"]: {"GroupId": group["id"]} for group in wanted["groups"]},
        "policies": {
            f"arn:aws:iam::{account}:policy{policy['path']}{policy['name']}": {"PolicyId": policy["id"]}
            for policy in wanted["policies"]},
    }


def read(emulator: Emulator, account: str) -> dict:
    iam = emulator.client_with("iam", account, ROOT_SECRET)
    # boto3 parses policy documents and so loses their exact text.
    iam.meta.events.unregister("after-call.iam", json_decode_policies)
    unseen = emulator.unseen(account)
    found = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    filters = ["User", "Group", "Role", "LocalManagedPolicy"]
    for page in iam.get_paginator("get_account_authorization_details").paginate(Filter=filters):
        for kind, things in found.items():
            things.extend(page[kind])
    # The details of an account do not tell it.
    durations = {
        role["RoleName"]: role["MaxSessionDuration"]
        for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    return {
        "account": account,
        "accountSettings": {"passwordPolicy": password_policy(iam)},
        "users": [user_from(iam, unseen, user) for user in found["UserDetailList"]],
        "roles": [
            principal_from(role, "Role") | {
                "trust": unquote(role["AssumeRolePolicyDocument"]), "maxSessionDuration": durations[role["RoleName"]]}
            for role in found["RoleDetailList"]],
        "groups": [holder_from(group, "Group") for group in found["GroupDetailList"]],
        "policies": [
            {"name": policy["PolicyName"], "path": policy["Path"], "id": policy["PolicyId"],
             "document": unquote(default_version(policy)["Document"]),
             "defaultVersion": default_version(policy)["VersionId"],
             "otherVersions": [
                 {"id": version["VersionId"], "document": unquote(version["Document"])}
                 for version in policy["PolicyVersionList"] if not version["IsDefaultVersion"]],
             } for policy in found["Policies"]],
    }


def password_policy(iam) -> dict | None:
    try:
        policy = iam.get_account_password_policy()["PasswordPolicy"]
    except iam.exceptions.NoSuchEntityException:
        return None
    return {option: policy.get(option[0].upper() + option[1:]) for option in PASSWORDS}


def holder_from(detail: dict, kind: str) -> dict:
    return {
        "name": detail[f"{kind}Name"],
        "path": detail["Path"],
        "id": detail[f"{kind}Id"],
        "inlinePolicies": [
            {"name": policy["PolicyName"], "document": unquote(policy["PolicyDocument"])}
            for policy in detail[f"{kind}PolicyList"]],
        "attachedPolicies": [policy["PolicyArn"] for policy in detail["AttachedManagedPolicies"]],
    }


def principal_from(detail: dict, kind: str) -> dict:
    return holder_from(detail, kind) | {
        "created": moment(detail["CreateDate"]),
        "tags": {tag["Key"]: tag["Value"] for tag in detail["Tags"]},
        "boundary": detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
    }


def user_from(iam, unseen: dict, detail: dict) -> dict:
    name = detail["UserName"]
    try:
        profile = {"created": moment(iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"])}
    except iam.exceptions.NoSuchEntityException:
        profile = None
    keys = [
        key for page in iam.get_paginator("list_access_keys").paginate(UserName=name)
        for key in page["AccessKeyMetadata"]]
    devices = [
        device["SerialNumber"] for page in iam.get_paginator("list_mfa_devices").paginate(UserName=name)
        for device in page["MFADevices"]]
    return principal_from(detail, "User") | {
        "groups": detail["GroupList"],
        "loginProfile": profile,
        "passwordLastUsed": unseen["passwordLastUsed"][name],
        "mfaDevices": devices,
        "otherCredentials": other_credentials_of(iam, name),
        "accessKeys": [
            {"id": key["AccessKeyId"], "status": key["Status"], "created": moment(key["CreateDate"]),
             "lastUsed": last_use(unseen["lastUsed"][key["AccessKeyId"]])} for key in keys],
    }


def other_credentials_of(iam, name: str) -> list[dict]:
    keys = iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"]
    services = iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"]
    certificates = iam.list_signing_certificates(UserName=name)["Certificates"]
    return [
        *(other("sshPublicKey", key, "SSHPublicKeyId", "UploadDate") for key in keys),
        *(other("serviceSpecificCredential", credential, "ServiceSpecificCredentialId", "CreateDate")
          for credential in services),
        *(other("signingCertificate", certificate, "CertificateId", "UploadDate") for certificate in certificates)]


def other(kind: str, live: dict, identifier: str, date: str) -> dict:
    expires = {"expires": moment(live["ExpirationDate"])} if live.get("ExpirationDate") else {}
    return {"kind": kind, "id": live[identifier], "status": live["Status"], "created": moment(live[date]),
            "service": live.get("ServiceName")} | expires


def last_use(used: dict | None) -> dict | None:
    return used and {"at": used["LastUsedDate"], "service": used["ServiceName"], "region": used["Region"]}


def default_version(policy: dict) -> dict:
    return next(version for version in policy["PolicyVersionList"] if version["IsDefaultVersion"])


def comparable(state: dict) -> dict:
    """A file, or the end state of either world, without what may differ between two equal accounts.

    IAM's lists have no order of their own, and when a key was last switched is
    no part of an account put back as it was.
    """
    state = copy.deepcopy(state)
    # Of the account itself the emulator gives back no more.
    state["accountSettings"] = {"passwordPolicy": state["accountSettings"]["passwordPolicy"]}
    for kind in DEFAULTS:
        state[kind] = sorted(state[kind], key=lambda thing: thing["name"])
        for thing in state[kind]:
            thing.get("inlinePolicies", []).sort(key=lambda policy: policy["name"])
            thing.get("accessKeys", []).sort(key=lambda key: key["id"])
            if kind == "policies":
                thing["otherVersions"] = sorted(thing.get("otherVersions", []), key=lambda version: version["id"])
            if kind == "users":
                # Left out by the simulated account where there is none.
                thing.setdefault("otherCredentials", []).sort(key=lambda other: other["id"])
            for key in thing.get("accessKeys", []):
                key.pop("statusChanged", None)
            if kind == "roles":
                # The simulated account leaves out what everybody has.
                thing.setdefault("maxSessionDuration", AN_HOUR)
            for names in ("attachedPolicies", "groups", "mfaDevices"):
                if names in thing:
                    thing[names] = sorted(thing[names])
    return state


def renumbered(state: dict, old: str, new: str) -> dict:
    return json.loads(json.dumps(state, ensure_ascii=False).replace(old, new))


def shifted(value, by: timedelta, field: str | None = None):
    if isinstance(value, dict):
        return {key: shifted(child, by, key) for key, child in value.items()}
    if isinstance(value, list):
        return [shifted(child, by) for child in value]
    if field in TIMES and value is not None:
        return moment(parse(value) + by)
    return value


def parse(time: str) -> datetime:
    return datetime.fromisoformat(time)


def moment(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(document: str | dict) -> str:
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def key_id_of(user: str, number: int) -> str:
    return "AKIA" + digest(f"key/{user}/{number}", 16)


def credential_id_of(kind: str, user: str, number: int) -> str:
    prefix = {"sshPublicKey": "APKA", "serviceSpecificCredential": "ACCA", "signingCertificate": "TACE"}[kind]
    return prefix + digest(f"{kind}/{user}/{number}", 20)


def secret_of(key: str) -> str:
    return digest(f"secret/{key}", 40)


def unique_id_of(kind: str, name: str) -> str:
    prefix = {"users": "AIDA", "roles": "AROA", "groups": "AGPA", "policies": "ANPA"}[kind]
    return prefix + digest(f"{kind}/{name}", 17)


def digest(of: str, length: int) -> str:
    """Capital letters and digits, the same for the same name in every run."""
    return base64.b32encode(hashlib.sha256(of.encode()).digest()).decode().rstrip("=")[:length]
