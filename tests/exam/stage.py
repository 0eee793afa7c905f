"""A scenario's account in the emulator: set up, disturbed, changed by others, read back. It knows no tool.

An adapter for another tool begins here: see `naive.py`, which is one.
"""

import itertools
import json

from end_to_end import account as account_file
from end_to_end.emulator.process import Emulator
from end_to_end.eventually import eventually

from .change import changed
from .ending import Write
from .scenario import ACCOUNT, ELSEWHERE, Scenario

READS = ("iam:Get", "iam:List", "iam:Generate", "iam:Simulate")
KINDS = {
    "throttled": {"kind": "throttle"}, "denied": {"kind": "access-denied"},
    "failed": {"kind": "error", "code": "ValidationError", "status": 400},
    "answer lost": {"kind": "commit-then-error"}, "does not take": {"kind": "not-taken"}}
NAMES = {"UserName", "RoleName", "GroupName", "PolicyArn"}
_numbers = itertools.count(310_000_000_001)


def new_account() -> str:
    return f"{next(_numbers):012d}"


class Stage:
    def __init__(self, emulator: Emulator, scenario: Scenario, own: str, account: str | None = None):
        """Roles and policies whose names begin with `own` are the tool's, and no part of the account. A new one, so that
        scenarios never meet, but for who gives the number of one that he has tidied up."""
        self.emulator, self.scenario, self.own = emulator, scenario, own
        self.account, self.elsewhere = account or new_account(), new_account()
        self.people = self.neighbours = None
        self._holds: list[tuple[int, dict]] = []

    def set_up(self) -> None:
        """The principals, once what they may name is there: a tool's own policies, say."""
        self.people = account_file.load(self.emulator, self.there(self.scenario.account()), self.account)
        if "elsewhere" in self.scenario.said["given"]:
            beside = self.there(self.scenario.account(elsewhere=True))
            self.neighbours = account_file.load(self.emulator, beside, self.elsewhere)

    def clear(self) -> None:
        for account in (self.account, self.elsewhere):
            self.emulator.clear_faults(account)
            self.emulator.forget_access_keys(account)

    def tidy_up(self) -> None:
        """Leave nothing in the account but what is the tool's own."""
        iam = self.emulator.client("iam", self.account)
        state = account_file.read(self.emulator, self.account)
        for user in state["users"]:
            leave(iam, user)
        for role in state["roles"]:
            if not role["name"].startswith(self.own):
                strip(iam, "role", role)
                iam.delete_role(RoleName=role["name"])
        for group in state["groups"]:
            strip(iam, "group", group)
            iam.delete_group(GroupName=group["name"])
        for policy in state["policies"]:
            if not policy["name"].startswith(self.own):
                arn = f"arn:aws:iam::{self.account}:policy{policy['path']}{policy['name']}"
                for version in policy["otherVersions"]:
                    iam.delete_policy_version(PolicyArn=arn, VersionId=version["id"])
                iam.delete_policy(PolicyArn=arn)
        iam.delete_account_password_policy()
        # It would be of those who are gone, and for four hours AWS makes no other.
        self.emulator.seed(self.account, credentialReport=None)

    def there(self, said):
        """What a scenario says, with the stage's account numbers; texts and JSON alike."""
        if isinstance(said, str):
            return said.replace(ACCOUNT, self.account).replace(ELSEWHERE, self.elsewhere)
        return json.loads(self.there(json.dumps(said, ensure_ascii=False)))

    def back(self, seen):
        if isinstance(seen, str):
            return seen.replace(self.account, ACCOUNT).replace(self.elsewhere, ELSEWHERE)
        return json.loads(self.back(json.dumps(seen, ensure_ascii=False)))

    def state(self) -> dict:
        """The account as it is, as an account file."""
        return self.back(self.people.dump(without=self.own))

    def state_elsewhere(self) -> dict | None:
        return self.neighbours and self.back(self.neighbours.dump())

    def fault(self, said: dict, caller: str = "*") -> None:
        self.emulator.fault(
            self.account, said["call"], caller=caller, after=said.get("after", 0), times=said.get("times"),
            **KINDS[said["fails"]])

    def hold(self, action: str, caller: str, then) -> None:
        """Some call waits until `then()` was done: `let_go` sees to it."""
        self._holds.append((self.emulator.fault(self.account, action, "hold", caller=caller), then))

    def holds(self) -> bool:
        return bool(self._holds)

    def let_go(self) -> None:
        """What a tool waits in is reached, something else happens, and it goes on."""
        for fault, then in self._holds:
            eventually(
                lambda number=fault: next(f["fired"] for f in self.emulator.faults(self.account) if f["id"] == number),
                "the tool comes to the moment", within=15)
            then()
            self.emulator.release(fault)
        self._holds = []

    def someone(self, change: dict) -> None:
        """Somebody with every right changes the account."""
        before = self.people.dump(without=self.own)
        after = self.there(changed(self.scenario, self.back(before), change))
        self._make_so(before, after)

    def _make_so(self, before: dict, after: dict) -> None:
        iam = self.emulator.client("iam", self.account)
        was = {user["name"]: user for user in before["users"]}
        now = {user["name"]: user for user in after["users"]}
        for name, user in was.items():
            other = now.get(name)
            if other is None or other["id"] != user["id"]:
                leave(iam, user)
            if other is not None and other["id"] != user["id"]:
                self._enter(iam, other)
            elif other is not None and other != user:
                self._change(iam, user, other)
        for old, new in zip(before["roles"], after["roles"], strict=True):
            if old["trust"] != new["trust"]:
                iam.update_assume_role_policy(RoleName=new["name"], PolicyDocument=new["trust"])

    def _enter(self, iam, user: dict) -> None:
        empty = {kind: [] for kind in ("roles", "groups", "policies")}
        wanted = empty | {"account": self.account, "users": [user], "accountSettings": {"passwordPolicy": None}}
        wanted = account_file.shifted(wanted, self.people.clock)
        account_file.create(iam, wanted)
        self.emulator.seed(self.account, **account_file.what_iam_cannot_set(wanted))

    def _change(self, iam, old: dict, new: dict) -> None:
        name = {"UserName": old["name"]}
        texts = [{policy["name"]: policy["document"] for policy in user["inlinePolicies"]} for user in (old, new)]
        for policy in texts[0].keys() - texts[1].keys():
            iam.delete_user_policy(**name, PolicyName=policy)
        for policy, text in texts[1].items():
            if texts[0].get(policy) != text:
                iam.put_user_policy(**name, PolicyName=policy, PolicyDocument=text)
        for was, now in zip(old["accessKeys"], new["accessKeys"], strict=True):
            if was["status"] != now["status"]:
                iam.update_access_key(**name, AccessKeyId=now["id"], Status=now["status"])
            if was["lastUsed"] != now["lastUsed"]:
                used = account_file.shifted(now, self.people.clock)["lastUsed"]
                self.emulator.seed(self.account, accessKeys={now["id"]: {"LastUsed": {
                    "LastUsedDate": used["at"], "ServiceName": used["service"], "Region": used["region"]}}})
        if old["tags"] != new["tags"]:
            iam.tag_user(**name, Tags=[{"Key": key, "Value": value} for key, value in new["tags"].items()])
        if old["path"] != new["path"]:
            iam.update_user(**name, NewPath=new["path"])

    def writes(self, calls: list[dict]) -> list[Write]:
        """Those of these calls that change IAM."""
        return [
            Write(call["action"], next((value for key, value in call["parameters"].items() if key in NAMES), ""))
            for call in calls if call["action"].startswith("iam:") and not call["action"].startswith(READS)]


def leave(iam, user: dict) -> None:
    """A user is deleted, with all that it has."""
    name = {"UserName": user["name"]}
    strip(iam, "user", user)
    for key in user["accessKeys"]:
        iam.delete_access_key(**name, AccessKeyId=key["id"])
    for group in user["groups"]:
        iam.remove_user_from_group(**name, GroupName=group)
    for serial in user["mfaDevices"]:
        iam.deactivate_mfa_device(**name, SerialNumber=serial)
    if user["loginProfile"]:
        iam.delete_login_profile(**name)
    iam.delete_user(**name)


def strip(iam, kind: str, holder: dict) -> None:
    """Every policy is taken off."""
    name = {f"{kind.capitalize()}Name": holder["name"]}
    for policy in holder["inlinePolicies"]:
        getattr(iam, f"delete_{kind}_policy")(**name, PolicyName=policy["name"])
    for arn in holder["attachedPolicies"]:
        getattr(iam, f"detach_{kind}_policy")(**name, PolicyArn=arn)
