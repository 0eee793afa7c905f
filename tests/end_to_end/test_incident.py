"""`bailiff incident --act`: the plan from a laptop, the order to the real function, its answer back."""

import json
import os
import subprocess
import sys

from . import binaries, journal, principals
from .emulator.process import ROOT_SECRET
from .governance_file import enforcing
from .refusals import refusal
from .test_stages import APPROVERS

# What the command asks of the AWS CLI, which need not be on the machine: the payload from a file of bytes, the answer to
# one, and then what became of the call.
AWS = f"""#!{sys.executable}
import json, os, sys, boto3
words = sys.argv[1:]
assert words[:2] == ["lambda", "invoke"] and words[-1] == "/dev/stdout", words
options = dict(zip(words[2:-1:2], words[3:-1:2]))
payload = open(options["--payload"].removeprefix("fileb://"), "rb").read()
answer = boto3.client("lambda").invoke(FunctionName=options["--function-name"], Payload=payload)
print(answer["Payload"].read().decode(), end="")
print(json.dumps({{key: answer[key] for key in ("StatusCode", "FunctionError") if key in answer}}))
"""


def incident(stack, people, directory, *words: str, account: str | None = None) -> subprocess.CompletedProcess:
    (directory / "account.json").write_text(json.dumps(people.dump() | {"account": account or stack.account}))
    aws = directory / "aws"
    aws.write_text(AWS)
    aws.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{directory}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": stack.emulator.endpoint,
        "AWS_ACCESS_KEY_ID": stack.account, "AWS_SECRET_ACCESS_KEY": ROOT_SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [binaries.command_line(), "incident", *words, "--account", directory / "account.json", "--stack", stack.name],
        env=environment, capture_output=True, text=True, timeout=120, cwd=binaries.REPOSITORY)


def test_the_plan_comes_first_then_the_act_and_then_its_answer(bailiff, load_account, tmp_path):
    stack, people = bailiff(enforcing("user-unused", approvals=APPROVERS)), load_account(
        principals.of(principals.unused("ann"), principals.unused("ben")))
    ann, ben, key = people.client_of("iam", "ann"), people.client_of("iam", "ben"), people.keys["ann"][0].id
    planned = incident(stack, people, tmp_path, "key", key)
    assert (planned.returncode, journal.entries(stack)) == (0, []), planned.stderr
    ann.list_users()
    acted = incident(stack, people, tmp_path, "key", key, "--act", "--requested-by", "sam", "--reason", "it is in public")
    assert acted.returncode == 0, acted.stderr
    [entry] = journal.entries(stack)
    plan, answer = acted.stdout.split("What was done")
    assert "attach bailiff-quarantine to user ann" in plan and f"verified, entry {entry['id']}" in answer
    assert (entry["cause"]["requestedBy"], entry["status"]) == ("sam", "verified")
    assert refusal(ann.list_users) is not None
    ben.list_users()
    # Given again it changes nothing, and says that it is contained.
    again = incident(
        stack, people, tmp_path, "key", key, "--act", "--requested-by", "sam", "--reason", "it is in public", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["given"]["contained"] is True


def test_a_function_that_refuses_is_told_as_not_contained(bailiff, load_account, tmp_path):
    stack, people = bailiff(enforcing("user-unused")), load_account(principals.of(principals.unused("ann")))
    stop = {"since": "2026-11-22T09:00:00Z", "by": "ben", "reason": "a test", "undoToo": False}
    stack.client("dynamodb").put_item(TableName=stack.resources["Journal"], Item={
        "pk": {"S": "switch"}, "sk": {"S": "stop"}, "body": {"S": json.dumps(stop)}})
    acted = incident(
        stack, people, tmp_path, "key", people.keys["ann"][0].id, "--act", "--requested-by", "sam", "--reason", "r")
    assert acted.returncode == 3 and "It is not contained" in " ".join(acted.stdout.split()), acted
    people.client_of("iam", "ann").list_users()
    # An account file of another account plans for somebody else, and the function knows it.
    elsewhere = incident(
        stack, people, tmp_path, "key", people.keys["ann"][0].id, "--act", "--requested-by", "sam", "--reason", "r",
        account="111122223333")
    assert elsewhere.returncode == 1 and "is what lives here by that name" in elsewhere.stderr, elsewhere
