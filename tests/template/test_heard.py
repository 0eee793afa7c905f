"""What detect-threats makes something of is let through by the rules of the event bus: who is not heard is not answered."""

import json
import re
from fnmatch import fnmatchcase

from .deployment import ROOT, of_type, rule_targets, target

EVENTS = ROOT / "events/detect-threats"
[SEEN] = (ROOT / "shared/src/event/trigger/snapshots").glob("*when_somebody_looked_last.snap")
STACK = "bailiff"
ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
# What detect-threats takes for the answer to a key that is off.
REFUSED = ROOT / "shared/src/event/trigger/cloud_trail.rs"


def named(value, stack=STACK):
    """A pattern with the stack's name where the template puts it."""
    if isinstance(value, list):
        return [named(item, stack) for item in value]
    if isinstance(value, dict):
        sub = value.get("Fn::Sub")
        return sub.replace("${AWS::StackName}", stack) if sub else {key: named(item, stack) for key, item in value.items()}
    return value


def lets_through(condition, value):
    if not isinstance(condition, dict):
        return condition == value
    [(kind, text)] = condition.items()
    test = {"prefix": str.startswith, "suffix": str.endswith, "wildcard": fnmatchcase}[kind]
    return isinstance(value, str) and test(value, text)


def matches(pattern, event):
    """As EventBridge does it, as far as the template's patterns go."""
    for key, condition in pattern.items():
        if key == "$or":
            if not any(matches(each, event) for each in condition):
                return False
            continue
        value = event.get(key) if isinstance(event, dict) else None
        if isinstance(condition, dict):
            if not matches(condition, value):
                return False
        elif not any(lets_through(each, item) for each in condition for item in (value if isinstance(value, list) else [value])):
            return False
    return True


def is_left_out(event):
    """Calls that only read come to none but the rules that ask for them.

    Source: Amazon EventBridge User Guide, "Receiving read-only management events from AWS services".
    """
    name = str(event["detail"].get("eventName", "")) if event["detail-type"] == "AWS API Call via CloudTrail" else ""
    return name.startswith(("Describe", "Get", "List")) and name not in ("GetFederationToken", "GetSessionToken")


def heard(template):
    """Of each rule whether an event comes through it."""
    rules = of_type(template, "AWS::Events::Rule")

    def through(name):
        rule = rules[name]["Properties"]
        pattern, asks_for_all = named(rule["EventPattern"]), rule.get("State") == ALL_CALLS
        return lambda event: (asks_for_all or not is_left_out(event)) and matches(pattern, event)

    return {name: through(name) for name, at in rule_targets(template) if target(at["Arn"]) == "DetectThreatsQueue"}


def leading_to_something():
    """The samples that hint at anything, by the snapshot."""
    text = SEEN.read_text().split("---\n", 2)[2]
    for name, rest in re.findall(r"^(\S+)\n((?: .*\n?)*)", text, re.MULTILINE):
        if re.search(r"^ {8}(?!ignored: )", rest, re.MULTILINE):
            yield name, json.loads((EVENTS / f"{name}.json").read_text())


def unheard(template):
    rules = heard(template).values()
    return [name for name, event in leading_to_something() if not any(through(event) for through in rules)]


def test_every_sample_that_leads_to_something_is_heard(template):
    assert len(list(leading_to_something())) > 40
    assert unheard(template) == []


def refused_key(code, name):
    event = json.loads((EVENTS / "cloudtrail-dead-key-tried.json").read_text())
    event["source"] = "aws.ec2"
    event["detail"] |= {"eventSource": "ec2.amazonaws.com", "eventName": name, "errorCode": code}
    return event


def test_every_answer_to_a_key_that_is_off_is_heard_in_every_service_and_of_calls_that_only_read(template):
    [codes] = re.findall(r"fn is_refused_key\(.*?\[(.*?)\]", REFUSED.read_text(), re.DOTALL)
    codes = re.findall(r'"(\w+)"', codes)
    assert len(codes) == 4
    for code in [*codes, *(f"Client.{code}" for code in codes)]:
        for name in ("RunInstances", "DescribeInstances"):
            assert any(through(refused_key(code, name)) for through in heard(template).values()), (code, name)


