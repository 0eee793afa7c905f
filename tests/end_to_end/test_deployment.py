"""template.yaml deploys whole, whatever its functions do: here they are the harness's script."""

import pytest

from . import package, privileges
from .binaries import TEMPLATE
from .conftest import SAMPLES
from .eventually import eventually
from .queues import REMEDIATORS

FUNCTIONS = {"evaluate-changes", "evaluate-account", *REMEDIATORS, "restore", "approve-plan", "deliver-notices", "receive-directory-change",
             "detect-threats"}
WRITES = ("iam:Put", "iam:Delete", "iam:Attach", "iam:Detach", "iam:Update", "iam:Create", "iam:Add", "iam:Remove")


@pytest.fixture
def deployed(deploy):
    script = package.of_python(SAMPLES / "stand_in.py")
    return deploy(TEMPLATE, lambda binary: script)


def test_every_function_runs_under_a_role_of_its_own(deployed):
    assert set(deployed.functions) == FUNCTIONS
    assert len({deployed.role(binary) for binary in FUNCTIONS}) == len(FUNCTIONS)
    for binary in FUNCTIONS:
        answer = deployed.invoke(binary, {"calls": [
            ["sts", "get_caller_identity", {}], ["iam", "create_user", {"UserName": "eve"}]]})
        who, refused = answer.payload["results"]
        assert f":assumed-role/{deployed.role(binary)}/" in who["result"]["Arn"]
        assert refused["error"] == "AccessDenied"


def test_evaluators_hold_no_write(deployed):
    for binary in ("evaluate-changes", "evaluate-account"):
        assert not [action for action in privileges.granted(deployed, binary) if action.startswith(WRITES)]


def test_a_finding_travels_from_evaluator_to_remediator_under_their_own_roles(deployed, emulator):
    for name in REMEDIATORS:
        # Not evaluate-changes: what changes concerns one remediator only.
        url = deployed.environment("evaluate-account")[f"BAILIFF_{name.upper().replace('-', '_')}_QUEUE"]
        message = {"QueueUrl": url, "MessageBody": '{"calls": [["sts", "get_caller_identity", {}]]}',
                   "MessageGroupId": "AIDAEXAMPLE", "MessageDeduplicationId": name}
        sent = deployed.invoke("evaluate-account", {"calls": [["sqs", "send_message", message]]}).payload["results"][0]
        assert "result" in sent, sent
        eventually(lambda: deployed.calls(name, action="sts:GetCallerIdentity"), f"{name} has the finding")
