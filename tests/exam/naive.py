"""A remediator of an afternoon, for two things: it shows what an adapter is, and with one of the usual mistakes in it, that
the exam finds them."""

import tempfile
from datetime import timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from end_to_end.emulator.process import Emulator

from .ending import Claim, Ending, NotApplicable
from .scenario import NOW, Scenario, age
from .stage import Stage

ROLE = "naive-remediator"
# What it knows to do, and what it is told by.
WANTS, STEPS = {"no-old-keys", "no-unused-keys"}, {"sweep"}
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
# The usual mistakes.
EVERY_KEY = "acts on every key of the user"
NO_LOOK_BACK = "takes a write for done"
ERROR_IS_NEVER = "takes an error for never used"
ASLEEP_TOO = "writes keys that are switched off already"


class Naive:
    tool, version, world = "naive", "0", "emulator"

    def __init__(self, mistake: str | None = None, emulator: Emulator | None = None):
        self.mistake, self._own = mistake, None
        if emulator is None:
            self._own = tempfile.TemporaryDirectory()
            emulator = Emulator(Path(self._own.name) / "emulator").start()
        self.emulator = emulator

    def close(self) -> None:
        if self._own:
            self.emulator.stop()
            self._own.cleanup()

    def sit(self, scenario: Scenario) -> Ending:
        self._check(scenario)
        stage = Stage(self.emulator, scenario, own="naive-")
        root = self.emulator.client("iam", stage.account)
        root.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
        root.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=ALL)
        stage.set_up()
        for fault in scenario.faults:
            stage.fault(fault, caller=f"*:assumed-role/{ROLE}/*")
        try:
            claims = [claim for _ in scenario.when for claim in self._sweep(self._client(stage), scenario, stage)]
            writes = stage.writes(self.emulator.calls(stage.account, role=ROLE))
            return Ending(stage.state(), writes, claims, told=[claim.about for claim in claims])
        finally:
            stage.clear()

    def _check(self, scenario: Scenario) -> None:
        others = set(scenario.policy) - {"want"} or set(scenario.policy["want"]) - WANTS
        others = others or {str(step) for step in scenario.when} - STEPS or scenario.said["given"].keys() & {"meanwhile", "dies"}
        if others:
            raise NotApplicable(f"it knows nothing of {', '.join(sorted(others))}")

    def _client(self, stage: Stage):
        sts = self.emulator.client("sts", stage.account)
        arn = f"arn:aws:iam::{stage.account}:role/{ROLE}"
        session = sts.assume_role(RoleArn=arn, RoleSessionName="sweep")["Credentials"]
        return self.emulator.client_with(
            "iam", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])

    def _sweep(self, iam, scenario: Scenario, stage: Stage) -> list[Claim]:
        claims = []
        for user in iam.list_users()["Users"]:
            about, name = f"users/{user['UserName']}", user["UserName"]
            keys = [key for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"] if self._counts(key)]
            try:
                stale = [key for key in keys if self._is_stale(iam, key, scenario, stage)]
            except ClientError as error:
                claims.append(Claim(about, "unknown", str(error)))
                continue
            for key in keys if stale and self.mistake == EVERY_KEY else stale:
                claims.append(self._switch_off(iam, about, name, key["AccessKeyId"]))
        return claims

    def _counts(self, key: dict) -> bool:
        return key["Status"] == "Active" or self.mistake == ASLEEP_TOO

    def _is_stale(self, iam, key: dict, scenario: Scenario, stage: Stage) -> bool:
        try:
            used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"].get("LastUsedDate")
        except ClientError:
            if self.mistake != ERROR_IS_NEVER:
                raise
            used = None
        now = NOW + stage.people.clock
        wanted = scenario.policy["want"]
        if "no-old-keys" in wanted and now - key["CreateDate"] > age(wanted["no-old-keys"]["days"]):
            return used is None or now - used > timedelta(days=1)
        limit = age(wanted["no-unused-keys"]["days"]) if "no-unused-keys" in wanted else None
        return limit is not None and now - (used or key["CreateDate"]) > limit

    def _switch_off(self, iam, about: str, name: str, key: str) -> Claim:
        try:
            iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        except ClientError as error:
            if self.mistake != NO_LOOK_BACK:
                return Claim(about, "failed", f"iam:UpdateAccessKey: {error}")
        if self.mistake == NO_LOOK_BACK:
            return Claim(about, "done", f"{key} is off")
        left = {one["AccessKeyId"]: one["Status"] for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]}
        return Claim(about, "done" if left.get(key) == "Inactive" else "unknown", f"{key} is {left.get(key)}")