def call(service, **detail):
    return {"source": f"aws.{service}", "detail-type": "AWS API Call via CloudTrail", "detail": detail}


def test_what_names_something_of_the_stack_by_another_key_than_most_calls_is_heard(template):
    table, queue = "arn:aws:dynamodb:eu-west-1:111122223333:table/bailiff-Journal-1PX8", "arn:aws:sqs:eu-west-1:111122223333:bailiff-restore.fifo"
    for service, name, parameters in (
        ("dynamodb", "PutResourcePolicy", {"resourceArn": table, "policy": "{}"}),
        ("dynamodb", "DeleteResourcePolicy", {"resourceArn": table}),
        ("dynamodb", "DeleteTable", {"tableName": table}),
        ("dynamodb", "ExportTableToPointInTime", {"tableArn": table, "s3Bucket": "elsewhere"}),
        ("dynamodb", "DeleteBackup", {"backupArn": f"{table}/backup/01"}),
        ("lambda", "AddLayerVersionPermission20181031", {"layerName": "bailiff-governance", "versionNumber": 3}),
        ("lambda", "DeleteLayerVersion20181031", {"layerName": "arn:aws:lambda:eu-west-1:111122223333:layer:bailiff-governance"}),
        ("logs", "PutDataProtectionPolicy", {"logGroupIdentifier": "/aws/lambda/bailiff-detect-threats"}),
        ("logs", "PutTransformer", {"logGroupIdentifier": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/bailiff-detect-threats"}),
        ("logs", "AssociateKmsKey", {"resourceIdentifier": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/bailiff-detect-threats"}),
        ("sns", "PutDataProtectionPolicy", {"resourceArn": "arn:aws:sns:eu-west-1:111122223333:bailiff-notices"}),
        ("sqs", "StartMessageMoveTask", {"sourceArn": queue, "destinationArn": "arn:aws:sqs:eu-west-1:111122223333:elsewhere"}),
    ):
        event = call(service, eventName=name, requestParameters=parameters)
        assert any(through(event) for through in heard(template).values()), name
    # Somebody's own function put on a queue of Bailiff's.
    mapped = {"eventSourceArn": queue, "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:own"}
    event = call("lambda", eventName="CreateEventSourceMapping20150331", requestParameters=mapped, responseElements=mapped)
    assert any(through(event) for through in heard(template).values())
    other = call("dynamodb", eventName="PutResourcePolicy", requestParameters={"resourceArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"})
    assert not any(through(other) for through in heard(template).values())


def test_a_rule_that_does_not_ask_for_calls_that_only_read_is_noticed(template):
    del template["Resources"]["RefusedKeys"]["Properties"]["State"]
    assert "cloudtrail-dead-key-tried" in unheard(template)


def test_a_detail_type_that_no_rule_names_is_noticed(template):
    rule = template["Resources"]["DetectorFindings"]["Properties"]["EventPattern"]
    rule["detail-type"].remove("Findings Imported V2")
    assert unheard(template) == [name for name, _ in leading_to_something() if name.startswith("security-hub-v2-")]


def test_calls_that_services_refuse_in_their_own_words_are_heard(template):
    rule = named(template["Resources"]["DeniedCalls"]["Properties"]["EventPattern"])
    call = {"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail"}
    for code in ("AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "x.AccessDeniedException"):
        assert matches(rule, {**call, "detail": {"errorCode": code}}), code
    for code in ("ThrottlingException", "NoSuchEntityException"):
        assert not matches(rule, {**call, "detail": {"errorCode": code}}), code
    assert not matches(rule, {**call, "detail": {}})


def test_patterns_keep_to_what_an_account_may_have_without_asking(template):
    """Source: Amazon EventBridge User Guide, "EventBridge quotas": the size of an event pattern."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        pattern = rule["Properties"].get("EventPattern", {})
        assert len(json.dumps(named(pattern, "a" * 32), separators=(",", ":"))) <= 2048, name
