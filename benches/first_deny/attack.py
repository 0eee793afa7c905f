"""An administrator whose key GuardDuty reports, answered by the two functions that lead to the deny, or by one of them."""

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from end_to_end import binaries, package, principals, runtime_api, stack
from end_to_end.account import load
from end_to_end.emulator.process import Emulator
from end_to_end.governance_file import enforcing

from gateway import Call, Gateway

ACCOUNT = "200000000001"
DETECTOR, REMEDIATOR = "detect-threats", "suspend-principal"
SAMPLE = binaries.REPOSITORY / "events" / DETECTOR / "guardduty-user.json"
HANDED_OVER, DENY, FIRST_DENY = "sqs:SendMessage", "iam:AttachUserPolicy", "iam:PutUserPolicy"


@dataclass(frozen=True)
class Function:
    """What one of the two did until its last call that counts: the finding handed over, the deny sent."""

    name: str
    calls: list[Call]
    # Seconds, from starting the process; `own` is what is left when no call is under way.
    took: float
    own: float


class Attack:
    """A stack, users enough, and nobody but this to start its functions."""

    def __init__(self, emulator: Emulator, directory: Path, users: int):
        self.emulator, self.directory = emulator, directory
        governance = directory / "governance.yaml"
        governance.write_text(enforcing("principal-threatened"))
        self.stack = stack.deploy(
            emulator, ACCOUNT, binaries.TEMPLATE, binaries.packaged, package.of_files(directory / "nothing"),
            {"BAILIFF_GOVERNANCE": str(governance)}, parameters={"DenyFirst": "true"})
        lambdas = self.stack.client("lambda")
        for mapping in lambdas.list_event_source_mappings()["EventSourceMappings"]:
            lambdas.delete_event_source_mapping(UUID=mapping["UUID"])
        self.people = load(emulator, principals.of(*(principals.unused(f"user-{n}") for n in range(users))), ACCOUNT)
        # As the sweep writes it: all of them may do everything.
        found = [self.people.unique_id(f"user-{n}") for n in range(users)]
        self.stack.client("dynamodb").put_item(TableName=self.stack.resources["Journal"], Item={
            "pk": {"S": "principals"}, "sk": {"S": "administrators"}, "body": {"S": json.dumps(found)}})

    def answered(self, user: int) -> list[Function]:
        """Both functions, one after the other, as the queue between them would start them."""
        name = f"user-{user}"
        detector = self.run(DETECTOR, self.event(name), HANDED_OVER)
        sqs, queue = self.stack.client("sqs"), self.stack.resources["SuspendPrincipalQueue"]
        [message] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1)["Messages"]
        # The ordinary rules' findings about the same user come after, and are not what is measured.
        sqs.purge_queue(QueueUrl=queue)
        remediator = self.run(REMEDIATOR, delivered(message["Body"]), DENY)
        attached = self.stack.client("iam").list_attached_user_policies(UserName=name)["AttachedPolicies"]
        assert [policy["PolicyName"] for policy in attached] == ["bailiff-quarantine"], attached
        return [detector, remediator]

    def denied_first(self, user: int) -> list[Function]:
        """The one that denies first, as the queue that EventBridge sends to would start it."""
        name = f"user-{user}"
        remediator = self.run(REMEDIATOR, delivered(json.dumps(self.event(name))), FIRST_DENY)
        inline = self.stack.client("iam").list_user_policies(UserName=name)["PolicyNames"]
        assert any(policy.startswith("BailiffFirstDeny-") for policy in inline), inline
        return [remediator]

    def event(self, name: str) -> dict:
        event = json.loads(SAMPLE.read_text().replace("111122223333", ACCOUNT))
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        event["detail"] |= {"severity": 8, "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller", "updatedAt": now}
        event["detail"]["service"] |= {"eventFirstSeen": now, "eventLastSeen": now}
        event["detail"]["resource"]["accessKeyDetails"] |= {
            "userName": name, "principalId": self.people.unique_id(name), "accessKeyId": self.people.keys[name][0].id}
        return event

    def run(self, binary: str, event: dict, until: str) -> Function:
        """A fresh process under the function's own role, which sees AWS through the gateway."""
        role = self.stack.client("iam").get_role(RoleName=self.stack.role(binary))["Role"]["Arn"]
        session = self.stack.client("sts").assume_role(RoleArn=role, RoleSessionName=binary)["Credentials"]
        with Gateway(self.emulator.port) as gateway:
            environment = self.stack.environment(binary) | {
                "AWS_ENDPOINT_URL": gateway.url, "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"], "AWS_SESSION_TOKEN": session["SessionToken"]}
            run = runtime_api.run([binaries.path(binary)], event, environment)
        assert run.error is None, f"{binary}: {run.error}\n{run.output}"
        last = next((call for call in gateway.calls if call.action == until), None)
        assert last, f"{binary} never came to {until}:\n{run.output}"
        before = [call for call in gateway.calls if call.begun <= last.begun]
        took = last.begun - run.started
        return Function(binary, before, took, took - under_way(before[:-1], last.begun))


def delivered(body: str) -> dict:
    return {"Records": [{"messageId": "one", "body": body, "attributes": {}, "eventSource": "aws:sqs"}]}


def under_way(calls: list[Call], until: float) -> float:
    """Seconds in which at least one call had no answer yet."""
    total, covered = 0.0, 0.0
    for call in sorted(calls, key=lambda call: call.begun):
        begun, ended = max(call.begun, covered), min(call.ended, until)
        if ended > begun:
            total, covered = total + ended - begun, ended
    return total
