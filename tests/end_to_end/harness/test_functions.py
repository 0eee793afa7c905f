"""A deployed function runs natively, under exactly the role its template gives it."""

import json

from ..eventually import eventually


def test_deploys_what_the_template_says(sample_stack, account):
    iam = sample_stack.client("iam")
    policies = iam.list_role_policies(RoleName="bailiff-evaluator")["PolicyNames"]
    assert policies == ["evaluator"]
    assert iam.list_attached_role_policies(RoleName="bailiff-evaluator")["AttachedPolicies"] == []
    mapping, = sample_stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert len(sample_stack.client("dynamodb").list_tables()["TableNames"]) == 1
    rule = sample_stack.rules["bailiff-user-inline-policy"]
    assert rule.parameters == {"ruleId": "user-inline-policy"}
    assert len(rule.message_types) == 2


def test_runs_under_its_role_and_is_refused_anything_else(sample_stack):
    answer = sample_stack.invoke("evaluator", {"calls": [["iam", "list_users", {}], ["iam", "list_roles", {}]]})
    users, roles = answer.payload["results"]
    assert "Users" in users["result"]
    assert roles["error"] == "AccessDenied"
    assert [(call["action"], call["status"]) for call in sample_stack.calls("evaluator")] == [
        ("iam:ListUsers", 200), ("iam:ListRoles", 403)]


def test_a_condition_in_the_role_is_enforced(sample_stack, account):
    sample_stack.client("iam").create_user(UserName="ann")
    arns = [f"arn:aws:iam::{account}:policy/bailiff-quarantine", "arn:aws:iam::aws:policy/AdministratorAccess"]
    answer = sample_stack.invoke("remediator", {
        "calls": [["iam", "attach_user_policy", {"UserName": "ann", "PolicyArn": arn}] for arn in arns]})
    allowed, refused = answer.payload["results"]
    assert allowed == {"result": {}}
    assert refused["error"] == "AccessDenied"


def test_gives_functions_lambdas_environment_and_ours(sample_stack, config, account):
    environment = sample_stack.invoke("evaluator", {"environment": True}).payload["environment"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "bailiff-evaluator"
    assert environment["AWS_ENDPOINT_URL"] == sample_stack.emulator.endpoint
    assert environment["AWS_ENDPOINT_URL_CONFIG_SERVICE"] == config.endpoint
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["BAILIFF_ACCOUNT"] == account
    assert "PYTHONPATH" not in environment
    assert not environment["BAILIFF_GOVERNANCE"].startswith("/opt")


def test_keeps_a_process_for_the_next_event_until_it_is_configured_anew(sample_stack):
    first = sample_stack.invoke("evaluator", {}).payload["pid"]
    assert sample_stack.invoke("evaluator", {}).payload["pid"] == first
    sample_stack.configure("evaluator", BAILIFF_GOVERNANCE="/elsewhere")
    second = sample_stack.invoke("evaluator", {"environment": True}).payload
    assert second["pid"] != first
    assert second["environment"]["BAILIFF_GOVERNANCE"] == "/elsewhere"


def test_shows_a_functions_error_and_log(sample_stack):
    answer = sample_stack.invoke("evaluator", {"raise": "no such thing"})
    assert answer.error
    assert answer.payload == {"errorType": "RuntimeError", "errorMessage": "no such thing"}
    assert "no such thing" in eventually(lambda: sample_stack.log("evaluator"), "the log")


def test_an_asynchronous_invocation_that_keeps_failing_lands_in_its_queue(sample_stack):
    sample_stack.client("lambda").invoke(
        FunctionName="bailiff-evaluator", InvocationType="Event", Payload=json.dumps({"raise": "always"}).encode())
    sqs = sample_stack.client("sqs")
    url = sample_stack.resources["FailedInvocations"]
    message, = eventually(
        lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the failed invocation is in the queue")
    body = json.loads(message["Body"])
    assert body["requestPayload"] == {"raise": "always"}
    assert body["requestContext"]["condition"] == "RetriesExhausted"
