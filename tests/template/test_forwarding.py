"""What comes up in us-east-1 alone reaches a stack elsewhere, and is heard there."""

from samtranslator.yaml_helper import yaml_parse

from .deployment import ROOT, lint, of_type
from .test_heard import STACK, heard, matches, named

TEMPLATE = ROOT / "forward-global-events.yaml"
NAMES = {"${AWS::StackName}": f"{STACK}-forward", "${HomeStack}": STACK}


def sources(template):
    patterns = [rule["Properties"]["EventPattern"] for rule in of_type(template, "AWS::Events::Rule").values()]
    patterns = [each for pattern in patterns for each in pattern.get("$or", [pattern])]
    return {source for pattern in patterns for source in pattern.get("source", []) if isinstance(source, str)}


def filled(value):
    """With the names that the template puts there."""
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, dict):
        if value.get("Ref") == "AWS::StackName":
            return NAMES["${AWS::StackName}"]
        return {key: filled(item) for key, item in value.items()}
    for name, instead in NAMES.items():
        value = value.replace(name, instead) if isinstance(value, str) else value
    return value


def forwarding():
    """Of each rule its name, its pattern, and the name of its role."""
    template = filled(yaml_parse(TEMPLATE.read_text()))
    for rule in of_type(template, "AWS::Events::Rule").values():
        properties = named(rule["Properties"])
        [target] = rule["Properties"]["Targets"]
        role = template["Resources"][target["RoleArn"]["Fn::GetAtt"][0]]
        yield properties["Name"], properties["EventPattern"], named(role["Properties"])["RoleName"]


def on_what_forwards():
    """Calls on the stack, with the rules that they silence."""
    rules = list(forwarding())
    for rule, _, _ in rules:
        for name, parameters in (("DisableRule", {"name": rule}), ("DeleteRule", {"name": rule}), ("PutRule", {"name": rule}), ("RemoveTargets", {"rule": rule, "ids": ["bailiff"]})):
            yield {rule}, call("events", name, parameters)
    for role in {role for _, _, role in rules}:
        for name in ("DeleteRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary"):
            yield {rule for rule, _, used in rules if used == role}, call("iam", name, {"roleName": role})


def call(service, name, parameters):
    return {"source": f"aws.{service}", "detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": name, "requestParameters": parameters}}


def test_what_silences_one_rule_is_told_by_another_and_heard_at_home(template):
    calls = list(on_what_forwards())
    assert len(calls) == 3 * 4 + 2 * 4
    for silenced, event in calls:
        telling = {rule for rule, pattern, _ in forwarding() if matches(pattern, event)} - silenced
        assert telling, event
        assert any(through(event) for through in heard(template).values()), event


def test_the_stack_itself_and_its_queue_are_told_of(template):
    for event in (
        call("cloudformation", "DeleteStack", {"stackName": "bailiff-forward"}),
        call("cloudformation", "UpdateStack", {"stackName": "arn:aws:cloudformation:us-east-1:111122223333:stack/bailiff-forward/1a2b"}),
        call("sqs", "PurgeQueue", {"queueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/bailiff-forward-Undeliverable-1A2B"}),
    ):
        assert any(matches(pattern, event) for _, pattern, _ in forwarding()), event
        assert any(through(event) for through in heard(template).values()), event


def test_the_rules_of_others_are_not_forwarded():
    for event in (call("events", "DisableRule", {"name": "nightly-invoices"}), call("cloudformation", "DeleteStack", {"stackName": "invoices"})):
        assert not any(matches(pattern, event) for _, pattern, _ in forwarding()), event


def test_cloudformation_takes_the_template():
    assert lint(TEMPLATE.read_text()) == []


def test_nothing_is_forwarded_that_nobody_hears(template):
    forwarded = sources(yaml_parse(TEMPLATE.read_text()))
    assert forwarded and forwarded - sources(template) == set()


def test_undeliverable_events_are_kept():
    template = yaml_parse(TEMPLATE.read_text())
    rules = of_type(template, "AWS::Events::Rule")
    assert all(target["DeadLetterConfig"] and target["RetryPolicy"] for rule in rules.values() for target in rule["Properties"]["Targets"])
    [policy] = of_type(template, "AWS::SQS::QueuePolicy").values()
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    from_rules = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert [arn["Fn::GetAtt"] for arn in from_rules] == [[name, "Arn"] for name in rules]
