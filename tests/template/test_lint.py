"""The template is one that CloudFormation accepts, before SAM's transform and after it."""

import os
import shutil
import subprocess

import pytest

from .deployment import ROOT, TEMPLATE, lint, lint_template, properties, transformed


def test_source_is_clean():
    assert lint(TEMPLATE.read_text()) == []


def test_transformed_template_is_clean(template):
    assert lint_template(transformed(template)) == []


# Under a SAM transform cfn-lint judges little more than the shape: a misspelt action and a dangling reference pass. So
# what matters is proven on the transformed template.


def test_lint_of_the_source_is_alive(template):
    del template["Globals"]["Function"]["Runtime"]
    assert any(finding.startswith("W2533") for finding in lint_template(template))


def test_lint_notices_an_action_that_does_not_exist(template):
    statement = properties(template, "RestoreRole")["Policies"][0]["PolicyDocument"]["Statement"][0]
    statement["Action"] = ["iam:GetUsr"]
    assert any(
        finding.startswith("W3037") and "'getusr'" in finding for finding in lint_template(transformed(template))
    )


def test_lint_notices_a_reference_to_nothing(template):
    properties(template, "Restore")["Environment"]["Variables"]["BAILIFF_TABLE"] = {"Ref": "Jornal"}
    assert any(
        finding.startswith("E1020") and "'Jornal'" in finding for finding in lint_template(transformed(template))
    )


def test_transform_notices_two_resources_of_one_name(template):
    events = properties(template, "SuspendPrincipal")["Events"]
    events["Queue"] = events.pop("Findings")
    with pytest.raises(Exception, match="DuplicateLogicalId"):
        transformed(template)


def test_transform_adds_no_policy_to_any_role(template):
    roles = {name: r for name, r in transformed(template)["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
    assert roles.keys() == {name for name, r in template["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
    assert [name for name, r in roles.items() if r["Properties"].get("ManagedPolicyArns")] == []


SAM = os.environ.get("BAILIFF_SAM") or shutil.which("sam")


@pytest.mark.skipif(not SAM, reason="the SAM command line is 340 MB; put `sam` on the path or in BAILIFF_SAM")
def test_sam_validates():
    env = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run([SAM, "validate", "--lint"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
